/** What a request asks for: the resource by its path, the operation by method and headers. Everything unknown is refused. */
import { parseJson as parseWireJson, type WireRequest } from "../platform/wire.ts";
import { badRequest, CosmosError, notSupported, substatuses, tooLarge } from "./errors.ts";
import { REQUEST_BYTES_MAX } from "./limits.ts";
import { isObject, type Json } from "./values.ts";

/** Kinds in the singular read one, in the plural list. */
export type CosmosRequest =
  | { readonly kind: "account" | "databases" }
  | { readonly kind: "database" | "containers"; readonly database: string }
  | { readonly kind: "container" | "ranges"; readonly database: string; readonly container: string }
  | ItemsRequest;

export interface ItemsRequest {
  readonly kind: ItemsKind;
  readonly database: string;
  readonly container: string;
  /** Of the path or, for create and upsert, of the body as far as it has one. */
  readonly id: string | undefined;
  /** Parsed JSON; undefined when the request has no body. */
  readonly body: unknown;
}

export type ItemsKind =
  | "create"
  | "upsert"
  | "read"
  | "replace"
  | "patch"
  | "delete"
  | "batch"
  | "query"
  | "plan"
  | "feed";

/** Headers that change what an operation does and that the engine does not implement; the value is what to call them. */
const refusedHeaders: Readonly<Record<string, string>> = {
  "a-im": "change feed",
  "if-modified-since": "header if-modified-since",
  "x-ms-documentdb-pre-trigger-include": "pre-trigger",
  "x-ms-documentdb-post-trigger-include": "post-trigger",
  "x-ms-indexing-directive": "indexing directive",
  "x-ms-cosmos-is-client-encrypted": "client-side encryption",
  "x-ms-dedicatedgateway-max-age": "integrated cache",
};

/** Consistency levels that an account of level Session lets a request lower itself to. */
const consistencyLevels = new Set(["session", "consistentprefix", "eventual"]);

/** @throws CosmosError 400, 403 (control plane), 413, 501 */
export function parseRequest(request: WireRequest): CosmosRequest {
  const segments = pathSegments(request.url.pathname);
  for (const [header, what] of Object.entries(refusedHeaders)) {
    if (header in request.headers) throw notSupported(what);
  }
  const level = request.headers["x-ms-consistency-level"];
  if (level !== undefined && !consistencyLevels.has(level.toLowerCase())) {
    throw badRequest(
      `ConsistencyLevel ${level} specified in the request is invalid when service is configured with consistency level Session.`,
    );
  }
  const [root, database, colls, container, leaf, id] = segments;
  if (root !== undefined && root !== "dbs") throw notSupported(`resource ${root}`);
  if (colls !== undefined && colls !== "colls") throw notSupported(`resource ${colls}`);
  if (leaf !== undefined && leaf !== "docs" && leaf !== "pkranges") throw notSupported(`resource ${leaf}`);
  if (segments.length > 6 || (leaf === "pkranges" && id !== undefined)) throw notSupported(request.url.pathname);
  if (leaf === "docs") return parseItems(request, database as string, container as string, id);
  if (request.method !== "GET") throw controlPlane(request);
  if (leaf === "pkranges") return { kind: "ranges", database: database as string, container: container as string };
  if (database === undefined) return { kind: root === undefined ? "account" : "databases" };
  if (container === undefined) return { kind: colls === undefined ? "database" : "containers", database };
  return { kind: "container", database, container };
}

/** What the fault book can match: the item's path, or the container's with what is done to all of it. */
export function faultPath(request: CosmosRequest, url: URL): string {
  if (!("body" in request)) return url.pathname;
  const container = `/dbs/${request.database}/colls/${request.container}`;
  const { kind, id } = request;
  if (kind === "batch" || kind === "query" || kind === "plan" || kind === "feed") return `${container}#${kind}`;
  return id === undefined ? `${container}/docs` : `${container}/docs/${id}`;
}

/** Whether it can change an item. */
export function isWrite({ kind }: CosmosRequest): boolean {
  return ["create", "upsert", "replace", "patch", "delete", "batch"].includes(kind);
}

function pathSegments(path: string): string[] {
  try {
    return path
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeURIComponent);
  } catch {
    throw badRequest(`Request path ${path}: not percent-encoded UTF-8`);
  }
}

function controlPlane(request: WireRequest): CosmosError {
  return new CosmosError(
    403,
    "Forbidden",
    `The given request [${request.method} ${request.url.pathname}] cannot be authorized by AAD token in data plane. Learn more: https://aka.ms/cosmos-native-rbac.`,
    substatuses.controlPlane,
  );
}

function parseItems(request: WireRequest, database: string, container: string, id: string | undefined): ItemsRequest {
  const kind = itemsKind(request, id);
  if (kind !== "batch" && request.body.length > REQUEST_BYTES_MAX) {
    throw tooLarge(request.body.length, REQUEST_BYTES_MAX, "a request");
  }
  const hasCondition = "if-match" in request.headers;
  if (hasCondition && !["upsert", "replace", "patch", "delete"].includes(kind))
    throw notSupported(`If-Match on ${kind}`);
  if ("if-none-match" in request.headers && kind !== "read") throw notSupported(`If-None-Match on ${kind}`);
  const body = request.body.length === 0 ? undefined : parseJson(request.body);
  const bodyId = isObject(body) && typeof body["id"] === "string" ? body["id"] : undefined;
  return { kind, database, container, id: id ?? (kind === "create" || kind === "upsert" ? bodyId : undefined), body };
}

function itemsKind(request: WireRequest, id: string | undefined): ItemsKind {
  const { method, headers } = request;
  const is = (header: string): boolean => headers[header]?.toLowerCase() === "true";
  if (id !== undefined) {
    const kind = { GET: "read", PUT: "replace", PATCH: "patch", DELETE: "delete" }[method];
    if (kind === undefined) throw notSupported(`${method} on an item`);
    return kind as ItemsKind;
  }
  if (method === "GET") return "feed";
  if (method !== "POST") throw notSupported(`${method} on the items of a container`);
  if (is("x-ms-cosmos-is-query-plan-request")) return "plan";
  if (is("x-ms-documentdb-isquery")) return "query";
  if (is("x-ms-cosmos-is-batch-request")) {
    if (!is("x-ms-cosmos-batch-atomic")) throw notSupported("bulk (a batch that is not atomic)");
    return "batch";
  }
  return is("x-ms-documentdb-is-upsert") ? "upsert" : "create";
}

function parseJson(bytes: Buffer): Json {
  try {
    return parseWireJson(bytes.toString("utf8")) as Json;
  } catch (error) {
    throw badRequest(`The request body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
