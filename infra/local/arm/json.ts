/** JSON as ARM carries it. Stored bodies are frozen, so that one object can be answered, logged and kept without copies. */

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Freezes a tree in place. Stops at what is frozen already, so a new version costs only its new parts. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}

/** The object without its undefined members: what its JSON text would read back as, one level deep. */
export function defined<T extends object>(value: T): T {
  for (const [name, part] of Object.entries(value)) {
    if (part === undefined) delete (value as Record<string, unknown>)[name];
  }
  return value;
}
