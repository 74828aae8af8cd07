/**
 * Runs the turns of orchestrations, one at a time per instance. A turn takes the messages in the inbox, gives the
 * history with them to the function, and commits everything that comes of it in one transaction: messages out, history
 * on, tasks, children and status in. A turn that is lost on the way (the host died, the platform died) has changed
 * nothing and is run again, so orchestrations take effect once.
 */
import { LinkClosed } from "../host/link.ts";
import type { WaitingOn } from "../platform/engine.ts";
import { applyFault, type Hub } from "./hub.ts";
import { Instances, type Live } from "./instances.ts";
import { MESSAGES_PER_TURN_MAX } from "./limits.ts";
import {
  eventType,
  parseFailure,
  parseOutcome,
  ProtocolError,
  renderEvent,
  renderPayload,
  type HistoryEvent,
  type Outcome,
} from "./protocol.ts";
import { decideTurn } from "./turn.ts";
import { isLive, type InstanceRow } from "./store.ts";
import type { Slot } from "./workers.ts";
import { commitTurn, type TurnTasks } from "./commit.ts";

interface Running {
  readonly sinceMs: number;
  heldUntilMs: number | undefined;
}

/** What a turn was begun with. */
export interface Turn {
  readonly live: Live;
  /** OrchestratorStarted, the start of the execution in its first turn, the messages. */
  readonly events: readonly HistoryEvent[];
  /** Sequence number of the last message taken; 0 when there was none. */
  readonly lastMessage: number;
  readonly nowMs: number;
}

export class Turns {
  readonly #hub: Hub;
  readonly #tasks: TurnTasks;
  readonly #concurrency: number;
  readonly instances: Instances;
  /** Instances that have something to do, with the business time since when. */
  readonly #ready = new Map<string, number>();
  readonly #running = new Map<string, Running>();
  readonly #suspended = new Set<string>();
  /** Orchestrators that no attached host has, as far as that has been said. */
  readonly #missing = new Set<string>();

  constructor(hub: Hub, tasks: TurnTasks, concurrency: number) {
    this.#hub = hub;
    this.#tasks = tasks;
    this.#concurrency = concurrency;
    this.instances = new Instances(hub.store);
  }

