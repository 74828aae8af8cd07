/** What is wrong at Contoso: some of each standard, each in the ways in which it goes wrong. Everything is written down. */
import { leavers } from "./directory.ts";
import { baselineOf } from "./deployments.ts";
import { ceilings, unapprovedModels } from "./models.ts";
import { oldWorkspaceId, workspaceId } from "./organisation.ts";
import { between, pick, some } from "./random.ts";
import { endpoint, setting, type Draft, type Site } from "./site.ts";
import { addDeployment, breakable, broken, lockAt, settingAt, type World } from "./world.ts";

const isProd = ({ environment }: Site): boolean => environment === "prod";
const isOnline = ({ subscription }: Site): boolean => subscription.archetype === "online";

/** Each of the ways at an account of its own. */
function each(world: World, ways: readonly ((site: Site) => void)[], fits?: (site: Site) => boolean): void {
  for (const [at, site] of breakable(world, ways.length, fits).entries()) ways[at]?.(site);
}

export function layBreaches(world: World): void {
  for (const lay of [localAuth, identities, locks, corpNetwork, onlineNetwork, models, upgrades, capacities])
    lay(world);
  for (const lay of [filters, logs, owners, environmentTags]) lay(world);
}

function localAuth(world: World): void {
  const on = ({ account }: Site): void => {
    account.properties["disableLocalAuth"] = false;
    broken(world, "ACC-01", account, { "properties.disableLocalAuth": false });
  };
  const unsaid = ({ account }: Site): void => {
    delete account.properties["disableLocalAuth"];
    broken(world, "ACC-01", account, { "properties.disableLocalAuth": null });
  };
  each(world, [on, on, on, unsaid]);
}

function identities(world: World): void {
  const absent = ({ account }: Site): void => {
    delete account.identity;
    broken(world, "ACC-02", account, { "identity.type": null });
  };
  const none = ({ account }: Site): void => {
    account.identity = { type: "None" };
    broken(world, "ACC-02", account, { "identity.type": "None" });
  };
  each(world, [absent, absent, none]);
}

function locks(world: World): void {
  const unlocked = (site: Site): void => {
    site.locks.length = 0;
    broken(world, "ACC-12", site.account, { "properties.level": null }, lockAt(site));
  };
  each(world, [unlocked, unlocked, unlocked, unlocked], isProd);
}

function corpNetwork(world: World): void {
  const open = ({ account }: Site): void => {
    account.properties["publicNetworkAccess"] = "Enabled";
    broken(world, "NET-01", account, { "properties.publicNetworkAccess": "Enabled" });
  };
  // Closing these would cut everybody off: nothing private leads to them.
  const withoutEndpoint = (site: Site): void => {
    site.endpoints.length = 0;
    open(site);
  };
  const pending = (site: Site): void => {
    site.endpoints.splice(0, site.endpoints.length, endpoint(site, true));
    open(site);
  };
  each(world, [open, open, open, withoutEndpoint, pending], (site) => !isOnline(site));
}

function onlineNetwork(world: World): void {
  const path = "properties.networkAcls.defaultAction";
  const allowed = ({ account }: Site): void => {
    account.properties["networkAcls"] = { ...(account.properties["networkAcls"] as object), defaultAction: "Allow" };
    broken(world, "NET-02", account, { [path]: "Allow" });
  };
  const none = ({ account }: Site): void => {
    delete account.properties["networkAcls"];
    broken(world, "NET-02", account, { [path]: null });
  };
  each(world, [allowed, allowed, none], isOnline);
}

function models(world: World): void {
  const chosen = some(unapprovedModels.length, unapprovedModels, world.random);
  const ways = chosen.map((model) => (site: Site): void => {
    const made = addDeployment(world, site, `${model.name}-trial`, model, { name: "GlobalStandard", capacity: 20 });
    saysModel(world, made);
  });
  each(world, ways);
  // Provisioned throughput can't be paused: this one people have to end.
  const [site] = breakable(world, 1, isProd);
  const model = unapprovedModels[0];
  if (site === undefined || model === undefined) return;
  const sku = { name: "GlobalProvisionedManaged", capacity: between(15, 60, 5, world.random) };
  saysModel(world, addDeployment(world, site, `${model.name}-reserved`, model, sku));
}

