/** Desired against observed: which fields differ, and the smallest body that puts exactly those right. */
import { canonicalJson, sameJson, type Json } from "../kernel/canonicalJson.ts";
import type { Authority, Demand } from "./assertion.ts";

/** One field of one target that is to change. */
export interface FieldChange {
  readonly path: string;
  /** What was observed; null when the field was absent. */
  readonly before: Json;
  readonly after: Json;
  readonly authorities: readonly Authority[];
}

export type Body = { readonly [key: string]: Json };

/** Value at a dotted path; undefined when any part of it is absent. */
export function valueAt(body: Body, path: string): Json | undefined {
  let value: Json | undefined = body;
  const keys = path.split(".");
  for (const key of keys) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const isTag: boolean = keys[0] === "tags" && value !== body;
    value = memberOf(value as Body, key, isTag);
    if (value === undefined) return undefined;
  }
  return value;
}

/** Azure tells names of tags apart without regard to case, and keeps the case in which they came. */
function memberOf(body: Body, key: string, isTag: boolean): Json | undefined {
  if (Object.hasOwn(body, key)) return body[key];
  if (!isTag) return undefined;
  return Object.entries(body).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

/** The fields that do not meet their demand. Conflicts demand nothing: they are the caller's to report. */
export function compare(demands: readonly Demand[], observed: Body): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const demand of demands) {
    const current = inOrder(valueAt(observed, demand.path) ?? null);
    const wanted = wantedValue(demand, current);
    if (wanted !== undefined && !sameValue(wanted, current)) {
      changes.push({ path: demand.path, before: current, after: inOrder(wanted), authorities: demand.authorities });
    }
  }
  return changes;
}

/**
 * A field's list in an order of its own: those that we own (filters, blocklists, log categories, network rules) are sets, and
 * Azure need not show them in the order in which they came, or in the same one twice. Side by side they can be compared.
 */
function inOrder(value: Json): Json {
  if (!Array.isArray(value)) return value;
  const members = (value as readonly Json[]).map((member) => [canonicalJson(member), member] as const);
  return members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, member]) => member);
}

/** Equal as values of one field. */
export function sameValue(a: Json, b: Json): boolean {
  return sameJson(inOrder(a), inOrder(b));
}

/** The value that meets the demand and is nearest to the current one; undefined when the demand is a conflict. */
function wantedValue(demand: Demand, current: Json): Json | undefined {
  switch (demand.kind) {
    case "scalar":
      return demand.value;
    case "set": {
      const members = Array.isArray(current) ? (current as readonly Json[]) : [];
      const kept = members.filter((member) => !demand.exclude.some((other) => sameJson(member, other)));
      const missing = demand.include.filter((member) => !kept.some((other) => sameJson(member, other)));
      return missing.length === 0 && kept.length === members.length ? current : [...kept, ...missing];
    }
    case "interval": {
      if (demand.choice !== undefined) return demand.choice;
      if (typeof current !== "number") return Number.isFinite(demand.min) ? demand.min : undefined;
      return Math.min(Math.max(current, demand.min), demand.max);
    }
    case "conflict":
      return undefined;
  }
}

/** A merge-patch body that carries the changed fields and nothing else. */
export function patchBody(changes: readonly Pick<FieldChange, "path" | "after">[]): Body {
  const body: Record<string, Json> = {};
  for (const { path, after } of changes) {
    const keys = path.split(".");
    const last = keys.pop() ?? path;
    let node = body;
    for (const key of keys) node = (node[key] ??= {}) as Record<string, Json>;
    node[last] = after;
  }
  return body;
}

/**
 * Three-way merge of one field at the moment of writing. `base` is what the decision was made on, `target` what it
 * wants, `now` what is there: write when nothing moved, nothing to do when it is already right, stop when a third value
 * is there, because somebody decided something that the decision did not know.
 */
export function mergeField(base: Json, target: Json, now: Json): "write" | "done" | "moved" {
  if (sameValue(now, target)) return "done";
  return sameValue(now, base) ? "write" : "moved";
}

/** {@link mergeField} over all fields of a change: one that moved stops all. */
export function mergeChange(
  changes: readonly Pick<FieldChange, "path" | "before" | "after">[],
  observed: Body,
): "write" | "done" | "moved" {
  const verdicts = changes.map(({ path, before, after }) => mergeField(before, after, valueAt(observed, path) ?? null));
  if (verdicts.includes("moved")) return "moved";
  return verdicts.includes("write") ? "write" : "done";
}
