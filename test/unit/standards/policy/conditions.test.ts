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

describe("a condition on lists", () => {
  const ranges = `${alias}/networkAcls.ipRules[*]`;
  const members = ["locks", "settings"];
  const of = (ipRules: unknown, more: object = {}) => ({
    type: alias,
    properties: { networkAcls: { ipRules } },
    ...more,
  });
  const holds = (rule: object, on: object, parameters: object = {}): boolean =>
    compileCondition(rule as never, { parameters: Object.keys(parameters), members })(on as never, parameters as never);

  it.each([
    ["all of whose elements meet it", [{ value: "a" }, { value: "A" }], true],
    ["one of whose elements does not", [{ value: "a" }, { value: "b" }], false],
    ["one of whose elements has nothing to meet it with", [{ value: "a" }, {}], false],
    ["that is empty", [], true],
    ["that is missing", undefined, false],
    ["that is null", null, false],
    ["that is none", { value: "a" }, false],
  ])("[*] of a list %s", (_name, list, expected) => {
    expect(holds({ field: `${ranges}.value`, equals: "a" }, of(list))).toBe(expected);
    expect(holds({ not: { field: `${ranges}.value`, equals: "a" } }, of(list))).toBe(!expected);
  });

  it("holds for a missing list where an absent value meets it", () => {
    expect(holds({ field: `${ranges}.value`, notEquals: "a" }, of(undefined))).toBe(true);
    expect(holds({ field: `${ranges}.value`, exists: false }, of(undefined))).toBe(true);
  });

  it.each([
    [{ field: "locks[*]" }, 3],
    [{ field: "locks[*]", where: { field: "locks[*].level", equals: "readonly" } }, 1],
    [{ field: "locks[*]", where: { value: "[current('locks[*].level')]", equals: "ReadOnly" } }, 1],
    [{ field: "locks[*]", where: { value: "[current().level]", equals: "ReadOnly" } }, 1],
    // In a function the field is the list of the one element.
    [{ field: "locks[*]", where: { value: "[first(field('locks[*].level'))]", equals: "ReadOnly" } }, 1],
    [{ field: "locks[*].tags[*]" }, 3],
    [{ field: "locks[*].tags[*]", where: { field: "locks[*].tags[*]", equals: "a" } }, 2],
    [{ field: "locks[*]", where: { count: { field: "locks[*].tags[*]" }, greater: 1 } }, 1],
    [
      {
        field: "locks[*]",
        where: {
          count: { field: "locks[*].tags[*]", where: { value: "[current('locks[*].level')]", equals: "ReadOnly" } },
          equals: 2,
        },
      },
      1,
    ],
    [{ field: "settings[*]" }, 0],
    [{ value: "[parameters('names')]", name: "one", where: { value: "[current('ONE')]", like: "p*" } }, 1],
    [{ value: ["a", "b"], where: { value: "[current()]", equals: "B" } }, 1],
    [
      {
        value: "[parameters('names')]",
        name: "name",
        where: {
          count: { field: "locks[*]", where: { value: "[current('locks[*].level')]", equals: "[current('name')]" } },
          greater: 0,
        },
      },
      1,
    ],
  ])("counts %j as %i", (count, expected) => {
    const locks = [{ level: "ReadOnly", tags: ["a", "b"] }, { level: "CanNotDelete", tags: ["A"] }, {}];
    expect(holds({ count, equals: expected }, { type: alias, locks }, { names: ["prod", "readonly"] })).toBe(true);
  });

  it.each([
    [{ count: { field: "locks[*]", value: [] }, equals: 0 }, "/if/count: found both or neither"],
    [{ count: { field: "locks[*]", name: "x" }, equals: 0 }, "/if/count/name: found name; expected none beside field"],
    [{ count: { field: "locks[*]", where: { field: "nope", equals: 1 } }, equals: 0 }, "/if/count/where/field"],
    [{ count: { field: "locks[*]", when: {} }, equals: 0 }, "/if/count/when: found when"],
    [{ Field: "kind", field: "kind", equals: 1 }, "found names that differ in their case only"],
  ])("refuses %j", (rule, message) => {
    expect(() => holds(rule, {})).toThrow(message);
  });

  it("refuses to count more values than Azure would", () => {
    const rule = { count: { value: "[parameters('names')]" }, equals: 0 };
    expect(() => holds(rule, {}, { names: Array.from({ length: 101 }).fill("a") })).toThrow("found 101 values");
  });

  it("reads elements that are resources below their properties", () => {
    const field = `${alias}/privateEndpointConnections[*].privateLinkServiceConnectionState.status`;
    const connection = { properties: { privateLinkServiceConnectionState: { status: "Approved" } } };
    const on = { type: alias, properties: { privateEndpointConnections: [connection] } };
    expect(holds({ field, equals: "Approved" }, on)).toBe(true);
  });

  it("takes an alias of another type for absent", () => {
    const rule = { field: `${alias}/deployments/model.name`, exists: true };
    const properties = { model: { name: "gpt" } };
    expect(holds(rule, { type: `${alias}/deployments`, properties })).toBe(true);
    expect(holds(rule, { type: alias, properties })).toBe(false);
  });
});

describe("a comparison", () => {
  const holds = (rule: object, on: object = resource): boolean => compileCondition(rule as never)(on as never);

  it.each([
    [{ value: "80", less: 100 }, true],
    [{ value: "80", greater: "100" }, true],
    [{ value: "é", less: "z" }, true],
    [{ value: "STRASSE", lessOrEquals: "straße" }, true],
    [{ value: "2024-05-01T02:00:00+02:00", greaterOrEquals: "2024-05-01" }, true],
    [{ value: "straße", matchInsensitively: "??????" }, true],
    [{ value: "STRASSE", match: "???????" }, true],
    [{ field: "location", equals: "Sweden Central" }, true],
    [{ field: "location", notIn: ["West Europe", "SWEDEN CENTRAL"] }, false],
    [{ field: "tags.nobody", less: 100 }, false],
    [{ value: { AbC: 1 }, containsKey: "aBc" }, true],
    [{ value: { "a[b": 1, ab: 1 }, containsKey: "A{B" }, false],
    [{ value: { "\u212Aey": 1 }, containsKey: "key" }, true],
    [{ value: { constructors: 1 }, containsKey: "constructor" }, false],
    [{ value: null, equals: null }, true],
    [{ field: "tags.nobody", equals: null }, true],
    [{ value: { a: 1, B: ["X"] }, equals: { b: ["x"], A: "1" } }, true],
    [{ value: { a: 1 }, equals: { a: 1, b: 2 } }, false],
    [{ value: { a: null }, equals: { a: null } }, true],
    [{ value: { a: 1 }, containsKey: "A" }, true],
    [{ value: ["a"], notContains: "A" }, false],
    [{ value: 1234, contains: "3" }, false],
  ])("%j is %s", (rule, expected) => {
    expect(holds(rule)).toBe(expected);
  });

  it.each([
    [{ value: "x", less: 100 }, "less: found a text beside a number; expected two numbers or two texts"],
    [{ value: true, greaterOrEquals: 1 }, "greaterOrEquals: found a boolean beside a number"],
    [{ value: [], lessOrEquals: "a" }, "lessOrEquals: found a list beside a text"],
    [{ value: "a", in: "abc" }, "in: found a text; expected a list"],
  ])("%j gives no verdict", (rule, message) => {
    expect(() => holds(rule)).toThrow(message);
  });
});
