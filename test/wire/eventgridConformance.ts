/**
 * What an Event Grid topic and an event subscription on it do that the product relies on, asked with the unmodified
 * publisher: of the local engine, or of a custom topic in Azure. It publishes events with a source of its own.
 */
import { EventGridPublisherClient } from "@azure/eventgrid";
import type { TokenCredential } from "@azure/identity";
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";

/** A message that the event subscription has put into its queue. */
export interface Delivered {
  readonly messageId: string;
  readonly body: unknown;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
  /** Of the service's time, milliseconds since the epoch. */
  readonly atMs: number;
}

export interface Deliveries {
  /** To what the event subscription hangs on: the topic, or something else. */
  readonly publish: "topic" | ((events: readonly object[]) => Promise<void>);
  /** What arrived since it was asked last: at least that many messages, unless they do not come. */
  readonly received: (count: number) => Promise<readonly Delivered[]>;
  /** What only the local engine can be told. */
  readonly local?: {
    /** Lets that much of the service's time pass. */
    readonly pass: (ms: number) => Promise<void>;
    /** Has the queue refuse so many messages; fills the list with the times of it, milliseconds since the epoch. */
    readonly refuse: (count: number) => readonly number[];
    readonly deadLetters: () => readonly Readonly<Record<string, unknown>>[];
  };
}

export interface EventGridUnderTest {
  /** Of a custom topic that takes no keys: `https://.../api/events`. */
  readonly endpoint: string;
  /** Of a publisher: role EventGrid Data Sender. */
  readonly credential: TokenCredential;
  readonly deliveries?: Deliveries;
}

/** The input schema of the topic, as the publisher calls it. */
export type Schema = "CloudEvent" | "EventGrid";

/** What the event subscription under test has to be, besides leading to a queue; at most three attempts. */
export const conformanceFilter = {
  includedEventTypes: ["Steelyard.Conformance.Wanted"],
  subjectBeginsWith: "/wanted/",
  subjectEndsWith: "/leaf",
  advancedFilters: [
    { operatorType: "StringIn" as const, key: "data.kind", values: ["a", "b"] },
    { operatorType: "StringBeginsWith" as const, key: "data.operation", values: ["accounts/"] },
  ],
};

const contentTypes = { CloudEvent: "application/cloudevents-batch+json", EventGrid: "application/json" };
/** Of a request, in bytes, and of its events. */
const REQUEST_BYTES_MAX = 1_048_576;
const EVENTS_MAX = 5_000;

interface Given {
  readonly type?: string;
  readonly subject?: string;
  readonly data?: object;
}

