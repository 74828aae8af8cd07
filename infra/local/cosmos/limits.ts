/** Limits of Azure Cosmos DB for NoSQL (learn.microsoft.com/azure/cosmos-db/concepts-limits) that the engine enforces. */

/** UTF-8 length of an item's JSON: 2 MB. Answer beyond it: 413. */
export const ITEM_BYTES_MAX = 2 * 2 ** 20;
/** Request body of any item operation or transactional batch: 2 MB. Answer beyond it: 413. */
export const REQUEST_BYTES_MAX = 2 * 2 ** 20;
/** Operations in one transactional batch. */
export const BATCH_OPERATIONS_MAX = 100;
/** Operations in one patch. */
export const PATCH_OPERATIONS_MAX = 10;
/** UTF-8 length of an item's id. */
export const ID_BYTES_MAX = 1023;
/** UTF-8 length of a partition key value (large partition keys, definition version 2). */
export const PARTITION_KEY_BYTES_MAX = 2048;
/** Length of a query's text: 512 KB. */
export const QUERY_BYTES_MAX = 512 * 2 ** 10;
/** ANDs of one query, and likewise ORs. */
export const QUERY_OPERATORS_MAX = 2000;
/** Items of a page when the request does not say (`x-ms-max-item-count`). */
export const PAGE_ITEMS_DEFAULT = 100;
/** Items of a page at most; what -1 (dynamic) stands for here. */
export const PAGE_ITEMS_MAX = 1000;
/** Size of a page: 4 MB. The page ends with the item that reaches it. */
export const PAGE_BYTES_MAX = 4 * 2 ** 20;
/** Largest `ttl` and `defaultTtl`, seconds. */
export const TTL_S_MAX = 2 ** 31 - 1;
/** Paths in one composite index. */
export const COMPOSITE_PATHS_MAX = 8;

/**
 * Request charges, in request units. Rough constants of the size that the service reports for a 1 KB item: good for
 * exercising code that reads the header, useless for estimating cost.
 */
export const charges = { read: 1, write: 6.29, replace: 10.29, delete: 6.29, query: 2.79, perResult: 0.03 } as const;
