/**
 * The algebra of the desired state. A standard's remedy, an access exception and a capacity plan all say what they want
 * as assertions about paths of one target; {@link combine} joins them into one demand per path, or a conflict that
 * names both sides. Joining does not depend on order, and joining twice changes nothing.
 */
import { canonicalJson, type Json } from "../kernel/canonicalJson.ts";

/** Who demands it: what a person reads about a change names this. */
export interface Authority {
  readonly kind: "claim" | "plan" | "standard";
  /** `NET-01`, `waiver-...`, `plan-...`. */
  readonly id: string;
  readonly version: number;
}

export type Assertion = {
  /** Dotted path in the resource's body, such as `properties.publicNetworkAccess`. */
  readonly path: string;
  readonly authority: Authority;
} & (
  | { readonly op: "set"; readonly value: Json }
  | { readonly op: "min" | "max"; readonly value: number }
  | { readonly op: "include" | "exclude"; readonly value: readonly Json[] }
);

export type Demand =
  | { readonly kind: "scalar"; readonly path: string; readonly value: Json; readonly authorities: readonly Authority[] }
  | {
      readonly kind: "set";
      readonly path: string;
      readonly include: readonly Json[];
      readonly exclude: readonly Json[];
      readonly authorities: readonly Authority[];
    }
  | {
      readonly kind: "interval";
      readonly path: string;
      readonly min: number;
      readonly max: number;
      /** What the plan chose inside. */
      readonly choice: number | undefined;
      readonly authorities: readonly Authority[];
    }
  | {
      readonly kind: "conflict";
      readonly path: string;
      readonly reason: string;
      readonly authorities: readonly Authority[];
    };

/** A live claim outranks a plan, a plan outranks a standard. */
const rank = { claim: 2, plan: 1, standard: 0 } as const;

/** One demand per asserted path, sorted by path. */
export function combine(assertions: readonly Assertion[]): Demand[] {
  const byPath = new Map<string, Assertion[]>();
  for (const assertion of assertions) {
    const list = byPath.get(assertion.path);
    if (list === undefined) byPath.set(assertion.path, [assertion]);
    else list.push(assertion);
  }
  return [...byPath].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, list]) => combinePath(path, list));
}

function combinePath(path: string, given: readonly Assertion[]): Demand {
  const list = heard(given);
  const families = new Set(list.map((assertion) => family(assertion.op)));
  const bounds = families.has("bound");
  if (families.has("member") && families.size > 1) {
    return conflict(path, "a list and a single value are demanded of the same path", list);
  }
  if (families.has("member")) return combineSet(path, list);
  return bounds ? combineInterval(path, list) : combineScalar(path, list);
}

/**
 * A value that a live claim sets stands above what lower ranks allow, add to a list or take from it: without that, what a
 * ceiling brought down, or a list was given, could not be taken back for as long as that is demanded. Bounds and members of
 * claims hold among claims.
 */
function heard(list: readonly Assertion[]): readonly Assertion[] {
  const isClaims = ({ authority }: Assertion): boolean => authority.kind === "claim";
  if (!list.some((assertion) => assertion.op === "set" && isClaims(assertion))) return list;
  return list.filter((assertion) => family(assertion.op) === "value" || isClaims(assertion));
}

function family(op: Assertion["op"]): "value" | "bound" | "member" {
  switch (op) {
    case "set":
      return "value";
    case "min":
    case "max":
      return "bound";
    case "include":
    case "exclude":
      return "member";
  }
}

function combineScalar(path: string, list: readonly Assertion[]): Demand {
  const highest = Math.max(...list.map((assertion) => rank[assertion.authority.kind]));
  const top = list.filter((assertion) => rank[assertion.authority.kind] === highest);
  const values = new Map(top.map((assertion) => [canonicalJson(assertion.value), assertion.value]));
  const [first, ...others] = values.values();
  if (first === undefined || others.length > 0) {
    return conflict(path, "authorities of equal rank demand different values", top);
  }
  return { kind: "scalar", path, value: first, authorities: authoritiesOf(top) };
}

/** Union of what baseline and claims include; an exclusion holds unless a higher rank includes the same member. */
function combineSet(path: string, list: readonly Assertion[]): Demand {
  const included = new Map<string, { value: Json; rank: number }>();
  const excluded = new Map<string, { value: Json; rank: number }>();
  for (const assertion of list) {
    if (assertion.op !== "include" && assertion.op !== "exclude") continue;
    const into = assertion.op === "include" ? included : excluded;
    for (const value of assertion.value) {
      const key = canonicalJson(value);
      const here = rank[assertion.authority.kind];
      into.set(key, { value, rank: Math.max(here, into.get(key)?.rank ?? 0) });
    }
  }
  for (const [key, { rank: excludedBy }] of [...excluded].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const includedBy = included.get(key)?.rank;
    if (includedBy === undefined) continue;
    if (includedBy === excludedBy) {
      return conflict(path, `authorities of equal rank include and exclude ${key}`, list);
    }
    (includedBy > excludedBy ? excluded : included).delete(key);
  }
  return { kind: "set", path, include: sorted(included), exclude: sorted(excluded), authorities: authoritiesOf(list) };
}

function sorted(members: ReadonlyMap<string, { value: Json }>): Json[] {
  return [...members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { value }]) => value);
}

/** Intersection of the intervals; a `set` chooses inside and must lie there. */
function combineInterval(path: string, list: readonly Assertion[]): Demand {
  let min = -Infinity;
  let max = Infinity;
  const chosen: Assertion[] = [];
  for (const assertion of list) {
    if (assertion.op === "min") min = Math.max(min, assertion.value);
    else if (assertion.op === "max") max = Math.min(max, assertion.value);
    else chosen.push(assertion);
  }
  if (min > max) return conflict(path, `no value is at least ${min} and at most ${max}`, list);
  if (chosen.length === 0)
    return { kind: "interval", path, min, max, choice: undefined, authorities: authoritiesOf(list) };
  const choice = combineScalar(path, chosen);
  if (choice.kind !== "scalar") return choice;
  if (typeof choice.value !== "number" || choice.value < min || choice.value > max) {
    return conflict(path, `${canonicalJson(choice.value)} is outside ${min} to ${max}`, list);
  }
  return { kind: "interval", path, min, max, choice: choice.value, authorities: authoritiesOf(list) };
}

function conflict(path: string, reason: string, list: readonly Assertion[]): Demand {
  return { kind: "conflict", path, reason, authorities: authoritiesOf(list) };
}

/** Distinct, in an order of their own, so that a message does not flap. */
function authoritiesOf(list: readonly Assertion[]): Authority[] {
  const distinct = new Map(list.map(({ authority }) => [canonicalJson(authority), authority]));
  return [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, authority]) => authority);
}
