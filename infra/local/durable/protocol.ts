/**
 * The JSON that the Durable Functions extension and durable-functions 3.x exchange for one turn of an orchestrator
 * ("out-of-process protocol"): history and input go to the function, a list of actions comes back.
 *
 * The list is not a delta. It names every action since the execution began, one per `yield`; the host replays it over
 * the history (see interpreter.ts) and finds out itself what is new. Whatever is not understood here is refused by
 * name: a guess would end in sequence ids that differ from the SDK's, and one task would get the result of another.
 */
import { payloadDurations, RETRY_INTERVAL_MAX_MS } from "./limits.ts";

/** `EventType` of a history event, as the extension numbers them. */
export const eventType = {
  executionStarted: 0,
  executionCompleted: 1,
  executionTerminated: 3,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subOrchestrationCreated: 7,
  subOrchestrationCompleted: 8,
  subOrchestrationFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventRaised: 15,
  executionSuspended: 19,
  executionResumed: 20,
} as const;

type Types = typeof eventType;

/** `EventId` is the sequence id of what was scheduled or created, -1 for every other event. */
interface Event<Type extends number> {
  readonly EventType: Type;
  readonly EventId: number;
  /** ISO 8601, business time. */
  readonly Timestamp: string;
}

interface Result {
  readonly TaskScheduledId: number;
  /** JSON text; "null" where there is none, for the SDK parses it unconditionally. */
  readonly Result: string;
}

interface Failure {
  readonly TaskScheduledId: number;
  readonly Reason: string;
  readonly Details: string;
}

export type HistoryEvent =
  | (Event<Types["executionStarted"]> & { Name: string; Version: string; Input: string | null })
  | (Event<Types["executionCompleted"]> & { OrchestrationStatus: string; Result: string | null })
  | (Event<Types["executionTerminated"]> & { Input: string })
  | (Event<Types["taskScheduled"]> & { Name: string; Input: string | null })
  | (Event<Types["taskCompleted"]> & Result)
  | (Event<Types["taskFailed"]> & Failure)
  | (Event<Types["subOrchestrationCreated"]> & { Name: string; InstanceId: string; Input: string | null })
  | (Event<Types["subOrchestrationCompleted"]> & Result)
  | (Event<Types["subOrchestrationFailed"]> & Failure)
  | (Event<Types["timerCreated"]> & { FireAt: string })
  | (Event<Types["timerFired"]> & { TimerId: number; FireAt: string })
  | Event<Types["orchestratorStarted"]>
  | Event<Types["orchestratorCompleted"]>
  | (Event<Types["eventRaised"]> & { Name: string; Input: string })
  | (Event<Types["executionSuspended"]> & { Reason: string })
  | (Event<Types["executionResumed"]> & { Reason: string });

/** How a retrying task repeats; milliseconds. */
export interface RetryPolicy {
  readonly firstIntervalMs: number;
  readonly attempts: number;
  readonly backoff: number;
  readonly intervalMaxMs: number;
  /** Undefined: no limit. */
  readonly timeoutMs: number | undefined;
}

export type Action =
  | { kind: "activity"; name: string; input: string | null; retry: RetryPolicy | undefined }
  | {
      kind: "subOrchestration";
      name: string;
      /** Undefined: made of the execution id and the sequence id. */
      instanceId: string | undefined;
      version: string;
      input: string | null;
      retry: RetryPolicy | undefined;
    }
  | { kind: "continueAsNew"; input: string | null }
  | { kind: "timer"; fireAtMs: number; cancelled: boolean }
  | { kind: "externalEvent"; name: string }
  | { kind: "any" | "all"; children: readonly Action[] }
  /** Part of the protocol, but not of this backend. */
  | { kind: "refused"; what: string };

/** What one turn of the function came to. */
export interface Outcome {
  /** The orchestrator returned (or called continueAsNew). */
  readonly isDone: boolean;
  readonly actions: readonly Action[];
  /** JSON text. */
  readonly output: string;
  /** Message of what the orchestrator threw. */
  readonly error: string | undefined;
  /** JSON text; undefined leaves the custom status as it is. */
  readonly customStatus: string | undefined;
}

/** The function's answer is not what the protocol says. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ProtocolError";
  }
}

/** What durable-functions puts between the message of a failed orchestrator and the state of the turn. */
const outOfProcLabel = "\n\n$OutOfProcData$:";

/** Reads the answer of an orchestrator that returned or waits. */
export function parseOutcome(text: string): Outcome {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch (error) {
    throw new ProtocolError(`the orchestrator's answer is not JSON: ${String(error)}`);
  }
  const fields = record(state, "the orchestrator's answer");
  const { isDone, actions, output, error, customStatus } = fields;
  if (typeof isDone !== "boolean") throw new ProtocolError(`isDone: expected a boolean, found ${show(isDone)}`);
  if (!Array.isArray(actions) || actions.length !== 1 || !Array.isArray(actions[0])) {
    throw new ProtocolError(
      `actions: expected an array that holds one array (schema V2 and later), found ${show(actions)}`,
    );
  }
  return {
    isDone,
    actions: actions[0].map(readAction),
    output: JSON.stringify(output ?? null),
    error: typeof error === "string" && error !== "" ? error : undefined,
    customStatus: customStatus === undefined || customStatus === null ? undefined : JSON.stringify(customStatus),
  };
}

/** Reads the error of an orchestrator that threw; an error without the protocol's state is the whole outcome. */
export function parseFailure(error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  const at = message.lastIndexOf(outOfProcLabel);
  if (at === -1) {
    return { isDone: false, actions: [], output: "null", error: message || "no message", customStatus: undefined };
  }
  const outcome = parseOutcome(message.slice(at + outOfProcLabel.length));
  // The SDK leaves `error` out when the thrown value is not an Error or has an empty message.
  return { ...outcome, isDone: false, error: outcome.error ?? "the orchestrator threw a value without a message" };
}

