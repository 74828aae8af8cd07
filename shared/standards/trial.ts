/** A standard that somebody tries: judged on what is known of the estate, stored nowhere, held by nobody. */
import { z } from "zod";
import { modes, type StandardSetting } from "../config/schema.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { parse } from "../kernel/parse.ts";
import { compileStandard, type Standard } from "./definition.ts";

const optionsSchema = z.strictObject({
  mode: z.enum(modes).optional(),
  modes: z.record(z.string(), z.enum(modes)).default({}),
  parameters: z.record(z.string(), z.json()).default({}),
});

export interface Trial {
  readonly standard: Standard;
  /** As the configuration would hold it. */
  readonly setting: StandardSetting;
}

/**
 * A standard as its file says it, compiled as those of the catalogue are.
 *
 * @param options `mode`, `modes` and `parameters` as the configuration would give them; without a mode people are asked
 * where the standard has a remedy, and told where it has none
 * @throws SteelyardError `BadInput` that says where in the definition, what was found and what was expected
 */
export function readTrial(definition: unknown, options: unknown = {}): Trial {
  const { mode, modes: elsewhere, parameters } = parse(optionsSchema, options, "trial");
  const standard = compileStandard(definition, parameters);
  const { id, remedy } = standard.definition;
  const hasRemedy = remedy !== undefined && remedy.safety !== "X";
  const further = [mode, ...Object.values(elsewhere)].find((one) => one !== undefined && one !== "audit");
  if (!hasRemedy && further !== undefined) {
    throw new SteelyardError("BadInput", `standard ${id}: found mode ${further}; expected audit: it has no remedy`);
  }
  return { standard, setting: { id, mode: mode ?? (hasRemedy ? "approve" : "audit"), modes: elsewhere, parameters } };
}

interface Options {
  readonly mode?: string | undefined;
  readonly modes?: Readonly<Record<string, string>> | undefined;
  /** By the standard's id. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Several of them, each once. @throws as {@link readTrial} */
export function readTrials(definitions: readonly unknown[], { parameters, ...how }: Options): Trial[] {
  const trials = definitions.map((definition) => {
    const { data: id = "" } = z
      .object({ id: z.string() })
      .transform((one) => one.id)
      .safeParse(definition);
    return readTrial(definition, { ...how, ...(Object.hasOwn(parameters, id) ? { parameters: parameters[id] } : {}) });
  });
  const ids = trials.map(({ setting }) => setting.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new SteelyardError("BadInput", `standards: found ${twice} twice; expected each once`);
  const other = Object.keys(parameters).find((id) => !ids.includes(id));
  if (other !== undefined)
    throw new SteelyardError("BadInput", `parameters: found ${other}; expected one of ${ids.join(", ")}`);
  return trials;
}
