/** One promise of the remedy gate, and how it is tried on one drawn resource. */
import type { Random } from "../../sim/random.ts";
import type { Drawn, Source, Wanted } from "../draw.ts";
import type { Outcome } from "../verdict.ts";

export interface Column {
  readonly number: number;
  /** What holds where there is a remedy. */
  readonly title: string;
  /** What it means where the standard has none. */
  readonly without: string;
  /** Which resources are asked for; three in four are, the rest are whatever comes. */
  /** Least share of the resources that the remedy fits, where there is one; half of them unless said. */
  readonly fixableMin?: number;
  readonly wanted: (random: Random, source: Source) => Wanted;
  /** @throws Impossible when Azure would not hold what was drawn. */
  readonly run: (drawn: Drawn, random: Random, source: Source) => Promise<Outcome>;
}

export const broken = (random: Random, { definition }: Source): Wanted => {
  if (random.chance(0.2)) return "any";
  return definition.remedy === undefined || definition.remedy.safety === "X" ? "told" : "fixable";
};
