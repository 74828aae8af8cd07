/**
 * Scenario `contoso`: a company as Steelyard would meet it. Four business units run 16 use cases in production, test and
 * development, in corp and online subscriptions and five regions: 40 accounts, about 120 deployments, projects, private
 * endpoints, central logs, locks, and the people and pipelines that own them. Some of it breaks each of the standards, all
 * of it written down in `breaches`; some is right and looks wrong (`lookalikes`). Colleagues go on working while time goes
 * by, when the day is on.
 *
 * The organisation is the same for every seed, the estate isn't.
 */
import { mulberry32 } from "../platform/faults.ts";
import { contosoConfiguration } from "./configuration.ts";
import { layBreaches } from "./contoso/breaches.ts";
import { contosoDay } from "./contoso/day.ts";
import { baselineProperties, BASELINE, layDeployments, policy } from "./contoso/deployments.ts";
import { groups, people, servicePrincipals } from "./contoso/directory.ts";
import { layFoundry } from "./contoso/foundry.ts";
import { layLookalikes } from "./contoso/lookalikes.ts";
import { catalogue, quotas } from "./contoso/models.ts";
import { acquired, enrolled, management } from "./contoso/organisation.ts";
import { outside, outsideGroups } from "./contoso/outside.ts";
import { contosoRoles } from "./contoso/roles.ts";
import { planSites, type Site } from "./contoso/site.ts";
import type { World } from "./contoso/world.ts";
import { customRoles } from "./people.ts";
import type { Scenario, ScenarioOptions, SeedResource } from "./scenario.ts";

/** Lays the scenario out; the same seed gives the same estate, to the byte. */
export function contoso(options: ScenarioOptions): Scenario {
  const world = contosoWorld(options);
  const { sites, breaches, lookalikes } = world;
  const groupsById = new Map(sites.map(({ group }) => [group.id, group]));
  return {
    laidMs: options.nowMs,
    subscriptions: [...enrolled, management, acquired],
    resourceGroups: [...[...groupsById.values()].map(toSeed), ...outsideGroups],
    resources: [...sites.flatMap(resourcesOf), ...outside],
    roleAssignments: contosoRoles([...new Map(sites.map((site) => [site.group.id, site])).values()]),
    roleDefinitions: customRoles(enrolled),
    quotas: quotas(),
    models: catalogue,
    people,
    groups,
    servicePrincipals,
    documents: [],
    config: contosoConfiguration(options.config),
    breaches,
    lookalikes,
    day: contosoDay(world, options.seed),
  };
}

function contosoWorld({ seed, nowMs }: ScenarioOptions): World {
  const making = { random: mulberry32(seed), nowMs };
  const world: World = {
    ...making,
    sites: planSites(making),
    breaches: [],
    lookalikes: [],
    spared: new Set(),
  };
  for (const site of world.sites) {
    site.policies.push(policy(site, BASELINE, baselineProperties(), making));
    layDeployments(site, making);
    layFoundry(site, making);
  }
  layLookalikes(world);
  layBreaches(world);
  return world;
}

function resourcesOf(site: Site): SeedResource[] {
  const { account, policies, deployments, endpoints, projects, connections, settings, locks } = site;
  return [account, ...policies, ...deployments, ...endpoints, ...projects, ...connections, ...settings, ...locks].map(
    toSeed,
  );
}

/** Two accounts of one use case share a resource group and its lock. */
function toSeed(draft: Site["account"]): SeedResource {
  return { ...draft };
}
