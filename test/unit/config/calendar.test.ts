import { describe, expect, it } from "vitest";
import { weeklySchema, weeklyUntil, weekdays, type Weekly } from "../../../shared/config/calendar.ts";
import { dayMs, hourMs, minuteMs, toIso } from "../../../shared/kernel/clock.ts";

const at = (text: string): number => Date.parse(text);
const short = (ms: number): string => toIso(ms).replace(":00.000Z", "Z");

function weekly(days: string, from: string, to: string, timeZone = "UTC"): Weekly {
  return weeklySchema.parse({ days: days === "all" ? weekdays : days.split(" "), from, to, timeZone });
}

function until(when: Weekly, now: string): string | undefined {
  const ms = weeklyUntil(when, at(now));
  return ms === undefined ? undefined : short(ms);
}

/** The stretches of a window in a span; edges off the five minutes would be missed, and with them the stretch. */
function stretches(when: Weekly, from: string, to: string): string[] {
  const found: string[] = [];
  for (let ms = at(from); ms < at(to); ms += 5 * minuteMs) {
    const isIn = weeklyUntil(when, ms) !== undefined;
    const wasIn = weeklyUntil(when, ms - 1) !== undefined;
    if (isIn && !wasIn) found.push(short(ms));
    if (!isIn && wasIn) found.push(`${found.pop() ?? ""} to ${short(ms)}`);
  }
  return found;
}

describe("a time of the week", () => {
  // 2 March 2026 is a Monday.
  it.each([
    ["before it begins", "mon", "08:00", "17:00", "2026-03-02T07:59:59.999Z", undefined],
    ["as it begins", "mon", "08:00", "17:00", "2026-03-02T08:00:00.000Z", "2026-03-02T17:00Z"],
    ["in its last millisecond", "mon", "08:00", "17:00", "2026-03-02T16:59:59.999Z", "2026-03-02T17:00Z"],
    ["as it ends", "mon", "08:00", "17:00", "2026-03-02T17:00:00.000Z", undefined],
    ["on another day", "tue", "08:00", "17:00", "2026-03-02T12:00:00.000Z", undefined],
    ["over midnight, before it", "fri", "22:00", "06:00", "2026-03-06T23:00:00.000Z", "2026-03-07T06:00Z"],
    ["over midnight, after it", "fri", "22:00", "06:00", "2026-03-07T05:59:00.000Z", "2026-03-07T06:00Z"],
    ["over midnight, the morning of its day", "fri", "22:00", "06:00", "2026-03-06T05:00:00.000Z", undefined],
    ["over midnight, the night after", "fri", "22:00", "06:00", "2026-03-07T22:00:00.000Z", undefined],
    ["from Sunday into Monday", "sun", "23:00", "01:00", "2026-03-02T00:30:00.000Z", "2026-03-02T01:00Z"],
    ["all day", "mon", "00:00", "00:00", "2026-03-02T23:59:59.000Z", "2026-03-03T00:00Z"],
    ["all day from the morning on", "mon", "08:00", "08:00", "2026-03-03T07:59:00.000Z", "2026-03-03T08:00Z"],
    ["all day from the morning on, before it", "mon", "08:00", "08:00", "2026-03-02T07:59:00.000Z", undefined],
    ["until midnight", "mon", "20:00", "00:00", "2026-03-02T23:00:00.000Z", "2026-03-03T00:00Z"],
    ["over the end of a year", "thu", "18:00", "09:00", "2026-12-31T23:30:00.000Z", "2027-01-01T09:00Z"],
    ["over the end of a year, after it", "thu", "18:00", "09:00", "2027-01-01T08:00:00.000Z", "2027-01-01T09:00Z"],
    ["on 29 February", "tue", "00:00", "00:00", "2028-02-29T12:00:00.000Z", "2028-03-01T00:00Z"],
  ])("%s", (_name, days, from, to, now, expected) => {
    expect(until(weekly(days, from, to), now)).toBe(expected);
  });

  it("that follows another without a gap is one with it: a weekend ends on Monday", () => {
    const weekend = weekly("sat sun", "00:00", "00:00", "Europe/Berlin");
    expect(stretches(weekend, "2026-03-06T00:00Z", "2026-03-10T00:00Z")).toEqual([
      "2026-03-06T23:00Z to 2026-03-08T23:00Z",
    ]);
    expect(until(weekend, "2026-03-07T12:00:00Z")).toBe("2026-03-08T23:00Z");
    expect(until(weekly("sat sun", "22:00", "06:00"), "2026-03-07T23:00:00Z")).toBe("2026-03-08T06:00Z");
  });

  it("that never ends is said to go on for about a week", () => {
    const now = at("2026-03-04T12:00:00Z");
    for (const time of ["00:00", "12:00", "12:01"]) {
      const ms = weeklyUntil(weekly("all", time, time), now) ?? NaN;
      expect(ms).toBeGreaterThan(now + 7 * dayMs - hourMs);
      expect(ms).toBeLessThanOrEqual(now + 8 * dayMs);
    }
  });
});

