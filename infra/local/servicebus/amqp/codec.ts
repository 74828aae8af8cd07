/**
 * Messages between the wire and the broker. Served is what @azure/service-bus 7.9.5 writes for a `ServiceBusMessage`:
 * a body of one data section, message and correlation IDs as strings. Everything else is refused by name.
 */
import type { Entity, Entry } from "../entity.ts";
import { BrokerError } from "../errors.ts";
import { type ApplicationProperties, type BrokerMessage, checkProperties, checkSize } from "../message.ts";
import { type AmqpMessage, dataSection, decode, encode, stringToUuid, types, uuidToString } from "./rhea.ts";

/** Message format of a batch: data sections that are encoded messages. */
export const BATCH_FORMAT = 0x80013700;
const DATA_SECTION = 0x75;
/** Largest header ttl (49.7 days); a longer one stands as the distance of two properties. */
const UINT_MAX = 2 ** 32 - 1;
/** Of the annotation x-opt-message-state. */
const states = { active: 0, scheduled: 2 } as const;

const stringProperties = [
  ["correlation_id", "correlationId"],
  ["content_type", "contentType"],
  ["content_encoding", "contentEncoding"],
  ["subject", "subject"],
  ["to", "to"],
  ["reply_to", "replyTo"],
  ["reply_to_group_id", "replyToSessionId"],
  ["group_id", "sessionId"],
] as const;

const known = new Set<string>([
  ...stringProperties.map(([wire]) => wire),
  "message_id",
  "body",
  "ttl",
  "durable",
  "priority",
  "first_acquirer",
  "delivery_count",
  "absolute_expiry_time",
  "creation_time",
  "application_properties",
  "message_annotations",
]);

/** The messages of a transfer in another format than 0. Throws {@link BrokerError}. */
export function decodeBatch(payload: Buffer, format: number): BrokerMessage[] {
  checkSize(payload.length);
  if (format !== BATCH_FORMAT)
    throw new BrokerError("NotImplemented", `message format 0x${(format ?? 0).toString(16)} is not served`);
  const body = read(payload)["body"] as { typecode?: number; content?: Buffer | Buffer[] } | undefined;
  if (body?.typecode !== DATA_SECTION || body.content === undefined)
    throw new BrokerError("ArgumentError", "batch: expected data sections");
  return [body.content].flat().map(decodeMessage);
}

/** Throws {@link BrokerError}. */
export function decodeMessage(payload: Buffer): BrokerMessage {
  return brokerMessage(read(payload));
}

/** Throws {@link BrokerError} for what is not served. */
export function brokerMessage(wire: AmqpMessage): BrokerMessage {
  for (const name of Object.keys(wire))
    if (!known.has(name)) throw new BrokerError("NotImplemented", `message property ${name} is not served locally`);
  const carried: Record<string, string> = {};
  for (const [name, property] of stringProperties) {
    const value = text(wire, name);
    if (value !== undefined) carried[property] = value;
  }
  const messageId = text(wire, "message_id");
  const timeToLiveMs = timeToLive(wire);
  const properties = wire.application_properties;
  checkProperties(properties);
  return {
    ...carried,
    ...annotations(wire),
    ...(messageId === undefined ? {} : { messageId }),
    ...(timeToLiveMs === undefined ? {} : { timeToLiveMs }),
    ...(properties === undefined ? {} : { applicationProperties: properties as ApplicationProperties }),
    body: bodyOf(wire),
  };
}

function read(payload: Buffer): AmqpMessage {
  try {
    return decode(payload);
  } catch (error) {
    throw new BrokerError("ArgumentError", `the message is not AMQP 1.0: ${String(error)}`);
  }
}

function text(wire: AmqpMessage, name: string): string | undefined {
  const value = wire[name];
  if (value === undefined || typeof value === "string") return value;
  throw new BrokerError("NotImplemented", `message property ${name}: only strings are served, found ${typeof value}`);
}

function bodyOf(wire: AmqpMessage): Buffer {
  const body = wire["body"] as { typecode?: number; content?: unknown } | null | undefined;
  if (body?.typecode === DATA_SECTION && Buffer.isBuffer(body.content)) return body.content;
  throw new BrokerError("NotImplemented", "message body: only one data section is served (bodyType data)");
}

