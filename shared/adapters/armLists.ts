/** How the lists of what belongs to an account are read: by pages, and some of them from several places. */
import { z } from "zod";
import { parseResource } from "../estate/resource.ts";
import { toResourceId, type AccountAddress, type ResourceId } from "../estate/resourceId.ts";
import type { ArmKind, Resource } from "../estate/sight.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { parse } from "../kernel/parse.ts";
import type { ArmError, MembersResult } from "../ports/arm.ts";
import { listBelow, listPath, resourcePath } from "./armRequests.ts";

export type Answered =
  | { readonly kind: "answered"; readonly body: unknown }
  | { readonly kind: "failed"; readonly error: ArmError };

/** Sends a GET: a path below the endpoint, or the link to a next page as ARM gave it, which it checks. */
export type Get = (pathOrLink: string) => Promise<Answered>;

/** Pages of one list that are read; an account has at most some dozens of deployments and policies. */
const LIST_PAGES_MAX = 20;

/** Places of one list that are read: projects with their connections, endpoints of an account. */
const PLACES_MAX = 100;

/** How many places are asked at a time: a look has ARM's read bucket not for itself. */
const PARALLEL = 4;

type Listed<T> = { readonly kind: "listed"; readonly items: readonly T[] } | Failed;
type Failed = { readonly kind: "failed"; readonly error: ArmError };

/** @throws nothing that an answer may hold: what cannot be read is a failure */
export async function readMembers(get: Get, address: AccountAddress, kind: ArmKind): Promise<MembersResult> {
  const path = listPath(address, kind);
  switch (kind) {
    case "connections":
      return connections(get, address);
    case "privateEndpoints":
    case "privateDnsZoneGroups":
      return ofEndpoints(get, address, kind);
    case "roleAssignments":
      return members(kind, await listAll(get, path, kind), (item) => liesAt(address.id, idOf(item)));
    case "alertRules":
      return members(kind, await listAll(get, path, kind), (item) => watches(address, item));
    case "resourceGroup": {
      const answer = await get(path);
      return answer.kind === "failed" ? answer : members(kind, { kind: "listed", items: [answer.body] });
    }
    default:
      return members(kind, await listAll(get, path, kind));
  }
}

/** What the account may reach, and what each of its projects may. */
async function connections(get: Get, address: AccountAddress): Promise<MembersResult> {
  const projects = await listAll(get, listPath(address, "projects"), "projects");
  if (projects.kind === "failed") return projects;
  const places = projects.items.map((item) => toResourceId(idOf(item))).filter((id) => id !== undefined);
  const paths = [listPath(address, "connections"), ...places.map((id) => listBelow(id, "connections"))];
  const lists = await inTurns("connections", paths, (path) => listAll(get, path, "connections"));
  if (lists.kind === "failed") return lists;
  const items: unknown[] = [];
  for (const list of lists.items) {
    if (list.kind === "failed") return list;
    items.push(...list.items);
  }
  return members("connections", { kind: "listed", items });
}

/**
 * The private endpoints that reach the account, or their zone groups. Endpoints lie where their networks are, and who looks
 * after those may not let us read: one that is not shown leaves the others known. A connection stays when its endpoint goes.
 */
async function ofEndpoints(
  get: Get,
  address: AccountAddress,
  kind: "privateEndpoints" | "privateDnsZoneGroups",
): Promise<MembersResult> {
  const listed = await listAll(get, listPath(address, kind), "privateEndpointConnections");
  if (listed.kind === "failed") return listed;
  const ids = new Set(listed.items.map(endpointOf).filter((id) => id !== undefined));
  const read = await inTurns(kind, [...ids], (id) =>
    kind === "privateEndpoints" ? endpoint(get, id) : groups(get, id),
  );
  if (read.kind === "failed") return read;
  const items: unknown[] = [];
  for (const [at, id] of [...ids].entries()) {
    const answer = read.items[at];
    if (answer === undefined || (answer.kind === "failed" && answer.error.status === 404)) continue;
    if (answer.kind === "listed") items.push(...answer.items);
    else if (answer.error.class === "retry") return answer;
    else items.push(hidden(kind, id, answer.error.code));
  }
  return members(kind, { kind: "listed", items });
}

async function endpoint(get: Get, id: ResourceId): Promise<Listed<unknown>> {
  const answer = await get(resourcePath(id, id));
  return answer.kind === "failed" ? answer : { kind: "listed", items: [answer.body] };
}

