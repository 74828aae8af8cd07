/** What the Service Bus client never does, or does only in a race: asked with a bare AMQP client. */
import { once } from "node:events";
import rhea, { type Connection, type EventContext, type Receiver } from "rhea";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jsonMessage } from "../../infra/local/servicebus/engine.ts";
import { type Bed, goodToken, serviceBusBed } from "../support/serviceBusBed.ts";

let bed: Bed;
let connection: Connection;

beforeAll(async () => {
  bed = await serviceBusBed([{ name: "events", lockDurationS: 30, maxDeliveryCount: 5 }], { inMemory: true });
  connection = rhea.create_container().connect({
    host: "localhost",
    port: bed.engine.port,
    transport: "tls",
    username: "any",
    reconnect: false,
  });
  await once(connection, "connection_open");
});

afterAll(async () => {
  connection.close();
  await once(connection, "connection_close");
  await bed[Symbol.asyncDispose]();
});

async function open(options: object): Promise<Receiver> {
  const receiver = connection.open_receiver({ credit_window: 0, autoaccept: false, ...options });
  await once(receiver, "receiver_open");
  return receiver;
}

/** Puts a token for an address; returns the status code. */
async function putToken(properties: Record<string, string>, body: unknown = goodToken): Promise<unknown> {
  const replies = await open({ source: { address: "$cbs" }, target: { address: "replies" }, autoaccept: true });
  const requests = connection.open_sender({ target: { address: "$cbs" } });
  replies.add_credit(1);
  await once(requests, "sendable");
  const request = { operation: "put-token", type: "jwt", name: "sb://localhost/events", ...properties };
  requests.send({ message_id: "1", reply_to: "replies", application_properties: request, body });
  const [{ message }] = (await once(replies, "message")) as [EventContext];
  replies.close();
  requests.close();
  return message?.application_properties?.["status-code"];
}

test("a link to an entity for which no token was put is closed", async () => {
  const receiver = connection.open_receiver({ source: { address: "events" }, credit_window: 0 });
  await once(receiver, "receiver_error");
  expect(receiver.error).toMatchObject({ condition: "amqp:unauthorized-access" });
});

test("put-token refuses what it does not serve", async () => {
  expect(await putToken({ type: "servicebus.windows.net:sastoken" })).toBe(501);
  expect(await putToken({ operation: "delete-token" })).toBe(501);
  expect(await putToken({ name: "events" })).toBe(400);
  expect(await putToken({ name: "sb://localhost/none" })).toBe(404);
  expect(await putToken({}, "bad")).toBe(401);
});

test("a drain is confirmed also when messages have used the credit up", async () => {
  expect(await putToken({})).toBe(202);
  bed.engine.send("events", jsonMessage(1));
  const receiver = await open({ source: { address: "events" } });
  receiver.add_credit(1);
  await once(receiver, "message");
  receiver.drain_credit();
  await once(receiver, "receiver_drained");
  receiver.drain = false;
  bed.engine.send("events", jsonMessage(2));
  receiver.add_credit(3);
  await once(receiver, "message");
  receiver.drain_credit();
  await once(receiver, "receiver_drained");
  expect(bed.engine.counts("events")).toMatchObject({ active: 0, locked: 2 });
});

test("bytes that are no AMQP end that connection and no other", async () => {
  const other = rhea
    .create_container()
    .connect({ host: "localhost", port: bed.engine.port, transport: "tls", reconnect: false });
  const ended = once(other, "disconnected");
  await ended;
  expect(await putToken({})).toBe(202);
  expect(bed.logged).toContain("a client broke the AMQP protocol");
});
