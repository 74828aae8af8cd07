/** An ARM engine with a small estate and people of different rights, called in process. */
import type { Caller } from "../../infra/local/identity/caller.ts";
import { ArmEngine, type ArmOptions, type ResourceChange, type SeedEstate } from "../../infra/local/arm/engine.ts";
import type { EngineContext } from "../../infra/local/platform/engine.ts";
import type { WireResponse } from "../../infra/local/platform/wire.ts";
import { engineContext } from "./engineContext.ts";

export const subscription = "5b000000-0000-4000-8000-0000000000aa";
export const S = `/subscriptions/${subscription}`;
export const G = `${S}/resourceGroups/rg-Ada`;
export const accountId = (name: string): string => `${G}/providers/Microsoft.CognitiveServices/accounts/${name}`;
export const A = accountId("oai-ada");
export const assignmentId = (scope: string, name: string): string =>
  `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
export const lockId = (scope: string, name: string): string =>
  `${scope}/providers/Microsoft.Authorization/locks/${name}`;

export const guid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

export const owner: Caller = { oid: guid(1), type: "User", roles: [] };
export const contributor: Caller = { oid: guid(2), type: "User", roles: [] };
export const reader: Caller = { oid: guid(3), type: "User", roles: [] };
export const stranger: Caller = { oid: guid(4), type: "User", roles: [] };
/** Cognitive Services Contributor, and may assign and remove two roles only. */
export const product: Caller = { oid: guid(5), type: "ServicePrincipal", appid: guid(50), roles: [] };
/** Has nothing but what the group {@link team} has: Contributor on the resource group. */
export const member: Caller = { oid: guid(6), type: "User", roles: [] };
export const team = guid(7);

export const roles = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  rbacAdministrator: "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
  cognitiveServicesContributor: "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68",
  cognitiveServicesUser: "a97b65f3-24c7-4388-baec-2e87135dc908",
  openAiUser: "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
} as const;

/** The form that the portal writes for "may assign these roles only". */
const delegation = ["write", "delete"]
  .map((verb) => {
    const source = verb === "write" ? "Request" : "Resource";
    const allowed = `${roles.cognitiveServicesUser}, ${roles.openAiUser}`;
    return `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${verb}'})) OR (@${source}[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${allowed}}))`;
  })
  .join(" AND ");