function saysModel(world: World, made: Draft): void {
  const { name, version } = made.properties["model"] as { name: string; version: string };
  broken(world, "DEP-01", made, { "properties.model.name": name, "properties.model.version": version });
}

function upgrades(world: World): void {
  const otherwise = (option: string) => (site: Site) => {
    const made = pick(site.deployments, world.random);
    made.properties["versionUpgradeOption"] = option;
    broken(world, "DEP-05", made, { "properties.versionUpgradeOption": option });
  };
  const [never, early] = [otherwise("NoAutoUpgrade"), otherwise("OnceNewDefaultVersionAvailable")];
  each(world, [never, never, early, early], isProd);
}

function capacities(world: World): void {
  const above = (site: Site): void => {
    const { sku, ...made } = pick(site.deployments.filter(isByToken), world.random);
    if (sku === undefined) return;
    sku.capacity = (ceilings[sku.name] ?? 0) + between(20, 200, 10, world.random);
    broken(world, "DEP-08", made, { "sku.capacity": sku.capacity });
  };
  each(world, [above, above, above, above], ({ deployments }) => deployments.some(isByToken));
}

const isByToken = ({ sku }: Draft): boolean => sku?.name.endsWith("Standard") ?? false;

type Filter = { readonly name: string; readonly source: string } & Record<string, unknown>;

function filters(world: World): void {
  const weakened = (change: (filter: Filter) => Filter | undefined) => (site: Site) => {
    const made = baselineOf(site);
    const before = made.properties["contentFilters"] as Filter[];
    const after = before.flatMap((filter) => change(filter) ?? []);
    made.properties["contentFilters"] = after;
    broken(world, "RAI-01", made, { "properties.contentFilters": after });
  };
  const only = (name: string, more: object) => (filter: Filter) =>
    filter.name === name ? { ...filter, ...more } : filter;
  const deferred = (site: Site): void => {
    const made = baselineOf(site);
    made.properties["mode"] = "Asynchronous_filter";
    broken(world, "RAI-01", made, { "properties.mode": "Asynchronous_filter" });
  };
  each(world, [
    weakened(only("violence", { severityThreshold: "High" })),
    weakened(only("jailbreak", { blocking: false })),
    weakened((filter) => (filter.name === "indirect_attack" ? undefined : filter)),
    deferred,
  ]);
}

function logs(world: World): void {
  const says = (site: Site, ...settings: Draft[]): void => {
    site.settings.splice(0, site.settings.length, ...settings);
    broken(world, "MON-01", site.account, { "properties.workspaceId": null }, settingAt(site));
  };
  const none = (site: Site): void => says(site);
  const elsewhere = (site: Site): void => says(site, setting(site.account, "old", "allLogs", oldWorkspaceId));
  const metricsOnly = (site: Site): void => {
    const made = setting(site.account, "metrics", "allLogs", workspaceId);
    made.properties["logs"] = [];
    says(site, made);
  };
  each(world, [none, none, elsewhere, metricsOnly]);
}

function owners(world: World): void {
  const owner = (value: string | undefined) => (site: Site) => {
    retag(site, "owner", value);
    broken(world, "TAG-01", site.account, { "tags.owner": value ?? null });
  };
  each(world, [
    owner(undefined),
    owner("retail-labs@contoso.example"),
    owner(leavers[0]?.oid),
    owner("00000000-0000-4000-8000-00000000dead"),
  ]);
}

function environmentTags(world: World): void {
  const environment = (value: string | undefined) => (site: Site) => {
    retag(site, "env", value);
    broken(world, "TAG-03", site.account, { "tags.env": value ?? null });
  };
  // Only where the subscription says the environment: elsewhere another tag would be another environment.
  const fits = ({ subscription }: Site): boolean => subscription.environment !== undefined;
  each(world, [environment(undefined), environment("production"), environment("sandbox")], fits);
}

function retag({ account }: Site, name: string, value: string | undefined): void {
  const { [name]: _, ...rest } = account.tags ?? {};
  account.tags = value === undefined ? rest : { ...rest, [name]: value };
}
