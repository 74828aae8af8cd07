import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Fault } from "../../infra/local/platform/faults.ts";
import { faultSchema } from "../../infra/local/platform/faults.ts";
import { knobs, resetApp, runs } from "../support/durableApp.ts";
import { DurableRig, InProcessWorker, startMs } from "../support/durableRig.ts";

const hour = 3_600_000;
const day = 24 * hour;

let folder: string;
let rig: DurableRig;
const others: DurableRig[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "durable-"));
});
afterEach(async () => {
  resetApp();
  for (const each of [rig, ...others.splice(0)]) await each.stop();
  rmSync(folder, { recursive: true, force: true });
});

const fault = (given: Partial<Fault> & { kind: Fault["kind"]; path: string }): Fault => {
  const { path, ...rest } = given;
  return faultSchema.parse({ where: "durable", match: { path }, ...rest });
};
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const ticks = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i += 1) await tick();
};

describe("when the platform dies", () => {
  let copies = 0;
  /** Begins again from what kill -9 would leave at this moment: the files, whatever the process has in its memory. */
  async function killAndRestart(nowMs = rig.clock.now()): Promise<DurableRig> {
    const dataDir = join(folder, String(copies++));
    cpSync(join(folder, "live"), dataDir, { recursive: true });
    rig.worker.deafAfter = 0;
    others.push(rig);
    return DurableRig.start({ dataDir, nowMs });
  }

  it("loses nothing at any moment", async () => {
    rig = await DurableRig.start({ dataDir: join(folder, "live") });
    const id = rig.start("parent", { childId: "kid" }, "parent");
    const sequence = rig.start("sequence", { n: 6 }, "sequence");
    const live = rig;
    const moments: DurableRig[] = [];
    while (live.backend.waitingOn().length > 0) {
      cpSync(join(folder, "live"), join(folder, `m${moments.length}`), { recursive: true });
      moments.push(await DurableRig.start({ dataDir: join(folder, `m${moments.length}`) }));
      await tick();
    }
    others.push(...moments);
    expect(moments.length).toBeGreaterThan(8);
    for (const each of [...moments, live]) {
      await each.settle();
      expect(each.status(id)).toMatchObject({ runtimeStatus: "Completed", output: { got: "in child" } });
      expect(each.status(sequence).output).toEqual([0, 1, 2, 3, 4, 5].map((i) => ({ i })));
      expect(each.backend.waitingOn()).toEqual([]);
    }
  });

  it("runs an ended activity never again, an interrupted one once more", async () => {
    rig = await DurableRig.start({ dataDir: join(folder, "live") });
    const id = rig.start("sequence", { n: 3 });
    rig.worker.deafAfter = 3; // turn, activity 0, turn; activity 1 is interrupted
    while (rig.worker.calls.length < 4) await tick();
    rig = await killAndRestart();
    await rig.settle();
    expect(rig.status(id).output).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
    expect(runs).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
    expect(rig.worker.calls).toEqual([
      "activity/echo",
      "orchestrator/sequence",
      "activity/echo",
      "orchestrator/sequence",
    ]);
  });

  it("fires at once the timers that fell due meanwhile, and keeps the others", async () => {
    rig = await DurableRig.start({ dataDir: join(folder, "live") });
    const soon = rig.start("sleeps", { ms: hour });
    const late = rig.start("sleeps", { ms: 2 * day });
    const suspended = rig.start("race");
    await rig.settle();
    rig.call("POST", `instances/${suspended}/suspend`);
    rig = await killAndRestart(startMs + day);
    await rig.settle();
    expect(rig.status(soon).output).toEqual({ after: "woken", at: "2026-03-03T08:00:00.000Z" });
    expect(rig.status(suspended).runtimeStatus).toBe("Suspended");
    expect(rig.backend.waitingOn()).toEqual([
      { kind: "durable.timer", id: `${late}/0`, sinceMs: startMs + day, dueMs: startMs + 2 * day },
    ]);
    await rig.advance(day);
    expect(rig.status(late).output.at).toBe("2026-03-04T08:00:00.000Z");
  });

  it("never gives an id twice", async () => {
    rig = await DurableRig.start({ dataDir: join(folder, "live") });
    const first = rig.start("race");
    rig = await killAndRestart();
    expect(rig.start("race")).not.toBe(first);
  });
});

