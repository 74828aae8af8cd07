/**
 * Replays an action list over the history of an execution, as the Durable Functions extension does, and finds out which
 * tasks are new, which are open and how far the list has come. Pure: the same list and history give the same answer.
 *
 * Model. The list is run like a small program: one top-level action after the other, each awaited before the next
 * begins; a failed action counts as ended, for the function has already decided what its failure means. Every activity
 * attempt, sub-orchestration attempt, timer, hop of a long timer and retry timer takes the next sequence id when it
 * begins. The SDK counts the same ids for itself and never says so; the two agree only because both walk the same events
 * in the same order.
 *
 * Where the extension's walk differs from the SDK's, rule set `host` follows the extension:
 * - `Task.all` ends when all children have ended; the SDK goes on at the first failure;
 * - a cancelled timer has ended at the moment it begins, in every replay after the cancellation;
 * - retries end at `retryTimeoutInMilliseconds`; the SDK doesn't know it and waits for one more timer.
 * Rule set `sdk` walks as the SDK does; comparing the two ({@link divergence}) shows ids that have come apart.
 */
import { isTooLarge, LONG_TIMER_HOP_MS, refuseInstanceId, SHORT_TIMER_MAX_MS, tooLarge } from "./limits.ts";
import { eventType, type Action, type HistoryEvent, type RetryPolicy } from "./protocol.ts";

/** A task that took a sequence id. */
export type Task =
  | { readonly id: number; readonly kind: "activity"; readonly name: string; readonly input: string | null }
  | {
      readonly id: number;
      readonly kind: "subOrchestration";
      readonly name: string;
      readonly instanceId: string;
      readonly version: string;
      readonly input: string | null;
    }
  | { readonly id: number; readonly kind: "timer"; readonly fireAtMs: number; readonly cancelled: boolean };

export interface Execution {
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | null;
  /** Oldest first, from the start of this execution, with the events of this turn. */
  readonly history: readonly HistoryEvent[];
  readonly actions: readonly Action[];
  /** Whether the app has this function. */
  readonly knows: (kind: "activity" | "orchestrator", name: string) => boolean;
}

export interface Replay {
  /** All tasks; a task's index is its sequence id. */
  readonly tasks: readonly Task[];
  /** Tasks that the history doesn't know yet. */
  readonly fresh: readonly Task[];
  /** Tasks that have not ended. Cancelled timers are never open. */
  readonly open: readonly Task[];
  /** Top-level actions that have ended. */
  readonly ended: number;
  /** Names of the external events that are waited for. */
  readonly waiting: readonly string[];
  /** Raised events that nothing has waited for. */
  readonly unclaimed: readonly { name: string; count: number }[];
  readonly continueAsNew: { readonly input: string | null } | undefined;
  /** Why the execution must fail once its open tasks have ended: it asked for what cannot be done. */
  readonly refusal: string | undefined;
  /** Why it must fail at once: history and code don't fit. */
  readonly nonDeterminism: string | undefined;
}

type Ended = (failed: boolean) => void;
type Rules = "host" | "sdk";

export function replay(execution: Execution, rules: Rules = "host"): Replay {
  return new Walk(execution, rules).run();
}

class Walk {
  readonly #execution: Execution;
  readonly #rules: Rules;
  readonly #tasks: Task[] = [];
  readonly #open = new Map<number, Ended>();
  readonly #recorded = new Set<number>();
  /** Waiters per event name; the last one gets the next event. */
  readonly #waiters = new Map<string, Ended[]>();
  readonly #unclaimed = new Map<string, number>();
  /** Continuations of what ended while something began; run once that has begun. */
  readonly #later: (() => void)[] = [];
  #nowMs = 0;
  #ended = 0;
  #continueAsNew: { input: string | null } | undefined;
  #refusal: string | undefined;
  #nonDeterminism: string | undefined;

  constructor(execution: Execution, rules: Rules) {
    this.#execution = execution;
    this.#rules = rules;
  }

