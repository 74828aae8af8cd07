/**
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-array and ...-object
 */
import { Failed, get, isAbsent, isObject, spelling, type Json, type JsonObject, type Maybe } from "../json.ts";
import { identical, wantText, wantWhole, type TemplateFunction } from "./types.ts";

function length(value: Maybe): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  throw new Failed(`length: found ${JSON.stringify(value)}; expected an array, string or object`);
}

/** "null()" and json('null') are empty by the pages' examples. */
function empty(value: Maybe): boolean {
  return isAbsent(value) || length(value) === 0;
}

function contains(container: Maybe, item: Maybe): boolean {
  if (Array.isArray(container)) return container.some((each) => identical(each, item));
  if (isObject(container)) return spelling(container, wantText(item)) !== undefined;
  return wantText(container).includes(typeof item === "object" ? JSON.stringify(item) : String(item));
}

function end(value: Maybe, at: 0 | -1): Json {
  if (typeof value === "string") return value.at(at) ?? "";
  if (!Array.isArray(value)) throw new Failed("expected an array or string");
  return value.at(at) ?? null;
}

function part(value: Maybe, from: number, to?: number): Json {
  if (typeof value === "string" || Array.isArray(value)) return value.slice(from, to);
  throw new Failed("expected an array or string");
}

function pairs(...given: Maybe[]): JsonObject {
  if (given.length % 2 !== 0) throw new Failed("createObject: a key has no value");
  const made: JsonObject = {};
  for (let at = 0; at < given.length; at += 2) made[wantText(given[at])] = given[at + 1] ?? null;
  return made;
}

function unite(left: Maybe, right: Maybe): Json {
  if (Array.isArray(left) && Array.isArray(right)) {
    const all: Json[] = [];
    for (const each of [...left, ...right]) if (!all.some((have) => identical(have, each))) all.push(each);
    return all;
  }
  if (!isObject(left) || !isObject(right)) throw new Failed("union: expected arrays or objects");
  const all = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const own = spelling(all, key) ?? key;
    all[own] = isObject(all[own]) && isObject(value) ? unite(all[own], value) : value;
  }
  return all;
}

function intersect(left: Maybe, right: Maybe): Json {
  if (Array.isArray(left) && Array.isArray(right)) {
    return (unite(left, []) as Json[]).filter((each) => right.some((other) => identical(each, other)));
  }
  if (!isObject(left) || !isObject(right)) throw new Failed("intersection: expected arrays or objects");
  return Object.fromEntries(Object.entries(left).filter(([key, value]) => identical(value, get(right, key))));
}

function fold(join: (left: Maybe, right: Maybe) => Json, given: Maybe[]): Json {
  if (given.length < 2) throw new Failed("expected two or more");
  return given.reduce((left, right) => join(left, right)) ?? null;
}

function items(value: Maybe): Json {
  if (!isObject(value)) throw new Failed("items: expected an object");
  const keys = Object.keys(value).sort();
  return keys.map((key) => ({ key, value: value[key] ?? null }));
}

function range(start: Maybe, count: Maybe): Json {
  const [from, many] = [wantWhole(start), wantWhole(count)];
  if (many < 0 || many > 10_000) throw new Failed("range: count must be from 0 to 10000");
  return [...Array(many).keys()].map((at) => from + at);
}

/** The value under the keys, one inside the other; nothing where one is missing. */
function tryGet(value: Maybe, ...keys: Maybe[]): Json {
  let at: Maybe = value;
  for (const key of keys) at = typeof key === "number" && Array.isArray(at) ? at[key] : get(at, wantText(key));
  return at ?? null;
}

export const collectionFunctions: Readonly<Record<string, TemplateFunction>> = {
  length,
  empty,
  contains,
  items,
  range,
  tryGet,
  first: (value) => end(value, 0),
  last: (value) => end(value, -1),
  skip: (value, count) => part(value, Math.max(0, wantWhole(count))),
  take: (value, count) => part(value, 0, Math.max(0, wantWhole(count))),
  array: (value) => (Array.isArray(value) ? value : [value ?? null]),
  createArray: (...given) => given.map((each) => each ?? null),
  createObject: pairs,
  union: (...given) => fold(unite, given),
  intersection: (...given) => fold(intersect, given),
  coalesce: (...given) => given.find((each) => !isAbsent(each)) ?? null,
};
