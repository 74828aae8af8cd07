/** The gate: what may happen to a change that a standard demands. One pure decision for all loops. */
import type { EnrolmentLevel, Mode } from "../config/schema.ts";

/**
 * Safety class of a remedy. `S`: safe to do unasked. `R`: can cut traffic or is hard to take back, never without a
 * person. `X`: no remedy of ours; people are told.
 */
export type SafetyClass = "S" | "R" | "X";

export interface GateInput {
  /** Mode that the configuration gives the standard. */
  readonly mode: Mode;
  readonly safety: SafetyClass;
  /** Level of the target's subscription; undefined when it is not enrolled. */
  readonly enrolment: EnrolmentLevel | undefined;
  readonly paused: boolean;
  /** Why the remedy's own preconditions do not hold; undefined when they do. */
  readonly unmet: string | undefined;
}

export type GateVerdict =
  /** Tell, write nothing, ask nobody. */
  | { readonly kind: "report"; readonly reason: string }
  /** Ask for approval. */
  | { readonly kind: "ask" }
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

/** The lowest of what is configured, what the remedy's safety class allows and what the subscription's level allows. */
export function effectiveMode(input: Pick<GateInput, "mode" | "safety" | "enrolment">): Mode {
  const level = input.enrolment === undefined ? "audit" : levelAllows[input.enrolment];
  const lowest = Math.min(order.indexOf(input.mode), order.indexOf(safetyAllows[input.safety]), order.indexOf(level));
  return order[lowest] ?? "audit";
}

export function gate(input: GateInput): GateVerdict {
  const mode = effectiveMode(input);
  if (input.enrolment === undefined) return { kind: "report", reason: "the subscription is not enrolled" };
  if (mode === "audit") return { kind: "report", reason: "the effective mode is audit" };
  if (input.unmet !== undefined) return { kind: "hold", reason: "PreconditionUnmet", message: input.unmet };
  if (input.paused) return { kind: "hold", reason: "Paused", message: "Writing is paused by the operators." };
  return { kind: mode === "enforce" ? "proceed" : "ask" };
}