export const estate: SeedEstate = {
  subscriptions: [{ id: subscription, name: "ai-ada" }],
  resourceGroups: [
    { id: G, location: "swedencentral", tags: { owner: "ada" } },
    { id: `${S}/resourceGroups/rg-Ada-2`, location: "swedencentral" },
  ],
  resources: [
    {
      id: A,
      type: "Microsoft.CognitiveServices/accounts",
      location: "swedencentral",
      kind: "OpenAI",
      sku: { name: "S0" },
      tags: { env: "prod", owner: "ada" },
      identity: { type: "SystemAssigned" },
      properties: {
        customSubDomainName: "oai-ada",
        disableLocalAuth: true,
        publicNetworkAccess: "Disabled",
        networkAcls: { defaultAction: "Deny", ipRules: [{ value: "203.0.113.7" }], virtualNetworkRules: [] },
      },
    },
    {
      id: `${A}/deployments/chat`,
      type: "Microsoft.CognitiveServices/accounts/deployments",
      sku: { name: "GlobalStandard", capacity: 50 },
      properties: { model: { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" } },
    },
    {
      id: `${A}/privateEndpointConnections/pe-ada`,
      type: "Microsoft.CognitiveServices/accounts/privateEndpointConnections",
      properties: {
        privateEndpoint: { id: `${G}/providers/Microsoft.Network/privateEndpoints/pe-ada` },
        privateLinkServiceConnectionState: { status: "Approved", description: "ok", actionsRequired: "None" },
      },
    },
  ],
  roleAssignments: [
    { scope: S, principalId: owner.oid, principalType: "User", role: roles.owner },
    { scope: S, principalId: contributor.oid, principalType: "User", role: roles.contributor },
    { scope: S, principalId: reader.oid, principalType: "User", role: roles.reader },
    { scope: G, principalId: team, principalType: "Group", role: roles.contributor },
    {
      scope: S,
      principalId: product.oid,
      principalType: "ServicePrincipal",
      role: roles.cognitiveServicesContributor,
    },
    {
      scope: S,
      principalId: product.oid,
      principalType: "ServicePrincipal",
      role: roles.rbacAdministrator,
      condition: delegation,
    },
  ],
  quotas: ["Standard", "GlobalStandard"].flatMap((sku) =>
    ["gpt-4o", "gpt-4o-mini", "text-embedding-3-large"].map((model) => ({
      subscriptionId: subscription,
      location: "swedencentral",
      usageName: `OpenAI.${sku}.${model}`,
      limit: 100,
    })),
  ),
};

export interface Ask {
  readonly as?: Caller;
  readonly body?: unknown;
  readonly version?: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly stale?: boolean;
}

export interface Told {
  readonly status: number;
  readonly headers: Record<string, string>;
  // eslint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  readonly body: any;
}

export interface ArmRig {
  readonly arm: ArmEngine;
  readonly context: EngineContext & { crashed: string[] };
  readonly changes: ResourceChange[];
  /** As the owner, with the newest API version of the type, unless the ask says otherwise. */
  ask(method: string, path: string, ask?: Ask): Told;
}

export const noTls = { key: "", cert: "" };

export function armRig(
  options: Partial<ArmOptions> & { context?: Partial<EngineContext>; seed?: boolean } = {},
): ArmRig {
  const { context: overrides, seed = true, ...rest } = options;
  const context = engineContext(overrides);
  const changes: ResourceChange[] = [];
  const arm = new ArmEngine(context, {
    ports: { plain: 0, tls: 0 },
    tls: noTls,
    verify: async () => undefined,
    groupsOf: (oid) => (oid === member.oid ? [team] : []),
    onChange: (change) => changes.push(change),
    ...rest,
  });
  if (seed) arm.seed(estate);
  return { arm, context, changes, ask: (method, path, ask) => askArm(arm, method, path, ask) };
}

export function askArm(arm: ArmEngine, method: string, path: string, ask: Ask = {}): Told {
  const query = `?api-version=${ask.version ?? newestVersion(path)}${ask.query === undefined ? "" : `&${ask.query}`}`;
  const response: WireResponse = arm.handle(
    {
      method,
      url: new URL(`https://management.azure.com${path}${path.includes("?") ? "" : query}`),
      headers: ask.headers ?? (ask.body === undefined ? {} : { "content-type": "application/json" }),
      body: Buffer.from(ask.body === undefined ? "" : JSON.stringify(ask.body)),
    },
    ask.as ?? owner,
    { stale: ask.stale === true },
  );
  return { status: response.status, headers: response.headers as Record<string, string>, body: response.body };
}

/** Types beside Microsoft.CognitiveServices; the last one in the path counts. */
const areaVersions: readonly (readonly [string, string])[] = [
  ["microsoft.insights/diagnosticsettings", "2021-05-01-preview"],
  ["microsoft.insights/metric", "2024-02-01"],
  ["metrics:getbatch", "2024-02-01"],
  ["microsoft.insights/metricalerts", "2018-03-01"],
  ["microsoft.insights/activitylogalerts", "2020-10-01"],
  ["microsoft.insights/actiongroups", "2023-01-01"],
  ["microsoft.insights/eventtypes", "2015-04-01"],
  ["microsoft.operationalinsights/", "2023-09-01"],
  ["microsoft.network/", "2025-07-01"],
  ["microsoft.resourcegraph/", "2024-04-01"],
  ["microsoft.authorization/policyassignments", "2024-05-01"],
  ["microsoft.authorization/policyexemptions", "2022-07-01-preview"],
  ["microsoft.authorization/roleassignmentschedule", "2020-10-01"],
  ["microsoft.authorization/roleeligibilityschedule", "2020-10-01"],
];

export function newestVersion(path: string): string {
  const lower = path.toLowerCase();
  const last = lower.slice(Math.max(0, lower.lastIndexOf("/providers/")));
  const area = areaVersions.findLast(([type]) => (type.includes(":") ? lower : last).includes(type));
  if (area !== undefined) return area[1];
  if (/authorization\/locks/i.test(path)) return "2020-05-01";
  if (/microsoft\.authorization\//i.test(path)) return "2022-04-01";
  if (/microsoft\.cognitiveservices\//i.test(path) && !/microsoft\.resources\//i.test(path)) return "2025-09-01";
  return /^\/subscriptions(\/[^/]+)?$/i.test(path) ? "2022-12-01" : "2024-07-01";
}
