/**
 * Microsoft.Authorization/roleAssignmentScheduleRequests and roleEligibilityScheduleRequests (2020-10-01). PUT answers 201
 * and nothing else; a name is used once. Administrators assign, remove and change the end; eligible people activate and
 * give back. Extensions and renewals by the person itself and approvals aren't served: the ARM API doesn't decide them.
 */
import type { Schedule, ScheduleRequest } from "../areas.ts";
import { page, uuid, type Answer, type Call, type Core, type ResourceType } from "../call.ts";
import { ArmRefusal, authorizationFailed } from "../errors.ts";
import { defined, type JsonObject } from "../json.ts";
import { covers, existingRole, normalScope } from "../rbac.ts";
import { definitionId } from "../roleAssignments.ts";
import { object, oneOf, read, readOnly, text, type ObjectSchema } from "../schema.ts";
import { existingScope } from "../scopes.ts";
import { isGuid } from "../target.ts";
import {
  checkRules,
  DURATION_MIN_MS,
  invalid,
  tooShort,
  windowOf,
  type Family,
  type ScheduleInfo,
  type Window,
} from "./rules.ts";
import { checkRead, expanded, pimFilter, pimVersions, wanted } from "./schedules.ts";

const requestTypes = [
  "AdminAssign",
  "AdminRemove",
  "AdminUpdate",
  "AdminExtend",
  "SelfActivate",
  "SelfDeactivate",
] as const;
const unserved = ["AdminRenew", "SelfExtend", "SelfRenew"];

export const scheduleRequests: readonly ResourceType[] = (["Assignment", "Eligibility"] as const).map(
  (family): ResourceType => ({
    name: nameOf(family),
    apiVersions: pimVersions,
    item: { GET: (core, call) => getRequest(family, core, call), PUT: (core, call) => putRequest(family, core, call) },
    collection: { GET: (core, call) => listRequests(family, core, call) },
    actions: {
      cancel: { name: "cancel", serve: (core, call) => cancel(family, core, call) },
      validate: { name: "validate", serve: (core, call) => validate(family, core, call) },
    },
    query: ["$filter"],
    openReads: true,
    openWrites: true,
  }),
);

function nameOf(family: Family): string {
  return `Microsoft.Authorization/role${family}ScheduleRequests`;
}

function bodyOf(family: Family): ObjectSchema {
  return object(
    `Role${family}ScheduleRequest`,
    {
      id: readOnly,
      name: readOnly,
      type: readOnly,
      properties: object(
        `Role${family}ScheduleRequestProperties`,
        {
          ...Object.fromEntries(
            ["scope", "principalType", "status", "approvalId", "createdOn", "requestorId", "expandedProperties"].map(
              (name) => [name, readOnly],
            ),
          ),
          roleDefinitionId: text,
          principalId: text,
          requestType: oneOf(...requestTypes, ...unserved),
          [`targetRole${family}ScheduleId`]: text,
          [`targetRole${family}ScheduleInstanceId`]: text,
          ...(family === "Assignment" ? { linkedRoleEligibilityScheduleId: text } : {}),
          scheduleInfo: object("ScheduleInfo", {
            startDateTime: text,
            expiration: object("Expiration", {
              type: oneOf("AfterDuration", "AfterDateTime", "NoExpiration"),
              endDateTime: text,
              duration: text,
            }),
          }),
          justification: text,
          ticketInfo: object("TicketInfo", { ticketNumber: text, ticketSystem: text }),
          condition: text,
          conditionVersion: text,
        },
        { required: ["roleDefinitionId", "principalId", "requestType"] },
      ),
    },
    { required: ["properties"] },
  );
}

const bodies: Readonly<Record<Family, ObjectSchema>> = {
  Assignment: bodyOf("Assignment"),
  Eligibility: bodyOf("Eligibility"),
};

interface Asked extends JsonObject {
  readonly roleDefinitionId: string;
  readonly principalId: string;
  readonly requestType: (typeof requestTypes)[number];
  readonly justification?: string;
  readonly condition?: string;
  readonly conditionVersion?: string;
}

/** A request that may be carried out. */
interface Judged {
  readonly asked: Asked;
  readonly scope: string;
  readonly role: string;
  readonly principalType: string;
  readonly window: Window;
  /** What there is for the same scope, principal and role. */
  readonly schedule: Schedule | undefined;
  readonly eligibility: Schedule | undefined;
}

function putRequest(family: Family, core: Core, call: Call): Answer {
  const { lowerPath, names } = call.target;
  if (!isGuid(names[0] ?? "")) throw invalid(`The request ID '${names[0] ?? ""}' must be a GUID.`);
  const judged = judge(family, core, call);
  if (core.state.get("scheduleRequest", lowerPath) !== undefined) {
    throw new ArmRefusal(409, "RoleAssignmentRequestExists", "The role assignment request already exists.");
  }
  const request = requestOf(family, core, call, judged);
  core.state.put("scheduleRequest", lowerPath, request);
  carryOut(family, core, call, judged, request);
  return { status: 201, body: core.state.get("scheduleRequest", lowerPath) };
}

