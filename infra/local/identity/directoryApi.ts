/**
 * The directory on the control surface, below `/_platform/directory`:
 *
 *     GET, PUT                                  everything; a PUT replaces the collections that it names
 *     GET                people | groups | servicePrincipals
 *     GET, PUT, DELETE   people/{oid}, servicePrincipals/{oid}, groups/{id}
 *     PUT, DELETE        groups/{id}/members/{oid}
 *     GET                people/{oid}/groups        every group, through other groups too
 *
 * A PUT of something that exists changes the fields that it names: `{"enabled": false}` disables a person.
 */
import type { EngineContext } from "../platform/engine.ts";
import { type Handler, withFaults } from "../platform/wire.ts";
import { type Directory, DirectoryError, type Group } from "./directory.ts";

export interface DirectoryAnswer {
  readonly status: 200 | 204;
  readonly body?: object;
}

/**
 * Puts the faults of the place `directory` in front of what serves these paths; path of the point is the part below
 * `prefix`. The engines ask the directory in process and are not struck.
 */
export function faultyDirectory(
  context: Pick<EngineContext, "clock" | "faults" | "crash">,
  prefix: string,
  handler: Handler,
): Handler {
  return withFaults(context, {
    where: "directory",
    point: ({ method, url }) => ({ method, path: url.pathname.slice(prefix.length) || "/" }),
    refuse: ({ status = 503, code = "ServiceUnavailable", retryAfter }) => ({
      status,
      ...(retryAfter === undefined ? {} : { headers: { "retry-after": String(retryAfter) } }),
      body: { error: { code, message: "a fault of the directory was asked for" } },
    }),
    handler,
  });
}

/**
 * Carries out one request.
 *
 * @param path the part after `directory`, with or without a leading slash
 * @throws DirectoryError with the status to answer
 */
export function serveDirectory(directory: Directory, method: string, path: string, body?: unknown): DirectoryAnswer {
  const steps = path.split("/").filter((step) => step !== "");
  const [collection, id, relation, member, ...more] = steps;
  if (collection === undefined) return everything(directory, method, body);
  if (more.length > 0) throw unknownPath(path);
  if (id === undefined) return list(directory, method, collection, path);
  if (relation === undefined) return one(directory, method, collection, id, body);
  if (relation === "groups" && collection === "people" && member === undefined)
    return groupsOf(directory, method, id, path);
  if (relation === "members" && collection === "groups" && member !== undefined) {
    if (method === "PUT") return { status: 200, body: directory.addMember(id, member) };
    if (method === "DELETE") return { status: 200, body: directory.removeMember(id, member) };
    throw wrongMethod(method, path, "PUT, DELETE");
  }
  throw unknownPath(path);
}

function everything(directory: Directory, method: string, body: unknown): DirectoryAnswer {
  if (method === "GET") return { status: 200, body: directory.read() };
  if (method === "PUT") return { status: 200, body: directory.replace(body) };
  throw wrongMethod(method, "/", "GET, PUT");
}

function list(directory: Directory, method: string, collection: string, path: string): DirectoryAnswer {
  const all = directory.read();
  if (collection !== "people" && collection !== "groups" && collection !== "servicePrincipals") throw unknownPath(path);
  if (method !== "GET") throw wrongMethod(method, path, "GET");
  return { status: 200, body: all[collection] };
}

const kinds = { people: "person", groups: "group", servicePrincipals: "servicePrincipal" } as const;

function one(directory: Directory, method: string, collection: string, id: string, body: unknown): DirectoryAnswer {
  if (collection !== "people" && collection !== "groups" && collection !== "servicePrincipals")
    throw unknownPath(`/${collection}/${id}`);
  switch (method) {
    case "GET":
      return { status: 200, body: find(directory, collection, id) };
    case "PUT":
      if (collection === "people") return { status: 200, body: directory.putPerson(id, body) };
      if (collection === "groups") return { status: 200, body: directory.putGroup(id, body) };
      return { status: 200, body: directory.putServicePrincipal(id, body) };
    case "DELETE":
      directory.remove(kinds[collection], id);
      return { status: 204 };
    default:
      throw wrongMethod(method, `/${collection}/${id}`, "GET, PUT, DELETE");
  }
}

function find(directory: Directory, collection: keyof typeof kinds, id: string): object {
  const found = collection === "groups" ? directory.group(id) : directory.principal(id);
  if (found === undefined || ("kind" in found && found.kind !== kinds[collection]))
    throw new DirectoryError(404, `the directory holds no ${kinds[collection]} ${id}`);
  if (!("kind" in found)) return found;
  const { kind: _, ...principal } = found;
  return principal;
}

function groupsOf(directory: Directory, method: string, oid: string, path: string): DirectoryAnswer {
  if (method !== "GET") throw wrongMethod(method, path, "GET");
  find(directory, "people", oid);
  const groups = directory.groupsOf(oid).map((id) => directory.group(id));
  return { status: 200, body: groups.filter((group): group is Group => group !== undefined) };
}

function unknownPath(path: string): DirectoryError {
  return new DirectoryError(
    404,
    `no such path: directory/${path.replace(/^\//, "")}; expected people, groups or servicePrincipals`,
  );
}

function wrongMethod(method: string, path: string, allowed: string): DirectoryError {
  return new DirectoryError(405, `directory/${path.replace(/^\//, "")} takes ${allowed}, not ${method}`);
}
