import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DefaultAzureCredential, ManagedIdentityCredential } from "@azure/identity";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, generateKeyPair, jwtVerify, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { IdentityEngine } from "../../infra/local/identity/engine.ts";
import type { EngineContext } from "../../infra/local/platform/engine.ts";
import { apiApplicationId, coreIdentity, tenantId } from "../../infra/local/platform/constants.ts";
import { faultSchema } from "../../infra/local/platform/faults.ts";
import { engineContext } from "../support/engineContext.ts";
import { type LocalTls, localTls } from "../support/localTls.ts";

const ada = "00000000-0000-4000-8000-0000000000ad";
const coreApplication = "c0de0000-0000-4000-8000-0000000000a0";
const ports = { managedIdentity: 0, issuer: 0 };

let tls: LocalTls;
let context: EngineContext;
let engine: IdentityEngine;

beforeAll(async () => {
  tls = await localTls();
  context = engineContext();
  engine = new IdentityEngine(context, { ports, tls });
  await engine.start();
});
afterAll(async () => {
  await engine.stop();
  await tls[Symbol.asyncDispose]();
});
beforeEach(() => {
  engine.directory.replace({
    people: [{ oid: ada, name: "Ada", roles: ["Steelyard.Approver"], team: "payments" }],
    servicePrincipals: [{ oid: coreIdentity, appid: coreApplication, name: "steelyard-core" }],
  });
});
afterEach(() => context.faults.clear());

const bearer = (token: string): string => `Bearer ${token}`;

describe("a token", () => {
  test("of a person has the claims of a delegated Entra v2 token and no personal data but the name", async () => {
    const token = await engine.issue({ as: ada });
    const { uti, sub, iat, nbf, exp, ...claims } = decodeJwt(token);
    expect(claims).toEqual({
      aud: apiApplicationId,
      iss: `https://localhost:${engine.ports.issuer}/${tenantId}/v2.0`,
      azp: apiApplicationId,
      azpacr: "0",
      name: "Ada",
      oid: ada,
      scp: "access_as_user",
      roles: ["Steelyard.Approver"],
      tid: tenantId,
      ver: "2.0",
    });
    expect(sub).not.toBe(ada);
    expect(uti).toMatch(/^[\w-]{22}$/);
    expect([nbf, exp]).toEqual([iat, (iat ?? 0) + 3600]);
    expect(Math.abs(Date.now() / 1000 - (iat ?? 0))).toBeLessThan(5);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: "RS256", typ: "JWT" });
  });

  test("of a service principal is app-only", async () => {
    const claims = decodeJwt(await engine.issue({ as: coreIdentity, audience: "https://management.azure.com" }));
    expect(claims).toMatchObject({
      oid: coreIdentity,
      sub: coreIdentity,
      azp: coreApplication,
      idtyp: "app",
      aud: "https://management.azure.com",
    });
    for (const name of ["scp", "name", "roles"]) expect(claims).not.toHaveProperty(name);
  });

  test("for Microsoft Graph has the application permissions, and no other has them", async () => {
    engine.directory.putServicePrincipal(coreIdentity, { graph: ["User.Read.All"] });
    const rolesFor = async (audience: string): Promise<unknown> =>
      decodeJwt(await engine.issue({ as: coreIdentity, audience }))["roles"];
    expect(await rolesFor("https://graph.microsoft.com")).toEqual(["User.Read.All"]);
    expect(await rolesFor("https://graph.microsoft.com/")).toEqual(["User.Read.All"]);
    expect(await rolesFor("https://management.azure.com")).toBeUndefined();
    engine.directory.putServicePrincipal(coreIdentity, { graph: [] });
    expect(await rolesFor("https://graph.microsoft.com")).toBeUndefined();
  });

  test("is accepted by a client that knows only the issuer's address", async () => {
    const discovery = await fetch(`${engine.issuerId}/.well-known/openid-configuration`);
    const { issuer, jwks_uri } = (await discovery.json()) as { issuer: string; jwks_uri: string };
    const token = await engine.issue({ as: ada, roles: ["Steelyard.Admin"] });
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(jwks_uri)), {
      issuer,
      audience: apiApplicationId,
    });
    expect(payload["roles"]).toEqual(["Steelyard.Admin"]);
  });

  test("is not issued for somebody unknown or disabled", async () => {
    engine.directory.putPerson(ada, { enabled: false });
    await expect(engine.issue({ as: ada })).rejects.toThrow(/AADSTS50057/);
    await expect(engine.issue({ as: tenantId })).rejects.toThrow(/AADSTS50034.*holds no principal/);
  });
});

