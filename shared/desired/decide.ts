/**
 * What to do about one account and what belongs to it, now: the heart of every pass. Takes what is demanded (standards,
 * live claims), what was observed and what is on record; answers with documents to store, entries for the ledger and the
 * writes that may go ahead. Decides from scratch each time and remembers nothing: running it twice on the same world changes nothing twice.
 */
import { hashOf, sameJson } from "../kernel/canonicalJson.ts";
import { toIso } from "../kernel/clock.ts";
import { assert } from "../kernel/errors.ts";
import { close, keepAsked, propose } from "./asking.ts";
import { combine, type Assertion, type Authority, type Demand } from "./assertion.ts";
import { end, isBy, isGone, liveClaims, restore } from "./claims.ts";
import { compare, type Body, type FieldChange } from "./compare.ts";
import { holdsAddress, withoutAddresses } from "../estate/account.ts";
import { isMadeByRemedies } from "../estate/member.ts";
import { subscriptionOf, type ResourceId } from "../estate/resourceId.ts";
import { findingId, type Claim, type Finding, type Proposal } from "./documents.ts";
import { Draft } from "./draft.ts";
import { gate, type GateInput, type GateVerdict } from "./gate.ts";
import { flapping, forgotten, isPutBack, recentRepairs, type Guard } from "./guard.ts";
import type { DecideInput, DecideResult, Judgement } from "./judgement.ts";
import { templatePatch } from "./template.ts";
import { isOwned } from "./terms.ts";

export function decide(input: DecideInput): DecideResult {
  const draft = new Draft(input);
  const claims = liveClaims(draft);
  if (input.settings.enrolment === undefined) withdrawn(draft);
  if (input.observed === undefined) return targetGone(draft);
  const live = claims.filter(({ id }) => !draft.isEnded(id));
  const demanded = demandedOf(draft, live);
  for (const claim of live) if (draft.hasRoom()) restore(draft, claim, demanded(claim.target).changes);
  for (const judgement of input.judgements)
    if (draft.hasRoom()) decideStandard(draft, judgement, demanded(judgement.remedyTarget));
  orphaned(draft);
  return draft.result();
}

/** What is demanded of each target, by standards and claims together. */
function demandedOf(draft: Draft, claims: readonly Claim[]): (target: ResourceId) => Demanded {
  const assertions = new Map<ResourceId, Assertion[]>();
  const add = (target: ResourceId, more: readonly Assertion[]): void => {
    assertions.set(target, [...(assertions.get(target) ?? []), ...more]);
  };
  for (const { remedyTarget, assertions: more } of draft.input.judgements) add(remedyTarget, more);
  for (const { target, assertions: more } of claims) add(target, more);
  const known = new Map<ResourceId, Demanded>();
  return (target) => {
    const before = known.get(target);
    if (before !== undefined) return before;
    const demands = combine(assertions.get(target) ?? []);
    const changes = compare(demands, draft.seen(target).body);
    const demanded = { demands, changes, claims: claims.filter((claim) => claim.target === target) };
    known.set(target, demanded);
    return demanded;
  };
}

/** Whatever the owner withdrew is none of ours: no claim of ours holds there any more. */
function withdrawn(draft: Draft): void {
  for (const claim of draft.documents("claim"))
    if (draft.hasRoom()) end(draft, claim, { reason: "the subscription was withdrawn" });
}

/** What was found and asked by a standard that the configuration no longer names, or of a target that is gone, is over. */
function orphaned(draft: Draft): void {
  const { judgements, key, terms } = draft.input;
  const judged = new Set(judgements.map(({ standard, target }) => `${standard.id} ${target}`));
  const remedied = new Set(judgements.map(({ standard, remedyTarget }) => `${standard.id} ${remedyTarget}`));
  // A verdict on the account alone speaks for all that the standard judges there.
  const whole = new Map(judgements.filter(({ target }) => target === key).map((item) => [item.standard.id, item]));
  // So does one on what a resource lies below: it could not be told which that is.
  const isUnknownAbove = (standard: string, target: ResourceId): boolean =>
    judgements.some(
      (item) => item.verdict === "unknown" && item.standard.id === standard && target.startsWith(`${item.target}/`),
    );
  const reasonOf = (standard: string, target: ResourceId): string => {
    if (!terms.has(standard)) return "the configuration no longer names the standard";
    const verdict = whole.get(standard);
    if (verdict?.verdict === "notApplicable") return verdict.reason;
    return target === key ? "it can be read again" : "the target is gone";
  };
  for (const proposal of draft.documents("proposal")) {
    const { id } = proposal.standard;
    if (remedied.has(`${id} ${proposal.target}`) || !draft.hasRoom()) continue;
    if (whole.get(id)?.verdict === "unknown" || isUnknownAbove(id, proposal.target)) keepAsked(draft, [proposal]);
    else close(draft, proposal, "void", reasonOf(id, proposal.target));
  }
  for (const finding of draft.documents("finding")) {
    const { id } = finding.standard;
    if (judged.has(`${id} ${finding.target}`) || whole.get(id)?.verdict === "unknown" || !draft.hasRoom()) continue;
    closeFinding(draft, finding, reasonOf(id, finding.target));
  }
  for (const guard of draft.documents("guard")) if (isGone(draft, guard.target)) closeGuard(draft, guard);
}

