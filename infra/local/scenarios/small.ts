/**
 * Scenario `small`: 40 Azure OpenAI accounts with one to three deployments each, in two corp subscriptions (private
 * endpoints, public access off) and one online subscription (public, firewall closed by default). Three corp accounts
 * are in breach of NET-01 from the start; everything else is as it should be.
 */
import { mulberry32 } from "../platform/faults.ts";
import { empty } from "./empty.ts";
import { people, subscriptions } from "./people.ts";
import type { Scenario, ScenarioOptions, SeedResource, SeedSubscription } from "./scenario.ts";

/** Accounts in each subscription, in the order of the subscriptions. */
const accountsIn = [15, 15, 10];
/** Which of the 30 corp accounts have their public access on. */
const BREACHES = 3;

const teams = [
  { name: "payments", owner: "payments@contoso.example", costCenter: "CC-1010" },
  { name: "claims", owner: "claims@contoso.example", costCenter: "CC-1020" },
  { name: "search", owner: "search@contoso.example", costCenter: "CC-1030" },
  { name: "support", owner: "support@contoso.example", costCenter: "CC-1040" },
  { name: "legal", owner: "legal@contoso.example", costCenter: "CC-1050" },
] as const;

const environments = ["dev", "test", "prod"] as const;

const regions = [
  { name: "swedencentral", short: "swc" },
  { name: "westeurope", short: "weu" },
  { name: "eastus2", short: "eus2" },
] as const;

/** Deployments that accounts choose from: name, model and version, SKU, and a capacity in units of 1,000 tokens/min. */
const deployments = [
  { name: "gpt-4o", version: "2024-11-20", sku: "GlobalStandard", capacity: 50 },
  { name: "gpt-4o-mini", version: "2024-07-18", sku: "GlobalStandard", capacity: 100 },
  { name: "text-embedding-3-large", version: "1", sku: "Standard", capacity: 20 },
] as const;

type Random = () => number;

/** Lays the scenario out; the same seed gives the same estate. */
export function small(options: ScenarioOptions): Scenario {
  const random = mulberry32(options.seed);
  const breaches = chooseBreaches(random);
  const groups = new Map<string, SeedResource>();
  const resources: SeedResource[] = [];
  let corpIndex = 0;
  for (const [at, subscription] of subscriptions.entries()) {
    for (let number = 1; number <= (accountsIn[at] ?? 0); number += 1) {
      const open = subscription.archetype === "corp" && breaches.has(corpIndex);
      if (subscription.archetype === "corp") corpIndex += 1;
      const { group, account, parts } = layAccount({ subscription, number, open, random, nowMs: options.nowMs });
      groups.set(group.id.toLowerCase(), group);
      resources.push(account, ...parts);
    }
  }
  return { ...empty(options), resourceGroups: [...groups.values()], resources };
}

function chooseBreaches(random: Random): Set<number> {
  const corpAccounts = subscriptions.reduce(
    (sum, { archetype }, at) => sum + (archetype === "corp" ? (accountsIn[at] ?? 0) : 0),
    0,
  );
  const chosen = new Set<number>();
  while (chosen.size < BREACHES) chosen.add(Math.floor(random() * corpAccounts));
  return chosen;
}

interface Site {
  readonly subscription: SeedSubscription;
  readonly number: number;
  /** Public access is on although the archetype forbids it. */
  readonly open: boolean;
  readonly random: Random;
  readonly nowMs: number;
}

function layAccount(site: Site): { group: SeedResource; account: SeedResource; parts: SeedResource[] } {
  const { subscription, number, random } = site;
  const team = pick(teams, random);
  const environment = pick(environments, random);
  const region = pick(regions, random);
  const tags = { env: environment, owner: team.owner, costCenter: team.costCenter };
  const groupName = `rg-${team.name}-ai`;
  const groupId = `/subscriptions/${subscription.id}/resourceGroups/${groupName}`;
  const name = `oai-${subscription.name.replace("ai-", "")}-${team.name}-${environment}-${region.short}-${String(number).padStart(2, "0")}`;
  const id = `${groupId}/providers/Microsoft.CognitiveServices/accounts/${name}`;
  const systemData = createdBy(site);
  const endpoint = subscription.archetype === "corp" ? privateEndpoint(groupId, id, name, region.name) : undefined;
  const account: SeedResource = {
    id,
    name,
    type: "Microsoft.CognitiveServices/accounts",
    location: region.name,
    kind: "OpenAI",
    sku: { name: "S0" },
    tags,
    identity: { type: "SystemAssigned" },
    systemData,
    properties: {
      customSubDomainName: name,
      disableLocalAuth: true,
      publicNetworkAccess: subscription.archetype === "corp" && !site.open ? "Disabled" : "Enabled",
      networkAcls: {
        defaultAction: "Deny",
        virtualNetworkRules: [],
        ipRules: subscription.archetype === "online" ? [{ value: "203.0.113.0/24" }] : [],
      },
    },
  };
  const parts = layDeployments(id, systemData, random);
  if (endpoint !== undefined) parts.push(endpoint);
  return {
    group: {
      id: groupId,
      name: groupName,
      type: "Microsoft.Resources/resourceGroups",
      location: "swedencentral",
      tags: { owner: team.owner, costCenter: team.costCenter },
    },
    account,
    parts,
  };
}

function layDeployments(accountId: string, systemData: object, random: Random): SeedResource[] {
  const count = 1 + Math.floor(random() * deployments.length);
  const first = Math.floor(random() * deployments.length);
  return Array.from({ length: count }, (_, at) => {
    const chosen = deployments[(first + at) % deployments.length] ?? deployments[0];
    return {
      id: `${accountId}/deployments/${chosen.name}`,
      name: chosen.name,
      type: "Microsoft.CognitiveServices/accounts/deployments",
      sku: { name: chosen.sku, capacity: chosen.capacity },
      systemData,
      properties: {
        model: { format: "OpenAI", name: chosen.name, version: chosen.version },
        versionUpgradeOption: "NoAutoUpgrade",
        raiPolicyName: "Microsoft.DefaultV2",
      },
    };
  });
}

function privateEndpoint(groupId: string, accountId: string, name: string, location: string): SeedResource {
  return {
    id: `${accountId}/privateEndpointConnections/pe-${name}`,
    name: `pe-${name}`,
    type: "Microsoft.CognitiveServices/accounts/privateEndpointConnections",
    location,
    properties: {
      privateEndpoint: { id: `${groupId}/providers/Microsoft.Network/privateEndpoints/pe-${name}` },
      groupIds: ["account"],
      privateLinkServiceConnectionState: {
        status: "Approved",
        description: "Approved by the landing zone",
        actionsRequired: "None",
      },
    },
  };
}

/** Somebody created it 30 to 400 days ago. */
function createdBy({ random, nowMs }: Site): object {
  const by = pick(people, random).oid;
  const at = new Date(nowMs - (30 + Math.floor(random() * 370)) * 86_400_000).toISOString();
  return {
    createdBy: by,
    createdByType: "User",
    createdAt: at,
    lastModifiedBy: by,
    lastModifiedByType: "User",
    lastModifiedAt: at,
  };
}

function pick<T>(from: readonly [T, ...T[]] | readonly T[], random: Random): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error("nothing to choose from");
  return chosen;
}
