/** A burst of events costs a few looks, and nothing that they say is lost. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nextOccurrence } from "../../infra/local/host/ncrontab.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { corpAccounts } from "../support/estate.ts";

/** A sample; STEELYARD_BURST=full plays the whole burst. */
const EVENTS = process.env["STEELYARD_BURST"] === "full" ? 5_000 : 400;
const coreIdentity = "c0de0000-0000-4000-8000-00000000c02e";

let platform: TestPlatform;

beforeAll(async () => {
  // The clock stands still and moves only through the pause, so the count does not depend on the machine.
  platform = await startPlatform({ scenario: "small", core: 2, clock: "manual" });
});

afterAll(async () => {
  await platform.stop();
});

describe("a burst of events", () => {
  it("over 40 accounts costs at most three looks each", { timeout: 90_000 }, async () => {
    const { body: state } = await platform.control("GET", "arm/state");
    const accounts = Object.keys(state as object).filter((id) => /\/accounts\/[^/]+$/.test(id));
    expect(accounts).toHaveLength(40);
    const events = Array.from({ length: EVENTS }, (_, index) => {
      const account = accounts[index % accounts.length]!;
      const subscription = account.split("/")[2]!;
      return {
        id: `burst-${index}`,
        topic: `/subscriptions/${subscription}`,
        subject: account,
        eventType: "Microsoft.Resources.ResourceWriteSuccess",
        eventTime: new Date().toISOString(),
        dataVersion: "2",
        metadataVersion: "1",
        data: {
          resourceProvider: "Microsoft.CognitiveServices",
          resourceUri: account,
          operationName: "Microsoft.CognitiveServices/accounts/write",
          status: "Succeeded",
          subscriptionId: subscription,
        },
      };
    });
    for (let start = 0; start < EVENTS; start += 500) {
      const { status, body } = await platform.control("POST", "eventgrid/publish", events.slice(start, start + 500));
      expect(status, JSON.stringify(body)).toBe(202);
    }
    await platform.settle({ timeoutS: 60 });

    const { body } = await platform.control("GET", `arm/exchanges?caller=${coreIdentity}`);
    const reads = new Map<string, number>();
    for (const line of (body as string).split("\n").filter((text) => text !== "")) {
      const { method, url } = JSON.parse(line) as { method: string; url: string };
      const id = /\/subscriptions\/[^?]*\/accounts\/[^/?]+(?=\?)/i.exec(url)?.[0]?.toLowerCase();
      if (method === "GET" && id !== undefined) reads.set(id, (reads.get(id) ?? 0) + 1);
    }
    expect(reads.size).toBe(40);
    expect(Math.max(...reads.values())).toBeLessThanOrEqual(3);
  });

  it("left a proposal for each of the three accounts that are in breach", async () => {
    const open = [...(await corpAccounts(platform)).values()].filter(
      ({ properties }) => properties["publicNetworkAccess"] !== "Disabled",
    );
    const { body } = await platform.api("GET", "proposals?state=open");
    expect(body.value.map(({ target }: { target: string }) => target).sort()).toEqual(
      open.map(({ id }) => id.toLowerCase()).sort(),
    );
  });
});

/** Timer functions of core and their schedules. */
const schedules = { "core/sweeper": "0 * * * * *", "core/digest": "0 7 * * * *" };

function occurrencesOf(schedule: string, fromMs: number, toMs: number): number {
  let count = 0;
  for (let atMs = nextOccurrence(schedule, fromMs); atMs <= toMs; atMs = nextOccurrence(schedule, atMs)) count += 1;
  return count;
}

describe("an hour of the 40 accounts", () => {
  it("run every occurrence of every timer function, each once", { timeout: 60_000 }, async () => {
    const fromMs = Date.parse((await platform.control("GET", "clock")).body.now);
    const { now, fired, occurrences } = await platform.clock({ advance: "PT1H" });
    expect(Date.parse(now)).toBe(fromMs + 3_600_000);
    const wanted = Object.entries(schedules).map(
      ([name, schedule]) => [name, occurrencesOf(schedule, fromMs, fromMs + 3_600_000)] as const,
    );
    expect(occurrences).toEqual(Object.fromEntries(wanted));
    expect(fired).toBeGreaterThanOrEqual(wanted.reduce((sum, [, count]) => sum + count, 0));
  });
});
