/* oxlint-disable unicorn/no-thenable -- policy rules have a member of that name */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../shared/audit/verdict.ts";
import { invocationOf, readLine } from "../../../shared/cli/command.ts";
import { judgeCommand } from "../../../shared/cli/commands/judge.ts";
import { printed } from "../../support/printed.ts";

const { folder, text, file } = printed();

async function judged(resources: unknown, policy: unknown, ...args: string[]): Promise<Verdict[]> {
  text.out = "";
  const line = ["--resources", file("r.json", resources), "--policy", file("p.json", policy), "--json", ...args];
  const read = readLine(["judge", ...line], [judgeCommand]);
  await judgeCommand.run(invocationOf(judgeCommand, read, () => Promise.reject(new Error("not here"))));
  return JSON.parse(text.out) as Verdict[];
}

const group = "/subscriptions/5b000000-0000-4000-8000-000000000001/resourceGroups/rg";
const site = (name: string, properties: object, more: object = {}) => ({
  id: `${group}/providers/Contoso.Web/sites/${name}`,
  name,
  type: "Contoso.Web/sites",
  location: "westeurope",
  properties,
  ...more,
});
const alias = "Contoso.Web/sites/httpsOnly";
const isSite = { field: "type", equals: "Contoso.Web/sites" };
const definition = (then: object, parameters: object = {}, condition: object = { field: alias, notEquals: true }) => ({
  name: "https-only",
  properties: {
    displayName: "Sites take HTTPS only",
    mode: "All",
    parameters,
    policyRule: { if: { allOf: [isSite, condition] }, then },
  },
});
const effect = { effect: { type: "string", defaultValue: "Deny", allowedValues: ["Deny", "Audit", "Disabled"] } };

