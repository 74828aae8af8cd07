/**
 * Schedules and their instances, read only: what PIM has granted or will grant, and what of it is in force. Role
 * assignments that were made past PIM are there too, without end, as Azure shows them.
 */
import type { Schedule } from "../areas.ts";
import { page, type Answer, type Call, type Core, type ResourceType } from "../call.ts";
import { ArmRefusal, authorizationFailed } from "../errors.ts";
import { filterOf, type Filter } from "../filter.ts";
import { defined, type JsonObject } from "../json.ts";
import type { RoleAssignment } from "../model.ts";
import { normalScope, roleGuid } from "../rbac.ts";
import { existingScope, relation } from "../scopes.ts";
import type { Family } from "./rules.ts";

export const pimVersions = ["2020-10-01"];

export const scheduleTypes: readonly ResourceType[] = (["Assignment", "Eligibility"] as const).flatMap((family) =>
  (["Schedules", "ScheduleInstances"] as const).map((kind): ResourceType => {
    const name = `Microsoft.Authorization/role${family}${kind}`;
    return {
      name,
      apiVersions: pimVersions,
      item: { GET: (core, call) => getOne(family, kind, core, call) },
      collection: { GET: (core, call) => listAll(family, kind, core, call) },
      query: ["$filter"],
      openReads: true,
    };
  }),
);

type Kind = "Schedules" | "ScheduleInstances";

function getOne(family: Family, kind: Kind, core: Core, call: Call): Answer {
  checkRead(core, call, `Microsoft.Authorization/role${family}${kind}`);
  const name = call.target.names[0]?.toLowerCase();
  const scope = normalScope(existingScope(core.state, call.target));
  const found = schedulesOf(core, family).find(
    (one) =>
      (kind === "Schedules" ? one.name : one.instance)?.toLowerCase() === name && normalScope(one.scope) === scope,
  );
  if (found !== undefined) return { status: 200, body: shown(core, found, kind) };
  throw new ArmRefusal(404, `Role${family}${kind.slice(0, -1)}NotFound`, `'${name ?? ""}' is not found at this scope.`);
}

/** Without a filter: at the scope, above and below. */
function listAll(family: Family, kind: Kind, core: Core, call: Call): Answer {
  const filter = pimFilter(core, call, `Microsoft.Authorization/role${family}${kind}`);
  const scope = existingScope(core.state, call.target).toLowerCase();
  const found = schedulesOf(core, family)
    .filter((one) => kind === "Schedules" || one.instance !== undefined)
    .filter((one) => wanted(core, call, filter, one.scope, one.principalId, scope));
  return page(
    core,
    call,
    found.map((one) => shown(core, one, kind)),
  );
}

const filters = ["atScope()", "asTarget()", "assignedTo()", "principalId"];

/** Reads `$filter`; whoever asks for their own needs no right. */
export function pimFilter(core: Core, call: Call, type: string): Filter {
  const filter = filterOf(call.url, filters);
  if (!filter.has("asTarget()")) checkRead(core, call, type);
  return filter;
}

export function checkRead(core: Core, call: Call, type: string): void {
  if (core.rbac.allows(call.caller.oid, `${type}/read`, call.target.lowerPath)) return;
  throw authorizationFailed(call.caller.oid, `${type}/read`, call.target.scope);
}

export function wanted(
  core: Core,
  call: Call,
  filter: Filter,
  at: string,
  principalId: string,
  scope: string,
): boolean {
  const where = relation(normalScope(at), scope);
  if (where === "elsewhere" || (where === "below" && filter.has("atScope()"))) return false;
  const holder = principalId.toLowerCase();
  const principal = filter.get("principalId")?.toLowerCase();
  if (principal !== undefined && holder !== principal) return false;
  const assignedTo = filter.has("asTarget()") ? call.caller.oid : filter.get("assignedTo()")?.toLowerCase();
  return assignedTo === undefined || core.rbac.principals(assignedTo).includes(holder);
}

