import { describe, expect, it } from "vitest";
import { faultsOf, textOfFault } from "../../../shared/config/coherence.ts";
import type { ConfigInput } from "../../../shared/config/schema.ts";
import { standardsOf } from "../../../shared/standards/catalogue.ts";
import { standardFacts } from "../../../shared/standards/facts.ts";
import { bindParameters, parameterSchema, type Declared } from "../../../shared/standards/parameters.ts";
import { baseline } from "../../support/configurationBench.ts";

const workspaceId =
  "/subscriptions/5b000000-0000-4000-8000-0000000000aa/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log";

type Given = NonNullable<ConfigInput["standards"][number]["parameters"]>;

function told(id: string, parameters: Given, changes: Partial<ConfigInput> = {}): string[] {
  const config = baseline({ ...changes, standards: [{ id, mode: "audit", parameters }] });
  return faultsOf(config, standardFacts()).map(({ severity, ...fault }) => `${severity}: ${textOfFault(fault)}`);
}

describe("a configuration is refused", () => {
  it.each<[string, string, Given, string]>([
    [
      "without a parameter that it has to give",
      "MON-01",
      {},
      "parameters.workspaceId: found nothing; expected a string: Resource ID of the Log Analytics workspace.",
    ],
    [
      "with a text in another form",
      "MON-01",
      { workspaceId: "log-central" },
      'parameters.workspaceId: found "log-central"; expected Resource ID of the Log Analytics workspace.',
    ],
    [
      "with a number that is too small",
      "DEP-08",
      { standardCeiling: 0, provisionedCeiling: 1 },
      "parameters.standardCeiling: found 0; expected a number of at least 1",
    ],
    [
      "with another value than those",
      "DEP-05",
      { option: "Never" },
      'parameters.option: found "Never"; expected one of OnceCurrentVersionExpired, NoAutoUpgrade, OnceNewDefaultVersionAvailable',
    ],
    ["with an empty list", "DEP-01", { models: [] }, "parameters.models: found []; expected at least 1 of them"],
    [
      "with an element of another form",
      "DEP-01",
      { models: ["OpenAI/gpt-4o", "gpt-4o"] },
      'parameters.models[1]: found "gpt-4o"; expected Approved models, as format/name/version, or format/name for all versions.',
    ],
    [
      "with a member that there is not",
      "RAI-01",
      { policies: { baseline: { modus: "Default" } } },
      "parameters.policies.baseline: found modus; expected no such name",
    ],
    [
      "with an environment that there is not",
      "ACC-12",
      { environments: ["prod", "prd"] },
      'parameters.environments[1]: found "prd"; expected one of environments.names: prod, test, dev',
    ],
    [
      "with a value for an environment that there is not",
      "DEP-08",
      { standardCeiling: { prod: 1, test: 1, dev: 1, qa: 1 }, provisionedCeiling: 1 },
      "parameters.standardCeiling.qa: found qa; expected one of environments.names: prod, test, dev",
    ],
    [
      "with values for some environments, where there is no default",
      "DEP-08",
      { standardCeiling: { prod: 1 }, provisionedCeiling: 1 },
      "parameters.standardCeiling: found no value for test, dev; expected one",
    ],
    [
      "with a wrong value for one environment",
      "DEP-08",
      { standardCeiling: { prod: "1", test: 1, dev: 1 }, provisionedCeiling: 1 },
      'parameters.standardCeiling.prod: found "1"; expected a number',
    ],
  ])("%s", (_name, id, parameters, message) => {
    expect(told(id, parameters)).toContain(`error: standards[0].${message}`);
  });

  it("where a default names an environment that there is not", () => {
    const environments = { names: ["live", "dev"] };
    expect(told("ACC-12", {}, { environments })).toEqual([
      'error: standards[0].parameters.environments[0]: found "prod"; expected one of environments.names: live, dev',
    ]);
    expect(told("ACC-12", { environments: ["live"] }, { environments })).toEqual([]);
  });
});

it.each<[string, Given]>([
  ["ACC-01", {}],
  ["MON-01", { workspaceId }],
  ["DEP-01", { models: { prod: ["OpenAI/gpt-4o/2024-11-20"], test: ["OpenAI/gpt-4o"], dev: ["OpenAI/gpt-4o"] } }],
  ["DEP-05", { option: { dev: "NoAutoUpgrade" } }],
  ["DEP-08", { standardCeiling: 100, provisionedCeiling: 100, ceilings: { GlobalStandard: 500 } }],
])("finds nothing wrong with what %s may be given", (id, parameters) => {
  expect(told(id, parameters)).toEqual([]);
});

it("tells that a remedy that names somebody asks in every mode", () => {
  const config = baseline({ standards: [{ id: "TAG-01", mode: "enforce" }] });
  expect(faultsOf(config, standardFacts()).map(textOfFault)).toEqual([
    "standards[0].mode: found enforce for TAG-01; whoever its remedy names has to agree, so people are asked all the same",
  ]);
});

it("names standard, parameter, what was found and what was expected, where one is compiled", () => {
  const standards = baseline({ standards: [{ id: "DEP-05", mode: "audit", parameters: { option: 1 } }] }).standards;
  expect(() => standardsOf({ standards })).toThrow("standard DEP-05 at parameters.option: found 1; expected one of");
});

describe("parameters in an environment", () => {
  const declared: Declared = {
    limit: parameterSchema.parse({ type: "integer", description: "d", default: 5 }),
    list: parameterSchema.parse({ type: "array", description: "d", items: { type: "string" } }),
    map: parameterSchema.parse({ type: "object", description: "d", default: {} }),
  };

  it("are those given for it, those given for all, and defaults", () => {
    const given = { limit: { prod: 10 }, list: ["a"], map: { prod: 1 } };
    const valuesIn = bindParameters("X-01", declared, given);
    expect(valuesIn("prod")).toEqual({ limit: 10, list: ["a"], map: { prod: 1 } });
    expect(valuesIn("dev")).toEqual({ limit: 5, list: ["a"], map: { prod: 1 } });
    expect(valuesIn("constructor")).toEqual(valuesIn("dev"));
  });

  it("are refused by a name that is none of theirs", () => {
    expect(() => bindParameters("X-01", declared, { list: [], limits: 1 })).toThrow(
      "standard X-01 at parameters.limits: found limits; expected limit, list, map",
    );
  });

  it("cannot have a default that they could not be given", () => {
    const result = parameterSchema.safeParse({ type: "integer", description: "d", minimum: 3, default: 2 });
    expect(result.error?.issues).toMatchObject([{ path: ["default"], message: expect.stringContaining("at least 3") }]);
  });
});
