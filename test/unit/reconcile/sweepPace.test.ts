import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  paceOf,
  READ_SHARE,
  READS_PER_LOOK,
  restAfterMs,
  SHARED_BUCKET_FACTOR,
} from "../../../shared/reconcile/sweep/pace.ts";

describe("how many looks a sweep releases", () => {
  it.each([
    ["a full bucket", { own: 250, shared: undefined }, 0, 125],
    ["a full bucket told of all principals together", { own: undefined, shared: 3_749 }, 0, 124],
    ["a bucket that others have half emptied", { own: 125, shared: undefined }, 250, 0],
    ["a bucket with a little over half", { own: 135, shared: undefined }, 250, 10],
    ["a shared bucket that all others empty", { own: 249, shared: 1_900 }, 250, 1],
    ["a big bucket, as Microsoft has them", { own: undefined, shared: 16_499 }, 0, 549],
    ["a bucket of which nothing is told", { own: undefined, shared: undefined }, 0, 25],
    ["an empty one", { own: 0, shared: 3_749 }, 250, 0],
  ])("of %s", (_name, budget, size, looks) => {
    expect(paceOf(budget, size).looks).toBe(looks);
  });

  it("never takes the others' share, and none of what is not there", () => {
    const left = fc.option(fc.nat(20_000), { nil: undefined });
    fc.assert(
      fc.property(left, left, fc.nat(2_000), (own, shared, sizeBefore) => {
        const { looks, size } = paceOf({ own, shared }, sizeBefore);
        const told = Math.min(own ?? Infinity, (shared ?? Infinity) / SHARED_BUCKET_FACTOR);
        const othersShare = told === Infinity ? 0 : size * (1 - READ_SHARE) - 1e-9;
        expect(size).toBeGreaterThanOrEqual(sizeBefore);
        expect(looks).toBeGreaterThanOrEqual(told === Infinity ? 1 : 0);
        expect(looks === 0 ? othersShare : told - looks * READS_PER_LOOK).toBeGreaterThanOrEqual(othersShare);
      }),
    );
  });

  it("is paid for by the sweep's share of what flows in: 25 a second of 250", () => {
    expect(restAfterMs(125, 250)).toBe(10_000);
    expect(restAfterMs(1, 250)).toBe(80);
    expect(restAfterMs(25, 0)).toBe(10_000);
    expect(restAfterMs(0, 250)).toBe(0);
  });
});
