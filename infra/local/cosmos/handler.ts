/** From a parsed request to its answer: authorization, the operation, the effect log, the headers that the client reads. */
import type { Caller } from "../identity/caller.ts";
import type { EngineContext } from "../platform/engine.ts";
import type { WireRequest, WireResponse } from "../platform/wire.ts";
import { executeBatch, parseBatch } from "./batch.ts";
import type { Catalogue, Container } from "./catalogue.ts";
import { CosmosError, ownerNotFound, substatuses } from "./errors.ts";
import type { ItemOperation, ItemResult, ItemStore } from "./items.ts";
import { charges } from "./limits.ts";
import { accountBody, containerBody, databaseBody, passThroughPlan, rangesBody } from "./metadata.ts";
import { partitionKeyMissing, partitionKeyOfHeader, printPartitionKey } from "./partitionKey.ts";
import { runQuery } from "./queries.ts";
import type { CosmosRequest, ItemsRequest } from "./request.ts";
import type { Evaluator } from "./sql/evaluator.ts";
import { isObject } from "./values.ts";

/** Decides whether a caller may read or write the items of a container; the product's data-plane role assignments. */
export type Authorize = (caller: Caller, operation: "read" | "write", database: string, container: string) => boolean;

/** An answer without the headers that all answers have. */
export interface Answer {
  readonly status: number;
  /** JSON text, or what becomes it. */
  readonly body?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly charge?: number;
}

export interface HandlerParts {
  readonly catalogue: Catalogue;
  readonly store: ItemStore;
  readonly evaluator: Evaluator;
  readonly authorize: Authorize | undefined;
}

export class RequestHandler {
  readonly #context: Pick<EngineContext, "clock" | "effects">;
  readonly #parts: HandlerParts;

  constructor(context: Pick<EngineContext, "clock" | "effects">, parts: HandlerParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** @throws CosmosError, SqlError */
  answer(request: WireRequest, parsed: CosmosRequest, caller: Caller): Answer {
    const { catalogue } = this.#parts;
    switch (parsed.kind) {
      case "account":
        return { status: 200, body: accountBody(request.url.origin) };
      case "databases": {
        const databases = catalogue.databases().map((name) => databaseBody(catalogue, name));
        return { status: 200, body: { _rid: "", Databases: databases, _count: databases.length } };
      }
      case "database":
        this.#existing(parsed.database);
        return { status: 200, body: databaseBody(catalogue, parsed.database) };
      case "containers": {
        this.#existing(parsed.database);
        const containers = catalogue.inDatabase(parsed.database).map(containerBody);
        return { status: 200, body: { _rid: "", DocumentCollections: containers, _count: containers.length } };
      }
      case "container":
      case "ranges": {
        this.#allowMetadata(caller, parsed.database, parsed.container);
        const container = this.#container(parsed.database, parsed.container);
        const body = parsed.kind === "container" ? containerBody(container) : rangesBody(container);
        return { status: 200, body, headers: ownerHeaders(container), charge: charges.read };
      }
      default:
        return this.#items(request, parsed, caller);
    }
  }

  #items(request: WireRequest, parsed: ItemsRequest, caller: Caller): Answer {
    const { evaluator, store } = this.#parts;
    const nowS = Math.floor(this.#context.clock.now() / 1000);
    const reads = ["read", "query", "plan", "feed"].includes(parsed.kind);
    this.#allow(caller, reads ? "read" : "write", parsed);
    const container = this.#container(parsed.database, parsed.container);
    const partitionKey = partitionKeyOfHeader(request.headers["x-ms-documentdb-partitionkey"]);
    const common = (): Record<string, string> => ({
      ...ownerHeaders(container),
      "x-ms-session-token": `0:-1#${store.lsn}`,
    });
    if (parsed.kind === "plan") return { status: 200, body: passThroughPlan, headers: common() };
    if (parsed.kind === "query" || parsed.kind === "feed") {
      const { results, continuation } = runQuery(evaluator, container, request, parsed.body, partitionKey, nowS);
      const count = String(results.length);
      const headers = { ...common(), "x-ms-item-count": count };
      return {
        status: 200,
        body: `{"_rid":${JSON.stringify(container.rid)},"Documents":[${results.join(",")}],"_count":${count}}`,
        headers: continuation === undefined ? headers : { ...headers, "x-ms-continuation": continuation },
        charge: charges.query + charges.perResult * results.length,
      };
    }
    if (partitionKey === undefined) throw partitionKeyMissing();
    if (parsed.kind === "batch") {
      const operations = parseBatch(parsed.body, request.body.length, partitionKey);
      if (operations.some(({ kind }) => kind === "read")) this.#allow(caller, "read", parsed);
      return { ...this.#batch(request, container, partitionKey, operations, caller, nowS), headers: common() };
    }
    const result = this.#one(container, partitionKey, toOperation(request, parsed), caller, nowS);
    const etag = result.etag === undefined ? {} : { etag: result.etag };
    return {
      status: result.status,
      headers: { ...common(), ...etag },
      charge: result.charge,
      ...(result.body === undefined ? {} : { body: result.body }),
    };
  }

  #one(container: Container, partitionKey: string, operation: ItemOperation, caller: Caller, nowS: number): ItemResult {
    const { store } = this.#parts;
    if (operation.kind === "read") return store.execute(container, partitionKey, operation, nowS);
    const record = (status: number): void =>
      this.#record(caller, operation.kind, container, partitionKey, operation, status);
    try {
      const result = store.write(nowS, () => store.execute(container, partitionKey, operation, nowS));
      record(result.status);
      return result;
    } catch (error) {
      if (error instanceof CosmosError) record(error.status);
      throw error;
    }
  }

  #batch(
    request: WireRequest,
    container: Container,
    partitionKey: string,
    operations: readonly ItemOperation[],
    caller: Caller,
    nowS: number,
  ): Answer {
    const returnBodies = request.headers["prefer"] !== "return=minimal";
    const outcome = executeBatch(this.#parts.store, container, partitionKey, operations, nowS, returnBodies);
    for (const [index, operation] of operations.entries()) {
      if (operation.kind === "read") continue;
      const status = outcome.results[index]?.statusCode ?? outcome.status;
      this.#record(caller, `batch.${operation.kind}`, container, partitionKey, operation, status);
    }
    const charge = outcome.results.reduce((sum, { requestCharge }) => sum + requestCharge, 0);
    return { status: outcome.status, body: outcome.results, charge };
  }

  #record(
    caller: Caller,
    method: string,
    container: Container,
    partitionKey: string,
    operation: ItemOperation,
    status: number,
  ): void {
    const { database, container: name } = container.definition;
    const id = "id" in operation ? operation.id : idOf(operation.item);
    const target = `${database}/${name}/${printPartitionKey(partitionKey)}/${id}`.toLowerCase();
    this.#context.effects.record({ engine: "cosmos", caller: caller.oid, method, target, status });
  }

