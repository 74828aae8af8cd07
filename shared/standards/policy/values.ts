/** How values compare in policy rules: names and texts without case, null and absent alike, `true` as `"true"`. */
import type { Json } from "../../kernel/canonicalJson.ts";
import { parseInstant } from "./instant.ts";
import { unusable } from "./refusal.ts";

export type JsonObject = { readonly [key: string]: Json };

/** Deeper values are not compared; no resource of Azure is nested so deeply. */
const NESTING_MAX = 100;

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether nothing in it lies deeper than so many levels; it does not recurse. */
export function isWithin(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return false;
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return true;
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Member of an object, whatever the case of its name; the same spelling goes first. */
export function member(value: Json | undefined, name: string): Json | undefined {
  if (!isObject(value)) return undefined;
  if (Object.hasOwn(value, name)) return value[name];
  const own = spellingIn(value, name.toLowerCase());
  return own === undefined ? undefined : value[own];
}

/**
 * Without an array of all entries: this is where rules spend their time. Nor is the value read in the loop: V8 13.6 learns
 * nothing of such reads, optimizes them, finds that it may not have and begins again, thousands of times.
 */
function spellingIn(value: JsonObject, lower: string): string | undefined {
  for (const key in value) if (isSpelling(key, lower) && Object.hasOwn(value, key)) return key;
  return undefined;
}

/** Whether it is that name, given in lower case, in whatever case. Most other names differ in length or at once. */
export function isSpelling(key: string, lower: string): boolean {
  if (key.length !== lower.length) return false;
  for (let at = 0; at < lower.length; at += 1) {
    const [found, wanted] = [key.charCodeAt(at), lower.charCodeAt(at)];
    if (found === wanted || (found >= 65 && found <= 90 && found + 32 === wanted)) continue;
    return found > 127 && key.toLowerCase() === lower;
  }
  return true;
}

/** Texts without case; `true` equals `"true"` and `443` equals `"443"`. Nothing equals what is absent. */
export function equal(actual: Json | undefined, expected: Json | undefined): boolean {
  if (actual === undefined || actual === null || expected === undefined || expected === null) return false;
  return same(actual, expected, 0);
}

function same(a: Json, b: Json, depth: number): boolean {
  if (a === b) return true;
  if (depth > NESTING_MAX) throw unusable("equals", "a value nested too deeply", `at most ${NESTING_MAX} levels`);
  if (isList(a) && isList(b))
    return a.length === b.length && a.every((item, at) => same(item, b[at] ?? null, depth + 1));
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => {
        const [left = null, right] = [a[name], member(b, name)];
        return right !== undefined && same(left, right, depth + 1);
      })
    );
  }
  if (typeof a === "object" || typeof b === "object") return a === b;
  return text(a) === text(b);
}

/** As compared: without case. */
export function text(value: string | number | boolean): string {
  return fold(String(value));
}

/** Unicode's case folding, so that what has no capital of its own equals its capitals: \u00DF and SS, both sigmas. */
export function fold(value: string): string {
  const lower = value.toLowerCase();
  return ASCII.test(value) ? lower : value.toUpperCase().toLowerCase().replaceAll("\u03C2", "\u03C3");
}

// eslint-disable-next-line no-control-regex -- all of ASCII, its controls too
const ASCII = /^[\0-\x7F]*$/;

export function isTrue(value: Json | undefined): boolean {
  return equal(value, "true");
}

/** Less than 0, 0, more than 0, of numbers, times and texts; undefined when the two cannot be ordered. */
export function order(actual: Json | undefined, expected: Json): number | undefined {
  if (typeof actual === "number" || typeof expected === "number") {
    const sign = numberOf(actual) - numberOf(expected);
    return Number.isNaN(sign) ? undefined : sign;
  }
  if (typeof actual !== "string" || typeof expected !== "string") return undefined;
  const [a, b] = [parseInstant(actual), parseInstant(expected)];
  return a !== undefined && b !== undefined ? a.ms - b.ms : withoutCase.compare(fold(actual), fold(expected));
}

/**
 * Conditions order texts by `InvariantCultureIgnoreCase`, template functions by the culture with case: as words are sorted,
 * not by code units.
 */
const withoutCase = new Intl.Collator("en", { sensitivity: "accent" });
const withCase = new Intl.Collator("en");

/** As template functions order texts; small letters go before their capitals. */
export function orderOfWords(a: string, b: string): number {
  return withCase.compare(a, b);
}

/** A text that is one counts as a number beside a number. */
function numberOf(value: Json | undefined): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : NaN;
}
