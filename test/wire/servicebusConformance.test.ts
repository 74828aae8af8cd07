/**
 * The conformance suite on the local engine and, when STEELYARD_SERVICEBUS_NAMESPACE (`name.servicebus.windows.net`,
 * signed in as DefaultAzureCredential finds) or STEELYARD_SERVICEBUS_CONNECTION (a connection string, the emulator's for
 * example) is set, on that namespace too. It makes two queues there and removes them, unless STEELYARD_SERVICEBUS_QUEUES
 * names two that exist, as `queue,deduplicated`, with the properties below; those lose what is in them.
 */
import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import type { TokenCredential } from "@azure/identity";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe } from "vitest";
import { Agenda } from "../../infra/local/platform/agenda.ts";
import { type Bed, connect, serviceBusBed } from "../support/serviceBusBed.ts";
import { serviceBusConformance } from "./servicebusConformance.ts";

describe("the local engine", () => {
  const lockDurationS = 0.8;
  const clock = new Agenda({ mode: "manual", nowMs: Date.now() });
  let bed: Bed;
  beforeAll(async () => {
    const queues = [
      { name: "plain", lockDurationS, maxDeliveryCount: 3, deadLetterOnExpiration: true },
      { name: "deduplicated", lockDurationS, maxDeliveryCount: 3, duplicateDetectionWindowS: 20 },
    ];
    bed = await serviceBusBed(queues, { clock });
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  serviceBusConformance(() => ({
    queue: "plain",
    deduplicated: "deduplicated",
    lockDurationS,
    connect: () => bed.client(),
    stranger: () => bed.client({ token: "bad" }),
    empty: async () => bed.engine.reset(),
    now: () => clock.now(),
    pass: async (ms) => {
      const untilMs = clock.now() + ms;
      while ((await clock.step(untilMs)) !== undefined);
    },
  }));
});

const { env } = process;
const connection = env["STEELYARD_SERVICEBUS_CONNECTION"];
const namespace = env["STEELYARD_SERVICEBUS_NAMESPACE"] ?? connection?.match(/Endpoint=sb:\/\/([^/;]+)/i)?.[1];

describe.skipIf(namespace === undefined)("the namespace at STEELYARD_SERVICEBUS_NAMESPACE", () => {
  const host = namespace ?? "";
  const given = env["STEELYARD_SERVICEBUS_QUEUES"]?.split(",");
  const name = `steelyard-${randomBytes(4).toString("hex")}`;
  const [queue = "", deduplicated = ""] = given ?? [name, `${name}-deduplicated`];
  const isEmulator = /UseDevelopmentEmulator=true/i.test(connection ?? "");
  const common = { lockDuration: "PT5S", maxDeliveryCount: 3, deadLetteringOnMessageExpiration: true };
  const window = { requiresDuplicateDetection: true, duplicateDetectionHistoryTimeWindow: "PT20S" };
  let credential: TokenCredential;
  const open = (): ServiceBusClient =>
    connection === undefined ? new ServiceBusClient(host, credential) : new ServiceBusClient(connection);
  const administration = (): ServiceBusAdministrationClient =>
    connection === undefined
      ? new ServiceBusAdministrationClient(host, credential)
      : new ServiceBusAdministrationClient(connection);
  beforeAll(async () => {
    const { DefaultAzureCredential } = await import("@azure/identity");
    credential = new DefaultAzureCredential();
    if (given !== undefined) return;
    await administration().createQueue(queue, common);
    await administration().createQueue(deduplicated, { ...common, ...window });
  });
  afterAll(async () => {
    if (given !== undefined) return;
    for (const made of [queue, deduplicated]) await administration().deleteQueue(made);
  });

  serviceBusConformance(() => ({
    queue,
    deduplicated,
    lockDurationS: 5,
    connect: open,
    ...(isEmulator ? {} : { stranger: () => connect(host, "bad") }),
    empty: () => empty(open(), [queue, deduplicated]),
    now: () => Date.now(),
    pass: (ms) => sleep(ms),
  }));
});

/** Waits for locks that still hold. A client peeks at each message of a queue once, unless it says from where. */
async function empty(client: ServiceBusClient, queues: readonly string[]): Promise<void> {
  for (const name of queues) {
    for (const options of [{}, { subQueueType: "deadLetter" as const }]) {
      const receiver = client.createReceiver(name, { receiveMode: "receiveAndDelete", ...options });
      let [first] = await receiver.peekMessages(1);
      while (first?.sequenceNumber !== undefined) {
        await receiver.receiveMessages(100, { maxWaitTimeInMs: 1000 });
        [first] = await receiver.peekMessages(1, { fromSequenceNumber: first.sequenceNumber });
      }
    }
  }
  await client.close();
}
