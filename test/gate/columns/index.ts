/** The ten columns of the remedy gate. */
import { heeds } from "./barriers.ts";
import type { Column } from "./column.ts";
import { rereads } from "./meanwhile.ts";
import { declared, helps, once, undone } from "./repair.ts";
import { survives } from "./troubles.ts";

export type { Column } from "./column.ts";

export const columns: readonly Column[] = [helps, declared, once, undone, heeds, rereads, survives];
