/** The sweep, step by step: who is looked at, how fast, what becomes of it when things fail. */
import { describe, expect, it } from "vitest";
import { SteelyardError } from "../../../shared/kernel/errors.ts";
import { hourMs, minuteMs } from "../../../shared/kernel/clock.ts";
import type { PassContext } from "../../../shared/reconcile/context.ts";
import { askForSweep, SWEEPS_PER_LISTING } from "../../../shared/reconcile/sweep/document.ts";
import { sweepPage } from "../../../shared/reconcile/sweep/page.ts";
import type { Store } from "../../../shared/ports/store.ts";
import { accountIn, armFailure, subscriptionOfNumber, SweepBench } from "../../support/sweepBench.ts";

const HALF_MS = hourMs / 2;

describe("a sweep", () => {
  it("asks for one look at every account of every enrolled subscription", async () => {
    const bench = new SweepBench(15, 250, 0, 3);
    expect(await bench.isDue()).toBe(true);
    await bench.sweep();
    expect(bench.all.map((key) => bench.wantedOf(key))).toEqual(bench.all.map(() => 1));
    expect(bench.wakes.map(({ key }) => key).sort()).toEqual([...bench.all].sort());
    expect(await bench.progress()).toMatchObject({
      state: "finished",
      done: 4,
      total: 4,
      accounts: 268,
      problems: [],
    });
    expect(await bench.isDue()).toBe(false);
  });

  it("asks Resource Graph in groups, and ARM only about subscriptions of which it shows nothing", async () => {
    const bench = new SweepBench(...Array.from({ length: 120 }, (_, index) => (index === 70 ? 0 : 1)));
    await bench.sweep();
    expect(bench.graphCalls.map(({ length }) => length)).toEqual([50, 50, 20]);
    expect(bench.listCalls).toEqual([subscriptionOfNumber(71)]);
  });

  it("looks at nothing that it did not ask about, whatever Resource Graph answers", async () => {
    const bench = new SweepBench(1);
    const stranger = accountIn(9, "stranger");
    bench.arm.inventory = async () => ({
      kind: "page",
      page: { accounts: [stranger, accountIn(1, "a-1-0")], continuation: undefined, waitMs: 0 },
    });
    await bench.sweep();
    expect([bench.wantedOf(stranger.id), bench.wantedOf(accountIn(1, "a-1-0").id)]).toEqual([0, 1]);
  });

  it("looks at what is on record though Resource Graph does not show it", async () => {
    const bench = new SweepBench(2);
    const gone = accountIn(9, "withdrawn").id;
    const pk = "0".repeat(32);
    const finding = { id: "finding-1", pk, kind: "finding", key: gone, live: true };
    bench.store.writeNow("state", pk, [{ kind: "create", document: finding }]);
    await bench.sweep();
    expect(bench.wantedOf(gone)).toBe(1);
  });

  it("asks ARM for every list once in a while", async () => {
    const bench = new SweepBench(1, 1);
    const late = bench.all[1] ?? "";
    bench.hidden.add(late);
    // Another account of the subscription is shown, so the list is not asked for.
    bench.estate.get(subscriptionOfNumber(2))?.push(accountIn(2, "shown"));
    for (let day = 1; day < SWEEPS_PER_LISTING; day += 1) {
      await bench.sweep();
      bench.nowMs += 24 * hourMs;
    }
    expect([bench.wantedOf(accountIn(2, "a-2-0").id), bench.listCalls]).toEqual([0, []]);
    await bench.sweep();
    expect(bench.wantedOf(accountIn(2, "a-2-0").id)).toBe(1);
  });

  it("is due a day after it began, when somebody asks, and when the configuration has another version", async () => {
    const bench = new SweepBench(1);
    await bench.sweep();
    const beganMs = bench.nowMs;
    bench.nowMs += 23 * hourMs;
    expect(await bench.isDue()).toBe(false);
    await askForSweep(bench.store, "oid", bench.nowMs);
    await askForSweep(bench.store, "oid", bench.nowMs);
    expect(await bench.isDue()).toBe(true);
    expect((await bench.progress()).nextAt).toBe(new Date(bench.nowMs).toISOString());
    await bench.sweep();
    expect(await bench.isDue()).toBe(false);
    bench.config = { ...bench.config, version: 2 };
    expect(await bench.isDue()).toBe(true);
    await bench.sweep();
    expect(await bench.isDue()).toBe(false);
    bench.nowMs = beganMs + 48 * hourMs;
    expect(await bench.isDue()).toBe(true);
  });

  it("that is asked for while one that repeats problems is under way begins when that has ended", async () => {
    const bench = new SweepBench(1, 1);
    bench.hidden.add(bench.all[1] ?? "");
    bench.listFailures.set(subscriptionOfNumber(2), armFailure(403, "AuthorizationFailed"));
    await bench.sweep();
    bench.nowMs += HALF_MS;
    bench.listFailures.set(subscriptionOfNumber(2), armFailure(429, "TooManyRequests", 1_000));
    expect(await bench.step()).toBe(false);
    await askForSweep(bench.store, "oid", bench.nowMs);
    bench.listFailures.clear();
    await bench.sweep();
    expect(bench.wantedOf(accountIn(1, "a-1-0").id)).toBe(2);
  });

  it("begins anew for the configuration of another version", async () => {
    const bench = new SweepBench(400, 1);
    await bench.step();
    bench.config = { ...bench.config, version: 2, subscriptions: bench.config.subscriptions.slice(1) };
    await bench.sweep();
    expect(await bench.progress()).toMatchObject({ state: "finished", total: 1, accounts: 1 });
    expect(bench.wantedOf(accountIn(1, "a-1-399").id)).toBe(0);
  });

  it("does nothing when it is played again after its end", async () => {
    const bench = new SweepBench(3);
    await bench.sweep();
    const wakes = bench.wakes.length;
    expect(await sweepPage(bench.context, false)).toEqual({ done: true, waitMs: 0 });
    expect(bench.wakes.length).toBe(wakes);
  });
});

