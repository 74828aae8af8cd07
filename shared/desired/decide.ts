/**
 * What to do about one account, now: the heart of every pass. Takes what is demanded (standards, live claims), what was
 * observed and what is on record; answers with documents to store, entries for the ledger and the writes that may go
 * ahead. Decides from scratch each time and remembers nothing: running it twice on the same world changes nothing twice.
 */
import { hashOf, sameJson } from "../kernel/canonicalJson.ts";
import { fromIso, hourMs, minuteMs, toIso } from "../kernel/clock.ts";
import type { LedgerRecord } from "../ledger/chain.ts";
import { combine, type Authority, type Demand } from "./assertion.ts";
import { changeHash, type Change, type Field } from "./change.ts";
import { compare, mergeChange, type Body, type FieldChange } from "./compare.ts";
import {
  findingId,
  proposalId,
  type Claim,
  type Condition,
  type Finding,
  type Proposal,
  type StateDocument,
} from "./documents.ts";
import { gate, type GateVerdict } from "./gate.ts";
import type { DecideInput, DecideResult, Judgement } from "./judgement.ts";

/** Writes of one proposal or claim that may fail before people are told instead. */
export const ATTEMPTS_MAX = 5;

/** After this time a target that Azure did not let us read is looked at again for an agreed change. */
const UNKNOWN_AGAIN_MS = 15 * minuteMs;

export function decide(input: DecideInput): DecideResult {
  const pass = new Pass(input);
  const claims = pass.claims();
  if (input.observed === undefined) return pass.targetGone();
  const assertions = [
    ...input.judgements.flatMap((judgement) => judgement.assertions),
    ...claims.flatMap((claim) => claim.assertions),
  ];
  const demands = combine(assertions);
  const changes = compare(demands, input.observed);
  for (const claim of claims) pass.claim(claim, changes);
  for (const judgement of input.judgements) pass.standard(judgement, demands, changes, claims);
  return pass.result();
}

/** Collects what one decision produces. */
class Pass {
  readonly #input: DecideInput;
  readonly #upserts = new Map<string, StateDocument>();
  readonly #records: LedgerRecord[] = [];
  readonly #apply: Change[] = [];
  #retryMs: number | undefined;

  constructor(input: DecideInput) {
    this.#input = input;
  }

  result(): DecideResult {
    return { upserts: [...this.#upserts.values()], records: this.#records, apply: this.#apply, retryMs: this.#retryMs };
  }

  /** The claims that are live now; those whose time is over, or that a third value stops, end here. */
  claims(): Claim[] {
    const live: Claim[] = [];
    for (const claim of this.#documents("claim")) {
      if (fromIso(claim.until) > this.#input.nowMs) {
        if (this.#isStopped(claim)) this.#stop(claim);
        else if (claim.state === "active") live.push(claim);
        continue;
      }
      this.#upserts.set(claim.id, {
        ...claim,
        live: false,
        wakeAt: null,
        state: claim.state === "stopped" ? "stopped" : "ended",
      });
      this.#records.push({ type: "claim", body: { claim: claim.id, event: "ended", until: claim.until } });
    }
    return live;
  }

  /** Whether a claim that has not written yet would write over what somebody decided meanwhile. */
  #isStopped(claim: Claim): boolean {
    const { observed, unreadable } = this.#input;
    if (claim.state !== "active" || claim.restored || unreadable || observed === undefined) return false;
    return mergeChange(claim.fields, observed) === "moved";
  }

