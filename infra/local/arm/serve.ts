/** The way of a request through ARM, from its path to its answer. No sockets, no waiting. */
import type { Caller } from "../identity/caller.ts";
import { tenantId } from "../platform/constants.ts";
import type { Effect } from "../platform/effects.ts";
import { parseJson, type WireRequest, type WireResponse } from "../platform/wire.ts";
import { queryOf, uuid, type Answer, type Call, type Core, type ResourceChange } from "./call.ts";
import {
  ArmRefusal,
  authorizationFailed,
  invalidContent,
  resourceGroupNotFound,
  subscriptionNotFound,
} from "./errors.ts";
import type { Json } from "./json.ts";
import { checkLocks } from "./locks.ts";
import { route, type Route } from "./registry.ts";
import { isGuid, parseTarget, type Target } from "./target.ts";
import type { Throttle } from "./throttle.ts";

export interface Served {
  readonly response: WireResponse;
  /** To be told now: the write is done, or its resource provider refused it. */
  readonly change?: ResourceChange;
  /** Of every write, refused or not. */
  readonly effect?: Omit<Effect, "seq" | "at" | "engine">;
}

interface Progress {
  target?: Target;
  /** Headers that every answer carries once they are known. */
  headers: Record<string, string>;
  /** A POST that only asks. */
  query?: boolean;
  /** Set when the request is let through to the resource provider. */
  change?: ResourceChange;
}

/** Serves one request; a refusal becomes its error answer, anything else that is thrown is a defect of the engine. */
export function serve(
  core: Core,
  throttle: Throttle,
  request: WireRequest,
  caller: Caller,
  at: { nowMs: number; stale: boolean },
): Served {
  const progress: Progress = { headers: requestIds(core, request) };
  let answer: Answer;
  try {
    answer = proceed(core, throttle, request, caller, at, progress);
  } catch (error) {
    if (!(error instanceof ArmRefusal)) throw error;
    answer = { status: error.status, headers: error.headers, body: error.body() };
  }
  const response: WireResponse = {
    status: answer.status,
    headers: { ...progress.headers, ...answer.headers },
    body: answer.body,
  };
  if (request.method === "GET" || request.method === "HEAD" || progress.query === true) return { response };
  const { target, change } = progress;
  const action = target?.action === undefined ? "" : `/${target.action.toLowerCase()}`;
  const effect = {
    caller: caller.oid,
    method: request.method,
    target: target === undefined ? request.url.pathname.toLowerCase() : target.lowerPath + action,
    status: answer.status,
  };
  if (change === undefined || answer.accepted === true) return { response, effect };
  return { response, effect, change: { ...change, outcome: answer.status < 400 ? "Success" : "Failure" } };
}

function proceed(
  core: Core,
  throttle: Throttle,
  request: WireRequest,
  caller: Caller,
  at: { nowMs: number; stale: boolean },
  progress: Progress,
): Answer {
  const { method, url } = request;
  const target = parseTarget(method, url.pathname);
  progress.target = target;
  const found = route(method, target, url);
  progress.query = method === "POST" && found.type.queries === true;
  const reads = method === "GET" || progress.query;
  if (!progress.query) Object.assign(progress.headers, throttle.take(method, target, caller.oid, at.nowMs));
  checkSubscription(core, target);
  if (!progress.query) authorize(core, found, target, method, caller);
  const call: Call = {
    target,
    method,
    url,
    apiVersion: queryOf(url, "api-version") ?? "",
    caller,
    nowMs: at.nowMs,
    body: bodyOf(request),
    stale: at.stale,
    change: reads ? undefined : changeOf(request, target, found, caller, at.nowMs, progress),
  };
  checkResourceGroup(core, target);
  if (reads) return found.serve(core, call);
  if (call.change !== undefined) progress.change = call.change;
  if (found.type.name !== "Microsoft.Authorization/locks") checkLocks(core.state, target, method);
  return core.state.atomically(() => found.serve(core, call));
}

function checkSubscription(core: Core, target: Target): void {
  const { subscriptionId } = target;
  if (subscriptionId === undefined) return;
  if (core.state.get("subscription", `/subscriptions/${subscriptionId.toLowerCase()}`) === undefined) {
    throw subscriptionNotFound(subscriptionId);
  }
}

function checkResourceGroup(core: Core, target: Target): void {
  const { subscriptionId, resourceGroup } = target;
  if (subscriptionId === undefined || resourceGroup === undefined) return;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`.toLowerCase();
  if (core.state.get("resourceGroup", id) === undefined) throw resourceGroupNotFound(resourceGroup);
}

function authorize(core: Core, found: Route, target: Target, method: string, caller: Caller): void {
  const open = found.type.openReads === true || (found.type.tenantReads === true && target.scope === "");
  if (method === "GET" ? open : found.type.openWrites === true) return;
  const point = found.type.conditionalWrites === true && method !== "GET" ? "any" : {};
  if (core.rbac.allows(caller.oid, found.action, target.lowerPath, point)) return;
  throw authorizationFailed(caller.oid, found.action, scopeShown(target));
}

/** A list is refused over what it lists from, a resource over itself. */
function scopeShown(target: Target): string {
  if (!target.collection) return target.path;
  if (target.names.length === 0) return target.scope === "" ? target.path : target.scope;
  return target.path.slice(0, target.path.lastIndexOf("/"));
}

function requestIds(core: Core, request: WireRequest): Record<string, string> {
  const id = uuid(core.random);
  const sent = request.headers["x-ms-correlation-request-id"];
  const clientId = request.headers["x-ms-client-request-id"];
  return {
    "cache-control": "no-cache",
    "x-ms-request-id": id,
    "x-ms-correlation-request-id": sent !== undefined && isGuid(sent) ? sent : id,
    ...(clientId !== undefined && request.headers["x-ms-return-client-request-id"] === "true"
      ? { "x-ms-client-request-id": clientId }
      : {}),
  };
}

/** `curl -d` sends forms unless told otherwise; ARM refuses them with the same words. */
function bodyOf(request: WireRequest): Json | undefined {
  if (request.body.length === 0) return undefined;
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== undefined && type !== "application/json" && type !== "text/json") {
    throw new ArmRefusal(
      415,
      "UnsupportedMediaType",
      `The content media type '${type}' is not supported. Only 'application/json' is supported.`,
    );
  }
  try {
    return parseJson(request.body.toString()) as Json;
  } catch (error) {
    throw invalidContent(error instanceof Error ? error.message : String(error));
  }
}

function changeOf(
  request: WireRequest,
  target: Target,
  found: Route,
  caller: Caller,
  nowMs: number,
  progress: Progress,
): ResourceChange {
  const kinds = { DELETE: "Delete", POST: "Action" } as const;
  return {
    subscriptionId: target.subscriptionId ?? "",
    tenantId,
    resourceId: target.path,
    resourceGroup: target.resourceGroup ?? "",
    provider: found.type.name.split("/")[0] ?? "",
    operationName: found.action,
    action: request.method === "DELETE" || request.method === "POST" ? kinds[request.method] : "Write",
    outcome: "Success",
    method: request.method,
    url: request.url.href,
    caller,
    correlationId: progress.headers["x-ms-correlation-request-id"] ?? "",
    atMs: nowMs,
  };
}