describe("verify", () => {
  test("says who calls", async () => {
    expect(await engine.verify(bearer(await engine.issue({ as: ada })), apiApplicationId)).toEqual({
      oid: ada,
      type: "User",
      roles: ["Steelyard.Approver"],
    });
    const audience = "https://management.azure.com/";
    expect(
      await engine.verify(bearer(await engine.issue({ as: coreIdentity, audience })), "https://management.azure.com"),
    ).toEqual({ oid: coreIdentity, type: "ServicePrincipal", appid: coreApplication, roles: [] });
  });

  test.each([
    ["expired", { expiresInS: -1 }],
    ["of another issuer", { extraClaims: { iss: "https://login.microsoftonline.com/x/v2.0" } }],
    ["of another tenant", { extraClaims: { tid: ada } }],
    ["for another audience", { audience: "https://management.azure.com" }],
    ["without expiry", { extraClaims: { exp: undefined } }],
    ["not valid yet", { extraClaims: { nbf: Date.now() / 1000 + 600 } }],
    ["of somebody the directory doesn't hold", { extraClaims: { oid: tenantId } }],
  ])("refuses a token %s", async (_, wrong) => {
    const token = await engine.issue({ as: ada, ...wrong });
    expect(await engine.verify(bearer(token), apiApplicationId)).toBeUndefined();
  });

  test("refuses what is not a good bearer token", async () => {
    const token = await engine.issue({ as: ada });
    const { privateKey } = await generateKeyPair("RS256");
    const { alg, kid } = decodeProtectedHeader(token) as { alg: string; kid: string };
    const forged = await new SignJWT(decodeJwt(token)).setProtectedHeader({ alg, kid }).sign(privateKey);
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${token.split(".")[1]}.`;
    for (const authorization of [undefined, "", token, "Basic eDp5", bearer("x.y.z"), bearer(forged), bearer(unsigned)])
      expect(await engine.verify(authorization, apiApplicationId)).toBeUndefined();
  });

  test("refuses at once whoever was disabled or deleted", async () => {
    const token = bearer(await engine.issue({ as: ada }));
    engine.directory.putPerson(ada, { enabled: false });
    expect(await engine.verify(token, apiApplicationId)).toBeUndefined();
    engine.directory.putPerson(ada, { enabled: true });
    expect(await engine.verify(token, apiApplicationId)).toMatchObject({ oid: ada });
    engine.directory.remove("person", ada);
    expect(await engine.verify(token, apiApplicationId)).toBeUndefined();
  });
});

describe("the issuer", () => {
  test("serves two keys, so that one rotation breaks no token", async () => {
    const before = bearer(await engine.issue({ as: ada }));
    await engine.rotateKey();
    const after = bearer(await engine.issue({ as: ada }));
    for (const token of [before, after]) expect(await engine.verify(token, apiApplicationId)).toBeDefined();
    const response = await fetch(`https://localhost:${engine.ports.issuer}/${tenantId}/discovery/v2.0/keys`);
    const { keys } = (await response.json()) as { keys: Record<string, string>[] };
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(["e", "issuer", "kid", "kty", "n", "use"]);
    await engine.rotateKey();
    expect(await engine.verify(before, apiApplicationId)).toBeUndefined();
    expect(await engine.verify(after, apiApplicationId)).toBeDefined();
  });

  test("names what it does not serve", async () => {
    const base = `https://localhost:${engine.ports.issuer}`;
    const answers = await Promise.all(
      [`/${ada}/v2.0/.well-known/openid-configuration`, `/${tenantId}/x`].map(async (path) => {
        const response = await fetch(base + path);
        const { error_description } = (await response.json()) as { error_description: string };
        return [response.status, error_description];
      }),
    );
    expect(answers).toEqual([
      [400, `AADSTS90002: Tenant '${ada}' not found; this issuer serves ${tenantId}.`],
      [404, "The local issuer has no path /{tenant}/x."],
    ]);
  });

  test("fails when a fault says so", async () => {
    context.faults.set([faultSchema.parse({ where: "issuer", kind: "status", status: 503, retryAfter: 7, count: 1 })]);
    const address = `${engine.issuerId}/.well-known/openid-configuration`;
    const refused = await fetch(address);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "7"]);
    expect((await fetch(address)).status).toBe(200);
  });

  test("keeps keys and directory over a restart", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "steelyard-identity-"));
    const before = new IdentityEngine(engineContext({ dataDir }), { ports, tls });
    await before.start();
    before.directory.putPerson(ada, { name: "Ada" });
    before.directory.putServicePrincipal(coreIdentity, { appid: coreApplication, name: "steelyard-core" });
    const samePorts = before.ports;
    const env = before.identityEnv(coreIdentity);
    const token = bearer(await before.issue({ as: ada }));
    await before.stop();

    const after = new IdentityEngine(engineContext({ dataDir }), { ports: samePorts, tls });
    await after.start();
    expect(await after.verify(token, apiApplicationId)).toMatchObject({ oid: ada });
    expect(after.identityEnv(coreIdentity)).toEqual(env);
    await after.stop();
    await rm(dataDir, { recursive: true });
  });
});

