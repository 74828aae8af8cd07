/** What becomes of a proposal or claim when its write has been settled by reading back. */
import { toIso } from "../kernel/clock.ts";
import { withoutAddresses } from "../estate/account.ts";
import { sameValue, valueAt, type Body } from "./compare.ts";
import type { Change, Outcome, Refusal } from "./change.ts";
import type { Claim, Proposal } from "./documents.ts";

/**
 * The outcome of a change, from what is there now. `isOurs`: whether ARM says that we wrote last, undefined when it does
 * not say; the right value written by somebody else in the meantime is not called ours.
 */
export function outcomeOf(
  change: Change,
  observed: Body | undefined,
  isOurs: boolean | undefined,
  refused: Outcome["error"],
): Outcome {
  // It goes into the ledger, and what others wrote, or Azure says about it, may name anybody.
  const error = refused === null ? null : { ...refused, message: withoutAddresses(refused.message) };
  if (observed === undefined) return { result: "byThirdParty", observed: null, error };
  const fields = change.fields.map(({ path }) => ({ path, value: withoutAddresses(valueAt(observed, path) ?? null) }));
  const isThere = change.fields.every(({ path, after }) => sameValue(valueAt(observed, path) ?? null, after));
  if (isThere) {
    return { result: isOurs !== false && error === null ? "applied" : "byThirdParty", observed: fields, error };
  }
  const isUntouched = change.fields.every(({ path, before }) => sameValue(valueAt(observed, path) ?? null, before));
  return { result: isUntouched ? "notApplied" : "byThirdParty", observed: fields, error };
}

/** First wait after a refusal that passes by itself; doubled at each further one. */
const RETRY_MS = 1_000;

/** Wait after a refusal that passes only when somebody acts, such as a lock. */
const RETRY_SLOWLY_MS = 15 * 60_000;

/**
 * The proposal or claim after its write was settled. `refusal` is ARM's, if it refused; a write that merely did not
 * arrive is tried again like one that was refused for a moment.
 */
export function afterOutcome<D extends Proposal | Claim>(
  document: D,
  outcome: Outcome,
  refusal: Pick<Refusal, "class" | "retryAfterMs"> | null,
  nowMs: number,
): D {
  if (outcome.result === "applied") return applied(document);
  if (document.kind === "proposal" && outcome.result === "byThirdParty") {
    return { ...document, state: "void", live: false, wakeAt: null };
  }
  const slow = refusal?.class === "retrySlowly";
  // What passes when somebody acts is tried as long as it is agreed to: a right that was taken away to stop us, and is given
  // back, must not find changes that were given up meanwhile. A try per quarter of an hour is no burden to anybody.
  const attempts = slow ? document.attempts : document.attempts + 1;
  const reason = `Azure refused the write: ${outcome.error?.code ?? "no answer"}.`;
  const condition = { reason: "Refused", message: reason };
  if (refusal?.class === "giveUp") {
    return {
      ...document,
      attempts,
      condition,
      ...(document.kind === "proposal" ? { state: "failed", wakeAt: null } : {}),
    };
  }
  const pauseMs = slow ? RETRY_SLOWLY_MS : Math.max(refusal?.retryAfterMs ?? 0, RETRY_MS * 2 ** document.attempts);
  const notBefore = toIso(nowMs + pauseMs);
  const wakeAt = document.kind === "claim" && document.until < notBefore ? document.until : notBefore;
  return { ...document, attempts, notBefore, condition, wakeAt };
}

function applied<D extends Proposal | Claim>(document: D): D {
  if (document.kind === "claim")
    return { ...document, restored: true, condition: null, notBefore: null, wakeAt: document.until };
  return { ...document, state: "applied", live: false, wakeAt: null, condition: null };
}
