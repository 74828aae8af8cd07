/* oxlint-disable unicorn/no-thenable -- policy rules have a member of that name */
import { describe, expect, it } from "vitest";
import type { Json } from "../../../../shared/kernel/canonicalJson.ts";
import { readAliases } from "../../../../shared/standards/policy/aliases.ts";
import { compileDefinition, compileRule } from "../../../../shared/standards/policy/policy.ts";

const type = "Contoso.Web/sites";
const matched = { field: "type", equals: type };
const site = (properties: object, more: object = {}) => ({ type, name: "s", properties, ...more }) as never;

function effectOf(policyRule: object, resource: object, parameters: object = {}, declared: object = {}) {
  return compileDefinition({ policyRule, parameters: declared } as never).assign(parameters as never)(
    resource as never,
  );
}

describe("a policy", () => {
  it.each([
    ["matches", { if: matched, then: { effect: "Deny" } }, "Deny"],
    ["does not match", { if: { not: matched }, then: { effect: "deny" } }, null],
    ["is disabled", { if: matched, then: { effect: "Disabled" } }, null],
  ])("that %s", (_name, rule, effect) => {
    expect(compileRule(rule as never).assign()(site({})).effect).toBe(effect);
    const wrapped = { id: "x", properties: { mode: "All", policyRule: rule } };
    expect(compileDefinition(wrapped as never).assign()(site({})).effect).toBe(effect);
  });

  it.each([
    [{ then: { effect: "deny" } }, "/if: found nothing; expected a condition"],
    [{ if: matched }, "/then: found nothing; expected an effect"],
    [{ if: matched, then: { effect: "explode" } }, "/then/effect: found explode; expected one of addToNetworkGroup"],
    [{ if: matched, then: { effect: 5 } }, "/then/effect: found a number"],
    [{ if: matched, then: { effect: "deny" }, else: {} }, "/else: found else; expected if, then"],
    [{ if: { field: "type", like: 1, equals: 2 }, then: { effect: "deny" } }, "/if: found field, like, equals"],
    [{ if: { value: "[guid('a')]", equals: 1 }, then: { effect: "deny" } }, "/if/value: found guid()"],
    [{ if: { field: "a/b/", equals: 1 }, then: { effect: "deny" } }, "/if/field: found a/b/"],
    [{ if: { field: "name", in: "abc" }, then: { effect: "deny" } }, "/if/in: found a text; expected a list"],
    [
      { if: { field: "name", exists: 5 }, then: { effect: "deny" } },
      "/if/exists: found a number; expected true or false",
    ],
    [{ if: matched, then: { effect: "auditIfNotExists" } }, "/then/details: found nothing; expected the type"],
    [{ if: matched, then: { effect: "deployIfNotExists", details: {} } }, "/then/details/type: found nothing"],
    [{ if: matched, then: { effect: "modify", details: {} } }, "/then/details/operations: found nothing"],
    [
      { if: matched, then: { effect: "modify", details: { operations: [{ operation: "drop", field: "tags.a" }] } } },
      "/then/details/operations/0/operation: found drop; expected one of add, addOrReplace, remove",
    ],
    [{ if: matched, then: { effect: "append", details: [{ field: "tags.a" }] } }, "/then/details/0: found no value"],
    [[], "/: found a list; expected a rule"],
    [null, "/: found nothing; expected a rule"],
  ])("refuses %j by name and place", (rule, message) => {
    expect(() => compileRule(rule as never)).toThrow(message);
  });

  it("takes 60 levels and refuses more, and takes a rule of some megabytes", () => {
    const nested = (levels: number): object =>
      Array.from({ length: levels }).reduce<object>((rule) => ({ not: rule }), matched);
    const rule = (of: object) => compileRule({ if: of, then: { effect: "deny" } } as never);
    expect(rule(nested(60)).assign()(site({})).effect).toBe("deny");
    expect(() => rule(nested(61))).toThrow("more than 60 levels");
    const many = Array.from({ length: 10_000 }, (_, at) => ({
      field: "name",
      equals: `name-${at}-${"x".repeat(400)}`,
    }));
    expect(JSON.stringify(many).length).toBeGreaterThan(4_000_000);
    expect(rule({ anyOf: many }).assign()(site({})).effect).toBeNull();
  });

  it.each([
    [{ value: "[field('sku.name')]", exists: false }, "deny"],
    [{ value: "[field('sku.name')]", equals: null }, "deny"],
    [{ value: "[length(field('sku.name'))]", equals: 0 }, "deny"],
    [{ value: "[if(equals(field('sku.name'), ''), 0, int(field('sku.name')))]", less: 1 }, "deny"],
    [{ value: "[field('sku.names[*]')]", notEquals: [] }, null],
  ])("takes what is absent for nothing: %j", (condition, effect) => {
    expect(compileRule({ if: condition, then: { effect: "deny" } }).assign()(site({})).effect).toBe(effect);
  });

  it.each(["tags['Cost.Center']", "tags[Cost.Center]", "tags['''Quoted''']", "tags.plain", "tags[]"])(
    "reads %s",
    (field) => {
      const tags = { "cost.center": "x", "'quoted'": "x", Plain: "x" };
      const { effect } = compileRule({ if: { field, equals: "x" }, then: { effect: "deny" } }).assign()(
        site({}, { tags }),
      );
      expect(effect).toBe(field === "tags[]" ? null : "deny");
    },
  );

  it("reads members of any name as data", () => {
    for (const name of ["constructor", "__proto__", "toString"]) {
      const rule = { if: { field: name, exists: true }, then: { effect: "deny" } };
      expect(compileRule(rule as never).assign()(site({})).effect).toBeNull();
      expect(() => effectOf(rule, site({}), {}, { a: { type: name } })).toThrow(
        `found ${name}; expected string, array`,
      );
    }
  });
});

