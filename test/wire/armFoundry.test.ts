/** What lies below accounts beside deployments: content filters, projects, connections, Defender; and soft delete. */
import { beforeEach, describe, expect, test } from "vitest";
import {
  A,
  accountId,
  armRig,
  assignmentId,
  contributor,
  estate,
  G,
  guid,
  product,
  reader,
  roles,
  S,
  type ArmRig,
} from "../support/armRig.ts";

const F = accountId("foundry");
const gpt4o = { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" };
const D = `${A}/deployments/chat`;
const deleted = `${S}/providers/Microsoft.CognitiveServices/locations/swedencentral/resourceGroups/rg-Ada/deletedAccounts/oai-ada`;

let rig: ArmRig;
beforeEach(() => {
  rig = armRig({ latency: { createAccountMs: 0 } });
});
const code = (told: { body: { error: { code: string } } }): string => told.body.error.code;
const foundry = (properties: object = { allowProjectManagement: true, customSubDomainName: "foundry" }): void => {
  const body = { location: "swedencentral", kind: "AIServices", sku: { name: "S0" }, properties };
  expect(rig.ask("PUT", F, { body }).status).toBe(201);
};

describe("RAI policies", () => {
  const P = `${A}/raiPolicies/strict`;
  const hate = { name: "hate", enabled: true, blocking: true, severityThreshold: "Low", source: "Prompt" };
  const policy = { properties: { basePolicyName: "Microsoft.Default", mode: "Blocking", contentFilters: [hate] } };

  test("are put, listed beside the system's, named by deployments, and stay while they are", () => {
    expect(rig.ask("PUT", P, { body: policy })).toMatchObject({
      status: 201,
      body: { name: "strict", properties: { ...policy.properties, type: "UserManaged" } },
    });
    expect(rig.ask("PUT", P, { body: policy }).status).toBe(200);
    const names = rig.ask("GET", `${A}/raiPolicies`).body.value.map((one: { name: string }) => one.name);
    expect(names.toSorted()).toEqual(["Microsoft.Default", "Microsoft.DefaultV2", "strict"]);
    const chat = {
      sku: { name: "GlobalStandard", capacity: 50 },
      properties: { model: gpt4o, raiPolicyName: "Strict" },
    };
    expect(rig.ask("PUT", D, { body: chat }).body.properties.raiPolicyName).toBe("Strict");
    expect(code(rig.ask("DELETE", P))).toBe("RaiPolicyInUse");
    rig.ask("PUT", D, { body: { ...chat, properties: { model: gpt4o } } });
    const gone = rig.ask("DELETE", P);
    expect([gone.status, typeof gone.headers["location"]]).toEqual([202, "string"]);
    expect(rig.ask("DELETE", P).status).toBe(204);
    expect(rig.ask("GET", P).status).toBe(404);
  });

  test.each([
    [`${A}/raiPolicies/Microsoft.Default`, policy, "InvalidResourceName"],
    [P, { properties: { ...policy.properties, basePolicyName: "none" } }, "InvalidResourceProperties"],
    [P, { properties: { contentFilters: [{ ...hate, severityThreshold: "Extreme" }] } }, "InvalidRequestContent"],
    [P, { properties: { customTopics: [] } }, "InvalidRequestContent"],
    [D, { properties: { model: gpt4o, raiPolicyName: "none" } }, "InvalidResourceProperties"],
  ])("refuse %s %j", (path, body, expected) => {
    expect(code(rig.ask("PUT", path, { body }))).toBe(expected);
  });
});

describe("projects", () => {
  const P = `${F}/projects/alpha`;
  const body = {
    location: "swedencentral",
    identity: { type: "SystemAssigned" },
    properties: { displayName: "Alpha" },
  };

  test("are the account's: the first is the default, and while there are any it can't be deleted", () => {
    foundry();
    const first = rig.ask("PUT", P, { body });
    expect([first.status, first.body.name, first.body.properties]).toEqual([
      201,
      "foundry/alpha",
      {
        displayName: "Alpha",
        isDefault: true,
        endpoints: { "AI Foundry API": "https://foundry.services.ai.azure.com/api/projects/alpha" },
        provisioningState: "Succeeded",
      },
    ]);
    expect(rig.ask("PUT", `${F}/projects/beta`, { body }).body.properties.isDefault).toBe(false);
    expect(rig.ask("GET", F).body.properties).toMatchObject({
      defaultProject: "alpha",
      associatedProjects: ["alpha", "beta"],
    });
    const patched = rig.ask("PATCH", P, { body: { tags: { a: "b" }, properties: { description: "first" } } });
    expect(patched.body).toMatchObject({
      tags: { a: "b" },
      properties: { displayName: "Alpha", description: "first" },
    });
    const refused = rig.ask("DELETE", F);
    expect([refused.status, code(refused)]).toEqual([409, "CannotDeleteResource"]);
    expect(refused.body.error.message).toContain(`Some existing nested resource IDs include: '${P},`);
    expect(rig.ask("DELETE", P).status).toBe(200);
    expect(rig.ask("GET", F).body.properties).toMatchObject({ defaultProject: "beta", associatedProjects: ["beta"] });
    expect([rig.ask("DELETE", `${F}/projects/beta`).status, rig.ask("DELETE", F).status]).toEqual([200, 200]);
  });

  test("take their time when they are told to, and can fail", () => {
    foundry();
    rig.arm.setLatency({ projectMs: 3000 });
    const created = rig.ask("PUT", P, { body });
    expect([created.status, created.body.properties.provisioningState]).toEqual([201, "Creating"]);
    expect(code(rig.ask("PATCH", F, { body: { tags: {} } }))).toBe("RequestConflict");
    rig.context.clock.setNow(rig.context.clock.now() + 3000);
    expect(rig.ask("GET", P).body.properties.provisioningState).toBe("Succeeded");
    rig.arm.failNextOperation({ code: "Conflict", message: "no" });
    expect(rig.ask("DELETE", P).status).toBe(202);
    rig.context.clock.setNow(rig.context.clock.now() + 3000);
    expect(rig.ask("GET", P).body.properties.provisioningState).toBe("Failed");
  });

  test("are refused where they aren't allowed", () => {
    foundry({ allowProjectManagement: false });
    expect(rig.ask("PUT", P, { body }).body.error.message).toMatch(/allowProjectManagement set to true/);
    expect(code(rig.ask("PUT", `${A}/projects/alpha`, { body }))).toBe("BadRequest");
  });
});

describe("connections", () => {
  const C = `${F}/connections/search`;
  const keyed = {
    properties: {
      authType: "ApiKey",
      category: "CognitiveSearch",
      target: "https://srch.search.windows.net",
      credentials: { key: "secret" },
      isSharedToAll: true,
      metadata: { ApiVersion: "1" },
    },
  };

  test("are of accounts and of projects, by kind of authentication, and never show their secrets", () => {
    foundry();
    rig.ask("PUT", `${F}/projects/alpha`, { body: { properties: {} } });
    const made = rig.ask("PUT", C, { body: keyed });
    expect([made.status, JSON.stringify(made.body).includes("secret")]).toEqual([200, false]);
    expect(made.body.properties).toMatchObject({ authType: "ApiKey", group: "AzureAI", isSharedToAll: true });
    const entra = { properties: { authType: "AAD", category: "AzureBlob", target: "https://a.blob.core.windows.net" } };
    const inProject = `${F}/projects/alpha/connections/store`;
    expect(rig.ask("PUT", inProject, { body: entra }).body.type).toMatch(/accounts\/projects\/connections$/);
    const names = (path: string, query?: string): string[] =>
      rig.ask("GET", path, query === undefined ? {} : { query }).body.value.map((one: { name: string }) => one.name);
    expect([names(`${F}/connections`), names(`${F}/projects/alpha/connections`)]).toEqual([["search"], ["store"]]);
    expect(names(`${F}/connections`, "category=AzureBlob&includeAll=true")).toEqual([]);
    expect(names(`${F}/connections`, "target=https%3A%2F%2Fsrch.search.windows.net")).toEqual(["search"]);
    const shut = rig.ask("PATCH", C, { body: { properties: { authType: "ApiKey", isSharedToAll: false } } });
    expect(shut.body.properties).toMatchObject({ isSharedToAll: false, category: "CognitiveSearch" });
    expect([rig.ask("DELETE", C).status, rig.ask("DELETE", C).status]).toEqual([200, 204]);
    rig.ask("DELETE", `${F}/projects/alpha`);
    expect(rig.ask("GET", inProject).status).toBe(404);
  });

  test.each([
    [{ properties: { category: "ApiKey" } }, /'properties\.authType'/],
    [{ properties: { authType: "Magic" } }, /"Magic" to one of AAD, None/],
    [{ properties: { authType: "AAD", credentials: { key: "x" } } }, /'credentials' on object of type 'AADAuth/],
    [{ properties: { authType: "ApiKey", credentials: { pat: "x" } } }, /'pat' on object of type 'ConnectionApiKey'/],
    [{ properties: { authType: "None", category: "Nowhere" } }, /"Nowhere" to one of AIServices/],
  ])("refuse %j", (body, message) => {
    foundry();
    expect(rig.ask("PUT", C, { body }).body.error).toMatchObject({
      code: "InvalidRequestContent",
      message: expect.stringMatching(message),
    });
  });
});

test("Defender for AI is one setting, on or off", () => {
  const path = `${A}/defenderForAISettings/Default`;
  const state = (word: string): object => ({ body: { properties: { state: word } } });
  expect([rig.ask("GET", path).status, code(rig.ask("PATCH", path, state("Enabled")))]).toEqual([
    404,
    "ResourceNotFound",
  ]);
  expect(rig.ask("PUT", path, state("Enabled")).status).toBe(201);
  expect(rig.ask("PATCH", path, state("Disabled")).status).toBe(200);
  expect(rig.ask("GET", `${A}/defenderForAISettings`).body.value).toMatchObject([
    { properties: { state: "Disabled" } },
  ]);
  expect(code(rig.ask("PUT", `${A}/defenderForAISettings/other`, state("Enabled")))).toBe("InvalidResourceName");
});

describe("pausing a deployment", () => {
  const version = "2026-03-01";
  const shown = (): { deploymentState?: string } => rig.ask("GET", D, { version }).body.properties;

  test("holds its capacity, is done twice for nothing, outlives writes, and is for new versions only", () => {
    expect(shown().deploymentState).toBe("Running");
    const paused = rig.ask("POST", `${D}/pause`, { version });
    expect([paused.status, paused.body.properties.deploymentState]).toEqual([200, "Paused"]);
    expect(rig.changes.at(-1)).toMatchObject({
      action: "Action",
      operationName: "Microsoft.CognitiveServices/accounts/deployments/pause/action",
      resourceId: D,
    });
    expect(rig.ask("POST", `${D}/pause`, { version }).body).toEqual(paused.body);
    rig.ask("PATCH", D, { body: { sku: { name: "GlobalStandard", capacity: 60 } } });
    rig.ask("PUT", D, { body: { sku: { name: "GlobalStandard", capacity: 70 }, properties: { model: gpt4o } } });
    expect(shown()).toMatchObject({ deploymentState: "Paused", currentCapacity: 70 });
    expect(rig.ask("GET", D).body.properties).not.toHaveProperty("deploymentState");
    const usages = rig.ask("GET", `${A}/usages`, { query: "$filter=name.value eq 'OpenAI.GlobalStandard.gpt-4o'" });
    expect(usages.body.value).toMatchObject([{ currentValue: 70, limit: 100 }]);
    expect(rig.ask("POST", `${D}/resume`, { version }).body.properties.deploymentState).toBe("Running");
    const old = rig.ask("POST", `${D}/pause`, { version: "2025-09-01" });
    expect([old.status, code(old)]).toEqual([400, "NoRegisteredProviderFound"]);
  });

  test("needs the right to, and a SKU that is paid by token", () => {
    expect(code(rig.ask("POST", `${D}/pause`, { version, as: reader }))).toBe("AuthorizationFailed");
    expect(rig.ask("POST", `${D}/pause`, { version, as: product }).status).toBe(200);
    rig = armRig({ seed: false });
    rig.arm.seed({
      subscriptions: [{ id: S.split("/")[2] ?? "", name: "s" }],
      resourceGroups: [{ id: G, location: "swedencentral" }],
      resources: [
        {
          id: A,
          type: "Microsoft.CognitiveServices/accounts",
          location: "swedencentral",
          kind: "OpenAI",
          sku: { name: "S0" },
        },
        {
          id: D,
          type: "Microsoft.CognitiveServices/accounts/deployments",
          sku: { name: "ProvisionedManaged", capacity: 50 },
          properties: { model: gpt4o },
        },
      ],
      roleAssignments: [{ scope: S, principalId: guid(1), principalType: "User", role: roles.owner }],
    });
    expect(code(rig.ask("POST", `${D}/pause`, { version }))).toBe("InvalidResourceProperties");
  });

  test("service tiers are written in new versions only", () => {
    const body = {
      sku: { name: "GlobalStandard", capacity: 50 },
      properties: { model: gpt4o, serviceTier: "Priority" },
    };
    expect(code(rig.ask("PUT", D, { body }))).toBe("InvalidRequestContent");
    expect(rig.ask("PUT", D, { body, version }).body.properties.serviceTier).toBe("Priority");
    expect(rig.ask("GET", D).body.properties).not.toHaveProperty("serviceTier");
  });
});

test("a seed lays what is below accounts, in any order, and roles can be assigned at a project", () => {
  const type = "Microsoft.CognitiveServices/accounts";
  const project = `${F}/projects/alpha`;
  const model = { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" };
  rig = armRig({ seed: false });
  rig.arm.seed({
    ...estate,
    resources: [
      { id: `${project}/connections/own`, type: `${type}/projects/connections`, properties: { authType: "AAD" } },
      { id: project, type: `${type}/projects`, properties: { displayName: "Alpha" } },
      { id: `${F}/deployments/d`, type: `${type}/deployments`, properties: { model, raiPolicyName: "strict" } },
      { id: `${F}/raiPolicies/strict`, type: `${type}/raiPolicies`, properties: { mode: "Blocking" } },
      {
        id: `${F}/defenderForAISettings/Default`,
        type: `${type}/defenderForAISettings`,
        properties: { state: "Enabled" },
      },
      {
        id: F,
        type,
        location: "swedencentral",
        kind: "AIServices",
        sku: { name: "S0" },
        properties: { allowProjectManagement: true },
      },
    ],
  });
  const below = Object.keys(rig.arm.state()).filter((id) => id.startsWith(`${F.toLowerCase()}/`));
  expect(below).toHaveLength(5);
  const properties = {
    roleDefinitionId: `${S}/providers/Microsoft.Authorization/roleDefinitions/${roles.reader}`,
    principalId: guid(91),
  };
  expect(rig.ask("PUT", assignmentId(project, guid(92)), { body: { properties } }).status).toBe(201);
  rig.ask("DELETE", project);
  expect(rig.ask("GET", assignmentId(project, guid(92))).status).toBe(404);
});

describe("a deleted account", () => {
  const body = { location: "swedencentral", kind: "OpenAI", sku: { name: "S0" }, properties: {} };
  const restore = { ...body, properties: { restore: true } };

  test("comes back with what was below it, but for role assignments and locks", () => {
    rig.ask("PUT", `${A}/raiPolicies/strict`, { body: { properties: {} } });
    rig.ask("PATCH", A, { body: { properties: { disableLocalAuth: false } } });
    const before = rig.ask("GET", A).body;
    const keys = rig.ask("POST", `${A}/listKeys`).body;
    rig.ask("DELETE", A);
    const { body: found } = rig.ask("GET", deleted);
    expect([found.id, found.name, found.properties.scheduledPurgeDate]).toEqual([
      deleted,
      "oai-ada",
      new Date(rig.context.clock.now() + 48 * 3_600_000).toISOString(),
    ]);
    const list = `${S}/providers/Microsoft.CognitiveServices/deletedAccounts`;
    expect(rig.ask("GET", list).body.value).toEqual([found]);
    expect(rig.ask("PUT", A, { body })).toMatchObject({
      status: 409,
      body: { error: { code: "FlagMustBeSetForRestore" } },
    });
    const other = { ...body, properties: { customSubDomainName: "oai-ada" } };
    expect(code(rig.ask("PUT", accountId("other"), { body: other }))).toBe("CustomDomainInUse");
    expect(rig.ask("PUT", A, { body: restore }).status).toBe(201);
    const { body: after } = rig.ask("GET", A);
    expect(after.properties).toEqual(before.properties);
    expect(after.tags).toEqual(before.tags);
    expect(rig.ask("GET", D).body.sku.capacity).toBe(50);
    expect(rig.ask("GET", `${A}/raiPolicies/strict`).status).toBe(200);
    expect(rig.ask("POST", `${A}/listKeys`).body).toEqual(keys);
    expect(rig.ask("GET", list).body.value).toEqual([]);
  });

  test("is purged by whoever may at the subscription, and by time", () => {
    rig.ask("DELETE", A);
    expect(code(rig.ask("DELETE", deleted, { as: reader }))).toBe("AuthorizationFailed");
    expect(rig.ask("DELETE", deleted.replace("swedencentral", "westeurope")).status).toBe(204);
    expect(rig.ask("DELETE", deleted, { as: contributor }).status).toBe(200);
    expect(code(rig.ask("PUT", A, { body: restore }))).toBe("CannotRestore");
    expect(rig.ask("PUT", A, { body }).status).toBe(201);
    expect(rig.ask("GET", `${A}/deployments`).body.value).toEqual([]);
    rig.ask("DELETE", A);
    rig.context.clock.setNow(rig.context.clock.now() + 48 * 3_600_000);
    expect(rig.ask("GET", deleted).status).toBe(404);
    expect(rig.ask("PUT", A, { body }).status).toBe(201);
  });
});
