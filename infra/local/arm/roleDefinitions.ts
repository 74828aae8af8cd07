/** Microsoft.Authorization/roleDefinitions: the built-in roles, and custom roles of the tenant. */
import { page, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { ArmRefusal } from "./errors.ts";
import { filterOf } from "./filter.ts";
import { defined } from "./json.ts";
import type { Permission, RoleDefinition } from "./model.ts";
import { covers, normalScope, roleGuid } from "./rbac.ts";
import { definitionId } from "./roleAssignments.ts";
import { read } from "./schema.ts";
import * as schemas from "./schemas.ts";
import { existingScope } from "./scopes.ts";
import { isGuid } from "./target.ts";

const TYPE = "Microsoft.Authorization/roleDefinitions";

export const roleDefinitions: ResourceType = {
  name: TYPE,
  apiVersions: ["2022-04-01"],
  item: { GET: getDefinition, PUT: putDefinition, DELETE: deleteDefinition },
  collection: { GET: listDefinitions },
  query: ["$filter"],
  tenantReads: true,
};

function getDefinition(core: Core, call: Call): Answer {
  const definition = known(core, call);
  if (definition !== undefined) return { status: 200, body: shownAt(call, definition) };
  throw notFound(call);
}

function listDefinitions(core: Core, call: Call): Answer {
  const filter = filterOf(call.url, ["atScopeAndBelow()", "atScope()", "roleName", "type"]);
  const scope = call.target.scope.toLowerCase();
  const [roleName, type] = [filter.get("roleName")?.toLowerCase(), filter.get("type")?.toLowerCase()];
  const found = [...core.state.values("roleDefinition")].filter(({ properties }) => {
    const assignable = properties.assignableScopes.map(normalScope);
    const here = assignable.some((at) => covers(at, scope) || (filter.has("atScopeAndBelow()") && covers(scope, at)));
    return (
      here &&
      (roleName === undefined || properties.roleName.toLowerCase() === roleName) &&
      (type === undefined || properties.type.toLowerCase() === type)
    );
  });
  return page(
    core,
    call,
    found.map((definition) => shownAt(call, definition)),
  );
}

function putDefinition(core: Core, call: Call): Answer {
  const [name = ""] = call.target.names;
  if (!isGuid(name)) {
    throw new ArmRefusal(
      400,
      "InvalidRoleDefinitionId",
      `The role definition ID '${name}' is not valid. It must be a GUID.`,
    );
  }
  const scope = existingScope(core.state, call.target);
  const body = read(schemas.roleDefinition, call.body, "PUT");
  const asked = body["properties"] as unknown as RoleDefinition["properties"];
  const before = known(core, call);
  if (before?.properties.type === "BuiltInRole") {
    throw new ArmRefusal(
      400,
      "RoleDefinitionUpdateNotPermitted",
      `The built-in role '${before.properties.roleName}' cannot be changed.`,
    );
  }
  if (!asked.assignableScopes.some((at) => covers(normalScope(at), scope.toLowerCase()))) {
    throw new ArmRefusal(
      400,
      "InvalidAssignableScopes",
      `The assignable scopes don't contain the scope '${scope}' at which the role is written.`,
    );
  }
  const twin = [...core.state.values("roleDefinition")].find(
    (other) =>
      other.properties.roleName.toLowerCase() === asked.roleName.toLowerCase() && other.name !== name.toLowerCase(),
  );
  if (twin !== undefined) {
    throw new ArmRefusal(
      409,
      "RoleDefinitionWithSameNameExists",
      `A custom role with the same name '${asked.roleName}' already exists in this directory. Use a different name.`,
    );
  }
  const definition = customRole(name.toLowerCase(), asked, call, before);
  core.state.put("roleDefinition", definition.name, definition);
  return { status: 201, body: shownAt(call, definition) };
}

/** A custom role as the service shows it. */
export function customRole(
  name: string,
  asked: Pick<RoleDefinition["properties"], "roleName" | "assignableScopes"> & {
    readonly description?: string;
    readonly permissions: readonly Partial<Permission>[];
  },
  call: Pick<Call, "caller" | "nowMs">,
  before: RoleDefinition | undefined,
): RoleDefinition {
  const now = new Date(call.nowMs).toISOString();
  return {
    id: `/providers/${TYPE}/${name}`,
    name,
    type: TYPE,
    properties: defined({
      roleName: asked.roleName,
      type: "CustomRole",
      description: asked.description ?? "",
      assignableScopes: asked.assignableScopes,
      permissions: asked.permissions.map((permission) => ({
        actions: permission.actions ?? [],
        notActions: permission.notActions ?? [],
        dataActions: permission.dataActions ?? [],
        notDataActions: permission.notDataActions ?? [],
      })),
      createdOn: before?.properties.createdOn ?? now,
      updatedOn: now,
      createdBy: before?.properties.createdBy ?? call.caller.oid,
      updatedBy: call.caller.oid,
    }),
  };
}

function deleteDefinition(core: Core, call: Call): Answer {
  const definition = known(core, call);
  if (definition === undefined) return { status: 204 };
  if (definition.properties.type === "BuiltInRole") {
    throw new ArmRefusal(
      400,
      "RoleDefinitionUpdateNotPermitted",
      `The built-in role '${definition.properties.roleName}' cannot be deleted.`,
    );
  }
  const used = [...core.state.values("roleAssignment")].some(
    ({ properties }) => roleGuid(properties.roleDefinitionId) === definition.name,
  );
  if (used) {
    throw new ArmRefusal(400, "RoleDefinitionHasAssignments", "There are existing role assignments referencing role.");
  }
  core.state.delete("roleDefinition", definition.name);
  return { status: 200, body: shownAt(call, definition) };
}

function known(core: Core, call: Call): RoleDefinition | undefined {
  return core.state.get("roleDefinition", call.target.names[0]?.toLowerCase() ?? "");
}

/** The ID as seen from the scope's subscription. */
function shownAt(call: Call, definition: RoleDefinition): RoleDefinition {
  return { ...definition, id: definitionId(call.target.subscriptionId, definition.name) };
}

function notFound(call: Call): ArmRefusal {
  return new ArmRefusal(
    404,
    "RoleDefinitionDoesNotExist",
    `The specified role definition with ID '${call.target.names[0] ?? ""}' does not exist.`,
  );
}
