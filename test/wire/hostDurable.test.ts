import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlatformCalls } from "../../infra/local/host/link.ts";
import { HostBed, type RunningHost } from "../support/hostBed.ts";

type DurableRequest = PlatformCalls["durable.http"]["request"];

const bed = new HostBed();
const asked: DurableRequest[] = [];
let host: RunningHost;

beforeAll(async () => {
  await bed.bundle("app", "queues");
  host = await bed.start({
    serve: {
      "durable.http": (request) => {
        asked.push(request);
        const body = request.path.startsWith("orchestrators/") ? JSON.stringify({ id: "i-1" }) : "";
        return { status: 202, headers: { "content-type": "application/json", "x-from": "platform" }, body };
      },
    },
  });
});
afterAll(() => bed.end());

const startedAt = "2026-11-21T09:00:00.000Z";

const event = (EventType: number, rest: object = {}): object => ({
  EventType,
  EventId: -1,
  IsPlayed: false,
  Timestamp: startedAt,
  ...rest,
});

/** The payload of a turn, as the durable extension sends it. */
function payload(name: string, input: unknown, more: object[] = []): string {
  return JSON.stringify({
    history: [event(12), event(0, { Name: name, Input: JSON.stringify(input) }), ...more],
    input,
    instanceId: "i-1",
    isReplaying: false,
    parentInstanceId: null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: "3.00:00:00",
    maximumShortTimerDuration: "6.00:00:00",
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  });
}

const doubled = [
  { EventType: 4, EventId: 0, IsPlayed: false, Timestamp: startedAt, Name: "double" },
  { EventType: 13, EventId: -1, IsPlayed: false, Timestamp: startedAt },
  { EventType: 12, EventId: -1, IsPlayed: false, Timestamp: startedAt },
  { EventType: 5, EventId: -1, IsPlayed: false, Timestamp: startedAt, TaskScheduledId: 0, Result: "10" },
];

async function turn(name: string, input: unknown, more?: object[]): Promise<Record<string, unknown>> {
  const { state } = await host.process.link.call("durable.orchestrator", {
    name,
    instanceId: "i-1",
    payload: payload(name, input, more),
  });
  return JSON.parse(state) as Record<string, unknown>;
}

describe("orchestrator turns", () => {
  it("run the real durable-functions: the first turn schedules, the next one goes on", async () => {
    expect(await turn("doubleTwice", 5)).toMatchObject({
      isDone: false,
      actions: [[{ actionType: 0, functionName: "double", input: 5 }]],
    });
    expect(await turn("doubleTwice", 5, doubled)).toMatchObject({
      isDone: false,
      actions: [
        [
          { functionName: "double", input: 5 },
          { functionName: "double", input: 10 },
        ],
      ],
    });
  });

  it("pass a failure on with the state in its message, and log it without", async () => {
    const failed = turn("breaks", 1, doubled);
    await expect(failed).rejects.toThrow(/\n\n\$OutOfProcData\$:\{.*"error":"orchestration broke"\}$/);
    await expect.poll(() => host.lines.filter((line) => line.includes("orchestration broke"))).toHaveLength(1);
    expect(host.lines.join("\n")).not.toContain("$OutOfProcData$");
  });

  it("of an unknown orchestrator are refused by name", async () => {
    await expect(turn("nobody", 1)).rejects.toThrow(
      "the app has no orchestrationTrigger named nobody; it has doubleTwice, breaks",
    );
  });
});

const run = (name: string, input: string | null): Promise<unknown> =>
  host.process.link.call("durable.activity", { name, instanceId: "i-7", input });

describe("activities", () => {
  it.each([
    ["double", "21", 42],
    ["reflect", null, { input: "none", instance: "i-7" }],
    ["reflect", "plain words", { input: "plain words", instance: "i-7" }],
    ["reflect", '{"a":[1]}', { input: { a: [1] }, instance: "i-7" }],
    ["text", null, "5"],
    ["silent", null, null],
  ])("%s of %s", async (name, input, result) => {
    expect(await run(name, input)).toEqual({ ok: true, result });
  });

  it("give message and stack when they fail", async () => {
    expect(await run("fails", null)).toEqual({
      ok: false,
      message: "no luck",
      stack: expect.stringMatching(/^Error: no luck\n[\s\S]*hostApp\/app\.ts/),
    });
    expect(await run("nobody", null)).toMatchObject({ ok: false, message: /no activityTrigger named nobody/ });
  });

  it("run side by side", async () => {
    const before = performance.now();
    await Promise.all(Array.from({ length: 20 }, () => run("slowActivity", "200")));
    expect(performance.now() - before).toBeLessThan(2000);
  });
});

