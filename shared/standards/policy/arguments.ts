/** What template functions take, checked; each throws SteelyardError `BadInput` with the name of the function. */
import { canonicalJson, type Json } from "../../kernel/canonicalJson.ts";
import { kindOf, unusable } from "./refusal.ts";
import { isList, isObject, type JsonObject } from "./values.ts";

export interface TemplateFunction {
  /** Fewest and most arguments. */
  readonly arity: readonly [least: number, most: number];
  /** @throws SteelyardError `BadInput` when it cannot work on these. */
  readonly apply: (args: readonly Json[]) => Json;
}

export type FunctionTable = Readonly<Record<string, TemplateFunction>>;

/** As many arguments as any call may have. */
export const ARGS_MAX = 256;

/** Longest text or list that a call may make: an expression must not grow its input without bound. */
const SIZE_MAX = 100_000;

/** A function of just so many arguments. */
export function fixed(arity: number, apply: (args: readonly Json[]) => Json): TemplateFunction {
  return { arity: [arity, arity], apply };
}

/** A function whose last arguments may be left out. */
export function ranged(least: number, most: number, apply: (args: readonly Json[]) => Json): TemplateFunction {
  return { arity: [least, most], apply };
}

export function flag(name: string, value: Json | undefined): boolean {
  if (typeof value === "boolean") return value;
  throw unusable(`${name}()`, kindOf(value), "true or false");
}

export function words(name: string, value: Json | undefined): string {
  if (typeof value === "string") return value;
  throw unusable(`${name}()`, kindOf(value), "a text");
}

export function lower(name: string, value: Json | undefined): string {
  return words(name, value).toLowerCase();
}

export function number(name: string, value: Json | undefined): number {
  if (typeof value === "number") return value;
  throw unusable(`${name}()`, kindOf(value), "a number");
}

export function whole(name: string, value: Json | undefined): number {
  const found = number(name, value);
  if (Number.isSafeInteger(found)) return found;
  throw unusable(`${name}()`, String(found), "a whole number");
}

export function items(name: string, value: Json | undefined): readonly Json[] {
  if (isList(value)) return value;
  throw unusable(`${name}()`, kindOf(value), "a list");
}

export function object(name: string, value: Json | undefined): JsonObject {
  if (isObject(value)) return value;
  throw unusable(`${name}()`, kindOf(value), "an object");
}

export function numbers(name: string, args: readonly Json[]): number[] {
  const list = isList(args[0]) && args.length === 1 ? args[0] : args;
  if (list.length === 0) throw unusable(`${name}()`, "an empty list", "at least one number");
  return list.map((item) => number(name, item));
}

/** Functions compare as they are written: letters' case tells apart. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}

/** As a text: texts as they are, lists and objects as JSON. */
export function shown(value: Json): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object") return String(value);
  // A list may hold the same one again and again: it is small, its JSON is not.
  fits(leastLength(value, SIZE_MAX));
  return canonicalJson(value);
}

/** Characters that its JSON has at least, counted to just above `most`. */
function leastLength(value: Json, most: number): number {
  if (typeof value === "string") return value.length;
  let length = 1;
  for (const item of typeof value === "object" && value !== null ? Object.values(value) : []) {
    length += leastLength(item, most - length);
    if (length > most) break;
  }
  return length;
}

export function sized<T extends string | readonly Json[]>(value: T): T {
  fits(value.length);
  return value;
}

/** Whether a result of this length may be made, before it is: a text can be longer than the engine can hold. */
export function fits(length: number): void {
  if (length <= SIZE_MAX) return;
  throw unusable("a template function", `a result of ${length}`, `at most ${SIZE_MAX} characters or elements`);
}

/** Before the work is done. */
export function bounded(name: string, length: number): number {
  if (length >= 0 && length <= SIZE_MAX) return length;
  throw unusable(`${name}()`, `a length of ${length}`, `0 to ${SIZE_MAX}`);
}