  ready(id: string): void {
    if (!this.#ready.has(id)) this.#ready.set(id, this.#hub.context.clock.now());
  }

  suspend(id: string, suspended: boolean): void {
    if (suspended) this.#suspended.add(id);
    else this.#suspended.delete(id);
  }

  isSuspended(id: string): boolean {
    return this.#suspended.has(id);
  }

  /** The instance has ended or is gone. */
  forget(id: string): void {
    this.#ready.delete(id);
    this.#suspended.delete(id);
    this.instances.forget(id);
  }

  clear(): void {
    this.#ready.clear();
    this.#running.clear();
    this.#suspended.clear();
    this.#missing.clear();
    this.instances.clear();
  }

  pump(): void {
    for (const [id, sinceMs] of this.#ready) {
      if (this.#running.size >= this.#concurrency) return;
      if (this.#running.has(id) || this.#suspended.has(id)) continue;
      const row = this.#hub.store.instance(id);
      if (row === undefined || !isLive(row)) {
        this.#ready.delete(id);
        continue;
      }
      const slot = this.#hub.workers.choose("orchestrator", row.name);
      if (slot === undefined) {
        this.#sayMissing(row);
        continue;
      }
      this.#ready.delete(id);
      this.#start(row, slot, sinceMs);
    }
  }

  waitingOn(): WaitingOn[] {
    const waiting: WaitingOn[] = [];
    for (const [id, { sinceMs, heldUntilMs }] of this.#running) {
      waiting.push({ kind: "durable.turn", id, sinceMs, ...(heldUntilMs === undefined ? {} : { dueMs: heldUntilMs }) });
    }
    for (const [id, sinceMs] of this.#ready) {
      if (!this.#running.has(id) && !this.#suspended.has(id)) waiting.push({ kind: "durable.turn", id, sinceMs });
    }
    return waiting;
  }

  #start(row: InstanceRow, slot: Slot, sinceMs: number): void {
    const running: Running = { sinceMs, heldUntilMs: undefined };
    const { epoch, context } = this.#hub;
    this.#running.set(row.id, running);
    void this.#run(row, slot, running)
      .catch((error: unknown) => {
        context.log("error", "durable turn could not be committed", { instanceId: row.id, error: String(error) });
        return true;
      })
      .then((isOver) => {
        if (this.#running.get(row.id) === running) this.#running.delete(row.id);
        if (epoch === this.#hub.epoch && !isOver) this.ready(row.id);
        return this.#hub.wake();
      });
  }

  /** False when the turn must be run again. */
  async #run(row: InstanceRow, slot: Slot, running: Running): Promise<boolean> {
    const { epoch, workers } = this.#hub;
    const path = `orchestrator/${row.name}`;
    const work = {
      host: slot.worker.id.split("#")[0],
      held: (untilMs: number | undefined): void => void (running.heldUntilMs = untilMs),
    };
    const before = applyFault(this.#hub, "beforeEffect", path, { ...work, kinds: ["crash", "delay"] });
    if ((before instanceof Promise ? await before : before) === "lost") return false;
    const turn = this.#take(row.id);
    if (turn === undefined) return true;
    let outcome: Outcome;
    try {
      const payload = payloadOf(turn);
      outcome = parseOutcome(await workers.call(slot, (worker) => worker.runOrchestrator(row.name, row.id, payload)));
    } catch (error) {
      if (error instanceof LinkClosed) return false;
      outcome = failedOutcome(error);
    }
    const after = applyFault(this.#hub, "afterEffect", path, { ...work, kinds: ["crash", "delay"] });
    if ((after instanceof Promise ? await after : after) === "lost") return false;
    if (epoch !== this.#hub.epoch) return true;
    this.#commit(turn, outcome, slot);
    void applyFault(this.#hub, "afterResponse", path, { ...work, kinds: ["crash"] });
    return true;
  }

  /** Reads what the turn begins with; undefined when there is nothing to do after all. */
  #take(id: string): Turn | undefined {
    const { store, context } = this.#hub;
    const live = this.instances.get(id);
    if (live === undefined || !isLive(live.row)) return undefined;
    const { row } = live;
    const messages = store.messages(id, MESSAGES_PER_TURN_MAX);
    if (messages.length === MESSAGES_PER_TURN_MAX) this.ready(id);
    const lastMessage = messages.at(-1)?.seq ?? 0;
    const current = messages.filter(({ execution }) => execution === null || execution === row.execution);
    if (current.length === 0 && row.started === 1) {
      if (lastMessage > 0) store.removeMessages(id, lastMessage);
      return undefined;
    }
    const nowMs = Math.max(context.clock.now(), lastTurnMs(live));
    const Timestamp = new Date(nowMs).toISOString();
    const events: HistoryEvent[] = [{ EventType: eventType.orchestratorStarted, EventId: -1, Timestamp }];
    if (row.started === 0) {
      const { name: Name, version: Version, input: Input } = row;
      events.push({ EventType: eventType.executionStarted, EventId: -1, Timestamp, Name, Version, Input });
    }
    for (const { event } of current) events.push(JSON.parse(event) as HistoryEvent);
    return { live, events, lastMessage, nowMs };
  }

  #commit(turn: Turn, outcome: Outcome, slot: Slot): void {
    const { live, events } = turn;
    const { row } = live;
    const { workers, context } = this.#hub;
    const decision = decideTurn({
      name: row.name,
      instanceId: row.id,
      executionId: row.execution,
      parentInstanceId: row.parent,
      history: [...live.events, ...events],
      knows: (kind, name) => workers.knows(kind, name, slot),
      outcome,
      customStatus: row.customStatus,
      nowMs: turn.nowMs,
    });
    const added = [...events, ...decision.events];
    if (!commitTurn(this.#hub, this.#tasks, turn, decision, added)) return;
    for (const { message, fields } of decision.warnings) {
      if (live.warned.has(message)) continue;
      live.warned.add(message);
      context.log("warn", message, { instanceId: row.id, orchestrator: row.name, ...fields });
    }
    if (decision.end === undefined) this.instances.keep(live, added);
    else if (decision.end.status === "ContinuedAsNew") this.instances.forget(row.id);
    else this.forget(row.id);
  }

  #sayMissing(row: InstanceRow): void {
    if (this.#hub.workers.isEmpty || this.#missing.has(row.name)) return;
    this.#missing.add(row.name);
    this.#hub.context.log("warn", "no attached host has the orchestrator of a live instance; it waits", {
      orchestrator: row.name,
      instanceId: row.id,
    });
  }
}

/** The function's clock never goes back within an execution: the SDK keeps the latest time that it has seen. */
function lastTurnMs(live: Live): number {
  const last = live.events.findLast((event) => event.EventType === eventType.orchestratorStarted);
  return last === undefined ? 0 : Date.parse(last.Timestamp);
}

function payloadOf(turn: Turn): string {
  const { row, played } = turn.live;
  return renderPayload({
    instanceId: row.id,
    parentInstanceId: row.parent,
    input: row.input,
    played,
    fresh: turn.events.map((event) => renderEvent(event, false)).join(","),
  });
}

function failedOutcome(error: unknown): Outcome {
  if (error instanceof ProtocolError) {
    return { isDone: false, actions: [], output: "null", error: error.message, customStatus: undefined };
  }
  try {
    return parseFailure(error);
  } catch (unreadable) {
    return failedOutcome(unreadable instanceof ProtocolError ? unreadable : new ProtocolError(String(unreadable)));
  }
}
