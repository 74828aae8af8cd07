/** The local engine's own side: faults, business time, effects, what it waits on, what it refuses by name. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBusClient, ServiceBusReceivedMessage } from "@azure/service-bus";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Agenda } from "../../infra/local/platform/agenda.ts";
import { faultSchema } from "../../infra/local/platform/faults.ts";
import { jsonMessage, type QueueOptions, ServiceBusEngine } from "../../infra/local/servicebus/engine.ts";
import { type Bed, caller, serviceBusBed } from "../support/serviceBusBed.ts";

const startMs = Date.parse("2026-01-05T08:00:00Z");
const queues: QueueOptions[] = [
  { name: "Events", lockDurationS: 0.5, maxDeliveryCount: 5, duplicateDetectionWindowS: 600 },
  { name: "ttl", lockDurationS: 30, maxDeliveryCount: 5, defaultTtlS: 60, deadLetterOnExpiration: true },
];
const noRenewal = { maxAutoLockRenewalDurationInMs: 0 };
const clock = new Agenda({ mode: "manual", nowMs: startMs });

let bed: Bed;
let client: ServiceBusClient;

beforeAll(async () => {
  bed = await serviceBusBed(queues, { clock, inMemory: true });
});

beforeEach(() => {
  bed.faults.clear();
  clock.clear();
  clock.setNow(startMs);
  bed.engine.reset();
  bed.effects.reset();
  bed.crashed.length = 0;
  client = bed.client();
});

afterEach(() => client.close());

afterAll(() => bed[Symbol.asyncDispose]());

function fault(fields: Record<string, unknown>): void {
  bed.faults.set([faultSchema.parse({ where: "servicebus", ...fields })]);
}

function send(body: unknown): void {
  bed.engine.send("events", jsonMessage(body));
}

async function receive(count: number, maxWaitTimeInMs = 300): Promise<ServiceBusReceivedMessage[]> {
  return client.createReceiver("events", noRenewal).receiveMessages(count, { maxWaitTimeInMs });
}

const bodies = (messages: readonly ServiceBusReceivedMessage[]): unknown[] => messages.map(({ body }) => body);

describe("business time", () => {
  test("a scheduled message becomes available when the clock gets there, to a receiver that waits", async () => {
    await client.createSender("events").scheduleMessages({ body: "due" }, new Date(startMs + 3_600_000));
    const waiting = receive(1, 5000);
    await sleep(50);
    expect(bed.engine.waitingOn()).toEqual([
      { kind: "servicebus.scheduled", id: "events/1", sinceMs: startMs, dueMs: startMs + 3_600_000 },
    ]);
    await clock.step(startMs + 3_600_000);
    const [message] = await waiting;
    expect(message).toMatchObject({ body: "due", enqueuedTimeUtc: new Date(startMs + 3_600_000) });
  });

  test("the queue's default bounds the time to live, in business time; a locked message outlives it", async () => {
    const sender = client.createSender("ttl");
    await sender.sendMessages([{ body: "locked", timeToLive: 3_600_000 }, { body: "waits" }]);
    const receiver = client.createReceiver("ttl", noRenewal);
    const [locked] = await receiver.receiveMessages(1);
    expect(locked!.expiresAtUtc).toEqual(new Date(startMs + 60_000));
    await clock.step(startMs + 60_000);
    expect(bed.engine.counts("ttl")).toEqual({ active: 0, scheduled: 0, deadLetter: 1, locked: 1 });
    expect(bed.engine.deadLetters("ttl")).toMatchObject([{ sequenceNumber: 2, reason: "TTLExpiredException" }]);
    await receiver.abandonMessage(locked!);
    expect(bed.engine.counts("ttl")).toEqual({ active: 0, scheduled: 0, deadLetter: 2, locked: 0 });
  });
});

describe("for the platform", () => {
  test("messages of this process and of clients go the same way and leave effects", async () => {
    bed.engine.send("events", jsonMessage({ n: 1 }, { messageId: "same", subject: "event" }), "eventgrid");
    await client.createSender("events").sendMessages([{ body: { n: 2 }, messageId: "same" }, { body: { n: 3 } }]);
    expect(bodies(await receive(2))).toEqual([{ n: 1 }, { n: 3 }]);
    const effect = { engine: "servicebus", method: "send", target: "events", status: 202 };
    expect(bed.effects.after(0)).toMatchObject([
      { ...effect, caller: "eventgrid" },
      { ...effect, caller },
      { ...effect, caller },
    ]);
  });

  test("waits on what is active or locked, by name up to a hundred, not on dead letters", async () => {
    for (let index = 0; index < 102; index += 1) send(index);
    const receiver = client.createReceiver("events", noRenewal);
    const [message] = await receiver.receiveMessages(1);
    expect(bed.engine.waitingOn()).toHaveLength(101);
    expect(bed.engine.waitingOn().at(-1)).toMatchObject({ kind: "servicebus.message", id: "2 more" });
    await receiver.deadLetterMessage(message!, { deadLetterReason: "r", deadLetterErrorDescription: "d" });
    expect(bed.engine.waitingOn().at(-1)).toMatchObject({ id: "1 more" });
    expect(bed.engine.deadLetters("EVENTS")).toMatchObject([{ reason: "r", description: "d", message: { body: {} } }]);
  });

  test("a receiver that is gone gives its messages back when their locks end", async () => {
    send("kept");
    const other = bed.client();
    expect(await other.createReceiver("events", noRenewal).receiveMessages(1)).toHaveLength(1);
    await other.close();
    expect(bed.engine.counts("events")).toMatchObject({ active: 0, locked: 1 });
    expect(await receive(1, 3000)).toMatchObject([{ body: "kept", deliveryCount: 1 }]);
  });
});

describe("faults", () => {
  test("status: the client sees the error that was asked for", async () => {
    fault({ match: { method: "send", path: "^events$", caller }, kind: "status", status: 500, count: 1 });
    const once = bed.client({ retryOptions: { maxRetries: 0, timeoutInMs: 4000 } });
    const sender = once.createSender("events");
    await expect(sender.sendMessages({ body: 1 })).rejects.toThrow(/InternalServerError/);
    fault({ match: { method: "send" }, kind: "status", code: "server-busy", count: 1 });
    await expect(sender.sendMessages({ body: 1 })).rejects.toMatchObject({ code: "ServiceBusy", retryable: true });
    fault({ match: { method: "send" }, kind: "status", phase: "afterEffect", status: 503, count: 1 });
    await expect(sender.sendMessages({ body: "stored" })).rejects.toMatchObject({ code: "ServiceBusy" });
    expect(bodies(await receive(2))).toEqual(["stored"]);
    expect(() => {
      fault({ match: { method: "send" }, kind: "status", status: 503, count: 1 });
      send(1);
    }).toThrow(expect.objectContaining({ name: "SendRefused", condition: "com.microsoft:server-busy" }));
  });

  test("status of receive detaches the receiver; one of complete leaves the message locked", async () => {
    send("x");
    fault({ match: { method: "receive" }, kind: "status", status: 503, count: 1 });
    const receiver = bed.client({ retryOptions: { maxRetries: 0 } }).createReceiver("events", noRenewal);
    await expect(receiver.receiveMessages(1)).rejects.toMatchObject({ code: "ServiceBusy" });
    fault({ match: { method: "complete" }, kind: "status", status: 500, count: 1 });
    const [message] = await receiver.receiveMessages(1);
    await expect(receiver.completeMessage(message!)).rejects.toThrow(/InternalServerError/);
    expect(bed.engine.counts("events")).toMatchObject({ locked: 1 });
  });

  test("drop after the effect: the message is there, the client doesn't know, and sending again is detected", async () => {
    fault({ match: { method: "send" }, kind: "drop", phase: "afterEffect", count: 1 });
    const impatient = bed.client({ retryOptions: { maxRetries: 1, retryDelayInMs: 10, timeoutInMs: 500 } });
    await impatient.createSender("events").sendMessages({ body: 1, messageId: "once" });
    expect(bodies(await receive(2))).toEqual([1]);
    expect(bed.effects.after(0)).toHaveLength(2);
  });

  test("drop before the effect: nothing has happened", async () => {
    fault({ match: { method: "send" }, kind: "drop", count: 1 });
    expect(() => send(1)).toThrow(expect.objectContaining({ condition: "amqp:connection:forced" }));
    fault({ match: { method: "receive" }, kind: "drop", count: 1 });
    send(2);
    await expect(receive(1, 3000)).rejects.toThrow(/AMQP connection/);
    expect(bed.engine.counts("events")).toEqual({ active: 1, scheduled: 0, deadLetter: 0, locked: 0 });
  });

  test("a message whose link was cut is settled through management", async () => {
    // Its lock is long enough for a client that is slow to notice.
    bed.engine.send("ttl", jsonMessage("x"));
    const receiver = client.createReceiver("ttl", noRenewal);
    const [message] = await receiver.receiveMessages(1);
    fault({ match: { method: "peek" }, kind: "drop", count: 1 });
    const abort = new AbortController();
    const peeked = client.createReceiver("ttl").peekMessages(1, { abortSignal: abort.signal });
    while (bed.faults.list()[0]?.hits !== 1) await sleep(5);
    // The client has to notice the cut first: what it sends into the dying link is lost.
    await sleep(1_000);
    abort.abort();
    await expect(peeked).rejects.toThrow(/aborted/);
    await receiver.completeMessage(message!);
    expect(bed.engine.counts("ttl")).toMatchObject({ active: 0, locked: 0 });
  });

  test("duplicate: a message comes twice, past duplicate detection", async () => {
    fault({ match: { method: "send" }, kind: "duplicate", count: 1 });
    bed.engine.send("events", jsonMessage("sent", { messageId: "id" }));
    fault({ match: { method: "receive" }, kind: "duplicate", skip: 2, count: 1 });
    send("received");
    expect(bodies(await receive(4))).toEqual(["sent", "sent", "received", "received"]);
  });

  test("delay: delivered when business time has passed", async () => {
    fault({ match: { method: "send" }, kind: "delay", retryAfter: 30, count: 1 });
    send("sent late");
    fault({ match: { method: "receive" }, kind: "delay", retryAfter: 60, count: 1 });
    send("received late");
    expect(await receive(1)).toEqual([]);
    expect(clock.items().map(({ kind, dueMs }) => [kind, dueMs - startMs])).toEqual([
      ["servicebus.scheduled", 30_000],
      ["servicebus.scheduled", 60_000],
    ]);
    while ((await clock.step(startMs + 60_000)) !== undefined);
    expect(bodies(await receive(2))).toEqual(["sent late", "received late"]);
  });

  test("delay of a settlement: the answer waits for the clock", async () => {
    send("x");
    const receiver = client.createReceiver("events", noRenewal);
    const [message] = await receiver.receiveMessages(1);
    fault({ match: { method: "complete" }, kind: "delay", phase: "afterEffect", retryAfter: 5, count: 1 });
    const completed = receiver.completeMessage(message!);
    while (clock.next() === undefined) await sleep(1);
    expect(clock.next()).toMatchObject({ kind: "fault.delay", dueMs: startMs + 5000 });
    expect(bed.engine.counts("events")).toMatchObject({ active: 0, locked: 0 });
    await clock.step(startMs + 5000);
    await completed;
  });

  test("reorder: the next message overtakes, at sending and at receiving", async () => {
    fault({ match: { method: "send" }, kind: "reorder", count: 1 });
    for (const body of [1, 2, 3]) send(body);
    expect(bodies(await receive(3))).toEqual([2, 1, 3]);
    bed.engine.reset();
    client = bed.client();
    fault({ match: { method: "receive" }, kind: "reorder", count: 1 });
    for (const body of [1, 2, 3]) send(body);
    expect(bodies(await receive(3))).toEqual([2, 1, 3]);
  });

  test("crash: the host is killed, before the effect nothing has happened", () => {
    fault({ match: { method: "send" }, kind: "crash", process: "edge", count: 1 });
    expect(() => send(1)).toThrow(/cut on purpose/);
    fault({ match: { method: "send" }, kind: "crash", phase: "afterEffect", count: 1 });
    expect(() => send(2)).toThrow(/cut on purpose/);
    expect(bed.crashed).toEqual(["edge", "core"]);
    expect(bed.engine.counts("events")).toMatchObject({ active: 1 });
  });
});

describe("refused by name", () => {
  const refusal = /served/;

  test("deferral, topics and other bodies", async () => {
    send("x");
    const receiver = client.createReceiver("events", noRenewal);
    const [message] = await receiver.receiveMessages(1);
    await expect(receiver.deferMessage(message!)).rejects.toThrow(refusal);
    await expect(client.createReceiver("topic", "subscription").receiveMessages(1)).rejects.toThrow(refusal);
    const sender = client.createSender("events");
    await expect(sender.sendMessages({ body: ["x"], bodyType: "value" })).rejects.toThrow(refusal);
    await expect(sender.sendMessages({ body: 1, messageId: 7 })).rejects.toThrow(/message_id: only strings/);
  });

  test("queue options out of range, and sessions", () => {
    const make = (queue: Partial<QueueOptions>): (() => unknown) => {
      const options = { name: "q", lockDurationS: 30, maxDeliveryCount: 3, ...queue };
      return () =>
        new ServiceBusEngine({ ...contextOf(bed) }, { port: 0, tls: bed.tls, verify: never, queues: [options] });
    };
    expect(make({ requiresSession: true })).toThrow(/queue q: requiresSession: expected false/);
    expect(make({ lockDurationS: 301 })).toThrow(/queue q: lockDurationS: expected .* to 300, found 301/);
    expect(make({ duplicateDetectionWindowS: 10 })).toThrow(/duplicateDetectionWindowS: expected 20 to 604800/);
  });
});

const never = (): Promise<undefined> => Promise.resolve(undefined);

function contextOf({ faults, effects }: Bed): ConstructorParameters<typeof ServiceBusEngine>[0] {
  return { clock, faults, effects, random: () => 0, dataDir: ":memory:", crash: () => {}, log: () => {} };
}
