/** The URLs and bodies of what the product reads and writes at and around an account, each with the version it speaks. */
import type { HttpMethods } from "@azure/core-rest-pipeline";
import type { Body } from "../desired/compare.ts";
import type { Write } from "../desired/request.ts";
import { memberKindOf } from "../estate/member.ts";
import type { AccountAddress, ResourceId } from "../estate/resourceId.ts";
import { isArmKind, type ArmKind } from "../estate/sight.ts";

/** The version that the client sends for accounts and our contract was read from. */
export const ACCOUNT_VERSION = "2025-09-01";

const versions: Readonly<Record<ArmKind, string>> = {
  // The first one that says whether a deployment is paused, and pauses it.
  deployments: "2026-03-01",
  raiPolicies: ACCOUNT_VERSION,
  models: ACCOUNT_VERSION,
  projects: ACCOUNT_VERSION,
  connections: ACCOUNT_VERSION,
  // The newest one that has them.
  defender: ACCOUNT_VERSION,
  diagnosticSettings: "2021-05-01-preview",
  alertRules: "2018-03-01",
  privateEndpoints: "2025-07-01",
  privateDnsZoneGroups: "2025-07-01",
  locks: "2020-05-01",
  roleAssignments: "2022-04-01",
  policyAssignments: "2024-05-01",
  policyExemptions: "2022-07-01-preview",
  resourceGroup: "2024-07-01",
};

const TAGS_VERSION = "2024-07-01";

/**
 * Where a list is read, below the endpoint; armLists.ts says of which lists that is not all. `locks`: on the account and
 * above it. Alert rules of a subscription cannot be asked for by what they watch.
 */
export function listPath({ id, subscriptionId, resourceGroup }: AccountAddress, kind: ArmKind): string {
  const version = `api-version=${versions[kind]}`;
  switch (kind) {
    case "deployments":
    case "raiPolicies":
    case "models":
    case "projects":
    case "connections":
      return `${id}/${kind}?${version}`;
    case "defender":
      return `${id}/defenderForAISettings?${version}`;
    case "alertRules":
      return `/subscriptions/${subscriptionId}/providers/Microsoft.Insights/metricAlerts?${version}`;
    case "privateEndpoints":
    case "privateDnsZoneGroups":
      return `${id}/privateEndpointConnections?api-version=${ACCOUNT_VERSION}`;
    case "roleAssignments":
    case "policyAssignments":
    case "policyExemptions":
      return `${id}/providers/Microsoft.Authorization/${kind}?${version}`;
    case "diagnosticSettings":
      return `${id}/providers/Microsoft.Insights/diagnosticSettings?${version}`;
    case "locks":
      return `${id}/providers/Microsoft.Authorization/locks?${version}&$filter=atScope()`;
    case "resourceGroup":
      return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}?${version}`;
  }
}

/** The list below a resource that belongs to an account. */
export function listBelow(parent: string, kind: "connections" | "privateDnsZoneGroups"): string {
  return `${parent}/${kind}?api-version=${versions[kind]}`;
}

export function resourcePath(key: ResourceId, target: ResourceId): string {
  return `${target}?api-version=${versionAt(key, target)}`;
}

function versionAt(key: ResourceId, target: ResourceId): string {
  const kind = memberKindOf(key, target);
  return kind === undefined || !isArmKind(kind) ? ACCOUNT_VERSION : versions[kind];
}

export interface ArmRequest {
  readonly method: HttpMethods;
  readonly path: string;
  readonly body?: Body;
}

export function requestOf(key: ResourceId, write: Write): ArmRequest {
  const { target } = write;
  const path = resourcePath(key, target);
  switch (write.kind) {
    case "patch":
      return { method: "PATCH", path, body: write.body };
    case "put":
      return { method: "PUT", path, body: write.body };
    case "delete":
      return { method: "DELETE", path };
    case "pause":
    case "resume":
      return { method: "POST", path: path.replace("?", `/${write.kind}?`) };
    case "tags":
      return {
        method: "PATCH",
        path: `${target}/providers/Microsoft.Resources/tags/default?api-version=${TAGS_VERSION}`,
        body: { operation: write.operation, properties: { tags: write.tags } },
      };
  }
}
