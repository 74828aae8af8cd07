/**
 * Events in the two schemas that Event Grid takes and delivers. Inside the engine an event of a system topic is an
 * {@link EventGridEvent}, the schema that Azure's system topics publish in; it becomes a CloudEvent on delivery where an
 * event subscription asks for that.
 */
import { z } from "zod";

/** Azure's Event Grid event schema, as delivered. */
export interface EventGridEvent {
  readonly id: string;
  /** Resource ID of what publishes: `/subscriptions/{id}` of a subscription's system topic. */
  readonly topic: string;
  readonly subject: string;
  readonly eventType: string;
  /** ISO 8601. */
  readonly eventTime: string;
  readonly data: unknown;
  readonly dataVersion: string;
  readonly metadataVersion: "1";
}

/** CloudEvents 1.0, structured JSON. */
export interface CloudEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time?: string;
  readonly subject?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly data?: unknown;
  readonly data_base64?: string;
  readonly [extension: string]: unknown;
}

/** The schema that a custom topic takes its events in; it takes no other. */
export type InputSchema = "CloudEventSchemaV1_0" | "EventGridSchema";

/** An event as its publisher posted it. */
export type Published = CloudEvent | Omit<EventGridEvent, "topic" | "dataVersion" | "metadataVersion">;

/** An event or an envelope that Event Grid would answer with that status; the message names the place. */
export class EventGridError extends Error {
  readonly status: 400 | 413;

  constructor(status: 400 | 413, message: string) {
    super(message);
    this.name = "EventGridError";
    this.status = status;
  }
}

/** Of one publish request (Azure: 1 MB; the count is the SDKs' advice for it). */
export const EVENTS_PER_REQUEST_MAX = 5_000;

const filled = z.string().min(1);
const dateTime = z.iso.datetime({ offset: true });

const eventGridSchema = z.strictObject({
  id: filled,
  topic: filled.optional(),
  subject: filled,
  eventType: filled,
  eventTime: dateTime,
  data: z.unknown().optional(),
  dataVersion: z.string().optional(),
  metadataVersion: z.literal("1").optional(),
});

/** On a custom topic: the service fills in `topic`, which is its own resource ID and nothing else. */
const topicEventSchema = eventGridSchema.omit({ topic: true });

const cloudEventShape = {
  specversion: z.literal("1.0"),
  id: filled,
  source: filled,
  type: filled,
  time: dateTime.optional(),
  subject: filled.optional(),
  datacontenttype: filled.optional(),
  dataschema: filled.optional(),
  data: z.unknown().optional(),
};

/** What a system topic could publish: no extension attributes, no binary data. */
const systemCloudEventSchema = z.strictObject({ ...cloudEventShape, subject: filled, time: dateTime });

/** CloudEvents 1.0 section 3.1: attribute names are lower-case letters and digits. */
const cloudEventSchema = z
  .object({ ...cloudEventShape, data_base64: z.base64().optional() })
  .catchall(
    z.union([z.string(), z.number(), z.boolean()], { error: "an extension attribute is text, number or boolean" }),
  )
  .superRefine((event, context) => {
    for (const name of Object.keys(event)) {
      if (!/^([a-z0-9]{1,20}|datacontenttype|data_base64)$/.test(name))
        context.addIssue({ code: "custom", path: [name], message: "not a CloudEvents attribute name" });
    }
  });

/** Reads what a test or a person publishes as a system topic: one event or a list, each in either schema. */
export function parseSystemEvents(input: unknown): EventGridEvent[] {
  return list(input).map((item, index) => {
    const where = Array.isArray(input) ? `events[${index}]` : "event";
    if (!isRecord(item)) throw new EventGridError(400, `${where}: expected an object, found ${describe(item)}`);
    if ("specversion" in item) return fromCloudEvent(parse(systemCloudEventSchema, item, where));
    if (!("eventType" in item))
      throw new EventGridError(
        400,
        `${where}: expected an event with eventType (Event Grid schema) or specversion (CloudEvents 1.0), found the properties ${Object.keys(item).join(", ") || "(none)"}`,
      );
    const { topic, data, dataVersion = "", ...event } = parse(eventGridSchema, item, where);
    return { ...event, data, topic: topic ?? topicOf(event.subject, where), dataVersion, metadataVersion: "1" };
  });
}

/** Reads what a publisher posts to a custom topic with that input schema. */
export function parsePublished(input: unknown, inputSchema: InputSchema): Published[] {
  const schema = inputSchema === "CloudEventSchemaV1_0" ? cloudEventSchema : topicEventSchema;
  return list(input).map((item, index) => parse(schema, item, `events[${index}]`) as Published);
}

/** The event as an event subscription with delivery schema CloudEventSchemaV1_0 gets it. */
export function toCloudEvent(event: EventGridEvent): CloudEvent {
  const { id, topic, subject, eventType, eventTime, data } = event;
  return { id, source: topic, subject, type: eventType, time: eventTime, specversion: "1.0", data };
}

function fromCloudEvent(event: z.infer<typeof systemCloudEventSchema>): EventGridEvent {
  const { id, source, subject, type, time, data } = event;
  const dataVersion = type.startsWith("Microsoft.Resources.") ? RESOURCE_DATA_VERSION : "";
  return { id, topic: source, subject, eventType: type, eventTime: time, data, dataVersion, metadataVersion: "1" };
}

/** `dataVersion` of Microsoft.Resources.* events. */
export const RESOURCE_DATA_VERSION = "2";

/** A system topic fills in `topic`; a publisher of test events may leave it out. */
function topicOf(subject: string, where: string): string {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(subject)?.[0];
  if (subscription === undefined)
    throw new EventGridError(
      400,
      `${where}.topic: needed, because the subject ${JSON.stringify(subject)} does not begin with /subscriptions/{id}`,
    );
  return subscription;
}

function list(input: unknown): unknown[] {
  const items = Array.isArray(input) ? input : [input];
  if (items.length > EVENTS_PER_REQUEST_MAX)
    throw new EventGridError(413, `${items.length} events in one request, at most ${EVENTS_PER_REQUEST_MAX} are taken`);
  return items;
}

function parse<T extends z.ZodType>(schema: T, item: unknown, where: string): z.infer<T> {
  const result = schema.safeParse(item);
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, 5).map(({ path, message }) => {
    const found = path.reduce<unknown>((at, step) => (isRecord(at) ? at[String(step)] : undefined), item);
    const place = [where, ...path.map(String)].join(".");
    return `${place}: ${message}${path.length === 0 ? "" : `, found ${describe(found)}`}`;
  });
  throw new EventGridError(400, problems.join("; "));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
