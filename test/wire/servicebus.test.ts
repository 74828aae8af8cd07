/**
 * What queues do, asked with the unmodified client: of the local engine, or of a namespace in Azure when
 * STEELYARD_SERVICEBUS_NAMESPACE names one (as `name.servicebus.windows.net`; signed in as DefaultAzureCredential finds).
 * It must then hold the queues below, with a lock duration of 5 s, and lose what is in them.
 */
import { ServiceBusError, type ServiceBusClient, type ServiceBusReceivedMessage } from "@azure/service-bus";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Bed, connect, serviceBusBed } from "../support/serviceBusBed.ts";

const namespace = process.env["STEELYARD_SERVICEBUS_NAMESPACE"];
const lockDurationS = namespace === undefined ? 0.8 : 5;
const queues = [
  { name: "conformance", lockDurationS, maxDeliveryCount: 3, deadLetterOnExpiration: true },
  { name: "conformance-dedup", lockDurationS, maxDeliveryCount: 3, duplicateDetectionWindowS: 20 },
];
const queue = "conformance";
const dedup = "conformance-dedup";
const noRenewal = { maxAutoLockRenewalDurationInMs: 0 };

let bed: Bed | undefined;
let client: ServiceBusClient;

beforeAll(async () => {
  if (namespace === undefined) bed = await serviceBusBed(queues);
});

afterAll(() => bed?.[Symbol.asyncDispose]());

beforeEach(async () => {
  if (bed !== undefined) {
    bed.engine.reset();
    client = bed.client();
    return;
  }
  const [{ DefaultAzureCredential }, { ServiceBusClient }] = await Promise.all([
    import("@azure/identity"),
    import("@azure/service-bus"),
  ]);
  client = new ServiceBusClient(namespace ?? "", new DefaultAzureCredential());
  await purge();
});

afterEach(() => client.close());

async function purge(): Promise<void> {
  for (const { name } of queues) {
    for (const options of [{}, { subQueueType: "deadLetter" as const }]) {
      const receiver = client.createReceiver(name, { receiveMode: "receiveAndDelete", ...options });
      while ((await receiver.receiveMessages(100, { maxWaitTimeInMs: 500 })).length > 0);
      await receiver.close();
    }
  }
}

async function receive(count: number, maxWaitTimeInMs = 4000): Promise<ServiceBusReceivedMessage[]> {
  return client.createReceiver(queue, noRenewal).receiveMessages(count, { maxWaitTimeInMs });
}

const bodies = (messages: readonly ServiceBusReceivedMessage[]): unknown[] => messages.map(({ body }) => body);

