/** Documents of a large estate as looks leave them: what was seen of each account now, and before where it changed, with its writer. */
import type { Observation, PastObservation } from "../../shared/desired/documents.ts";
import { observed, type Seen } from "../../shared/desired/history.ts";
import type { Body } from "../../shared/desired/compare.ts";
import { partitionOf, toResourceId, type ResourceId } from "../../shared/estate/resourceId.ts";
import { newWriter, serve, type Writer } from "../../shared/writer/writer.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const iso = (ms: number): string => new Date(ms).toISOString();
const environments = ["prod", "test", "dev"] as const;

export const observedSubscriptions = [1, 2, 3].map((n) => `5b000000-0000-4000-8000-00000000000${n}`);

/** Of these so many days ago it is known what they were like; see {@link observedEstate}. */
const CHANGED_DAYS_AGO = 30;

/** One account in three is open to the internet, one in five has no identity; one in four was closed until 30 days ago. */
export function observedEstate(accounts: number, nowMs: number): (Writer | Observation | PastObservation)[] {
  return Array.from({ length: accounts }, (_, index) => documentsOf(index, nowMs)).flat();
}

export function observedKey(index: number): ResourceId {
  const name = `oai-unit${index % 17}-app${index}-${environments[index % 3]}`;
  const subscriptionId = observedSubscriptions[index % 3];
  const id = `/subscriptions/${subscriptionId}/resourceGroups/rg-${index % 40}/providers/Microsoft.CognitiveServices/accounts/${name}`;
  const key = toResourceId(id);
  if (key === undefined) throw new Error(`no ID of an account: ${name}`);
  return key;
}

function documentsOf(index: number, nowMs: number): (Writer | Observation | PastObservation)[] {
  const key = observedKey(index);
  const wanted = newWriter(key, 1);
  const writer = { ...serve(wanted, 1), lookedAt: iso(nowMs - (index % 600) * minute) };
  const firstMs = nowMs - (60 + (index % 20)) * day;
  const first = observed(undefined, seen(index, key, index % 4 === 0 ? "Disabled" : accessOf(index), firstMs));
  const [before] = first;
  if (before?.kind !== "observation") throw new Error("a first look stores what it saw");
  const changed = observed(before, seen(index, key, accessOf(index), nowMs - CHANGED_DAYS_AGO * day));
  return [writer, ...(changed.length === 0 ? first : changed)];
}

const accessOf = (index: number): string => (index % 3 === 0 ? "Enabled" : "Disabled");

function seen(index: number, key: ResourceId, access: string, atMs: number): Seen {
  return {
    id: "observation",
    pk: partitionOf(key),
    kind: "observation",
    key,
    target: key,
    subscriptionId: observedSubscriptions[index % 3] ?? "",
    body: accountBody(index, key, access),
    members: {
      deployments: ["chat", "mail", "search"].slice(0, 1 + (index % 3)).map((name) => deploymentBody(key, name)),
      raiPolicies: [policyBody(key)],
      diagnosticSettings: [],
      locks: [],
      resourceGroup: [groupBody(key)],
    },
    unread: {},
    principals: {},
    at: iso(atMs),
  };
}

const systemData = { createdAt: "2025-03-01T00:00:00Z", lastModifiedAt: "2026-03-01T00:00:00Z" };

function accountBody(index: number, key: ResourceId, access: string): Body {
  const name = key.slice(key.lastIndexOf("/") + 1);
  return {
    id: key,
    name,
    type: "Microsoft.CognitiveServices/accounts",
    kind: "OpenAI",
    location: "swedencentral",
    sku: { name: "S0" },
    etag: `"${index}"`,
    tags: {
      env: environments[index % 3] ?? "prod",
      businessUnit: `Unit ${index % 17}`,
      costCenter: `${1_000 + index}`,
    },
    identity: index % 5 === 0 ? { type: "None" } : { type: "SystemAssigned", principalId: key.slice(15, 51) },
    systemData,
    properties: {
      provisioningState: "Succeeded",
      publicNetworkAccess: access,
      customSubDomainName: name,
      disableLocalAuth: index % 2 === 0,
      endpoint: `https://${name}.openai.azure.com/`,
      networkAcls: { defaultAction: access === "Enabled" ? "Allow" : "Deny", virtualNetworkRules: [], ipRules: [] },
      privateEndpointConnections: [
        {
          id: `${key}/privateEndpointConnections/pe-1`,
          properties: { privateLinkServiceConnectionState: { status: "Approved", description: "approved by hand" } },
        },
      ],
      capabilities: ["VirtualNetworks", "CustomerManagedKey", "Container", "RaiMonitor"].map((of) => ({ name: of })),
    },
  };
}

function deploymentBody(key: ResourceId, name: string): Body {
  return {
    id: `${key}/deployments/${name}`,
    name,
    type: "Microsoft.CognitiveServices/accounts/deployments",
    sku: { name: "GlobalStandard", capacity: 50 },
    systemData,
    properties: {
      model: { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" },
      versionUpgradeOption: "OnceNewDefaultVersionAvailable",
      raiPolicyName: "baseline",
      provisioningState: "Succeeded",
      deploymentState: "Running",
      capabilities: { chatCompletion: "true", area: "EUR", responses: "true" },
      rateLimits: [
        { key: "request", renewalPeriod: 60, count: 300 },
        { key: "token", renewalPeriod: 60, count: 50_000 },
      ],
    },
  };
}

function policyBody(key: ResourceId): Body {
  const filter = (name: string, source: string): Body => ({
    name,
    source,
    blocking: true,
    enabled: true,
    severityThreshold: "Medium",
  });
  const harms = ["Hate", "Sexual", "Violence", "Selfharm"];
  return {
    id: `${key}/raiPolicies/baseline`,
    name: "baseline",
    type: "Microsoft.CognitiveServices/accounts/raiPolicies",
    systemData,
    properties: {
      mode: "Default",
      basePolicyName: "Microsoft.DefaultV2",
      type: "UserManaged",
      contentFilters: harms.flatMap((harm) => [filter(harm, "Prompt"), filter(harm, "Completion")]),
    },
  };
}

function groupBody(key: ResourceId): Body {
  const id = key.slice(0, key.indexOf("/providers/"));
  const name = id.slice(id.lastIndexOf("/") + 1);
  const tags = { env: "prod" };
  return { id, name, type: "Microsoft.Resources/resourceGroups", location: "swedencentral", tags, properties: {} };
}
