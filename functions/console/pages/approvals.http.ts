import { approvalsPage } from "../../../shared/view/approvalsPage.ts";
import { emptyBecause } from "../../../shared/view/emptyBecause.ts";
import { isWaiting, proposalModel } from "../../../shared/view/proposalModel.ts";
import { requestCard } from "../../../shared/view/requestPages.ts";
import { paths } from "../../../shared/view/shell.ts";
import { waitingPicture } from "../waitingPicture.ts";
import { page } from "./page.ts";
import {
  afterOf,
  configOf,
  countOf,
  deskOf,
  liveFindings,
  nextPage,
  openProposals,
  reading,
  staleBanner,
} from "./readings.ts";
import { requestModel } from "./requestModel.ts";

/** All that waits for approval, a page at a time; requests for many at once come first. */
page("consoleApprovals", "console/approvals", async ({ viewer, query, nowMs }) => {
  const after = afterOf(query);
  const read = await reading(`approvals ${after ?? ""}`, nowMs, async () => {
    const [open, asked, config, findings] = await Promise.all([
      openProposals(after),
      waitingPicture(nowMs),
      configOf(),
      liveFindings(null),
    ]);
    // What is asked together comes first; what of it cannot be read is told there, too.
    const requests = after === null ? asked.requests : [];
    const corrupt = Math.max(open.corrupt, after === null ? asked.corrupt : 0);
    return { open, requests, corrupt, config, findings: countOf(findings) };
  });
  const { open, config, findings } = read.value;
  const desk = deskOf(config, viewer, read.isStale);
  const able = { ...desk, readOnly: undefined };
  const waiting = open.items.filter((proposal) => isWaiting(proposal, nowMs));
  const requests = read.value.requests.map((request) => requestModel(request, viewer, nowMs, desk));
  const yours =
    waiting.filter((proposal) => proposalModel(proposal, viewer, nowMs, able).decide.may).length +
    read.value.requests.filter((request) => requestModel(request, viewer, nowMs, able).decide.may).length;
  return {
    title: "Approvals",
    current: "approvals",
    live: true,
    waiting: after === null && open.continuation === null ? yours : null,
    readAt: read.readAt,
    main: approvalsPage({
      proposals: waiting.map((proposal) => proposalModel(proposal, viewer, nowMs, desk)),
      requests: requests.map((request) => requestCard(request, nowMs)),
      yours,
      more: nextPage(paths.approvals, open),
      emptyBecause: emptyBecause(config?.config, findings),
      stale: staleBanner(read, nowMs, read.value.corrupt),
      nowMs,
    }),
  };
});
