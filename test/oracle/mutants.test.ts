/** The product's evaluator, broken on purpose: comparing it with the naive interpreter must find every one. */
import { expect, it } from "vitest";
import { isFull } from "../support/extent.ts";
import { bundled, type Change } from "../sim/breed.ts";
import type * as agreement from "./agreement.ts";

const conditions = "shared/standards/policy/conditions.ts";
const effects = "shared/standards/policy/effects.ts";
const fields = "shared/standards/policy/fields.ts";
const operators = "shared/standards/policy/operators.ts";
const parameters = "shared/standards/policy/policyParameters.ts";
const values = "shared/standards/policy/values.ts";

function mutant(name: string, file: string, from: string, to: string): Change {
  return { name, edits: [{ file, from, to }] };
}

const mutants: readonly Change[] = [
  mutant(
    "notEquals does not hold of what is absent",
    operators,
    '["notequals", not(equals)]',
    '["notequals", (actual, expected) => actual != null && !equals(actual, expected)]',
  ),
  mutant("lessOrEquals is less", operators, "(sign) => sign <= 0", "(sign) => sign < 0"),
  mutant(
    "types that cannot be ordered are just not less",
    operators,
    "throw unusable(name,",
    "return false;\n    throw unusable(name,",
  ),
  mutant("one element is enough", conditions, "return values.every((value) => {", "return values.some((value) => {"),
  mutant("regions compare with their blanks", conditions, 'value.replaceAll(" ", "")', "value"),
  mutant("a missing list is an empty one", fields, "isMissingOne ? [undefined] : []", "[]"),
  mutant(
    "a count looks at the whole list each time",
    fields,
    "if (counted === undefined || isRelated !== field.isRelated) continue;",
    "if (members.length >= 0) continue;",
  ),
  mutant(
    "an alias is read of any type",
    fields,
    "return own !== undefined && isSpelling(own, type) ? path : undefined;",
    "return path;",
  ),
  mutant(
    "every related resource has to meet the condition",
    effects,
    "findRelated(details).some(",
    "findRelated(details).every(",
  ),
  mutant("an operation is never skipped", effects, "if (isSkipped(scope)) return undefined;", ""),
  mutant(
    "a default goes before what is given",
    parameters,
    "const own = member(given, one.name);",
    "const own = one.preset === undefined ? member(given, one.name) : undefined;",
  ),
  mutant(
    "letters' case tells apart",
    values,
    "return ASCII.test(value) ? lower : value",
    "return ASCII.test(value) ? value : value",
  ),
];

const PAIRS = 2_500;
/** A third of them in `npm test`. */
const bred = mutants.filter((_, index) => isFull || index % 3 === 0);

it.each(bred.map((each) => [each.name, each] as const))("finds: %s", { timeout: 60_000 }, async (_name, each) => {
  const { agree } = (await bundled(each, "test/oracle/agreement.ts")) as typeof agreement;
  expect(agree({ pairs: PAIRS, seed: 1, shrunk: 0, disagreementsMax: 1 }).disagreements.length).toBeGreaterThan(0);
});
