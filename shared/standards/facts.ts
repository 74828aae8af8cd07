import type { StandardFacts } from "../config/coherence.ts";
import { parse } from "../kernel/parse.ts";
import { definitions } from "./catalogue.ts";
import { standardSchema } from "./definition.ts";
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
