import { describe, expect, it } from "vitest";
import { canBeAbsent, writeOf } from "../../../shared/desired/request.ts";
import { keyOf } from "../../support/passBench.ts";

const key = keyOf(
  "/subscriptions/5b000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/a",
);
const deployment = keyOf(`${key}/deployments/chat`);
const policy = keyOf(`${key}/raipolicies/baseline`);
const setting = keyOf(`${key}/providers/microsoft.insights/diagnosticsettings/steelyard`);
const lock = keyOf(`${key}/providers/microsoft.authorization/locks/steelyard`);

const field = (path: string, before: unknown, after: unknown) => ({
  path,
  before: before as never,
  after: after as never,
});

const chat = {
  id: deployment,
  name: "chat",
  type: "Microsoft.CognitiveServices/accounts/deployments",
  etag: '"1"',
  systemData: { createdAt: "2026-01-01T00:00:00Z" },
  sku: { name: "GlobalStandard", capacity: 50 },
  tags: { team: "search" },
  properties: {
    model: { format: "OpenAI", name: "gpt-4o", version: "2024-11-20", callRateLimit: { count: 1 } },
    versionUpgradeOption: "NoAutoUpgrade",
    raiPolicyName: "baseline",
    provisioningState: "Succeeded",
    rateLimits: [],
    capabilities: {},
    currentCapacity: 50,
    deploymentState: "Running",
    spilloverDeploymentName: "other",
  },
};

describe("an account", () => {
  it("is patched with the changed members and nothing else", () => {
    const fields = [field("properties.disableLocalAuth", null, true), field("identity.type", "None", "SystemAssigned")];
    expect(writeOf(key, { target: key, fields }, { properties: { publicNetworkAccess: "Enabled" } })).toEqual({
      kind: "patch",
      target: key,
      body: { properties: { disableLocalAuth: true }, identity: { type: "SystemAssigned" } },
    });
  });

  it("keeps the rules of a firewall whose default is changed, because Azure replaces the member whole", () => {
    const networkAcls = { defaultAction: "Allow", ipRules: [{ value: "203.0.113.0/24" }], bypass: "AzureServices" };
    const fields = [field("properties.networkAcls.defaultAction", "Allow", "Deny")];
    expect(writeOf(key, { target: key, fields }, { properties: { networkAcls, other: 1 } })).toEqual({
      kind: "patch",
      target: key,
      body: { properties: { networkAcls: { ...networkAcls, defaultAction: "Deny" } } },
    });
  });

  it("has tags set by merging and taken away by name", () => {
    const write = (fields: ReturnType<typeof field>[]) => writeOf(key, { target: key, fields }, {});
    expect(write([field("tags.env", null, "prod")])).toEqual({
      kind: "tags",
      target: key,
      operation: "Merge",
      tags: { env: "prod" },
    });
    expect(write([field("tags.env", "prod", null)])).toMatchObject({ operation: "Delete", tags: { env: "" } });
    expect(() => write([field("tags.env", null, "prod"), field("properties.x", null, 1)])).toThrow(/in one change/);
    expect(() => write([field("tags.env", null, "prod"), field("tags.owner", "x", null)])).toThrow(/in one change/);
  });
});

