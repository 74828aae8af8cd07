/** Contoso's estate while it is being made up, and what is said of it. */
import type { Breach, Lookalike } from "../scenario.ts";
import type { ModelVersion } from "./models.ts";
import { deployment } from "./deployments.ts";
import { some } from "./random.ts";
import type { Draft, Making, Site } from "./site.ts";

export interface World extends Making {
  readonly sites: readonly Site[];
  /** What is against a standard. */
  readonly breaches: Breach[];
  /** What is right and looks wrong. */
  readonly lookalikes: Lookalike[];
  /** Accounts at which nothing may be broken. */
  readonly spared: Set<Site>;
}

/** Some of the sites that fit and may be broken. */
export function breakable(world: World, count: number, fits: (site: Site) => boolean = () => true): Site[] {
  return some(
    count,
    world.sites.filter((site) => !world.spared.has(site) && fits(site)),
    world.random,
  );
}

/** Says that something is broken. `at` is where its remedy writes, the broken thing itself unless said otherwise. */
export function broken(
  world: World,
  standard: string,
  target: Pick<Draft, "id">,
  fields: Breach["fields"],
  at: string = target.id,
): void {
  world.breaches.push({ standard, target: target.id.toLowerCase(), at: at.toLowerCase(), fields });
}

/** Adds a deployment that is paid by token. */
export function addDeployment(
  world: World,
  site: Site,
  name: string,
  model: ModelVersion,
  sku: { name: string; capacity: number },
): Draft {
  const made = deployment(site, name, model, sku, world);
  site.deployments.push(made);
  return made;
}

export const lockAt = (site: Site): string => `${site.account.id}/providers/Microsoft.Authorization/locks/steelyard`;
export const settingAt = (site: Site): string =>
  `${site.account.id}/providers/Microsoft.Insights/diagnosticSettings/steelyard`;
