/**
 * Who may do what: role assignments at the scope and above, of the caller and of the groups that contain it, and the
 * actions of their role definitions. An action is allowed when one assignment's role has it in `actions`, not in
 * `notActions` of the same permission, and the assignment's condition (if any) holds. Deny assignments don't exist here;
 * assignments take effect at once (Azure: up to ten minutes).
 */
import { matchesAction } from "./actions.ts";
import { compileCondition, type Condition, type ConditionPoint } from "./condition.ts";
import { ArmRefusal } from "./errors.ts";
import type { RoleDefinition } from "./model.ts";
import type { State } from "./state.ts";

interface Grant {
  /** Lower case; empty at the tenant. */
  readonly scope: string;
  readonly role: string;
  readonly condition: Condition | undefined;
}

export class Rbac {
  readonly #state: State;
  readonly #groupsOf: (oid: string) => readonly string[];
  #grants = new Map<string, Grant[]>();
  #assignmentsSeen = -1;
  /** By role, then action. */
  #decisions = new Map<string, Map<string, boolean>>();
  #definitionsSeen = -1;
  readonly #conditions = new Map<string, Condition>();

  constructor(state: State, groupsOf: (oid: string) => readonly string[]) {
    this.#state = state;
    this.#groupsOf = groupsOf;
  }

  /**
   * Whether `oid` may do `action` at `scope` (lower-case resource ID). Conditions are asked about `point`; "any" takes
   * them as fulfilled, for a first look before the point is known.
   */
  allows(oid: string, action: string, scope: string, point: Omit<ConditionPoint, "action"> | "any" = {}): boolean {
    this.#refresh();
    for (const principal of this.principals(oid)) {
      for (const grant of this.#grants.get(principal) ?? []) {
        if (!covers(grant.scope, scope) || !this.#roleAllows(grant.role, action)) continue;
        if (grant.condition === undefined || point === "any" || grant.condition({ ...point, action })) return true;
      }
    }
    return false;
  }

  /** Whether `oid` holds any role at `scope`, above or below it. */
  reaches(oid: string, scope: string): boolean {
    this.#refresh();
    return this.principals(oid).some((principal) =>
      this.#grants.get(principal)?.some((grant) => covers(grant.scope, scope) || covers(scope, grant.scope)),
    );
  }

  /** The object ID and those of the groups that contain it. */
  principals(oid: string): string[] {
    return [oid, ...this.#groupsOf(oid).map((group) => group.toLowerCase())];
  }

  #refresh(): void {
    const definitions = this.#state.version("roleDefinition");
    if (definitions !== this.#definitionsSeen) {
      this.#decisions = new Map();
      this.#definitionsSeen = definitions;
    }
    const assignments = this.#state.version("roleAssignment");
    if (assignments === this.#assignmentsSeen) return;
    this.#grants = new Map();
    for (const { properties } of this.#state.values("roleAssignment")) {
      const principal = properties.principalId.toLowerCase();
      const grant: Grant = {
        scope: normalScope(properties.scope),
        role: roleGuid(properties.roleDefinitionId),
        condition: properties.condition === undefined ? undefined : this.#condition(properties.condition),
      };
      const grants = this.#grants.get(principal);
      if (grants === undefined) this.#grants.set(principal, [grant]);
      else grants.push(grant);
    }
    this.#assignmentsSeen = assignments;
  }

  #condition(text: string): Condition {
    let condition = this.#conditions.get(text);
    if (condition === undefined) {
      condition = compileCondition(text);
      this.#conditions.set(text, condition);
    }
    return condition;
  }

  #roleAllows(role: string, action: string): boolean {
    let decisions = this.#decisions.get(role);
    if (decisions === undefined) this.#decisions.set(role, (decisions = new Map<string, boolean>()));
    const known = decisions.get(action);
    if (known !== undefined) return known;
    const decided = permits(this.#state.get("roleDefinition", role), action);
    decisions.set(action, decided);
    return decided;
  }
}

function permits(role: RoleDefinition | undefined, action: string): boolean {
  const permissions = role?.properties.permissions ?? [];
  return permissions.some(
    ({ actions, notActions }) =>
      actions.some((pattern) => matchesAction(pattern, action)) &&
      !notActions.some((pattern) => matchesAction(pattern, action)),
  );
}

/** Whether what holds at `scope` holds at `target` too; both lower case. */
export function covers(scope: string, target: string): boolean {
  return target.startsWith(scope) && (target.length === scope.length || scope === "" || target[scope.length] === "/");
}

/** Lower case, without the slash that stands for the tenant. */
export function normalScope(scope: string): string {
  return scope === "/" ? "" : scope.toLowerCase();
}

/** The GUID of a role definition ID in any of its forms, lower case. */
export function roleGuid(roleDefinitionId: string): string {
  return roleDefinitionId.slice(roleDefinitionId.lastIndexOf("/") + 1).toLowerCase();
}

/** GUID of a role definition that exists. @throws ArmRefusal 404 RoleDefinitionDoesNotExist */
export function existingRole(state: State, roleDefinitionId: string): string {
  const role = roleGuid(roleDefinitionId);
  if (state.get("roleDefinition", role) !== undefined) return role;
  const message = `The specified role definition with ID '${role}' does not exist.`;
  throw new ArmRefusal(404, "RoleDefinitionDoesNotExist", message);
}
