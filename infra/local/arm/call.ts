/** What passes between the engine and the operations of a resource type. */
import type { Caller } from "../identity/caller.ts";
import { ArmRefusal } from "./errors.ts";
import type { GraphIndex } from "./graph/graphIndex.ts";
import type { GraphQuota } from "./graph/quota.ts";
import type { Json } from "./json.ts";
import type { SystemData } from "./model.ts";
import type { ActivityLog } from "./monitor/activityLog.ts";
import type { MetricStore } from "./monitor/metricStore.ts";
import type { Operations } from "./operations.ts";
import type { Pim } from "./pim/pim.ts";
import type { Quotas } from "./quotas.ts";
import type { Rbac } from "./rbac.ts";
import type { State } from "./state.ts";
import type { Target } from "./target.ts";

/** What every operation works with. */
export interface Core {
  readonly state: State;
  readonly rbac: Rbac;
  readonly operations: Operations;
  readonly quotas: Quotas;
  /** What Resource Graph knows of the estate. */
  readonly graph: GraphIndex;
  readonly graphQuota: GraphQuota;
  readonly metrics: MetricStore;
  readonly activity: ActivityLog;
  readonly pim: Pim;
  /** Names of people, as the directory has them. */
  readonly nameOf: (oid: string) => string | undefined;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly pageSize: number;
  /** What the directory knows of a principal; undefined when it isn't there. Without a directory nobody is refused. */
  readonly principalType: ((oid: string) => PrincipalType | undefined) | undefined;
}

export type PrincipalType = "User" | "Group" | "ServicePrincipal";

/** One request that has passed authentication, routing, throttling and authorization. */
export interface Call {
  readonly target: Target;
  readonly method: string;
  readonly url: URL;
  readonly apiVersion: string;
  readonly caller: Caller;
  readonly nowMs: number;
  /** Parsed JSON; undefined when there was none. */
  readonly body: Json | undefined;
  /** Reads see the version before the last change. */
  readonly stale: boolean;
  /** What is told when the request, or the operation that it starts, has succeeded. */
  readonly change: ResourceChange | undefined;
}

/** A change of the estate, as Event Grid and the activity log would tell it. */
export interface ResourceChange {
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** In the case that the caller used. */
  readonly resourceId: string;
  /** Empty above resource groups. */
  readonly resourceGroup: string;
  readonly provider: string;
  /** For example `Microsoft.CognitiveServices/accounts/write`. */
  readonly operationName: string;
  readonly action: "Write" | "Delete" | "Action";
  readonly outcome: "Success" | "Failure";
  readonly method: string;
  readonly url: string;
  readonly caller: Caller;
  readonly correlationId: string;
  /** Business time, milliseconds since the epoch. */
  readonly atMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | undefined;
  /** An operation has begun; its end tells the change. */
  readonly accepted?: boolean;
}

export type Serve = (core: Core, call: Call) => Answer;

/** What a POST to a resource does. */
export interface Action {
  readonly name: string;
  readonly serve: Serve;
  /** Where they are fewer than those of the type. */
  readonly apiVersions?: readonly string[];
}

/** A resource type: what can be asked of all of its resources and of one, and its POST actions. */
export interface ResourceType {
  /** In its proper spelling, for example `Microsoft.CognitiveServices/accounts`. */
  readonly name: string;
  readonly apiVersions: readonly string[];
  readonly item?: Readonly<Partial<Record<"GET" | "PUT" | "PATCH" | "DELETE", Serve>>>;
  readonly collection?: Readonly<Partial<Record<"GET" | "POST", Serve>>>;
  /**
   * POST of the collection is a query: it changes nothing, isn't told or counted as a write, passes locks, and the
   * operation itself throttles and decides what the caller may see.
   */
  readonly queries?: boolean;
  /** By lower-case name. */
  readonly actions?: Readonly<Record<string, Action>>;
  /** Reads filter or check by themselves instead of being held to `NAME/read` at their scope. */
  readonly openReads?: boolean;
  /** Writes and POST actions check by themselves what the caller may. */
  readonly openWrites?: boolean;
  /** At the tenant, everybody who is signed in may read. */
  readonly tenantReads?: boolean;
  /** Writes are asked about a second time by the operation, when it knows what a role's condition is asked about. */
  readonly conditionalWrites?: boolean;
  /** Query parameters besides `api-version` and `$skipToken`, lower case. */
  readonly query?: readonly string[];
}

/** Resources on one page of a list. */
export const LIST_PAGE_SIZE = 100;

/**
 * One page of a list ordered by resource ID, with `nextLink` on the address that the client used. The skip token is the
 * last ID of the page before, so that a resource which goes away in between moves nothing.
 */
export function page(core: Core, call: Call, items: readonly { readonly id: string }[]): Answer {
  const sorted = items.map((item) => ({ key: item.id.toLowerCase(), item })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const token = queryOf(call.url, "$skiptoken");
  const after = token === undefined ? "" : Buffer.from(token, "base64url").toString();
  if (token !== undefined && !after.startsWith("/")) {
    throw new ArmRefusal(400, "InvalidSkipToken", `The skip token '${token}' isn't one that this service gave.`);
  }
  const from = sorted.findIndex(({ key }) => key > after);
  const shown = from === -1 ? [] : sorted.slice(from, from + core.pageSize);
  const value = shown.map(({ item }) => item);
  const last = shown.at(-1);
  if (last === undefined || last === sorted.at(-1)) return { status: 200, body: { value } };
  const next = new URL(call.url);
  const names = Array.from(next.searchParams.keys());
  for (const name of names) if (name.toLowerCase() === "$skiptoken") next.searchParams.delete(name);
  next.searchParams.set("$skiptoken", Buffer.from(last.key).toString("base64url"));
  return { status: 200, body: { value, nextLink: next.href } };
}

/** A query parameter; names are compared without regard to case. */
export function queryOf(url: URL, name: string): string | undefined {
  for (const [key, value] of url.searchParams) if (key.toLowerCase() === name) return value;
  return undefined;
}

/** systemData after a write by the caller. */
export function touched(call: Pick<Call, "caller" | "nowMs">, before?: SystemData): SystemData {
  const at = new Date(call.nowMs).toISOString();
  const by = call.caller.oid;
  const type = call.caller.type === "User" ? "User" : "Application";
  return {
    createdBy: before?.createdBy ?? by,
    createdByType: before?.createdByType ?? type,
    createdAt: before?.createdAt ?? at,
    lastModifiedBy: by,
    lastModifiedByType: type,
    lastModifiedAt: at,
  };
}

/** A random (version 4) UUID from the seeded generator. */
export function uuid(random: () => number): string {
  const hex = hexDigits(random, 32);
  const variant = "89ab"[Math.floor(random() * 4)] ?? "8";
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export function hexDigits(random: () => number, count: number): string {
  let digits = "";
  while (digits.length < count) {
    digits += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  }
  return digits.slice(0, count);
}
