import { describe, expect, it } from "vitest";
import { armError, classify, pollAfterMs } from "../../../shared/adapters/armErrors.ts";

describe("an ARM error", () => {
  it.each([
    [409, "RequestConflict", "retry"],
    [429, "SubscriptionRequestsThrottled", "retry"],
    [409, "ScopeLocked", "retrySlowly"],
    [403, "AuthorizationFailed", "retrySlowly"],
    [403, "RequestDisallowedByPolicy", "retrySlowly"],
    [400, "InvalidResourceProperties", "giveUp"],
    [400, "715-123420", "giveUp"],
    [503, "ServerBusy", "retry"],
    [500, "toString", "retry"],
    [400, "constructor", "giveUp"],
  ])("%i %s: %s", (status, code, expected) => {
    expect(classify(status, code)).toBe(expected);
  });

  it("keeps code and message verbatim, wrapped or bare", () => {
    const wrapped = JSON.stringify({ error: { code: "ScopeLocked", message: "The scope ..." } });
    expect(armError(409, wrapped, undefined)).toMatchObject({ code: "ScopeLocked", message: "The scope ..." });
    expect(armError(409, JSON.stringify({ code: "Conflict", message: "m" }), undefined)).toMatchObject({
      code: "Conflict",
      class: "retry",
    });
  });

  it("speaks of the status when the answer is a gateway's page or nothing", () => {
    for (const body of ["<html>", "", null, undefined, "[]", "null"]) {
      expect(armError(502, body, undefined), String(body)).toMatchObject({ code: "Http502", class: "retry" });
    }
  });

  it.each([
    ["5", 5_000],
    ["0", 0],
    ["-3", 0],
    ["86400", 900_000],
    ["Wed, 21 Oct 2026 07:28:00 GMT", undefined],
    [undefined, undefined],
  ])("reads Retry-After %s as %s ms", (header, expected) => {
    expect(armError(429, "", header).retryAfterMs).toBe(expected);
  });
});

describe("the wait between polls", () => {
  it.each([
    [undefined, 2_000],
    ["5", 5_000],
    ["0", 2_000],
    ["-1", 2_000],
    ["999999", 60_000],
    ["1e300", 60_000],
    ["Infinity", 2_000],
    ["Sat, 21 Nov 2026 10:00:00 GMT", 2_000],
  ])("after %s", (header, expected) => {
    expect(pollAfterMs(header)).toBe(expected);
  });
});
