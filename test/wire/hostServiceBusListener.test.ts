/** The queue listener on a client that is played: what it runs and settles, and how it goes on after errors. */
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
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

type Handlers = Parameters<ServiceBusReceiver["subscribe"]>[0];

/** A client that delivers what the test gives to its handlers, and writes down what is asked of it. */
function play(): { client: ServiceBusClient; calls: string[]; handlers: () => Handlers } {
  const calls: string[] = [];
  let subscribed: Handlers | undefined;
  const receiver = {
    subscribe: (handlers: Handlers, options: object) => {
      subscribed = handlers;
      calls.push(`subscribe ${JSON.stringify(options)}`);
      return { close: async () => void calls.push("drain") };
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
  return { client: client as unknown as ServiceBusClient, calls, handlers: () => subscribed! };
}

function listen(
  cardinality: "one" | "many",
  invoke: (trigger: Trigger) => Promise<unknown>,
): ReturnType<typeof play> & {
  listener: Listener;
  lines: string[];
  deliver: (...ids: string[]) => Promise<void>;
} {
  const lines: string[] = [];
  const played = play();
  const queue = { name: "intake", queueName: "events", cardinality } as QueueFunction;
  const listener = startListener({
    client: played.client,
    queue,
    settings: { maxConcurrentCalls: 16, maxMessageBatchSize: 3, maxAutoLockRenewalMs: 300_000 },
    invoke,
    log: new HostLog(Date.now, (line) => lines.push((JSON.parse(line) as { message: string }).message)),
  });
  const deliver = async (...ids: string[]): Promise<void> => {
    await Promise.all(ids.map((id) => played.handlers().processMessage(message(id))));
  };
  return { ...played, listener, lines, deliver };
}

const opened =
  'open events {"receiveMode":"peekLock","maxAutoLockRenewalDurationInMs":300000,"skipParsingBodyAsJson":true}';
const idOf = (text: string): string => (JSON.parse(text) as { id: string }).id;

describe("a function of cardinality one", () => {
  it("gets message by message, many at once; success completes, an error abandons", async () => {
    const seen: string[] = [];
    const { calls, deliver, lines } = listen("one", async ({ data }) => {
      seen.push(idOf(data?.string ?? ""));
      if (data?.string?.includes("bad") === true) throw new Error("no");
    });
    await deliver("a", "bad", "c");
    expect(seen).toEqual(["a", "bad", "c"]);
    expect(calls.slice(0, 2)).toEqual([opened, 'subscribe {"autoCompleteMessages":false,"maxConcurrentCalls":16}']);
    expect(calls.slice(2).sort()).toEqual(["abandon bad", "complete a", "complete c"]);
    expect(lines).toEqual(["1 messages are abandoned: no"]);
  });

  it("says what goes wrong with the connection and with a settlement, and goes on", async () => {
    const { deliver, handlers, lines } = listen("one", async () => undefined);
    await handlers().processError({
      error: new Error("connect ECONNREFUSED"),
      errorSource: "receive",
      entityPath: "events",
      fullyQualifiedNamespace: "localhost",
      identifier: "i",
    });
    await deliver("lost", "next");
    expect(lines).toEqual(["receive: connect ECONNREFUSED", "settle: the lock is lost"]);
  });
});

describe("a function of cardinality many", () => {
  it("gets what comes together as one batch, in order, up to maxMessageBatchSize", async () => {
    const batches: string[][] = [];
    const { calls, deliver } = listen("many", async ({ data }) =>
      batches.push((data?.collectionString?.string ?? []).map(idOf)),
    );
    await deliver("a", "b", "c", "d", "e");
    await deliver("f");
    expect(batches).toEqual([["a", "b", "c"], ["d", "e"], ["f"]]);
    expect(calls[1]).toBe('subscribe {"autoCompleteMessages":false,"maxConcurrentCalls":3}');
    expect(calls.slice(2)).toEqual(["a", "b", "c", "d", "e", "f"].map((id) => `complete ${id}`));
  });

  it("runs one batch at a time", async () => {
    let running = 0;
    let most = 0;
    const { deliver } = listen("many", async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
    });
    await deliver(...Array.from({ length: 20 }, (_, n) => String(n)));
    expect(most).toBe(1);
  });

  it("abandons every message of a batch that fails", async () => {
    const { calls, deliver, lines } = listen("many", () => Promise.reject(new Error("no")));
    await deliver("a", "b");
    expect(calls.slice(2)).toEqual(["abandon a", "abandon b"]);
    expect(lines).toEqual(["2 messages are abandoned: no"]);
  });

  it("stops after the batch that is under way; what still comes goes back", async () => {
    const run = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const { calls, deliver, listener } = listen("many", () => {
      began.resolve();
      return run.promise;
    });
    const delivered = deliver("a");
    await began.promise;
    const stopped = listener.stop();
    await deliver("late");
    run.resolve();
    await Promise.all([delivered, stopped]);
    expect(calls.slice(2)).toEqual(["drain", "abandon late", "complete a", "close"]);
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
