/** Pairs of definitions and cases that lie in a folder: Azure's own, a platform team's, an open suite's. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../sim/random.ts";
import type { Provider } from "../aliases.ts";
import { get, type Json, type JsonObject, type Maybe } from "../json.ts";
import { operators } from "../operators.ts";
import { bodyOf, isPlain, textOf, type Pair, type Source } from "./pair.ts";
import { changeAt, routeOf } from "./places.ts";

/**
 * In the folder: `*.jsonl` with a case on each line as `steelyard policy test` reads them, `*.json` with a definition or
 * a list of them, `aliases.json` with the tables that cases name.
 */
export function readFolder(folder: string, random: Random): Source {
  const pairs: Pair[] = [];
  let tables = new Map<string, readonly Provider[]>();
  for (const file of readdirSync(folder).sort()) {
    const text = (): string => readFileSync(join(folder, file), "utf8");
    if (file === "aliases.json") tables = new Map(Object.entries(JSON.parse(text()) as Record<string, Provider[]>));
    else if (file.endsWith(".jsonl"))
      pairs.push(
        ...text()
          .trim()
          .split("\n")
          .map((line) => caseOf(JSON.parse(line) as JsonObject)),
      );
    else if (file.endsWith(".json")) {
      const content = JSON.parse(text()) as JsonObject | JsonObject[];
      pairs.push(...[content].flat().map((definition) => fitting(definition, random)));
    }
  }
  return { pairs, tables };
}

/** "The latest API version is always used during compliance evaluation on existing resources": later than any is. */
const LATEST = "9999-12-31";

function objectOf(value: Maybe): JsonObject {
  return isPlain(value) ? value : {};
}

function caseOf(line: JsonObject): Pair {
  const { id, rule, definition, parameters, resource, apiVersion, requestContext, context, related, aliases } = line;
  const around = objectOf(context);
  return {
    id: textOf(id),
    definition: isPlain(definition) ? definition : { policyRule: rule ?? null },
    ...(isPlain(definition) ? {} : { isBare: true as const }),
    parameters: objectOf(parameters),
    resource: objectOf(resource),
    context: {
      ...around,
      requestContext: { apiVersion: LATEST, ...objectOf(around["requestContext"]), ...objectOf(requestContext) },
    },
    apiVersion: typeof apiVersion === "string" ? apiVersion : undefined,
    related: (Array.isArray(related) ? related : []).filter(isPlain),
    aliases: typeof aliases === "string" ? aliases : undefined,
  };
}

/** A definition with values for its parameters and a resource that its rule speaks of. */
export function fitting(definition: JsonObject, random: Random): Pair {
  const body = bodyOf(definition);
  const parameters = Object.fromEntries(
    Object.entries(objectOf(body["parameters"])).map(([name, about]) => [
      name,
      argument(name, objectOf(about), random),
    ]),
  );
  const rule = objectOf(body["policyRule"]);
  const details = get(get(rule, "then"), "details");
  const other = met(get(details, "existenceCondition"), parameters, random);
  const resource: JsonObject = {
    name: "one",
    location: "westeurope",
    tags: {},
    ...met(rule["if"], parameters, random),
  };
  const named = typeof definition["name"] === "string" ? definition["name"] : "definition";
  return {
    id: named,
    definition,
    parameters,
    resource,
    context: {
      resourceGroup: { name: "rg", tags: {} },
      subscription: { subscriptionId: "s" },
      requestContext: { apiVersion: "2024-10-01" },
    },
    apiVersion: "2024-10-01",
    related: details === undefined ? [] : [{ type: get(details, "type") ?? null, name: "one", ...other }],
    aliases: undefined,
  };
}

function argument(name: string, about: JsonObject, random: Random): Json {
  const allowed = (Array.isArray(about["allowedValues"]) ? about["allowedValues"] : []).filter((each) => {
    return name.toLowerCase() !== "effect" || textOf(each).toLowerCase() !== "disabled";
  });
  const fallback = about["defaultValue"];
  const kind = textOf(about["type"]).toLowerCase();
  if (allowed.length > 0 && kind !== "array") return random.pick(allowed);
  if (fallback !== undefined && fallback !== null) return fallback;
  const values: Readonly<Record<string, Json>> = {
    array: allowed.slice(0, 2),
    object: {},
    boolean: true,
    integer: 3,
    float: 3,
  };
  return values[kind] ?? "x";
}

/** A resource that meets most conditions, by setting every field to what is asked of it. */
function met(condition: Maybe, parameters: JsonObject, random: Random): JsonObject {
  let resource: Json = {};
  const walk = (json: Maybe): void => {
    if (Array.isArray(json)) json.forEach(walk);
    if (!isPlain(json)) return;
    const { field } = json;
    const operator = Object.keys(json).find((key) => Object.hasOwn(operators, key));
    if (typeof field === "string" && operator !== undefined && !field.startsWith("[")) {
      const wanted = argumentOf(json[operator], parameters);
      resource = changeAt(resource, routeOf(field), (old) => old ?? wish(operator, wanted, random));
    }
    for (const [key, inner] of Object.entries(json)) if (key !== "field") walk(inner);
  };
  walk(condition);
  return objectOf(resource);
}

function argumentOf(wanted: Maybe, parameters: JsonObject): Maybe {
  const [, name] = typeof wanted === "string" ? (/^\[parameters\('([^']+)'\)\]$/.exec(wanted) ?? []) : [];
  return name === undefined ? wanted : get(parameters, name);
}

function wish(operator: string, wanted: Maybe, random: Random): Json {
  const one = Array.isArray(wanted) ? (wanted[0] ?? "x") : (wanted ?? "x");
  if (typeof one === "string" && one.startsWith("[")) return "x";
  if (operator === "exists") return random.pick<Json>(["x", 1, true]);
  if (operator.endsWith("ike") && typeof one === "string") return one.replaceAll("*", "any");
  return one;
}
