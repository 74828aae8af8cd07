/**
 * Sign-in with Microsoft Entra ID: OpenID Connect authorization code flow with PKCE (S256), as a public client.
 *
 * The console's redirect URI is registered on the API's own application under "mobile and desktop applications", the
 * one platform whose codes Entra lets a server redeem without a secret ("web" demands a credential: AADSTS7000218;
 * "single-page application" a browser: AADSTS9002327). So client and API are one application and we keep no secret.
 *
 * Limits: no refresh tokens, a session ends with its access token (60 to 90 minutes) and is begun anew at the issuer.
 */
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Begun, SignedIn, SignIn, SignInAttempt } from "../ports/signIn.ts";
import type { EntraTokens } from "./entraTokens.ts";

export interface EntraSignInOptions {
  /** `https://login.microsoftonline.com/{tenant}/v2.0` */
  readonly authority: string;
  /** Application ID of the API, which is the client too. */
  readonly clientId: string;
  readonly tokens: EntraTokens;
}

/** A browser only ever goes to the issuer by TLS; on localhost there is nobody in between. */
const pageUrl = z.url().refine((url) => /^https:\/\/|^http:\/\/localhost[:/]/.test(url));

const discoverySchema = z.object({
  issuer: z.string(),
  authorization_endpoint: pageUrl,
  token_endpoint: z.url({ protocol: /^https$/ }),
});

type Discovery = z.output<typeof discoverySchema>;

const tokenSchema = z.object({
  token_type: z.string().regex(/^bearer$/i),
  access_token: z.string().max(16_384),
  id_token: z.string().max(16_384),
  expires_in: z.number().int().positive(),
});

const failureSchema = z.object({ error: z.string(), error_description: z.string().default("") });

/** Delegated permission that the API's registration offers (its "Expose an API" page). */
const SCOPE = "access_as_user";
const ISSUER_TIMEOUT_MS = 10_000;
/** Entra lets clients keep its metadata for a day. */
const DISCOVERY_AGE_MAX_MS = 24 * 3_600_000;
const AWAY = { kind: "unavailable", reason: "the issuer of sign-ins cannot be reached" } as const;

export class EntraSignIn implements SignIn {
  readonly #options: EntraSignInOptions;
  #discovery: { readonly value: Discovery; readonly atMs: number } | undefined;

  constructor(options: EntraSignInOptions) {
    this.#options = { ...options, authority: options.authority.replace(/\/+$/, "") };
  }

  async begin(redirectUri: string, chooseAccount: boolean): Promise<Begun> {
    const discovery = await this.#discover();
    if (discovery === undefined) return AWAY;
    const attempt: SignInAttempt = { state: secret(), nonce: secret(), verifier: secret() };
    const url = new URL(discovery.authorization_endpoint);
    const { clientId } = this.#options;
    const parameters = {
      client_id: clientId,
      response_type: "code",
      response_mode: "query",
      redirect_uri: redirectUri,
      // A client that asks for a token for itself has to name itself by its GUID (AADSTS90009).
      scope: `openid ${clientId}/${SCOPE}`,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: createHash("sha256").update(attempt.verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...(chooseAccount ? { prompt: "select_account" } : {}),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { kind: "begun", url: url.href, attempt };
  }

  async finish(redirectUri: string, code: string, attempt: SignInAttempt): Promise<SignedIn> {
    const discovery = await this.#discover();
    if (discovery === undefined) return AWAY;
    const answer = await this.#redeem(discovery.token_endpoint, redirectUri, code, attempt.verifier);
    if (answer.kind !== "tokens") return answer;
    const { tokens } = this.#options;
    const [access, identity] = await Promise.all([
      tokens.verify(`Bearer ${answer.access}`),
      tokens.verifyIdentity(answer.identity, attempt.nonce),
    ]);
    if (access.kind === "unavailable" || identity.kind === "unavailable") return AWAY;
    if (access.kind === "bad") return { kind: "refused", code: "access_token", reason: access.reason };
    if (identity.kind === "bad") return { kind: "refused", code: "id_token", reason: identity.reason };
    if (access.principal.oid !== identity.oid)
      return { kind: "refused", code: "id_token", reason: "the tokens are of different people" };
    return { kind: "signedIn", token: answer.access, principal: access.principal, expiresInS: answer.expiresInS };
  }

  async #redeem(
    endpoint: string,
    redirectUri: string,
    code: string,
    verifier: string,
  ): Promise<
    | { readonly kind: "tokens"; readonly access: string; readonly identity: string; readonly expiresInS: number }
    | Exclude<SignedIn, { kind: "signedIn" }>
  > {
    const body = new URLSearchParams({
      client_id: this.#options.clientId,
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    const answer = await ask(endpoint, { method: "POST", body });
    if (answer === undefined || answer.status >= 500) return AWAY;
    const failure = failureSchema.safeParse(answer.body);
    if (failure.success) {
      const { error, error_description: description } = failure.data;
      return { kind: "refused", code: error, reason: description.split(" Trace ID:")[0] ?? error };
    }
    const tokens = tokenSchema.safeParse(answer.body);
    if (answer.status !== 200 || !tokens.success)
      return { kind: "refused", code: "token", reason: `the issuer's answer (${answer.status}) has no good tokens` };
    const { access_token: access, id_token: identity, expires_in: expiresInS } = tokens.data;
    return { kind: "tokens", access, identity, expiresInS };
  }

  /** The issuer's metadata; undefined when it cannot be read or is another issuer's. */
  async #discover(): Promise<Discovery | undefined> {
    const known = this.#discovery;
    const nowMs = performance.now();
    if (known !== undefined && nowMs - known.atMs < DISCOVERY_AGE_MAX_MS) return known.value;
    const { authority } = this.#options;
    const answer = await ask(`${authority}/.well-known/openid-configuration`, {});
    const parsed = discoverySchema.safeParse(answer?.body);
    if (answer?.status !== 200 || !parsed.success || parsed.data.issuer !== authority) return undefined;
    this.#discovery = { value: parsed.data, atMs: nowMs };
    return parsed.data;
  }
}

/** One JSON exchange with the issuer; undefined when it could not be had. */
async function ask(url: string, init: RequestInit): Promise<{ status: number; body: unknown } | undefined> {
  try {
    const response = await fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS) });
    return { status: response.status, body: await response.json() };
  } catch {
    // Not reachable, too slow, or no JSON: in every case nobody is let in, and the page says so.
    return undefined;
  }
}

/** 256 bits; 43 characters, which is what PKCE demands of a verifier. */
function secret(): string {
  return randomBytes(32).toString("base64url");
}