describe("the pace", () => {
  it("leaves half of every bucket to others, whatever the size", async () => {
    for (const size of [250, 1_100]) {
      const bench = new SweepBench(700, 700);
      const left = new Map<string, number>();
      let seenMs = bench.nowMs;
      let least = size;
      const refill = (): void => {
        for (const [id, tokens] of left)
          left.set(id, Math.min(size, tokens + ((bench.nowMs - seenMs) * size) / 10_000));
        seenMs = bench.nowMs;
      };
      bench.budget = ({ subscriptionId }) => {
        refill();
        const tokens = (left.get(subscriptionId) ?? size) - 1;
        left.set(subscriptionId, tokens);
        return { kind: "told", budget: { own: Math.floor(tokens), shared: undefined } };
      };
      bench.context.bus.wake = async (key) => {
        const id = key.split("/")[2] ?? "";
        const tokens = (left.get(id) ?? size) - 1;
        left.set(id, tokens);
        least = Math.min(least, tokens);
      };
      const beganMs = bench.nowMs;
      await bench.sweep();
      expect(least).toBeGreaterThanOrEqual(size / 2 - 2);
      // And takes its half: two times 700 reads at half of what flows in.
      expect(bench.nowMs - beganMs).toBeLessThan(1.1 * ((2 * 700 * 10_000) / (size / 2)));
    }
  });

  it("waits as long as ARM asks when it throttles, and goes on where it was", async () => {
    const bench = new SweepBench(300);
    const budgets: ReturnType<SweepBench["budget"]>[] = [
      { kind: "told", budget: { own: 199, shared: undefined } },
      armFailure(429, "SubscriptionRequestsThrottled", 17_000),
    ];
    bench.budget = () => budgets.shift() ?? { kind: "told", budget: { own: 249, shared: 3_749 } };
    await bench.sweep();
    expect(bench.waits).toContain(17_000);
    expect(bench.all.map((key) => bench.wantedOf(key))).toEqual(bench.all.map(() => 1));
  });

  it("gives a subscription up for now whose bucket stays empty; the others go on", async () => {
    const bench = new SweepBench(300, 300);
    bench.budget = ({ subscriptionId }) =>
      subscriptionId === subscriptionOfNumber(1)
        ? armFailure(429, "SubscriptionRequestsThrottled", 5_000)
        : { kind: "told", budget: { own: 249, shared: undefined } };
    await bench.sweep();
    const { problems, nextAt } = await bench.progress();
    expect(problems).toMatchObject([{ subscriptionId: subscriptionOfNumber(1), reason: "Unavailable" }]);
    expect(nextAt).toBe(new Date(bench.nowMs + HALF_MS).toISOString());
    expect(bench.wakes).toHaveLength(300);
    bench.budget = () => ({ kind: "told", budget: { own: 249, shared: undefined } });
    bench.nowMs += HALF_MS;
    expect(await bench.isDue()).toBe(true);
    await bench.sweep();
    expect(bench.all.map((key) => bench.wantedOf(key))).toEqual(bench.all.map(() => 1));
    expect((await bench.progress()).problems).toEqual([]);
  });

  it("releases no more while the looks of the last release are not through, for a minute at most", async () => {
    const bench = new SweepBench(300);
    bench.servesAtOnce = false;
    await bench.step();
    const released = bench.wakes.length;
    expect(released).toBeLessThan(300);
    for (let wait = 0; wait < 4; wait += 1) await bench.step();
    expect(bench.wakes.length).toBe(released);
    bench.serveAll();
    await bench.step();
    expect(bench.wakes.length).toBeGreaterThan(released);
    const beforeMs = bench.nowMs;
    const before = bench.wakes.length;
    while (bench.wakes.length === before) await bench.step();
    expect(bench.nowMs - beforeMs).toBeLessThanOrEqual(1.5 * minuteMs);
  });
});