describe("when a host dies", () => {
  it("gives its unfinished work to another instance at once", async () => {
    rig = await DurableRig.start();
    const ids = [1, 2, 3, 4].map((n) => rig.start("sequence", { n }));
    rig.worker.deafAfter = 1;
    await ticks(3);
    const other = new InProcessWorker("core-1");
    rig.backend.attach(other);
    await ticks(3);
    expect(rig.backend.waitingOn().length).toBeGreaterThan(0);
    rig.detach();
    await rig.settle();
    expect(ids.map((id) => (rig.status(id).output as unknown[]).length)).toEqual([1, 2, 3, 4]);
  });

  it("shares the work between two instances", async () => {
    rig = await DurableRig.start();
    const other = new InProcessWorker("core-1");
    rig.backend.attach(other);
    for (let i = 0; i < 10; i += 1) rig.start("sequence", { n: 2 });
    await rig.settle();
    expect(other.calls.length).toBeGreaterThan(10);
    expect(rig.worker.calls.length).toBeGreaterThan(10);
  });

  it("waits for a host that has the function, and says so", async () => {
    rig = await DurableRig.start({ worker: false });
    const id = rig.start("sequence", { n: 1 });
    const empty = { id: "edge-0", orchestrators: new Set<string>(), activities: new Set<string>() };
    const never = {
      runOrchestrator: () => Promise.reject(new Error()),
      runActivity: () => Promise.reject(new Error()),
    };
    rig.backend.attach({ ...empty, ...never });
    await ticks(2);
    expect(rig.warnings()).toEqual([
      expect.stringContaining("attached host has no orchestrator"),
      expect.stringContaining("no attached host has the orchestrator"),
    ]);
    rig.attach();
    expect((await rig.finish(id)).runtimeStatus).toBe("Completed");
  });
});

describe("faults", () => {
  for (const phase of ["beforeEffect", "afterEffect", "afterResponse"] as const) {
    it(`a crash ${phase} of a turn or an activity loses nothing`, async () => {
      rig = await DurableRig.start();
      rig.faults.set([
        fault({ kind: "crash", path: "orchestrator/sequence", phase, count: 2, skip: 1 }),
        fault({ kind: "crash", path: "activity/echo", phase, count: 1, process: "core" }),
      ]);
      const id = rig.start("sequence", { n: 2 });
      expect((await rig.finish(id)).output).toEqual([{ i: 0 }, { i: 1 }]);
      expect(rig.crashes).toEqual(["core", "core", "core"]);
      expect(runs.length).toBe(phase === "afterEffect" ? 3 : 2);
    });
  }

  it("delivers an activity twice, and its result counts once", async () => {
    rig = await DurableRig.start();
    rig.faults.set([fault({ kind: "duplicate", path: "activity/echo", count: 1 })]);
    expect((await rig.finish(rig.start("sequence", { n: 2 }))).output).toEqual([{ i: 0 }, { i: 1 }]);
    expect(runs).toEqual([{ i: 0 }, { i: 0 }, { i: 1 }]);
  });

  it("holds a turn or an activity back in business time", async () => {
    rig = await DurableRig.start();
    rig.faults.set([fault({ kind: "delay", path: "activity/flaky", retryAfter: 90, count: 1 })]);
    knobs.failuresLeft = 0;
    const id = rig.start("retrying");
    await rig.settle();
    expect(rig.backend.waitingOn()).toEqual([
      { kind: "durable.activity", id: `${id}/0 flaky`, sinceMs: startMs, dueMs: startMs + 90_000 },
    ]);
    await rig.advance(90_000);
    expect(rig.status(id).output).toEqual(["r", "after"]);
  });

  it("keeps an answer that came before its host went away", async () => {
    rig = await DurableRig.start();
    const path = "orchestrator/sequence";
    rig.faults.set([fault({ kind: "delay", path, phase: "afterEffect", retryAfter: 5, count: 1 })]);
    const id = rig.start("sequence", { n: 1 });
    await rig.settle();
    rig.detach();
    await rig.clock.step(startMs + 5000);
    await ticks(2);
    rig.attach();
    expect((await rig.finish(id)).output).toEqual([{ i: 0 }]);
  });
});

describe("the same seed", () => {
  it("gives the same ids and the same order of work", async () => {
    const traces: string[][] = [];
    for (let time = 0; time < 2; time += 1) {
      rig = await DurableRig.start({ seed: 7 });
      others.push(rig);
      knobs.failuresLeft = 3;
      const ids = ["retrying", "sequence", "parent", "retrying", "race"].map((name) => rig.start(name, { n: 3 }));
      await rig.advance(day);
      traces.push([
        ...ids,
        ...rig.worker.calls,
        ...ids.map((id) => JSON.stringify(rig.status(id, "?showHistory=true"))),
      ]);
    }
    expect(traces[0]).toEqual(traces[1]);
  });
});

describe("reset", () => {
  it("empties everything and gives the same ids again for the same seed", async () => {
    rig = await DurableRig.start();
    const first = rig.start("sequence", { n: 2 });
    rig.start("race");
    await ticks(2);
    rig.detach();
    rig.clock.clear();
    rig.backend.reset();
    expect(rig.call("GET", "instances/").body).toEqual([]);
    expect(rig.backend.waitingOn()).toEqual([]);
    rig.attach();
    const again = rig.start("sequence", { n: 2 });
    expect(again.slice(0, 16)).toBe(first.slice(0, 16));
    expect((await rig.finish(again)).output).toEqual([{ i: 0 }, { i: 1 }]);
  });
});
