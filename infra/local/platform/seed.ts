/** Lays a scenario into engines that are empty, through what each of them offers for it. */
import { documentsOf } from "../../../shared/config/documents.ts";
import { configAddress } from "../../../shared/config/schema.ts";
import { toIso } from "../../../shared/kernel/clock.ts";
import type { SeedEstate } from "../arm/seed.ts";
import { COSMOS_AUDIENCE } from "../cosmos/authenticate.ts";
import type { Scenario, SeedDocument } from "../scenarios/scenario.ts";
import { coreIdentity } from "./constants.ts";
import type { Engines } from "./engines.ts";
import { names } from "./settings.ts";

export async function layScenario(engines: Engines, scenario: Scenario): Promise<void> {
  const { people, groups, servicePrincipals } = scenario;
  engines.identity.directory.replace({ people, groups, servicePrincipals });
  engines.arm.seed(estateOf(scenario));
  const laid = { at: toIso(scenario.laidMs), by: null, agreedBy: [], reason: null, changed: 0 };
  const configuration = Object.values(documentsOf(scenario.config, {}, laid)).map((document): SeedDocument => ({
    container: configAddress.container,
    document: { ...document },
  }));
  const token = await engines.identity.issue({ as: coreIdentity, audience: COSMOS_AUDIENCE });
  for (const seed of [...configuration, ...scenario.documents]) await putDocument(engines, seed, token);
}

/** What of it is ARM's. */
export function estateOf(scenario: Scenario): SeedEstate {
  const { subscriptions, resourceGroups, resources, roleAssignments } = scenario;
  const { roleDefinitions, quotas, models, late, metrics } = scenario;
  return {
    subscriptions: subscriptions.map(({ id, name }) => ({ id, name })),
    resourceGroups,
    resources,
    roleAssignments,
    ...(roleDefinitions === undefined ? {} : { roleDefinitions }),
    ...(quotas === undefined ? {} : { quotas }),
    ...(models === undefined ? {} : { models }),
    ...(late === undefined ? {} : { late }),
    ...(metrics === undefined ? {} : { metrics }),
  };
}

async function putDocument(engines: Engines, { container, document }: SeedDocument, token: string): Promise<void> {
  const path = `/dbs/${names.database}/colls/${container}/docs`;
  const { status, body } = await engines.cosmos.handle({
    method: "POST",
    url: new URL(path, `https://localhost:${engines.cosmos.port}`),
    headers: {
      authorization: encodeURIComponent(`type=aad&ver=1.0&sig=${token}`),
      "content-type": "application/json",
      "x-ms-documentdb-partitionkey": JSON.stringify([document.pk]),
    },
    body: Buffer.from(JSON.stringify(document)),
  });
  if (status !== 201) throw new Error(`seeding ${path}/${document.id}: ${status} ${JSON.stringify(body)}`);
}
