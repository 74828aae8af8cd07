/* oxlint-disable unicorn/no-thenable -- policy rules have a member of that name */
import { describe, expect, it } from "vitest";
import type { Json } from "../../../../shared/kernel/canonicalJson.ts";
import { readPolicies, readPolicyDocuments, type Imported } from "../../../../shared/standards/imported/import.ts";
import type { JsonObject } from "../../../../shared/standards/policy/values.ts";

const account = "Microsoft.CognitiveServices/accounts";
const ofAccounts = { field: "type", equals: account };
const keys = { field: `${account}/disableLocalAuth`, notEquals: true };
const rule = { if: { allOf: [ofAccounts, keys] }, then: { effect: "audit" } };
const ruleWith = (condition: Json, then: JsonObject = { effect: "audit" }) => ({ if: condition, then });
const definition = (name: string, more: JsonObject = {}): JsonObject => ({
  id: `/providers/Microsoft.Authorization/policyDefinitions/${name}`,
  name,
  properties: { displayName: `The ${name}`, mode: "Indexed", policyRule: rule, ...more },
});

const read = (json: unknown, given = {}): Imported => readPolicies(json, "file.json", given);
const told = ({ policies, left }: Imported) => ({
  in: policies.map(({ id }) => id),
  left: left.map(({ name, reason }) => `${name}: ${reason}`),
});

describe("what people have", () => {
  const guid = "71ef260a-8f18-47b7-abcb-62d0673d94dc";
  const flat = { name: guid, displayName: "Keys", mode: "All", parameters: {}, policyRule: rule };
  it.each([
    ["as Azure Resource Manager answers it", definition(guid)],
    ["flat, as az shows it", flat],
    ["a list", [flat]],
    ["the answer of a list", { value: [definition(guid)], nextLink: null }],
    ["with nothing but a rule", { name: guid, policyRule: rule }],
    [
      "in other capitals",
      { Name: guid, NAME: guid, Properties: { PolicyRule: { If: rule.if, Then: rule.then } }, name: guid },
    ],
  ])("%s", (_, json) => {
    const { policies, left } = read(json);
    expect(left).toEqual([]);
    expect(policies).toMatchObject([
      { id: "AZP-71ef260a", name: guid, effect: "audit", mode: "audit", initiative: null },
    ]);
  });

  it("stays as it was, with the values that it was given", () => {
    const json = definition("keys", { parameters: { effect: { type: "String", defaultValue: "Audit" } } });
    const [policy] = read(json, { Effect: "Deny", other: 1 }).policies;
    expect(policy?.definition).toEqual(json);
    expect(policy?.parameters).toEqual({ effect: "Deny" });
    expect(read(json, { Effect: "Deny", other: 1 }).unused).toEqual(["other"]);
  });

  it("is told apart by ids that stay the same", () => {
    const names = ["Deny Public!", "deny-public", "", "x".repeat(90)];
    const found = read(
      names.map((name) => ({ ...definition(name), id: null, properties: { policyRule: rule, description: name } })),
    );
    const [first, second, third, fourth] = found.policies.map(({ id }) => id);
    expect([first, second]).toEqual(["AZP-deny-public", "AZP-deny-public-2"]);
    expect(third).toMatch(/^AZP-file-json-2$/);
    expect(fourth).toHaveLength(40);
  });
});

describe("effects become modes", () => {
  const modify = { operations: [{ operation: "addOrReplace", field: `${account}/disableLocalAuth`, value: true }] };
  it.each([
    ["audit", undefined, "audit"],
    ["Deny", undefined, "audit"],
    ["Modify", modify, "approve"],
    ["modify", { operations: [{ operation: "remove", field: "tags['a']" }] }, "audit"],
    ["Append", [{ field: "tags['costCenter']", value: "none" }], "approve"],
    ["auditIfNotExists", { type: "Microsoft.Insights/diagnosticSettings" }, "audit"],
    ["deployIfNotExists", { type: "Microsoft.Insights/diagnosticSettings" }, "audit"],
    ["Disabled", undefined, "off"],
  ])("%s", (effect, details, mode) => {
    const then = details === undefined ? { effect } : { effect, details };
    const found = read(definition("a", { policyRule: ruleWith(ofAccounts, then) }));
    expect(found.left).toEqual([]);
    expect(found.policies.map((one) => one.mode)).toEqual([mode]);
  });

  it("never into more than audit where the assignment is DoNotEnforce", () => {
    const then = { effect: "modify", details: modify };
    const policyDefinitionId = "/providers/Microsoft.Authorization/policyDefinitions/A";
    const assignment = (enforcementMode: string) => ({
      name: "assigned",
      properties: { policyDefinitionId, enforcementMode, parameters: {} },
    });
    const one = definition("a", { policyRule: ruleWith(ofAccounts, then) });
    expect(read([one, assignment("Default")]).policies.map(({ mode }) => mode)).toEqual(["approve"]);
    expect(read([one, assignment("DoNotEnforce")]).policies.map(({ mode }) => mode)).toEqual(["audit"]);
  });
});

