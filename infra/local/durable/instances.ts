/** Parsed histories of live instances, so that a turn need not read and parse what the last one wrote. */
import { CACHED_INSTANCES_MAX } from "./limits.ts";
import { renderEvent, type HistoryEvent } from "./protocol.ts";
import type { InstanceRow, Store } from "./store.ts";

export interface Live {
  row: InstanceRow;
  readonly events: HistoryEvent[];
  /** The events as the payload carries them, joined by commas. */
  played: string;
  /** Turns in the history; the next one gets this number. */
  turns: number;
  /** Warnings that this execution has caused already. */
  readonly warned: Set<string>;
}

export class Instances {
  readonly #store: Store;
  /** The one used longest ago comes first. */
  readonly #live = new Map<string, Live>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The instance with its history; undefined when there is none. */
  get(id: string): Live | undefined {
    const row = this.#store.instance(id);
    if (row === undefined) return undefined;
    const cached = this.#live.get(id);
    if (cached !== undefined && cached.row.execution === row.execution) {
      cached.row = row;
      return cached;
    }
    const turns = this.#store.history(id);
    const events = turns.flatMap((text) => JSON.parse(`[${text}]`) as HistoryEvent[]);
    return { row, events, played: renderPlayed(events), turns: turns.length, warned: new Set() };
  }

  /** Keeps what a committed turn has made of an instance. */
  keep(live: Live, added: readonly HistoryEvent[]): void {
    for (const event of added) live.events.push(event);
    const text = renderPlayed(added);
    live.played = live.played === "" ? text : `${live.played},${text}`;
    live.turns += 1;
    this.#live.delete(live.row.id);
    this.#live.set(live.row.id, live);
    if (this.#live.size <= CACHED_INSTANCES_MAX) return;
    for (const id of this.#live.keys()) {
      this.#live.delete(id);
      return;
    }
  }

  forget(id: string): void {
    this.#live.delete(id);
  }

  clear(): void {
    this.#live.clear();
  }
}

function renderPlayed(events: readonly HistoryEvent[]): string {
  return events.map((event) => renderEvent(event, true)).join(",");
}
