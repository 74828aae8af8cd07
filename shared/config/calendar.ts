/** Times of the week, as people write them: days, from and to by the clock on a wall somewhere. */
import { z } from "zod";
import { dayMs, hourMs, minuteMs } from "../kernel/clock.ts";

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

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

/**
 * When the stretch that `nowMs` lies in ends, milliseconds since the epoch; undefined when it lies in none. Stretches that
 * follow each other without a gap are one, seven at most: of what always holds the end is never more than eight days away.
 * It begins and ends when the wall first shows the time or, where the clock is put forward over it, a later one: then it
 * is longer or shorter, as it is for the people who wait for its end, and never in two pieces.
 */
export function weeklyUntil(weekly: Weekly, nowMs: number): number | undefined {
  let untilMs = stretchUntil(weekly, nowMs);
  for (let joined = 0; untilMs !== undefined && joined < weekdays.length; joined += 1) {
    const next = stretchUntil(weekly, untilMs);
    if (next === undefined) break;
    untilMs = next;
  }
  return untilMs;
}

function stretchUntil({ days, from, to, timeZone }: Weekly, nowMs: number): number | undefined {
  const fromMs = msOf(from);
  const endMs = msOf(to) > fromMs ? msOf(to) : msOf(to) + dayMs;
  const todayMs = Math.floor(wallMs(timeZone, nowMs) / dayMs) * dayMs;
  for (const midnightMs of [todayMs, todayMs - dayMs]) {
    const began = weekdays[(midnightMs / dayMs + EPOCH_WEEKDAY) % weekdays.length];
    if (began === undefined || !days.includes(began)) continue;
    if (instantOf(timeZone, midnightMs + fromMs) > nowMs) continue;
    const untilMs = instantOf(timeZone, midnightMs + endMs);
    if (nowMs < untilMs) return untilMs;
  }
  return undefined;
}

/** 1 January 1970 was a Thursday. */
const EPOCH_WEEKDAY = weekdays.indexOf("thu");

/** The first instant at which the wall shows this time or a later one. Both as {@link wallMs} has it. */
function instantOf(timeZone: string, wall: number): number {
  const offset = (aboutMs: number): number => wallMs(timeZone, aboutMs) - aboutMs;
  // No zone is more than a day away from UTC, and none changes its clocks twice within two days.
  const before = wall - offset(wall - dayMs);
  const after = wall - offset(wall + dayMs);
  if (before === after) return before;
  if (wallMs(timeZone, before) === wall) return before;
  if (wallMs(timeZone, after) === wall) return after;
  // The wall never shows it: clocks are put forward over it, at a minute between the two.
  let [earlyMs, lateMs] = [after, before];
  while (lateMs - earlyMs > minuteMs) {
    const middleMs = earlyMs + Math.floor((lateMs - earlyMs) / minuteMs / 2) * minuteMs;
    if (wallMs(timeZone, middleMs) >= wall) lateMs = middleMs;
    else earlyMs = middleMs;
  }
  return lateMs;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the wall shows, as milliseconds from 1 January 1970 00:00 on that wall; to the minute below the instant's. */
function wallMs(timeZone: string, ms: number): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  // oxlint-disable-next-line no-restricted-globals -- formats a given time; does not read the machine's
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"));
}

/** Milliseconds after midnight. */
function msOf(time: string): number {
  const [hours, minutes] = time.split(":");
  return Number(hours) * hourMs + Number(minutes) * minuteMs;
}
