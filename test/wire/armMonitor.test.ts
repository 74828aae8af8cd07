/** Microsoft.Insights and what it needs: diagnostic settings, alerts, action groups, workspaces; private endpoints. */
import { beforeEach, describe, expect, test } from "vitest";
import {
  A,
  accountId,
  armRig,
  assignmentId,
  contributor,
  G,
  guid,
  lockId,
  product,
  reader,
  roles,
  S,
  type Ask,
  type ArmRig,
  type Told,
} from "../support/armRig.ts";
import { judged } from "../support/judgedRig.ts";

let rig: ArmRig;
const watched = judged();
beforeEach(() => {
  rig = watched(armRig({ latency: { createAccountMs: 0 } }));
});

const W = `${G}/providers/Microsoft.OperationalInsights/workspaces/central`;
const settings = `${A}/providers/Microsoft.Insights/diagnosticSettings`;
const ask = (method: string, path: string, body?: unknown, more: Ask = {}): Told =>
  rig.ask(method, path, body === undefined ? more : { body, ...more });
const workspace = (): Told => ask("PUT", W, { location: "swedencentral" });
const logs = (group: string, enabled = true): object[] => [{ categoryGroup: group, enabled }];
const setting = (properties: object): object => ({ properties: { workspaceId: W, ...properties } });
const guard = (told: Told): unknown => [told.status, told.body.code, told.body.message];

