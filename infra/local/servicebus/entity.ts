/** A queue or its dead-letter sub-queue: the messages that it holds and where each of them stands. */
import type { StoredMessage } from "./journal.ts";
import { MESSAGE_MAX_BYTES, PEEK_MAX_MESSAGES } from "./limits.ts";
import { Line } from "./line.ts";
import type { BrokerMessage } from "./message.ts";
import type { QueueOptions } from "./queueOptions.ts";

export const DEAD_LETTER_SUFFIX = "/$deadletterqueue";

export interface Entry {
  readonly seq: number;
  message: BrokerMessage;
  /** What it counts against the size of the queue. */
  readonly bytes: number;
  /** Business time, milliseconds since the epoch. */
  readonly enqueuedMs: number;
  /** Business time when it expires; undefined: never. */
  readonly expiresMs: number | undefined;
  /** Deliveries that ended without the message leaving. */
  deliveryCount: number;
  /** Business time when it becomes available; set while the message is scheduled. */
  readonly due: { readonly dueMs: number; cancel(): void } | undefined;
  lock: { readonly token: string; untilMs: number } | undefined;
}

export class Entity {
  /** Of the queue, lower case. */
  readonly name: string;
  /** Address of its links, lower case. */
  readonly path: string;
  readonly queue: QueueOptions;
  readonly isDeadLetter: boolean;
  /** Every message, by sequence number. */
  readonly entries = new Map<number, Entry>();
  /** Those that can be delivered. */
  readonly ready = new Line();
  /** Those that are locked, by lock token. All locks last equally long, so the first ends first. */
  readonly locks = new Map<string, Entry>();
  /** Those that wait for their time. */
  readonly scheduled = new Map<number, Entry>();
  /** Scheduled messages that become available with the next one that is sent: the fault `reorder`. */
  readonly overtaken = new Set<number>();
  /** For duplicate detection: message ID to business time, oldest first. */
  readonly seen = new Map<string, number>();
  bytes = 0;
  /** Business time before which no available message expires, and the agenda item that waits for it. */
  nextExpiry: { readonly dueMs: number; cancel(): void } | undefined;

  constructor(queue: QueueOptions, isDeadLetter: boolean) {
    this.queue = queue;
    this.isDeadLetter = isDeadLetter;
    this.name = queue.name.toLowerCase();
    this.path = `${this.name}${isDeadLetter ? DEAD_LETTER_SUFFIX : ""}`;
  }

  add(entry: Entry): void {
    this.entries.set(entry.seq, entry);
    this.bytes += entry.bytes;
    if (entry.due === undefined) this.ready.add(entry.seq);
    else this.scheduled.set(entry.seq, entry);
  }

  remove(entry: Entry): void {
    if (!this.entries.delete(entry.seq)) return;
    this.bytes -= entry.bytes;
    entry.due?.cancel();
    this.scheduled.delete(entry.seq);
    this.overtaken.delete(entry.seq);
    if (entry.lock === undefined) this.ready.remove(entry.seq);
    else this.locks.delete(entry.lock.token);
    entry.lock = undefined;
    if (this.entries.size > 0) return;
    this.nextExpiry?.cancel();
    this.nextExpiry = undefined;
  }

  /** The message becomes unavailable to others until `untilMs` of transport time. */
  lock(entry: Entry, token: string, untilMs: number): void {
    this.ready.remove(entry.seq);
    entry.lock = { token, untilMs };
    this.locks.set(token, entry);
  }

  unlock(entry: Entry): void {
    if (entry.lock === undefined) return;
    this.locks.delete(entry.lock.token);
    entry.lock = undefined;
    this.ready.add(entry.seq);
  }

  /** Business time when a message enqueued then expires; undefined: never. */
  expiryMs(message: BrokerMessage, enqueuedMs: number): number | undefined {
    if (this.isDeadLetter) return undefined;
    const { defaultTtlS } = this.queue;
    const longestMs = defaultTtlS === undefined ? Infinity : defaultTtlS * 1000;
    const lifeMs = Math.min(message.timeToLiveMs ?? Infinity, longestMs);
    return lifeMs === Infinity ? undefined : enqueuedMs + lifeMs;
  }

  stored(entry: Entry): StoredMessage {
    const { seq, message, enqueuedMs, expiresMs, due, deliveryCount } = entry;
    const where = { queue: this.name, dead: this.isDeadLetter };
    return { ...where, seq, message, enqueuedMs, expiresMs, dueMs: due?.dueMs, deliveryCount };
  }

  /** Messages in any state, by sequence number from `fromSeq`; bounded in number and size. */
  peek(fromSeq: number, max: number): Entry[] {
    const seqs = [...this.entries.keys()].filter((seq) => seq >= fromSeq).sort((a, b) => a - b);
    const found: Entry[] = [];
    let bytes = 0;
    for (const seq of seqs.slice(0, Math.min(max, PEEK_MAX_MESSAGES))) {
      const entry = this.entries.get(seq);
      bytes += entry?.bytes ?? 0;
      if (entry === undefined || (found.length > 0 && bytes > MESSAGE_MAX_BYTES)) break;
      found.push(entry);
    }
    return found;
  }

  clear(): void {
    for (const entry of this.entries.values()) entry.due?.cancel();
    this.nextExpiry?.cancel();
    this.nextExpiry = undefined;
    for (const seq of this.entries.keys()) this.ready.remove(seq);
    for (const collection of [this.entries, this.locks, this.scheduled, this.overtaken, this.seen]) collection.clear();
    this.bytes = 0;
  }
}
