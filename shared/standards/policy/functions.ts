/**
 * The template functions that only work on their arguments, after the pages on functions of Resource Manager templates.
 * Unlike conditions, they tell capitals from small letters, but in names of members and in `contains`-like tests of ends.
 */
import type { Json } from "../../kernel/canonicalJson.ts";
import { addressFunctions } from "./addressFunctions.ts";
import { ARGS_MAX, fixed, flag, isSame, number, numbers, words, type TemplateFunction } from "./arguments.ts";
import { dateFunctions } from "./dateFunctions.ts";
import { listFunctions } from "./listFunctions.ts";
import { kindOf, unusable } from "./refusal.ts";
import { textFunctions } from "./textFunctions.ts";
import { isList, member, orderOfWords } from "./values.ts";

export type { TemplateFunction } from "./arguments.ts";

const table: Readonly<Record<string, TemplateFunction>> = {
  true: fixed(0, () => true),
  false: fixed(0, () => false),
  null: fixed(0, () => null),
  equals: fixed(2, ([a, b]) => isSame(a, b)),
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
  int: fixed(1, ([a]) => integer(a ?? null)),
  float: fixed(1, ([a]) => decimal(a ?? null)),
  bool: fixed(1, ([a]) => truth(a ?? null)),
  add: fixed(2, ([a, b]) => finite("add", number("add", a) + number("add", b))),
  sub: fixed(2, ([a, b]) => finite("sub", number("sub", a) - number("sub", b))),
  mul: fixed(2, ([a, b]) => finite("mul", number("mul", a) * number("mul", b))),
  div: fixed(2, ([a, b]) => Math.trunc(number("div", a) / divisor("div", b))),
  mod: fixed(2, ([a, b]) => number("mod", a) % divisor("mod", b)),
  min: { arity: [1, ARGS_MAX], apply: (args) => Math.min(...numbers("min", args)) },
  max: { arity: [1, ARGS_MAX], apply: (args) => Math.max(...numbers("max", args)) },
  ...textFunctions,
  ...listFunctions,
  ...dateFunctions,
  ...addressFunctions,
};

/** By name in lower case. */
export const functions: ReadonlyMap<string, TemplateFunction> = new Map(
  Object.entries(table).map(([name, definition]) => [name.toLowerCase(), definition]),
);

/** As the documentation spells them, for messages. */
export const functionNames: readonly string[] = Object.keys(table);

function compared(name: string, accept: (sign: number) => boolean): (args: readonly Json[]) => boolean {
  return ([a, b]) => {
    if (typeof a === "number" && typeof b === "number") return accept(a - b);
    return accept(orderOfWords(words(name, a), words(name, b)));
  };
}

function finite(name: string, result: number): number {
  if (Number.isFinite(result)) return result;
  throw unusable(`${name}()`, "a result too large", "a number");
}

function divisor(name: string, value: Json | undefined): number {
  const found = number(name, value);
  if (found !== 0) return found;
  throw unusable(`${name}()`, "0", "something to divide by");
}

function integer(value: Json): number {
  const found = typeof value === "string" && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : value;
  if (typeof found === "number") return Math.trunc(found);
  throw unusable("int()", kindOf(value), "a whole number");
}

function decimal(value: Json): number {
  const isOne = typeof value === "string" && /^[+-]?\d{1,30}(\.\d{1,30})?(e[+-]?\d{1,3})?$/i.test(value.trim());
  const found = isOne ? Number(value) : value;
  if (typeof found === "number" && Number.isFinite(found)) return found;
  throw unusable("float()", kindOf(value), "a number");
}

/** Of numbers 0 is false and all others are true, of texts "true" is true, as is a number's; others are false. */
function truth(value: Json): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (typeof value !== "string") throw unusable("bool()", kindOf(value), "true or false, a text or a number");
  const word = value.toLowerCase();
  return word === "true" || (/^-?\d+$/.test(word) && Number(word) !== 0);
}

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
