import { describe, expect, it } from "vitest";
import { divergence, replay, type Execution } from "../../../../infra/local/durable/interpreter.ts";
import {
  eventType,
  type Action,
  type HistoryEvent,
  type RetryPolicy,
} from "../../../../infra/local/durable/protocol.ts";

const second = 1000;
const day = 86_400_000;
const startMs = Date.parse("2026-03-02T08:00:00.000Z");
const at = (ms: number): string => new Date(startMs + ms).toISOString();

const turn = (ms: number): HistoryEvent => ({
  EventType: eventType.orchestratorStarted,
  EventId: -1,
  Timestamp: at(ms),
});
const begin = (): HistoryEvent[] => [
  turn(0),
  { EventType: eventType.executionStarted, EventId: -1, Timestamp: at(0), Name: "o", Version: "", Input: null },
];
const scheduled = (id: number, name = "a"): HistoryEvent => ({
  EventType: eventType.taskScheduled,
  EventId: id,
  Timestamp: at(0),
  Name: name,
  Input: null,
});
const completed = (id: number): HistoryEvent => ({
  EventType: eventType.taskCompleted,
  EventId: -1,
  Timestamp: at(0),
  TaskScheduledId: id,
  Result: "null",
});
const failed = (id: number): HistoryEvent => ({
  EventType: eventType.taskFailed,
  EventId: -1,
  Timestamp: at(0),
  TaskScheduledId: id,
  Reason: "",
  Details: "",
});
const created = (id: number): HistoryEvent => ({
  EventType: eventType.timerCreated,
  EventId: id,
  Timestamp: at(0),
  FireAt: at(0),
});
const fired = (id: number): HistoryEvent => ({
  EventType: eventType.timerFired,
  EventId: -1,
  Timestamp: at(0),
  TimerId: id,
  FireAt: at(0),
});
const raised = (name: string): HistoryEvent => ({
  EventType: eventType.eventRaised,
  EventId: -1,
  Timestamp: at(0),
  Name: name,
  Input: "1",
});

const activity = (name = "a", retry?: RetryPolicy): Action => ({ kind: "activity", name, input: null, retry });
const timer = (ms: number, cancelled = false): Action => ({ kind: "timer", fireAtMs: startMs + ms, cancelled });
const event = (name: string): Action => ({ kind: "externalEvent", name });
const all = (...children: Action[]): Action => ({ kind: "all", children });
const any = (...children: Action[]): Action => ({ kind: "any", children });
const policy = (given: Partial<RetryPolicy> = {}): RetryPolicy => ({
  firstIntervalMs: second,
  attempts: 2,
  backoff: 2,
  intervalMaxMs: 6 * day,
  timeoutMs: undefined,
  ...given,
});

const execution = (history: HistoryEvent[], ...actions: Action[]): Execution => ({
  instanceId: "i",
  executionId: "e",
  parentInstanceId: null,
  history,
  actions,
  knows: () => true,
});
const kinds = (tasks: readonly { id: number; kind: string }[]): string[] =>
  tasks.map(({ id, kind }) => `${id} ${kind}`);

const nonDeterminism = (history: HistoryEvent[], ...actions: Action[]): string | undefined =>
  replay(execution([...begin(), ...history], ...actions)).nonDeterminism;

