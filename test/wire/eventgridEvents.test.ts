import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { QueueMessage } from "../../infra/local/eventgrid/deliverer.ts";
import type { EventGridEvent } from "../../infra/local/eventgrid/events.ts";
import { claimNames } from "../../infra/local/eventgrid/resourceEvents.ts";
import type { EventSubscription } from "../../infra/local/eventgrid/subscription.ts";
import { coreIdentity, tenantId } from "../../infra/local/platform/constants.ts";
import { startMs } from "../support/engineContext.ts";
import { accountId, ada, change, EventGridRig, standards, subscriptionId } from "../support/eventgridRig.ts";

let rig: EventGridRig;
beforeEach(async () => {
  rig = await EventGridRig.create();
});
afterEach(() => rig.dispose());

describe("a change at ARM", () => {
  test("becomes the event that the service documents, with the caller's personal data", async () => {
    await rig.start();
    rig.engine.onResourceChange(change());
    await rig.pumped();
    const [event] = rig.bodies() as [EventGridEvent];
    const id = accountId.replace("resourceGroups", "resourcegroups");
    const { data, ...envelope } = event;
    expect(envelope).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      topic: `/subscriptions/${subscriptionId}`,
      subject: id,
      eventType: "Microsoft.Resources.ResourceWriteSuccess",
      eventTime: "2026-03-02T09:00:00.000Z",
      dataVersion: "2",
      metadataVersion: "1",
    });
    const { authorization, claims, httpRequest, ...rest } = data as Record<string, Record<string, unknown>>;
    expect(rest).toEqual({
      correlationId: "11111111-0000-4000-8000-000000000001",
      resourceProvider: "Microsoft.CognitiveServices",
      resourceUri: id,
      operationName: "Microsoft.CognitiveServices/accounts/write",
      status: "Succeeded",
      subscriptionId,
      tenantId,
    });
    expect(authorization).toEqual({
      scope: id,
      action: "Microsoft.CognitiveServices/accounts/write",
      evidence: {
        role: "Contributor",
        roleAssignmentScope: `/subscriptions/${subscriptionId}`,
        roleAssignmentId: expect.stringMatching(/^[0-9a-f]{32}$/),
        roleDefinitionId: "b24988ac618042a0ab8820f7382dd24c",
        principalId: ada.replaceAll("-", ""),
        principalType: "User",
      },
    });
    expect(httpRequest).toEqual({
      clientRequestId: expect.any(String),
      clientIpAddress: expect.stringMatching(/^203\.0\.113\.\d+$/),
      method: "PATCH",
      url: `https://management.azure.com${accountId}?api-version=2025-09-01`,
    });
    expect(claims).toMatchObject({
      aud: "https://management.core.windows.net/",
      appid: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
      name: "Ada Lovelace",
      [claimNames.objectId]: ada,
      [claimNames.tenantId]: tenantId,
      [claimNames.upn]: "ada.lovelace@contoso.example",
      [claimNames.surname]: "Lovelace",
      ipaddr: expect.any(String),
    });
    expect(Object.values(claims ?? {}).every((claim) => typeof claim === "string")).toBe(true);
  });

  test("by a service principal carries its application, and no httpRequest when it was put", async () => {
    await rig.start();
    const caller = { oid: coreIdentity, type: "ServicePrincipal", appid: tenantId } as const;
    rig.engine.onResourceChange(change({ method: "PUT", caller, outcome: "Failure" }));
    await rig.pumped();
    const [{ eventType, data }] = rig.bodies() as [EventGridEvent];
    expect(eventType).toBe("Microsoft.Resources.ResourceWriteFailure");
    expect(data).toMatchObject({ status: "Failed", claims: { appid: tenantId, appidacr: "2" } });
    expect(data).not.toHaveProperty("httpRequest");
    expect(data).not.toHaveProperty("claims.name");
  });

  test("is delivered as a CloudEvent where the subscription asks for that, with a message ID of its own", async () => {
    const cloud: EventSubscription = { ...standards, name: "cloud", eventDeliverySchema: "CloudEventSchemaV1_0" };
    await rig.start(standards, cloud);
    rig.engine.onResourceChange(change({ action: "Delete", operationName: "x/accounts/delete", method: "DELETE" }));
    await rig.pumped();
    const [plain, event] = rig.queue as [QueueMessage, QueueMessage];
    const { id, data } = plain.body as EventGridEvent;
    expect(event.body).toEqual({
      specversion: "1.0",
      id,
      source: `/subscriptions/${subscriptionId}`,
      subject: accountId,
      type: "Microsoft.Resources.ResourceDeleteSuccess",
      time: "2026-03-02T09:00:00.000Z",
      data,
    });
    expect(event.messageId).not.toBe(plain.messageId);
    expect(plain.applicationProperties).toEqual({
      "aeg-subscription-name": "standards",
      "aeg-delivery-count": "0",
      "aeg-event-type": "Notification",
      "aeg-metadata-version": "1",
      "aeg-data-version": "2",
      "aeg-output-event-id": id,
    });
  });

  test("that no subscription wants is gone", async () => {
    await rig.start({ ...standards, filter: { includedEventTypes: ["Microsoft.Resources.ResourceDeleteSuccess"] } });
    rig.engine.onResourceChange(change());
    expect(rig.engine.waitingOn()).toEqual([]);
  });

  test("survives a killed process, and is then delivered again with the same message ID", async () => {
    await rig.start();
    rig.engine.onResourceChange(change());
    const [waiting] = rig.engine.waitingOn();
    expect(waiting).toEqual({ kind: "eventgrid.delivery", id: expect.any(String), sinceMs: startMs });
    await rig.stop();
    expect(rig.queue).toEqual([]);
    await rig.start();
    await rig.pumped();
    expect(rig.queue.map(({ messageId }) => messageId)).toEqual([waiting?.id]);
  });

  test("comes with other spellings of its IDs when asked to", async () => {
    await rig.start();
    rig.engine.setCaseFlip(1);
    for (let count = 0; count < 40; count += 1) rig.engine.onResourceChange(change());
    await rig.pumped();
    const seen = new Set(rig.bodies().map(({ subject }) => subject));
    expect(seen.size).toBeGreaterThanOrEqual(4);
    for (const { subject, data } of rig.bodies()) {
      const { resourceUri } = data as { resourceUri: string };
      expect([subject.toLowerCase(), resourceUri.toLowerCase()]).toEqual([
        accountId.toLowerCase(),
        accountId.toLowerCase(),
      ]);
    }
    expect(rig.bodies().some(({ subject, data }) => subject !== (data as { resourceUri: string }).resourceUri)).toBe(
      true,
    );
    expect(() => rig.engine.setCaseFlip(2)).toThrow(RangeError);
  });
});

