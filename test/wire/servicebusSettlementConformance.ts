/** Conformance of settlement: complete, abandon, dead-letter, and locks that end. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { bodies, codeOf, noRenewal, type Suite } from "./servicebusSuite.ts";

export function settlementConformance({ target, client, queue }: Suite): void {
  describe("settlement", () => {
    test("an abandoned message comes again, before later ones, counted and with changed properties", async () => {
      await client()
        .createSender(queue())
        .sendMessages([{ body: 1, applicationProperties: { kept: 1, changed: 1 } }, { body: 2 }]);
      const receiver = client().createReceiver(queue(), noRenewal);
      const [first] = await receiver.receiveMessages(1);
      await receiver.abandonMessage(first!, { changed: 2 });
      const [again] = await receiver.receiveMessages(1);
      expect(again).toMatchObject({ body: 1, deliveryCount: 1, applicationProperties: { kept: 1, changed: 2 } });
      await receiver.close();
    });

    test("after the last delivery a message is a dead letter", async () => {
      await client().createSender(queue()).sendMessages({ body: "poison", messageId: "poison" });
      const receiver = client().createReceiver(queue(), noRenewal);
      for (let delivery = 0; delivery < 3; delivery += 1) {
        const [message] = await receiver.receiveMessages(1);
        expect(message!.deliveryCount).toBe(delivery);
        await receiver.abandonMessage(message!);
      }
      const deadLetters = client().createReceiver(queue(), { subQueueType: "deadLetter", ...noRenewal });
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
      await client().createSender(queue()).sendMessages({ body: "bad", timeToLive: 3_600_000 });
      const receiver = client().createReceiver(queue(), noRenewal);
      const [message] = await receiver.receiveMessages(1);
      const told = { deadLetterReason: "Unreadable", deadLetterErrorDescription: "no schema", by: "intake" };
      await receiver.deadLetterMessage(message!, told);
      const deadLetters = client().createReceiver(queue(), { subQueueType: "deadLetter", ...noRenewal });
      expect(bodies(await deadLetters.peekMessages(1))).toEqual(["bad"]);
      const [dead] = await deadLetters.receiveMessages(1);
      expect(dead).toMatchObject({
        body: "bad",
        deadLetterReason: "Unreadable",
        deadLetterErrorDescription: "no schema",
        applicationProperties: { by: "intake" },
        deadLetterSource: queue(),
      });
      expect(dead!.timeToLive).toBeUndefined();
      await deadLetters.completeMessage(dead!);
      await Promise.all([deadLetters.close(), receiver.close()]);
    });

    test("a message whose lock ends comes again, and settling it late is refused", async () => {
      await client().createSender(queue()).sendMessages({ body: "slow" });
      const receiver = client().createReceiver(queue(), noRenewal);
      const [first] = await receiver.receiveMessages(1);
      const [again] = await receiver.receiveMessages(1, { maxWaitTimeInMs: target().lockDurationS * 1000 + 3000 });
      expect(again).toMatchObject({ body: "slow", deliveryCount: 1 });
      expect(await codeOf(receiver.completeMessage(first!))).toBe("MessageLockLost");
      await receiver.completeMessage(again!);
      await receiver.close();
    });

    test("a renewed lock outlives its first end", async () => {
      await client().createSender(queue()).sendMessages({ body: "long" });
      const receiver = client().createReceiver(queue(), noRenewal);
      const [message] = await receiver.receiveMessages(1);
      const firstEnd = message!.lockedUntilUtc!;
      for (let half = 0; half < 3; half += 1) {
        await sleep((target().lockDurationS * 1000) / 2);
        expect((await receiver.renewMessageLock(message!)).getTime()).toBeGreaterThan(firstEnd.getTime());
      }
      expect(Date.now()).toBeGreaterThan(firstEnd.getTime());
      await receiver.completeMessage(message!);
      await receiver.close();
    });

    test("a handler that throws abandons the message, one that returns completes it", async () => {
      await client().createSender(queue()).sendMessages({ body: "twice" });
      const receiver = client().createReceiver(queue());
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
      expect(await client().createReceiver(queue()).peekMessages(1)).toEqual([]);
    });
  });
}
