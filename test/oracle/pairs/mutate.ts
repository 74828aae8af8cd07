/** Breaks pairs: every field that a rule mentions, the rule itself, its parameters and what is around it. */
import type { Random } from "../../sim/random.ts";
import { operators } from "../operators.ts";
import type { Json, JsonObject } from "../json.ts";
import { bodyOf, isPlain, type Pair } from "./pair.ts";
import { changeAt, fieldsIn, routeOf, type Route } from "./places.ts";

/** What a property may turn into; undefined takes it away. */
type Change = (old: Json | undefined, random: Random) => Json | undefined;

function swapCase(text: string): string {
  const upper = text.toUpperCase();
  return upper === text ? text.toLowerCase() : upper;
}

function swapType(old: Json | undefined): Json {
  if (typeof old === "string") return /^-?\d+$/.test(old) ? Number(old) : old.toLowerCase() === "true";
  if (typeof old === "number") return String(old);
  if (typeof old === "boolean") return old ? "true" : "False";
  return Array.isArray(old) ? (old[0] ?? "x") : 7;
}

const unicode = ["straße", "STRASSE", "İstanbul", "ﬃ", "ΣΑΣ", "σας", "é", "e\u0301", "𝒳", "\u0000", "ſ", "K", "日本"];
const scalars: readonly Json[] = [
  "",
  "x",
  "*",
  "?",
  "a.b",
  "0",
  "443",
  "-1",
  "1.5",
  "true",
  "2024-02-30",
  0,
  1,
  -7,
  2.5,
  443,
  true,
  false,
];

export const fieldChanges: Readonly<Record<string, Change>> = {
  absent: () => undefined,
  null: () => null,
  "wrong case": (old) => (typeof old === "string" ? swapCase(old) : old),
  "other type": swapType,
  "empty array": () => [],
  "array around it": (old) => [old ?? null],
  "extra element": (old, random) => (Array.isArray(old) ? [...old, pickElement(old, random)] : [old ?? null, "x"]),
  "one element less": (old) => (Array.isArray(old) ? old.slice(1) : old),
  "null element": (old) => (Array.isArray(old) ? [...old, null] : [null]),
  object: (old) => ({ value: old ?? null }),
  "empty object": () => ({}),
  unicode: (_, random) => random.pick(unicode),
  "other value": (_, random) => random.pick(scalars),
  longer: (old) => (typeof old === "string" ? `${old}-x` : old),
};

function pickElement(list: readonly Json[], random: Random): Json {
  return list.length === 0 || random.chance(0.4) ? random.pick([...scalars, null, {}, []]) : random.pick(list);
}

/** A change at a mentioned field, at what holds it, or of the spelling of its key. */
export function mutateField(pair: Pair, random: Random): Pair {
  const fields = fieldsIn(bodyOf(pair.definition)["policyRule"]);
  if (fields.length === 0) return pair;
  const route = routeOf(random.pick(fields));
  const change = random.pick(Object.values(fieldChanges));
  const at = random.chance(0.2) ? route.slice(0, random.between(1, route.length)) : route;
  const isRelated = pair.related.length > 0 && random.chance(0.3);
  const mutate = (json: JsonObject): JsonObject => {
    const changed = random.chance(0.1) ? respell(json, at) : changeAt(json, at, (old) => change(old, random));
    return isPlain(changed) ? changed : json;
  };
  return isRelated ? { ...pair, related: pair.related.map(mutate) } : { ...pair, resource: mutate(pair.resource) };
}

/** The key in another case. */
function respell(json: Json | undefined, route: Route): Json {
  const [key, ...rest] = route;
  if (Array.isArray(json)) return json.map((member) => respell(member, key === "*" ? rest : route));
  if (!isPlain(json) || key === undefined) return json ?? null;
  return Object.fromEntries(
    Object.entries(json).map(([own, value]) => {
      if (own.toLowerCase() !== key.toLowerCase()) return [own, value];
      return rest.length === 0 ? [swapCase(own), value] : [own, respell(value, rest)];
    }),
  );
}

const isOperator = (key: string): boolean => Object.hasOwn(operators, key);
const lists = new Set(["in", "notIn"]);

/** Every place in the rule with a condition, as a function that puts another one there. */
function conditionsIn(
  json: Json | undefined,
  put: (fresh: Json) => Json,
): { old: JsonObject; put: (fresh: Json) => Json }[] {
  if (Array.isArray(json)) {
    return json.flatMap((each, at) =>
      conditionsIn(each, (fresh) => put(json.map((old, i) => (i === at ? fresh : old)))),
    );
  }
  if (!isPlain(json)) return [];
  const below = Object.entries(json).flatMap(([key, value]) => {
    const isInside = [
      "not",
      "allOf",
      "anyOf",
      "count",
      "where",
      "if",
      "then",
      "details",
      "existenceCondition",
    ].includes(key);
    return isInside ? conditionsIn(value, (fresh) => put({ ...json, [key]: fresh })) : [];
  });
  const isOne = Object.keys(json).some((key) => isOperator(key)) || "allOf" in json || "anyOf" in json;
  return isOne ? [{ old: json, put }, ...below] : below;
}

