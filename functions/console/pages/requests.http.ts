/** Requests that ask for many changes at once: page, confirmation, and what its form does. */
import { z } from "zod";
import { runSchema, type Proposal } from "../../../shared/desired/documents.ts";
import { canonicalJson } from "../../../shared/kernel/canonicalJson.ts";
import { toIso } from "../../../shared/kernel/clock.ts";
import { parse } from "../../../shared/kernel/parse.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import { decideGroup, readRequest, type Request } from "../../../shared/reconcile/groups.ts";
import type { Verdict } from "../../../shared/view/confirmPage.ts";
import { fieldLines, proposalModel } from "../../../shared/view/proposalModel.ts";
import { MEMBERS_ROWS, requestConfirmPage, requestPage, requestPath } from "../../../shared/view/requestPages.ts";
import { noticePage } from "../../../shared/view/states.ts";
import { edge } from "../../edgeContext.ts";
import { prose } from "../api.ts";
import { badgeOf } from "./badge.ts";
import { action, page, type Shown, type Visit } from "./page.ts";
import { configOf, deskOf, reading, staleBanner } from "./readings.ts";
import { requestModel } from "./requestModel.ts";

const REASON_CHARACTERS_MIN = 5;
/** Different changes that are shown one by one; a standard's remedy has one or two. */
const CHANGES_MAX = 20;

interface Found {
  readonly request: Request;
  readonly members: readonly Proposal[];
}

const shownSchema = z.object({
  from: z.coerce.number().int().min(0).max(100_000).catch(0),
  done: z.enum(["approve", "reject"]).optional().catch(undefined),
  decided: z.coerce.number().int().min(0).max(100_000).catch(0),
  declined: z.coerce.number().int().min(0).max(100_000).catch(0),
});

page("consoleRequest", "console/requests/{id}", async ({ viewer, params, query, nowMs }) => {
  const id = idOf(params);
  const { from, done, decided, declined } = parse(shownSchema, Object.fromEntries(query), "query");
  const read = await reading(`request ${id}`, nowMs, async () => {
    const [found, config] = await Promise.all([readRequest(edge, id), configOf()]);
    return { found, config };
  });
  const { found, config } = read.value;
  const verdict = done === undefined ? null : { verdict: done, decided, declined };
  if (found === undefined) return nothingWaits(id, verdict, nowMs);
  const desk = deskOf(config, viewer, read.isStale);
  const members = found.members.slice(from, from + MEMBERS_ROWS);
  return {
    title: id,
    current: "approvals",
    live: true,
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    main: requestPage({
      request: requestModel(found.request, viewer, nowMs, desk),
      members: members.map((member) => proposalModel(member, viewer, nowMs, desk)),
      from,
      done: verdict,
      stale: staleBanner(read, nowMs, found.corrupt),
      nowMs,
    }),
  };
});

/** Where a decision leads that left nothing to decide. */
function nothingWaits(id: string, done: { verdict: Verdict; decided: number } | null, nowMs: number): Shown {
  const text =
    done === null
      ? "What was asked under it was decided, has expired or is not so any more."
      : `Your ${done.verdict === "approve" ? "approval" : "rejection"} is recorded on ${done.decided} of them. ${done.verdict === "approve" ? "They are written within the hourly budget, each after a last look." : "Nothing is written."}`;
  const next = { label: "Go to what waits", href: "/api/console/approvals" };
  const main = noticePage({ title: `Nothing waits under ${id}`, text, next });
  return {
    title: id,
    current: "approvals",
    waiting: null,
    readAt: toIso(nowMs),
    status: done === null ? 404 : 200,
    main,
  };
}

const verdictSchema = z.enum(["approve", "reject"]);

page("consoleDecideRequest", "console/requests/{id}/decide", async (visit) => {
  const id = idOf(visit.params);
  const verdict = parse(verdictSchema, visit.query.get("verdict"), "query at verdict");
  const found = await readRequest(edge, id);
  return found === undefined ? nothingWaits(id, null, visit.nowMs) : confirm(visit, found, verdict, {});
});

const decisionSchema = z.strictObject({
  csrf: z.string(),
  verdict: verdictSchema,
  hash: z.string().length(64),
  reason: prose(1_000),
});

action("consoleRequestDecided", "console/requests/{id}/decisions", ["Steelyard.Approver"], async (sending) => {
  const group = idOf(sending.params);
  const { verdict, hash, reason } = parse(decisionSchema, Object.fromEntries(sending.form), "form");
  const again = async (options: Again): Promise<Shown> => {
    const found = await readRequest(edge, group);
    return found === undefined ? nothingWaits(group, null, sending.nowMs) : confirm(sending, found, verdict, options);
  };
  if (verdict === "reject" && reason.length < REASON_CHARACTERS_MIN) {
    return again({ reason, fault: "Not recorded yet: a rejection takes a reason of five characters or more." });
  }
  try {
    const by = sending.viewer.oid;
    const { decided, declined } = await decideGroup(edge, { group, verdict, reason: reason || null, hash, by });
    const counts = `decided=${decided.length}&declined=${declined.length}`;
    return { to: `${requestPath(group)}?done=${verdict}&${counts}` };
  } catch (error) {
    if (!(error instanceof Declined) || error.reason === "forbidden") throw error;
    return again({ reason, isChanged: error.reason === "conflict" });
  }
});

interface Again {
  readonly reason?: string;
  readonly fault?: string;
  readonly isChanged?: boolean;
}

async function confirm(visit: Visit, { request, members }: Found, verdict: Verdict, again: Again): Promise<Shown> {
  const { viewer, nowMs } = visit;
  const desk = deskOf(await configOf(), viewer, false);
  const { reason = "", fault = null, isChanged = false } = again;
  const main = requestConfirmPage({
    request: requestModel(request, viewer, nowMs, desk),
    changes: changesOf(members),
    verdict,
    viewer,
    reason,
    fault,
    isChanged,
    nowMs,
  });
  const status = isChanged ? 409 : fault === null ? 200 : 400;
  return {
    title: `${verdict === "approve" ? "Approve" : "Reject"} ${request.id}`,
    current: "approvals",
    waiting: await badgeOf(viewer, nowMs),
    readAt: toIso(nowMs),
    status,
    main,
  };
}

/** The different changes among them, most frequent first. */
function changesOf(members: readonly Proposal[]): { fields: ReturnType<typeof fieldLines>; count: number }[] {
  const groups = Map.groupBy(members, ({ fields }) => canonicalJson(fields));
  return [...groups.values()]
    .map((same) => ({ fields: fieldLines(same[0]?.fields ?? []), count: same.length }))
    .sort((a, b) => b.count - a.count)
    .slice(0, CHANGES_MAX);
}

function idOf(params: Visit["params"]): string {
  return parse(runSchema, params["id"], "request");
}
