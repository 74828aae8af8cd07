/** Commits a turn: one transaction, and after it what the running backend must know of it. */
import { failureDetails, post, type Hub } from "./hub.ts";
import { refuseInstanceId } from "./limits.ts";
import type { Task } from "./interpreter.ts";
import { eventType, type HistoryEvent } from "./protocol.ts";
import { isLive, type ActivityRow, type InstanceRow, type TimerRow } from "./store.ts";
import type { Decision, End } from "./turn.ts";
import type { Turn } from "./turns.ts";

/** The parts that run what a turn schedules. */
export interface TurnTasks {
  addActivity(row: ActivityRow): void;
  addTimer(row: TimerRow): void;
  cancelTimer(instance: string, timerId: number): void;
  /** Gives up whatever is still scheduled for an instance that has ended. */
  drop(instance: string): void;
}

/** `added`: all events of the turn. False when the instance has ended or begun anew meanwhile: nothing is changed. */
export function commitTurn(
  hub: Hub,
  tasks: TurnTasks,
  turn: Turn,
  decision: Decision,
  added: readonly HistoryEvent[],
): boolean {
  const { store } = hub;
  const { row, turns } = turn.live;
  const after: (() => void)[] = [];
  const isCommitted = store.transaction(() => {
    const now = store.instance(row.id);
    if (now === undefined || now.execution !== row.execution || !isLive(now)) return false;
    if (turn.lastMessage > 0) store.removeMessages(row.id, turn.lastMessage);
    store.appendHistory(row.id, turns, added.map((event) => JSON.stringify(event)).join(","));
    for (const timerId of decision.cancelledTimers) {
      if (store.removeTimer(row.id, timerId)) after.push(() => tasks.cancelTimer(row.id, timerId));
    }
    for (const task of decision.fresh) after.push(...begin(hub, tasks, row, task, turn.nowMs));
    after.push(...conclude(hub, tasks, row, decision, turn.nowMs));
    return true;
  });
  if (isCommitted) for (const step of after) step();
  return isCommitted;
}

/** Stores a task; returns what is to be done when that is committed. */
function begin(hub: Hub, tasks: TurnTasks, row: InstanceRow, task: Task, nowMs: number): (() => void)[] {
  const { store } = hub;
  const { id: instance, execution } = row;
  switch (task.kind) {
    case "activity": {
      const activity = { instance, execution, taskId: task.id, name: task.name, input: task.input, sinceMs: nowMs };
      const seq = store.addActivity(activity);
      return [() => tasks.addActivity({ ...activity, seq })];
    }
    case "timer": {
      if (task.cancelled) return [];
      const timer = { instance, execution, timerId: task.id, dueMs: task.fireAtMs };
      store.addTimer(timer);
      return [() => tasks.addTimer(timer)];
    }
    case "subOrchestration":
      return beginChild(hub, row, task, nowMs);
  }
}

function beginChild(
  hub: Hub,
  row: InstanceRow,
  task: Extract<Task, { kind: "subOrchestration" }>,
  nowMs: number,
): (() => void)[] {
  const { store } = hub;
  const { instanceId: id, name, version, input } = task;
  const existing = store.instance(id);
  const refusal =
    refuseInstanceId(id) ??
    (existing !== undefined && isLive(existing)
      ? `An orchestration instance with the ID '${id}' and the status ${existing.status} already exists.`
      : undefined);
  if (refusal !== undefined) {
    post(store, row.id, row.execution, {
      EventType: eventType.subOrchestrationFailed,
      EventId: -1,
      Timestamp: new Date(nowMs).toISOString(),
      TaskScheduledId: task.id,
      Reason: refusal,
      Details: failureDetails(refusal, ""),
    });
    return [() => hub.ready(row.id)];
  }
  const execution = hub.newId();
  const parent = { parent: row.id, parentExecution: row.execution, parentTask: task.id };
  store.addInstance({ id, execution, name, version, input, ...parent }, nowMs);
  return [() => hub.ready(id)];
}

function conclude(hub: Hub, tasks: TurnTasks, row: InstanceRow, decision: Decision, nowMs: number): (() => void)[] {
  const { store } = hub;
  const { end, customStatus } = decision;
  if (end === undefined) {
    store.updateInstance(row.id, { status: "Running", output: null, customStatus, updatedMs: nowMs });
    return [];
  }
  if (end.status === "ContinuedAsNew") {
    store.restartInstance(row.id, hub.newId(), end.input, customStatus, nowMs);
    return [() => tasks.drop(row.id), () => hub.ready(row.id)];
  }
  const output = end.status === "Completed" ? end.output : JSON.stringify(end.reason);
  store.updateInstance(row.id, { status: end.status, output, customStatus, updatedMs: nowMs });
  store.clearWork(row.id);
  return [() => tasks.drop(row.id), ...tellParent(hub, row, end, nowMs)];
}

/** Puts the end of a sub-orchestration into its parent's inbox. To be called inside a transaction. */
export function tellParent(
  hub: Hub,
  row: InstanceRow,
  end: Exclude<End, { status: "ContinuedAsNew" }>,
  nowMs: number,
): (() => void)[] {
  const { parent, parentExecution, parentTask } = row;
  if (parent === null || parentTask === null) return [];
  const to = hub.store.instance(parent);
  if (to === undefined || to.execution !== parentExecution || !isLive(to)) return [];
  const base = { EventId: -1, Timestamp: new Date(nowMs).toISOString(), TaskScheduledId: parentTask };
  post(
    hub.store,
    parent,
    parentExecution,
    end.status === "Completed"
      ? { EventType: eventType.subOrchestrationCompleted, ...base, Result: end.output }
      : {
          EventType: eventType.subOrchestrationFailed,
          ...base,
          Reason: end.reason,
          Details: failureDetails(end.reason, ""),
        },
  );
  return [() => hub.ready(parent)];
}
