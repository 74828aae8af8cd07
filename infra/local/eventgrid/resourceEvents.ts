/**
 * The Microsoft.Resources.* events that the system topic of a subscription publishes for each write, delete and action
 * at ARM. Shape and fields are those of "Azure subscription as an Event Grid source" (Microsoft Learn,
 * event-schema-subscriptions); the samples' own inconsistencies are kept, because consumers meet them:
 *
 * - `resourcegroups` in the IDs of writes, `resourceGroups` in those of deletes and actions;
 * - `httpRequest` is there when something is updated, deleted or acted on, not when it is put;
 * - `claims` carries the caller's personal data (name, address, user principal name): consumers must drop it;
 * - no resource body: read it from ARM.
 */
import { createHash } from "node:crypto";
import { type EventGridEvent, RESOURCE_DATA_VERSION } from "./events.ts";

/** What ARM reports of one request that it has carried out, or accepted and failed at. */
export interface ResourceChange {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly resourceId: string;
  readonly resourceGroup?: string | undefined;
  /** Namespace, for example `Microsoft.CognitiveServices`. */
  readonly provider: string;
  /** For example `Microsoft.CognitiveServices/accounts/write`. */
  readonly operationName: string;
  readonly action: "Write" | "Delete" | "Action";
  readonly outcome: "Success" | "Failure";
  /** HTTP method and address of the request. */
  readonly method: string;
  readonly url: string;
  readonly caller: {
    readonly oid: string;
    readonly type: "User" | "ServicePrincipal";
    readonly appid?: string | undefined;
  };
  readonly correlationId: string;
  /** Business time, milliseconds since the epoch. */
  readonly atMs: number;
}

export const claimNames = {
  objectId: "http://schemas.microsoft.com/identity/claims/objectidentifier",
  tenantId: "http://schemas.microsoft.com/identity/claims/tenantid",
  nameIdentifier: "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier",
  scope: "http://schemas.microsoft.com/identity/claims/scope",
  surname: "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
  givenName: "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
  name: "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
  upn: "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
  identityProvider: "http://schemas.microsoft.com/identity/claims/identityprovider",
} as const;

/** Azure CLI, which most changes by hand come through. */
const CLI_APPLICATION = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/** Role definition of Contributor; the activity log writes IDs without dashes. */
const CONTRIBUTOR = "b24988ac618042a0ab8820f7382dd24c";
const TOKEN_AGE_S = 300;
const TOKEN_LIFE_S = 3_600;

