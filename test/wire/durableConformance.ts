/**
 * What any host of the Durable Functions extension does that the product relies on, asked with the unmodified client and
 * over the HTTP management API: the local backend, or a function app in Azure whose task hub is in Durable Task
 * Scheduler. The app is test/support/durableFunctions.ts. Instances have names of their own and are purged at the end.
 */
import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test, vi } from "vitest";

export interface DurableUnderTest {
  /** Of the management API: `https://NAME.azurewebsites.net/runtime/webhooks/durabletask`. */
  readonly base: string;
  /** System key of the durable task extension. */
  readonly key: string;
  readonly taskHub: string;
  /** Lets happen what is due; elsewhere than on this machine, a moment passes. */
  readonly settle: () => Promise<void>;
  /** Moves the service's time on by so many milliseconds, through everything that falls due. Local only. */
  readonly advance?: (ms: number) => Promise<void>;
}

/** Polls of one instance before it counts as stuck. */
const POLLS_MAX = 120;
const hour = 3_600_000;
const ended = ["Completed", "Failed", "Terminated"];
/** As the management API writes them; the client's enumeration has the same texts. */
type Statuses = readonly string[];

interface Told {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line typescript/no-explicit-any -- answers of every shape are looked into
  readonly body: any;
}

/** Registers the suite. */
export function durableConformance(target: () => DurableUnderTest): void {
  const run = `steelyard-${randomBytes(4).toString("hex")}`;
  let client: df.DurableClient;
  beforeAll(() => {
    client = clientOf(target());
  });
  let count = 0;
  const newId = (): string => `${run}-${String(++count).padStart(3, "0")}`;

  const call = async (method: string, path: string, body?: string, headers = {}): Promise<Told> => {
    const { base, key } = target();
    const url = `${base}/${path}${path.includes("?") ? "&" : "?"}code=${key}`;
    const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };
  const start = async (name: string, input?: unknown, id = newId()): Promise<string> => {
    expect(await client.startNew(name, { instanceId: id, input })).toBe(id);
    return id;
  };
  const until = async (id: string, statuses: Statuses = ended): Promise<df.DurableOrchestrationStatus> => {
    for (let polls = 0; polls < POLLS_MAX; polls += 1) {
      await target().settle();
      const status = await client.getStatus(id);
      if (statuses.includes(status.runtimeStatus)) return status;
    }
    throw new Error(`instance ${id} was not ${statuses.join(" or ")} within ${POLLS_MAX} polls`);
  };
  const finish = async (name: string, input?: unknown): Promise<df.DurableOrchestrationStatus> =>
    until(await start(name, input));
  const pass = (ms: number): Promise<unknown> => target().advance?.(ms) ?? sleep(ms);

  describe("an orchestration", () => {
    test("runs its activities in order; its status tells all about it", async () => {
      const id = await start("sequence", { n: 3 });
      const status = await until(id);
      expect(status).toMatchObject({
        name: "sequence",
        instanceId: id,
        runtimeStatus: "Completed",
        input: { n: 3 },
        output: [{ i: 0 }, { i: 1 }, { i: 2 }],
        customStatus: null,
      });
      expect(status.lastUpdatedTime.getTime()).toBeGreaterThanOrEqual(status.createdTime.getTime());
    });

    test("catches a failed activity; the message has the reason, then the details", async () => {
      expect((await finish("catches")).output).toMatch(/^Activity function 'fail' failed: no luck \n /);
    });

    test("fails with the message that it threw, or for an activity that the app lacks", async () => {
      expect(await finish("throws")).toMatchObject({
        runtimeStatus: "Failed",
        output: expect.stringContaining("Orchestrator function 'throws' failed: on purpose"),
      });
      expect(await finish("unknownActivity")).toMatchObject({
        runtimeStatus: "Failed",
        output: expect.stringContaining("doesNotExist"),
      });
    });

    test("begins anew with continueAsNew, under its id and with the new input", async () => {
      expect(await finish("again", { left: 3 })).toMatchObject({ output: "done", input: { left: 0 } });
    });

    test("has the result and the failure of a sub-orchestration", async () => {
      const id = await start("parent", {});
      expect((await until(id)).output).toMatchObject({ got: "in child", parent: id });
      expect((await finish("parent", { fail: true })).output).toContain("'child' failed: child failed");
    });

    test("must not give a sub-orchestration its own id", async () => {
      const id = newId();
      await start("parent", { childId: id }, id);
      expect((await until(id)).output).toMatch(/must be different|different/);
    });

    test("shows its custom status, which may have 16 KB of UTF-16", async () => {
      const [small, large] = [await start("reports", { size: 10 }), await start("reports", { size: 9_000 })];
      for (const id of [small, large]) {
        await expect.poll(async () => shown(await until(id, ["Running"])), slowly).toEqual({ step: 1 });
        await client.raiseEvent(id, "go", null);
      }
      expect((await until(small)).customStatus).toMatchObject({ step: 2 });
      const refused = await until(large);
      expect(refused).toMatchObject({
        runtimeStatus: "Failed",
        output: expect.stringMatching(/custom status|16 ?KB/i),
      });
    });
  });

  describe("an event", () => {
    test("waits for the one who waits for it", async () => {
      const id = await start("listens");
      await client.raiseEvent(id, "second", { n: 2 });
      await client.raiseEvent(id, "first", [1]);
      expect(await until(id)).toMatchObject({ runtimeStatus: "Completed", output: [[1], { n: 2 }] });
    });

    test("goes to the waiter that came last", async () => {
      const id = await start("twoWaiters");
      await until(id, ["Running"]);
      await client.raiseEvent(id, "e", "first");
      await target().settle();
      await client.raiseEvent(id, "e", "second");
      expect((await until(id)).output).toEqual(["second", "first"]);
    });

    test("for an instance that has ended is taken and lost, for an unknown one refused", async () => {
      const id = await start("race");
      await client.raiseEvent(id, "approval", { by: "ada" });
      expect((await until(id)).output).toEqual({ by: "ada" });
      await client.raiseEvent(id, "approval", { by: "bob" });
      expect((await call("POST", `instances/${id}/raiseEvent/approval`, "1", json)).status).toBe(410);
      await expect(client.raiseEvent(newId(), "approval", 1)).rejects.toThrow(/No instance with ID/);
    });
  });

  describe("a timer", () => {
    test("fires when its time has come", async () => {
      const id = await start("sleeps", { ms: 3000 });
      await until(id, ["Running"]);
      await pass(3000);
      const { output, createdTime } = await until(id);
      const { after, at } = output as { after: string; at: string };
      // Times of creation are whole seconds.
      expect(Date.parse(at) - createdTime.getTime()).toBeGreaterThanOrEqual(3000);
      expect(after).toBe("woken");
    });

    test("wins when the event comes too late; cancelled, it keeps nobody running", async ({ skip }) => {
      const early = await start("race");
      await client.raiseEvent(early, "approval", "yes");
      expect((await until(early)).output).toBe("yes");
      const { advance } = target();
      if (advance === undefined) return skip("the race lasts an hour: needs a clock that can be advanced");
      const late = await start("race");
      await advance(hour - 1);
      expect((await client.getStatus(late)).runtimeStatus).toBe("Running");
      await advance(1);
      expect(await until(late)).toMatchObject({ runtimeStatus: "Completed", output: "timed out" });
    });

    test("may be days away", async ({ skip }) => {
      const { advance } = target();
      if (advance === undefined) return skip("needs a clock that can be advanced");
      const id = await start("sleeps", { ms: 8 * 24 * hour });
      await advance(8 * 24 * hour - 1);
      expect((await client.getStatus(id)).runtimeStatus).toBe("Running");
      await advance(1);
      expect((await until(id)).output).toMatchObject({ after: "woken" });
    });
  });

  describe("start", () => {
    test("of an id that runs is refused with 409 and changes nothing; of one that has ended begins anew", async () => {
      const id = await start("race", { round: 1 });
      await until(id, ["Running"]);
      expect((await call("POST", `orchestrators/race/${id}`, '{"round":2}', json)).status).toBe(409);
      await expect(client.startNew("race", { instanceId: id })).rejects.toThrow("409");
      await client.raiseEvent(id, "approval", 1);
      expect(await until(id)).toMatchObject({ input: { round: 1 }, output: 1 });
      await start("race", { round: 3 }, id);
      expect(await until(id, ["Running"])).toMatchObject({ input: { round: 3 }, output: null });
      await client.terminate(id, "enough");
    });

    test("gives an id when it is not told one", async () => {
      const id = await client.startNew("sequence", { input: { n: 1 } });
      expect((await until(id)).output).toEqual([{ i: 0 }]);
      expect((await client.purgeInstanceHistory(id)).instancesDeleted).toBe(1);
    });

    test("of an input that is not JSON is refused with 400", async () => {
      expect((await call("POST", "orchestrators/sequence", "{", json)).status).toBe(400);
    });

    test.for([
      ["an orchestrator that the app lacks", "orchestrators/nobody"],
      ["an id that begins with @", "orchestrators/sequence/@x"],
      ["an id above 100 characters", `orchestrators/sequence/${"x".repeat(101)}`],
      ["an id with a slash", "orchestrators/sequence/a%2Fb"],
    ])("of %s is refused with 400", async ([, path], { skip }) => {
      skip(target().advance === undefined, "extensions since 2026 start it and let it fail");
      expect((await call("POST", String(path), undefined, json)).status).toBe(400);
    });

    test("takes an input of 200 KB and refuses one above 1 MiB", async () => {
      const input = { n: 1, text: "ü".repeat(100_000) };
      expect(await finish("sequence", input)).toMatchObject({ input, output: [{ i: 0 }] });
      const id = newId();
      const { status } = await call("POST", `orchestrators/sequence/${id}`, `{"n":"${"x".repeat(2 ** 20)}"}`, json);
      expect(status).toBeGreaterThanOrEqual(400);
      expect((await call("GET", `instances/${id}`)).status).toBe(404);
    });
  });

  describe("status", () => {
    test("is 202 while it runs, 200 when it has ended, 404 for an unknown id", async () => {
      const id = await start("twoWaiters");
      expect((await call("GET", `instances/${id}`)).status).toBe(202);
      await client.terminate(id, "over");
      await until(id);
      expect((await call("GET", `instances/${id}`)).status).toBe(200);
      expect((await call("GET", `instances/${newId()}`)).status).toBe(404);
      await expect(client.getStatus(newId())).rejects.toThrow("404");
      const failed = await finish("throws");
      const asked = `instances/${failed.instanceId}?returnInternalServerErrorOnFailure=true`;
      expect((await call("GET", asked)).status).toBe(500);
    });

    test("shows the history, its outputs and the input as asked", async () => {
      const { instanceId } = await finish("sequence", { n: 1 });
      const asked = `instances/${instanceId}?showHistory=true`;
      const { body } = await call("GET", `${asked}&showHistoryOutput=true&showInput=false`);
      expect(body.input).toBeNull();
      expect(body.historyEvents).toMatchObject([
        { EventType: "ExecutionStarted", FunctionName: "sequence", Timestamp: expect.any(String) },
        { EventType: "TaskCompleted", FunctionName: "echo", Result: { i: 0 }, ScheduledTime: expect.any(String) },
        { EventType: "ExecutionCompleted", OrchestrationStatus: "Completed", Result: [{ i: 0 }] },
      ]);
      const bare = (await call("GET", asked)).body.historyEvents as { Result?: unknown }[];
      expect(bare.filter(({ Result }) => Result !== undefined && Result !== null)).toEqual([]);
    });

    test("of many: by prefix, state and time of creation, page by page", async () => {
      const prefix = `${run}-list-`;
      const ids = ["a", "b", "c", "d", "e"].map((name) => prefix + name);
      for (const id of ids) await start(id.endsWith("c") ? "throws" : "twoWaiters", undefined, id);
      await until(`${prefix}c`);
      const found = async (query: string): Promise<string[]> =>
        ((await call("GET", `instances/?instanceIdPrefix=${query}`)).body as { instanceId: string }[])
          .map(({ instanceId }) => instanceId)
          .sort();
      expect(await found(prefix)).toEqual(ids);
      expect(await found(`${prefix}&runtimeStatus=Failed`)).toEqual([`${prefix}c`]);
      expect(await found(`${prefix}&createdTimeTo=2020-01-01T00:00:00Z`)).toEqual([]);
      expect(await found(`${prefix}&createdTimeFrom=2020-01-01T00:00:00Z`)).toEqual(ids);
      const pages: string[][] = [];
      let headers: Record<string, string> = {};
      for (;;) {
        const page = await call("GET", `instances/?instanceIdPrefix=${prefix}&top=2`, undefined, headers);
        pages.push((page.body as { instanceId: string }[]).map(({ instanceId }) => instanceId));
        const token = page.headers.get("x-ms-continuation-token");
        if (token === null || token === "" || pages.length > ids.length) break;
        headers = { "x-ms-continuation-token": token };
      }
      expect(pages.flat().sort()).toEqual(ids);
      expect(Math.max(...pages.map(({ length }) => length))).toBe(2);
      for (const id of ids) await client.terminate(id, "over");
    });
  });

  describe("steering", () => {
    test("suspended, an instance stands still and keeps what arrives; resumed, it goes on", async () => {
      const id = await start("race");
      await until(id, ["Running"]);
      await client.suspend(id, "hold");
      await until(id, ["Suspended"]);
      await client.raiseEvent(id, "approval", "kept");
      await target().settle();
      expect((await client.getStatus(id)).runtimeStatus).toBe("Suspended");
      await client.resume(id, "go");
      expect(await until(id)).toMatchObject({ runtimeStatus: "Completed", output: "kept" });
    });

    test("terminated, it ends with the reason as its output, and its parent hears of it", async () => {
      const [id, child] = [newId(), newId()];
      await start("parent", { childId: child, wait: true }, id);
      await expect.poll(async () => (await settled(() => call("GET", `instances/${child}`))).status, slowly).toBe(202);
      await client.terminate(child, "enough");
      expect(await until(child)).toMatchObject({ runtimeStatus: "Terminated", output: "enough" });
      expect((await until(id)).output).toMatch(/terminated|enough/);
      expect((await call("POST", `instances/${child}/terminate?reason=x`)).status).toBe(410);
      expect((await call("POST", `instances/${newId()}/terminate?reason=x`)).status).toBe(404);
      await expect(client.terminate(newId(), "x")).rejects.toThrow(/No instance with ID/);
    });

    test("purged, an ended instance is gone with its history; one that runs cannot be", async () => {
      const live = await start("twoWaiters");
      await until(live, ["Running"]);
      expect((await call("DELETE", `instances/${live}`)).status).toBe(412);
      await expect(client.purgeInstanceHistory(live)).rejects.toThrow("412");
      expect((await client.getStatus(live)).runtimeStatus).toBe("Running");
      const { instanceId } = await finish("throws");
      expect((await client.purgeInstanceHistory(instanceId)).instancesDeleted).toBe(1);
      expect((await call("GET", `instances/${instanceId}?showHistory=true`)).status).toBe(404);
      expect((await client.purgeInstanceHistory(instanceId)).instancesDeleted).toBe(0);
    });
  });

  test("what was made is taken away", async () => {
    const ours = async (): Promise<{ instanceId: string; runtimeStatus: string }[]> =>
      (await call("GET", `instances/?instanceIdPrefix=${run}`)).body;
    for (const { instanceId, runtimeStatus } of await ours())
      if (!ended.includes(runtimeStatus)) await client.terminate(instanceId, "the suite is over");
    for (const { instanceId } of await ours()) {
      await until(instanceId);
      await client.purgeInstanceHistory(instanceId);
    }
    expect(await ours()).toEqual([]);
  });

  async function settled<T>(ask: () => Promise<T>): Promise<T> {
    await target().settle();
    return ask();
  }
}