describe("diagnostic settings", () => {
  test("are put, replaced, listed and deleted as the service does it", () => {
    expect(workspace().status).toBe(201);
    const put = ask("PUT", `${settings}/steelyard`, setting({ logs: logs("ALLLOGS") }));
    expect(put.status).toBe(200);
    expect(put.body).toEqual({
      id: `${A.toLowerCase()}/providers/microsoft.insights/diagnosticSettings/steelyard`,
      type: "Microsoft.Insights/diagnosticSettings",
      name: "steelyard",
      properties: {
        workspaceId: W,
        logs: [{ categoryGroup: "allLogs", enabled: true, retentionPolicy: { enabled: false, days: 0 } }],
        metrics: [],
      },
    });
    const metrics = [{ category: "AllMetrics", enabled: true }];
    expect(ask("PUT", `${settings}/steelyard`, setting({ metrics })).body.properties.logs).toEqual([]);
    expect(ask("GET", settings).body.value).toHaveLength(1);
    expect(rig.changes.at(-1)).toMatchObject({
      operationName: "Microsoft.Insights/diagnosticSettings/write",
      resourceId: `${settings}/steelyard`,
    });
    expect([ask("DELETE", `${settings}/steelyard`).status, ask("DELETE", `${settings}/steelyard`).status]).toEqual([
      200, 204,
    ]);
    expect(guard(ask("GET", `${settings}/steelyard`))).toMatchObject([404, "ResourceNotFound", expect.any(String)]);
  });

  test("share no sink for a category, groups resolved; the error has no envelope", () => {
    workspace();
    ask("PUT", `${settings}/one`, setting({ logs: logs("audit") }));
    expect(guard(ask("PUT", `${settings}/two`, setting({ logs: logs("allLogs") })))).toEqual([
      409,
      "Conflict",
      `Data sink '${W}' is already used in diagnostic setting 'one' for category 'Audit'. Data sinks can't be reused in different settings on the same category for the same resource.`,
    ]);
    const trace = [{ category: "Trace", enabled: true }];
    expect(ask("PUT", `${settings}/two`, setting({ logs: trace })).status).toBe(200);
    expect(ask("PUT", `${settings}/one`, setting({ logs: logs("audit") })).status).toBe(200);
  });

  test("need a sink, a category that there is, and a workspace that the caller may link", () => {
    workspace();
    const refused = (properties: object): unknown => guard(ask("PUT", `${settings}/x`, { properties }));
    expect(refused({ logs: logs("allLogs") })).toEqual([
      400,
      "BadRequest",
      "At least one data sink needs to be specified.",
    ]);
    expect(refused({ workspaceId: W, logs: [{ category: "Nothing", enabled: true }] })).toEqual([
      400,
      "BadRequest",
      "Category 'Nothing' is not supported.",
    ]);
    expect(refused({ workspaceId: W, logs: [...logs("audit"), { category: "Trace", enabled: true }] })).toMatchObject([
      400,
      "BadRequest",
      expect.stringContaining("both"),
    ]);
    expect(refused({ workspaceId: `${W}x`, logs: logs("audit") })).toMatchObject([
      404,
      "ResourceNotFound",
      expect.any(String),
    ]);
    expect(refused({ workspaceId: W, logs: logs("audit"), extra: 1 })).toMatchObject([
      400,
      "InvalidRequestContent",
      expect.any(String),
    ]);
    expect(refused({ workspaceId: W, logs: logs("audit", false) })).toMatchObject([
      400,
      "BadRequest",
      expect.any(String),
    ]);
    // Cognitive Services Contributor has diagnosticSettings/*, and nothing on the workspace.
    const linked = ask("PUT", `${settings}/x`, setting({ logs: logs("audit") }), { as: product });
    expect([linked.status, linked.body.error.code]).toEqual([403, "LinkedAuthorizationFailed"]);
    const forbidden = ask("PUT", `${settings}/x`, setting({ logs: logs("audit") }), { as: reader });
    expect([forbidden.status, forbidden.body.error.code]).toEqual([403, "AuthorizationFailed"]);
    for (let index = 0; index < 5; index += 1) {
      const workspaceId = `${W}${index}`;
      ask("PUT", workspaceId, { location: "swedencentral" });
      expect(ask("PUT", `${settings}/n${index}`, { properties: { workspaceId, logs: logs("audit") } }).status).toBe(
        200,
      );
    }
    expect(
      refused({ storageAccountId: `${G}/providers/Microsoft.Storage/storageAccounts/s`, logs: logs("audit") }),
    ).toMatchObject([409, "Conflict", expect.stringContaining("limit of 5")]);
  });

  test("have categories by type, and stay when their resource goes", () => {
    workspace();
    const categories = ask("GET", `${A}/providers/Microsoft.Insights/diagnosticSettingsCategories`).body.value;
    expect(categories.map(({ name }: { name: string }) => name)).toEqual([
      "Audit",
      "RequestResponse",
      "AzureOpenAIRequestUsage",
      "Trace",
      "AllMetrics",
    ]);
    expect(ask("GET", `${A}/providers/Microsoft.Insights/diagnosticSettingsCategories/trace`).body.properties).toEqual({
      categoryType: "Logs",
      categoryGroups: ["allLogs"],
    });
    expect(ask("GET", `${G}/providers/Microsoft.Insights/diagnosticSettings`).status).toBe(400);
    const B = accountId("oai-b");
    const at = `${B}/providers/Microsoft.Insights/diagnosticSettings`;
    const account = { location: "swedencentral", kind: "AIServices", sku: { name: "S0" }, properties: {} };
    ask("PUT", B, account);
    ask("PUT", `${at}/one`, setting({ logs: logs("audit") }));
    expect(ask("DELETE", B).status).toBe(200);
    expect(ask("GET", at).status).toBe(404);
    ask("PUT", B, { ...account, properties: { restore: true } });
    expect(ask("GET", at).body.value).toHaveLength(1);
  });
});