  /** @throws CosmosError 404 */
  #existing(database: string): void {
    if (!this.#parts.catalogue.databases().includes(database)) throw ownerNotFound(`dbs/${database}`);
  }

  /** @throws CosmosError 404 */
  #container(database: string, name: string): Container {
    const container = this.#parts.catalogue.find(database, name);
    if (container === undefined) throw ownerNotFound(`dbs/${database}/colls/${name}`);
    return container;
  }

  #isAllowed(caller: Caller, operation: "read" | "write", database: string, container: string): boolean {
    return this.#parts.authorize?.(caller, operation, database, container) ?? true;
  }

  /** @throws CosmosError 403 */
  #allow(caller: Caller, operation: "read" | "write", on: { database: string; container: string }): void {
    if (!this.#isAllowed(caller, operation, on.database, on.container)) throw forbidden(caller, operation, on);
  }

  /** Whoever has any role on a container may read its description. @throws CosmosError 403 */
  #allowMetadata(caller: Caller, database: string, container: string): void {
    if (this.#isAllowed(caller, "write", database, container)) return;
    this.#allow(caller, "read", { database, container });
  }
}

/** The id of an item that may have been refused because it is no item. */
function idOf(item: unknown): string {
  return isObject(item) && typeof item["id"] === "string" ? item["id"] : "";
}

/** The answer as it goes out. */
export function complete(answer: Answer, activityId: string): WireResponse {
  const headers = {
    "content-type": "application/json",
    "x-ms-activity-id": activityId,
    "x-ms-request-charge": (answer.charge ?? 1).toFixed(2),
    "x-ms-version": "2020-07-15",
    ...answer.headers,
  };
  return { status: answer.status, headers, body: answer.body };
}

/** Which item a request is about and what to do with it. */
function toOperation(request: WireRequest, parsed: ItemsRequest): ItemOperation {
  const id = parsed.id ?? "";
  const ifMatch = request.headers["if-match"];
  switch (parsed.kind) {
    case "create":
      return { kind: "create", item: parsed.body };
    case "upsert":
      return { kind: "upsert", item: parsed.body, ifMatch };
    case "replace":
      return { kind: "replace", id, item: parsed.body, ifMatch };
    case "patch":
      return { kind: "patch", id, patch: parsed.body, ifMatch };
    case "delete":
      return { kind: "delete", id, ifMatch };
    case "read":
      return { kind: "read", id, ifNoneMatch: request.headers["if-none-match"] };
    default:
      throw new Error(`${parsed.kind} is not an operation on one item`);
  }
}

/** By these the client finds out which container a session token belongs to. */
function ownerHeaders(container: Container): Record<string, string> {
  return { "x-ms-alt-content-path": container.link, "x-ms-content-path": container.rid };
}

function forbidden(
  caller: Caller,
  operation: "read" | "write",
  on: { readonly database: string; readonly container: string },
): CosmosError {
  return new CosmosError(
    403,
    "Forbidden",
    `Request blocked by Auth steelyard-local : Request is blocked because principal [${caller.oid}] does not have required RBAC permissions to ${operation} items on resource [dbs/${on.database}/colls/${on.container}]. Learn more: https://aka.ms/cosmos-native-rbac.`,
    substatuses.noPermission,
  );
}
