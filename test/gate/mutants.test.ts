import { describe, expect, it } from "vitest";
import { isFull } from "../support/extent.ts";
import { bundled } from "../sim/breed.ts";
import type * as matrix from "./matrix.ts";
import { columns } from "./columns/index.ts";
import { gateMutants } from "./mutants.ts";

/** Resources that are drawn before a mutant is said to live. */
const RESOURCES = 40;

/** A part of them in `npm test`. */
const hunted = gateMutants.filter((_, index) => isFull || index % 4 === 0);

describe("the remedy gate", { timeout: 60_000 }, () => {
  it.each(hunted.map((mutant) => [mutant.name, mutant] as const))("catches: %s", async (_, mutant) => {
    const { matrix: tried } = (await bundled(mutant, "test/gate/matrix.ts")) as typeof matrix;
    const where = { standards: [mutant.standard], columns: [mutant.column] };
    const [cell] = await tried({ seed: 1, resources: RESOURCES, untilFailure: true, ...where });
    expect(cell?.failures, `it lived through ${RESOURCES} resources`).toBeGreaterThan(0);
  });

  it("has a mutant for each column", () => {
    expect(new Set(gateMutants.map(({ column }) => column))).toEqual(new Set(columns.map(({ number }) => number)));
  });
});
