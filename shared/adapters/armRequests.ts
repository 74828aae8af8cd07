/** The URLs and bodies of what the product reads and writes at and around an account, each with the version it speaks. */
import type { HttpMethods } from "@azure/core-rest-pipeline";
import type { Body } from "../desired/compare.ts";
import type { Write } from "../desired/request.ts";
import { memberKindOf } from "../estate/member.ts";
import type { AccountAddress, ResourceId } from "../estate/resourceId.ts";
import type { MemberKind } from "../estate/sight.ts";

/** The version that the client sends for accounts and our contract was read from. */
export const ACCOUNT_VERSION = "2025-09-01";

const versions: Readonly<Record<MemberKind, string>> = {
  // The first one that says whether a deployment is paused, and pauses it.
  deployments: "2026-03-01",
  raiPolicies: ACCOUNT_VERSION,
  models: ACCOUNT_VERSION,
  diagnosticSettings: "2021-05-01-preview",
  locks: "2020-05-01",
  resourceGroup: "2024-07-01",
};

const TAGS_VERSION = "2024-07-01";

/** Where a list is read, below the endpoint. `locks`: on the account and above it. */
export function listPath({ id, subscriptionId, resourceGroup }: AccountAddress, kind: MemberKind): string {
  const version = `api-version=${versions[kind]}`;
  switch (kind) {
    case "deployments":
    case "raiPolicies":
    case "models":
      return `${id}/${kind}?${version}`;
    case "diagnosticSettings":
      return `${id}/providers/Microsoft.Insights/diagnosticSettings?${version}`;
    case "locks":
      return `${id}/providers/Microsoft.Authorization/locks?${version}&$filter=atScope()`;
    case "resourceGroup":
      return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}?${version}`;
  }
}

export function resourcePath(key: ResourceId, target: ResourceId): string {
  return `${target}?api-version=${versionAt(key, target)}`;
}

function versionAt(key: ResourceId, target: ResourceId): string {
  const kind = memberKindOf(key, target);
  return kind === undefined ? ACCOUNT_VERSION : versions[kind];
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