describe("a subscription that cannot be swept", () => {
  it("is told as such, keeps no other waiting, and is tried again alone within the hour", async () => {
    const bench = new SweepBench(2, 2, 2);
    const lost = subscriptionOfNumber(2);
    for (const { id } of bench.estate.get(lost) ?? []) bench.hidden.add(id);
    bench.listFailures.set(lost, armFailure(403, "AuthorizationFailed"));
    await bench.sweep();
    const message = "AuthorizationFailed: said Azure";
    expect(await bench.progress()).toMatchObject({
      state: "finished",
      accounts: 4,
      problems: [{ subscriptionId: lost, reason: "NotReadable", message }],
    });
    expect(await bench.isDue()).toBe(false);
    const { startedAt } = await bench.progress();
    bench.nowMs += HALF_MS;
    expect(await bench.isDue()).toBe(true);
    bench.listFailures.clear();
    await bench.sweep();
    expect(bench.all.map((key) => bench.wantedOf(key))).toEqual(bench.all.map(() => 1));
    expect(await bench.progress()).toMatchObject({ state: "finished", startedAt, done: 3, accounts: 6, problems: [] });
  });

  it("that ARM does not answer for is tried a few times first", async () => {
    const bench = new SweepBench(0, 2);
    bench.listFailures.set(subscriptionOfNumber(1), armFailure(503, "ServerBusy", 40_000));
    await bench.sweep();
    expect(bench.listCalls).toHaveLength(4);
    // Longer waits come in parts, so that a change of the configuration is noticed meanwhile.
    expect(Math.max(...bench.waits)).toBeLessThanOrEqual(30_000);
    expect(bench.waits.reduce((sum, waitMs) => sum + waitMs, 0)).toBeGreaterThanOrEqual(3 * 40_000);
    expect((await bench.progress()).problems).toMatchObject([{ reason: "Unavailable" }]);
  });
});