function annotations(wire: AmqpMessage): { partitionKey?: string; scheduledEnqueueTimeMs?: number } {
  const found: { partitionKey?: string; scheduledEnqueueTimeMs?: number } = {};
  for (const [name, value] of Object.entries(wire.message_annotations ?? {})) {
    if (name === "x-opt-partition-key" && typeof value === "string") found.partitionKey = value;
    else if (name === "x-opt-scheduled-enqueue-time" && value instanceof Date)
      found.scheduledEnqueueTimeMs = value.getTime();
    else throw new BrokerError("NotImplemented", `message annotation ${name} is not served locally with that value`);
  }
  return found;
}

function timeToLive(wire: AmqpMessage): number | undefined {
  const { ttl, absolute_expiry_time: expires, creation_time: created } = wire;
  if (expires instanceof Date && created instanceof Date) return Math.max(0, expires.getTime() - created.getTime());
  return typeof ttl === "number" ? ttl : undefined;
}

/** A message as a receiver gets it; with `lockedUntilMs` under lock, without a body when it is only looked at. */
export function encodeEntry(
  entity: Entity,
  entry: Entry,
  options: { lockedUntilMs?: number | undefined; omitBody?: boolean } = {},
): Buffer {
  const { message, enqueuedMs, expiresMs, deliveryCount } = entry;
  const wire: Record<string, unknown> = {
    delivery_count: deliveryCount,
    message_id: message.messageId,
    message_annotations: annotationsOf(entity, entry, options.lockedUntilMs),
    application_properties: message.applicationProperties,
    body: dataSection(options.omitBody === true ? Buffer.alloc(0) : message.body),
  };
  for (const [name, property] of stringProperties) if (message[property] !== undefined) wire[name] = message[property];
  if (expiresMs !== undefined) {
    wire["ttl"] = Math.min(expiresMs - enqueuedMs, UINT_MAX);
    wire["creation_time"] = new Date(enqueuedMs);
    wire["absolute_expiry_time"] = new Date(expiresMs);
  }
  return encode(wire);
}

function annotationsOf(entity: Entity, entry: Entry, lockedUntilMs: number | undefined): Record<string, unknown> {
  const { message, seq } = entry;
  return {
    "x-opt-sequence-number": types.wrap_long(seq),
    "x-opt-enqueue-sequence-number": types.wrap_long(seq),
    "x-opt-enqueued-time": new Date(entry.enqueuedMs),
    "x-opt-message-state": types.wrap_int(entry.due === undefined ? states.active : states.scheduled),
    ...(lockedUntilMs === undefined ? {} : { "x-opt-locked-until": new Date(lockedUntilMs) }),
    ...(entity.isDeadLetter ? { "x-opt-deadletter-source": entity.queue.name } : {}),
    ...(message.partitionKey === undefined ? {} : { "x-opt-partition-key": message.partitionKey }),
    ...(message.scheduledEnqueueTimeMs === undefined
      ? {}
      : { "x-opt-scheduled-enqueue-time": new Date(message.scheduledEnqueueTimeMs) }),
  };
}

/** Delivery tag of a lock token: the UUID in the byte order of .NET, which clients turn back. */
export function deliveryTag(lockToken: string): Buffer {
  const uuid = stringToUuid(lockToken);
  uuid.subarray(0, 4).reverse();
  uuid.subarray(4, 6).reverse();
  uuid.subarray(6, 8).reverse();
  return uuid;
}

/** Lock token of a UUID in a management request. */
export function lockTokenOf(uuid: Buffer): string {
  return uuidToString(uuid);
}

/** A sequence number; above 2^53 rhea gives the eight bytes. */
export function sequenceNumber(value: unknown): number {
  const number = Buffer.isBuffer(value) && value.length === 8 ? Number(value.readBigInt64BE()) : value;
  if (typeof number === "number" && Number.isSafeInteger(number)) return number;
  throw new BrokerError("ArgumentError", `sequence number: expected a 64-bit integer, found ${String(value)}`);
}
