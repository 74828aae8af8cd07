/**
 * State: documents in partitions. What the product needs of Cosmos DB and nothing more, so that the same contract suite
 * runs against every implementation.
 */

export type ContainerName = "state" | "seals";

/** Every document has an id and names its partition. */
export interface StoredDocument {
  readonly id: string;
  readonly pk: string;
  /** Seconds from its last write after which the store forgets it; left out, it never does. */
  readonly ttl?: number;
}

/** A document as it was read, with the tag that changes at every write. */
export interface Read<T> {
  readonly document: T;
  readonly etag: string;
}

/** Holds when the value at the dotted path equals the number. */
export interface PatchCondition {
  readonly path: string;
  readonly equals: number;
}

export type StoreOperation =
  /** Fails with `exists` when the id is taken. */
  | { readonly kind: "create"; readonly document: StoredDocument }
  | { readonly kind: "upsert"; readonly document: StoredDocument }
  /** Fails with `changed` when the document has another tag, with `missing` when it is gone. */
  | { readonly kind: "replace"; readonly document: StoredDocument; readonly etag: string }
  /** Sets and increments top-level fields; at most ten in all. Fails with `changed` when the condition doesn't hold. */
  | {
      readonly kind: "patch";
      readonly id: string;
      readonly set?: Readonly<Record<string, unknown>>;
      readonly increment?: Readonly<Record<string, number>>;
      readonly condition?: PatchCondition;
    };

export type WriteResult =
  /** `documents`: as they are now, in the order of the operations. */
  | { readonly ok: true; readonly documents: readonly StoredDocument[] }
  /** Nothing was written; `index` is the operation that stood in the way. */
  | { readonly ok: false; readonly index: number; readonly reason: "exists" | "missing" | "changed" };

export interface Filter {
  /** Dotted path. */
  readonly path: string;
  readonly op: "=" | "!=" | "<" | "<=" | ">" | ">=";
  /** A value, or the path of another field of the same document. Null, with `=` alone: there, and null. */
  readonly value?: string | number | boolean | null;
  readonly otherPath?: string;
}

/** Documents of some kinds. */
export interface Selection {
  readonly kinds: readonly string[];
  /** All must hold. A document that lacks a path matches none. */
  readonly where?: readonly Filter[];
  /**
   * The {@link Page.mark} of an earlier answer: only what was written since, and perhaps some of what was written shortly
   * before. Null: whatever is there, and the answer bears a mark.
   */
  readonly since?: string | null;
}

export interface Query extends Selection {
  readonly container: ContainerName;
  /** Without it all partitions are asked. */
  readonly pk?: string;
  /** What any of these selects belongs to the answer as well: several questions for one round trip. */
  readonly or?: readonly Selection[];
  /**
   * With `since`: business time at which it is asked, milliseconds since the epoch. The mark then is of that time and not
   * of the last write, so that what was written in a burst is not shown again and again until something else is written.
   */
  readonly nowMs?: number;
  /** Without it the order is the store's own. */
  readonly orderBy?: { readonly path: string; readonly descending?: boolean };
  /** Most documents of one page; at most 1,000. */
  readonly pageSize: number;
  readonly continuation?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins; undefined after the last. */
  readonly continuation: string | undefined;
  /**
   * Of a query with `since`: whatever is written after this page was read is written since this mark. Undefined when the
   * page does not tell.
   */
  readonly mark?: string | undefined;
}

/** Cosmos DB's limits on a transactional batch and on a patch. */
export const BATCH_OPERATIONS_MAX = 100;
export const PATCH_FIELDS_MAX = 10;

export interface Store {
  read<T extends StoredDocument>(container: ContainerName, pk: string, id: string): Promise<Read<T> | undefined>;
  /**
   * All operations or none, in one partition.
   * @throws SteelyardError `Unavailable` when it is not known whether they were written.
   */
  write(container: ContainerName, pk: string, operations: readonly StoreOperation[]): Promise<WriteResult>;
  query<T extends StoredDocument>(query: Query): Promise<Page<T>>;
}

/** All pages of a query, one document at a time; stops with an error at `max` documents instead of running on. */
export async function* all<T extends StoredDocument>(store: Store, query: Query, max = 100_000): AsyncGenerator<T> {
  let continuation: string | undefined;
  let count = 0;
  do {
    const page: Page<T> = await store.query<T>(continuation === undefined ? query : { ...query, continuation });
    for (const item of page.items) {
      count += 1;
      if (count > max) throw new Error(`a query of ${query.kinds.join(", ")} found more than ${max} documents`);
      yield item;
    }
    continuation = page.continuation;
  } while (continuation !== undefined);
}
