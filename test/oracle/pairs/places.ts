/** Where a rule's fields are in a resource, so that they can be set and broken. */
import { isPlain } from "./pair.ts";
import type { Json, JsonObject } from "../json.ts";

/** A key; an index; "*" for every member. */
export type Route = readonly string[];

const atRoot = new Set(["id", "name", "type", "location", "tags", "kind", "sku", "identity", "zones", "plan"]);

/** Of an alias by its structure, and of a field as it is written. */
export function routeOf(field: string): Route {
  const slash = field.lastIndexOf("/");
  const keys = [...field.slice(slash + 1).matchAll(/\[\*\]|[^.[\]']+/g)].map(([key]) => (key === "[*]" ? "*" : key));
  return slash === -1 || atRoot.has(keys[0] ?? "") ? keys : ["properties", ...keys];
}

/** Every field that a rule speaks of, in conditions and in expressions. */
export function fieldsIn(json: Json | undefined): string[] {
  const found = new Set<string>();
  const walk = (value: Json | undefined, key: string): void => {
    if (typeof value === "string") {
      if (key === "field" && !value.startsWith("[")) found.add(value);
      for (const [, name] of value.matchAll(/(?:field|current)\('([^']+)'\)/gi)) found.add(name ?? "");
      for (const [, name] of value.matchAll(/'tags\[', *parameters\('([^']+)'\)/gi)) found.add(`tags.${name ?? ""}`);
    } else if (Array.isArray(value)) for (const each of value) walk(each, "");
    else if (isPlain(value)) for (const [name, each] of Object.entries(value)) walk(each, name);
  };
  walk(json, "");
  return [...found].filter((field) => field !== "");
}

/** Changes what is at the route, and makes what is missing on the way; `*` goes to all members, or makes one. */
export function changeAt(
  json: Json | undefined,
  route: Route,
  change: (old: Json | undefined) => Json | undefined,
): Json {
  const [key, ...rest] = route;
  if (key === undefined) return change(json) ?? null;
  if (key === "*") {
    const members = Array.isArray(json) && json.length > 0 ? json : [rest.length === 0 ? null : {}];
    return members.map((member) => changeAt(member, rest, change));
  }
  const object: JsonObject = isPlain(json) ? { ...json } : {};
  const own = Object.keys(object).find((each) => each.toLowerCase() === key.toLowerCase()) ?? key;
  if (rest.length > 0) return { ...object, [own]: changeAt(object[own], rest, change) };
  const fresh = change(object[own]);
  delete object[own];
  return fresh === undefined ? object : { ...object, [own]: fresh };
}
