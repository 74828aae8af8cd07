/**
 * What a request addresses. ARM paths are a scope (tenant, subscription, resource group, resource) and, behind the last
 * `/providers/NAMESPACE`, pairs of type and name. Paths are compared without regard to case; Microsoft's own clients send
 * scopes as `//subscriptions/...` and `/%2Fsubscriptions%2F...`, and `resourcegroups` in lower case.
 */
import { ArmRefusal } from "./errors.ts";

export interface Target {
  /** The resource or collection as the client spelt it: decoded, one leading slash, none at the end, without an action. */
  readonly path: string;
  readonly lowerPath: string;
  readonly subscriptionId: string | undefined;
  readonly resourceGroup: string | undefined;
  /** Path of what the last `/providers/NAMESPACE` hangs on; empty at the tenant. */
  readonly scope: string;
  readonly namespace: string;
  /** Types joined by a slash, for example `accounts/deployments`. */
  readonly types: string;
  readonly names: readonly string[];
  /** All resources of the type instead of one. */
  readonly collection: boolean;
  /** What a POST does, for example `listKeys`. */
  readonly action: string | undefined;
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/**
 * Reads a path.
 * @throws ArmRefusal 404 MissingSubscription when it is no ARM path, 400 InvalidSubscriptionId.
 */
export function parseTarget(method: string, pathname: string): Target {
  const segments = decode(pathname)
    .split("/")
    .filter((segment) => segment !== "");
  const { subscriptionId, resourceGroup, used } = container(segments);
  const base = { ...pathOf(segments), subscriptionId, resourceGroup };
  const last = segments.findLastIndex((segment, index) => index >= used && is(segment, "providers"));
  if (last === -1) return ofContainer(base, segments, used);
  const namespace = segments[last + 1];
  const rest = segments.slice(last + 2);
  if (namespace === undefined || rest.length === 0 || !wellFormedScope(segments, used, last)) throw noSuchPath();
  const pairs = method === "POST" && rest.length % 2 === 1 ? rest.slice(0, -1) : rest;
  return {
    ...base,
    ...(pairs.length === rest.length ? {} : pathOf(segments.slice(0, -1))),
    scope: last === 0 ? "" : `/${segments.slice(0, last).join("/")}`,
    namespace,
    types: pairs.filter((_, index) => index % 2 === 0).join("/"),
    names: pairs.filter((_, index) => index % 2 === 1),
    collection: pairs.length % 2 === 1,
    action: pairs.length === rest.length ? undefined : rest.at(-1),
  };
}

/** The parent of a nested resource (`.../accounts/a` of `.../accounts/a/deployments/d`), in the client's spelling. */
export function parentPath(target: Target): string {
  const segments = target.path.split("/");
  return segments.slice(0, target.collection ? -1 : -2).join("/");
}

function pathOf(segments: readonly string[]): { path: string; lowerPath: string } {
  const path = `/${segments.join("/")}`;
  return { path, lowerPath: path.toLowerCase() };
}

function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    throw new ArmRefusal(400, "InvalidRequestUri", `The path '${pathname.slice(0, 200)}' isn't well encoded.`);
  }
}

function container(segments: readonly string[]): {
  subscriptionId: string | undefined;
  resourceGroup: string | undefined;
  used: number;
} {
  const [first, subscriptionId, third, resourceGroup] = segments;
  if (!is(first, "subscriptions") || subscriptionId === undefined) {
    return { subscriptionId: undefined, resourceGroup: undefined, used: 0 };
  }
  if (!isGuid(subscriptionId)) {
    throw new ArmRefusal(
      400,
      "InvalidSubscriptionId",
      `The provided subscription identifier '${subscriptionId}' is malformed or invalid.`,
    );
  }
  if (!is(third, "resourceGroups") || resourceGroup === undefined) {
    return { subscriptionId, resourceGroup: undefined, used: 2 };
  }
  return { subscriptionId, resourceGroup, used: 4 };
}

/** Between the container and the last provider stand whole resources: `providers/NAMESPACE` and pairs. */
function wellFormedScope(segments: readonly string[], used: number, last: number): boolean {
  const between = segments.slice(used, last);
  if (between.length === 0) return used > 0 || last === 0;
  return is(between[0], "providers") && between.length >= 4 && between.length % 2 === 0;
}

/** Subscriptions and resource groups are resources of ARM itself. */
function ofContainer(
  base: Pick<Target, "path" | "lowerPath" | "subscriptionId" | "resourceGroup">,
  segments: readonly string[],
  used: number,
): Target {
  const common = { ...base, scope: "", namespace: "Microsoft.Resources", action: undefined };
  if (segments.length === used && used === 4) {
    return { ...common, types: "subscriptions/resourceGroups", names: namesOf(segments), collection: false };
  }
  if (segments.length === used && used === 2) {
    return { ...common, types: "subscriptions", names: namesOf(segments), collection: false };
  }
  if (segments.length === 3 && used === 2 && is(segments[2], "resourceGroups")) {
    return { ...common, types: "subscriptions/resourceGroups", names: namesOf(segments), collection: true };
  }
  // The data plane of Azure Monitor has an address of its own that isn't one of a provider.
  if (segments.length === 3 && used === 2 && is(segments[2], "metrics:getBatch")) {
    return { ...common, namespace: "Microsoft.Insights", types: "", names: [], collection: true, action: segments[2] };
  }
  if (segments.length === 1 && is(segments[0], "subscriptions")) {
    return { ...common, types: "subscriptions", names: [], collection: true };
  }
  throw noSuchPath();
}

function namesOf(segments: readonly string[]): string[] {
  return segments.filter((_, index) => index % 2 === 1);
}

function is(segment: string | undefined, word: string): boolean {
  return segment?.toLowerCase() === word.toLowerCase();
}

function noSuchPath(): ArmRefusal {
  return new ArmRefusal(
    404,
    "MissingSubscription",
    "The request did not have a subscription or a valid tenant level resource provider.",
  );
}