/** The client's error code of what fails; what it tried several times is an AggregateError. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    const last: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
    return last instanceof ServiceBusError ? last.code : String(last);
  }
}

describe("sending and receiving", () => {
  test("a message arrives with all that it was sent with", async () => {
    const sent = {
      body: { account: "a", list: [1, "zwei", null] },
      messageId: "message-1",
      correlationId: "correlation",
      contentType: "application/json",
      subject: "subject",
      to: "to",
      replyTo: "reply",
      replyToSessionId: "reply-session",
      partitionKey: "partition",
      sessionId: "partition",
      timeToLive: 3_600_000,
      applicationProperties: { text: "ü", whole: 7, negative: -70_000, real: 1.5, yes: true, none: null, big: 2 ** 40 },
    };
    await client.createSender(queue).sendMessages(sent);
    const receiver = client.createReceiver(queue, noRenewal);
    const [message] = await receiver.receiveMessages(1);
    expect(message).toMatchObject({ ...sent, deliveryCount: 0, state: "active" });
    expect(message!.sequenceNumber!.toNumber()).toBeGreaterThan(0);
    expect(message!.expiresAtUtc!.getTime() - message!.enqueuedTimeUtc!.getTime()).toBe(3_600_000);
    expect(message!.lockedUntilUtc!.getTime()).toBeGreaterThan(Date.now());
    await receiver.completeMessage(message!);
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 100 })).toEqual([]);
    await receiver.close();
  });

  test("text, bytes and null are bodies as well", async () => {
    await client.createSender(queue).sendMessages([{ body: "text" }, { body: Buffer.from([0, 255]) }, { body: null }]);
    expect(bodies(await receive(3))).toEqual(["text", Buffer.from([0, 255]), null]);
  });

  test("messages come in the order in which they were sent, singly, as an array and as a batch", async () => {
    const sender = client.createSender(queue);
    await sender.sendMessages({ body: 0 });
    await sender.sendMessages([{ body: 1 }, { body: 2 }]);
    const batch = await sender.createMessageBatch();
    expect(batch.maxSizeInBytes).toBe(262_144);
    for (const body of [3, 4, 5]) batch.tryAddMessage({ body });
    await sender.sendMessages(batch);
    expect(bodies(await receive(6))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("a batch of 250 arrives in one call and is completed concurrently", async () => {
    await client.createSender(queue).sendMessages(Array.from({ length: 250 }, (_, body) => ({ body })));
    const receiver = client.createReceiver(queue, noRenewal);
    const messages = await receiver.receiveMessages(250);
    expect(bodies(messages)).toEqual(Array.from({ length: 250 }, (_, body) => body));
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
    expect(await receiver.peekMessages(1)).toEqual([]);
    await receiver.close();
  });

  test("more than a session's 2,048 deliveries pass through one receiver", async () => {
    const sender = client.createSender(queue);
    const receiver = client.createReceiver(queue, { receiveMode: "peekLock", ...noRenewal });
    let received = 0;
    for (let round = 0; round < 6; round += 1) {
      await sender.sendMessages(Array.from({ length: 500 }, (_, body) => ({ body })));
      const messages = await receiver.receiveMessages(500);
      await Promise.all(messages.map((message) => receiver.completeMessage(message)));
      received += messages.length;
    }
    expect(received).toBe(3000);
    await receiver.close();
  });

  test("a call returns what is there when its time is over, and the receiver goes on", async () => {
    const sender = client.createSender(queue);
    const receiver = client.createReceiver(queue, noRenewal);
    expect(await receiver.receiveMessages(5, { maxWaitTimeInMs: 50 })).toEqual([]);
    await sender.sendMessages([{ body: 1 }, { body: 2 }]);
    expect(bodies(await receiver.receiveMessages(5, { maxWaitTimeInMs: 100 }))).toEqual([1, 2]);
    await sender.sendMessages({ body: 3 });
    expect(bodies(await receiver.receiveMessages(5, { maxWaitTimeInMs: 100 }))).toEqual([3]);
    await receiver.close();
  });

  test("what is left of the credit is given back at once", async () => {
    const receiver = client.createReceiver(queue, noRenewal);
    await receiver.receiveMessages(1, { maxWaitTimeInMs: 20 });
    const tookMs: number[] = [];
    for (let call = 0; call < 5; call += 1) {
      const startedMs = performance.now();
      await receiver.receiveMessages(5, { maxWaitTimeInMs: 20 });
      tookMs.push(performance.now() - startedMs);
    }
    // Without an answer to its drain the client waits 200 ms more and closes the link.
    expect(Math.min(...tookMs)).toBeLessThan(180);
    await receiver.close();
  });

  test("receiveAndDelete takes a message for good", async () => {
    await client.createSender(queue).sendMessages({ body: "once" });
    const receiver = client.createReceiver(queue, { receiveMode: "receiveAndDelete" });
    expect(bodies(await receiver.receiveMessages(1))).toEqual(["once"]);
    expect(await receiver.peekMessages(1)).toEqual([]);
    await receiver.close();
  });

  test("competing receivers get each message once between them", async () => {
    await client.createSender(queue).sendMessages(Array.from({ length: 40 }, (_, body) => ({ body })));
    const got: unknown[] = [];
    const receivers = [0, 1].map(() => client.createReceiver(queue, noRenewal));
    await new Promise<void>((resolve, reject) => {
      for (const receiver of receivers)
        receiver.subscribe(
          {
            processMessage: async ({ body }) => {
              got.push(body);
              if (got.length === 40) resolve();
            },
            processError: async ({ error }) => reject(error),
          },
          { maxConcurrentCalls: 4 },
        );
    });
    expect(got.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 40 }, (_, body) => body));
    await Promise.all(receivers.map((receiver) => receiver.close()));
  });

  test("peek shows messages and changes nothing", async () => {
    await client.createSender(queue).sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
    const receiver = client.createReceiver(queue, noRenewal);
    expect(bodies(await receiver.peekMessages(2))).toEqual([1, 2]);
    expect(bodies(await receiver.peekMessages(2))).toEqual([3]);
    expect(bodies(await receive(3))).toEqual([1, 2, 3]);
    await receiver.close();
  });
});

describe("settlement", () => {
  test("an abandoned message comes again, before later ones, counted and with changed properties", async () => {
    await client
      .createSender(queue)
      .sendMessages([{ body: 1, applicationProperties: { kept: 1, changed: 1 } }, { body: 2 }]);
    const receiver = client.createReceiver(queue, noRenewal);
    const [first] = await receiver.receiveMessages(1);
    await receiver.abandonMessage(first!, { changed: 2 });
    const [again] = await receiver.receiveMessages(1);
    expect(again).toMatchObject({ body: 1, deliveryCount: 1, applicationProperties: { kept: 1, changed: 2 } });
    await receiver.close();
  });

  test("after the last delivery a message is a dead letter", async () => {
    await client.createSender(queue).sendMessages({ body: "poison", messageId: "poison" });
    const receiver = client.createReceiver(queue, noRenewal);
    for (let delivery = 0; delivery < 3; delivery += 1) {
      const [message] = await receiver.receiveMessages(1);
      expect(message!.deliveryCount).toBe(delivery);
      await receiver.abandonMessage(message!);
    }
    const deadLetters = client.createReceiver(queue, { subQueueType: "deadLetter", ...noRenewal });
    const [dead] = await deadLetters.receiveMessages(1);
    expect(dead).toMatchObject({
      messageId: "poison",
      deliveryCount: 3,
      deadLetterReason: "MaxDeliveryCountExceeded",
      deadLetterErrorDescription: "Message could not be consumed after 3 delivery attempts.",
    });
    await deadLetters.completeMessage(dead!);
    await Promise.all([deadLetters.close(), receiver.close()]);
  });

  test("dead-lettering keeps reason, description and properties", async () => {
    await client.createSender(queue).sendMessages({ body: "bad", timeToLive: 3_600_000 });
    const receiver = client.createReceiver(queue, noRenewal);
    const [message] = await receiver.receiveMessages(1);
    const told = { deadLetterReason: "Unreadable", deadLetterErrorDescription: "no schema", by: "intake" };
    await receiver.deadLetterMessage(message!, told);
    const deadLetters = client.createReceiver(queue, { subQueueType: "deadLetter", ...noRenewal });
    expect(bodies(await deadLetters.peekMessages(1))).toEqual(["bad"]);
    const [dead] = await deadLetters.receiveMessages(1);
    expect(dead).toMatchObject({
      body: "bad",
      deadLetterReason: "Unreadable",
      deadLetterErrorDescription: "no schema",
      applicationProperties: { by: "intake" },
      deadLetterSource: queue,
    });
    expect(dead!.timeToLive).toBeUndefined();
    await deadLetters.completeMessage(dead!);
    await Promise.all([deadLetters.close(), receiver.close()]);
  });

  test("a message whose lock ends comes again, and settling it late is refused", async () => {
    await client.createSender(queue).sendMessages({ body: "slow" });
    const receiver = client.createReceiver(queue, noRenewal);
    const [first] = await receiver.receiveMessages(1);
    const [again] = await receiver.receiveMessages(1, { maxWaitTimeInMs: lockDurationS * 1000 + 3000 });
    expect(again).toMatchObject({ body: "slow", deliveryCount: 1 });
    expect(await codeOf(receiver.completeMessage(first!))).toBe("MessageLockLost");
    await receiver.completeMessage(again!);
    await receiver.close();
  });

  test("a renewed lock outlives its first end", async () => {
    await client.createSender(queue).sendMessages({ body: "long" });
    const receiver = client.createReceiver(queue, noRenewal);
    const [message] = await receiver.receiveMessages(1);
    const firstEnd = message!.lockedUntilUtc!;
    for (let half = 0; half < 3; half += 1) {
      await new Promise((resolve) => setTimeout(resolve, (lockDurationS * 1000) / 2));
      expect((await receiver.renewMessageLock(message!)).getTime()).toBeGreaterThan(firstEnd.getTime());
    }
    expect(Date.now()).toBeGreaterThan(firstEnd.getTime());
    await receiver.completeMessage(message!);
    await receiver.close();
  });

  test("a handler that throws abandons the message, one that returns completes it", async () => {
    await client.createSender(queue).sendMessages({ body: "twice" });
    const receiver = client.createReceiver(queue);
    const counts: unknown[] = [];
    await new Promise<void>((resolve) => {
      receiver.subscribe({
        processMessage: async ({ deliveryCount }) => {
          counts.push(deliveryCount);
          if (counts.length === 1) throw new Error("on purpose");
          resolve();
        },
        processError: async () => {},
      });
    });
    await receiver.close();
    expect(counts).toEqual([0, 1]);
    expect(await client.createReceiver(queue).peekMessages(1)).toEqual([]);
  });
});

describe("time", () => {
  test("a message that expires becomes a dead letter", async () => {
    await client.createSender(queue).sendMessages({ body: "stale", timeToLive: 300 });
    const deadLetters = client.createReceiver(queue, { subQueueType: "deadLetter", ...noRenewal });
    if (namespace !== undefined) await receive(1, 2000);
    const [dead] = await deadLetters.receiveMessages(1, { maxWaitTimeInMs: 5000 });
    expect(dead).toMatchObject({ body: "stale", deadLetterReason: "TTLExpiredException" });
    await deadLetters.completeMessage(dead!);
    await deadLetters.close();
  });

  test("a scheduled message comes at its time and not before", async () => {
    const at = new Date(Date.now() + (namespace === undefined ? 400 : 4000));
    const sender = client.createSender(queue);
    await sender.sendMessages({ body: "annotated", scheduledEnqueueTimeUtc: at });
    await sender.scheduleMessages([{ body: "scheduled" }], at);
    const peeked = await client.createReceiver(queue).peekMessages(5);
    expect(peeked.map(({ body, state }) => [body, state])).toEqual([
      ["annotated", "scheduled"],
      ["scheduled", "scheduled"],
    ]);
    const messages = await receive(2, 8000);
    expect(bodies(messages)).toEqual(["annotated", "scheduled"]);
    expect(messages[0]!.scheduledEnqueueTimeUtc).toEqual(at);
    expect(Date.now()).toBeGreaterThanOrEqual(at.getTime());
  });

  test("a scheduled message can be cancelled, once", async () => {
    const sender = client.createSender(queue);
    const at = new Date(Date.now() + 3_600_000);
    const seqs = await sender.scheduleMessages([{ body: 1 }, { body: 2 }], at);
    await sender.cancelScheduledMessages(seqs[0]!);
    expect(bodies(await client.createReceiver(queue).peekMessages(5))).toEqual([2]);
    expect(await codeOf(sender.cancelScheduledMessages(seqs[0]!))).toBe("MessageNotFound");
    await sender.cancelScheduledMessages(seqs[1]!);
  });

  test("a second message with the same ID is accepted and dropped", async () => {
    const sender = client.createSender(dedup);
    const messageId = `id-${Date.now()}`;
    await sender.sendMessages({ body: "first", messageId });
    await sender.sendMessages([
      { body: "second", messageId },
      { body: "other", messageId: `${messageId}-other` },
    ]);
    const receiver = client.createReceiver(dedup, { receiveMode: "receiveAndDelete" });
    const messages = await receiver.receiveMessages(3, { maxWaitTimeInMs: 1000 });
    expect(bodies(messages)).toEqual(["first", "other"]);
    await receiver.close();
  });
});

describe("refusals", () => {
  test("a queue that does not exist", async () => {
    expect(await codeOf(client.createSender("no-such-queue").sendMessages({ body: 1 }))).toBe(
      "MessagingEntityNotFound",
    );
    expect(await codeOf(client.createReceiver("no-such-queue").receiveMessages(1))).toBe("MessagingEntityNotFound");
    expect(await codeOf(client.createReceiver("no-such-queue").peekMessages(1))).toBe("MessagingEntityNotFound");
  });

  test("a message above 256 KB", async () => {
    const sender = client.createSender(queue);
    expect(await codeOf(sender.sendMessages({ body: "x".repeat(262_144) }))).toBe("MessageSizeExceeded");
    await sender.sendMessages({ body: "x".repeat(200_000) });
    expect(bodies(await receive(1))).toEqual(["x".repeat(200_000)]);
  });

  test("a token that is not good", async () => {
    const unauthorized = bed?.client({ token: "bad" }) ?? connect(namespace ?? "", "bad");
    expect(await codeOf(unauthorized.createSender(queue).sendMessages({ body: 1 }))).toBe("UnauthorizedAccess");
    expect(await codeOf(unauthorized.createReceiver(queue).receiveMessages(1))).toBe("UnauthorizedAccess");
    await unauthorized.close();
  });
});
