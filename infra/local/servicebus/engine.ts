/**
 * Azure Service Bus, standard tier, as far as the product uses it: queues with peek-lock and receive-and-delete, batch
 * sends, scheduled messages, time to live, duplicate detection, dead-letter sub-queues, peek.
 *
 * The unmodified @azure/service-bus client connects with
 *
 *     new ServiceBusClient("localhost:7076", credential)
 *
 * that is, `<prefix>__fullyQualifiedNamespace=localhost:7076` for a trigger and for the product's sender alike: the
 * client puts the setting into `sb://<setting>/` and takes the port from there (core-amqp, connectionConfig). With a
 * TokenCredential it always speaks TLS and verifies the certificate for that host name, so the process must trust the
 * local authority (NODE_EXTRA_CA_CERTS). It asks the credential for the scope `https://servicebus.azure.net//.default`
 * and puts the token per entity on the link `$cbs`.
 *
 * Two times: locks are transport time (real); scheduled messages, time to live, the duplicate window and `delay` faults
 * are business time. A send is confirmed after its commit: killing this process loses no confirmed message, and what was
 * locked is delivered again.
 *
 * Refused by name: sessions, deferral, topics, transactions, SAS tokens, message bodies other than one data section.
 * Limits: limits.ts. Any caller with a good token may use every queue. Faults: guard.ts; the point's method is send,
 * receive, complete, abandon, deadLetter, renewLock, schedule, cancel or peek, its path the entity in lower case.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Verify } from "../identity/caller.ts";
import type { Engine, EngineContext, WaitingOn } from "../platform/engine.ts";
import { openDatabase } from "../platform/sqlite.ts";
import type { Tls } from "../platform/wire.ts";
import type { Bus } from "./amqp/bus.ts";
import { recordSends } from "./amqp/sending.ts";
import { AmqpServer } from "./amqp/server.ts";
import { Broker } from "./broker.ts";
import { Commit } from "./commit.ts";
import { DEAD_LETTER_SUFFIX, type Entry } from "./entity.ts";
import { type Failure, Guard } from "./guard.ts";
import { Journal } from "./journal.ts";
import { WAITING_NAMED_MAX } from "./limits.ts";
import type { BrokerMessage } from "./message.ts";
import type { QueueOptions } from "./queueOptions.ts";

export type { BrokerMessage } from "./message.ts";
export { jsonMessage } from "./message.ts";
export type { QueueOptions } from "./queueOptions.ts";

export interface ServiceBusOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly tls: Tls;
  readonly verify: Verify;
  readonly queues: readonly QueueOptions[];
}

export interface QueueCounts {
  /** Ready for delivery. */
  readonly active: number;
  readonly scheduled: number;
  readonly deadLetter: number;
  /** Delivered and neither settled nor given up. */
  readonly locked: number;
}

export interface DeadLetter {
  readonly sequenceNumber: number;
  readonly reason: string | undefined;
  readonly description: string | undefined;
  readonly deliveryCount: number;
  /** Business time, milliseconds since the epoch. */
  readonly enqueuedMs: number;
  readonly message: BrokerMessage;
}

export class ServiceBusEngine implements Engine {
  readonly name = "servicebus";
  readonly #context: EngineContext;
  readonly #options: ServiceBusOptions;
  readonly #database: DatabaseSync;
  readonly #broker: Broker;
  readonly #commit: Commit;
  readonly #bus: Bus;
  readonly #server: AmqpServer;
  /** Waits for the end of the earliest lock. */
  #lockTimer: { readonly dueMs: number; readonly timer: NodeJS.Timeout } | undefined;

