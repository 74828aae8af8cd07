/**
 * Partial document update: set, add, replace, remove and incr, at most ten together, with an optional condition.
 *
 * Differences between the operations, as the service documents them: `add` puts before an array index, `set` overwrites it;
 * `replace` and `remove` need an existing target; `incr` makes a missing number; parents are never made.
 */
import { z } from "zod";
import { badRequest, notSupported } from "./errors.ts";
import { PATCH_OPERATIONS_MAX } from "./limits.ts";
import { isObject, type Json } from "./values.ts";

const json = z.json();
const operation = z.discriminatedUnion("op", [
  z.strictObject({ op: z.enum(["set", "add", "replace"]), path: z.string(), value: json }),
  z.strictObject({ op: z.literal("incr"), path: z.string(), value: z.number() }),
  z.strictObject({ op: z.literal("remove"), path: z.string() }),
]);
const patch = z.strictObject({ operations: z.array(operation), condition: z.string().optional() });

export type PatchOperation = z.infer<typeof operation>;

export interface Patch {
  readonly operations: readonly PatchOperation[];
  /** `FROM c WHERE ...`; the patch applies only to an item that it is true of. */
  readonly condition: string | undefined;
}

type Mutable = Json[] | { [name: string]: Json };

/** @throws CosmosError 400 with the place of what is wrong */
export function parsePatch(body: unknown): Patch {
  // The client sends a bare list when there is no condition.
  const whole = Array.isArray(body) ? { operations: body as unknown[] } : body;
  if (hasMove(whole)) throw notSupported("patch operation move");
  const parsed = patch.safeParse(whole);
  if (!parsed.success) throw badRequest(`Patch request: ${z.prettifyError(parsed.error)}`);
  const { operations, condition } = parsed.data;
  if (operations.length === 0 || operations.length > PATCH_OPERATIONS_MAX) {
    throw badRequest(
      `The number of patch operations can't exceed ${PATCH_OPERATIONS_MAX} and can't be 0, found ${operations.length}.`,
    );
  }
  return { operations, condition };
}

function hasMove(body: unknown): boolean {
  const operations = isObject(body) ? body["operations"] : undefined;
  return Array.isArray(operations) && operations.some((item) => (item as { op?: unknown } | null)?.op === "move");
}

/** Paths that a patch must not touch, besides the partition key's. */
const systemPaths = new Set(["id", "_rid", "_self", "_etag", "_ts", "_attachments"]);

/**
 * A changed copy of an item; the operations apply in order.
 *
 * @throws CosmosError 400 when an operation has no target or touches a system property or the partition key
 */
export function applyPatch(
  item: { readonly [name: string]: Json },
  operations: readonly PatchOperation[],
  partitionKey: readonly string[],
): { [name: string]: Json } {
  const changed = structuredClone<{ [name: string]: Json }>(item);
  for (const [index, current] of operations.entries()) {
    const fail = (why: string): Error => badRequest(`Patch operation ${index} (${current.op} ${current.path}): ${why}`);
    const steps = parsePointer(current.path, fail);
    if (systemPaths.has(steps[0] as string)) throw fail("a system property can't be patched");
    if (steps.every((step, depth) => step === partitionKey[depth])) throw fail("the partition key can't be patched");
    applyOne(changed, current, steps, fail);
  }
  return changed;
}

/** JSON pointer (RFC 6901) of at least one step. */
function parsePointer(path: string, fail: (why: string) => Error): string[] {
  if (!path.startsWith("/") || path === "/") throw fail("expected a path such as /status");
  return path
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function applyOne(
  item: Mutable,
  operation: PatchOperation,
  steps: readonly string[],
  fail: (why: string) => Error,
): void {
  let parent: Json = item;
  for (const step of steps.slice(0, -1)) {
    const next = child(parent, step);
    if (next === undefined || next === null || typeof next !== "object") {
      throw fail(`no path found beyond '${step}': only a leaf of an existing object or array can be added`);
    }
    parent = next;
  }
  const last = steps.at(-1) as string;
  if (Array.isArray(parent)) applyToArray(parent as Json[], operation, last, fail);
  else applyToObject(parent as { [name: string]: Json }, operation, last, fail);
}

function child(parent: Json, step: string): Json | undefined {
  if (Array.isArray(parent))
    return /^(?:0|[1-9]\d*)$/.test(step) ? (parent as readonly Json[])[Number(step)] : undefined;
  return Object.hasOwn(parent as object, step) ? (parent as { readonly [name: string]: Json })[step] : undefined;
}

function applyToObject(
  parent: { [name: string]: Json },
  operation: PatchOperation,
  name: string,
  fail: (why: string) => Error,
): void {
  const existing = child(parent, name);
  switch (operation.op) {
    case "set":
    case "add":
      define(parent, name, operation.value);
      return;
    case "replace":
      if (existing === undefined) throw fail("the target does not exist");
      define(parent, name, operation.value);
      return;
    case "incr":
      define(parent, name, increment(existing, operation.value, fail));
      return;
    case "remove":
      if (existing === undefined) throw fail("the target does not exist");
      Reflect.deleteProperty(parent, name);
      return;
  }
}

/** Assignment that makes an own property also of `__proto__`. */
function define(parent: { [name: string]: Json }, name: string, value: Json): void {
  Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
}

function applyToArray(parent: Json[], operation: PatchOperation, step: string, fail: (why: string) => Error): void {
  const isEnd = step === "-";
  if (!isEnd && !/^(?:0|[1-9]\d*)$/.test(step)) throw fail(`expected an array index, found '${step}'`);
  const index = isEnd ? parent.length : Number(step);
  if (operation.op === "add") {
    if (index > parent.length) throw fail(`index ${index} is beyond the array's ${parent.length} elements`);
    parent.splice(index, 0, operation.value);
    return;
  }
  if (operation.op === "set" && isEnd) {
    parent.push(operation.value);
    return;
  }
  if (index >= parent.length) throw fail(`index ${index} is beyond the array's ${parent.length} elements`);
  if (operation.op === "remove") parent.splice(index, 1);
  else if (operation.op === "incr") parent[index] = increment(parent[index], operation.value, fail);
  else parent[index] = operation.value;
}

function increment(existing: Json | undefined, by: number, fail: (why: string) => Error): number {
  if (existing === undefined) return by;
  if (typeof existing !== "number") throw fail("the target is not a number");
  return existing + by;
}
