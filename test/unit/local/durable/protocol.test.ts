import { describe, expect, it } from "vitest";
import { parseFailure, parseOutcome, renderPayload } from "../../../../infra/local/durable/protocol.ts";

const state = (actions: unknown, rest: object = {}): string =>
  JSON.stringify({ isDone: false, actions: [actions], schemaVersion: 3, ...rest });
const one = (action: object): unknown => parseOutcome(state([action])).actions[0];

describe("the answer of an orchestrator", () => {
  it("is read with its defaults", () => {
    expect(parseOutcome(state([], { isDone: true }))).toEqual({
      isDone: true,
      actions: [],
      output: "null",
      error: undefined,
      customStatus: undefined,
    });
    expect(one({ actionType: 0, functionName: "a", input: { x: 1 } })).toEqual({
      kind: "activity",
      name: "a",
      input: '{"x":1}',
      retry: undefined,
    });
    expect(one({ actionType: 0, functionName: "a", input: '"text"' })).toMatchObject({ input: '"text"' });
    expect(one({ actionType: 4, input: '"text"' })).toEqual({ kind: "continueAsNew", input: '"\\"text\\""' });
    const retryOptions = { firstRetryIntervalInMilliseconds: 5, maxNumberOfAttempts: 3 };
    expect(one({ actionType: 3, functionName: "o", retryOptions })).toMatchObject({
      kind: "subOrchestration",
      instanceId: undefined,
      retry: { firstIntervalMs: 5, attempts: 3, backoff: 1, intervalMaxMs: 518_400_000, timeoutMs: undefined },
    });
  });

  it.each<[string, object | string]>([
    ["is not JSON", "{"],
    ["isDone: expected a boolean", "{}"],
    ["actions: expected an array that holds one array", '{"isDone":true,"actions":[[],[]]}'],
    ["actionType: expected 0 to 9 or 11 to 14, found 10", { actionType: 10 }],
    ["functionName: expected text, found undefined", { actionType: 0 }],
    ["fireAt: expected an ISO 8601 time", { actionType: 5, fireAt: "soon" }],
    ["compoundActions: expected a non-empty array", { actionType: 12, compoundActions: [] }],
    ["retryOptions: expected an object", { actionType: 1, functionName: "a" }],
    [
      "an interval may be at most 6 days",
      {
        actionType: 1,
        functionName: "a",
        retryOptions: { firstRetryIntervalInMilliseconds: 1e9, maxNumberOfAttempts: 1 },
      },
    ],
    [
      "maxNumberOfAttempts: expected at least 1",
      {
        actionType: 1,
        functionName: "a",
        retryOptions: { firstRetryIntervalInMilliseconds: 1, maxNumberOfAttempts: 0 },
      },
    ],
  ])("is refused: %s", (message, given) => {
    expect(() => (typeof given === "string" ? parseOutcome(given) : one(given))).toThrow(message);
  });
});

describe("the error of an orchestrator", () => {
  it("carries the state behind a label", () => {
    const error = new Error(
      `false\n\n$OutOfProcData$:${state([{ actionType: 0, functionName: "a" }], { error: "boom" })}`,
    );
    expect(parseFailure(error)).toMatchObject({ isDone: false, error: "boom", actions: [{ name: "a" }] });
  });

  it("is the whole outcome when it carries none", () => {
    expect(parseFailure(new Error("not loaded"))).toMatchObject({ error: "not loaded", actions: [] });
    const silent = new Error(`false\n\n$OutOfProcData$:${state([])}`);
    expect(parseFailure(silent).error).toBe("the orchestrator threw a value without a message");
  });
});

describe("the payload of a turn", () => {
  it("carries both schema versions and the durations", () => {
    const payload = renderPayload({
      instanceId: "i",
      parentInstanceId: null,
      input: '{"a":1}',
      played: "",
      fresh: "1,2",
    });
    expect(JSON.parse(payload)).toEqual({
      history: [1, 2],
      input: { a: 1 },
      instanceId: "i",
      isReplaying: false,
      upperSchemaVersion: 1,
      upperSchemaVersionNew: 3,
      longRunningTimerIntervalDuration: "3.00:00:00",
      maximumShortTimerDuration: "6.00:00:00",
      defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
    });
    const later = renderPayload({ instanceId: "i", parentInstanceId: "p", input: null, played: "1", fresh: "2" });
    expect(JSON.parse(later)).toMatchObject({ history: [1, 2], input: null, isReplaying: true, parentInstanceId: "p" });
  });
});
