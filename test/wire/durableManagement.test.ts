import { afterEach, describe, expect, it } from "vitest";
import { resetApp } from "../support/durableApp.ts";
import { DurableRig, startMs } from "../support/durableRig.ts";

const hour = 3_600_000;

let rig: DurableRig;
afterEach(async () => {
  resetApp();
  await rig.stop();
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

  it("refuses the id of a live instance and begins anew over one that has ended", async () => {
    rig = await DurableRig.start();
    rig.start("race", {}, "one");
    expect(rig.call("POST", "orchestrators/race/one")).toMatchObject({
      status: 409,
      body: { Message: "An orchestration instance with the ID 'one' and the status Pending already exists." },
    });
    await rig.settle();
    rig.raise("one", "approval", 1);
    await rig.settle();
    expect(rig.status("one").output).toBe(1);
    rig.start("race", {}, "one");
    await rig.settle();
    expect(rig.status("one")).toMatchObject({ runtimeStatus: "Running", output: null });
    await rig.advance(hour);
    expect(rig.status("one").output).toBe("timed out");
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

describe("status", () => {
  it("answers 202 while it runs, 200 when it has ended, 404 for an unknown id", async () => {
    rig = await DurableRig.start();
    const id = rig.start("throws");
    expect(rig.call("GET", `instances/${id}`)).toMatchObject({ status: 202, body: { runtimeStatus: "Pending" } });
    await rig.settle();
    expect(rig.call("GET", `instances/${id}`).status).toBe(200);
    expect(rig.call("GET", `instances/${id}?returnInternalServerErrorOnFailure=true`).status).toBe(500);
    expect(rig.call("GET", "instances/none")).toMatchObject({
      status: 404,
      body: { Message: "No instance with ID 'none' found." },
    });
  });

  it("shows the history with and without output, and leaves the input out on request", async () => {
    rig = await DurableRig.start();
    const id = rig.start("sequence", { n: 1 });
    await rig.settle();
    const { input, historyEvents } = rig.status(id, "?showHistory=true&showHistoryOutput=true&showInput=false");
    expect(input).toBeNull();
    expect(historyEvents).toEqual([
      { EventType: "ExecutionStarted", FunctionName: "sequence", Timestamp: "2026-03-02T08:00:00.000Z" },
      {
        EventType: "TaskCompleted",
        FunctionName: "echo",
        ScheduledTime: "2026-03-02T08:00:00.000Z",
        Result: { i: 0 },
        Timestamp: "2026-03-02T08:00:00.000Z",
      },
      {
        EventType: "ExecutionCompleted",
        OrchestrationStatus: "Completed",
        Result: [{ i: 0 }],
        Timestamp: "2026-03-02T08:00:00.000Z",
      },
    ]);
    expect(JSON.stringify(rig.status(id, "?showHistory=true").historyEvents)).not.toContain("Result");
  });
});

describe("query", () => {
  it("filters by status, prefix and time of creation", async () => {
    rig = await DurableRig.start();
    rig.start("race", {}, "a-1");
    rig.start("throws", undefined, "a-2");
    await rig.advance(60_000);
    rig.start("race", {}, "b-1");
    await rig.settle();
    rig.call("POST", "instances/b-1/suspend?reason=x");
    const ids = (query: string): string[] =>
      (rig.call("GET", `instances/?${query}`).body as { instanceId: string }[]).map(({ instanceId }) => instanceId);
    expect(ids("")).toEqual(["a-1", "a-2", "b-1"]);
    expect(ids("runtimeStatus=Running,Failed")).toEqual(["a-1", "a-2"]);
    expect(ids("runtimeStatus=Suspended")).toEqual(["b-1"]);
    expect(ids("instanceIdPrefix=a-")).toEqual(["a-1", "a-2"]);
    expect(ids("createdTimeFrom=2026-03-02T08:00:30Z")).toEqual(["b-1"]);
    expect(ids("createdTimeTo=2026-03-02T08:00:30Z&runtimeStatus=ContinuedAsNew,Running")).toEqual(["a-1"]);
    expect(rig.call("GET", "instances/?runtimeStatus=Sleeping").status).toBe(400);
    expect(rig.call("GET", "instances/?createdTimeFrom=soon").status).toBe(400);
  });

  it("pages by a continuation token", async () => {
    rig = await DurableRig.start();
    for (let i = 0; i < 5; i += 1) rig.start("race", {}, `i-${i}`);
    const seen: string[][] = [];
    let headers: Record<string, string> = {};
    do {
      const page = rig.call("GET", "instances/?top=2", undefined, headers);
      seen.push((page.body as { instanceId: string }[]).map(({ instanceId }) => instanceId));
      headers = page.headers;
    } while (headers["x-ms-continuation-token"] !== undefined);
    expect(seen).toEqual([["i-0", "i-1"], ["i-2", "i-3"], ["i-4"]]);
    expect(rig.call("GET", "instances/?top=0").status).toBe(400);
    expect(rig.call("GET", "instances/", undefined, { "x-ms-continuation-token": "???" }).status).toBe(400);
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
    expect(rig.call("DELETE", "instances/live").status).toBe(404);
    expect(rig.call("DELETE", "instances/failed")).toMatchObject({ status: 200, body: { instancesDeleted: 1 } });
    expect(rig.call("GET", "instances/failed").status).toBe(404);
    expect(rig.call("DELETE", "instances/").status).toBe(400);
    const from = "createdTimeFrom=2026-03-02T00:00:00Z";
    expect(rig.call("DELETE", `instances/?${from}&runtimeStatus=Failed`).status).toBe(404);
    expect(rig.call("DELETE", `instances/?${from}`).body).toEqual({ instancesDeleted: 1 });
    expect(rig.call("GET", "instances/").body).toMatchObject([{ instanceId: "live" }]);
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
