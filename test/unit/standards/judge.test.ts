import { describe, expect, it } from "vitest";
import { judgeCase, sampleAccountId, sightOf } from "../../../shared/standards/cases.ts";
import { compileStandard, standardSchema, type JudgedPlace } from "../../../shared/standards/definition.ts";
import { standardSchema as shape, type StandardCase } from "../../../shared/standards/schema.ts";

const account = "Microsoft.CognitiveServices/accounts";
const deployments = `${account}/deployments`;
const place: JudgedPlace = { archetype: "corp", environment: "prod", nowMs: 0 };

function standard(changes: object = {}): object {
  return {
    id: "SIM-01",
    version: 3,
    title: "t",
    severity: "low",
    resourceType: deployments,
    archetypes: ["corp"],
    rule: { if: { field: `${deployments}/raiPolicyName`, notEquals: "baseline" } },
    remedy: {
      kind: "put",
      safety: "S",
      assertions: [{ path: "properties.raiPolicyName", op: "set", value: "baseline" }],
    },
    cases: [],
    sources: [],
    ...changes,
  };
}

function sample(changes: Partial<StandardCase> = {}): StandardCase {
  const parsed = shape.shape.cases.parse([{ name: "", resource: {}, verdict: "pass" }])[0]!;
  return { ...parsed, ...changes };
}

const chat = { name: "Chat", type: deployments, properties: { raiPolicyName: "baseline" } };
const embed = { name: "embed", type: deployments, properties: {} };

describe("what lies below an account", () => {
  it("is judged one by one, and written where it is", () => {
    const sight = sightOf({ resourceType: deployments }, sample({ members: { deployments: [chat, embed] } }));
    const judgements = compileStandard(standard()).judge(sight, place);
    const id = sampleAccountId.toLowerCase();
    expect(judgements.map(({ target, remedyTarget, verdict }) => [target, remedyTarget, verdict])).toEqual([
      [`${id}/deployments/chat`, `${id}/deployments/chat`, "pass"],
      [`${id}/deployments/embed`, `${id}/deployments/embed`, "fail"],
    ]);
    expect(judgements[1]).toMatchObject({
      standard: { id: "SIM-01", version: 3, title: "t", severity: "low" },
      reason: 'properties.raiPolicyName is absent, must be "baseline".',
      assertions: [{ authority: { kind: "standard", id: "SIM-01", version: 3 } }],
      safety: "S",
      askOf: null,
    });
  });

  it("is unknown one by one where what is said of its place cannot be worked out", () => {
    const sight = sightOf({ resourceType: deployments }, sample({ members: { deployments: [chat, embed] } }));
    const when = {
      if: { field: "environment", equals: "test" },
      reason: "[concat('It concerns ', string(int(field('subscriptionEnvironment'))), '.')]",
    };
    const judgements = compileStandard(standard({ when })).judge(sight, place);
    expect(judgements.map(({ verdict }) => verdict)).toEqual(["unknown", "unknown"]);
    expect(judgements[0]?.reason).toContain("The rule gives no verdict here");
  });

  it("is nothing to judge where there is nothing", () => {
    const sight = sightOf({ resourceType: deployments }, sample({ members: { deployments: [] } }));
    expect(compileStandard(standard()).judge(sight, place)).toEqual([]);
  });

  it("is unknown as a whole where its list could not be read", () => {
    const sight = sightOf({ resourceType: deployments }, sample({ members: { deployments: { unread: "TooMany" } } }));
    const [judgement, ...others] = compileStandard(standard()).judge(sight, place);
    expect(others).toEqual([]);
    expect(judgement).toMatchObject({
      target: sampleAccountId.toLowerCase(),
      verdict: "unknown",
      reason: "The deployments could not be read: TooMany.",
      assertions: [],
    });
  });

  it("sees the account around it", () => {
    const rule = { if: { field: "account.location", equals: "swedencentral" } };
    const one = sample({ resource: embed, account: { location: "swedencentral" } });
    expect(judgeCase(standardSchema.parse(standard({ rule })), one)[0]?.verdict).toBe("fail");
  });
});

