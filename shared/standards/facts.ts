import { faultsOf, type Fault, type StandardFacts } from "../config/coherence.ts";
import type { Config, PolicySetting } from "../config/schema.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { parse } from "../kernel/parse.ts";
import { definitions } from "./catalogue.ts";
import { standardSchema } from "./definition.ts";
import { compilePolicy } from "./imported/policy.ts";
import { faultsOfParameters } from "./parameters.ts";

let facts: readonly StandardFacts[] | undefined;

/** What of the catalogue a configuration is checked against. */
export function standardFacts(): readonly StandardFacts[] {
  facts ??= definitions.map((item) => {
    const { id, remedy, parameters } = parse(standardSchema, item, `standard ${item.id}`);
    return {
      id,
      safety: remedy?.safety ?? "X",
      asks: remedy?.kind === "ask",
      parameters: Object.keys(parameters),
      faults: (given, environments) => faultsOfParameters(parameters, given, environments),
    };
  });
  return facts;
}

/** What contradicts itself in a configuration, of the catalogue or of its own policies. */
export function faultsIn(config: Config): Fault[] {
  return faultsOf(config, [...standardFacts(), ...config.policies.map(factsOf)]);
}

function factsOf(policy: PolicySetting): StandardFacts {
  const { id } = policy;
  try {
    const { definition } = compilePolicy(policy, "the definition").standard;
    return { id, safety: definition.remedy?.safety ?? "X", parameters: [], isPolicy: true };
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    // Nothing is said of the mode of what is not understood.
    return { id, safety: "S", parameters: [], isPolicy: true, faults: () => [faultOf(error.message)] };
  }
}

/** The place that the message tells is a pointer into the definition, or names one of its parameters. */
function faultOf(message: string): Pick<Fault, "path" | "message"> {
  const [, pointer, rest] = /^policy rule at \/?([^:]*): ([^]*)$/.exec(message) ?? [];
  if (pointer === undefined || rest === undefined) return { path: ["definition"], message };
  const steps = pointer.split("/").map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  const isGiven = steps[0] === "parameters" && steps.length === 2;
  return { path: isGiven ? steps : ["definition", ...steps], message: rest };
}
