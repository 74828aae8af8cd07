/** Makes a failing resource small: takes away what it fails without. */
import type { Json } from "../../shared/kernel/canonicalJson.ts";
import type { StandardCase } from "../../shared/standards/schema.ts";
import type { Drawn } from "./draw.ts";

/** Runs that are spent on it. */
const TRIES_MAX = 200;

const parts = ["resource", "account", "members", "principals"] as const;

/** The smallest sample that was found to fail still; `fails` answers what is wrong with one. */
export async function smallest(
  drawn: Drawn,
  fails: (drawn: Drawn) => Promise<string | undefined>,
): Promise<StandardCase> {
  let { sample } = drawn;
  let tries = 0;
  for (let isSmaller = true; isSmaller && tries < TRIES_MAX;) {
    isSmaller = false;
    for (const path of pathsOf(sample)) {
      if (tries >= TRIES_MAX) break;
      const smaller = withoutPath(sample, path);
      if (smaller === undefined) continue;
      tries += 1;
      if ((await fails({ ...drawn, sample: smaller })) === undefined) continue;
      sample = smaller;
      isSmaller = true;
    }
  }
  return sample;
}

/** Paths of all that can be taken away, what holds most first. */
function pathsOf(sample: StandardCase): (readonly (string | number)[])[] {
  const all: (readonly (string | number)[])[] = [];
  const walk = (value: Json | undefined, path: readonly (string | number)[]): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      const below = [...path, Array.isArray(value) ? Number(name) : name];
      all.push(below);
      walk(member, below);
    }
  };
  for (const part of parts) walk(sample[part], [part]);
  return all.sort((a, b) => a.length - b.length);
}

/** Undefined when there is nothing at that path any more. */
function withoutPath(sample: StandardCase, path: readonly (string | number)[]): StandardCase | undefined {
  const copy = structuredClone(sample) as unknown as Record<string, unknown>;
  let node: unknown = copy;
  for (const step of path.slice(0, -1))
    node = typeof node === "object" && node !== null ? (node as Record<string | number, unknown>)[step] : undefined;
  const last = path.at(-1) ?? "";
  if (typeof node !== "object" || node === null || !Object.hasOwn(node, last)) return undefined;
  if (Array.isArray(node)) node.splice(Number(last), 1);
  else delete (node as Record<string | number, unknown>)[last];
  return copy as unknown as StandardCase;
}
