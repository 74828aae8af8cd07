/** What goes with a resource when it goes. */
import type { DeletedAccount, Tables } from "./model.ts";
import type { Quotas } from "./quotas.ts";
import { covers } from "./rbac.ts";
import type { State } from "./state.ts";

/** How long a deleted account can be restored and holds its quota, milliseconds (Microsoft: 48 hours). */
export const SOFT_DELETE_MS = 48 * 3_600_000;

/** What a restored account has again. */
const restorable = ["deployment", "raiPolicy", "project", "connection", "defenderSetting"] as const;

/** Soft-deletes an account: it and what is below it are kept aside; locks and role assignments are removed. */
export function removeAccount(state: State, quotas: Quotas, id: string, nowMs: number): void {
  const account = state.get("account", id);
  if (account === undefined) return;
  const held = quotas.sharesBelow(id);
  const children: DeletedAccount["children"][number][] = [];
  const keys = state.get("accountKeys", id);
  if (keys !== undefined) children.push({ kind: "accountKeys", id, body: keys });
  state.delete("account", id);
  state.delete("accountKeys", id);
  for (const kind of restorable) {
    for (const [child, body] of below(state, kind, id)) {
      children.push({ kind, id: child, body });
      state.delete(kind, child);
    }
  }
  removeExtensions(state, id);
  const dates = {
    deletionDate: new Date(nowMs).toISOString(),
    scheduledPurgeDate: new Date(nowMs + SOFT_DELETE_MS).toISOString(),
    provisioningState: "Succeeded",
  };
  const properties = { ...account.properties, ...dates };
  state.put("deletedAccount", id, {
    account: { ...account, properties },
    children,
    held,
    purgeMs: nowMs + SOFT_DELETE_MS,
  });
}

/** Purges the deleted accounts whose time is over. */
export function purgeOverdue(state: State, nowMs: number): void {
  for (const [id, { purgeMs }] of state.entries("deletedAccount")) {
    if (purgeMs <= nowMs) state.atomically(() => state.delete("deletedAccount", id));
  }
}

export function removeDeployment(state: State, id: string): void {
  state.delete("deployment", id);
  removeExtensions(state, id);
}

/** Removes a project with its connections, and from the list of its account. */
export function removeProject(state: State, id: string): void {
  const project = state.get("project", id);
  state.delete("project", id);
  removeBelow(state, "connection", id);
  removeExtensions(state, id);
  const accountId = id.slice(0, id.lastIndexOf("/projects/"));
  const account = state.get("account", accountId);
  if (account === undefined || project === undefined) return;
  const name = project.name.slice(project.name.indexOf("/") + 1);
  const { associatedProjects, defaultProject, ...rest } = account.properties;
  const left = Array.isArray(associatedProjects) ? associatedProjects.filter((other) => other !== name) : [];
  const first = defaultProject === name ? left[0] : defaultProject;
  const properties = { ...rest, ...(left.length === 0 ? {} : { associatedProjects: left, defaultProject: first }) };
  state.put("account", accountId, { ...account, properties });
}

/** Removes what hangs on a resource or below it and goes with it; diagnostic settings stay. */
export function removeExtensions(state: State, id: string): void {
  for (const kind of ["lock", "roleAssignment", "policyExemption"] as const) removeBelow(state, kind, id);
}

/** An endpoint's zone groups go with it. */
export function removeZoneGroups(state: State, endpointId: string): void {
  removeBelow(state, "zoneGroup", endpointId);
}

type Removable = Exclude<keyof Tables, "quota" | "model" | "operation">;

function below<K extends Removable>(state: State, kind: K, scope: string): [string, Tables[K]][] {
  return [...state.entries(kind)].filter(([id]) => covers(scope, id));
}

function removeBelow(
  state: State,
  kind: "connection" | "lock" | "roleAssignment" | "policyExemption" | "zoneGroup",
  scope: string,
): void {
  for (const [id] of below(state, kind, scope)) state.delete(kind, id);
}
