import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configSchema, type Budget } from "../../../shared/config/schema.ts";
import {
  allowanceOf,
  budgetLogSchema,
  COUNTS_FOR_MS,
  emptyLog,
  reserved,
  unreadable,
  without,
  type Allowance,
  type BudgetLog,
} from "../../../shared/desired/budget.ts";
import { hourMs, minuteMs } from "../../../shared/kernel/clock.ts";

const nowMs = Date.parse("2026-03-02T10:00:00Z");
const here = "5b000000-0000-4000-8000-000000000001";
const elsewhere = "5b000000-0000-4000-8000-000000000002";
const place = { environment: "prod", subscriptionId: here, standard: "NET-01" };

function budgets(...list: object[]): readonly Budget[] {
  return configSchema.parse({ version: 1, subscriptions: [], standards: [], budgets: list }).budgets;
}

/** A log with one write at each time. */
function log(times: readonly number[], where: { environment?: string; subscriptionId?: string } = {}): BudgetLog {
  const { environment = "prod", subscriptionId = here } = where;
  const writes = times.map((atMs, index) => ({ id: `p-${index}#0`, atMs, environment, subscriptionId }));
  return { ...emptyLog("NET-01"), writes };
}

function allowance(list: readonly Budget[], writes: BudgetLog | typeof unreadable, atMs = nowMs): Allowance {
  return allowanceOf(list, place, writes, atMs);
}

/** Whether there is room at the time that was told, and was none just before. */
function checkAgain(list: readonly Budget[], writes: BudgetLog, atMs = nowMs): number {
  const { left, againMs } = allowance(list, writes, atMs);
  expect(left).toBe(0);
  expect(againMs).toBeGreaterThan(atMs);
  expect(allowance(list, writes, againMs).left).not.toBe(0);
  expect(allowance(list, writes, (againMs ?? NaN) - 1).left).toBe(0);
  return againMs ?? NaN;
}

describe("a budget", () => {
  it("has what was not written within the hour, and a margin for other clocks", () => {
    const five = budgets({ writesPerHour: 5 });
    expect(allowance(five, log([])).left).toBe(5);
    expect(allowance(five, log([nowMs, nowMs - hourMs, nowMs - COUNTS_FOR_MS + 1])).left).toBe(2);
    expect(allowance(five, log([nowMs - COUNTS_FOR_MS, nowMs - COUNTS_FOR_MS - 1])).left).toBe(5);
    expect(COUNTS_FOR_MS).toBeGreaterThanOrEqual(hourMs + 5 * minuteMs);
  });

  it("counts a write of a clock that is ahead", () => {
    expect(allowance(budgets({ writesPerHour: 1 }), log([nowMs + 5 * minuteMs])).left).toBe(0);
    expect(checkAgain(budgets({ writesPerHour: 1 }), log([nowMs + 5 * minuteMs]))).toBe(
      nowMs + 5 * minuteMs + COUNTS_FOR_MS,
    );
  });

  it("tells when so many are forgotten that there is room, in whatever order they were written down", () => {
    const times = [30, 50, 10, 40, 20].map((minutes) => nowMs - minutes * minuteMs);
    expect(checkAgain(budgets({ writesPerHour: 5 }), log(times))).toBe(nowMs - 50 * minuteMs + COUNTS_FOR_MS);
    // A budget that was larger when they were made: three have to go.
    expect(checkAgain(budgets({ writesPerHour: 3 }), log(times))).toBe(nowMs - 30 * minuteMs + COUNTS_FOR_MS);
    expect(checkAgain(budgets({ writesPerHour: 1 }), log(times))).toBe(nowMs - 10 * minuteMs + COUNTS_FOR_MS);
  });

  it("of none never has room, and does not say when", () => {
    expect(allowance(budgets({ writesPerHour: 0 }), log([]))).toMatchObject({ left: 0, againMs: undefined });
  });

  it("counts the writes of its places alone, and of the environment in which they were made", () => {
    const mine = budgets({ writesPerHour: 2, subscriptions: [here], environments: ["prod"] });
    expect(allowance(mine, log([nowMs, nowMs], { subscriptionId: elsewhere })).left).toBe(2);
    expect(allowance(mine, log([nowMs, nowMs], { environment: "dev" })).left).toBe(2);
    expect(allowance(mine, log([nowMs])).left).toBe(1);
    // One for all places counts all of them.
    expect(allowance(budgets({ writesPerHour: 2 }), log([nowMs, nowMs], { subscriptionId: elsewhere })).left).toBe(0);
  });

  it("that concerns other places or standards says nothing", () => {
    const others = budgets(
      { writesPerHour: 0, environments: ["dev"] },
      { writesPerHour: 0, subscriptions: [elsewhere] },
      { writesPerHour: 0, standards: ["TLS-01"] },
    );
    expect(allowance(others, log([])).left).toBeUndefined();
  });

  it("says its reason, and nothing that changes from minute to minute", () => {
    const [first, later] = [0, minuteMs].map((ms) =>
      allowance(budgets({ writesPerHour: 1, reason: "month's end" }), log([nowMs]), nowMs + ms),
    );
    expect(first?.limit).toBe("The budget of 1 write within an hour (month's end) is used up");
    expect(later).toEqual(first);
  });
});