const json = { "content-type": "application/json" };
/** For what is asked until it is so. */
const slowly = { timeout: 60_000, interval: 20 };
const shown = ({ customStatus }: df.DurableOrchestrationStatus): unknown => customStatus;

/** A client as a function's binding makes it, without the address that only code inside of the host can reach. */
function clientOf({ base, key, taskHub }: DurableUnderTest): df.DurableClient {
  const query = `taskHub=${taskHub}&connection=Storage&code=${key}`;
  const instance = `${base}/instances/INSTANCEID`;
  const create = `${base}/orchestrators/{functionName}[/{instanceId}]?code=${key}`;
  const binding = {
    taskHubName: taskHub,
    creationUrls: { createNewInstancePostUri: create, createAndWaitOnNewInstancePostUri: create },
    managementUrls: {
      id: "INSTANCEID",
      statusQueryGetUri: `${instance}?${query}`,
      sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
      terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
      purgeHistoryDeleteUri: `${instance}?${query}`,
      suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
      resumePostUri: `${instance}/resume?reason={text}&${query}`,
    },
  };
  const input = df.input.durableClient();
  // Otherwise the client goes to port 7071 of this machine.
  vi.stubEnv("WEBSITE_HOSTNAME", new URL(base).host);
  const context = { options: { extraInputs: [input] }, extraInputs: { get: () => binding } };
  const client = df.getClient(context as unknown as InvocationContext);
  vi.unstubAllEnvs();
  return client;
}
