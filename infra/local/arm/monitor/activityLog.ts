/**
 * The activity log of subscriptions: an event for each write, delete and action that reached a provider, told when it is
 * done or has failed, and queried at Microsoft.Insights/eventtypes/management/values, the newest first.
 *
 * Simpler than Azure: one event (`EndRequest`) per operation, no `BeginRequest` or `Accepted` beside it; no events but
 * administrative ones; no sub-status. An event shows {@link ACTIVITY_LAG_MS} after it happened and for 90 days. Kept in
 * SQLite: a kill loses none.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { resourceEvent } from "../../eventgrid/resourceEvents.ts";
import { queryOf, type Answer, type Call, type Core, type ResourceChange, type ResourceType } from "../call.ts";
import { bare, BareRefusal } from "./bare.ts";
import { ACTIVITY_RETENTION_MS, activityFilter, selected, type ActivityFilter } from "./activityFilter.ts";

/** From an event until it shows: 3 to 20 minutes (Microsoft Learn, "Activity log in Azure Monitor"). */
export const ACTIVITY_LAG_MS = 180_000;
/** Events that are kept, whatever their age. */
export const ACTIVITY_KEPT = 100_000;
/** Events of one page. */
export const ACTIVITY_PAGE = 200;
/** Old events are looked for once in so many new ones. */
const PRUNED_EVERY = 1000;

export class ActivityLog {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #nameOf: (oid: string) => string | undefined;
  lagMs = ACTIVITY_LAG_MS;

  /** `nameOf`: the name of a person, as the directory has it. */
  constructor(database: DatabaseSync, nameOf: (oid: string) => string | undefined) {
    database.exec(
      `CREATE TABLE IF NOT EXISTS activity (seq INTEGER PRIMARY KEY, subscription TEXT, atMs INTEGER, change TEXT);
       CREATE INDEX IF NOT EXISTS activityByTime ON activity (subscription, atMs)`,
    );
    this.#database = database;
    this.#insert = database.prepare("INSERT INTO activity (subscription, atMs, change) VALUES (?, ?, ?)");
    this.#select = database.prepare(
      "SELECT seq, change FROM activity WHERE subscription = ? AND atMs >= ? AND atMs <= ? ORDER BY atMs DESC, seq DESC",
    );
    this.#nameOf = nameOf;
  }

  add(change: ResourceChange): void {
    if (change.subscriptionId === "") return;
    const { lastInsertRowid } = this.#insert.run(
      change.subscriptionId.toLowerCase(),
      change.atMs,
      JSON.stringify(change),
    );
    if (Number(lastInsertRowid) % PRUNED_EVERY === 0) this.#prune(Number(lastInsertRowid), change.atMs);
  }

  /** Events of a subscription that show at `nowMs`, the newest first. */
  *events(subscription: string, filter: ActivityFilter, nowMs: number): IterableIterator<Event> {
    const until = Math.min(filter.toMs, nowMs - this.lagMs);
    for (const row of this.#select.iterate(subscription.toLowerCase(), filter.fromMs, until)) {
      const change = JSON.parse(row["change"] as string) as ResourceChange;
      if (matches(change, filter)) yield { seq: row["seq"] as number, body: this.#shown(change, row["seq"] as number) };
    }
  }

  clear(): void {
    this.#database.exec("DELETE FROM activity");
    this.lagMs = ACTIVITY_LAG_MS;
  }

  #prune(seq: number, nowMs: number): void {
    this.#database
      .prepare("DELETE FROM activity WHERE seq <= ? OR atMs < ?")
      .run(seq - ACTIVITY_KEPT, nowMs - ACTIVITY_RETENTION_MS);
  }

  #shown(change: ResourceChange, seq: number): Readonly<Record<(typeof members)[number], unknown>> {
    const eventDataId = `00000000-0000-4000-a000-${seq.toString(16).padStart(12, "0")}`;
    const { data } = resourceEvent(change, eventDataId, this.#nameOf(change.caller.oid));
    const { claims, authorization } = data as {
      readonly claims: Readonly<Record<string, string>>;
      readonly authorization: { readonly evidence: { readonly role: string } };
    };
    const succeeded = change.outcome === "Success";
    const ticks = BigInt(change.atMs) * 10_000n + TICKS_OF_1970;
    return {
      authorization: {
        action: change.operationName,
        role: authorization.evidence.role,
        scope: change.resourceId,
      },
      caller: claims[UPN] ?? change.caller.oid,
      category: named("Administrative"),
      claims,
      correlationId: change.correlationId,
      description: "",
      eventDataId,
      eventName: { value: "EndRequest", localizedValue: "End request" },
      eventTimestamp: new Date(change.atMs).toISOString(),
      httpRequest: { method: change.method, clientRequestId: eventDataId },
      id: `${change.resourceId}/events/${eventDataId}/ticks/${ticks}`,
      level: succeeded ? "Informational" : "Error",
      operationId: change.correlationId,
      operationName: named(change.operationName),
      properties: { entity: change.resourceId, message: change.operationName, hierarchy: change.tenantId },
      resourceGroupName: change.resourceGroup,
      resourceId: change.resourceId,
      resourceProviderName: named(change.provider),
      resourceType: named(typeOf(change)),
      status: named(succeeded ? "Succeeded" : "Failed"),
      subStatus: named(""),
      submissionTimestamp: new Date(change.atMs + this.lagMs).toISOString(),
      subscriptionId: change.subscriptionId,
      tenantId: change.tenantId,
    };
  }
}