it("checks whether a policy is disabled before its rule, which may fail", () => {
  const failing = { value: "[substring(field('name'), 0, 9)]", equals: "x" };
  const run = (effect: string) => compileRule({ if: failing, then: { effect } }).assign()(site({}));
  expect(run("disabled").effect).toBeNull();
  expect(() => run("audit")).toThrow("substring()");
});

it("asks for no value of an operation that is skipped", () => {
  const operation = { operation: "add", field: "tags.a", value: "[substring(field('name'), 0, 9)]" };
  const run = (condition: string) => {
    const details = { operations: [{ ...operation, condition }] };
    return compileRule({ if: matched, then: { effect: "modify", details } }).assign()(site({}));
  };
  expect(run("[false()]").changes?.()).toEqual([]);
  expect(() => run("[true()]")).toThrow("substring()");
});

describe("within a count, as if the element were the only one of its list", () => {
  const rules = [
    { name: "a", ports: [1, 2] },
    { name: "b", ports: [3] },
  ];
  const list = `${type}/rules[*]`;
  const ports = `${list}.ports[*]`;

  it.each([
    [
      "a field around the counted list is of that element",
      { field: ports, where: { field: `${list}.name`, equals: "a" } },
      2,
    ],
    ["the list itself holds that element", { field: ports, where: { field: `${list}.ports`, equals: [3] } }, 1],
    ["a function sees the same", { field: ports, where: { value: `[length(field('${type}/rules'))]`, equals: 1 } }, 3],
    ["another list is whole", { field: list, where: { value: `[length(field('${type}/others[*]'))]`, equals: 2 } }, 2],
    ["all elements of a list inside", { field: list, where: { field: ports, less: 3 } }, 1],
  ])("%s", (_what, count, expected) => {
    const policy = compileRule({ if: { count, equals: expected }, then: { effect: "deny" } });
    expect(policy.assign()(site({ rules, others: [1, 2] })).effect).toBe("deny");
  });

  it("but in an existence condition functions read the judged resource", () => {
    const value = `[length(field('${list}'))]`;
    const existenceCondition = { count: { field: list, where: { value, equals: 2 } }, equals: 1 };
    const rule = { if: matched, then: { effect: "auditIfNotExists", details: { type, existenceCondition } } };
    expect(compileRule(rule as never).assign()(site({ rules }), {}, () => [site({ rules: [{}] })]).effect).toBeNull();
  });
});

