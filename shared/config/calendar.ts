/** Times of the week, as people write them: days, from and to by the clock on a wall somewhere. */
import { z } from "zod";
import { dayMs, hourMs, minuteMs } from "../kernel/clock.ts";

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
type Weekday = (typeof weekdays)[number];

const wallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "expected a time such as 08:30" });

/** Days on which it begins; one that ends before it begins ends on the day after. `from` equal to `to`: all day. */
export const weeklySchema = z.strictObject({
  days: z.array(z.enum(weekdays)).min(1).max(7),
  from: wallTime,
  to: wallTime,
  /** IANA time zone. */
  timeZone: z
    .string()
    .refine(isTimeZone, { error: "expected an IANA time zone, such as Europe/Berlin" })
    .default("UTC"),
});

export type Weekly = z.output<typeof weeklySchema>;

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    // A name that Intl does not know is what is being asked.
    return false;
  }
}

const DAY_MINUTES = dayMs / minuteMs;

/**
 * When the stretch that `nowMs` lies in ends, milliseconds since the epoch; undefined when it lies in none. Where the
 * wall clock is put back or forward the stretch is longer or shorter, as it is for the people who wait for its end.
 */
export function weeklyUntil(weekly: Weekly, nowMs: number): number | undefined {
  const { day, minute } = wallClock(weekly.timeZone, nowMs);
  const from = minutesOf(weekly.from);
  const to = minutesOf(weekly.to);
  const length = to > from ? to - from : to - from + DAY_MINUTES;
  const startMs = Math.floor(nowMs / minuteMs) * minuteMs;
  for (const daysAgo of [0, 1]) {
    const began = weekdays[(day - daysAgo + weekdays.length) % weekdays.length];
    const since = minute + daysAgo * DAY_MINUTES - from;
    if (began === undefined || !weekly.days.includes(began) || since < 0 || since >= length) continue;
    return atWall(weekly.timeZone, startMs + (length - since) * minuteMs, to);
  }
  return undefined;
}

/** The instant near `aboutMs` at which the wall shows `minute` of the day; `aboutMs` itself when it never does. */
function atWall(timeZone: string, aboutMs: number, minute: number): number {
  for (const shiftMs of [0, -hourMs, hourMs, -hourMs / 2, hourMs / 2]) {
    if (wallClock(timeZone, aboutMs + shiftMs).minute === minute) return aboutMs + shiftMs;
  }
  return aboutMs;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallClock(timeZone: string, ms: number): { day: number; minute: number } {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const day = weekdays.indexOf((parts.get("weekday") ?? "").toLowerCase() as Weekday);
  return { day, minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")) };
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(":");
  return Number(hours) * 60 + Number(minutes);
}
