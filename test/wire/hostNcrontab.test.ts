import { array, assert, constant, integer, oneof, property, tuple, type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { nextOccurrence, parseSchedule } from "../../infra/local/host/ncrontab.ts";

const at = (text: string): number => Date.parse(text);
const next = (schedule: string, after: string): string => new Date(nextOccurrence(schedule, at(after))).toISOString();

describe("NCRONTAB schedules", () => {
  it.each([
    ["every five minutes", "0 */5 * * * *", "2026-11-21T09:12:34Z", "2026-11-21T09:15:00.000Z"],
    ["an occurrence itself is not after itself", "0 */5 * * * *", "2026-11-21T09:15:00Z", "2026-11-21T09:20:00.000Z"],
    ["a millisecond before", "0 */5 * * * *", "2026-11-21T09:14:59.999Z", "2026-11-21T09:15:00.000Z"],
    ["part of a second after", "* * * * * *", "2026-11-21T09:15:00.500Z", "2026-11-21T09:15:01.000Z"],
    ["the next hour", "30 0 * * * *", "2026-11-21T09:00:31Z", "2026-11-21T10:00:30.000Z"],
    ["over midnight", "0 30 2 * * *", "2026-12-31T02:30:00Z", "2027-01-01T02:30:00.000Z"],
    ["weekdays by name", "0 0 9 * * Mon-Fri", "2026-11-20T09:00:00Z", "2026-11-23T09:00:00.000Z"],
    ["Sunday is 0", "0 0 0 * * 0", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00.000Z"],
    ["a long name", "0 0 0 1 january *", "2026-11-21T00:00:00Z", "2027-01-01T00:00:00.000Z"],
    ["a list", "0 0 6,18 * * *", "2026-11-21T07:00:00Z", "2026-11-21T18:00:00.000Z"],
    ["a range with a step", "0 10-40/15 * * * *", "2026-11-21T07:11:00Z", "2026-11-21T07:25:00.000Z"],
    ["a value with a step runs to the end", "0 50/5 * * * *", "2026-11-21T07:51:00Z", "2026-11-21T07:55:00.000Z"],
    ["29 February", "0 0 0 29 2 *", "2026-11-21T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["day and weekday must both match", "0 0 0 13 * Fri", "2026-11-21T00:00:00Z", "2027-08-13T00:00:00.000Z"],
    ["29 February on a Sunday", "0 0 0 29 2 0", "2032-03-01T00:00:00Z", "2060-02-29T00:00:00.000Z"],
  ])("%s: %s", (_, schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  it("takes a TimeSpan as an interval from the moment itself", () => {
    expect(next("00:05:00", "2026-11-21T09:12:34.567Z")).toBe("2026-11-21T09:17:34.567Z");
    expect(parseSchedule("1.00:00:00").intervalMs).toBe(86_400_000);
    expect(parseSchedule("0 0 * * * *").intervalMs).toBeUndefined();
  });

  it.each([
    ["*/5 * * * *", /found 5 fields, expected six/],
    ["0 60 * * * *", /field minute: found "60", expected 0 to 59/],
    ["0 0 0 * * 7", /field day-of-week: found "7", expected 0 to 6 or a name/],
    ["0 0 0 0 * *", /field day: found "0"/],
    ["0 0 0 ? * *", /field day: found "\?"/],
    ["0 0 5-3 * * *", /field hour: found "5-3", expected the lower bound first/],
    ["0 */0 * * * *", /field minute: found "\*\/0", expected a step/],
    ["0 1-2-3 * * * *", /at most one "-"/],
    ["0 1/2/3 * * * *", /at most one "\/"/],
    ["0 0 0 * Foo *", /field month: found "Foo"/],
    ["0 ,1 * * * *", /field minute: found ""/],
    ["00:00:00", /an interval of zero/],
    ["24:00:00", /found 1 fields/],
    ["", /found 1 fields/],
  ])("refuses %s by name", (schedule, message) => {
    expect(() => nextOccurrence(schedule, 0)).toThrow(message);
  });

  it("says that a date never comes, instead of looking for ever", () => {
    expect(() => nextOccurrence("0 0 0 30 2 *", 0)).toThrow(/never occurs/);
  });
});

/** A field as text and as the set of what it matches. */
function field(min: number, max: number): Arbitrary<{ text: string; matches: (value: number) => boolean }> {
  const value = integer({ min, max });
  const part = oneof(
    value.map((v) => ({ text: `${v}`, has: (x: number) => x === v })),
    tuple(value, value).map(([a, b]) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      return { text: `${low}-${high}`, has: (x: number) => x >= low && x <= high };
    }),
    integer({ min: 1, max: max - min }).map((step) => ({
      text: `*/${step}`,
      has: (x: number) => (x - min) % step === 0,
    })),
    constant({ text: "*", has: () => true }),
  );
  return array(part, { minLength: 1, maxLength: 3 }).map((parts) => ({
    text: parts.map(({ text }) => text).join(","),
    matches: (x) => parts.some(({ has }) => has(x)),
  }));
}

const matches = (all: { matches: (value: number) => boolean }[], ms: number): boolean => {
  const date = new Date(ms);
  const values = [
    date.getUTCSeconds(),
    date.getUTCMinutes(),
    date.getUTCHours(),
    date.getUTCDate(),
    date.getUTCMonth() + 1,
    date.getUTCDay(),
  ];
  return values.every((value, index) => all[index]!.matches(value));
};

describe("any schedule at any moment", () => {
  // Days up to 28 and any weekday, so that every schedule occurs.
  const fields = tuple(
    field(0, 59),
    field(0, 59),
    field(0, 23),
    field(1, 28),
    field(1, 12),
    constant({ text: "*", matches: () => true }),
  );
  const moment = integer({ min: at("2000-01-01T00:00:00Z"), max: at("2099-12-31T00:00:00Z") });

  it("occurs after the moment, on a whole second that every field matches", () => {
    assert(
      property(fields, moment, (all, afterMs) => {
        const found = nextOccurrence(all.map(({ text }) => text).join(" "), afterMs);
        expect(found).toBeGreaterThan(afterMs);
        expect(found % 1000).toBe(0);
        expect(matches(all, found)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("skips no occurrence: none of the seconds before it matches", () => {
    assert(
      property(fields, moment, integer({ min: 1, max: 7200 }), (all, afterMs, back) => {
        const schedule = all.map(({ text }) => text).join(" ");
        const found = nextOccurrence(schedule, afterMs);
        const fromMs = Math.max(found - back * 1000, afterMs + 1);
        for (let ms = Math.ceil(fromMs / 1000) * 1000; ms < found; ms += 1000) expect(matches(all, ms)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});
