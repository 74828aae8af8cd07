/* oxlint-disable unicorn/no-thenable -- policy rules have a member of that name */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { SteelyardError } from "../../shared/kernel/errors.ts";
import { canonicalJson, type Json } from "../../shared/kernel/canonicalJson.ts";
import { compileCondition } from "../../shared/standards/policy/conditions.ts";
import { compileValue } from "../../shared/standards/policy/expression.ts";
import { functionNames } from "../../shared/standards/policy/functions.ts";
import { compileDefinition, compileRule } from "../../shared/standards/policy/policy.ts";

const account = "Microsoft.CognitiveServices/accounts";
const vocabulary = { parameters: ["names", "limit"], members: ["locks"] };
const parameters = { names: ["a", "b"], limit: 5 };
const fields = [
  `${account}/list[*].name`,
  `${account}/list[*]`,
  "locks[*]",
  "tags.owner",
  "kind",
  "nonsense",
  "a[*",
  "",
];

const resource = fc.record(
  {
    type: fc.constantFrom(account, "other"),
    kind: fc.jsonValue(),
    tags: fc.oneof(fc.jsonValue(), fc.record({ owner: fc.jsonValue() })),
    locks: fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())),
    properties: fc.oneof(fc.jsonValue(), fc.record({ list: fc.array(fc.record({ name: fc.jsonValue() })) })),
  },
  { requiredKeys: ["type"] },
) as fc.Arbitrary<Readonly<Record<string, Json>>>;

/** What it makes, or what it says; anything else that is thrown is a crash. */
function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof SteelyardError && error.code === "BadInput") return error.message;
    throw error;
  }
}

const names = ["parameters", "field", "current", "if", "and", "or", ...functionNames];
const marks = [
  "(",
  ")",
  "[",
  "]",
  ",",
  ".",
  "'",
  "''",
  " ",
  "-",
  "1",
  "1.5",
  "'a'",
  "'names'",
  "'limit'",
  "'kind'",
  "\u0000",
];

const call: fc.Arbitrary<string> = fc.letrec<{ value: string; call: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("'a'", "1", "-2", "'names'", "'kind'", ...fields.map((field) => `'${field}'`)),
    tie("call"),
  ),
  call: fc
    .tuple(
      fc.constantFrom(...names),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.constantFrom("", ".a", "[0]", "['a']"),
    )
    .map(([name, args, part]) => `${name}(${args.join(", ")})${part}`),
})).call;

const text = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...names, ...marks), fc.string({ maxLength: 3 })), { maxLength: 20 })
    .map((parts) => parts.join("")),
  call,
);

it("reads an expression or says why not, whatever is written, and works it out or says why not", () => {
  let values = 0;
  fc.assert(
    fc.property(text, resource, (inner, on) => {
      const evaluate = outcome(() => compileValue(`[${inner}]`, vocabulary, "/value"));
      if (typeof evaluate === "string") return /found .*expected/s.test(evaluate);
      const scope = { resource: on, parameters, counted: [] };
      const [once, again] = [outcome(() => evaluate(scope)), outcome(() => evaluate(scope))];
      values += 1;
      return once !== undefined && JSON.stringify(once) === JSON.stringify(again);
    }),
    { numRuns: 2_000 },
  );
  expect(values).toBeGreaterThan(100);
});

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  call.map((inner) => `[${inner}]`),
);
const operator = fc.constantFrom(
  "equals",
  "notEquals",
  "in",
  "notIn",
  "contains",
  "exists",
  "like",
  "less",
  "greater",
  "containsKey",
  "match",
  "notMatchInsensitively",
  "matches",
);
const leaf = fc
  .tuple(fc.constantFrom(...fields), value, operator, value, fc.boolean())
  .map(([field, left, name, expected, isField]) => ({ ...(isField ? { field } : { value: left }), [name]: expected }));

const rule = fc.letrec<{ rule: object }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie("rule"), { maxLength: 3 }).map((allOf) => ({ allOf })),
    fc.array(tie("rule"), { maxLength: 3 }).map((anyOf) => ({ anyOf })),
    tie("rule").map((not) => ({ not })),
    fc
      .tuple(fc.constantFrom(...fields), tie("rule"), operator, fc.nat(3))
      .map(([field, where, name, expected]) => ({ count: { field, where }, [name]: expected })),
    fc
      .tuple(value, tie("rule"), operator, fc.nat(3))
      .map(([list, where, name, expected]) => ({ count: { value: list, where, name: "one" }, [name]: expected })),
    fc.jsonValue({ maxDepth: 2 }).map((junk) => junk as object),
  ),
})).rule as fc.Arbitrary<Json>;

