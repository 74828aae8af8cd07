/**
 * Verifies access tokens of Microsoft Entra ID for the product's own API: signature, issuer, audience, tenant, times.
 * When the issuer's keys are away, nobody gets in.
 */
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import type { Tokens, Verification } from "../ports/tokens.ts";

const claimsSchema = z.object({
  oid: z.guid().toLowerCase(),
  tid: z.string(),
  roles: z.array(z.string()).default([]),
  /** Delegated permissions; only a token that a person got by signing in has any. */
  scp: z.string().optional(),
  /** `app` in app-only tokens, where the API's registration asks for the claim. */
  idtyp: z.string().optional(),
  /** The application that acts; access tokens of the version 2.0 have it, ID tokens don't. */
  azp: z.string().optional(),
  ver: z.string().optional(),
});

const identitySchema = z.object({ oid: z.guid().toLowerCase(), tid: z.string(), nonce: z.string() });

/** Clocks of issuer and us may differ by so much. */
const CLOCK_TOLERANCE_S = 300;

export class EntraTokens implements Tokens {
  readonly #authority: string;
  readonly #audience: string;
  readonly #tenantId: string;
  readonly #keys: JWTVerifyGetKey;

  constructor(options: { authority: string; audience: string; tenantId: string }) {
    this.#authority = options.authority.replace(/\/+$/, "");
    this.#audience = options.audience;
    this.#tenantId = options.tenantId;
    // Entra's keys stand beside its v2.0 issuer: {login}/{tenant}/discovery/v2.0/keys.
    const keys = `${this.#authority.replace(/\/v2\.0$/, "")}/discovery/v2.0/keys`;
    this.#keys = createRemoteJWKSet(new URL(keys), { cacheMaxAge: 24 * 3600 * 1000, cooldownDuration: 30_000 });
  }

  async verify(authorization: string | null): Promise<Verification> {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) return { kind: "bad", reason: "a bearer token is required" };
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer: this.#authority,
        audience: [this.#audience, `api://${this.#audience}`],
        algorithms: ["RS256"],
        requiredClaims: ["exp", "oid", "tid"],
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      const claims = claimsSchema.safeParse(payload);
      if (!claims.success) {
        const faults = claims.error.issues.map(({ path }) => path.join(".")).join(", ");
        return { kind: "bad", reason: `the token is not good: its claims ${faults} are not as expected` };
      }
      const { oid, tid, roles, scp = "", idtyp, azp, ver } = claims.data;
      // The console signs in to the API's own application, so that ID tokens have the API's audience.
      if (ver === "2.0" && azp === undefined) return { kind: "bad", reason: "an ID token is not an access token" };
      if (tid.toLowerCase() !== this.#tenantId) return { kind: "bad", reason: "the token is of another tenant" };
      const kind = scp !== "" && idtyp !== "app" ? "person" : "application";
      return { kind: "good", principal: { oid, kind, roles: new Set(roles) } };
    } catch (error) {
      if (isTokenFault(error)) return { kind: "bad", reason: `the token is not good: ${error.code}` };
      return { kind: "unavailable", reason: "the issuer's keys could not be read" };
    }
  }

  /**
   * Verifies the ID token of a sign-in: issued to us, now, for the request that had the nonce.
   * @returns object ID of who signed in
   */
  async verifyIdentity(
    token: string,
    nonce: string,
  ): Promise<{ readonly kind: "good"; readonly oid: string } | Exclude<Verification, { kind: "good" }>> {
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer: this.#authority,
        audience: this.#audience,
        algorithms: ["RS256"],
        requiredClaims: ["exp", "oid", "tid", "nonce"],
        clockTolerance: CLOCK_TOLERANCE_S,
      });
      const claims = identitySchema.safeParse(payload);
      if (!claims.success) return { kind: "bad", reason: "the ID token's claims are not as expected" };
      const { oid, tid, nonce: found } = claims.data;
      if (tid.toLowerCase() !== this.#tenantId) return { kind: "bad", reason: "the ID token is of another tenant" };
      if (found !== nonce) return { kind: "bad", reason: "the ID token answers another sign-in" };
      return { kind: "good", oid };
    } catch (error) {
      if (isTokenFault(error)) return { kind: "bad", reason: `the ID token is not good: ${error.code}` };
      return { kind: "unavailable", reason: "the issuer's keys could not be read" };
    }
  }
}

/** Faults of the token itself; anything else means that we could not check it. */
function isTokenFault(error: unknown): error is errors.JOSEError {
  if (!(error instanceof errors.JOSEError)) return false;
  return (
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== "ERR_JOSE_GENERIC"
  );
}