describe("the managed-identity endpoint", () => {
  const before = { ...process.env };
  beforeEach(() => Object.assign(process.env, engine.identityEnv(coreIdentity)));
  afterEach(() => {
    for (const name of ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  test("gives the real credentials of @azure/identity their tokens", async () => {
    const scopes = {
      arm: "https://management.azure.com/.default",
      bus: "https://servicebus.azure.net/.default",
      store: "https://cosmos.azure.com/.default",
    };
    const byDefault = await new DefaultAzureCredential().getToken(scopes.arm);
    expect(await engine.verify(bearer(byDefault.token), "https://management.azure.com")).toMatchObject({
      oid: coreIdentity,
    });
    expect(byDefault.expiresOnTimestamp - Date.now()).toBeGreaterThan(3_500_000);

    const system = await new ManagedIdentityCredential().getToken(scopes.bus);
    expect(await engine.verify(bearer(system.token), "https://servicebus.azure.net")).toBeDefined();
    const assigned = await new ManagedIdentityCredential({ clientId: coreApplication }).getToken(scopes.store);
    expect(await engine.verify(bearer(assigned.token), "https://cosmos.azure.com")).toBeDefined();
  });

  test("gives no identity to a credential that asks for one that the app hasn't", async () => {
    const credential = new ManagedIdentityCredential({ clientId: ada, retryOptions: { maxRetries: 0 } });
    await expect(credential.getToken("https://vault.azure.net/.default")).rejects.toThrow(
      /no user-assigned identity .* belongs to this app/,
    );
  });

  test("answers in App Service's form and refuses by name", async () => {
    const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: secret = "" } = engine.identityEnv(coreIdentity);
    const ask = async (query: string, header = secret): Promise<[number, Record<string, string>]> => {
      const response = await fetch(`${endpoint}?${query}`, { headers: { "X-IDENTITY-HEADER": header } });
      return [response.status, (await response.json()) as Record<string, string>];
    };
    const good = "api-version=2019-08-01&resource=https://cosmos.azure.com";
    const [status, { access_token, expires_on, ...rest }] = await ask(good);
    expect([status, rest]).toEqual([
      200,
      { client_id: coreApplication, resource: "https://cosmos.azure.com", token_type: "Bearer" },
    ]);
    expect(decodeJwt(access_token ?? "").exp).toBe(Number(expires_on));

    const message = /^.*$/;
    expect(await ask(good, "guess")).toEqual([401, { statusCode: 401, message: expect.stringMatching(message) }]);
    expect(await ask("api-version=2017-09-01&resource=https://x.y")).toEqual([
      400,
      { statusCode: 400, message: "api-version: expected 2019-08-01, found 2017-09-01" },
    ]);
    expect((await ask("api-version=2019-08-01"))[1]["message"]).toMatch(/^resource: expected a URI/);
    expect((await ask(`${good}&bypass_cache=true`))[1]["message"]).toMatch(/bypass_cache is not served/);

    engine.directory.putServicePrincipal(coreIdentity, { enabled: false });
    expect((await ask(good))[1]["message"]).toMatch(/^AADSTS50057/);
  });

  test("fails for the identity that a fault names", async () => {
    const fault = { where: "identity", match: { caller: coreIdentity }, kind: "status", status: 403 };
    context.faults.set([faultSchema.parse(fault)]);
    const credential = new ManagedIdentityCredential({ retryOptions: { maxRetries: 0 } });
    await expect(credential.getToken("https://graph.microsoft.com/.default")).rejects.toThrow(/was asked for/);
  });
});
