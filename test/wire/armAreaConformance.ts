/**
 * What any Azure Resource Manager answers about monitoring, inventory, history and PIM, the local engine or the real one.
 * The tests build on each other in order; what they make carries a prefix and is taken away again. What the service shows
 * late (Resource Graph, activity log, role schedules) is asked for until it is there.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { type ArmUnderTest, send, type Told } from "./armConformance.ts";

const versions = {
  account: "2025-09-01",
  workspace: "2023-09-01",
  diagnostics: "2021-05-01-preview",
  metrics: "2024-02-01",
  alert: "2018-03-01",
  actionGroup: "2023-01-01",
  graph: "2024-04-01",
  activity: "2015-04-01",
  pim: "2020-10-01",
  network: "2025-07-01",
} as const;

const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
/** Times that something late is asked for, with a wait in between, before it counts as missing. */
const ASKED_MAX = 300;

export interface AreasUnderTest extends ArmUnderTest {
  /** The service's time, milliseconds. */
  readonly now: () => number;
  /** The tenant has the licence, and the caller may write schedule requests. */
  readonly pim: boolean;
  /** IDs of a subnet and of a private DNS zone that are there; without them nothing is asked of private endpoints. */
  readonly network?: { readonly subnet: string; readonly zone: string };
}

/** Registers the suite. */
export function armAreaConformance(target: () => AreasUnderTest): void {
  const name = `steelyard-${randomBytes(4).toString("hex")}`;
  const scope = (): string => `/subscriptions/${target().subscriptionId}/resourceGroups/${target().resourceGroup}`;
  const account = (): string => `${scope()}/providers/Microsoft.CognitiveServices/accounts/${name}`;
  const workspace = (): string => `${scope()}/providers/Microsoft.OperationalInsights/workspaces/${name}`;
  const insights = (of: string): string => `${of}/providers/Microsoft.Insights`;
  const ask = (
    method: string,
    path: string,
    version: keyof typeof versions,
    body?: object,
    query = "",
  ): Promise<Told> =>
    send(target(), method, `${target().endpoint}${path}?api-version=${versions[version]}${query}`, body);
  const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
    for (let asked = 0; asked < ASKED_MAX; asked += 1) {
      const found = await look();
      if (found !== undefined) return found;
      await target().wait();
    }
    throw new Error(`not there after it was asked for ${ASKED_MAX} times`);
  };
  const graph = (query: string): Promise<Told> =>
    ask("POST", "/providers/Microsoft.ResourceGraph/resources", "graph", {
      subscriptions: [target().subscriptionId],
      query,
    });
  const settled = (path: string, version: keyof typeof versions): Promise<true> =>
    until(async () => {
      const { body } = await ask("GET", path, version);
      return body?.properties?.provisioningState === "Succeeded" ? true : undefined;
    });

  test("an account and a workspace to look at are made", async () => {
    const { location } = target();
    const body = { location, kind: "OpenAI", sku: { name: "S0" }, properties: { customSubDomainName: name } };
    expect((await ask("PUT", account(), "account", body)).status).toBeOneOf([200, 201, 202]);
    expect((await ask("PUT", workspace(), "workspace", { location })).status).toBeOneOf([200, 201, 202]);
    await settled(account(), "account");
    await settled(workspace(), "workspace");
  });

  test("a diagnostic setting is put with 200, and its sink is its own for a category", async () => {
    const at = (setting: string): string => `${insights(account())}/diagnosticSettings/${setting}`;
    const setting = (categoryGroup: string): object => ({
      properties: { workspaceId: workspace(), logs: [{ categoryGroup, enabled: true }] },
    });
    const put = await ask("PUT", at("one"), "diagnostics", setting("allLogs"));
    expect([put.status, put.body.properties.logs[0].enabled]).toEqual([200, true]);
    const listed = await ask("GET", `${insights(account())}/diagnosticSettings`, "diagnostics");
    expect(listed.body.value.map((one: { name: string }) => one.name)).toEqual(["one"]);
    const reused = await ask("PUT", at("two"), "diagnostics", setting("allLogs"));
    expect([reused.status, reused.body.code, reused.body.error]).toEqual([409, "Conflict", undefined]);
    const categories = await ask("GET", `${insights(account())}/diagnosticSettingsCategories`, "diagnostics");
    const names = categories.body.value.map((one: { name: string }) => one.name);
    expect(names).toEqual(expect.arrayContaining(["Audit", "RequestResponse", "AllMetrics"]));
    expect((await ask("DELETE", at("one"), "diagnostics")).status).toBe(200);
    expect((await ask("DELETE", at("one"), "diagnostics")).status).toBe(204);
  });

  test("metrics are known by name, and unknown ones refused with the valid names", async () => {
    const definitions = await ask("GET", `${insights(account())}/metricDefinitions`, "metrics");
    const names = definitions.body.value.map((one: { name: { value: string } }) => one.name.value);
    expect(names).toEqual(expect.arrayContaining(["AzureOpenAIRequests", "ProcessedPromptTokens", "TotalCalls"]));
    const metrics = `${insights(account())}/metrics`;
    const calls = await ask("GET", metrics, "metrics", undefined, "&metricnames=TotalCalls&interval=PT1H");
    expect(calls.body.value).toMatchObject([{ name: { value: "TotalCalls" }, unit: "Count" }]);
    const unknown = await ask("GET", metrics, "metrics", undefined, "&metricnames=NoSuchMetric");
    expect([unknown.status, unknown.body.code]).toEqual([400, "BadRequest"]);
    expect(unknown.body.message).toMatch(/metric: NoSuchMetric, Valid metrics: .*TotalCalls/);
  });

  test("an alert watches the account and tells an action group", async () => {
    const group = `${insights(scope())}/actionGroups/${name}`;
    const alert = `${insights(scope())}/metricAlerts/${name}`;
    const emailReceivers = [{ name: "ops", emailAddress: "ops@contoso.example", useCommonAlertSchema: true }];
    const receivers = { groupShortName: "steelyard", enabled: true, emailReceivers };
    const made = await ask("PUT", group, "actionGroup", { location: "Global", properties: receivers });
    expect([made.status, made.body.properties.emailReceivers.length]).toEqual([201, 1]);
    const criterion = { name: "blocked", metricName: "BlockedCalls", timeAggregation: "Total" };
    const properties = {
      severity: 2,
      enabled: true,
      scopes: [account()],
      evaluationFrequency: "PT5M",
      windowSize: "PT5M",
      criteria: {
        "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        allOf: [{ criterionType: "StaticThresholdCriterion", operator: "GreaterThan", threshold: 0, ...criterion }],
      },
      actions: [{ actionGroupId: group }],
    };
    expect((await ask("PUT", alert, "alert", { location: "global", properties })).status).toBe(200);
    const patched = await ask("PATCH", alert, "alert", { properties: { enabled: false } });
    expect([patched.status, patched.body.properties.enabled, patched.body.properties.severity]).toEqual([
      200,
      false,
      2,
    ]);
    expect((await ask("DELETE", alert, "alert")).status).toBe(200);
    expect((await ask("DELETE", alert, "alert")).status).toBe(204);
    expect((await ask("DELETE", group, "actionGroup")).status).toBe(200);
  });

  test("a private endpoint keeps its names in the zones of one group", async ({ skip }) => {
    const { network, location } = target();
    if (network === undefined) return skip("the target has no network");
    const endpoint = `${scope()}/providers/Microsoft.Network/privateEndpoints/${name}`;
    const group = `${endpoint}/privateDnsZoneGroups/default`;
    const link = { name: "link", properties: { privateLinkServiceId: account(), groupIds: ["account"] } };
    const properties = { subnet: { id: network.subnet }, privateLinkServiceConnections: [link] };
    expect((await ask("PUT", endpoint, "network", { location, properties })).status).toBeOneOf([200, 201]);
    await settled(endpoint, "network");
    const config = { name: "openai", properties: { privateDnsZoneId: network.zone } };
    const put = (configs: readonly object[]): Promise<Told> =>
      ask("PUT", group, "network", { properties: { privateDnsZoneConfigs: configs } });
    expect((await put([config])).status).toBeOneOf([200, 201]);
    await settled(group, "network");
    const listed = await ask("GET", `${endpoint}/privateDnsZoneGroups`, "network");
    expect(listed.body.value).toMatchObject([{ name: "default", properties: { privateDnsZoneConfigs: [config] } }]);
    const second = await ask("PUT", `${endpoint}/privateDnsZoneGroups/second`, "network", {
      properties: { privateDnsZoneConfigs: [config] },
    });
    expect(second.status).toBe(400);
    expect((await ask("DELETE", group, "network")).status).toBeOneOf([200, 202]);
    expect((await ask("DELETE", endpoint, "network")).status).toBeOneOf([200, 202]);
  });

  test("Resource Graph comes to know the account, never deployments, and says what is left of the quota", async () => {
    const mine = `Resources | where type =~ 'Microsoft.CognitiveServices/accounts' and name == '${name}'`;
    const row = await until(async () => {
      const { body } = await graph(`${mine} | project id, name, kind, sku.name, location | order by id asc`);
      return body.data?.[0] as object | undefined;
    });
    expect(row).toMatchObject({ name, kind: "OpenAI", sku_name: "S0", location: target().location });
    const below = await graph("Resources | where type =~ 'Microsoft.CognitiveServices/accounts/deployments' | count");
    expect(below.body.data).toEqual([{ Count: 0 }]);
    expect(Number(below.headers.get("x-ms-user-quota-remaining"))).toBeLessThanOrEqual(15);
    expect(below.headers.get("x-ms-user-quota-resets-after")).toMatch(/^00:00:0\d$/);
    const refused = await graph("Resources | where");
    expect([refused.status, refused.body.error.code, refused.body.error.details[0].code]).toEqual([
      400,
      "BadRequest",
      "InvalidQuery",
    ]);
  });

  test("the activity log tells who made the account, and takes no query without a time", async () => {
    const at = `${insights(`/subscriptions/${target().subscriptionId}`)}/eventtypes/management/values`;
    const from = new Date(target().now() - 3_600_000).toISOString();
    const filter = `&$filter=${encodeURIComponent(`eventTimestamp ge '${from}' and resourceUri eq '${account()}'`)}`;
    const event = await until(async () => {
      const { body } = await ask("GET", at, "activity", undefined, filter);
      const events = (body.value ?? []) as { operationName: { value: string }; status: { value: string } }[];
      return events.find(
        (one) => /accounts\/write$/i.test(one.operationName.value) && one.status.value === "Succeeded",
      );
    });
    expect(event).toMatchObject({ caller: expect.any(String), correlationId: expect.any(String) });
    const timeless = `&$filter=${encodeURIComponent(`resourceUri eq '${account()}'`)}`;
    expect((await ask("GET", at, "activity", undefined, timeless)).status).toBe(400);
  });

  test("PIM assigns a role for a time, answers 201, and takes it back", async ({ skip }) => {
    if (!target().pim) skip("the target's tenant has no PIM");
    const { principal, subscriptionId } = target();
    const at = (kind: string): string => `${account()}/providers/Microsoft.Authorization/${kind}`;
    const request = (requestType: string, more: object): Promise<Told> =>
      ask("PUT", `${at("roleAssignmentScheduleRequests")}/${randomUUID()}`, "pim", {
        properties: {
          principalId: principal.id,
          roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${reader}`,
          requestType,
          justification: "conformance",
          ...more,
        },
      });
    const instances = async (): Promise<object[]> => {
      const filter = `&$filter=${encodeURIComponent(`principalId eq '${principal.id}'`)}`;
      const { body } = await ask("GET", at("roleAssignmentScheduleInstances"), "pim", undefined, filter);
      const all = body.value as { properties: { scope: string } }[];
      return all.filter(({ properties }) => properties.scope.toLowerCase() === account().toLowerCase());
    };
    const endless = await request("AdminAssign", { scheduleInfo: { expiration: { type: "NoExpiration" } } });
    expect([endless.status, endless.body.error.code]).toEqual([400, "RoleAssignmentRequestPolicyValidationFailed"]);
    const expiration = { type: "AfterDuration", duration: "PT1H" };
    const assigned = await request("AdminAssign", { scheduleInfo: { expiration } });
    expect([assigned.status, assigned.body.properties.requestType]).toEqual([201, "AdminAssign"]);
    await until(async () => ((await instances()).length === 1 ? true : undefined));
    expect((await request("AdminRemove", {})).status).toBe(201);
    await until(async () => ((await instances()).length === 0 ? true : undefined));
  });

  test("what was made is taken away", async () => {
    expect((await ask("DELETE", workspace(), "workspace")).status).toBeOneOf([200, 202]);
    expect((await ask("DELETE", account(), "account")).status).toBeOneOf([200, 202]);
  });
}
