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
  | {
      readonly kind: "activity";
      readonly activity: "settle";
      readonly input: { readonly key: string; readonly waited: number | null };
    }
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

/** Waits in a row double up to this, so that an ARM that is away or an operation that hangs is not asked all the time. */
const WAIT_MS_MAX = minuteMs;
const WAIT_MS_MIN = 1_000;

export function* reconcileRounds(key: string, nowMs: () => number): Generator<Step, PassEnd, unknown> {
  const pass: Course = { key, nowMs, steps: 0, waits: 0 };
  let rounds = 0;
  while (rounds < ROUNDS_MAX && pass.steps < STEPS_MAX) {
    const look = (yield* step(pass, { kind: "activity", activity: "look", input: { key } })) as LookResult;
    if (look.kind === "served") {
      if (!look.again) return { ended: "served" };
      rounds += 1;
    } else if (look.kind === "paused") {
      return { ended: "paused" };
    } else if (look.kind === "wait") {
      yield* wait(pass, look.forMs);
      if (look.next === "settle") yield* settleRounds(pass, look.intent);
    } else {
      for (const change of look.changes) {
        const input = { key, change };
        const result = (yield* step(pass, { kind: "activity", activity: "apply", input })) as ApplyResult;
        if (result.kind === "dropped") rounds += 1;
        if (result.kind !== "wait") continue;
        pass.waits = 0;
        yield* wait(pass, result.forMs);
        yield* settleRounds(pass, result.intent);
      }
    }
  }
  yield { kind: "activity", activity: "requeue", input: { key, atMs: nowMs() + REQUEUE_MS } };
  return { ended: "requeued" };
}

/** Where a pass stands. */
interface Course {
  readonly key: string;
  readonly nowMs: () => number;
  steps: number;
  /** Waits in a row. */
  waits: number;
}

/** Polls and reads back until the write has its outcome or the steps are used up. */
function* settleRounds(pass: Course, intent: number | null): Generator<Step, void, unknown> {
  let waited = intent;
  while (pass.steps < STEPS_MAX) {
    const input = { key: pass.key, waited };
    const result = (yield* step(pass, { kind: "activity", activity: "settle", input })) as ApplyResult;
    if (result.kind !== "wait") return;
    yield* wait(pass, result.forMs);
    waited = result.intent;
  }
}

function* step(pass: Course, next: Step): Generator<Step, unknown, unknown> {
  pass.steps += 1;
  const result = (yield next) as { readonly kind?: string } | null;
  if (result?.kind !== "wait") pass.waits = 0;
  return result;
}

/** By the clock of the pass alone: those of the instances that run its activities may differ from it. */
function* wait(pass: Course, forMs: number): Generator<Step, void, unknown> {
  pass.waits += 1;
  const atLeastMs = pass.waits === 1 ? 0 : Math.min(WAIT_MS_MIN * 2 ** (pass.waits - 2), WAIT_MS_MAX);
  yield { kind: "wait", untilMs: pass.nowMs() + Math.max(forMs, atLeastMs) };
}
