/**
 * Service Bus messages as the Functions host hands them to the worker: the body as text, the properties as trigger
 * metadata (`MessageId`, ...; `MessageIdArray`, ... for a batch). `@azure/functions` lower-cases the first letter of
 * every key, also inside application properties, and reads text that is JSON as JSON, so that a message ID of digits
 * only becomes a number; both happen in Azure, too.
 */
import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import type { RpcTypedData } from "./coreTypes.ts";
import type { Trigger } from "./invoke.ts";

/** One message: cardinality `one`. @throws Error when the body is not text or bytes. */
export function toTrigger(message: ServiceBusReceivedMessage): Trigger {
  const metadata: Record<string, RpcTypedData> = {};
  for (const [key, value] of Object.entries(properties(message))) {
    if (value === undefined) continue;
    if (typeof value === "string" && !timeKeys.has(key)) metadata[key] = { string: value };
    else if (typeof value === "number") metadata[key] = { int: value };
    else metadata[key] = { json: JSON.stringify(value) };
  }
  return { data: { string: bodyText(message) }, metadata, traceParent: traceParentOf(message) };
}

/** A batch: cardinality `many`; the arrays of metadata are in the order of the messages. */
export function toBatchTrigger(messages: readonly ServiceBusReceivedMessage[]): Trigger {
  const metadata: Record<string, RpcTypedData> = {};
  const all = messages.map(properties);
  for (const key of Object.keys(all[0] ?? {})) {
    const values = all.map((one) => one[key] ?? null);
    const texts = values.filter((value) => typeof value === "string");
    const asTexts = !timeKeys.has(key) && texts.length === values.length;
    metadata[`${key}Array`] = asTexts ? { collectionString: { string: texts } } : { json: JSON.stringify(values) };
  }
  return { data: { collectionString: { string: messages.map(bodyText) } }, metadata };
}

/** Sent as JSON, where other texts are sent as they are. */
const timeKeys = new Set(["EnqueuedTimeUtc", "ExpiresAtUtc"]);

function properties(message: ServiceBusReceivedMessage): Record<string, unknown> {
  const userProperties = message.applicationProperties ?? {};
  return {
    MessageId: message.messageId === undefined ? undefined : String(message.messageId),
    // The client counts redeliveries from 0, the host deliveries from 1.
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    EnqueuedTimeUtc: message.enqueuedTimeUtc?.toISOString(),
    ExpiresAtUtc: message.expiresAtUtc?.toISOString(),
    LockToken: message.lockToken,
    SequenceNumber: message.sequenceNumber === undefined ? undefined : Number(message.sequenceNumber),
    ContentType: message.contentType,
    CorrelationId: message.correlationId === undefined ? undefined : String(message.correlationId),
    Subject: message.subject,
    To: message.to,
    ReplyTo: message.replyTo,
    SessionId: message.sessionId,
    PartitionKey: message.partitionKey,
    DeadLetterSource: message.deadLetterSource,
    ApplicationProperties: userProperties,
    UserProperties: userProperties,
  };
}

/** The receiver is told not to parse JSON, so a data body is a buffer and a value body is the value. */
function bodyText(message: ServiceBusReceivedMessage): string {
  const body: unknown = message.body;
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8");
  if (body === undefined || body === null) return "";
  throw new Error(`message ${String(message.messageId)}: body is neither bytes nor text but an AMQP ${typeof body}`);
}

function traceParentOf(message: ServiceBusReceivedMessage): string | undefined {
  const value = message.applicationProperties?.["Diagnostic-Id"];
  return typeof value === "string" && /^00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(value) ? value : undefined;
}
