/* oxlint-disable unicorn/no-thenable -- policy rules have a member of that name */
import { describe, expect, it } from "vitest";
import type { Json } from "../../../../shared/kernel/canonicalJson.ts";
import type { Judgement } from "../../../../shared/desired/judgement.ts";
import type { Sight } from "../../../../shared/estate/sight.ts";
import { compilePolicy } from "../../../../shared/standards/imported/policy.ts";
import type { JsonObject } from "../../../../shared/standards/policy/values.ts";
import { accountId, sightOfAccount } from "../../../support/importedSight.ts";

const account = "Microsoft.CognitiveServices/accounts";
const ofAccounts = { field: "type", equals: account };
const alias = (path: string): string => `${account}/${path}`;
const place = { archetype: "corp", environment: "prod", nowMs: Date.UTC(2026, 10, 20, 8) } as const;

const compiled = (rule: JsonObject, more: JsonObject = {}, parameters: JsonObject = {}) =>
  compilePolicy({ id: "AZP-a", definition: { name: "a", mode: "All", policyRule: rule, ...more }, parameters });
const judged = (rule: JsonObject, sight: Sight, more: JsonObject = {}, parameters: JsonObject = {}): Judgement[] =>
  compiled(rule, more, parameters).standard.judge(sight, place);

describe("remedies", () => {
  const modify = (operations: readonly JsonObject[], condition: Json = ofAccounts): JsonObject => ({
    if: condition,
    then: { effect: "modify", details: { roleDefinitionIds: [], operations: [...operations] } },
  });
  const replace = (field: string, value: Json, more: JsonObject = {}): JsonObject => ({
    operation: "addOrReplace",
    field,
    value,
    ...more,
  });
  const keys = { allOf: [ofAccounts, { field: alias("disableLocalAuth"), notEquals: true }] };
  const demands = ([found]: Judgement[]) => ({
    ...found,
    assertions: found?.assertions.map(({ path, op, value }) => ({ path, op, value })),
  });

  it("are the operations of the policy", () => {
    const rule = modify(
      [
        replace(alias("disableLocalAuth"), true, {
          condition: "[greaterOrEquals(requestContext().apiVersion, '2021-04-30')]",
        }),
      ],
      keys,
    );
    const policy = compiled(rule);
    expect(policy.mode).toBe("approve");
    expect(policy.standard.definition.remedy).toMatchObject({ kind: "patch", safety: "R" });
    expect(
      demands(policy.standard.judge(sightOfAccount({ properties: { disableLocalAuth: false } }), place)),
    ).toMatchObject({
      verdict: "fail",
      safety: "R",
      reason: "properties.disableLocalAuth is false, must be true.",
      assertions: [{ path: "properties.disableLocalAuth", op: "set", value: true }],
      unmet: undefined,
    });
    expect(
      demands(policy.standard.judge(sightOfAccount({ properties: { disableLocalAuth: true } }), place)),
    ).toMatchObject({
      verdict: "pass",
      assertions: [{ path: "properties.disableLocalAuth", op: "set", value: true }],
    });
  });

  it("are tags, named by parameters", () => {
    const parameters = { tag: { type: "String" }, value: { type: "String", defaultValue: "none" } };
    const condition = { field: "[concat('tags[', parameters('tag'), ']')]", exists: false };
    const rule = modify([replace("[concat('tags[', parameters('tag'), ']')]", "[parameters('value')]")], {
      allOf: [ofAccounts, condition],
    });
    const found = judged(rule, sightOfAccount({}), { parameters }, { tag: "costCenter" });
    expect(demands(found)).toMatchObject({
      safety: "S",
      assertions: [{ path: "tags.costCenter", value: "none" }],
      unmet: undefined,
    });
  });

  it("are put to nobody where the policy would find the same again", () => {
    const [found] = judged(modify([replace(alias("publicNetworkAccess"), "Disabled")], keys), sightOfAccount({}));
    expect(found?.unmet).toBe("The policy would find the same after its own remedy.");
    const [never] = judged(
      modify([replace(alias("disableLocalAuth"), true, { condition: "[false()]" })], keys),
      sightOfAccount({}),
    );
    expect(never?.unmet).toBe("The operations of the policy change nothing here.");
  });

  it("keep what add finds", () => {
    const rule = modify([{ operation: "add", field: "tags['env']", value: "prod" }], {
      allOf: [ofAccounts, { field: "tags['env']", notEquals: "prod" }],
    });
    expect(judged(rule, sightOfAccount({ tags: { Env: "test" } }))[0]).toMatchObject({
      assertions: [],
      unmet: "The operations of the policy change nothing here.",
    });
    expect(judged(rule, sightOfAccount({}))[0]).toMatchObject({
      assertions: [{ path: "tags.env", value: "prod" }],
      unmet: undefined,
    });
  });

  it.each<[string, readonly JsonObject[], RegExp]>([
    [
      "lists",
      [replace(alias("networkAcls.ipRules[*].value"), "x")],
      /^It changes Microsoft\.CognitiveServices\/accounts\/networkAcls\.ipRules\[\*\]\.value, which no remedy here writes\.$/,
    ],
    ["removals", [{ operation: "remove", field: "tags['a']" }], /^It takes tags\['a'\] away/],
    [
      "tags beside fields",
      [replace("tags.a", "b"), replace(alias("disableLocalAuth"), true)],
      /which takes two requests\.$/,
    ],
    [
      "fields too deep",
      [replace(alias("networkAcls.a.b"), true)],
      /^Its remedy at assertions\.0\.path: found "properties\.networkAcls\.a\.b"; expected a field that a remedy of kind patch can write$/,
    ],
    ["other types", [replace("Microsoft.Search/searchServices/disableLocalAuth", true)], /which no remedy here writes/],
  ])("are none for %s, and say so", (_, operations, reason) => {
    const policy = compiled(modify(operations));
    expect(policy.remedy).toMatchObject({ remedy: undefined, none: expect.stringMatching(reason) });
    expect(policy.mode).toBe("audit");
    expect(policy.standard.judge(sightOfAccount({}), place)[0]).toMatchObject({
      verdict: "fail",
      safety: "X",
      assertions: [],
    });
  });

  const deploying = (details: JsonObject, parameters: JsonObject, resource: JsonObject): JsonObject => ({
    if: ofAccounts,
    then: {
      effect: "deployIfNotExists",
      details: {
        ...details,
        deployment: {
          properties: {
            mode: "incremental",
            parameters,
            template: {
              parameters: {
                workspace: { type: "string" },
                name: { type: "string" },
                all: { type: "bool", defaultValue: true },
              },
              resources: [resource],
            },
          },
        },
      },
    },
  });
  const workspace = "/subscriptions/a/resourceGroups/b/providers/Microsoft.OperationalInsights/workspaces/c";
  const asked = { field: "Microsoft.Insights/diagnosticSettings/workspaceId", equals: "[parameters('logAnalytics')]" };
  const declared = { parameters: { logAnalytics: { type: "String" } } };
  const setting = (properties: JsonObject): JsonObject => ({
    type: `${account}/providers/diagnosticSettings`,
    name: "[concat(parameters('name'), '/x')]",
    properties,
  });
  const passed = { workspace: { value: "[parameters('logAnalytics')]" }, name: { value: "[field('name')]" } };

  it("are a diagnostic setting of ours for the one that it would deploy", () => {
    const logs = [{ categoryGroup: "allLogs", enabled: "[parameters('all')]" }];
    const rule = deploying(
      { type: "Microsoft.Insights/diagnosticSettings", existenceCondition: asked },
      passed,
      setting({ workspaceId: "[parameters('workspace')]", logs, metrics: [] }),
    );
    const policy = compiled(rule, declared, { logAnalytics: workspace });
    expect(policy.mode).toBe("approve");
    const [found] = policy.standard.judge(sightOfAccount({}, { diagnosticSettings: [] }), place);
    expect(demands([found!])).toMatchObject({
      verdict: "fail",
      safety: "S",
      remedyTarget: `${accountId.toLowerCase()}/providers/microsoft.insights/diagnosticsettings/steelyardazpa`,
      assertions: [
        { path: "properties.workspaceId", value: workspace.toLowerCase() },
        { path: "properties.logs", value: [{ categoryGroup: "allLogs", enabled: true }] },
      ],
      unmet: undefined,
    });
  });

  it("say where a template makes what only a deployment knows", () => {
    const rule = deploying(
      { type: "Microsoft.Insights/diagnosticSettings" },
      passed,
      setting({ workspaceId: "[variables('w')]" }),
    );
    expect(compiled(rule, declared, { logAnalytics: workspace }).remedy).toMatchObject({
      native: "diagnosticSetting",
      none: expect.stringMatching(/found variables\(\); expected one of the functions/),
    });
  });

  it("set only what is asked for where the template would put the whole account", () => {
    const self = {
      type: account,
      name: "[field('name')]",
      existenceCondition: { field: alias("disableLocalAuth"), equals: true },
    };
    const rule = deploying(
      self,
      {},
      { type: account, name: "x", properties: { disableLocalAuth: true, publicNetworkAccess: "Disabled" } },
    );
    const found = judged(rule, sightOfAccount({ properties: { disableLocalAuth: false } }));
    expect(demands(found)).toMatchObject({
      verdict: "fail",
      safety: "R",
      assertions: [{ path: "properties.disableLocalAuth", value: true }],
      unmet: undefined,
    });
  });
});
