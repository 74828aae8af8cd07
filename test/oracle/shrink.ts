/** Makes a pair smaller for as long as the interpreters go on disagreeing in the same way. */
import { isSame, naive, product, type Tables } from "./compare.ts";
import type { Json, JsonObject } from "./json.ts";
import { isPlain, type Pair } from "./pairs/pair.ts";

/** Attempts for one pair. */
const ATTEMPTS_MAX = 3_000;

/** The value with one thing less, in every way. */
function* smaller(json: Json): Generator<Json> {
  if (Array.isArray(json)) {
    yield* json.map((_, at) => json.filter((__, index) => index !== at));
    for (const [at, each] of json.entries()) for (const less of smaller(each)) yield json.with(at, less);
  } else if (isPlain(json)) {
    for (const key of ["not", "allOf", "anyOf"]) if (json[key] !== undefined) yield* [json[key]].flat();
    for (const key of Object.keys(json)) yield Object.fromEntries(Object.entries(json).filter(([own]) => own !== key));
    for (const [key, each] of Object.entries(json)) for (const less of smaller(each)) yield { ...json, [key]: less };
  }
}

function* smallerPairs(pair: Pair): Generator<Pair> {
  const { definition, resource, parameters, context, related } = pair;
  for (const less of smaller(definition)) yield { ...pair, definition: less as JsonObject };
  for (const less of smaller(resource)) yield { ...pair, resource: less as JsonObject };
  for (const less of smaller(parameters)) yield { ...pair, parameters: less as JsonObject };
  for (const less of smaller(context)) yield { ...pair, context: less as JsonObject };
  for (const less of smaller([...related])) yield { ...pair, related: less as JsonObject[] };
}

export function shrink(pair: Pair, tables: Tables): Pair {
  const effects = (each: Pair): string => `${naive(each, tables).effect} ${product(each, tables).effect}`;
  const wanted = effects(pair);
  let smallest = pair;
  let attempts = 0;
  for (let next: Pair | undefined = pair; next !== undefined;) {
    smallest = next;
    next = undefined;
    for (const candidate of smallerPairs(smallest)) {
      attempts += 1;
      if (attempts > ATTEMPTS_MAX) return smallest;
      if (effects(candidate) !== wanted || isSame(naive(candidate, tables), product(candidate, tables))) continue;
      next = candidate;
      break;
    }
  }
  return smallest;
}
