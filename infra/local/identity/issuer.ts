/**
 * Access tokens as Microsoft Entra v2 issues them for an API, and their verification.
 *
 * A person's token is delegated: `scp`, `name`, pairwise `sub`, `azp` the application that the person signed in to. A
 * service principal's token is app-only: `idtyp` "app", `sub` = `oid`, `azp` its own application, no `scp`, no `name`.
 * `preferred_username` and `email` are never there: the product must not need personal data. Times are machine time:
 * tokens are transport.
 *
 * Limits: tokens for Azure's own APIs (ARM, Service Bus) come in the v2 form too, where Entra issues v1 for most; group
 * claims are not issued.
 */
import { createHash, randomBytes } from "node:crypto";
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { apiApplicationId, tenantId } from "../platform/constants.ts";
import type { Caller } from "./caller.ts";
import type { Directory, Principal } from "./directory.ts";
import type { SigningKeys } from "./signingKeys.ts";

/** Scope that a signed-in person's token carries for the product's API. */
export const delegatedScope = "access_as_user";

/** Application ID URI of Microsoft Graph. */
export const GRAPH_AUDIENCE = "https://graph.microsoft.com";

/** Entra's access tokens live 60 to 90 minutes. */
const TOKEN_LIFE_S = 3_600;

export interface TokenRequest {
  /** Object ID of the person or service principal. */
  readonly as: string;
  /** Application ID or resource URI; the product's API when left out. */
  readonly audience?: string;
  /** Seconds from now to `exp`; negative makes a token that has expired. */
  readonly expiresInS?: number;
  /** Added last, so that a test can also put a wrong value for a claim. */
  readonly extraClaims?: Readonly<Record<string, unknown>>;
  /** The host process that it is for; {@link Issuer.verify} says so again. */
  readonly host?: string | undefined;
  /** App roles instead of those that the directory has. */
  readonly roles?: readonly string[];
}

/** Tokens whose signature is remembered: a handful of processes and people hold one each, per audience. */
const REMEMBERED_MAX = 1_000;

/** A token that Entra would refuse to issue; `code` is its AADSTS number. */
export class TokenRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.name = "TokenRefused";
    this.code = code;
  }
}

export class Issuer {
  readonly #directory: Directory;
  readonly #keys: SigningKeys;
  readonly #issuer: () => string;
  /** Claims of tokens whose signature was checked against `#checkedBy`: a client sends the same one with each request. */
  readonly #checked = new Map<string, JWTPayload>();
  #checkedBy: SigningKeys["verifier"] | undefined;
  /** Which host process a token was issued to; a token has no claim for it. */
  readonly #issuedTo = new Map<string, string>();

  /** @param issuer the issuer's identifier, `https://localhost:PORT/{tenant}/v2.0`; known once the socket is open */
  constructor(directory: Directory, keys: SigningKeys, issuer: () => string) {
    this.#directory = directory;
    this.#keys = keys;
    this.#issuer = issuer;
  }

