/** A standard that is tried: what it would find and do if the configuration held it. Nothing is stored. */
import { z } from "zod";
import { appRoles } from "../../shared/ports/tokens.ts";
import { readCurrent } from "../../shared/reconcile/configurationStore.ts";
import { readTrial } from "../../shared/reconcile/trial.ts";
import { edge } from "../edgeContext.ts";
import { route } from "./api.ts";
import { planned, planParts } from "./plans.ts";

/** A definition with its cases; the longest of the catalogue has 20,000. */
const STANDARD_CHARACTERS_MAX = 500_000;

const triedSchema = z.strictObject({
  standard: z.record(z.string(), z.json()),
  mode: z.string().optional(),
  modes: z.record(z.string(), z.string()).optional(),
  parameters: z.record(z.string(), z.json()).optional(),
  ...planParts,
});

route("tryStandard", { method: "POST", route: "standards/plan", roles: appRoles }, async (call) => {
  const { standard, asOf, from, rows, ...options } = await call.body(triedSchema, STANDARD_CHARACTERS_MAX);
  const trial = readTrial(standard, options);
  const current = await readCurrent(edge.store);
  const plan = await planned({ current, config: current.config, trial, asOf }, { from, rows });
  const { id, version, title } = trial.standard.definition;
  const { mode, modes } = trial.setting;
  return { jsonBody: { state: "tried", base: current.version, standard: { id, version, title, mode, modes }, plan } };
});