describe("a verdict", () => {
  const verdictOf = (changes: object, one: Partial<StandardCase> = {}) =>
    judgeCase(standardSchema.parse(standard({ resourceType: account, ...changes })), sample(one))[0]!;

  it("is unknown where what was read does not tell", () => {
    const known = {
      if: { field: "tags.told", exists: true },
      reason: "[concat('Nobody tells of ', field('name'), '.')]",
    };
    const rule = { if: { field: "tags.told", equals: "wrong" } };
    const verdicts = [{}, { tags: { told: "wrong" } }, { tags: { told: "right" } }].map(
      (resource) => verdictOf({ known, rule }, { resource }).verdict,
    );
    expect(verdicts).toEqual(["unknown", "fail", "pass"]);
    expect(verdictOf({ known, rule }).reason).toBe("Nobody tells of sample.");
  });

  it("is unknown where a function cannot work on what it finds", () => {
    const rule = { if: { value: "[length(field('kind'))]", greater: 1 } };
    expect(verdictOf({ rule })).toMatchObject({
      verdict: "unknown",
      reason: "The rule gives no verdict here: length(): found nothing; expected a text, a list or an object.",
      assertions: [],
    });
  });

  const open = { if: { field: "kind", exists: false } };

  it("stands where its remedy cannot be worked out, which stands against the remedy", () => {
    const assertions = [{ path: "properties.a", op: "set", value: "[toLower(field('kind'))]" }];
    const judgement = verdictOf({ rule: open, remedy: { kind: "patch", safety: "S", assertions } });
    expect(judgement).toMatchObject({ verdict: "fail", reason: "It breaks the rule.", assertions: [] });
    expect(judgement.unmet).toBe("The remedy cannot be worked out: toLower(): found nothing; expected a text.");
  });

  it("tells no address, wherever it comes from", () => {
    const failure = "[concat('Owned by ', field('tags.owner'), ', they say.')]";
    const judgement = verdictOf({ rule: open, failure }, { resource: { tags: { owner: "ada@contoso.example" } } });
    expect(judgement.reason).toBe("Owned by (address), they say.");
    const assertions = [{ path: "tags.env", op: "set", value: "prod" }];
    const tagged = { resource: { tags: { env: "ada@contoso.example" } } };
    expect(verdictOf({ rule: open, remedy: { kind: "tag", safety: "S", assertions } }, tagged).reason).toBe(
      'tags.env is "(address)", must be "prod".',
    );
  });

  it("is safe to put right only while what was judged is known to be young", () => {
    const assertions = [{ path: "properties.a", op: "set", value: 1 }];
    const remedy = { kind: "patch", safety: "R", safeYoungerThanHours: 24, assertions };
    const safeties = [undefined, -5, 0, 23.99, 24, 1000].map(
      (ageHours) => verdictOf({ rule: open, remedy }, ageHours === undefined ? {} : { ageHours }).safety,
    );
    expect(safeties).toEqual(["R", "S", "S", "S", "R", "R"]);
  });

  it("has no remedy where the standard has none, and says what a person has to do", () => {
    const judgement = verdictOf({ rule: open, remedy: undefined });
    expect(judgement).toMatchObject({ verdict: "fail", safety: "X", unmet: undefined, assertions: [] });
    const byHand = "[concat('Make another one in ', parameters('region'), '.')]";
    const parameters = { region: { type: "string", description: "d", default: "westeurope" } };
    const told = { rule: open, remedy: undefined, byHand, parameters };
    expect(verdictOf(told)).toMatchObject({ verdict: "fail", safety: "X", unmet: "Make another one in westeurope." });
    expect(verdictOf(told, { resource: { kind: "OpenAI" } })).toMatchObject({ verdict: "pass", unmet: undefined });
  });

  it("may turn on the time, which neither a text nor a value may name", () => {
    const rule = { if: { field: "tags.until", less: "[field('now')]" } };
    expect(["2024-01-01", "2099-01-01"].map((until) => verdictOf({ rule }, { resource: { tags: { until } } }).verdict)) //
      .toEqual(["fail", "pass"]);
    const named = "found now; expected an alias";
    expect(() => compileStandard(standard({ rule, failure: "[field('now')]" }))).toThrow(named);
    expect(() => compileStandard(standard({ rule, remedy: undefined, byHand: "[field('ageHours')]" }))).toThrow(
      "ageHours",
    );
    const assertions = [{ path: "properties.a", op: "set", value: "[field('now')]" }];
    expect(() => compileStandard(standard({ rule, remedy: { kind: "put", safety: "S", assertions } }))).toThrow(named);
  });
});