describe("alerts", () => {
  const group = `${G}/providers/Microsoft.Insights/actionGroups/platform`;
  const alert = `${G}/providers/Microsoft.Insights/metricAlerts/ptu`;
  const rule = (more: object = {}, metricName = "BlockedCalls"): object => ({
    location: "global",
    properties: {
      severity: 2,
      enabled: true,
      scopes: [A],
      evaluationFrequency: "PT1M",
      windowSize: "PT5M",
      criteria: {
        "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        allOf: [
          {
            criterionType: "StaticThresholdCriterion",
            name: "one",
            metricName,
            timeAggregation: "Total",
            operator: "GreaterThan",
            threshold: 0,
          },
        ],
      },
      ...more,
    },
  });

  test("watch a resource and tell an action group", () => {
    const email = [{ name: "ops", emailAddress: "ops@contoso.example" }];
    const made = ask("PUT", group, {
      location: "Global",
      properties: { groupShortName: "platform", enabled: true, emailReceivers: email },
    });
    expect([made.status, made.body.properties.emailReceivers, made.body.properties.smsReceivers]).toEqual([
      201,
      [{ name: "ops", emailAddress: "ops@contoso.example", status: "Enabled" }],
      [],
    ]);
    const put = ask("PUT", alert, rule({ actions: [{ actionGroupId: group }] }));
    expect([put.status, put.body.properties.autoMitigate]).toEqual([200, true]);
    const patched = ask("PATCH", alert, { properties: { enabled: false }, tags: { by: "test" } });
    expect([patched.body.properties.enabled, patched.body.properties.severity, patched.body.tags]).toEqual([
      false,
      2,
      { by: "test" },
    ]);
    expect(ask("GET", `${S}/providers/Microsoft.Insights/metricAlerts`).body.value).toHaveLength(1);
    expect(ask("PATCH", group, { properties: { enabled: false } }).body.properties.emailReceivers).toHaveLength(1);
    expect([ask("DELETE", alert).status, ask("DELETE", alert).status]).toEqual([200, 204]);
  });

  test("are refused when what they name isn't there", () => {
    expect(guard(ask("PUT", alert, rule({}, "Nonsense")))).toMatchObject([
      400,
      "BadRequest",
      expect.stringContaining("Nonsense"),
    ]);
    expect(guard(ask("PUT", alert, rule({ actions: [{ actionGroupId: group }] })))).toMatchObject([
      404,
      "ResourceNotFound",
      expect.stringContaining(group),
    ]);
    expect(guard(ask("PUT", alert, rule({ scopes: [`${A}x`] })))).toMatchObject([
      404,
      "ResourceNotFound",
      expect.anything(),
    ]);
    expect(ask("PUT", alert, rule({ severity: 5 })).status).toBe(400);
    expect(ask("PUT", alert, { ...rule(), location: "swedencentral" }).body.code).toBe("InvalidRequestContent");
    expect(ask("PUT", alert, rule(), { as: product }).status).toBe(403);
  });
});

test("an activity log alert names its category and its action groups", () => {
  const group = `${G}/providers/Microsoft.Insights/actionGroups/platform`;
  const alert = `${G}/providers/Microsoft.Insights/activityLogAlerts/keys`;
  const field = (name: string, equals: string): object => ({ field: name, equals });
  const operation = field("operationName", "Microsoft.CognitiveServices/accounts/listKeys/action");
  const body = (allOf: object[]): object => ({
    location: "Global",
    properties: { scopes: [S], condition: { allOf }, actions: { actionGroups: [{ actionGroupId: group }] } },
  });
  expect(guard(ask("PUT", alert, body([operation])))).toMatchObject([
    400,
    "BadRequest",
    expect.stringContaining("category"),
  ]);
  const complete = body([field("category", "Administrative"), operation]);
  expect(ask("PUT", alert, complete).status).toBe(404);
  ask("PUT", group, { location: "Global", properties: { groupShortName: "platform", enabled: true } });
  expect([ask("PUT", alert, complete).status, ask("PUT", alert, complete).status]).toEqual([201, 200]);
  expect(ask("PATCH", alert, { properties: { enabled: false } }).body.properties).toMatchObject({
    enabled: false,
    scopes: [S],
  });
  ask("PUT", lockId(alert, "hold"), { properties: { level: "CanNotDelete" } });
  expect(ask("DELETE", alert).body.error.code).toBe("ScopeLocked");
  ask("DELETE", lockId(alert, "hold"));
  ask("PUT", assignmentId(alert, guid(80)), { properties: { principalId: guid(90), roleDefinitionId: roles.reader } });
  expect(ask("DELETE", alert).status).toBe(200);
  expect(ask("GET", assignmentId(alert, guid(80))).status).toBe(404);
});

