import { describe, expect, it } from "vitest";
import type { Violation } from "./auditor.ts";
import { jsonLines } from "./children.ts";
import { durablePasses } from "./durablePasses.ts";
import { runSeed } from "./run.ts";

interface Line {
  readonly seed: number;
  readonly hash: string;
  readonly violations: readonly Violation[];
}

/** Seeds of every run; `npm run sim -- --seeds N` runs more. */
const SEEDS = 500;

describe("the product, simulated", () => {
  it(`keeps every invariant over ${SEEDS} seeds`, { timeout: 180_000 }, async () => {
    const half = SEEDS / 2;
    const lines = await Promise.all(
      [1, 1 + half].map((from) =>
        jsonLines<Line>("main.ts", ["--json", "--all", "--from", `${from}`, "--seeds", `${half}`, "--durable", "25"]),
      ),
    );
    const results = lines.flat();
    const broken = results
      .filter(({ violations }) => violations.length > 0)
      .map(({ seed, violations }) => `seed ${seed}: ${violations[0]?.invariant} ${violations[0]?.message}`);
    expect(broken, "npm run sim -- --seed N --trace shows one").toEqual([]);
    expect(results).toHaveLength(SEEDS);
  });

  it("is the same for the same seed", async () => {
    const [one, again, other] = [await runSeed(3), await runSeed(3), await runSeed(4)];
    expect(again.hash).toBe(one.hash);
    expect(again.steps).toBe(one.steps);
    expect(other.hash).not.toBe(one.hash);
  });

  it("is the same for the same seed through durable turns, and in another process", async () => {
    const one = await runSeed(10, { passes: durablePasses });
    const again = await runSeed(10, { passes: durablePasses });
    expect(again.hash).toBe(one.hash);
    const [elsewhere] = await jsonLines<Line>("main.ts", ["--json", "--seed", "10", "--durable", "1"]);
    expect(elsewhere?.hash).toBe(one.hash);
  });
});
