/** Scopes that extension resources (locks, role assignments, tags) hang on. */
import { ArmRefusal, resourceGroupNotFound, resourceNotFound } from "./errors.ts";
import { covers } from "./rbac.ts";
import type { State } from "./state.ts";
import type { Target } from "./target.ts";

/**
 * The scope in the spelling of the resource that it names.
 * @throws ArmRefusal 404 when there is no such resource, or the engine doesn't serve its type.
 */
export function existingScope(state: State, target: Target): string {
  const scope = target.scope.toLowerCase();
  const known =
    state.get("subscription", scope) ??
    state.get("resourceGroup", scope) ??
    state.get("account", scope) ??
    state.get("deployment", scope) ??
    state.get("project", scope) ??
    state.get("tracked", scope);
  if (known !== undefined) return known.id;
  if (target.resourceGroup === undefined) {
    throw new ArmRefusal(404, "InvalidResourceType", `The scope '${target.scope}' is not one that this service knows.`);
  }
  const [, typeAndName] = target.scope.split(/\/providers\//i);
  if (typeAndName === undefined) throw resourceGroupNotFound(target.resourceGroup);
  throw resourceNotFound(typeAndName, target.resourceGroup);
}

/** Where an extension resource stands to a scope. */
export function relation(scopeOfResource: string, scope: string): "at" | "above" | "below" | "elsewhere" {
  if (scopeOfResource === scope) return "at";
  if (covers(scopeOfResource, scope)) return "above";
  return covers(scope, scopeOfResource) ? "below" : "elsewhere";
}