describe("Resource Graph", () => {
  it("refused: every subscription is listed by ARM", async () => {
    const bench = new SweepBench(...Array.from({ length: 60 }, () => 1));
    bench.graphFailures.push(armFailure(403, "AccessDenied"));
    await bench.sweep();
    expect(bench.graphCalls).toHaveLength(1);
    expect(bench.listCalls).toHaveLength(60);
    expect(bench.all.map((key) => bench.wantedOf(key))).toEqual(bench.all.map(() => 1));
  });

  it("throttled: it is asked again when it said so, and given up for this group after a while", async () => {
    const bench = new SweepBench(...Array.from({ length: 60 }, () => 1));
    bench.graphFailures.push(armFailure(429, "RateLimiting", 5_000));
    await bench.sweep();
    expect(bench.waits).toContain(5_000);
    expect([bench.graphCalls.length, bench.listCalls.length]).toEqual([3, 0]);
    bench.config = { ...bench.config, version: 2 };
    for (let failure = 0; failure < 4; failure += 1) bench.graphFailures.push(armFailure(429, "RateLimiting", 5_000));
    await bench.sweep();
    expect([bench.graphCalls.length, bench.listCalls.length]).toEqual([3 + 4 + 1, 50]);
  });
});

/** A sweep of 131 accounts whose process dies at its n-th call of the store; what became of it, and whether it died. */
async function swept(fatal: number): Promise<{ died: boolean; began: boolean; least: number; most: number }> {
  const bench = new SweepBench(130, 1);
  bench.hidden.add(bench.all.at(-1) ?? "");
  let isDead = false;
  let calls = 0;
  const dying = mortal(bench.instance(), () => {
    calls += 1;
    isDead ||= calls === fatal;
    return isDead;
  });
  await bench.sweep(dying).catch((error: unknown) => {
    if (!isDead) throw error;
  });
  const { startedAt, state } = await bench.progress();
  // Nobody goes on at once; the sweeper notices when the next step is overdue.
  bench.nowMs += 6 * minuteMs;
  bench.serveAll();
  expect(await bench.isDue()).toBe(state !== "finished");
  await bench.sweep();
  const after = await bench.progress();
  expect(after).toMatchObject({ state: "finished", accounts: 131, problems: [] });
  const wanted = bench.all.map((key) => bench.wantedOf(key));
  const began = startedAt !== null && startedAt === after.startedAt;
  return { died: isDead, began, least: Math.min(...wanted), most: Math.max(...wanted) };
}

describe("a sweep whose process dies", () => {
  it("goes on from where it was, wherever that happens", async () => {
    let fatal = 1;
    for (let last = await swept(fatal); last.died; last = await swept(fatal)) {
      // Each account is looked at, those of the step that was lost twice. The first three calls store nothing yet.
      expect([fatal, last.least, last.most <= 2]).toEqual([fatal, 1, true]);
      fatal += fatal < 20 ? 1 : 17;
    }
    expect(fatal).toBeGreaterThan(100);
    expect((await swept(350)).began).toBe(true);
  });

  it("is played by one at a time: of two that make the same step one counts", async () => {
    const bench = new SweepBench(300);
    await Promise.all([sweepPage(bench.instance(), false), sweepPage(bench.instance(), false)]);
    bench.serveAll();
    await bench.sweep();
    expect((await bench.progress()).accounts).toBe(300);
    expect(Math.min(...bench.all.map((key) => bench.wantedOf(key)))).toBe(1);
  });
});

/** A context in which everything fails from some call on. */
function mortal(context: PassContext, dies: () => boolean): PassContext {
  const guard = <A extends unknown[], R>(work: (...given: A) => Promise<R>) => {
    return async (...given: A): Promise<R> => {
      if (dies()) throw new SteelyardError("Unavailable", "the process is gone");
      return work(...given);
    };
  };
  const { store } = context;
  const dying: Store = {
    read: guard(store.read.bind(store)) as Store["read"],
    query: guard(store.query.bind(store)) as Store["query"],
    write: guard(store.write.bind(store)),
  };
  return { ...context, store: dying };
}