/** The trigger payload of one turn. `played` and `fresh` are events rendered by {@link renderEvent}. */
export function renderPayload(turn: {
  instanceId: string;
  parentInstanceId: string | null;
  input: string | null;
  played: string;
  fresh: string;
}): string {
  const rest = {
    instanceId: turn.instanceId,
    isReplaying: turn.played !== "",
    ...(turn.parentInstanceId === null ? {} : { parentInstanceId: turn.parentInstanceId }),
    // Fixed at V2 for SDKs that know no newer one; those that do read the second: V4.
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    ...payloadDurations,
  };
  const history = turn.played === "" ? turn.fresh : `${turn.played},${turn.fresh}`;
  return `{"history":[${history}],"input":${turn.input ?? "null"},${JSON.stringify(rest).slice(1)}`;
}

/** An event as the payload carries it: whether it was played in an earlier turn is added when it is sent. */
export function renderEvent(event: HistoryEvent, isPlayed: boolean): string {
  return `{"IsPlayed":${isPlayed},${JSON.stringify(event).slice(1)}`;
}

function readAction(value: unknown): Action {
  const action = record(value, "an action");
  switch (action["actionType"]) {
    case 0:
    case 1: {
      const retry = action["actionType"] === 1 ? readRetry(action["retryOptions"]) : undefined;
      return { kind: "activity", name: text(action, "functionName"), input: inputText(action["input"]), retry };
    }
    case 2:
    case 3: {
      const { instanceId, version } = action;
      return {
        kind: "subOrchestration",
        name: text(action, "functionName"),
        instanceId: typeof instanceId === "string" && instanceId !== "" ? instanceId : undefined,
        version: typeof version === "string" ? version : "",
        input: jsonText(action["input"]),
        retry: action["actionType"] === 3 ? readRetry(action["retryOptions"]) : undefined,
      };
    }
    case 4:
      return { kind: "continueAsNew", input: jsonText(action["input"]) };
    case 5: {
      const fireAtMs = Date.parse(text(action, "fireAt"));
      if (Number.isNaN(fireAtMs))
        throw new ProtocolError(`fireAt: expected an ISO 8601 time, found ${show(action["fireAt"])}`);
      return { kind: "timer", fireAtMs, cancelled: action["isCanceled"] === true };
    }
    case 6:
      return { kind: "externalEvent", name: text(action, "externalEventName") };
    case 7:
    case 9:
      return {
        kind: "refused",
        what: `${action["actionType"] === 7 ? "callEntity" : "signalEntity"} ${text(action, "instanceId")}`,
      };
    case 8:
      return { kind: "refused", what: "callHttp" };
    case 11:
    case 12: {
      const { compoundActions } = action;
      if (!Array.isArray(compoundActions) || compoundActions.length === 0) {
        throw new ProtocolError(`compoundActions: expected a non-empty array, found ${show(compoundActions)}`);
      }
      return { kind: action["actionType"] === 11 ? "any" : "all", children: compoundActions.map(readAction) };
    }
    case 13:
    case 14:
      return { kind: "refused", what: action["actionType"] === 13 ? "df.lock" : "release of df.lock" };
    default:
      throw new ProtocolError(`actionType: expected 0 to 9 or 11 to 14, found ${show(action["actionType"])}`);
  }
}

function readRetry(value: unknown): RetryPolicy {
  const options = record(value, "retryOptions");
  const interval = (name: string): number | undefined => {
    const ms = options[name];
    if (ms === undefined || ms === null) return undefined;
    if (typeof ms !== "number" || !(ms > 0))
      throw new ProtocolError(`retryOptions.${name}: expected milliseconds above 0, found ${show(ms)}`);
    return ms;
  };
  const firstIntervalMs = interval("firstRetryIntervalInMilliseconds");
  const intervalMaxMs = interval("maxRetryIntervalInMilliseconds") ?? RETRY_INTERVAL_MAX_MS;
  const { maxNumberOfAttempts: attempts, backoffCoefficient: backoff = 1 } = options;
  if (firstIntervalMs === undefined)
    throw new ProtocolError("retryOptions.firstRetryIntervalInMilliseconds is missing");
  if (firstIntervalMs > RETRY_INTERVAL_MAX_MS || intervalMaxMs > RETRY_INTERVAL_MAX_MS) {
    throw new ProtocolError(
      `retryOptions: an interval may be at most 6 days, found ${Math.max(firstIntervalMs, intervalMaxMs)} ms`,
    );
  }
  if (typeof attempts !== "number" || attempts < 1) {
    throw new ProtocolError(`retryOptions.maxNumberOfAttempts: expected at least 1, found ${show(attempts)}`);
  }
  if (typeof backoff !== "number" || !(backoff > 0)) {
    throw new ProtocolError(`retryOptions.backoffCoefficient: expected a number above 0, found ${show(backoff)}`);
  }
  return { firstIntervalMs, attempts, backoff, intervalMaxMs, timeoutMs: interval("retryTimeoutInMilliseconds") };
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ProtocolError(`${what}: expected an object, found ${show(value)}`);
  }
  return value as Record<string, unknown>;
}

function text(action: Record<string, unknown>, name: string): string {
  const value = action[name];
  if (typeof value !== "string" || value === "")
    throw new ProtocolError(`${name}: expected text, found ${show(value)}`);
  return value;
}

/** Input of an activity as the extension hands it over: text as it is, everything else as JSON. */
function inputText(value: unknown): string | null {
  return typeof value === "string" ? value : jsonText(value);
}

function jsonText(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 200);
}
