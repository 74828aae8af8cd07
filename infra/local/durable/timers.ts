/** Durable timers: rows in the store, items on the agenda while the backend runs. */
import type { WaitingOn } from "../platform/engine.ts";
import { post, type Hub } from "./hub.ts";
import { eventType } from "./protocol.ts";
import type { TimerRow } from "./store.ts";

interface Item {
  readonly row: TimerRow;
  readonly sinceMs: number;
  readonly cancel: () => void;
}

export class Timers {
  readonly #hub: Hub;
  readonly #items = new Map<string, Map<number, Item>>();

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  /** Puts a timer that is in the store on the agenda. */
  register(row: TimerRow): void {
    const { clock } = this.#hub.context;
    const item = { kind: "durable.timer", id: `${row.instance}/${row.timerId}`, dueMs: row.dueMs };
    const scheduled = clock.schedule(item, () => this.#fire(row));
    const items = this.#items.get(row.instance) ?? new Map<number, Item>();
    items.set(row.timerId, { row, sinceMs: clock.now(), cancel: () => scheduled.cancel() });
    this.#items.set(row.instance, items);
  }

  /** Takes a timer off the agenda; the store is the caller's. */
  cancel(instance: string, timerId: number): void {
    this.#items.get(instance)?.get(timerId)?.cancel();
    this.#forget(instance, timerId);
  }

  cancelAll(instance: string): void {
    for (const item of this.#items.get(instance)?.values() ?? []) item.cancel();
    this.#items.delete(instance);
  }

  /** Forgets everything; the agenda has been cleared, or is about to be. */
  clear(): void {
    for (const instance of this.#items.keys()) this.cancelAll(instance);
  }

  waitingOn(isSuspended: (instance: string) => boolean): WaitingOn[] {
    const waiting: WaitingOn[] = [];
    for (const [instance, items] of this.#items) {
      if (isSuspended(instance)) continue;
      for (const { row, sinceMs } of items.values()) {
        waiting.push({ kind: "durable.timer", id: `${instance}/${row.timerId}`, sinceMs, dueMs: row.dueMs });
      }
    }
    return waiting;
  }

  #fire(row: TimerRow): void {
    const { store, context } = this.#hub;
    this.#forget(row.instance, row.timerId);
    store.transaction(() => {
      if (!store.removeTimer(row.instance, row.timerId)) return;
      post(store, row.instance, row.execution, {
        EventType: eventType.timerFired,
        EventId: -1,
        Timestamp: new Date(context.clock.now()).toISOString(),
        TimerId: row.timerId,
        FireAt: new Date(row.dueMs).toISOString(),
      });
    });
    this.#hub.ready(row.instance);
  }

  #forget(instance: string, timerId: number): void {
    const items = this.#items.get(instance);
    items?.delete(timerId);
    if (items?.size === 0) this.#items.delete(instance);
  }
}