describe("parameters of a policy", () => {
  const rule = {
    if: { field: "name", equals: "[parameters('wanted')]" },
    then: { effect: "[parameters('effect')]" },
  };
  const declared = {
    wanted: { type: "String", defaultValue: "[concat(parameters('prefix'), 's')]" },
    prefix: { type: "string", defaultValue: "" },
    effect: { type: "String", allowedValues: ["Audit", "Disabled"], defaultValue: "Audit" },
  };

  it.each([
    [{}, "Audit"],
    [{ wanted: "other" }, null],
    [{ prefix: "x" }, null],
    [{ EFFECT: "Disabled" }, null],
  ])("%j give %s", (given, effect) => {
    expect(effectOf(rule, site({}), given, declared).effect).toBe(effect);
  });

  it.each([
    [{ effect: "Deny" }, declared, '/parameters/effect: found a value that is not allowed; expected one of ["Audit"'],
    [{ effect: "audit" }, declared, "/parameters/effect: found a value that is not allowed"],
    [{ wanted: 5 }, declared, "/parameters/wanted: found a number; expected a value of type String"],
    [{ other: 5 }, declared, "/parameters/other: found a value for no parameter; expected wanted, prefix, effect"],
    [{}, { ...declared, wanted: { type: "text" } }, "/parameters/wanted/type: found text; expected string, array"],
    [{}, { ...declared, wanted: { type: "string" } }, "parameters('wanted'): found nothing; expected a value"],
    [{}, { ...declared, Wanted: { type: "string" } }, "/parameters: found names that differ in their case only"],
    [
      {},
      { ...declared, prefix: { type: "string", defaultValue: "[parameters('wanted')]" } },
      "/parameters/wanted/defaultValue: found a default that needs itself",
    ],
    [{}, {}, "found parameters('wanted'); expected none"],
  ])("%j of %j are refused", (given, of, message) => {
    expect(() => effectOf(rule, site({}), given, of)).toThrow(message);
  });
});

describe("effects", () => {
  const operation = (field: string, value: unknown, more: object = {}) => ({
    operation: "addOrReplace",
    field,
    value,
    ...more,
  });

  it("tell what modify would change, and leave out what its condition excludes", () => {
    const old = "[less(requestContext().apiVersion, '2020-01-01')]";
    const details = {
      roleDefinitionIds: ["r"],
      conflictEffect: "audit",
      operations: [
        operation("[concat('tags[', parameters('tag'), ']')]", "[field('name')]"),
        operation("tags.old", true, { condition: old }),
      ],
    };
    const policy = compileRule({ if: matched, then: { effect: "modify", details } } as never).assign({ tag: "owner" });
    const at = (apiVersion: string) => policy(site({}), { requestContext: { apiVersion } });
    const first = { operation: "addOrReplace", field: "tags[owner]", value: "s" };
    expect(at("2024-01-01").changes?.()).toEqual([first]);
    expect(at("2019-01-01").changes?.()).toEqual([first, operation("tags.old", true)]);
    expect(at("2024-01-01").details).toEqual({
      roleDefinitionIds: ["r"],
      operations: [{ ...details.operations[0], value: "s" }, details.operations[1]],
    });
    expect(policy(site({}), {}).effect).toBe("modify");
    expect(() => policy(site({}), {}).changes?.()).toThrow("less(): found nothing");
  });

  it("hold for existence when no related resource meets the condition", () => {
    const details = {
      type: "Contoso.Web/sites/settings",
      name: "[concat(field('name'), '/web')]",
      existenceCondition: {
        allOf: [
          { field: "Contoso.Web/sites/settings/enabled", equals: true },
          { field: "location", equals: "[field('location')]" },
        ],
      },
      deployment: { properties: { template: { variables: { a: "[uniqueString('not ours')]" } } } },
    };
    const rule = { if: matched, then: { effect: "deployIfNotExists", details } };
    const policy = compileRule(rule).assign();
    const asked: unknown[] = [];
    const found = (...related: object[]) =>
      policy(site({}, { location: "west" }), {}, (wanted) => {
        asked.push(wanted);
        return related as never;
      });
    expect(found({ location: "WEST", properties: { enabled: true } }).effect).toBeNull();
    expect(found({ location: "east", properties: { enabled: true } }).effect).toBe("deployIfNotExists");
    expect(found().details).toEqual({ type: details.type, name: "s/web" });
    expect(found({}, { location: "west", properties: { enabled: "True" } }).effect).toBeNull();
    expect(asked).toHaveLength(4);
  });
});

