/**
 * What the local Graph serves, below /v1.0:
 *
 *     POST directoryObjects/getByIds     {"ids", "types"}, $select
 *     GET  users                         $filter by mail and userPrincipalName, $select
 *     GET  groups                        $filter by mail, $select
 *
 * Who reads needs the application permission for what is read. Objects of a kind that the caller may not read come from
 * getByIds with their ID and null for the rest, as Graph does.
 */
import { z } from "zod";
import { parseJson, type WireRequest } from "../../platform/wire.ts";
import type { Caller } from "../caller.ts";
import type { Directory, GraphPermission } from "../directory.ts";
import { parseFilter } from "./filter.ts";
import { badRequest, GraphRefusal } from "./refusal.ts";

type Kind = "user" | "group" | "servicePrincipal";

/** An object as Graph has it: its ID and every property that is kept of it. */
interface GraphObject {
  readonly kind: Kind;
  readonly properties: Readonly<Record<string, unknown>> & { readonly id: string };
}

/** IDs that one getByIds takes. */
const IDS_MAX = 1_000;

/** Application permissions that let read them, besides Directory.Read.All. */
const readers: Readonly<Record<Kind, GraphPermission>> = {
  user: "User.Read.All",
  group: "GroupMember.Read.All",
  servicePrincipal: "Application.Read.All",
};

/** What is kept of each kind; the first ones come without `$select`. */
const properties: Readonly<Record<Kind, { readonly usual: readonly string[]; readonly selected: readonly string[] }>> =
  {
    user: { usual: ["id", "displayName", "mail", "userPrincipalName"], selected: ["accountEnabled"] },
    group: { usual: ["id", "displayName", "mail"], selected: [] },
    servicePrincipal: { usual: ["id", "displayName", "appId", "accountEnabled"], selected: [] },
  };

export interface Asked {
  readonly directory: Directory;
  readonly caller: Caller;
  readonly request: WireRequest;
}

