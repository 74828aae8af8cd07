/**
 * What any Azure Resource Manager answers to a client with Owner on a resource group, the local engine or the real one.
 * Writes only what its own name prefix marks, and takes it away again. Nothing here depends on how long an operation
 * takes: it is polled until its end.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";

export interface ArmUnderTest {
  /** Without a slash at the end. */
  readonly endpoint: string;
  /** Who calls: a bearer token, or the local engine's header. */
  readonly headers: Readonly<Record<string, string>>;
  readonly subscriptionId: string;
  /** Exists; the caller has Owner on it. */
  readonly resourceGroup: string;
  readonly location: string;
  /** A model and SKU with at least two units of quota left. */
  readonly model: { readonly format: string; readonly name: string; readonly version: string };
  readonly sku: string;
  /** A principal to which a role can be assigned. */
  readonly principal: { readonly id: string; readonly type: string };
  /** Lets time pass between two polls. */
  readonly wait: () => Promise<void>;
}

const CS = "2025-09-01";
/** Pauses deployments. */
const NEWEST = "2026-03-01";
const AUTHORIZATION = "2022-04-01";
const LOCKS = "2020-05-01";
const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
/** Polls of one operation before it counts as stuck. */
const POLLS_MAX = 120;

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line typescript/no-explicit-any -- answers of every shape are looked into
  readonly body: any;
}

