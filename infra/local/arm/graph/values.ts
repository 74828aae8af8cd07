/**
 * Values as the query language compares them. Null: `==` with a value is false and `!=` with a value is true; null
 * against null is neither (Kusto, "Null values"). Strings are never null: what a conversion of null gives is empty.
 */
import type { Json } from "../json.ts";

/** Types of columns and expressions; `dynamic` is JSON of any shape. */
export type ColumnType = "string" | "long" | "real" | "bool" | "dynamic";

export type Row = Readonly<Record<string, Json>>;

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** As `tostring()`: null is empty, objects and lists are JSON. */
export function toText(value: Json): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** As `tolong()` and `toint()`: null when it is no whole number. */
export function toLong(value: Json): Json {
  if (typeof value === "boolean") return value ? 1 : 0;
  const number = typeof value === "number" ? value : typeof value === "string" && value !== "" ? Number(value) : NaN;
  return Number.isFinite(number) ? Math.trunc(number) : null;
}

/** As `tobool()`: null when it is none. */
export function toBool(value: Json): Json {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  const lower = toText(value).toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : null;
}

/** `==`: undefined when both are null. Text compares with text, a JSON scalar by its text. */
export function equal(left: Json, right: Json): boolean | undefined {
  if (left === null && right === null) return undefined;
  if (left === null || right === null) return false;
  if (typeof left === typeof right && typeof left !== "object") return left === right;
  return toText(left) === toText(right);
}

/** Order of two scalars: numbers by value, everything else by its text, null before all. */
export function compare(left: Json, right: Json): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  if (typeof left === "number" && typeof right === "number") return left - right;
  const [a, b] = [toText(left), toText(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `has`: the term stands between characters that are neither letters nor digits; without regard to case. */
export function hasTerm(text: string, term: string): boolean {
  const [lower, wanted] = [text.toLowerCase(), term.toLowerCase()];
  if (wanted === "") return true;
  const inside = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}]/u.test(character);
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + 1)) {
    if (!inside(lower[at - 1]) && !inside(lower[at + wanted.length])) return true;
  }
  return false;
}

/** A member of JSON; null where there is none. An index below 0 counts from the end. */
export function member(value: Json, key: string | number): Json {
  if (typeof value !== "object" || value === null) return null;
  if (Array.isArray(value)) return typeof key === "number" ? ((value as readonly Json[]).at(key) ?? null) : null;
  if (typeof key === "number" || !Object.hasOwn(value, key)) return null;
  return (value as Readonly<Record<string, Json>>)[key] ?? null;
}
