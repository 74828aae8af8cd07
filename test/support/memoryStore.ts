/**
 * The store port in memory, with the semantics of Cosmos DB: a tag that changes at every write, batches that are written
 * whole or not at all, conditional patches, queries in which a missing or differently typed value matches nothing.
 *
 * Strict: what Cosmos DB would refuse as a bad request, and what the product has no business to ask, throws. Documents
 * are kept frozen and handed out as they are kept, so whoever changes one in place fails at once. One process,
 * no throughput; latency and faults are whoever wraps it.
 */
import {
  BATCH_OPERATIONS_MAX,
  PATCH_FIELDS_MAX,
  type ContainerName,
  type Filter,
  type Page,
  type Query,
  type Read,
  type Store,
  type StoredDocument,
  type StoreOperation,
  type WriteResult,
} from "../../shared/ports/store.ts";

/** Cosmos DB: an id has at most 255 characters and none of these. */
const ID_CHARACTERS_MAX = 255;
const ID_FORBIDDEN = /[/\\?#]/;
/** Cosmos DB: a request has at most 2 MB. */
const REQUEST_BYTES_MAX = 2 * 2 ** 20;
const PAGE_SIZE_MAX = 1_000;
const containerNames: readonly string[] = ["state", "seals"];

export type Document = StoredDocument & { readonly [name: string]: unknown };

/** A document before and after one committed batch; `before` is undefined when it was created. */
export interface CommittedChange {
  readonly before: Document | undefined;
  readonly after: Document;
}

export interface Commit {
  readonly container: ContainerName;
  readonly pk: string;
  readonly changes: readonly CommittedChange[];
}

interface Kept {
  readonly document: Document;
  readonly etag: string;
  /** Number of the write; what a mark counts. */
  readonly written: number;
  /** From this business second on it is not there any more. */
  readonly endsS: number;
}

/** Cosmos DB: whole seconds, at least one; the largest is that of a 32-bit number. */
const TTL_S_MAX = 2 ** 31 - 1;

export class MemoryStore implements Store {
  readonly #partitions = new Map<string, Map<string, Kept>>();
  /** By container and kind, for queries; keys are `pk` and `id`. */
  readonly #byKind = new Map<string, Map<string, Kept>>();
  readonly #nowMs: () => number;
  #tag = 0;
  /** Told of every batch that was written, in the order of the writes. */
  onCommit: (commit: Commit) => void = () => {};

  /** @param nowMs business time, by which documents with a `ttl` end; left out, it stands still */
  constructor(nowMs: () => number = () => 0) {
    this.#nowMs = nowMs;
  }

  async read<T extends StoredDocument>(container: ContainerName, pk: string, id: string): Promise<Read<T> | undefined> {
    return this.readNow<T>(container, pk, id);
  }

  async write(container: ContainerName, pk: string, operations: readonly StoreOperation[]): Promise<WriteResult> {
    return this.writeNow(container, pk, operations);
  }

  async query<T extends StoredDocument>(query: Query): Promise<Page<T>> {
    return this.queryNow<T>(query);
  }

  readNow<T extends StoredDocument>(container: ContainerName, pk: string, id: string): Read<T> | undefined {
    checkId(id);
    const kept = this.#there(this.#partition(container, pk).get(id));
    return kept === undefined ? undefined : { document: kept.document as unknown as T, etag: kept.etag };
  }

  writeNow(container: ContainerName, pk: string, operations: readonly StoreOperation[]): WriteResult {
    const partition = this.#partition(container, pk);
    checkBatch(operations);
    const written = new Map<string, Kept>();
    const documents: Document[] = [];
    for (const [index, operation] of operations.entries()) {
      const id = operation.kind === "patch" ? operation.id : operation.document.id;
      checkId(id);
      const before = written.get(id) ?? this.#there(partition.get(id));
      const after = apply(operation, pk, before);
      if (typeof after === "string") return { ok: false, index, reason: after };
      this.#tag += 1;
      const endsS = this.#nowS + ttlOf(after);
      const kept: Kept = { document: freeze(after), etag: `"${this.#tag}"`, written: this.#tag, endsS };
      written.set(id, kept);
      documents.push(kept.document);
    }
    const changes = [...written].map(([id, { document }]) => ({
      before: this.#there(partition.get(id))?.document,
      after: document,
    }));
    for (const [id, kept] of written) {
      this.#index(container, partition.get(id)?.document, kept);
      partition.set(id, kept);
    }
    this.onCommit({ container, pk, changes });
    return { ok: true, documents };
  }

  queryNow<T extends StoredDocument>(query: Query): Page<T> {
    const { container, pk, orderBy, pageSize, continuation } = query;
    const selections = [query, ...(query.or ?? [])];
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > PAGE_SIZE_MAX) {
      throw new TypeError(`query: found a page size of ${pageSize}; expected 1 to ${PAGE_SIZE_MAX}`);
    }
    for (const { kinds, where = [] } of selections) {
      if (kinds.length === 0) throw new TypeError("query: found no kinds; expected at least one");
      for (const filter of where) checkFilter(filter);
    }
    const isSelected = ({ document, written }: Kept): boolean =>
      selections.some(
        ({ kinds, where = [], since }) =>
          kinds.includes(document["kind"] as string) &&
          written > Number(since ?? 0) &&
          where.every((filter) => matches(document, filter)),
      );
    const found: { key: readonly (string | number)[]; document: Document }[] = [];
    for (const kind of new Set(selections.flatMap(({ kinds }) => kinds))) {
      for (const kept of this.#kind(container, kind).values()) {
        const { document } = kept;
        if (this.#there(kept) === undefined || (pk !== undefined && document.pk !== pk) || !isSelected(kept)) continue;
        const order = orderBy === undefined ? [] : [orderValue(document, orderBy.path)];
        found.push({ key: [...order, document.pk, document.id], document });
      }
    }
    const sign = orderBy?.descending === true ? -1 : 1;
    found.sort((a, b) => compareKeys(a.key, b.key, sign));
    const shape = JSON.stringify({ ...query, continuation: undefined, pageSize: undefined });
    const after = continuation === undefined ? undefined : readToken(continuation, shape);
    const from = after === undefined ? 0 : found.findIndex(({ key }) => compareKeys(key, after, sign) > 0);
    const shown = from === -1 ? [] : found.slice(from, from + pageSize);
    const last = shown.at(-1);
    const more = last !== undefined && last !== found.at(-1);
    const isMarked = selections.some(({ since }) => since !== undefined);
    return {
      items: shown.map(({ document }) => document as unknown as T),
      continuation: more ? JSON.stringify({ shape, after: last.key }) : undefined,
      // An empty page tells none, as with Cosmos DB, which tells it by the documents.
      ...(isMarked && shown.length > 0 ? { mark: String(this.#tag) } : {}),
    };
  }

  /** Every document of a container. */
  *documents(container: ContainerName): Generator<Document> {
    for (const [name, partition] of this.#partitions) {
      if (!name.startsWith(`${container} `)) continue;
      for (const kept of partition.values()) if (this.#there(kept) !== undefined) yield kept.document;
    }
  }

  get #nowS(): number {
    return Math.floor(this.#nowMs() / 1000);
  }

  /** Undefined when its time is over. */
  #there(kept: Kept | undefined): Kept | undefined {
    return kept !== undefined && kept.endsS > this.#nowS ? kept : undefined;
  }

  #partition(container: ContainerName, pk: string): Map<string, Kept> {
    checkContainer(container);
    const name = `${container} ${pk}`;
    let partition = this.#partitions.get(name);
    if (partition === undefined) this.#partitions.set(name, (partition = new Map()));
    return partition;
  }

  #kind(container: ContainerName, kind: string): Map<string, Kept> {
    checkContainer(container);
    const name = `${container} ${kind}`;
    let documents = this.#byKind.get(name);
    if (documents === undefined) this.#byKind.set(name, (documents = new Map()));
    return documents;
  }

  #index(container: ContainerName, before: Document | undefined, after: Kept): void {
    const key = `${after.document.pk} ${after.document.id}`;
    const from = before?.["kind"];
    const to = after.document["kind"];
    if (typeof from === "string" && from !== to) this.#kind(container, from).delete(key);
    if (typeof to === "string") this.#kind(container, to).set(key, after);
  }
}

/** The document after the operation, or why it cannot be. */
function apply(
  operation: StoreOperation,
  pk: string,
  before: Kept | undefined,
): Document | "exists" | "missing" | "changed" {
  if (operation.kind === "patch") return patched(operation, before);
  const document = plain(operation.document) as Document;
  if (document.pk !== pk) throw new TypeError(`document ${document.id}: found pk ${document.pk}; expected ${pk}`);
  if (operation.kind === "create") return before === undefined ? document : "exists";
  if (operation.kind === "upsert") return document;
  if (before === undefined) return "missing";
  return before.etag === operation.etag ? document : "changed";
}

function patched(
  operation: Extract<StoreOperation, { kind: "patch" }>,
  before: Kept | undefined,
): Document | "missing" | "changed" {
  const { set = {}, increment = {}, condition } = operation;
  const names = [...Object.keys(set), ...Object.keys(increment)];
  if (names.length === 0 || names.length > PATCH_FIELDS_MAX) {
    throw new TypeError(`patch of ${operation.id}: found ${names.length} fields; expected 1 to ${PATCH_FIELDS_MAX}`);
  }
  const fixed = names.find((name) => name === "id" || name === "pk" || name.startsWith("_"));
  if (fixed !== undefined) throw new TypeError(`patch of ${operation.id}: ${fixed} cannot be patched`);
  if (before === undefined) return "missing";
  if (condition !== undefined && valueAt(before.document, condition.path) !== condition.equals) return "changed";
  const after: Record<string, unknown> = { ...before.document, ...(plain(set) as object) };
  for (const [name, by] of Object.entries(increment)) {
    const now = after[name] ?? 0;
    if (typeof now !== "number") throw new TypeError(`patch of ${operation.id}: ${name} is not a number`);
    after[name] = now + by;
  }
  return after as Document;
}

/** Seconds from its last write to its end. */
function ttlOf({ id, ttl }: Document): number {
  if (ttl === undefined || ttl === -1) return Infinity;
  if (typeof ttl === "number" && Number.isInteger(ttl) && ttl >= 1 && ttl <= TTL_S_MAX) return ttl;
  throw new TypeError(`document ${id}: found ttl ${JSON.stringify(ttl)}; expected -1 or 1 to ${TTL_S_MAX} seconds`);
}

/** What the wire makes of a value: undefined properties are left out; what JSON cannot say throws. */
function plain(value: object): unknown {
  refuseLost(value);
  return JSON.parse(JSON.stringify(value));
}

function refuseLost(value: object): void {
  for (const [name, member] of Object.entries(value)) {
    const isLost = typeof member === "number" ? !Number.isFinite(member) : typeof member === "function";
    if (isLost) throw new TypeError(`${name}: found ${String(member)}; expected a value that JSON can hold`);
    if (typeof member === "object" && member !== null) refuseLost(member as object);
  }
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}

function valueAt(document: object, path: string): unknown {
  let value: unknown = document;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Values of different types, and missing ones, compare to nothing: not even unequal. */
function matches(document: object, { path, op, value, otherPath }: Filter): boolean {
  const left = valueAt(document, path);
  if (value === null && otherPath === undefined) return op === "=" && left === null;
  const right = otherPath === undefined ? value : valueAt(document, otherPath);
  if (left === undefined || right === undefined || left === null || right === null) return false;
  if (typeof left !== typeof right || typeof left === "object") return false;
  const order = left === right ? 0 : (left as string) < (right as string) ? -1 : 1;
  switch (op) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

/** Where Cosmos DB puts documents without the path depends on the index; no query of ours may depend on it. */
function orderValue(document: Document, path: string): string | number {
  const value = valueAt(document, path);
  if (typeof value === "string" || typeof value === "number") return value;
  throw new TypeError(`query: document ${document.id} has no text or number at ${path} to order by`);
}

/** `sign` turns the first part round, the order of equals stays that of partition and id. */
function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[], sign: number): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined || left === right) continue;
    return (left < right ? -1 : 1) * (index === 0 && a.length === 3 ? sign : 1);
  }
  return 0;
}

