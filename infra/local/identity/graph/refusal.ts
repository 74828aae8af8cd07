/** What Microsoft Graph answers when it refuses: `{error: {code, message, innerError}}`. */
import { randomUUID } from "node:crypto";
import type { Fault } from "../../platform/faults.ts";
import type { WireResponse } from "../../platform/wire.ts";

/** Thrown where a request is found wanting. */
export class GraphRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "GraphRefusal";
    this.status = status;
    this.code = code;
  }
}

export function badRequest(message: string): GraphRefusal {
  return new GraphRefusal(400, "Request_BadRequest", message);
}

export function unsupportedQuery(message: string): GraphRefusal {
  return new GraphRefusal(400, "Request_UnsupportedQuery", message);
}

export function refusalOf({ status, code, message }: GraphRefusal, nowMs: number): WireResponse {
  return { status, body: errorBody(code, message, nowMs) };
}

function errorBody(code: string, message: string, nowMs: number): object {
  const id = randomUUID();
  const date = new Date(nowMs).toISOString().slice(0, 19);
  return { error: { code, message, innerError: { date, "request-id": id, "client-request-id": id } } };
}

export function unauthenticated(authorization: string | undefined, nowMs: number): WireResponse {
  const message =
    authorization === undefined ? "Access token is empty." : "Access token validation failure or invalid audience.";
  const answer = refusalOf(new GraphRefusal(401, "InvalidAuthenticationToken", message), nowMs);
  return { ...answer, headers: { "www-authenticate": 'Bearer realm="", authorization_uri="", client_id=""' } };
}

/** Codes that Graph gives with these statuses; a fault may ask for another. */
const codes: Readonly<Record<number, string>> = {
  401: "InvalidAuthenticationToken",
  403: "Authorization_RequestDenied",
  429: "TooManyRequests",
  503: "serviceNotAvailable",
};

export function faultAnswer(fault: Fault, nowMs: number): WireResponse {
  const { status = 503, retryAfter } = fault;
  const code = fault.code ?? codes[status] ?? "UnknownError";
  return {
    status,
    ...(retryAfter === undefined ? {} : { headers: { "retry-after": String(Math.ceil(retryAfter)) } }),
    body: errorBody(code, "a fault of the directory was asked for", nowMs),
  };
}
