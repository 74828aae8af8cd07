/** The standards that come with the product, compiled with the parameters that a configuration gives them. */
import type { Config } from "../config/schema.ts";
import { SteelyardError } from "../kernel/errors.ts";
import acc02 from "./catalogue/ACC-02.json" with { type: "json" };
import net01 from "./catalogue/NET-01.json" with { type: "json" };
import { compileStandard, type Standard } from "./definition.ts";

export const definitions: readonly { readonly id: string }[] = [acc02, net01];

/**
 * The configured standards.
 * @throws SteelyardError `BadInput` when the configuration names one that there is not.
 */
export function standardsOf(config: Pick<Config, "standards">): Standard[] {
  return config.standards.map(({ id, parameters }) => {
    const definition = definitions.find((item) => item.id === id);
    if (definition === undefined) {
      const known = definitions.map((item) => item.id).join(", ");
      throw new SteelyardError("BadInput", `configuration at standards: found ${id}; expected one of ${known}`);
    }
    return compileStandard(definition, parameters);
  });
}
