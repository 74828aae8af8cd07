/**
 * Lays an estate into an empty engine. Resources are read by the same schemas and built by the same code as those that
 * callers write, so a seed can't hold what ARM wouldn't; only quota and access are not asked for.
 */
import { replaced } from "./accountBody.ts";
import { newKeys } from "./accounts.ts";
import { touched, uuid, type Call, type Core, type Serve } from "./call.ts";
import { connectionTypes } from "./connections.ts";
import { defenderSettings } from "./defenderSettings.ts";
import { seededDeployment } from "./deployments.ts";
import { defined, isObject, type JsonObject } from "./json.ts";
import { tenantId } from "../platform/constants.ts";
import type { CatalogueModel, Lock, Permission, Quota, RoleAssignment, SystemData, Tags } from "./model.ts";
import { DEFAULT_QUOTA, defaultModels, localizedUsage } from "./modelCatalogue.ts";
import { projects } from "./projects.ts";
import type { GraphLag } from "./graph/graphIndex.ts";
import type { MetricSeries } from "./monitor/metricStore.ts";
import { modelKey, normalLocation, poolKey } from "./quotas.ts";
import { raiPolicies } from "./raiPolicies.ts";
import { roleGuid } from "./rbac.ts";
import { definitionId } from "./roleAssignments.ts";
import { customRole } from "./roleDefinitions.ts";
import { read } from "./schema.ts";
import * as schemas from "./schemas.ts";
import { isAreaType, layAreas } from "./seedAreas.ts";
import { parseTarget } from "./target.ts";

export interface SeedEstate {
  readonly subscriptions: readonly { readonly id: string; readonly name: string; readonly tags?: Tags }[];
  readonly resourceGroups: readonly { readonly id: string; readonly location?: unknown; readonly tags?: unknown }[];
  /**
   * Bodies as a GET shows them, in any order: accounts, what is below them (deployments, private endpoint connections,
   * RAI policies, projects, connections, Defender settings) and locks; workspaces, private endpoints, alerts, action groups, diagnostic settings, policy assignments and exemptions.
   * systemData is taken over where it is given.
   */
  readonly resources: readonly SeedResource[];
  readonly roleAssignments: readonly SeedRoleAssignment[];
  /** Custom roles; the built-in ones are there. */
  readonly roleDefinitions?: readonly {
    /** GUID. */
    readonly id: string;
    readonly roleName: string;
    readonly permissions: readonly Partial<Permission>[];
    readonly assignableScopes: readonly string[];
  }[];
  /** Without it, {@link DEFAULT_QUOTA} in every pool of every subscription and region of the catalogue. */
  readonly quotas?: readonly (Omit<Quota, "localizedName"> & { readonly localizedName?: string })[];
  /** Without it, {@link defaultModels}. */
  readonly models?: readonly CatalogueModel[];
  /** How late things show; not kept over a restart. */
  readonly late?: {
    readonly graph?: Partial<GraphLag>;
    readonly activityMs?: number;
    readonly metricsMs?: number;
  };
  /** Numbers of metrics, by resource and metric name; not kept over a restart. */
  readonly metrics?: readonly {
    readonly resourceId: string;
    readonly metric: string;
    readonly series: readonly MetricSeries[];
  }[];
}