describe("initiatives", () => {
  const effect = { type: "String", allowedValues: ["Audit", "Deny", "Disabled"], defaultValue: "Audit" };
  const member = definition("keys", {
    parameters: { effect, tag: { type: "String" } },
    policyRule: ruleWith(
      { allOf: [ofAccounts, { field: "[concat('tags[', parameters('tag'), ']')]", exists: false }] },
      { effect: "[parameters('effect')]" },
    ),
  });
  const initiative = (policyDefinitions: Json, parameters: JsonObject = {}): JsonObject => ({
    name: "guardrails",
    properties: { displayName: "Guardrails", parameters, policyDefinitions },
  });
  const reference = (name: string, parameters: JsonObject = {}): JsonObject => ({
    policyDefinitionId: `/providers/Microsoft.Authorization/policyDefinitions/${name}`,
    policyDefinitionReferenceId: `${name} ${JSON.stringify(parameters).length}`,
    parameters,
  });

  it("bind their parameters into what they hold", () => {
    const own = { tagName: { type: "String" }, how: { type: "String", defaultValue: "Deny" } };
    const bound = reference("KEYS", {
      effect: { value: "[parameters('how')]" },
      tag: { value: "[concat(parameters('tagName'), 'Of')]" },
    });
    const found = readPolicyDocuments(
      [
        { where: "set.json", json: initiative([bound], own) },
        { where: "keys.json", json: member },
      ],
      { tagName: "owner" },
    );
    expect(told(found)).toEqual({ in: ["AZP-keys"], left: [] });
    expect(found.policies[0]).toMatchObject({
      initiative: "guardrails",
      effect: "Deny",
      parameters: { effect: "Deny", tag: "ownerOf" },
      definition: member,
    });
  });

  it("name so many definitions as can be taken in at once", () => {
    const thousand = Array.from({ length: 1_000 }, () => reference("away"));
    const sets = Array.from({ length: 21 }, (_, at) => ({ ...initiative(thousand), name: `set-${at}` }));
    expect(() => read(sets)).toThrow(/found 21000 definitions named by initiatives up to here; expected 20000 at most/);
  });

  it("tell the uses of one definition apart", () => {
    const found = read([
      member,
      initiative([reference("keys", { tag: { value: "a" } }), reference("keys", { tag: { value: "longer" } })]),
    ]);
    expect(told(found)).toEqual({ in: ["AZP-keys-21", "AZP-keys-26"], left: [] });
  });

  it("hold definitions inline", () => {
    const inline = { ...reference("keys", { tag: { value: "a" } }), policyDefinition: member };
    expect(told(read(initiative([inline])))).toEqual({ in: ["AZP-keys"], left: [] });
  });

  it.each<[string, Json, string]>([
    [
      "a definition that is not there",
      initiative([reference("gone")]),
      "It names /providers/Microsoft.Authorization/policyDefinitions/gone, which is not among what was read: put what az policy definition show prints of it there, too.",
    ],
    [
      "a value that is not allowed",
      initiative([reference("keys", { tag: { value: "a" }, effect: { value: "Modify" } })]),
      'policy rule at /parameters/effect: found a value that is not allowed; expected one of ["Audit","Deny","Disabled"]',
    ],
    [
      "a parameter that the definition has not",
      initiative([reference("keys", { tagg: { value: "a" } })]),
      "policy rule at /parameters/tagg: found a value for no parameter; expected effect, tag",
    ],
    [
      "a parameter that nobody gives a value",
      initiative([reference("keys", { tag: { value: "[parameters('x')]" } })], { x: { type: "String" } }),
      "It needs parameters without a default: found no tag (String); expected a value.",
    ],
    [
      "a parameter that it has not itself",
      initiative([reference("keys", { tag: { value: "[parameters('x')]" } })]),
      "policy rule at /policyDefinitions/0/parameters/tag/value: found parameters('x'); expected none: there are no parameters",
    ],
    [
      "parameters that need each other",
      initiative([reference("keys", { tag: { value: "a" } })], {
        a: { type: "String", defaultValue: "[parameters('b')]" },
        b: { type: "String", defaultValue: "[parameters('a')]" },
      }),
      "policy rule at /parameters/a/defaultValue: found a default that needs itself; expected one that does not",
    ],
    [
      "no ID",
      initiative([{}]),
      "file.json#/1#/policyDefinitions/0/policyDefinitionId: found nothing; expected the ID of a definition",
    ],
  ])("say what is wrong with %s", (_, json, reason) => {
    const { policies, left } = read([member, json]);
    expect(policies.filter(({ initiative: brought }) => brought !== null)).toEqual([]);
    expect(left.map((one) => one.reason)).toContain(reason.replace("file.json#/1#", "file.json#/1"));
  });
});

