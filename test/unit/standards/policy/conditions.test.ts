import { describe, expect, it } from "vitest";
import { compileCondition } from "../../../../shared/standards/policy/conditions.ts";

const resource = {
  type: "Microsoft.CognitiveServices/accounts",
  kind: "OpenAI",
  location: "swedencentral",
  tags: { Env: "prod" },
  sku: { name: "S0" },
  properties: {
    disableLocalAuth: true,
    capacity: 10,
    list: ["a", "B"],
    networkAcls: { defaultAction: "Deny" },
    nothing: null,
  },
};

const alias = "Microsoft.CognitiveServices/accounts";

describe("a policy condition", () => {
  it.each([
    [{ field: "type", equals: "microsoft.cognitiveservices/ACCOUNTS" }, true],
    [{ field: "kind", in: ["AIServices", "openai"] }, true],
    [{ field: "kind", notIn: ["AIServices"] }, true],
    [{ field: "tags.env", equals: "prod" }, true],
    [{ field: "tags['env']", notEquals: "prod" }, false],
    [{ field: `${alias}/sku.name`, equals: "S0" }, true],
    [{ field: `${alias}/disableLocalAuth`, equals: "true" }, true],
    [{ field: `${alias}/networkAcls.defaultAction`, equals: "deny" }, true],
    [{ field: `${alias}/capacity`, greater: 9 }, true],
    [{ field: `${alias}/capacity`, lessOrEquals: 9 }, false],
    [{ field: `${alias}/list`, contains: "b" }, true],
    [{ field: "location", like: "sweden*" }, true],
    [{ field: "location", notLike: "*europe" }, true],
    [{ value: "[parameters('wanted')]", equals: "Yes" }, true],
    [{ not: { field: "kind", equals: "OpenAI" } }, false],
    [{ anyOf: [{ field: "kind", equals: "x" }, { allOf: [] }] }, true],
  ])("%j is %s", (rule, expected) => {
    expect(compileCondition(rule, { parameters: ["wanted"], members: [] })(resource, { wanted: "yes" })).toBe(expected);
  });

  it.each([
    ["absent", `${alias}/publicNetworkAccess`],
    ["null", `${alias}/nothing`],
    ["below something that is not an object", `${alias}/capacity.name`],
  ])("takes an %s field as not there", (_name, field) => {
    expect(compileCondition({ field, equals: "Disabled" })(resource)).toBe(false);
    expect(compileCondition({ field, notEquals: "Disabled" })(resource)).toBe(true);
    expect(compileCondition({ field, exists: false })(resource)).toBe(true);
    expect(compileCondition({ field, exists: "true" })(resource)).toBe(false);
  });

  it.each([
    [{ field: "kind", matches: "x" }, "/if/matches: found matches; expected an operator"],
    [{ field: "list[*]", equals: "x" }, "/if/field: found list[*]; expected an alias"],
    [{ field: "nonsense", equals: "x" }, "/if/field: found nonsense"],
    [{ count: { field: "tags" }, greater: 1 }, "/if/count/field: found tags; expected a field with [*]"],
    [{ count: { field: "x" }, greater: 1 }, "/if/count/field: found x"],
    [{ allOf: { field: "kind", equals: "x" } }, "/if/allOf: found an object; expected a list"],
    [{ allOf: [{ field: "kind", equals: "[guid('a')]" }] }, "/if/allOf/0/equals: found guid(); expected one of"],
    [{ value: "[parameters('nobody')]", equals: 1 }, "/if/value: found parameters('nobody'); expected none"],
    [{ not: { field: "kind", equals: "x" }, field: "kind" }, "/if: found not beside other properties"],
    [null, "/if: found nothing; expected a condition"],
    [{}, "/if: found nothing"],
  ])("refuses %j by name", (rule, message) => {
    expect(() => compileCondition(rule as never)).toThrow(message);
  });

  it("refuses a rule that is nested too deeply instead of overflowing", () => {
    let rule: object = { field: "kind", equals: "x" };
    for (let depth = 0; depth < 10_000; depth += 1) rule = { not: rule };
    expect(() => compileCondition(rule as never)).toThrow(/more than 60 levels/);
  });
});
