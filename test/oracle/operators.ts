/**
 * The 19 conditions of
 * https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#conditions
 */
import { Failed, Malformed, alike, fold, isAbsent, isObject, spelling, type Json, type Maybe } from "./json.ts";

/** What one value says to a condition. */
type Test = (value: Maybe, wanted: Maybe) => boolean;

/**
 * "You provide a wildcard character (*) in the value. The value shouldn't have more than one": several each stand for any
 * text. A value that is no string is not like anything.
 */
function like(value: Maybe, wanted: Maybe): boolean {
  if (typeof value !== "string" || typeof wanted !== "string") return false;
  const pieces = fold(wanted)
    .split("*")
    .map((piece) => piece.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`));
  return new RegExp(`^${pieces.join("[^]*")}$`).test(fold(value));
}

/** Numbers are matched by their digits. */
function text(value: Maybe): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** "# to match a digit, ? for a letter, and . to match any character, and any other character to match that." */
function match(value: Maybe, wanted: Maybe, same: (a: string, b: string) => boolean): boolean {
  const [have, pattern] = [text(value), text(wanted)];
  if (have === undefined || pattern === undefined || have.length !== pattern.length) return false;
  return [...Array(pattern.length).keys()].every((at) => {
    const [sign, letter] = [pattern.charAt(at), have.charAt(at)];
    if (sign === "#") return /[0-9]/.test(letter);
    if (sign === "?") return /\p{L}/u.test(letter);
    return sign === "." || same(sign, letter);
  });
}

/** A string holds a string. Of an array the page says nothing: it holds a member. */
function contains(value: Maybe, wanted: Maybe): boolean {
  if (Array.isArray(value)) return value.some((member) => alike(member, wanted));
  if (typeof value !== "string" || isAbsent(wanted) || typeof wanted === "object") return false;
  return fold(value).includes(fold(String(wanted)));
}

function isIn(value: Maybe, wanted: Maybe): boolean {
  if (!Array.isArray(wanted)) throw new Failed(`in: found ${JSON.stringify(wanted)}; expected an array`);
  return !isAbsent(value) && wanted.some((each) => alike(value, each));
}

function containsKey(value: Maybe, wanted: Maybe): boolean {
  return isObject(value) && typeof wanted === "string" && spelling(value, wanted) !== undefined;
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

function date(value: string): number | undefined {
  const at = DATE.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** "String comparisons are made using InvariantCultureIgnoreCase." */
const invariant = new Intl.Collator("en", { sensitivity: "accent" });

/** A number in quotes is a number beside one that isn't: resource providers send both. */
function numeral(value: Maybe): number {
  const isOne = typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
  return isOne ? Number(value) : Number.NaN;
}

/** Below 0, 0 or above 0. "If the property type doesn't match the condition type, an error is thrown." */
function order(value: Json, wanted: Maybe): number {
  if (typeof value === "number" || typeof wanted === "number") {
    const difference = numeral(value) - numeral(wanted);
    if (!Number.isNaN(difference)) return difference;
  }
  if (typeof value === "string" && typeof wanted === "string") {
    const [left, right] = [date(value), date(wanted)];
    return left !== undefined && right !== undefined ? left - right : invariant.compare(fold(value), fold(wanted));
  }
  throw new Failed(`cannot compare ${JSON.stringify(value)} with ${JSON.stringify(wanted)}`);
}

function ordered(holds: (difference: number) => boolean): Test {
  return (value, wanted) => !isAbsent(value) && holds(order(value, wanted));
}

/** "exists": "bool", in quotes or not. */
function exists(value: Maybe, wanted: Maybe): boolean {
  const asked = fold(typeof wanted === "boolean" ? String(wanted) : (text(wanted) ?? ""));
  if (asked !== "TRUE" && asked !== "FALSE") {
    throw new Malformed("parse", `exists: found ${JSON.stringify(wanted)}; expected true or false`);
  }
  return !isAbsent(value) === (asked === "TRUE");
}

function not(test: Test): Test {
  return (value, wanted) => !test(value, wanted);
}

/** What is absent equals null only. */
const equals: Test = alike;
const matchExactly: Test = (value, wanted) => match(value, wanted, (a, b) => a === b);
const matchInsensitively: Test = (value, wanted) => match(value, wanted, (a, b) => fold(a) === fold(b));

export const operators: Readonly<Record<string, Test>> = {
  equals,
  notEquals: not(equals),
  like,
  notLike: not(like),
  match: matchExactly,
  matchInsensitively,
  notMatch: not(matchExactly),
  notMatchInsensitively: not(matchInsensitively),
  contains,
  notContains: not(contains),
  in: isIn,
  notIn: not(isIn),
  containsKey,
  notContainsKey: not(containsKey),
  less: ordered((difference) => difference < 0),
  lessOrEquals: ordered((difference) => difference <= 0),
  greater: ordered((difference) => difference > 0),
  greaterOrEquals: ordered((difference) => difference >= 0),
  exists,
};
