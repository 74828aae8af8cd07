/** The store on Azure Cosmos DB, through @azure/cosmos. */
import {
  ErrorResponse,
  type Container,
  type CosmosClient,
  type OperationInput,
  type PatchOperation,
  type SqlParameter,
} from "@azure/cosmos";
import { SteelyardError } from "../kernel/errors.ts";
import { minuteMs } from "../kernel/clock.ts";
import {
  PATCH_FIELDS_MAX,
  type ContainerName,
  type Filter,
  type Page,
  type Query,
  type Read,
  type Selection,
  type Store,
  type StoredDocument,
  type StoreOperation,
  type WriteResult,
} from "../ports/store.ts";

/**
 * `_ts`, the second of the last write, is told by whichever server took that write. Two servers' clocks, and a write that
 * shows a little after its second, are allowed for with this much: what was written within it before a mark is seen again.
 */
const MARK_OVERLAP_S = (5 * minuteMs) / 1000;

export class CosmosStore implements Store {
  readonly #containers: Readonly<Record<ContainerName, Container>>;

  constructor(client: CosmosClient, database: string) {
    const container = (name: ContainerName): Container => client.database(database).container(name);
    this.#containers = { state: container("state"), seals: container("seals") };
  }

  async read<T extends StoredDocument>(container: ContainerName, pk: string, id: string): Promise<Read<T> | undefined> {
    try {
      const { resource, etag, statusCode } = await this.#containers[container].item(id, pk).read<T>();
      if (statusCode === 404 || resource === undefined) return undefined;
      return { document: plain<T>(resource), etag };
    } catch (error) {
      if (codeOf(error) === 404) return undefined;
      throw unavailable("reading", error);
    }
  }

  async write(container: ContainerName, pk: string, operations: readonly StoreOperation[]): Promise<WriteResult> {
    try {
      const inputs = operations.map(operationInput);
      const { result, code } = await this.#containers[container].items.batch(inputs, pk);
      const results = result ?? [];
      if (code !== undefined && code < 300 && results.every(({ statusCode }) => statusCode < 300)) {
        return { ok: true, documents: results.map(({ resourceBody }) => plain<StoredDocument>(resourceBody)) };
      }
      return refusal(results.map(({ statusCode }) => statusCode));
    } catch (error) {
      throw unavailable("writing", error);
    }
  }

  async query<T extends StoredDocument>(query: Query): Promise<Page<T>> {
    const { text, parameters } = toSql(query);
    try {
      const iterator = this.#containers[query.container].items.query<T>(
        { query: text, parameters },
        {
          maxItemCount: query.pageSize,
          ...(query.pk === undefined ? {} : { partitionKey: query.pk }),
          ...(query.continuation === undefined ? {} : { continuationToken: query.continuation }),
        },
      );
      const { resources, continuationToken } = await iterator.fetchNext();
      const items = (resources ?? []).map((item) => plain<T>(item));
      const page = { items, continuation: continuationToken || undefined };
      const isMarked = [query, ...(query.or ?? [])].some(({ since }) => since !== undefined);
      return isMarked ? { ...page, mark: markOf(resources ?? [], query.nowMs) } : page;
    } catch (error) {
      if (codeOf(error) === 400 && query.continuation !== undefined) {
        throw new SteelyardError("BadInput", "continuation: found a text that no answer gave out", { cause: error });
      }
      throw unavailable("querying", error);
    }
  }
}

function operationInput(operation: StoreOperation): OperationInput {
  switch (operation.kind) {
    case "create":
      return { operationType: "Create", resourceBody: { ...operation.document } };
    case "upsert":
      return { operationType: "Upsert", resourceBody: { ...operation.document } };
    case "replace": {
      const { document, etag } = operation;
      return { operationType: "Replace", id: document.id, ifMatch: etag, resourceBody: { ...document } };
    }
    case "patch": {
      const { path, equals } = operation.condition ?? {};
      const operations = patchOperations(operation);
      const condition = path === undefined ? {} : { condition: `FROM c WHERE ${property(path)} = ${Number(equals)}` };
      return { operationType: "Patch", id: operation.id, resourceBody: { operations, ...condition } };
    }
  }
}

