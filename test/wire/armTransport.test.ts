import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { CognitiveServicesManagementClient } from "@azure/arm-cognitiveservices";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Verify } from "../../infra/local/identity/caller.ts";
import { faultSchema, type Fault } from "../../infra/local/platform/faults.ts";
import {
  A,
  armRig,
  contributor,
  G,
  guid,
  owner,
  product,
  roles,
  S,
  subscription,
  type ArmRig,
} from "../support/armRig.ts";
import { type LocalTls, localTls } from "../support/localTls.ts";

/** Tokens of this test are `OID` for the audience with or without the slash, as the two SDKs ask. */
const verify: Verify = async (authorization, audience) =>
  authorization === `Bearer ${product.oid}` && audience === "https://management.azure.com/" ? product : undefined;

let tls: LocalTls;
let rig: ArmRig;

beforeAll(async () => {
  tls = await localTls();
});
afterAll(() => tls[Symbol.asyncDispose]());
beforeEach(async () => {
  rig = armRig({ tls, verify });
  await rig.arm.start();
});
afterEach(() => rig.arm.stop());

const curl = (
  path: string,
  init: { method?: string; headers?: Record<string, string>; body?: string; oid?: string } = {},
): Promise<Response> =>
  fetch(`http://127.0.0.1:${rig.arm.ports.plain}${path}${path.includes("?") ? "" : "?api-version=2025-09-01"}`, {
    ...init,
    headers: { "x-ms-client-principal-id": init.oid ?? contributor.oid, ...init.headers },
  });
const patch = (body: object, oid?: string): Promise<Response> =>
  curl(A, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...(oid === undefined ? {} : { oid }),
  });
const setFaults = (...faults: (Partial<Fault> & Pick<Fault, "kind">)[]): void =>
  rig.context.faults.set(faults.map((fault) => faultSchema.parse({ where: "arm", ...fault })));
const errorOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { error: { code: string } }).error.code;

const tagsNow = async (): Promise<unknown> => ((await (await curl(A)).json()) as { tags: unknown }).tags;