function readToken(token: string, shape: string): readonly (string | number)[] {
  const parsed = JSON.parse(token) as { shape?: string; after?: readonly (string | number)[] };
  if (parsed.shape !== shape || parsed.after === undefined) {
    throw new TypeError("query: the continuation belongs to another query");
  }
  return parsed.after;
}

function checkContainer(container: string): void {
  if (!containerNames.includes(container)) throw new TypeError(`there is no container ${container}`);
}

function checkId(id: string): void {
  if (id === "" || id.length > ID_CHARACTERS_MAX || ID_FORBIDDEN.test(id)) {
    throw new TypeError(
      `id: found "${id.slice(0, 80)}"; expected 1 to ${ID_CHARACTERS_MAX} characters without / \\ ? #`,
    );
  }
}

function checkBatch(operations: readonly StoreOperation[]): void {
  if (operations.length === 0 || operations.length > BATCH_OPERATIONS_MAX) {
    throw new TypeError(`batch: found ${operations.length} operations; expected 1 to ${BATCH_OPERATIONS_MAX}`);
  }
  // Characters are enough here: what comes near the limit is wrong anyway.
  const size = JSON.stringify(operations).length;
  if (size > REQUEST_BYTES_MAX)
    throw new TypeError(`batch: found ${size} bytes; expected at most ${REQUEST_BYTES_MAX}`);
}

function checkFilter({ path, value, otherPath }: Filter): void {
  if ((value === undefined) === (otherPath === undefined)) {
    throw new TypeError(`filter on ${path}: expected either a value or the path of another field`);
  }
}