/** The account is gone: nothing that was found or asked about it holds any more. */
function targetGone(draft: Draft): DecideResult {
  const reason = "the target is gone";
  for (const proposal of draft.documents("proposal")) if (draft.hasRoom()) close(draft, proposal, "void", reason);
  for (const finding of draft.documents("finding")) if (draft.hasRoom()) closeFinding(draft, finding, reason);
  for (const claim of draft.documents("claim")) if (draft.hasRoom()) end(draft, claim, { reason });
  for (const guard of draft.documents("guard")) closeGuard(draft, guard);
  return draft.result();
}

/** What was verified of a target that is gone says nothing of another one of its name; who fought over it does, for a day. */
function closeGuard(draft: Draft, guard: Guard): void {
  if (!draft.hasRoom()) return;
  const repairs = recentRepairs(guard, draft.input.nowMs);
  draft.update(guard, { ...guard, verified: [], repairs, live: repairs.length > 0 });
}

interface Demanded {
  readonly demands: readonly Demand[];
  readonly changes: readonly FieldChange[];
  readonly claims: readonly Claim[];
}

/** Brings a standard's finding and proposal up to date with its verdict. */
function decideStandard(draft: Draft, judgement: Judgement, { demands, changes, claims }: Demanded): void {
  const { verdict, standard, target, remedyTarget } = judgement;
  const known = draft.documents("finding").find((item) => item.standard.id === standard.id && item.target === target);
  const asked = draft
    .documents("proposal")
    .filter((proposal) => proposal.standard.id === standard.id && proposal.target === remedyTarget);
  const paths = new Set(judgement.assertions.map((assertion) => assertion.path));
  const waiving = claims.find((claim) => claim.assertions.some((assertion) => paths.has(assertion.path)));
  if (waiving !== undefined) forget(draft, judgement, paths);
  if (verdict === "pass" || verdict === "notApplicable") {
    for (const proposal of asked) close(draft, proposal, "void", "the target is as the standard demands");
    if (known !== undefined) closeFinding(draft, known, judgement.reason);
    return;
  }
  const at = draft.place;
  if (verdict === "unknown") {
    const proposal = keepAsked(draft, asked);
    const now = { state: "open", fields: [], condition: null, proposal: proposal?.id ?? null, patch: null } as const;
    return find(draft, known, judgement, at, now);
  }
  const authority: Authority = { kind: "standard", id: standard.id, version: standard.version };
  const own = changes.filter((change) => isBy(change, authority));
  const fields = own.map(({ path, before, after }) => ({ path, before: withoutAddresses(before), after }));
  const conflict = demands.find((demand) => demand.kind === "conflict" && paths.has(demand.path));
  const gated = gateOf(draft, judgement, fields, known);
  const decision: GateVerdict = conflict?.kind === "conflict" ? conflicting(conflict) : gate(gated);
  const held = decision.kind === "hold" ? { reason: decision.reason, message: decision.message } : null;
  const proposal =
    waiving === undefined && fields.length > 0
      ? propose(
          draft,
          {
            judgement,
            authority,
            fields,
            verdict: decision,
            terms: termsFor(draft, standard.id),
            presentSince: presentSince(draft, judgement, known),
            putsBack: gated.putsBack,
            changedBy: known?.changedBy ?? draft.seen(remedyTarget).changedBy,
            createdAt: draft.seen(remedyTarget).createdAt,
          },
          // Where it is now others may have to agree, or more of them.
          asked.filter(({ environment }) => environment === draft.input.settings.environment),
        )
      : undefined;
  for (const other of asked) {
    if (other.id !== proposal?.id) close(draft, other, "void", "what was asked is no longer what is needed");
  }
  find(draft, known, judgement, at, {
    state: waiving === undefined ? "open" : "waived",
    fields,
    condition: proposal?.condition ?? held,
    proposal: proposal?.id ?? null,
    patch: gated.owned.length > 0 || gated.pipeline !== undefined ? templatePatch(fields) : null,
  });
}

