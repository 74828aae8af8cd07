import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EntraTokens } from "../../../shared/adapters/entraTokens.ts";
import type { Verification } from "../../../shared/ports/tokens.ts";

const tenantId = "7e57e57e-0000-4000-8000-00000000c0de";
const audience = "a91a91a9-0000-4000-8000-000000000a91";
const oid = "00000000-0000-4000-8000-00000000000b";

let server: Server;
let authority: string;
let privateKey: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];
let keysAway = false;

beforeAll(async () => {
  const pair = await generateKeyPair("RS256");
  ({ privateKey } = pair);
  const keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "RS256", use: "sig" }] };
  server = createServer((_request, response) => {
    if (keysAway) response.writeHead(503).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(keys));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  authority = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${tenantId}/v2.0`;
});
afterAll(() => server.close());

const claims = (): JWTPayload => ({
  aud: audience,
  iss: authority,
  exp: Math.floor(Date.now() / 1000) + 3_600,
  oid,
  tid: tenantId,
  scp: "access_as_user",
  roles: ["Steelyard.Approver"],
});

async function verify(payload: JWTPayload, kid = "k1"): Promise<Verification> {
  const token = await new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);
  return new EntraTokens({ authority, audience, tenantId }).verify(`Bearer ${token}`);
}

describe("an access token", () => {
  it("of a person lets in with the roles that it names", async () => {
    const expected = { kind: "good", principal: { oid, kind: "person", roles: new Set(["Steelyard.Approver"]) } };
    expect(await verify(claims())).toEqual(expected);
  });

  it("of an application is never taken for a person's", async () => {
    const { scp, ...appOnly } = claims();
    expect(scp).toBeDefined();
    const application = { kind: "good", principal: { oid, kind: "application" } };
    expect(await verify(appOnly)).toMatchObject(application);
    expect(await verify({ ...appOnly, idtyp: "app" })).toMatchObject(application);
    expect(await verify({ ...claims(), idtyp: "app" })).toMatchObject(application);
    expect(await verify({ ...claims(), scp: "" })).toMatchObject(application);
  });

  it.each<[string, () => Record<string, unknown>]>([
    ["of another issuer", () => ({ ...claims(), iss: `${authority}/` })],
    ["for another API", () => ({ ...claims(), aud: "https://management.azure.com" })],
    ["of another tenant", () => ({ ...claims(), tid: "7e57e57e-0000-4000-8000-000000000000" })],
    ["that is over", () => ({ ...claims(), exp: Math.floor(Date.now() / 1000) - 302 })],
    ["without an end", () => ({ ...claims(), exp: undefined })],
    ["of nobody", () => ({ ...claims(), oid: undefined })],
    ["whose object ID is none", () => ({ ...claims(), oid: "x" })],
    ["whose roles are no list", () => ({ ...claims(), roles: "Steelyard.Approver" })],
  ])("%s does not let in", async (_name, payload) => {
    expect(await verify(JSON.parse(JSON.stringify(payload())) as JWTPayload)).toMatchObject({ kind: "bad" });
  });

  it("signed with a key that the issuer does not have does not let in", async () => {
    expect(await verify(claims(), "k2")).toMatchObject({ kind: "bad" });
  });

  it("that cannot be checked, because the issuer's keys are away, does not let in and is not called bad", async () => {
    keysAway = true;
    expect(await verify(claims())).toMatchObject({ kind: "unavailable" });
    keysAway = false;
  });
});
