import { describe, expect, it } from "vitest";
import type { Catch } from "./breed.ts";
import { jsonLines } from "./children.ts";
import { isFull } from "../support/extent.ts";
import { mutants } from "./mutants.ts";

/** Two at a time: two cores. The sample is a quarter of them. */
const SHARES = isFull ? ["1/2", "2/2"] : ["1/8", "2/8"];
const hunted = mutants.filter((_, index) => isFull || index % 8 < 2);

describe("the simulator", { timeout: 180_000 }, () => {
  // Begun once, for all tests.
  const hunts = Promise.all(SHARES.map((share) => jsonLines<Catch>("hunt.ts", ["--share", share])));

  it.each(hunted.map(({ name, breaks }) => [name, breaks] as const))("catches: %s", async (name, breaks) => {
    const result = (await hunts).flat().find(({ mutant }) => mutant === name);
    expect(result?.failure).toBeUndefined();
    expect(result?.caught, `lived through ${result?.seeds} seeds`).toBeDefined();
    expect(breaks, result?.caught?.message).toContain(result?.caught?.invariant);
  });
});
