import type { Provider } from "../aliases.ts";
import type { Json, JsonObject } from "../json.ts";

/** A policy and what it is evaluated on: both interpreters get the same. */
export interface Pair {
  /** Where it comes from. */
  readonly id: string;
  readonly definition: JsonObject;
  readonly parameters: JsonObject;
  readonly resource: JsonObject;
  readonly context: JsonObject;
  readonly apiVersion: string | undefined;
  /** Resources that a look-up finds. */
  readonly related: readonly JsonObject[];
  /** A rule without a definition: it may ask for any parameter. */
  readonly isBare?: true;
  /** Name of a table of aliases. */
  readonly aliases: string | undefined;
}

export interface Source {
  readonly pairs: readonly Pair[];
  readonly tables: ReadonlyMap<string, readonly Provider[]>;
}

/** The definition without the envelope of `properties`. */
export function bodyOf(definition: JsonObject): JsonObject {
  const inner = definition["properties"];
  return isPlain(inner) ? inner : definition;
}

/** A text as it is, nothing else. */
export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

export function isPlain(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
