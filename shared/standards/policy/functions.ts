/**
 * The template functions that only work on their arguments, after the pages on functions of Resource Manager templates.
 * Unlike conditions, they tell capitals from small letters, but in names of members and in `contains`-like tests of ends.
 */
import { canonicalJson, type Json } from "../../kernel/canonicalJson.ts";
import { kindOf, unusable } from "./refusal.ts";
import { isList, isObject, member } from "./values.ts";

export interface TemplateFunction {
  /** Fewest and most arguments. */
  readonly arity: readonly [least: number, most: number];
  /** @throws SteelyardError `BadInput` when it cannot work on these. */
  readonly apply: (args: readonly Json[]) => Json;
}

/** As many arguments as any call may have. */
const ARGS_MAX = 256;

/** Longest text or list that a call may make: an expression must not grow its input without bound. */
const SIZE_MAX = 100_000;

const table: Readonly<Record<string, TemplateFunction>> = {
  true: fixed(0, () => true),
  false: fixed(0, () => false),
  null: fixed(0, () => null),
  equals: fixed(2, ([a, b]) => canonicalJson(a) === canonicalJson(b)),
  not: fixed(1, ([a]) => !flag("not", a)),
  greater: fixed(
    2,
    compared("greater", (sign) => sign > 0),
  ),
  greaterOrEquals: fixed(
    2,
    compared("greaterOrEquals", (sign) => sign >= 0),
  ),
  less: fixed(
    2,
    compared("less", (sign) => sign < 0),
  ),
  lessOrEquals: fixed(
    2,
    compared("lessOrEquals", (sign) => sign <= 0),
  ),
  coalesce: { arity: [1, ARGS_MAX], apply: (args) => args.find((item) => item !== null) ?? null },
  concat: { arity: [1, ARGS_MAX], apply: concat },
  toLower: fixed(1, ([a]) => words("toLower", a).toLowerCase()),
  toUpper: fixed(1, ([a]) => words("toUpper", a).toUpperCase()),
  trim: fixed(1, ([a]) => words("trim", a).trim()),
  startsWith: fixed(2, ([a, b]) => lower("startsWith", a).startsWith(lower("startsWith", b))),
  endsWith: fixed(2, ([a, b]) => lower("endsWith", a).endsWith(lower("endsWith", b))),
  indexOf: fixed(2, ([a, b]) => lower("indexOf", a).indexOf(lower("indexOf", b))),
  replace: fixed(3, ([a, b, c]) => sized(replaced(words("replace", a), words("replace", b), words("replace", c)))),
  split: fixed(2, ([a, b]) => parts(words("split", a), b ?? null)),
  join: fixed(2, ([a, b]) => sized(items("join", a).map(shown).join(words("join", b)))),
  string: fixed(1, ([a]) => sized(shown(a ?? null))),
  int: fixed(1, ([a]) => whole(a ?? null)),
  bool: fixed(1, ([a]) => truth(a ?? null)),
  contains: fixed(2, ([a, b]) => contains(a ?? null, b ?? null)),
  length: fixed(1, ([a]) => lengthOf(a ?? null)),
  empty: fixed(1, ([a]) => a === null || a === undefined || lengthOf(a) === 0),
  first: fixed(1, ([a]) => (typeof a === "string" ? a.slice(0, 1) : (items("first", a)[0] ?? null))),
  last: fixed(1, ([a]) => (typeof a === "string" ? a.slice(-1) : (items("last", a).at(-1) ?? null))),
  createArray: { arity: [0, ARGS_MAX], apply: (args) => [...args] },
  add: fixed(2, ([a, b]) => number("add", a) + number("add", b)),
  sub: fixed(2, ([a, b]) => number("sub", a) - number("sub", b)),
  min: { arity: [1, ARGS_MAX], apply: (args) => Math.min(...numbers("min", args)) },
  max: { arity: [1, ARGS_MAX], apply: (args) => Math.max(...numbers("max", args)) },
};

/** By name in lower case. */
export const functions: ReadonlyMap<string, TemplateFunction> = new Map(
  Object.entries(table).map(([name, definition]) => [name.toLowerCase(), definition]),
);