describe("a remedy of what is there", () => {
  const hosts = `${account}/allowedFqdnList[*]`;
  const rule = { if: { count: { field: hosts, where: { field: hosts, notIn: ["A", "B"] } }, greater: 0 } };
  const judgedWith = (select: object, op: string, properties: object) =>
    judgeCase(
      standardSchema.parse(
        standard({
          resourceType: account,
          rule,
          remedy: { kind: "patch", safety: "R", assertions: [{ path: "properties.allowedFqdnList", op, select }] },
        }),
      ),
      sample({ resource: { properties } as StandardCase["resource"] }),
    )[0]!;

  it("takes from a list what must not be there, and nothing else", () => {
    const select = { field: hosts, where: { field: hosts, notIn: ["A", "B"] } };
    const judgement = judgedWith(select, "exclude", { allowedFqdnList: ["b", "x", "a", "Y"] });
    expect(judgement).toMatchObject({
      verdict: "fail",
      reason: "properties.allowedFqdnList holds what it must not.",
      assertions: [{ path: "properties.allowedFqdnList", op: "exclude", value: ["x", "Y"] }],
    });
    expect(judgedWith(select, "exclude", { allowedFqdnList: ["a"] })).toMatchObject({
      verdict: "pass",
      assertions: [],
    });
  });

  it("takes the first of the names that fit, in whichever order they come", () => {
    const list = `${account}/named[*]`;
    const select = { field: list, where: { field: `${list}.fits`, equals: true }, as: `[current('${list}.at.name')]` };
    const named = ["d", "b", "c", "a"].map((name, at) => ({ fits: at < 3, at: { name } }));
    for (const order of [named, named.toReversed()]) {
      const { assertions } = judgedWith(select, "set", { allowedFqdnList: ["x"], named: order });
      expect(assertions).toMatchObject([{ op: "set", value: "b" }]);
    }
    const none = judgedWith(select, "set", { allowedFqdnList: ["x"], named: named.slice(3) });
    expect(none).toMatchObject({ verdict: "fail", assertions: [], unmet: expect.stringContaining("a person") });
  });
});

describe("a definition is refused", () => {
  const assertion = { path: "properties.a", op: "set", value: 1 };
  it.each<[string, object, string]>([
    [
      "that reads what it does not say that it reads",
      { rule: { if: { field: "locks[*]", exists: true } } },
      "standard SIM-01: policy rule at /rule/if/field: found locks[*]; expected an alias",
    ],
    [
      "that changes more than its kind of request can",
      { remedy: { kind: "put", safety: "S", assertions: [{ ...assertion, path: "tags.a" }] } },
      'standard SIM-01 at remedy.assertions.0.path: found "tags.a"; expected a field that a remedy of kind put can write',
    ],
    [
      "that writes below what it judges without saying where",
      { remedy: { kind: "subresource", safety: "S", assertions: [assertion] } },
      "standard SIM-01 at remedy.target: found nothing; expected a target",
    ],
    [
      "that asks nobody in particular",
      { remedy: { kind: "ask", safety: "S", assertions: [{ ...assertion, path: "tags.a" }] } },
      "standard SIM-01 at remedy.askOf: found nothing; expected askOf",
    ],
    [
      "whose remedy names a function that there is not",
      { remedy: { kind: "put", safety: "S", assertions: [{ ...assertion, value: "[guid('a')]" }] } },
      "standard SIM-01: policy rule at /remedy/assertions/0/value: found guid()",
    ],
    [
      "that takes from a list what it says outright",
      { remedy: { kind: "put", safety: "S", assertions: [{ ...assertion, op: "exclude" }] } },
      "standard SIM-01 at remedy.assertions.0.value: found 1; expected a select, and no value",
    ],
    [
      "that sets a field to a whole element",
      {
        remedy: {
          kind: "put",
          safety: "S",
          assertions: [{ path: "properties.a", op: "set", select: { field: "a[*]", where: {} } }],
        },
      },
      "expected a value, or a select that says as what",
    ],
    ["for a type that there is not", { resourceType: "Microsoft.Search/searchServices" }, "at resourceType: found"],
    ["with an unknown member", { effect: "deny" }, "found effect; expected one of id"],
  ])("%s", (_name, changes, message) => {
    expect(() => compileStandard(standard(changes))).toThrow(message);
  });
});
