/**
 * Microsoft.Authorization/locks. A lock holds at its scope and below. CanNotDelete stops DELETE, also of role
 * assignments; ReadOnly stops every write and POST action. A resource can't be deleted either while something below it is
 * locked. Locks don't stop the writing and deleting of locks.
 */
import { page, touched, type Answer, type Call, type Core, type ResourceType } from "./call.ts";
import { ArmRefusal, scopeLocked } from "./errors.ts";
import { filterOf } from "./filter.ts";
import type { JsonObject } from "./json.ts";
import type { Lock } from "./model.ts";
import { covers } from "./rbac.ts";
import { read } from "./schema.ts";
import * as schemas from "./schemas.ts";
import { existingScope, relation } from "./scopes.ts";
import type { State } from "./state.ts";
import type { Target } from "./target.ts";

const TYPE = "Microsoft.Authorization/locks";
const SUFFIX = "/providers/microsoft.authorization/locks/";

export const locks: ResourceType = {
  name: TYPE,
  apiVersions: ["2016-09-01", "2020-05-01"],
  item: { GET: getLock, PUT: putLock, DELETE: deleteLock },
  collection: { GET: listLocks },
  query: ["$filter"],
};

/**
 * Refuses a write that a lock stops.
 * @throws ArmRefusal 409 ScopeLocked.
 */
export function checkLocks(state: State, target: Target, method: string): void {
  const locked: string[] = [];
  for (const [id, lock] of state.entries("lock")) {
    const scope = id.slice(0, id.lastIndexOf(SUFFIX));
    const holds = covers(scope, target.lowerPath) || (method === "DELETE" && covers(target.lowerPath, scope));
    if (holds && (method === "DELETE" || lock.properties.level === "ReadOnly")) {
      locked.push(lock.id.slice(0, scope.length));
    }
  }
  if (locked.length > 0) throw scopeLocked(target.path, method === "DELETE" ? "delete" : "write", [...new Set(locked)]);
}

function getLock(core: Core, call: Call): Answer {
  const { lowerPath, names } = call.target;
  const lock = call.stale ? core.state.getStale("lock", lowerPath) : core.state.get("lock", lowerPath);
  if (lock !== undefined) return { status: 200, body: lock };
  throw new ArmRefusal(404, "LockNotFound", `The lock '${names[0] ?? ""}' could not be found.`);
}

/** Without a filter: locks at the scope, above and below; `atScope()`: at the scope and above. */
function listLocks(core: Core, call: Call): Answer {
  const atScope = filterOf(call.url, ["atScope()"]).has("atScope()");
  const scope = existingScope(core.state, call.target).toLowerCase();
  const found: Lock[] = [];
  for (const [id, lock] of core.state.entries("lock")) {
    const where = relation(id.slice(0, id.lastIndexOf(SUFFIX)), scope);
    if (where !== "elsewhere" && !(atScope && where === "below")) found.push(lock);
  }
  return page(core, call, found);
}

function putLock(core: Core, call: Call): Answer {
  const scope = existingScope(core.state, call.target);
  const asked = read(schemas.lock, call.body, "PUT");
  const [name = ""] = call.target.names;
  const before = core.state.get("lock", call.target.lowerPath);
  const lock: Lock = {
    properties: asked["properties"] as unknown as Lock["properties"] & JsonObject,
    id: before?.id ?? `${scope}/providers/${TYPE}/${name}`,
    type: TYPE,
    name: before?.name ?? name,
    systemData: touched(call, before?.systemData),
  };
  core.state.put("lock", call.target.lowerPath, lock);
  return { status: before === undefined ? 201 : 200, body: lock };
}

function deleteLock(core: Core, call: Call): Answer {
  if (core.state.get("lock", call.target.lowerPath) === undefined) return { status: 204 };
  core.state.delete("lock", call.target.lowerPath);
  return { status: 200 };
}