interface Event {
  readonly seq: number;
  readonly body: Readonly<Record<(typeof members)[number], unknown>>;
}

const UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";

/** Ticks of .NET (100 ns since the year 1) at the Unix epoch. */
const TICKS_OF_1970 = 621_355_968_000_000_000n;

const members = [
  ...(["authorization", "caller", "category", "claims", "correlationId", "description", "eventDataId"] as const),
  ...(["eventName", "eventTimestamp", "httpRequest", "id", "level", "operationId", "operationName"] as const),
  ...(["properties", "resourceGroupName", "resourceId", "resourceProviderName", "resourceType", "status"] as const),
  ...(["subStatus", "submissionTimestamp", "subscriptionId", "tenantId"] as const),
];

function named(value: string): { readonly value: string; readonly localizedValue: string } {
  return { value, localizedValue: value };
}

/** `Microsoft.CognitiveServices/accounts` of `Microsoft.CognitiveServices/accounts/write`. */
function typeOf({ operationName, action }: ResourceChange): string {
  return operationName
    .split("/")
    .slice(0, action === "Action" ? -2 : -1)
    .join("/");
}

function matches(change: ResourceChange, { equal }: ActivityFilter): boolean {
  const found = {
    resourceGroupName: change.resourceGroup,
    resourceUri: change.resourceId,
    resourceProvider: change.provider,
    correlationId: change.correlationId,
    resourceType: typeOf(change),
    eventChannels: undefined,
  };
  for (const [field, value] of equal) {
    if (field !== "eventChannels" && found[field]?.toLowerCase() !== value.toLowerCase()) return false;
  }
  return true;
}

export const activityEvents: ResourceType = {
  name: "Microsoft.Insights/eventtypes/values",
  apiVersions: ["2015-04-01"],
  collection: { GET: bare(listEvents) },
  query: ["$filter", "$select"],
};

function listEvents(core: Core, call: Call): Answer {
  const { names, subscriptionId, scope } = call.target;
  if (names[0]?.toLowerCase() !== "management" || subscriptionId === undefined || scope.split("/").length !== 3) {
    throw new BareRefusal(404, "NotFound", `The event types '${names[0] ?? ""}' don't exist here.`);
  }
  const filter = activityFilter(queryOf(call.url, "$filter"), call.nowMs);
  const wanted = selected(queryOf(call.url, "$select"), members);
  const token = queryOf(call.url, "$skiptoken");
  if (token !== undefined && !/^[1-9]\d*$/.test(token)) {
    throw new BareRefusal(400, "BadRequest", `The skip token '${token}' isn't one that this service gave.`);
  }
  const shown: Event[] = [];
  let last = token === undefined;
  let more = false;
  for (const event of core.activity.events(subscriptionId, filter, call.nowMs)) {
    if (!last) {
      last = String(event.seq) === token;
      continue;
    }
    if (shown.length === Math.min(ACTIVITY_PAGE, core.pageSize * 2)) {
      more = true;
      break;
    }
    shown.push(event);
  }
  const value = shown.map(({ body }) =>
    wanted === undefined ? body : Object.fromEntries(wanted.map((name) => [name, body[name as keyof typeof body]])),
  );
  if (!more) return { status: 200, body: { value } };
  const next = new URL(call.url);
  for (const name of Array.from(next.searchParams.keys())) {
    if (name.toLowerCase() === "$skiptoken") next.searchParams.delete(name);
  }
  next.searchParams.set("$skipToken", String(shown.at(-1)?.seq ?? ""));
  return { status: 200, body: { value, nextLink: next.href } };
}
