/** What of files stands above or beside accounts and is about them: found once for all accounts of the files. */
import type { MemberKind } from "../estate/sight.ts";
import type { Json } from "../kernel/canonicalJson.ts";
import { isList, member, type JsonObject } from "../standards/policy/values.ts";
import type { FoundList, FoundResource } from "./found.ts";

/** What stands at a scope and holds for all below it, by type in lower case. */
const wide: Readonly<Record<string, MemberKind>> = {
  "microsoft.authorization/locks": "locks",
  "microsoft.authorization/policyassignments": "policyAssignments",
  "microsoft.authorization/policyexemptions": "policyExemptions",
};

/** Kinds of which a list of a subscription has all that stands in it. */
const ofScope: Readonly<Record<string, MemberKind>> = {
  ...wide,
  "microsoft.authorization/roleassignments": "roleAssignments",
  "microsoft.insights/metricalerts": "alertRules",
};

const groupType = "microsoft.resources/resourcegroups";
const endpointType = "microsoft.network/privateendpoints";
const alertType = "microsoft.insights/metricalerts";

export interface AroundAccount {
  readonly resources: ReadonlyMap<MemberKind, readonly FoundResource[]>;
  /** Kinds of which all that there is is in the files, none of them if there are none. */
  readonly whole: ReadonlySet<MemberKind>;
}

export class Around {
  readonly #wide = new Map<string, FoundResource[]>();
  /** By the key of the account that they reach, and by their own. */
  readonly #endpoints = new Map<string, FoundResource[]>();
  readonly #endpointByKey = new Map<string, FoundResource>();
  readonly #zoneGroups = new Map<string, FoundResource[]>();
  readonly #alerts = new Map<string, FoundResource[]>();

  /** Kinds of which a list of a whole subscription or group was read, by that scope. */
  readonly #listed = new Map<string, Set<MemberKind>>();

  constructor(resources: readonly FoundResource[], lists: readonly FoundList[]) {
    for (const resource of resources) this.#take(resource);
    for (const { path, isPart } of lists) {
      const [, scope = "", , type = ""] =
        /^(\/subscriptions\/[^/]+(\/resourcegroups\/[^/]+)?)\/providers\/([^/]+\/[^/]+)$/.exec(path) ?? [];
      const kind = ofScope[type];
      if (kind === undefined || isPart) continue;
      // Of a group, what stands above it is not in the list.
      if (scope.includes("/resourcegroups/") && kind !== "roleAssignments") continue;
      const known = this.#listed.get(scope) ?? new Set<MemberKind>();
      this.#listed.set(scope, known.add(kind));
    }
  }

  #take(resource: FoundResource): void {
    const { key, body } = resource;
    const type = resource.type.toLowerCase();
    if (type === groupType) add(this.#wide, key, resource);
    else if (wide[type] !== undefined) add(this.#wide, scopeOf(key), resource);
    else if (type === endpointType) {
      this.#endpointByKey.set(key, resource);
      for (const account of reachedBy(body)) add(this.#endpoints, account, resource);
    } else if (type === `${endpointType}/privatednszonegroups`) {
      add(this.#zoneGroups, key.slice(0, key.lastIndexOf("/privatednszonegroups/")), resource);
    } else if (type === alertType) {
      for (const scope of textsIn(member(body, "properties"), "scopes")) add(this.#alerts, scope, resource);
    }
  }

  /** `body`: of the account, where a file holds it as Azure answered it; its connections name its endpoints. */
  of(key: string, body: JsonObject | undefined): AroundAccount {
    const [group = "", subscription = ""] = /^(\/subscriptions\/[^/]+)\/resourcegroups\/[^/]+/.exec(key) ?? [];
    const scopes = [subscription, group].filter((scope) => scope !== "");
    const resources = new Map<MemberKind, FoundResource[]>();
    for (const resource of scopes.flatMap((scope) => this.#wide.get(scope) ?? [])) {
      const type = resource.type.toLowerCase();
      if (type !== groupType) add(resources, wide[type] ?? "locks", resource);
      else if (resource.key === group) add(resources, "resourceGroup", resource);
    }
    for (const resource of this.#alerts.get(key) ?? []) add(resources, "alertRules", resource);
    for (const resource of scopes.flatMap((scope) => this.#alerts.get(scope) ?? []))
      if (watchesAccounts(resource.body)) add(resources, "alertRules", resource);
    const listed = scopes.flatMap((scope) => [...(this.#listed.get(scope) ?? [])]);
    return { resources, whole: new Set([...listed, ...this.#endpointsOf(key, body, resources)]) };
  }

  #endpointsOf(
    key: string,
    body: JsonObject | undefined,
    resources: Map<MemberKind, FoundResource[]>,
  ): Set<MemberKind> {
    const named = body === undefined ? undefined : endpointsNamed(body);
    const byName = (named ?? []).flatMap((one) => this.#endpointByKey.get(one) ?? []);
    const all = [...new Set([...byName, ...(this.#endpoints.get(key) ?? [])])];
    const groups = all.flatMap((one) => this.#zoneGroups.get(one.key) ?? []);
    if (all.length > 0) resources.set("privateEndpoints", all);
    if (groups.length > 0) resources.set("privateDnsZoneGroups", groups);
    const whole = new Set<MemberKind>();
    if (named === undefined || named.some((one) => !this.#endpointByKey.has(one))) return whole;
    whole.add("privateEndpoints");
    if (all.every((one) => this.#zoneGroups.has(one.key))) whole.add("privateDnsZoneGroups");
    return whole;
  }
}

function add<K>(lists: Map<K, FoundResource[]>, key: K, resource: FoundResource): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [resource]);
  else list.push(resource);
}

/** Where an extension stands: what its ID says before the last provider. */
function scopeOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf("/providers/")));
}

function listIn(value: Json | undefined, name: string): readonly Json[] {
  const list = member(value, name);
  return isList(list) ? list : [];
}

function textsIn(value: Json | undefined, name: string): string[] {
  return listIn(value, name).flatMap((one) => (typeof one === "string" ? [one.toLowerCase()] : []));
}

/** Accounts that an endpoint connects to, approved or asked for. */
function reachedBy(body: JsonObject): string[] {
  const properties = member(body, "properties");
  return ["privateLinkServiceConnections", "manualPrivateLinkServiceConnections"].flatMap((name) =>
    listIn(properties, name).flatMap((one) => idIn(member(one, "properties"), "privateLinkServiceId")),
  );
}

/** Undefined where the body does not tell of connections: it has no properties. */
function endpointsNamed(body: JsonObject): string[] | undefined {
  const properties = member(body, "properties");
  if (properties === undefined || properties === null) return undefined;
  const connections = listIn(properties, "privateEndpointConnections");
  return connections.flatMap((one) => idIn(member(member(one, "properties"), "privateEndpoint"), "id"));
}

function idIn(value: Json | undefined, name: string): string[] {
  const id = member(value, name);
  return typeof id === "string" ? [id.toLowerCase()] : [];
}

function watchesAccounts(body: JsonObject): boolean {
  const type = member(member(body, "properties"), "targetResourceType");
  return typeof type === "string" && type.toLowerCase() === "microsoft.cognitiveservices/accounts";
}