function groups(get: Get, id: ResourceId): Promise<Listed<unknown>> {
  return listAll(get, listBelow(id, "privateDnsZoneGroups"), "privateDnsZoneGroups");
}

/** Stands for what is there and is not shown. */
function hidden(kind: "privateEndpoints" | "privateDnsZoneGroups", id: ResourceId, unread: string): object {
  const name = id.slice(id.lastIndexOf("/") + 1);
  return kind === "privateEndpoints"
    ? { id, name, type: "Microsoft.Network/privateEndpoints", unread }
    : { id: `${id}/privateDnsZoneGroups/-`, name: "-", unread };
}

const listSchema = z.looseObject({ value: z.array(z.unknown()), nextLink: z.string().nullish() });

async function listAll(get: Get, path: string, named: string): Promise<Listed<unknown>> {
  const items: unknown[] = [];
  let next: string | undefined = path;
  for (let page = 0; next !== undefined && page < LIST_PAGES_MAX; page += 1) {
    const answer = await get(next);
    if (answer.kind === "failed") return answer;
    const read = attempt(() => parse(listSchema, answer.body, `ARM list of ${named}`));
    if (read.kind === "failed") return read;
    items.push(...read.value.value);
    next = read.value.nextLink ?? undefined;
  }
  if (next !== undefined) return tooLong(`${named} of more than ${LIST_PAGES_MAX} pages`);
  return { kind: "listed", items };
}

async function inTurns<P, T>(named: string, places: readonly P[], read: (place: P) => Promise<T>): Promise<Listed<T>> {
  if (places.length > PLACES_MAX + 1) return tooLong(`${named} at more than ${PLACES_MAX} places`);
  const items: T[] = [];
  for (let at = 0; at < places.length; at += PARALLEL)
    items.push(...(await Promise.all(places.slice(at, at + PARALLEL).map(read))));
  return { kind: "listed", items };
}

function members(
  kind: ArmKind,
  listed: Listed<unknown>,
  isOurs: (item: unknown) => boolean = () => true,
): MembersResult {
  if (listed.kind === "failed") return listed;
  const read = attempt(() => listed.items.filter(isOurs).map((item): Resource => parseResource(kind, item)));
  return read.kind === "failed" ? read : { kind: "listed", resources: read.value };
}

function idOf(item: unknown): string {
  const id = (item as { readonly id?: unknown } | null)?.id;
  return typeof id === "string" ? id : "";
}

const connectionSchema = z.looseObject({
  properties: z.looseObject({ privateEndpoint: z.looseObject({ id: z.string() }).nullish() }).nullish(),
});

function endpointOf(item: unknown): ResourceId | undefined {
  const read = connectionSchema.safeParse(item);
  return read.success ? toResourceId(read.data.properties?.privateEndpoint?.id ?? "") : undefined;
}

/** At the account or below it: what is given above it belongs to others. */
function liesAt(account: ResourceId, id: string): boolean {
  return toResourceId(id)?.startsWith(`${account}/`) === true;
}

const alertSchema = z.looseObject({
  properties: z.looseObject({
    scopes: z.array(z.string()).nullish(),
    targetResourceType: z.string().nullish(),
  }),
});

/** Of an alert on a group or subscription its type says which resources there it watches. */
function watches({ id, subscriptionId, resourceGroup }: AccountAddress, item: unknown): boolean {
  const read = alertSchema.safeParse(item);
  if (!read.success) return false;
  const { scopes, targetResourceType } = read.data.properties;
  const subscription = `/subscriptions/${subscriptionId}`;
  const wide = [subscription, `${subscription}/resourcegroups/${resourceGroup}`];
  const isOfAccounts = targetResourceType?.toLowerCase() === "microsoft.cognitiveservices/accounts";
  return (scopes ?? []).some((scope) => {
    const lower = toResourceId(scope);
    return lower !== undefined && (lower === id || (isOfAccounts && wide.includes(lower)));
  });
}

/** What cannot be read is a failure that no second try mends. */
export function attempt<T>(read: () => T): { readonly kind: "read"; readonly value: T } | Failed {
  try {
    return { kind: "read", value: read() };
  } catch (error) {
    if (error instanceof SteelyardError || error instanceof SyntaxError)
      return final("UnreadableAnswer", error.message);
    throw error;
  }
}

export function final(code: string, message: string): Failed {
  return { kind: "failed", error: { class: "giveUp", code, message, status: 200, retryAfterMs: undefined } };
}

function tooLong(message: string): Failed {
  return final("ListTooLong", message);
}
