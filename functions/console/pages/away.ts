import { SteelyardError } from "../../../shared/kernel/errors.ts";

/** The store did not answer: what is known is what was read before. */
export function isStoreAway(error: unknown): boolean {
  return error instanceof SteelyardError && error.code === "Unavailable";
}
