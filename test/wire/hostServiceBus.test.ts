/** Queue functions of a real host process on the local broker, over TLS and with a token of the local identity. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IdentityEngine } from "../../infra/local/identity/engine.ts";
import { coreIdentity } from "../../infra/local/platform/constants.ts";
import { jsonMessage, ServiceBusEngine } from "../../infra/local/servicebus/engine.ts";
import { engineContext } from "../support/engineContext.ts";
import { HostBed, type RunningHost } from "../support/hostBed.ts";
import { localTls, type LocalTls } from "../support/localTls.ts";

interface Seen {
  readonly function: string;
  readonly data: unknown;
  readonly metadata: Record<string, unknown>;
}

const bed = new HostBed();
const context = engineContext();
let tls: LocalTls;
let identity: IdentityEngine;
let bus: ServiceBusEngine;
let host: RunningHost;

const queue = (name: string) => ({ name, lockDurationS: 2, maxDeliveryCount: 3 });

function startBus(port: number): Promise<void> {
  bus = new ServiceBusEngine(context, {
    port,
    tls,
    verify: identity.verify,
    queues: [queue("single"), queue("batch")],
  });
  return bus.start();
}

const settings = (): Record<string, string> => ({
  ServiceBus__fullyQualifiedNamespace: `localhost:${bus.port}`,
  SINGLE_QUEUE: "single",
  NODE_EXTRA_CA_CERTS: tls.caFile,
  ...identity.identityEnv(coreIdentity),
});

beforeAll(async () => {
  tls = await localTls();
  identity = new IdentityEngine(context, { ports: { managedIdentity: 0, issuer: 0 }, tls });
  await Promise.all([identity.start(), bed.bundle("queues")]);
  identity.directory.replace({
    servicePrincipals: [{ oid: coreIdentity, appid: "c0de0000-0000-4000-8000-0000000000a0", name: "core" }],
  });
  await startBus(0);
  host = await bed.start({ app: "queues", env: settings() });
});
afterAll(async () => {
  await bed.end();
  await bus.stop();
  await identity.stop();
  await tls[Symbol.asyncDispose]();
});

async function seen(base: string): Promise<Seen[]> {
  return (await (await fetch(`${base}/api/seen`)).json()) as Seen[];
}

/** What a function was given for messages that carry `tag`. */
async function seenWith(tag: string, base = host.base): Promise<Seen[]> {
  return (await seen(base)).filter(({ data }) => JSON.stringify(data).includes(`"${tag}"`));
}

/** How many messages of a queue wait or are under way. */
const open = (name: string) => () => bus.counts(name).active + bus.counts(name).locked;

