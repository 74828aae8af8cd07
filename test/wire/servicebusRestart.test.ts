/** What survives: the engine stopped, killed or reset under clients that stay. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { fileURLToPath } from "node:url";
import type { ServiceBusReceiver } from "@azure/service-bus";
import { expect, test } from "vitest";
import { Agenda } from "../../infra/local/platform/agenda.ts";
import { ensureCertificate } from "../../infra/local/identity/certificate.ts";
import { connect, goodToken, serviceBusBed } from "../support/serviceBusBed.ts";

const queues = [
  { name: "events", lockDurationS: 30, maxDeliveryCount: 5, duplicateDetectionWindowS: 600 },
  { name: "wake", lockDurationS: 30, maxDeliveryCount: 5 },
];

/** Collects bodies from a subscription; `until` resolves once that many have come. */
function collect(receiver: ServiceBusReceiver): { bodies: unknown[]; until: (count: number) => Promise<unknown[]> } {
  const bodies: unknown[] = [];
  let look = (): void => {};
  receiver.subscribe({
    processMessage: async ({ body }) => {
      bodies.push(body);
      look();
    },
    processError: async () => {},
  });
  const until = (count: number): Promise<unknown[]> =>
    new Promise((resolve) => {
      look = () => bodies.length >= count && resolve([...bodies]);
      look();
    });
  return { bodies, until };
}

/** The client notices a cut connection only in a later turn; what it sends before waits for its time-out. */
const letClientNotice = (): Promise<void> => sleep(100);

test("kill -9 loses no confirmed message and delivers locked ones again", async () => {
  const dir = await mkdtemp(join(tmpdir(), "steelyard-kill-"));
  const { caFile } = await ensureCertificate(dir);
  const trusted = getCACertificates("default");
  setDefaultCACertificates([...trusted, await readFile(caFile, "utf8")]);
  const children: ChildProcess[] = [];
  const start = async (port: number): Promise<[ChildProcess, number]> => {
    const child = fork(
      fileURLToPath(new URL("../support/serviceBusProcess.ts", import.meta.url)),
      [dir, String(port)],
      {
        execPath: process.execPath,
        execArgv: [],
      },
    );
    children.push(child);
    const [listening] = (await once(child, "message")) as [number];
    return [child, listening];
  };
  try {
    const [child, port] = await start(0);
    const client = connect(`localhost:${port}`, goodToken);
    const sender = client.createSender("events");
    const receiver = client.createReceiver("events", { maxAutoLockRenewalDurationInMs: 0 });
    await sender.sendMessages(Array.from({ length: 50 }, (_, body) => ({ body, messageId: `m${body}` })));
    await sender.sendMessages({
      body: "later",
      messageId: "later",
      scheduledEnqueueTimeUtc: new Date(Date.now() + 1500),
    });
    const locked = await receiver.receiveMessages(10);
    await receiver.completeMessage(locked[0]!);
    child.kill("SIGKILL");
    await once(child, "exit");
    await letClientNotice();
    await start(port);
    await sender.sendMessages({ body: "again", messageId: "m7" });
    const messages = await receiver.receiveMessages(49, { maxWaitTimeInMs: 5000 });
    const rest = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5000 });
    const bodies = [...messages, ...rest].map(({ body }) => body as unknown);
    expect(bodies).toEqual([...Array.from({ length: 49 }, (_, index) => index + 1), "later"]);
    await client.close();
  } finally {
    for (const child of children) child.kill("SIGKILL");
    setDefaultCACertificates(trusted);
    await rm(dir, { recursive: true, force: true });
  }
});

test("a subscription and a sender go on after a restart", async () => {
  await using bed = await serviceBusBed(queues);
  const client = bed.client();
  const sender = client.createSender("events");
  const received = collect(client.createReceiver("events"));
  await sender.sendMessages({ body: "before" });
  expect(await received.until(1)).toEqual(["before"]);
  while (bed.engine.counts("events").locked > 0) await sleep(1);
  await bed.restart();
  await letClientNotice();
  await sender.sendMessages({ body: "after" });
  expect(await received.until(2)).toEqual(["before", "after"]);
});

test("reset forgets messages, locks, schedules, message IDs and links, and clients come again", async () => {
  const clock = new Agenda({ mode: "manual", nowMs: Date.parse("2026-01-01T00:00:00Z") });
  await using bed = await serviceBusBed(queues, { clock });
  const client = bed.client();
  const sender = client.createSender("events");
  await sender.sendMessages({ body: "scheduled", scheduledEnqueueTimeUtc: new Date(clock.now() + 60_000) });
  await sender.sendMessages([
    { body: 1, messageId: "same" },
    { body: 2, messageId: "other" },
  ]);
  expect(await client.createReceiver("events").receiveMessages(1)).toHaveLength(1);
  expect(bed.engine.counts("events")).toEqual({ active: 1, scheduled: 1, deadLetter: 0, locked: 1 });
  const received = collect(client.createReceiver("wake"));
  bed.engine.send("wake", { body: Buffer.from('"linked"') });
  await received.until(1);
  clock.clear();
  bed.engine.reset();
  expect(bed.engine.counts("events")).toEqual({ active: 0, scheduled: 0, deadLetter: 0, locked: 0 });
  expect(bed.engine.waitingOn()).toEqual([]);
  expect(clock.items()).toEqual([]);
  await letClientNotice();
  await sender.sendMessages({ body: "new", messageId: "same" });
  const [message] = await client.createReceiver("events").receiveMessages(1);
  expect(message).toMatchObject({ body: "new" });
  expect(message!.sequenceNumber!.toNumber()).toBe(1);
  bed.engine.send("wake", { body: Buffer.from('"hello"') });
  expect(await received.until(2)).toEqual(["linked", "hello"]);
});

test("scheduled messages are on the clock again after a restart", async () => {
  const clock = new Agenda({ mode: "manual", nowMs: 1_000_000 });
  await using bed = await serviceBusBed(queues, { clock });
  bed.engine.send("wake", { body: Buffer.from("1"), scheduledEnqueueTimeMs: 1_060_000 });
  await bed.restart();
  expect(clock.items()).toMatchObject([{ kind: "servicebus.scheduled", id: "wake/1", dueMs: 1_060_000 }]);
  await clock.step(1_060_000);
  expect(bed.engine.counts("wake")).toMatchObject({ active: 1, scheduled: 0 });
});

test("a client that doesn't trust the authority does not connect", async () => {
  await using bed = await serviceBusBed(queues);
  const trusted = getCACertificates("default");
  setDefaultCACertificates(getCACertificates("bundled"));
  const client = bed.client({ retryOptions: { maxRetries: 0, timeoutInMs: 3000 } });
  await expect(client.createSender("events").sendMessages({ body: 1 })).rejects.toThrow(/certificate|issuer/i);
  setDefaultCACertificates(trusted);
});