describe("publish", () => {
  const plain = { id: "1", subject: accountId, eventType: "A.B", eventTime: "2018-07-19T18:38:04.6117357Z", data: {} };
  const cloud = {
    specversion: "1.0",
    id: "2",
    source: `/subscriptions/${subscriptionId}`,
    subject: accountId,
    type: "A.C",
    time: "2026-03-02T09:00:00Z",
    data: { x: 1 },
  };

  test("takes one event or a list, in either schema, and delivers it as the system topic would", async () => {
    await rig.start();
    expect(rig.engine.publish(plain)).toEqual({ accepted: 1, matched: 1, deliveries: 1 });
    expect(rig.engine.publish([plain, cloud])).toEqual({ accepted: 2, matched: 1, deliveries: 2 });
    await rig.pumped();
    expect(rig.bodies()[0]).toEqual({
      ...plain,
      topic: `/subscriptions/${subscriptionId}`,
      dataVersion: "",
      metadataVersion: "1",
    });
    expect(rig.bodies()[2]).toMatchObject({ id: "2", topic: cloud.source, eventType: "A.C", data: { x: 1 } });
  });

  test.each([
    [[plain, { ...plain, eventTime: "noon" }], 'events[1].eventTime: Invalid ISO datetime, found "noon"'],
    [{ ...plain, id: undefined }, "event.id: Invalid input: expected string, received undefined, found nothing"],
    [{ ...plain, severity: 1 }, 'event: Unrecognized key: "severity"'],
    [
      { ...plain, subject: "x" },
      'event.topic: needed, because the subject "x" does not begin with /subscriptions/{id}',
    ],
    [
      { ...cloud, subject: undefined },
      "event.subject: Invalid input: expected string, received undefined, found nothing",
    ],
    [
      { foo: 1 },
      "event: expected an event with eventType (Event Grid schema) or specversion (CloudEvents 1.0), found the properties foo",
    ],
    [["x"], 'events[0]: expected an object, found "x"'],
  ])("refuses %j", async (events, message) => {
    await rig.start();
    expect(() => rig.engine.publish(events)).toThrow(message);
    expect(rig.engine.waitingOn()).toEqual([]);
  });
});

test("a reset leaves nothing", async () => {
  await rig.start({ ...standards, deadLetter: true });
  rig.broker = () => {
    throw Object.assign(new Error("no"), { statusCode: 400 });
  };
  rig.engine.onResourceChange(change());
  await rig.pumped();
  rig.engine.onResourceChange(change());
  expect([rig.engine.deadLetters().length, rig.engine.waitingOn().length]).toEqual([1, 1]);
  rig.context.clock.clear();
  rig.engine.reset();
  expect([rig.engine.deadLetters(), rig.engine.waitingOn(), rig.engine.published()]).toEqual([[], [], []]);
});
