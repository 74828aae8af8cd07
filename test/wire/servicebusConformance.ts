/**
 * What Service Bus queues do that the product relies on, asked with the unmodified client: of the local engine, the
 * emulator or a namespace in Azure. Uses two queues, which are empty at the end.
 */
import type { ServiceBusClient, ServiceBusReceivedMessage } from "@azure/service-bus";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { settlementConformance } from "./servicebusSettlementConformance.ts";
import { bodies, codeOf, noRenewal, type ServiceBusUnderTest } from "./servicebusSuite.ts";

/** Registers the suite. */
export function serviceBusConformance(target: () => ServiceBusUnderTest): void {
  let opened: ServiceBusClient | undefined;
  const client = (): ServiceBusClient => opened!;
  const queue = (): string => target().queue;
  beforeEach(async () => {
    await target().empty();
    opened = target().connect();
  });
  afterEach(() => opened?.close());

  /** Takes what comes for good. */
  async function receive(count: number, maxWaitTimeInMs = 4000): Promise<ServiceBusReceivedMessage[]> {
    const receiver = client().createReceiver(queue(), { receiveMode: "receiveAndDelete" });
    return receiver.receiveMessages(count, { maxWaitTimeInMs });
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
        applicationProperties: {
          text: "ü",
          whole: 7,
          negative: -70_000,
          real: 1.5,
          yes: true,
          none: null,
          big: 2 ** 40,
        },
      };
      await client().createSender(queue()).sendMessages(sent);
      const receiver = client().createReceiver(queue(), noRenewal);
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
      await client()
        .createSender(queue())
        .sendMessages([{ body: "text" }, { body: Buffer.from([0, 255]) }, { body: null }]);
      expect(bodies(await receive(3))).toEqual(["text", Buffer.from([0, 255]), null]);
    });

    test("messages come in the order in which they were sent, singly, as an array and as a batch", async () => {
      const sender = client().createSender(queue());
      await sender.sendMessages({ body: 0 });
      await sender.sendMessages([{ body: 1 }, { body: 2 }]);
      const batch = await sender.createMessageBatch();
      expect(batch.maxSizeInBytes).toBe(262_144);
      for (const body of [3, 4, 5]) batch.tryAddMessage({ body });
      await sender.sendMessages(batch);
      expect(bodies(await receive(6))).toEqual([0, 1, 2, 3, 4, 5]);
    });

    test("a batch of 250 arrives in one call and is completed concurrently", async () => {
      await client()
        .createSender(queue())
        .sendMessages(Array.from({ length: 250 }, (_, body) => ({ body })));
      const receiver = client().createReceiver(queue(), noRenewal);
      const messages = await receiver.receiveMessages(250);
      expect(bodies(messages)).toEqual(Array.from({ length: 250 }, (_, body) => body));
      await Promise.all(messages.map((message) => receiver.completeMessage(message)));
      expect(await receiver.peekMessages(1)).toEqual([]);
      await receiver.close();
    });

    test("more than a session's 2,048 deliveries pass through one receiver", async () => {
      const sender = client().createSender(queue());
      const receiver = client().createReceiver(queue(), { receiveMode: "peekLock", ...noRenewal });
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
      const sender = client().createSender(queue());
      const receiver = client().createReceiver(queue(), noRenewal);
      expect(await receiver.receiveMessages(5, { maxWaitTimeInMs: 50 })).toEqual([]);
      await sender.sendMessages([{ body: 1 }, { body: 2 }]);
      expect(bodies(await receiver.receiveMessages(5, { maxWaitTimeInMs: 100 }))).toEqual([1, 2]);
      await sender.sendMessages({ body: 3 });
      expect(bodies(await receiver.receiveMessages(5, { maxWaitTimeInMs: 100 }))).toEqual([3]);
      await receiver.close();
    });

    test("what is left of the credit is given back at once", async () => {
      const receiver = client().createReceiver(queue(), noRenewal);
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
      await client().createSender(queue()).sendMessages({ body: "once" });
      const receiver = client().createReceiver(queue(), { receiveMode: "receiveAndDelete" });
      expect(bodies(await receiver.receiveMessages(1))).toEqual(["once"]);
      expect(await receiver.peekMessages(1)).toEqual([]);
      await receiver.close();
    });

    test("competing receivers get each message once between them", async () => {
      await client()
        .createSender(queue())
        .sendMessages(Array.from({ length: 40 }, (_, body) => ({ body })));
      const got: unknown[] = [];
      const receivers = [0, 1].map(() => client().createReceiver(queue(), noRenewal));
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
      await client()
        .createSender(queue())
        .sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
      const receiver = client().createReceiver(queue(), noRenewal);
      expect(bodies(await receiver.peekMessages(2))).toEqual([1, 2]);
      expect(bodies(await receiver.peekMessages(2))).toEqual([3]);
      expect(bodies(await receive(3))).toEqual([1, 2, 3]);
      await receiver.close();
    });
  });

  settlementConformance({ target, client, queue });

  describe("time", () => {
    test("a message that expires becomes a dead letter", async () => {
      await client().createSender(queue()).sendMessages({ body: "stale", timeToLive: 300 });
      await target().pass(2000);
      // The service may leave an expired message where it is until somebody looks.
      expect(await receive(1, 50)).toEqual([]);
      const deadLetters = client().createReceiver(queue(), { subQueueType: "deadLetter", ...noRenewal });
      const [dead] = await deadLetters.receiveMessages(1, { maxWaitTimeInMs: 5000 });
      expect(dead).toMatchObject({ body: "stale", deadLetterReason: "TTLExpiredException" });
      await deadLetters.completeMessage(dead!);
      await deadLetters.close();
    });

    test("a scheduled message comes at its time and not before", async () => {
      const at = new Date(target().now() + 5000);
      const sender = client().createSender(queue());
      await sender.sendMessages({ body: "annotated", scheduledEnqueueTimeUtc: at });
      await sender.scheduleMessages([{ body: "scheduled" }], at);
      const peeked = await client().createReceiver(queue()).peekMessages(5);
      expect(peeked.map(({ body, state }) => [body, state])).toEqual([
        ["annotated", "scheduled"],
        ["scheduled", "scheduled"],
      ]);
      expect(await receive(1, 50)).toEqual([]);
      await target().pass(5000);
      const messages = await receive(2, 8000);
      expect(bodies(messages)).toEqual(["annotated", "scheduled"]);
      expect(messages[0]!.scheduledEnqueueTimeUtc).toEqual(at);
      expect(messages[0]!.enqueuedTimeUtc!.getTime()).toBeGreaterThanOrEqual(at.getTime());
    });

    test("a scheduled message can be cancelled, once", async () => {
      const sender = client().createSender(queue());
      const at = new Date(target().now() + 3_600_000);
      const seqs = await sender.scheduleMessages([{ body: 1 }, { body: 2 }], at);
      await sender.cancelScheduledMessages(seqs[0]!);
      expect(bodies(await client().createReceiver(queue()).peekMessages(5))).toEqual([2]);
      expect(await codeOf(sender.cancelScheduledMessages(seqs[0]!))).toBe("MessageNotFound");
      await sender.cancelScheduledMessages(seqs[1]!);
    });

    test("a message ID counts once within the window, also of a message that has left", async () => {
      const { deduplicated, pass } = target();
      const sender = client().createSender(deduplicated);
      const messageId = `id-${randomUUID()}`;
      const receiver = client().createReceiver(deduplicated, { receiveMode: "receiveAndDelete" });
      await sender.sendMessages({ body: "first", messageId });
      expect(bodies(await receiver.receiveMessages(1))).toEqual(["first"]);
      await sender.sendMessages([
        { body: "second", messageId },
        { body: "other", messageId: `${messageId}-other` },
      ]);
      expect(bodies(await receiver.receiveMessages(3, { maxWaitTimeInMs: 200 }))).toEqual(["other"]);
      // 20 s is the shortest window that the service takes, and it keeps IDs a little longer.
      await pass(45_000);
      await sender.sendMessages({ body: "late", messageId });
      expect(bodies(await receiver.receiveMessages(2, { maxWaitTimeInMs: 200 }))).toEqual(["late"]);
      await receiver.close();
    }, 120_000);
  });

  describe("refusals", () => {
    test("a queue that does not exist", async () => {
      expect(await codeOf(client().createSender("no-such-queue").sendMessages({ body: 1 }))).toBe(
        "MessagingEntityNotFound",
      );
      expect(await codeOf(client().createReceiver("no-such-queue").receiveMessages(1))).toBe("MessagingEntityNotFound");
      expect(await codeOf(client().createReceiver("no-such-queue").peekMessages(1))).toBe("MessagingEntityNotFound");
    });

    test("a message above 256 KB", async () => {
      const sender = client().createSender(queue());
      expect(await codeOf(sender.sendMessages({ body: "x".repeat(262_144) }))).toBe("MessageSizeExceeded");
      await sender.sendMessages({ body: "x".repeat(200_000) });
      expect(bodies(await receive(1))).toEqual(["x".repeat(200_000)]);
    });

    test("a queue without sessions gives no session away", async () => {
      await expect(client().acceptNextSession(queue())).rejects.toThrow(/does not require sessions/);
      // Of a session by name the client 7.9.5 says that somebody else may have it, whatever the service said.
      await expect(client().acceptSession(queue(), "s")).rejects.toThrow(/session/i);
    });

    test("what the limits exclude: a message ID above 128 characters, a dead letter sent", async () => {
      const sender = client().createSender(queue());
      await expect(sender.sendMessages({ body: 1, messageId: "x".repeat(129) })).rejects.toThrow(/128/);
      await sender.sendMessages({ body: "longest", messageId: "x".repeat(128) });
      expect(bodies(await receive(1))).toEqual(["longest"]);
      const burying = client().createSender(`${queue()}/$DeadLetterQueue`);
      await expect(burying.sendMessages({ body: 1 })).rejects.toThrow(/dead-?letter/i);
    });

    test("a token that is not good", async ({ skip }) => {
      const { stranger } = target();
      if (stranger === undefined) return skip("the emulator takes any token");
      const unauthorized = stranger();
      expect(await codeOf(unauthorized.createSender(queue()).sendMessages({ body: 1 }))).toBe("UnauthorizedAccess");
      expect(await codeOf(unauthorized.createReceiver(queue()).receiveMessages(1))).toBe("UnauthorizedAccess");
      await unauthorized.close();
    });
  });

  test("what was made is taken away", async () => {
    await target().empty();
    for (const name of [queue(), target().deduplicated])
      for (const options of [{}, { subQueueType: "deadLetter" as const }])
        expect(await client().createReceiver(name, options).peekMessages(1)).toEqual([]);
  });
}