test("an endpoint's names are kept in the zones of one group, which goes with it", () => {
  const endpoint = `${G}/providers/Microsoft.Network/privateEndpoints/pe-zones`;
  const link = { name: "link", properties: { privateLinkServiceId: A, groupIds: ["account"] } };
  const subnet = { id: `${G}/providers/Microsoft.Network/virtualNetworks/v/subnets/s` };
  ask("PUT", endpoint, { location: "swedencentral", properties: { subnet, privateLinkServiceConnections: [link] } });
  const group = `${endpoint}/privateDnsZoneGroups/default`;
  const config = (name: string, zone = `privatelink.${name}.azure.com`): object => ({
    name,
    properties: { privateDnsZoneId: `${G}/providers/Microsoft.Network/privateDnsZones/${zone}` },
  });
  const put = (configs: readonly object[], id = group): ReturnType<typeof ask> =>
    ask("PUT", id, { properties: { privateDnsZoneConfigs: configs } });
  expect(
    put([config("openai")], `${G}/providers/Microsoft.Network/privateEndpoints/none/privateDnsZoneGroups/x`).status,
  ).toBe(404);
  expect(put([config("openai")]).status).toBe(201);
  expect(put([config("openai"), config("cognitiveservices")]).status).toBe(200);
  const shown = ask("GET", group).body;
  expect(shown.properties.privateDnsZoneConfigs.map((one: { name: string }) => one.name)).toEqual([
    "openai",
    "cognitiveservices",
  ]);
  // What was read can be put back.
  expect(ask("PUT", group, shown).status).toBe(200);
  expect(put([config("openai")], `${endpoint}/privateDnsZoneGroups/second`).body.error.code).toBe(
    "PrivateEndpointCannotHaveMultipleDnsZoneGroups",
  );
  expect(put([config("a"), config("A")]).body.error.code).toBe("DuplicateResourceName");
  expect(put([1, 2, 3, 4, 5, 6].map((one) => config(`z${one}`))).body.error.code).toBe("TooManyPrivateDnsZoneConfigs");
  expect(put([config("a", "x/y")]).body.error.code).toBe("InvalidResourceReference");
  expect(ask("PUT", group, { properties: { zones: [] } }).body.error.code).toBe("InvalidRequestContent");
  expect(ask("GET", group, undefined, { as: reader }).status).toBe(200);
  expect(ask("PUT", group, shown, { as: reader }).status).toBe(403);
  expect(ask("DELETE", endpoint).status).toBe(200);
  expect(ask("GET", group).status).toBe(404);
});

test("a private endpoint makes its account's connection, and takes it along", async () => {
  const endpoint = `${G}/providers/Microsoft.Network/privateEndpoints/pe-new`;
  const body = (kind: string, groupIds = ["account"]): object => ({
    location: "swedencentral",
    properties: {
      subnet: { id: `${G}/providers/Microsoft.Network/virtualNetworks/v/subnets/s` },
      [kind]: [{ name: "link", properties: { privateLinkServiceId: A, groupIds } }],
    },
  });
  const states = (): unknown[] =>
    ask("GET", A).body.properties.privateEndpointConnections.map(
      (one: { properties: { privateLinkServiceConnectionState: { status: string } } }) =>
        one.properties.privateLinkServiceConnectionState.status,
    );
  expect(ask("PUT", endpoint, body("privateLinkServiceConnections", ["vault"])).body.error.code).toBe("InvalidGroupId");
  expect(ask("PUT", endpoint, body("privateLinkServiceConnections"), { as: product }).status).toBe(403);
  const made = ask("PUT", endpoint, body("privateLinkServiceConnections"), { as: contributor });
  expect([made.status, made.body.properties.provisioningState]).toEqual([201, "Succeeded"]);
  expect(ask("PUT", endpoint, body("privateLinkServiceConnections")).status).toBe(200);
  expect(states()).toEqual(["Approved", "Approved"]);
  expect([ask("DELETE", endpoint).status, ask("DELETE", endpoint).status]).toEqual([200, 204]);
  expect(states()).toEqual(["Approved"]);
  ask("PUT", endpoint, body("manualPrivateLinkServiceConnections"));
  expect(states()).toEqual(["Approved", "Pending"]);
  rig.arm.setLatency({ patchAccountMs: 5000 });
  ask("PATCH", A, { tags: { a: "b" } });
  expect(ask("PUT", endpoint, body("privateLinkServiceConnections")).body.error.code).toBe(
    "AccountProvisioningStateInvalid",
  );
});
