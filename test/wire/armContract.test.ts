/**
 * Everything that the engine answers must be what Microsoft's published contract documents. The judge and the contract
 * live beside the repository; without them the test is skipped.
 */
import { execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { CognitiveServicesManagementClient } from "@azure/arm-cognitiveservices";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ArmExchange } from "../../infra/local/arm/engine.ts";
import {
  A,
  accountId,
  armRig,
  assignmentId,
  contributor,
  G,
  guid,
  lockId,
  owner,
  reader,
  roles,
  S,
  subscription,
  type ArmRig,
} from "../support/armRig.ts";
import { type LocalTls, localTls } from "../support/localTls.ts";

const beside = resolve(import.meta.dirname, "../../../shared");
const judge = existsSync(beside) ? realpathSync(join(beside, "tools/arm-contract/validate.mjs")) : "";
const bundle = join(beside, "data/arm-contract/bundle");

/** In no file of the bundle. */
const outside = /^\/subscriptions(\/[^/]+)?$/;

/** Operations that the drive must have met, successfully. */
const covered = Object.entries({
  Accounts: "Create Get Update Delete List ListByResourceGroup ListKeys RegenerateKey ListUsages ListModels",
  Deployments: "CreateOrUpdate Get Update Delete List ListSkus Pause Resume",
  DeletedAccounts: "List Get Purge",
  RaiPolicies: "CreateOrUpdate Get List Delete",
  Projects: "Create Get List Update Delete",
  AccountConnections: "Create Get List Update Delete",
  ProjectConnections: "Create Get List Update Delete",
  DefenderForAISettings: "CreateOrUpdate Get List Update",
  QuotaTiers: "CreateOrUpdate Get ListBySubscription Update",
  Client: "CalculateModelCapacity CheckDomainAvailability",
  Usages: "List",
  Models: "List",
  ModelCapacities: "List",
  LocationBasedModelCapacities: "List",
  PrivateEndpointConnections: "List Get CreateOrUpdate Delete",
  RoleAssignments: "Create Get Delete ListForSubscription",
  RoleDefinitions: "CreateOrUpdate Get Delete List",
  ManagementLocks: "CreateOrUpdateByScope GetByScope DeleteByScope",
  Tags: "GetAtScope CreateOrUpdateAtScope UpdateAtScope",
  ResourceGroups: "Get List",
}).flatMap(([group, names]) => names.split(" ").map((name) => `${group}_${name}`));

let tls: LocalTls;
let rig: ArmRig;
beforeAll(async () => {
  tls = await localTls();
  rig = armRig({
    tls,
    pageSize: 2,
    verify: async () => owner,
    tokenBuckets: { reads: { size: 10_000, refillPerSecond: 1 } },
  });
  await rig.arm.start();
});
afterAll(async () => {
  await rig.arm.stop();
  await tls[Symbol.asyncDispose]();
});

