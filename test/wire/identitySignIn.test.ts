/** The local issuer's sign-in, held to what Entra does; and the product's own sign-in against it. */
import { createHash, randomBytes } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { EntraSignIn } from "../../shared/adapters/entraSignIn.ts";
import { EntraTokens } from "../../shared/adapters/entraTokens.ts";
import { IdentityEngine } from "../../infra/local/identity/engine.ts";
import type { EngineContext } from "../../infra/local/platform/engine.ts";
import { apiApplicationId, coreIdentity, tenantId } from "../../infra/local/platform/constants.ts";
import { faultSchema } from "../../infra/local/platform/faults.ts";
import { engineContext } from "../support/engineContext.ts";
import { type LocalTls, localTls } from "../support/localTls.ts";

const ada = "00000000-0000-4000-8000-0000000000ad";
const gone = "00000000-0000-4000-8000-0000000000de";
const redirectUri = "http://localhost:7071/api/console/signin/callback";

let tls: LocalTls;
let context: EngineContext;
let engine: IdentityEngine;

beforeAll(async () => {
  tls = await localTls();
  context = engineContext();
  engine = new IdentityEngine(context, { ports: { managedIdentity: 0, issuer: 0 }, tls });
  await engine.start();
  engine.directory.replace({
    people: [
      { oid: ada, name: "Ada <b>", roles: ["Steelyard.Approver"] },
      { oid: gone, name: "Gone", roles: [], enabled: false },
    ],
    servicePrincipals: [{ oid: coreIdentity, appid: coreIdentity, name: "core" }],
  });
});
afterAll(async () => {
  await engine.stop();
  await tls[Symbol.asyncDispose]();
});
afterEach(() => context.faults.clear());

const verifier = randomBytes(32).toString("base64url");
const good = {
  client_id: apiApplicationId,
  response_type: "code",
  redirect_uri: redirectUri,
  scope: `openid ${apiApplicationId}/access_as_user`,
  state: "s",
  nonce: "n",
  code_challenge: createHash("sha256").update(verifier).digest("base64url"),
  code_challenge_method: "S256",
};

/** Sign-in pages are for browsers, which do not trust the local authority: without TLS. */
function authorize(parameters: Record<string, string>, form?: Record<string, string>): Promise<Response> {
  const url = `http://localhost:${engine.ports.issuer}/${tenantId}/oauth2/v2.0/authorize?${new URLSearchParams(parameters).toString()}`;
  const post = form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) };
  return fetch(url, { redirect: "manual", ...post });
}

async function codeFor(oid: string, parameters: Record<string, string> = good): Promise<string> {
  const response = await authorize(parameters, { oid });
  return new URL(response.headers.get("location") ?? "").searchParams.get("code") ?? "";
}

