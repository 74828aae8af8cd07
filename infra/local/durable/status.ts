/** Instances and histories as the management API shows them. */
import { eventType, type HistoryEvent } from "./protocol.ts";
import type { InstanceRow, RuntimeStatus } from "./store.ts";

/** Times with a precision of a second, as the extension writes them. */
function seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function describeInstance(row: InstanceRow, runtimeStatus: RuntimeStatus, showInput: boolean): object {
  return {
    name: row.name,
    instanceId: row.id,
    runtimeStatus,
    input: showInput ? parse(row.input) : null,
    customStatus: parse(row.customStatus),
    output: parse(row.output),
    createdTime: seconds(row.createdMs),
    lastUpdatedTime: seconds(row.updatedMs),
  };
}

/** Starts and ends of tasks are one entry, and the turns themselves are left out, as the extension does it. */
export function describeHistory(turns: readonly string[], showOutput: boolean): object[] {
  const events = turns.flatMap((text) => JSON.parse(`[${text}]`) as HistoryEvent[]);
  const scheduled = new Map<number, { FunctionName: string; ScheduledTime: string }>();
  const shown: object[] = [];
  for (const event of events) {
    if (event.EventType === eventType.taskScheduled || event.EventType === eventType.subOrchestrationCreated) {
      scheduled.set(event.EventId, { FunctionName: event.Name, ScheduledTime: event.Timestamp });
      continue;
    }
    const fields = describeEvent(event, scheduled, showOutput);
    if (fields !== undefined) shown.push({ ...fields, Timestamp: event.Timestamp });
  }
  return shown;
}

function describeEvent(
  event: HistoryEvent,
  scheduled: ReadonlyMap<number, object>,
  showOutput: boolean,
): object | undefined {
  const result = (text: string | null): object => (showOutput ? { Result: parse(text) } : {});
  switch (event.EventType) {
    case eventType.executionStarted:
      return { EventType: "ExecutionStarted", FunctionName: event.Name };
    case eventType.executionCompleted:
      return {
        EventType: "ExecutionCompleted",
        OrchestrationStatus: event.OrchestrationStatus,
        ...result(event.Result),
      };
    case eventType.executionTerminated:
      return { EventType: "ExecutionTerminated", Reason: parse(event.Input) };
    case eventType.taskCompleted:
      return { EventType: "TaskCompleted", ...scheduled.get(event.TaskScheduledId), ...result(event.Result) };
    case eventType.taskFailed:
      return {
        EventType: "TaskFailed",
        ...scheduled.get(event.TaskScheduledId),
        Reason: event.Reason,
        Details: event.Details,
      };
    case eventType.subOrchestrationCompleted:
      return {
        EventType: "SubOrchestrationInstanceCompleted",
        ...scheduled.get(event.TaskScheduledId),
        ...result(event.Result),
      };
    case eventType.subOrchestrationFailed:
      return {
        EventType: "SubOrchestrationInstanceFailed",
        ...scheduled.get(event.TaskScheduledId),
        Reason: event.Reason,
      };
    case eventType.timerFired:
      return { EventType: "TimerFired", FireAt: event.FireAt };
    case eventType.eventRaised:
      return { EventType: "EventRaised", Name: event.Name, ...(showOutput ? { Input: parse(event.Input) } : {}) };
    case eventType.executionSuspended:
      return { EventType: "ExecutionSuspended", Reason: event.Reason };
    case eventType.executionResumed:
      return { EventType: "ExecutionResumed", Reason: event.Reason };
    case eventType.taskScheduled:
    case eventType.subOrchestrationCreated:
    case eventType.timerCreated:
    case eventType.orchestratorStarted:
    case eventType.orchestratorCompleted:
      return undefined;
  }
}

function parse(json: string | null): unknown {
  return json === null ? null : (JSON.parse(json) as unknown);
}
