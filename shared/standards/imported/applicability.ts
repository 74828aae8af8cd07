/**
 * Whether a policy concerns a resource at all, after the page "What is applicability in Azure Policy": of the `if` only
 * conditions on type, name and kind decide, all others count as met (as not met where they stand under `not`). Where the
 * `if` has no other conditions only those on the type decide. For existence effects the whole `if` decides.
 */
import type { Json } from "../../kernel/canonicalJson.ts";
import { isList, isObject, member, type JsonObject } from "../policy/values.ts";
import { textIn } from "./items.ts";

const met: Json = { value: true, equals: true };
const unmet: Json = { value: true, equals: false };

/** The `if` as it decides on applicability. `onlyType`: modes of resource providers ask for nothing but the type. */
export function applicabilityOf(condition: Json, onlyType = false): Json {
  const fields = new Set([...leavesOf(condition)].map(fieldOf));
  const deciding = onlyType || !fields.has(undefined) ? ["type"] : ["type", "name", "kind"];
  return reduced(condition, (field) => field !== undefined && deciding.includes(field), false);
}

/** The `if` as far as it is about the type. */
export function typesOf(condition: Json): Json {
  return reduced(condition, (field) => field === "type", false);
}

/** Resource types that conditions on the type name, in the spelling of the policy. */
export function typesNamed(condition: Json): string[] {
  const named = [...leavesOf(condition)].flatMap((leaf) =>
    fieldOf(leaf) === "type" ? Object.values(leaf).flatMap((value) => (isList(value) ? value : [value])) : [],
  );
  return [...new Set(named.filter((value): value is string => typeof value === "string" && value.includes("/")))];
}

function reduced(node: Json, decides: (field: string | undefined) => boolean, isNegated: boolean): Json {
  if (!isObject(node)) return node;
  for (const name of ["allOf", "anyOf"]) {
    const list = member(node, name);
    if (isList(list)) return { [name]: list.map((item) => reduced(item, decides, isNegated)) };
  }
  const negated = member(node, "not");
  if (negated !== undefined) return { not: reduced(negated, decides, !isNegated) };
  if (decides(fieldOf(node))) return node;
  return isNegated ? unmet : met;
}

function* leavesOf(node: Json): Generator<JsonObject> {
  if (!isObject(node)) return;
  const parts = ["allOf", "anyOf", "not"].flatMap((name) => member(node, name) ?? []);
  if (parts.length === 0) yield node;
  for (const part of parts.flat()) yield* leavesOf(part);
}

/** `type`, `name` or `kind`; undefined for conditions on anything else. */
function fieldOf(leaf: JsonObject): string | undefined {
  const field = member(leaf, "field");
  const read = /^\[\s*field\(\s*'(\w+)'\s*\)\s*\]$/i.exec(textIn(leaf, "value"))?.[1];
  const name = (typeof field === "string" ? field : read)?.trim().toLowerCase();
  return name !== undefined && ["type", "name", "kind"].includes(name) ? name : undefined;
}
