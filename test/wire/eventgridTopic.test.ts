import { AzureKeyCredential, EventGridPublisherClient } from "@azure/eventgrid";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Caller } from "../../infra/local/identity/caller.ts";
import { coreIdentity } from "../../infra/local/platform/constants.ts";
import { EventGridRig } from "../support/eventgridRig.ts";
import { type LocalTls, localTls } from "../support/localTls.ts";

const core: Caller = { oid: coreIdentity, type: "ServicePrincipal", appid: coreIdentity, roles: [] };
const credential = { getToken: async () => ({ token: "good", expiresOnTimestamp: Date.now() + 3_600_000 }) };
const outcome = {
  type: "Steelyard.Exception.Ended",
  source: "/steelyard",
  subject: "exceptions/1",
  data: { id: "1" },
} as const;

let tls: LocalTls;
let rig: EventGridRig;
beforeAll(async () => {
  tls = await localTls();
});
afterAll(() => tls[Symbol.asyncDispose]());
beforeEach(async () => {
  rig = await EventGridRig.create(tls);
  rig.verify = async (authorization, audience) =>
    authorization === "Bearer good" && audience === "https://eventgrid.azure.net" ? core : undefined;
  await rig.start();
});
afterEach(() => rig.dispose());

const client = (): EventGridPublisherClient<"CloudEvent"> =>
  new EventGridPublisherClient(rig.engine.endpoint, "CloudEvent", credential, { retryOptions: { maxRetries: 0 } });

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
  expect(second?.event["traceparent"]).toBe("00-1");
  expect(rig.engine.published(1)).toEqual([second]);
  expect(rig.context.effects.after(0)).toMatchObject([{ engine: "eventgrid", caller: coreIdentity, status: 200 }]);
  expect(rig.queue).toEqual([]);
});

test("an access key, and the Event Grid schema, are refused", async () => {
  const byKey = new EventGridPublisherClient(rig.engine.endpoint, "CloudEvent", new AzureKeyCredential("k"));
  await expect(byKey.send([outcome])).rejects.toMatchObject({ statusCode: 401, code: "Unauthorized" });
  const plain = new EventGridPublisherClient(rig.engine.endpoint, "EventGrid", credential);
  const event = { eventType: "A.B", subject: "x", dataVersion: "1", data: {} };
  await expect(plain.send([event])).rejects.toMatchObject({
    statusCode: 400,
    message: expect.stringMatching(/^this topic takes application\/cloudevents/),
  });
  expect(rig.engine.published()).toEqual([]);
});

test("what the topic can't read is refused by name", async () => {
  const post = async (body: string, path = "", type = "application/cloudevents-batch+json"): Promise<unknown[]> => {
    const address = path === "" ? `${rig.engine.endpoint}?api-version=2018-01-01` : new URL(path, rig.engine.endpoint);
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
  expect((await post(JSON.stringify([{ ...good, data: "x".repeat(1_100_000) }])))[0]).toBe(413);
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
