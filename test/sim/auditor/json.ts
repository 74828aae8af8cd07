/** The auditor's own reading of JSON: nothing here is the product's. */
import { createHash } from "node:crypto";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/** One text per value: members in the order of their names. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const names = Object.keys(value).sort();
    const members = names
      .map((name) => [name, (value as Record<string, unknown>)[name]] as const)
      .filter(([, member]) => member !== undefined);
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`).join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}

export function sha256(value: unknown): string {
  return createHash("sha256").update(textOf(value)).digest("hex");
}

export function isSame(a: unknown, b: unknown): boolean {
  return a === b || textOf(a) === textOf(b);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a dotted path; null when there is none. */
export function at(value: unknown, path: string): Json {
  let here: unknown = value;
  for (const name of path.split(".")) here = isObject(here) ? here[name] : undefined;
  return (here ?? null) as Json;
}

/** Dotted paths of everything that is no object, with the values there. */
export function leaves(value: JsonObject, prefix = ""): Map<string, Json> {
  const found = new Map<string, Json>();
  for (const [name, member] of Object.entries(value)) {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    if (isObject(member) && Object.keys(member).length > 0)
      for (const [deep, leaf] of leaves(member, path)) found.set(deep, leaf);
    else found.set(path, member);
  }
  return found;
}

/** A text as it is; empty for anything else. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