/** Answers one request, of its own or of a batch. @throws GraphRefusal */
export function serveOperation(asked: Asked): object {
  const { request } = asked;
  if (request.headers["consistencylevel"] !== undefined)
    throw badRequest("the local Graph serves no advanced queries: found the header ConsistencyLevel");
  const path = request.url.pathname.replace(/^\/v1\.0\//, "").replace(/\/$/, "");
  switch (`${request.method} ${path}`) {
    case "POST directoryObjects/getByIds":
      return getByIds(asked);
    case "GET users":
      return users(asked);
    case "GET groups":
      return groups(asked);
    default:
      throw new GraphRefusal(
        400,
        "BadRequest",
        `Resource not found for ${request.method} ${path}; the local Graph serves POST $batch, POST directoryObjects/getByIds, GET users and GET groups.`,
      );
  }
}

const idsSchema = z.strictObject({
  ids: z.array(z.guid().toLowerCase()).min(1).max(IDS_MAX),
  types: z
    .array(
      z
        .string()
        .toLowerCase()
        .pipe(z.enum(["user", "group", "serviceprincipal", "directoryobject"])),
    )
    .default(["directoryobject"]),
});

function getByIds({ directory, caller, request }: Asked): object {
  const readable = (Object.keys(readers) as Kind[]).filter((kind) => mayRead(caller, kind));
  if (readable.length === 0) throw denied();
  const { select } = optionsOf(request, ["$select"]);
  const { ids, types } = bodyOf(request);
  const all = Object.values(properties).flatMap(({ usual, selected }) => [...usual, ...selected]);
  const names = select === undefined ? undefined : checked(select, all, "directoryObject");
  const found = [...new Set(ids)].flatMap((id) => objectOf(directory, id) ?? []);
  const wanted = found.filter(
    ({ kind }) => types.includes("directoryobject") || types.some((type) => type === kind.toLowerCase()),
  );
  return {
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#directoryObjects",
    value: wanted.map((object) => ({
      "@odata.type": `#microsoft.graph.${object.kind}`,
      ...(readable.includes(object.kind) ? shown(object, names) : limited(object, names)),
    })),
  };
}

function users({ directory, caller, request }: Asked): object {
  if (!mayRead(caller, "user")) throw denied();
  const { select, filter } = optionsOf(request, ["$select", "$filter"]);
  const names = select === undefined ? undefined : checked(select, namesOf("user"), "user");
  const clauses = parseFilter(filterOf(filter, "users"), ["mail", "userPrincipalName"], "User");
  const found = clauses.flatMap(({ property, values }) => values.flatMap((one) => directory.peopleBy(property, one)));
  return listOf("users", names, [...new Set(found.map(({ oid }) => oid))], directory);
}

function groups({ directory, caller, request }: Asked): object {
  if (!mayRead(caller, "group")) throw denied();
  const { select, filter } = optionsOf(request, ["$select", "$filter"]);
  const names = select === undefined ? undefined : checked(select, namesOf("group"), "group");
  const clauses = parseFilter(filterOf(filter, "groups"), ["mail"], "Group");
  const found = clauses.flatMap(({ values }) => values.flatMap((one) => directory.groupsByMail(one)));
  return listOf("groups", names, [...new Set(found.map(({ id }) => id))], directory);
}

function listOf(name: string, names: readonly string[] | undefined, ids: string[], directory: Directory): object {
  const selected = names === undefined ? "" : `(${names.join(",")})`;
  return {
    "@odata.context": `https://graph.microsoft.com/v1.0/$metadata#${name}${selected}`,
    value: ids.flatMap((id) => objectOf(directory, id) ?? []).map((object) => shown(object, names)),
  };
}

function objectOf(directory: Directory, id: string): GraphObject | undefined {
  const principal = directory.principal(id);
  if (principal?.kind === "person") {
    const { oid, name, mail = null, userPrincipalName = null, enabled } = principal;
    const kept = { id: oid, displayName: name, mail, userPrincipalName, accountEnabled: enabled };
    return { kind: "user", properties: kept };
  }
  if (principal?.kind === "servicePrincipal") {
    const { oid, name, appid, enabled } = principal;
    return {
      kind: "servicePrincipal",
      properties: { id: oid, displayName: name, appId: appid, accountEnabled: enabled },
    };
  }
  const group = directory.group(id);
  if (group === undefined) return undefined;
  return { kind: "group", properties: { id: group.id, displayName: group.name, mail: group.mail ?? null } };
}

function shown({ kind, properties: kept }: GraphObject, names: readonly string[] = properties[kind].usual): object {
  return Object.fromEntries(names.filter((name) => name in kept).map((name) => [name, kept[name]]));
}

function limited({ kind, properties: kept }: GraphObject, names: readonly string[] = properties[kind].usual): object {
  const known = names.filter((name) => name in kept);
  return { ...Object.fromEntries(known.map((name) => [name, null])), id: kept.id };
}

function mayRead({ type, roles }: Caller, kind: Kind): boolean {
  return type === "ServicePrincipal" && (roles.includes("Directory.Read.All") || roles.includes(readers[kind]));
}

function denied(): GraphRefusal {
  return new GraphRefusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
}

function namesOf(kind: Kind): string[] {
  return [...properties[kind].usual, ...properties[kind].selected];
}

function checked(select: string, known: readonly string[], type: string): string[] {
  const names = select.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw badRequest(`Could not find a property named '${unknown}' on type 'microsoft.graph.${type}'.`);
}

function filterOf(filter: string | undefined, list: string): string {
  if (filter === undefined) throw badRequest(`the local Graph lists ${list} by $filter only`);
  return filter;
}

function optionsOf({ url }: WireRequest, known: readonly string[]): { select?: string; filter?: string } {
  for (const name of url.searchParams.keys()) {
    if (!known.includes(name))
      throw badRequest(`the query option ${name} is not served locally; expected ${known.join(", ")}`);
    if (url.searchParams.getAll(name).length > 1)
      throw badRequest(`Query option '${name}' was specified more than once.`);
  }
  const [select, filter] = [url.searchParams.get("$select"), url.searchParams.get("$filter")];
  return { ...(select === null ? {} : { select }), ...(filter === null ? {} : { filter }) };
}

function bodyOf({ body, headers }: WireRequest): z.output<typeof idsSchema> {
  if (!/^application\/json\b/i.test(headers["content-type"] ?? ""))
    throw badRequest(`Content-Type: expected application/json, found ${headers["content-type"] ?? "none"}`);
  return parsed(idsSchema, body);
}

/** @throws GraphRefusal that names the first thing that is wrong */
export function parsed<S extends z.ZodType>(schema: S, body: Buffer): z.output<S> {
  let value: unknown;
  try {
    value = parseJson(body.toString("utf8"));
  } catch (error) {
    throw badRequest(`Unable to read JSON request payload: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw badRequest(`${issue?.path.map(String).join(".") || "the body"}: ${issue?.message}`);
}
