/** The resource types that the engine serves, and how a request finds its operation. */
import { accounts } from "./accounts.ts";
import { queryOf, type ResourceType, type Serve } from "./call.ts";
import { calculationTypes } from "./calculations.ts";
import { catalogueTypes } from "./catalogue.ts";
import { connectionTypes } from "./connections.ts";
import { resourceGroups, subscriptions } from "./containers.ts";
import { defenderSettings } from "./defenderSettings.ts";
import { deletedAccountTypes } from "./deletedAccounts.ts";
import { deployments, deploymentSkus } from "./deployments.ts";
import { endpointConnections } from "./endpointConnections.ts";
import { ArmRefusal, methodNotAllowed } from "./errors.ts";
import { graphResources } from "./graph/resources.ts";
import { locks } from "./locks.ts";
import { activityEvents } from "./monitor/activityLog.ts";
import { activityLogAlerts } from "./monitor/activityLogAlerts.ts";
import { actionGroups, metricAlerts } from "./monitor/alerts.ts";
import { diagnosticSettingsCategories } from "./monitor/diagnosticCategories.ts";
import { diagnosticSettings } from "./monitor/diagnosticSettings.ts";
import { metricBatch, metricDefinitions, metrics } from "./monitor/metrics.ts";
import { scheduleRequests } from "./pim/requests.ts";
import { scheduleTypes } from "./pim/schedules.ts";
import { policyAssignments } from "./policy/assignments.ts";
import { policyExemptions } from "./policy/exemptions.ts";
import { privateDnsZoneGroups } from "./privateDnsZoneGroups.ts";
import { privateEndpoints } from "./privateEndpoints.ts";
import { projects } from "./projects.ts";
import { quotaTiers } from "./quotaTiers.ts";
import { raiPolicies } from "./raiPolicies.ts";
import { roleAssignments } from "./roleAssignments.ts";
import { roleDefinitions } from "./roleDefinitions.ts";
import { tags } from "./tags.ts";
import type { Target } from "./target.ts";
import { workspaces } from "./workspaces.ts";

const types: readonly ResourceType[] = [
  accounts,
  deployments,
  deploymentSkus,
  endpointConnections,
  raiPolicies,
  projects,
  ...connectionTypes,
  defenderSettings,
  ...deletedAccountTypes,
  ...catalogueTypes,
  ...calculationTypes,
  quotaTiers,
  locks,
  roleAssignments,
  roleDefinitions,
  tags,
  subscriptions,
  resourceGroups,
  graphResources,
  diagnosticSettings,
  diagnosticSettingsCategories,
  metrics,
  metricDefinitions,
  metricBatch,
  activityEvents,
  metricAlerts,
  activityLogAlerts,
  actionGroups,
  workspaces,
  privateEndpoints,
  privateDnsZoneGroups,
  policyAssignments,
  policyExemptions,
  ...scheduleTypes,
  ...scheduleRequests,
];

const byName = new Map(types.map((type) => [type.name.toLowerCase(), type]));
const namespaces = new Set(types.map((type) => (type.name.split("/")[0] ?? "").toLowerCase()));

export interface Route {
  readonly type: ResourceType;
  readonly serve: Serve;
  /** The action that authorizes it, for example `Microsoft.CognitiveServices/accounts/write`. */
  readonly action: string;
}

/**
 * Finds the operation of a request.
 * @throws ArmRefusal that names what isn't known: namespace, type, action, method or API version.
 */
