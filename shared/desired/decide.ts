/**
 * What to do about one account, now: the heart of every pass. Takes what is demanded (standards, live claims), what was
 * observed and what is on record; answers with documents to store, entries for the ledger and the writes that may go
 * ahead. Decides from scratch each time and remembers nothing: running it twice on the same world changes nothing twice.
 */
import { hashOf, sameJson } from "../kernel/canonicalJson.ts";
import { toIso } from "../kernel/clock.ts";
import { assert } from "../kernel/errors.ts";
import { close, keepAsked, propose } from "./asking.ts";
import { combine, type Authority, type Demand } from "./assertion.ts";
import { end, isBy, liveClaims, restore } from "./claims.ts";
import { compare, type Body, type FieldChange } from "./compare.ts";
import { findingId, type Claim, type Finding, type Proposal } from "./documents.ts";
import { Draft } from "./draft.ts";
import { gate, type GateInput, type GateVerdict } from "./gate.ts";
import { flapping, forgotten, isPutBack } from "./guard.ts";
import type { DecideInput, DecideResult, Judgement } from "./judgement.ts";
import { templatePatch } from "./template.ts";

export function decide(input: DecideInput): DecideResult {
  const draft = new Draft(input);
  const claims = liveClaims(draft);
  if (input.settings.enrolment === undefined) withdrawn(draft);
  if (input.observed === undefined) return targetGone(draft);
  const live = claims.filter(({ id }) => !draft.isEnded(id));
  const demands = combine([
    ...input.judgements.flatMap((judgement) => judgement.assertions),
    ...live.flatMap((claim) => claim.assertions),
  ]);
  const changes = compare(demands, input.observed);
  for (const claim of live) restore(draft, claim, changes);
  for (const judgement of input.judgements) decideStandard(draft, judgement, { demands, changes, claims: live });
  orphaned(draft);
  return draft.result();
}

/** Whatever the owner withdrew is none of ours: no claim of ours holds there any more. */
function withdrawn(draft: Draft): void {
  for (const claim of draft.documents("claim")) end(draft, claim, { reason: "the subscription was withdrawn" });
}

/** What a standard that the configuration no longer names found and asked is over. */
function orphaned(draft: Draft): void {
  const named = new Set(draft.input.judgements.map(({ standard }) => standard.id));
  const reason = "the configuration no longer names the standard";
  for (const proposal of draft.documents("proposal"))
    if (!named.has(proposal.standard.id)) close(draft, proposal, "void", reason);
  for (const finding of draft.documents("finding"))
    if (!named.has(finding.standard.id)) closeFinding(draft, finding, reason);
}

/** The account is gone: nothing that was found or asked about it holds any more. */
function targetGone(draft: Draft): DecideResult {
  for (const proposal of draft.documents("proposal")) close(draft, proposal, "void", "the target is gone");
  for (const finding of draft.documents("finding")) closeFinding(draft, finding, "the target is gone");
  for (const claim of draft.documents("claim")) end(draft, claim, { reason: "the target is gone" });
  return draft.result();
}

interface Demanded {
  readonly demands: readonly Demand[];
  readonly changes: readonly FieldChange[];
  readonly claims: readonly Claim[];
}

/** Brings a standard's finding and proposal up to date with its verdict. */
function decideStandard(draft: Draft, judgement: Judgement, { demands, changes, claims }: Demanded): void {
  const { verdict, standard } = judgement;
  const known = draft.documents("finding").find((finding) => finding.standard.id === standard.id);
  const asked = draft.documents("proposal").filter((proposal) => proposal.standard.id === standard.id);
  const paths = new Set(judgement.assertions.map((assertion) => assertion.path));
  const waiving = claims.find((claim) => claim.assertions.some((assertion) => paths.has(assertion.path)));
  if (waiving !== undefined) forget(draft, standard.id, paths);
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
  const fields = changes
    .filter((change) => isBy(change, authority))
    .map(({ path, before, after }) => ({ path, before, after }));
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
            presentSince: presentSince(draft, known),
            putsBack: gated.putsBack,
            changedBy: known?.changedBy ?? draft.input.changedBy,
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
  const { settings, changedBy, pipeline, createdAt, nowMs } = draft.input;
  const { standard, safety, unmet } = judgement;
  const terms = termsFor(draft, standard.id);
  const guard = draft.documents("guard").find((item) => item.standard === standard.id);
  return {
    mode: terms.mode,
    safety,
    enrolment: settings.enrolment,
    paused: settings.paused,
    unmet,
    putsBack: isPutBack(guard, fields, createdAt),
    owned: fields.map(({ path }) => path).filter((path) => terms.owned.includes(path)),
    pipeline,
    flapping: flapping(guard, known?.changedBy ?? changedBy, nowMs),
  };
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
function forget(draft: Draft, standard: string, paths: ReadonlySet<string>): void {
  const guard = draft.documents("guard").find((item) => item.standard === standard);
  if (guard !== undefined) draft.update(guard, forgotten(guard, paths));
}

function presentSince(draft: Draft, known: Finding | undefined): string {
  if (known !== undefined) return known.presentSince;
  const now = toIso(draft.input.nowMs);
  const { changedAt } = draft.input;
  return changedAt !== null && changedAt < now ? changedAt : now;
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
  const { standard, reason } = judgement;
  const verdict = judgement.verdict === "unknown" ? "unknown" : "fail";
  const next: Finding = {
    id: findingId(standard.id),
    pk,
    kind: "finding",
    live: true,
    key,
    target: key,
    subscriptionId,
    standard,
    verdict,
    reason,
    ...now,
    changedBy: known?.changedBy ?? draft.input.changedBy,
    environment: settings.environment,
    since: known?.since ?? toIso(nowMs),
    presentSince: presentSince(draft, known),
    closedAt: null,
  };
  if (known !== undefined && sameJson(known, next)) return;
  draft.upsert(next);
  if (known?.state === next.state && known.verdict === next.verdict && sameJson(known.fields, next.fields)) return;
  const { state, fields, changedBy } = next;
  const authority = { kind: "standard", id: standard.id, version: standard.version };
  draft.record("finding", { standard: authority, verdict, state, reason, fields, changedBy }, place);
}

function closeFinding(draft: Draft, finding: Finding, reason: string): void {
  const closed = { live: false, state: "closed", reason, condition: null, proposal: null, patch: null } as const;
  draft.upsert({ ...finding, ...closed, closedAt: toIso(draft.input.nowMs) });
  const standard = { kind: "standard", id: finding.standard.id, version: finding.standard.version };
  draft.record("finding", { standard, environment: finding.environment, state: "closed", reason });
}

/** Identity of what a look saw, for telling a quiet target from a changing one. */
export function observationHash(observed: Body | undefined): string {
  return hashOf(observed ?? null);
}
