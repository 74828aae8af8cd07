/** An account of Contoso and everything around it, as it should be; what is broken is broken afterwards. */
import type { SystemData } from "../../arm/model.ts";
import { mailOfTeam, peopleOf, pipelines } from "./directory.ts";
import { businessUnits, regions, subscriptionOf, useCases, workspaceId } from "./organisation.ts";
import type { ContosoSubscription, Environment, Region, UseCase } from "./organisation.ts";
import { pick, some, type Random } from "./random.ts";

/** A resource while it is being made up. */
export interface Draft {
  id: string;
  name: string;
  type: string;
  location?: string;
  kind?: string;
  sku?: { name: string; capacity?: number };
  tags?: Record<string, string>;
  identity?: { type: string; userAssignedIdentities?: Record<string, object> };
  systemData?: SystemData;
  properties: Record<string, unknown>;
}

export interface Site {
  readonly useCase: UseCase;
  readonly environment: Environment;
  readonly subscription: ContosoSubscription;
  readonly region: Region;
  readonly group: Draft;
  readonly account: Draft;
  readonly deployments: Draft[];
  readonly policies: Draft[];
  readonly settings: Draft[];
  readonly locks: Draft[];
  readonly endpoints: Draft[];
  readonly projects: Draft[];
  readonly connections: Draft[];
}

export interface Making {
  readonly random: Random;
  readonly nowMs: number;
}

const dayMs = 86_400_000;

/** All accounts, in an order that no seed changes. Regions are the seed's: two of them for what is in two. */
export function planSites(making: Making): Site[] {
  return useCases.flatMap((useCase) => {
    // What must not leave its data zone is kept in the European one.
    const allowed = regions.filter(({ zone }) => useCase.dataClass !== "confidential" || zone === "EU");
    const prod = some(useCase.prodRegions, allowed, making.random).map((region) => ["prod", region] as const);
    const others = useCase.others.map((environment) => [environment, pick(allowed, making.random)] as const);
    return [...prod, ...others].map(([environment, region]) => siteOf(useCase, environment, region, making));
  });
}

function siteOf(useCase: UseCase, environment: Environment, region: Region, making: Making): Site {
  const subscription = subscriptionOf(useCase, environment);
  const { unit, id: use } = useCase;
  const owner = mailOfTeam(useCase.team);
  const { costCenter = "" } = businessUnits.find(({ id }) => id === unit) ?? {};
  const groupName = `rg-${unit}-${use}-${environment}`;
  const groupId = `/subscriptions/${subscription.id}/resourceGroups/${groupName}`;
  const group: Draft = {
    id: groupId,
    name: groupName,
    type: "Microsoft.Resources/resourceGroups",
    location: "swedencentral",
    tags: { env: environment, owner, costCenter },
    properties: {},
  };
  const name = `${useCase.kind === "OpenAI" ? "oai" : "aif"}-${unit}-${use}-${environment}-${region.short}`;
  const account: Draft = {
    id: `${groupId}/providers/Microsoft.CognitiveServices/accounts/${name}`,
    name,
    type: "Microsoft.CognitiveServices/accounts",
    location: region.name,
    kind: useCase.kind,
    sku: { name: "S0" },
    tags: { env: environment, owner, businessUnit: unit, costCenter, useCase: use, dataClass: useCase.dataClass },
    identity: { type: "SystemAssigned" },
    systemData: createdBy(useCase, making),
    properties: accountProperties(useCase, name),
  };
  const site = { useCase, environment, subscription, region, group, account };
  return {
    ...site,
    deployments: [],
    policies: [],
    settings: [setting(account, "central-logs", "allLogs", workspaceId)],
    locks: environment === "prod" ? [lock(account, "do-not-delete", "CanNotDelete")] : [],
    endpoints: subscription.archetype === "corp" ? [endpoint(site)] : [],
    projects: [],
    connections: [],
  };
}

function accountProperties({ archetype, kind }: UseCase, name: string): Record<string, unknown> {
  const network =
    archetype === "corp"
      ? {
          publicNetworkAccess: "Disabled",
          networkAcls: { defaultAction: "Deny", ipRules: [], virtualNetworkRules: [] },
        }
      : {
          publicNetworkAccess: "Enabled",
          networkAcls: {
            defaultAction: "Deny",
            bypass: "AzureServices",
            ipRules: [{ value: "203.0.113.0/24" }, { value: "198.51.100.16/28" }],
            virtualNetworkRules: [],
          },
        };
  return {
    customSubDomainName: name,
    disableLocalAuth: true,
    ...network,
    ...(kind === "AIServices" ? { allowProjectManagement: true } : {}),
  };
}

/** Its unit's pipeline made it, or somebody of its team by hand, one to sixteen months ago. */
export function createdBy({ unit, team }: UseCase, { random, nowMs }: Making): SystemData {
  const byHand = random() < 0.3;
  const by = byHand ? pick(peopleOf(team), random).oid : pipelines[unit].oid;
  const type = byHand ? "User" : "Application";
  const at = new Date(nowMs - (30 + Math.floor(random() * 460)) * dayMs).toISOString();
  return {
    createdBy: by,
    createdByType: type,
    createdAt: at,
    lastModifiedBy: by,
    lastModifiedByType: type,
    lastModifiedAt: at,
  };
}

export function setting(account: Draft, name: string, categoryGroup: string, workspace: string): Draft {
  return {
    id: `${account.id}/providers/Microsoft.Insights/diagnosticSettings/${name}`,
    name,
    type: "Microsoft.Insights/diagnosticSettings",
    properties: {
      workspaceId: workspace,
      logs: [{ categoryGroup, enabled: true }],
      metrics: [{ category: "AllMetrics", enabled: true }],
    },
  };
}

export function lock(scope: Draft, name: string, level: "CanNotDelete" | "ReadOnly"): Draft {
  return {
    id: `${scope.id}/providers/Microsoft.Authorization/locks/${name}`,
    name,
    type: "Microsoft.Authorization/locks",
    properties: { level, notes: "Laid by the landing zone. Ask the platform team before you take it away." },
  };
}

/** The private endpoint of an account; with `manual` somebody has yet to approve its connection. */
export function endpoint(site: Pick<Site, "useCase" | "region" | "group" | "account">, manual = false): Draft {
  const { account, group, region, useCase } = site;
  const subscription = group.id.split("/").slice(0, 3).join("/");
  const name = `pe-${account.name}`;
  const link = {
    name,
    properties: {
      privateLinkServiceId: account.id,
      groupIds: ["account"],
      ...(manual ? { requestMessage: "please approve" } : {}),
    },
  };
  return {
    id: `${group.id}/providers/Microsoft.Network/privateEndpoints/${name}`,
    name,
    type: "Microsoft.Network/privateEndpoints",
    location: region.name,
    tags: { useCase: useCase.id },
    properties: {
      subnet: {
        id: `${subscription}/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-${useCase.unit}-${region.short}/subnets/snet-endpoints`,
      },
      [manual ? "manualPrivateLinkServiceConnections" : "privateLinkServiceConnections"]: [link],
    },
  };
}
