/** Which fields a standard speaks of, and what values they take in it: what the generator changes. */
import type { Json } from "../../shared/kernel/canonicalJson.ts";
import { sources } from "../../shared/estate/sight.ts";
import type { StandardCase, StandardDefinition } from "../../shared/standards/schema.ts";

export type Step = string;
type Body = Record<string, Json>;

/** A field of a sample. */
export interface Mention {
  /** What it lies in: the judged resource, the account around it, one of the lists beside it, or where it lies. */
  readonly root: string;
  /** Names, `*` for each element of a list. */
  readonly path: readonly Step[];
  readonly values: readonly Json[];
}

/** Members of a sample that are no resource. */
const placeRoots = ["environment", "subscriptionEnvironment", "archetype", "ageHours"];
const rootMembers = ["sku", "kind", "identity", "location", "tags", "name", "type"];

/** All fields that the rule, its conditions and the remedy name, with the values that the standard's own cases and texts give them. */
export function mentionsOf(definition: StandardDefinition): Mention[] {
  const { when, known, rule, remedy, needs, cases, resourceType } = definition;
  const names = new Set<string>();
  collect([when?.if, known?.if, rule, remedy, definition.failure], names);
  const found = new Map<string, Mention>();
  const literals = literalsOf([rule, when?.if, known?.if, remedy]);
  const add = (root: string, path: readonly Step[]): void => {
    const key = `${root} ${path.join(".")}`.toLowerCase();
    if (path.length === 0 || found.has(key)) return;
    found.set(key, { root, path, values: distinct([...valuesIn(cases, root, path), ...literals]) });
  };
  const counted = new Set(countedNames([when?.if, known?.if, rule, remedy]));
  for (const name of names) if (!counted.has(name.split(".")[0] ?? "")) add(...placeOf(name, resourceType));
  for (const need of needs) add("resource", need.split("."));
  // What the remedy writes may be a resource of its own, which lies in one of the lists.
  for (const { path } of remedy?.assertions ?? []) {
    if (remedy?.target === undefined) add("resource", path.split("."));
    else for (const source of definition.reads) add(source, ["*", ...path.split(".")]);
  }
  return [...found.values()];
}

/** Names that counts give to the elements of a list are no fields. */
function countedNames(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const { name, value: list } = value as { readonly name?: unknown; readonly value?: unknown };
  const own = typeof name === "string" && list !== undefined ? [name] : [];
  return [...own, ...Object.values(value).flatMap((member) => countedNames(member))];
}

function collect(value: unknown, names: Set<string>): void {
  if (typeof value === "string") {
    for (const [, name] of value.matchAll(/\b(?:field|current)\(\s*'([^']+)'\s*\)/g))
      if (name !== undefined) names.add(name);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key === "field" && typeof member === "string" && !member.startsWith("[")) names.add(member);
    collect(member, names);
  }
}

/** What operators compare with, and what the remedy sets, where it is written out. */
function literalsOf(value: unknown): Json[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]): Json[] => {
    if (["field", "name", "path", "op", "message", "description", "kind", "safety", "otherwise"].includes(key))
      return [];
    if (
      ["if", "where", "allOf", "anyOf", "not", "count", "assertions", "preconditions", "when"].includes(key) ||
      /^\d+$/.test(key)
    )
      return literalsOf(member);
    if (Array.isArray(member)) return key === "value" ? [member as Json] : (member as Json[]);
    if (typeof member === "string") return member.startsWith("[") ? [] : [member];
    return typeof member === "number" || (typeof member === "boolean" && key !== "exists") ? [member] : [];
  });
}

/** What is joined to a resource, and the list that it comes from. */
const joined: Readonly<Record<string, string>> = {
  raiPolicy: "raiPolicies",
  catalogueModel: "models",
  dnsZoneGroup: "privateDnsZoneGroups",
  principal: "principals",
};

function placeOf(name: string, type: string): [string, readonly Step[]] {
  const alias = /^(microsoft\.[^/]+(?:\/[^/.[]+)+)\/([^/]+)$/i.exec(name);
  const steps = (alias?.[2] ?? name)
    .replaceAll(/\[([^\]]*)\]/g, (_, inner: string) => `.${inner.replaceAll("'", "")}`)
    .split(".");
  const [first = "", ...rest] = steps;
  if (alias !== null) {
    const below = rootMembers.includes(first) ? steps : ["properties", ...elements(steps)];
    const isAccount = alias[1]?.toLowerCase() === "microsoft.cognitiveservices/accounts";
    return [isAccount && type.toLowerCase() !== alias[1]?.toLowerCase() ? "account" : "resource", below];
  }
  // The time is nobody's to change.
  if (first === "now") return ["resource", []];
  const list = joined[first];
  if (list !== undefined) return [list, ["*", ...rest]];
  if (placeRoots.includes(first)) return ["place", [first]];
  if (["owner", "groupOwner", "creator"].includes(first)) return ["principals", ["*", ...rest]];
  if (first === "resourceGroup") return [first, ["*", ...rest]];
  if ((sources as readonly string[]).includes(first) || first === "account") return [first, rest];
  return ["resource", steps];
}

/** Elements of this list are resources and carry their fields below properties of their own. */
function elements(steps: readonly Step[]): Step[] {
  return steps[0] === "privateEndpointConnections" && steps[1] === "*"
    ? ["privateEndpointConnections", "*", "properties", ...steps.slice(2)]
    : [...steps];
}

/** What lies in a sample under a root. */
export function rootOf(sample: StandardCase, root: string): Json | undefined {
  if (root === "resource") return sample.resource;
  if (root === "account") return sample.account;
  if (root === "place") return sample as unknown as Json;
  if (root === "principals") {
    const { principals } = sample;
    return principals === undefined || "unread" in principals ? undefined : (Object.values(principals) as Json);
  }
  const list = (sample.members as Record<string, unknown>)[root];
  return Array.isArray(list) ? (list as Json) : undefined;
}

function valuesIn(cases: readonly StandardCase[], root: string, path: readonly Step[]): Json[] {
  return cases.flatMap((sample) => {
    const from = rootOf(sample, root);
    return from === undefined ? [] : valuesAt(from, path);
  });
}

function valuesAt(value: Json, [step, ...rest]: readonly Step[]): Json[] {
  if (step === undefined) return [value];
  if (Array.isArray(value)) return step === "*" ? (value as Json[]).flatMap((element) => valuesAt(element, rest)) : [];
  const name = nameIn(value, step);
  const member = name === undefined ? undefined : (value as Body)[name];
  return member === undefined ? [] : valuesAt(member, rest);
}

/** The member's name as it is spelled there. */
export function nameIn(value: Json, step: Step): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.keys(value).find((name) => name.toLowerCase() === step.toLowerCase());
}

function distinct(values: readonly Json[]): Json[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
