/** What goes with a resource when it goes. */
import { covers } from "./rbac.ts";
import type { State } from "./state.ts";

/** Removes an account with its keys and deployments, and the locks and role assignments at or below it. */
export function removeAccount(state: State, id: string): void {
  state.delete("account", id);
  state.delete("accountKeys", id);
  for (const kind of ["deployment", "lock", "roleAssignment"] as const) removeBelow(state, kind, id);
}

export function removeDeployment(state: State, id: string): void {
  state.delete("deployment", id);
  for (const kind of ["lock", "roleAssignment"] as const) removeBelow(state, kind, id);
}

function removeBelow(state: State, kind: "deployment" | "lock" | "roleAssignment", scope: string): void {
  for (const [id, body] of state.entries(kind)) {
    if (covers(scope, body.id.toLowerCase())) state.delete(kind, id);
  }
}
