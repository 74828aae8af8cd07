/** What JSON can hold. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}
/** A value, or nothing where there is none. */
export type Maybe = Json | undefined;

/** A definition that can't be used at all: `parse` for its shape, `compile` for a function that there isn't. */
export class Malformed extends Error {
  readonly stage: "parse" | "compile";
  constructor(stage: "parse" | "compile", message: string) {
    super(message);
    this.stage = stage;
  }
}

/** An expression that fails on this resource: "If the result of a template function is an error, policy evaluation fails." */
export class Failed extends Error {}

export function isObject(value: Maybe): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A property that is null can't be told from one that is absent. */
export function isAbsent(value: Maybe): value is null | undefined {
  return value === undefined || value === null;
}

/** "Case-insensitive" is all that the page says of strings other than ordered ones: Unicode's full folding is taken. */
export function fold(text: string): string {
  return text.toLowerCase().toUpperCase();
}

/** The key as the object spells it. ARM's names don't mind case. */
export function spelling(object: JsonObject, key: string): string | undefined {
  if (Object.hasOwn(object, key)) return key;
  return Object.keys(object).find((own) => fold(own) === fold(key));
}

export function get(object: Maybe, key: string): Maybe {
  if (!isObject(object)) return undefined;
  const own = spelling(object, key);
  return own === undefined ? undefined : object[own];
}

/** As a condition compares: letters' case doesn't matter, and what only differs by being quoted is the same. */
export function alike(left: Maybe, right: Maybe): boolean {
  if (isAbsent(left) || isAbsent(right)) return isAbsent(left) && isAbsent(right);
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((each, at) => alike(each, right[at]));
  }
  if (isObject(left) || isObject(right)) {
    if (!isObject(left) || !isObject(right) || Object.keys(left).length !== Object.keys(right).length) return false;
    return Object.keys(left).every((key) => spelling(right, key) !== undefined && alike(left[key], get(right, key)));
  }
  if (typeof left === "number" && typeof right === "number") return left === right;
  return fold(String(left)) === fold(String(right));
}
