/** What the parts of the Service Bus conformance suite share. */
import { ServiceBusError, type ServiceBusClient, type ServiceBusReceivedMessage } from "@azure/service-bus";

export interface ServiceBusUnderTest {
  /** After three deliveries, and when it expires, a message is a dead letter. */
  readonly queue: string;
  /** Detects duplicates for 20 s. */
  readonly deduplicated: string;
  /** Of both. */
  readonly lockDurationS: number;
  /** A client that may send and receive; the suite closes it. */
  readonly connect: () => ServiceBusClient;
  /** One with a token that is not good. */
  readonly stranger?: () => ServiceBusClient;
  /** Takes all messages out of both queues and their dead-letter sub-queues. */
  readonly empty: () => Promise<void>;
  /** The service's time, milliseconds since the epoch. Locks go by real time in any case. */
  readonly now: () => number;
  /** Lets that much of the service's time pass. */
  readonly pass: (ms: number) => Promise<void>;
}

/** The client renews locks by itself otherwise. */
export const noRenewal = { maxAutoLockRenewalDurationInMs: 0 };

export const bodies = (messages: readonly ServiceBusReceivedMessage[]): unknown[] => messages.map(({ body }) => body);

/** The client's error code of what fails; what it tried several times is an AggregateError. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    const last: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
    return last instanceof ServiceBusError ? last.code : String(last);
  }
}

export interface Suite {
  readonly target: () => ServiceBusUnderTest;
  /** A new one in each test. */
  readonly client: () => ServiceBusClient;
  readonly queue: () => string;
}
