/** What a proposal and a claim have in common: a write that was agreed to, tried, put off, given up for a while. */
import { dayMs, fromIso, minuteMs, toIso } from "../kernel/clock.ts";
import type { Claim, Condition, Proposal } from "./documents.ts";
import type { Draft } from "./draft.ts";
import type { Barrier } from "./gate.ts";

/** Writes of one proposal or claim that may fail before people are told instead. */
export const ATTEMPTS_MAX = 5;

/** After this time what failed too often is tried again, from the first attempt on. */
export const STALLED_MS = dayMs;

/** After this time a target that Azure did not let us read is looked at again for an agreed change. */
const UNKNOWN_AGAIN_MS = 15 * minuteMs;

type Carried = Proposal | Claim;

/** The document without the attempts of a day ago. */
export function revived<D extends Carried>(document: D, nowMs: number): D {
  if (document.attempts < ATTEMPTS_MAX || stalledUntilMs(document, nowMs) > nowMs) return document;
  return { ...document, attempts: 0, notBefore: null, condition: null };
}

function stalledUntilMs({ notBefore }: Carried, nowMs: number): number {
  return (notBefore === null ? nowMs : fromIso(notBefore)) + STALLED_MS;
}

/** What stands in the way of writing it now; `outer` is what the gate says. Undefined when nothing does. */
export function blocked(draft: Draft, carried: Carried, outer: Barrier | undefined): Barrier | undefined {
  const { nowMs } = draft.input;
  if (carried.attempts >= ATTEMPTS_MAX) {
    const message = "Azure refused the write several times; it is tried again a day later.";
    return { condition: { reason: "Stalled", message }, until: toIso(stalledUntilMs(carried, nowMs)) };
  }
  return outer ?? waits(draft, carried);
}

/** A change whose time has not come yet. */
function waits(draft: Draft, { notBefore, condition }: Carried): Barrier | undefined {
  const { nowMs } = draft.input;
  if (notBefore === null || fromIso(notBefore) <= nowMs) return undefined;
  draft.retryAt(fromIso(notBefore));
  // What stood in the way before and does no longer is not told any more.
  const waiting: Condition = { reason: "Waiting", message: "The write is tried again shortly." };
  return { condition: condition?.reason === "Refused" ? condition : waiting, until: notBefore };
}

/** Leaves an agreed change as it is while its target is unknown, and has somebody look again before long. */
export function keep(draft: Draft, carried: Carried, until: string | null): void {
  const { nowMs } = draft.input;
  const times = [carried.wakeAt, until].map((time) => (time === null ? Infinity : fromIso(time)));
  const wakeAt = toIso(Math.min(nowMs + UNKNOWN_AGAIN_MS, ...times.filter((time) => time > nowMs)));
  const condition = { reason: "Unknown", message: "Azure does not let us see the target." };
  draft.update(carried, { ...carried, wakeAt, condition });
}
