/** Times and durations as texts. A calendar of whole numbers: years 1 to 9999, as .NET's. */
import { unusable } from "./refusal.ts";

export interface Instant {
  /** Since 1970-01-01T00:00:00Z. */
  readonly ms: number;
  /** It was written with; what is made of it keeps to UTC. */
  readonly offsetMinutes: number;
}

export interface Duration {
  readonly months: number;
  readonly milliseconds: number;
}

const DAY_MS = 86_400_000;
const FIRST_MS = daysOf(1, 1, 1) * DAY_MS;
const LAST_MS = daysOf(10_000, 1, 1) * DAY_MS - 1;

/** Days since 1970-01-01 of a date in the Gregorian calendar; months and days may lie beyond their ends. */
function daysOf(year: number, month: number, day: number): number {
  const shifted = year * 12 + month - 1;
  const [y, m] = [Math.floor(shifted / 12), (((shifted % 12) + 12) % 12) + 1];
  // Years begin in March here, so that a leap day is the last of its year.
  const from = m <= 2 ? y - 1 : y;
  const ofYear = Math.floor((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return 365 * from + Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400) + ofYear - 719_468;
}

function dateOf(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1 };
}

function monthDays(year: number, month: number): number {
  return daysOf(year, month + 1, 1) - daysOf(year, month, 1);
}

const form = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** A date, or a date and a time, with or without an offset; without one it is UTC. Undefined when it is none. */
export function parseInstant(text: string): Instant | undefined {
  const found = form.exec(text.trim());
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > monthDays(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const zone = found[8];
  const sign = zone?.startsWith("-") === true ? -1 : 1;
  const digits = zone === undefined || /^z$/i.test(zone) ? "0000" : zone.slice(1).replace(":", "");
  const offsetMinutes = sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2)));
  const thousandths = Number((found[7] ?? "").padEnd(3, "0").slice(0, 3));
  const ofDay = ((hour * 60 + minute) * 60 + second) * 1000 + thousandths;
  return { ms: daysOf(year, month, day) * DAY_MS + ofDay - offsetMinutes * 60_000, offsetMinutes };
}

const durationForm =
  /^([+-]?)P(?=[\dT])(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,7})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,3}))?S)?)?$/i;

/** ISO 8601; undefined when it is none. */
export function parseDuration(text: string): Duration | undefined {
  const found = durationForm.exec(text.trim());
  if (found === null) return undefined;
  const sign = found[1] === "-" ? -1 : 1;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(2, 9)
    .map((part) => Number(part ?? 0));
  const whole = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds;
  const thousandths = Number((found[9] ?? "").padEnd(3, "0"));
  return { months: sign * (years * 12 + months), milliseconds: sign * (whole * 1000 + thousandths) };
}

/** Months first, to the last day of a shorter month; then the rest. */
export function added({ ms, offsetMinutes }: Instant, { months, milliseconds }: Duration): Instant {
  const days = Math.floor(ms / DAY_MS);
  const { year, month, day } = dateOf(days);
  const total = year * 12 + month - 1 + months;
  const [toYear, toMonth] = [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
  const to = months === 0 ? days : daysOf(toYear, toMonth, Math.min(day, monthDays(toYear, toMonth)));
  return { ms: to * DAY_MS + (ms - days * DAY_MS) + milliseconds, offsetMinutes };
}

/**
 * In universal time, ISO 8601, or in the custom format of .NET that is given.
 * @throws SteelyardError `BadInput` for a year beyond 9999, or another format
 */
export function written(what: string, { ms }: Instant, format = UNIVERSAL): string {
  if (ms < FIRST_MS || ms > LAST_MS) throw unusable(what, "a time beyond the calendar", "a year of 1 to 9999");
  const days = Math.floor(ms / DAY_MS);
  const { year, month, day } = dateOf(days);
  const ofDay = ms - days * DAY_MS;
  const [hour, minute, second] = [
    Math.floor(ofDay / 3_600_000),
    Math.floor(ofDay / 60_000) % 60,
    Math.floor(ofDay / 1000) % 60,
  ];
  const values: Readonly<Record<string, number>> = {
    y: year,
    M: month,
    d: day,
    H: hour,
    h: ((hour + 11) % 12) + 1,
    m: minute,
    s: second,
  };
  const full = standardForms.get(format) ?? format;
  return full.replaceAll(
    /'([^']*)'|([yMdHhms])\2*|f+|\.?F+|t+|[a-zA-Z]/g,
    (found, quoted: string | undefined, letter?: string) => {
      if (quoted !== undefined) return quoted;
      if (letter !== undefined)
        return String(values[letter])
          .padStart(found.length, "0")
          .slice(letter === "y" ? -Math.max(found.length, 2) : 0);
      if (found.startsWith("f")) return `${String(ofDay % 1000).padStart(3, "0")}0000`.slice(0, found.length);
      if (found.endsWith("F")) {
        const dot = found.startsWith(".") ? "." : "";
        const fraction = String(ofDay % 1000)
          .padStart(3, "0")
          .slice(0, found.length - dot.length)
          .replace(/0+$/, "");
        return fraction === "" ? "" : `${dot}${fraction}`;
      }
      if (found.startsWith("t")) return (hour < 12 ? "AM" : "PM").slice(0, found.length);
      if (found === "T" || found === "Z") return found;
      throw unusable(what, `the format's letter ${found}`, "y, M, d, H, h, m, s, f, t, T or Z");
    },
  );
}

/** Fractions where there are any. */
const UNIVERSAL = "yyyy-MM-ddTHH:mm:ss.FFFFFFFZ";

/** Single letters stand for whole formats. */
const standardForms: ReadonlyMap<string, string> = new Map(
  Object.entries({
    d: "MM/dd/yyyy",
    u: "yyyy-MM-dd HH:mm:ssZ",
    s: "yyyy-MM-ddTHH:mm:ss",
    o: "yyyy-MM-ddTHH:mm:ss.fffffffZ",
    O: "yyyy-MM-ddTHH:mm:ss.fffffffZ",
    t: "HH:mm",
    T: "HH:mm:ss",
  }),
);
