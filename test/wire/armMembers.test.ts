/** What the adapter reads of what belongs to an account, from an engine that refuses what Azure would. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Caller } from "../../infra/local/identity/caller.ts";
import { modelOf } from "../../shared/estate/model.ts";
import { valueAt } from "../../shared/desired/compare.ts";
import { writeOf } from "../../shared/desired/request.ts";
import type { Json } from "../../shared/kernel/canonicalJson.ts";
import { toResourceId } from "../../shared/estate/resourceId.ts";
import { isArmKind, memberKinds, type ArmKind, type Resource } from "../../shared/estate/sight.ts";
import { readSight } from "../../shared/reconcile/sight.ts";
import { adapterOf, addressOf } from "../support/adapterRig.ts";
import {
  A,
  accountId,
  armRig,
  assignmentId,
  G,
  guid,
  member,
  owner,
  product,
  roles,
  S,
  stranger,
  type ArmRig,
} from "../support/armRig.ts";
import { judged } from "../support/judgedRig.ts";
import { MemoryDirectory } from "../support/memoryDirectory.ts";

const judge = judged();
const address = addressOf(A);

async function listed(rig: ArmRig, kind: ArmKind): Promise<readonly Resource[]> {
  const result = await adapterOf(rig, product).arm.listMembers(address, kind);
  if (result.kind === "failed") throw new Error(`${kind}: ${result.error.code}`);
  return result.resources;
}

describe("the models of the catalogue", () => {
  it("are listed with their ends and what replaces them, and joined to what runs them", async () => {
    const rig = judge(armRig());
    const models = await listed(rig, "models");
    const [chat] = await listed(rig, "deployments");
    const model = modelOf(chat!.body, models);
    expect(model?.body).toMatchObject({
      format: "OpenAI",
      name: "gpt-4o",
      version: "2024-11-20",
      lifecycleStatus: expect.any(String),
      deprecation: { inference: expect.stringMatching(/^\d{4}-\d{2}-\d{2}/) },
    });
    expect(models.length).toBeGreaterThan(5);
  });

  it("are seen by a look as far as they are run or replace what is", async () => {
    const rig = judge(armRig());
    const context = { arm: adapterOf(rig, product).arm, directory: new MemoryDirectory() };
    const sources = new Set(["deployments", "models"] as const);
    const result = await readSight(context, address, sources, new Map());
    if (result.kind !== "found") throw new Error(result.kind);
    const { models } = result.sight.members;
    if (models === undefined || "unread" in models) throw new Error("no models");
    const run = models.filter(({ body }) => body["name"] === "gpt-4o" && body["version"] === "2024-11-20");
    expect(run).toHaveLength(1);
    expect(models.length).toBeLessThanOrEqual(2);
  });

  it("are not known to who may not read the account", async () => {
    const result = await adapterOf(judge(armRig()), stranger).arm.listMembers(address, "models");
    expect(result).toMatchObject({ kind: "failed", error: { code: "AuthorizationFailed" } });
  });
});

it("lists Azure's own content filter policies with those that people made", async () => {
  const names = (await listed(judge(armRig()), "raiPolicies")).map(({ name }) => name);
  expect(names).toContain("Microsoft.DefaultV2");
});

/** An account with projects, endpoints, alerts, people and Azure Policy around it. */
describe("what stands around an account", () => {
  const foundry = accountId("foundry-ada");
  const foundryAddress = addressOf(foundry);
  const other = `${S}/resourceGroups/rg-Ada-2`;
  const endpoint = (name: string, group = G): string => `${group}/providers/Microsoft.Network/privateEndpoints/${name}`;
  const zone = `${G}/providers/Microsoft.Network/privateDnsZones/privatelink.openai.azure.com`;
  let rig: ArmRig;
  let caller: Caller;

  const put = (path: string, body: object): void => {
    const { status, body: told } = rig.ask("PUT", path, { body });
    if (status >= 300) throw new Error(`${status} ${path}: ${JSON.stringify(told)}`);
  };
  const bodies = async (kind: ArmKind): Promise<readonly Resource[]> => {
    const result = await adapterOf(rig, caller).arm.listMembers(foundryAddress, kind);
    if (result.kind === "failed") throw new Error(`${kind}: ${result.error.code} ${result.error.message}`);
    return result.resources;
  };
  const names = async (kind: ArmKind): Promise<readonly string[]> =>
    (await bodies(kind)).map(({ id }) => id.slice(id.lastIndexOf("/") + 1)).sort();

  beforeEach(() => {
    caller = product;
    rig = judge(armRig({ latency: { createAccountMs: 0 }, pageSize: 2 }));
    const properties = { customSubDomainName: "foundry-ada", allowProjectManagement: true };
    put(foundry, {
      location: "swedencentral",
      kind: "AIServices",
      sku: { name: "S0" },
      identity: { type: "SystemAssigned" },
      properties,
    });
  });

  const connection = (authType: string): object => ({
    properties: { authType, category: "CognitiveSearch", target: "https://s.search.windows.net", isSharedToAll: true },
  });

  it("are connections of the account and of all its projects, over pages", async () => {
    for (const name of ["alpha", "beta", "gamma"]) {
      put(`${foundry}/projects/${name}`, {
        location: "swedencentral",
        identity: { type: "SystemAssigned" },
        properties: { displayName: name },
      });
      put(`${foundry}/projects/${name}/connections/c-${name}`, connection("AAD"));
    }
    for (const name of ["one", "two", "three"]) put(`${foundry}/connections/${name}`, connection("AAD"));
    expect(await names("projects")).toEqual(["alpha", "beta", "gamma"]);
    expect(await names("connections")).toEqual(["c-alpha", "c-beta", "c-gamma", "one", "three", "two"]);
    const types = new Set((await bodies("connections")).map(({ body }) => body["type"]));
    expect(types).toEqual(
      new Set([
        "Microsoft.CognitiveServices/accounts/connections",
        "Microsoft.CognitiveServices/accounts/projects/connections",
      ]),
    );
    const read = await adapterOf(rig, product).arm.readResource(
      foundryAddress,
      toResourceId(`${foundry}/projects/beta/connections/c-beta`)!,
    );
    expect(read).toMatchObject({ kind: "found", resource: { name: "c-beta" } });
  });

  it("are its private endpoints and their zone groups; one that is not shown leaves the others known", async () => {
    const link = { name: "link", properties: { privateLinkServiceId: foundry, groupIds: ["account"] } };
    const properties = {
      subnet: { id: `${G}/providers/Microsoft.Network/virtualNetworks/v/subnets/s` },
      privateLinkServiceConnections: [link],
    };
    put(endpoint("pe-here"), { location: "swedencentral", properties });
    put(endpoint("pe-there", other), { location: "swedencentral", properties });
    put(`${endpoint("pe-here")}/privateDnsZoneGroups/default`, {
      properties: { privateDnsZoneConfigs: [{ name: "openai", properties: { privateDnsZoneId: zone } }] },
    });
    // Has rights on the account's group alone.
    caller = member;
    const [here, there] = await bodies("privateEndpoints");
    expect(here).toMatchObject({ name: "pe-here", body: { type: "Microsoft.Network/privateEndpoints" } });
    expect(here?.unread).toBeUndefined();
    expect(there).toMatchObject({ name: "pe-there", unread: "AuthorizationFailed" });
    const groups = await bodies("privateDnsZoneGroups");
    expect(groups.map(({ id, unread }) => [id.split("/").slice(-4).join("/"), unread])).toEqual([
      ["privateendpoints/pe-here/privatednszonegroups/default", undefined],
      ["privateendpoints/pe-there/privatednszonegroups/-", "AuthorizationFailed"],
    ]);
  });

  it("are the alerts that watch it, alone or with all accounts of its group", async () => {
    const alert = (name: string, scopes: readonly string[], more: object = {}): void =>
      put(`${other}/providers/Microsoft.Insights/metricAlerts/${name}`, {
        location: "global",
        properties: {
          severity: 2,
          enabled: true,
          scopes,
          evaluationFrequency: "PT5M",
          windowSize: "PT5M",
          criteria: {
            "odata.type": "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria",
            allOf: [
              {
                criterionType: "StaticThresholdCriterion",
                name: "c",
                metricName: "BlockedCalls",
                timeAggregation: "Total",
                operator: "GreaterThan",
                threshold: 0,
              },
            ],
          },
          ...more,
        },
      });
    const ofAccounts = {
      targetResourceType: "Microsoft.CognitiveServices/accounts",
      targetResourceRegion: "swedencentral",
    };
    alert("mine", [foundry.toUpperCase().replace("/SUBSCRIPTIONS/", "/subscriptions/")]);
    alert("others", [A]);
    alert("group", [G], ofAccounts);
    alert("subscription", [S], ofAccounts);
    alert("elsewhere", [other], ofAccounts);
    expect(await names("alertRules")).toEqual(["group", "mine", "subscription"]);
  });

  it("are role assignments at it and below it, not those above", async () => {
    const assign = (scope: string, number: number): void =>
      put(assignmentId(scope, guid(number)), {
        properties: { principalId: guid(number + 20), principalType: "User", roleDefinitionId: roles.openAiUser },
      });
    put(`${foundry}/projects/alpha`, {
      location: "swedencentral",
      identity: { type: "SystemAssigned" },
      properties: {},
    });
    assign(foundry, 70);
    assign(`${foundry}/projects/alpha`, 71);
    assign(G, 72);
    expect(await names("roleAssignments")).toEqual([guid(70), guid(71)]);
  });

  it("are Defender's setting, and exemptions and assignments of Azure Policy at it and above", async () => {
    expect(await names("defender")).toEqual([]);
    put(`${foundry}/defenderForAISettings/Default`, { properties: { state: "Enabled" } });
    expect(await names("defender")).toEqual(["default"]);
    expect(await names("policyAssignments")).toEqual([]);
    const properties = {
      policyAssignmentId: `${S}/providers/Microsoft.Authorization/policyAssignments/gone`,
      exemptionCategory: "Waiver",
      assignmentScopeValidation: "DoNotValidate",
    };
    for (const [scope, name] of [
      [foundry, "here"],
      [S, "above"],
      [other, "elsewhere"],
    ])
      put(`${scope}/providers/Microsoft.Authorization/policyExemptions/${name}`, { properties });
    expect(await names("policyExemptions")).toEqual(["above", "here"]);
  });

  it("is told as not there with the account, and as refused to who may not read it", async () => {
    for (const kind of memberKinds) {
      if (!isArmKind(kind) || kind === "resourceGroup" || kind === "alertRules") continue;
      const refused = await adapterOf(rig, stranger).arm.listMembers(foundryAddress, kind);
      expect([kind, refused]).toMatchObject([kind, { kind: "failed", error: { code: "AuthorizationFailed" } }]);
      const gone = await adapterOf(rig, product).arm.listMembers(addressOf(accountId("gone")), kind);
      expect([kind, gone]).toMatchObject([kind, { kind: "failed", error: { status: 404 } }]);
    }
  });
});

