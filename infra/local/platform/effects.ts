/** Every write that reached an engine, in order; what an auditor compares with the product's own ledger. */
import type { DatabaseSync, StatementSync } from "node:sqlite";

export interface Effect {
  readonly seq: number;
  /** Business time, ISO 8601. */
  readonly at: string;
  readonly engine: string;
  /** Object ID of the caller. */
  readonly caller: string;
  readonly method: string;
  /** Resource ID, document path or queue, in lower case. */
  readonly target: string;
  readonly status: number;
}

export class EffectLog {
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #database: DatabaseSync;
  readonly #now: () => number;

  constructor(database: DatabaseSync, now: () => number) {
    database.exec(
      "CREATE TABLE IF NOT EXISTS effects (seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT, engine TEXT, caller TEXT, method TEXT, target TEXT, status INTEGER)",
    );
    this.#database = database;
    this.#now = now;
    this.#insert = database.prepare(
      "INSERT INTO effects (at, engine, caller, method, target, status) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#select = database.prepare(
      "SELECT seq, at, engine, caller, method, target, status FROM effects WHERE seq > ? ORDER BY seq LIMIT ?",
    );
  }

  record(effect: Omit<Effect, "seq" | "at">): void {
    const at = new Date(this.#now()).toISOString();
    this.#insert.run(at, effect.engine, effect.caller, effect.method, effect.target, effect.status);
  }

  /** Effects with a sequence number above `after`, oldest first, at most `limit`. */
  after(after: number, limit = 100_000): Effect[] {
    return this.#select.all(after, limit) as unknown as Effect[];
  }

  reset(): void {
    this.#database.exec("DELETE FROM effects; DELETE FROM sqlite_sequence WHERE name = 'effects'");
  }
}
