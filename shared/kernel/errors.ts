/**
 * Errors that the product throws on purpose. `code` is for machines and never changes; the message is for people: what
 * was found, where, what was expected.
 */
export type ErrorCode =
  /** Input from outside does not have the expected shape. */
  | "BadInput"
  /** A setting is missing or wrong; the process cannot start. */
  | "BadSetting"
  /** The document or resource asked for is not there. */
  | "NotFound"
  /** Somebody else changed the document first, more often than is worth retrying. */
  | "Contended"
  /** The record contradicts itself; nothing may be written on top of it. */
  | "Corrupt"
  /** A service that we need answered with a transient failure. */
  | "Unavailable"
  /** A service refused for good. */
  | "Refused";

export class SteelyardError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SteelyardError";
    this.code = code;
  }
}

/** Throws `Corrupt` when a condition that the code relies on does not hold; on in production too. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new SteelyardError("Corrupt", message);
}
