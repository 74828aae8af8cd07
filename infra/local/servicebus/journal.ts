/**
 * The broker's state on disk. Writes gather in one open transaction until {@link Journal.commit}: whoever tells a
 * client that something is done does so only after the commit. Locks are not written: after a restart every message
 * that was locked is available again, with the delivery count that it had.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type BrokerMessage, decodeMessage, encodeProperties } from "./message.ts";

export interface StoredMessage {
  readonly seq: number;
  readonly queue: string;
  /** Whether it lies in the dead-letter sub-queue. */
  readonly dead: boolean;
  readonly message: BrokerMessage;
  readonly enqueuedMs: number;
  readonly expiresMs: number | undefined;
  /** Set while the message is scheduled. */
  readonly dueMs: number | undefined;
  readonly deliveryCount: number;
}

interface Row {
  seq: number;
  queue: string;
  dead: number;
  enqueued_ms: number;
  expires_ms: number | null;
  due_ms: number | null;
  delivery_count: number;
  properties: string;
  body: Uint8Array;
}

/** `AUTOINCREMENT`: a sequence number is never given twice, not even after the message with the largest is gone. */
const schema = `
  CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, dead INTEGER NOT NULL, enqueued_ms INTEGER NOT NULL,
    expires_ms INTEGER, due_ms INTEGER, delivery_count INTEGER NOT NULL, properties TEXT NOT NULL, body BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS seen (
    queue TEXT NOT NULL, message_id TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (queue, message_id)) WITHOUT ROWID;
`;

export class Journal {
  /** Called when a write has opened a transaction; whoever listens sees to the commit. */
  onOpen: () => void = () => {};
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #see: StatementSync;
  readonly #forget: StatementSync;
  #open = false;

  /** A transaction that another journal left open on the database was never confirmed to anyone: it is undone. */
  constructor(database: DatabaseSync) {
    if (database.isTransaction) database.exec("ROLLBACK");
    database.exec(schema);
    this.#database = database;
    this.#put = database.prepare("INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#remove = database.prepare("DELETE FROM messages WHERE seq = ?");
    this.#see = database.prepare("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)");
    this.#forget = database.prepare("DELETE FROM seen WHERE queue = ? AND message_id = ?");
  }

  /** All messages by sequence number. */
  messages(): StoredMessage[] {
    const rows = this.#database.prepare("SELECT * FROM messages ORDER BY seq").all() as unknown as Row[];
    return rows.map((row) => ({
      seq: row.seq,
      queue: row.queue,
      dead: row.dead === 1,
      message: decodeMessage(row.properties, row.body),
      enqueuedMs: row.enqueued_ms,
      expiresMs: row.expires_ms ?? undefined,
      dueMs: row.due_ms ?? undefined,
      deliveryCount: row.delivery_count,
    }));
  }

  /** The largest sequence number ever stored, 0 at first. */
  lastSeq(): number {
    const row = this.#database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'messages'").get();
    return Number(row?.["seq"] ?? 0);
  }

  /** Message IDs that a queue remembers for duplicate detection, oldest first. */
  seen(queue: string): { messageId: string; atMs: number }[] {
    const rows = this.#database.prepare("SELECT message_id, at_ms FROM seen WHERE queue = ? ORDER BY at_ms").all(queue);
    return rows.map((row) => ({ messageId: String(row["message_id"]), atMs: Number(row["at_ms"]) }));
  }

  put(stored: StoredMessage): void {
    this.#begin();
    const { seq, queue, dead, enqueuedMs, expiresMs, dueMs, deliveryCount, message } = stored;
    const times = [enqueuedMs, expiresMs, dueMs].map((time) => (time === undefined ? null : Math.round(time)));
    this.#put.run(seq, queue, dead ? 1 : 0, ...times, deliveryCount, encodeProperties(message), message.body);
  }

  remove(seq: number): void {
    this.#begin();
    this.#remove.run(seq);
  }

  see(queue: string, messageId: string, atMs: number): void {
    this.#begin();
    this.#see.run(queue, messageId, Math.round(atMs));
  }

  forget(queue: string, messageId: string): void {
    this.#begin();
    this.#forget.run(queue, messageId);
  }

  /** Makes everything written so far durable. */
  commit(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#database.exec("COMMIT");
  }

  /** Empties the tables; sequence numbers begin at 1 again. */
  clear(): void {
    this.commit();
    this.#database.exec("DELETE FROM messages; DELETE FROM seen; DELETE FROM sqlite_sequence");
  }

  #begin(): void {
    if (this.#open) return;
    this.#database.exec("BEGIN IMMEDIATE");
    this.#open = true;
    this.onOpen();
  }
}
