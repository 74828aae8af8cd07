import { beforeEach, describe, expect, test } from "vitest";
import { A, accountId, armRig, estate, G, lockId, S, type ArmRig } from "../support/armRig.ts";

let rig: ArmRig;
beforeEach(() => {
  rig = armRig();
});
const { clock } = { clock: () => rig.context.clock };
const advance = async (ms: number): Promise<void> => {
  const until = clock().now() + ms;
  while ((await clock().step(until)) !== undefined);
};

describe("reading accounts", () => {
  test("answers by any spelling of the path with the ID in its own spelling", () => {
    const spellings = [
      A,
      A.toUpperCase().replace("HTTPS", "https"),
      A.replace("resourceGroups", "resourcegroups"),
      `/${A}`,
      `/${encodeURIComponent(A)}`,
    ];
    for (const path of spellings) {
      const { status, body } = rig.ask("GET", path, { version: "2025-09-01" });
      expect([path, status, body.id]).toEqual([path, 200, A]);
    }
  });

  test("says what it doesn't know", () => {
    expect(rig.ask("GET", accountId("nobody"))).toMatchObject({
      status: 404,
      body: {
        error: {
          code: "ResourceNotFound",
          message: expect.stringContaining(
            "The Resource 'Microsoft.CognitiveServices/accounts/nobody' under resource group 'rg-Ada' was not found.",
          ),
        },
      },
    });
    expect(rig.ask("GET", A.replace("rg-Ada", "rg-none")).body.error.code).toBe("ResourceGroupNotFound");
    const elsewhere = A.replace("0000aa", "0000ab");
    expect(rig.ask("GET", elsewhere).body.error.code).toBe("SubscriptionNotFound");
    expect(rig.ask("GET", "/subscriptions/x/resourceGroups").body.error.code).toBe("InvalidSubscriptionId");
    expect(rig.ask("GET", "/nothing").body.error.code).toBe("MissingSubscription");
  });

  test("pages lists by a link on the address that the client used", () => {
    rig = armRig({ pageSize: 2, latency: { createAccountMs: 0 } });
    const body = { location: "swedencentral", kind: "OpenAI", sku: { name: "S0" }, properties: {} };
    for (const name of ["a1", "a2", "a3", "a4"]) rig.ask("PUT", accountId(name), { body });
    const seen: string[] = [];
    let path: string | undefined = `${G}/providers/Microsoft.CognitiveServices/accounts`;
    while (path !== undefined) {
      const { body: page } = rig.ask("GET", path);
      expect(page.value.length).toBeLessThanOrEqual(2);
      seen.push(...page.value.map((account: { name: string }) => account.name));
      path = page.nextLink?.replace(/^https:\/\/management\.azure\.com\//, "/");
    }
    expect(seen).toEqual(["a1", "a2", "a3", "a4", "oai-ada"]);
    expect(rig.ask("GET", `${S}/providers/Microsoft.CognitiveServices/accounts`).body.value).toHaveLength(2);
  });
});

describe("PUT of an account", () => {
  const body = {
    location: "Sweden Central",
    kind: "AIServices",
    sku: { name: "S0" },
    tags: { env: "dev" },
    properties: { customSubDomainName: "oai-new", disableLocalAuth: true },
  };

  test("creates in a second: 201 Creating, polled through Azure-AsyncOperation, then Succeeded", async () => {
    const path = accountId("oai-new").replace("resourceGroups/rg-Ada", "resourcegroups/RG-ADA");
    const created = rig.ask("PUT", path, { body });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ id: accountId("oai-new"), properties: { provisioningState: "Creating" } });
    const poll = (created.headers["azure-asyncoperation"] ?? "").replace("https://management.azure.com", "");
    expect(rig.ask("GET", poll).body).toMatchObject({ status: "InProgress" });
    expect(rig.arm.waitingOn()).toMatchObject([{ kind: "arm.operation", id: accountId("oai-new").toLowerCase() }]);
    expect(rig.changes).toEqual([]);
    await advance(1000);
    expect(rig.ask("GET", poll).body).toMatchObject({ status: "Succeeded", endTime: expect.any(String) });
    expect(rig.ask("GET", path).body.properties).toMatchObject({
      provisioningState: "Succeeded",
      endpoint: "https://oai-new.cognitiveservices.azure.com/",
      publicNetworkAccess: "Enabled",
    });
    expect(rig.changes).toMatchObject([
      {
        resourceId: path,
        operationName: "Microsoft.CognitiveServices/accounts/write",
        action: "Write",
        outcome: "Success",
        atMs: clock().now(),
      },
    ]);
    expect(rig.arm.waitingOn()).toEqual([]);
  });

  test("takes the body of a GET back unchanged but for ETag and systemData", () => {
    const before = rig.ask("GET", A).body;
    const { status, body: after } = rig.ask("PUT", A, { body: before });
    expect(status).toBe(200);
    const { etag: _, systemData: __, ...rest } = before;
    expect(after).toMatchObject(rest);
    expect(after.properties).toEqual(before.properties);
    expect(after.etag).not.toBe(before.etag);
  });

  test("puts what it leaves out back to defaults, but not the subdomain", () => {
    const { body: after } = rig.ask("PUT", A, {
      body: { location: "swedencentral", kind: "OpenAI", sku: { name: "S0" } },
    });
    expect(after.properties).toMatchObject({ publicNetworkAccess: "Enabled", customSubDomainName: "oai-ada" });
    for (const gone of ["networkAcls", "disableLocalAuth"]) expect(after.properties).not.toHaveProperty(gone);
    for (const gone of ["tags", "identity"]) expect(after).not.toHaveProperty(gone);
  });

  test.each([
    [{ ...body, location: undefined }, 400, "LocationRequired", /location property is required/],
    [{ ...body, kind: undefined }, 400, "InvalidResourceProperties", /'kind' is missing/],
    [{ ...body, sku: {} }, 400, "InvalidRequestContent", /Required property 'name'.*'sku\.name'/],
    [
      { ...body, location: "Mars North" },
      400,
      "LocationNotAvailableForResourceType",
      /List of available regions.*uksouth/,
    ],
    [{ ...body, properties: { apiProperties: { x: "y" } } }, 400, "InvalidRequestContent", /'x' on.*'ApiProperties'/],
    [
      { ...body, properties: { userOwnedStorage: [{ id: "x" }] } },
      400,
      "InvalidRequestContent",
      /'id' on object of type 'UserOwnedStorage'.*userOwnedStorage\[0\]\.id/,
    ],
    [
      { ...body, properties: { encryption: { keySource: "Mine" } } },
      400,
      "InvalidRequestContent",
      /one of Microsoft\.CognitiveServices, Microsoft\.KeyVault/,
    ],
    [
      { ...body, properties: { networkAcls: { ipRules: [{ value: "10.0.0.256" }] } } },
      400,
      "InvalidRequestContent",
      /"10\.0\.0\.256" to a string that matches.*networkAcls\.ipRules\[0\]\.value/,
    ],
    [
      { ...body, properties: { networkAcls: { virtualNetworkRules: [{ id: "/subnets/x" }] } } },
      400,
      "InvalidRequestContent",
      /virtualNetworkRules\[0\]\.id/,
    ],
    [{ ...body, properties: { allowedFqdnList: "contoso.com" } }, 400, "InvalidRequestContent", /to an array/],
    [{ ...body, colour: 1 }, 400, "InvalidRequestContent", /member 'colour' on object of type 'Account'/],
    [
      { ...body, properties: { PublicNetworkAccess: "Enabled" } },
      400,
      "InvalidRequestContent",
      /Did you mean 'publicNetworkAccess'/,
    ],
    [
      { ...body, properties: { networkAcls: { ipRules: [{}] } } },
      400,
      "InvalidRequestContent",
      /networkAcls\.ipRules\[0\]\.value/,
    ],
    [
      { ...body, properties: { publicNetworkAccess: "Sometimes" } },
      400,
      "InvalidRequestContent",
      /one of Enabled, Disabled/,
    ],
    [{ ...body, properties: { disableLocalAuth: "true" } }, 400, "InvalidRequestContent", /to a boolean/],
    [{ ...body, properties: { customSubDomainName: "oai-ada" } }, 400, "CustomDomainInUse", /already used/],
    [{ ...body, identity: { type: "UserAssigned" } }, 400, "InvalidIdentity", /userAssignedIdentities/],
    [{ ...body, tags: { "a/b": "c" } }, 400, "InvalidTagNameCharacters", /'a\/b'/],
    [{ ...body, tags: JSON.parse('{"__proto__": "x"}') }, 400, "InvalidRequestContent", /member '__proto__'/],
    [{ ...body, properties: { restore: true } }, 400, "CannotRestore", /soft-deleted/],
  ])("refuses %j", (bad, status, code, message) => {
    const told = rig.ask("PUT", accountId("oai-bad"), { body: bad });
    expect([told.status, told.body.error.code]).toEqual([status, code]);
    expect(told.body.error.message).toMatch(message);
    expect(rig.ask("GET", accountId("oai-bad")).status).toBe(404);
  });

  test("refuses what can't change: location, kind, subdomain, provisioning state", () => {
    const now = rig.ask("GET", A).body;
    const codes = [
      { ...now, location: "westeurope" },
      { ...now, kind: "SpeechServices" },
      { ...now, properties: { ...now.properties, customSubDomainName: "other" } },
      { ...now, properties: { ...now.properties, provisioningState: "Creating" } },
    ].map((changed) => rig.ask("PUT", A, { body: changed }).body.error.code);
    expect(codes).toEqual([
      "InvalidResourceLocation",
      "InvalidResourceProperties",
      "CustomSubDomainNameCannotBeChanged",
      "InvalidResourceProperties",
    ]);
    expect(rig.ask("GET", A).body).toBe(now);
  });

  test("gives identities principals, the same for the same user-assigned identity", () => {
    const uami = `${G}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-ada`;
    const identity = { type: "SystemAssigned, UserAssigned", userAssignedIdentities: { [uami]: {} } };
    const first = rig.ask("PATCH", A, { body: { identity } }).body.identity;
    expect(first).toMatchObject({ principalId: expect.any(String), tenantId: expect.any(String) });
    const second = rig.ask("PUT", accountId("oai-two"), { body: { ...body, properties: {}, identity } }).body.identity;
    expect(second.principalId).not.toBe(first.principalId);
    expect(second.userAssignedIdentities).toEqual(first.userAssignedIdentities);
    const other = { type: "UserAssigned", userAssignedIdentities: { [`${uami}-2`]: {} } };
    const merged = rig.ask("PATCH", A, { body: { identity: { ...identity, ...other, type: identity.type } } }).body;
    expect(Object.keys(merged.identity.userAssignedIdentities)).toEqual([uami, `${uami}-2`]);
    const put = rig.ask("PUT", A, { body: { ...body, kind: "OpenAI", properties: {}, identity: other } }).body;
    expect(Object.keys(put.identity.userAssignedIdentities)).toEqual([`${uami}-2`]);
    rig.ask("PUT", A, { body: { ...body, kind: "OpenAI", properties: {}, identity: first } });
    const third = rig.ask("PATCH", A, { body: { identity: { type: "SystemAssigned" } } }).body.identity;
    expect(third).toEqual({ type: "SystemAssigned", principalId: expect.any(String), tenantId: first.tenantId });
  });
});

