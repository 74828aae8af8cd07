/**
 * The course of a pass, without any runtime: which activity comes next, what to wait for, when to stop. A durable
 * orchestrator plays it in Azure; anything that can run activities and wait can play it.
 */
import { minuteMs } from "../kernel/clock.ts";
import type { ApplyResult } from "./apply.ts";
import type { LookResult } from "./look.ts";

export type Step =
  | { readonly kind: "activity"; readonly activity: "look"; readonly input: { readonly key: string } }
  | {
      readonly kind: "activity";
      readonly activity: "apply";
      readonly input: { readonly key: string; readonly change: string };
    }
  | { readonly kind: "activity"; readonly activity: "settle"; readonly input: { readonly key: string } }
  | {
      readonly kind: "activity";
      readonly activity: "requeue";
      readonly input: { readonly key: string; readonly atMs: number };
    }
  | { readonly kind: "wait"; readonly untilMs: number };

/** Looks that serve nothing new within one pass; then the key is queued again, so that no key holds a pass for itself. */
export const ROUNDS_MAX = 3;

/** Steps of one pass in all, waits included. A write that hangs longer is taken up by the next pass. */
const STEPS_MAX = 60;

const REQUEUE_MS = minuteMs / 4;

export type PassEnd = { readonly ended: "served" | "paused" | "requeued" };

export function* reconcileRounds(key: string, nowMs: () => number): Generator<Step, PassEnd, unknown> {
  let steps = 0;
  let rounds = 0;
  while (rounds < ROUNDS_MAX && steps < STEPS_MAX) {
    steps += 1;
    const look = (yield { kind: "activity", activity: "look", input: { key } }) as LookResult;
    if (look.kind === "served") {
      if (!look.again) return { ended: "served" };
      rounds += 1;
    } else if (look.kind === "paused") {
      return { ended: "paused" };
    } else if (look.kind === "wait") {
      yield { kind: "wait", untilMs: look.untilMs };
      if (look.next === "settle") steps += yield* settleRounds(key, STEPS_MAX - steps);
    } else {
      for (const change of look.changes) {
        const result = (yield { kind: "activity", activity: "apply", input: { key, change } }) as ApplyResult;
        steps += 1;
        if (result.kind === "dropped") rounds += 1;
        if (result.kind !== "wait") continue;
        yield { kind: "wait", untilMs: result.untilMs };
        steps += yield* settleRounds(key, STEPS_MAX - steps);
      }
    }
  }
  yield { kind: "activity", activity: "requeue", input: { key, atMs: nowMs() + REQUEUE_MS } };
  return { ended: "requeued" };
}

/** Polls and reads back until the write has its outcome or the steps are used up; answers the steps taken. */
function* settleRounds(key: string, stepsMax: number): Generator<Step, number, unknown> {
  for (let steps = 1; steps <= stepsMax; steps += 1) {
    const result = (yield { kind: "activity", activity: "settle", input: { key } }) as ApplyResult;
    if (result.kind !== "wait") return steps;
    yield { kind: "wait", untilMs: result.untilMs };
  }
  return stepsMax;
}
