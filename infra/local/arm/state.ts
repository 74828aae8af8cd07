/**
 * The estate: one map per kind in memory, written through to SQLite.
 *
 * A request changes the maps at once and the file when it succeeds, in one transaction; when it is refused the maps are
 * put back, so neither a refusal nor a kill leaves half a request behind. The version of a resource before its last
 * change is kept (in memory) for stale reads.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { transaction } from "../platform/sqlite.ts";
import { areaKinds } from "./areas.ts";
import { deepFreeze } from "./json.ts";
import type { Tables } from "./model.ts";

export type Kind = keyof Tables;

const kinds = [
  "subscription",
  "resourceGroup",
  "account",
  "accountKeys",
  "deployment",
  "raiPolicy",
  "project",
  "connection",
  "defenderSetting",
  "quotaTier",
  "deletedAccount",
  "roleDefinition",
  "roleAssignment",
  "lock",
  "quota",
  "model",
  "operation",
  ...areaKinds,
] as const satisfies readonly Kind[];

interface Change {
  readonly kind: Kind;
  readonly id: string;
  readonly before: unknown;
}

type Maps = { [K in Kind]: Map<string, Tables[K]> };

export class State {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  #maps: Maps = emptyMaps();
  /** Bodies before the last change; undefined: it didn't exist. */
  #previous = new Map<string, unknown>();
  readonly #versions = new Map<Kind, number>();
  #changes: Change[] | undefined;
  readonly #watchers: [Kind, (id: string | undefined) => void][] = [];

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(
      `CREATE TABLE IF NOT EXISTS resources (kind TEXT, id TEXT, json TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
       CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID`,
    );
    this.#put = database.prepare("INSERT OR REPLACE INTO resources (kind, id, json) VALUES (?, ?, ?)");
    this.#delete = database.prepare("DELETE FROM resources WHERE kind = ? AND id = ?");
    for (const row of database.prepare("SELECT kind, id, json FROM resources").iterate()) {
      const map = this.#maps[row["kind"] as Kind] as Map<string, unknown>;
      map.set(row["id"] as string, deepFreeze(JSON.parse(row["json"] as string)));
    }
  }

  get<K extends Kind>(kind: K, id: string): Tables[K] | undefined {
    return this.#maps[kind].get(id);
  }

  /** As `get`, but the version before the last change, if there was a change since the start. */
  getStale<K extends Kind>(kind: K, id: string): Tables[K] | undefined {
    const key = `${kind} ${id}`;
    return this.#previous.has(key) ? (this.#previous.get(key) as Tables[K] | undefined) : this.get(kind, id);
  }

  values<K extends Kind>(kind: K): IterableIterator<Tables[K]> {
    return this.#maps[kind].values();
  }

  entries<K extends Kind>(kind: K): IterableIterator<[string, Tables[K]]> {
    return this.#maps[kind].entries();
  }

  /** Counts the changes of a kind, so that what is derived from it can be kept until it changes. */
  version(kind: Kind): number {
    return this.#versions.get(kind) ?? 0;
  }

  /** Tells of each change of a kind as it is made or taken back; without an ID, of all at once. */
  watch(kind: Kind, watcher: (id: string | undefined) => void): void {
    this.#watchers.push([kind, watcher]);
  }

  /** Only inside {@link atomically}. Freezes `body`. */
  put<K extends Kind>(kind: K, id: string, body: Tables[K]): void {
    this.#note(kind, id);
    (this.#maps[kind] as Map<string, Tables[K]>).set(id, deepFreeze(body));
  }

  /** Only inside {@link atomically}. */
  delete(kind: Kind, id: string): void {
    this.#note(kind, id);
    this.#maps[kind].delete(id);
  }

  /** Runs `work`; when it throws, nothing has changed, otherwise all of it is on disk. */
  atomically<T>(work: () => T): T {
    if (this.#changes !== undefined) throw new Error("a state transaction is open already");
    const changes: Change[] = (this.#changes = []);
    try {
      const result = work();
      if (changes.length > 0) transaction(this.#database, () => this.#write(changes));
      for (const { kind, id, before } of changes) this.#previous.set(`${kind} ${id}`, before);
      return result;
    } catch (error) {
      for (const { kind, id, before } of changes.toReversed()) this.#restore(kind, id, before);
      throw error;
    } finally {
      this.#changes = undefined;
    }
  }

  /** A number that grows by `by` at each call and never goes back, not even over a kill. */
  count(name: string, by: number): number {
    const row = this.#database
      .prepare(
        "INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + ? RETURNING value",
      )
      .get(name, by, by);
    return row?.["value"] as number;
  }

  clear(): void {
    this.#database.exec("DELETE FROM resources");
    this.#maps = emptyMaps();
    this.#previous = new Map();
    for (const kind of kinds) this.#changed(kind, undefined);
  }

  #note(kind: Kind, id: string): void {
    if (this.#changes === undefined) throw new Error(`change of ${kind} '${id}' outside a transaction`);
    this.#changes.push({ kind, id, before: this.#maps[kind].get(id) });
    this.#changed(kind, id);
  }

  #changed(kind: Kind, id: string | undefined): void {
    this.#versions.set(kind, this.version(kind) + 1);
    for (const [watched, watcher] of this.#watchers) if (watched === kind) watcher(id);
  }

  #write(changes: readonly Change[]): void {
    for (const { kind, id } of changes) {
      const body = this.#maps[kind].get(id);
      if (body === undefined) this.#delete.run(kind, id);
      else this.#put.run(kind, id, JSON.stringify(body));
    }
  }

  #restore(kind: Kind, id: string, before: unknown): void {
    const map = this.#maps[kind] as Map<string, unknown>;
    if (before === undefined) map.delete(id);
    else map.set(id, before);
    this.#changed(kind, id);
  }
}

function emptyMaps(): Maps {
  return Object.fromEntries(kinds.map((kind) => [kind, new Map()])) as unknown as Maps;
}
