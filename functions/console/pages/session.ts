/**
 * A browser's session: the access token in a cookie, and nothing on the server, so that any instance can serve it.
 *
 * - `HttpOnly`, `Secure` and `__Host-` wherever there is TLS; on localhost, where there is none, neither, and the port in
 *   the name, because browsers share cookies between ports.
 * - `SameSite=Lax`, not Strict: a link to a proposal in a Teams card has to find its reader signed in. Lax cookies come
 *   along when another site leads a person here (GET, which changes nothing), never with another site's POST.
 * - A POST is taken only from a page of our own origin (Origin, Sec-Fetch-Site) that knows the session's token against
 *   cross-site requests. That token is a hash of the access token: per session, not to be guessed, nothing to store.
 * - A session ends with its access token (60 to 90 minutes); there is no refresh token to steal.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Cookie, HttpRequest } from "@azure/functions";
import { z } from "zod";
import type { SignInAttempt } from "../../../shared/ports/signIn.ts";
import type { Principal } from "../../../shared/ports/tokens.ts";
import type { Viewer } from "../../../shared/view/person.ts";
import { edge } from "../../edgeContext.ts";

const isSecure = edge.origin.startsWith("https:");
const suffix = isSecure ? "" : `-${new URL(edge.origin).port}`;
const sessionCookie = `${isSecure ? "__Host-" : ""}steelyard${suffix}`;
const attemptCookie = `${isSecure ? "__Host-" : ""}steelyard-signin${suffix}`;

/** Browsers need not keep more than 4,096 bytes of name, value and attributes (RFC 6265 section 6.1). */
const COOKIE_BYTES_MAX = 4_096 - 200;
/** Entra's codes live ten minutes; so does a sign-in. */
const ATTEMPT_S = 600;

export type Session =
  | { readonly kind: "good"; readonly principal: Principal; readonly viewer: Viewer }
  /** None, over, or not one of ours: sign in. */
  | { readonly kind: "none" }
  | { readonly kind: "unavailable" };

/** Who looks, by the cookie of the request. */
export async function sessionOf(request: HttpRequest): Promise<Session> {
  const token = cookieOf(request, sessionCookie);
  if (token === undefined) return { kind: "none" };
  const verification = await edge.tokens.verify(`Bearer ${token}`);
  if (verification.kind === "unavailable") return { kind: "unavailable" };
  if (verification.kind === "bad" || verification.principal.kind !== "person") return { kind: "none" };
  const { principal } = verification;
  return { kind: "good", principal, viewer: { oid: principal.oid, roles: principal.roles, csrf: csrfOf(token) } };
}

function csrfOf(token: string): string {
  return createHash("sha256").update(`steelyard console form ${token}`).digest("base64url");
}

/** Whether a form was sent by a page of ours, in this session. */
export function isOurs(request: HttpRequest, form: URLSearchParams, viewer: Viewer): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (request.headers.get("origin") !== edge.origin) return false;
  if (site !== null && site !== "same-origin") return false;
  return sameText(form.get("csrf") ?? "", viewer.csrf);
}

/** In a time that does not depend on where they differ. */
export function sameText(a: string, b: string): boolean {
  const [one, other] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

/** Undefined when the token is too large for a cookie. */
export function sessionCookies(token: string, expiresInS: number): Cookie[] | undefined {
  if (token.length > COOKIE_BYTES_MAX) return undefined;
  return [cookie(sessionCookie, token, expiresInS), cookie(attemptCookie, "", 0)];
}

export function noSession(): Cookie[] {
  return [cookie(sessionCookie, "", 0), cookie(attemptCookie, "", 0)];
}

const attemptSchema = z.strictObject({
  state: z.string().length(43),
  nonce: z.string().length(43),
  verifier: z.string().length(43),
  /** Page to go back to. */
  returnTo: z.string().max(1_000),
});

/** Kept by the browser that began a sign-in: only that one can end it. */
export function attemptCookies(attempt: SignInAttempt, returnTo: string): Cookie[] {
  const text = JSON.stringify({ ...attempt, returnTo });
  return [cookie(attemptCookie, Buffer.from(text, "utf8").toString("base64url"), ATTEMPT_S)];
}

export function attemptOf(request: HttpRequest): z.output<typeof attemptSchema> | undefined {
  const text = Buffer.from(cookieOf(request, attemptCookie) ?? "", "base64url").toString("utf8");
  try {
    return attemptSchema.safeParse(JSON.parse(text)).data;
  } catch {
    // Not ours, or cut short: the same as none.
    return undefined;
  }
}

/** A page of the console to go to; anything else, above all another site, is the overview. */
export function localPath(text: string | null): string {
  if (text === null || text.length > 1_000) return "/api/console";
  return /^\/api\/console(\/[\w./~-]*)?(\?[\w=&.%~-]*)?$/.test(text) && !text.includes("..") ? text : "/api/console";
}

function cookie(name: string, value: string, maxAge: number): Cookie {
  return { name, value, maxAge, path: "/", httpOnly: true, secure: isSecure, sameSite: "Lax" };
}

const PREFERENCE_S = 365 * 86_400;

/** What a person prefers, for the script to read as well: it opens nothing. */
export function preference(name: string, value: string): Cookie {
  return { name, value, maxAge: PREFERENCE_S, path: "/api/console", secure: isSecure, sameSite: "Lax" };
}

export function cookieOf(request: HttpRequest, name: string): string | undefined {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim() || undefined;
  }
  return undefined;
}
