/** The queue listener on a client that is played: what it receives, runs and settles, and how it goes on after errors. */
import type { ServiceBusClient, ServiceBusReceivedMessage } from "@azure/service-bus";
import { describe, expect, it } from "vitest";
import type { QueueFunction } from "../../infra/local/host/appFunctions.ts";
import type { Trigger } from "../../infra/local/host/invoke.ts";
import { HostLog } from "../../infra/local/host/logs.ts";
import { startListener, type Listener } from "../../infra/local/host/serviceBusListener.ts";
import { toBatchTrigger, toTrigger } from "../../infra/local/host/serviceBusMessage.ts";

function message(id: string, more: Partial<ServiceBusReceivedMessage> = {}): ServiceBusReceivedMessage {
  return {
    messageId: id,
    body: Buffer.from(`{"id":"${id}"}`),
    deliveryCount: 0,
    lockToken: `lock-${id}`,
    enqueuedTimeUtc: new Date("2026-11-21T09:00:00Z"),
    state: "active",
    _rawAmqpMessage: { body: undefined },
    ...more,
  };
}

/** One receive call: what it gives, or the error that it throws. Without a further step, it waits until aborted. */
type Step = ServiceBusReceivedMessage[] | Error;

function play(steps: Step[]): { client: ServiceBusClient; calls: string[] } {
  const calls: string[] = [];
  const receiver = {
    receiveMessages: async (max: number, options: { abortSignal?: AbortSignal }) => {
      const step = steps.shift();
      if (step instanceof Error) throw step;
      if (step !== undefined) {
        calls.push(`receive ${max}`);
        return step;
      }
      await new Promise((_, reject) =>
        options.abortSignal?.addEventListener("abort", () => reject(new Error("aborted"))),
      );
    },
    completeMessage: async ({ messageId }: ServiceBusReceivedMessage) => {
      calls.push(`complete ${String(messageId)}`);
      if (messageId === "lost") throw new Error("the lock is lost");
    },
    abandonMessage: async ({ messageId }: ServiceBusReceivedMessage) => void calls.push(`abandon ${String(messageId)}`),
    close: async () => void calls.push("close"),
  };
  const client = {
    createReceiver: (queue: string, options: object) => {
      calls.push(`open ${queue} ${JSON.stringify(options)}`);
      return receiver;
    },
  };
  return { client: client as unknown as ServiceBusClient, calls };
}

function listen(
  client: ServiceBusClient,
  invoke: (trigger: Trigger) => Promise<unknown>,
): { listener: Listener; lines: string[] } {
  const lines: string[] = [];
  const queue = { name: "intake", queueName: "events", cardinality: "many" } as QueueFunction;
  const listener = startListener({
    client,
    queue,
    settings: { maxConcurrentCalls: 16, maxMessageBatchSize: 10, maxAutoLockRenewalMs: 300_000 },
    invoke,
    log: new HostLog(Date.now, (line) => lines.push((JSON.parse(line) as { message: string }).message)),
  });
  return { listener, lines };
}

const opened =
  'open events {"receiveMode":"peekLock","maxAutoLockRenewalDurationInMs":300000,"skipParsingBodyAsJson":true}';

