/** One proposal: its page, the pages on which a decision or an undo is confirmed, and what their forms do. */
import { z } from "zod";
import type { Proposal } from "../../../shared/desired/documents.ts";
import { toIso } from "../../../shared/kernel/clock.ts";
import { parse } from "../../../shared/kernel/parse.ts";
import { decideProposal } from "../../../shared/reconcile/decisions.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import { undoChange, UNDO_WAIVER_MS } from "../../../shared/reconcile/undo.ts";
import { pageOf } from "../../../shared/view/approvalsPage.ts";
import {
  changedPage,
  confirmPage,
  undoPage,
  type ConfirmModel,
  type Verdict,
} from "../../../shared/view/confirmPage.ts";
import {
  fieldLines,
  isWaiting,
  proposalModel,
  targetOf,
  type ProposalModel,
} from "../../../shared/view/proposalModel.ts";
import { proposalPage } from "../../../shared/view/proposalPage.ts";
import { about, entryModel } from "../../../shared/view/tale.ts";
import { edge } from "../../edgeContext.ts";
import { prose } from "../api.ts";
import { badgeOf } from "./badge.ts";
import { action, page, type Sending, type Shown, type Visit } from "./page.ts";
import { configOf, deskOf, proposalOf, reading, staleBanner, storyOf, successorOf } from "./readings.ts";

const REASON_CHARACTERS_MIN = 5;

page("consoleProposal", "console/approvals/{id}", async ({ viewer, params, query, nowMs }) => {
  const id = params["id"] ?? "";
  const read = await reading(`proposal ${id}`, nowMs, async () => {
    const proposal = await proposalOf(id);
    const [config, story, successor] = await Promise.all([
      configOf(),
      storyOf(proposal),
      proposal.state === "open" || proposal.state === "approved" ? undefined : successorOf(proposal),
    ]);
    return { proposal, config, story, successor: successor?.id ?? null };
  });
  const { proposal, config, story, successor } = read.value;
  const model = proposalModel(proposal, viewer, nowMs, deskOf(config, viewer, read.isStale));
  const entries = about(story, id);
  return {
    title: model.target.name,
    current: "approvals",
    live: true,
    waiting: await badgeOf(viewer, nowMs),
    readAt: read.readAt,
    main: proposalPage({
      proposal: model,
      entries: entries.map(entryModel),
      takenBackAt: entries.find(({ type }) => type === "claim")?.at ?? null,
      done: parse(doneSchema, query.get("done"), "query at done"),
      successor,
      stale: staleBanner(read, nowMs),
      nowMs,
    }),
  };
});

const doneSchema = z.enum(["approve", "reject", "undo"]).nullable().catch(null);

page("consoleDecide", "console/approvals/{id}/decide", async (visit) => {
  const verdict = parse(verdictSchema, visit.query.get("verdict"), "query at verdict");
  return confirm(visit, await proposalOf(visit.params["id"] ?? ""), verdict);
});

const verdictSchema = z.enum(["approve", "reject"]);

const decisionSchema = z.strictObject({
  csrf: z.string(),
  verdict: verdictSchema,
  hash: z.string().length(64),
  reason: prose(1_000),
});

action("consoleDecided", "console/approvals/{id}/decisions", ["Steelyard.Approver"], async (sending) => {
  const id = sending.params["id"] ?? "";
  const { verdict, hash, reason } = parse(decisionSchema, Object.fromEntries(sending.form), "form");
  if (verdict === "reject" && reason.length < REASON_CHARACTERS_MIN) {
    const fault = "Not recorded yet: a rejection takes a reason of five characters or more.";
    return confirm(sending, await proposalOf(id), verdict, { reason, fault });
  }
  try {
    const by = sending.viewer.oid;
    await decideProposal(edge, { proposal: id, verdict, reason: reason === "" ? null : reason, hash, by });
  } catch (error) {
    if (!(error instanceof Declined) || error.reason !== "conflict") throw error;
    return changed(sending, id, { verdict, hash, reason, why: error.message });
  }
  return { to: `${pageOf(id)}?done=${verdict}` };
});

