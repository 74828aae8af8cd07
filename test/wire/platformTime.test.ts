/** Business time and survival, on a real platform process with two instances of a small core. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fixtureApps, request, startPlatform, type TestPlatform } from "../support/platform.ts";

const minute = 60_000;

let platform: TestPlatform;
/** Business time when the test began: a full minute. */
let startMs: number;
/** Lines that were there when the test began. */
let seenBefore: number;

beforeAll(async () => {
  platform = await startPlatform({ core: 2, clock: "manual", appFiles: fixtureApps });
});
afterAll(() => platform?.stop());
beforeEach(async () => {
  await platform.settle();
  const nowMs = Date.parse((await platform.control("GET", "clock")).body.now);
  startMs = Math.ceil(nowMs / minute) * minute;
  if (startMs > nowMs) await platform.clock({ set: at(0) });
  seenBefore = platform.seen().length;
});

function at(afterMs: number): string {
  return new Date(startMs + afterMs).toISOString();
}

/** What the apps saw since the test began. */
function seen(kind?: string): Record<string, unknown>[] {
  return platform
    .seen()
    .slice(seenBefore)
    .filter((line) => kind === undefined || line["kind"] === kind);
}

async function startWait(id: string, input: { seconds: number; slowMs: number }): Promise<void> {
  expect((await request("POST", `${platform.coreUrl()}/api/start/${id}`, input)).status).toBe(202);
}

/** Business time as a host has it. */
async function now(url: string): Promise<string> {
  return (await request("GET", `${url}/api/now`)).body.now;
}

describe("business time", () => {
  test("an advance runs each occurrence once over both instances, at its time", async () => {
    expect(await platform.clock({ advance: "PT1H" })).toEqual({
      now: at(60 * minute),
      mode: "manual",
      ranTo: at(60 * minute),
      fired: 60,
      occurrences: { "core/minutely": 60 },
    });
    const runs = seen("timer");
    expect(runs.map((run) => run["at"])).toEqual(Array.from({ length: 60 }, (_, index) => at((index + 1) * minute)));
  });

  test("a jump is an outage: the timer runs once, past due", async () => {
    expect((await platform.clock({ jump: "PT8H" })).fired).toBe(1);
    expect(seen("timer")).toMatchObject([{ at: at(480 * minute), isPastDue: true }]);
  });

  test("hosts follow it; one can be off", async () => {
    await platform.clock({ set: at(minute / 2), skew: { "core-1": "-PT5M" } });
    expect(await Promise.all([platform.edgeUrl, platform.coreUrl(0), platform.coreUrl(1)].map(now))).toEqual([
      at(minute / 2),
      at(minute / 2),
      at(minute / 2 - 5 * minute),
    ]);
    expect((await platform.control("POST", "clock", { set: at(0) })).body.error.code).toBe("ClockMovesForwards");
    await platform.clock({ skew: {} });
    expect(await now(platform.coreUrl(1))).toBe(at(minute / 2));
  });

  test("settle waits for what is under way, not for a durable timer; within steps through it", async () => {
    await startWait("one", { seconds: 90, slowMs: 100 });
    await platform.settle();
    expect(seen("activity").at(-1)).toMatchObject({ text: "before", at: at(0) });
    await platform.settle({ within: "PT2M" });
    expect(seen().map((line) => [line["kind"], line["at"]])).toEqual([
      ["activity", at(0)],
      ["timer", at(minute)],
      ["slow", at(1.5 * minute)],
      ["activity", at(1.5 * minute)],
    ]);
  });

  test("settle names what it waits for", async () => {
    await startWait("slow", { seconds: 0, slowMs: 1000 });
    const { body } = await platform.control("POST", "settle", { timeoutS: 0.3 });
    expect(body.settled).toBe(false);
    expect(body.waitingOn).toMatchObject([{ kind: expect.stringContaining("durable"), since: at(0) }]);
  });
});

describe("survival", () => {
  test("a host that is killed is back, and what it worked on is done again", async () => {
    await startWait("killed", { seconds: 0, slowMs: 800 });
    while (seen("slow").length === 0) await platform.control("GET", "health");
    const worker = String(seen("slow").at(-1)?.["host"]).split("-")[1];
    expect((await platform.control("POST", "host/kill", { process: "core", instance: Number(worker) })).body).toEqual({
      killed: true,
    });
    await platform.settle();
    expect(seen("activity").at(-1)).toMatchObject({ text: "after" });
    const { body } = await platform.control("GET", "health");
    expect(body.hosts.map((host: { starts: number }) => host.starts).sort()).toEqual([1, 1, 2]);
    expect((await platform.control("POST", "host/kill", { process: "core", instance: 7 })).status).toBe(404);
  });

  test("killing a host twice is killing it once", async () => {
    const kill = () => platform.control("POST", "host/kill", { process: "edge" });
    const answers = [await kill(), await kill()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]?.body).toEqual({ killed: true });
    await platform.settle();
    expect((await request("GET", `${platform.edgeUrl}/api/now`)).status).toBe(200);
  });

  test("a platform that is killed goes on where it was", async () => {
    await startWait("survivor", { seconds: 90, slowMs: 0 });
    await platform.settle();
    await platform.clock({ advance: "PT1M" });
    await platform.killPlatform();
    await platform.restart();
    const clock = (await platform.control("GET", "clock")).body;
    expect([clock.now, clock.mode]).toEqual([at(minute), "manual"]);
    expect(clock.next.map((item: { due: string }) => item.due)).toEqual([at(1.5 * minute), at(2 * minute)]);
    await platform.clock({ advance: "PT1M" });
    expect(seen().map((line) => [line["kind"], line["at"]])).toEqual([
      ["activity", at(0)],
      ["timer", at(minute)],
      ["activity", at(1.5 * minute)],
      ["timer", at(2 * minute)],
    ]);
  });

  test("SIGTERM ends it in order", async () => {
    expect(await platform.endPlatform()).toBe(0);
    await platform.start();
    expect((await platform.control("GET", "health")).body.scenario).toEqual({ name: "empty", seed: 1 });
  });
});
