/** Wake-ups over the bus: a hint that a writer key wants a look. The sweeper stands behind every one of them. */
export interface Bus {
  /** @throws SteelyardError `Unavailable` when the bus did not take it. */
  wake(key: string, atMs?: number): Promise<void>;
}

/** The queues by which messages come in. */
export const queueNames = ["events", "wake"] as const;
export type QueueName = (typeof queueNames)[number];

/** A message that the broker put aside because it was delivered too often without success. */
export interface DeadMessage {
  readonly queue: QueueName;
  /** Decimal; rises within a queue and names the message there. */
  readonly sequence: string;
  /** The broker's own, such as `MaxDeliveryCountExceeded`. */
  readonly reason: string;
  /** When it was first taken into the queue, ISO 8601, by the broker's clock. */
  readonly at: string;
  readonly body: unknown;
}

/** Dead letters of one queue that anybody can reach: those behind come into reach when one of them is taken. */
export const DEAD_MESSAGES_MAX = 500;

/** The dead letters of the bus, and the way back from them. */
export interface DeadLetterQueues {
  /**
   * The first ones of one queue, without taking them.
   * @throws SteelyardError `Unavailable`
   */
  peek(queue: QueueName, max: number): Promise<readonly DeadMessage[]>;
  /**
   * Takes one out of the dead letters of a queue; `resubmit` puts it into the queue before. False when it is not there
   * any more, or somebody else is taking it.
   * @throws SteelyardError `Unavailable`; then it may have been put into the queue and still be among the dead letters.
   */
  take(queue: QueueName, sequence: string, what: "resubmit" | "drop"): Promise<boolean>;
  /**
   * Puts a message into a queue. Where the queue detects duplicates, the same `id` within its window is taken once.
   * @throws SteelyardError `Unavailable`
   */
  send(queue: QueueName, body: unknown, id: string): Promise<void>;
}
