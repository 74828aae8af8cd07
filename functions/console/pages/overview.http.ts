import { isWaiting, proposalModel } from "../../../shared/view/proposalModel.ts";
import { emptyBecause } from "../../../shared/view/emptyBecause.ts";
import { overviewPage } from "../../../shared/view/overviewPage.ts";
import { entryModel } from "../../../shared/view/tale.ts";
import { readRequests } from "../../../shared/reconcile/groups.ts";
import { edge } from "../../edgeContext.ts";
import { page } from "./page.ts";
import {
  allOpenProposals,
  configOf,
  countOf,
  deskOf,
  latelyWritten,
  liveFindings,
  reading,
  staleBanner,
} from "./readings.ts";
import { requestModel } from "./requestModel.ts";

/** What waits for whoever looks, and what was written lately. */
page("consoleOverview", "console", async ({ viewer, nowMs }) => {
  const read = await reading("overview", nowMs, async () => {
    const [open, requests, lately, config, findings] = await Promise.all([
      allOpenProposals(),
      readRequests(edge),
      latelyWritten(),
      configOf(),
      liveFindings(null),
    ]);
    return { open, requests, lately, config, findings: countOf(findings) };
  });
  const { open, lately, config, findings } = read.value;
  const corrupt = open.corrupt + lately.corrupt + read.value.requests.corrupt;
  const desk = deskOf(config, viewer, read.isStale);
  // What would wait for the viewer if the store could be read: an old picture says so of itself.
  const able = { ...desk, readOnly: undefined };
  const waiting = open.items.filter((proposal) => isWaiting(proposal, nowMs));
  const yours = waiting.filter((proposal) => proposalModel(proposal, viewer, nowMs, able).decide.may);
  const requests = read.value.requests.requests.map((request) => requestModel(request, viewer, nowMs, able));
  return {
    title: "Overview",
    current: "overview",
    live: true,
    waiting: yours.length + requests.filter(({ decide }) => decide.may).length,
    readAt: read.readAt,
    main: overviewPage({
      yours: yours.map((proposal) => proposalModel(proposal, viewer, nowMs, desk)),
      requests,
      others: waiting.length - yours.length,
      lately: lately.items.map(entryModel),
      emptyBecause: emptyBecause(config?.config, findings),
      stale: staleBanner(read, nowMs, corrupt),
      nowMs,
    }),
  };
});
