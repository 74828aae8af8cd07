/** Standards that are tried: what they would find and do if the configuration held them. Nothing is stored. */
import { z } from "zod";
import { SteelyardError } from "../../shared/kernel/errors.ts";
import { appRoles } from "../../shared/ports/tokens.ts";
import { readCurrent } from "../../shared/reconcile/configurationStore.ts";
import { readTrials } from "../../shared/reconcile/planning.ts";
import { edge } from "../edgeContext.ts";
import { route } from "./api.ts";
import { planned, planParts } from "./plans.ts";

/** Definitions with their cases; the longest of the catalogue has 40,000 characters. */
const STANDARDS_CHARACTERS_MAX = 2_000_000;

const triedSchema = z.strictObject({
  /** As their files say them. */
  standards: z.array(z.record(z.string(), z.json())).min(1).max(50),
  mode: z.string().optional(),
  modes: z.record(z.string(), z.string()).optional(),
  /** By the standard's id. */
  parameters: z.record(z.string(), z.record(z.string(), z.json())).default({}),
  ...planParts,
});

route("tryStandards", { method: "POST", route: "standards/plan", roles: appRoles }, async (call) => {
  const { standards, asOf, from, rows, ...options } = await call.body(triedSchema, STANDARDS_CHARACTERS_MAX);
  const trials = readTrials(standards, options);
  const current = await readCurrent(edge.store);
  if (current.version === 0) {
    throw new SteelyardError(
      "BadInput",
      "no configuration was applied yet: no subscription is enrolled, nothing can be judged",
    );
  }
  const plan = await planned({ current, config: current.config, trials, asOf }, { from, rows });
  const tried = trials.map(({ standard: { definition }, setting: { mode, modes } }) => {
    const { id, version, title } = definition;
    return { id, version, title, mode, modes };
  });
  return { jsonBody: { state: "tried", base: current.version, standards: tried, plan } };
});
