/**
 * The tables of Resource Graph, and which types stand in them.
 *
 * `Resources` holds tracked resources. Microsoft.CognitiveServices/accounts is there (Microsoft Learn, "table and resource
 * type reference", every edition from 2021 on). accounts/projects are tracked too (they have location and tags, and
 * `az resource list` finds them), so they should be; no edition of the list that names them was seen. accounts/deployments
 * are not: they are no tracked resources, no edition names them, and tools that take their inventory from Resource Graph
 * list deployments account by account from ARM (cloud-custodian#10634). Diagnostic settings and locks are not either.
 *
 * Types are lower case, `resourceGroup` too; what a resource doesn't have is an empty text or null.
 */
import type { Core } from "../call.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Kind } from "../state.ts";
import { tenantId } from "../../platform/constants.ts";
import { normalScope, roleGuid } from "../rbac.ts";
import { hash } from "./graphIndex.ts";
import type { Column, ColumnType, Row } from "./values.ts";

const columnTypes: Readonly<Record<string, ColumnType>> = {
  id: "string",
  name: "string",
  type: "string",
  tenantId: "string",
  kind: "string",
  location: "string",
  resourceGroup: "string",
  subscriptionId: "string",
  managedBy: "string",
  sku: "dynamic",
  plan: "dynamic",
  properties: "dynamic",
  tags: "dynamic",
  identity: "dynamic",
  zones: "dynamic",
  extendedLocation: "dynamic",
};

const columns: readonly Column[] = Object.entries(columnTypes).map(([name, type]) => ({ name, type }));

/** Which kinds of the state stand in which table, by table name in lower case. */
const kindsOf = {
  resources: ["account", "project", "tracked"],
  resourcecontainers: ["subscription", "resourceGroup"],
  authorizationresources: ["roleAssignment", "roleDefinition"],
} as const satisfies Readonly<Record<string, readonly Kind[]>>;

export const graphKinds: readonly Kind[] = Object.values(kindsOf).flat();

/** Columns by table name, lower case. */
export const tables: ReadonlyMap<string, readonly Column[]> = new Map(
  Object.keys(kindsOf).map((name) => [name, columns]),
);

/** The rows of a table that the caller may read, in an order that means nothing: only `order by` gives one. */
export function rowsOf(core: Core, table: string, caller: string, scopes: ReadonlySet<string>, nowMs: number): Row[] {
  const found: { row: Row; at: number }[] = [];
  for (const kind of kindsOf[table as keyof typeof kindsOf]) {
    for (const [key, body] of core.graph.known(kind, nowMs)) {
      const row = rowOf(kind, body);
      const at = kind === "roleDefinition" || kind === "roleAssignment" ? scopeOf(body) : key;
      const subscription = subscriptionOf(at);
      if (subscription !== "" && !scopes.has(subscription)) continue;
      if (at !== "" && !core.rbac.allows(caller, `${textOf(row["type"])}/read`, at)) continue;
      found.push({ row, at: hash(key) });
    }
  }
  return found.sort((a, b) => a.at - b.at).map(({ row }) => row);
}

/** Where a role assignment or definition is read: its own scope; a built-in role at the tenant, by everybody. */
function scopeOf(body: JsonObject): string {
  const id = textOf(body["id"]).toLowerCase();
  return normalScope(id.slice(0, id.lastIndexOf("/providers/")));
}

/** Lower case; empty at the tenant. */
function subscriptionOf(lowerId: string): string {
  return /^\/subscriptions\/([^/]+)/.exec(lowerId)?.[1] ?? "";
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

const shown = new WeakMap<JsonObject, Row>();

function rowOf(kind: Kind, body: JsonObject): Row {
  let row = shown.get(body);
  if (row === undefined) shown.set(body, (row = built(kind, body)));
  return row;
}

function built(kind: Kind, body: JsonObject): Row {
  const id = textOf(body["id"]);
  const lower = id.toLowerCase();
  const text = (name: string): string => textOf(body[name]);
  const subscription = kind === "subscription";
  return {
    id,
    name: subscription ? text("displayName") : text("name"),
    type: (subscription ? "Microsoft.Resources/subscriptions" : containerType(kind, text("type"))).toLowerCase(),
    tenantId: kind === "roleDefinition" && subscriptionOf(lower) === "" ? "" : tenantId,
    kind: text("kind"),
    location: text("location").toLowerCase(),
    resourceGroup: /\/resourcegroups\/([^/]+)/.exec(lower)?.[1] ?? "",
    subscriptionId: subscriptionOf(lower),
    managedBy: text("managedBy"),
    sku: body["sku"] ?? null,
    plan: body["plan"] ?? null,
    properties: properties(kind, body),
    tags: body["tags"] ?? null,
    identity: body["identity"] ?? null,
    zones: body["zones"] ?? null,
    extendedLocation: body["extendedLocation"] ?? null,
  };
}

function containerType(kind: Kind, type: string): string {
  return kind === "resourceGroup" ? "Microsoft.Resources/subscriptions/resourceGroups" : type;
}

/** Role assignments name their definition as the tenant sees it, so that the two tables' IDs can be compared. */
function properties(kind: Kind, body: JsonObject): Json {
  if (kind === "subscription") return { state: body["state"] ?? null, managementGroupAncestorsChain: [] };
  const own = (body["properties"] ?? {}) as JsonObject;
  if (kind !== "roleAssignment") return own;
  const definition = `/providers/Microsoft.Authorization/RoleDefinitions/${roleGuid(textOf(own["roleDefinitionId"]))}`;
  return { ...own, roleDefinitionId: definition };
}