/** Each write as a remedy makes it, taken by an engine that refuses what Azure would. */
describe("what remedies write around an account", () => {
  const foundry = accountId("foundry-ada");
  const key = toResourceId(foundry)!;
  const network = `${G}/providers/Microsoft.Network`;
  let rig: ArmRig;

  const put = (path: string, body: object): void => {
    const { status, body: told } = rig.ask("PUT", path, { body });
    if (status >= 300) throw new Error(`${status} ${path}: ${JSON.stringify(told)}`);
  };

  /** Writes the fields as a change would, reads back, and answers what is there then. */
  async function written(id: string, values: Readonly<Record<string, Json>>): Promise<Resource["body"] | undefined> {
    const { arm } = adapterOf(rig, owner);
    const target = toResourceId(id)!;
    const before = await arm.readResource(addressOf(foundry), target);
    if (before.kind === "failed") throw new Error(before.error.code);
    const body = before.kind === "found" ? before.resource.body : undefined;
    const fields = Object.entries(values).map(([path, after]) => ({ path, before: null, after }));
    const answer = await arm.write(addressOf(foundry), writeOf(key, { target, fields }, body), 10_000);
    if (answer.kind === "refused") throw new Error(`${answer.error.code}: ${answer.error.message}`);
    const after = await arm.readResource(addressOf(foundry), target);
    if (after.kind === "failed") throw new Error(after.error.code);
    return after.kind === "found" ? after.resource.body : undefined;
  }

  beforeEach(() => {
    rig = judge(armRig({ latency: { createAccountMs: 0 } }));
    const properties = { customSubDomainName: "foundry-ada", allowProjectManagement: true };
    const identity = { type: "SystemAssigned" };
    put(foundry, { location: "swedencentral", kind: "AIServices", sku: { name: "S0" }, identity, properties });
  });

  it("a connection has one property changed and keeps the others", async () => {
    const connection = `${foundry}/connections/search`;
    const properties = {
      authType: "ApiKey",
      category: "CognitiveSearch",
      target: "https://s.search.windows.net",
      isSharedToAll: true,
      credentials: { key: "secret" },
    };
    put(connection, { properties });
    const after = await written(connection, { "properties.isSharedToAll": false });
    const { credentials: _, ...shown } = properties;
    expect(after?.["properties"]).toMatchObject({ ...shown, isSharedToAll: false });
  });

  it("Defender is turned on where it was never set", async () => {
    const after = await written(`${foundry}/defenderForAISettings/Default`, { "properties.state": "Enabled" });
    expect(after?.["properties"]).toEqual({ state: "Enabled" });
  });

  it("an alert is made, put right, and taken away; what is read is what was asked for", async () => {
    const alert = `${G}/providers/Microsoft.Insights/metricAlerts/steelyard-foundry-ada-throttling`;
    const criterion = { criterionType: "StaticThresholdCriterion", name: "blocked", metricName: "BlockedCalls" };
    const values = {
      "properties.enabled": true,
      "properties.severity": 2,
      "properties.scopes": [key],
      "properties.evaluationFrequency": "PT5M",
      "properties.windowSize": "PT5M",
      "properties.criteria": {
        "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        allOf: [{ ...criterion, timeAggregation: "Total", operator: "GreaterThan", threshold: 0 }],
      },
    };
    const made = await written(alert, values);
    for (const [path, value] of Object.entries(values)) expect(valueAt(made!, path)).toEqual(value);
    const quieter = await written(alert, { "properties.severity": 3 });
    expect(valueAt(quieter!, "properties.severity")).toBe(3);
    expect(valueAt(quieter!, "properties.criteria")).toEqual(values["properties.criteria"]);
    const none = Object.fromEntries(Object.keys(values).map((path) => [path, null]));
    expect(await written(alert, none)).toBeUndefined();
  });

  it("a zone group is made, given another zone, and taken away", async () => {
    const link = { name: "link", properties: { privateLinkServiceId: foundry, groupIds: ["account"] } };
    const subnet = { id: `${network}/virtualNetworks/v/subnets/s` };
    put(`${network}/privateEndpoints/pe`, {
      location: "swedencentral",
      properties: { subnet, privateLinkServiceConnections: [link] },
    });
    const group = `${network}/privateEndpoints/pe/privateDnsZoneGroups/default`;
    const zone = (name: string): Json => ({
      name,
      properties: { privateDnsZoneId: `${network}/privateDnsZones/privatelink.${name}.azure.com`.toLowerCase() },
    });
    const path = "properties.privateDnsZoneConfigs";
    expect(valueAt((await written(group, { [path]: [zone("openai")] }))!, path)).toEqual([zone("openai")]);
    const both = [zone("openai"), zone("cognitiveservices")];
    expect(valueAt((await written(group, { [path]: both }))!, path)).toEqual(both);
    expect(await written(group, { [path]: null })).toBeUndefined();
  });
});
