import { describe, expect, it } from "vitest";
import { resourcesOfTemplate, type Target } from "../../../shared/audit/declared.ts";
import type { JsonObject } from "../../../shared/standards/policy/values.ts";

const type = "Microsoft.CognitiveServices/accounts";
const read = (template: unknown, target: Partial<Target> = {}) =>
  resourcesOfTemplate(template as JsonObject, { parameters: {}, ...target }, "t.json");
const ids = (template: unknown, target?: Partial<Target>): string[] =>
  read(template, target).resources.map(({ given }) => given);

describe("the resources of a template", () => {
  it("have the IDs that their names make, children in their parents and beside them, and what stands at them", () => {
    const template = {
      resources: [
        { type, name: "oai", resources: [{ type: "deployments", name: "chat" }] },
        { type: `${type}/deployments`, name: "oai/mini", dependsOn: ["oai"] },
        { type: "Microsoft.Insights/diagnosticSettings", name: "logs", scope: `${type}/oai` },
        { type: `${type}/providers/diagnosticSettings`, name: "oai/Microsoft.Insights/old" },
      ],
    };
    expect(ids(template)).toEqual([
      `/providers/${type}/oai`,
      `/providers/${type}/oai/deployments/chat`,
      `/providers/${type}/oai/deployments/mini`,
      `/providers/${type}/oai/providers/Microsoft.Insights/diagnosticSettings/logs`,
      `/providers/${type}/oai/providers/Microsoft.Insights/diagnosticSettings/old`,
    ]);
    const placed = ids(template, { subscription: "5b000000-0000-4000-8000-000000000001", resourceGroup: "rg" });
    expect(placed[0]).toBe(
      `/subscriptions/5b000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/${type}/oai`,
    );
  });

  it("leave open what small variables make beyond all bounds", () => {
    const again = (name: string): string => `[createArray(${Array(200).fill(`variables('${name}')`).join(", ")})]`;
    const names = ["b", "c", "d", "e", "f"];
    const variables = Object.fromEntries(names.map((name, at) => [name, again(["a", ...names][at] ?? "")]));
    const properties = { x: "[variables('f')]", y: "[length(variables('b'))]" };
    const resources = [{ type, name: "oai", properties }];
    const { resources: found } = read({ variables: { a: "[range(0, 100)]", ...variables }, resources });
    expect(found[0]?.body["properties"]).toEqual({ x: "[variables('f')]", y: 200 });
  });

  it("are worked out from parameters, variables and functions, as far as the template tells", () => {
    const template = {
      parameters: {
        name: { type: "string", defaultValue: "oai" },
        open: { type: "bool", defaultValue: true },
        place: { type: "string", defaultValue: "[resourceGroup().location]" },
      },
      variables: {
        full: "[format('{0}-{1}', parameters('name'), variables('suffix').short)]",
        suffix: { short: "weu" },
      },
      resources: [
        {
          type,
          name: "[variables('full')]",
          location: "[parameters('place')]",
          properties: {
            publicNetworkAccess: "[if(parameters('open'), 'Enabled', 'Disabled')]",
            customSubDomainName: "[uniqueString(resourceGroup().id)]",
            note: "[[kept]",
          },
        },
      ],
    };
    expect(read(template).resources[0]).toMatchObject({
      given: `/providers/${type}/oai-weu`,
      body: {
        location: "[parameters('place')]",
        properties: {
          publicNetworkAccess: "Enabled",
          customSubDomainName: "[uniqueString(resourceGroup().id)]",
          note: "[kept]",
        },
      },
    });
    const given = { name: { value: "chat" }, open: false };
    expect(read(template, { parameters: given }).resources[0]).toMatchObject({
      given: `/providers/${type}/chat-weu`,
      body: { properties: { publicNetworkAccess: "Disabled" } },
    });
  });

  it("keep a name that the deployment makes up, and still belong to their account", () => {
    const template = {
      resources: [
        { type, name: "[uniqueString('a')]" },
        { type: `${type}/deployments`, name: "[format('{0}/{1}', uniqueString('a'), 'chat')]" },
        {
          type: "Microsoft.Authorization/locks",
          name: "keep",
          scope: "[format('Microsoft.CognitiveServices/accounts/{0}', uniqueString('a'))]",
        },
      ],
    };
    const { resources } = read(template);
    expect(resources.map(({ given }) => given)).toEqual([
      `${type} [uniqueString('a')] at /resources/0`,
      `${type}/deployments [format('{0}/{1}', uniqueString('a'), 'chat')] at /resources/1`,
      "Microsoft.Authorization/locks keep at /resources/2",
    ]);
    expect(resources.map(({ parent }) => parent)).toEqual([undefined, resources[0]?.key, resources[0]?.key]);
  });

  it("may stand in nested templates and by symbolic names; what is not deployed is left out and said", () => {
    const inner = {
      parameters: { name: { type: "string" } },
      resources: { account: { type, name: "[parameters('name')]" }, there: { existing: true, type, name: "x" } },
    };
    const template = {
      resources: [
        {
          type: "Microsoft.Resources/deployments",
          name: "module",
          properties: {
            expressionEvaluationOptions: { scope: "inner" },
            parameters: { name: { value: "inner-oai" } },
            template: inner,
          },
        },
        { type: "Microsoft.Resources/deployments", name: "linked", properties: { templateLink: { uri: "https://x" } } },
        { type, name: "never", condition: false },
        { type, name: "maybe", condition: "[equals(subscription().id, '')]" },
      ],
    };
    const { resources, notes } = read(template);
    expect(resources.map(({ given }) => given)).toEqual([`/providers/${type}/inner-oai`, `/providers/${type}/maybe`]);
    expect(notes).toEqual([
      "t.json: /resources/1: left out: a deployment whose template is elsewhere.",
      "t.json: /resources/2: left out, its condition is false.",
      "t.json: /resources/3: judged as if its condition held: it is an expression.",
    ]);
  });

  it("are bounded where variables name each other in a circle", () => {
    const variables = { a: "[variables('b')]", b: "[variables('a')]" };
    expect(ids({ variables, resources: [{ type, name: "[variables('a')]" }] })).toEqual([
      `${type} [variables('a')] at /resources/0`,
    ]);
  });
});