  run(): Replay {
    for (const event of this.#execution.history) {
      this.#play(event);
      for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) next();
      if (this.#nonDeterminism !== undefined) break;
    }
    const waiting: string[] = [];
    for (const [name, waiters] of this.#waiters) for (const _ of waiters) waiting.push(name);
    return {
      tasks: this.#tasks,
      fresh: this.#tasks.filter((task) => !this.#recorded.has(task.id)),
      open: this.#tasks.filter((task) => this.#open.has(task.id)),
      ended: this.#ended,
      waiting,
      unclaimed: [...this.#unclaimed].map(([name, count]) => ({ name, count })),
      continueAsNew: this.#continueAsNew,
      refusal: this.#refusal,
      nonDeterminism: this.#nonDeterminism,
    };
  }

  #play(event: HistoryEvent): void {
    switch (event.EventType) {
      case eventType.orchestratorStarted:
        this.#nowMs = Date.parse(event.Timestamp);
        return;
      case eventType.executionStarted:
        return this.#advance(0);
      case eventType.taskScheduled:
        return this.#record(event.EventId, "activity", event.Name);
      case eventType.subOrchestrationCreated:
        return this.#record(event.EventId, "subOrchestration", event.Name);
      case eventType.timerCreated:
        return this.#record(event.EventId, "timer", undefined);
      case eventType.taskCompleted:
      case eventType.subOrchestrationCompleted:
        return this.#end(event.TaskScheduledId, false);
      case eventType.taskFailed:
      case eventType.subOrchestrationFailed:
        return this.#end(event.TaskScheduledId, true);
      case eventType.timerFired:
        return this.#end(event.TimerId, false);
      case eventType.eventRaised:
        return this.#raise(event.Name);
      case eventType.orchestratorCompleted:
      case eventType.executionCompleted:
      case eventType.executionTerminated:
      case eventType.executionSuspended:
      case eventType.executionResumed:
        return;
    }
  }

  #advance(index: number): void {
    const action = this.#execution.actions[index];
    if (action === undefined) return;
    this.#begin(action, () => {
      this.#ended = index + 1;
      this.#advance(index + 1);
    });
  }

  #begin(action: Action, ended: Ended): void {
    switch (action.kind) {
      case "activity":
      case "subOrchestration":
        return this.#beginCall(action, ended);
      case "timer":
        return this.#beginTimer(action.fireAtMs, action.cancelled, ended);
      case "externalEvent":
        return this.#beginWait(action.name, ended);
      case "any":
      case "all":
        return this.#beginGroup(action, ended);
      case "continueAsNew":
        this.#continueAsNew = { input: action.input };
        this.#later.push(() => ended(false));
        return;
      case "refused":
        this.#refusal ??= `the local durable backend doesn't have ${action.what}; the product doesn't use it`;
        return;
    }
  }

  #beginCall(action: Extract<Action, { kind: "activity" | "subOrchestration" }>, ended: Ended): void {
    const refusal = this.#refuseCall(action);
    if (refusal !== undefined) {
      this.#refusal ??= refusal;
      return;
    }
    const attempt = (onEnd: Ended): void => {
      const id = this.#tasks.length;
      if (action.kind === "activity") {
        this.#schedule({ id, kind: "activity", name: action.name, input: action.input }, onEnd);
        return;
      }
      const { name, version, input } = action;
      const instanceId = action.instanceId ?? `${this.#execution.executionId}:${id}`;
      this.#schedule({ id, kind: "subOrchestration", name, instanceId, version, input }, onEnd);
    };
    if (action.retry === undefined) attempt(ended);
    else this.#beginAttempt(attempt, action.retry, 0, this.#nowMs, ended);
  }

  /** There is a timer after the last failed attempt too; the task has failed when that has fired. */
  #beginAttempt(
    begin: (onEnd: Ended) => void,
    policy: RetryPolicy,
    failures: number,
    firstMs: number,
    ended: Ended,
  ): void {
    begin((failed) => {
      if (!failed) return ended(false);
      const expired = policy.timeoutMs !== undefined && this.#nowMs >= firstMs + policy.timeoutMs;
      if (expired && this.#rules === "host") return ended(true);
      const delayMs = Math.round(Math.min(policy.firstIntervalMs * policy.backoff ** failures, policy.intervalMaxMs));
      this.#schedule(this.#timer(this.#nowMs + delayMs, false), () => {
        if (failures + 1 >= policy.attempts) ended(true);
        else this.#beginAttempt(begin, policy, failures + 1, firstMs, ended);
      });
    });
  }

  #beginTimer(fireAtMs: number, cancelled: boolean, ended: Ended): void {
    if (cancelled && this.#rules === "host") {
      const isLong = fireAtMs - this.#nowMs > SHORT_TIMER_MAX_MS;
      this.#tasks.push(this.#timer(isLong ? this.#nowMs + LONG_TIMER_HOP_MS : fireAtMs, true));
      this.#later.push(() => ended(true));
      return;
    }
    if (fireAtMs - this.#nowMs <= SHORT_TIMER_MAX_MS) {
      this.#schedule(this.#timer(fireAtMs, cancelled), ended);
      return;
    }
    const hop = (): void => {
      const leftMs = fireAtMs - this.#nowMs;
      if (leftMs <= 0) ended(false);
      else this.#schedule(this.#timer(this.#nowMs + Math.min(leftMs, LONG_TIMER_HOP_MS), cancelled), hop);
    };
    hop();
  }

  #beginWait(name: string, ended: Ended): void {
    const waiters = this.#waiters.get(name);
    if (waiters === undefined) this.#waiters.set(name, [ended]);
    else waiters.push(ended);
    const unclaimed = this.#unclaimed.get(name) ?? 0;
    if (unclaimed === 0) return;
    if (unclaimed === 1) this.#unclaimed.delete(name);
    else this.#unclaimed.set(name, unclaimed - 1);
    this.#raise(name);
  }

  #beginGroup(group: Extract<Action, { kind: "any" | "all" }>, ended: Ended): void {
    let left = group.children.length;
    let anyFailed = false;
    let hasEnded = false;
    const end = (failed: boolean): void => {
      if (hasEnded) return;
      hasEnded = true;
      ended(failed);
    };
    for (const child of group.children) {
      this.#begin(child, (failed) => {
        left -= 1;
        anyFailed ||= failed;
        if (group.kind === "any") end(false);
        else if (left === 0 || (failed && this.#rules === "sdk")) end(anyFailed);
      });
    }
  }

  #timer(fireAtMs: number, cancelled: boolean): Task {
    return { id: this.#tasks.length, kind: "timer", fireAtMs, cancelled };
  }

  #schedule(task: Task, ended: Ended): void {
    this.#tasks.push(task);
    this.#open.set(task.id, ended);
  }

  #end(id: number, failed: boolean): void {
    const ended = this.#open.get(id);
    if (ended === undefined) return; // of a cancelled timer, or a duplicate
    this.#open.delete(id);
    ended(failed);
  }

  #raise(name: string): void {
    const waiters = this.#waiters.get(name);
    const ended = waiters?.pop();
    if (ended === undefined) {
      this.#unclaimed.set(name, (this.#unclaimed.get(name) ?? 0) + 1);
      return;
    }
    if (waiters?.length === 0) this.#waiters.delete(name);
    this.#later.push(() => ended(false));
  }

  #record(id: number, kind: Task["kind"], name: string | undefined): void {
    this.#recorded.add(id);
    if (this.#rules === "sdk") return;
    const task = this.#tasks[id];
    const recorded = name === undefined ? kind : `${kind} '${name}'`;
    const replayed = task === undefined ? "nothing" : describe(task);
    if (task !== undefined && task.kind === kind && replayed === recorded) return;
    this.#nonDeterminism =
      `Non-deterministic workflow detected: an earlier turn of this orchestration scheduled ${recorded} with sequence id ` +
      `${id}, but this replay has scheduled ${replayed} with it. Was the orchestrator's code changed while the instance ran?`;
  }

  #refuseCall(action: Extract<Action, { kind: "activity" | "subOrchestration" }>): string | undefined {
    const kind = action.kind === "activity" ? "activity" : "orchestrator";
    if (!this.#execution.knows(kind, action.name)) {
      return `The function '${action.name}' doesn't exist, is disabled, or is not an ${kind} function.`;
    }
    if (isTooLarge(action.input)) return tooLarge(`The input of ${kind} '${action.name}'`, action.input);
    if (action.kind === "activity" || action.instanceId === undefined) return undefined;
    const { instanceId, parentInstanceId } = this.#execution;
    const id = action.instanceId.toLowerCase();
    if (id === instanceId.toLowerCase() || id === parentInstanceId?.toLowerCase()) {
      return `The instance ID of a sub-orchestration must be different than the instance ID of a parent orchestration (found '${action.instanceId}').`;
    }
    return refuseInstanceId(action.instanceId);
  }
}