function patchOperations(operation: Extract<StoreOperation, { kind: "patch" }>): PatchOperation[] {
  const operations: PatchOperation[] = [
    ...Object.entries(operation.set ?? {}).map(([name, value]) => ({ op: "set" as const, path: `/${name}`, value })),
    ...Object.entries(operation.increment ?? {}).map(([name, value]) => ({
      op: "incr" as const,
      path: `/${name}`,
      value,
    })),
  ];
  if (operations.length > PATCH_FIELDS_MAX) {
    throw new SteelyardError("Corrupt", `a patch of ${operations.length} fields; Cosmos DB takes ${PATCH_FIELDS_MAX}`);
  }
  return operations;
}

/** 424 marks the operations that another one held back. */
function refusal(statuses: readonly number[]): WriteResult {
  const index = statuses.findIndex((status) => status >= 300 && status !== 424);
  const status = statuses[index] ?? 0;
  switch (status) {
    case 404:
      return { ok: false, index, reason: "missing" };
    case 409:
      return { ok: false, index, reason: "exists" };
    case 412:
      return { ok: false, index, reason: "changed" };
    default:
      throw new SteelyardError("Unavailable", `Cosmos DB refused a batch with status ${statuses.join(", ") || "none"}`);
  }
}

function toSql(query: Query): { text: string; parameters: SqlParameter[] } {
  const parameters: SqlParameter[] = [];
  const either = [query, ...(query.or ?? [])].map((selection) => selected(selection, parameters));
  const conditions = either.length === 1 ? either : [`(${either.map((one) => `(${one})`).join(" OR ")})`];
  const { orderBy } = query;
  const order =
    orderBy === undefined ? "" : ` ORDER BY ${property(orderBy.path)} ${orderBy.descending ? "DESC" : "ASC"}`;
  return { text: `SELECT * FROM c WHERE ${conditions.join(" AND ")}${order}`, parameters };
}

/** One selection as a condition; its values join `parameters`, numbered through all selections. */
function selected({ kinds, where = [], since = null }: Selection, parameters: SqlParameter[]): string {
  const named = (word: string, value: SqlParameter["value"]): string => {
    const name = `@${word}${parameters.filter((parameter) => parameter.name.startsWith(`@${word}`)).length}`;
    parameters.push({ name, value });
    return name;
  };
  const conditions = [`c.kind IN (${kinds.map((kind) => named("kind", kind)).join(", ")})`];
  for (const filter of where) {
    conditions.push(condition(filter, filter.value === undefined ? "" : named("value", filter.value)));
  }
  if (since !== null) conditions.push(`c["_ts"] >= ${named("since", Number(since))}`);
  return conditions.join(" AND ");
}

/** The latest second in which something of a page was written, or that of the question, less the overlap. */
function markOf(resources: readonly unknown[], nowMs = -Infinity): string | undefined {
  const seconds = resources.map((resource) => (resource as { readonly _ts?: unknown })._ts);
  const latest = Math.max(Math.floor(nowMs / 1000), ...seconds.filter((second) => typeof second === "number"));
  return Number.isFinite(latest) ? String(latest - MARK_OVERLAP_S) : undefined;
}

function condition(filter: Filter, parameter: string): string {
  const right = filter.otherPath === undefined ? parameter : property(filter.otherPath);
  return `${property(filter.path)} ${filter.op} ${right}`;
}

/** In brackets, because a name such as `group` is a keyword. Paths are ours, never a caller's; this keeps it so. */
function property(path: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$/.test(path)) {
    throw new SteelyardError("Corrupt", `"${path}" is not a path in a document`);
  }
  return `c${path
    .split(".")
    .map((name) => `["${name}"]`)
    .join("")}`;
}

/** A document without what Cosmos DB adds to it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what it stored there
function plain<T>(resource: unknown): T {
  if (typeof resource !== "object" || resource === null) return resource as T;
  return Object.fromEntries(Object.entries(resource).filter(([name]) => !name.startsWith("_"))) as T;
}

function codeOf(error: unknown): number | string | undefined {
  return error instanceof ErrorResponse ? error.code : undefined;
}

function unavailable(doing: string, error: unknown): SteelyardError {
  if (error instanceof SteelyardError) return error;
  const code = codeOf(error);
  const detail = error instanceof Error ? error.message.split("\n")[0] : String(error);
  return new SteelyardError(
    "Unavailable",
    `${doing} Cosmos DB failed${code === undefined ? "" : ` with ${code}`}: ${detail}`,
    {
      cause: error,
    },
  );
}