export interface SeedResource {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

export interface SeedRoleAssignment {
  readonly scope: string;
  readonly principalId: string;
  readonly principalType: string;
  /** GUID or ID of the role definition. */
  readonly role: string;
  /** GUID; made up when absent. */
  readonly name?: string;
  readonly description?: string;
  readonly condition?: string;
}

/** Whom a seeded resource says it was created by. */
const SEEDER = { oid: "5eed0000-0000-4000-8000-000000000000", type: "User", roles: [] } as const;

/** What is below accounts and can be made by its own PUT; deployments name policies. */
const madeByPut: Readonly<Record<string, Serve | undefined>> = {
  "accounts/raipolicies": raiPolicies.item?.PUT,
  "accounts/projects": projects.item?.PUT,
  "accounts/connections": connectionTypes[0]?.item?.PUT,
  "accounts/projects/connections": connectionTypes[1]?.item?.PUT,
  "accounts/defenderforaisettings": defenderSettings.item?.PUT,
};

/** In the order in which they need each other; connections are below projects too. */
const seededKinds = [
  "accounts",
  "accounts/raipolicies",
  "accounts/deployments",
  "accounts/privateendpointconnections",
  "accounts/projects",
  "accounts/connections",
  "accounts/projects/connections",
  "accounts/defenderforaisettings",
  "locks",
];

/** What of a seed isn't state: how late things show, and numbers. */
export function laySurroundings(core: Core, { late = {}, metrics = [] }: SeedEstate): void {
  core.graph.lag = { ...core.graph.lag, ...late.graph };
  core.activity.lagMs = late.activityMs ?? core.activity.lagMs;
  core.metrics.lagMs = late.metricsMs ?? core.metrics.lagMs;
  for (const { resourceId, metric, series } of metrics) core.metrics.set(resourceId, metric, series);
}

/** Must run inside a transaction of an empty state. */
export function laySeed(core: Core, estate: SeedEstate, nowMs: number): void {
  for (const { id, name, tags } of estate.subscriptions) {
    const path = `/subscriptions/${id}`;
    const body = { id: path, subscriptionId: id, displayName: name, state: "Enabled" as const, tenantId, tags };
    core.state.put("subscription", path.toLowerCase(), defined(body) as never);
  }
  for (const group of estate.resourceGroups) layGroup(core, group as JsonObject & { id: string });
  layCatalogue(core, estate);
  layRoles(core, estate, nowMs);
  const ordered = new Map<string, SeedResource[]>(seededKinds.map((kind) => [kind, []]));
  const areas = estate.resources.filter(({ type }) => isAreaType(type));
  for (const resource of estate.resources) {
    if (isAreaType(resource.type)) continue;
    const list = ordered.get(resource.type.slice(resource.type.indexOf("/") + 1).toLowerCase());
    if (list === undefined) throw new Error(`seed: the type '${resource.type}' of '${resource.id}' is not served`);
    list.push(resource);
  }
  for (const [kind, resources] of ordered) for (const body of resources) layResource(core, kind, body, nowMs);
  layAreas(
    core,
    areas.map((resource) => ({ type: resource.type, call: seedCall(resource, nowMs) })),
  );
}

/** A PUT of the resource by nobody in particular. */
function seedCall(resource: SeedResource, nowMs: number): Call {
  return {
    target: parseTarget("PUT", resource.id),
    method: "PUT",
    url: new URL(`https://management.azure.com${resource.id}`),
    apiVersion: "",
    caller: SEEDER,
    nowMs,
    body: resource as JsonObject & SeedResource,
    stale: false,
    change: undefined,
  };
}

function layGroup(core: Core, group: JsonObject & { id: string }): void {
  const location = typeof group["location"] === "string" ? group["location"] : "westeurope";
  const body = {
    id: group.id,
    name: group.id.slice(group.id.lastIndexOf("/") + 1),
    type: "Microsoft.Resources/resourceGroups",
    location,
    tags: group["tags"] as Tags | undefined,
    properties: { provisioningState: "Succeeded" as const },
  };
  core.state.put("resourceGroup", group.id.toLowerCase(), defined(body) as never);
}

function layCatalogue(core: Core, estate: SeedEstate): void {
  const models = estate.models ?? defaultModels;
  for (const model of models) core.state.put("model", modelKey(model), model);
  const quotas: NonNullable<SeedEstate["quotas"]> = estate.quotas ?? defaultQuotas(estate, models);
  for (const quota of quotas) {
    const body = { ...quota, localizedName: quota.localizedName ?? localizedUsage(quota.usageName) };
    core.state.put("quota", poolKey(quota.subscriptionId, quota.location, quota.usageName), body);
  }
}

function defaultQuotas(estate: SeedEstate, models: readonly CatalogueModel[]): Omit<Quota, "localizedName">[] {
  return estate.subscriptions.flatMap(({ id }) =>
    models.flatMap((model) =>
      model.locations.flatMap((location) =>
        model.skus.map(({ usageName }) => ({
          subscriptionId: id,
          location: normalLocation(location),
          usageName,
          limit: DEFAULT_QUOTA,
        })),
      ),
    ),
  );
}

function layRoles(core: Core, estate: SeedEstate, nowMs: number): void {
  for (const role of estate.roleDefinitions ?? []) {
    const name = role.id.toLowerCase();
    core.state.put("roleDefinition", name, customRole(name, role, { caller: SEEDER, nowMs }, undefined));
  }
  const now = new Date(nowMs).toISOString();
  for (const assignment of estate.roleAssignments) {
    const role = roleGuid(assignment.role);
    if (core.state.get("roleDefinition", role) === undefined) throw new Error(`seed: no role definition '${role}'`);
    const name = assignment.name ?? uuid(core.random);
    const scope = assignment.scope === "/" ? "" : assignment.scope;
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
    const { condition } = assignment;
    const properties = defined({
      roleDefinitionId: definitionId(scope.split("/")[2], role),
      principalId: assignment.principalId,
      principalType: assignment.principalType,
      scope: assignment.scope,
      description: assignment.description,
      condition,
      conditionVersion: condition === undefined ? undefined : "2.0",
      createdOn: now,
      updatedOn: now,
      createdBy: SEEDER.oid,
      updatedBy: SEEDER.oid,
    }) as RoleAssignment["properties"];
    const type = "Microsoft.Authorization/roleAssignments";
    core.state.put("roleAssignment", id.toLowerCase(), { properties, id, type, name });
  }
}

function layResource(core: Core, kind: string, resource: SeedResource, nowMs: number): void {
  const { id } = resource;
  const body = resource as JsonObject & SeedResource;
  const call = seedCall(resource, nowMs);
  const put = madeByPut[kind];
  if (put !== undefined) {
    put(core, call);
    keepHistory(core, kind, body);
    return;
  }
  const systemData = (body["systemData"] as unknown as SystemData | undefined) ?? touched(call);
  if (kind === "accounts") {
    const account = replaced(core, call, undefined, read(schemas.account, body, "PUT"));
    core.state.put("accountKeys", id.toLowerCase(), newKeys(core));
    core.state.put("account", id.toLowerCase(), { ...account, id, systemData });
  } else if (kind === "accounts/deployments") {
    core.state.put("deployment", id.toLowerCase(), { ...seededDeployment(core, call), id, systemData });
  } else if (kind === "locks") {
    const properties = read(schemas.lock, body, "PUT")["properties"] as unknown as Lock["properties"];
    const name = id.slice(id.lastIndexOf("/") + 1);
    core.state.put("lock", id.toLowerCase(), {
      properties,
      id,
      type: "Microsoft.Authorization/locks",
      name,
      systemData,
    });
  } else layEndpointConnection(core, id, body);
}

/** What is below accounts was made by whom the seed says, when it says. */
function keepHistory(core: Core, kind: string, { id, systemData }: SeedResource): void {
  const of = { "accounts/raipolicies": "raiPolicy", "accounts/projects": "project" } as const;
  const made = of[kind as keyof typeof of] ?? (kind.endsWith("/connections") ? "connection" : undefined);
  const laid = made === undefined ? undefined : core.state.get(made, id.toLowerCase());
  if (made === undefined || laid === undefined || systemData === undefined) return;
  core.state.put(made, id.toLowerCase(), { ...laid, systemData: systemData as SystemData });
}

function layEndpointConnection(core: Core, id: string, body: JsonObject): void {
  const accountId = id.split("/").slice(0, 9).join("/").toLowerCase();
  const account = core.state.get("account", accountId);
  if (account === undefined) throw new Error(`seed: no account for '${id}'`);
  const properties = isObject(body["properties"]) ? body["properties"] : {};
  const connection: JsonObject = defined({
    id,
    name: id.slice(id.lastIndexOf("/") + 1),
    type: "Microsoft.CognitiveServices/accounts/privateEndpointConnections",
    location: body["location"] ?? account.location,
    etag: `"${uuid(core.random)}"`,
    properties: { ...properties, provisioningState: "Succeeded" },
    systemData: body["systemData"],
  });
  const others = account.properties["privateEndpointConnections"];
  const connections = [...(Array.isArray(others) ? (others as JsonObject[]) : []), connection];
  core.state.put("account", accountId, {
    ...account,
    properties: { ...account.properties, privateEndpointConnections: connections },
  });
}