/** The SDKs, unmodified but for the address. */
const clients = () => {
  const credential = { getToken: async () => ({ token: product.oid, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const options = { endpoint: `https://localhost:${rig.arm.ports.tls}`, retryOptions: { maxRetries: 0 } };
  return {
    cognitive: new CognitiveServicesManagementClient(credential, subscription, options),
    authorization: new AuthorizationManagementClient(credential, subscription, options),
  };
};

describe("callers", () => {
  test("on the plain port are who the header says", async () => {
    expect((await curl(A)).status).toBe(200);
    expect((await curl(A, { oid: guid(99) })).status).toBe(403);
    expect((await patch({ tags: { by: "hand" } })).status).toBe(200);
    expect(rig.changes).toMatchObject([{ caller: { oid: contributor.oid }, outcome: "Success", resourceId: A }]);
  });

  test("without header or good token are refused with a challenge", async () => {
    const url = `http://127.0.0.1:${rig.arm.ports.plain}${A}?api-version=2025-09-01`;
    const none = await fetch(url);
    expect([none.status, none.headers.get("www-authenticate")]).toEqual([401, expect.stringMatching(/^Bearer /)]);
    expect(await errorOf(none)).toBe("AuthenticationFailed");
    const bad = await fetch(url, { headers: { authorization: "Bearer nonsense" } });
    expect([bad.status, await errorOf(bad)]).toEqual([401, "InvalidAuthenticationToken"]);
    const good = await fetch(url, { headers: { authorization: `Bearer ${product.oid}` } });
    expect(good.status).toBe(200);
  });

  test("on the TLS port can't name themselves by the header", async () => {
    const url = `https://localhost:${rig.arm.ports.tls}${A}?api-version=2025-09-01`;
    expect((await fetch(url, { headers: { "x-ms-client-principal-id": owner.oid } })).status).toBe(401);
  });
});

describe("what ARM refuses before it looks at the resource", () => {
  test.each([
    [`${A}?`, 400, "MissingApiVersionParameter"],
    [`${A}?api-version=banana`, 400, "InvalidApiVersionParameter"],
    [`${A}?api-version=2015-01-01`, 400, "NoRegisteredProviderFound"],
    [`${A}?api-version=2025-09-01&$top=3`, 400, "InvalidQueryParameter"],
    [`${G}/providers/Microsoft.Nothing/things/a?api-version=2025-09-01`, 404, "InvalidResourceNamespace"],
    [`${G}/providers/Microsoft.CognitiveServices/things/a?api-version=2025-09-01`, 404, "InvalidResourceType"],
  ])("%s", async (path, status, code) => {
    const response = await curl(path);
    expect([response.status, await errorOf(response)]).toEqual([status, code]);
  });

  test("forms, broken JSON, unknown actions and methods", async () => {
    const form = await curl(A, { method: "PATCH", body: new URLSearchParams({ a: "b" }) as never });
    expect([form.status, await errorOf(form)]).toEqual([415, "UnsupportedMediaType"]);
    const json = { "content-type": "application/json" };
    const broken = await curl(A, { method: "PATCH", headers: json, body: "{" });
    expect([broken.status, await errorOf(broken)]).toEqual([400, "InvalidRequestContent"]);
    expect(await errorOf(await curl(`${A}/explode`, { method: "POST" }))).toBe("InvalidResourceType");
    expect((await curl(G.replace("/resourceGroups", "/resourcegroups"), { method: "DELETE" })).status).toBe(400);
    expect((await curl(`${G}?api-version=2024-07-01`, { method: "DELETE" })).status).toBe(405);
  });
});

describe("throttling", () => {
  const buckets = { reads: { size: 2, refillPerSecond: 0.5 }, writes: { size: 1, refillPerSecond: 1 } };

  test("is a token bucket per principal on business time", async () => {
    await rig.arm.stop();
    rig = armRig({ tls, verify, tokenBuckets: buckets });
    await rig.arm.start();
    expect((await curl(A)).headers.get("x-ms-ratelimit-remaining-subscription-global-reads")).toBe("29");
    expect((await curl(A)).status).toBe(200);
    const refused = await curl(A);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "2"]);
    expect(((await refused.json()) as { error: { message: string } }).error.message).toContain(
      `Number of 'read' requests for subscription '${subscription}' actor '${contributor.oid}' exceeded.`,
    );
    expect((await curl(A, { oid: owner.oid })).status).toBe(200);
    const write = await patch({ tags: {} });
    expect(write.headers.get("x-ms-ratelimit-remaining-subscription-writes")).toBe("0");
    expect((await patch({ tags: {} })).status).toBe(429);
    rig.context.clock.setNow(rig.context.clock.now() + 2000);
    expect((await curl(A)).status).toBe(200);
    expect((await curl(A)).status).toBe(429);
  });
});

describe("faults", () => {
  test("of kind status answer an ARM error without an effect, marked in the exchanges", async () => {
    setFaults({ kind: "status", status: 429, retryAfter: 7, count: 1, match: { method: "PATCH", path: "/accounts/" } });
    const refused = await patch({ tags: { lost: "yes" } });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(await errorOf(refused)).toBe("SubscriptionRequestsThrottled");
    expect(rig.context.effects.after(0)).toEqual([]);
    expect((await patch({ tags: { kept: "yes" } })).status).toBe(200);
    expect(rig.arm.exchanges().map(({ status, fault }) => [status, fault])).toEqual([
      [429, true],
      [200, undefined],
    ]);
  });

  test("after the effect lose the answer, not the effect", async () => {
    setFaults({ kind: "drop", phase: "afterEffect", count: 1 });
    await expect(patch({ tags: { kept: "yes" } })).rejects.toThrow("fetch failed");
    expect(rig.ask("GET", A).body.tags).toEqual({ kept: "yes" });
    expect(rig.arm.exchanges()[0]).toMatchObject({ status: 0, fault: true, method: "PATCH" });
    expect(rig.context.effects.after(0)).toMatchObject([{ method: "PATCH", status: 200 }]);
  });

  test("of kind staleRead answer the version before", async () => {
    await patch({ tags: { version: "1" } });
    await patch({ tags: { version: "2" } });
    setFaults({ kind: "staleRead", count: 1 });
    expect(await tagsNow()).toEqual({ version: "1" });
    expect(await tagsNow()).toEqual({ version: "2" });
    expect(rig.context.faults.list()[0]).toMatchObject({ hits: 1 });
  });

  test("of kind duplicate take effect twice", async () => {
    setFaults({ kind: "duplicate", count: 1 });
    expect((await patch({ tags: {} })).status).toBe(200);
    expect(rig.context.effects.after(0)).toHaveLength(2);
  });

  test("of kind crash kill the process that calls", async () => {
    setFaults({ kind: "crash", phase: "afterResponse", process: "core" });
    expect((await patch({ tags: {} })).status).toBe(200);
    await new Promise((resolve) => setImmediate(resolve));
    expect(rig.context.crashed).toEqual(["core"]);
  });
});

describe("the SDKs over TLS", () => {
  test("read, write, poll and page", async () => {
    const { cognitive } = clients();
    const patched = await cognitive.accounts.beginUpdateAndWait("rg-ada", "oai-ada", {
      properties: { publicNetworkAccess: "Enabled" },
    });
    expect(patched.properties?.publicNetworkAccess).toBe("Enabled");
    const names: (string | undefined)[] = [];
    for await (const account of cognitive.accounts.list()) names.push(account.name);
    expect(names).toEqual(["oai-ada"]);
    const scaled = await cognitive.deployments.beginUpdateAndWait("rg-ada", "oai-ada", "chat", {
      sku: { name: "GlobalStandard", capacity: 60 },
    });
    expect(scaled.sku?.capacity).toBe(60);
    await expect(
      cognitive.deployments.beginUpdateAndWait("rg-ada", "oai-ada", "chat", {
        sku: { name: "GlobalStandard", capacity: 600 },
      }),
    ).rejects.toMatchObject({ code: "InsufficientQuota", statusCode: 400 });
  });

  test("create an account through its long-running operation, on the address that they call", async () => {
    const { cognitive } = clients();
    const poller = await cognitive.accounts.beginCreate(
      "rg-ada",
      "oai-sdk",
      { location: "swedencentral", kind: "OpenAI", sku: { name: "S0" }, properties: {} },
      { updateIntervalInMs: 5 },
    );
    expect(poller.isDone()).toBe(false);
    await rig.context.clock.step(rig.context.clock.now() + 1000);
    const account = await poller.pollUntilDone();
    expect(account.properties?.provisioningState).toBe("Succeeded");
    const put = rig.arm.exchanges().find(({ method }) => method === "PUT");
    expect(put?.responseHeaders["azure-asyncoperation"]).toContain(`https://localhost:${rig.arm.ports.tls}/`);
    await cognitive.accounts.beginDeleteAndWait("rg-ada", "oai-sdk");
  });

  test("assign and remove a role at a scope with its leading slash", async () => {
    const { authorization } = clients();
    const parameters = {
      roleDefinitionId: `${S}/providers/Microsoft.Authorization/roleDefinitions/${roles.openAiUser}`,
      principalId: guid(90),
      principalType: "User",
    };
    await authorization.roleAssignments.create(A, guid(80), parameters);
    await expect(authorization.roleAssignments.create(A, guid(81), parameters)).rejects.toMatchObject({
      code: "RoleAssignmentExists",
      statusCode: 409,
    });
    const found: (string | undefined)[] = [];
    const filter = `principalId eq '${guid(90)}'`;
    for await (const one of authorization.roleAssignments.listForScope(A, { filter })) found.push(one.name);
    expect(found).toEqual([guid(80)]);
    await authorization.roleAssignments.delete(A, guid(80));
    await expect(authorization.roleAssignments.get(A, guid(80))).rejects.toMatchObject({ statusCode: 404 });
    expect(await authorization.roleAssignments.delete(A, guid(80))).toEqual({ body: undefined });
  });
});

describe("exchanges", () => {
  test("are numbered, filtered by caller, and hide tokens", async () => {
    await curl(A);
    const url = `http://127.0.0.1:${rig.arm.ports.plain}${A}?api-version=2025-09-01`;
    await fetch(url, { headers: { authorization: `Bearer ${product.oid}` } });
    const all = rig.arm.exchanges();
    expect(all.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(rig.arm.exchanges({ after: 1 })).toHaveLength(1);
    const [mine] = rig.arm.exchanges({ caller: product.oid.toUpperCase() });
    expect(mine?.requestHeaders["authorization"]).toBe("***");
    expect(mine?.responseBody).toMatchObject({ id: A });
    expect(rig.arm.exchanges({ limit: 1 })).toEqual([all[0]]);
  });
});

test("a killed engine loses nothing and goes on with its operations", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "steelyard-arm-"));
  try {
    const first = armRig({ context: { dataDir }, latency: { patchAccountMs: 60_000 } });
    first.ask("PUT", `${A}/providers/Microsoft.Authorization/locks/l`, {
      body: { properties: { level: "CanNotDelete" } },
    });
    first.ask("PATCH", A, { body: { tags: { kept: "yes" } } });
    first.ask("PATCH", A, { body: { tags: { refused: "409" } } });
    // No stop: the file is as a kill leaves it.
    const second = armRig({ context: { dataDir }, seed: false });
    await second.arm.start();
    expect(second.arm.state()).toEqual(first.arm.state());
    expect(second.ask("GET", A).body).toMatchObject({
      tags: { kept: "yes" },
      properties: { provisioningState: "Accepted" },
    });
    expect(second.ask("PATCH", A, { body: { tags: {} } }).status).toBe(409);
    await second.context.clock.step(second.context.clock.now() + 60_000);
    expect(second.arm.waitingOn()).toEqual([]);
    expect(second.ask("GET", A).body.properties.provisioningState).toBe("Succeeded");
    expect(second.changes.filter(({ outcome }) => outcome === "Success")).toMatchObject([
      { resourceId: A, method: "PATCH" },
    ]);
    expect(second.arm.exchanges()[0]?.seq).toBeGreaterThan(first.arm.exchanges().at(-1)?.seq ?? 0);
    second.arm.reset();
    expect(second.arm.state()).toEqual({});
    await second.arm.stop();
    await first.arm.stop();
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
