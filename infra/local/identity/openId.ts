/** Discovery and keys of the issuer, at the paths and with the fields that Entra serves them. */
import type { JWK } from "jose";
import { tenantId } from "../platform/constants.ts";
import type { WireRequest, WireResponse } from "../platform/wire.ts";

/** Entra lets clients cache both for a day. */
const CACHE = { "cache-control": "max-age=86400, private" };

export interface OpenIdState {
  readonly issuer: string;
  /** Public keys, newest first. */
  readonly keys: readonly JWK[];
}

/** Answers one request to the issuer. */
export function serveOpenId({ method, url }: WireRequest, state: OpenIdState): WireResponse {
  const [tenant, ...rest] = url.pathname.slice(1).split("/");
  const path = rest.join("/");
  if (tenant?.toLowerCase() !== tenantId)
    return failure(400, "invalid_tenant", `AADSTS90002: Tenant '${tenant}' not found; this issuer serves ${tenantId}.`);
  const body = documents[path]?.(state);
  if (body === undefined) return failure(404, "invalid_request", `The local issuer has no path /{tenant}/${path}.`);
  if (method !== "GET") return failure(405, "invalid_request", `/{tenant}/${path} takes GET, not ${method}.`);
  return { status: 200, headers: CACHE, body };
}

const documents: Readonly<Record<string, (state: OpenIdState) => object>> = {
  "v2.0/.well-known/openid-configuration": ({ issuer }) => {
    const base = issuer.replace(/\/v2\.0$/, "");
    return {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
      jwks_uri: `${base}/discovery/v2.0/keys`,
      response_modes_supported: ["query", "fragment", "form_post"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
      response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
      scopes_supported: ["openid", "profile", "email", "offline_access"],
      issuer,
      request_uri_parameter_supported: false,
      // A person's browser does not trust the local authority, so the page is to be had without TLS on the same port.
      authorization_endpoint: `${base.replace(/^https:/, "http:")}/oauth2/v2.0/authorize`,
      claims_supported: ["sub", "iss", "aud", "exp", "iat", "tid", "oid", "name", "ver"],
    };
  },
  "discovery/v2.0/keys": ({ issuer, keys }) => ({ keys: keys.map((key) => ({ ...key, issuer })) }),
};

function failure(status: number, error: string, description: string): WireResponse {
  return { status, body: { error, error_description: description } };
}