describe("sequence ids", () => {
  it("are given one action after the other, each when the one before has ended", () => {
    const first = replay(execution(begin(), activity("a"), activity("b")));
    expect(kinds(first.fresh)).toEqual(["0 activity"]);
    const second = replay(execution([...begin(), scheduled(0), turn(1), completed(0)], activity("a"), activity("b")));
    expect(second.fresh).toEqual([{ id: 1, kind: "activity", name: "b", input: null }]);
    expect(second).toMatchObject({ ended: 1, waiting: [], unclaimed: [] });
  });

  it("are given to all children of a group in their order", () => {
    const found = replay(execution(begin(), all(activity(), any(timer(5), event("x")), timer(10 * day))));
    expect(found.fresh).toEqual([
      { id: 0, kind: "activity", name: "a", input: null },
      { id: 1, kind: "timer", fireAtMs: startMs + 5, cancelled: false },
      { id: 2, kind: "timer", fireAtMs: startMs + 3 * day, cancelled: false },
    ]);
    expect(found.waiting).toEqual(["x"]);
  });

  it("of a retry: one per attempt and one per timer, also after the last failure", () => {
    const retrying = activity("a", policy());
    const history = [...begin(), scheduled(0), turn(0), failed(0)];
    expect(replay(execution(history, retrying)).fresh).toEqual([
      { id: 1, kind: "timer", fireAtMs: startMs + second, cancelled: false },
    ]);
    history.push(created(1), turn(second), fired(1), scheduled(2), turn(second), failed(2));
    const last = replay(execution(history, retrying, activity("next")));
    expect(last.fresh).toEqual([{ id: 3, kind: "timer", fireAtMs: startMs + 3 * second, cancelled: false }]);
    expect(last.ended).toBe(0);
    history.push(created(3), turn(3 * second), fired(3));
    expect(kinds(replay(execution(history, retrying, activity("next"))).fresh)).toEqual(["4 activity"]);
  });

  it("of a retry that has timed out: the host ends it, the SDK waits for one more timer", () => {
    const action = activity("a", policy({ timeoutMs: 500 }));
    const expired = execution([...begin(), scheduled(0), turn(second), failed(0)], action);
    expect(replay(expired)).toMatchObject({ ended: 1, fresh: [], open: [] });
    expect(kinds(replay(expired, "sdk").open)).toEqual(["1 timer"]);
  });

  it("of a long timer: one per hop of 3 days", () => {
    const long = timer(8 * day);
    const history = [...begin(), created(0), turn(3 * day), fired(0)];
    expect(replay(execution(history, long)).fresh).toMatchObject([{ id: 1, fireAtMs: startMs + 6 * day }]);
    history.push(created(1), turn(6 * day), fired(1));
    expect(replay(execution(history, long)).fresh).toMatchObject([{ id: 2, fireAtMs: startMs + 8 * day }]);
    history.push(created(2), turn(8 * day), fired(2));
    expect(replay(execution(history, long))).toMatchObject({ ended: 1, fresh: [] });
    expect(replay(execution(begin(), timer(6 * day))).fresh).toMatchObject([{ fireAtMs: startMs + 6 * day }]);
  });

  it("of a sub-orchestration make its default instance id", () => {
    const sub: Action = {
      kind: "subOrchestration",
      name: "o",
      instanceId: undefined,
      version: "",
      input: null,
      retry: undefined,
    };
    expect(replay(execution(begin(), sub)).fresh).toMatchObject([{ instanceId: "e:0" }]);
    const own = replay(execution(begin(), { ...sub, instanceId: "I" }));
    expect(own).toMatchObject({ fresh: [], refusal: expect.stringContaining("must be different") });
    expect(replay(execution(begin(), { ...sub, instanceId: "@x" })).refusal).toContain("must not start with @");
  });
});

describe("cancelled timers", () => {
  it("take an id and are not open; a race with one has ended as soon as it begins", () => {
    const found = replay(execution(begin(), any(activity(), timer(5, true)), activity("next")));
    expect(kinds(found.tasks)).toEqual(["0 activity", "1 timer", "2 activity"]);
    expect(kinds(found.open)).toEqual(["0 activity", "2 activity"]);
  });

  it("beside a retry pull the ids of host and SDK apart", () => {
    const race = [any(activity("a", policy()), timer(60, true)), activity("next")] as const;
    const history = [...begin(), scheduled(0), created(1), turn(0), failed(0)];
    const apart = execution([...history, created(2), turn(1), fired(2), scheduled(3), turn(1), completed(3)], ...race);
    const host = replay(apart);
    expect(host.nonDeterminism).toContain(
      "scheduled timer with sequence id 2, but this replay has scheduled activity 'next'",
    );
    expect(divergence(apart, host)).toContain("sequence id 2 is activity 'next' in the host and timer in the SDK");
  });
});

describe("external events", () => {
  it("are kept for a later waiter, first in first out", () => {
    const found = replay(execution([...begin(), turn(1), raised("x"), raised("x"), raised("y")], activity()));
    expect(found.unclaimed).toEqual([
      { name: "x", count: 2 },
      { name: "y", count: 1 },
    ]);
    const claimed = replay(
      execution(
        [...begin(), scheduled(0), turn(1), raised("x"), raised("y"), completed(0)],
        activity(),
        event("x"),
        event("y"),
      ),
    );
    expect(claimed).toMatchObject({ ended: 3, unclaimed: [], waiting: [] });
  });

  it("go to the waiter that came last", () => {
    const pair = all(all(event("x"), activity("first")), all(event("x"), activity("second")));
    const found = replay(execution([...begin(), turn(1), raised("x")], pair));
    expect(found.waiting).toEqual(["x"]);
  });
});

describe("refusals", () => {
  it("name what is unknown, too large or not served", () => {
    const unknown = { ...execution(begin(), activity("b")), knows: () => false };
    expect(replay(unknown).refusal).toBe(
      "The function 'b' doesn't exist, is disabled, or is not an activity function.",
    );
    const large: Action = { kind: "activity", name: "a", input: "x".repeat(2 ** 20 + 1), retry: undefined };
    expect(replay(execution(begin(), large)).refusal).toContain("has 1048577 bytes");
    expect(replay(execution(begin(), { kind: "refused", what: "callHttp" })).refusal).toContain(
      "doesn't have callHttp",
    );
  });

  it("find changed code by kind, by name and by absence", () => {
    expect(nonDeterminism([scheduled(0)], timer(5))).toContain(
      "activity 'a' with sequence id 0, but this replay has scheduled timer",
    );
    expect(nonDeterminism([scheduled(0)], activity("b"))).toContain("has scheduled activity 'b'");
    expect(nonDeterminism([scheduled(0), created(1)], activity("a"))).toContain("has scheduled nothing");
    expect(nonDeterminism([scheduled(0)], activity("a"))).toBeUndefined();
  });
});
