/** What a `status` fault answers: an ARM error body with the code that the fault names, or the usual one. */
import type { Caller } from "../identity/caller.ts";
import type { Fault } from "../platform/faults.ts";
import type { WireRequest, WireResponse } from "../platform/wire.ts";
import { errorBody, requestConflict, throttled } from "./errors.ts";

const usualCodes = new Map<number, string>([
  [400, "BadRequest"],
  [401, "AuthenticationFailed"],
  [403, "AuthorizationFailed"],
  [404, "ResourceNotFound"],
  [408, "RequestTimeout"],
  [409, "RequestConflict"],
  [412, "PreconditionFailed"],
  [429, "SubscriptionRequestsThrottled"],
  [500, "InternalServerError"],
  [502, "BadGateway"],
  [503, "ServiceUnavailable"],
  [504, "GatewayTimeout"],
]);

export function faultAnswer(fault: Fault, request: WireRequest, caller: Caller): WireResponse {
  const status = fault.status ?? 500;
  const code = fault.code ?? usualCodes.get(status) ?? "InternalServerError";
  const headers: Record<string, string> = {};
  if (fault.retryAfter !== undefined) headers["retry-after"] = String(Math.ceil(fault.retryAfter));
  if (status < 400) return { status, headers };
  return { status, headers, body: errorBody(code, messageOf(code, fault, request, caller)) };
}

/** The observed wording where there is one, so that what reads messages meets real ones. */
function messageOf(code: string, fault: Fault, request: WireRequest, caller: Caller): string {
  const segments = request.url.pathname.split("/");
  if (code === "RequestConflict") return requestConflict(segments.slice(0, 9).join("/")).message;
  if (code === "SubscriptionRequestsThrottled") {
    const kind = request.method === "GET" ? "read" : request.method === "DELETE" ? "delete" : "write";
    return throttled(kind, segments[2] ?? "", caller.oid, Math.ceil(fault.retryAfter ?? 1)).message;
  }
  return `The request was refused on purpose: a fault of status ${fault.status ?? 500} is set.`;
}
