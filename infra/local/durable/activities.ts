/**
 * Runs activities: at least once, on any attached host that has the function. A row leaves the store in the same
 * transaction that puts the result into the orchestration's inbox, so a result counts once, however often the
 * activity ran. An activity whose host went away is delivered again, before everything that was scheduled later.
 */
import { LinkClosed } from "../host/link.ts";
import type { WaitingOn } from "../platform/engine.ts";
import { applyFault, failureDetails, post, type Hub } from "./hub.ts";
import { isTooLarge, tooLarge } from "./limits.ts";
import { eventType, type HistoryEvent } from "./protocol.ts";
import type { ActivityRow } from "./store.ts";
import type { Slot } from "./workers.ts";

interface Delivery {
  readonly row: ActivityRow;
  heldUntilMs: number | undefined;
}

type Result = { ok: true; result: unknown } | { ok: false; message: string; stack: string };

export class Activities {
  readonly #hub: Hub;
  readonly #concurrency: number;
  /** By sequence number, in its order. */
  #queue = new Map<number, ActivityRow>();
  readonly #running = new Set<Delivery>();

  constructor(hub: Hub, concurrency: number) {
    this.#hub = hub;
    this.#concurrency = concurrency;
  }

  /** Queues an activity that is in the store. */
  add(row: ActivityRow): void {
    this.#queue.set(row.seq, row);
  }

  /** Forgets the queued activities of an instance; results of running ones will be dropped. */
  drop(instance: string): void {
    for (const row of this.#queue.values()) if (row.instance === instance) this.#queue.delete(row.seq);
  }

  clear(): void {
    this.#queue.clear();
    this.#running.clear();
  }

  pump(): void {
    for (const row of this.#queue.values()) {
      if (this.#running.size >= this.#concurrency) return;
      const slot = this.#hub.workers.choose("activity", row.name);
      if (slot === undefined) continue;
      this.#queue.delete(row.seq);
      this.#deliver(row, slot, true);
    }
  }

  waitingOn(): WaitingOn[] {
    return [
      ...[...this.#running].map((delivery) => waiting(delivery.row, delivery.heldUntilMs)),
      ...[...this.#queue.values()].map((row) => waiting(row)),
    ];
  }

  #deliver(row: ActivityRow, slot: Slot, withFaults: boolean): void {
    const delivery: Delivery = { row, heldUntilMs: undefined };
    const { epoch, context } = this.#hub;
    this.#running.add(delivery);
    void this.#run(delivery, slot, withFaults)
      .catch((error: unknown) => {
        context.log("error", "durable activity could not be recorded", { activity: row.name, error: String(error) });
        return true;
      })
      .then((isOver) => {
        this.#running.delete(delivery);
        if (epoch === this.#hub.epoch && !isOver) this.#requeue(row);
        return this.#hub.wake();
      });
  }

  /** False when it must be delivered again. */
  async #run(delivery: Delivery, slot: Slot, withFaults: boolean): Promise<boolean> {
    const { row } = delivery;
    const { epoch, workers } = this.#hub;
    const path = `activity/${row.name}`;
    const work = {
      host: slot.worker.id.split("#")[0],
      held: (untilMs: number | undefined): void => void (delivery.heldUntilMs = untilMs),
    };
    if (withFaults) {
      const before = applyFault(this.#hub, "beforeEffect", path, { ...work, kinds: ["crash", "delay", "duplicate"] });
      const effect = before instanceof Promise ? await before : before;
      if (effect === "lost") return false;
      if (effect === "twice") this.#deliver(row, slot, false);
    }
    let result: Result;
    try {
      result = await workers.call(slot, (worker) => worker.runActivity(row.name, row.instance, row.input));
    } catch (error) {
      if (error instanceof LinkClosed) return false;
      const { message, stack = "" } = error as Error;
      result = { ok: false, message, stack };
    }
    if (withFaults) {
      const after = applyFault(this.#hub, "afterEffect", path, { ...work, kinds: ["crash", "delay"] });
      if ((after instanceof Promise ? await after : after) === "lost") return false;
    }
    if (epoch !== this.#hub.epoch) return true;
    this.#record(row, result);
    if (withFaults) void applyFault(this.#hub, "afterResponse", path, { ...work, kinds: ["crash"] });
    return true;
  }

  #record(row: ActivityRow, result: Result): void {
    const { store, context } = this.#hub;
    const event = resultEvent(row, result, new Date(context.clock.now()).toISOString());
    const isFirst = store.transaction(() => {
      if (!store.removeActivity(row)) return false;
      post(store, row.instance, row.execution, event);
      return true;
    });
    if (isFirst) this.#hub.ready(row.instance);
  }

  #requeue(row: ActivityRow): void {
    if (!this.#hub.store.hasActivity(row)) return;
    const rows = [...this.#queue.values(), row].sort((one, other) => one.seq - other.seq);
    this.#queue = new Map(rows.map((queued) => [queued.seq, queued]));
  }
}

function waiting(row: ActivityRow, heldUntilMs?: number): WaitingOn {
  return {
    kind: "durable.activity",
    id: `${row.instance}/${row.taskId} ${row.name}`,
    sinceMs: row.sinceMs,
    ...(heldUntilMs === undefined ? {} : { dueMs: heldUntilMs }),
  };
}

function resultEvent(row: ActivityRow, result: Result, timestamp: string): HistoryEvent {
  const base = { EventId: -1, Timestamp: timestamp, TaskScheduledId: row.taskId };
  const failed = (message: string, stack: string): HistoryEvent => ({
    EventType: eventType.taskFailed,
    ...base,
    Reason: `Activity function '${row.name}' failed: ${message}`,
    Details: failureDetails(message, stack),
  });
  if (!result.ok) return failed(result.message, result.stack);
  const text = JSON.stringify(result.result) ?? "null";
  if (isTooLarge(text)) return failed(tooLarge("The result", text), "");
  return { EventType: eventType.taskCompleted, ...base, Result: text };
}
