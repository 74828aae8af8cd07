/** JSON values as queries see them: `undefined` is a value of its own, and every type has its place in the order. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
/** `undefined` is what a path yields that leads nowhere. */
export type Value = Json | undefined;

export function isObject(value: unknown): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member of an object or the element of an array; undefined when there is none. */
export function member(value: Value, step: string | number): Value {
  if (typeof step === "number") return Array.isArray(value) ? (value as readonly Json[])[step] : undefined;
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

/**
 * Place of a value's type in ORDER BY: undefined, null, false, true, number, string, array, object. The SQL that
 * pushdown.ts writes computes the same numbers from `json_type`.
 */
export function typeRank(value: Value): number {
  if (value === undefined) return 0;
  if (value === null) return 1;
  if (value === false) return 2;
  if (value === true) return 3;
  if (typeof value === "number") return 4;
  if (typeof value === "string") return 5;
  return Array.isArray(value) ? 6 : 7;
}

/** Orders by code point, which is also the order of SQLite's BINARY collation over UTF-8; `<` orders by UTF-16 unit. */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return fixUp(a) - fixUp(b);
  }
  return left.length - right.length;
}

/** Moves surrogates (U+10000 and above) behind the rest of the basic plane. */
function fixUp(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** `=`: undefined when an operand is; values of different types are not equal; objects and arrays compare deeply. */
export function equals(left: Value, right: Value): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  return deepEquals(left, right);
}

function deepEquals(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    const items = left as readonly Json[];
    if (!Array.isArray(right) || items.length !== (right as readonly Json[]).length) return false;
    return items.every((item, index) => deepEquals(item, (right as readonly Json[])[index] as Json));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && deepEquals(left[name] as Json, right[name] as Json))
  );
}

/**
 * Sign of `left` against `right` for `<`, `<=`, `>`, `>=`; undefined unless both are of the same type and that is null,
 * boolean, number or string.
 */
export function compare(left: Value, right: Value): number | undefined {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return compareStrings(left, right);
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  return left === null && right === null ? 0 : undefined;
}
