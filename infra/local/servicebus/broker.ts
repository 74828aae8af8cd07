/**
 * The broker: what Azure Service Bus does with messages in queues, without a transport. State is in memory and written
 * through to the {@link Journal}; a new broker on the same journal goes on where the last one was.
 *
 * Time is given from outside and there are two. Business time (`clock`) moves scheduled messages, time to live and the
 * duplicate window; transport time (`transportNow`) ends locks, lazily whenever an entity is looked at, so whoever waits
 * for it calls {@link Broker.endLocks} at {@link Broker.nextLockEndMs}. With a given clock, transport time and `uuid`
 * the broker is deterministic.
 *
 * - First in, first out by sequence number; an abandoned message returns to its place.
 * - A scheduled message gets a new sequence number when it becomes available, as in the service.
 * - A message in the dead-letter sub-queue keeps its sequence number, never expires and is never moved again.
 * - Not served: sessions, deferral, topics, transactions, forwarding, partitions.
 */
import type { Agenda } from "../platform/agenda.ts";
import { DEAD_LETTER_SUFFIX, Entity, type Entry } from "./entity.ts";
import { BrokerError } from "./errors.ts";
import type { Journal, StoredMessage } from "./journal.ts";
import { DEAD_LETTER_TEXT_MAX_CHARS, QUEUE_MAX_BYTES } from "./limits.ts";
import {
  type ApplicationProperties,
  type BrokerMessage,
  checkMessage,
  checkSize,
  encodeProperties,
  withProperties,
} from "./message.ts";
import { type Accepted, type DeadLetterCause, OVERTAKE_WAIT_MS, type Received, type Shape } from "./operations.ts";
import { checkQueueOptions, type QueueOptions } from "./queueOptions.ts";

export interface BrokerOptions {
  readonly journal: Journal;
  /** Business time. */
  readonly clock: Pick<Agenda, "now" | "schedule">;
  /** Milliseconds since the epoch. */
  readonly transportNow: () => number;
  /** A new UUID in lower case: lock tokens, message IDs that the sender left out. */
  readonly uuid: () => string;
  readonly queues: readonly QueueOptions[];
}

export class Broker {
  /** Called when a message of the entity has become available. */
  onReady: (entity: Entity) => void = () => {};
  /** Called when a lock has been given, with the transport time of its end. */
  onLock: (untilMs: number) => void = () => {};
  readonly #options: BrokerOptions;
  readonly #entities = new Map<string, Entity>();
  #lastSeq = 0;

