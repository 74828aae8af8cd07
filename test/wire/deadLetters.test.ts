/** Dead letters on the real wire: the adapter against the broker, and the whole product from message to look. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServiceBusDeadLetters } from "../../shared/adapters/deadLetterQueues.ts";
import { jsonMessage } from "../../infra/local/servicebus/engine.ts";
import { ledger, oids, open, privateAccount, proposalsOf } from "../support/estate.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { compileCache } from "../support/productBuild.ts";
import { serviceBusBed, type Bed } from "../support/serviceBusBed.ts";

const root = join(import.meta.dirname, "../..");
const coreIdentity = "c0de0000-0000-4000-8000-00000000c02e";

describe("the adapter", () => {
  let bed: Bed;
  let letters: ServiceBusDeadLetters;
  const options = { lockDurationS: 30, maxDeliveryCount: 1 };

  beforeAll(async () => {
    bed = await serviceBusBed(
      [
        { name: "in-events", ...options, duplicateDetectionWindowS: 600 },
        { name: "in-wake", ...options },
      ],
      { inMemory: true },
    );
    const client = bed.client();
    letters = new ServiceBusDeadLetters(() => bed.client(), { events: "in-events", wake: "in-wake" });
    for (const n of [1, 2, 3]) bed.engine.send("in-events", jsonMessage({ n }));
    const receiver = client.createReceiver("in-events");
    for (const message of await receiver.receiveMessages(3, { maxWaitTimeInMs: 1_000 }))
      await receiver.abandonMessage(message);
    await receiver.close();
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  const dead = () => letters.peek("events", 100);
  const depth = () => bed.engine.counts("in-events");

  it("shows them in their order without taking them", async () => {
    const shown = await dead();
    expect(shown.map(({ body, reason }) => ({ body, reason }))).toEqual(
      [1, 2, 3].map((n) => ({ body: { n }, reason: "MaxDeliveryCountExceeded" })),
    );
    expect(await letters.peek("events", 2)).toEqual(shown.slice(0, 2));
    expect(await letters.peek("wake", 100)).toEqual([]);
    expect(depth()).toMatchObject({ deadLetter: 3, active: 0 });
  });

  it("takes exactly the one that is named, and gives the others back", async () => {
    const [, second] = await dead();
    expect(await letters.take("events", second!.sequence, "resubmit")).toBe(true);
    expect(depth()).toMatchObject({ deadLetter: 2, active: 1, locked: 0 });
    expect((await dead()).map(({ body }) => body)).toEqual([{ n: 1 }, { n: 3 }]);
    expect(await letters.take("events", second!.sequence, "resubmit")).toBe(false);
    expect(depth()).toMatchObject({ deadLetter: 2, active: 1, locked: 0 });
  });

  it("drops one", async () => {
    const [first] = await dead();
    expect(await letters.take("events", first!.sequence, "drop")).toBe(true);
    expect(depth()).toMatchObject({ deadLetter: 1, active: 1 });
  });

  it("sends the same message once", async () => {
    await letters.send("events", { again: true }, "same");
    await letters.send("events", { again: true }, "same");
    expect(depth()).toMatchObject({ active: 2 });
  });

  it("says so when the broker refuses", async () => {
    const stranger = new ServiceBusDeadLetters(() => bed.client({ token: "bad", retryOptions: { maxRetries: 0 } }), {
      events: "in-events",
      wake: "in-wake",
    });
    await expect(stranger.peek("events", 1)).rejects.toMatchObject({ code: "Unavailable" });
    await expect(stranger.send("events", {}, "x")).rejects.toMatchObject({ code: "Unavailable" });
  });
});

describe("the product", () => {
  let platform: TestPlatform;

  beforeAll(async () => {
    platform = await startPlatform({ scenario: "small", clock: "manual" });
    await platform.settle();
  });
  afterAll(() => platform.stop());

  /** The command line, as a person of the scenario. */
  async function redrive(as: string, ...words: string[]): Promise<{ status: number | null; body: unknown }> {
    const { token } = (await platform.control("POST", "token", { as })).body;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "shared/cli/main.ts"), "redrive", ...words, "--json"],
      {
        encoding: "utf8",
        env: { PATH: process.env["PATH"], STEELYARD_URL: platform.edgeUrl, STEELYARD_TOKEN: token, ...compileCache() },
      },
    );
    return { status, body: stdout === "" ? stderr : JSON.parse(stdout) };
  }

  const waiting = async (): Promise<{ id: string; from: string }[]> =>
    (await platform.api("GET", "deadletters")).body.value;

  it("takes in again what the broker gave up on while the store was away", async () => {
    const account = await privateAccount(platform);
    const away = { where: "cosmos", match: { caller: coreIdentity }, kind: "status", status: 500, code: "Away" };
    await platform.control("PUT", "faults", [away]);
    await open(platform, account);
    await platform.settle();
    await platform.control("DELETE", "faults");
    expect(await waiting()).toMatchObject([{ from: "broker", queue: "events", reason: "MaxDeliveryCountExceeded" }]);
    expect(JSON.stringify(await waiting())).not.toMatch(/claims|ipaddr/i);
    expect(await proposalsOf(platform, account)).toEqual([]);
    expect(await redrive(oids.reader)).toMatchObject({ status: 1, body: { value: [{ from: "broker" }], unread: [] } });
    expect(await redrive(oids.reader, "--all")).toMatchObject({
      status: 2,
      body: expect.stringContaining("Forbidden"),
    });
    expect(await redrive(oids.operator, "--all", "--reason", "the store is back")).toMatchObject({
      status: 0,
      body: { redriven: [expect.stringMatching(/^bus-events-\d+$/)], left: [] },
    });
    await platform.settle();
    expect(await proposalsOf(platform, account)).toHaveLength(1);
    expect(await redrive(oids.reader)).toEqual({ status: 0, body: { value: [], unread: [], isMore: false } });
  });

  it("takes in again what was not enrolled, once it is; it stands in the ledger, which verifies", async () => {
    const id = "99999999-0000-4000-8000-000000000001";
    const account = `/subscriptions/${id}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/a`;
    const event = {
      id: "foreign",
      topic: "/subscriptions/5b000000-0000-4000-8000-000000000001",
      subject: account,
      eventType: "Microsoft.Resources.ResourceWriteSuccess",
      eventTime: "2026-01-05T08:00:00Z",
      data: {
        resourceUri: account,
        operationName: "Microsoft.CognitiveServices/accounts/write",
        claims: { name: "Somebody" },
      },
      dataVersion: "2",
      metadataVersion: "1",
    };
    await platform.control("POST", "eventgrid/publish", event);
    await platform.settle();
    const [letter] = await waiting();
    expect(letter).toMatchObject({ from: "intake", stuck: null });
    // As things are it only comes again.
    expect(await redrive(oids.operator, letter!.id)).toMatchObject({ status: 0, body: { id: letter!.id } });
    await platform.settle();
    const [again] = await waiting();
    const enrolment = { name: "late", archetype: "corp", level: "approve", reason: "is ours" };
    expect((await platform.api("POST", `subscriptions/${id}/enrolment`, enrolment, oids.admin)).status).toBe(200);
    expect(await redrive(oids.operator, again!.id)).toMatchObject({ status: 0 });
    await platform.settle();
    expect(await waiting()).toEqual([]);
    expect(await redrive(oids.operator, again!.id)).toMatchObject({ status: 2 });
    const told = (await ledger(platform)).filter(({ type }) => type === "deadLetter");
    expect(told.map(({ key, body }) => [key, body.event, body.by])).toEqual(
      told.map(() => ["/deadletters", "redriven", oids.operator]),
    );
    expect(told).toHaveLength(3);
    await platform.clock({ advance: "PT1M" });
    const { token } = (await platform.control("POST", "token", { as: oids.operator })).body;
    const verify = spawnSync(process.execPath, [join(root, "shared/cli/main.ts"), "ledger", "verify", "--json"], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], STEELYARD_URL: platform.edgeUrl, STEELYARD_TOKEN: token, ...compileCache() },
    });
    expect(JSON.parse(verify.stdout)).toMatchObject({ ok: true, firstBad: null });
  });
});
