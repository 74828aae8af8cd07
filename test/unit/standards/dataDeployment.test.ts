import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAccount } from "../../../shared/estate/account.ts";
import { parseResource } from "../../../shared/estate/resource.ts";
import type { Resource, Sight } from "../../../shared/estate/sight.ts";
import type { Json } from "../../../shared/kernel/canonicalJson.ts";
import { dataDeploymentOf, dataDeploymentType, unknownTo } from "../../../shared/standards/dataDeployment.ts";
import { compileDefinition, compileRule } from "../../../shared/standards/policy/policy.ts";
import type { Parameters } from "../../../shared/standards/policy/scope.ts";

const id =
  "/subscriptions/5b000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/a";
const type = "Microsoft.CognitiveServices/accounts";

const filter = (name: string, source: string, more: object = {}): object => ({
  name,
  source,
  enabled: true,
  blocking: true,
  ...more,
});
const harms = ["Prompt", "Completion"].map((source) => filter("hate", source, { severityThreshold: "Medium" }));
const policies = [
  { name: "Strict", properties: { mode: "Deferred", contentFilters: [...harms, filter("indirect_attack", "Prompt")] } },
  { name: "Loose", properties: { mode: "Default", contentFilters: [filter("hate", "Prompt", { enabled: false })] } },
];
const models = [
  {
    format: "OpenAI",
    name: "gpt-4o",
    version: "2024-11-20",
    modelCatalogAssetId: "azureml://registries/azure-openai/models/gpt-4o/versions/9",
  },
  { format: "Meta", name: "Llama", version: "1", publisher: "Meta AI" },
];

function deployment(raiPolicyName: string | undefined, model: object): Resource {
  const properties = { raiPolicyName, model, provisioningState: "Succeeded" };
  return parseResource(
    "deployments",
    JSON.parse(JSON.stringify({ id: `${id}/deployments/chat`, name: "chat", type: `${type}/deployments`, properties })),
  );
}

function sight(more: Sight["members"] = {}): Sight {
  return {
    account: parseAccount({ id, name: "a", type, location: "swedencentral", properties: {} }),
    members: {
      raiPolicies: policies.map((policy) =>
        parseResource("raiPolicies", { id: `${id}/raiPolicies/${policy.name}`, ...policy }),
      ),
      models: models.map((model) => parseResource("models", model)),
      ...more,
    },
  };
}

const gpt = { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" };

describe("a deployment as the data plane of Azure Policy shows it", () => {
  it("carries its filters, with the names that policies know them by, and what model it runs", () => {
    const { document, missing } = dataDeploymentOf(deployment("strict", gpt), sight());
    expect(missing).toEqual({});
    expect(document).toMatchObject({
      name: "chat",
      type: dataDeploymentType,
      location: "swedencentral",
      properties: {
        model: { ...gpt, publisher: "OpenAI", assetId: expect.stringContaining("azureml://") },
        raiPolicy: { name: "Strict", mode: "Asynchronous_filter" },
      },
    });
    expect(JSON.stringify(document)).toContain('"name":"indirect attack"');
  });

  it("says of what was not read, or is not there, that it is missing", () => {
    const missing = (view: Resource, more?: Sight["members"]): object => dataDeploymentOf(view, sight(more)).missing;
    expect(missing(deployment("gone", gpt))).toEqual({ raiPolicy: expect.stringContaining("gone") });
    expect(missing(deployment("Strict", gpt), { raiPolicies: { unread: "Forbidden" } })).toEqual({
      raiPolicy: "The content filter policies could not be read: Forbidden.",
    });
    expect(missing(deployment("Strict", { format: "Meta", name: "Llama", version: "1" }))).toEqual({
      "model.assetId": "Azure does not tell it.",
    });
    const unlisted = missing(deployment("Strict", { name: "x" }));
    expect(Object.keys(unlisted).sort()).toEqual(["model.assetId", "model.publisher"]);
  });

  it("has filters that are not known where it names no policy", () => {
    const { document, missing } = dataDeploymentOf(deployment(undefined, gpt), sight());
    expect(missing).toEqual({ raiPolicy: "It names no policy, and Azure does not say which it has." });
    expect(document["properties"]).not.toHaveProperty("raiPolicy");
  });

  it("leaves a policy without a verdict that reads what is missing, and no other", () => {
    const view = dataDeploymentOf(deployment("gone", gpt), sight());
    const of = (member: string): Json => ({ field: `${dataDeploymentType}/${member}`, exists: "true" });
    expect(unknownTo(of("raiPolicy.mode"), view)).toContain("gone");
    expect(unknownTo(of("model.publisher"), view)).toBeUndefined();
  });

  it("runs rules that name its members", () => {
    const count = {
      field: `${dataDeploymentType}/raiPolicy.contentFilters[*]`,
      where: { field: `${dataDeploymentType}/raiPolicy.contentFilters[*].name`, equals: "Indirect Attack" },
    };
    const rule = JSON.stringify({ if: { count, equals: 0 } }).replace(/\}$/, ',"then":{"effect":"audit"}}');
    const judge = compileRule(JSON.parse(rule) as Json).assign();
    const effect = (name: string): string | null =>
      judge(dataDeploymentOf(deployment(name, gpt), sight()).document).effect;
    expect([effect("Strict"), effect("Loose")]).toEqual([null, "audit"]);
  });
});

