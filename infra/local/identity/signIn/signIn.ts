/**
 * Signing in as Microsoft Entra ID v2.0 offers it to a public client: authorization code with PKCE.
 *
 * - `authorize` checks the application and its redirect URI before anything is sent back to it, then shows the people of
 *   the directory; the one who is chosen is who signs in. What else is wrong goes to the redirect URI as an error.
 * - `token` redeems a code once, for the application, redirect URI and challenge that it was issued for, and answers an
 *   access token for the product's API and an ID token with the request's nonce.
 * - The port of a redirect URI on localhost is not compared, as in Entra.
 *
 * Limits: one application (the product's, which is client and API), response mode `query`, challenge method S256 and no
 * other, no refresh tokens, no session of the issuer itself (each sign-in asks), no form for applications. Parameters
 * that Entra knows and this does not are refused by name.
 */
import { apiApplicationId, consoleRedirectUri } from "../../platform/constants.ts";
import type { WireRequest, WireResponse } from "../../platform/wire.ts";
import type { Directory, Person } from "../directory.ts";
import { delegatedScope, TokenRefused, type Issuer } from "../issuer.ts";
import { challengeOf, Codes, type Grant } from "./codes.ts";
import { describeError, errors, tokenFailure, type SignInError } from "./errors.ts";
import { choosePage, errorPage } from "./page.ts";

const authorizeParameters = new Set([
  "client_id",
  "response_type",
  "response_mode",
  "redirect_uri",
  "scope",
  "state",
  "nonce",
  "code_challenge",
  "code_challenge_method",
  "prompt",
]);

const tokenParameters = new Set(["client_id", "grant_type", "code", "redirect_uri", "code_verifier", "scope"]);
const identityScopes = new Set(["openid", "profile", "email"]);
const apiScopes = [delegatedScope, ".default"].flatMap((name) => [
  `${apiApplicationId}/${name}`,
  `api://${apiApplicationId}/${name}`,
]);

export class SignIn {
  readonly #directory: Directory;
  readonly #issuer: Issuer;
  readonly #codes = new Codes();

  constructor(directory: Directory, issuer: Issuer) {
    this.#directory = directory;
    this.#issuer = issuer;
  }

  reset(): void {
    this.#codes.clear();
  }

