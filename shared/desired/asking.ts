/** The proposals of one standard on one target: asked, carried on, put forward to be written, closed. */
import { fromIso, hourMs, toIso } from "../kernel/clock.ts";
import type { Authority } from "./assertion.ts";
import { blocked, keep, revived } from "./carrying.ts";
import { changeHash, type Field } from "./change.ts";
import { isAnother, isStillAgreed } from "./consent.ts";
import { proposalId, type Proposal } from "./documents.ts";
import type { Draft } from "./draft.ts";
import { barrier, type GateVerdict } from "./gate.ts";
import type { Judgement } from "./judgement.ts";
import type { Terms } from "./terms.ts";

/** What a standard demands of the target now. */
export interface Demanded {
  readonly judgement: Judgement;
  readonly authority: Authority;
  readonly fields: readonly Field[];
  readonly verdict: GateVerdict;
  readonly terms: Terms;
  readonly presentSince: string;
  readonly putsBack: boolean;
  readonly changedBy: string | null;
  /** Of what is to be written. */
  readonly createdAt: string | null;
}

/** The live proposal for exactly this change, asked anew if there is none; what was agreed to is put forward. */
export function propose(draft: Draft, demanded: Demanded, asked: readonly Proposal[]): Proposal | undefined {
  const { verdict, authority, fields } = demanded;
  if (verdict.kind === "report") return undefined;
  const hash = changeHash(demanded.judgement.remedyTarget, fields, authority);
  const standing = asked.find(
    (proposal) =>
      proposal.hash === hash &&
      !isAnother(proposal, demanded.createdAt) &&
      stillFits(proposal, verdict) &&
      hasItsPeople(draft, proposal, demanded),
  );
  if (standing !== undefined && !isOverdue(draft, standing)) return carryOn(draft, standing, demanded);
  if (standing !== undefined) close(draft, standing, "expired", "nobody decided in time");
  return verdict.kind === "hold" ? undefined : ask(draft, demanded, hash);
}

/**
 * What nobody was asked about when the standard was enforced has to be asked now that it is not. What waits for people,
 * or was refused by them, does not any more once the standard is enforced, unless they were asked in spite of that.
 */
function stillFits(proposal: Proposal, verdict: GateVerdict): boolean {
  if (verdict.kind === "ask") return proposal.quorum > 0;
  if (verdict.kind !== "proceed" || isAgreed(proposal)) return true;
  return proposal.state === "failed" || (proposal.state === "rejected" && proposal.condition !== null);
}

/** The rules about who has to agree may have changed since it was asked, or since it was agreed to. */
function hasItsPeople(draft: Draft, proposal: Proposal, { terms }: Demanded): boolean {
  const { quorum } = draft.input.settings;
  if (proposal.state !== "approved" && !isAgreed(proposal))
    return proposal.state !== "open" || proposal.quorum >= quorum;
  return isStillAgreed(proposal, quorum, terms.deciders);
}

function carryOn(draft: Draft, standing: Proposal, demanded: Demanded): Proposal {
  const { nowMs, settings } = draft.input;
  const { verdict, terms } = demanded;
  let next = revived(standing, nowMs);
  if (next.state === "open" && isAgreed(next)) next = { ...next, state: "approved", wakeAt: null, escalateAt: null };
  if (next.state === "open") next = escalated(draft, { ...next, condition: conditionOf(verdict) });
  if (next.state === "approved") {
    const gates = { enrolment: settings.enrolment, paused: settings.paused, nowMs, ...terms };
    const held = verdict.kind === "hold" ? { condition: conditionOf(verdict), until: null } : undefined;
    const inTheWay = held ?? blocked(draft, next, barrier(gates));
    next = { ...next, condition: inTheWay?.condition ?? null, wakeAt: inTheWay?.until ?? null };
    if (inTheWay === undefined) put(draft, next);
  }
  draft.update(standing, next);
  return next;
}

function conditionOf(verdict: GateVerdict): Proposal["condition"] {
  if (verdict.kind === "hold") return { reason: verdict.reason, message: verdict.message };
  return verdict.kind === "ask" ? (verdict.because ?? null) : null;
}

/** Nobody has decided for long enough that more people are asked. */
function escalated(draft: Draft, proposal: Proposal): Proposal {
  const { escalateAt, expiresAt } = proposal;
  if (escalateAt === null || fromIso(escalateAt) > draft.input.nowMs) return proposal;
  draft.record("proposal", { proposal: proposal.id, event: "escalated" });
  return { ...proposal, escalated: true, escalateAt: null, wakeAt: expiresAt };
}

