/**
 * Decides what one turn of an orchestration comes to: from the function's outcome and the replay of its actions to the
 * events, tasks and status that are to be committed, and the warnings that the real host doesn't give. Pure.
 *
 * An orchestration ends when its function has returned or thrown, the host has come through the whole action list, and
 * no task is open: a timer that nobody cancelled keeps it Running, as in Azure.
 */
import { canDiverge, divergence, replay, type Execution, type Replay, type Task } from "./interpreter.ts";
import { CUSTOM_STATUS_CHARS_MAX, isTooLarge, tooLarge } from "./limits.ts";
import { eventType, type HistoryEvent, type Outcome } from "./protocol.ts";

export interface TurnInput extends Omit<Execution, "actions"> {
  readonly name: string;
  readonly outcome: Outcome;
  /** JSON text. */
  readonly customStatus: string | null;
  /** Business time of the turn, milliseconds since the epoch. */
  readonly nowMs: number;
}

export interface Warning {
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

export type End =
  | { readonly status: "Completed"; readonly output: string }
  | { readonly status: "Failed"; readonly reason: string }
  | { readonly status: "ContinuedAsNew"; readonly input: string | null };

export interface Decision {
  /** What the turn adds to the history behind the messages that it took. */
  readonly events: readonly HistoryEvent[];
  readonly fresh: readonly Task[];
  /** Sequence ids of timers that need not fire any more. */
  readonly cancelledTimers: readonly number[];
  /** Undefined: it goes on. */
  readonly end: End | undefined;
  readonly customStatus: string | null;
  readonly warnings: readonly Warning[];
}

export const warnings = {
  heldByTimer: "orchestration has ended but stays Running until a timer fires that was not cancelled",
  heldByEvent: "orchestration has ended but stays Running until an event that Task.all still waits for",
  diverged: "orchestration's sequence ids differ between host and SDK: a task can get the result of another",
  stuck: "orchestration is stuck: it waits, but nothing is outstanding",
  eventsDiscarded: "continueAsNew discards events that were raised and not waited for",
} as const;

export function decideTurn(turn: TurnInput): Decision {
  const { outcome } = turn;
  const execution: Execution = { ...turn, actions: outcome.actions };
  const result = replay(execution);
  const refusal = result.refusal ?? refuseSizes(turn.outcome);
  const end = decideEnd(turn, result, refusal);
  const timestamp = new Date(turn.nowMs).toISOString();
  const fresh = end === undefined ? result.fresh : [];
  const events: HistoryEvent[] = fresh.map((task) => scheduledEvent(task, timestamp));
  if (end !== undefined) {
    const output =
      end.status === "Completed" ? end.output : end.status === "Failed" ? JSON.stringify(end.reason) : end.input;
    events.push({
      EventType: eventType.executionCompleted,
      EventId: result.tasks.length,
      Timestamp: timestamp,
      OrchestrationStatus: end.status,
      Result: output,
    });
  }
  events.push({ EventType: eventType.orchestratorCompleted, EventId: -1, Timestamp: timestamp });
  return {
    events,
    fresh,
    cancelledTimers: result.tasks.filter((task) => task.kind === "timer" && task.cancelled).map((task) => task.id),
    end,
    customStatus: outcome.customStatus ?? turn.customStatus,
    warnings: findWarnings(execution, outcome, result, refusal, end),
  };
}

function decideEnd(turn: TurnInput, result: Replay, refusal: string | undefined): End | undefined {
  const { outcome, name } = turn;
  const fail = (message: string): End => ({
    status: "Failed",
    reason: `Orchestrator function '${name}' failed: ${message}`,
  });
  if (result.nonDeterminism !== undefined) return fail(result.nonDeterminism);
  if (result.open.length > 0) return undefined;
  if (refusal !== undefined) return fail(refusal);
  if (result.ended < outcome.actions.length) return undefined;
  if (outcome.error !== undefined) return fail(outcome.error);
  if (!outcome.isDone) return undefined;
  if (result.continueAsNew !== undefined) return { status: "ContinuedAsNew", input: result.continueAsNew.input };
  return { status: "Completed", output: outcome.output };
}

function refuseSizes({ customStatus, output }: Outcome): string | undefined {
  if (customStatus !== undefined && customStatus.length > CUSTOM_STATUS_CHARS_MAX) {
    return `The custom status may be at most 16 KB of UTF-16, found ${Math.ceil((customStatus.length * 2) / 1024)} KB.`;
  }
  return isTooLarge(output) ? tooLarge("The output", output) : undefined;
}

function findWarnings(
  execution: Execution,
  outcome: Outcome,
  result: Replay,
  refusal: string | undefined,
  end: End | undefined,
): Warning[] {
  const found: Warning[] = [];
  const hasReturned = outcome.isDone || outcome.error !== undefined;
  if (end === undefined && refusal === undefined) {
    if (hasReturned && result.open.length > 0 && result.open.every((task) => task.kind === "timer")) {
      const due = result.open.map((task) => (task.kind === "timer" ? new Date(task.fireAtMs).toISOString() : ""));
      found.push({ message: warnings.heldByTimer, fields: { due } });
    }
    if (result.open.length === 0 && (hasReturned || result.waiting.length === 0)) {
      const isHeld = hasReturned && result.waiting.length > 0;
      found.push({
        message: isHeld ? warnings.heldByEvent : warnings.stuck,
        fields: { waitingForEvents: result.waiting },
      });
    }
  }
  if (end?.status === "ContinuedAsNew" && result.unclaimed.length > 0) {
    found.push({ message: warnings.eventsDiscarded, fields: { events: result.unclaimed } });
  }
  if (canDiverge(outcome.actions)) {
    const difference = divergence(execution, result);
    if (difference !== undefined) found.push({ message: warnings.diverged, fields: { difference } });
  }
  return found;
}

function scheduledEvent(task: Task, timestamp: string): HistoryEvent {
  const base = { EventId: task.id, Timestamp: timestamp };
  switch (task.kind) {
    case "activity":
      return { EventType: eventType.taskScheduled, ...base, Name: task.name, Input: task.input };
    case "subOrchestration": {
      const { name, instanceId, input } = task;
      return {
        EventType: eventType.subOrchestrationCreated,
        ...base,
        Name: name,
        InstanceId: instanceId,
        Input: input,
      };
    }
    case "timer":
      return { EventType: eventType.timerCreated, ...base, FireAt: new Date(task.fireAtMs).toISOString() };
  }
}
