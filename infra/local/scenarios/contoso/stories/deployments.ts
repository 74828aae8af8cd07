/** What happens to deployments and their content filters. */
import { pipelines } from "../directory.ts";
import { BASELINE } from "../deployments.ts";
import { ceilings, unapprovedModels } from "../models.ts";
import { between, pick } from "../random.ts";
import type { Draft, Site } from "../site.ts";
import {
  colleague,
  breach,
  hours,
  isBroken,
  isProd,
  minutes,
  patch,
  put,
  remove,
  take,
  type Story,
  type Telling,
} from "./telling.ts";

const isByToken = ({ sku }: Draft): boolean => sku?.name.endsWith("Standard") ?? false;

function isBelow({ sku }: Draft): boolean {
  return (sku?.capacity ?? 0) + 20 <= (ceilings[sku?.name ?? ""] ?? 0);
}

function tokenDeployment(site: Site, { random }: Telling): Draft {
  return pick(
    site.deployments.filter((one) => isByToken(one) && isBelow(one)),
    random,
  );
}

const hasRoom = ({ deployments }: Site): boolean => deployments.some((one) => isByToken(one) && isBelow(one));

/** A campaign begins: the pipeline raises a deployment, within its ceiling, and takes it back when the day is over. */
export const launch: Story = (telling) => {
  const site = take(telling, (one) => isProd(one) && hasRoom(one));
  if (site === undefined) return [];
  const made = tokenDeployment(site, telling);
  const { name = "", capacity = 0 } = made.sku ?? {};
  const raised = Math.min(ceilings[name] ?? 0, capacity + between(20, 200, 10, telling.random));
  return [raised, capacity].map((wanted, at) => ({
    id: `launch-${at}`,
    afterMs: hours(10) * at,
    by: pipelines[site.useCase.unit].oid,
    title: `the pipeline sets ${site.account.name}/${made.name} to ${wanted}`,
    step: patch(made, { sku: { name, capacity: wanted } }),
  }));
};

/** Throttled, somebody takes what the quota has. */
export const grab: Story = (telling) => {
  const site = take(telling, (one) => hasRoom(one) && !isBroken(telling.world, "DEP-08", one.account));
  if (site === undefined) return [];
  const made = tokenDeployment(site, telling);
  const { oid, name } = colleague(site, telling.random);
  const sku = made.sku?.name ?? "";
  const capacity = (ceilings[sku] ?? 0) + between(50, 150, 10, telling.random);
  return [
    {
      id: "grab",
      afterMs: 0,
      by: oid,
      title: `${name} raises ${site.account.name}/${made.name} to ${capacity}, above its ceiling`,
      step: patch(made, { sku: { name: sku, capacity } }),
      breach: breach("DEP-08", made, { "sku.capacity": capacity }),
    },
  ];
};

/** Somebody tries a model that nobody has approved, and takes it away in the evening. */
export const trial: Story = (telling) => {
  const site = take(telling, (one) => !isProd(one));
  if (site === undefined) return [];
  const model = pick(unapprovedModels, telling.random);
  const { oid, name } = colleague(site, telling.random);
  const made = { id: `${site.account.id}/deployments/${model.name}-try` };
  const body = {
    sku: { name: "GlobalStandard", capacity: 10 },
    properties: { model, versionUpgradeOption: "OnceCurrentVersionExpired", raiPolicyName: BASELINE },
  };
  return [
    {
      id: "trial-begins",
      afterMs: 0,
      by: oid,
      title: `${name} deploys ${model.name} ${model.version} at ${site.account.name}`,
      step: put(made, body),
      breach: breach("DEP-01", made, { "properties.model.name": model.name }),
    },
    {
      id: "trial-ends",
      afterMs: hours(8),
      by: oid,
      title: `${name} deletes the ${model.name} of ${site.account.name}`,
      step: remove(made),
    },
  ];
};

/** A version is pinned by hand in production: it will not be there any more one day. */
export const pinning: Story = (telling) => {
  const site = take(telling, (one) => isProd(one) && !isBroken(telling.world, "DEP-05", one.account));
  if (site === undefined) return [];
  const made = pick(site.deployments, telling.random);
  const { oid, name } = colleague(site, telling.random);
  const { sku, properties } = made;
  return [
    {
      id: "pinning",
      afterMs: 0,
      by: oid,
      title: `${name} pins the version of ${site.account.name}/${made.name}`,
      step: put(made, { sku, properties: { ...properties, versionUpgradeOption: "NoAutoUpgrade" } }),
      breach: breach("DEP-05", made, { "properties.versionUpgradeOption": "NoAutoUpgrade" }),
    },
  ];
};

/** The filter stands in the way of a test. Twice. */
export const weakening: Story = (telling) => {
  const site = take(telling, (one) => !isBroken(telling.world, "RAI-01", one.account));
  const policy = site?.policies.find(({ name }) => name === BASELINE);
  if (site === undefined || policy === undefined) return [];
  const { oid, name } = colleague(site, telling.random);
  const harm = pick(["hate", "violence", "selfharm"], telling.random);
  const filters = (policy.properties["contentFilters"] as { name: string }[]).map((filter) =>
    filter.name === harm ? { ...filter, severityThreshold: "High" } : filter,
  );
  return [0, minutes(55)].map((afterMs, at) => ({
    id: `weakening-${at}`,
    afterMs,
    by: oid,
    title: `${name} lets more ${harm} through at ${site.account.name}`,
    step: put(policy, { properties: { ...policy.properties, contentFilters: filters } }),
    breach: breach("RAI-01", policy, { "properties.contentFilters": filters }),
  }));
};
