/**
 * The conformance suite on the local engine, in both schemas, and, when STEELYARD_EVENTGRID_ENDPOINT names a custom topic
 * (`https://.../api/events`, signed in as DefaultAzureCredential finds), on that too. STEELYARD_EVENTGRID_SCHEMA is the
 * topic's: `CloudEvent` (the default) or `EventGrid`. Deliveries are looked at when STEELYARD_EVENTGRID_QUEUE,
 * `namespace.servicebus.windows.net/queue`, is where an event subscription with `conformanceFilter` leads.
 */
import { EventGridPublisherClient } from "@azure/eventgrid";
import type { TokenCredential } from "@azure/identity";
import type { ServiceBusClient } from "@azure/service-bus";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Caller } from "../../infra/local/identity/caller.ts";
import { coreIdentity } from "../../infra/local/platform/constants.ts";
import { EventGridRig, subscriptionId } from "../support/eventgridRig.ts";
import { type LocalTls, localTls } from "../support/localTls.ts";
import { conformanceFilter, type Delivered, eventGridConformance, type Schema } from "./eventgridConformance.ts";

const azureNames = { CloudEvent: "CloudEventSchemaV1_0", EventGrid: "EventGridSchema" } as const;

const core: Caller = { oid: coreIdentity, type: "ServicePrincipal", appid: coreIdentity, roles: [] };
const goodCredential = { getToken: async () => ({ token: "good", expiresOnTimestamp: Date.now() + 3_600_000 }) };

let tls: LocalTls;
beforeAll(async () => {
  tls = await localTls();
});
afterAll(() => tls[Symbol.asyncDispose]());

async function newRig(): Promise<EventGridRig> {
  const rig = await EventGridRig.create(tls);
  rig.verify = async (authorization, audience) =>
    authorization === "Bearer good" && audience === "https://eventgrid.azure.net" ? core : undefined;
  return rig;
}

describe.each<Schema>(["CloudEvent", "EventGrid"])("the local engine, topic of schema %s", (schema) => {
  let rig: EventGridRig;
  let arrived: Delivered[] = [];
  let refusals = 0;
  let refusedAtMs: number[] = [];
  beforeAll(async () => {
    rig = await newRig();
    rig.inputSchema = azureNames[schema];
    rig.broker = (message) => {
      const atMs = rig.context.clock.now();
      if (refusals === 0) return void arrived.push({ ...message, atMs });
      refusals -= 1;
      refusedAtMs.push(atMs);
      throw Object.assign(new Error("busy"), { statusCode: 503 });
    };
    await rig.start({
      name: "conformance",
      destination: { queue: "events" },
      filter: conformanceFilter,
      eventDeliverySchema: azureNames[schema],
      retryPolicy: { maxDeliveryAttempts: 3 },
      deadLetter: true,
    });
  });
  afterAll(() => rig.dispose());
  eventGridConformance(schema, () => ({
    endpoint: rig.engine.endpoint,
    credential: goodCredential,
    deliveries: {
      // To the system topic: nothing hangs on the custom one here.
      publish: async (events) => {
        const topic = { topic: `/subscriptions/${subscriptionId}` };
        rig.engine.publish(schema === "CloudEvent" ? events : events.map((event) => ({ ...topic, ...event })));
      },
      received: async () => {
        await rig.pumped();
        const messages = arrived;
        arrived = [];
        return messages;
      },
      local: {
        pass: (ms) => rig.advance(ms),
        refuse: (count) => {
          refusals = count;
          refusedAtMs = [];
          return refusedAtMs;
        },
        deadLetters: () => rig.engine.deadLetters().map(({ event }) => event),
      },
    },
  }));
});