  authorize({ method, url, body }: WireRequest): WireResponse {
    if (method !== "GET" && method !== "POST") return errorPage(`authorize takes GET, not ${method}`);
    const asked = url.searchParams;
    const clientId = asked.get("client_id") ?? "";
    const redirectUri = asked.get("redirect_uri") ?? "";
    if (clientId !== apiApplicationId) return errorPage(describeError(errors.unknownApplication(clientId)));
    if (!isRegistered(redirectUri)) return errorPage(describeError(errors.redirectUri(redirectUri, clientId)));
    const back = (parameters: Record<string, string>): WireResponse => sendBack(redirectUri, asked, parameters);
    const fail = (failure: SignInError): WireResponse =>
      back({ error: failure.error, error_description: describeError(failure) });
    const fault = faultOf(asked);
    if (fault !== undefined) return fail(fault);
    const origin = new URL(redirectUri).origin;
    const people = this.#directory.read().people.filter(({ enabled }) => enabled);
    if (method === "GET") return asked.get("prompt") === "none" ? fail(errors.interaction) : choosePage(people, origin);
    return this.#chosen(new URLSearchParams(body.toString("utf8")), {
      grant: {
        clientId,
        redirectUri,
        scope: asked.get("scope") ?? "",
        codeChallenge: asked.get("code_challenge") ?? "",
        nonce: asked.get("nonce") ?? undefined,
      },
      back,
      fail,
    });
  }

  #chosen(
    form: URLSearchParams,
    to: {
      grant: Omit<Grant, "oid">;
      back: (parameters: Record<string, string>) => WireResponse;
      fail: (failure: SignInError) => WireResponse;
    },
  ): WireResponse {
    if (form.has("decline")) return to.fail(errors.declined);
    const oid = form.get("oid") ?? "";
    const person = this.#person(oid);
    if (person === undefined) return errorPage(describeError(errors.unknownPerson(oid)));
    if (!person.enabled) return errorPage(describeError(errors.disabled));
    return to.back({ code: this.#codes.issue({ ...to.grant, oid: person.oid }) });
  }

  /** Service principals have no page to sign in at. */
  #person(oid: string): Person | undefined {
    const principal = this.#directory.principal(oid);
    return principal?.kind === "person" ? principal : undefined;
  }

  async token({ method, body, headers }: WireRequest): Promise<WireResponse> {
    if (method !== "POST") return tokenFailure(errors.notServed(`${method} on the token endpoint`));
    if (!(headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded"))
      return tokenFailure(errors.notServed(`a body of the type ${headers["content-type"] ?? "(none)"}`));
    const form = new URLSearchParams(body.toString("utf8"));
    const grant = this.#redeem(form);
    if ("error" in grant) return tokenFailure(grant);
    try {
      return await this.#tokens(grant);
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      const code = Number(error.code.replace("AADSTS", ""));
      return tokenFailure({ error: "invalid_grant", code, message: error.message });
    }
  }

  #redeem(form: URLSearchParams): Grant | SignInError {
    if (form.has("client_secret") || form.has("client_assertion")) return errors.secret;
    const unknown = [...form.keys()].find((name) => !tokenParameters.has(name));
    if (unknown !== undefined) return errors.notServed(`the parameter ${unknown}`);
    for (const name of ["grant_type", "client_id", "code", "redirect_uri", "code_verifier"])
      if ((form.get(name) ?? "") === "") return errors.missing(name);
    const given = Object.fromEntries(form);
    const { grant_type: type = "", client_id: clientId = "", redirect_uri: redirectUri = "" } = given;
    if (type !== "authorization_code") return errors.grantType(type);
    if (clientId !== apiApplicationId) return errors.unknownApplication(clientId);
    const redemption = this.#codes.redeem(given["code"] ?? "");
    if (redemption.kind !== "good") return errors.code[redemption.kind];
    const { grant } = redemption;
    if (grant.clientId !== clientId) return errors.otherClient;
    if (grant.redirectUri !== redirectUri) return errors.otherRedirectUri(redirectUri, grant.redirectUri);
    if (challengeOf(given["code_verifier"] ?? "") !== grant.codeChallenge) return errors.verifier;
    return grant;
  }

  async #tokens({ oid, clientId, nonce, scope }: Grant): Promise<WireResponse> {
    const scopes = scope.split(" ");
    const access = await this.#issuer.issue({ as: oid });
    const expiresIn = access.expiresOnS - Math.floor(Date.now() / 1000);
    // An ID token says who signed in, not what an application may do: neither scp nor the acting application.
    const plain = { scp: undefined, azp: undefined, azpacr: undefined };
    const named = scopes.includes("profile") ? {} : { name: undefined };
    const extraClaims = { ...plain, ...named, nonce };
    const identity = scopes.includes("openid")
      ? { id_token: (await this.#issuer.issue({ as: oid, audience: clientId, extraClaims })).token }
      : {};
    return {
      status: 200,
      headers: { "cache-control": "no-store, no-cache", pragma: "no-cache" },
      body: {
        token_type: "Bearer",
        scope: scopes.filter((name) => !identityScopes.has(name)).join(" "),
        expires_in: expiresIn,
        ext_expires_in: expiresIn,
        access_token: access.token,
        ...identity,
      },
    };
  }
}

/** Entra compares redirect URIs as text, but for the port of one on localhost (RFC 8252 section 7.3). */
function isRegistered(redirectUri: string): boolean {
  return redirectUri.replace(/^(http:\/\/localhost):\d{1,5}(?=\/)/, "$1") === consoleRedirectUri;
}

function faultOf(asked: URLSearchParams): SignInError | undefined {
  const unknown = [...asked.keys()].find((name) => !authorizeParameters.has(name));
  if (unknown !== undefined) return errors.notServed(`the parameter ${unknown}`);
  const type = asked.get("response_type") ?? "";
  if (type !== "code") return errors.responseType(type);
  if ((asked.get("response_mode") ?? "query") !== "query")
    return errors.notServed(`the response mode ${asked.get("response_mode")}`);
  const prompt = asked.get("prompt") ?? "login";
  if (!["login", "none", "select_account"].includes(prompt)) return errors.notServed(`the prompt ${prompt}`);
  if (asked.get("code_challenge_method") !== "S256" || !/^[\w-]{43}$/.test(asked.get("code_challenge") ?? ""))
    return errors.challenge;
  const scopes = (asked.get("scope") ?? "").split(" ").filter((name) => name !== "");
  const wrong = scopes.find((name) => !identityScopes.has(name) && !apiScopes.includes(name));
  if (wrong !== undefined) return errors.scope(wrong);
  return scopes.some((name) => apiScopes.includes(name)) ? undefined : errors.scope(scopes.join(" ") || "(none)");
}

function sendBack(redirectUri: string, asked: URLSearchParams, parameters: Record<string, string>): WireResponse {
  const location = new URL(redirectUri);
  const state = asked.get("state");
  for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value);
  if (state !== null) location.searchParams.set("state", state);
  return { status: 302, headers: { location: location.href, "cache-control": "no-store" } };
}
