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
const verdicts = (rule: JsonObject, sight: Sight, more: JsonObject = {}): string[] =>
  judged(rule, sight, more).map(({ verdict }) => verdict);
const audit = (condition: Json): JsonObject => ({ if: condition, then: { effect: "audit" } });

describe("applicability, after the page on it", () => {
  const openAi = sightOfAccount({ kind: "OpenAI", properties: { disableLocalAuth: true } });
  const keys = { field: alias("disableLocalAuth"), notEquals: true };
  it.each<[string, Json, string]>([
    ["passes where only other conditions do not hold", { allOf: [ofAccounts, keys] }, "pass"],
    [
      "is for others where the kind is another",
      { allOf: [ofAccounts, { field: "kind", equals: "Speech" }, keys] },
      "notApplicable",
    ],
    [
      "is for others where the name is another",
      { allOf: [ofAccounts, { field: "name", like: "two*" }, keys] },
      "notApplicable",
    ],
    [
      "asks for the type alone where nothing but type and kind stands",
      { allOf: [ofAccounts, { field: "kind", equals: "Speech" }] },
      "pass",
    ],
    [
      "takes others under not as not holding",
      { allOf: [ofAccounts, { not: { field: "location", in: ["westeurope"] } }] },
      "pass",
    ],
    ["asks for types in value conditions", { allOf: [{ value: "[field('type')]", equals: account }, keys] }, "pass"],
    ["fails where all holds", { allOf: [ofAccounts, { field: "kind", equals: "openai" }] }, "fail"],
  ])("%s", (_, condition, verdict) => {
    expect(verdicts(audit(condition), openAi)).toEqual([verdict]);
  });

  it("is the whole condition where something has to be there", () => {
    const rule = {
      if: { allOf: [ofAccounts, keys] },
      then: { effect: "auditIfNotExists", details: { type: "Microsoft.Authorization/locks" } },
    };
    expect(verdicts(rule, openAi)).toEqual(["notApplicable"]);
  });

  it("concerns accounts where no type is asked for, and with mode All what lies below, too", () => {
    const sight = sightOfAccount(
      {},
      {
        deployments: [{ id: "/deployments/chat", type: `${account}/deployments` }],
        raiPolicies: { unread: "Forbidden" },
      },
    );
    const rule = audit({ field: "tags['owner']", exists: false });
    expect(verdicts(rule, sight, { mode: "Indexed" })).toEqual(["fail"]);
    expect(verdicts(rule, sight)).toEqual(["fail", "fail", "unknown"]);
  });

  it("says nothing where the effect is Disabled", () => {
    const effect = { type: "String", defaultValue: "[if(equals('a', 'a'), 'Disabled', 'Audit')]" };
    const rule = { if: ofAccounts, then: { effect: "[parameters('effect')]" } };
    expect(verdicts(rule, openAi, { parameters: { effect } })).toEqual(["notApplicable"]);
    const chosen = { if: ofAccounts, then: { effect: "[if(equals(field('kind'), 'OpenAI'), 'disabled', 'audit')]" } };
    expect(verdicts(chosen, openAi)).toEqual(["notApplicable"]);
    expect(verdicts(chosen, sightOfAccount({ kind: "AIServices" }))).toEqual(["fail"]);
  });
});

describe("what a resource shows", () => {
  it("has no identity where Azure shows none", () => {
    const rule = audit({ allOf: [ofAccounts, { field: "identity.type", exists: false }] });
    expect(verdicts(rule, sightOfAccount({}))).toEqual(["fail"]);
    expect(verdicts(rule, sightOfAccount({ identity: { type: "SystemAssigned", principalId: "p" } }))).toEqual([
      "pass",
    ]);
  });

  it("tells the latest version of the API, the subscription and the clock", () => {
    const asks = [
      { value: "[greaterOrEquals(requestContext().apiVersion, '2021-04-30')]", equals: true },
      { value: "[subscription().subscriptionId]", equals: "5b000000-0000-4000-8000-000000000001" },
      { value: "[utcNow('yyyy-MM-dd')]", equals: "2026-11-20" },
    ];
    expect(verdicts(audit({ allOf: [ofAccounts, ...asks] }), sightOfAccount({}))).toEqual(["fail"]);
  });

  it("asks for the resource group only where a rule does", () => {
    const rule = audit({ allOf: [ofAccounts, { field: "location", notEquals: "[resourceGroup().location]" }] });
    expect(compiled(rule).standard.sources).toEqual(["resourceGroup"]);
    const [unknown] = judged(rule, sightOfAccount({}));
    expect(unknown).toMatchObject({ verdict: "unknown", reason: "The resource group had not been read." });
    const groups = (location: string) => ({ resourceGroup: [{ location }] });
    expect(verdicts(rule, sightOfAccount({}, groups("westeurope")))).toEqual(["pass"]);
    expect(verdicts(rule, sightOfAccount({}, groups("eastus")))).toEqual(["fail"]);
  });

  it("is named with what is wrong, and without addresses", () => {
    const rule = audit({
      allOf: [
        ofAccounts,
        { field: "tags.owner", contains: "@" },
        { field: alias("networkAcls.ipRules[*].value"), notEquals: "x" },
        { field: alias("apiProperties"), exists: false },
      ],
    });
    const [found] = judged(
      rule,
      sightOfAccount({
        tags: { owner: "ada@contoso.example" },
        properties: { networkAcls: { ipRules: [{ value: "1.2.3.4" }] } },
      }),
    );
    expect(found?.reason).toBe(
      'The condition of the policy holds: tags.owner is "(address)"; networkAcls.ipRules[*].value is "1.2.3.4"; apiProperties is absent.',
    );
  });

  it("is unknown where a function cannot work on it", () => {
    const rule = audit({ allOf: [ofAccounts, { value: "[int(field('tags.level'))]", greater: 3 }] });
    const [found] = judged(rule, sightOfAccount({ tags: { level: "high" } }));
    expect(found).toMatchObject({
      verdict: "unknown",
      reason: expect.stringMatching(
        /^The policy gives no verdict here: int\(\): found a text; expected a whole number\.$/,
      ),
    });
  });
});

