import type { z } from "zod";
import { SteelyardError } from "./errors.ts";

/** Longest excerpt of a found value in an error message. */
const FOUND_CHARACTERS_MAX = 80;

/**
 * Parses input from outside.
 * @throws SteelyardError `BadInput` that names where, what was found and what was expected, for up to five faults.
 */
export function parse<S extends z.ZodType>(schema: S, input: unknown, where: string): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new SteelyardError("BadInput", describeIssues(result.error, input, where));
}

/** One line per fault: `where at path: found X, expected Y`. */
export function describeIssues(error: z.ZodError, input: unknown, where: string): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => {
      const path = issue.path.map(String).join(".");
      return `${where}${path === "" ? "" : ` at ${path}`}: found ${found(input, issue.path)}; ${issue.message}`;
    })
    .join("\n");
}

function found(input: unknown, path: readonly PropertyKey[]): string {
  let value: unknown = input;
  for (const key of path) {
    value = typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  }
  if (value === undefined) return "nothing";
  const text = textOf(value);
  return text.length > FOUND_CHARACTERS_MAX ? `${text.slice(0, FOUND_CHARACTERS_MAX)}...` : text;
}

function textOf(value: unknown): string {
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  try {
    return JSON.stringify(value) ?? "?";
  } catch {
    // JSON.stringify recurses, JSON.parse does not: text nested some thousand deep can be read but not written.
    return Array.isArray(value) ? "an array nested too deeply to show" : "an object nested too deeply to show";
  }
}
