/** What would change, for whoever asks: the API waits for the whole plan and tells a part of it, page by page. */
import { z } from "zod";
import type { Config } from "../../shared/config/schema.ts";
import { hashOf } from "../../shared/kernel/canonicalJson.ts";
import type { Current } from "../../shared/reconcile/configurationStore.ts";
import { pastTime } from "../../shared/reconcile/history.ts";
import { planOf, type Plan, type Trial } from "../../shared/reconcile/planning.ts";
import { PlanRuns, type PlanRun } from "../../shared/reconcile/planRuns.ts";
import { edge } from "../edgeContext.ts";

/** Differences of one answer: those that people read, and those that a script takes at a time. */
const ROWS = 200;
const ROWS_MAX = 1_000;

/** So long a page waits for a plan; then it says how far that is. */
export const PLAN_WAIT_MS = 200;

/** Where the part of a plan begins that a page shows; `run`: whoever asks waits for it, or has seen a part of it. */
export const pagePart = {
  from: z.coerce.number().int().min(0).max(1_000_000).catch(0),
  run: z.literal("1").optional().catch(undefined),
} as const;

/** Which part of a plan is told, of which time. */
export const planParts = {
  asOf: z.string().max(40).optional(),
  from: z.coerce.number().int().min(0).max(1_000_000).default(0),
  rows: z.coerce.number().int().min(0).max(ROWS_MAX).default(ROWS),
} as const;

export interface Wanted {
  readonly current: Current;
  readonly config: Config;
  readonly trials?: readonly Trial[];
  /** As somebody wrote it; undefined: now. */
  readonly asOf?: string | undefined;
  /** Whoever asks has seen a part of it, or waits for it. */
  readonly again?: boolean;
}

const runs = new PlanRuns();

/** Has the plan made. @throws SteelyardError `BadInput` when the time is none that can be asked about */
export function planRun({ current, config, trials = [], asOf: text, again = false }: Wanted): PlanRun {
  const asOf = text === undefined ? undefined : pastTime(text, edge.clock.now());
  const tried = trials.map(({ standard, setting }) => ({ definition: standard.definition, setting }));
  const key = hashOf({ base: current.version, config, tried, asOf });
  return runs.of(key, (onProgress) => planOf(edge, current, config, { asOf, trials, onProgress }), again);
}

/** A part of a plan: `differences` from `from`, of `told` in all that are told one by one. */
export type PlanPart = Plan & { readonly from: number; readonly told: number };

export function partOf(plan: Plan, from: number, rows: number): PlanPart {
  const { differences } = plan;
  return { ...plan, from, told: differences.length, differences: differences.slice(from, from + rows) };
}

/** @throws SteelyardError `BadInput`, `Unavailable` */
export async function planned(wanted: Wanted, { from, rows }: { from: number; rows: number }): Promise<PlanPart> {
  return partOf(await planRun({ ...wanted, again: from > 0 }).whole, from, rows);
}

export const firstPart = { from: 0, rows: ROWS } as const;