describe("a table of aliases", () => {
  const alias = (name: string, defaultPath: string, more: object = {}) => ({ name, defaultPath, paths: [], ...more });
  const aliases = [
    alias(`${type}/tier`, "sku.tier", { paths: [{ path: "properties.pricing", apiVersions: ["2015-01-01"] }] }),
    alias("Contoso.Web/kind", "properties.what"),
    alias(`${type}/rules[*].access`, "properties.rules[*].properties.access"),
    alias(`${type}/fixed`, "properties.fixed", { defaultMetadata: { attributes: "None" } }),
    alias(`${type}/open`, "properties.open", { defaultMetadata: { attributes: "Modifiable" } }),
  ];
  const table = readAliases([{ namespace: "Contoso.Web", resourceTypes: [{ resourceType: "sites", aliases }] }]);
  const holds = (condition: object, resource: object, apiVersion?: string): boolean => {
    const policy = compileRule({ if: condition, then: { effect: "audit" } } as never, table).assign();
    return policy(resource as never, { apiVersion }).effect === "audit";
  };

  it("says where an alias leads, by version and by type", () => {
    const on = site(
      { pricing: "old", what: "w", rules: [{ properties: { access: "Allow" } }] },
      { sku: { tier: "new" } },
    );
    expect(holds({ field: `${type.toUpperCase()}/TIER`, equals: "new" }, on)).toBe(true);
    expect(holds({ field: `${type}/tier`, equals: "old" }, on, "2015-01-01")).toBe(true);
    expect(holds({ field: "Contoso.Web/kind", equals: "w" }, on)).toBe(true);
    const count = { field: `${type}/rules[*]`, where: { field: `${type}/rules[*].access`, equals: "allow" } };
    expect(holds({ count, equals: 1 }, on)).toBe(true);
    expect(holds({ field: `${type}/tier`, exists: true }, { ...(on as object), type: "Contoso.Web/other" })).toBe(
      false,
    );
  });

  it("says what modify may change", () => {
    const change = (field: string) => () =>
      compileRule(
        { if: matched, then: { effect: "modify", details: { operations: [{ operation: "remove", field }] } } },
        table,
      );
    expect(change(`${type}/fixed`)).toThrow(`/operations/0/field: found ${type}/fixed; expected an alias that can be`);
    expect(change(`${type}/open`)).not.toThrow();
    expect(change("tags.a")).not.toThrow();
  });

  it.each([
    [{}, "aliases: found {}; expected a list"],
    [[{ namespace: 5 }], "aliases at 0.namespace: found 5; expected a string"],
    [
      [{ namespace: "a", resourceTypes: [{ resourceType: "b", aliases: [alias("a/b/c", "a..b")] }] }],
      "aliases/0/resourceTypes/0/aliases/0: found a..b; expected a path",
    ],
    [
      [{ namespace: "a", resourceTypes: [{ resourceType: "b", aliases: [{ name: "a/b/c" }] }] }],
      "aliases/0/resourceTypes/0/aliases/0: found no path",
    ],
  ])("%j is refused", (input, message) => {
    expect(() => readAliases(input)).toThrow(message);
  });
});

describe("what a rule may cost", () => {
  const long = "padLeft('', 100000, 'x')";
  const many = "range(0, 100000)";

  it.each([
    ["join", `join(${many}, ${long})`],
    ["replace", `replace(${long}, 'x', ${long})`],
    ["format", `format(replace(padLeft('', 30000, 'x'), 'x', '{0}'), ${long})`],
    ["string", `string(createArray(${Array(5).fill(many).join(", ")}))`],
  ])("says of %s that it makes too much, instead of running out of memory", (_name, expression) => {
    const evaluate = compileRule({ if: { value: `[${expression}]`, equals: "x" }, then: { effect: "audit" } }).assign();
    expect(() => evaluate({})).toThrow(expect.objectContaining({ code: "BadInput" }));
  });

  it("ends counts within counts, which multiply", () => {
    const values = Array.from({ length: 100 }, (_, at) => at);
    const nested = ["a", "b", "c", "d", "e"].reduce<Json>(
      (where, name) => ({ count: { value: values, name, where }, equals: 1000 }),
      { value: 1, equals: 2 },
    );
    const evaluate = compileRule({ if: nested, then: { effect: "audit" } }).assign();
    // Each evaluation has its own steps.
    for (const _ of [1, 2]) expect(() => evaluate({})).toThrow("its evaluation: found more than 1000000 steps");
  });

  it("ends calls that each make much", () => {
    const anyOf = Array.from({ length: 200 }, (): Json => ({ value: `[length(union(${many}, ${many}))]`, equals: 1 }));
    const evaluate = compileRule({ if: { anyOf }, then: { effect: "audit" } }).assign();
    expect(() => evaluate({})).toThrow("its evaluation: found more than 1000000 steps");
  });

  it("leaves room for a thousand elements held against a thousand", () => {
    const alias = "Microsoft.CognitiveServices/accounts/list[*]";
    const list = Array.from({ length: 1000 }, (_, at) => `e${at}`);
    const rule = { if: { not: { field: alias, in: list } }, then: { effect: "audit" } };
    const type = "Microsoft.CognitiveServices/accounts";
    expect(compileRule(rule).assign()({ type, properties: { list } })).toEqual({ effect: null });
  });
});
