/** Azure's own definitions that name our types, where they lie beside the repository: each comes in, or says why not. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { scenarios } from "../../../../infra/local/scenarios/index.ts";
import type { Json } from "../../../../shared/kernel/canonicalJson.ts";
import { readPolicies } from "../../../../shared/standards/imported/import.ts";
import type { JsonObject } from "../../../../shared/standards/policy/values.ts";
import type { Parameters } from "../../../../shared/standards/policy/scope.ts";
import { accountId, sightOfAccount, sightsOf } from "../../../support/importedSight.ts";

const file = resolve(import.meta.dirname, "../../../../../shared/data/azure-policy/builtin-ai.json");
const isThere = existsSync(file);
const definitions = isThere ? (JSON.parse(readFileSync(file, "utf8")) as { name: string; properties: Json }[]) : [];
const nowMs = Date.UTC(2026, 10, 20, 8);

const group = "/subscriptions/5b000000-0000-4000-8000-0000000000aa/resourceGroups/rg-platform/providers";
const given: Parameters = {
  filterName: "Hate",
  logAnalytics: `${group}/Microsoft.OperationalInsights/workspaces/log-central`,
  storageAccount: `${group}/Microsoft.Storage/storageAccounts/logs`,
  eventHubAuthorizationRuleId: `${group}/Microsoft.EventHub/namespaces/logs/authorizationRules/send`,
  resourceLocation: "westeurope",
  "af253d37-136a-42f8-a1fc-30010c083d41": { filterName: "Profanity" },
  "f3a9c2e0-7b4d-4d8f-9c3a-2e1f6b9a8d4e": { filterName: "Jailbreak" },
};

describe.runIf(isThere)("Azure's own definitions", () => {
  const { policies, left } = isThere ? readPolicies(definitions, "builtin-ai.json", given) : { policies: [], left: [] };

  it("all come in or are named with their reason", () => {
    expect(policies.length + left.length).toBe(definitions.length);
    const others = left.filter(
      ({ reason }) => !/^It (concerns .*, which are not judged here|is the same as at .*)\.$/.test(reason),
    );
    const reasons = Map.groupBy(others, ({ reason }) => reason.replace(/ Here run .*/, ""));
    expect(Object.fromEntries([...reasons].map(([reason, { length }]) => [reason, length]))).toEqual({
      "It needs parameters without a default: found no listOfResourceTypes (Array, Resource Types); expected a value.": 1,
      "Its mode is Microsoft.MachineLearningServices.Data: that is evaluated within the service itself.": 6,
      "Its mode is Microsoft.MachineLearningServices.v2.Data: that is evaluated within the service itself.": 3,
    });
    // Nothing that is about our own types alone stays outside.
    expect(left.filter(({ reason }) => /CognitiveServices\/accounts/.test(reason))).toEqual([]);
  });

  it("never come in as enforced", () => {
    const modes = new Set(policies.map(({ effect, mode }) => `${effect}: ${mode}`));
    expect([...modes].sort()).toEqual([
      "Audit: audit",
      "AuditIfNotExists: audit",
      "DeployIfNotExists: approve",
      "DeployIfNotExists: audit",
      "Disabled: off",
      "Modify: approve",
    ]);
  });

  it("deploy what six remedies of ours stand for", () => {
    const deploying = definitions.filter((one) => JSON.stringify(one).includes('"deployment":'));
    const natives = [...policies.map(({ remedy }) => remedy.native), ...left.map(({ remedy }) => remedy)];
    const counted = Map.groupBy(
      natives.filter((native) => native !== undefined),
      (native) => native,
    );
    expect([...counted.values()].flat().length).toBe(deploying.length);
    expect(Object.fromEntries([...counted].map(([native, { length }]) => [native, length]))).toEqual({
      diagnosticSetting: 24,
      privateEndpoint: 4,
      dnsZoneGroup: 2,
      localAuth: 1,
      apimTenantAccess: 1,
      searchLocalAuth: 1,
    });
  });

  it.each(["0628b917", "14e81583", "55d1f543"])("%s is met by the setting that stands for it", (name) => {
    const own = definitions.find((one) => one.name.startsWith(name));
    const [policy] = readPolicies(own, name, { ...given, categoryGroup: "allLogs" }).policies;
    const judge = (settings: readonly JsonObject[]) =>
      policy!.standard.judge(sightOfAccount({}, { diagnosticSettings: settings }), {
        archetype: "corp",
        environment: "prod",
        nowMs,
      })[0]!;
    const asked = judge([]);
    expect(asked).toMatchObject({ verdict: "fail", safety: "S", unmet: undefined });
    const properties = Object.fromEntries(
      asked.assertions.map(({ path, value }) => [path.slice("properties.".length), value]),
    );
    expect(properties["logs"]).toEqual([
      { categoryGroup: "allLogs", enabled: true },
      { categoryGroup: "audit", enabled: false },
    ]);
    const setting = { id: asked.remedyTarget.slice(accountId.length), properties };
    expect(judge([setting])).toMatchObject({ verdict: "pass" });
    expect(judge([{ ...setting, properties: { ...properties, logs: [] } }])).toMatchObject({ verdict: "fail" });
  });

  it("give a verdict on every account of contoso, or say what is not known", () => {
    const sights = sightsOf(scenarios.contoso({ seed: 1, nowMs, config: {} }));
    expect(sights.length).toBeGreaterThanOrEqual(40);
    const place = { archetype: "corp", environment: "prod", nowMs } as const;
    const verdicts = new Map<string, Set<string>>();
    for (const { id, standard } of policies) {
      for (const sight of sights) {
        const judgements = standard.judge(sight, place);
        const own = standard.sources.find((one) => one === "deployments" || one === "privateEndpoints");
        const list = own === undefined ? [sight.account] : sight.members[own];
        expect(judgements, id).toHaveLength(Array.isArray(list) ? list.length : -1);
        for (const { verdict, reason } of judgements) {
          expect(reason, id).toMatch(/\.$/);
          expect(reason, id).not.toContain("gives no verdict");
          verdicts.set(id, (verdicts.get(id) ?? new Set()).add(verdict));
        }
      }
    }
    const told = Object.fromEntries([...verdicts].map(([id, found]) => [id, [...found].sort().join(", ")]));
    expect(told).toMatchInlineSnapshot(`
      {
        "AZP-037eea7a": "fail, pass",
        "AZP-0628b917": "fail, notApplicable",
        "AZP-0725b4dd": "notApplicable",
        "AZP-11566b39": "notApplicable",
        "AZP-14de9e63": "fail, pass",
        "AZP-14e81583": "fail, notApplicable",
        "AZP-1b4d1c4e": "fail, pass",
        "AZP-2bdd0062": "notApplicable",
        "AZP-46aa9b05": "pass",
        "AZP-47ba1dd7": "fail, pass",
        "AZP-55d1f543": "fail",
        "AZP-55eff01b": "fail, pass",
        "AZP-67121cc7": "fail, notApplicable",
        "AZP-6a4e6f44": "notApplicable",
        "AZP-71ef260a": "fail, pass",
        "AZP-930f48f9": "pass, unknown",
        "AZP-aafe3651": "unknown",
        "AZP-af253d37": "fail, unknown",
        "AZP-c1ad46c6": "pass, unknown",
        "AZP-c4bc6f10": "fail, notApplicable",
        "AZP-cddd188c": "fail, pass",
        "AZP-d6759c02": "fail, pass",
        "AZP-db630ad5": "fail, pass",
        "AZP-f3a9c2e0": "fail, pass, unknown",
        "AZP-fe3fd216": "fail, pass",
      }
    `);
  });
});