describe("judge --policy", () => {
  it("says of every resource of any type what the policy says, with its effect", async () => {
    const resources = [site("a", { httpsOnly: true }), site("b", {}), { ...site("c", {}), type: "Contoso.Web/plans" }];
    const policy = definition({ effect: "[parameters('effect')]" }, effect);
    const all = await judged(resources, policy);
    expect(all.map((one) => [one.standard, one.verdict, one.effect])).toEqual([
      ["https-only", "pass", "Deny"],
      ["https-only", "fail", "Deny"],
      ["https-only", "notApplicable", "Deny"],
    ]);
    expect(all[1]).toEqual({
      resource: resources[1]?.id,
      standard: "https-only",
      verdict: "fail",
      effect: "Deny",
      reason: "The condition of the policy holds: httpsOnly is absent.",
      paths: ["properties.httpsOnly"],
      remedy: null,
    });
    const off = await judged(resources, policy, "--parameters", file("off.json", { effect: { value: "Disabled" } }));
    expect(off.map(({ verdict, effect: name }) => [verdict, name])).toEqual(
      [0, 1, 2].map(() => ["notApplicable", null]),
    );
  });

  it("says what modify would change, and plans to ask first", async () => {
    const operations = [{ operation: "addOrReplace", field: alias, value: true }];
    const then = { effect: "modify", details: { roleDefinitionIds: [], operations } };
    const [one] = await judged(site("a", { httpsOnly: false }), definition(then), "--plan");
    expect(one).toMatchObject({
      verdict: "fail",
      effect: "modify",
      remedy: { changes: [{ path: "properties.httpsOnly", before: false, after: true }] },
      plan: { will: "ask" },
    });
  });

  it("looks for related resources in the file, and does not know of those of which it holds none", async () => {
    const type = "Microsoft.Insights/diagnosticSettings";
    const existenceCondition = { field: `${type}/workspaceId`, exists: true };
    const policy = definition({ effect: "AuditIfNotExists", details: { type, existenceCondition } });
    const setting = (name: string, properties: object) => ({
      id: `${group}/providers/Contoso.Web/sites/a/providers/${type}/${name}`,
      name,
      type,
      properties,
    });
    const verdict = async (...more: unknown[]) => (await judged([site("a", {}), ...more], policy))[0];
    expect(await verdict()).toMatchObject({
      verdict: "unknown",
      reason: `Whether there are related ${type} is not in the file.`,
    });
    expect(await verdict(setting("s", {}))).toMatchObject({ verdict: "fail", effect: "AuditIfNotExists" });
    expect(await verdict(setting("s", {}), setting("t", { workspaceId: "/x" }))).toMatchObject({ verdict: "pass" });
    const url = `https://management.azure.com${group}/providers/Contoso.Web/sites/a/providers/${type}?api-version=1`;
    expect(await verdict({ method: "GET", url, status: 200, responseBody: { value: [] } })).toMatchObject({
      verdict: "fail",
    });
    expect((await judged(site("a", { httpsOnly: true }), policy))[0]).toMatchObject({ verdict: "notApplicable" });
    expect((await judged(site("a", {}), policy, "--complete"))[0]).toMatchObject({ verdict: "fail" });
  });

  it("is unknown where the file leaves out what the rule reads, or a template keeps it open", async () => {
    const policy = definition({ effect: "audit" });
    expect((await judged({ ...site("a", {}), properties: null }, policy))[0]).toMatchObject({
      verdict: "unknown",
      reason: "properties is not in the file.",
    });
    const template = {
      resources: [{ type: "Contoso.Web/sites", name: "a", properties: { httpsOnly: "[reference('x').y]" } }],
    };
    expect((await judged(template, policy))[0]).toMatchObject({ verdict: "unknown" });
    const own = definition({ effect: "audit" }, {}, { value: "[resourceGroup().tags.env]", equals: "prod" });
    expect((await judged(site("a", {}), own))[0]).toMatchObject({ reason: "Its resource group is not in the file." });
    const rg = { id: group, name: "rg", type: "Microsoft.Resources/resourceGroups", tags: { env: "prod" } };
    expect((await judged([site("a", {}), rg], own))[0]).toMatchObject({ verdict: "fail" });
  });

  it("names a parameter without a value, and binds those of an initiative", async () => {
    const parameters = { allowed: { type: "array" } };
    const policy = definition({ effect: "audit" }, parameters, { field: "location", notIn: "[parameters('allowed')]" });
    const [open] = await judged(site("a", {}), policy);
    expect(open).toMatchObject({ verdict: "unknown" });
    expect(open?.reason).toMatch(
      /parameters\('allowed'\): found nothing.*Give parameters their values with --parameters/,
    );
    const given = file("given.json", { allowed: ["westeurope"] });
    expect((await judged(site("a", {}), policy, "--parameters", given))[0]).toMatchObject({ verdict: "pass" });
    const initiative = {
      name: "set",
      properties: {
        parameters: { places: { type: "array", defaultValue: ["northeurope"] } },
        policyDefinitions: [
          { policyDefinitionId: "/x/https-only", parameters: { allowed: { value: "[parameters('places')]" } } },
        ],
      },
    };
    expect((await judged(site("a", {}), [policy, initiative]))[0]).toMatchObject({ verdict: "fail" });
  });

  it("judges deployments as their provider shows them to policies of its mode", async () => {
    const type = "Microsoft.CognitiveServices/accounts";
    const id = `${group}/providers/${type}/oai`;
    const account = { id, name: "oai", type, kind: "OpenAI", properties: {} };
    const chat = {
      id: `${id}/deployments/chat`,
      name: "chat",
      type: `${type}/deployments`,
      properties: { raiPolicyName: "own", model: { format: "OpenAI", name: "gpt-5", version: "1" } },
    };
    const filter = {
      id: `${id}/raiPolicies/own`,
      name: "own",
      type: `${type}/raiPolicies`,
      properties: { mode: "Async" },
    };
    const data = "Microsoft.CognitiveServices.Data/accounts/deployments";
    const policy = {
      name: "mode",
      properties: {
        mode: "Microsoft.CognitiveServices.Data",
        policyRule: {
          if: {
            allOf: [
              { field: "type", equals: data },
              { field: `${data}/raiPolicy.mode`, notEquals: "Default" },
            ],
          },
          then: { effect: "Audit" },
        },
      },
    };
    expect(await judged([account, chat], policy)).toMatchObject([{ standard: "mode", verdict: "unknown" }]);
    expect(await judged([account, chat, filter], policy)).toMatchObject([
      { resource: chat.id, standard: "mode", verdict: "fail", effect: "Audit" },
    ]);
  });

  it("says where a policy is wrong, of all that are, and what is not judged", async () => {
    const wrong = [definition({ effect: "audit" }), { ...definition({ effect: "forbid" }), name: "w" }, { name: "x" }];
    await expect(judged(site("a", {}), wrong)).rejects.toThrow(
      /p\.json#\/1: policy rule at \/properties\/policyRule\/then\/effect: found forbid; expected one of[^]*p\.json#\/2: found an object with name/,
    );
    const deep = {
      policyRule: { if: JSON.parse(`${'{"not":'.repeat(70)}{}${"}".repeat(70)}`) as object, then: { effect: "audit" } },
    };
    await expect(judged(site("a", {}), deep)).rejects.toThrow(/found more than 60 levels; expected a shallower rule/);
    const elsewhere = { ...definition({ effect: "audit" }).properties, mode: "Microsoft.Kubernetes.Data" };
    expect(await judged(site("a", {}), elsewhere)).toEqual([]);
    expect(text.err).toContain(
      'left out: Its mode is "Microsoft.Kubernetes.Data": that is evaluated within the service itself.',
    );
    const both = ["a", "b"].map((name) => ({ name, properties: elsewhere }));
    expect(await judged(site("a", {}), both)).toEqual([]);
    expect(text.err).toMatch(/\n2 policies left out: Its mode is .* itself\. \(a, b\)\n/);
  });

  it("takes a rule alone, and a folder", async () => {
    const { policyRule } = definition({ effect: "audit" }).properties;
    expect(await judged(site("a", {}), policyRule)).toMatchObject([{ standard: "rule", verdict: "fail" }]);
    mkdirSync(join(folder, "many/deeper"), { recursive: true });
    file("many/one.json", { ...definition({ effect: "audit" }), name: "one" });
    file("many/deeper/two.json", { ...definition({ effect: "audit" }), name: "two" });
    const line = ["--resources", file("r.json", site("a", {})), "--policy", join(folder, "many"), "--json"];
    const read = readLine(["judge", ...line], [judgeCommand]);
    text.out = "";
    expect(await judgeCommand.run(invocationOf(judgeCommand, read, () => Promise.reject(new Error("no"))))).toBe(1);
    expect((JSON.parse(text.out) as Verdict[]).map(({ standard }) => standard)).toEqual(["two", "one"]);
  });

  it("show no mail address of what a policy would change", async () => {
    const operations = [{ operation: "addOrReplace", field: "tags['owner']", value: "platform" }];
    const then = { effect: "modify", details: { roleDefinitionIds: ["r"], operations } };
    const policy = definition(then, {}, { field: "tags['owner']", notEquals: "platform" });
    const owned = site("s", {}, { tags: { owner: "jo@contoso.com" } });
    const [verdict] = await judged(owned, policy, "--plan");
    expect(verdict?.remedy?.changes).toEqual([{ path: "tags.owner", before: "(address)", after: "platform" }]);
    expect(text.out).not.toContain("@");
  });
});