/** As the documentation spells them, for messages. */
export const functionNames: readonly string[] = Object.keys(table);

function fixed(arity: number, apply: (args: readonly Json[]) => Json): TemplateFunction {
  return { arity: [arity, arity], apply };
}

function compared(name: string, accept: (sign: number) => boolean): (args: readonly Json[]) => boolean {
  return ([a, b]) => {
    if (typeof a === "number" && typeof b === "number") return accept(a - b);
    const [left, right] = [words(name, a), words(name, b)];
    return accept(left < right ? -1 : left > right ? 1 : 0);
  };
}

function concat(args: readonly Json[]): Json {
  if (isList(args[0])) return sized(args.flatMap((arg) => items("concat", arg)));
  return sized(args.map((arg) => (typeof arg === "object" ? words("concat", arg) : String(arg))).join(""));
}

function parts(value: string, delimiters: Json): string[] {
  const marks = isList(delimiters) ? delimiters.map((item) => words("split", item)) : [words("split", delimiters)];
  return marks.reduce((list, mark) => (mark === "" ? list : list.flatMap((part) => part.split(mark))), [value]);
}

function replaced(value: string, search: string, by: string): string {
  return search === "" ? value : value.split(search).join(by);
}

function contains(where: Json, what: Json): boolean {
  if (typeof where === "string") return where.includes(shown(what));
  if (isList(where)) return where.some((item) => canonicalJson(item) === canonicalJson(what));
  if (isObject(where)) return member(where, words("contains", what)) !== undefined;
  throw unusable("contains()", kindOf(where), "a text, a list or an object");
}

function lengthOf(value: Json): number {
  if (typeof value === "string" || isList(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  throw unusable("length()", kindOf(value), "a text, a list or an object");
}

function shown(value: Json): string {
  if (typeof value === "string") return value;
  return typeof value === "object" ? canonicalJson(value) : String(value);
}

function whole(value: Json): number {
  const number = typeof value === "string" && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : value;
  if (typeof number === "number") return Math.trunc(number);
  throw unusable("int()", kindOf(value), "a whole number");
}

function truth(value: Json): boolean {
  if (typeof value === "boolean") return value;
  const word = typeof value === "string" ? value.toLowerCase() : value;
  if (word === "true" || word === 1) return true;
  if (word === "false" || word === 0) return false;
  throw unusable("bool()", kindOf(value), "true or false");
}

function flag(name: string, value: Json | undefined): boolean {
  if (typeof value === "boolean") return value;
  throw unusable(`${name}()`, kindOf(value), "true or false");
}

function words(name: string, value: Json | undefined): string {
  if (typeof value === "string") return value;
  throw unusable(`${name}()`, kindOf(value), "a text");
}

function lower(name: string, value: Json | undefined): string {
  return words(name, value).toLowerCase();
}

function number(name: string, value: Json | undefined): number {
  if (typeof value === "number") return value;
  throw unusable(`${name}()`, kindOf(value), "a number");
}

function items(name: string, value: Json | undefined): readonly Json[] {
  if (isList(value)) return value;
  throw unusable(`${name}()`, kindOf(value), "a list");
}

function numbers(name: string, args: readonly Json[]): number[] {
  const list = isList(args[0]) && args.length === 1 ? args[0] : args;
  if (list.length === 0) throw unusable(`${name}()`, "an empty list", "at least one number");
  return list.map((item) => number(name, item));
}

function sized<T extends string | JsonList>(value: T): T {
  if (value.length <= SIZE_MAX) return value;
  throw unusable("a template function", `a result of ${value.length}`, `at most ${SIZE_MAX} characters or elements`);
}

type JsonList = readonly Json[];

/** @throws SteelyardError `BadInput` when the argument of a logical function is none. */
export function asFlag(name: string, value: Json): boolean {
  return flag(name, value);
}

/** What `.name` and `[index]` take out of a value; null when it is not there. */
export function partOf(value: Json, key: Json): Json {
  if (typeof key === "number" && isList(value)) return value[key] ?? null;
  if (typeof key === "string") return member(value, key) ?? null;
  throw unusable("[index]", kindOf(key), "a number for a list, a name for an object");
}