describe("a batch function", () => {
  it("gets the first message and what follows at once as one batch; success completes it", async () => {
    const { client, calls } = play([[message("a")], [message("b"), message("c")]]);
    const batches: unknown[] = [];
    const { listener } = listen(client, async (trigger) => batches.push(trigger.data?.collectionString?.string));
    await expect.poll(() => calls.length).toBe(6);
    await listener.stop();
    expect(batches).toEqual([['{"id":"a"}', '{"id":"b"}', '{"id":"c"}']]);
    expect(calls).toEqual([opened, "receive 1", "receive 9", "complete a", "complete b", "complete c", "close"]);
  });

  it("abandons every message of a batch that fails", async () => {
    const { client, calls } = play([[message("a")], [message("b")]]);
    const { listener, lines } = listen(client, () => Promise.reject(new Error("no")));
    await expect.poll(() => calls.length).toBe(5);
    await listener.stop();
    expect(calls.slice(3, 5)).toEqual(["abandon a", "abandon b"]);
    expect(lines).toEqual(["2 messages are abandoned: no"]);
  });

  it("goes on when a lock is lost, and processes the first message when the rest cannot be had", async () => {
    const { client, calls } = play([[message("lost")], new Error("link detached"), [message("b")], []]);
    const { listener, lines } = listen(client, async () => undefined);
    await expect.poll(() => calls.includes("complete b")).toBe(true);
    await listener.stop();
    expect(lines).toEqual(["receive: link detached", "settle: the lock is lost"]);
  });

  it("opens a new receiver after an error, later each time, and is back at once after a success", async () => {
    const away = new Error("connect ECONNREFUSED");
    const { client, calls } = play([away, away, [message("a")], [], away, [message("b")], []]);
    const { listener, lines } = listen(client, async () => undefined);
    await expect.poll(() => calls.includes("complete b"), { timeout: 5000 }).toBe(true);
    await listener.stop();
    expect(lines.map((line) => /trying again in (\d+) ms/.exec(line)?.[1])).toEqual(["200", "400", "200"]);
    expect(calls.filter((call) => call === opened)).toHaveLength(4);
  });

  it("stops without waiting for a message, but for the batch that is under way", async () => {
    const { client, calls } = play([[message("a")], []]);
    const run = Promise.withResolvers<void>();
    const { listener } = listen(client, () => run.promise);
    await expect.poll(() => calls.length).toBe(3);
    const stopped = listener.stop();
    run.resolve();
    await stopped;
    expect(calls.slice(3)).toEqual(["complete a", "close"]);
  });
});

const text = (body: unknown): string | undefined => toTrigger(message("a", { body })).data?.string;

describe("messages as triggers", () => {
  const full = message("7", {
    deliveryCount: 2,
    sequenceNumber: 12 as never,
    correlationId: "c",
    applicationProperties: { Kind: "x", "Diagnostic-Id": `00-${"a".repeat(32)}-${"b".repeat(16)}-01` },
  });

  it("carry body, properties and trace", () => {
    const { data, metadata = {}, traceParent } = toTrigger(full);
    expect(data).toEqual({ string: '{"id":"7"}' });
    expect(traceParent).toMatch(/^00-a{32}-b{16}-01$/);
    expect(metadata).toMatchObject({
      MessageId: { string: "7" },
      DeliveryCount: { int: 3 },
      SequenceNumber: { int: 12 },
      LockToken: { string: "lock-7" },
      EnqueuedTimeUtc: { json: '"2026-11-21T09:00:00.000Z"' },
      CorrelationId: { string: "c" },
    });
    expect(metadata).not.toHaveProperty("ReplyTo");
    expect(JSON.parse(metadata["ApplicationProperties"]?.json ?? "")).toMatchObject({ Kind: "x" });
  });

  it("of a batch keep the order, with null where a message has nothing", () => {
    const { data, metadata = {} } = toBatchTrigger([message("a"), full]);
    expect(data).toEqual({ collectionString: { string: ['{"id":"a"}', '{"id":"7"}'] } });
    expect(metadata["MessageIdArray"]).toEqual({ collectionString: { string: ["a", "7"] } });
    expect(metadata["DeliveryCountArray"]).toEqual({ json: "[1,3]" });
    expect(metadata["CorrelationIdArray"]).toEqual({ json: '[null,"c"]' });
  });

  it("take text, bytes and nothing as a body, and refuse the rest by name", () => {
    expect(text("plain")).toBe("plain");
    expect(text(new TextEncoder().encode("grüße"))).toBe("grüße");
    expect(text(undefined)).toBe("");
    expect(() => text({ map: 1 })).toThrow("message a: body is neither bytes nor text but an AMQP object");
  });
});