const gpt4o = { format: "OpenAI", name: "gpt-4o", version: "2024-11-20" };
const assignment = (role: string, principalId: string) => ({
  roleDefinitionId: `${S}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
  principalId,
  principalType: "User",
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function driveBySdks(): Promise<void> {
  const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const options = { endpoint: `https://localhost:${rig.arm.ports.tls}`, retryOptions: { maxRetries: 0 } };
  const cognitive = new CognitiveServicesManagementClient(credential, subscription, options);
  const { accounts, deployments } = cognitive;
  const group = "rg-ada";
  for (const name of ["oai-one", "oai-two"]) {
    const poller = await accounts.beginCreate(
      group,
      name,
      {
        location: "swedencentral",
        kind: "OpenAI",
        sku: { name: "S0" },
        tags: { env: "dev" },
        identity: { type: "SystemAssigned" },
        properties: {
          customSubDomainName: name,
          networkAcls: { defaultAction: "Deny", ipRules: [{ value: "1.2.3.4" }] },
        },
      },
      { updateIntervalInMs: 5 },
    );
    await rig.context.clock.step(rig.context.clock.now() + 1000);
    await poller.pollUntilDone();
  }
  await accounts.beginUpdateAndWait(group, "oai-one", { properties: { publicNetworkAccess: "Disabled" } });
  await accounts.get(group, "oai-one");
  expect(await all(accounts.list())).toHaveLength(3);
  expect(await all(accounts.listByResourceGroup(group))).toHaveLength(3);
  await accounts.listKeys(group, "oai-one");
  await accounts.regenerateKey(group, "oai-one", "Key2");
  const model = {
    sku: { name: "GlobalStandard", capacity: 5 },
    properties: { model: gpt4o, raiPolicyName: "Microsoft.DefaultV2" },
  };
  for (const name of ["a", "b", "c"]) await deployments.beginCreateOrUpdateAndWait(group, "oai-one", name, model);
  await deployments.beginCreateOrUpdateAndWait(group, "oai-one", "a", model);
  await deployments.beginUpdateAndWait(group, "oai-one", "a", { sku: { name: "GlobalStandard", capacity: 7 } });
  await deployments.get(group, "oai-one", "a");
  expect(await all(deployments.list(group, "oai-one"))).toHaveLength(3);
  await all(deployments.listSkus(group, "oai-one", "a"));
  await deployments.beginDeleteAndWait(group, "oai-one", "c");
  await deployments.beginDeleteAndWait(group, "oai-one", "c");
  await all(cognitive.usages.list("swedencentral"));
  await all(cognitive.models.list("swedencentral"));
  await all(cognitive.modelCapacities.list("OpenAI", "gpt-4o", "2024-11-20"));
  await all(cognitive.locationBasedModelCapacities.list("swedencentral", "OpenAI", "gpt-4o", "2024-11-20"));
  await cognitive.privateEndpointConnections.list(group, "oai-ada");
  await cognitive.privateEndpointConnections.get(group, "oai-ada", "pe-ada");
  await driveBelowAccounts(cognitive);
  await accounts.beginDeleteAndWait(group, "oai-two");
  expect(await all(cognitive.deletedAccounts.list())).toHaveLength(1);
  await cognitive.deletedAccounts.get("swedencentral", group, "oai-two");
  await cognitive.deletedAccounts.beginPurgeAndWait("swedencentral", group, "oai-two");
  await accounts.beginDeleteAndWait(group, "foundry");
  await driveAuthorization(new AuthorizationManagementClient(credential, subscription, options));
}

async function driveBelowAccounts(cognitive: CognitiveServicesManagementClient): Promise<void> {
  const { accounts, raiPolicies, projects, accountConnections, projectConnections, defenderForAISettings } = cognitive;
  const at = ["rg-ada", "foundry"] as const;
  const location = "swedencentral";
  rig.ask("PUT", accountId("foundry"), {
    body: { location, kind: "AIServices", sku: { name: "S0" }, properties: { allowProjectManagement: true } },
  });
  await rig.context.clock.step(rig.context.clock.now() + 1000);
  await accounts.listUsages(...at);
  await all(accounts.listModels(...at));
  const filter = { name: "hate", enabled: true, blocking: true, severityThreshold: "Medium", source: "Prompt" };
  const policy = { properties: { basePolicyName: "Microsoft.Default", mode: "Blocking", contentFilters: [filter] } };
  for (const _ of [1, 2]) await raiPolicies.createOrUpdate(...at, "strict", policy);
  await raiPolicies.get(...at, "strict");
  await raiPolicies.get(...at, "Microsoft.DefaultV2");
  expect(await all(raiPolicies.list(...at))).toHaveLength(3);
  await raiPolicies.beginDeleteAndWait(...at, "strict", { updateIntervalInMs: 5 });
  const project = { location, identity: { type: "SystemAssigned" as const }, properties: { displayName: "Alpha" } };
  for (const _ of [1, 2]) await projects.beginCreateAndWait(...at, "alpha", project);
  await projects.beginUpdateAndWait(...at, "alpha", { tags: { a: "b" } });
  await projects.get(...at, "alpha");
  expect(await all(projects.list(...at))).toHaveLength(1);
  const connection = { properties: { authType: "ApiKey" as const, category: "CognitiveSearch", target: "https://s" } };
  const secret = { ...connection.properties, credentials: { key: "k" } };
  await accountConnections.create(...at, "search", { connection: { properties: secret } });
  await accountConnections.update(...at, "search", { connection: { properties: { authType: "AAD" } } });
  await accountConnections.get(...at, "search");
  await all(accountConnections.list(...at, { category: "CognitiveSearch", includeAll: true }));
  await accountConnections.delete(...at, "search");
  await projectConnections.create(...at, "alpha", "search", { connection });
  await projectConnections.update(...at, "alpha", "search", { connection });
  await projectConnections.get(...at, "alpha", "search");
  await all(projectConnections.list(...at, "alpha", { target: "https://s" }));
  await projectConnections.delete(...at, "alpha", "search");
  await projects.beginDeleteAndWait(...at, "alpha");
  for (const state of ["Enabled", "Disabled"]) await defenderForAISettings.createOrUpdate(...at, "Default", { state });
  await defenderForAISettings.update(...at, "Default", { state: "Enabled" });
  await defenderForAISettings.get(...at, "Default");
  await all(defenderForAISettings.list(...at));
  await driveSubscription(cognitive);
}

async function driveSubscription(cognitive: CognitiveServicesManagementClient): Promise<void> {
  const { quotaTiers, privateEndpointConnections } = cognitive;
  const tier = { properties: { tierUpgradePolicy: "NoAutoUpgrade" } };
  await quotaTiers.createOrUpdate("default", tier);
  await quotaTiers.update("default", tier);
  await quotaTiers.get("default");
  await all(quotaTiers.listBySubscription());
  await cognitive.checkDomainAvailability("oai-ada", "Microsoft.CognitiveServices/accounts");
  const requestParameters = { avgPromptTokens: 1000, avgGeneratedTokens: 100 };
  const workloads = [{ requestPerMinute: 60, requestParameters }];
  await cognitive.calculateModelCapacity({ model: gpt4o, skuName: "ProvisionedManaged", workloads });
  const privateLinkServiceConnectionState = { status: "Rejected", description: "no" };
  const at = ["rg-ada", "oai-ada", "pe-ada"] as const;
  await privateEndpointConnections.beginCreateOrUpdateAndWait(...at, {
    properties: { privateLinkServiceConnectionState },
  });
  await privateEndpointConnections.beginDeleteAndWait(...at);
}

/** The newest version, which the client doesn't speak yet. */
function driveNewestVersion(): void {
  const version = "2026-03-01";
  const ask = (method: string, path: string, body?: object): void => {
    expect(rig.ask(method, path, { version, ...(body === undefined ? {} : { body }) }).status).toBeLessThan(300);
  };
  for (const action of ["pause", "pause", "resume"]) ask("POST", `${A}/deployments/chat/${action}`);
  for (const path of [A, `${A}/deployments`, `${A}/deployments/chat`, `${A}/raiPolicies`, `${A}/projects`])
    ask("GET", path);
  const sku = { name: "GlobalStandard", capacity: 50 };
  ask("PUT", `${A}/deployments/chat`, { sku, properties: { model: gpt4o, serviceTier: "Priority" } });
  ask("PATCH", A, { tags: { newest: "yes" } });
  const locations = `${S}/providers/Microsoft.CognitiveServices/locations/swedencentral`;
  for (const path of [`${locations}/usages`, `${locations}/models`, `${A}/usages`, `${A}/models`]) ask("GET", path);
}

async function driveAuthorization({ roleAssignments, roleDefinitions }: AuthorizationManagementClient): Promise<void> {
  const parameters = assignment(roles.openAiUser, guid(90));
  await roleAssignments.create(A.slice(1), guid(80), parameters);
  await roleAssignments.create(A.slice(1), guid(80), { ...parameters, description: "again" });
  await roleAssignments.get(A.slice(1), guid(80));
  await all(roleAssignments.listForSubscription());
  await all(roleAssignments.listForResourceGroup("rg-ada"));
  await all(roleAssignments.listForScope(A.slice(1), { filter: `principalId eq '${guid(90)}'` }));
  await roleAssignments.delete(A.slice(1), guid(80));
  await roleAssignments.delete(A.slice(1), guid(80));
  const custom = {
    roleName: "Own",
    roleType: "CustomRole",
    permissions: [{ actions: ["*/read"] }],
    assignableScopes: [S],
  };
  await roleDefinitions.createOrUpdate(S.slice(1), guid(70), custom);
  await roleDefinitions.get(S.slice(1), guid(70));
  await all(roleDefinitions.list(S.slice(1), { filter: "type eq 'CustomRole'" }));
  await roleDefinitions.delete(S.slice(1), guid(70));
}

function driveByHand(): void {
  const lock = { body: { properties: { level: "CanNotDelete", notes: "keep" } } };
  for (const scope of [S, G, A]) {
    rig.ask("PUT", lockId(scope, "keep"), lock);
    rig.ask("PUT", lockId(scope, "keep"), lock);
    rig.ask("GET", lockId(scope, "keep"));
    rig.ask("GET", `${scope}/providers/Microsoft.Authorization/locks`);
  }
  rig.ask("DELETE", `${A}/deployments/chat`);
  for (const scope of [A, G, S]) {
    rig.ask("DELETE", lockId(scope, "keep"));
    rig.ask("DELETE", lockId(scope, "keep"));
    const tags = `${scope}/providers/Microsoft.Resources/tags/default`;
    rig.ask("PUT", tags, { body: { properties: { tags: { a: "b" } } } });
    rig.ask("PATCH", tags, { body: { operation: "Merge", properties: { tags: { c: "d" } } } });
    rig.ask("GET", tags);
  }
  for (const path of [G, `${S}/resourceGroups`, S, "/subscriptions"]) rig.ask("GET", path);
  rig.arm.setLatency({
    patchAccountMs: 5000,
    putAccountMs: 5000,
    putDeploymentMs: 5000,
    patchDeploymentMs: 5000,
    deleteDeploymentMs: 5000,
    deleteAccountMs: 5000,
  });
  const account = { location: "swedencentral", kind: "OpenAI", sku: { name: "S0" }, properties: {} };
  driveSlowly("PATCH", A, { tags: { slow: "yes" } });
  driveSlowly("PUT", A, account);
  driveSlowly("PUT", `${A}/deployments/slow`, {
    sku: { name: "GlobalStandard", capacity: 1 },
    properties: { model: gpt4o },
  });
  driveSlowly("PATCH", `${A}/deployments/slow`, { tags: { a: "b" } });
  driveSlowly("DELETE", `${A}/deployments/slow`);
  driveSlowly("DELETE", accountId("oai-one"));
  rig.arm.setLatency({ patchAccountMs: 0, putAccountMs: 0, putDeploymentMs: 0, patchDeploymentMs: 0 });
}

/** A long-running write, polled before and after its end, with a conflict in between. */
function driveSlowly(method: string, path: string, body?: object): void {
  const told = rig.ask(method, path, body === undefined ? {} : { body });
  const poll = told.headers["azure-asyncoperation"] ?? told.headers["location"];
  expect([told.status, poll]).toEqual([expect.toBeOneOf([200, 201, 202]), expect.any(String)]);
  const pollPath = (poll ?? "").replace("https://management.azure.com", "");
  rig.ask("GET", pollPath);
  rig.ask("GET", path);
  rig.ask("PATCH", path.split("/").slice(0, 9).join("/"), { body: { tags: {} } });
  rig.context.clock.setNow(rig.context.clock.now() + 5000);
  rig.ask("GET", pollPath);
  rig.ask("GET", path);
}

const capacity = (units: number) => ({ body: { sku: { name: "GlobalStandard", capacity: units } } });

/** Well-formed requests that are refused. */
function driveRefusals(): void {
  rig.ask("PATCH", `${A}/deployments/chat`, capacity(5000));
  rig.ask("PATCH", `${A}/deployments/chat`, capacity(100_000));
  const model = { ...gpt4o, version: "1" };
  rig.ask("PUT", `${A}/deployments/x`, { body: { sku: { name: "Standard" }, properties: { model } } });
  rig.ask("PUT", `${A}/deployments/x`, { body: { sku: { name: "None" }, properties: { model: gpt4o } } });
  rig.ask("GET", accountId("nobody"));
  rig.ask("GET", `${accountId("nobody")}/deployments`);
  rig.ask("PATCH", A, { as: reader, body: { tags: {} } });
  rig.ask("PUT", assignmentId(A, guid(85)), {
    as: contributor,
    body: { properties: assignment(roles.reader, guid(91)) },
  });
  rig.ask("PUT", assignmentId(A, guid(86)), { body: { properties: assignment(roles.reader, guid(91)) } });
  rig.ask("PUT", assignmentId(A, guid(87)), { body: { properties: assignment(roles.reader, guid(91)) } });
  rig.ask("PUT", assignmentId(A, guid(86)), { body: { properties: assignment(roles.reader, guid(92)) } });
  rig.ask("GET", lockId(A, "none"));
  rig.ask("PUT", lockId(A, "freeze"), { body: { properties: { level: "ReadOnly" } } });
  rig.ask("PATCH", A, { body: { tags: {} } });
  rig.ask("POST", `${A}/listKeys`);
  rig.ask("DELETE", lockId(A, "freeze"));
  rig.ask("GET", A.replace("rg-Ada", "rg-none"));
}

function judged(file: string, flags: readonly string[]): string {
  try {
    return execFileSync(process.execPath, [judge, "--specs", bundle, file, ...flags], { encoding: "utf8" });
  } catch (error) {
    return `FAILED\n${(error as { stdout?: string }).stdout ?? String(error)}`;
  }
}

test.skipIf(!existsSync(judge))("every answer is one that the contract documents", async () => {
  await driveBySdks();
  driveNewestVersion();
  driveByHand();
  driveRefusals();
  const dir = await mkdtemp(join(tmpdir(), "steelyard-contract-"));
  try {
    const write = async (name: string, exchanges: ArmExchange[]): Promise<string> => {
      const file = join(dir, name);
      await writeFile(file, exchanges.map((exchange) => `${JSON.stringify(exchange)}\n`).join(""));
      return file;
    };
    const inside = rig.arm.exchanges().filter(({ url }) => !outside.test(new URL(url).pathname));
    const done = inside.filter(({ status }) => status < 400);
    const refused = inside.filter(({ status }) => status >= 400);
    expect([done.length > 100, refused.length > 15]).toEqual([true, true]);
    const forbidden = ["unknown-property", "null-value", "unknown-open-enum", "enum-case", "unexpected-response-body"];
    const strict = forbidden.flatMap((code) => ["--forbid", code]);
    const coverage = covered.flatMap((operation) => ["--min-coverage", operation]);
    const verdict = judged(await write("done.jsonl", done), [...strict, ...coverage]);
    expect(verdict).toMatch(/exchanges [1-9]\d*: /);
    expect(verdict).not.toMatch(/^FAILED|^FAIL |NOT COVERED/m);
    const shape = ["--forbid", "error-body-shape", "--forbid", "response-body-missing"];
    expect(judged(await write("refused.jsonl", refused), shape)).not.toMatch(/^FAILED|^FAIL /m);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