function ask(draft: Draft, demanded: Demanded, hash: string): Proposal {
  const { pk, key, subscriptionId, nowMs, settings } = draft.input;
  const { judgement, authority, fields, verdict, putsBack, changedBy, createdAt, presentSince } = demanded;
  const isAsked = verdict.kind === "ask";
  const quorum = isAsked ? settings.quorum : 0;
  const expiresAt = toIso(nowMs + settings.proposalHours * hourMs);
  const { escalateAfterHours, environment } = settings;
  const isEscalated = isAsked && escalateAfterHours !== undefined && escalateAfterHours < settings.proposalHours;
  const escalateAt = isEscalated ? toIso(nowMs + escalateAfterHours * hourMs) : null;
  const proposal: Proposal = {
    id: proposalId(pk, draft.nextSeq),
    pk,
    kind: "proposal",
    live: true,
    key,
    target: judgement.remedyTarget,
    subscriptionId,
    state: isAsked ? "open" : "approved",
    standard: judgement.standard,
    authority,
    fields,
    hash,
    quorum,
    decisions: [],
    changedBy,
    createdAt,
    environment,
    presentSince,
    ...together(draft, demanded),
    askOf: isAsked ? judgement.askOf : null,
    unasked: isAsked ? null : putsBack && judgement.safety === "R" ? "putBack" : "enforced",
    askedAt: toIso(nowMs),
    expiresAt,
    escalateAt,
    escalated: false,
    wakeAt: isAsked ? (escalateAt ?? expiresAt) : null,
    attempts: 0,
    notBefore: null,
    condition: conditionOf(verdict),
  };
  const { id, group } = proposal;
  const body = {
    proposal: id,
    event: "asked",
    target: proposal.target,
    standard: authority,
    fields,
    hash,
    quorum,
    changedBy,
    environment,
    group,
  };
  draft.record("proposal", isAsked ? body : { ...body, unasked: proposal.unasked });
  if (isAsked) draft.upsert(proposal);
  return isAsked ? proposal : storeUnasked(draft, proposal, demanded);
}

/** What nobody is asked about is put forward at once, unless something stands in the way. */
function storeUnasked(draft: Draft, proposal: Proposal, demanded: Demanded): Proposal {
  const next = carryOn(draft, proposal, demanded);
  draft.upsert(next);
  return next;
}

/**
 * What was there before when the standard's mode became what it is goes into one request and one run; what people have
 * to know something special about is asked by itself.
 */
function together(
  draft: Draft,
  { judgement, terms, presentSince, verdict }: Demanded,
): Pick<Proposal, "group" | "run"> {
  const { nowMs, settings } = draft.input;
  const prefix = `${judgement.standard.id}.${settings.environment}`;
  const { activation } = terms;
  const wasThere = activation !== undefined && presentSince < activation.at;
  if (!wasThere) return { group: null, run: `${prefix}.${toIso(nowMs).slice(0, 10)}` };
  const run = `${prefix}.v${activation.version}`;
  return { group: verdict.kind === "ask" && verdict.because === undefined ? run : null, run };
}

function put(draft: Draft, proposal: Proposal): void {
  const { id, target, fields, authority, hash, changedBy } = proposal;
  draft.apply({ id, target, fields, authority, hash, agreedBy: approversOf(proposal), changedBy });
}

/** What is not known calls nothing off: what people agreed to stands until it is known again. */
export function keepAsked(draft: Draft, asked: readonly Proposal[]): Proposal | undefined {
  for (const proposal of asked) {
    if (isOverdue(draft, proposal)) close(draft, proposal, "expired", "nobody decided in time");
    else if (proposal.state === "approved" || (proposal.state === "open" && isAgreed(proposal)))
      keep(draft, proposal, null);
    else if (proposal.state === "open") draft.update(proposal, escalated(draft, proposal));
  }
  return asked.find(({ id }) => !draft.isEnded(id));
}

/** Nobody decided in time; an approval in time holds though it is seen later. */
function isOverdue(draft: Draft, standing: Proposal): boolean {
  return standing.state === "open" && fromIso(standing.expiresAt) <= draft.input.nowMs && !isAgreed(standing);
}

export function close(draft: Draft, proposal: Proposal, state: "void" | "expired", reason: string): void {
  if (draft.isEnded(proposal.id)) return;
  draft.upsert({ ...proposal, live: false, state, wakeAt: null, escalateAt: null });
  const { authority, environment } = proposal;
  draft.record("void", { proposal: proposal.id, standard: authority, environment, state, reason });
}

/** Enough approvals by different people and no rejection. */
export function isAgreed(proposal: Pick<Proposal, "decisions" | "quorum">): boolean {
  const approvers = new Set(approversOf(proposal));
  return approvers.size >= proposal.quorum && !proposal.decisions.some(({ verdict }) => verdict === "reject");
}

/** Object IDs of those who approved. */
export function approversOf({ decisions }: Pick<Proposal, "decisions">): string[] {
  return decisions.filter(({ verdict }) => verdict === "approve").map(({ by }) => by);
}
