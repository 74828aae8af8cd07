/**
 * What Microsoft Graph v1.0 is asked for references, and what its answer says of them. All of it goes in one JSON batch
 * (learn.microsoft.com/graph/json-batching: at most 20 requests, answered in any order, each with a status of its own):
 *
 * - object IDs: directoryObjects/getByIds, at most 1,000. `accountEnabled` is there only when it is selected. Of a kind of
 *   object that the identity may not read, Graph gives the ID and null for all else.
 * - addresses: a filter on users by mail and user principal name, and one on groups by mail. `in` works without the
 *   advanced query parameters where `eq` does (graph/aad-advanced-queries), and takes 15 values in one filter.
 */
import { z } from "zod";
import type { Principal } from "../estate/sight.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { REFERENCES_MAX, type DirectoryError, type PrincipalsResult } from "../ports/directory.ts";

/** One request of a batch. */
export interface GraphRequest {
  readonly id: string;
  readonly method: "GET" | "POST";
  /** Below the version. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** "Too many child clauses specified in search filter expression containing 'OR' operators: 16. Max allowed: 15" */
const VALUES_MAX = 15;
/** Of a user both addresses are asked for. */
const USERS_MAX = Math.floor(VALUES_MAX / 2);

const objectId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** 64 characters, an at sign and 255 more are the most that an address has (RFC 5321, section 4.5.3.1). */
const address = /^[^\s@\p{C}]{1,64}@[^\s@\p{C}]{1,255}$/u;

const byIds = "/directoryObjects/getByIds?$select=id,accountEnabled";
const usersBy = "/users?$select=id,accountEnabled,mail,userPrincipalName&$filter=";
const groupsBy = "/groups?$select=id,mail&$filter=";

/** References in lower case, each once. @throws SteelyardError `BadInput` for too many */
export function referencesOf(given: readonly string[]): string[] {
  if (given.length > REFERENCES_MAX)
    throw new SteelyardError("BadInput", `found ${given.length} references; expected at most ${REFERENCES_MAX}`);
  return [...new Set(given.map((reference) => reference.toLowerCase()))];
}

/** The requests that answer who goes by these; none when nobody can. */
export function requestsFor(references: readonly string[]): GraphRequest[] {
  const ids = references.filter((reference) => objectId.test(reference));
  const addresses = references.filter((reference) => address.test(reference));
  const get = (id: string, url: string, filter: string): GraphRequest => ({
    id,
    method: "GET",
    url: `${url}${encodeURIComponent(filter)}`,
  });
  return [
    ...(ids.length === 0 ? [] : [idsRequest(ids)]),
    ...chunks(addresses, USERS_MAX).map((some, at) =>
      get(`users-${at}`, usersBy, `mail in ${listOf(some)} or userPrincipalName in ${listOf(some)}`),
    ),
    ...chunks(addresses, VALUES_MAX).map((some, at) => get(`groups-${at}`, groupsBy, `mail in ${listOf(some)}`)),
  ];
}

function idsRequest(ids: readonly string[]): GraphRequest {
  const body = { ids, types: ["user", "group", "servicePrincipal"] };
  return { id: "ids", method: "POST", url: byIds, headers: { "Content-Type": "application/json" }, body };
}

/** OData strings; a quote within is doubled. */
function listOf(values: readonly string[]): string {
  return `(${values.map((value) => `'${value.replaceAll("'", "''")}'`).join(",")})`;
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}

const id = z.guid().toLowerCase();
const mail = z.string().toLowerCase().nullish();

const objectSchema = z.object({
  "@odata.type": z.enum(["#microsoft.graph.user", "#microsoft.graph.group", "#microsoft.graph.servicePrincipal"]),
  id,
  accountEnabled: z.boolean().nullish(),
});
const userSchema = z.object({ id, accountEnabled: z.boolean().nullish(), mail, userPrincipalName: mail });
const groupSchema = z.object({ id, mail });

/** A part of a list would let somebody look as if they were not there; so few references never fill a page. */
const listOfAll = <T extends z.ZodType>(item: T) =>
  z.object({ value: z.array(item).max(1_000), "@odata.nextLink": z.undefined().optional() });

const batchSchema = z.object({
  responses: z
    .array(
      z.object({
        id: z.string(),
        status: z.int(),
        headers: z.record(z.string(), z.string()).optional(),
        body: z.unknown().optional(),
      }),
    )
    .max(20),
});

type BatchResponse = z.output<typeof batchSchema>["responses"][number];

/** A principal and what it goes by. */
interface Known {
  readonly principal: Principal;
  readonly names: readonly (string | null | undefined)[];
}

/** What the answer to the batch says of the references; all of it, or nothing. */
export function principalsIn(
  references: readonly string[],
  requests: readonly GraphRequest[],
  bodyText: string | null | undefined,
): PrincipalsResult {
  const batch = batchSchema.safeParse(jsonOf(bodyText));
  if (!batch.success) return unreadable("the answer to a batch", batch.error);
  const answers = new Map(batch.data.responses.map((response) => [response.id, response]));
  const known: Known[] = [];
  const errors: DirectoryError[] = [];
  for (const { id: name } of requests) {
    const answer = answers.get(name);
    const read = answer === undefined ? unreadable(`the answer to a batch, without one to "${name}"`) : readOne(answer);
    if (Array.isArray(read)) known.push(...read);
    else errors.push(read.error);
  }
  // What somebody has to act on is said first; else the longest wait is the one that helps.
  const worst = errors.toSorted((one, other) => (other.retryAfterMs ?? Infinity) - (one.retryAfterMs ?? Infinity))[0];
  if (worst !== undefined) return { kind: "failed", error: worst };
  return { kind: "told", principals: Object.fromEntries(references.map((one) => [one, firstOf(known, one)])) };
}

type Failed = Extract<PrincipalsResult, { kind: "failed" }>;

function readOne({ id: name, status, headers = {}, body }: BatchResponse): Known[] | Failed {
  if (status !== 200) {
    const retryAfter = Object.entries(headers).find(([header]) => header.toLowerCase() === "retry-after")?.[1];
    return { kind: "failed", error: graphError(status, body, retryAfter) };
  }
  if (name === "ids") return readObjects(body);
  if (name.startsWith("users-")) return readUsers(body);
  const groups = listOfAll(groupSchema).safeParse(body);
  if (!groups.success) return unreadable("a list of groups", groups.error);
  return groups.data.value.map((group) => ({
    principal: { oid: group.id, kind: "group", enabled: true },
    names: [group.mail],
  }));
}

const kinds = {
  "#microsoft.graph.user": "user",
  "#microsoft.graph.group": "group",
  "#microsoft.graph.servicePrincipal": "servicePrincipal",
} as const;

function readObjects(body: unknown): Known[] | Failed {
  const objects = listOfAll(objectSchema).safeParse(body);
  if (!objects.success) return unreadable("the objects of IDs", objects.error);
  const known: Known[] = [];
  for (const { "@odata.type": type, id: oid, accountEnabled } of objects.data.value) {
    const kind = kinds[type];
    const enabled = kind === "group" ? true : accountEnabled;
    if (typeof enabled !== "boolean") return hidden(kind, oid);
    known.push({ principal: { oid, kind, enabled }, names: [oid] });
  }
  return known;
}

function readUsers(body: unknown): Known[] | Failed {
  const users = listOfAll(userSchema).safeParse(body);
  if (!users.success) return unreadable("a list of users", users.error);
  const known: Known[] = [];
  for (const { id: oid, accountEnabled, ...user } of users.data.value) {
    if (typeof accountEnabled !== "boolean") return hidden("user", oid);
    known.push({
      principal: { oid, kind: "user", enabled: accountEnabled },
      names: [user.mail, user.userPrincipalName],
    });
  }
  return known;
}

function firstOf(known: readonly Known[], name: string): Principal | null {
  const found = known.filter(({ names }) => names.includes(name)).map(({ principal }) => principal);
  const rank = ({ enabled, kind, oid }: Principal): string =>
    `${enabled ? 0 : 1}${kind === "user" ? 0 : kind === "group" ? 1 : 2}${oid}`;
  return found.toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1))[0] ?? null;
}

