import { describe, expect, it } from "vitest";
import type { Plan } from "../../../shared/reconcile/planning.ts";
import { madeWithin, PlanRuns } from "../../../shared/reconcile/planRuns.ts";

const planOf = (accounts: number): Plan => ({ accounts }) as Plan;

/** A plan that is made when it is told to be. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<Plan>();
  return { make: () => promise, resolve, reject };
}

describe("plans that are being made", () => {
  it("are joined by whoever wants the same", async () => {
    const runs = new PlanRuns();
    const { make, resolve } = held();
    let begun = 0;
    const counted = (): Promise<Plan> => {
      begun += 1;
      return make();
    };
    const [one, other] = [runs.of("a", counted), runs.of("a", counted)];
    expect(other).toBe(one);
    expect(await madeWithin(one, 1)).toBeUndefined();
    resolve(planOf(1));
    expect(await madeWithin(other, 60_000)).toEqual({ accounts: 1 });
    expect(begun).toBe(1);
  });

  it("are made anew for whoever comes later, but for who has seen a part", async () => {
    const runs = new PlanRuns();
    await runs.of("a", async () => planOf(1)).whole;
    expect(await runs.of("a", async () => planOf(2), true).whole).toEqual({ accounts: 1 });
    expect(await runs.of("a", async () => planOf(3)).whole).toEqual({ accounts: 3 });
    expect(await runs.of("b", async () => planOf(4), true).whole).toEqual({ accounts: 4 });
  });

  it("tell how far they are", async () => {
    const { make, resolve } = held();
    const run = new PlanRuns().of("a", (onProgress) => {
      onProgress(20, 60);
      return make();
    });
    expect([run.progress, run.made]).toEqual([{ done: 20, of: 60 }, undefined]);
    resolve(planOf(60));
    await run.whole;
    expect(run.made).toEqual({ accounts: 60 });
  });

  it("tell who waits what went wrong, and are begun again", async () => {
    const runs = new PlanRuns();
    const { make, reject } = held();
    const run = runs.of("a", make);
    reject(new Error("the store is away"));
    await expect(madeWithin(run, 60_000)).rejects.toThrow("the store is away");
    expect(await runs.of("a", async () => planOf(1), true).whole).toEqual({ accounts: 1 });
  });

  it("are not begun while many are being made", async () => {
    const runs = new PlanRuns();
    const { make, resolve } = held();
    for (const key of ["a", "b", "c", "d"]) runs.of(key, make);
    expect(() => runs.of("e", make)).toThrow("4 plans are being made");
    resolve(planOf(1));
    await runs.of("a", make).whole;
    await runs.of("e", make).whole;
  });

  it("are forgotten, the oldest first, but for those that are being made", async () => {
    const runs = new PlanRuns();
    const { make } = held();
    const running = runs.of("running", make);
    for (const key of ["a", "b", "c", "d", "e"]) await runs.of(key, async () => planOf(key.codePointAt(0) ?? 0)).whole;
    const again = async (key: string): Promise<number> =>
      (await runs.of(key, async () => planOf(0), true).whole).accounts;
    expect(runs.of("running", async () => planOf(0), true)).toBe(running);
    expect(await again("e")).toBe(101);
    expect(await again("a")).toBe(0);
  });
});
