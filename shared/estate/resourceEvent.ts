/**
 * Event Grid events of `Microsoft.Resources`, in either schema. An event says only "look at this target": it carries no
 * body, comes late, doubled, unordered or never. From it are taken the target and, as evidence for people, who did it;
 * names, addresses and other personal claims are dropped here and stored nowhere.
 */
import { z } from "zod";
import { parse } from "../kernel/parse.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { toResourceId, type ResourceId } from "./resourceId.ts";

const objectIdentifierClaim = "http://schemas.microsoft.com/identity/claims/objectidentifier";

/** What is kept of a text; Azure's own IDs and operations are far shorter, but a message may hold 256 kB. */
const short = (charactersMax: number): z.ZodType<string, string> =>
  z
    .string()
    .min(1)
    .transform((text) => text.slice(0, charactersMax).toWellFormed());

const dataSchema = z.looseObject({
  resourceUri: z.string().min(1),
  operationName: short(200),
  correlationId: short(100).optional(),
  claims: z.record(z.string(), z.unknown()).nullish(),
});

const eventGridSchema = z.looseObject({
  id: short(100),
  eventType: short(200),
  eventTime: short(40),
  subject: z.string(),
  data: dataSchema,
});

const cloudEventSchema = z.looseObject({
  specversion: z.literal("1.0"),
  id: short(100),
  type: short(200),
  time: short(40),
  source: z.string(),
  subject: z.string().optional(),
  data: dataSchema,
});

export interface ResourceEvent {
  readonly id: string;
  /** `Microsoft.Resources.ResourceWriteSuccess` and its like. */
  readonly type: string;
  readonly at: string;
  readonly resourceId: ResourceId;
  readonly operation: string;
  /** Object ID of the caller; undefined when the claims hold none. */
  readonly caller: string | undefined;
  /** Application ID of the caller. */
  readonly application: string | undefined;
  readonly correlationId: string | undefined;
}

/**
 * Reads one message of the queue: an event or an array of one, as an object or as JSON text.
 * @throws SteelyardError `BadInput` that says what is wrong; the message is then dead-lettered with that reason.
 */
export function parseResourceEvent(message: unknown): ResourceEvent {
  const input = unwrap(message);
  const isCloudEvent = typeof input === "object" && input !== null && "specversion" in input;
  const event = isCloudEvent
    ? fromCloudEvent(parse(cloudEventSchema, input, "CloudEvent"))
    : fromEventGrid(parse(eventGridSchema, input, "Event Grid event"));
  if (!event.type.startsWith("Microsoft.Resources.")) {
    throw new SteelyardError(
      "BadInput",
      `event ${event.id} at type: found "${event.type}"; expected Microsoft.Resources.*`,
    );
  }
  const resourceId = toResourceId(event.data.resourceUri);
  if (resourceId === undefined) {
    throw new SteelyardError(
      "BadInput",
      `event ${event.id} at data.resourceUri: found "${event.data.resourceUri.slice(0, 80)}"; expected a resource ID below /subscriptions/`,
    );
  }
  const claims = event.data.claims ?? {};
  return {
    id: event.id,
    type: event.type,
    at: event.at,
    resourceId,
    operation: event.data.operationName,
    caller: guidClaim(claims[objectIdentifierClaim] ?? claims["oid"]),
    application: guidClaim(claims["appid"] ?? claims["azp"]),
    correlationId: event.data.correlationId,
  };
}

function unwrap(message: unknown): unknown {
  let input = message;
  if (typeof input === "string") {
    try {
      input = JSON.parse(input);
    } catch (error) {
      throw new SteelyardError("BadInput", `event: found text that is not JSON; expected an event`, { cause: error });
    }
  }
  if (!Array.isArray(input)) return input;
  if (input.length !== 1) {
    throw new SteelyardError("BadInput", `event: found an array of ${input.length}; expected one event a message`);
  }
  return input[0];
}

type Envelope = { id: string; type: string; at: string; data: z.output<typeof dataSchema> };

function fromEventGrid(event: z.output<typeof eventGridSchema>): Envelope {
  return { id: event.id, type: event.eventType, at: event.eventTime, data: event.data };
}

function fromCloudEvent(event: z.output<typeof cloudEventSchema>): Envelope {
  return { id: event.id, type: event.type, at: event.time, data: event.data };
}

/** Object and application IDs are GUIDs; anything else names nobody. */
function guidClaim(value: unknown): string | undefined {
  return z.guid().toLowerCase().safeParse(value).data;
}
