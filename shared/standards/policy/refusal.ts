import { SteelyardError } from "../../kernel/errors.ts";

/** What the language, or this part of it, does not know: where (a JSON pointer), what was found, what was expected. */
export function refuse(pointer: string, found: string, expected: string): SteelyardError {
  return new SteelyardError("BadInput", `policy rule at ${pointer}: found ${found}; expected ${expected}`);
}

/**
 * A value that a function or an operator cannot work on, found when a rule is evaluated: there is no verdict then. Without a
 * stack, which would cost more than many evaluations: where it was is in the message.
 */
export function unusable(what: string, found: string, expected: string): SteelyardError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new SteelyardError("BadInput", `${what}: found ${found}; expected ${expected}`);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** `text`, `list`: what kind of value it is, for messages that must not show the value. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}
