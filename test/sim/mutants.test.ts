import { describe, expect, it } from "vitest";
import type { Catch } from "./breed.ts";
import { jsonLines } from "./children.ts";
import { mutants } from "./mutants.ts";

/** Two at a time: two cores. */
const SHARES = ["1/2", "2/2"];

describe("the simulator", { timeout: 180_000 }, () => {
  // Begun once, for all tests.
  const hunts = Promise.all(SHARES.map((share) => jsonLines<Catch>("hunt.ts", ["--share", share])));

  it.each(mutants.map(({ name, breaks }) => [name, breaks] as const))("catches: %s", async (name, breaks) => {
    const result = (await hunts).flat().find(({ mutant }) => mutant === name);
    expect(result?.failure).toBeUndefined();
    expect(result?.caught, `lived through ${result?.seeds} seeds`).toBeDefined();
    expect(breaks, result?.caught?.message).toContain(result?.caught?.invariant);
  });
});