  #stop(claim: Claim): void {
    const message = "Somebody changed a field meanwhile; what is there now was kept.";
    const condition = { reason: "ThirdValue", message };
    this.#upserts.set(claim.id, { ...claim, state: "stopped", live: false, wakeAt: null, condition });
    this.#records.push({ type: "claim", body: { claim: claim.id, event: "stopped", reason: "ThirdValue" } });
  }

  /** Restores what a claim asserts. */
  claim(claim: Claim, changes: readonly FieldChange[]): void {
    if (claim.restored || !changes.some((change) => isBy(change, claim.authority))) return;
    if (this.#input.unreadable) return this.#keep(claim, claim.until);
    const blocked = this.#blocked(claim);
    if (blocked !== undefined) {
      const held: Claim = {
        ...claim,
        condition: blocked,
        wakeAt: this.#waitsUntil(claim) ?? claim.until,
      };
      if (!sameJson(claim, held)) this.#upserts.set(claim.id, held);
      return;
    }
    const { target, fields, authority, hash, by } = claim;
    this.#apply.push({
      id: claim.id,
      target,
      fields,
      authority,
      hash,
      agreedBy: [by],
      changedBy: this.#input.changedBy,
    });
  }

  /** Brings a standard's finding and proposal up to date with its verdict. */
  standard(
    judgement: Judgement,
    demands: readonly Demand[],
    changes: readonly FieldChange[],
    claims: readonly Claim[],
  ): void {
    const { verdict, standard } = judgement;
    const known = this.#documents("finding").find((finding) => finding.standard.id === standard.id);
    const asked = this.#documents("proposal").filter((proposal) => proposal.standard.id === standard.id);
    if (verdict === "pass" || verdict === "notApplicable") {
      for (const proposal of asked) this.#close(proposal, "void", "the target is as the standard demands");
      if (known !== undefined) this.#closeFinding(known, judgement.reason);
      return;
    }
    if (verdict === "unknown") return this.#unknown(judgement, known, asked);
    const paths = new Set(judgement.assertions.map((assertion) => assertion.path));
    const waiving = claims.find((claim) => claim.assertions.some((assertion) => paths.has(assertion.path)));
    const conflict = demands.find((demand) => demand.kind === "conflict" && paths.has(demand.path));
    const authority: Authority = { kind: "standard", id: standard.id, version: standard.version };
    const fields = changes
      .filter((change) => isBy(change, authority))
      .map(({ path, before, after }) => ({ path, before, after }));
    const decision: GateVerdict =
      conflict?.kind === "conflict"
        ? { kind: "hold", reason: "Conflict", message: `${conflict.path}: ${conflict.reason} (${names(conflict)}).` }
        : this.#gate(judgement);
    const held = decision.kind === "hold" ? { reason: decision.reason, message: decision.message } : null;
    const at = this.#records.length;
    const asking = waiving === undefined && fields.length > 0;
    const proposal = asking ? this.#proposal(judgement, authority, fields, asked, decision) : undefined;
    for (const other of asked) {
      if (other.id !== proposal?.id) this.#close(other, "void", "what was asked is no longer what is needed");
    }
    this.#finding(known, judgement, at, {
      state: waiving === undefined ? "open" : "waived",
      fields,
      condition: proposal?.condition ?? held,
      proposal: proposal?.id ?? null,
    });
  }

  /** What is not known is told, and calls nothing off: what people agreed to stands until it is known again. */
  #unknown(judgement: Judgement, known: Finding | undefined, asked: readonly Proposal[]): void {
    const at = this.#records.length;
    for (const proposal of asked) {
      if (this.#isOverdue(proposal)) this.#close(proposal, "expired", "nobody decided in time");
      else if (proposal.state === "approved" || (proposal.state === "open" && isAgreed(proposal)))
        this.#keep(proposal, null);
    }
    const standing = asked.find(({ id }) => this.#upserts.get(id)?.live !== false);
    const proposal = standing?.id ?? null;
    this.#finding(known, judgement, at, { state: "open", fields: [], condition: null, proposal });
  }

  /** Leaves an agreed change as it is while its target is unknown, and has somebody look again before long. */
  #keep(carried: Proposal | Claim, until: string | null): void {
    const { nowMs } = this.#input;
    const times = [carried.wakeAt, until].map((time) => (time === null ? Infinity : fromIso(time)));
    const wakeAt = toIso(Math.min(nowMs + UNKNOWN_AGAIN_MS, ...times.filter((time) => time > nowMs)));
    const condition = { reason: "Unknown", message: "Azure does not let us see the target." };
    if (!sameJson({ ...carried, wakeAt, condition }, carried))
      this.#upserts.set(carried.id, { ...carried, wakeAt, condition });
  }

  /** Nobody decided in time; an approval in time holds though it is seen later. */
  #isOverdue(standing: Proposal): boolean {
    return standing.state === "open" && fromIso(standing.expiresAt) <= this.#input.nowMs && !isAgreed(standing);
  }

  /** The account is gone: nothing that was found or asked about it holds any more. */
  targetGone(): DecideResult {
    for (const proposal of this.#documents("proposal")) this.#close(proposal, "void", "the target is gone");
    for (const finding of this.#documents("finding")) this.#closeFinding(finding, "the target is gone");
    for (const claim of this.#documents("claim")) {
      if (this.#upserts.has(claim.id)) continue;
      this.#upserts.set(claim.id, { ...claim, live: false, wakeAt: null, state: "ended" });
      this.#records.push({ type: "claim", body: { claim: claim.id, event: "ended", reason: "the target is gone" } });
    }
    return this.result();
  }

  /** The live proposal for exactly this change, asked anew if there is none; what was agreed to is put forward. */
  #proposal(
    judgement: Judgement,
    authority: Authority,
    fields: readonly Field[],
    asked: readonly Proposal[],
    decision: GateVerdict,
  ): Proposal | undefined {
    if (decision.kind === "report") return undefined;
    const hash = changeHash(this.#input.key, fields, authority);
    const same = asked.find((proposal) => proposal.hash === hash);
    // What nobody was asked about when the standard was enforced has to be asked now that it is not.
    const standing = same?.quorum === 0 && decision.kind === "ask" ? undefined : same;
    const overdue = standing !== undefined && this.#isOverdue(standing);
    if (standing !== undefined && overdue) this.#close(standing, "expired", "nobody decided in time");
    if (standing !== undefined && !overdue) return this.#carryOn(standing, decision);
    if (decision.kind === "hold") return undefined;
    return this.#ask(judgement, authority, fields, hash, decision.kind === "ask" ? this.#input.settings.quorum : 0);
  }

  #carryOn(proposal: Proposal, decision: GateVerdict): Proposal {
    let next = proposal;
    if (next.state === "open" && isAgreed(next)) next = { ...next, state: "approved", wakeAt: null };
    if (next.state === "approved") {
      const blocked =
        decision.kind === "hold" ? { reason: decision.reason, message: decision.message } : this.#blocked(next);
      const wakeAt = blocked === undefined ? undefined : this.#waitsUntil(next);
      next = { ...next, condition: blocked ?? null, wakeAt: wakeAt ?? null };
      if (blocked === undefined) this.#put(next);
    }
    if (!sameJson(next, proposal)) this.#upserts.set(next.id, next);
    return next;
  }

  #ask(judgement: Judgement, authority: Authority, fields: readonly Field[], hash: string, quorum: number): Proposal {
    const { pk, key, subscriptionId, nowMs, settings, changedBy } = this.#input;
    const proposal: Proposal = {
      id: proposalId(pk, this.#input.nextSeq + this.#records.length),
      pk,
      kind: "proposal",
      live: true,
      key,
      target: key,
      subscriptionId,
      state: quorum === 0 ? "approved" : "open",
      standard: judgement.standard,
      authority,
      fields,
      hash,
      quorum,
      decisions: [],
      changedBy,
      askedAt: toIso(nowMs),
      expiresAt: toIso(nowMs + settings.proposalHours * hourMs),
      wakeAt: quorum === 0 ? null : toIso(nowMs + settings.proposalHours * hourMs),
      attempts: 0,
      notBefore: null,
      condition: null,
    };
    this.#upserts.set(proposal.id, proposal);
    this.#records.push({
      type: "proposal",
      body: { proposal: proposal.id, event: "asked", standard: authority, fields, hash, quorum, changedBy },
    });
    if (quorum === 0) this.#put(proposal);
    return proposal;
  }

  #put(proposal: Proposal): void {
    const { id, target, fields, authority, hash, changedBy } = proposal;
    const agreedBy = proposal.decisions.filter(({ verdict }) => verdict === "approve").map(({ by }) => by);
    this.#apply.push({ id, target, fields, authority, hash, agreedBy, changedBy });
  }

  #close(proposal: Proposal, state: "void" | "expired", reason: string): void {
    if (this.#upserts.get(proposal.id)?.live === false) return;
    this.#upserts.set(proposal.id, { ...proposal, live: false, state, wakeAt: null });
    this.#records.push({ type: "void", body: { proposal: proposal.id, state, reason } });
  }

  #finding(
    known: Finding | undefined,
    judgement: Judgement,
    at: number,
    now: Pick<Finding, "state" | "fields" | "condition" | "proposal">,
  ): void {
    const { pk, key, subscriptionId, nowMs, changedBy } = this.#input;
    const verdict = judgement.verdict === "unknown" ? "unknown" : "fail";
    const next: Finding = {
      id: findingId(judgement.standard.id),
      pk,
      kind: "finding",
      live: true,
      key,
      target: key,
      subscriptionId,
      standard: judgement.standard,
      verdict,
      reason: judgement.reason,
      ...now,
      changedBy: known?.changedBy ?? changedBy,
      since: known?.since ?? toIso(nowMs),
      closedAt: null,
    };
    if (known !== undefined && sameJson(known, next)) return;
    this.#upserts.set(next.id, next);
    if (known?.state === next.state && known.verdict === next.verdict && sameJson(known.fields, next.fields)) return;
    const { state, fields, reason } = next;
    const authority = { kind: "standard", id: next.standard.id, version: next.standard.version };
    // What was found comes before what was asked because of it.
    this.#records.splice(at, 0, {
      type: "finding",
      body: { standard: authority, verdict, state, reason, fields, changedBy: next.changedBy },
    });
  }

  #closeFinding(finding: Finding, reason: string): void {
    const closedAt = toIso(this.#input.nowMs);
    this.#upserts.set(finding.id, {
      ...finding,
      live: false,
      state: "closed",
      reason,
      condition: null,
      proposal: null,
      closedAt,
    });
    const standard = { kind: "standard", id: finding.standard.id, version: finding.standard.version };
    this.#records.push({ type: "finding", body: { standard, state: "closed", reason } });
  }

  #gate(judgement: Judgement): GateVerdict {
    const { enrolment, paused } = this.#input.settings;
    return gate({ mode: judgement.mode, safety: judgement.safety, enrolment, paused, unmet: judgement.unmet });
  }

  /** What stands in the way of a write that somebody agreed to, at the moment of writing. */
  #blocked(carried: Proposal | Claim): Condition | undefined {
    const { enrolment, paused } = this.#input.settings;
    if (carried.attempts >= ATTEMPTS_MAX) {
      return {
        reason: "Stalled",
        message: "Azure refused the write several times; it is not tried again until something changes.",
      };
    }
    if (paused) return { reason: "Paused", message: "Writing is paused by the operators." };
    if (enrolment === "approve" || enrolment === "enforce") return this.#waits(carried);
    return { reason: "NotEnrolled", message: "The subscription's owner has not enrolled it for writing." };
  }

  /** When a change that only has to wait may be tried; undefined when nothing but somebody's act can help it. */
  #waitsUntil({ attempts, notBefore }: Proposal | Claim): string | undefined {
    const waits = attempts < ATTEMPTS_MAX && notBefore !== null && fromIso(notBefore) > this.#input.nowMs;
    return waits ? notBefore : undefined;
  }

  /** The condition of a change whose time has not come yet. */
  #waits(carried: Proposal | Claim): Condition | undefined {
    const notBeforeMs = carried.notBefore === null ? 0 : fromIso(carried.notBefore);
    if (notBeforeMs <= this.#input.nowMs) return undefined;
    this.#retryMs = Math.min(this.#retryMs ?? Infinity, notBeforeMs);
    // What stood in the way before and does no longer is not told any more.
    if (carried.condition?.reason === "Refused") return carried.condition;
    return { reason: "Waiting", message: "The write is tried again shortly." };
  }

  #documents<K extends StateDocument["kind"]>(kind: K): Extract<StateDocument, { kind: K }>[] {
    return this.#input.documents.filter(
      (document): document is Extract<StateDocument, { kind: K }> => document.kind === kind && document.live,
    );
  }
}

/** Enough approvals by different people and no rejection. */
export function isAgreed(proposal: Pick<Proposal, "decisions" | "quorum">): boolean {
  const approvers = new Set(proposal.decisions.filter(({ verdict }) => verdict === "approve").map(({ by }) => by));
  return approvers.size >= proposal.quorum && !proposal.decisions.some(({ verdict }) => verdict === "reject");
}

/** Identity of what a look saw, for telling a quiet target from a changing one. */
export function observationHash(observed: Body | undefined): string {
  return hashOf(observed ?? null);
}

function isBy(change: FieldChange, authority: Authority): boolean {
  return change.authorities.some(
    ({ kind, id, version }) => kind === authority.kind && id === authority.id && version === authority.version,
  );
}

function names(demand: Demand): string {
  return demand.authorities.map(({ kind, id }) => `${kind} ${id}`).join(" and ");
}
