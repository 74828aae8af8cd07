/** The dead-letter subqueues of Azure Service Bus. */
import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
  ServiceBusSender,
} from "@azure/service-bus";
import { SteelyardError } from "../kernel/errors.ts";
import { DEAD_MESSAGES_MAX, type DeadLetterQueues, type DeadMessage, type QueueName } from "../ports/bus.ts";

const BATCH = 100;

/** Nothing more comes within this time when the subqueue was read to its end. */
const WAIT_MS = 2_000;

export class ServiceBusDeadLetters implements DeadLetterQueues {
  readonly #connect: () => ServiceBusClient;
  readonly #client: ServiceBusClient;
  readonly #names: Readonly<Record<QueueName, string>>;
  readonly #senders = new Map<QueueName, ServiceBusSender>();

  /** @param connect makes a client; one is kept, and one is made for each look at the dead letters */
  constructor(connect: () => ServiceBusClient, names: Readonly<Record<QueueName, string>>) {
    this.#connect = connect;
    this.#client = connect();
    this.#names = names;
  }

  /**
   * With a client of its own: one client remembers up to where it has peeked into an entity, whatever receiver does it
   * (@azure/service-bus 7.9, managementClient), and would show nothing the second time.
   */
  async peek(queue: QueueName, max: number): Promise<readonly DeadMessage[]> {
    const client = this.#connect();
    try {
      return await this.#withReceiver(client, queue, "reading", async (receiver) => {
        const messages: ServiceBusReceivedMessage[] = [];
        // The broker may answer less than it was asked for.
        while (messages.length < max) {
          const next = await receiver.peekMessages(max - messages.length);
          if (next.length === 0) break;
          messages.push(...next);
        }
        return messages.map((message) => deadMessageOf(queue, message));
      });
    } finally {
      await client.close().catch(() => undefined);
    }
  }

  /**
   * The broker hands dead letters out in its own order and knows no way to take one by its number, so the ones before
   * are locked, too, until it is found; they are given back at once. A dead letter is never put aside a second time,
   * however often it is given back.
   */
  async take(queue: QueueName, sequence: string, what: "resubmit" | "drop"): Promise<boolean> {
    return this.#withReceiver(this.#client, queue, "taking", async (receiver) => {
      const others: ServiceBusReceivedMessage[] = [];
      try {
        while (others.length < DEAD_MESSAGES_MAX) {
          const batch = await receiver.receiveMessages(BATCH, { maxWaitTimeInMs: WAIT_MS });
          if (batch.length === 0) return false;
          const found = batch.find((message) => message.sequenceNumber?.toString() === sequence);
          others.push(...batch.filter((message) => message !== found));
          if (found === undefined) continue;
          // First into the queue: a message that is there twice means one look more, one that is nowhere none at all.
          if (what === "resubmit") await this.send(queue, found.body, `redrive-${queue}-${sequence}`);
          await receiver.completeMessage(found);
          return true;
        }
        return false;
      } finally {
        await Promise.all(others.map((message) => receiver.abandonMessage(message)));
      }
    });
  }

  async send(queue: QueueName, body: unknown, id: string): Promise<void> {
    let sender = this.#senders.get(queue);
    if (sender === undefined) this.#senders.set(queue, (sender = this.#client.createSender(this.#names[queue])));
    try {
      await sender.sendMessages({ body, messageId: id, contentType: "application/json" });
    } catch (error) {
      throw new SteelyardError("Unavailable", "Service Bus did not take a message back", { cause: error });
    }
  }

  async #withReceiver<T>(
    client: ServiceBusClient,
    queue: QueueName,
    doing: string,
    work: (receiver: ServiceBusReceiver) => Promise<T>,
  ): Promise<T> {
    const receiver = client.createReceiver(this.#names[queue], { subQueueType: "deadLetter" });
    try {
      return await work(receiver);
    } catch (error) {
      if (error instanceof SteelyardError) throw error;
      throw new SteelyardError("Unavailable", `${doing} the dead letters of ${queue} failed`, { cause: error });
    } finally {
      await receiver.close().catch(() => undefined);
    }
  }
}

function deadMessageOf(queue: QueueName, message: ServiceBusReceivedMessage): DeadMessage {
  const { sequenceNumber, deadLetterReason, enqueuedTimeUtc, body } = message;
  return {
    queue,
    sequence: sequenceNumber?.toString() ?? "",
    reason: deadLetterReason ?? "the broker gave no reason",
    // oxlint-disable-next-line no-restricted-globals -- formats the broker's time; does not read the machine's
    at: (enqueuedTimeUtc ?? new Date(0)).toISOString(),
    body,
  };
}
