/**
 * What is right at Contoso and looks wrong: where a standard that reads carelessly would find something, ask somebody, or
 * write. Nothing at these accounts is broken.
 */
import { nestedGroups, peopleOf } from "./directory.ts";
import { ceilings, unapprovedModels } from "./models.ts";
import { baselineOf, baselineProperties, policy } from "./deployments.ts";
import { workspaceId } from "./organisation.ts";
import { pick } from "./random.ts";
import { endpoint, lock, setting, type Site } from "./site.ts";
import { addDeployment, type World } from "./world.ts";

const isProd = ({ environment }: Site): boolean => environment === "prod";
const isOnline = ({ subscription }: Site): boolean => subscription.archetype === "online";

interface Disguise {
  readonly why: string;
  readonly fits: (site: Site) => boolean;
  /** Makes it look wrong; answers the ID of what does. */
  readonly put: (site: Site, world: World) => string;
}

const isAlone = (site: Site): boolean => isProd(site) && site.useCase.prodRegions === 1;

const locks: readonly Disguise[] = [
  {
    why: "a ReadOnly lock on the resource group above it holds deletions off, too",
    fits: isAlone,
    put: (site) => {
      site.locks.splice(0, site.locks.length, lock(site.group, "frozen", "ReadOnly"));
      return site.account.id;
    },
  },
  {
    why: "a CanNotDelete lock on the resource group above it covers it",
    fits: isAlone,
    put: (site) => {
      site.locks.splice(0, site.locks.length, lock(site.group, "landing-zone", "CanNotDelete"));
      return site.account.id;
    },
  },
];

const logs: readonly Disguise[] = [
  {
    why: "the category group audit is enough, under a name of its own",
    fits: () => true,
    put: (site) => {
      site.settings.splice(0, site.settings.length, setting(site.account, "siem", "audit", workspaceId));
      return site.account.id;
    },
  },
  {
    why: "the workspace is written in capitals",
    fits: () => true,
    put: (site) => {
      site.settings.splice(
        0,
        site.settings.length,
        setting(site.account, "Logs", "allLogs", workspaceId.toUpperCase()),
      );
      return site.account.id;
    },
  },
];

const models: readonly Disguise[] = [
  {
    why: "a model that nobody has approved, paused already",
    fits: (site) => !isProd(site),
    put: (site, world) => {
      const model = pick(unapprovedModels, world.random);
      const made = addDeployment(world, site, `${model.name}-old`, model, { name: "GlobalStandard", capacity: 10 });
      made.properties["deploymentState"] = "Paused";
      return made.id;
    },
  },
  {
    why: "as much as the ceiling allows, and no more",
    fits: ({ deployments }) => deployments.some(({ sku }) => sku?.name === "GlobalStandard"),
    put: ({ deployments }) => {
      const found = deployments.find(({ sku }) => sku?.name === "GlobalStandard");
      if (found?.sku === undefined) throw new Error("no deployment of that SKU");
      found.sku.capacity = ceilings["GlobalStandard"] ?? 0;
      return found.id;
    },
  },
  {
    why: "a weak filter, but not the one that everybody has to have, and nothing uses it",
    fits: (site) => site.environment === "dev",
    put: (site, world) => {
      const made = policy(site, "red-team-lab", { ...baselineProperties(), mode: "Asynchronous_filter" }, world);
      site.policies.push(made);
      return made.id;
    },
  },
];

const filters: readonly Disguise[] = [
  {
    why: "the approved filters, in another order",
    fits: () => true,
    put: (site) => {
      const made = baselineOf(site);
      made.properties["contentFilters"] = (made.properties["contentFilters"] as object[]).toReversed();
      return made.id;
    },
  },
];

const accounts: readonly Disguise[] = [
  {
    why: "a user-assigned identity is an identity",
    fits: () => true,
    put: ({ account, group, useCase }) => {
      const id = `${group.id}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-${useCase.id}`;
      account.identity = { type: "UserAssigned", userAssignedIdentities: { [id]: {} } };
      return account.id;
    },
  },
  {
    why: "its firewall would let everybody in, but public access is off",
    fits: isOnline,
    put: (site) => {
      site.account.properties["publicNetworkAccess"] = "Disabled";
      site.account.properties["networkAcls"] = { defaultAction: "Allow", ipRules: [], virtualNetworkRules: [] };
      site.endpoints.push(endpoint(site));
      return site.account.id;
    },
  },
];

const tags: readonly Disguise[] = [
  {
    why: "a person owns it, by object ID",
    fits: () => true,
    put: ({ account, useCase }) => retag(account, { owner: peopleOf(useCase.team)[0]?.oid ?? "" }),
  },
  {
    why: "its owner is a group inside of a group",
    fits: () => true,
    put: ({ account }, { random }) => retag(account, { owner: pick(nestedGroups, random).mail }),
  },
  {
    why: "names and values of its tags are in other letter case",
    fits: () => true,
    put: ({ account }) => {
      const { env = "", owner = "", ...rest } = account.tags ?? {};
      account.tags = { ...rest, Env: env.toUpperCase(), Owner: owner.toUpperCase() };
      return account.id;
    },
  },
];

function retag(account: Site["account"], more: Readonly<Record<string, string>>): string {
  account.tags = { ...account.tags, ...more };
  return account.id;
}

/** Each at an account of its own, which is spared from then on. */
export function layLookalikes(world: World): void {
  for (const { why, fits, put } of [...locks, ...logs, ...models, ...filters, ...accounts, ...tags]) {
    const free = world.sites.filter((site) => !world.spared.has(site) && fits(site));
    const site = pick(free, world.random);
    world.spared.add(site);
    world.lookalikes.push({ target: put(site, world).toLowerCase(), why });
  }
}