/** Registers the suite; the tests build on each other in order. */
export function armConformance(target: () => ArmUnderTest): void {
  const name = `steelyard-${randomBytes(4).toString("hex")}`;
  const scope = (): string => `/subscriptions/${target().subscriptionId}/resourceGroups/${target().resourceGroup}`;
  const account = (): string => `${scope()}/providers/Microsoft.CognitiveServices/accounts/${name}`;
  const deployment = (): string => `${account()}/deployments/chat`;
  const foundry = (): string => `${account()}-f`;
  const subscription = (): string => `/subscriptions/${target().subscriptionId}/providers/Microsoft.CognitiveServices`;
  const region = (): string => `${subscription()}/locations/${target().location}`;
  const deletedAccount = (): string => `${region()}/resourceGroups/${target().resourceGroup}/deletedAccounts/${name}`;
  const ask = (method: string, path: string, version: string, body?: object, query = new URLSearchParams()) => {
    query.set("api-version", version);
    return send(target(), method, `${target().endpoint}${path}?${query.toString()}`, body);
  };
  const settled = async (told: Told): Promise<void> => {
    const url = told.headers.get("azure-asyncoperation") ?? told.headers.get("location");
    if (url === null) return;
    for (let polls = 0; polls < POLLS_MAX; polls += 1) {
      const poll = await send(target(), "GET", url);
      const status = poll.status === 202 ? "InProgress" : (poll.body?.status ?? "Succeeded");
      if (status !== "InProgress") {
        expect(status).toBe("Succeeded");
        return;
      }
      await target().wait();
    }
    throw new Error(`${url} did not end within ${POLLS_MAX} polls`);
  };

  test("an account is created with the defaults of the service", async () => {
    const { location } = target();
    const body = { location, kind: "OpenAI", sku: { name: "S0" }, properties: { customSubDomainName: name } };
    const created = await ask("PUT", account(), CS, body);
    expect(created.status).toBeOneOf([200, 201, 202]);
    await settled(created);
    const { body: read } = await ask("GET", account(), CS);
    expect(read).toMatchObject({
      name,
      kind: "OpenAI",
      etag: expect.any(String),
      properties: {
        provisioningState: "Succeeded",
        publicNetworkAccess: "Enabled",
        endpoint: expect.stringContaining(name),
      },
      systemData: { createdAt: expect.any(String) },
    });
  });

  test("PATCH changes what it names, and the ETag", async () => {
    const before = (await ask("GET", account(), CS)).body;
    const networkAcls = { defaultAction: "Deny", ipRules: [{ value: "203.0.113.7" }] };
    await settled(await ask("PATCH", account(), CS, { properties: { networkAcls, disableLocalAuth: true } }));
    const after = (await ask("GET", account(), CS)).body;
    expect(after.properties).toMatchObject({ networkAcls, disableLocalAuth: true });
    expect(after.properties.customSubDomainName).toBe(before.properties.customSubDomainName);
    expect(after.etag).not.toBe(before.etag);
    await settled(await ask("PATCH", account(), CS, { properties: { networkAcls: { defaultAction: "Allow" } } }));
    expect((await ask("GET", account(), CS)).body.properties.networkAcls.ipRules ?? []).toEqual([]);
  });

  test("a deployment is created, scaled and refused above its quota", async () => {
    const { model, sku } = target();
    await settled(await ask("PUT", deployment(), CS, { sku: { name: sku, capacity: 1 }, properties: { model } }));
    expect((await ask("GET", deployment(), CS)).body).toMatchObject({
      sku: { name: sku, capacity: 1 },
      properties: { provisioningState: "Succeeded", model },
    });
    await settled(await ask("PATCH", deployment(), CS, { sku: { name: sku, capacity: 2 } }));
    expect((await ask("GET", deployment(), CS)).body.sku.capacity).toBe(2);
    const greedy = await ask("PATCH", deployment(), CS, { sku: { name: sku, capacity: 9_999_999 } });
    expect([greedy.status, greedy.body.error.code]).toEqual([
      400,
      expect.toBeOneOf(["InsufficientQuota", "InvalidCapacity"]),
    ]);
  });

  test("a region's usages, models and capacities are those that deployments need and use", async () => {
    const { model, sku } = target();
    const offered = (await ask("GET", `${region()}/models`, CS)).body.value.find(
      (one: { model: typeof model }) => one.model.name === model.name && one.model.version === model.version,
    );
    const { usageName, capacity } = offered.model.skus.find((one: { name: string }) => one.name === sku);
    expect(capacity.maximum).toBeGreaterThan(1);
    const { body: usages } = await ask("GET", `${region()}/usages`, CS);
    const pool = usages.value.find((one: { name: { value: string } }) => one.name.value === usageName);
    expect(pool.currentValue).toBeGreaterThanOrEqual(2);
    expect(pool.limit).toBeGreaterThanOrEqual(pool.currentValue);
    const query = new URLSearchParams({
      modelFormat: model.format,
      modelName: model.name,
      modelVersion: model.version,
    });
    const capacities = await ask("GET", `${region()}/modelCapacities`, CS, undefined, query);
    const left = capacities.body.value.find(
      (one: { properties: { skuName: string } }) => one.properties.skuName === sku,
    );
    expect(left.properties.availableCapacity).toBeLessThanOrEqual(pool.limit);
    const skus = (await ask("GET", `${deployment()}/skus`, CS)).body.value;
    expect(skus.map((one: { sku: { name: string } }) => one.sku.name)).toContain(sku);
    const models = (await ask("GET", `${account()}/models`, CS)).body.value;
    expect(models.map((one: { name: string }) => one.name)).toContain(model.name);
  });

  test("a paused deployment keeps its capacity and can be resumed", async () => {
    const paused = await ask("POST", `${deployment()}/pause`, NEWEST);
    expect([paused.status, paused.body.properties.deploymentState]).toEqual([200, "Paused"]);
    expect((await ask("POST", `${deployment()}/pause`, NEWEST)).status).toBe(200);
    const { sku, properties } = (await ask("GET", deployment(), NEWEST)).body;
    expect([sku.capacity, properties.deploymentState]).toEqual([2, "Paused"]);
    expect((await ask("POST", `${deployment()}/resume`, NEWEST)).body.properties.deploymentState).toBe("Running");
  });

  test("a content filter is the account's, beside the system's", async () => {
    const path = `${account()}/raiPolicies/${name}`;
    const harm = { name: "hate", enabled: true, blocking: true, severityThreshold: "Medium" };
    const filters = ["Prompt", "Completion"].map((source) => ({ ...harm, source }));
    const properties = { basePolicyName: "Microsoft.Default", mode: "Blocking", contentFilters: filters };
    expect((await ask("PUT", path, CS, { properties })).status).toBeOneOf([200, 201]);
    const names = (await ask("GET", `${account()}/raiPolicies`, CS)).body.value.map(
      (one: { name: string }) => one.name,
    );
    expect(names).toEqual(expect.arrayContaining(["Microsoft.Default", name]));
    const gone = await ask("DELETE", path, CS);
    expect(gone.status).toBe(202);
    await settled(gone);
    expect((await ask("GET", path, CS)).status).toBe(404);
  });

  test("a project holds its account, and connections never show their secrets", async () => {
    const { location } = target();
    const identity = { type: "SystemAssigned" };
    const properties = { customSubDomainName: `${name}-f`, allowProjectManagement: true };
    const body = { location, kind: "AIServices", sku: { name: "S0" }, identity, properties };
    await settled(await ask("PUT", foundry(), CS, body));
    const project = `${foundry()}/projects/alpha`;
    await settled(await ask("PUT", project, CS, { location, identity, properties: { displayName: "Alpha" } }));
    expect((await ask("GET", project, CS)).body.properties).toMatchObject({ displayName: "Alpha", isDefault: true });
    for (const connection of [`${foundry()}/connections/search`, `${project}/connections/store`]) {
      const keyed = {
        authType: "ApiKey",
        category: "ApiKey",
        target: "https://example.com",
        credentials: { key: "hidden" },
      };
      const made = await ask("PUT", connection, CS, { properties: keyed });
      expect([made.status, JSON.stringify(made.body).includes("hidden")]).toEqual([200, false]);
      expect((await ask("DELETE", connection, CS)).status).toBe(200);
      expect((await ask("DELETE", connection, CS)).status).toBe(204);
    }
    const held = await ask("DELETE", foundry(), CS);
    expect([held.status, held.body.error.code]).toEqual([409, "CannotDeleteResource"]);
    await settled(await ask("DELETE", project, CS));
    await settled(await ask("DELETE", foundry(), CS));
    await settled(await ask("DELETE", `${deletedAccount()}-f`, CS));
  });

  test("capacity for a workload is calculated", async () => {
    const { model, sku } = target();
    const requestParameters = { avgPromptTokens: 1000, avgGeneratedTokens: 100 };
    const body = { model, skuName: sku, workloads: [{ requestPerMinute: 60, requestParameters }] };
    const { estimatedCapacity } = (await ask("POST", `${subscription()}/calculateModelCapacity`, CS, body)).body;
    expect(estimatedCapacity.deployableValue).toBeGreaterThanOrEqual(estimatedCapacity.value);
  });

  test("a role assignment exists once per scope, principal and role", async () => {
    const { principal, subscriptionId } = target();
    const path = `${account()}/providers/Microsoft.Authorization/roleAssignments`;
    const properties = {
      roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${reader}`,
      principalId: principal.id,
      principalType: principal.type,
    };
    const [first, second] = [randomUUID(), randomUUID()];
    expect((await ask("PUT", `${path}/${first}`, AUTHORIZATION, { properties })).status).toBe(201);
    const again = await ask("PUT", `${path}/${second}`, AUTHORIZATION, { properties });
    expect([again.status, again.body.error.code]).toEqual([409, "RoleAssignmentExists"]);
    expect((await ask("DELETE", `${path}/${first}`, AUTHORIZATION)).status).toBe(200);
    expect((await ask("DELETE", `${path}/${first}`, AUTHORIZATION)).status).toBe(204);
  });

  test("a CanNotDelete lock stops deleting and lets writes pass", async () => {
    const lock = `${account()}/providers/Microsoft.Authorization/locks/${name}`;
    expect((await ask("PUT", lock, LOCKS, { properties: { level: "CanNotDelete" } })).status).toBe(201);
    const refused = await ask("DELETE", deployment(), CS);
    expect([refused.status, refused.body.error.code]).toEqual([409, "ScopeLocked"]);
    await settled(await ask("PATCH", account(), CS, { tags: { written: "yes" } }));
    expect((await ask("DELETE", lock, LOCKS)).status).toBe(200);
  });

  test("errors name what is wrong", async () => {
    const codes = await Promise.all([
      ask("GET", `${account()}x`, CS),
      ask("GET", account(), "1999-01-01"),
      ask("GET", account().replace("CognitiveServices", "NoSuchServices"), CS),
      ask("PATCH", account(), CS, { properties: { disableLocalAuth: "perhaps" } }),
    ]);
    expect(codes.map(({ status }) => status)).toEqual([404, 400, 404, 400]);
    expect(codes[0]?.body.error.code).toBe("ResourceNotFound");
  });

  test("what was made is taken away", async () => {
    await settled(await ask("DELETE", deployment(), CS));
    expect((await ask("DELETE", deployment(), CS)).status).toBe(204);
    await settled(await ask("DELETE", account(), CS));
    expect((await ask("GET", account(), CS)).status).toBe(404);
  });

  test("a deleted account keeps its name until it is purged, and can be restored", async () => {
    const { location } = target();
    const body = { location, kind: "OpenAI", sku: { name: "S0" }, properties: { customSubDomainName: name } };
    expect((await ask("GET", deletedAccount(), CS)).body).toMatchObject({ name, kind: "OpenAI" });
    expect((await ask("PUT", account(), CS, body)).body.error.code).toBe("FlagMustBeSetForRestore");
    await settled(await ask("PUT", account(), CS, { ...body, properties: { ...body.properties, restore: true } }));
    expect((await ask("GET", account(), CS)).body.properties.disableLocalAuth).toBe(true);
    await settled(await ask("DELETE", account(), CS));
    await settled(await ask("DELETE", deletedAccount(), CS));
    expect((await ask("GET", deletedAccount(), CS)).status).toBe(404);
  });
}

/** One request; the answer parsed. */
export async function send(target: ArmUnderTest, method: string, url: string, body?: object): Promise<Told> {
  const response = await fetch(url, {
    method,
    headers: { ...target.headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
}
