import { describe, expect, it } from "vitest";
import { interpret, type Given, type Outcome } from "./interpret.ts";
import type { Json, JsonObject } from "./json.ts";

/** The example of https://learn.microsoft.com/azure/governance/policy/how-to/author-policies-for-arrays */
const example: JsonObject = {
  type: "Microsoft.Test/resourceType",
  name: "one",
  location: "East US 2",
  tags: { env: "prod" },
  properties: {
    stringArray: ["a", "b", "c"],
    emptyArray: [],
    objectArray: [
      { property: "value1", nestedArray: [1, 2] },
      { property: "value2", nestedArray: [3, 4] },
    ],
  },
};
const alias = (rest: string): string => `Microsoft.Test/resourceType/${rest}`;

function outcome(condition: Json, given: Partial<Given> = {}, then: JsonObject = { effect: "audit" }): Outcome {
  // oxlint-disable-next-line unicorn/no-thenable -- it is how a policy rule says what to do
  const definition = { policyRule: { if: condition, then } };
  return interpret({ definition, parameters: {}, resource: example, context: {}, related: null, ...given });
}

/** @throws Error when the condition fails. */
function holds(condition: Json, given: Partial<Given> = {}): boolean {
  const result = outcome(condition, given);
  if (result.kind === "effect") return true;
  if (result.kind === "none") return false;
  throw new Error(result.reason);
}

describe("the second interpreter, held against the pages' own tables", () => {
  it.each([
    ["missingArray[*]", []],
    ["missingArray[*].property", []],
    ["stringArray", ["a", "b", "c"]],
    ["stringArray[*]", ["a", "b", "c"]],
    ["objectArray[*].property", ["value1", "value2"]],
    [
      "objectArray[*].nestedArray",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["objectArray[*].nestedArray[*]", [1, 2, 3, 4]],
  ])("gives field('%s') the value of the page", (name, expected) => {
    const result = outcome(
      { value: 1, equals: 1 },
      {},
      {
        effect: "append",
        details: [{ field: "tags.x", value: `[field('${alias(name)}')]` }],
      },
    );
    expect(result).toMatchObject({ kind: "effect", details: [{ value: expected }] });
  });

  it("counts members as if each were the only one", () => {
    const where = { field: alias("stringArray[*]"), equals: "a" };
    expect(holds({ count: { field: alias("stringArray[*]"), where }, equals: 1 })).toBe(true);
    expect(holds({ count: { field: alias("stringArray[*]") }, equals: 3 })).toBe(true);
    expect(holds({ count: { field: alias("objectArray[*].nestedArray[*]") }, greaterOrEquals: 4 })).toBe(true);
    const both = [
      { field: alias("objectArray[*].property"), equals: "value2" },
      { field: alias("objectArray[*].nestedArray[*]"), greater: 2 },
    ];
    expect(holds({ count: { field: alias("objectArray[*]"), where: { allOf: both } }, equals: 1 })).toBe(true);
    const outside = { field: "tags.env", equals: "prod" };
    expect(holds({ count: { field: alias("objectArray[*]"), where: outside }, equals: 2 })).toBe(true);
  });

  it("takes field() of the counted member as an array of one, and first() of it as the member", () => {
    const where = (value: string): Json => ({ field: alias("stringArray[*]"), equals: value });
    const whole = `[field('${alias("stringArray[*]")}')]`;
    const first = `[first(field('${alias("stringArray[*]")}'))]`;
    expect(holds({ count: { field: alias("stringArray[*]"), where: where(whole) }, equals: 0 })).toBe(true);
    expect(holds({ count: { field: alias("stringArray[*]"), where: where(first) }, equals: 3 })).toBe(true);
  });

  it("asks every member, none of an empty array, and one that is absent of a missing array", () => {
    expect(holds({ field: alias("stringArray[*]"), notEquals: "a" })).toBe(false);
    expect(holds({ field: alias("stringArray[*]"), notEquals: "d" })).toBe(true);
    expect(holds({ field: alias("emptyArray[*]"), equals: "a" })).toBe(true);
    expect(holds({ field: alias("missingArray[*]"), equals: "a" })).toBe(false);
    expect(holds({ field: alias("missingArray[*]"), notEquals: "a" })).toBe(true);
  });

  it("compares as the conditions' page says", () => {
    expect(holds({ field: "location", equals: "eastus2" })).toBe(true);
    expect(holds({ value: "abc1", match: "???#" })).toBe(true);
    expect(holds({ value: "ABC1", match: "a??#" })).toBe(false);
    expect(holds({ value: "ABC1", matchInsensitively: "a..#" })).toBe(true);
    expect(holds({ value: "Contoso-East", like: "contoso*" })).toBe(true);
    expect(holds({ field: "tags", containsKey: "ENV" })).toBe(true);
    expect(holds({ value: "[less(length(field('tags')), 3)]", equals: "true" })).toBe(true);
    expect(outcome({ value: "abc", less: 3 })).toMatchObject({ kind: "failed" });
  });

  it("fails where a template function fails, and not where if() keeps from it", () => {
    expect(outcome({ value: "[substring(field('name'), 0, 4)]", equals: "abcd" })).toMatchObject({ kind: "failed" });
    const guarded =
      "[if(greaterOrEquals(length(field('name')), 4), substring(field('name'), 0, 4), 'not starting so')]";
    expect(holds({ value: guarded, equals: "abcd" })).toBe(false);
  });

  it("compares ranges of addresses of both families", () => {
    const within = (range: string, target: string): boolean =>
      holds({ value: `[ipRangeContains('${range}', '${target}')]`, equals: true });
    expect(within("10.0.0.0/24", "10.0.0.255")).toBe(true);
    expect(within("10.0.0.0/24", "10.0.1.0")).toBe(false);
    expect(within("2001:0DB8::/110", "2001:0DB8::3:FFFE")).toBe(true);
    expect(within("192.168.0.1-192.168.0.9", "192.168.0.4/31")).toBe(true);
    expect(() => within("10.0.0.0/24", "2001:0DB8::1")).toThrow("families");
  });

  it("leaves out the operations of modify whose condition is false", () => {
    const operation = (since: string): JsonObject => ({
      condition: `[greaterOrEquals(requestContext().apiVersion, '${since}')]`,
      operation: "addOrReplace",
      field: alias(since),
      value: "[concat('a', 'b')]",
    });
    const result = outcome(
      { field: "name", equals: "one" },
      { context: { requestContext: { apiVersion: "2020-01-01" } } },
      {
        effect: "modify",
        details: { operations: [operation("2019-01-01"), operation("2021-01-01")] },
      },
    );
    expect(result).toMatchObject({ details: { operations: [{ field: alias("2019-01-01"), value: "ab" }] } });
  });

  it("looks at related resources, one of which must meet the existence condition", () => {
    const then = {
      effect: "auditIfNotExists",
      details: {
        type: "Microsoft.Test/settings",
        existenceCondition: { field: "Microsoft.Test/settings/for", equals: "[field('name')]" },
      },
    };
    const related = (...names: string[]): Json => names.map((name) => ({ properties: { for: name } }));
    const kind = (answers: Json): string => outcome({ field: "name", exists: true }, { related: answers }, then).kind;
    expect(kind(null)).toBe("effect");
    expect(kind(related("other"))).toBe("effect");
    expect(kind(related("other", "one"))).toBe("none");
  });
});
