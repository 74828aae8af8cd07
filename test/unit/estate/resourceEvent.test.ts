import { describe, expect, it } from "vitest";
import { parseResourceEvent } from "../../../shared/estate/resourceEvent.ts";
import { accountOf, partitionOf, toResourceId } from "../../../shared/estate/resourceId.ts";

const account =
  "/subscriptions/5ba00000-0000-4000-8000-000000000001/resourcegroups/RG/providers/Microsoft.CognitiveServices/accounts/A";
const oid = "0b000000-0000-4000-8000-000000000001";

const data = {
  authorization: { scope: account, action: "Microsoft.CognitiveServices/accounts/write" },
  claims: {
    aud: "https://management.core.windows.net/",
    "http://schemas.microsoft.com/identity/claims/objectidentifier": oid.toUpperCase(),
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "somebody@example.com",
    ipaddr: "203.0.113.7",
    appid: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
  },
  correlationId: "c0",
  resourceProvider: "Microsoft.CognitiveServices",
  resourceUri: account,
  operationName: "Microsoft.CognitiveServices/accounts/write",
  status: "Succeeded",
};

const eventGrid = {
  id: "1",
  topic: "/subscriptions/5ba00000-0000-4000-8000-000000000001",
  subject: account,
  eventType: "Microsoft.Resources.ResourceWriteSuccess",
  eventTime: "2026-11-21T10:00:00Z",
  dataVersion: "2",
  metadataVersion: "1",
  data,
};

const cloudEvent = {
  specversion: "1.0",
  id: "1",
  source: eventGrid.topic,
  subject: account,
  type: eventGrid.eventType,
  time: eventGrid.eventTime,
  data,
};

describe("a resource event", () => {
  it.each([
    ["Event Grid schema", eventGrid],
    ["CloudEvents schema", cloudEvent],
    ["an array of one", [eventGrid]],
    ["JSON text", JSON.stringify(cloudEvent)],
    ["another case", { ...eventGrid, data: { ...data, resourceUri: account.toUpperCase() } }],
  ])("is read from %s", (_name, message) => {
    const event = parseResourceEvent(message);
    expect(event).toMatchObject({ id: "1", resourceId: account.toLowerCase(), caller: oid });
  });

  it("keeps nothing personal", () => {
    expect(JSON.stringify(parseResourceEvent(eventGrid))).not.toMatch(/example\.com|203\.0\.113/);
  });

  it("keeps little of what is long, and nobody who is no object ID", () => {
    const claims = { oid: "z".repeat(200_000), appid: { nested: true } };
    const long = "o".repeat(200_000);
    const event = parseResourceEvent({
      ...eventGrid,
      id: long,
      eventTime: long,
      data: { ...data, claims, operationName: long, correlationId: `${"c".repeat(99)}\u{1f600}` },
    });
    expect(event).toMatchObject({ caller: undefined, application: undefined });
    expect(JSON.stringify(event).length).toBeLessThan(1_000);
    expect(event.correlationId?.isWellFormed()).toBe(true);
  });

  it.each([
    ["text that is not JSON", "{", /not JSON/],
    ["two events at once", [eventGrid, eventGrid], /an array of 2/],
    ["an empty array", [], /an array of 0/],
    ["null", null, /expected an object/],
    [
      "an event of another service",
      { ...eventGrid, eventType: "Microsoft.Storage.BlobCreated" },
      /found "Microsoft.Storage.BlobCreated"; expected Microsoft.Resources/,
    ],
    ["no resource", { ...eventGrid, data: { ...data, resourceUri: undefined } }, /data\.resourceUri: found nothing/],
    [
      "something else than a resource ID",
      { ...eventGrid, data: { ...data, resourceUri: "https://example.com" } },
      /expected a resource ID/,
    ],
    ["a wrong version", { ...cloudEvent, specversion: "0.3" }, /specversion: found "0.3"/],
  ])("is refused for %s", (_name, message, reason) => {
    expect(() => parseResourceEvent(message)).toThrow(reason);
  });
});

describe("a resource ID", () => {
  it("leads from anything under an account to the account", () => {
    const under = toResourceId(`/${account}/deployments/gpt-4o/`);
    expect(accountOf(under!)).toMatchObject({ id: account.toLowerCase(), resourceGroup: "rg", name: "a" });
  });

  it.each([
    "rg/providers/microsoft.cognitiveservices/accounts/..",
    "rg/providers/microsoft.cognitiveservices/accounts/a b",
    "rg/providers/microsoft.cognitiveservices/accounts/a%2fb",
    "rg/providers/microsoft.cognitiveservices/accounts/a?x=y",
    "rg/providers/microsoft.cognitiveservices/accounts/a#b",
    `rg/providers/microsoft.cognitiveservices/accounts/${"a".repeat(65)}`,
    "../providers/microsoft.cognitiveservices/accounts/a",
    "..\\..\\00000000-0000-0000-0000-000000000000\\resourcegroups\\rg/providers/microsoft.cognitiveservices/accounts/a",
  ])("names no account where ARM would read another URL: %s", (rest) => {
    const id = toResourceId(`/subscriptions/5ba00000-0000-4000-8000-000000000001/resourcegroups/${rest}`);
    expect(accountOf(id!)).toBeUndefined();
  });

  it("names an account in a group with every sign that ARM allows", () => {
    const id = `/subscriptions/5ba00000-0000-4000-8000-000000000001/resourcegroups/größe_(1).x-y/providers/microsoft.cognitiveservices/accounts/a.b_c-1`;
    expect(accountOf(toResourceId(id)!)).toMatchObject({ resourceGroup: "größe_(1).x-y", name: "a.b_c-1" });
  });

  it("gives one partition whatever the case", () => {
    expect(partitionOf(toResourceId(account)!)).toBe(partitionOf(toResourceId(account.toUpperCase())!));
  });

  it("is none when it is too long, empty or of another kind", () => {
    for (const text of ["", "/", "/providers/x", "subscriptions/x", `/subscriptions/${"x".repeat(2000)}`]) {
      expect(toResourceId(text), text.slice(0, 30)).toBeUndefined();
    }
    expect(
      accountOf(toResourceId("/subscriptions/5ba00000-0000-4000-8000-000000000001/resourceGroups/rg")!),
    ).toBeUndefined();
  });
});
