import { describe, expect, it } from "vitest";
import { count, shortTime, since, span, until } from "../../../shared/view/words.ts";

const nowMs = Date.parse("2026-11-18T14:32:00.000Z");
const minute = 60_000;

describe("words", () => {
  it.each([
    [0, "0 s"],
    [59_999, "59 s"],
    [61 * 1000, "1 min"],
    [60 * minute, "1 h"],
    [208 * minute, "3 h 28 min"],
    [24 * 60 * minute, "1 d"],
    [(2 * 24 + 3) * 60 * minute, "2 d 3 h"],
    [26 * 24 * 60 * minute + 1, "26 d"],
    [-5, "0 s"],
  ])("tells the length of %d ms as %s", (ms, expected) => {
    expect(span(ms)).toBe(expected);
  });

  it("counts down to its end and no further", () => {
    expect(until("2026-11-18T18:00:00.000Z", nowMs)).toBe("in 3 h 28 min");
    expect(until("2026-11-18T14:32:00.000Z", nowMs)).toBe("ending");
    expect(until("2026-11-17T00:00:00.000Z", nowMs)).toBe("ending");
  });

  it("does not tell a time to come as past", () => {
    expect(since("2026-11-18T13:32:00.000Z", nowMs)).toBe("1 h ago");
    expect(since("2026-11-18T14:32:04.000Z", nowMs)).toBe("just now");
  });

  it("names the day unless it is today, and the year unless it is this one", () => {
    expect(shortTime("2026-11-18T09:05:00.000Z", nowMs)).toBe("09:05");
    expect(shortTime("2026-11-19T09:05:00.000Z", nowMs)).toBe("19 Nov 09:05");
    expect(shortTime("2025-01-02T09:05:00.000Z", nowMs)).toBe("2 Jan 2025 09:05");
  });

  it("counts in the right number, thousands apart", () => {
    expect([count(0, "entry", "entries"), count(1, "change"), count(1_234_567, "change")]).toEqual([
      "0 entries",
      "1 change",
      "1,234,567 changes",
    ]);
  });
});
