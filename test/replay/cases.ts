/** Courses of orchestrations whose histories are kept: what each activity answered, in order. */
import type { Step } from "../../shared/reconcile/rounds.ts";
import type { SweepStep } from "../../shared/reconcile/sweep/page.ts";

type Activity = Extract<Step, { kind: "activity" }>["activity"];
type Courses = Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;

/** Business time at which each recording begins. */
export const recordedMs = Date.parse("2026-11-21T10:00:00.000Z");

const passes: Readonly<Record<string, Partial<Record<Activity, readonly unknown[]>>>> = {
  "nothing-to-do": { look: [{ kind: "served", again: false }] },
  "wanted-meanwhile": {
    look: [
      { kind: "served", again: true },
      { kind: "served", again: false },
    ],
  },
  applied: {
    look: [
      { kind: "apply", changes: ["p-1", "p-2"] },
      { kind: "served", again: false },
    ],
    apply: [{ kind: "settled" }, { kind: "settled" }],
  },
  "long-running-write": {
    look: [
      { kind: "apply", changes: ["p-1"] },
      { kind: "served", again: false },
    ],
    apply: [{ kind: "wait", forMs: 2_000, intent: null }],
    settle: [{ kind: "wait", forMs: 4_000, intent: null }, { kind: "settled" }],
  },
  "lost-answer-of-an-earlier-pass": {
    look: [
      { kind: "wait", next: "settle", forMs: 20_000, intent: 7 },
      { kind: "served", again: false },
    ],
    settle: [{ kind: "settled" }],
  },
  "azure-away": {
    look: [
      { kind: "wait", next: "look", forMs: 10_000 },
      { kind: "served", again: false },
    ],
  },
  paused: { look: [{ kind: "paused" }] },
  "never-quiet": { look: Array.from({ length: 3 }, () => ({ kind: "served", again: true })), requeue: [null] },
};

const step = (waitMs: number): SweepStep => ({ done: false, waitMs });
const over: SweepStep = { done: true, waitMs: 0 };

const sweeps: Courses = {
  "nothing-due": { sweepPage: [over] },
  "at-a-pace": { sweepPage: [step(0), step(1_200), step(30_000), over] },
};

/** By orchestration and name. */
export const cases: Readonly<Record<string, Courses>> = { reconcile: passes, sweep: sweeps };
