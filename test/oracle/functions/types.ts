import { Failed, type Json, type Maybe } from "../json.ts";

/** A template function, given its arguments' values. */
export type TemplateFunction = (...given: Maybe[]) => Json;

export function wantText(value: Maybe): string {
  if (typeof value !== "string") throw new Failed(`found ${JSON.stringify(value)}; expected a string`);
  return value;
}

export function wantWhole(value: Maybe): number {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new Failed(`found ${JSON.stringify(value)}; expected a whole number`);
  }
  return value;
}

export function wantTruth(value: Maybe): boolean {
  if (typeof value !== "boolean") throw new Failed(`found ${JSON.stringify(value)}; expected true or false`);
  return value;
}

/** As template functions compare: case matters, unlike in conditions. */
export function identical(left: Maybe, right: Maybe): boolean {
  return canonical(left ?? null) === canonical(right ?? null);
}

/** JSON with sorted keys. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join()}}`;
}