/** Builds the event; `name` is the caller's, as it stands in the directory. */
export function resourceEvent(change: ResourceChange, id: string, name: string | undefined): EventGridEvent {
  const resourceId =
    change.action === "Write"
      ? change.resourceId.replace(/\/resourceGroups\//i, "/resourcegroups/")
      : change.resourceId;
  const topic = `/subscriptions/${change.subscriptionId}`;
  const clientIpAddress = ipAddress(change.caller.oid);
  return {
    subject: resourceId,
    eventType: `Microsoft.Resources.Resource${change.action}${change.outcome}`,
    eventTime: new Date(change.atMs).toISOString(),
    id,
    data: {
      authorization: {
        scope: resourceId,
        action: change.operationName,
        evidence: evidence(change, topic),
      },
      claims: { ...tokenClaims(change), ...callerClaims(change, name, clientIpAddress) },
      correlationId: change.correlationId,
      ...(change.method.toUpperCase() === "PUT"
        ? {}
        : {
            httpRequest: {
              clientRequestId: opaque(`request ${id}`, 32),
              clientIpAddress,
              method: change.method.toUpperCase(),
              url: change.url,
            },
          }),
      resourceProvider: change.provider,
      resourceUri: resourceId,
      operationName: change.operationName,
      status: change.outcome === "Success" ? "Succeeded" : "Failed",
      subscriptionId: change.subscriptionId,
      tenantId: change.tenantId,
    },
    dataVersion: RESOURCE_DATA_VERSION,
    metadataVersion: "1",
    topic,
  };
}

/** Object ID of whoever caused the event, when its claims say so. */
export function callerOf(event: EventGridEvent): string | undefined {
  const { claims } = (event.data ?? {}) as { claims?: Record<string, unknown> };
  const oid = claims?.[claimNames.objectId];
  return typeof oid === "string" ? oid : undefined;
}

/**
 * The same event with its IDs spelled as the portal, the resource providers and ARM itself have been seen to spell
 * them. `subject`, `resourceUri` and `authorization.scope` differ from each other too.
 */
export function withOtherCase(event: EventGridEvent, random: () => number): EventGridEvent {
  const flip = (text: string): string => spellings[Math.floor(random() * spellings.length)]?.(text) ?? text;
  const subject = flip(event.subject);
  if (typeof event.data !== "object" || event.data === null) return { ...event, subject };
  const data = event.data as { resourceUri?: unknown; authorization?: unknown };
  const flipped: Record<string, unknown> = { ...data };
  if (typeof data.resourceUri === "string") flipped["resourceUri"] = flip(data.resourceUri);
  const authorization = data.authorization as { scope?: unknown } | undefined;
  if (typeof authorization?.scope === "string")
    flipped["authorization"] = { ...authorization, scope: flip(authorization.scope) };
  return { ...event, subject, data: flipped };
}

const spellings: readonly ((id: string) => string)[] = [
  (id) => id.toLowerCase(),
  (id) => id.toUpperCase(),
  (id) => id.replace(/\/resourceGroups\/[^/]+/i, (part) => part.toUpperCase()),
  (id) => id.replace(/\/providers\/[^/]+/gi, (part) => part.toLowerCase()),
  (id) => id.replace(/\/resourceGroups\//i, "/resourcegroups/"),
];

function evidence({ caller }: ResourceChange, topic: string): object {
  return {
    role: "Contributor",
    roleAssignmentScope: topic,
    roleAssignmentId: opaque(`assignment ${caller.oid} ${topic}`, 32),
    roleDefinitionId: CONTRIBUTOR,
    principalId: caller.oid.replaceAll("-", ""),
    principalType: caller.type,
  };
}

/** Claims of the ARM token; every value is text, as in the activity log. */
function tokenClaims({ atMs, tenantId }: ResourceChange): Record<string, string> {
  const issuedS = Math.floor(atMs / 1000) - TOKEN_AGE_S;
  return {
    aud: "https://management.core.windows.net/",
    iss: `https://sts.windows.net/${tenantId}/`,
    iat: String(issuedS),
    nbf: String(issuedS),
    exp: String(issuedS + TOKEN_LIFE_S),
    ver: "1.0",
    [claimNames.tenantId]: tenantId,
  };
}

function callerClaims(change: ResourceChange, name: string | undefined, ipaddr: string): Record<string, string> {
  const { caller, tenantId } = change;
  const claims = {
    aio: opaque(`aio ${caller.oid} ${change.correlationId}`, 44),
    uti: opaque(`uti ${caller.oid} ${change.correlationId}`, 22),
    [claimNames.objectId]: caller.oid,
    [claimNames.nameIdentifier]: opaque(`subject ${caller.oid}`, 43),
    appid: caller.appid ?? CLI_APPLICATION,
  };
  if (caller.type === "ServicePrincipal")
    return {
      ...claims,
      appidacr: "2",
      idtyp: "app",
      [claimNames.identityProvider]: `https://sts.windows.net/${tenantId}/`,
    };
  const fullName = name ?? `Person ${caller.oid.slice(-4)}`;
  const [givenName = fullName, ...rest] = fullName.split(" ");
  const upn = `${fullName.toLowerCase().replace(/[^a-z0-9]+/g, ".")}@contoso.example`;
  return {
    ...claims,
    appidacr: "0",
    "http://schemas.microsoft.com/claims/authnclassreference": "1",
    "http://schemas.microsoft.com/claims/authnmethodsreferences": "pwd,mfa",
    [claimNames.surname]: rest.join(" ") || givenName,
    [claimNames.givenName]: givenName,
    ipaddr,
    name: fullName,
    puid: opaque(`puid ${caller.oid}`, 16).toUpperCase(),
    [claimNames.scope]: "user_impersonation",
    [claimNames.name]: upn,
    [claimNames.upn]: upn,
  };
}

/** An address of the block that is kept for documentation (RFC 5737), always the same for one caller. */
function ipAddress(oid: string): string {
  return `203.0.113.${1 + (Number.parseInt(opaque(`address ${oid}`, 4), 16) % 254)}`;
}

/** Text that means nothing and is always the same for the same seed. */
function opaque(seed: string, length: number): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, length);
}