describe("timers", () => {
  it("get the occurrence as Azure describes it", async () => {
    const last = "2026-11-21T08:55:00.000Z";
    const next = "2026-11-21T09:00:00.000Z";
    expect(await host.process.link.call("timer", { name: "tick", isPastDue: true, last, next })).toEqual({ ok: true });
    const { timersSeen } = (await (await fetch(`${host.base}/api/about`)).json()) as { timersSeen: unknown[] };
    expect(timersSeen).toEqual([
      { schedule: { adjustForDST: true }, scheduleStatus: { last, lastUpdated: last, next }, isPastDue: true },
    ]);
  });

  it("report what they threw", async () => {
    const occurrence = { isPastDue: false, last: startedAt, next: startedAt };
    expect(await host.process.link.call("timer", { name: "badTick", ...occurrence })).toEqual({
      ok: false,
      message: "the timer broke",
    });
    expect(await host.process.link.call("timer", { name: "nobody", ...occurrence })).toMatchObject({ ok: false });
  });
});

describe("the durable client", () => {
  it("reaches the platform from inside a function, through the host's own port", async () => {
    asked.length = 0;
    const response = await fetch(`${host.base}/api/start/doubleTwice`, { method: "POST" });
    expect(response.status).toBe(202);
    expect(asked).toEqual([
      { method: "POST", path: "orchestrators/doubleTwice/i-1", query: [], body: '{"n":1}' },
      { method: "POST", path: "instances/i-1/raiseEvent/go%20ahead", query: [], body: '{"yes":true}' },
    ]);
    const links = (await response.json()) as Record<string, string>;
    expect(links["statusQueryGetUri"]).toMatch(
      new RegExp(
        `^${host.base}/runtime/webhooks/durabletask/instances/i-1\\?taskHub=hub&connection=Storage&code=.{32}$`,
      ),
    );

    asked.length = 0;
    const status = await fetch(links["statusQueryGetUri"]!);
    expect([status.status, status.headers.get("x-from")]).toEqual([202, "platform"]);
    expect(asked).toEqual([{ method: "GET", path: "instances/i-1", query: [], body: null }]);
  });

  it.each(["", "?code=guess", `?code=${"x".repeat(32)}`])(
    "is closed to the public base without the key (%s)",
    async (query) => {
      asked.length = 0;
      const response = await fetch(`${host.base}/runtime/webhooks/durabletask/instances/i-1/terminate${query}`, {
        method: "POST",
      });
      expect(response.status).toBe(401);
      expect(asked).toEqual([]);
    },
  );

  it("keeps reaching the platform from a function that is under way while the host stops", async () => {
    const gate = Promise.withResolvers<void>();
    const paths: string[] = [];
    const leaving = await bed.start({
      serve: {
        "durable.http": async ({ path }) => {
          paths.push(path);
          await gate.promise;
          return { status: 202, headers: {}, body: path.startsWith("orchestrators/") ? '{"id":"i-1"}' : "" };
        },
      },
    });
    const response = fetch(`${leaving.base}/api/start/doubleTwice`, { method: "POST" });
    await expect.poll(() => paths).toHaveLength(1);
    const stopped = leaving.process.stop();
    await expect.poll(async () => (await fetch(`${leaving.base}/api/nothing`)).status).toBe(503);
    gate.resolve();
    expect((await response).status).toBe(202);
    expect(paths).toHaveLength(2);
    await stopped;
  });

  it("answers 500 when the platform fails, with the error in the log", async () => {
    const lonely = await bed.start({
      serve: {
        "durable.http": () => {
          throw new Error("the backend is not up");
        },
      },
    });
    expect((await fetch(`${lonely.base}/durabletask/instances/i-1`)).status).toBe(500);
    await expect.poll(() => lonely.lines.join("\n")).toContain("the backend is not up");
    lonely.process.kill();
  });
});