it("gives a verdict or says why not, whatever the rule and the resource", () => {
  let verdicts = 0;
  fc.assert(
    fc.property(rule, resource, (junk, on) => {
      const condition = outcome(() => compileCondition(junk, vocabulary));
      if (typeof condition === "string") return /^policy rule at \/if.*: found .*expected/s.test(condition);
      const verdict = outcome(() => condition(on, parameters));
      // The opposite of a verdict is the opposite verdict; of none it is none.
      const opposite = outcome(() => compileCondition({ not: junk }, vocabulary)(on, parameters));
      if (typeof verdict === "string") return typeof opposite === "string";
      verdicts += 1;
      return opposite === !verdict;
    }),
    { numRuns: 2_000 },
  );
  expect(verdicts).toBeGreaterThan(100);
});

const effect = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("deny", "Modify", "append", "auditIfNotExists", "disabled") },
  value,
);
const details = fc.oneof(
  fc.constant({ operations: [{ operation: "add", field: "tags.a", value: "[field('kind')]" }] }),
  fc.record({ type: value, name: value, existenceCondition: rule }, { requiredKeys: ["type"] }),
  fc.record({
    operations: fc.array(fc.record({ operation: fc.constant("add"), field: value, value, condition: call })),
  }),
  fc.array(fc.record({ field: fc.constantFrom("tags.a", ...fields), value })),
  fc.jsonValue({ maxDepth: 1 }),
);
const declared = fc.dictionary(
  fc.constantFrom("names", "limit", "wanted", "__proto__", "constructor"),
  fc.record({
    type: fc.constantFrom("string", "Array", "object", "bool"),
    defaultValue: value,
    allowedValues: fc.array(value),
  }),
);

it("says what a policy does or why not, whatever the definition, the values and the resources", () => {
  let effects = 0;
  const policies = fc.record({
    policyRule: fc.record({
      if: fc.oneof(rule, { weight: 3, arbitrary: fc.constant({ allOf: [] }) }),
      then: fc.record({ effect, details }, { requiredKeys: ["effect"] }),
    }),
    parameters: fc.option(declared, { nil: undefined, freq: 2 }),
  });
  fc.assert(
    fc.property(
      policies,
      fc.boolean(),
      resource,
      fc.array(resource, { maxLength: 2 }),
      (input, isBare, on, related) => {
        const outcomeOf = (): unknown => {
          const policy = isBare ? compileRule(input.policyRule as Json) : compileDefinition(input as Json);
          const found = policy.assign(isBare ? parameters : {})(on, { nowMs: 0 }, () => related);
          return { effect: found.effect, details: found.details, changes: found.changes?.() };
        };
        const [once, again] = [outcome(outcomeOf), outcome(outcomeOf)];
        if (typeof once !== "string" && (once as { effect: unknown }).effect !== null) effects += 1;
        return typeof once === "string" ? /found .*expected/s.test(once) : canonicalJson(once) === canonicalJson(again);
      },
    ),
    { numRuns: 1_000 },
  );
  expect(effects).toBeGreaterThan(50);
});

it.each([
  ["equals", "notEquals"],
  ["in", "notIn"],
  ["contains", "notContains"],
  ["like", "notLike"],
  ["containsKey", "notContainsKey"],
  ["matchInsensitively", "notMatchInsensitively"],
])("%s holds where %s does not, and letters' case tells nothing apart", (name, opposite) => {
  const plain = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.string()),
    fc.dictionary(fc.string(), fc.string()),
  );
  const isLiteral = (item: unknown): boolean => !JSON.stringify(item).includes('"[');
  let compared = 0;
  fc.assert(
    fc.property(plain.filter(isLiteral), plain.filter(isLiteral), (left, right) => {
      const wanted = name === "in" && !Array.isArray(right) ? [right] : right;
      const holds = (operation: string, a: unknown): boolean =>
        compileCondition({ value: a, [operation]: wanted } as Json)({});
      compared += 1;
      const isFolded = typeof left === "string" && left.toLowerCase() === left.toUpperCase().toLowerCase();
      const isCaseless = !isFolded || holds(name, left.toUpperCase()) === holds(name, left.toLowerCase());
      return isCaseless && holds(name, left) === !holds(opposite, left);
    }),
    { numRuns: 300 },
  );
  expect(compared).toBeGreaterThanOrEqual(300);
});
