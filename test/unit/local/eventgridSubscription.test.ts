import { describe, expect, test } from "vitest";
import type { EventGridEvent } from "../../../infra/local/eventgrid/events.ts";
import { type EventSubscription, matches, parseSubscriptions } from "../../../infra/local/eventgrid/subscription.ts";

const account = "/subscriptions/s1/resourcegroups/rg/providers/Microsoft.CognitiveServices/accounts/a";
const event: EventGridEvent = {
  id: "1",
  topic: "/subscriptions/s1",
  subject: account,
  eventType: "Microsoft.Resources.ResourceWriteSuccess",
  eventTime: "2026-03-02T09:00:00Z",
  data: {
    operationName: "Microsoft.CognitiveServices/accounts/write",
    authorization: { evidence: { role: "Contributor" } },
    count: 3,
  },
  dataVersion: "2",
  metadataVersion: "1",
};

function wants(subscription: Partial<EventSubscription>): boolean {
  const whole = { name: "standards", destination: { queue: "events" }, ...subscription };
  return matches(event, parseSubscriptions([whole]).get("standards")!);
}

type Advanced = NonNullable<NonNullable<EventSubscription["filter"]>["advancedFilters"]>;

describe("an event subscription wants an event", () => {
  test("of any kind when it has no filter", () => {
    expect(wants({})).toBe(true);
  });

  test.each([
    [true, { topic: "/subscriptions/S1" }],
    [false, { topic: "/subscriptions/s2" }],
    [true, { filter: { includedEventTypes: ["microsoft.resources.resourcewritesuccess"] } }],
    [false, { filter: { includedEventTypes: ["Microsoft.Resources.ResourceDeleteSuccess"] } }],
    [true, { filter: { subjectBeginsWith: "/subscriptions/s1/resourceGroups/RG/" } }],
    [false, { filter: { subjectBeginsWith: "/subscriptions/s1/resourceGroups/RG/", isSubjectCaseSensitive: true } }],
    [false, { filter: { subjectBeginsWith: "/subscriptions/s2" } }],
    [true, { filter: { subjectEndsWith: "/accounts/A" } }],
    [false, { filter: { subjectEndsWith: "/deployments/d" } }],
  ] satisfies [boolean, Partial<EventSubscription>][])("%s: %j", (expected, subscription) => {
    expect(wants(subscription)).toBe(expected);
  });

  const operation = "data.operationName";
  test.each([
    [true, [{ operatorType: "StringIn", key: operation, values: ["x", "microsoft.cognitiveservices/ACCOUNTS/write"] }]],
    [false, [{ operatorType: "StringIn", key: operation, values: ["Microsoft.CognitiveServices/accounts"] }]],
    [true, [{ operatorType: "StringBeginsWith", key: operation, values: ["Microsoft.CognitiveServices/"] }]],
    [false, [{ operatorType: "StringBeginsWith", key: operation, values: ["accounts/"] }]],
    [true, [{ operatorType: "StringContains", key: operation, values: ["/Accounts/"] }]],
    [false, [{ operatorType: "StringContains", key: operation, values: ["deployments"] }]],
    [false, [{ operatorType: "StringNotIn", key: operation, values: ["Microsoft.CognitiveServices/accounts/write"] }]],
    [true, [{ operatorType: "StringNotIn", key: operation, values: ["Microsoft.Resources/deployments/write"] }]],
    [true, [{ operatorType: "StringIn", key: "data.authorization.evidence.role", values: ["contributor"] }]],
    [true, [{ operatorType: "StringNotIn", key: "data.absent", values: ["x"] }]],
    [false, [{ operatorType: "StringIn", key: "data.absent", values: [""] }]],
    [false, [{ operatorType: "StringBeginsWith", key: "data.count", values: ["3"] }]],
    [
      false,
      [
        { operatorType: "StringContains", key: operation, values: ["accounts"] },
        { operatorType: "StringIn", key: "eventType", values: ["Microsoft.Resources.ResourceDeleteSuccess"] },
      ],
    ],
  ] satisfies [boolean, Advanced][])("%s: %j", (expected, advancedFilters) => {
    expect(wants({ filter: { advancedFilters } })).toBe(expected);
  });
});

const filter = (...advancedFilters: unknown[]): object => ({ filter: { advancedFilters } });

describe("an event subscription is refused", () => {
  test.each([
    ["for an operator that the engine doesn't have", filter({ operatorType: "NumberIn", key: "data.x", values: [1] })],
    ["for a key that no event has", filter({ operatorType: "StringIn", key: "body.x", values: ["1"] })],
    ["for an unknown property", { endpointType: "WebHook" }],
    ["for more than 30 attempts", { retryPolicy: { maxDeliveryAttempts: 31 } }],
    ["for more than a day to live", { retryPolicy: { eventTimeToLiveInMinutes: 1441 } }],
    [
      "for more than 25 values",
      filter(
        { operatorType: "StringIn", key: "subject", values: Array.from({ length: 13 }, String) },
        { operatorType: "StringNotIn", key: "subject", values: Array.from({ length: 13 }, String) },
      ),
    ],
  ])("%s", (_, wrong) => {
    const subscription = { name: "standards", destination: { queue: "events" }, ...wrong } as EventSubscription;
    expect(() => parseSubscriptions([subscription])).toThrow(/^event subscription standards: /);
  });

  test("when another has its name", () => {
    const one = { name: "standards", destination: { queue: "events" } };
    expect(() => parseSubscriptions([one, one])).toThrow("two event subscriptions have the name standards");
  });
});
