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
});

describe("a sub-orchestration", () => {
  it("must not have the id of its parent, nor of a live instance", async () => {
    rig = await DurableRig.start();
    expect((await rig.finish(rig.start("parent", { childId: "Same" }, "same"))).output).toContain("must be different");
    rig.start("race", {}, "taken");
    await rig.settle();
    expect((await rig.finish(rig.start("parent", { childId: "taken" }), minute)).output).toContain("already exists");
  });
});

describe("start", () => {
  it("refuses an unknown orchestrator, a bad id, bad JSON and what it doesn't know", async () => {
    rig = await DurableRig.start();
    const refused = (path: string, body: string | null = null): unknown => {
      const url = new URL(path, "http://localhost/");
      const query = [...url.searchParams];
      const response = rig.backend.handle({ method: "POST", path: url.pathname.slice(1), query, body });
      return [response.status, (JSON.parse(response.body) as { Message: string }).Message];
    };
    expect(refused("orchestrators/nobody")).toEqual([400, expect.stringContaining("'nobody' doesn't exist")]);
    expect(refused("orchestrators/race/@x")).toEqual([400, expect.stringContaining("must not start with @")]);
    expect(refused(`orchestrators/race/${"x".repeat(101)}`)).toEqual([400, expect.stringContaining("100 characters")]);
    expect(refused("orchestrators/race/a%2Fb")).toEqual([
      400,
      expect.stringContaining("must not be empty or contain /"),
    ]);
    expect(refused("orchestrators/race", "{")).toEqual([400, expect.stringContaining("The input is not JSON")]);
    expect(refused("orchestrators/race", `"${"x".repeat(2 ** 20)}"`)).toEqual([
      413,
      expect.stringContaining("1048578 bytes"),
    ]);
    expect(refused("orchestrators/race?priority=1")).toEqual([
      400,
      "unknown query parameter 'priority'; expected one of: version",
    ]);
    expect(refused("orchestrators/race?timeout=5")).toEqual([501, expect.stringContaining("create-and-wait")]);
    expect(refused("orchestrators")).toEqual([404, expect.stringContaining("no such operation")]);
    expect(rig.call("GET", "instances/").body).toEqual([]);
  });

  it("says which instance is there already", async () => {
    rig = await DurableRig.start();
    rig.start("race", {}, "one");
    expect(rig.call("POST", "orchestrators/race/one")).toMatchObject({
      status: 409,
      body: { Message: "An orchestration instance with the ID 'one' and the status Pending already exists." },
    });
  });

  it("waits for a host when none is attached", async () => {
    rig = await DurableRig.start({ worker: false });
    const id = rig.start("sequence", { n: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(rig.status(id).runtimeStatus).toBe("Pending");
    expect(rig.backend.waitingOn()).toEqual([{ kind: "durable.turn", id, sinceMs: startMs }]);
    rig.attach();
    expect((await rig.finish(id)).output).toEqual([{ i: 0 }]);
  });
});

describe("steering", () => {
  it("suspends and resumes: what arrives meanwhile waits, and nothing counts as due", async () => {
    rig = await DurableRig.start();
    const id = rig.start("race");
    await rig.settle();
    expect(rig.call("POST", `instances/${id}/suspend?reason=hold`).status).toBe(202);
    rig.raise(id, "approval", "kept");
    await rig.settle();
    expect(rig.call("GET", `instances/${id}`)).toMatchObject({ status: 202, body: { runtimeStatus: "Suspended" } });
    expect(rig.backend.waitingOn()).toEqual([]);
    await rig.advance(2 * hour);
    expect(rig.call("POST", `instances/${id}/resume?reason=go`).status).toBe(202);
    await rig.settle();
    expect(rig.status(id)).toMatchObject({ runtimeStatus: "Completed", output: "kept" });
    expect(rig.call("POST", `instances/${id}/resume`).status).toBe(410);
  });

  it("terminates at once, with the reason as output; late results change nothing", async () => {
    rig = await DurableRig.start();
    const id = rig.start("sequence", { n: 3 });
    rig.worker.deafAfter = 0;
    await new Promise((resolve) => setImmediate(resolve));
    expect(rig.call("POST", `instances/${id}/terminate?reason=no%20more`).status).toBe(202);
    expect(rig.status(id)).toMatchObject({ runtimeStatus: "Terminated", output: "no more" });
    rig.restartHost();
    await rig.settle();
    expect(rig.status(id).runtimeStatus).toBe("Terminated");
    expect(rig.worker.calls).toEqual([]);
    expect(rig.call("POST", `instances/${id}/terminate`).status).toBe(410);
    expect(rig.call("POST", "instances/none/terminate").status).toBe(404);
    expect(rig.raise("none", "x")).toBe(404);
  });

  it("purges ended instances only", async () => {
    rig = await DurableRig.start();
    rig.start("race", {}, "live");
    rig.start("throws", undefined, "failed");
    rig.start("sequence", { n: 1 }, "done");
    await rig.settle();
    expect(rig.call("DELETE", "instances/live").status).toBe(412);
    expect(rig.call("DELETE", "instances/failed")).toMatchObject({ status: 200, body: { instancesDeleted: 1 } });
    expect(rig.call("GET", "instances/failed").status).toBe(404);
    expect(rig.call("DELETE", "instances/").status).toBe(400);
    const from = "createdTimeFrom=2026-03-02T00:00:00Z";
    expect(rig.call("DELETE", `instances/?${from}&runtimeStatus=Failed`).status).toBe(404);
    expect(rig.call("DELETE", `instances/?${from}`).body).toEqual({ instancesDeleted: 1 });
    expect(rig.call("GET", "instances/").body).toMatchObject([{ instanceId: "live" }]);
  });

  it("refuses a query that it can't read, and lists in the order of creation", async () => {
    rig = await DurableRig.start();
    for (const id of ["b", "a"]) rig.start("race", {}, id);
    expect(rig.call("GET", "instances/").body).toMatchObject([{ instanceId: "b" }, { instanceId: "a" }]);
    for (const query of ["runtimeStatus=Sleeping", "createdTimeFrom=soon", "top=0"])
      expect(rig.call("GET", `instances/?${query}`).status).toBe(400);
    expect(rig.call("GET", "instances/", undefined, { "x-ms-continuation-token": "???" }).status).toBe(400);
  });

  it("answers 501 with the name of what it doesn't have", async () => {
    rig = await DurableRig.start();
    for (const path of ["entities/counter/1", "instances/x/rewind", "instances/x/restart"]) {
      const name = path.split("/").find((part) => ["entities", "rewind", "restart"].includes(part));
      expect(rig.call("POST", path)).toMatchObject({
        status: 501,
        body: { Message: expect.stringContaining(String(name)) },
      });
    }
  });
});