describe("what stays outside is named", () => {
  const policy = (more: JsonObject): JsonObject => definition("a", more);
  it.each<[string, JsonObject, string | RegExp]>([
    ["clusters", { mode: "Microsoft.Kubernetes.Data" }, /^Its mode is Microsoft\.Kubernetes\.Data: /],
    [
      "settings",
      { policyRule: ruleWith(ofAccounts, { effect: "enforceSetting" }) },
      /found enforceSetting; expected one of /,
    ],
    [
      "deletions",
      { policyRule: ruleWith(ofAccounts, { effect: "denyAction" }) },
      /^Its effect is denyAction: it refuses/,
    ],
    [
      "an effect of parameters",
      {
        parameters: { effect: { type: "String", defaultValue: "Rewrite" } },
        policyRule: ruleWith(ofAccounts, { effect: "[parameters('effect')]" }),
      },
      /^Its effect is "Rewrite"; expected one of Audit/,
    ],
    [
      "other types",
      { policyRule: ruleWith({ field: "type", equals: "Microsoft.Search/searchServices" }) },
      "It concerns Microsoft.Search/searchServices, which are not judged here.",
    ],
    [
      "functions",
      { policyRule: ruleWith({ value: "[resolve('x')]", equals: 1 }) },
      /^policy rule at \/properties\/policyRule\/if\/value: found resolve\(\); expected one of the functions /,
    ],
    [
      "operators",
      { policyRule: ruleWith({ field: "name", equal: 1 }) },
      /^policy rule at \/properties\/policyRule\/if\/equal: found equal; expected an operator/,
    ],
    [
      "expressions",
      { policyRule: ruleWith({ value: "[concat('x']", equals: 1 }) },
      /^policy rule at \/properties\/policyRule\/if\/value: found /,
    ],
    [
      "related types",
      {
        policyRule: ruleWith(ofAccounts, {
          effect: "auditIfNotExists",
          details: { type: "Microsoft.Security/pricings" },
        }),
      },
      `It looks for related Microsoft.Security/pricings, which are not read for ${account}.`,
    ],
    [
      "the subscription",
      { policyRule: ruleWith({ value: "[subscription().tags]", exists: true }) },
      "It asks for subscription().tags, which is not read here; known are id, subscriptionid.",
    ],
    ["no rule", { policyRule: null }, /policyRule: found nothing; expected a rule/],
    [
      "no condition",
      { policyRule: { then: { effect: "audit" } } },
      /policyRule\/if: found nothing; expected a condition/,
    ],
    ["a title that is none", { displayName: 5 }, /displayName: found 5; expected a string/],
    ["parameters that are none", { parameters: [] }, /\/parameters: found a list; expected an object/],
    [
      "an own template function over 60 levels",
      { policyRule: ruleWith(nested(80)) },
      /found more than 60 levels; expected a shallower rule/,
    ],
  ])("%s", (_, more, reason) => {
    const { policies, left } = read([policy(more)]);
    expect(policies).toEqual([]);
    expect(left).toHaveLength(1);
    const pattern = typeof reason === "string" ? new RegExp(`^${reason.replaceAll(/[().[\]]/g, "\\$&")}$`) : reason;
    expect(left[0]?.reason).toMatch(pattern);
  });

  it("keeps the rest of a list", () => {
    const found = read([null, 5, {}, definition("fine"), { value: [] }, definition("fine")]);
    expect(found.policies.map(({ name }) => name)).toEqual(["fine"]);
    expect(found.left.map(({ name }) => name)).toEqual([
      "file.json#/0",
      "file.json#/1",
      "file.json#/2",
      "file.json#/4",
      "fine",
    ]);
    expect(found.left.at(-1)?.reason).toBe("It is the same as at file.json#/3.");
  });

  it.each<[string, unknown, RegExp]>([
    ["nothing", null, /^file\.json: found nothing; expected a policy definition/],
    ["a text", "x", /^file\.json: found a text; expected/],
    ["an empty list", [], /^file\.json: found an empty list/],
    ["something else", { scripts: {}, name: "package" }, /^file\.json: found an object with scripts, name; expected/],
    ["deep nesting", JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`), /^file\.json: found more than 150 levels/],
    [
      "5 MB",
      definition("big", { description2: "x".repeat(5_000_000) }),
      /^file\.json: found 50\d+ characters; expected at most 1000000/,
    ],
    [
      "a list of texts as an initiative",
      { policyDefinitions: "x" },
      /^file\.json at policyDefinitions: found "x"; expected a list/,
    ],
  ])("refuses a document of %s", (_, json, message) => {
    expect(() => read(json)).toThrow(message);
  });

  it("names a document of a folder that is none, and reads the others", () => {
    const found = readPolicyDocuments([
      { where: "package.json", json: {} },
      { where: "keys.json", json: definition("keys") },
    ]);
    expect(told(found).in).toEqual(["AZP-keys"]);
    expect(told(found).left).toEqual([
      expect.stringMatching(/^package\.json: package\.json: found an empty object; expected/),
    ]);
  });
});

function nested(levels: number): JsonObject {
  let rule: JsonObject = ofAccounts;
  for (let level = 0; level < levels; level += 1) rule = { not: rule };
  return rule;
}