interface Again {
  readonly reason: string;
  readonly fault: string | null;
}

async function modelOf({ viewer, nowMs }: Visit, proposal: Proposal): Promise<ProposalModel> {
  return proposalModel(proposal, viewer, nowMs, deskOf(await configOf(), viewer, false));
}

async function confirmModel(visit: Visit, proposal: Proposal, verdict: Verdict, again: Again): Promise<ConfirmModel> {
  const { viewer, nowMs } = visit;
  return { proposal: await modelOf(visit, proposal), verdict, viewer, nowMs, ...again };
}

async function confirm(visit: Visit, proposal: Proposal, verdict: Verdict, again?: Again): Promise<Shown> {
  const model = await confirmModel(visit, proposal, verdict, again ?? { reason: "", fault: null });
  return {
    title: `${verdict === "approve" ? "Approve" : "Reject"} ${model.proposal.target.name}`,
    current: "approvals",
    waiting: await badgeOf(visit.viewer, visit.nowMs),
    readAt: toIso(visit.nowMs),
    main: confirmPage(model),
    ...(again === undefined ? {} : { status: 400 }),
  };
}

/** What the person decided on is not what is there: shows both, and asks about what is asked now. */
async function changed(
  sending: Sending,
  id: string,
  given: { verdict: Verdict; hash: string; reason: string; why: string },
): Promise<Shown> {
  const proposal = await proposalOf(id);
  const isSame = proposal.hash === given.hash;
  // A proposal that says something else stays what it was, as void; what is asked instead is another one.
  const now = isWaiting(proposal, sending.nowMs) && !isSame ? proposal : await successorOf(proposal);
  const fresh = now !== undefined && isWaiting(now, sending.nowMs) ? now : null;
  const again: Again = { reason: given.reason, fault: null };
  const { name } = targetOf(proposal.target, proposal.subscriptionId);
  return {
    title: `Changed: ${name}`,
    current: "approvals",
    waiting: await badgeOf(sending.viewer, sending.nowMs),
    readAt: toIso(sending.nowMs),
    status: 409,
    main: changedPage({
      id,
      why: given.why,
      seen: isSame ? { name, fields: fieldLines(proposal.fields) } : null,
      fresh: fresh === null ? null : await confirmModel(sending, fresh, given.verdict, again),
    }),
  };
}

page("consoleUndo", "console/approvals/{id}/undo", async (visit) =>
  undoForm(visit, await proposalOf(visit.params["id"] ?? "")),
);

const undoSchema = z.strictObject({ csrf: z.string(), reason: prose(1_000) });

action(
  "consoleUndone",
  "console/approvals/{id}/undo",
  ["Steelyard.Approver", "Steelyard.Operator"],
  async (sending) => {
    const id = sending.params["id"] ?? "";
    const { reason } = parse(undoSchema, Object.fromEntries(sending.form), "form");
    if (reason.length < REASON_CHARACTERS_MIN) {
      const fault = "Not undone yet: this takes a reason of five characters or more.";
      return undoForm(sending, await proposalOf(id), { reason, fault });
    }
    try {
      await undoChange(edge, { change: id, reason, by: sending.viewer.oid });
    } catch (error) {
      if (!(error instanceof Declined) || error.reason !== "conflict") throw error;
      return undoForm(sending, await proposalOf(id), { reason, fault: `Not undone: ${error.message}.` });
    }
    return { to: `${pageOf(id)}?done=undo` };
  },
);

async function undoForm(visit: Visit, proposal: Proposal, again?: Again): Promise<Shown> {
  const { viewer, nowMs } = visit;
  const model = await modelOf(visit, proposal);
  const until = toIso(nowMs + UNDO_WAIVER_MS);
  return {
    title: `Undo ${model.target.name}`,
    current: "approvals",
    waiting: await badgeOf(viewer, nowMs),
    readAt: toIso(nowMs),
    ...(again === undefined ? {} : { status: 409 }),
    main: undoPage({ proposal: model, viewer, until, nowMs, ...(again ?? { reason: "", fault: null }) }),
  };
}
