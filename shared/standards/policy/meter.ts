/**
 * What an evaluation may cost. Counts within counts, and calls on calls, multiply: a rule that compiles in a millisecond
 * could run for days, and rules are evaluated on every look at an account.
 */
import type { Json } from "../../kernel/canonicalJson.ts";
import { unusable } from "./refusal.ts";
import type { Scope } from "./scope.ts";
import { isList } from "./values.ts";

/**
 * Conditions, calls and elements on the way to one verdict: a list of 1,000 held against one of 4,000 just fits. Azure itself
 * ends counts of values after 100.
 */
export const STEPS_MAX = 1_000_000;

/** Of a text, and of a list, that is made or gone through. */
const CHARACTERS_A_STEP = 16;
const ELEMENTS_A_STEP = 4;

export class Meter {
  #left = STEPS_MAX;

  /** @throws SteelyardError `BadInput` when all steps are taken: there is no verdict */
  take(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw unusable("its evaluation", `more than ${STEPS_MAX} steps`, "a rule that takes fewer");
  }

  takeFor(value: Json | undefined): void {
    if (typeof value === "string") this.take(Math.ceil(value.length / CHARACTERS_A_STEP));
    else if (isList(value)) this.take(Math.ceil(value.length / ELEMENTS_A_STEP));
  }
}

/** With a meter of its own where none runs yet: whatever is evaluated within goes to the same one. */
export function metered<T>(evaluate: (scope: Scope) => T): (scope: Scope) => T {
  return (scope) => evaluate(scope.meter === undefined ? { ...scope, meter: new Meter() } : scope);
}
