import type { Caller, Verify } from "../identity/caller.ts";
import type { WireRequest } from "../platform/wire.ts";
import { CosmosError } from "./errors.ts";

/**
 * Audience of tokens for any account. The client asks for the scope `{endpoint}/.default` first and falls back to this
 * one's when the directory does not know the endpoint as a resource (AADSTS500011), as Microsoft Entra ID does not; both are
 * accepted.
 */
export const COSMOS_AUDIENCE = "https://cosmos.azure.com";

/**
 * The caller of a request by its `type=aad&ver=1.0&sig=<token>` header, which may be percent-encoded.
 *
 * @throws CosmosError 401 for keys and resource tokens (local authentication is off) and tokens that are not good
 */
export async function authenticate(request: WireRequest, verify: Verify): Promise<Caller> {
  const header = request.headers["authorization"];
  if (header === undefined) throw unauthorized("Required Header authorization is missing.");
  const fields = parseHeader(header);
  const type = fields.get("type");
  if (type === "master" || type === "resource") {
    throw unauthorized("Local Authorization is disabled. Use an AAD token to authorize all requests.");
  }
  const token = fields.get("sig");
  if (type !== "aad" || fields.get("ver") !== "1.0" || token === undefined) {
    throw unauthorized("Authorization header: expected type=aad&ver=1.0&sig=<token>.");
  }
  const audience = [COSMOS_AUDIENCE, request.url.origin].find((known) => known === audienceOf(token));
  const caller = audience === undefined ? undefined : await verify(`Bearer ${token}`, audience);
  if (caller === undefined) {
    throw unauthorized(
      `The AAD token is not valid: expected one of the trusted issuer, not expired, for audience ${COSMOS_AUDIENCE} or ${request.url.origin}, found audience ${audienceOf(token) ?? "none"}.`,
    );
  }
  return caller;
}

/** `type=...&ver=...&sig=...`; the signature of a key may contain `=`. */
function parseHeader(header: string): Map<string, string> {
  let text: string;
  try {
    text = header.includes("%") ? decodeURIComponent(header) : header;
  } catch {
    throw unauthorized("Authorization header: not percent-encoded UTF-8.");
  }
  const parts = text.split("&").map((part) => part.split(/=(.*)/s, 2) as [string, string | undefined]);
  return new Map(parts.map(([name, value]) => [name, value ?? ""]));
}

/** What the token says of its audience, before anything of it is trusted: tells which of the two to verify it for. */
function audienceOf(token: string): string | undefined {
  const payload = token.split(".")[1];
  if (payload === undefined) return undefined;
  try {
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as { aud?: unknown } | null;
    return typeof claims?.aud === "string" ? claims.aud.toLowerCase().replace(/\/$/, "") : undefined;
  } catch {
    return undefined;
  }
}

function unauthorized(message: string): CosmosError {
  return new CosmosError(401, "Unauthorized", message);
}