export function mutateRule(pair: Pair, random: Random): Pair {
  const body = bodyOf(pair.definition);
  const places = conditionsIn(body["policyRule"], (fresh) => fresh);
  if (places.length === 0) return pair;
  const { old, put } = random.pick(places);
  return { ...pair, definition: { ...body, policyRule: put(otherCondition(old, random)) } };
}

function otherCondition(old: JsonObject, random: Random): JsonObject {
  if (random.chance(0.15)) return { not: old };
  if (Array.isArray(old["allOf"]))
    return random.chance(0.5) ? { anyOf: old["allOf"] } : { allOf: old["allOf"].slice(1) };
  if (Array.isArray(old["anyOf"]))
    return random.chance(0.5) ? { allOf: old["anyOf"] } : { anyOf: old["anyOf"].slice(1) };
  const operator = Object.keys(old).find(isOperator) ?? "equals";
  const { [operator]: wanted = null, ...left } = old;
  if (random.chance(0.5)) return { ...left, [operator]: otherOperand(operator, wanted, random) };
  const other = random.pick(Object.keys(operators));
  return { ...left, [other]: fit(other, wanted) };
}

/** An operand of the shape that the operator wants: what it can't take is refused, by both, and shows nothing. */
function fit(operator: string, wanted: Json): Json {
  if (typeof wanted === "string" && wanted.startsWith("[")) return operator === "exists" ? true : wanted;
  if (lists.has(operator)) return Array.isArray(wanted) ? wanted : [wanted];
  const one = Array.isArray(wanted) ? (wanted[0] ?? "x") : wanted;
  if (operator === "exists") return one !== false;
  if (/^(less|greater)/.test(operator)) return typeof one === "number" || typeof one === "string" ? one : 1;
  return operator === "equals" || operator === "notEquals" ? one : typeof one === "object" ? "x" : String(one);
}

function otherOperand(operator: string, wanted: Json, random: Random): Json {
  if (lists.has(operator))
    return Array.isArray(wanted) && random.chance(0.5) ? wanted.slice(1) : [random.pick(scalars), random.pick(unicode)];
  const change = random.pick([
    swapType(wanted),
    random.pick(scalars),
    random.pick(unicode),
    "A*",
    typeof wanted === "string" ? swapCase(wanted) : 0,
  ]);
  return fit(operator, typeof change === "string" && change.startsWith("[") ? "x" : change);
}

function mutateSurroundings(pair: Pair, random: Random): Pair {
  const apiVersion = random.pick(["2015-01-01", "2019-06-01", "2021-04-30", "2023-05-01-preview", "2026-07-01"]);
  switch (random.between(0, 3)) {
    case 0:
      return { ...pair, apiVersion, context: { ...pair.context, requestContext: { apiVersion } } };
    case 1:
      return { ...pair, related: random.chance(0.5) ? [] : [...pair.related, ...pair.related] };
    case 2:
      return {
        ...pair,
        context: {
          ...pair.context,
          resourceGroup: { name: random.pick(["rg", "RG-prod"]), location: "westeurope", tags: { env: "prod" } },
        },
      };
    default:
      return mutateParameter(pair, random);
  }
}

function mutateParameter(pair: Pair, random: Random): Pair {
  const names = Object.keys(pair.parameters);
  if (names.length === 0) return pair;
  const name = random.pick(names);
  const old = pair.parameters[name] ?? null;
  const fresh = Array.isArray(old)
    ? random.pick([[], old.slice(1), [...old, "x"]])
    : typeof old === "string"
      ? random.pick([swapCase(old), `${old}x`, "Audit", "Deny"])
      : old;
  return { ...pair, parameters: { ...pair.parameters, [name]: fresh } };
}

/** One to three changes. */
export function mutate(pair: Pair, random: Random): Pair {
  let mutated = pair;
  for (
    let left = random.weighted([
      [5, 1],
      [3, 2],
      [2, 3],
    ] as const);
    left > 0;
    left -= 1
  ) {
    const change = random.weighted([
      [6, mutateField],
      [3, mutateRule],
      [1, mutateSurroundings],
    ] as const);
    mutated = change(mutated, random);
  }
  return mutated;
}
