/** The ten columns of the remedy gate. */
import { heeds } from "./barriers.ts";
import type { Column } from "./column.ts";
import { agrees } from "./events.ts";
import { stops } from "./flapping.ts";
import { rereads } from "./meanwhile.ts";
import { declared, helps, once, undone } from "./repair.ts";
import { survives } from "./troubles.ts";
import { waits } from "./waivers.ts";

export type { Column } from "./column.ts";

export const columns: readonly Column[] = [
  helps,
  declared,
  once,
  undone,
  heeds,
  rereads,
  survives,
  waits,
  stops,
  agrees,
];
