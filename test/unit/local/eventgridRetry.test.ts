import { expect, test } from "vitest";
import { afterFailure, outcomeOf, retryStepsMs } from "../../../infra/local/eventgrid/retry.ts";

const attempt = { maxAttempts: 30, status: 503, nowMs: 1_000_000 };
const noJitter = (): number => 0;

test("the waits are those of the service, the last one repeated", () => {
  const waits = Array.from({ length: 12 }, (_, index) => {
    const next = afterFailure({ ...attempt, attempts: index + 1 }, noJitter);
    return "retryAtMs" in next ? (next.retryAtMs - attempt.nowMs) / 1000 : next.giveUp;
  });
  expect(waits).toEqual([10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 43_200, 43_200]);
});

test("jitter adds at most a tenth", () => {
  for (const random of [0, 0.5, 0.999]) {
    const next = afterFailure({ ...attempt, attempts: 3 }, () => random);
    expect(next).toEqual({ retryAtMs: attempt.nowMs + Math.round(60_000 * (1 + random / 10)) });
  }
});

test("the last allowed attempt ends it", () => {
  expect(afterFailure({ ...attempt, attempts: 29 }, noJitter)).toHaveProperty("retryAtMs");
  expect(afterFailure({ ...attempt, attempts: 30 }, noJitter)).toEqual({ giveUp: "MaxDeliveryAttemptsExceeded" });
});

test.each([
  [400, "UndeliverableDueToHttpBadRequest"],
  [403, "UndeliverableDueToHttpForbidden"],
  [413, "UndeliverableDueToHttpRequestEntityTooLarge"],
])("%i is never tried again", (status, giveUp) => {
  expect(afterFailure({ ...attempt, attempts: 1, status }, noJitter)).toEqual({ giveUp });
});

test.each([401, 404, 408, 409, 429, 500, 503, undefined])("%s is tried again", (status) => {
  expect(afterFailure({ ...attempt, attempts: 1, status }, noJitter)).toEqual({
    retryAtMs: attempt.nowMs + (retryStepsMs[0] ?? 0),
  });
});

test("outcomes have the service's names", () => {
  expect([undefined, 404, 503, 500].map(outcomeOf)).toEqual(["TimedOut", "NotFound", "Busy", "GenericError"]);
});