export function route(method: string, target: Target, url: URL): Route {
  if (!namespaces.has(target.namespace.toLowerCase())) {
    throw new ArmRefusal(404, "InvalidResourceNamespace", `The resource namespace '${target.namespace}' is invalid.`);
  }
  const apiVersion = queryOf(url, "api-version");
  // POST right behind the namespace reads like an action of nothing; it is one of a collection.
  const ofCollection = target.types === "" && target.action !== undefined;
  const type = byName.get(`${target.namespace}/${ofCollection ? target.action : target.types}`.toLowerCase());
  if (type === undefined) {
    throw new ArmRefusal(
      404,
      "InvalidResourceType",
      `The resource type '${target.types}' could not be found in the namespace '${target.namespace}' for api version '${apiVersion ?? ""}'. The supported resource types are '${typesOf(target.namespace).join(",")}'.`,
    );
  }
  checkVersion(type, apiVersion);
  checkQuery(type, url);
  if (target.action !== undefined && !ofCollection) return actionRoute(type, target.action, apiVersion ?? "");
  const collection = target.collection || ofCollection;
  const offered: Readonly<Partial<Record<string, Serve>>> | undefined = collection ? type.collection : type.item;
  const serve = offered?.[method];
  if (serve === undefined) throw methodNotAllowed(method, type.name, Object.keys(offered ?? {}));
  const verb = method === "GET" || type.queries === true ? "read" : method === "DELETE" ? "delete" : "write";
  return { type, serve, action: `${type.name}/${verb}` };
}

function actionRoute(type: ResourceType, name: string, apiVersion: string): Route {
  const action = type.actions?.[name.toLowerCase()];
  if (action !== undefined) {
    const versions = action.apiVersions ?? type.apiVersions;
    checkVersion({ ...type, name: `${type.name}/${action.name}`, apiVersions: versions }, apiVersion);
    return { type, serve: action.serve, action: `${type.name}/${action.name}/action` };
  }
  const known = Object.values(type.actions ?? {}).map((one) => one.name);
  throw new ArmRefusal(
    404,
    "InvalidResourceType",
    `The action '${name}' could not be found on the resource type '${type.name}'. The supported actions are '${known.join(",")}'.`,
  );
}

function checkVersion(type: ResourceType, apiVersion: string | undefined): void {
  if (apiVersion === undefined || apiVersion === "") {
    throw new ArmRefusal(
      400,
      "MissingApiVersionParameter",
      "The api-version query parameter (?api-version=) is required for all requests.",
    );
  }
  const versions = type.apiVersions.join(", ");
  if (!/^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/i.test(apiVersion)) {
    throw new ArmRefusal(
      400,
      "InvalidApiVersionParameter",
      `The api-version '${apiVersion}' is invalid. The supported versions are '${versions}'.`,
    );
  }
  if (type.apiVersions.includes(apiVersion.toLowerCase())) return;
  const short = type.name.slice(type.name.indexOf("/") + 1);
  throw new ArmRefusal(
    400,
    "NoRegisteredProviderFound",
    `No registered resource provider found for API version '${apiVersion}' for type '${short}'. The supported api-versions are '${versions}'.`,
  );
}

/** Stricter than ARM, which ignores what it doesn't know: a parameter without effect hides a mistake. */
function checkQuery(type: ResourceType, url: URL): void {
  for (const name of url.searchParams.keys()) {
    const lower = name.toLowerCase();
    if (lower === "api-version" || lower === "$skiptoken" || type.query?.includes(lower) === true) continue;
    throw new ArmRefusal(
      400,
      "InvalidQueryParameter",
      `The query parameter '${name}' is not supported by the resource type '${type.name}'.`,
    );
  }
}

/** One operation that the engine serves. */
export interface ServedOperation {
  readonly method: string;
  /** In its proper spelling; a POST action's name stands behind it. */
  readonly type: string;
  readonly of: "resource" | "collection";
  readonly action?: string;
  readonly apiVersions: readonly string[];
}

/** Everything that is served, for those who compare it with what Microsoft documents. */
export function servedOperations(): ServedOperation[] {
  return types.flatMap(({ name, apiVersions, item = {}, collection = {}, actions = {} }) => [
    ...Object.keys(item).map((method) => ({ method, type: name, of: "resource" as const, apiVersions })),
    ...Object.keys(collection).map((method) => ({ method, type: name, of: "collection" as const, apiVersions })),
    ...Object.values(actions).map((action) => ({
      method: "POST",
      type: name,
      of: "resource" as const,
      action: action.name,
      apiVersions: action.apiVersions ?? apiVersions,
    })),
  ]);
}

function typesOf(namespace: string): string[] {
  const prefix = `${namespace.toLowerCase()}/`;
  return types.filter(({ name }) => name.toLowerCase().startsWith(prefix)).map(({ name }) => name.slice(prefix.length));
}
