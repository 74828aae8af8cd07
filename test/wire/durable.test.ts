import { afterEach, describe, expect, it } from "vitest";
import { knobs, resetApp, runs } from "../support/durableApp.ts";
import { DurableRig, startMs } from "../support/durableRig.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let rig: DurableRig;
afterEach(async () => {
  resetApp();
  await rig.stop();
});

describe("an orchestration", () => {
  it("runs its activities in order and returns", async () => {
    rig = await DurableRig.start();
    const id = rig.start("sequence", { n: 3 });
    expect(await rig.finish(id)).toMatchObject({
      name: "sequence",
      instanceId: id,
      runtimeStatus: "Completed",
      input: { n: 3 },
      output: [{ i: 0 }, { i: 1 }, { i: 2 }],
      customStatus: null,
      createdTime: "2026-03-02T08:00:00Z",
    });
    expect(rig.backend.waitingOn()).toEqual([]);
  });

  it("catches a failed activity; the message has the reason and the details", async () => {
    rig = await DurableRig.start();
    const { output } = await rig.finish(rig.start("catches"));
    expect(output).toMatch(/^Activity function 'fail' failed: no luck \n \{/);
  });

  it("fails with the message that it threw", async () => {
    rig = await DurableRig.start();
    expect(await rig.finish(rig.start("throws"))).toMatchObject({
      runtimeStatus: "Failed",
      output: "Orchestrator function 'throws' failed: on purpose",
    });
  });

  it("gets the approval before its timer, and ends at once when it cancels the timer", async () => {
    rig = await DurableRig.start();
    const id = rig.start("race");
    await rig.settle();
    expect(rig.backend.waitingOn()).toEqual([
      { kind: "durable.timer", id: `${id}/0`, sinceMs: startMs, dueMs: startMs + hour },
    ]);
    expect(rig.raise(id, "approval", { by: "ada" })).toBe(202);
    await rig.settle();
    expect(rig.status(id)).toMatchObject({ runtimeStatus: "Completed", output: { by: "ada" } });
    expect(rig.backend.waitingOn()).toEqual([]);
    expect(rig.raise(id, "approval", {})).toBe(410);
  });

  it("times out when the event comes too late", async () => {
    rig = await DurableRig.start();
    const id = rig.start("race");
    await rig.advance(hour - 1);
    expect(rig.status(id).runtimeStatus).toBe("Running");
    await rig.advance(1);
    expect(rig.status(id)).toMatchObject({ runtimeStatus: "Completed", output: "timed out" });
  });

  it("stays Running while a timer that it did not cancel is open, and says so", async () => {
    rig = await DurableRig.start();
    const id = rig.start("race", { cancel: false });
    await rig.settle();
    rig.raise(id, "approval", "yes");
    await rig.settle();
    expect(rig.status(id).runtimeStatus).toBe("Running");
    expect(rig.warnings()).toEqual([expect.stringContaining("stays Running until a timer fires")]);
    await rig.advance(hour);
    expect(rig.status(id)).toMatchObject({ runtimeStatus: "Completed", output: "yes" });
  });

  it("retries with back-off, and the next task gets its own result", async () => {
    rig = await DurableRig.start();
    knobs.failuresLeft = 2;
    const id = rig.start("retrying");
    expect(await rig.finish(id)).toMatchObject({ runtimeStatus: "Completed", output: ["r", "after"] });
    expect(rig.clock.now() - startMs).toBe(1000 + 2000);
  });

  it("waits for one more timer after the last failed attempt", async () => {
    rig = await DurableRig.start();
    knobs.failuresLeft = 9;
    const id = rig.start("retrying");
    const status = await rig.finish(id);
    expect(status.runtimeStatus).toBe("Failed");
    expect(status.output).toContain("Activity function 'flaky' failed: not yet");
    expect(rig.clock.now() - startMs).toBe(1000 + 2000 + 4000);
  });

  it("hangs with a retry timeout, as in Azure, and says so", async () => {
    rig = await DurableRig.start();
    knobs.failuresLeft = 9;
    const id = rig.start("retrying", { timeoutMs: 500 });
    expect((await rig.finish(id)).runtimeStatus).toBe("Running");
    expect(rig.warnings()).toEqual([expect.stringContaining("stuck")]);
  });

  it("makes a timer of 8 days from hops of 3 days", async () => {
    rig = await DurableRig.start();
    const id = rig.start("sleeps", { ms: 8 * day });
    await rig.settle();
    const due: number[] = [];
    for (let next = rig.clock.next(); next !== undefined; next = rig.clock.next()) {
      due.push((next.dueMs - startMs) / day);
      await rig.clock.step(next.dueMs);
      await rig.settle();
    }
    expect(due).toEqual([3, 6, 8]);
    expect(rig.status(id)).toMatchObject({ output: { after: "woken", at: "2026-03-10T08:00:00.000Z" } });
  });

  it("fails in a replay that cancels a long timer after its first hop, as the extension counts one id then", async () => {
    rig = await DurableRig.start();
    const id = rig.start("cancelsLongTimer");
    await rig.advance(4 * day);
    rig.raise(id, "e", 1);
    await rig.settle();
    expect(rig.status(id)).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining(
        "scheduled timer with sequence id 1, but this replay has scheduled activity 'echo'",
      ),
    });
    expect(rig.backend.waitingOn()).toEqual([]);
  });

  it("begins anew with continueAsNew", async () => {
    rig = await DurableRig.start();
    expect(await rig.finish(rig.start("again", { left: 4 }))).toMatchObject({ output: "done", input: { left: 0 } });
    expect(runs).toEqual([4, 3, 2, 1, 0]);
  });

  it("loses events that wait when it continues as new, and says so", async () => {
    rig = await DurableRig.start();
    const id = rig.start("losesEvents", { round: 0 });
    rig.raise(id, "late", "lost");
    rig.raise(id, "go");
    await rig.settle();
    expect(rig.status(id).runtimeStatus).toBe("Running");
    expect(rig.logged).toContainEqual({
      level: "warn",
      message: expect.stringContaining("continueAsNew discards"),
      fields: { instanceId: id, orchestrator: "losesEvents", events: [{ name: "late", count: 1 }] },
    });
    rig.raise(id, "late", "kept");
    await rig.settle();
    expect(rig.status(id).output).toBe("kept");
  });

  it("gives an event to the waiter that came last", async () => {
    rig = await DurableRig.start();
    const id = rig.start("twoWaiters");
    await rig.settle();
    rig.raise(id, "e", "first");
    rig.raise(id, "e", "second");
    await rig.settle();
    expect(rig.status(id).output).toEqual(["second", "first"]);
  });

  it("fails when it schedules what the app doesn't have", async () => {
    rig = await DurableRig.start();
    expect(await rig.finish(rig.start("unknownActivity"))).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining("'unknownActivity' failed: The function 'doesNotExist' doesn't exist"),
    });
    expect(await rig.finish(rig.start("asksEntity"))).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining("doesn't have callEntity @counter@1"),
    });
  });

  it("fails when its code has changed under it", async () => {
    rig = await DurableRig.start();
    const id = rig.start("changing");
    await rig.settle();
    knobs.isChanged = true;
    rig.raise(id, "go");
    await rig.settle();
    expect(rig.status(id)).toMatchObject({
      runtimeStatus: "Failed",
      output: expect.stringContaining(
        "scheduled activity 'nothing' with sequence id 0, but this replay has scheduled activity 'echo'",
      ),
    });
  });

  it("says when Task.all failed early and a retrying sibling pulls the ids apart", async () => {
    rig = await DurableRig.start();
    knobs.failuresLeft = 2;
    const id = rig.start("failFast");
    await rig.finish(id);
    expect(rig.logged).toContainEqual({
      level: "warn",
      message: expect.stringContaining("sequence ids differ"),
      fields: expect.objectContaining({
        instanceId: id,
        difference: "sequence id 2 is timer in the host and activity 'echo' in the SDK",
      }),
    });
  });

  it("shows its custom status and refuses one above 16 KB", async () => {
    rig = await DurableRig.start();
    const small = rig.start("reports", { size: 10 });
    const large = rig.start("reports", { size: 9000 });
    await rig.settle();
    expect(rig.status(small).customStatus).toEqual({ step: 1 });
    rig.raise(small, "go");
    rig.raise(large, "go");
    await rig.settle();
    expect(rig.status(small)).toMatchObject({ output: false, customStatus: { step: 2 } });
    expect(rig.status(large).output).toContain("custom status may be at most 16 KB");
  });
});