  constructor(context: EngineContext, options: ServiceBusOptions) {
    this.#context = context;
    this.#options = options;
    const { dataDir, clock, effects, log } = context;
    this.#database = openDatabase(dataDir === ":memory:" ? dataDir : join(dataDir, "servicebus.sqlite"));
    const journal = new Journal(this.#database);
    this.#commit = new Commit(journal);
    // Lock tokens must not come again after a restart, so they are not drawn from the seeded generator.
    const { queues, verify } = options;
    this.#broker = new Broker({ journal, clock, transportNow: Date.now, uuid: randomUUID, queues });
    const guard = new Guard(context, (work) => this.#commit.afterwards(work));
    this.#bus = { broker: this.#broker, commit: this.#commit, guard, verify, effects, log };
    this.#broker.onLock = (untilMs) => this.#awaitLockEnd(untilMs);
    this.#server = new AmqpServer(this.#bus, options.tls);
  }

  /** The port that is open. Throws before {@link start}. */
  get port(): number {
    return this.#server.port;
  }

  async start(): Promise<void> {
    for (const queue of this.#broker.load())
      this.#context.log("warn", "messages of an undeclared queue stay in the database", { queue });
    await this.#server.start(this.#options.port);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#lockTimer?.timer);
    await this.#server.stop();
    this.#commit.discard();
    this.#broker.close();
    this.#database.close();
  }

  reset(): void {
    this.#server.dropConnections();
    this.#commit.discard();
    this.#broker.clear();
  }

  /**
   * Sends without a connection, for the engines of this process; durable when it returns. Faults of `send` apply.
   * Throws {@link SendRefused}, or BrokerError for a queue that does not exist.
   *
   * @param caller object ID or name for faults and effects
   */
  send(queue: string, message: BrokerMessage, caller = ""): void {
    const entity = this.#broker.entity(queue);
    const failures: Failure[] = [];
    this.#bus.guard.runSend({ method: "send", path: entity.path, caller }, 1, {
      effect: (shapes) => {
        this.#broker.send(entity, [message], shapes);
        recordSends(this.#bus, entity, caller, "send", 1);
      },
      answer: () => {},
      refuse: (failure) => failures.push(failure),
      cut: () =>
        failures.push({ condition: "amqp:connection:forced", description: "the connection was cut on purpose" }),
    });
    this.#commit.flush();
    const [failure] = failures;
    if (failure !== undefined) throw new SendRefused(entity.path, failure);
  }

  /** Throws BrokerError for a queue that does not exist. */
  counts(queue: string): QueueCounts {
    const entity = this.#broker.entity(queue);
    const dead = this.#broker.entity(`${queue}${DEAD_LETTER_SUFFIX}`);
    const active = this.#broker.available(entity);
    return { active, scheduled: entity.scheduled.size, deadLetter: dead.entries.size, locked: entity.locks.size };
  }

  /** The dead letters of a queue by sequence number. Throws BrokerError for a queue that does not exist. */
  deadLetters(queue: string): DeadLetter[] {
    this.#broker.available(this.#broker.entity(queue));
    const { entries } = this.#broker.entity(`${queue}${DEAD_LETTER_SUFFIX}`);
    return [...entries.values()].sort((a, b) => a.seq - b.seq).map(deadLetterOf);
  }

  waitingOn(): WaitingOn[] {
    const messages: WaitingOn[] = [];
    const scheduled: WaitingOn[] = [];
    for (const entity of this.#broker.entities()) {
      if (entity.isDeadLetter) continue;
      this.#broker.available(entity);
      for (const { seq, enqueuedMs: sinceMs, due } of entity.entries.values()) {
        const id = `${entity.path}/${seq}`;
        if (due === undefined) messages.push({ kind: "servicebus.message", id, sinceMs });
        else scheduled.push({ kind: "servicebus.scheduled", id, sinceMs, dueMs: due.dueMs });
      }
    }
    scheduled.sort((a, b) => (a.dueMs ?? 0) - (b.dueMs ?? 0));
    return [...bounded(messages), ...bounded(scheduled)];
  }

  #awaitLockEnd(dueMs: number): void {
    if (this.#lockTimer !== undefined && this.#lockTimer.dueMs <= dueMs) return;
    clearTimeout(this.#lockTimer?.timer);
    const timer = setTimeout(
      () => {
        this.#lockTimer = undefined;
        this.#broker.endLocks();
        const nextMs = this.#broker.nextLockEndMs();
        if (nextMs !== undefined) this.#awaitLockEnd(nextMs);
      },
      Math.max(1, dueMs - Date.now()),
    );
    this.#lockTimer = { dueMs, timer };
  }
}

/** A fault or a limit kept the message out; `condition` is the AMQP error that a client would have seen. */
export class SendRefused extends Error {
  readonly condition: string;

  constructor(queue: string, failure: Failure) {
    super(`Service Bus queue ${queue}: ${failure.description}`);
    this.name = "SendRefused";
    this.condition = failure.condition;
  }
}

function deadLetterOf({ seq, message, deliveryCount, enqueuedMs }: Entry): DeadLetter {
  const { DeadLetterReason, DeadLetterErrorDescription } = message.applicationProperties ?? {};
  return {
    sequenceNumber: seq,
    reason: typeof DeadLetterReason === "string" ? DeadLetterReason : undefined,
    description: typeof DeadLetterErrorDescription === "string" ? DeadLetterErrorDescription : undefined,
    deliveryCount,
    enqueuedMs,
    message,
  };
}

/** The first items, and one that counts the rest and is due when the first of them is. */
function bounded(items: WaitingOn[]): WaitingOn[] {
  const next = items[WAITING_NAMED_MAX];
  if (next === undefined) return items;
  return [...items.slice(0, WAITING_NAMED_MAX), { ...next, id: `${items.length - WAITING_NAMED_MAX} more` }];
}
