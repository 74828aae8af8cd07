/* oxlint-disable unicorn/no-thenable -- policy rules have a member of that name */
import { describe, expect, it } from "vitest";
import { textOfFault } from "../../../shared/config/coherence.ts";
import { guarded } from "../../../shared/config/guarded.ts";
import { activationsOf, configSchema, type Config } from "../../../shared/config/schema.ts";
import { termsOf } from "../../../shared/desired/terms.ts";
import { emptyLog } from "../../../shared/desired/budget.ts";
import { standardsOf } from "../../../shared/standards/catalogue.ts";
import { faultsIn } from "../../../shared/standards/facts.ts";
import { wanted, type Intent } from "../../../shared/view/configurationIntent.ts";
import { shown, standardModel } from "../../../shared/view/standardModel.ts";
import { sightOfAccount } from "../../support/importedSight.ts";

const account = "Microsoft.CognitiveServices/accounts";
const field = `${account}/disableLocalAuth`;
const effect = { type: "String", defaultValue: "Modify", allowedValues: ["Modify", "Audit"] };
const policyRule = {
  if: {
    allOf: [
      { field: "type", equals: account },
      { field, notEquals: true },
    ],
  },
  then: {
    effect: "[parameters('effect')]",
    details: { operations: [{ operation: "addOrReplace", field, value: true }] },
  },
};
const definition = { name: "keys", properties: { mode: "Indexed", parameters: { effect }, policyRule } };
const policy = { id: "AZP-keys", mode: "approve", definition };
const nowMs = Date.UTC(2026, 10, 20, 8);

const configOf = (policies: readonly object[], more: object = {}): Config =>
  configSchema.parse({ version: 1, subscriptions: [], standards: [], policies, ...more });
const faults = (policies: readonly object[], more: object = {}): string[] =>
  faultsIn(configOf(policies, more)).map((fault) => `${fault.severity} ${textOfFault(fault)}`);

