/**
 * The gate: what may happen to a change that a standard demands. One pure decision for all loops, in two halves:
 * {@link gate} says whether to tell, to ask or to go ahead; {@link barrier} says what stands in the way of a write that
 * may go ahead, at the moment of writing. Every refusal is a condition that people can read.
 */
import { concerns, type EnrolmentLevel, type Freeze, type Mode, type Place } from "../config/schema.ts";
import { weeklyUntil } from "../config/calendar.ts";
import { fromIso, toIso } from "../kernel/clock.ts";
import type { Allowance } from "./budget.ts";
import type { Condition } from "./documents.ts";

/**
 * Safety class of a remedy. `S`: safe to do unasked. `R`: can cut traffic or is hard to take back, never without a
 * person. `X`: no remedy of ours; people are told.
 */
export type SafetyClass = "S" | "R" | "X";

export interface GateInput {
  /** Mode that the configuration gives the standard there. */
  readonly mode: Mode;
  readonly safety: SafetyClass;
  /** Level of the target's subscription; undefined when it is not enrolled. */
  readonly enrolment: EnrolmentLevel | undefined;
  readonly paused: boolean;
  /** Why the remedy's own preconditions do not hold; undefined when they do. */
  readonly unmet: string | undefined;
  /** The change only puts back what was read back after a write of ours, and nobody has a claim on it. */
  readonly putsBack: boolean;
  /** Paths of the change that belong to templates. */
  readonly owned: readonly string[];
  /** Name of the pipeline that brought the target to where it is; undefined when a person or nobody known did. */
  readonly pipeline: string | undefined;
  /** The same actor made it necessary too often. */
  readonly flapping: Condition | undefined;
}

export type GateVerdict =
  /** Tell, write nothing, ask nobody. */
  | { readonly kind: "report"; readonly reason: string }
  /** Ask for approval. `because`: why people are asked though the standard could do without, or what they should know. */
  | { readonly kind: "ask"; readonly because?: Condition }
  /** Write without asking. */
  | { readonly kind: "proceed" }
  /** Would be asked or written, but something stands in the way; shown as a condition. */
  | { readonly kind: "hold"; readonly reason: string; readonly message: string };

const order: readonly Mode[] = ["audit", "approve", "enforce"];
const levelAllows: Record<EnrolmentLevel, Mode> = {
  audit: "audit",
  reader: "audit",
  approve: "approve",
  enforce: "enforce",
};
const safetyAllows: Record<SafetyClass, Mode> = { S: "enforce", R: "approve", X: "audit" };

/**
 * The lowest of what is configured, what the remedy's safety class allows and what the subscription's level allows. A
 * field that we had verified and somebody reopened without a claim may be put back whatever it cuts: its users have lived
 * with it before.
 */
export function effectiveMode(input: Pick<GateInput, "mode" | "safety" | "enrolment" | "putsBack">): Mode {
  const level = input.enrolment === undefined ? "audit" : levelAllows[input.enrolment];
  const safety = input.safety === "R" && input.putsBack ? "enforce" : safetyAllows[input.safety];
  const lowest = Math.min(order.indexOf(input.mode), order.indexOf(safety), order.indexOf(level));
  return order[lowest] ?? "audit";
}

export function gate(input: GateInput): GateVerdict {
  const mode = effectiveMode(input);
  if (input.enrolment === undefined) return { kind: "report", reason: "the subscription is not enrolled" };
  if (mode === "audit") return { kind: "report", reason: "the effective mode is audit" };
  if (input.owned.length > 0) return { kind: "hold", ...ownedByTemplate(input.owned) };
  if (input.unmet !== undefined) return { kind: "hold", reason: "PreconditionUnmet", message: input.unmet };
  if (input.paused) return { kind: "hold", ...paused };
  const because = input.flapping ?? writtenByPipeline(input.pipeline);
  if (because !== undefined) return { kind: "ask", because };
  return { kind: mode === "enforce" ? "proceed" : "ask" };
}

export const paused: Condition = { reason: "Paused", message: "Writing is paused by the operators." };

const notEnrolled: Condition = {
  reason: "NotEnrolled",
  message: "The subscription's owner has not enrolled it for writing.",
};

/** The fields that belong to templates stay as they are; the finding carries the patch for the template. */
export function ownedByTemplate(paths: readonly string[]): Condition {
  const what = paths.join(" and ");
  return { reason: "OwnedByTemplate", message: `${what} belongs to a template: it has to be changed there.` };
}

function writtenByPipeline(pipeline: string | undefined): Condition | undefined {
  if (pipeline === undefined) return undefined;
  return {
    reason: "WrittenByPipeline",
    message: `${pipeline} brought it there and will again unless its template is changed.`,
  };
}

export interface BarrierInput {
  readonly enrolment: EnrolmentLevel | undefined;
  readonly paused: boolean;
  readonly nowMs: number;
  /** The freeze that holds there now. */
  readonly frozen: Frozen | undefined;
  readonly allowance: Allowance;
}

/** What stands in the way of a write, and when that may be over; null when only somebody's act can end it. */
export interface Barrier {
  readonly condition: Condition;
  readonly until: string | null;
}

/** What stands in the way of a standard's write now; undefined when nothing does. */
export function barrier(input: BarrierInput): Barrier | undefined {
  const always = claimBarrier(input);
  if (always !== undefined) return always;
  const { frozen, allowance } = input;
  if (frozen !== undefined) {
    const until = toIso(frozen.untilMs);
    return { condition: { reason: "Frozen", message: `Nothing is written during "${frozen.name}".` }, until };
  }
  if (allowance.left !== undefined && allowance.left <= 0) {
    const until = allowance.againMs === undefined ? null : toIso(allowance.againMs);
    return { condition: { reason: "Budget", message: `${allowance.limit}.` }, until };
  }
  return undefined;
}

/** What stands in the way of a write that a person asked for by name: neither a freeze nor a budget. */
export function claimBarrier(input: Pick<BarrierInput, "enrolment" | "paused">): Barrier | undefined {
  if (input.paused) return { condition: paused, until: null };
  const isOpen = input.enrolment === "approve" || input.enrolment === "enforce";
  return isOpen ? undefined : { condition: notEnrolled, until: null };
}

export interface Frozen {
  readonly name: string;
  readonly untilMs: number;
}

/** The freeze that holds at a place now, of several the one that lasts longest. */
export function frozenAt(freezes: readonly Freeze[], place: Place, nowMs: number): Frozen | undefined {
  const holding = freezes.flatMap((freeze): Frozen[] => {
    if (!concerns(freeze, place)) return [];
    const untilMs = freezeUntil(freeze, nowMs);
    return untilMs === undefined ? [] : [{ name: freeze.name, untilMs }];
  });
  return holding.sort((a, b) => b.untilMs - a.untilMs || (a.name < b.name ? -1 : 1))[0];
}

function freezeUntil({ from, until, weekly }: Freeze, nowMs: number): number | undefined {
  if (weekly !== undefined) return weeklyUntil(weekly, nowMs);
  if (from === undefined || until === undefined) return undefined;
  return fromIso(from) <= nowMs && nowMs < fromIso(until) ? fromIso(until) : undefined;
}