/** The identity may see that there is such an object, and nothing of it. */
function hidden(kind: Principal["kind"], oid: string): Failed {
  const message = `Graph hides whether the ${kind} ${oid} is enabled: the identity needs Directory.Read.All`;
  return { kind: "failed", error: { code: "LimitedInformation", message, retryAfterMs: undefined } };
}

/** Names the place and never what was found there: it may be somebody's address. */
function unreadable(what: string, error?: z.ZodError): Failed {
  const places = error?.issues.slice(0, 3).map(({ path }) => path.join(".") || "the whole") ?? [];
  const at = places.length === 0 ? "" : ` at ${places.join(", ")}`;
  const message = `Microsoft Graph: found ${what}, of another shape than expected${at}`;
  return { kind: "failed", error: { code: "UnreadableAnswer", message, retryAfterMs: undefined } };
}

export function jsonOf(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    // Not JSON: a gateway's page. Whoever reads it finds that its shape is none.
    return undefined;
  }
}

/** Wait where Graph names none. */
const RETRY_MS = 30_000;
/** Longest wait that we take from a Retry-After header; a longer one is left to the sweep. */
const RETRY_MS_MAX = 15 * 60_000;
/** Of an error's message, the most that is passed on. */
const MESSAGE_CHARACTERS_MAX = 300;

const errorSchema = z.object({ error: z.object({ code: z.string().min(1), message: z.string().default("") }) });

/** An error of a whole exchange or of one request in a batch. 401: the token has just expired; the next one may be good. */
export function graphError(status: number, body: unknown, retryAfter: string | undefined): DirectoryError {
  const parsed = errorSchema.safeParse(body);
  const { code, message } = parsed.success
    ? parsed.data.error
    : { code: `Http${status}`, message: `Microsoft Graph answered ${status}` };
  const passes = status === 429 || status === 408 || status === 401 || status >= 500;
  return {
    code: code.slice(0, MESSAGE_CHARACTERS_MAX),
    message: message.slice(0, MESSAGE_CHARACTERS_MAX),
    retryAfterMs: passes ? waitOf(retryAfter) : undefined,
  };
}

/** No answer came: the network, the endpoint of tokens, or our own patience. */
export function noAnswer(error: unknown): DirectoryError {
  const message = error instanceof Error ? error.message : String(error);
  return { code: "NoAnswer", message: message.slice(0, MESSAGE_CHARACTERS_MAX), retryAfterMs: RETRY_MS };
}

function waitOf(retryAfter: string | undefined): number {
  const seconds = Number(retryAfter ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, RETRY_MS_MAX) : RETRY_MS;
}
