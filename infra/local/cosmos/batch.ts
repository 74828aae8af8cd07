/** Transactional batches: up to 100 operations on one partition, all or none. */
import { z } from "zod";
import type { Container } from "./catalogue.ts";
import { badRequest, CosmosError, notSupported, tooLarge } from "./errors.ts";
import type { ItemOperation, ItemResult, ItemStore } from "./items.ts";
import { BATCH_OPERATIONS_MAX, PAGE_BYTES_MAX, REQUEST_BYTES_MAX } from "./limits.ts";
import { partitionKeyOfHeader } from "./partitionKey.ts";
import { SqlError } from "./sql/lexer.ts";

const common = { partitionKey: z.string().optional(), ifMatch: z.string().optional() };
const id = z.string().min(1);
const operation = z.discriminatedUnion("operationType", [
  z.strictObject({ operationType: z.literal("Create"), resourceBody: z.unknown(), partitionKey: common.partitionKey }),
  z.strictObject({ operationType: z.literal("Upsert"), resourceBody: z.unknown(), ...common }),
  z.strictObject({ operationType: z.literal("Replace"), id, resourceBody: z.unknown(), ...common }),
  z.strictObject({ operationType: z.literal("Patch"), id, resourceBody: z.unknown(), ...common }),
  z.strictObject({ operationType: z.literal("Delete"), id, ...common }),
  z.strictObject({ operationType: z.literal("Read"), id, partitionKey: common.partitionKey }),
]);

/** What the wire answers for one operation. */
export interface BatchResult {
  readonly statusCode: number;
  readonly requestCharge: number;
  readonly eTag?: string;
  readonly resourceBody?: unknown;
  readonly subStatusCode?: number;
  readonly message?: string;
}

export interface BatchOutcome {
  /** 200, or 207 when an operation failed and nothing was written. */
  readonly status: 200 | 207;
  readonly results: readonly BatchResult[];
}

/**
 * Reads the operations of a batch.
 *
 * @param partitionKey of the header, in stored form
 * @throws CosmosError 400 for another partition key, an unknown property or too many operations, 413 beyond 2 MB
 */
export function parseBatch(body: unknown, bytes: number, partitionKey: string): ItemOperation[] {
  if (bytes > REQUEST_BYTES_MAX) throw tooLarge(bytes, REQUEST_BYTES_MAX, "a batch");
  if (!Array.isArray(body) || body.length === 0)
    throw badRequest("Batch request: expected a non-empty list of operations.");
  if (body.length > BATCH_OPERATIONS_MAX) {
    throw badRequest(
      `Batch request has more operations than what is supported: ${body.length} exceed ${BATCH_OPERATIONS_MAX}.`,
    );
  }
  return body.map((raw: unknown, index) => {
    if (typeof raw === "object" && raw !== null && "ifNoneMatch" in raw) throw notSupported("ifNoneMatch in a batch");
    const parsed = operation.safeParse(raw);
    if (!parsed.success) throw badRequest(`Batch operation ${index}: ${z.prettifyError(parsed.error)}`);
    const own = partitionKeyOfHeader(parsed.data.partitionKey);
    if (own !== undefined && own !== partitionKey) {
      throw badRequest(`Batch operation ${index}: partition key ${own} is not the batch's ${partitionKey}.`);
    }
    return toOperation(parsed.data);
  });
}

function toOperation(parsed: z.infer<typeof operation>): ItemOperation {
  switch (parsed.operationType) {
    case "Create":
      return { kind: "create", item: parsed.resourceBody };
    case "Upsert":
      return { kind: "upsert", item: parsed.resourceBody, ifMatch: parsed.ifMatch };
    case "Replace":
      return { kind: "replace", id: parsed.id, item: parsed.resourceBody, ifMatch: parsed.ifMatch };
    case "Patch":
      return { kind: "patch", id: parsed.id, patch: parsed.resourceBody, ifMatch: parsed.ifMatch };
    case "Delete":
      return { kind: "delete", id: parsed.id, ifMatch: parsed.ifMatch };
    case "Read":
      return { kind: "read", id: parsed.id, ifNoneMatch: undefined };
  }
}

/** Carries the failure of one operation out of the transaction, which undoes the others. */
class BatchFailure extends Error {
  readonly index: number;
  readonly reason: CosmosError;

  constructor(index: number, reason: CosmosError) {
    super(`batch operation ${index} failed`);
    this.index = index;
    this.reason = reason;
  }
}

/** Runs a batch. The operation that failed has its own status, all others 424 (Failed Dependency). */
export function executeBatch(
  store: ItemStore,
  container: Container,
  partitionKey: string,
  operations: readonly ItemOperation[],
  nowS: number,
  returnBodies: boolean,
): BatchOutcome {
  try {
    const results = store.write(nowS, () => {
      const done = operations.map((current, index) => executeOne(store, container, partitionKey, current, index, nowS));
      const bytes = done.reduce((sum, { body }) => sum + (body?.length ?? 0), 0);
      if (bytes > PAGE_BYTES_MAX) throw tooLarge(bytes, PAGE_BYTES_MAX, "a batch's response");
      return done;
    });
    return { status: 200, results: results.map((result) => success(result, returnBodies)) };
  } catch (error) {
    if (!(error instanceof BatchFailure)) throw error;
    const { index: failed, reason } = error;
    return {
      status: 207,
      results: operations.map((_operation, index) => {
        if (index !== failed) return { statusCode: 424, requestCharge: 0 };
        return {
          statusCode: reason.status,
          requestCharge: 0,
          message: reason.message,
          ...(reason.substatus === undefined ? {} : { subStatusCode: reason.substatus }),
        };
      }),
    };
  }
}

function executeOne(
  store: ItemStore,
  container: Container,
  partitionKey: string,
  current: ItemOperation,
  index: number,
  nowS: number,
): ItemResult {
  try {
    return store.execute(container, partitionKey, current, nowS);
  } catch (error) {
    if (error instanceof SqlError) throw new BatchFailure(index, badRequest(error.message));
    if (error instanceof CosmosError) throw new BatchFailure(index, error);
    throw error;
  }
}

function success(result: ItemResult, returnBodies: boolean): BatchResult {
  return {
    statusCode: result.status,
    requestCharge: result.charge,
    ...(result.etag === undefined ? {} : { eTag: result.etag }),
    ...(returnBodies && result.body !== undefined ? { resourceBody: JSON.parse(result.body) as unknown } : {}),
  };
}
