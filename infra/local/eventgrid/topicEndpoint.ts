/**
 * The endpoint of the custom topic: `POST /api/events?api-version=2018-01-01`, in the topic's one input schema, bearer
 * token for https://eventgrid.azure.net. Access keys and shared-access signatures are refused, as on a topic with local
 * authentication disabled. The publisher's role (EventGrid Data Sender) is not looked at.
 */
import type { Caller, Verify } from "../identity/caller.ts";
import { parseJson, type WireRequest, type WireResponse } from "../platform/wire.ts";
import { EventGridError, type InputSchema, parsePublished, type Published } from "./events.ts";

export const eventGridAudience = "https://eventgrid.azure.net";

const PATH = "/api/events";
const API_VERSION = "2018-01-01";
/** Of a request and of each event. */
const BYTES_MAX = 1_048_576;

/** Content types by input schema, and whether the body is then a list. */
const contentTypes: Readonly<Record<InputSchema, ReadonlyMap<string, "one" | "list">>> = {
  CloudEventSchemaV1_0: new Map([
    ["application/cloudevents+json", "one"],
    ["application/cloudevents-batch+json", "list"],
  ]),
  EventGridSchema: new Map([["application/json", "list"]]),
};

export interface Topic {
  readonly inputSchema: InputSchema;
  readonly verify: Verify;
  /** Takes the events over before the answer is sent. */
  readonly accept: (caller: Caller, events: readonly Published[]) => void;
}

/** Answers one request to the topic. */
export async function serveTopic(request: WireRequest, { inputSchema, verify, accept }: Topic): Promise<WireResponse> {
  const { method, url, headers, body } = request;
  if (url.pathname !== PATH) return failure(404, "NotFound", `no such path: ${url.pathname}; the topic is at ${PATH}`);
  if (method !== "POST") return failure(405, "MethodNotAllowed", `${PATH} takes POST, not ${method}`);
  const version = url.searchParams.get("api-version");
  if (version !== API_VERSION)
    return failure(400, "BadRequest", `api-version: expected ${API_VERSION}, found ${version ?? "none"}`);
  const caller = await verify(headers["authorization"], eventGridAudience);
  if (caller === undefined)
    return failure(401, "Unauthorized", `a bearer token for ${eventGridAudience} is needed; keys are not accepted`);
  if (body.length > BYTES_MAX)
    return failure(
      413,
      "RequestEntityTooLarge",
      `the request has ${body.length} bytes, at most ${BYTES_MAX} are taken`,
    );
  const types = contentTypes[inputSchema];
  const form = types.get(headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "");
  if (form === undefined)
    return failure(
      400,
      "BadRequest",
      `this topic takes ${[...types.keys()].join(" and ")}, found ${headers["content-type"] ?? "no content type"}`,
    );
  try {
    const input: unknown = parseJson(body.toString("utf8"));
    if (Array.isArray(input) !== (form === "list"))
      throw new EventGridError(400, form === "list" ? "expected an array of events" : "expected one event");
    accept(caller, parsePublished(input, inputSchema));
    return { status: 200 };
  } catch (error) {
    if (error instanceof EventGridError)
      return failure(error.status, error.status === 413 ? "RequestEntityTooLarge" : "BadRequest", error.message);
    if (error instanceof SyntaxError) return failure(400, "BadRequest", `the body is not JSON: ${error.message}`);
    throw error;
  }
}

/** An error in the form that Event Grid gives it. */
export function failure(status: number, code: string, message: string): WireResponse {
  return { status, body: { error: { code, message, details: [{ code, message }] } } };
}