describe("PATCH of an account", () => {
  test("changes the members that it names, networkAcls as a whole, null to the default", () => {
    const before = rig.ask("GET", A).body;
    const { status, body: after } = rig.ask("PATCH", A, {
      body: { properties: { networkAcls: { defaultAction: "Allow" }, publicNetworkAccess: null } },
    });
    expect(status).toBe(200);
    expect(after.properties.networkAcls).toEqual({ defaultAction: "Allow" });
    expect(after.properties.publicNetworkAccess).toBe("Enabled");
    expect({ ...after.properties, networkAcls: 0, publicNetworkAccess: 0 }).toEqual({
      ...before.properties,
      networkAcls: 0,
      publicNetworkAccess: 0,
    });
    expect([after.tags, after.sku, after.identity]).toEqual([before.tags, before.sku, before.identity]);
    expect(after.etag).not.toBe(before.etag);
  });

  test("replaces tags as a whole", () => {
    expect(rig.ask("PATCH", A, { body: { tags: { only: "this" } } }).body.tags).toEqual({ only: "this" });
    expect(rig.ask("PATCH", A, { body: { tags: null } }).body).not.toHaveProperty("tags");
  });

  test("says who wrote when, in the caller's name", async () => {
    const before = rig.ask("GET", A).body.systemData;
    await advance(60_000);
    const { systemData } = rig.ask("PATCH", A, { body: { tags: {} } }).body;
    expect(systemData).toEqual({
      ...before,
      lastModifiedBy: "00000000-0000-4000-8000-000000000001",
      lastModifiedByType: "User",
      lastModifiedAt: new Date(clock().now()).toISOString(),
    });
  });

  test("takes time when it is told to: 202 with Location, other writes meet 409 until its end", async () => {
    rig.arm.setLatency({ patchAccountMs: 30_000 });
    const accepted = rig.ask("PATCH", A, { body: { properties: { publicNetworkAccess: "Enabled" } } });
    expect([accepted.status, accepted.headers["retry-after"]]).toEqual([202, "30"]);
    expect(rig.ask("GET", A).body.properties).toMatchObject({
      publicNetworkAccess: "Enabled",
      provisioningState: "Accepted",
    });
    const conflict = {
      status: 409,
      body: {
        error: {
          code: "RequestConflict",
          message: `Another operation is being performed on the parent resource '${A}'. Please try again later.`,
        },
      },
    };
    const capacity = { sku: { name: "GlobalStandard", capacity: 60 } };
    expect(rig.ask("PATCH", `${A}/deployments/chat`, { body: capacity })).toMatchObject(conflict);
    expect(rig.ask("PATCH", A, { body: { tags: {} } })).toMatchObject(conflict);
    expect(rig.ask("DELETE", `${A}/deployments/chat`)).toMatchObject(conflict);
    expect(rig.ask("PUT", lockId(A, "mine"), { body: { properties: { level: "CanNotDelete" } } }).status).toBe(201);
    const poll = (accepted.headers["location"] ?? "").replace("https://management.azure.com", "");
    expect(rig.ask("GET", poll).status).toBe(202);
    await advance(30_000);
    expect(rig.ask("GET", poll)).toMatchObject({
      status: 200,
      body: { properties: { provisioningState: "Succeeded" } },
    });
    expect(rig.ask("PATCH", `${A}/deployments/chat`, { body: capacity }).status).toBe(200);
  });

  test("can fail in the end: the resource is as it was, in state Failed, and both polls tell why", async () => {
    rig.arm.setLatency({ patchAccountMs: 1000, putAccountMs: 1000 });
    const before = rig.ask("GET", A).body;
    const error = { code: "InternalServerError", message: "something broke" };
    const end = async (method: string, body: object): Promise<ReturnType<typeof rig.ask>> => {
      rig.arm.failNextOperation(error);
      const { headers } = rig.ask(method, A, { body });
      await advance(1000);
      const poll = headers["location"] ?? headers["azure-asyncoperation"] ?? "";
      return rig.ask("GET", poll.replace("https://management.azure.com", ""));
    };
    expect(await end("PATCH", { tags: {} })).toMatchObject({ status: 400, body: { error } });
    const after = rig.ask("GET", A).body;
    expect(after.tags).toEqual(before.tags);
    expect(after.properties).toEqual({ ...before.properties, provisioningState: "Failed" });
    expect(rig.changes.at(-1)).toMatchObject({ method: "PATCH", outcome: "Failure" });
    expect(await end("PUT", after)).toMatchObject({
      status: 200,
      body: { status: "Failed", error },
    });
    await advance(1000);
    rig.ask("PATCH", A, { body: { tags: { ok: "now" } } });
    await advance(1000);
    expect(rig.ask("GET", A).body).toMatchObject({
      tags: { ok: "now" },
      properties: { provisioningState: "Succeeded" },
    });
  });

  test("can leave the account busy for a while although it was done at once", async () => {
    rig.arm.setLatency({ accountBusyMs: 700 });
    const write = (): number => rig.ask("PATCH", A, { body: { tags: {} } }).status;
    expect([write(), write()]).toEqual([200, 409]);
    await advance(700);
    expect(write()).toBe(200);
  });
});