describe("of several budgets", () => {
  it("the most restrictive one holds, wherever it stands", () => {
    const [wide, narrow] = budgets({ writesPerHour: 9 }, { writesPerHour: 2, environments: ["prod"] });
    for (const list of [
      [wide!, narrow!],
      [narrow!, wide!],
    ]) {
      expect(allowance(list, log([nowMs]))).toMatchObject({ left: 1, limit: expect.stringContaining(" 2 writes ") });
    }
  });

  it("of those that are used up the one that lasts is told", () => {
    const list = budgets({ writesPerHour: 2 }, { writesPerHour: 1 });
    const again = checkAgain(list, log([nowMs - 50 * minuteMs, nowMs - 10 * minuteMs]));
    expect(again).toBe(nowMs - 10 * minuteMs + COUNTS_FOR_MS);
    const never = budgets({ writesPerHour: 1 }, { writesPerHour: 0 });
    expect(allowance(never, log([nowMs]))).toMatchObject({ left: 0, againMs: undefined });
    expect(allowance(never.toReversed(), log([nowMs]))).toMatchObject({ left: 0, againMs: undefined });
  });

  it("one with a schedule holds in its time alone, and ends with it", () => {
    const night = { days: ["sun"], from: "22:00", to: "06:00" };
    const list = budgets({ writesPerHour: 5 }, { writesPerHour: 0, during: night });
    const sunday = Date.parse("2026-03-01T23:00:00Z");
    const monday = Date.parse("2026-03-02T06:00:00Z");
    expect(checkAgain(list, log([]), sunday)).toBe(monday);
    expect(allowance(list, log([]), monday).left).toBe(5);
    // What is used up for longer than the night is told until then.
    const busy = log(Array.from({ length: 5 }, () => monday - minuteMs));
    expect(checkAgain(list, busy, monday - minuteMs)).toBe(monday - minuteMs + COUNTS_FOR_MS);
    // Room comes before the night is over.
    const few = budgets({ writesPerHour: 1, during: night });
    expect(checkAgain(few, log([sunday - hourMs]), sunday)).toBe(sunday - hourMs + COUNTS_FOR_MS);
  });

  it("one day after the other is one schedule", () => {
    const weekend = { days: ["sat", "sun"], from: "00:00", to: "00:00" };
    const list = budgets({ writesPerHour: 0, during: weekend });
    expect(checkAgain(list, log([]), Date.parse("2026-02-28T12:00:00Z"))).toBe(Date.parse("2026-03-02T00:00:00Z"));
  });

  it("a log that cannot be read allows nothing, even where no budget concerns the standard", () => {
    for (const list of [budgets(), budgets({ writesPerHour: 1000 })]) {
      expect(allowance(list, unreadable)).toMatchObject({ left: 0, againMs: nowMs + minuteMs });
    }
  });
});

const minutesAgo = fc.array(fc.integer({ min: -5, max: 80 }), { maxLength: 12 });
const someBudget = fc.record({
  writesPerHour: fc.integer({ min: 0, max: 4 }),
  during: fc.option(
    fc.constantFrom(
      { days: ["mon"], from: "09:00", to: "11:00", timeZone: "UTC" },
      { days: ["mon"], from: "10:30", to: "10:45", timeZone: "UTC" },
    ),
    { nil: undefined },
  ),
  environments: fc.option(fc.constantFrom(["prod"], ["dev"]), { nil: undefined }),
});

describe("whatever was written and whatever is allowed", () => {
  it("the tightest budget tells what is left, and when there is room again", () => {
    fc.assert(
      fc.property(minutesAgo, fc.array(someBudget, { maxLength: 3 }), (minutes, list) => {
        const parsed = budgets(...list);
        const writes = log(minutes.map((ago) => nowMs - ago * minuteMs));
        const { left, againMs, limit } = allowance(parsed, writes);
        const own = parsed.map((budget) => allowance([budget], writes).left ?? Infinity);
        expect(left ?? Infinity).toBe(Math.min(Infinity, ...own));
        expect(left === 0 || againMs === undefined).toBe(true);
        if (left !== 0 || againMs === undefined) return;
        expect(limit).toMatch(/^The budget of \d+ writes? within an hour is used up$/);
        // No room before; at that time there is, unless another budget's hours have begun meanwhile.
        expect(allowance(parsed, writes, againMs - 1).left).toBe(0);
        const holding = parsed.filter((budget) => allowance([budget], writes).left !== undefined);
        expect(allowance(holding, writes, againMs).left).not.toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the log", () => {
  const write = { id: "p-9#0", atMs: nowMs, environment: "prod", subscriptionId: here };

  it("holds a write once, from its last time on", () => {
    const once = reserved(log([nowMs - minuteMs]), write);
    const twice = reserved(once, { ...write, atMs: nowMs + minuteMs });
    expect(twice.writes.map(({ id, atMs }) => [id, atMs])).toEqual([
      ["p-0#0", nowMs - minuteMs],
      ["p-9#0", nowMs + minuteMs],
    ]);
    expect(reserved(once, { ...write, id: "p-9#1" }).writes).toHaveLength(3);
  });

  it("forgets what no instance counts any more, and only that", () => {
    const old = log([nowMs - COUNTS_FOR_MS, nowMs - COUNTS_FOR_MS + 1, nowMs + 5 * minuteMs]);
    expect(reserved(old, write).writes.map(({ id }) => id)).toEqual(["p-1#0", "p-2#0", "p-9#0"]);
  });

  it("without a write is as it was before it, and changes nothing of what it came from", () => {
    const before = log([nowMs]);
    const after = reserved(before, write);
    expect(without(after, write.id)).toEqual(before);
    expect(without(before, "p-7#0")).toEqual(before);
    expect(before.writes).toHaveLength(1);
    expect(budgetLogSchema.parse(after)).toEqual(after);
  });
});