async function token(form: Record<string, string>): Promise<{ status: number; body: Record<string, unknown> }> {
  const url = `https://localhost:${engine.ports.issuer}/${tenantId}/oauth2/v2.0/token`;
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const redeem = (code: string): Record<string, string> => ({
  client_id: apiApplicationId,
  grant_type: "authorization_code",
  code,
  redirect_uri: redirectUri,
  code_verifier: verifier,
});

describe("the sign-in page", () => {
  test("lists the people who can sign in, as text, under a policy that allows nothing else", async () => {
    const response = await authorize(good);
    const page = await response.text();
    expect(page).toContain("Ada &lt;b>");
    for (const absent of ["Gone", coreIdentity, "<script"]) expect(page).not.toContain(absent);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("sends whoever is chosen back with a code and the state, and nobody else", async () => {
    const response = await authorize(good, { oid: ada });
    const location = new URL(response.headers.get("location") ?? "");
    expect([response.status, location.origin + location.pathname]).toEqual([302, redirectUri]);
    expect(location.searchParams.get("state")).toBe("s");
    expect(location.searchParams.get("code")).toMatch(/^1\.[\w-]{64}$/);
    for (const oid of [gone, coreIdentity, "x"]) {
      const refused = await authorize(good, { oid });
      expect([refused.status, refused.headers.get("location")]).toEqual([400, null]);
    }
  });

  test.each([
    ["another application", { client_id: coreIdentity }, "AADSTS700016"],
    ["an address that is not registered", { redirect_uri: "http://localhost:7071/elsewhere" }, "AADSTS50011"],
    ["another host", { redirect_uri: "http://localhost.evil.example/api/console/signin/callback" }, "AADSTS50011"],
    ["a port with a password", { redirect_uri: redirectUri.replace("7071", "7071@evil.example") }, "AADSTS50011"],
  ])("sends nothing to %s", async (_name, change, code) => {
    const response = await authorize({ ...good, ...change }, { oid: ada });
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    expect(await response.text()).toContain(code);
  });

  test.each<[string, Record<string, string>, string]>([
    ["without PKCE", { code_challenge: "" }, "invalid_request"],
    ["with a plain challenge", { code_challenge_method: "plain" }, "invalid_request"],
    ["for tokens in the address", { response_type: "token" }, "unsupported_response_type"],
    ["for another API", { scope: "openid https://graph.microsoft.com/User.Read" }, "invalid_scope"],
    ["for no API", { scope: "openid" }, "invalid_scope"],
    ["with a parameter that is not served", { max_age: "5" }, "invalid_request"],
    ["without a page", { prompt: "none" }, "login_required"],
  ])("says to the application that it cannot be asked %s", async (_name, change, error) => {
    const response = await authorize({ ...good, ...change });
    expect(new URL(response.headers.get("location") ?? "").searchParams.get("error")).toBe(error);
  });
});

describe("a code", () => {
  test("is redeemed once, for the tokens of who signed in", async () => {
    const code = await codeFor(ada);
    const { status, body } = await token(redeem(code));
    expect(status).toBe(200);
    expect(decodeJwt(String(body["access_token"]))).toMatchObject({ oid: ada, scp: "access_as_user" });
    const identity = decodeJwt(String(body["id_token"]));
    expect(identity).toMatchObject({ aud: apiApplicationId, oid: ada, nonce: "n" });
    for (const absent of ["scp", "azp", "name"]) expect(identity).not.toHaveProperty(absent);
    expect(await token(redeem(code))).toMatchObject({
      status: 400,
      body: { error: "invalid_grant", error_codes: [54005] },
    });
  });

  test.each<[string, Record<string, string>, number, number]>([
    ["by who cannot show the verifier", { code_verifier: randomBytes(32).toString("base64url") }, 400, 501481],
    ["at another address", { redirect_uri: `${redirectUri}?x` }, 400, 500112],
    ["by another application", { client_id: coreIdentity }, 401, 700016],
    ["with a secret, which a public client has none of", { client_secret: "x" }, 401, 700025],
    ["for a refresh token", { grant_type: "refresh_token" }, 400, 70003],
    ["that was never issued", { code: "1.x" }, 400, 9002313],
  ])("is not redeemed %s", async (_name, change, status, code) => {
    const answer = await token({ ...redeem(await codeFor(ada)), ...change });
    expect([answer.status, answer.body["error_codes"]]).toEqual([status, [code]]);
    expect(answer.body).not.toHaveProperty("access_token");
  });
});

describe("the product's sign-in", () => {
  const signIn = (): EntraSignIn => {
    const authority = engine.issuerId;
    const tokens = new EntraTokens({ authority, audience: apiApplicationId, tenantId });
    return new EntraSignIn({ authority, clientId: apiApplicationId, tokens });
  };
  const begun = async (product: EntraSignIn) => {
    const begun = await product.begin(redirectUri, false);
    if (begun.kind !== "begun") throw new Error(begun.reason);
    return { ...begun, parameters: Object.fromEntries(new URL(begun.url).searchParams) };
  };

  test("ends with a person's verified token", async () => {
    const product = signIn();
    const { attempt, parameters } = await begun(product);
    const answer = await product.finish(redirectUri, await codeFor(ada, parameters), attempt);
    expect(answer).toMatchObject({ kind: "signedIn", principal: { oid: ada, kind: "person" } });
  });

  test("takes no code of another attempt: neither verifier nor nonce fit", async () => {
    const product = signIn();
    const [one, other] = [await begun(product), await begun(product)];
    const code = await codeFor(ada, one.parameters);
    expect(await product.finish(redirectUri, code, other.attempt)).toMatchObject({ kind: "refused" });
    const swapped = { ...other.attempt, verifier: one.attempt.verifier };
    expect(await product.finish(redirectUri, await codeFor(ada, one.parameters), swapped)).toMatchObject({
      kind: "refused",
      code: "id_token",
    });
  });

  test("lets nobody in while the issuer is away", async () => {
    const away = (path: string) => faultSchema.parse({ where: "issuer", kind: "status", status: 503, match: { path } });
    context.faults.set([away("openid-configuration")]);
    expect(await signIn().begin(redirectUri, false)).toMatchObject({ kind: "unavailable" });
    context.faults.set([away("discovery/v2.0/keys")]);
    const product = signIn();
    const { attempt, parameters } = await begun(product);
    const code = await codeFor(ada, parameters);
    expect(await product.finish(redirectUri, code, attempt)).toMatchObject({ kind: "unavailable" });
  });

  test("an ID token opens no API", async () => {
    const { body } = await token(redeem(await codeFor(ada)));
    const tokens = new EntraTokens({ authority: engine.issuerId, audience: apiApplicationId, tenantId });
    expect(await tokens.verify(`Bearer ${String(body["id_token"])}`)).toMatchObject({ kind: "bad" });
    expect(await tokens.verify(`Bearer ${String(body["access_token"])}`)).toMatchObject({ kind: "good" });
  });
});
