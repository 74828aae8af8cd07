/**
 * What Resource Graph knows: a copy of the estate that follows ARM's writes late. ARM's GET shows a write at once, a query
 * after a lag of business time. The lag of a write follows from its resource and its time alone, so the same day replays
 * the same; two writes of one resource never overtake each other.
 *
 * Memory only: after a start the copy is as the estate is. What is seeded is known at once.
 */
import type { JsonObject } from "../json.ts";
import type { Kind, State } from "../state.ts";

export interface GraphLag {
  /** Milliseconds of business time. */
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Usual lag. Azure promises none ("near real time"); half an hour and more has been reported
 * (MicrosoftDocs/azure-docs#19879), so a test of patience sets its own.
 */
export const GRAPH_LAG: GraphLag = { minMs: 0, maxMs: 30_000 };

interface Version {
  /** Undefined: deleted. */
  readonly body: JsonObject | undefined;
  readonly dueMs: number;
}

interface Entry {
  shown: JsonObject | undefined;
  /** By due time, the earliest first. */
  readonly coming: Version[];
}

export class GraphIndex {
  readonly #state: State;
  readonly #now: () => number;
  readonly #kinds: readonly Kind[];
  lag: GraphLag;
  readonly #entries = new Map<Kind, Map<string, Entry>>();
  /** Written since the copy last looked: the body is read when somebody asks, or before it changes again. */
  readonly #unread = new Map<string, { kind: Kind; id: string; atMs: number }>();

  constructor(state: State, now: () => number, kinds: readonly Kind[], lag: Partial<GraphLag> = {}) {
    this.#state = state;
    this.#now = now;
    this.#kinds = kinds;
    this.lag = { ...GRAPH_LAG, ...lag };
    for (const kind of kinds) state.watch(kind, (id) => this.#written(kind, id));
    this.catchUp();
  }

  /** Knows everything as it is now. */
  catchUp(): void {
    this.#unread.clear();
    for (const kind of this.#kinds) {
      const entries = new Map<string, Entry>();
      for (const [id, body] of this.#state.entries(kind)) entries.set(id, { shown: asObject(body), coming: [] });
      this.#entries.set(kind, entries);
    }
  }

  /** The resources of a kind as they are known at `nowMs`, by lower-case ID. */
  *known(kind: Kind, nowMs: number): IterableIterator<[string, JsonObject]> {
    this.#readAll();
    const entries = this.#entries.get(kind) ?? new Map<string, Entry>();
    for (const [id, entry] of entries) {
      advance(entry, nowMs);
      if (entry.shown !== undefined) yield [id, entry.shown];
      else if (entry.coming.length === 0) entries.delete(id);
    }
  }

  /** Told just before the state changes (and just after it was put back), so an unread earlier write is still there. */
  #written(kind: Kind, id: string | undefined): void {
    if (id === undefined) {
      this.#unread.clear();
      this.#entries.get(kind)?.clear();
      return;
    }
    const key = `${kind} ${id}`;
    const before = this.#unread.get(key);
    if (before !== undefined) this.#read(before);
    this.#unread.set(key, { kind, id, atMs: this.#now() });
  }

  #readAll(): void {
    for (const write of this.#unread.values()) this.#read(write);
    this.#unread.clear();
  }

  #read({ kind, id, atMs }: { kind: Kind; id: string; atMs: number }): void {
    let entries = this.#entries.get(kind);
    if (entries === undefined) this.#entries.set(kind, (entries = new Map<string, Entry>()));
    let entry = entries.get(id);
    if (entry === undefined) entries.set(id, (entry = { shown: undefined, coming: [] }));
    const last = entry.coming.at(-1);
    const found = this.#state.get(kind, id);
    const body = found === undefined ? undefined : asObject(found);
    if (body === (last === undefined ? entry.shown : last.body)) return;
    entry.coming.push({ body, dueMs: Math.max(last?.dueMs ?? 0, atMs + this.#lagOf(id, atMs)) });
    advance(entry, atMs);
  }

  #lagOf(id: string, atMs: number): number {
    const { minMs, maxMs } = this.lag;
    return minMs + (hash(`${id} ${atMs}`) % (Math.max(0, maxMs - minMs) + 1));
  }
}

function advance(entry: Entry, nowMs: number): void {
  while ((entry.coming[0]?.dueMs ?? Infinity) <= nowMs) entry.shown = entry.coming.shift()?.body;
}

/** Bodies are JSON objects; the types of the state say it member by member. */
function asObject(body: object): JsonObject {
  return body as JsonObject;
}

/** FNV-1a, 32 bits: spreads the lags, and the order in which unsorted rows come. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
