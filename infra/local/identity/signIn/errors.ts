/** Errors of the authorize and token endpoints with Entra's codes, in Entra's words. */
import { randomUUID } from "node:crypto";
import { tenantId } from "../../platform/constants.ts";
import type { WireResponse } from "../../platform/wire.ts";

export interface SignInError {
  /** OAuth 2.0 error code. */
  readonly error: string;
  /** Entra's own number, without its prefix. */
  readonly code: number;
  readonly message: string;
}

export function describeError({ code, message }: SignInError): string {
  return `AADSTS${code}: ${message}`;
}

/** The token endpoint's answer; 401 where the client itself is refused, 400 otherwise. */
export function tokenFailure(failure: SignInError): WireResponse {
  const trace = randomUUID();
  const correlation = randomUUID();
  const timestamp = new Date()
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
  const body = {
    error: failure.error,
    error_description: `${describeError(failure)} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    error_codes: [failure.code],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
  };
  const status = failure.error === "invalid_client" || failure.error === "unauthorized_client" ? 401 : 400;
  return { status, headers: { "cache-control": "no-store, no-cache", pragma: "no-cache" }, body };
}

export const errors = {
  unknownApplication: (id: string): SignInError => ({
    error: "unauthorized_client",
    code: 700016,
    message: `Application with identifier '${id}' was not found in the directory '${tenantId}'.`,
  }),
  redirectUri: (found: string, clientId: string): SignInError => ({
    error: "invalid_request",
    code: 50011,
    message: `The redirect URI '${found}' specified in the request does not match the redirect URIs configured for the application '${clientId}'.`,
  }),
  missing: (name: string): SignInError => ({
    error: "invalid_request",
    code: 900144,
    message: `The request body must contain the following parameter: '${name}'.`,
  }),
  notServed: (name: string): SignInError => ({
    error: "invalid_request",
    code: 9002313,
    message: `Invalid request. The local issuer does not serve ${name}.`,
  }),
  responseType: (found: string): SignInError => ({
    error: "unsupported_response_type",
    code: 700054,
    message: `response_type '${found}' is not enabled for the application.`,
  }),
  scope: (found: string): SignInError => ({
    error: "invalid_scope",
    code: 70011,
    message: `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${found} is not valid.`,
  }),
  challenge: {
    error: "invalid_request",
    code: 9002325,
    message: "Proof Key for Code Exchange is required: code_challenge of 43 characters with the method S256.",
  },
  grantType: (found: string): SignInError => ({
    error: "unsupported_grant_type",
    code: 70003,
    message: `The app requested an unsupported grant type '${found}'.`,
  }),
  secret: {
    error: "invalid_client",
    code: 700025,
    message: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
  },
  code: {
    unknown: { error: "invalid_grant", code: 9002313, message: "Invalid request. Request is malformed or invalid." },
    expired: {
      error: "invalid_grant",
      code: 70008,
      message: "The provided authorization code or refresh token has expired due to inactivity.",
    },
    redeemed: {
      error: "invalid_grant",
      code: 54005,
      message: "OAuth2 Authorization code was already redeemed, please retry with a new valid code.",
    },
  },
  otherRedirectUri: (found: string, expected: string): SignInError => ({
    error: "invalid_grant",
    code: 500112,
    message: `The reply address '${found}' does not match the reply address '${expected}' provided when requesting Authorization code.`,
  }),
  otherClient: {
    error: "invalid_grant",
    code: 70000,
    message: "The provided authorization code was issued to another application.",
  },
  verifier: {
    error: "invalid_grant",
    code: 501481,
    message: "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
  },
  interaction: {
    error: "login_required",
    code: 50058,
    message: "A silent sign-in request was sent but no user is signed in.",
  },
  declined: { error: "access_denied", code: 65004, message: "User declined to consent to access the app." },
  unknownPerson: (oid: string): SignInError => ({
    error: "invalid_request",
    code: 50034,
    message: `The user account ${oid} does not exist in the directory ${tenantId}.`,
  }),
  disabled: { error: "invalid_request", code: 50057, message: "The user account is disabled." },
} as const;
