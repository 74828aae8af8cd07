/** When Event Grid tries again, and when it gives up (Microsoft Learn, delivery-and-retry). All times are business time. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Wait after the first failed attempt, the second, ...; the last one repeats. */
export const retryStepsMs: readonly number[] = [
  10 * SECOND_MS,
  30 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
];

/** "Event Grid adds a small randomization to all retry steps": here up to a tenth on top; the real share is unknown. */
const JITTER = 0.1;

/** A destination in Azure that answers so will not answer otherwise later; with the reason that dead letters give. */
const finalStatuses: Readonly<Record<number, DeadLetterReason>> = {
  400: "UndeliverableDueToHttpBadRequest",
  403: "UndeliverableDueToHttpForbidden",
  413: "UndeliverableDueToHttpRequestEntityTooLarge",
};

export type DeadLetterReason =
  | "MaxDeliveryAttemptsExceeded"
  | "TimeToLiveExceeded"
  | "UndeliverableDueToHttpBadRequest"
  | "UndeliverableDueToHttpForbidden"
  | "UndeliverableDueToHttpRequestEntityTooLarge";

const outcomes: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  408: "TimedOut",
  413: "RequestEntityTooLarge",
  503: "Busy",
};

/** `lastDeliveryOutcome` of a dead letter, for the status that the destination's refusal amounts to. */
export function outcomeOf(status: number | undefined): string {
  return outcomes[status ?? 408] ?? "GenericError";
}

export interface FailedAttempt {
  /** Attempts made, this one included. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** HTTP status that the destination's refusal amounts to, if known. */
  readonly status: number | undefined;
  readonly nowMs: number;
}

/** What follows a failed attempt. The time to live is looked at when the next attempt is due, as the service does. */
export function afterFailure(
  attempt: FailedAttempt,
  random: () => number,
): { retryAtMs: number } | { giveUp: DeadLetterReason } {
  const final = finalStatuses[attempt.status ?? 0];
  if (final !== undefined) return { giveUp: final };
  if (attempt.attempts >= attempt.maxAttempts) return { giveUp: "MaxDeliveryAttemptsExceeded" };
  const step = retryStepsMs[Math.min(attempt.attempts, retryStepsMs.length) - 1] ?? 12 * HOUR_MS;
  return { retryAtMs: attempt.nowMs + Math.round(step * (1 + JITTER * random())) };
}
