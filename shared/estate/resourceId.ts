import { hashOf } from "../kernel/canonicalJson.ts";

/**
 * An ARM resource ID in lower case. ARM compares IDs without regard to case and events spell them in changing case
 * (`resourcegroups`, `resourceGroups`), so every ID is lowered where it enters.
 */
export type ResourceId = string & { readonly __brand: "ResourceId" };

/** ARM allows 90 characters of resource group and some hundred of names; anything longer is no resource ID. */
export const RESOURCE_ID_CHARACTERS_MAX = 1024;

/**
 * Names as ARM allows them: a resource group has up to 90 letters, digits and `_-.()` and does not end in a dot, an
 * account up to 64 of `a-z0-9_.-`. Anything else (`..`, a backslash, a percent sign) would make another URL of the ID.
 */
const accountPattern =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourcegroups\/([\p{L}\p{N}_.()-]{0,89}[\p{L}\p{N}_()-])\/providers\/microsoft\.cognitiveservices\/accounts\/([a-z0-9][a-z0-9_.-]{0,63})(?:\/.*)?$/u;

export interface AccountAddress {
  readonly id: ResourceId;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** Lower-cases an ID and collapses a doubled leading slash; undefined when the text is no resource ID. */
export function toResourceId(text: string): ResourceId | undefined {
  if (text.length > RESOURCE_ID_CHARACTERS_MAX) return undefined;
  const id = text.trim().toLowerCase().replace(/^\/+/, "/").replace(/\/+$/, "");
  return /^\/subscriptions\/[^/]+(\/|$)/.test(id) ? (id as ResourceId) : undefined;
}

/**
 * The Cognitive Services account that a resource ID names or lies under (a deployment, a project, a role assignment
 * scoped to it): the writer key of all of them, because ARM refuses two writes under one account at a time.
 */
export function accountOf(id: ResourceId): AccountAddress | undefined {
  const match = accountPattern.exec(id);
  const [, subscriptionId, resourceGroup, name] = match ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return {
    id: `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/microsoft.cognitiveservices/accounts/${name}` as ResourceId,
    subscriptionId,
    resourceGroup,
    name,
  };
}

/** Subscription of any resource ID, lower case. */
export function subscriptionOf(id: ResourceId): string {
  return id.split("/")[2] ?? "";
}

/**
 * The partition of a writer key and the tail of its orchestration's instance ID: 32 hexadecimal digits of the ID's
 * SHA-256. Instance and message IDs may not hold slashes, and message IDs are limited to 128 characters.
 */
export function partitionOf(key: ResourceId): string {
  return hashOf(key).slice(0, 32);
}