  /** @throws TokenRefused when the principal is unknown or disabled */
  async issue(request: TokenRequest): Promise<{ token: string; expiresOnS: number }> {
    const principal = this.#directory.principal(request.as);
    if (principal === undefined)
      throw new TokenRefused("AADSTS50034", `the directory ${tenantId} holds no principal ${request.as}`);
    if (!principal.enabled) throw new TokenRefused("AADSTS50057", `the account of ${principal.oid} is disabled`);
    const audience = request.audience ?? apiApplicationId;
    const expiresInS = request.expiresInS ?? TOKEN_LIFE_S;
    const nowS = Math.floor(Date.now() / 1000);
    const issuedS = Math.min(nowS, nowS + expiresInS);
    const roles = request.roles ?? rolesOf(principal, audience);
    const claims: JWTPayload = {
      aud: audience,
      iss: this.#issuer(),
      iat: issuedS,
      nbf: issuedS,
      exp: nowS + expiresInS,
      ...claimsOf(principal, audience),
      // Entra leaves the claim out when nothing is assigned.
      ...(roles.length === 0 ? {} : { roles }),
      tid: tenantId,
      uti: randomBytes(16).toString("base64url"),
      ver: "2.0",
      ...request.extraClaims,
    };
    const { kid, privateKey } = this.#keys.current;
    const token = await new SignJWT(claims).setProtectedHeader({ typ: "JWT", alg: "RS256", kid }).sign(privateKey);
    if (request.host !== undefined) this.#issuedTo.set(token, request.host);
    if (this.#issuedTo.size > REMEMBERED_MAX) this.#issuedTo.delete(this.#issuedTo.keys().next().value ?? "");
    return { token, expiresOnS: nowS + expiresInS };
  }

  /** See {@link import("./caller.ts").Verify}; also refuses a principal that was disabled or deleted since. */
  async verify(authorization: string | undefined, audience: string): Promise<Caller | undefined> {
    const token = /^Bearer ([\w.-]+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) return undefined;
    const claims = await this.#claimsOf(token);
    if (claims === undefined) return undefined;
    const { oid, tid, roles, aud } = claims;
    if (typeof oid !== "string" || tid !== tenantId || !sameAudience(aud, audience)) return undefined;
    const principal = this.#directory.principal(oid);
    if (principal === undefined || !principal.enabled) return undefined;
    const held = Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
    if (principal.kind === "person") return { oid: principal.oid, type: "User", roles: held };
    const host = this.#issuedTo.get(token);
    const caller: Caller = { oid: principal.oid, type: "ServicePrincipal", appid: principal.appid, roles: held };
    return host === undefined ? caller : { ...caller, host };
  }

  /** The claims of a token of ours that has not expired; undefined for any other. */
  async #claimsOf(token: string): Promise<JWTPayload | undefined> {
    const { verifier } = this.#keys;
    if (this.#checkedBy !== verifier) this.#checked.clear();
    this.#checkedBy = verifier;
    const known = this.#checked.get(token);
    if (known !== undefined && Number(known.exp) > Date.now() / 1000) return known;
    this.#checked.delete(token);
    try {
      const { payload } = await jwtVerify(token, verifier, {
        algorithms: ["RS256"],
        issuer: this.#issuer(),
        requiredClaims: ["aud", "exp", "nbf", "oid", "tid"],
      });
      if (this.#checked.size >= REMEMBERED_MAX) this.#checked.clear();
      // Keys that were replaced while the signature was checked: the next request asks the new ones.
      if (this.#checkedBy === verifier) this.#checked.set(token, payload);
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}

/** App roles at the audience: a person's at the product's API, a service principal's at Microsoft Graph. */
function rolesOf(principal: Principal, audience: string): readonly string[] {
  if (principal.kind === "person") return principal.roles;
  return sameAudience(audience, GRAPH_AUDIENCE) ? (principal.graph ?? []) : [];
}

function claimsOf(principal: Principal, audience: string): JWTPayload {
  if (principal.kind === "servicePrincipal") {
    const { oid, appid } = principal;
    // azpacr 2: the application proved itself with a certificate, which is what a managed identity has.
    return { azp: appid, azpacr: "2", idtyp: "app", oid, sub: oid };
  }
  const { oid, name } = principal;
  // The same person has another `sub` for each application, so that two can't match their users by it.
  const sub = createHash("sha256").update(`${oid} ${audience}`).digest("base64url");
  return { azp: apiApplicationId, azpacr: "0", name, oid, scp: delegatedScope, sub };
}

function sameAudience(found: JWTPayload["aud"], expected: string): boolean {
  return typeof found === "string" && plainAudience(found) === plainAudience(expected);
}

/** The SDKs ask for `https://management.azure.com` or `https://management.azure.com/`; Azure's services take both. */
function plainAudience(audience: string): string {
  return audience.toLowerCase().replace(/\/$/, "");
}