const builtIns = resolve(import.meta.dirname, "../../../../shared/data/azure-policy/builtin-ai.json");

/** Microsoft's own five, where they lie beside the clone. */
describe.skipIf(!existsSync(builtIns))("the policies of mode Microsoft.CognitiveServices.Data", () => {
  interface Definition {
    readonly name: string;
    readonly properties: { readonly mode: string; readonly policyRule: Json; readonly displayName: string };
  }
  const all = (existsSync(builtIns) ? JSON.parse(readFileSync(builtIns, "utf8")) : []) as readonly Definition[];
  const five = all.filter(({ properties }) => properties.mode === "Microsoft.CognitiveServices.Data");
  const effect = (start: string, parameters: Parameters, view: Resource): string | null => {
    const definition = five.find(({ name }) => name.startsWith(start))!;
    const judge = compileDefinition(definition as unknown as Json).assign(parameters);
    return judge(dataDeploymentOf(view, sight()).document).effect;
  };

  it("are five", () => expect(five).toHaveLength(5));

  it.each([
    ["930f48f9", { filterName: "Hate" }, "Strict", null],
    ["930f48f9", { filterName: "Hate" }, "Loose", "Audit"],
    ["930f48f9", { filterName: "Hate", allowedSeveritiesForPrompt: ["High"] }, "Strict", "Audit"],
    ["930f48f9", { filterName: "Sexual" }, "Strict", "Audit"],
    ["f3a9c2e0", { filterName: "Indirect Attack" }, "Strict", null],
    ["f3a9c2e0", { filterName: "Jailbreak" }, "Strict", "Audit"],
    ["af253d37", { filterName: "Protected Material Text" }, "Strict", "Audit"],
    ["c1ad46c6", {}, "Strict", null],
    ["c1ad46c6", { raiPolicyMode: ["Default"] }, "Strict", "Audit"],
    ["c1ad46c6", { raiPolicyMode: ["Default"] }, "Loose", null],
    ["aafe3651", { allowedPublishers: ["OpenAI"] }, "Strict", null],
    ["aafe3651", { allowedPublishers: ["Meta"] }, "Strict", "Audit"],
    ["aafe3651", { allowedAssetIds: ["azureml://registries/azure-openai/"] }, "Strict", null],
  ] as const)("%s with %j on policy %s gives %s", (start, parameters, policy, expected) => {
    expect(effect(start, parameters as unknown as Parameters, deployment(policy, gpt))).toBe(expected);
  });
});
