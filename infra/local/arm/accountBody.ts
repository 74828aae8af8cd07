/** Builds the body of an account from what a PUT or a PATCH asks for and from what the service adds. */
import { createHash } from "node:crypto";
import { tenantId } from "../platform/constants.ts";
import { hexDigits, touched, uuid, type Call, type Core } from "./call.ts";
import { ArmRefusal } from "./errors.ts";
import { defined, isObject, type Json, type JsonObject } from "./json.ts";
import type { Account, Sku, Tags } from "./model.ts";
import { accountEtag } from "./operations.ts";
import { normalLocation } from "./quotas.ts";
import { checkTags } from "./tagLimits.ts";

/** Properties that the service sets once and that no request changes. */
const SERVICE_OWNED = [
  "internalId",
  "dateCreated",
  "callRateLimit",
  "isMigrated",
  "privateEndpointConnections",
  "capabilities",
  "defaultProject",
  "associatedProjects",
] as const;

/** What an account has where the request says nothing. */
const DEFAULTS: JsonObject = { apiProperties: {}, allowProjectManagement: false, publicNetworkAccess: "Enabled" };

/** A request as read by the schema; `null` resets (PATCH only). */
export interface AccountRequest {
  readonly kind?: string;
  readonly location?: string;
  readonly sku?: Sku;
  readonly tags?: Tags | null;
  readonly identity?: JsonObject | null;
  readonly properties?: JsonObject;
}

/** A PUT: every property that the request leaves out is back at its default, except the subdomain, which stays. */
export function replaced(core: Core, call: Call, before: Account | undefined, asked: AccountRequest): Account {
  const { kind, location, sku } = asked;
  if (location === undefined) {
    throw new ArmRefusal(400, "LocationRequired", "The location property is required for this definition.");
  }
  if (kind === undefined || sku === undefined) {
    const missing = kind === undefined ? "kind" : "sku";
    throw new ArmRefusal(400, "InvalidResourceProperties", `The required property '${missing}' is missing.`);
  }
  if (before !== undefined) checkUnchangeable(before, location, kind);
  const subdomain = asked.properties?.["customSubDomainName"] ?? before?.properties["customSubDomainName"];
  const properties = { ...DEFAULTS, ...asked.properties, customSubDomainName: subdomain };
  return assemble(core, call, before, {
    location: before?.location ?? location,
    kind,
    sku,
    tags: asked.tags ?? undefined,
    identity: identityAfter(core, undefined, before?.identity, asked.identity),
    properties: { ...serviceOwned(core, call, before), ...properties },
  });
}

/**
 * A PATCH: each member of `properties` replaces the one of that name as a whole (networkAcls and lists too), null puts
 * it back to its default; tags are replaced as a whole; user-assigned identities are added, or removed by null.
 */
export function patched(core: Core, call: Call, before: Account, asked: AccountRequest): Account {
  if (asked.location !== undefined || asked.kind !== undefined) {
    checkUnchangeable(before, asked.location ?? before.location, asked.kind ?? before.kind);
  }
  const properties: Record<string, Json | undefined> = { ...before.properties };
  for (const [name, value] of Object.entries(asked.properties ?? {})) {
    if (value === null && name === "customSubDomainName") throw subdomainFixed();
    properties[name] = value === null ? DEFAULTS[name] : value;
  }
  return assemble(core, call, before, {
    location: before.location,
    kind: asked.kind ?? before.kind,
    sku: asked.sku === undefined ? before.sku : { ...before.sku, ...asked.sku },
    tags: asked.tags === undefined ? before.tags : (asked.tags ?? undefined),
    identity:
      asked.identity === undefined
        ? before.identity
        : identityAfter(core, before.identity, before.identity, asked.identity),
    properties,
  });
}

/** Wording from memory (MEM), like the rule: a subdomain is set once. */
function subdomainFixed(): ArmRefusal {
  return new ArmRefusal(
    400,
    "CustomSubDomainNameCannotBeChanged",
    "The custom subdomain name of an account cannot be changed or removed once it is set.",
  );
}

