import { expect, it } from "vitest";
import { isFull } from "../support/extent.ts";
import { agree } from "./agreement.ts";

/** Definitions and cases that lie beside the clone, if any; see readFolder. */
const policies = process.env["STEELYARD_POLICIES"];
const pairs = isFull ? 20_000 : 1_500;

it(`the product and the naive interpreter agree on ${pairs} mutated pairs`, { timeout: 120_000 }, () => {
  const { verdicts, disagreements } = agree({ pairs, seed: 1, policies });
  // Made small, so that what has to be looked up in the documentation can be read off.
  expect(disagreements.map(({ naive, product, smallest }) => ({ naive, product, smallest }))).toEqual([]);
  // Nothing is shown by pairs that all end alike.
  for (const effect of ["none", "no verdict", "audit", "deny", "modify", "append", "auditifnotexists"]) {
    expect(verdicts[effect], effect).toBeGreaterThan(pairs / 200);
  }
});
