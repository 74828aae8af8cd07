/** Partition key values: in the header as a JSON array of one, in the item at the container's path, in the store as JSON. */
import { badRequest, notSupported, substatuses, type CosmosError } from "./errors.ts";
import { PARTITION_KEY_BYTES_MAX } from "./limits.ts";
import { isObject, member, type Json, type Value } from "./values.ts";

/** How the wire and the store write the key of an item that has none. */
const NONE = "{}";

/**
 * The stored form of header `x-ms-documentdb-partitionkey`; undefined when the request has no such header.
 *
 * @throws CosmosError 400 for anything but an array of one string, number, boolean, null or `{}` (no value)
 */
export function partitionKeyOfHeader(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  let values: unknown;
  try {
    values = JSON.parse(header);
  } catch {
    throw badRequest(`Header x-ms-documentdb-partitionkey: expected a JSON array, found ${header}`);
  }
  if (!Array.isArray(values) || values.length === 0) {
    throw badRequest(`Header x-ms-documentdb-partitionkey: expected a JSON array of one value, found ${header}`);
  }
  if (values.length > 1) throw notSupported("hierarchical partition key");
  const value = values[0] as Json;
  if (isObject(value) && Object.keys(value).length === 0) return NONE;
  return stored(value);
}

/**
 * The stored form of an item's partition key.
 *
 * @throws CosmosError 400 when the value is an array or object, or too long
 */
export function partitionKeyOfItem(item: { readonly [name: string]: Json }, path: readonly string[]): string {
  let value: Value = item;
  for (const step of path) value = member(value, step);
  return value === undefined ? NONE : stored(value);
}

function stored(value: Json): string {
  if (typeof value === "object" && value !== null) {
    throw badRequest(`Partition key: expected a string, number, boolean or null, found ${JSON.stringify(value)}`);
  }
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text) - (typeof value === "string" ? 2 : 0);
  if (bytes > PARTITION_KEY_BYTES_MAX) {
    throw badRequest(`Partition key of ${bytes} bytes exceeds ${PARTITION_KEY_BYTES_MAX}.`);
  }
  return text;
}

/** The stored form as a part of an effect's target: a string without its quotes. */
export function printPartitionKey(key: string): string {
  const value = JSON.parse(key) as Json;
  return typeof value === "string" ? value : key;
}

export function partitionKeyMismatch(): CosmosError {
  return badRequest(
    "PartitionKey extracted from document doesn't match the one specified in the header. Learn more: https://aka.ms/CosmosDB/sql/errors/wrong-pk-value",
    substatuses.partitionKeyMismatch,
  );
}

export function partitionKeyMissing(): CosmosError {
  return badRequest(
    "The partition key supplied in x-ms-documentdb-partitionkey header has fewer components than defined in the collection.",
    substatuses.partitionKeyMismatch,
  );
}
