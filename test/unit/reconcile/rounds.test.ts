import { describe, expect, it } from "vitest";
import { reconcileRounds, type Step } from "../../../shared/reconcile/rounds.ts";

/** Plays a pass against scripted answers; business time moves only by waiting. */
function play(answer: (step: Step) => unknown): { waits: number[]; calls: string[]; ended: string } {
  let nowMs = 0;
  const waits: number[] = [];
  const calls: string[] = [];
  const pass = reconcileRounds("/subscriptions/s/a", () => nowMs);
  let given: unknown;
  for (let turn = 0; turn < 1_000; turn += 1) {
    const { value, done } = pass.next(given);
    if (done === true) return { waits, calls, ended: value.ended };
    if (value.kind === "wait") {
      waits.push(Math.max(value.untilMs - nowMs, 0));
      nowMs = Math.max(nowMs, value.untilMs);
      given = undefined;
    } else {
      calls.push(value.activity);
      given = answer(value);
    }
  }
  throw new Error("the pass does not end");
}

describe("a pass", () => {
  it("ends when nothing is left to look at", () => {
    expect(play(() => ({ kind: "served", again: false }))).toEqual({ waits: [], calls: ["look"], ended: "served" });
  });

  it("gives way after three looks, however much is wanted", () => {
    const { calls, ended } = play((step) =>
      step.kind === "activity" && step.activity === "look" ? { kind: "served", again: true } : null,
    );
    expect({ calls, ended }).toEqual({ calls: ["look", "look", "look", "requeue"], ended: "requeued" });
  });

  it("asks an ARM that is away less and less often, and is over within the hour", () => {
    const { waits, ended } = play((step) =>
      step.kind === "activity" && step.activity === "look" ? { kind: "wait", forMs: 500, next: "look" } : null,
    );
    expect(waits.slice(0, 8)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
    expect(Math.max(...waits)).toBe(60_000);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(3_600_000);
    expect(ended).toBe("requeued");
  });

  it("polls an operation that hangs less and less often", () => {
    const { waits, calls } = play((step) => {
      if (step.kind !== "activity") return undefined;
      if (step.activity === "look") return { kind: "apply", changes: ["p-1"] };
      return step.activity === "requeue" ? null : { kind: "wait", forMs: 2_000, intent: null };
    });
    expect(waits.slice(0, 6)).toEqual([2_000, 2_000, 2_000, 4_000, 8_000, 16_000]);
    expect(calls.filter((name) => name === "apply")).toHaveLength(1);
    expect(calls.length).toBeLessThanOrEqual(62);
  });
});
