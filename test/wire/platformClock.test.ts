/** Moves of business time, the barrier and timer functions, in process: hosts are stand-ins, everything else is real. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Barrier, type BusyHost } from "../../infra/local/platform/barrier.ts";
import { ClockControl, ClockError, LATEST_MS, SKEW_MAX_MS } from "../../infra/local/platform/clockControl.ts";
import { parseDuration } from "../../infra/local/platform/duration.ts";
import type { WaitingOn } from "../../infra/local/platform/engine.ts";
import { settle } from "../../infra/local/platform/settle.ts";
import { StandingAgenda } from "../../infra/local/platform/standingAgenda.ts";
import { PlatformState } from "../../infra/local/platform/state.ts";
import { FunctionTimers, type TimerOutcome } from "../../infra/local/platform/timers.ts";

const start = Date.parse("2026-11-20T08:00:00Z");
const minute = 60_000;
const hour = 60 * minute;

interface Run {
  readonly name: string;
  readonly at: number;
  readonly isPastDue: boolean;
  readonly last: string;
  /** The time that goes to the host with the call. */
  readonly hostAt: number;
}

class Bench {
  readonly clock: StandingAgenda;
  readonly state = new PlatformState(":memory:");
  readonly work = new Set<WaitingOn>();
  readonly runs: Run[] = [];
  readonly hostTimes: number[] = [];
  readonly timers: FunctionTimers;
  readonly barrier: Barrier;
  readonly control: ClockControl;
  hosts: BusyHost[] = [];
  outcome: TimerOutcome = "ran";
  onRun: (name: string) => Promise<void> = async () => {};

  constructor(mode: "real" | "manual" = "manual") {
    this.clock = new StandingAgenda({ mode, nowMs: start });
    this.timers = new FunctionTimers(
      this.clock,
      this.state,
      async (_app, { name, isPastDue, last }) => {
        if (this.outcome === "unavailable") return "unavailable";
        const { nowMs: hostAt } = this.control.timeOf({ name: "core-0", app: "core" });
        this.runs.push({ name, at: this.clock.now(), isPastDue, last, hostAt });
        await this.onRun(name);
        return this.outcome;
      },
      () => {},
    );
    this.barrier = new Barrier({
      clock: this.clock,
      work: () => [...this.work, ...this.timers.waitingOn()],
      hosts: () => this.hosts,
    });
    this.control = new ClockControl({
      clock: this.clock,
      barrier: this.barrier,
      timers: this.timers,
      state: this.state,
      hosts: () => [{ name: "core-0", app: "core", setClock: async ({ nowMs }) => this.hostTimes.push(nowMs) * 0 }],
    });
  }

  timer(name: string, schedule: string): void {
    this.timers.register("core", [{ name, type: "timerTrigger", schedule }]);
  }

  at(item: { kind: string; id: string; afterMs: number }, run: () => void): void {
    this.clock.schedule({ kind: item.kind, id: item.id, dueMs: this.clock.now() + item.afterMs }, run);
  }

