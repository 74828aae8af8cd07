import { describe, expect, it } from "vitest";
import { dayMs, hourMs, minuteMs, toIso } from "../../../shared/kernel/clock.ts";
import { judgeHealth, type HealthSignals, type Waiting } from "../../../shared/reconcile/health.ts";
import { beat, stillBehind } from "../../../shared/reconcile/heartbeat.ts";
import { toOpenMetrics } from "../../../shared/reconcile/openMetrics.ts";
import { sealHeads } from "../../../shared/reconcile/sealing.ts";
import { readSignals } from "../../../shared/reconcile/signals.ts";
import { overdue } from "../../../shared/reconcile/sweep.ts";
import { logRun } from "../../../shared/reconcile/watch.ts";
import { want } from "../../../shared/reconcile/writerStore.ts";
import type { Page, Query, StoredDocument } from "../../../shared/ports/store.ts";
import { newWriter, type Writer } from "../../../shared/writer/writer.ts";
import { MemoryStore } from "../../support/memoryStore.ts";
import { PassBench } from "../../support/passBench.ts";

const nowMs = Date.UTC(2026, 10, 21, 10);
const ago = (ms: number): string => toIso(nowMs - ms);
const none: Waiting = { count: 0, isMore: false, since: null, key: null };
const since = (ms: number): Waiting => ({ count: 1, isMore: false, since: ago(ms), key: "/k" });

const well: HealthSignals = {
  at: toIso(nowMs),
  heartbeat: { at: ago(30_000), configVersion: 3 },
  pausedSince: null,
  unserved: none,
  fences: none,
  pastDue: none,
  unsealedSince: null,
  sealedAt: ago(hourMs),
  sweep: { startedAt: ago(2 * hourMs), finishedAt: ago(hourMs), accounts: 40, problems: [] },
  held: { Paused: 2, Waiting: 1 },
  unreadable: none,
  deadLetters: { count: 0, isMore: false, lastAt: null },
  corrupt: { count: 0, isMore: false, first: null },
};

describe("the verdict", () => {
  it.each<[string, Partial<HealthSignals>, string, string[]]>([
    ["nothing to tell", {}, "ok", []],
    ["no sign of life yet", { heartbeat: null, sweep: null }, "failing", ["HeartbeatMissing"]],
    ["a heartbeat of 3 minutes", { heartbeat: { at: ago(3 * minuteMs), configVersion: 3 } }, "ok", []],
    ["an older one", { heartbeat: { at: ago(3 * minuteMs + 1), configVersion: 3 } }, "failing", ["HeartbeatLate"]],
    ["a heartbeat by a clock that is ahead", { heartbeat: { at: ago(-hourMs), configVersion: 3 } }, "ok", []],
    ["a wish of 3 minutes", { unserved: since(3 * minuteMs) }, "ok", []],
    ["a wish of 4 minutes", { unserved: since(4 * minuteMs) }, "degraded", ["Unserved"]],
    ["a wish of half an hour", { unserved: since(31 * minuteMs) }, "failing", ["Unserved"]],
    ["a time that has come and gone", { pastDue: since(4 * minuteMs) }, "degraded", ["PastDue"]],
    ["a write of 9 minutes", { fences: since(9 * minuteMs) }, "ok", []],
    ["a write of 11 minutes", { fences: since(11 * minuteMs) }, "degraded", ["FenceOpen"]],
    ["entries that wait for their seal", { unsealedSince: ago(6 * minuteMs) }, "degraded", ["SealLate"]],
    ["entries that wait long", { unsealedSince: ago(16 * minuteMs) }, "failing", ["SealLate"]],
    ["no seal for a day when nothing moved", { sealedAt: ago(dayMs) }, "ok", []],
    ["no sweep", { sweep: null }, "degraded", ["SweepMissing"]],
    ["an old sweep", { sweep: { ...well.sweep!, startedAt: ago(26 * hourMs) } }, "degraded", ["SweepLate"]],
    [
      "a sweep without end",
      { sweep: { ...well.sweep!, startedAt: ago(7 * hourMs), finishedAt: null } },
      "degraded",
      ["SweepUnfinished"],
    ],
    ["a subscription left out", { sweep: { ...well.sweep!, problems: ["s"] } }, "degraded", ["SweepIncomplete"]],
    [
      "changes that Azure refuses",
      { held: { Refused: 1, Stalled: 1 } },
      "degraded",
      ["ChangesRefused", "ChangesStalled"],
    ],
    ["targets that cannot be read", { unreadable: since(1) }, "degraded", ["Unreadable"]],
    [
      "a dead letter of today",
      { deadLetters: { count: 1, isMore: false, lastAt: ago(1) } },
      "degraded",
      ["DeadLetters"],
    ],
    [
      "a record that cannot be read",
      { corrupt: { count: 1, isMore: false, first: "pk/p-1" } },
      "degraded",
      ["Corrupt"],
    ],
    ["one of the week before", { deadLetters: { count: 1, isMore: false, lastAt: ago(7 * dayMs) } }, "ok", []],
    ["a pause", { pausedSince: ago(hourMs) }, "ok", []],
    ["a pause that was forgotten", { pausedSince: ago(dayMs + 1) }, "degraded", ["PausedLong"]],
    [
      "several things, the worst first",
      { unreadable: since(1), heartbeat: { at: ago(hourMs), configVersion: 3 } },
      "failing",
      ["HeartbeatLate", "Unreadable"],
    ],
  ])("on %s", (_name, changes, verdict, reasons) => {
    const report = judgeHealth({ ...well, ...changes });
    expect([report.verdict, report.reasons.map(({ reason }) => reason)]).toEqual([verdict, reasons]);
  });

  it("says the same words as long as the trouble is the same", () => {
    const words = (age: number) => judgeHealth({ ...well, unserved: since(age) }).reasons;
    expect(words(5 * minuteMs)).toEqual(words(20 * minuteMs));
  });
});