describe("policies in a configuration", () => {
  it("are refused where they are nested more deeply than is stored", () => {
    const deep = JSON.parse(`${"[".repeat(121)}${"]".repeat(121)}`) as unknown;
    const told = { definition: { ...definition, extra: deep } };
    expect(faults([{ ...policy, ...told }])).toEqual([expect.stringContaining("found more than 120 levels")]);
    expect(faults([{ ...policy, parameters: { effect: deep } }])).toEqual([
      expect.stringContaining("found more than 120 levels"),
    ]);
  });

  it("judge and have terms as standards do", () => {
    const config = configOf([{ ...policy, modes: { dev: "audit" } }], { fields: [] });
    const [standard] = standardsOf(config);
    const place = { archetype: "corp", environment: "prod", nowMs } as const;
    expect(standard?.judge(sightOfAccount({}), place)).toMatchObject([
      {
        standard: { id: "AZP-keys", version: 1 },
        verdict: "fail",
        assertions: [{ path: "properties.disableLocalAuth" }],
      },
    ]);
    const activations = activationsOf(config, {}, "2026-11-20T08:00:00.000Z");
    const modeIn = (environment: string) =>
      termsOf(
        config,
        activations,
        { environment, subscriptionId: "", standard: "AZP-keys" },
        emptyLog("AZP-keys"),
        nowMs,
      );
    expect([modeIn("prod").mode, modeIn("dev").mode]).toEqual(["approve", "audit"]);
    expect(modeIn("prod").activation).toMatchObject({ mode: "approve", version: 1 });
  });

  it("may be named by budgets, approvers and freezes", () => {
    const budgets = [{ writesPerHour: 1, standards: ["AZP-keys"] }];
    expect(faults([policy], { budgets })).toEqual([]);
    expect(faults([policy], { budgets: [{ writesPerHour: 1, standards: ["AZP-kays"] }] })).toEqual([
      "error budgets[0].standards[0]: found AZP-kays; expected one of AZP-keys",
    ]);
  });

  const changed = (rule: object): object => ({
    ...definition,
    properties: { ...definition.properties, policyRule: rule },
  });
  const audited = { ...policyRule, then: { effect: "audit" } };
  it.each<[string, object, string | RegExp]>([
    [
      "a parameter that the definition has not",
      { parameters: { efect: "Audit" } },
      "error policies[0].parameters.efect: found a value for no parameter; expected effect",
    ],
    [
      "a value that is not allowed",
      { parameters: { effect: "Deny" } },
      'error policies[0].parameters.effect: found a value that is not allowed; expected one of ["Modify","Audit"]',
    ],
    [
      "an unknown operator",
      { definition: changed({ ...policyRule, if: { allOf: [{ field: "type", equal: account }] } }) },
      /^error policies\[0\]\.definition\.properties\.policyRule\.if\.allOf\[0\]\.equal: found equal; expected an operator/,
    ],
    [
      "no rule",
      { definition: { name: "x" } },
      /^error policies\[0\]\.definition: the definition: found an object with name; expected a policy definition/,
    ],
    [
      "an initiative",
      { definition: { policyDefinitions: [] } },
      "error policies[0].definition: the definition: found an initiative; expected a policy definition",
    ],
    [
      "another type",
      {
        definition: changed({
          if: { field: "type", equals: "Microsoft.Search/searchServices" },
          then: { effect: "audit" },
        }),
      },
      "error policies[0].definition: It concerns Microsoft.Search/searchServices, which are not judged here.",
    ],
    [
      "an environment that there is not",
      { modes: { moon: "audit" } },
      "error policies[0].modes.moon: found moon; expected one of environments.names: prod, test, dev",
    ],
    [
      "enforce without a remedy",
      { mode: "enforce", definition: changed(audited) },
      "error policies[0].mode: found enforce for AZP-keys; expected audit or approve: it has no remedy, so it is only reported",
    ],
    [
      "enforce that can cut traffic",
      { modes: { dev: "enforce" } },
      /^warning policies\[0\]\.modes\.dev: found enforce for AZP-keys; its remedy can cut traffic/,
    ],
  ])("are refused, or warned of, with %s", (_, more, message) => {
    const [fault = "", ...others] = faults([{ ...policy, ...more }]);
    expect(others).toEqual([]);
    const pattern = typeof message === "string" ? new RegExp(`^${message.replaceAll(/[().[\]]/g, "\\$&")}$`) : message;
    expect(fault).toMatch(pattern);
  });

  it("are each there once, and are no standards of the catalogue", () => {
    expect(faults([policy, policy])).toEqual([
      "error policies[1].id: found AZP-keys, which is at policies[0] already; expected it once",
    ]);
    expect(faults([policy], { standards: [{ id: "AZP-keys", mode: "audit" }] })).toEqual([
      expect.stringMatching(/^error standards\[0\]\.id: found AZP-keys; expected one of ACC-01, /),
    ]);
    expect(() => configOf([{ ...policy, id: "NET-01" }])).toThrow("expected AZP-");
  });

  it("are bounded in all", () => {
    const large = { ...definition, description: "x".repeat(300_000) };
    expect(configOf([{ ...policy, definition: large }]).policies).toHaveLength(1);
    const two = [policy, { ...policy, id: "AZP-two" }].map((one) => ({ ...one, definition: large }));
    expect(() => configOf(two)).toThrow("expected policies of at most 500000 characters of JSON in all");
  });

  it("need a second person where they write unasked", () => {
    const widened = (before: object, after: object) =>
      guarded(configOf([before]), configOf([after]), nowMs).map(({ path }) => path);
    const enforced = { ...policy, mode: "enforce" };
    expect(widened(policy, enforced)).toEqual(["policies[AZP-keys].mode"]);
    expect(widened(enforced, { ...enforced, parameters: { effect: "Audit" } })).toEqual([
      "policies[AZP-keys].parameters",
    ]);
    expect(widened(enforced, { ...enforced, definition: changed(audited) })).toEqual(["policies[AZP-keys].definition"]);
    expect(widened(enforced, policy)).toEqual([]);
    expect(widened(policy, { ...policy, definition: changed(audited) })).toEqual([]);
  });

  it("are shown beside the catalogue, and change their mode there", () => {
    const config = configOf([policy]);
    const held = { config, standards: standardsOf(config) };
    const [last] = shown(held).slice(-1);
    expect(standardModel(last!, config, undefined)).toMatchObject({
      id: "AZP-keys",
      isConfigured: true,
      modes: [{ mode: "approve" }, { mode: "approve" }, { mode: "approve" }],
      remedy: { kind: "patch", fields: [{ path: "disableLocalAuth", value: "true" }] },
    });
    const intent: Intent = {
      do: "mode",
      standard: "AZP-keys",
      modes: { prod: "audit", test: "approve", dev: "approve" },
    };
    const next = wanted(intent, config) as Config;
    expect(next.standards).toEqual([]);
    expect(next.policies).toEqual([{ ...policy, modes: { prod: "audit" }, parameters: {} }]);
  });
});