describe("existence", () => {
  const settings = (details: JsonObject = {}): JsonObject => ({
    if: ofAccounts,
    then: {
      effect: "auditIfNotExists",
      details: {
        type: "Microsoft.Insights/diagnosticSettings",
        existenceCondition: { field: "Microsoft.Insights/diagnosticSettings/workspaceId", exists: true },
        ...details,
      },
    },
  });
  const setting = (name: string, properties: JsonObject): JsonObject => ({
    id: `/providers/microsoft.insights/diagnosticSettings/${name}`,
    properties,
  });

  it.each<[string, Parameters<typeof sightOfAccount>[1], string]>([
    ["one is as asked", { diagnosticSettings: [setting("a", {}), setting("b", { workspaceId: "w" })] }, "pass"],
    ["none is", { diagnosticSettings: [setting("a", {})] }, "fail"],
    ["there are none", { diagnosticSettings: [] }, "fail"],
    ["they were not read", {}, "unknown"],
    ["they could not be read", { diagnosticSettings: { unread: "Forbidden" } }, "unknown"],
  ])("%s", (_, members, verdict) => {
    expect(verdicts(settings(), sightOfAccount({}, members))).toEqual([verdict]);
  });

  it("of one of a name", () => {
    const sight = sightOfAccount({}, { diagnosticSettings: [setting("Central", { workspaceId: "w" })] });
    expect(verdicts(settings({ name: "central" }), sight)).toEqual(["pass"]);
    expect(verdicts(settings({ name: "one/Microsoft.Insights/central" }), sight)).toEqual(["pass"]);
    expect(verdicts(settings({ name: "other" }), sight)).toEqual(["fail"]);
  });

  it("of itself", () => {
    const self = {
      type: account,
      name: "[field('name')]",
      existenceCondition: { field: alias("publicNetworkAccess"), equals: "Disabled" },
    };
    const rule = { if: ofAccounts, then: { effect: "auditIfNotExists", details: self } };
    expect(verdicts(rule, sightOfAccount({ properties: { publicNetworkAccess: "disabled" } }))).toEqual(["pass"]);
    expect(verdicts(rule, sightOfAccount({ properties: {} }))).toEqual(["fail"]);
    const nameless = { if: ofAccounts, then: { effect: "auditIfNotExists", details: { type: account } } };
    expect(() => compiled(nameless)).toThrow("details.name is absent");
  });

  it("of what the account's own body holds, and of locks at it", () => {
    const connections = {
      type: `${account}/privateEndpointConnections`,
      existenceCondition: {
        field: `${account}/privateEndpointConnections/privateLinkServiceConnectionState.status`,
        equals: "Approved",
      },
    };
    const rule = { if: ofAccounts, then: { effect: "auditIfNotExists", details: connections } };
    const status = (text: string) => ({
      properties: {
        privateEndpointConnections: [{ properties: { privateLinkServiceConnectionState: { status: text } } }],
      },
    });
    expect(verdicts(rule, sightOfAccount(status("approved")))).toEqual(["pass"]);
    expect(verdicts(rule, sightOfAccount(status("Pending")))).toEqual(["fail"]);
    const locks = {
      if: ofAccounts,
      then: { effect: "auditIfNotExists", details: { type: "Microsoft.Authorization/locks" } },
    };
    const above = sightOfAccount({});
    const group = {
      ...above,
      members: {
        locks: [
          {
            ...above.account,
            id: `${accountId.split("/providers")[0]!.toLowerCase()}/providers/microsoft.authorization/locks/l`,
          },
        ],
      },
    };
    expect(verdicts(locks, group as unknown as Sight)).toEqual(["fail"]);
    expect(
      verdicts(locks, sightOfAccount({}, { locks: [{ id: "/providers/Microsoft.Authorization/locks/l" }] })),
    ).toEqual(["pass"]);
  });
});
