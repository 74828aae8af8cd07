/** A message as the broker sees it: the properties that it knows, opaque application properties, an opaque body. */
import { BrokerError } from "./errors.ts";
import {
  MESSAGE_ID_MAX_CHARS,
  MESSAGE_MAX_BYTES,
  PARTITION_KEY_MAX_CHARS,
  PROPERTIES_MAX_BYTES,
  SESSION_ID_MAX_CHARS,
} from "./limits.ts";

export type PropertyValue = string | number | boolean | null | Date;
export type ApplicationProperties = Readonly<Record<string, PropertyValue>>;

/** The system properties that the broker carries and never reads. */
export interface CarriedProperties {
  readonly correlationId?: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** Also called label. */
  readonly subject?: string;
  readonly to?: string;
  readonly replyTo?: string;
  readonly replyToSessionId?: string;
  /** Carried only: queues with sessions are not served. */
  readonly sessionId?: string;
  readonly partitionKey?: string;
}

export interface BrokerMessage extends CarriedProperties {
  /** At most 128 characters. Without it the broker gives one, as the service does. */
  readonly messageId?: string;
  readonly body: Uint8Array;
  readonly applicationProperties?: ApplicationProperties;
  /** Milliseconds of business time; without it the queue's default, else none. */
  readonly timeToLiveMs?: number;
  /** Business time, milliseconds since the epoch; the message is not delivered before. */
  readonly scheduledEnqueueTimeMs?: number;
}

/** A message whose body is a value as JSON, the way @azure/service-bus sends and reads objects. */
export function jsonMessage(value: unknown, properties: Omit<BrokerMessage, "body"> = {}): BrokerMessage {
  return { ...properties, body: Buffer.from(JSON.stringify(value)) };
}

/** Throws {@link BrokerError} when the message exceeds a limit; returns its size in bytes otherwise. */
export function checkMessage(message: BrokerMessage): number {
  checkLength("MessageId", message.messageId, MESSAGE_ID_MAX_CHARS);
  checkLength("SessionId", message.sessionId, SESSION_ID_MAX_CHARS);
  checkLength("ReplyToSessionId", message.replyToSessionId, SESSION_ID_MAX_CHARS);
  checkLength("PartitionKey", message.partitionKey, PARTITION_KEY_MAX_CHARS);
  const { sessionId, partitionKey, timeToLiveMs, scheduledEnqueueTimeMs } = message;
  if (sessionId !== undefined && partitionKey !== undefined && sessionId !== partitionKey)
    throw new BrokerError("ArgumentError", "PartitionKey: expected the value of SessionId, which is set as well");
  checkTime("TimeToLive", timeToLiveMs);
  checkTime("ScheduledEnqueueTimeUtc", scheduledEnqueueTimeMs);
  checkProperties(message.applicationProperties);
  const propertyBytes = Buffer.byteLength(encodeProperties(message));
  if (propertyBytes > PROPERTIES_MAX_BYTES)
    throw new BrokerError(
      "MessageSizeExceeded",
      `the properties take ${propertyBytes} bytes; the limit is ${PROPERTIES_MAX_BYTES}`,
    );
  return checkSize(message.body.length + propertyBytes);
}

/** Throws {@link BrokerError} when a message or batch of that many bytes is too large. */
export function checkSize(bytes: number): number {
  if (bytes > MESSAGE_MAX_BYTES)
    throw new BrokerError(
      "MessageSizeExceeded",
      `the message or batch takes ${bytes} bytes; the limit is ${MESSAGE_MAX_BYTES}`,
    );
  return bytes;
}

/** Throws {@link BrokerError} for a value that is no {@link PropertyValue}. */
export function checkProperties(properties: Readonly<Record<string, unknown>> | undefined): void {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || typeof value === "string" || typeof value === "boolean") continue;
    if (typeof value === "number" && Number.isFinite(value)) continue;
    if (value instanceof Date && !Number.isNaN(value.getTime())) continue;
    throw new BrokerError(
      "ArgumentError",
      `application property ${name}: expected a string, finite number, boolean, date or null`,
    );
  }
}

/** The message with application properties added or replaced. Throws {@link BrokerError} for a value of another type. */
export function withProperties(message: BrokerMessage, properties: ApplicationProperties | undefined): BrokerMessage {
  if (properties === undefined || Object.keys(properties).length === 0) return message;
  checkProperties(properties);
  return { ...message, applicationProperties: { ...message.applicationProperties, ...properties } };
}

function checkLength(name: string, value: string | undefined, max: number): void {
  if (value !== undefined && value.length > max)
    throw new BrokerError("ArgumentError", `${name}: found ${value.length} characters; the limit is ${max}`);
}

function checkTime(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isFinite(value) && value >= 0))
    throw new BrokerError("ArgumentError", `${name}: expected a time that is not negative, found ${value}`);
}

/** Everything but the body, as text for the database. */
export function encodeProperties(message: BrokerMessage): string {
  const { body: _, applicationProperties, ...system } = message;
  if (applicationProperties === undefined) return JSON.stringify(system);
  const application: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(applicationProperties))
    application[name] = value instanceof Date ? { date: value.getTime() } : value;
  return JSON.stringify({ ...system, applicationProperties: application });
}

/** The inverse of {@link encodeProperties}. */
export function decodeMessage(properties: string, body: Uint8Array): BrokerMessage {
  const read = JSON.parse(properties) as Omit<BrokerMessage, "body" | "applicationProperties"> & {
    applicationProperties?: Record<string, Exclude<PropertyValue, Date> | { date: number }>;
  };
  const { applicationProperties, ...system } = read;
  if (applicationProperties === undefined) return { ...system, body };
  const application: Record<string, PropertyValue> = {};
  for (const [name, value] of Object.entries(applicationProperties))
    application[name] = typeof value === "object" && value !== null ? new Date(value.date) : value;
  return { ...system, applicationProperties: application, body };
}
