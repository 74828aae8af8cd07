/**
 * What a field selects. "If the alias represents a collection of values, it checks whether all individual values meet
 * the condition": https://learn.microsoft.com/azure/governance/policy/how-to/author-policies-for-arrays
 */
import { place, type Provider } from "./aliases.ts";
import { fold, get, isObject, spelling, type Json, type JsonObject, type Maybe } from "./json.ts";

/** A key, or every member of an array. */
type Step = { readonly key: string } | "members";
type Path = readonly Step[];

export interface Tables {
  readonly providers: readonly Provider[] | undefined;
  readonly apiVersion: string | undefined;
}

/** @returns undefined where the field isn't one of this type of resource. */
export function pathOf(field: string, resource: JsonObject, tables: Tables): Path | undefined {
  const tag = /^tags(?:\.|\[)(.*?)\]?$/is.exec(field);
  if (tag !== null && !field.includes("[*]")) return [{ key: "tags" }, { key: unquoted(tag[1] ?? "") }];
  if (!field.includes("/")) return stepsOf(field);
  const path = place(field, resource, tables.providers ?? [], tables.apiVersion);
  return path === undefined ? undefined : stepsOf(path);
}

/** tags['x'], tags['''x'''] (the tag's name is in apostrophes), tags[x], tags.x */
function unquoted(name: string): string {
  const inner = /^'(.*)'$/s.exec(name);
  return inner === null ? name : (inner[1] ?? "").replaceAll("''", "'");
}

/** a.b[*].c['d.e'] */
function stepsOf(path: string): Path {
  const steps: Step[] = [];
  for (const [found, quoted] of path.matchAll(/\[\*\]|\['((?:[^']|'')*)'\]|[^.[\]]+/g)) {
    if (found === "[*]") steps.push("members");
    else steps.push({ key: quoted?.replaceAll("''", "'") ?? found });
  }
  return steps;
}

/**
 * Every value that the path selects. What is missing on the way is one absent value, an empty array none: the page calls
 * both "an empty collection", but a condition on a property of a missing array can't hold as it does for an empty one
 * (an account without networkAcls has no rule that is open, nor has it only closed ones).
 */
export function select(value: Maybe, path: Path): Maybe[] {
  const [step, ...rest] = path;
  if (step === undefined) return [value];
  if (step === "members") return Array.isArray(value) ? value.flatMap((each) => select(each, rest)) : [undefined];
  // a[0]: the page has no such field; it selects the one member.
  if (Array.isArray(value) && /^\d+$/.test(step.key)) return select(value[Number(step.key)], rest);
  return select(get(value, step.key), rest);
}

/** For every member that the path counts, the whole resource "as if it is the only member of the array". */
export function singled(value: Maybe, path: Path): Json[] {
  const [step, ...rest] = path;
  if (step === undefined) return [value ?? null];
  if (step === "members") {
    return Array.isArray(value) ? value.flatMap((each) => singled(each, rest).map((alone) => [alone])) : [];
  }
  if (!isObject(value)) return [];
  const own = spelling(value, step.key) ?? step.key;
  return singled(value[own], rest).map((alone) => ({ ...value, [own]: alone }));
}

/** Fields that are not at a path in the resource; undefined for all others. */
export function ofRequest(field: string, resource: JsonObject, tables: Tables): { value: Maybe } | undefined {
  if (fold(field) === "FULLNAME") return { value: get(resource, field) ?? fullName(resource) };
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
