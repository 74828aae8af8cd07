/** The operators of conditions, after the page on the structure of policy rules. */
import type { Json } from "../../kernel/canonicalJson.ts";
import { kindOf, unusable } from "./refusal.ts";
import { equal, fold, isList, isObject, isTrue, member, order, text } from "./values.ts";

export type Operator = (actual: Json | undefined, expected: Json) => boolean;

/** By name in lower case. Each has its negation beside it: of an absent value one of the two is always true. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["equals", equals],
  ["notequals", not(equals)],
  ["in", isIn],
  ["notin", not(isIn)],
  ["contains", contains],
  ["notcontains", not(contains)],
  ["containskey", containsKey],
  ["notcontainskey", not(containsKey)],
  ["like", isLike],
  ["notlike", not(isLike)],
  ["match", isMatchExactly],
  ["notmatch", not(isMatchExactly)],
  ["matchinsensitively", isMatchInsensitively],
  ["notmatchinsensitively", not(isMatchInsensitively)],
  ["exists", (actual, expected) => (actual !== undefined && actual !== null) === isTrue(expected)],
  ["less", ordered("less", (sign) => sign < 0)],
  ["lessorequals", ordered("lessOrEquals", (sign) => sign <= 0)],
  ["greater", ordered("greater", (sign) => sign > 0)],
  ["greaterorequals", ordered("greaterOrEquals", (sign) => sign >= 0)],
]);

/** As the documentation spells them, for messages. */
export const operatorNames =
  "equals, notEquals, in, notIn, contains, notContains, containsKey, notContainsKey, like, notLike, match, notMatch, " +
  "matchInsensitively, notMatchInsensitively, exists, less, lessOrEquals, greater, greaterOrEquals";

function not(operator: Operator): Operator {
  return (actual, expected) => !operator(actual, expected);
}

/** "If the property type doesn't match the condition type, an error is thrown": there is no verdict then. */
function ordered(name: string, accept: (sign: number) => boolean): Operator {
  return (actual, expected) => {
    if (actual === undefined || actual === null) return false;
    const sign = order(actual, expected);
    if (sign !== undefined) return accept(sign);
    throw unusable(name, `${kindOf(actual)} beside ${kindOf(expected)}`, "two numbers or two texts");
  };
}

/** Only null equals what is absent. */
function equals(actual: Json | undefined, expected: Json): boolean {
  return expected === null ? actual === undefined || actual === null : equal(actual, expected);
}

function isIn(actual: Json | undefined, expected: Json): boolean {
  if (isList(expected)) return expected.some((item) => equal(actual, item));
  throw unusable("in", kindOf(expected), "a list");
}

function contains(actual: Json | undefined, expected: Json): boolean {
  if (isList(actual)) return actual.some((item) => equal(item, expected));
  if (typeof actual !== "string" || typeof expected === "object") return false;
  return fold(actual).includes(text(expected));
}

function containsKey(actual: Json | undefined, expected: Json): boolean {
  return isObject(actual) && typeof expected === "string" && member(actual, expected) !== undefined;
}

/** `*` stands for any text; without it the pattern is the whole text. */
function isLike(actual: Json | undefined, expected: Json): boolean {
  if (typeof actual !== "string" || typeof expected !== "string") return false;
  const value = fold(actual);
  const [head = "", ...parts] = fold(expected).split("*");
  const tail = parts.pop();
  if (tail === undefined) return value === head;
  if (value.length < head.length + tail.length || !value.startsWith(head) || !value.endsWith(tail)) return false;
  // Each part at its first place behind the one before leaves the most for the rest.
  let from = head.length;
  for (const part of parts) {
    const at = value.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= value.length - tail.length;
}

/** `#` stands for a digit, `?` for a letter, `.` for any character; the rest stands for itself. */
function isMatch(
  actual: Json | undefined,
  expected: Json,
  isSame = (a: string, b: string): boolean => a === b,
): boolean {
  const [value, pattern] = [textOf(actual), textOf(expected)];
  if (value === undefined || pattern === undefined || value.length !== pattern.length) return false;
  for (let at = 0; at < pattern.length; at += 1) {
    if (!isMatched(value[at] ?? "", pattern[at] ?? "", isSame)) return false;
  }
  return true;
}

function isMatched(character: string, mark: string, isSame: (a: string, b: string) => boolean): boolean {
  switch (mark) {
    case "#":
      return character >= "0" && character <= "9";
    case "?":
      return /\p{L}/u.test(character);
    case ".":
      return true;
    default:
      return isSame(character, mark);
  }
}

function isMatchExactly(actual: Json | undefined, expected: Json): boolean {
  return isMatch(actual, expected);
}

function isMatchInsensitively(actual: Json | undefined, expected: Json): boolean {
  // One by one: folded as a whole, a character may become two, and no longer match its mark.
  return isMatch(actual, expected, (character, mark) => fold(character) === fold(mark));
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** What should stand there instead of an expected value that is no template expression; undefined when it is right. */
export function expectedOf(operator: string, value: Json): string | undefined {
  switch (operator) {
    case "in":
    case "notin":
      return isList(value) ? undefined : "a list";
    case "exists":
      return isTrue(value) || equal(value, "false") ? undefined : "true or false";
    default:
      return undefined;
  }
}
