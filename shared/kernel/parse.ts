import { z } from "zod";
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
  throw new SteelyardError("BadInput", describeIssues(result.error, input, where, namesOf(schema)));
}

function namesOf(schema: z.ZodType): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** One line per fault: `where at path: found X; expected Y`. `names`: those that may stand at the top. */
export function describeIssues(
  error: z.ZodError,
  input: unknown,
  where: string,
  names: readonly string[] = [],
): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => {
      const path = issue.path.map(String).join(".");
      const at = `${where}${path === "" ? "" : ` at ${path}`}`;
      if (issue.code === "unrecognized_keys") {
        const known = path === "" && names.length > 0 ? `one of ${names.join(", ")}` : "no such name";
        return `${at}: found ${issue.keys.join(", ")}; expected ${known}`;
      }
      return `${at}: found ${found(input, issue.path)}; ${expectation(issue)}`;
    })
    .join("\n");
}

/** What a value was expected to be, in our words where the library's own are for its callers. */
export function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_value":
      return `expected ${issue.values.length === 1 ? "" : "one of "}${issue.values.map(String).join(", ")}`;
    case "invalid_type":
      return `expected ${types[issue.expected] ?? issue.expected}`;
    case "too_big":
      return `expected ${sized(issue.origin, issue.inclusive === false ? "less than" : "at most", issue.maximum)}`;
    case "too_small":
      return `expected ${sized(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum)}`;
    case "invalid_format":
      // A schema that says more than its format says it in its own words.
      return issue.message.startsWith("Invalid ")
        ? `expected ${formats[issue.format] ?? `a ${issue.format}`}`
        : issue.message;
    default:
      return issue.message;
  }
}

const types: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

const formats: Readonly<Record<string, string>> = {
  guid: "a GUID, such as 5b000000-0000-4000-8000-000000000001",
  url: "an address, such as https://steelyard.example",
};

function sized(origin: string, bound: string, limit: number | bigint): string {
  if (origin === "string") return `${bound} ${limit} characters`;
  if (origin === "array" || origin === "set") return `${bound} ${limit} of them`;
  return `a number of ${bound} ${limit}`;
}

/** What was found at a path, shortened. */
export function found(input: unknown, path: readonly PropertyKey[]): string {
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