  settle(withinMs?: number, timeoutMs = 2000): Promise<WaitingOn[]> {
    return settle(this, { withinMs, timeoutMs });
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.clock.stop());

describe("advance", () => {
  test("runs two items of one moment, both known to an engine, one after the other", async () => {
    const ran: string[] = [];
    for (const id of ["a", "b"]) {
      const item = { kind: "durable.timer", id, sinceMs: start, dueMs: start + 5_000 };
      bench.work.add(item);
      bench.at({ kind: item.kind, id, afterMs: 5_000 }, () => {
        ran.push(id);
        bench.work.delete(item);
      });
    }
    await bench.control.run({ advanceMs: 10_000 });
    expect(ran).toEqual(["a", "b"]);
  });
  test("runs every occurrence in due order, at a time that the host has", async () => {
    bench.timer("hourly", "0 0 * * * *");
    bench.timer("half", "0 30 * * * *");
    const answer = await bench.control.run({ advanceMs: 2 * hour });
    expect(answer).toEqual({
      mode: "manual",
      nowMs: start + 2 * hour,
      fired: 4,
      occurrences: { "core/half": 2, "core/hourly": 2 },
    });
    expect(bench.runs.map(({ name, at }) => [name, (at - start) / minute])).toEqual([
      ["half", 30],
      ["hourly", 60],
      ["half", 90],
      ["hourly", 120],
    ]);
    expect(bench.runs.every(({ isPastDue }) => !isPastDue)).toBe(true);
    expect(bench.runs.map(({ hostAt }) => hostAt)).toEqual(bench.runs.map(({ at }) => at));
    expect(bench.hostTimes.at(-1)).toBe(start + 2 * hour);
  });

  test("doesn't move on while a host holds a lease, and tells it the time once it must", async () => {
    bench.timer("minutely", "0 * * * * *");
    const busy: WaitingOn = { kind: "core-0.httpTrigger", id: "api", sinceMs: start };
    let asked = 0;
    bench.hosts = [{ name: "core-0", busy: async () => (++asked < 3 ? [busy] : []) }];
    const leased: number[] = [];
    bench.onRun = async () => {
      if (bench.runs.length === 1) leased.push(bench.control.lease({ name: "core-0", app: "core" }).nowMs);
    };
    await bench.control.run({ advanceMs: 2 * minute });
    expect(leased).toEqual([start + minute]);
    expect(asked).toBeGreaterThanOrEqual(3);
    expect(bench.hostTimes).toContain(start + 2 * minute);
    bench.control.release("core-0");
    const told = bench.hostTimes.length;
    await bench.control.run({ advanceMs: 10 * minute });
    expect(bench.runs.length).toBe(12);
    // Before the move, at its beginning and at its end: not at each of the ten minutes.
    expect(bench.hostTimes.length - told).toBe(3);
  });

  test("waits until a run has ended, and what it has caused, before time moves on", async () => {
    bench.timer("sweep", "0 * * * * *");
    const ended: number[] = [];
    bench.onRun = async () => {
      const item = { kind: "servicebus.message", id: "m", sinceMs: bench.clock.now() };
      await new Promise((resolve) => setTimeout(resolve, 5));
      bench.work.add(item);
      setTimeout(() => {
        ended.push(bench.clock.now());
        bench.work.delete(item);
      }, 5);
    };
    await bench.control.run({ advanceMs: 3 * minute });
    expect(ended).toEqual([1, 2, 3].map((count) => start + count * minute));
  });

  test("runs what becomes due on the way, also at its last moment", async () => {
    const ran: string[] = [];
    bench.at({ kind: "durable.timer", id: "a", afterMs: minute }, () => {
      ran.push("a");
      bench.at({ kind: "durable.timer", id: "b", afterMs: 0 }, () => {
        ran.push("b");
        bench.at({ kind: "durable.timer", id: "c", afterMs: 1 }, () => void ran.push("c"));
      });
    });
    expect((await bench.control.run({ advanceMs: minute })).fired).toBe(2);
    expect(ran).toEqual(["a", "b"]);
  });

  test("moves on when all that is left is held by a delay fault, which time ends", async () => {
    const held: WaitingOn = { kind: "durable.activity", id: "a", sinceMs: start };
    bench.work.add(held);
    bench.at({ kind: "fault.delay", id: "/x", afterMs: 30_000 }, () => void bench.work.delete(held));
    const answer = await bench.control.run({ advanceMs: minute });
    expect(answer.fired).toBe(1);
    expect(bench.work.size).toBe(0);
  });

  test("refuses more than a million occurrences before anything has moved", async () => {
    bench.timer("secondly", "* * * * * *");
    await expect(bench.control.run({ advanceMs: 1_100_000_000 })).rejects.toThrow(/at most 1000000/);
    expect(bench.clock.now()).toBe(start);
    expect(bench.runs).toEqual([]);
  });

  test("in mode real the clock stands during the move and runs on from there", async () => {
    bench.clock.stop();
    bench = new Bench("real");
    bench.timer("hourly", "0 0 * * * *");
    const answer = await bench.control.run({ advanceMs: 8 * hour });
    expect(answer.mode).toBe("real");
    expect(answer.fired).toBe(8);
    expect(bench.runs.map(({ at }) => at)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((count) => start + count * hour));
    expect(bench.clock.now()).toBeGreaterThanOrEqual(start + 8 * hour);
    expect(bench.clock.now()).toBeLessThan(start + 8 * hour + 10_000);
  });
});

describe("jump and set", () => {
  test("each timer function runs once, past due, then what else is due", async () => {
    const order: string[] = [];
    bench.timer("hourly", "0 0 * * * *");
    bench.timer("minutely", "0 * * * * *");
    bench.onRun = async (name) => void order.push(name);
    bench.at({ kind: "durable.timer", id: "d", afterMs: 10_000 }, () => void order.push("durable"));
    const answer = await bench.control.run({ jumpMs: 8 * hour });
    expect(answer.fired).toBe(3);
    expect(order).toEqual(["minutely", "hourly", "durable"]);
    expect(bench.runs.every(({ at, isPastDue }) => at === start + 8 * hour && isPastDue)).toBe(true);
    await bench.control.run({ advanceMs: minute });
    expect(bench.runs.at(-1)).toMatchObject({ name: "minutely", isPastDue: false });
  });

  test("set goes forwards only", async () => {
    await expect(bench.control.run({ setMs: start - 1 })).rejects.toBeInstanceOf(ClockError);
    expect((await bench.control.run({ setMs: start + hour })).nowMs).toBe(start + hour);
  });

  test.each([
    ["advance", { advanceMs: 99_999_999_999 * 24 * hour }],
    ["jump", { jumpMs: 99_999_999_999 * 24 * hour, mode: "real" as const }],
    ["set", { setMs: LATEST_MS + 1 }],
    ["skew", { skewMs: { core: -SKEW_MAX_MS - 1 } }],
  ])("%s beyond what dates can hold is refused before anything has changed", async (_, command) => {
    bench.timer("minutely", "0 * * * * *");
    await expect(bench.control.run(command)).rejects.toMatchObject({ code: "OutOfRange" });
    expect([bench.clock.now(), bench.clock.mode, bench.control.skewMs, bench.runs]).toEqual([start, "manual", {}, []]);
  });

  test("skew reaches the host, not the platform", async () => {
    await bench.control.run({ skewMs: { core: -5 * minute } });
    expect(bench.clock.now()).toBe(start);
    expect(bench.hostTimes.at(-1)).toBe(start - 5 * minute);
  });
});

describe("timer functions", () => {
  test("what no instance could take runs once, past due, when one is back", async () => {
    bench.timer("hourly", "0 0 * * * *");
    bench.outcome = "unavailable";
    await bench.control.run({ advanceMs: 3 * hour });
    expect(bench.runs).toEqual([]);
    bench.outcome = "ran";
    bench.timer("hourly", "0 0 * * * *");
    expect(bench.runs).toMatchObject([
      { name: "hourly", at: start + 3 * hour, isPastDue: true, last: "0001-01-01T00:00:00.000Z" },
    ]);
  });

  test("a second instance doesn't double them", async () => {
    bench.timer("hourly", "0 0 * * * *");
    bench.timer("hourly", "0 0 * * * *");
    await bench.control.run({ advanceMs: hour });
    expect(bench.runs.length).toBe(1);
  });

  test("that run every minute begin at once at a hurried start, and keep their schedule after it", async () => {
    bench.timers.hurry();
    bench.timer("minutely", "30 * * * * *");
    bench.timer("hourly", "0 0 * * * *");
    await bench.control.run({ advanceMs: 60_000 });
    expect(bench.runs.map(({ name, at, isPastDue }) => [name, at - start, isPastDue])).toEqual([
      ["minutely", 0, false],
      ["minutely", 30_000, false],
    ]);
  });

  test("last and next are kept over a restart", async () => {
    bench.timer("hourly", "0 0 * * * *");
    await bench.control.run({ advanceMs: hour });
    expect(bench.state.timers()).toEqual([
      { app: "core", name: "hourly", schedule: "0 0 * * * *", lastMs: start + hour, nextMs: start + 2 * hour },
    ]);
    const again: number[] = [];
    const clock = new StandingAgenda({ mode: "manual", nowMs: start + 5 * hour });
    const timers = new FunctionTimers(
      clock,
      bench.state,
      async (_app, { isPastDue, last }) => {
        expect([isPastDue, last]).toEqual([true, new Date(start + hour).toISOString()]);
        again.push(clock.now());
        return "ran";
      },
      () => {},
    );
    timers.register("core", [{ name: "hourly", type: "timerTrigger", schedule: "0 0 * * * *" }]);
    await clock.step(clock.now());
    expect(again).toEqual([start + 5 * hour]);
  });
});

describe("settle", () => {
  test("is quick when nothing is to do", async () => {
    const before = performance.now();
    expect(await bench.settle()).toEqual([]);
    expect(performance.now() - before).toBeLessThan(50);
  });

  test("waits for work that appears while it looks", async () => {
    const late: WaitingOn = { kind: "host", id: "http", sinceMs: start };
    let asked = 0;
    bench.hosts = [
      {
        name: "core-0",
        busy: async () => {
          asked += 1;
          return asked <= 3 ? [late] : [];
        },
      },
    ];
    expect(await bench.settle()).toEqual([]);
    expect(asked).toBe(5);
  });

  test("says what it waits for when time is up", async () => {
    const item: WaitingOn = { kind: "durable.activity", id: "x", sinceMs: start };
    bench.work.add(item);
    expect(await bench.settle(undefined, 50)).toEqual([item]);
  });

  test("ignores what is due later and timer functions; steps through it within", async () => {
    bench.timer("minutely", "0 * * * * *");
    const ran: string[] = [];
    bench.at({ kind: "servicebus.scheduled", id: "s", afterMs: 90_000 }, () => void ran.push("s"));
    expect(await bench.settle()).toEqual([]);
    expect(ran).toEqual([]);
    expect(await bench.settle(2 * minute)).toEqual([]);
    expect(ran).toEqual(["s"]);
    expect(bench.clock.now()).toBe(start + 90_000);
    expect(bench.runs.length).toBe(1);
  });

  test("in mode real a durable timer that is near is waited for", async () => {
    bench.clock.stop();
    bench = new Bench("real");
    const due: WaitingOn = { kind: "durable.timer", id: "t", sinceMs: start, dueMs: start + 100 };
    const far: WaitingOn = { kind: "durable.timer", id: "far", sinceMs: start, dueMs: start + hour };
    bench.work.add(due).add(far);
    bench.clock.schedule({ kind: "durable.timer", id: "t", dueMs: start + 100 }, () => void bench.work.delete(due));
    expect(await bench.settle()).toEqual([]);
    expect(bench.work).toEqual(new Set([far]));
  });
});

test("while time stands still, what is due at once runs at once", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  bench.at({ kind: "eventgrid.delivery", id: "e", afterMs: 0 }, () => resolve(bench.clock.now()));
  expect(await promise).toBe(start);
});

test.each([
  ["PT8H", 8 * hour],
  ["P1DT30M", 24.5 * hour],
  ["-PT5M", -5 * minute],
  ["PT0.5S", 500],
  ["P2W", 14 * 24 * hour],
  ["P", undefined],
  ["PT", undefined],
  ["P1M", undefined],
  ["8h", undefined],
  ["P1Y", undefined],
  ["", undefined],
])("duration %s is %s ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});