/**
 * The first sequence id that the extension and the SDK gave to different tasks, in words; undefined while they agree.
 * From there on a task can get the result of another.
 */
export function divergence(execution: Execution, host: Replay): string | undefined {
  const sdk = replay(execution, "sdk");
  for (const task of host.tasks) {
    const other = sdk.tasks[task.id];
    if (other === undefined || (describe(other) === describe(task) && inputOf(other) === inputOf(task))) continue;
    return `sequence id ${task.id} is ${describe(task)} in the host and ${describe(other)} in the SDK`;
  }
  return undefined;
}

/** Whether ids can come apart at all: it takes a task in a group that asks for further ids after its siblings have begun. */
export function canDiverge(actions: readonly Action[]): boolean {
  return actions.some((action) => (action.kind === "any" || action.kind === "all") && takeLaterIds(action.children));
}

function takeLaterIds(actions: readonly Action[]): boolean {
  return actions.some((action) => {
    if (action.kind === "any" || action.kind === "all") return takeLaterIds(action.children);
    // Which timers are long is not known here: that depends on when they begin.
    return action.kind === "timer" || ("retry" in action && action.retry !== undefined);
  });
}

function describe(task: Task): string {
  return task.kind === "timer" ? "timer" : `${task.kind} '${task.name}'`;
}

function inputOf(task: Task): string | null {
  return task.kind === "timer" ? null : task.input;
}
