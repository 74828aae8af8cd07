import { beforeEach, describe, expect, test } from "vitest";
import { A, accountId, armRig, estate, S, subscription, type ArmRig } from "../support/armRig.ts";

let rig: ArmRig;
beforeEach(() => {
  rig = armRig();
});

const D = `${A}/deployments/chat`;
const gpt4o = { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" };
const usage = (name: string): { currentValue: number; limit: number } =>
  rig
    .ask("GET", `${S}/providers/Microsoft.CognitiveServices/locations/swedencentral/usages`)
    .body.value.find((one: { name: { value: string } }) => one.name.value === name);

describe("a deployment", () => {
  test("is created at once and read, listed and deleted", () => {
    const body = { sku: { name: "Standard", capacity: 3 }, properties: { model: gpt4o } };
    const created = rig.ask("PUT", `${A}/deployments/two`, { body });
    expect(created.status).toBe(201);
    expect(created.headers["etag"]).toBe(created.body.etag);
    expect(created.body).toMatchObject({
      id: `${A}/deployments/two`,
      name: "two",
      sku: { name: "Standard", capacity: 3 },
      properties: {
        model: gpt4o,
        currentCapacity: 3,
        provisioningState: "Succeeded",
        versionUpgradeOption: "OnceNewDefaultVersionAvailable",
        rateLimits: [
          { key: "request", renewalPeriod: 10, count: 3 },
          { key: "token", renewalPeriod: 60, count: 3000 },
        ],
      },
    });
    expect(rig.ask("GET", `${A}/deployments/TWO`).body).toBe(created.body);
    expect(rig.ask("GET", `${A}/deployments`).body.value).toHaveLength(2);
    expect(rig.ask("DELETE", `${A}/deployments/two`)).toMatchObject({ status: 200, body: undefined });
    expect(rig.ask("DELETE", `${A}/deployments/two`).status).toBe(204);
  });

  test("takes the body of its GET back", () => {
    const before = rig.ask("GET", D).body;
    const { status, body: after } = rig.ask("PUT", D, { body: before });
    expect([status, after.properties, after.sku]).toEqual([200, before.properties, before.sku]);
    expect(after.etag).not.toBe(before.etag);
  });

  test("without a SKU becomes Standard with the default capacity, without a version the default one", () => {
    const body = { properties: { model: { format: "OpenAI", name: "gpt-4o" } } };
    expect(rig.ask("PUT", `${A}/deployments/plain`, { body }).body).toMatchObject({
      sku: { name: "Standard", capacity: 10 },
      properties: { model: gpt4o },
    });
  });

  test("is patched in SKU and tags, and in nothing else", () => {
    const { body } = rig.ask("PATCH", D, { body: { sku: { name: "GlobalStandard", capacity: 70 } } });
    expect(body).toMatchObject({ sku: { capacity: 70 }, properties: { currentCapacity: 70 } });
    expect(rig.ask("PATCH", D, { body: { tags: { a: "b" } } }).body).toMatchObject({
      sku: { capacity: 70 },
      tags: { a: "b" },
    });
    const refused = rig.ask("PATCH", D, { body: { properties: { raiPolicyName: "x" } } });
    expect(refused.body.error.message).toContain("member 'properties' on object of type 'PatchResourceTagsAndSku'");
  });

  test("can take time, by its account's busy state", async () => {
    rig.arm.setLatency({ putDeploymentMs: 10_000, patchDeploymentMs: 10_000 });
    const body = { sku: { name: "Standard", capacity: 1 }, properties: { model: gpt4o } };
    const created = rig.ask("PUT", `${A}/deployments/slow`, { body });
    expect([created.status, created.body.properties.provisioningState]).toEqual([201, "Creating"]);
    expect(rig.ask("PATCH", D, { body: { tags: {} } }).body.error.code).toBe("RequestConflict");
    const until = rig.context.clock.now() + 10_000;
    while ((await rig.context.clock.step(until)) !== undefined);
    expect(rig.ask("GET", `${A}/deployments/slow`).body.properties.provisioningState).toBe("Succeeded");
    const patched = rig.ask("PATCH", D, { body: { tags: {} } });
    expect([patched.status, patched.headers["location"]]).toEqual([202, expect.stringMatching(/\/operations\//)]);
  });
});

describe("quota", () => {
  test("is used by deployments of the pool and freed when they go", () => {
    expect(usage("OpenAI.GlobalStandard.gpt-4o")).toMatchObject({ currentValue: 50, limit: 100, unit: "Count" });
    rig.ask("PATCH", D, { body: { sku: { name: "GlobalStandard", capacity: 20 } } });
    expect(usage("OpenAI.GlobalStandard.gpt-4o").currentValue).toBe(20);
    rig.ask("PATCH", D, { body: { sku: { name: "Standard", capacity: 30 } } });
    expect(usage("OpenAI.GlobalStandard.gpt-4o").currentValue).toBe(0);
    expect(usage("OpenAI.Standard.gpt-4o").currentValue).toBe(30);
    rig.ask("DELETE", D);
    expect(usage("OpenAI.Standard.gpt-4o").currentValue).toBe(0);
  });

  test("is not exceeded, in the words of Azure; a refusal changes nothing", () => {
    const told = rig.ask("PATCH", D, { body: { sku: { name: "GlobalStandard", capacity: 101 } } });
    expect(told.status).toBe(400);
    expect(told.body.error).toEqual({
      code: "InsufficientQuota",
      message:
        "This operation require 51 new capacity in quota Tokens Per Minute (thousands) - gpt-4o - GlobalStandard, which is bigger than the current available capacity 50. The current quota usage is 50 and the quota limit is 100 for quota Tokens Per Minute (thousands) - gpt-4o - GlobalStandard.",
    });
    expect(rig.ask("GET", D).body.sku.capacity).toBe(50);
    expect(usage("OpenAI.GlobalStandard.gpt-4o").currentValue).toBe(50);
    const other = { sku: { name: "GlobalStandard", capacity: 51 }, properties: { model: gpt4o } };
    expect(rig.ask("PUT", `${A}/deployments/more`, { body: other }).body.error.code).toBe("InsufficientQuota");
  });

  test("is held by a deleted account for 48 hours, or until it is purged", () => {
    const used = (): number => usage("OpenAI.GlobalStandard.gpt-4o").currentValue;
    rig.ask("DELETE", A);
    expect(used()).toBe(50);
    const deleted = `${S}/providers/Microsoft.CognitiveServices/locations/swedencentral/resourceGroups/rg-Ada/deletedAccounts/oai-ada`;
    expect(rig.ask("DELETE", deleted).status).toBe(200);
    expect([rig.ask("DELETE", deleted).status, used()]).toEqual([204, 0]);
    rig = armRig();
    rig.ask("DELETE", A);
    rig.context.clock.setNow(rig.context.clock.now() + 48 * 3_600_000 - 1);
    expect(used()).toBe(50);
    rig.context.clock.setNow(rig.context.clock.now() + 1);
    expect(used()).toBe(0);
  });
});

describe("a deployment is refused", () => {
  test.each([
    [
      { properties: { model: { ...gpt4o, version: "1999" } } },
      "DeploymentModelNotSupported",
      /Name: gpt-4o, Version: 1999,/,
    ],
    [
      { sku: { name: "Batch" }, properties: { model: gpt4o } },
      "InvalidResourceProperties",
      /SKU 'Batch' of account deployment is not supported by the model 'gpt-4o' version: '2024-11-20'/,
    ],
    [
      { sku: { name: "Standard", capacity: 0 }, properties: { model: gpt4o } },
      "InvalidCapacity",
      /greater than 0 and no more than 10000/,
    ],
    [
      { sku: { name: "ProvisionedManaged", capacity: 60 }, properties: { model: gpt4o } },
      "InvalidCapacity",
      /at least 50, in steps of 50/,
    ],
    [{ sku: { name: "Standard" } }, "InvalidResourceProperties", /properties\.model/],
    [
      { properties: { model: gpt4o, sku: { name: "Standard" } } },
      "InvalidRequestContent",
      /member 'sku'.*'properties\.sku'/,
    ],
    [{ sku: { name: "Standard", capacity: 1.5 }, properties: { model: gpt4o } }, "InvalidRequestContent", /integer/],
    [undefined, "InvalidRequestContent", /body is missing/],
  ])("for %j", (body, code, message) => {
    const told = rig.ask("PUT", `${A}/deployments/bad`, body === undefined ? {} : { body });
    expect([told.status, told.body.error.code]).toEqual([400, code]);
    expect(told.body.error.message).toMatch(message);
  });

  test("below an account that isn't there", () => {
    const told = rig.ask("PUT", `${accountId("none")}/deployments/x`, { body: { properties: { model: gpt4o } } });
    expect([told.status, told.body.error.code]).toEqual([404, "ParentResourceNotFound"]);
    expect(rig.ask("GET", `${accountId("none")}/deployments/x`).body.error.code).toBe("ResourceNotFound");
  });
});

test("SKUs, models and capacities of a model are offered with their steps", () => {
  const skus = rig.ask("GET", `${D}/skus`).body.value;
  expect(skus).toContainEqual({
    resourceType: "Microsoft.CognitiveServices/accounts/deployments",
    sku: { name: "ProvisionedManaged" },
    capacity: { minimum: 50, maximum: 100_000, step: 50, default: 50 },
  });
  const location = `${S}/providers/Microsoft.CognitiveServices/locations/SwedenCentral`;
  const models = rig.ask("GET", `${location}/models`).body.value;
  expect(models.map((one: { model: { name: string } }) => one.model.name)).toContain("gpt-4o");
  const query = "modelFormat=OpenAI&modelName=gpt-4o&modelVersion=2024-11-20";
  const capacities = rig.ask("GET", `${location}/modelCapacities`, { query }).body.value;
  const left = capacities.find(
    (one: { properties: { skuName: string } }) => one.properties.skuName === "GlobalStandard",
  );
  expect(left.properties.availableCapacity).toBe(50);
  expect(rig.ask("GET", `${location}/modelCapacities`).body.error.message).toContain("'modelformat' is required");
});

describe("a write that takes time", () => {
  const capacity = (units: number): object => ({ body: { sku: { name: "GlobalStandard", capacity: units } } });
  const pass = (ms: number): void => rig.context.clock.setNow(rig.context.clock.now() + ms);
  const setQuota = (limit: number): void =>
    rig.arm.setQuota(S.split("/")[2] ?? "", "swedencentral", "OpenAI.GlobalStandard.gpt-4o", limit);

  test("fails at its end when the quota has shrunk meanwhile, in the words of Azure, and is back where it was", () => {
    rig.arm.setLatency({ patchDeploymentMs: 60_000 });
    const begun = rig.ask("PATCH", D, capacity(90));
    expect([begun.status, begun.body.sku.capacity, begun.body.properties.currentCapacity]).toEqual([202, 90, 50]);
    setQuota(80);
    pass(60_000);
    const poll = rig.ask("GET", (begun.headers["location"] ?? "").replace("https://management.azure.com", ""));
    expect(poll.body.error).toEqual({
      code: "InsufficientQuota",
      message: expect.stringContaining(
        "require 40 new capacity in quota Tokens Per Minute (thousands) - gpt-4o - GlobalStandard, which is bigger than the current available capacity 30. The current quota usage is 50 and the quota limit is 80",
      ),
    });
    expect(rig.ask("GET", D).body).toMatchObject({
      sku: { capacity: 50 },
      properties: { provisioningState: "Failed", currentCapacity: 50 },
    });
    expect(usage("OpenAI.GlobalStandard.gpt-4o").currentValue).toBe(50);
    expect(rig.changes.at(-1)).toMatchObject({ resourceId: D, outcome: "Failure" });
  });

  test("holds nothing when it could not create, and asks for its quota again", () => {
    rig.arm.setLatency({ putDeploymentMs: 60_000, patchDeploymentMs: 0 });
    rig.ask("PUT", `${A}/deployments/more`, {
      body: { sku: { name: "GlobalStandard", capacity: 50 }, properties: { model: gpt4o } },
    });
    setQuota(60);
    pass(60_000);
    const more = rig.ask("GET", `${A}/deployments/more`).body;
    expect(more.properties).toMatchObject({ provisioningState: "Failed", currentCapacity: 0 });
    expect(usage("OpenAI.GlobalStandard.gpt-4o").currentValue).toBe(50);
    const tagged = rig.ask("PATCH", `${A}/deployments/more`, { body: { tags: { a: "b" } } });
    expect(tagged.body.error.code).toBe("InsufficientQuota");
    expect(rig.ask("PATCH", `${A}/deployments/more`, capacity(10)).body.properties.provisioningState).toBe("Succeeded");
    expect(usage("OpenAI.GlobalStandard.gpt-4o").currentValue).toBe(60);
  });
});

describe("a subscription", () => {
  const pool = { subscriptionId: subscription, location: "swedencentral" };
  const at = (name: string): string => `${S}/providers/Microsoft.CognitiveServices/${name}`;
  const workload = { requestPerMinute: 100, requestParameters: { avgPromptTokens: 1000, avgGeneratedTokens: 200 } };
  const ask = (skuName: string, body: object = {}) =>
    rig.ask("POST", at("calculateModelCapacity"), {
      body: { model: gpt4o, skuName, workloads: [workload, workload], ...body },
    });

  test("has capacities calculated: provisioned by throughput and steps, standard by tokens", () => {
    // (2 x 100,000 input + 4 x 2 x 20,000 output) / 2,500 a PTU = 144
    expect(ask("ProvisionedManaged").body.estimatedCapacity).toEqual({ value: 144, deployableValue: 150 });
    expect(ask("GlobalProvisionedManaged").body.estimatedCapacity).toEqual({ value: 144, deployableValue: 145 });
    expect(ask("GlobalStandard").body.estimatedCapacity).toEqual({ value: 240, deployableValue: 240 });
    expect(ask("Nothing").body.error.code).toBe("InvalidResourceProperties");
    expect(ask("Standard", { model: { ...gpt4o, version: "1" } }).body.error.code).toBe("DeploymentModelNotSupported");
    expect(ask("Standard", { reason: "x" }).body.error.message).toContain("'reason'");
    expect(rig.changes).toEqual([]);
  });

  test("has a model's units allow what the model's table says", () => {
    const o3mini = { format: "OpenAI", name: "o3-mini", version: "2025-01-31" };
    rig.arm.reset();
    rig.arm.seed({ ...estate, quotas: [{ ...pool, usageName: "OpenAI.GlobalStandard.o3-mini", limit: 100 }] });
    const body = { sku: { name: "GlobalStandard", capacity: 3 }, properties: { model: o3mini } };
    expect(rig.ask("PUT", `${A}/deployments/o`, { body }).body.properties.rateLimits).toEqual([
      { key: "request", renewalPeriod: 60, count: 3 },
      { key: "token", renewalPeriod: 60, count: 30_000 },
    ]);
    expect(ask("GlobalStandard", { model: o3mini }).body.estimatedCapacity.value).toBe(24);
    expect(rig.ask("GET", D).body.properties.rateLimits[0]).toEqual({ key: "request", renewalPeriod: 10, count: 50 });
  });

  test("has a quota tier, whose upgrade policy can be written", () => {
    const body = { properties: { tierUpgradePolicy: "NoAutoUpgrade" } };
    expect(rig.ask("PATCH", at("quotaTiers/default"), { body }).status).toBe(200);
    expect(rig.ask("GET", at("quotaTiers")).body.value).toMatchObject([{ name: "default", ...body }]);
    expect(rig.ask("GET", at("quotaTiers/other")).status).toBe(404);
  });

  test("is told whether a subdomain is free", () => {
    const free = (subdomainName: string): boolean =>
      rig.ask("POST", at("checkDomainAvailability"), {
        body: { subdomainName, type: "Microsoft.CognitiveServices/accounts" },
      }).body.isSubdomainAvailable;
    expect([free("OAI-ada"), free("oai-new")]).toEqual([false, true]);
  });

  test("uses in a region what its accounts use there", () => {
    const body = { location: "Sweden Central", kind: "OpenAI", sku: { name: "S0" }, properties: {} };
    rig.ask("PUT", accountId("other"), { body });
    rig.context.clock.setNow(rig.context.clock.now() + 1000);
    const deployment = { sku: { name: "GlobalStandard", capacity: 7 }, properties: { model: gpt4o } };
    rig.ask("PUT", `${accountId("other")}/deployments/d`, { body: deployment });
    const query = "$filter=name.value eq 'OpenAI.GlobalStandard.gpt-4o' or name.value eq 'none'";
    const values = [`${A}/usages`, `${accountId("other")}/usages`, at("locations/swedencentral/usages")].map((path) =>
      rig.ask("GET", path, { query }).body.value.map((one: { currentValue: number }) => one.currentValue),
    );
    expect(values).toEqual([[50], [7], [57]]);
    expect(rig.ask("GET", `${A}/usages`, { query: "$filter=limit gt 5" }).body.error.code).toBe("UnsupportedQuery");
  });

  test("sees in a region's models when they go, and in an account's what that can deploy", () => {
    const models = rig.ask("GET", `${A}/models`).body.value as {
      name: string;
      version: string;
      lifecycleStatus: string;
    }[];
    expect(models.find(({ name, version }) => name === "gpt-4o" && version === "2024-08-06")).toMatchObject({
      lifecycleStatus: "Deprecating",
      deprecation: { inference: "2026-10-01T00:00:00Z", deprecationStatus: "Planned" },
      replacementConfig: { targetModelName: "gpt-5.1" },
      skus: expect.arrayContaining([
        expect.objectContaining({ name: "Standard", deprecationDate: "2026-03-31T00:00:00Z" }),
        expect.objectContaining({ name: "GlobalBatch", usageName: "OpenAI.GlobalBatch.gpt-4o" }),
      ]),
    });
    const { body } = rig.ask("GET", at("locations/swedencentral/models"));
    expect(body.value.map((one: { model: object }) => one.model)).toEqual(models);
  });
});
