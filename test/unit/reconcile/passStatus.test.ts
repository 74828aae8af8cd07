import { describe, expect, it } from "vitest";
import { passStatusOf } from "../../../shared/reconcile/passStatus.ts";
import { passPicture } from "../../../shared/view/passPicture.ts";
import { PassBench } from "../../support/passBench.ts";

const { key, pk, nowMs } = new PassBench();
const at = (second: number): string => `2026-11-21T10:00:${String(second).padStart(2, "0")}.000Z`;
const done = (name: string, from: number, to: number) => ({
  EventType: "TaskCompleted",
  FunctionName: name,
  ScheduledTime: at(from),
  Timestamp: at(to),
});
const status = (more: object): object => ({
  runtimeStatus: "Completed",
  createdTime: "2026-11-21T10:00:00Z",
  lastUpdatedTime: "2026-11-21T10:00:30Z",
  output: null,
  ...more,
});

describe("what the backend says of a pass", () => {
  it("becomes its steps, with the waits between them", () => {
    const historyEvents = [
      { EventType: "ExecutionStarted", FunctionName: "reconcile", Timestamp: at(0) },
      done("look", 0, 2),
      { EventType: "TimerFired", FireAt: at(10), Timestamp: at(10) },
      {
        EventType: "TaskFailed",
        FunctionName: "apply",
        ScheduledTime: at(10),
        Timestamp: at(12),
        Reason: "Unavailable: x",
      },
      { EventType: "ExecutionCompleted", OrchestrationStatus: "Completed", Timestamp: at(13) },
    ];
    const pass = passStatusOf(key, status({ historyEvents }), nowMs);
    expect(pass).toMatchObject({ pk, state: "Completed", failure: null, leftOut: 0, startedAt: at(0) });
    expect(pass.steps).toEqual([
      { name: "look", from: at(0), to: at(2), failure: null },
      { name: "wait", from: at(2), to: at(10), failure: null },
      { name: "apply", from: at(10), to: at(12), failure: "Unavailable: x" },
    ]);
  });

  it("is bounded, and keeps the last steps", () => {
    const historyEvents = Array.from({ length: 400 }, (_, index) => done("look", index % 60, index % 60));
    const pass = passStatusOf(
      key,
      status({ historyEvents, runtimeStatus: "Failed", output: "x".repeat(9_000) }),
      nowMs,
    );
    expect([pass.steps.length, pass.leftOut, pass.failure?.length]).toEqual([150, 250, 500]);
  });

  it("is unknown where the backend knows of none, and no guess where an event is odd", () => {
    expect(passStatusOf(key, undefined, nowMs)).toMatchObject({ state: null, steps: [], startedAt: null });
    const historyEvents = [null, { EventType: "TaskCompleted" }, { EventType: "TimerFired", Timestamp: "never" }];
    expect(passStatusOf(key, status({ historyEvents }), nowMs).steps).toEqual([]);
    expect(() => passStatusOf(key, { odd: true }, nowMs)).toThrow("durable status at runtimeStatus: found nothing");
  });
});

describe("the picture of a pass", () => {
  const step = (name: string, from: number, to: number, failure: string | null = null) => ({
    name,
    from: at(from),
    to: at(to),
    failure,
  });

  it("is none without steps, and a bar, a dash and a failure otherwise", () => {
    expect(passPicture([], null, null)).toBeNull();
    const steps = [step("look", 0, 10), step("wait", 10, 30), step("apply", 30, 40, "refused")];
    const text = passPicture(steps, at(0), at(40))!.toString();
    expect(text).toContain('aria-label="3 steps in 40 s, 1 failed: look, wait, apply, from top to bottom"');
    expect(text).toMatch(/<rect\s+class="bar0"\s+x="0"[^>]*width="250"/);
    expect(text).toMatch(/<line\s+class="wait0"\s+x1="250"\s+x2="750"/);
    expect(text).toMatch(/<rect\s+class="bad"\s+x="750"[^>]*width="250"/);
  });

  it("shows a step that took no time, and none outside of it", () => {
    const text = passPicture([step("look", 5, 5)], at(5), at(5))!.toString();
    expect(text).toMatch(/x="0"[^>]*width="4"/);
    const late = passPicture([step("look", 0, 0), step("apply", 40, 40)], at(0), at(40))!.toString();
    expect(late).toMatch(/x="996"[^>]*width="4"/);
  });
});
