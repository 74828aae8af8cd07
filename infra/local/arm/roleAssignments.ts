/**
 * Microsoft.Authorization/roleAssignments. A name is unique in the tenant; scope, principal and role of an assignment
 * never change; a second assignment of the same three under another name is refused, so PUT is idempotent only under the
 * same name.
 */
import { page, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { compileCondition } from "./condition.ts";
import { ArmRefusal, authorizationFailed } from "./errors.ts";
import { filterOf } from "./filter.ts";
import { defined } from "./json.ts";
import type { RoleAssignment } from "./model.ts";
import { existingRole, normalScope, roleGuid } from "./rbac.ts";
import { read } from "./schema.ts";
import * as schemas from "./schemas.ts";
import { existingScope, relation } from "./scopes.ts";
import { isGuid } from "./target.ts";

const TYPE = "Microsoft.Authorization/roleAssignments";

/** Role assignments of a subscription, those of its resource groups and resources included (Azure RBAC limits). */
export const ROLE_ASSIGNMENTS_MAX = 4000;

export const roleAssignments: ResourceType = {
  name: TYPE,
  apiVersions: ["2022-04-01"],
  item: { GET: getAssignment, PUT: putAssignment, DELETE: deleteAssignment },
  collection: { GET: listAssignments },
  query: ["$filter", "tenantid"],
  conditionalWrites: true,
};

function getAssignment(core: Core, call: Call): Answer {
  const { lowerPath, names } = call.target;
  const { state } = core;
  const assignment = call.stale ? state.getStale("roleAssignment", lowerPath) : state.get("roleAssignment", lowerPath);
  if (assignment !== undefined) return { status: 200, body: assignment };
  throw new ArmRefusal(404, "RoleAssignmentNotFound", `The role assignment '${names[0] ?? ""}' is not found.`);
}

/** Without a filter: at the scope, above and below. `atScope()`: not below. `assignedTo` follows groups. */
function listAssignments(core: Core, call: Call): Answer {
  const filter = filterOf(call.url, ["atScope()", "assignedTo()", "principalId"]);
  const scope = call.target.scope === "" ? "" : existingScope(core.state, call.target).toLowerCase();
  const principal = filter.get("principalId")?.toLowerCase();
  const assignedTo = filter.get("assignedTo()")?.toLowerCase();
  const principals = assignedTo === undefined ? undefined : new Set(core.rbac.principals(assignedTo));
  const found: RoleAssignment[] = [];
  for (const assignment of core.state.values("roleAssignment")) {
    const where = relation(normalScope(assignment.properties.scope), scope);
    if (where === "elsewhere" || (where === "below" && filter.has("atScope()"))) continue;
    const holder = assignment.properties.principalId.toLowerCase();
    if (principal !== undefined && holder !== principal) continue;
    if (principals !== undefined && !principals.has(holder)) continue;
    found.push(assignment);
  }
  return page(core, call, found);
}

interface Asked {
  readonly roleDefinitionId: string;
  readonly principalId: string;
  readonly principalType?: string;
  readonly description?: string;
  readonly condition?: string;
  readonly conditionVersion?: string;
}

function putAssignment(core: Core, call: Call): Answer {
  const [name = ""] = call.target.names;
  if (!isGuid(name)) {
    throw new ArmRefusal(
      400,
      "InvalidRoleAssignmentId",
      `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
    );
  }
  const scope = existingScope(core.state, call.target);
  const body = read(schemas.roleAssignment, call.body, "PUT");
  const asked = body["properties"] as unknown as Asked;
  const role = checkAsked(core, asked);
  authorize(core, call, asked, role);
  const before = sameName(core, call, asked, role, scope);
  checkTriple(core, call, asked, role, scope);
  const now = new Date(call.nowMs).toISOString();
  const assignment: RoleAssignment = {
    properties: defined({
      roleDefinitionId: definitionId(call.target.subscriptionId, role),
      principalId: asked.principalId,
      principalType: asked.principalType ?? core.principalType?.(asked.principalId.toLowerCase()) ?? "User",
      scope,
      description: asked.description,
      condition: asked.condition,
      conditionVersion: asked.conditionVersion,
      createdOn: before?.properties.createdOn ?? now,
      updatedOn: now,
      createdBy: before?.properties.createdBy ?? call.caller.oid,
      updatedBy: call.caller.oid,
    }) as RoleAssignment["properties"],
    id: before?.id ?? `${scope}/providers/${TYPE}/${name}`,
    type: TYPE,
    name: before?.name ?? name,
  };
  core.state.put("roleAssignment", call.target.lowerPath, assignment);
  return { status: before === undefined ? 201 : 200, body: assignment };
}

function checkAsked(core: Core, asked: Asked): string {
  const role = existingRole(core.state, asked.roleDefinitionId);
  if (!isGuid(asked.principalId)) {
    throw new ArmRefusal(
      400,
      "InvalidPrincipalId",
      `A valid principal ID must be provided; found '${asked.principalId}'.`,
    );
  }
  if (asked.condition !== undefined) {
    if (asked.conditionVersion !== "2.0") {
      throw new ArmRefusal(400, "InvalidCondition", "A condition needs conditionVersion '2.0'.");
    }
    try {
      compileCondition(asked.condition);
    } catch (error) {
      throw new ArmRefusal(400, "InvalidCondition", error instanceof Error ? error.message : String(error));
    }
  }
  if (core.principalType === undefined) return role;
  const known = core.principalType(asked.principalId.toLowerCase());
  // With a type given, Azure waits for replication instead of looking the principal up.
  if (known === undefined && asked.principalType === undefined) {
    throw new ArmRefusal(
      400,
      "PrincipalNotFound",
      `Principal ${asked.principalId.replaceAll("-", "")} does not exist in the directory. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.`,
    );
  }
  if (known !== undefined && asked.principalType !== undefined && known !== asked.principalType) {
    throw new ArmRefusal(
      400,
      "UnmatchedPrincipalType",
      `The PrincipalId '${asked.principalId}' has type '${known}', which is different from specified PrincipalType '${asked.principalType}'.`,
    );
  }
  return role;
}

/** Asked once more with the assignment in hand: the caller's own role may be bound by a condition. */
function authorize(core: Core, call: Call, asked: Asked, role: string): void {
  const action = `${TYPE}/write`;
  const request = {
    roleDefinitionId: role,
    principalId: asked.principalId.toLowerCase(),
    principalType: asked.principalType ?? "",
  };
  if (core.rbac.allows(call.caller.oid, action, call.target.lowerPath, { request })) return;
  throw authorizationFailed(call.caller.oid, action, call.target.path);
}

/** The assignment of that name, which a PUT may only describe anew. */
function sameName(core: Core, call: Call, asked: Asked, role: string, scope: string): RoleAssignment | undefined {
  const name = call.target.names[0]?.toLowerCase();
  const before = [...core.state.values("roleAssignment")].find((other) => other.name.toLowerCase() === name);
  if (before === undefined || same(before, asked, role, scope)) return before;
  throw new ArmRefusal(
    400,
    "RoleAssignmentUpdateNotPermitted",
    "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
  );
}

function checkTriple(core: Core, call: Call, asked: Asked, role: string, scope: string): void {
  const subscription = `/subscriptions/${call.target.subscriptionId?.toLowerCase() ?? ""}`;
  let count = 0;
  for (const [id, other] of core.state.entries("roleAssignment")) {
    if (id === call.target.lowerPath) continue;
    if (id.startsWith(subscription)) count += 1;
    if (same(other, asked, role, scope)) {
      throw new ArmRefusal(409, "RoleAssignmentExists", "The role assignment already exists.");
    }
  }
  if (count < ROLE_ASSIGNMENTS_MAX) return;
  throw new ArmRefusal(
    400,
    "RoleAssignmentLimitExceeded",
    "The role assignment limit for the subscription has been exceeded. No more role assignments can be created.",
  );
}

function same(other: RoleAssignment, asked: Asked, role: string, scope: string): boolean {
  return (
    roleGuid(other.properties.roleDefinitionId) === role &&
    other.properties.principalId.toLowerCase() === asked.principalId.toLowerCase() &&
    normalScope(other.properties.scope) === normalScope(scope)
  );
}

/** ARM shows a role definition as seen from the subscription of the assignment. */
export function definitionId(subscriptionId: string | undefined, role: string): string {
  const at = subscriptionId === undefined ? "" : `/subscriptions/${subscriptionId}`;
  return `${at}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
}

function deleteAssignment(core: Core, call: Call): Answer {
  const { lowerPath } = call.target;
  const assignment = core.state.get("roleAssignment", lowerPath);
  if (assignment === undefined) return { status: 204 };
  const { properties } = assignment;
  const resource = {
    roleDefinitionId: roleGuid(properties.roleDefinitionId),
    principalId: properties.principalId.toLowerCase(),
    principalType: properties.principalType,
  };
  const action = `${TYPE}/delete`;
  if (!core.rbac.allows(call.caller.oid, action, lowerPath, { resource })) {
    throw authorizationFailed(call.caller.oid, action, call.target.path);
  }
  core.state.delete("roleAssignment", lowerPath);
  return { status: 200, body: assignment };
}
