/** Template functions on lists and objects, after the pages on array and object functions of Resource Manager templates. */
import { canonicalJson, type Json } from "../../kernel/canonicalJson.ts";
import {
  ARGS_MAX,
  bounded,
  fixed,
  isSame,
  items,
  object,
  ranged,
  sized,
  whole,
  words,
  type FunctionTable,
} from "./arguments.ts";
import { kindOf, unusable } from "./refusal.ts";
import { isList, isObject, member } from "./values.ts";

/** Deeper objects are not united. */
const NESTING_MAX = 100;

export const listFunctions: FunctionTable = {
  length: fixed(1, ([a]) => lengthOf(a ?? null)),
  empty: fixed(1, ([a]) => a === null || a === undefined || lengthOf(a) === 0),
  first: fixed(1, ([a]) => (typeof a === "string" ? a.slice(0, 1) : (items("first", a)[0] ?? null))),
  last: fixed(1, ([a]) => (typeof a === "string" ? a.slice(-1) : (items("last", a).at(-1) ?? null))),
  take: fixed(2, ([a, b]) => cut("take", a, (count) => [0, count], b)),
  skip: fixed(2, ([a, b]) => cut("skip", a, (count) => [count, undefined], b)),
  array: fixed(1, ([a]) => (isList(a) ? a : [a ?? null])),
  createArray: { arity: [0, ARGS_MAX], apply: (args) => [...args] },
  range: fixed(2, ([a, b]) => {
    const from = whole("range", a);
    return Array.from({ length: bounded("range", whole("range", b)) }, (_, at) => from + at);
  }),
  intersection: { arity: [2, ARGS_MAX], apply: (args) => args.reduce(common) },
  union: { arity: [2, ARGS_MAX], apply: (args) => args.reduce((a, b) => united(a, b, 0)) },
  flatten: fixed(1, ([a]) => sized(items("flatten", a).flatMap((item) => items("flatten", item)))),
  createObject: { arity: [0, ARGS_MAX], apply: created },
  items: fixed(1, ([a]) =>
    Object.entries(object("items", a))
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, value]) => ({ key, value })),
  ),
  objectKeys: fixed(1, ([a]) => Object.keys(object("objectKeys", a)).toSorted()),
  shallowMerge: fixed(
    1,
    ([a]) => Object.assign({}, ...items("shallowMerge", a).map((item) => object("shallowMerge", item))) as Json,
  ),
  tryGet: ranged(2, ARGS_MAX, ([of, ...keys]) => keys.reduce(got, of ?? null)),
  tryIndexFromEnd: fixed(2, ([a, b]) => fromEnd("tryIndexFromEnd", a, b) ?? null),
  indexFromEnd: fixed(2, ([a, b]) => {
    const found = fromEnd("indexFromEnd", a, b);
    if (found === undefined) throw unusable("indexFromEnd()", "another place", "one within the list, from 1");
    return found;
  }),
};

function lengthOf(value: Json): number {
  if (typeof value === "string" || isList(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  throw unusable("length()", kindOf(value), "a text, a list or an object");
}

function cut(
  name: string,
  value: Json | undefined,
  extent: (count: number) => readonly [number, number | undefined],
  count: Json | undefined,
): Json {
  const [start, end] = extent(Math.max(0, whole(name, count)));
  return typeof value === "string" ? value.slice(start, end) : items(name, value).slice(start, end);
}

function common(a: Json, b: Json): Json {
  if (isList(a) && isList(b)) {
    const known = new Set(b.map((item) => canonicalJson(item)));
    return distinct(a.filter((item) => known.has(canonicalJson(item))));
  }
  if (!isObject(a) || !isObject(b)) throw unusable("intersection()", `${kindOf(a)} and ${kindOf(b)}`, "all of a kind");
  return Object.fromEntries(
    Object.entries(a).filter(([name, value]) => {
      const other = member(b, name);
      return other !== undefined && isSame(value, other);
    }),
  );
}

function distinct(list: readonly Json[]): Json[] {
  return [...new Map(list.map((item) => [canonicalJson(item), item])).values()];
}

/** Objects below others are united in the same way, lists of them are replaced. */
function united(a: Json, b: Json, depth: number): Json {
  if (isList(a) && isList(b)) return sized(distinct([...a, ...b]));
  if (!isObject(a) || !isObject(b)) throw unusable("union()", `${kindOf(a)} and ${kindOf(b)}`, "all of a kind");
  if (depth > NESTING_MAX) throw unusable("union()", "an object nested too deeply", `at most ${NESTING_MAX} levels`);
  // By name in lower case: names that differ in their case only are one.
  const made = new Map(Object.entries(a).map(([name, value]) => [name.toLowerCase(), [name, value] as const]));
  for (const [name, value] of Object.entries(b)) {
    const lower = name.toLowerCase();
    const [key, there] = made.get(lower) ?? [name, undefined];
    made.set(lower, [key, isObject(there) && isObject(value) ? united(there, value, depth + 1) : value]);
  }
  return Object.fromEntries(made.values());
}

function created(args: readonly Json[]): Json {
  if (args.length % 2 !== 0) throw unusable("createObject()", `${args.length} arguments`, "a value for each name");
  const pairs = args.flatMap((name, at) => (at % 2 === 0 ? [[words("createObject", name), args[at + 1] ?? null]] : []));
  return Object.fromEntries(pairs) as Json;
}

function got(of: Json, key: Json): Json {
  if (typeof key === "number" && isList(of)) return of[key] ?? null;
  return typeof key === "string" ? (member(of, key) ?? null) : null;
}

function fromEnd(name: string, list: Json | undefined, place: Json | undefined): Json | undefined {
  const at = whole(name, place);
  return at < 1 ? undefined : items(name, list).at(-at);
}
