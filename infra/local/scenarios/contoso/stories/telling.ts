/** What the stories of a day are told with. */
import type { Act, ArmStep } from "../../day.ts";
import type { Breach } from "../../scenario.ts";
import { peopleOf } from "../directory.ts";
import { pick, type Random } from "../random.ts";
import type { Draft, Site } from "../site.ts";
import type { World } from "../world.ts";

export interface Telling {
  readonly world: World;
  /** Of the day, counted from 0. */
  readonly number: number;
  readonly random: Random;
  /** Sites that are in a story already, or in none. */
  readonly taken: Set<Site>;
}

/** Its acts; times count from where it begins. */
export type Story = (telling: Telling) => readonly Act[];

export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => count * 3_600_000;

export const COGNITIVE = "2025-09-01";
export const LOCKS = "2020-05-01";
export const DIAGNOSTICS = "2021-05-01-preview";
export const TAGS = "2024-07-01";

/** A site that fits, for one story. Where none is left, what is taken already is told of once more. */
export function take({ world, random, taken }: Telling, fits: (site: Site) => boolean): Site | undefined {
  const free = world.sites.filter((site) => !taken.has(site) && fits(site));
  if (free.length === 0) return undefined;
  const site = pick(free, random);
  taken.add(site);
  return site;
}

/** Somebody of the team whose account it is. */
export function colleague(site: Site, random: Random): { readonly oid: string; readonly name: string } {
  return pick(peopleOf(site.useCase.team), random);
}

/** Whether the scenario broke this standard there. */
export function isBroken(world: World, standard: string, { id }: Pick<Draft, "id">): boolean {
  const below = id.toLowerCase();
  return world.breaches.some(
    ({ standard: known, target }) => known === standard && (target === below || target.startsWith(`${below}/`)),
  );
}

export const isProd = ({ environment }: Site): boolean => environment === "prod";
export const isOnline = ({ subscription }: Site): boolean => subscription.archetype === "online";

export function patch({ id }: Pick<Draft, "id">, body: object, unless?: ArmStep["unless"]): ArmStep {
  const step = { kind: "arm", method: "PATCH", id, apiVersion: COGNITIVE, body } as const;
  return unless === undefined ? step : { ...step, unless };
}

export function put({ id }: Pick<Draft, "id">, body: object, apiVersion = COGNITIVE): ArmStep {
  return { kind: "arm", method: "PUT", id, apiVersion, body };
}

export function remove({ id }: Pick<Draft, "id">, apiVersion = COGNITIVE): ArmStep {
  return { kind: "arm", method: "DELETE", id, apiVersion };
}

/** Tags as the portal writes them: one by one, beside the others. */
export function tag({ id }: Pick<Draft, "id">, operation: "Merge" | "Delete", tags: object): ArmStep {
  const body = { operation, properties: { tags } };
  const at = `${id}/providers/Microsoft.Resources/tags/default`;
  return { kind: "arm", method: "PATCH", id: at, apiVersion: TAGS, body };
}

export function breach(
  standard: string,
  target: Pick<Draft, "id">,
  fields: Breach["fields"],
  at: string = target.id,
): Breach {
  return { standard, target: target.id.toLowerCase(), at: at.toLowerCase(), fields };
}