describe("since when a wish is unserved", () => {
  const { key } = new PassBench();
  const writer = { ...newWriter(key, 7), served: 4 };
  const last = { id: "heartbeat", pk: "health", kind: "heartbeat", configVersion: 1, pausedSince: null } as const;

  it("is the last run that had not seen it", () => {
    expect(stillBehind({ ...last, at: ago(minuteMs), behind: [] }, [writer], ago(0))).toEqual([
      { key, wanted: 7, since: ago(minuteMs) },
    ]);
  });

  it("stands while that wish is not served, whatever is wished for meanwhile", () => {
    const behind = [{ key, wanted: 5, since: ago(hourMs) }];
    expect(stillBehind({ ...last, at: ago(minuteMs), behind }, [writer], ago(0))).toEqual(behind);
  });

  it("begins anew when it was served", () => {
    const behind = [{ key, wanted: 4, since: ago(hourMs) }];
    expect(stillBehind({ ...last, at: ago(minuteMs), behind }, [writer], ago(0))).toEqual([
      { key, wanted: 7, since: ago(minuteMs) },
    ]);
  });
});

async function run(bench: PassBench): Promise<void> {
  await beat(bench.context, (await overdue(bench.context)).behind);
}

describe("the signals", () => {
  it("follow a target that nobody looks at, and end with the look", async () => {
    const bench = new PassBench();
    await run(bench);
    await bench.want();
    for (let minute = 0; minute < 5; minute += 1) {
      bench.nowMs += minuteMs;
      await bench.want();
      await run(bench);
    }
    const signals = () => readSignals(bench.store, bench.context.clock);
    expect(judgeHealth(await signals()).reasons).toMatchObject([{ reason: "Unserved" }, { reason: "SweepMissing" }]);
    expect((await signals()).unserved).toEqual({
      count: 1,
      isMore: false,
      since: toIso(bench.nowMs - 5 * minuteMs),
      key: bench.key,
    });
    await bench.pass();
    expect((await signals()).unserved.count).toBe(0);
  });

  it("tell entries that no seal covers", async () => {
    const bench = new PassBench();
    await bench.want();
    await bench.pass();
    const recorded = toIso(bench.nowMs);
    bench.nowMs += minuteMs;
    const signals = () => readSignals(bench.store, bench.context.clock);
    expect(await signals()).toMatchObject({ sealedAt: null, unsealedSince: recorded });
    await sealHeads(bench.context);
    expect(await signals()).toMatchObject({ sealedAt: toIso(bench.nowMs), unsealedSince: null });
  });

  it("know since when writing is paused, and forget it when it goes on", async () => {
    const bench = new PassBench();
    const pausedSince = async () => (await readSignals(bench.store, bench.context.clock)).pausedSince;
    bench.config = { ...bench.config, paused: true };
    await run(bench);
    const began = toIso(bench.nowMs);
    bench.nowMs += hourMs;
    await run(bench);
    expect(await pausedSince()).toBe(began);
    bench.config = { ...bench.config, paused: false };
    await run(bench);
    expect(await pausedSince()).toBeNull();
  });
});

/** Asked about, then one of its documents is damaged. */
async function damaged(damage: (bench: PassBench, writer: Writer) => StoredDocument): Promise<PassBench> {
  const bench = new PassBench();
  await run(bench);
  await bench.want();
  await bench.pass();
  const document = damage(bench, await bench.read<Writer>("writer"));
  bench.store.writeNow("state", bench.pk, [{ kind: "upsert", document }]);
  return bench;
}

const junk = ({ pk, key }: PassBench, more: object): StoredDocument => {
  const document: object = { key, live: true, ...more };
  return { id: "x-junk", pk, ...document };
};