/** PIM's own, and role assignments that aren't. */
export function schedulesOf(core: Core, family: Family): Schedule[] {
  const own = [...core.state.values("schedule")].filter((one) => one.family === family);
  if (family === "Eligibility") return own;
  const known = new Set(own.map(({ assignmentId }) => assignmentId));
  const others = [...core.state.entries("roleAssignment")].filter(([id]) => !known.has(id));
  return [...own, ...others.map(([id, assignment]) => ofAssignment(id, assignment))];
}

function ofAssignment(id: string, { name, properties }: RoleAssignment): Schedule {
  const createdMs = Date.parse(properties.createdOn);
  return {
    family: "Assignment",
    name,
    scope: properties.scope,
    role: roleGuid(properties.roleDefinitionId),
    roleDefinitionId: properties.roleDefinitionId,
    principalId: properties.principalId,
    principalType: properties.principalType,
    requestId: "",
    activated: false,
    status: "Provisioned",
    startMs: createdMs,
    instance: name,
    assignmentId: id,
    createdMs,
    updatedMs: Date.parse(properties.updatedOn),
  };
}

function shown(core: Core, schedule: Schedule, kind: Kind): JsonObject & { readonly id: string } {
  const { family, scope } = schedule;
  const name = kind === "Schedules" ? schedule.name : (schedule.instance ?? "");
  const type = `Microsoft.Authorization/Role${family}${kind}`;
  const iso = (ms: number): string => new Date(ms).toISOString();
  const at = `${scope === "/" ? "" : scope}/providers/Microsoft.Authorization`;
  const common = {
    scope,
    roleDefinitionId: schedule.roleDefinitionId,
    principalId: schedule.principalId,
    principalType: schedule.principalType,
    status: schedule.status,
    startDateTime: iso(schedule.startMs),
    endDateTime: schedule.endMs === undefined ? undefined : iso(schedule.endMs),
    memberType: "Direct",
    condition: schedule.condition,
    conditionVersion: schedule.conditionVersion,
    createdOn: iso(schedule.createdMs),
    expandedProperties: expanded(core, schedule),
    ...(family === "Assignment" ? { assignmentType: schedule.activated ? "Activated" : "Assigned" } : {}),
    linkedRoleEligibilityScheduleId: schedule.eligibility,
  };
  const properties =
    kind === "Schedules"
      ? {
          ...common,
          updatedOn: iso(schedule.updatedMs),
          [`role${family}ScheduleRequestId`]: schedule.requestId === "" ? undefined : schedule.requestId,
        }
      : {
          ...common,
          [`role${family}ScheduleId`]: `${at}/Role${family}Schedules/${schedule.name}`,
          originRoleAssignmentId:
            schedule.assignmentId === undefined
              ? undefined
              : core.state.get("roleAssignment", schedule.assignmentId)?.id,
        };
  return { properties: defined(properties), name, id: `${at}/Role${family}${kind}/${name}`, type };
}

/** Names of what a schedule is about, as far as they are known. */
export function expanded(
  core: Core,
  about: Pick<Schedule, "scope" | "role" | "roleDefinitionId" | "principalId" | "principalType">,
): JsonObject {
  const { scope, principalId } = about;
  const role = core.state.get("roleDefinition", about.role)?.properties;
  const segments = scope.split("/").length;
  return {
    scope: {
      id: scope,
      displayName:
        core.state.get("subscription", scope.toLowerCase())?.displayName ?? scope.slice(scope.lastIndexOf("/") + 1),
      type: segments === 3 ? "subscription" : segments === 5 ? "resourcegroup" : "resource",
    },
    roleDefinition: {
      id: about.roleDefinitionId,
      displayName: role?.roleName ?? about.role,
      type: role?.type ?? "BuiltInRole",
    },
    principal: { id: principalId, displayName: core.nameOf(principalId) ?? principalId, type: about.principalType },
  };
}