describe("a queue function", () => {
  it("of cardinality one gets each message with its metadata, and completes it", async () => {
    bus.send("single", jsonMessage({ tag: "one" }, { messageId: "m-1", applicationProperties: { Kind: "x" } }));
    await expect.poll(() => seenWith("one"), { timeout: 5000 }).toHaveLength(1);
    await expect.poll(open("single")).toBe(0);
    const [first] = await seenWith("one");
    expect(first).toMatchObject({
      function: "single",
      data: { tag: "one" },
      metadata: {
        messageId: "m-1",
        deliveryCount: 1,
        enqueuedTimeUtc: new Date(context.clock.now()).toISOString(),
        lockToken: expect.stringMatching(/^[\da-f-]{36}$/),
        sequenceNumber: expect.any(Number),
        applicationProperties: { kind: "x" },
      },
    });
  });

  it("of cardinality many gets what waits in few batches, in order, without a second's delay", async () => {
    const before = performance.now();
    for (let n = 0; n < 600; n++) bus.send("batch", jsonMessage({ tag: "many", n }));
    await expect.poll(open("batch"), { timeout: 5000 }).toBe(0);
    const tookMs = performance.now() - before;
    const batches = await seenWith("many");
    const all = batches.flatMap(({ data }) => data as { n: number }[]).map(({ n }) => n);
    expect(all).toEqual(Array.from({ length: 600 }, (_, n) => n));
    expect(batches.length).toBeLessThan(60);
    for (const { data, metadata } of batches) {
      expect((data as unknown[]).length).toBeLessThanOrEqual(250);
      expect(metadata["deliveryCountArray"]).toEqual((data as unknown[]).map(() => 1));
    }
    expect(tookMs).toBeLessThan(4000);
  });

  it("delivers a single message at once", async () => {
    const before = performance.now();
    bus.send("batch", jsonMessage({ tag: "lonely" }));
    await expect.poll(open("batch"), { interval: 5 }).toBe(0);
    expect(performance.now() - before).toBeLessThan(500);
  });

  it.each(["single", "batch"])(
    "that throws (%s) has the message delivered again until it is a dead letter",
    async (name) => {
      const tag = `bad-${name}`;
      bus.send(name, jsonMessage({ tag, fail: true }));
      await expect.poll(() => bus.deadLetters(name).length, { timeout: 5000 }).toBe(1);
      const counts = (await seenWith(tag)).map(
        ({ metadata }) => metadata["deliveryCount"] ?? metadata["deliveryCountArray"],
      );
      expect(counts.flat()).toEqual([1, 2, 3]);
    },
  );

  it.each(["single", "batch"])("that runs longer than the lock (%s) keeps it", async (name) => {
    const tag = `long-${name}`;
    bus.send(name, jsonMessage({ tag, delayMs: 2600 }));
    await expect
      .poll(async () => (await host.process.link.call("busy", null)).inFlight.map(({ kind }) => kind))
      .toContain("serviceBusTrigger");
    await expect.poll(open(name), { timeout: 6000 }).toBe(0);
    expect(await seenWith(tag)).toHaveLength(1);
  });
});

describe("when one side goes away", () => {
  it("the host finds the broker again, and gets what was sent meanwhile", async () => {
    const { port } = bus;
    await bus.stop();
    await startBus(port);
    bus.send("single", jsonMessage({ tag: "after restart" }));
    bus.send("batch", jsonMessage({ tag: "after restart" }));
    await expect.poll(() => seenWith("after restart"), { timeout: 10_000 }).toHaveLength(2);
    await expect.poll(open("single")).toBe(0);
    await expect.poll(open("batch")).toBe(0);
  });

  it("a message that a killed host held goes to the next one", async () => {
    bus.send("batch", jsonMessage({ tag: "held", delayMs: 300 }));
    await expect.poll(() => seenWith("held")).toHaveLength(1);
    host.process.kill();
    await host.process.exited;
    host = await bed.start({ app: "queues", env: settings() });
    await expect.poll(open("batch"), { timeout: 6000 }).toBe(0);
    expect((await seenWith("held"))[0]?.metadata["deliveryCountArray"]).toEqual([2]);
  });

  it("a host that is stopped finishes and settles what it holds, and takes nothing more", async () => {
    bus.send("single", jsonMessage({ tag: "last", delayMs: 400 }));
    bus.send("batch", jsonMessage({ tag: "last", delayMs: 400 }));
    await expect.poll(() => seenWith("last")).toHaveLength(2);
    const stopped = host.process.stop();
    await new Promise((resolve) => setTimeout(resolve, 100));
    bus.send("batch", jsonMessage({ tag: "too late" }));
    await stopped;
    expect(await host.process.exited).toEqual({ code: 0, signal: null });
    expect(open("single")()).toBe(0);
    expect(bus.counts("batch")).toMatchObject({ active: 1, locked: 0 });
  });
});

describe("the connection of a queue function", () => {
  it.each([
    [{}, "neither app setting ServiceBus__fullyQualifiedNamespace nor ServiceBus is set"],
    [
      { ServiceBus__fullyQualifiedNamespace: "x", ServiceBus__queue: "y" },
      "app setting ServiceBus__queue is not implemented",
    ],
    [
      { ServiceBus__fullyQualifiedNamespace: "x", ServiceBus__credential: "sas" },
      'found "sas", expected managedidentity',
    ],
  ])("is refused by name (%o)", async (env, message) => {
    const lines: string[] = [];
    const started = bed.spawn({ app: "queues", env: { SINGLE_QUEUE: "single", ...env } }, lines);
    expect((await started.exited).code).toBe(1);
    expect(lines.join("\n")).toContain(message);
  });
});
