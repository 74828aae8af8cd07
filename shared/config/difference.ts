/**
 * What differs between two configurations, as people read it: one line per value, list entries named by what identifies
 * them (`standards[NET-01].mode`), not by their place. The order of such lists means nothing and is no difference.
 */
import { sameJson, type Json } from "../kernel/canonicalJson.ts";

export interface Difference {
  readonly path: string;
  /** Null stands for absent. */
  readonly before: Json;
  readonly after: Json;
}

/** What names an entry of a list. */
const identities = ["id", "name", "path"] as const;

/** Every value that differs, in the order of its path. The version is not a value of the configuration. */
export function differences(before: object, after: object): Difference[] {
  const found: Difference[] = [];
  walk(found, "", withoutVersion(before), withoutVersion(after));
  return found;
}

function withoutVersion(config: object): object {
  return Object.fromEntries(Object.entries(config).filter(([name]) => name !== "version"));
}

function walk(found: Difference[], path: string, before: unknown, after: unknown): void {
  if (before === after || sameJson(before, after)) return;
  if (isRecord(before) && isRecord(after)) {
    for (const name of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
      walk(found, path === "" ? name : `${path}.${name}`, before[name], after[name]);
    }
    return;
  }
  const identity = identityOf(before, after);
  if (identity === undefined) {
    found.push({ path, before: (before ?? null) as Json, after: (after ?? null) as Json });
    return;
  }
  const [left, right] = [byIdentity(before, identity), byIdentity(after, identity)];
  for (const name of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    walk(found, `${path}[${name}]`, left.get(name), right.get(name));
  }
}

/** The member that names every entry of both lists and no two alike; undefined when they are no such lists. */
function identityOf(before: unknown, after: unknown): string | undefined {
  if (!Array.isArray(before) || !Array.isArray(after) || before.length + after.length === 0) return undefined;
  return identities.find((identity) =>
    [before, after].every((list: readonly unknown[]) => {
      const names = list.map((item) => (isRecord(item) ? item[identity] : undefined));
      return names.every((name) => typeof name === "string") && new Set(names).size === names.length;
    }),
  );
}

function byIdentity(list: unknown, identity: string): Map<string, unknown> {
  return new Map((list as Record<string, unknown>[]).map((item) => [String(item[identity]), item]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