describe("the local topic", () => {
  const outcome = {
    type: "Steelyard.Exception.Ended",
    source: "/steelyard",
    subject: "exceptions/1",
    data: { id: "1" },
  } as const;

  let rig: EventGridRig;
  beforeEach(async () => {
    rig = await newRig();
    await rig.start();
  });
  afterEach(() => rig.dispose());

  const client = (): EventGridPublisherClient<"CloudEvent"> =>
    new EventGridPublisherClient(rig.engine.endpoint, "CloudEvent", goodCredential, {
      retryOptions: { maxRetries: 0 },
    });

  test("the real publisher's CloudEvents arrive, and stand in the list and the effect log", async () => {
    await client().send([outcome, { ...outcome, extensionAttributes: { traceparent: "00-1" } }]);
    const [first, second] = rig.engine.published();
    expect(first).toEqual({
      seq: 1,
      at: "2026-03-02T09:00:00.000Z",
      caller: coreIdentity,
      event: {
        ...outcome,
        specversion: "1.0",
        id: expect.any(String),
        time: expect.any(String),
        datacontenttype: "application/json",
      },
    });
    expect(second?.event).toMatchObject({ traceparent: "00-1" });
    expect(rig.engine.published(1)).toEqual([second]);
    expect(rig.context.effects.after(0)).toMatchObject([{ engine: "eventgrid", caller: coreIdentity, status: 200 }]);
    expect(rig.queue).toEqual([]);
  });

  test("what the topic can't read is refused by name", async () => {
    const post = async (body: string, path = "", type = "application/cloudevents-batch+json"): Promise<unknown[]> => {
      const address =
        path === "" ? `${rig.engine.endpoint}?api-version=2018-01-01` : new URL(path, rig.engine.endpoint);
      const headers = { authorization: "Bearer good", "content-type": type };
      const response = await fetch(address, { method: "POST", headers, body });
      const { error } = (await response.json()) as { error: { message: string } };
      return [response.status, error.message];
    };
    const good = { specversion: "1.0", id: "1", source: "/s", type: "A.B" };
    expect(await post(JSON.stringify([good, { ...good, specversion: "0.3" }]))).toEqual([
      400,
      'events[1].specversion: Invalid input: expected "1.0", found "0.3"',
    ]);
    expect(await post(JSON.stringify([{ ...good, traceParent: "x" }]))).toEqual([
      400,
      'events[0].traceParent: not a CloudEvents attribute name, found "x"',
    ]);
    expect(await post(JSON.stringify(good))).toEqual([400, "expected an array of events"]);
    expect((await post("{"))[1]).toMatch(/^the body is not JSON/);
    expect(await post("[]", "", "application/json")).toEqual([
      400,
      "this topic takes application/cloudevents+json and application/cloudevents-batch+json, found application/json",
    ]);
    expect(await post("[]", "/api/events?api-version=2020-06-01")).toEqual([
      400,
      "api-version: expected 2018-01-01, found 2020-06-01",
    ]);
    expect((await post("[]", "/api/event"))[0]).toBe(404);
    expect(rig.engine.published()).toEqual([]);
  });

  test("a fault on the topic's requests must name POST; one for deliveries is left to them", async () => {
    rig.faults({ kind: "status", status: 503 });
    await client().send([outcome]);
    rig.faults({ kind: "status", status: 503, retryAfter: 0, count: 1, match: { method: "POST" } });
    await expect(client().send([outcome])).rejects.toMatchObject({ statusCode: 503 });
    await client().send([outcome]);
    expect(rig.engine.published()).toHaveLength(2);
  });
});

const { env } = process;
const endpoint = env["STEELYARD_EVENTGRID_ENDPOINT"];

describe.skipIf(endpoint === undefined)("the topic at STEELYARD_EVENTGRID_ENDPOINT", () => {
  const schema: Schema = env["STEELYARD_EVENTGRID_SCHEMA"] === "EventGrid" ? "EventGrid" : "CloudEvent";
  let credential: TokenCredential;
  const [namespace, queue] = env["STEELYARD_EVENTGRID_QUEUE"]?.split("/") ?? [];
  let client: ServiceBusClient;
  beforeAll(async () => {
    const { DefaultAzureCredential } = await import("@azure/identity");
    credential = new DefaultAzureCredential();
    if (namespace === undefined) return;
    const { ServiceBusClient } = await import("@azure/service-bus");
    client = new ServiceBusClient(namespace, credential);
  });
  afterAll(() => client?.close());

  const received = async (count: number): Promise<Delivered[]> => {
    const receiver = client.createReceiver(queue ?? "", { receiveMode: "receiveAndDelete" });
    const messages = await receiver.receiveMessages(count, { maxWaitTimeInMs: 60_000 });
    while (messages.length < count) {
      const more = await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs: 60_000 });
      if (more.length === 0) break;
      messages.push(...more);
    }
    messages.push(...(await receiver.receiveMessages(100, { maxWaitTimeInMs: 5000 })));
    await receiver.close();
    return messages.map(({ messageId, body, applicationProperties = {}, enqueuedTimeUtc }) => ({
      messageId: String(messageId ?? ""),
      body: body as unknown,
      applicationProperties,
      atMs: enqueuedTimeUtc?.getTime() ?? Number.NaN,
    }));
  };

  eventGridConformance(schema, () => ({
    endpoint: endpoint ?? "",
    credential,
    ...(queue === undefined ? {} : { deliveries: { publish: "topic", received } }),
  }));
});
