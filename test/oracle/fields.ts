/**
 * What a field selects. "If the alias represents a collection of values, it checks whether all individual values meet
 * the condition": https://learn.microsoft.com/azure/governance/policy/how-to/author-policies-for-arrays
 */
import { place, type Provider } from "./aliases.ts";
import { fold, get, isObject, spelling, type Json, type JsonObject, type Maybe } from "./json.ts";

/** A key, or every member of an array. */
type Step = { readonly key: string } | "members";
export interface Path {
  readonly steps: readonly Step[];
  /** A step may leave out "properties" before its key. */
  readonly loose: boolean;
}

export interface Tables {
  readonly providers: readonly Provider[] | undefined;
  readonly apiVersion: string | undefined;
}

/** Properties that ARM keeps beside "properties" in a resource. */
const envelope = new Set(
  "id name type location tags kind sku identity zones plan managedBy extendedLocation etag systemData".split(" "),
);

/** @returns undefined where the field isn't one of this type of resource. */
export function pathOf(field: string, resource: JsonObject, tables: Tables): Path | undefined {
  const tag = /^tags(?:\.|\[)(.*?)\]?$/is.exec(field);
  if (tag !== null && !field.includes("[*]"))
    return { steps: [{ key: "tags" }, { key: unquoted(tag[1] ?? "") }], loose: false };
  if (!field.includes("/")) return { steps: stepsOf(field), loose: false };
  const found = place(field, resource, tables.providers, tables.apiVersion);
  return found === undefined ? undefined : { steps: stepsOf(found.path), loose: found.loose };
}

/** tags['x'], tags['''x'''] (the tag's name is in apostrophes), tags[x], tags.x */
function unquoted(name: string): string {
  const inner = /^'(.*)'$/s.exec(name);
  return inner === null ? name : (inner[1] ?? "").replaceAll("''", "'");
}

/** a.b[*].c['d.e'] */
function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  for (const [found, quoted] of path.matchAll(/\[\*\]|\['((?:[^']|'')*)'\]|[^.[\]]+/g)) {
    if (found === "[*]") steps.push("members");
    else steps.push({ key: quoted?.replaceAll("''", "'") ?? found });
  }
  return steps;
}

/** The keys under which a step's value is, first those without "properties" or, at the top, by ARM's envelope. */
function keysTo(value: Maybe, key: string, loose: boolean, isTop: boolean): string[] {
  if (!loose || !isObject(value)) return [key];
  const inside = get(value, "properties");
  const isInside = isObject(inside) && spelling(inside, key) !== undefined;
  const isHere = spelling(value, key) !== undefined;
  const prefersHere = !isTop || envelope.has(key);
  if (isHere && (prefersHere || !isInside)) return [key];
  return isInside ? ["properties", key] : [key];
}

/**
 * Every value that the path selects. What is missing on the way is one absent value, an empty array none: the page calls
 * both "an empty collection", but a condition on a property of a missing array can't hold as it does for an empty one
 * (an account without networkAcls has no rule that is open, nor has it only closed ones).
 */
export function select(value: Maybe, path: Path, at = 0): Maybe[] {
  const step = path.steps[at];
  if (step === undefined) return [value];
  if (step === "members") {
    return Array.isArray(value) ? value.flatMap((member) => select(member, path, at + 1)) : [undefined];
  }
  // a[0]: the page has no such field; it selects the one member.
  if (Array.isArray(value) && /^\d+$/.test(step.key)) return select(value[Number(step.key)], path, at + 1);
  const keys = keysTo(value, step.key, path.loose, at === 0);
  return select(
    keys.reduce((inner: Maybe, key) => get(inner, key), value),
    path,
    at + 1,
  );
}

/**
 * For every member that the path counts, the whole resource "as if it is the only member of the array".
 */
export function singled(value: Maybe, path: Path, at = 0): Json[] {
  const step = path.steps[at];
  if (step === undefined) return [value ?? null];
  if (step === "members") {
    if (!Array.isArray(value)) return [];
    return value.flatMap((member) => singled(member, path, at + 1).map((alone) => [alone]));
  }
  const [first = step.key, second] = keysTo(value, step.key, path.loose, at === 0);
  if (!isObject(value)) return [];
  const own = spelling(value, first) ?? first;
  const inner = value[own];
  if (second === undefined) return singled(inner, path, at + 1).map((alone) => ({ ...value, [own]: alone }));
  const below = (isObject(inner) && spelling(inner, second)) || second;
  return singled(get(inner, second), path, at + 1).map((alone) => {
    return { ...value, [own]: { ...(isObject(inner) ? inner : {}), [below]: alone } };
  });
}

/** Fields that are not at a path in the resource; undefined for all others. */
export function ofRequest(field: string, resource: JsonObject, tables: Tables): { value: Maybe } | undefined {
  if (fold(field) === "FULLNAME") return { value: fullName(resource) };
  // Not on the page, but in use: the request's, which a resource doesn't hold.
  if (fold(field) === "APIVERSION") return { value: get(resource, field) ?? tables.apiVersion };
  return undefined;
}

/** "The resource name prepended by any parent resource names", from the ID where there is one. */
function fullName(resource: JsonObject): Maybe {
  const id = get(resource, "id");
  if (typeof id !== "string") return get(resource, "name");
  const [, below] = /.*\/providers\/[^/]+\/(.+)$/i.exec(id) ?? [];
  if (below === undefined) return get(resource, "name");
  const names = below.split("/").filter((_, index) => index % 2 === 1);
  return names.join("/");
}