describe("a time of the week by a wall elsewhere", () => {
  it.each([
    ["half an hour beside", "Asia/Kolkata", "2026-03-02T03:30:00Z", "2026-03-02T11:30Z"],
    ["three quarters beside", "Asia/Kathmandu", "2026-03-02T03:15:00Z", "2026-03-02T11:15Z"],
    ["14 hours ahead", "Pacific/Kiritimati", "2026-03-01T19:00:00Z", "2026-03-02T03:00Z"],
    ["11 hours behind", "Pacific/Pago_Pago", "2026-03-02T20:00:00Z", "2026-03-03T04:00Z"],
    ["in summer", "America/New_York", "2026-07-06T13:00:00Z", "2026-07-06T21:00Z"],
    ["in winter", "America/New_York", "2026-03-02T14:00:00Z", "2026-03-02T22:00Z"],
  ])("%s", (_name, zone, now, expected) => {
    const working = weekly("mon", "09:00", "17:00", zone);
    expect(until(working, now)).toBe(expected);
    expect(weeklyUntil(working, at(now) - 1)).toBeUndefined();
  });

  // Europe/Berlin goes from 02:00 to 03:00 on 29 March 2026 (01:00Z), and from 03:00 back to 02:00 on 25 October (01:00Z).
  const spring = ["2026-03-28T12:00Z", "2026-03-29T12:00Z"] as const;
  const autumn = ["2026-10-24T12:00Z", "2026-10-25T12:00Z"] as const;
  it.each([
    ["is an hour shorter", spring, "00:00", "06:00", "2026-03-28T23:00Z to 2026-03-29T04:00Z"],
    ["ends when the clock passes its end", spring, "01:00", "02:30", "2026-03-29T00:00Z to 2026-03-29T01:00Z"],
    ["begins when the clock passes its beginning", spring, "02:30", "04:00", "2026-03-29T01:00Z to 2026-03-29T02:00Z"],
    ["has no night in which it never was", spring, "02:10", "02:50", ""],
    ["is an hour longer", autumn, "00:00", "06:00", "2026-10-24T22:00Z to 2026-10-25T05:00Z"],
    ["ends the first time", autumn, "01:00", "02:30", "2026-10-24T23:00Z to 2026-10-25T00:30Z"],
    ["begins the first time", autumn, "02:30", "04:00", "2026-10-25T00:30Z to 2026-10-25T03:00Z"],
    ["is there once, not twice", autumn, "02:15", "02:45", "2026-10-25T00:15Z to 2026-10-25T00:45Z"],
    ["ends as the clock is put back", autumn, "02:00", "03:00", "2026-10-25T00:00Z to 2026-10-25T02:00Z"],
  ])("where the clock changes %s, in one piece", (_name, [from, to], begins, ends, expected) => {
    const found = stretches(weekly("sun", begins, ends, "Europe/Berlin"), from, to);
    expect(found).toEqual(expected === "" ? [] : [expected]);
  });

  it("changes by half an hour on Lord Howe, and at midnight in Havana", () => {
    const island = weekly("sun", "01:45", "02:15", "Australia/Lord_Howe");
    // 5 April 2026: from 02:00 (+11) back to 01:30 (+10:30). 4 October: from 02:00 (+10:30) to 02:30 (+11).
    expect(stretches(island, "2026-04-04T12:00Z", "2026-04-05T00:00Z")).toEqual([
      "2026-04-04T14:45Z to 2026-04-04T15:45Z",
    ]);
    expect(stretches(island, "2026-10-03T12:00Z", "2026-10-04T00:00Z")).toEqual([
      "2026-10-03T15:15Z to 2026-10-03T15:30Z",
    ]);
    // 8 March 2026: from 00:00 (-5) to 01:00 (-4): Sunday begins at one o'clock. 1 November: from 01:00 back to 00:00.
    const sunday = weekly("sun", "00:00", "00:00", "America/Havana");
    expect(stretches(sunday, "2026-03-07T12:00Z", "2026-03-09T12:00Z")).toEqual([
      "2026-03-08T05:00Z to 2026-03-09T04:00Z",
    ]);
    expect(stretches(sunday, "2026-10-31T12:00Z", "2026-11-02T12:00Z")).toEqual([
      "2026-11-01T04:00Z to 2026-11-02T05:00Z",
    ]);
  });

  it("holds until the end that it names, and not then, wherever clocks change", () => {
    const windows = [
      ["sat sun", "23:30", "03:10"],
      ["sun", "02:30", "02:00"],
      ["sat", "02:30", "02:30"],
      ["sun mon", "00:30", "01:30"],
    ] as const;
    const changes = [
      ["Europe/Berlin", "2026-03-29"],
      ["America/New_York", "2026-11-01"],
      ["America/St_Johns", "2026-03-08"],
      ["Australia/Lord_Howe", "2026-04-05"],
      ["Pacific/Chatham", "2026-09-27"],
      ["Asia/Tehran", "2026-03-22"],
    ] as const;
    for (const [zone, day] of changes) {
      for (const [days, from, to] of windows) {
        const when = weekly(days, from, to, zone);
        for (let now = at(day) - dayMs; now < at(day) + 2 * dayMs; now += 45 * minuteMs) {
          const end = weeklyUntil(when, now);
          if (end === undefined) continue;
          expect(end).toBeGreaterThan(now);
          expect(weeklyUntil(when, end - 1)).toBe(end);
          expect(weeklyUntil(when, end)).toBeUndefined();
          expect(weeklyUntil(when, Math.floor((now + end) / 2))).toBe(end);
        }
      }
    }
  });
});

describe("what people write as a time of the week", () => {
  it.each([
    [{ days: [], from: "08:00", to: "09:00" }, "days"],
    [{ days: ["Mon"], from: "08:00", to: "09:00" }, "days.0"],
    [{ days: ["mon"], from: "8:00", to: "09:00" }, "from"],
    [{ days: ["mon"], from: "24:00", to: "09:00" }, "from"],
    [{ days: ["mon"], from: "08:00", to: "09:60" }, "to"],
    [{ days: ["mon"], from: "08:00", to: "09:00", timeZone: "Europe/Atlantis" }, "timeZone"],
    [{ days: ["mon"], from: "08:00", to: "09:00", timeZone: "" }, "timeZone"],
    [{ days: ["mon"], from: "08:00", to: "09:00", zone: "UTC" }, ""],
  ])("is refused at the place that is wrong: %j", (input, path) => {
    const { error } = weeklySchema.safeParse(input);
    expect(error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
  });
});