describe("a deployment", () => {
  it("is paused and resumed by an action, and its capacity patched under the SKU that it has", () => {
    const write = (path: string, after: unknown) =>
      writeOf(key, { target: deployment, fields: [field(path, null, after)] }, chat);
    expect(write("properties.deploymentState", "Paused")).toEqual({ kind: "pause", target: deployment });
    expect(write("properties.deploymentState", "Running")).toEqual({ kind: "resume", target: deployment });
    expect(write("sku.capacity", 20)).toEqual({
      kind: "patch",
      target: deployment,
      body: { sku: { name: "GlobalStandard", capacity: 20 } },
    });
  });

  it("is put back whole but for what Azure alone says of it", () => {
    const fields = [field("properties.versionUpgradeOption", "NoAutoUpgrade", "OnceCurrentVersionExpired")];
    expect(writeOf(key, { target: deployment, fields }, chat)).toEqual({
      kind: "put",
      target: deployment,
      body: {
        sku: chat.sku,
        tags: chat.tags,
        properties: {
          model: { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" },
          versionUpgradeOption: "OnceCurrentVersionExpired",
          raiPolicyName: "baseline",
          spilloverDeploymentName: "other",
        },
      },
    });
  });

  it("keeps what it says of its model when it moves to another version", () => {
    const fields = [field("properties.model.version", "2024-11-20", "2025-06-01")];
    const model = { ...chat.properties.model, publisher: "OpenAI", source: "/base" };
    const write = writeOf(key, { target: deployment, fields }, { ...chat, properties: { ...chat.properties, model } });
    const { callRateLimit: _, ...named } = model;
    expect(write).toMatchObject({
      kind: "put",
      body: { sku: chat.sku, tags: chat.tags, properties: { model: { ...named, version: "2025-06-01" } } },
    });
    expect(JSON.stringify(write)).not.toContain("callRateLimit");
  });

  it("is sent without a field that was absent before, and never deleted", () => {
    const fields = [field("properties.versionUpgradeOption", "NoAutoUpgrade", null)];
    const write = writeOf(key, { target: deployment, fields }, chat);
    expect(write).toMatchObject({ kind: "put" });
    expect(JSON.stringify(write)).not.toContain("versionUpgradeOption");
    const model = [field("properties.model.version", "2024-11-20", null)];
    expect(() => writeOf(key, { target: deployment, fields: model }, chat)).toThrow(/take away/);
  });

  it("is not paused together with another change", () => {
    const both = [
      field("properties.deploymentState", "Running", "Paused"),
      field("properties.raiPolicyName", "a", "b"),
    ];
    expect(() => writeOf(key, { target: deployment, fields: both }, chat)).toThrow(/in one change/);
  });
});

describe("what a remedy makes at an account", () => {
  it("is put where it is missing and deleted when that is taken back", () => {
    const fields = [field("properties.level", null, "CanNotDelete")];
    expect(writeOf(key, { target: lock, fields }, undefined)).toEqual({
      kind: "put",
      target: lock,
      body: { properties: { level: "CanNotDelete" } },
    });
    const back = [field("properties.level", "CanNotDelete", null)];
    expect(writeOf(key, { target: lock, fields: back }, { properties: { level: "CanNotDelete", notes: "x" } })).toEqual(
      {
        kind: "delete",
        target: lock,
      },
    );
  });

  it("keeps the other sinks of a setting that was there", () => {
    const observed = { properties: { storageAccountId: "/s", logs: [], workspaceId: "/old" } };
    const logs = [{ categoryGroup: "allLogs", enabled: true }];
    const fields = [field("properties.workspaceId", "/old", "/new"), field("properties.logs", [], logs)];
    expect(writeOf(key, { target: setting, fields }, observed)).toMatchObject({
      kind: "put",
      body: { properties: { storageAccountId: "/s", workspaceId: "/new", logs } },
    });
  });
});

it("refuses what belongs to nobody whom it knows", () => {
  const stranger = keyOf(`${key}/providers/microsoft.authorization/roleassignments/x`);
  const fields = [field("properties.x", null, 1)];
  expect(() => writeOf(key, { target: stranger, fields }, {})).toThrow(/nothing that a change may write/);
  expect(() => writeOf(key, { target: keyOf(`${key}2/deployments/chat`), fields }, {})).toThrow(/nothing/);
});

it("says what may be absent again", () => {
  expect(canBeAbsent(key, lock, "properties.level")).toBe(true);
  expect(canBeAbsent(key, setting, "properties.logs")).toBe(true);
  expect(canBeAbsent(key, key, "tags.env")).toBe(true);
  expect(canBeAbsent(key, key, "properties.disableLocalAuth")).toBe(false);
  expect(canBeAbsent(key, deployment, "tags.env")).toBe(false);
  expect(canBeAbsent(key, deployment, "properties.deploymentState")).toBe(false);
  expect(canBeAbsent(key, deployment, "properties.model.version")).toBe(false);
  expect(canBeAbsent(key, policy, "properties.customBlocklists")).toBe(true);
});