/** Answers what PUT would, and does nothing. */
function validate(family: Family, core: Core, call: Call): Answer {
  return { status: 200, body: requestOf(family, core, call, judge(family, core, call)) };
}

function judge(family: Family, core: Core, call: Call): Judged {
  const scope = existingScope(core.state, call.target);
  const asked = read(bodies[family], call.body, "PUT")["properties"] as Asked;
  if (unserved.includes(asked.requestType)) throw invalid(`The request type '${asked.requestType}' is not supported.`);
  const role = existingRole(core.state, asked.roleDefinitionId);
  authorize(family, core, call, asked);
  const principalType = principalTypeOf(family, core, asked);
  const schedule = [...core.state.values("schedule")].find(
    (one) => one.family === family && sameTriple(one, scope, role, asked.principalId),
  );
  const eligibility = eligibilityOf(core, call, role, scope);
  const { requestType } = asked;
  const giving = requestType === "AdminAssign" || requestType === "SelfActivate";
  const ending = requestType === "AdminRemove" || requestType === "SelfDeactivate";
  const window = ending
    ? { startMs: call.nowMs, endMs: undefined }
    : windowOf(asked["scheduleInfo"] as ScheduleInfo, call.nowMs);
  if (!ending) {
    const activation = requestType === "SelfActivate";
    const { justification } = asked;
    checkRules(core.pim.rules, { family, activation, window, justification, eligible: eligibility !== undefined });
  }
  const standing = family === "Assignment" && core.pim.assigned(scope, role, asked.principalId) !== undefined;
  if (giving && (schedule !== undefined || standing)) {
    throw new ArmRefusal(409, "RoleAssignmentExists", "The Role assignment already exists.");
  }
  if (!giving && schedule === undefined) {
    throw new ArmRefusal(400, "RoleAssignmentDoesNotExist", "The Role assignment does not exist.");
  }
  if (requestType === "SelfDeactivate" && call.nowMs < (schedule?.startMs ?? 0) + DURATION_MIN_MS) throw tooShort();
  return { asked, scope, role, principalType, window, schedule, eligibility };
}

/** Administrators need the right; people activate and give back for themselves only. */
function authorize(family: Family, core: Core, call: Call, asked: Asked): void {
  const self = asked.requestType.startsWith("Self");
  if (self && family === "Eligibility") throw invalid(`An eligibility takes no '${asked.requestType}'.`);
  const action = `${nameOf(family)}/write`;
  const allowed = self
    ? asked.principalId.toLowerCase() === call.caller.oid.toLowerCase()
    : core.rbac.allows(call.caller.oid, action, call.target.lowerPath);
  if (!allowed) throw authorizationFailed(call.caller.oid, action, call.target.path);
}

function principalTypeOf(family: Family, core: Core, asked: Asked): string {
  if (!isGuid(asked.principalId)) {
    throw new ArmRefusal(
      400,
      "InvalidPrincipalId",
      `A valid principal ID must be provided; found '${asked.principalId}'.`,
    );
  }
  const known = core.principalType?.(asked.principalId.toLowerCase());
  if (known === undefined && core.principalType !== undefined) {
    throw new ArmRefusal(400, "PrincipalNotFound", `Principal ${asked.principalId} does not exist in the directory.`);
  }
  if (known === "ServicePrincipal" && family === "Eligibility") {
    throw invalid("Service principals and managed identities can't be eligible for a role.");
  }
  return known ?? "User";
}

function eligibilityOf(core: Core, call: Call, role: string, scope: string): Schedule | undefined {
  const principals = core.rbac.principals(call.caller.oid);
  return [...core.state.values("schedule")].find(
    (one) =>
      one.family === "Eligibility" &&
      one.instance !== undefined &&
      one.role === role &&
      principals.includes(one.principalId.toLowerCase()) &&
      covers(normalScope(one.scope), scope.toLowerCase()),
  );
}

function sameTriple(one: Schedule, scope: string, role: string, principalId: string): boolean {
  return (
    one.role === role &&
    one.principalId.toLowerCase() === principalId.toLowerCase() &&
    normalScope(one.scope) === normalScope(scope)
  );
}

function requestOf(family: Family, core: Core, call: Call, judged: Judged): ScheduleRequest {
  const { asked, scope, role, principalType, window, schedule, eligibility } = judged;
  const name = call.target.names[0] ?? "";
  const ending = asked.requestType === "AdminRemove" || asked.requestType === "SelfDeactivate";
  const target = `targetRole${family}ScheduleId`;
  const roleDefinitionId = definitionId(call.target.subscriptionId, role);
  const linked = asked.requestType === "SelfActivate" ? eligibility?.name : undefined;
  const properties = defined({
    ...asked,
    roleDefinitionId,
    [target]: asked[target] ?? schedule?.name ?? uuid(core.random),
    linkedRoleEligibilityScheduleId: asked["linkedRoleEligibilityScheduleId"] ?? linked,
    scope,
    principalType,
    status: ending ? "Revoked" : window.startMs > call.nowMs ? "Granted" : "Provisioned",
    scheduleInfo: ending ? undefined : shownWindow(asked["scheduleInfo"] as ScheduleInfo | undefined, window),
    requestorId: call.caller.oid,
    createdOn: new Date(call.nowMs).toISOString(),
    expandedProperties: expanded(core, {
      scope,
      role,
      roleDefinitionId,
      principalId: asked.principalId,
      principalType,
    }),
  }) as ScheduleRequest["properties"];
  const type = `Microsoft.Authorization/Role${family}ScheduleRequests`;
  return { properties, name, id: `${scope}/providers/${type}/${name}`, type };
}