function gateOf(draft: Draft, judgement: Judgement, fields: Proposal["fields"], known: Finding | undefined): GateInput {
  const { settings, nowMs } = draft.input;
  const { standard, safety, askOf, remedyTarget } = judgement;
  const { changedBy, pipeline, createdAt, isThere } = draft.seen(remedyTarget);
  const terms = termsFor(draft, standard.id);
  const guard = guardOf(draft, judgement);
  // What concerns a person, or what somebody else made under our name, is never decided without anybody.
  const isOurs = guard !== undefined && guard.createdAt === createdAt && guard.verified.length > 0;
  const isOthers = isMadeByRemedies(remedyTarget) && isThere && !isOurs;
  return {
    mode: terms.mode,
    safety: (askOf !== null || isOthers) && safety === "S" ? "R" : safety,
    enrolment: settings.enrolment,
    paused: settings.paused,
    unmet: judgement.unmet ?? elsewhere(draft, remedyTarget) ?? unstorable(fields),
    putsBack: askOf === null && isPutBack(guard, fields, createdAt),
    owned: fields.map(({ path }) => path).filter((path) => isOwned(terms.owned, path)),
    pipeline,
    flapping: flapping(guard, known?.changedBy ?? changedBy, nowMs),
  };
}

/** Whoever enrolled the account's subscription did not enrol another one. */
function elsewhere({ input }: Draft, target: ResourceId): string | undefined {
  const subscription = subscriptionOf(target);
  if (subscription === input.subscriptionId) return undefined;
  return `It lies in subscription ${subscription}, not in the account's: a person has to change it there.`;
}

/** What is stored must name nobody, and what was not stored could not be put back. */
function unstorable(fields: Proposal["fields"]): string | undefined {
  const path = fields.find(({ before }) => holdsAddress(before))?.path;
  return (
    path && `${path} holds an address, which is not stored and so could not be put back: a person has to change it.`
  );
}

function termsFor(draft: Draft, standard: string): NonNullable<ReturnType<DecideInput["terms"]["get"]>> {
  const terms = draft.input.terms.get(standard);
  assert(terms !== undefined, `standard ${standard} was judged without its terms`);
  return terms;
}

function conflicting(demand: Demand & { kind: "conflict" }): GateVerdict {
  const names = demand.authorities.map(({ kind, id }) => `${kind} ${id}`).join(" and ");
  return { kind: "hold", reason: "Conflict", message: `${demand.path}: ${demand.reason} (${names}).` };
}

/** What a claim stands above is not put back unasked when the claim ends: somebody decided against it. */
function forget(draft: Draft, judgement: Judgement, paths: ReadonlySet<string>): void {
  const guard = guardOf(draft, judgement);
  if (guard !== undefined) draft.update(guard, forgotten(guard, paths));
}

function guardOf(draft: Draft, { standard, remedyTarget }: Judgement): Guard | undefined {
  return draft.documents("guard").find((item) => item.standard === standard.id && item.target === remedyTarget);
}

function presentSince(draft: Draft, judgement: Judgement, known: Finding | undefined): string {
  if (known !== undefined) return known.presentSince;
  const now = toIso(draft.input.nowMs);
  const { changedAt } = draft.seen(judgement.target);
  if (changedAt === null || changedAt > now) return now;
  // It was as it should be when we last put it right, whatever Azure says of the account that a lock is missing at.
  const rightAt = guardOf(draft, judgement)?.repairs.at(-1)?.at ?? "";
  return changedAt > rightAt ? changedAt : now;
}

/** Stores the finding as it is now; what was found comes before what was asked because of it, at `place`. */
function find(
  draft: Draft,
  known: Finding | undefined,
  judgement: Judgement,
  place: number,
  now: Pick<Finding, "state" | "fields" | "condition" | "proposal" | "patch">,
): void {
  const { pk, key, subscriptionId, nowMs, settings } = draft.input;
  const { standard, reason, target, remedyTarget } = judgement;
  const verdict = judgement.verdict === "unknown" ? "unknown" : "fail";
  const next: Finding = {
    id: findingId(standard.id, key, target),
    pk,
    kind: "finding",
    live: true,
    key,
    target,
    subscriptionId,
    standard,
    verdict,
    reason,
    ...now,
    // Whoever changed the account last is not who took a lock off it.
    changedBy: known?.changedBy ?? draft.seen(remedyTarget).changedBy,
    environment: settings.environment,
    since: known?.since ?? toIso(nowMs),
    presentSince: presentSince(draft, judgement, known),
    closedAt: null,
  };
  if (known !== undefined && sameJson(known, next)) return;
  draft.upsert(next);
  if (known?.state === next.state && known.verdict === next.verdict && sameJson(known.fields, next.fields)) return;
  const { state, fields, changedBy } = next;
  const authority = { kind: "standard", id: standard.id, version: standard.version };
  draft.record("finding", { standard: authority, target, verdict, state, reason, fields, changedBy }, place);
}

function closeFinding(draft: Draft, finding: Finding, reason: string): void {
  const closed = { live: false, state: "closed", reason, condition: null, proposal: null, patch: null } as const;
  draft.upsert({ ...finding, ...closed, closedAt: toIso(draft.input.nowMs) });
  const standard = { kind: "standard", id: finding.standard.id, version: finding.standard.version };
  const { environment, target } = finding;
  draft.record("finding", { standard, target, environment, state: "closed", reason });
}

/** Identity of what a look saw, for telling a quiet target from a changing one. */
export function observationHash(observed: Body | undefined): string {
  return hashOf(observed ?? null);
}
