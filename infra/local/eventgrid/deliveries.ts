/**
 * What waits to be delivered, what could not be, and what was published to the custom topic: `eventgrid.sqlite`.
 * Pending deliveries are written before whoever caused the event gets its answer and removed after the queue has taken
 * them, so a killed process loses none and may deliver one again, with the same message ID.
 */
import type { DatabaseSync } from "node:sqlite";
import { transaction } from "../platform/sqlite.ts";
import type { EventGridEvent, Published } from "./events.ts";

export interface Delivery {
  /** ID of the Service Bus message: one per event and subscription, the same at every attempt. */
  readonly messageId: string;
  /** Name of the event subscription. */
  readonly subscription: string;
  readonly event: EventGridEvent;
  /** Business times, milliseconds since the epoch. */
  readonly publishedMs: number;
  readonly dueMs: number;
  /** Attempts made so far. */
  readonly attempts: number;
  /** The fault book has been asked about the coming attempt already. */
  readonly faulted: boolean;
  /** Deliveries that still have to pass before this one, which a `reorder` fault holds back; null when none does. */
  readonly passesLeft: number | null;
  readonly lastAttemptMs: number | null;
  readonly lastOutcome: string | null;
}

/** An event that Event Grid gave up on, as it would stand in the dead-letter blob. */
export interface DeadLetter {
  readonly subscription: string;
  /** In the subscription's delivery schema, with the five fields that dead-lettering adds. */
  readonly event: Readonly<Record<string, unknown>>;
}

/** An event that a publisher posted to the custom topic. */
export interface PublishedEvent {
  readonly seq: number;
  /** Business time, ISO 8601. */
  readonly at: string;
  /** Object ID of the publisher. */
  readonly caller: string;
  readonly event: Published;
}

/** Dead letters and published events kept; the oldest go first. */
const KEPT_MAX = 10_000;

export class DeliveryStore {
  readonly #database: DatabaseSync;
  readonly #pending = new Map<string, Delivery>();
  readonly #statements;

  constructor(database: DatabaseSync) {
    database.exec(
      `CREATE TABLE IF NOT EXISTS pending (position INTEGER PRIMARY KEY, messageId TEXT NOT NULL UNIQUE, json TEXT NOT NULL);
       CREATE TABLE IF NOT EXISTS deadLetters (seq INTEGER PRIMARY KEY AUTOINCREMENT, subscription TEXT, json TEXT);
       CREATE TABLE IF NOT EXISTS published (seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT, caller TEXT, json TEXT)`,
    );
    this.#database = database;
    this.#statements = {
      put: database.prepare(
        "INSERT INTO pending (messageId, json) VALUES (?, ?) ON CONFLICT (messageId) DO UPDATE SET json = excluded.json",
      ),
      remove: database.prepare("DELETE FROM pending WHERE messageId = ?"),
      addDeadLetter: database.prepare("INSERT INTO deadLetters (subscription, json) VALUES (?, ?)"),
      trimDeadLetters: database.prepare("DELETE FROM deadLetters WHERE seq <= ?"),
      deadLetters: database.prepare("SELECT subscription, json FROM deadLetters ORDER BY seq"),
      addPublished: database.prepare("INSERT INTO published (at, caller, json) VALUES (?, ?, ?)"),
      trimPublished: database.prepare("DELETE FROM published WHERE seq <= ?"),
      published: database.prepare("SELECT seq, at, caller, json FROM published WHERE seq > ? ORDER BY seq"),
    };
    for (const { json } of database.prepare("SELECT json FROM pending ORDER BY position").all() as { json: string }[]) {
      const delivery = JSON.parse(json) as Delivery;
      this.#pending.set(delivery.messageId, delivery);
    }
  }

  /** What waits, in the order in which it came. */
  pending(): Iterable<Delivery> {
    return this.#pending.values();
  }

  get(messageId: string): Delivery | undefined {
    return this.#pending.get(messageId);
  }

  /** Writes new or changed deliveries in one transaction. */
  put(deliveries: readonly Delivery[]): void {
    transaction(this.#database, () => {
      for (const delivery of deliveries) this.#statements.put.run(delivery.messageId, JSON.stringify(delivery));
    });
    for (const delivery of deliveries) this.#pending.set(delivery.messageId, delivery);
  }

  remove(messageId: string): void {
    this.#statements.remove.run(messageId);
    this.#pending.delete(messageId);
  }

  /** Moves a delivery to the dead letters. */
  bury(messageId: string, letter: DeadLetter): void {
    transaction(this.#database, () => {
      this.#statements.remove.run(messageId);
      const { lastInsertRowid } = this.#statements.addDeadLetter.run(letter.subscription, JSON.stringify(letter.event));
      this.#statements.trimDeadLetters.run(Number(lastInsertRowid) - KEPT_MAX);
    });
    this.#pending.delete(messageId);
  }

  deadLetters(): DeadLetter[] {
    const rows = this.#statements.deadLetters.all() as { subscription: string; json: string }[];
    return rows.map(({ subscription, json }) => ({ subscription, event: JSON.parse(json) as DeadLetter["event"] }));
  }

  addPublished(at: string, caller: string, events: readonly Published[]): void {
    transaction(this.#database, () => {
      for (const event of events) {
        const { lastInsertRowid } = this.#statements.addPublished.run(at, caller, JSON.stringify(event));
        this.#statements.trimPublished.run(Number(lastInsertRowid) - KEPT_MAX);
      }
    });
  }

  published(after: number): PublishedEvent[] {
    const rows = this.#statements.published.all(after) as { seq: number; at: string; caller: string; json: string }[];
    return rows.map(({ json, ...row }) => ({ ...row, event: JSON.parse(json) as Published }));
  }

  clear(): void {
    this.#database.exec("DELETE FROM pending; DELETE FROM deadLetters; DELETE FROM published");
    this.#database.exec("DELETE FROM sqlite_sequence");
    this.#pending.clear();
  }
}