/** Registers the suite for a topic of that input schema. */
export function eventGridConformance(schema: Schema, target: () => EventGridUnderTest): void {
  const source = `/steelyard/conformance/${randomUUID()}`;
  const event = ({ type = "Steelyard.Conformance.Any", subject = "/wanted/leaf", data }: Given = {}) => {
    const common = { id: randomUUID(), subject, data: { kind: "a", operation: "accounts/write", source, ...data } };
    const time = new Date().toISOString();
    return schema === "CloudEvent"
      ? { ...common, specversion: "1.0", source, type, time }
      : { ...common, eventType: type, eventTime: time, dataVersion: "1" };
  };
  const wantedType = "Steelyard.Conformance.Wanted";
  const wanted = (given: Given = {}) => event({ type: wantedType, ...given });
  const post = async (body: string, headers: Record<string, string> = {}): Promise<number> => {
    const { endpoint, credential } = target();
    const { token } = (await credential.getToken("https://eventgrid.azure.net/.default"))!;
    const response = await fetch(`${endpoint}?api-version=2018-01-01`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": contentTypes[schema], ...headers },
      body,
    });
    await response.text();
    return response.status;
  };
  const publish = async ({ publish: to }: Deliveries, events: readonly object[]): Promise<void> => {
    if (to !== "topic") return to(events);
    expect(await post(JSON.stringify(events))).toBe(200);
  };
  const once = { retryOptions: { maxRetries: 0 } };

  describe("publishing", () => {
    test("the topic takes its own schema", async () => {
      const { endpoint, credential } = target();
      const data = { source };
      const type = "Steelyard.Conformance.Any";
      const given = { type, source, subject: "x", data };
      const statuses: number[] = [];
      const onResponse = ({ status }: { status: number }) => void statuses.push(status);
      if (schema === "CloudEvent") {
        const events = [given, { ...given, extensionAttributes: { traceparent: "00-1" } }];
        await new EventGridPublisherClient(endpoint, "CloudEvent", credential, once).send(events, { onResponse });
      } else {
        const events = [{ eventType: type, subject: "x", dataVersion: "1", data }];
        await new EventGridPublisherClient(endpoint, "EventGrid", credential, once).send(events, { onResponse });
      }
      expect(statuses).toEqual([200]);
    });

    test.runIf(schema === "CloudEvent")("one CloudEvent may come without a list around it", async () => {
      expect(await post(JSON.stringify(event()), { "content-type": "application/cloudevents+json" })).toBe(200);
    });

    test("the other schema is refused with 400", async () => {
      const { endpoint, credential } = target();
      const sent =
        schema === "CloudEvent"
          ? new EventGridPublisherClient(endpoint, "EventGrid", credential, once).send([
              { eventType: "A.B", subject: "x", dataVersion: "1", data: {} },
            ])
          : new EventGridPublisherClient(endpoint, "CloudEvent", credential, once).send([{ type: "A.B", source }]);
      await expect(sent).rejects.toMatchObject({ statusCode: 400 });
    });

    test("what is no event is refused with 400", async () => {
      const { id: _, ...anonymous } = event();
      expect(await post(JSON.stringify([event(), anonymous]))).toBe(400);
      expect(await post("{")).toBe(400);
    });

    test("a missing token, a bad one and a key that is not the topic's: 401", async () => {
      const body = JSON.stringify([event()]);
      expect(await post(body, { authorization: "" })).toBe(401);
      expect(await post(body, { authorization: "Bearer bad" })).toBe(401);
      const key = Buffer.alloc(32).toString("base64");
      expect(await post(body, { authorization: "", "aeg-sas-key": key })).toBe(401);
    });

    test("a request may have 1 MB and 5,000 events; more is refused", async () => {
      const filled = (bytes: number): string => {
        const bare = JSON.stringify([event({ data: { text: "" } })]);
        return JSON.stringify([event({ data: { text: "x".repeat(bytes - bare.length) } })]);
      };
      // A little less: the service counts the properties that it adds.
      expect(await post(filled(REQUEST_BYTES_MAX - 2048))).toBe(200);
      expect(await post(filled(REQUEST_BYTES_MAX + 1))).toBe(413);
      const short =
        schema === "CloudEvent"
          ? { specversion: "1.0", id: "1", source: "/s", type: "A.B" }
          : { id: "1", subject: "s", eventType: "A.B", eventTime: "2026-01-01T00:00:00Z", dataVersion: "" };
      expect(await post(JSON.stringify(Array(EVENTS_MAX + 1).fill(short)))).toBeOneOf([400, 413]);
    });
  });

  describe("delivery to a queue", () => {
    const nothing = "needs an event subscription and the queue that it leads to";

    test("only what the filter wants arrives, unchanged, with what Event Grid says about it", async ({ skip }) => {
      const { deliveries } = target();
      if (deliveries === undefined) return skip(nothing);
      const matching = [
        wanted(),
        wanted({ subject: "/WANTED/x/leaf", data: { kind: "B", operation: "Accounts/delete" } }),
      ];
      await publish(deliveries, [
        event(),
        wanted({ subject: "/unwanted/leaf" }),
        matching[0]!,
        wanted({ subject: "/wanted/branch" }),
        wanted({ data: { kind: "c" } }),
        wanted({ data: { operation: "deployments/write" } }),
        matching[1]!,
      ]);
      // In no promised order, and at least once; what an earlier run has left is not ours.
      const messages = (await deliveries.received(2)).filter(({ body }) => sourceOf(body) === source);
      expect(new Set(messages.map(({ body }) => idOf(body)))).toEqual(new Set(matching.map(({ id }) => id)));
      const first = messages.find(({ body }) => idOf(body) === matching[0]!.id)!;
      expect(first.body).toMatchObject(matching[0]!);
      expect(first.messageId).not.toBe("");
      expect(first.applicationProperties).toMatchObject({
        "aeg-subscription-name": expect.any(String),
        "aeg-delivery-count": expect.toBeOneOf(["0", 0]),
        "aeg-event-type": "Notification",
      });
    });

    test("what the queue refuses comes again after 10 s, 30 s and so on, with the same message ID", async ({
      skip,
    }) => {
      const { deliveries } = target();
      if (deliveries?.local === undefined) return skip("only the local queue can be told to refuse");
      const { pass, refuse } = deliveries.local;
      const refusedAtMs = refuse(2);
      await publish(deliveries, [wanted()]);
      expect(await deliveries.received(0)).toEqual([]);
      await pass(120_000);
      const [message, ...more] = await deliveries.received(1);
      expect(more).toEqual([]);
      expect(message!.applicationProperties).toMatchObject({ "aeg-delivery-count": "2" });
      const waits = [refusedAtMs[1]! - refusedAtMs[0]!, message!.atMs - refusedAtMs[1]!];
      for (const [index, stepMs] of [10_000, 30_000].entries()) {
        expect(waits[index]).toBeGreaterThanOrEqual(stepMs);
        expect(waits[index]).toBeLessThanOrEqual(stepMs * 1.1 + 1);
      }
    });

    test("after its last attempt an event is a dead letter with the documented fields", async ({ skip }) => {
      const { deliveries } = target();
      if (deliveries?.local === undefined) return skip("only the local queue can be told to refuse");
      const { pass, refuse, deadLetters } = deliveries.local;
      refuse(3);
      const lost = wanted();
      await publish(deliveries, [lost]);
      await pass(3_600_000);
      const added = {
        deadLetterReason: "MaxDeliveryAttemptsExceeded",
        deliveryAttempts: 3,
        lastDeliveryOutcome: "Busy",
        publishTime: expect.any(String),
        lastDeliveryAttemptTime: expect.any(String),
      };
      const lower = Object.fromEntries(Object.entries(added).map(([name, value]) => [name.toLowerCase(), value]));
      const letter = deadLetters().find(({ id }) => id === lost.id);
      expect(letter).toMatchObject({ ...lost, ...(schema === "CloudEvent" ? lower : added) });
    });
  });
}

const idOf = (body: unknown): string => (body as { id: string }).id;
const sourceOf = (body: unknown): unknown => (body as { data?: { source?: unknown } }).data?.source;