function shownWindow(info: ScheduleInfo | undefined, { startMs }: Window): JsonObject {
  const expiration = info?.expiration ?? { type: "NoExpiration" };
  return { startDateTime: new Date(startMs).toISOString(), expiration: { ...expiration } };
}

function carryOut(family: Family, core: Core, call: Call, judged: Judged, request: ScheduleRequest): void {
  const { asked, window, schedule } = judged;
  switch (asked.requestType) {
    case "AdminAssign":
    case "SelfActivate": {
      const made = scheduleOf(family, call, judged, request);
      core.state.put("schedule", made.name, made);
      if (made.startMs <= call.nowMs) core.pim.begin(made);
      else core.pim.plan(made);
      return;
    }
    case "AdminRemove":
    case "SelfDeactivate": {
      if (schedule === undefined || core.pim.end(schedule, call.nowMs)) return;
      const status = "FailedAsResourceIsLocked";
      const failed = { ...request, properties: { ...request.properties, status } };
      core.state.put("scheduleRequest", call.target.lowerPath, failed);
      return;
    }
    case "AdminUpdate":
    case "AdminExtend": {
      if (schedule === undefined) return;
      const { endMs: _, ...rest } = schedule;
      const end = window.endMs === undefined ? {} : { endMs: window.endMs };
      const changed = { ...rest, ...end, requestId: request.id, updatedMs: call.nowMs };
      core.state.put("schedule", schedule.name, changed);
      core.pim.plan(changed);
    }
  }
}

function scheduleOf(family: Family, call: Call, judged: Judged, request: ScheduleRequest): Schedule {
  const { asked, scope, role, principalType, window, eligibility } = judged;
  const activated = asked.requestType === "SelfActivate";
  return defined({
    family,
    name: (request.properties[`targetRole${family}ScheduleId`] as string).toLowerCase(),
    scope,
    role,
    roleDefinitionId: request.properties["roleDefinitionId"] as string,
    principalId: asked.principalId,
    principalType,
    requestId: request.id,
    activated,
    eligibility: activated ? eligibility?.name : undefined,
    condition: asked.condition,
    conditionVersion: asked.conditionVersion,
    status: request.properties.status,
    startMs: window.startMs,
    endMs: window.endMs,
    createdMs: call.nowMs,
    updatedMs: call.nowMs,
  }) as Schedule;
}

function getRequest(family: Family, core: Core, call: Call): Answer {
  checkRead(core, call, nameOf(family));
  return { status: 200, body: found(core, call) };
}

function found(core: Core, call: Call): ScheduleRequest {
  const request = core.state.get("scheduleRequest", call.target.lowerPath);
  if (request !== undefined) return request;
  const [name = ""] = call.target.names;
  throw new ArmRefusal(404, "RoleAssignmentRequestNotFound", `The role assignment request '${name}' is not found.`);
}

function listRequests(family: Family, core: Core, call: Call): Answer {
  const filter = pimFilter(core, call, nameOf(family));
  const scope = existingScope(core.state, call.target).toLowerCase();
  const type = nameOf(family).toLowerCase();
  const all = [...core.state.values("scheduleRequest")].filter(({ type: of, properties }) => {
    const { scope: at, principalId } = properties as unknown as { scope: string; principalId: string };
    return of.toLowerCase() === type && wanted(core, call, filter, at, principalId, scope);
  });
  return page(core, call, all);
}

/** Takes back what hasn't begun. */
function cancel(family: Family, core: Core, call: Call): Answer {
  const request = found(core, call);
  const { requestorId, status } = request.properties;
  const action = `${nameOf(family)}/cancel/action`;
  if (requestorId !== call.caller.oid && !core.rbac.allows(call.caller.oid, action, call.target.lowerPath)) {
    throw authorizationFailed(call.caller.oid, action, call.target.path);
  }
  if (status !== "Granted") {
    throw new ArmRefusal(
      400,
      "RoleAssignmentRequestCannotBeCanceled",
      `The role assignment request is in status '${status}' and cannot be canceled.`,
    );
  }
  for (const [name, schedule] of core.state.entries("schedule")) {
    if (schedule.requestId === request.id) core.state.delete("schedule", name);
  }
  const properties = { ...request.properties, status: "Canceled" };
  core.state.put("scheduleRequest", call.target.lowerPath, { ...request, properties });
  return { status: 200 };
}