  constructor(options: BrokerOptions) {
    this.#options = options;
    for (const queue of options.queues) {
      checkQueueOptions(queue);
      for (const entity of [new Entity(queue, false), new Entity(queue, true)]) {
        if (this.#entities.has(entity.path)) throw new Error(`Service Bus queue ${queue.name} is declared twice`);
        this.#entities.set(entity.path, entity);
      }
    }
  }

  /**
   * Reads the journal and puts what waits on the clock; once, before anything else.
   *
   * @returns queues that hold messages in the journal and are not declared; their messages stay where they are
   */
  load(): string[] {
    const { journal } = this.#options;
    const unknown = new Set<string>();
    this.#lastSeq = journal.lastSeq();
    for (const stored of journal.messages()) {
      const entity = this.#entities.get(`${stored.queue}${stored.dead ? DEAD_LETTER_SUFFIX : ""}`);
      if (entity === undefined) unknown.add(stored.queue);
      else this.#add(entity, stored);
    }
    for (const entity of this.#entities.values())
      if (!entity.isDeadLetter)
        for (const { messageId, atMs } of journal.seen(entity.path)) entity.seen.set(messageId, atMs);
    return [...unknown];
  }

  /** Forgets every message; sequence numbers begin at 1 again. */
  clear(): void {
    for (const entity of this.#entities.values()) entity.clear();
    this.#options.journal.clear();
    this.#lastSeq = 0;
  }

  /** Takes what waits off the clock; the state stays in the journal. */
  close(): void {
    this.#options.journal.commit();
    for (const entity of this.#entities.values()) entity.clear();
  }

  entities(): Iterable<Entity> {
    return this.#entities.values();
  }

  /** By path in any case: `events`, `events/$DeadLetterQueue`. Throws {@link BrokerError}. */
  entity(path: string): Entity {
    const entity = this.#entities.get(path.toLowerCase());
    if (entity !== undefined) return entity;
    if (/\/subscriptions\//i.test(path))
      throw new BrokerError("NotImplemented", `${path}: topics and subscriptions are not served locally`);
    if (/\/\$transfer\//i.test(path))
      throw new BrokerError("NotImplemented", `${path}: transfer dead-letter queues are not served locally`);
    throw new BrokerError("MessagingEntityNotFound", `The messaging entity '${path}' could not be found.`);
  }

  /** Accepts all of the messages or, by throwing {@link BrokerError}, none. */
  send(entity: Entity, messages: readonly BrokerMessage[], shapes: readonly Shape[] = []): Accepted[] {
    if (entity.isDeadLetter)
      throw new BrokerError("InvalidOperation", `${entity.path}: nothing can be sent to a dead-letter sub-queue`);
    const sizes = messages.map(checkMessage);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    checkSize(bytes);
    if (entity.bytes + bytes > QUEUE_MAX_BYTES)
      throw new BrokerError(
        "QuotaExceeded",
        `${entity.path} holds ${entity.bytes} bytes; the limit is ${QUEUE_MAX_BYTES}`,
      );
    const waited = [...entity.overtaken];
    const accepted = messages.map((message, index) => this.#accept(entity, message, shapes[index] ?? {}));
    if (accepted.some(({ duplicate }) => !duplicate))
      for (const seq of waited) this.#activate(entity, entity.scheduled.get(seq));
    return accepted;
  }

  /** Cancels all of the scheduled messages or, by throwing {@link BrokerError}, none. */
  cancel(entity: Entity, seqs: readonly number[]): void {
    const entries = seqs.map((seq) => {
      const entry = entity.scheduled.get(seq);
      if (entry === undefined)
        throw new BrokerError("MessageNotFound", `${entity.path}: no scheduled message has sequence number ${seq}`);
      return entry;
    });
    for (const entry of entries) this.#remove(entity, entry);
  }

  /** How many messages can be delivered now. */
  available(entity: Entity): number {
    this.#endLocks(entity);
    this.#expire(entity);
    return entity.ready.length;
  }

  /**
   * Delivers the message at `offset` from the front, if there is one. In mode `peekLock` it is locked, in mode
   * `receiveAndDelete` it is gone.
   */
  receive(entity: Entity, mode: "peekLock" | "receiveAndDelete", offset = 0): Received | undefined {
    if (this.available(entity) <= offset) return undefined;
    const entry = entity.entries.get(entity.ready.at(offset) ?? -1);
    if (entry === undefined) return undefined;
    const lockToken = this.#options.uuid();
    if (mode === "receiveAndDelete") {
      this.#remove(entity, entry);
      return { entry, lockToken, lockedUntilMs: undefined };
    }
    const lockedUntilMs = this.#lockEndMs(entity);
    entity.lock(entry, lockToken, lockedUntilMs);
    this.onLock(lockedUntilMs);
    return { entry, lockToken, lockedUntilMs };
  }

  complete(entity: Entity, lockToken: string): void {
    this.#remove(entity, this.#locked(entity, lockToken));
  }

  /** Ends the delivery; the message is available again, with the properties changed, or a dead letter. */
  abandon(entity: Entity, lockToken: string, properties?: ApplicationProperties): void {
    const entry = this.#locked(entity, lockToken);
    const message = withProperties(entry.message, properties);
    if (message !== entry.message) checkMessage(message);
    entry.message = message;
    this.#release(entity, entry);
  }

  deadLetter(entity: Entity, lockToken: string, cause: DeadLetterCause): void {
    const entry = this.#locked(entity, lockToken);
    if (entity.isDeadLetter)
      throw new BrokerError("InvalidOperation", `${entity.path}: a dead letter can't be dead-lettered again`);
    this.#bury(entity, entry, cause);
  }

  /** Extends a lock that still holds; returns its new end in transport time. */
  renew(entity: Entity, lockToken: string): number {
    const entry = this.#locked(entity, lockToken);
    const untilMs = this.#lockEndMs(entity);
    // Taken out and put in again: the order of the map is the order in which locks end.
    entity.locks.delete(lockToken);
    entity.lock(entry, lockToken, untilMs);
    return untilMs;
  }

  /** Messages in any state, by sequence number from `fromSeq`; bounded in number and size. */
  peek(entity: Entity, fromSeq: number, max: number): Entry[] {
    this.available(entity);
    return entity.peek(fromSeq, max);
  }

  /** Fault: the message at the front is delivered only after `delayMs` of business time. */
  postpone(entity: Entity, delayMs: number): void {
    const entry = entity.entries.get(entity.ready.at(0) ?? -1);
    if (entry === undefined) return;
    this.#remove(entity, entry);
    this.#enqueue(entity, entry.message, { dueMs: this.#options.clock.now() + delayMs, from: entry });
  }

  /** Fault: the message is delivered once more, as one of its own. */
  copy(entity: Entity, entry: Entry): void {
    this.#enqueue(entity, entry.message, { from: entry });
  }

  /** Transport time when the next lock ends. */
  nextLockEndMs(): number | undefined {
    let next: number | undefined;
    for (const { locks } of this.#entities.values()) {
      const first = locks.values().next().value?.lock;
      if (first !== undefined && (next === undefined || first.untilMs < next)) next = first.untilMs;
    }
    return next;
  }

  /** Makes messages available whose lock has ended. */
  endLocks(): void {
    for (const entity of this.#entities.values()) this.#endLocks(entity);
  }

  #accept(entity: Entity, message: BrokerMessage, shape: Shape): Accepted {
    const { clock, uuid } = this.#options;
    const identified = { ...message, messageId: message.messageId ?? uuid().replaceAll("-", "") };
    if (this.#isDuplicate(entity, identified.messageId)) return { seq: ++this.#lastSeq, duplicate: true };
    const now = clock.now();
    const waitMs = Math.max(shape.delayMs ?? 0, shape.overtaken === true ? OVERTAKE_WAIT_MS : 0);
    const dueMs = Math.max(identified.scheduledEnqueueTimeMs ?? 0, waitMs === 0 ? 0 : now + waitMs);
    const entry = this.#enqueue(entity, identified, dueMs > now ? { dueMs } : {});
    if (shape.overtaken === true) entity.overtaken.add(entry.seq);
    if (shape.twice === true) this.copy(entity, entry);
    return { seq: entry.seq, duplicate: false };
  }

  #isDuplicate(entity: Entity, messageId: string): boolean {
    const windowS = entity.queue.duplicateDetectionWindowS;
    if (windowS === undefined) return false;
    const { journal, clock } = this.#options;
    const now = clock.now();
    for (const [id, atMs] of entity.seen) {
      if (atMs > now - windowS * 1000) break;
      entity.seen.delete(id);
      journal.forget(entity.path, id);
    }
    if (entity.seen.has(messageId)) return true;
    entity.seen.set(messageId, now);
    journal.see(entity.path, messageId, now);
    return false;
  }

  #enqueue(entity: Entity, message: BrokerMessage, how: { dueMs?: number; from?: Entry }): Entry {
    const { clock, journal } = this.#options;
    const enqueuedMs = clock.now();
    const stored: StoredMessage = {
      seq: ++this.#lastSeq,
      queue: entity.name,
      dead: entity.isDeadLetter,
      message,
      enqueuedMs,
      expiresMs: how.dueMs === undefined ? entity.expiryMs(message, enqueuedMs) : undefined,
      dueMs: how.dueMs,
      deliveryCount: how.from?.deliveryCount ?? 0,
    };
    journal.put(stored);
    return this.#add(entity, stored);
  }

  #add(entity: Entity, stored: StoredMessage): Entry {
    const { seq, message, enqueuedMs, expiresMs, dueMs, deliveryCount } = stored;
    const bytes = message.body.length + Buffer.byteLength(encodeProperties(message));
    const due =
      dueMs === undefined
        ? undefined
        : {
            dueMs,
            ...this.#options.clock.schedule({ kind: "servicebus.scheduled", id: `${entity.path}/${seq}`, dueMs }, () =>
              this.#activate(entity, entity.scheduled.get(seq)),
            ),
          };
    const entry: Entry = { seq, message, bytes, enqueuedMs, expiresMs, deliveryCount, due, lock: undefined };
    entity.add(entry);
    if (due === undefined) this.#nowReady(entity, entry);
    return entry;
  }

  #activate(entity: Entity, entry: Entry | undefined): void {
    if (entry === undefined) return;
    this.#remove(entity, entry);
    this.#enqueue(entity, entry.message, { from: entry });
  }

  #nowReady(entity: Entity, entry: Entry): void {
    if (entry.expiresMs !== undefined) this.#awaitExpiry(entity, entry.expiresMs);
    this.onReady(entity);
  }

  #awaitExpiry(entity: Entity, dueMs: number): void {
    if (entity.nextExpiry !== undefined && entity.nextExpiry.dueMs <= dueMs) return;
    entity.nextExpiry?.cancel();
    const item = { kind: "servicebus.expiry", id: entity.path, dueMs };
    entity.nextExpiry = { dueMs, ...this.#options.clock.schedule(item, () => this.#expire(entity)) };
  }

  /** Ends the life of available messages whose time has passed; a locked one lives until its lock ends. */
  #expire(entity: Entity): void {
    const now = this.#options.clock.now();
    if (entity.nextExpiry === undefined || entity.nextExpiry.dueMs > now) return;
    entity.nextExpiry.cancel();
    entity.nextExpiry = undefined;
    for (const entry of entity.entries.values()) {
      if (entry.expiresMs === undefined || entry.lock !== undefined) continue;
      if (entry.expiresMs > now) this.#awaitExpiry(entity, entry.expiresMs);
      else if (entity.queue.deadLetterOnExpiration === true)
        this.#bury(entity, entry, {
          reason: "TTLExpiredException",
          description: "The message expired and was dead lettered.",
        });
      else this.#remove(entity, entry);
    }
  }

  #endLocks(entity: Entity): void {
    const now = this.#options.transportNow();
    for (const entry of entity.locks.values()) {
      if (entry.lock === undefined || entry.lock.untilMs > now) break;
      this.#release(entity, entry);
    }
  }

  /** One delivery has failed. */
  #release(entity: Entity, entry: Entry): void {
    entry.deliveryCount += 1;
    const { maxDeliveryCount } = entity.queue;
    if (!entity.isDeadLetter && entry.deliveryCount >= maxDeliveryCount) {
      const description = `Message could not be consumed after ${maxDeliveryCount} delivery attempts.`;
      this.#bury(entity, entry, { reason: "MaxDeliveryCountExceeded", description });
      return;
    }
    entity.unlock(entry);
    this.#options.journal.put(entity.stored(entry));
    this.#nowReady(entity, entry);
    this.#expire(entity);
  }

  #bury(entity: Entity, entry: Entry, cause: DeadLetterCause): void {
    for (const [name, text] of Object.entries({ reason: cause.reason, description: cause.description }))
      if (typeof text === "string" && text.length > DEAD_LETTER_TEXT_MAX_CHARS)
        throw new BrokerError(
          "ArgumentError",
          `dead-letter ${name}: found ${text.length} characters; the limit is ${DEAD_LETTER_TEXT_MAX_CHARS}`,
        );
    const { timeToLiveMs: _, ...message } = withProperties(entry.message, {
      ...cause.properties,
      ...(cause.reason === undefined ? {} : { DeadLetterReason: cause.reason }),
      ...(cause.description === undefined ? {} : { DeadLetterErrorDescription: cause.description }),
    });
    const { enqueuedMs, deliveryCount, seq } = entry;
    const buried = { seq, message, enqueuedMs, deliveryCount, expiresMs: undefined, dueMs: undefined };
    const stored = { ...buried, queue: entity.name, dead: true };
    entity.remove(entry);
    this.#options.journal.put(stored);
    this.#add(this.entity(`${entity.path}${DEAD_LETTER_SUFFIX}`), stored);
  }

  #remove(entity: Entity, entry: Entry): void {
    entity.remove(entry);
    this.#options.journal.remove(entry.seq);
  }

  #locked(entity: Entity, lockToken: string): Entry {
    this.#endLocks(entity);
    const entry = entity.locks.get(lockToken);
    if (entry === undefined)
      throw new BrokerError(
        "MessageLockLost",
        "The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.",
      );
    return entry;
  }

  #lockEndMs(entity: Entity): number {
    return this.#options.transportNow() + entity.queue.lockDurationS * 1000;
  }
}
