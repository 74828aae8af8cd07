/** The standards that come with the product, compiled with the parameters that a configuration gives them. */
import type { Config, PolicySetting, StandardSetting } from "../config/schema.ts";
import { SteelyardError } from "../kernel/errors.ts";
import acc01 from "./catalogue/ACC-01.json" with { type: "json" };
import acc02 from "./catalogue/ACC-02.json" with { type: "json" };
import acc03 from "./catalogue/ACC-03.json" with { type: "json" };
import acc04 from "./catalogue/ACC-04.json" with { type: "json" };
import acc05 from "./catalogue/ACC-05.json" with { type: "json" };
import acc06 from "./catalogue/ACC-06.json" with { type: "json" };
import acc07 from "./catalogue/ACC-07.json" with { type: "json" };
import acc08 from "./catalogue/ACC-08.json" with { type: "json" };
import acc09 from "./catalogue/ACC-09.json" with { type: "json" };
import acc10 from "./catalogue/ACC-10.json" with { type: "json" };
import acc12 from "./catalogue/ACC-12.json" with { type: "json" };
import acc13 from "./catalogue/ACC-13.json" with { type: "json" };
import dep01 from "./catalogue/DEP-01.json" with { type: "json" };
import dep02 from "./catalogue/DEP-02.json" with { type: "json" };
import dep03 from "./catalogue/DEP-03.json" with { type: "json" };
import dep04 from "./catalogue/DEP-04.json" with { type: "json" };
import dep05 from "./catalogue/DEP-05.json" with { type: "json" };
import dep07 from "./catalogue/DEP-07.json" with { type: "json" };
import dep08 from "./catalogue/DEP-08.json" with { type: "json" };
import dep10 from "./catalogue/DEP-10.json" with { type: "json" };
import dep11 from "./catalogue/DEP-11.json" with { type: "json" };
import dep12 from "./catalogue/DEP-12.json" with { type: "json" };
import dep13 from "./catalogue/DEP-13.json" with { type: "json" };
import dep16 from "./catalogue/DEP-16.json" with { type: "json" };
import dep18 from "./catalogue/DEP-18.json" with { type: "json" };
import iam02 from "./catalogue/IAM-02.json" with { type: "json" };
import iam03 from "./catalogue/IAM-03.json" with { type: "json" };
import lz03 from "./catalogue/LZ-03.json" with { type: "json" };
import lz04 from "./catalogue/LZ-04.json" with { type: "json" };
import mon01 from "./catalogue/MON-01.json" with { type: "json" };
import mon02 from "./catalogue/MON-02.json" with { type: "json" };
import mon03 from "./catalogue/MON-03.json" with { type: "json" };
import mon04 from "./catalogue/MON-04.json" with { type: "json" };
import net01 from "./catalogue/NET-01.json" with { type: "json" };
import net02 from "./catalogue/NET-02.json" with { type: "json" };
import net03 from "./catalogue/NET-03.json" with { type: "json" };
import net04 from "./catalogue/NET-04.json" with { type: "json" };
import net05 from "./catalogue/NET-05.json" with { type: "json" };
import net06 from "./catalogue/NET-06.json" with { type: "json" };
import net08 from "./catalogue/NET-08.json" with { type: "json" };
import prj02 from "./catalogue/PRJ-02.json" with { type: "json" };
import prj03 from "./catalogue/PRJ-03.json" with { type: "json" };
import prj05 from "./catalogue/PRJ-05.json" with { type: "json" };
import rai01 from "./catalogue/RAI-01.json" with { type: "json" };
import rai02 from "./catalogue/RAI-02.json" with { type: "json" };
import reg01 from "./catalogue/REG-01.json" with { type: "json" };
import reg02 from "./catalogue/REG-02.json" with { type: "json" };
import reg03 from "./catalogue/REG-03.json" with { type: "json" };
import tag01 from "./catalogue/TAG-01.json" with { type: "json" };
import tag02 from "./catalogue/TAG-02.json" with { type: "json" };
import tag03 from "./catalogue/TAG-03.json" with { type: "json" };
import tag04 from "./catalogue/TAG-04.json" with { type: "json" };
import tag05 from "./catalogue/TAG-05.json" with { type: "json" };
import tag06 from "./catalogue/TAG-06.json" with { type: "json" };
import { compileStandard, type Standard } from "./definition.ts";
import { compilePolicy } from "./imported/policy.ts";

/** In the order in which people are told of them. */
export const definitions: readonly { readonly id: string }[] = [
  acc01,
  acc02,
  acc03,
  acc04,
  acc05,
  acc06,
  acc07,
  acc08,
  acc09,
  acc10,
  acc12,
  acc13,
  net01,
  net02,
  net03,
  net04,
  net05,
  net06,
  net08,
  dep01,
  dep02,
  dep03,
  dep04,
  dep05,
  dep07,
  dep08,
  dep10,
  dep11,
  dep12,
  dep13,
  dep16,
  dep18,
  rai01,
  rai02,
  prj02,
  prj03,
  prj05,
  mon01,
  mon02,
  mon03,
  mon04,
  tag01,
  tag02,
  tag03,
  tag04,
  tag05,
  tag06,
  reg01,
  reg02,
  reg03,
  lz03,
  lz04,
  iam02,
  iam03,
];

type Held = Pick<Config, "standards"> & Partial<Pick<Config, "policies">>;

/**
 * The configured standards, and behind them the policies that become standards.
 * @throws SteelyardError `BadInput` when the configuration names one that there is not, gives a parameter a value that it
 * cannot have, or holds a policy that is not understood.
 */
export function standardsOf({ standards, policies = [] }: Held): Standard[] {
  return [...standards.map(fromCatalogue), ...policies.map(fromPolicy)];
}

function fromCatalogue({ id, parameters }: StandardSetting): Standard {
  const definition = definitions.find((item) => item.id === id);
  if (definition === undefined) {
    const known = definitions.map((item) => item.id).join(", ");
    throw new SteelyardError("BadInput", `configuration at standards: found ${id}; expected one of ${known}`);
  }
  return compileStandard(definition, parameters);
}

function fromPolicy(policy: PolicySetting): Standard {
  try {
    return compilePolicy(policy).standard;
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    const message = `configuration at policies[${policy.id}]: ${error.message}`;
    throw new SteelyardError(error.code, message, { cause: error });
  }
}
