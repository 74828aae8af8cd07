/**
 * The one table of ARM's error codes: what passes by itself, what passes when somebody acts, what never will. Unknown
 * codes go by status: 4xx is final, 5xx passes.
 */
import type { ArmError, ErrorClass } from "../ports/arm.ts";

const classes: Readonly<Record<string, ErrorClass>> = {
  // Another write is under way under the account, or a provider lags behind another.
  RequestConflict: "retry",
  Conflict: "retry",
  AnotherOperationInProgress: "retry",
  AccountProvisioningStateInvalid: "retry",
  // Token buckets and provider throttling: Retry-After says how long.
  SubscriptionRequestsThrottled: "retry",
  TooManyRequests: "retry",
  ResourceRequestsThrottled: "retry",
  // A lock, a right or a policy that somebody has to change; rights also lag behind for minutes.
  ScopeLocked: "retrySlowly",
  AuthorizationFailed: "retrySlowly",
  RequestDisallowedByPolicy: "retrySlowly",
  InsufficientQuota: "retrySlowly",
  // Will be refused again.
  InvalidRequestContent: "giveUp",
  InvalidResourceProperties: "giveUp",
  DeploymentModelNotSupported: "giveUp",
  InvalidCapacity: "giveUp",
  RequestDisallowedByAzure: "giveUp",
  SpecialFeatureOrQuotaIdRequired: "giveUp",
  NoRegisteredProviderFound: "giveUp",
};

export function classify(status: number, code: string): ErrorClass {
  const known = Object.hasOwn(classes, code) ? classes[code] : undefined;
  if (known !== undefined) return known;
  if (status === 429 || status === 408 || status >= 500) return "retry";
  // A token that has just expired, or is not there yet, is fetched anew at the next try.
  return status === 401 ? "retry" : "giveUp";
}

/** Longest wait that we take from a Retry-After header; a longer one is left to the sweep. */
const RETRY_AFTER_MS_MAX = 15 * 60_000;

/** Reads ARM's error body (`{error:{code,message}}`, or bare `{code,message}` as some providers answer). */
export function armError(
  status: number,
  bodyText: string | null | undefined,
  retryAfter: string | undefined,
): ArmError {
  const { code, message } = errorBody(bodyText) ?? { code: `Http${status}`, message: `ARM answered ${status}` };
  const seconds = retryAfter === undefined ? Number.NaN : Number(retryAfter);
  const retryAfterMs = Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0) * 1000, RETRY_AFTER_MS_MAX) : undefined;
  return { class: classify(status, code), code, message, status, retryAfterMs };
}

function errorBody(text: string | null | undefined): { code: string; message: string } | undefined {
  if (text === null || text === undefined || text === "") return undefined;
  try {
    const body = JSON.parse(text) as {
      error?: { code?: unknown; message?: unknown };
      code?: unknown;
      message?: unknown;
    };
    const { code, message } = body.error ?? body;
    return typeof code === "string" ? { code, message: typeof message === "string" ? message : "" } : undefined;
  } catch {
    // Not JSON: a gateway's page. The status says what there is to say.
    return undefined;
  }
}

/** Wait between polls when ARM names none. */
const POLL_MS = 2_000;

/** Longest wait between polls, whatever ARM asks for: for that long the key has a pass, and thus no other look. */
const POLL_MS_MAX = 60_000;

/** When an operation is to be asked again, from the Retry-After header of its last answer. */
export function pollAfterMs(retryAfter: string | undefined): number {
  const seconds = Number(retryAfter ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, POLL_MS_MAX) : POLL_MS;
}