describe("DELETE of an account", () => {
  test("takes deployments, role assignments and locks below it along", () => {
    rig.ask("PUT", lockId(A, "soon-gone"), { body: { properties: { level: "CanNotDelete" } } });
    expect(rig.ask("DELETE", A).body.error.code).toBe("ScopeLocked");
    rig.ask("DELETE", lockId(A, "soon-gone"));
    expect(rig.ask("DELETE", A)).toMatchObject({ status: 200, body: undefined });
    expect(rig.ask("DELETE", A).status).toBe(204);
    expect(Object.keys(rig.arm.state()).filter((id) => id.startsWith(A.toLowerCase()))).toEqual([]);
  });

  test("with latency is Deleting until its operation ends", async () => {
    rig.arm.setLatency({ deleteAccountMs: 5000 });
    const accepted = rig.ask("DELETE", A);
    expect(accepted.status).toBe(202);
    expect(rig.ask("GET", A).body.properties.provisioningState).toBe("Deleting");
    await advance(5000);
    expect(rig.ask("GET", A).status).toBe(404);
    const poll = (accepted.headers["location"] ?? "").replace("https://management.azure.com", "");
    expect(rig.ask("GET", poll).status).toBe(204);
  });
});

describe("keys", () => {
  test("are listed only while local authentication is on; one is regenerated, the other stays", () => {
    expect(rig.ask("POST", `${A}/listKeys`).status).toBe(400);
    rig.ask("PATCH", A, { body: { properties: { disableLocalAuth: false } } });
    const before = rig.ask("POST", `${A}/listkeys`).body;
    const after = rig.ask("POST", `${A}/regenerateKey`, { body: { keyName: "Key1" } }).body;
    expect(after.key1).not.toBe(before.key1);
    expect(after.key2).toBe(before.key2);
    expect(rig.ask("POST", `${A}/listKeys`).body).toEqual(after);
    expect(rig.changes.at(-1)).toMatchObject({
      operationName: "Microsoft.CognitiveServices/accounts/listKeys/action",
      action: "Action",
      resourceId: A,
    });
  });
});