describe("a record that cannot be read", () => {
  it.each<[string, (bench: PassBench, writer: Writer) => StoredDocument]>([
    ["a proposal", (bench) => junk(bench, { kind: "proposal", state: "open", expiresAt: "soon", group: null })],
    ["a finding", (bench) => junk(bench, { kind: "finding", standard: null, since: "2026-11-18T00:00:00.000Z" })],
    ["a claim", (bench) => junk(bench, { kind: "claim", state: "active" })],
    [
      "a proposal without so much as a key",
      (bench) => junk(bench, { kind: "proposal", key: undefined, wakeAt: "2026" }),
    ],
    [
      "an approved proposal that says nothing of people",
      (bench) => junk(bench, { kind: "proposal", state: "approved" }),
    ],
    ["the writer", (_bench, { fence: _fence, ...writer }) => writer],
  ])("is told of by name, and the pass beside it does not end: %s", async (_name, damage) => {
    const bench = await damaged(damage);
    const report = async () => judgeHealth(await readSignals(bench.store, bench.context.clock));
    for (let minute = 0; minute < 5; minute += 1) {
      await bench.want();
      await expect(bench.pass()).rejects.toThrow(/x-junk.*expected|of undefined/);
      await run(bench);
      bench.nowMs += minuteMs;
    }
    expect(bench.arm.sent).toEqual([]);
    const { reasons, signals } = await report();
    expect(signals.corrupt.count).toBe(1);
    expect(signals.corrupt.first).toMatch(new RegExp(`^${bench.pk}/(x-junk|writer)$`));
    expect(signals.unserved).toMatchObject({ count: 1, key: bench.key });
    expect(reasons.map(({ reason }) => reason)).toEqual(expect.arrayContaining(["Corrupt", "Unserved"]));
    expect(toOpenMetrics({ verdict: "degraded", reasons, signals })).toContain("steelyard_corrupt_documents 1\n");
  });

  it("is told of when it is an outcome, which stops nobody", async () => {
    const bench = await damaged((made) =>
      junk(made, { kind: "entry", type: "outcome", cursor: "2026", key: undefined }),
    );
    expect(judgeHealth(await readSignals(bench.store, bench.context.clock)).reasons).toContainEqual({
      reason: "Corrupt",
      verdict: "degraded",
      message: `Records cannot be read and are left out of what is shown; one of them is ${bench.pk}/x-junk.`,
    });
    await bench.want();
    await bench.pass();
  });
});

describe("the log", () => {
  it("has a line for every run, and every fifth minute all numbers", async () => {
    const bench = new PassBench();
    const lines: { message: string; fields: Readonly<Record<string, unknown>> }[] = [];
    const context = {
      ...bench.context,
      log: (message: string, fields: Readonly<Record<string, unknown>>) => void lines.push({ message, fields }),
    };
    await bench.want();
    for (let minute = 0; minute < 10; minute += 1) {
      const found = await overdue(context);
      await logRun(context, await beat(context, found.behind), found);
      bench.nowMs += minuteMs;
    }
    expect(lines.filter(({ message }) => message === "heartbeat")).toHaveLength(10);
    expect(lines.at(-1)?.fields).toMatchObject({
      unservedKeys: 1,
      oldestUnservedKey: bench.key,
      oldestUnservedSeconds: 540,
    });
    const whole = lines.filter(({ message }) => message === "health");
    expect(whole.map(({ fields }) => [fields["verdict"], fields["oldestUnservedSeconds"]])).toEqual([
      ["degraded", 0],
      ["degraded", 300],
    ]);
  });
});

/** A store with many ranges: some of the pages of a query over partitions are empty. */
class WideStore extends MemoryStore {
  override async query<T extends StoredDocument>(query: Query): Promise<Page<T>> {
    if (query.pk !== undefined || query.continuation === "second") {
      const { continuation: _second, ...first } = query;
      return super.query<T>(query.pk === undefined ? first : query);
    }
    return { items: [], continuation: "second" };
  }
}

describe("a page that is empty", () => {
  it("is not taken for the last one", async () => {
    const bench = new PassBench();
    const store = new WideStore();
    await want(store, bench.key, 1, null);
    expect((await readSignals(store, bench.context.clock)).unserved.count).toBe(1);
  });
});

describe("the OpenMetrics text", () => {
  const text = toOpenMetrics(judgeHealth({ ...well, heartbeat: null, held: { 'a"b\\': 2 } }));

  it("describes every family once, with its unit in its name, before its samples", () => {
    const [, ...blocks] = text.replace("# EOF\n", "").split("# TYPE ");
    const families = blocks.map((block) => block.split(" ")[0]!);
    expect(new Set(families).size).toBe(families.length);
    for (const [index, block] of blocks.entries()) {
      const family = families[index]!;
      const unit = family.endsWith("_seconds") ? `# UNIT ${family} seconds\\n` : "";
      const samples = `(${family}(\\{.*\\})? (\\d+(\\.\\d+)?|\\+Inf)\\n)*`;
      expect(block).toMatch(new RegExp(`^${family} (gauge|stateset)\\n${unit}# HELP ${family} .+\\n${samples}$`));
    }
  });

  it("shows what never was as infinitely old, and escapes labels", () => {
    expect(text).toContain("steelyard_heartbeat_age_seconds +Inf\n");
    expect(text).toContain('steelyard_held_changes{reason="a\\"b\\\\"} 2\n');
    expect(text.endsWith("# EOF\n")).toBe(true);
  });
});