function checkUnchangeable(before: Account, location: string, kind: string): void {
  if (normalLocation(before.location) !== normalLocation(location)) {
    const group = before.id.split("/")[4] ?? "";
    throw new ArmRefusal(
      409,
      "InvalidResourceLocation",
      `The resource '${before.name}' already exists in location '${before.location}' in resource group '${group}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
    );
  }
  // An OpenAI resource can be upgraded to Foundry (AIServices) and rolled back; other kinds are fixed.
  const upgradeable = new Set(["openai", "aiservices"]);
  const changed = before.kind.toLowerCase() !== kind.toLowerCase();
  if (changed && !(upgradeable.has(before.kind.toLowerCase()) && upgradeable.has(kind.toLowerCase()))) {
    throw new ArmRefusal(
      400,
      "InvalidResourceProperties",
      `The kind of the account is '${before.kind}' and cannot be changed to '${kind}'.`,
    );
  }
}

interface Parts {
  readonly location: string;
  readonly kind: string;
  readonly sku: Sku;
  readonly tags: Tags | undefined;
  readonly identity: JsonObject | undefined;
  readonly properties: Readonly<Record<string, Json | undefined>>;
}

function assemble(core: Core, call: Call, before: Account | undefined, parts: Parts): Account {
  const id = before?.id ?? idBelowGroup(core, call);
  const subdomain = parts.properties["customSubDomainName"];
  if (typeof subdomain === "string") checkSubdomain(core, id, before, subdomain);
  if (parts.tags !== undefined) checkTags(parts.tags);
  const { provisioningState: _, restore: __, ...rest } = parts.properties;
  const endpoint = endpointOf(parts.kind, parts.location, subdomain);
  return defined({
    id,
    name: before?.name ?? id.slice(id.lastIndexOf("/") + 1),
    type: "Microsoft.CognitiveServices/accounts",
    etag: accountEtag(core.random, call.nowMs),
    location: parts.location,
    sku: parts.sku,
    kind: parts.kind,
    identity: parts.identity,
    tags: parts.tags,
    properties: defined({ ...rest, ...endpoint, provisioningState: "Succeeded" }),
    systemData: touched(call, before?.systemData),
  }) as Account;
}

/** The new account's ID: the resource group in its own spelling, the account's name in the caller's. */
function idBelowGroup(core: Core, call: Call): string {
  const segments = call.target.lowerPath.split("/");
  const group = core.state.get("resourceGroup", segments.slice(0, 5).join("/"));
  if (group === undefined) throw new Error(`no resource group for '${call.target.path}'`);
  return `${group.id}/providers/Microsoft.CognitiveServices/accounts/${call.target.names[0] ?? ""}`;
}

function checkSubdomain(core: Core, id: string, before: Account | undefined, subdomain: string): void {
  const set = before?.properties["customSubDomainName"];
  if (typeof set === "string") {
    if (set.toLowerCase() !== subdomain.toLowerCase()) throw subdomainFixed();
    return;
  }
  const wanted = subdomain.toLowerCase();
  const deleted = [...core.state.values("deletedAccount")].map(({ account }) => account);
  for (const other of [...core.state.values("account"), ...deleted]) {
    const taken = other.properties["customSubDomainName"];
    if (typeof taken !== "string" || taken.toLowerCase() !== wanted) continue;
    if (other.id.toLowerCase() === id.toLowerCase()) continue;
    // Code and wording from memory (MEM).
    throw new ArmRefusal(
      400,
      "CustomDomainInUse",
      `Please pick a different name. The subdomain name '${subdomain}' is not available as it's already used by a resource.`,
    );
  }
}

function endpointOf(kind: string, location: string, subdomain: Json | undefined): JsonObject {
  const host = kind.toLowerCase() === "openai" ? "openai.azure.com" : "cognitiveservices.azure.com";
  const endpoint =
    typeof subdomain === "string"
      ? `https://${subdomain.toLowerCase()}.${host}/`
      : `https://${normalLocation(location)}.api.cognitive.microsoft.com/`;
  return {
    endpoint,
    endpoints: { "OpenAI Language Model Instance API": endpoint, "Token Service API": endpoint },
  };
}

function serviceOwned(core: Core, call: Call, before: Account | undefined): JsonObject {
  if (before !== undefined) {
    return defined(Object.fromEntries(SERVICE_OWNED.map((name) => [name, before.properties[name]])));
  }
  return {
    internalId: hexDigits(core.random, 32),
    dateCreated: new Date(call.nowMs).toISOString(),
    callRateLimit: { rules: [rule("openai", "openai/*"), rule("default", "*")] },
    isMigrated: false,
    privateEndpointConnections: [],
    capabilities: [
      { name: "VirtualNetworks" },
      { name: "CustomerManagedKey" },
      { name: "MaxFineTuneCount", value: "500" },
      { name: "RaiMonitor" },
      { name: "quotaRefundsEnabled", value: "false" },
    ],
  };
}

function rule(key: string, path: string): JsonObject {
  return { key, renewalPeriod: 1, count: 30, matchPatterns: [{ path, method: "*" }] };
}

/** `kept` are the user-assigned identities that stay unless removed; `before` lends its principal to a system identity. */
export function identityAfter(
  core: Core,
  kept: JsonObject | undefined,
  before: JsonObject | undefined,
  asked: JsonObject | null | undefined,
): JsonObject | undefined {
  if (asked === undefined || asked === null) return undefined;
  const type = asked["type"] ?? before?.["type"];
  if (typeof type !== "string") {
    throw new ArmRefusal(
      400,
      "InvalidIdentity",
      "The identity type is missing: expected SystemAssigned, UserAssigned, both or None.",
    );
  }
  if (type === "None") return { type };
  const system = type.startsWith("SystemAssigned")
    ? { principalId: before?.["principalId"] ?? uuid(core.random), tenantId }
    : {};
  if (!type.includes("UserAssigned")) return { ...system, type };
  const identities: Record<string, Json | undefined> = {
    ...(isObject(kept?.["userAssignedIdentities"]) ? kept["userAssignedIdentities"] : {}),
  };
  const wanted = asked["userAssignedIdentities"];
  for (const [id, value] of Object.entries(isObject(wanted) ? wanted : {})) {
    if (value === null) delete identities[id];
    else identities[id] ??= { principalId: derivedUuid(`principal ${id}`), clientId: derivedUuid(`client ${id}`) };
  }
  if (Object.keys(identities).length === 0) {
    throw new ArmRefusal(
      400,
      "InvalidIdentity",
      `The identity type '${type}' needs at least one of userAssignedIdentities.`,
    );
  }
  return { ...system, type, userAssignedIdentities: identities };
}

/** The same identity has the same principal wherever it is used. */
function derivedUuid(text: string): string {
  const hex = createHash("sha256").update(text.toLowerCase()).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