describe("a sub-orchestration", () => {
  it("gives its result to its parent", async () => {
    rig = await DurableRig.start();
    const id = rig.start("parent", {});
    const { output } = await rig.finish(id);
    expect(output).toMatchObject({ got: "in child", parent: id });
    expect(output.id).toMatch(/^[0-9a-f]{32}:0$/);
  });

  it("gives its failure to its parent", async () => {
    rig = await DurableRig.start();
    const { output } = await rig.finish(rig.start("parent", { fail: true }));
    expect(output).toContain("Orchestrator function 'child' failed: child failed");
  });

  it("must not have the id of its parent, nor of a live instance", async () => {
    rig = await DurableRig.start();
    expect((await rig.finish(rig.start("parent", { childId: "Same" }, "same"))).output).toContain("must be different");
    rig.start("race", {}, "taken");
    await rig.settle();
    expect((await rig.finish(rig.start("parent", { childId: "taken" }), minute)).output).toContain("already exists");
  });

  it("tells its parent when it is terminated", async () => {
    rig = await DurableRig.start();
    const id = rig.start("parent", { childId: "kid", wait: true });
    await rig.settle();
    expect(rig.status("kid").runtimeStatus).toBe("Running");
    expect(rig.call("POST", "instances/kid/terminate?reason=enough").status).toBe(202);
    await rig.settle();
    expect(rig.status("kid")).toMatchObject({ runtimeStatus: "Terminated", output: "enough" });
    expect(rig.status(id).output).toContain("'child' was terminated: enough");
  });
});
