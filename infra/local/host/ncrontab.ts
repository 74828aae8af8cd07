/**
 * Schedules of timer functions: NCRONTAB expressions of six fields (second minute hour day month day-of-week) and
 * TimeSpan intervals. All times are UTC, as in a Functions app without WEBSITE_TIME_ZONE.
 *
 * NCRONTAB differs from cron where people expect it least: day and day-of-week must *both* match, Sunday is 0 and never
 * 7, and `a/n` means from a to the end of the range in steps of n. There is no `?`, `L`, `W` or `#`.
 */
import { parseTimeSpan } from "./timeSpan.ts";

/** A parsed schedule. */
export interface Schedule {
  /** Fixed interval of a TimeSpan schedule, milliseconds; undefined for NCRONTAB. */
  readonly intervalMs?: number;
  /** The first occurrence after `afterMs` (milliseconds since the epoch, UTC). */
  next(afterMs: number): number;
}

interface FieldRule {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const rules: readonly FieldRule[] = [
  { name: "second", min: 0, max: 59 },
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day", min: 1, max: 31 },
  { name: "month", min: 1, max: 12, names: months },
  { name: "day-of-week", min: 0, max: 6, names: weekdays },
];

const DAY_MS = 86_400_000;

/**
 * How far ahead an occurrence is looked for. The rarest that exists, 29 February on a given weekday, comes at least
 * every 40 years; what does not come by then (30 February) never does.
 */
const SEARCH_DAYS_MAX = 41 * 366;

/** Parsed schedules by their text; bounded by what one platform can hold, cleared when above. */
const CACHE_ENTRIES_MAX = 1000;
const cache = new Map<string, Schedule>();

/**
 * The first occurrence of `schedule` after `afterMs`, both milliseconds since the epoch.
 * @throws Error naming the field when the schedule cannot be read, or saying that it never occurs.
 */
export function nextOccurrence(schedule: string, afterMs: number): number {
  return parseSchedule(schedule).next(afterMs);
}

/** @throws Error naming the field that cannot be read, what was found and what was expected. */
export function parseSchedule(text: string): Schedule {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const intervalMs = parseTimeSpan(text.trim());
  const schedule = intervalMs === undefined ? parseNcrontab(text) : everyInterval(text, intervalMs);
  if (cache.size >= CACHE_ENTRIES_MAX) cache.clear();
  cache.set(text, schedule);
  return schedule;
}

function everyInterval(text: string, intervalMs: number): Schedule {
  if (intervalMs === 0) throw new Error(`schedule "${text}": an interval of zero never ends`);
  return { intervalMs, next: (afterMs) => afterMs + intervalMs };
}

function parseNcrontab(text: string): Schedule {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== rules.length) {
    throw new Error(
      `schedule "${text}": found ${fields.length} fields, expected six (second minute hour day month day-of-week) or a TimeSpan hh:mm:ss`,
    );
  }
  const sets = rules.map((rule, index) => parseField(text, rule, fields[index] ?? ""));
  const [seconds, minutes, hours, days, monthSet, weekdaySet] = sets as [Field, Field, Field, Field, Field, Field];
  return {
    next: (afterMs) => {
      const startMs = Math.floor(afterMs / 1000) * 1000 + 1000;
      const startDayMs = Math.floor(startMs / DAY_MS) * DAY_MS;
      for (let dayMs = startDayMs, looked = 0; looked < SEARCH_DAYS_MAX; dayMs += DAY_MS, looked++) {
        const date = new Date(dayMs);
        if (!monthSet.has(date.getUTCMonth() + 1) || !days.has(date.getUTCDate())) continue;
        if (!weekdaySet.has(date.getUTCDay())) continue;
        const from = dayMs === startDayMs ? (startMs - dayMs) / 1000 : 0;
        const second = firstSecondOfDay(from, hours, minutes, seconds);
        if (second !== undefined) return dayMs + second * 1000;
      }
      throw new Error(`schedule "${text}" never occurs: no such date in ${Math.floor(SEARCH_DAYS_MAX / 366)} years`);
    },
  };
}

/** The first matching second of a day at or after second `from`; undefined when the day has none left. */
function firstSecondOfDay(from: number, hours: Field, minutes: Field, seconds: Field): number | undefined {
  const fromHour = Math.floor(from / 3600);
  const fromMinute = Math.floor((from % 3600) / 60);
  for (const hour of hours.values) {
    if (hour < fromHour) continue;
    for (const minute of minutes.values) {
      if (hour === fromHour && minute < fromMinute) continue;
      const minuteStart = hour * 3600 + minute * 60;
      const second = seconds.values.find((value) => minuteStart + value >= from);
      if (second !== undefined) return minuteStart + second;
    }
  }
  return undefined;
}

interface Field {
  /** Ascending. */
  readonly values: readonly number[];
  has(value: number): boolean;
}

function parseField(text: string, rule: FieldRule, field: string): Field {
  const members = new Set<number>();
  for (const part of field.split(",")) addPart(members, part, rule, `schedule "${text}", field ${rule.name}`);
  const values = [...members].sort((a, b) => a - b);
  return { values, has: (value) => members.has(value) };
}

function addPart(members: Set<number>, part: string, rule: FieldRule, where: string): void {
  const [range = "", stepText, ...tooMany] = part.split("/");
  if (tooMany.length > 0) throw new Error(`${where}: found "${part}", expected at most one "/"`);
  const step = stepText === undefined ? 1 : parseStep(stepText, part, where);
  let low: number;
  let high: number;
  if (range === "*") [low, high] = [rule.min, rule.max];
  else {
    const [lowText = "", highText, ...more] = range.split("-");
    if (more.length > 0) throw new Error(`${where}: found "${part}", expected at most one "-"`);
    low = parseValue(lowText, rule, where);
    if (highText !== undefined) high = parseValue(highText, rule, where);
    else high = stepText === undefined ? low : rule.max;
  }
  if (low > high) throw new Error(`${where}: found "${part}", expected the lower bound first`);
  for (let value = low; value <= high; value += step) members.add(value);
}

function parseStep(stepText: string, part: string, where: string): number {
  const step = /^\d+$/.test(stepText) ? Number(stepText) : 0;
  if (step === 0) throw new Error(`${where}: found "${part}", expected a step of at least 1 after "/"`);
  return step;
}

/** A number in range or, for months and weekdays, a name of which the first three letters count. */
function parseValue(text: string, rule: FieldRule, where: string): number {
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    if (value >= rule.min && value <= rule.max) return value;
  } else if (rule.names !== undefined && /^[a-z]{3,}$/i.test(text)) {
    const at = rule.names.indexOf(text.slice(0, 3).toLowerCase());
    if (at !== -1) return at + rule.min;
  }
  const names = rule.names === undefined ? "" : ` or a name (${rule.names.join(", ")})`;
  throw new Error(`${where}: found "${text}", expected ${rule.min} to ${rule.max}${names}`);
}