test("a seed is laid whole or not at all", () => {
  const empty = armRig({ seed: false });
  const bad = {
    ...estate,
    resources: [...estate.resources, { id: `${A}/odd/x`, type: "Microsoft.CognitiveServices/accounts/odd" }],
  };
  expect(() => empty.arm.seed(bad)).toThrow("'Microsoft.CognitiveServices/accounts/odd'");
  expect(empty.arm.state()).toEqual({});
  empty.arm.seed(estate);
  expect(empty.ask("GET", A).status).toBe(200);
});

test("private endpoint connections are part of the account: read, rejected and taken away, not made", () => {
  const { body } = rig.ask("GET", `${A}/privateEndpointConnections`);
  expect(body.value).toEqual(rig.ask("GET", A).body.properties.privateEndpointConnections);
  expect(rig.ask("GET", `${A}/privateEndpointConnections/PE-ada`).body).toEqual(body.value[0]);
  const path = `${A}/privateEndpointConnections/pe-ada`;
  const state = { status: "Rejected", description: "not ours" };
  const rejected = rig.ask("PUT", path, { body: { properties: { privateLinkServiceConnectionState: state } } });
  expect(rejected.status).toBe(200);
  expect(rig.ask("GET", A).body.properties.privateEndpointConnections).toEqual([rejected.body]);
  expect(rejected.body.properties).toMatchObject({
    privateLinkServiceConnectionState: { ...state, actionsRequired: "None" },
    privateEndpoint: { id: expect.stringContaining("privateEndpoints/pe-ada") },
  });
  expect(rig.ask("DELETE", path).status).toBe(200);
  expect(rig.ask("DELETE", path).status).toBe(204);
  expect(rig.ask("GET", A).body.properties.privateEndpointConnections).toEqual([]);
  const again = rig.ask("PUT", path, { body: { properties: { privateLinkServiceConnectionState: state } } });
  expect(again.body.error.code).toBe("ResourceNotFound");
});
