/**
 * What the resources below an account have in common: they need their account, go with it, are listed by their parent's
 * path, and are refused with 409 RequestConflict while another operation runs under the account.
 */
import { accountOf } from "./accounts.ts";
import { type Call, type Core } from "./call.ts";
import { parentNotFound, resourceNotFound } from "./errors.ts";
import type { Account, Tables } from "./model.ts";

/** Kinds of resources below an account that have a table of their own. */
export type ChildKind = "deployment" | "raiPolicy" | "project" | "connection" | "defenderSetting";

/** The account's part of the path of anything below it, in lower case. */
export function accountIdOf(lowerPath: string): string {
  return lowerPath.split("/").slice(0, 9).join("/");
}

/**
 * The account that a write goes below.
 * @throws ArmRefusal 404 ParentResourceNotFound.
 */
export function parentAccount(core: Core, call: Call, type: string): Account {
  const account = core.state.get("account", accountIdOf(call.target.lowerPath));
  if (account !== undefined) return account;
  const parentId = call.target.path.split("/").slice(0, 9).join("/");
  throw parentNotFound("write", type.slice(type.indexOf("/") + 1), parentId);
}

/**
 * As {@link parentAccount}, for a write: nothing else may run under the account.
 * @throws ArmRefusal 404 ParentResourceNotFound, 409 RequestConflict.
 */
export function freeAccount(core: Core, call: Call, type: string): Account {
  const account = parentAccount(core, call, type);
  core.operations.guard(account.id.toLowerCase(), account.id, call.nowMs);
  return account;
}

/**
 * One child by its lower-case ID, for a read or a write to it.
 * @throws ArmRefusal 404 ResourceNotFound, of the account if that isn't there.
 */
export function childOf<K extends ChildKind>(core: Core, call: Call, kind: K, id: string, type: string): Tables[K] {
  const child = call.stale ? core.state.getStale(kind, id) : core.state.get(kind, id);
  if (child !== undefined) return child;
  accountOf(core, call, accountIdOf(id));
  throw resourceNotFound(`${type}/${call.target.names.join("/")}`, call.target.resourceGroup ?? "");
}

/**
 * The children of the collection that is asked for.
 * @throws ArmRefusal 404 ResourceNotFound of the account.
 */
export function childrenOf<K extends ChildKind>(core: Core, call: Call, kind: K): Tables[K][] {
  accountOf(core, call, accountIdOf(call.target.lowerPath));
  const prefix = `${call.target.lowerPath}/`;
  const found: Tables[K][] = [];
  for (const [id, child] of core.state.entries(kind)) {
    if (!id.startsWith(prefix) || id.includes("/", prefix.length)) continue;
    found.push(call.stale ? (core.state.getStale(kind, id) ?? child) : child);
  }
  return found;
}

/** The ID of a new child: the account's part in its own spelling, the rest in the caller's. */
export function childId(account: Account, call: Call): string {
  return `${account.id}/${call.target.path.split("/").slice(9).join("/")}`;
}
