import {
  DUPLICATE_WINDOW_MAX_S,
  DUPLICATE_WINDOW_MIN_S,
  LOCK_DURATION_MAX_S,
  MAX_DELIVERY_COUNT_MAX,
  QUEUE_NAME_MAX_CHARS,
} from "./limits.ts";

/** What Bicep sets on `Microsoft.ServiceBus/namespaces/queues`; durations in seconds. */
export interface QueueOptions {
  readonly name: string;
  /** Real (transport) time; at most 300. A killed host's messages come back only after it, so keep it short here. */
  readonly lockDurationS: number;
  /** After that many deliveries without completion a message becomes a dead letter. */
  readonly maxDeliveryCount: number;
  /** Business time, 20 s to 7 days; without it duplicates are not detected. */
  readonly duplicateDetectionWindowS?: number;
  /** Whether a message whose time to live ends becomes a dead letter; otherwise it vanishes. */
  readonly deadLetterOnExpiration?: boolean;
  /** Business time; upper bound of every message's time to live. */
  readonly defaultTtlS?: number;
  /** Not served: a queue that asks for it is refused. */
  readonly requiresSession?: boolean;
}

/** Throws an Error that names the queue, the option, what was found and what was expected. */
export function checkQueueOptions(queue: QueueOptions): void {
  const refuse = (option: keyof QueueOptions, expected: string): never => {
    throw new Error(
      `Service Bus queue ${queue.name}: ${option}: expected ${expected}, found ${JSON.stringify(queue[option])}`,
    );
  };
  const within = (option: keyof QueueOptions, min: number, max: number): void => {
    const value = queue[option];
    if (typeof value !== "number" || !(value >= min && value <= max)) refuse(option, `${min} to ${max}`);
  };
  if (!/^[a-z0-9]([a-z0-9._/-]*[a-z0-9])?$/i.test(queue.name) || queue.name.length > QUEUE_NAME_MAX_CHARS)
    refuse("name", `letters, digits, ". _ - /", at most ${QUEUE_NAME_MAX_CHARS} characters`);
  // Azure asks for at least 5 s; a shorter lock is allowed here so that a test of its end is quick.
  within("lockDurationS", 0.05, LOCK_DURATION_MAX_S);
  within("maxDeliveryCount", 1, MAX_DELIVERY_COUNT_MAX);
  if (queue.duplicateDetectionWindowS !== undefined)
    within("duplicateDetectionWindowS", DUPLICATE_WINDOW_MIN_S, DUPLICATE_WINDOW_MAX_S);
  if (queue.defaultTtlS !== undefined) within("defaultTtlS", 1, Number.MAX_SAFE_INTEGER);
  if (queue.requiresSession === true) refuse("requiresSession", "false (sessions are not served locally)");
}
