/** Query and feed requests: the body's text and parameters, page size and continuation to a page of items. */
import { z } from "zod";
import type { WireRequest } from "../platform/wire.ts";
import type { Container } from "./catalogue.ts";
import { badRequest, CosmosError, substatuses } from "./errors.ts";
import { PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX, QUERY_BYTES_MAX } from "./limits.ts";
import type { Evaluator, Page } from "./sql/evaluator.ts";
import { planQuery } from "./sql/plan.ts";
import type { Json } from "./values.ts";

const spec = z.strictObject({
  query: z.string(),
  parameters: z.array(z.strictObject({ name: z.string().regex(/^@/), value: z.json() })).optional(),
});

/** Reads all items, as `GET .../docs` does. */
const FEED = { query: "SELECT * FROM c", parameters: new Map<string, Json>() };

/**
 * @param body parsed JSON of a query, or undefined for the feed of all items
 * @throws CosmosError 400, 410; SqlError
 */
export function runQuery(
  evaluator: Evaluator,
  container: Container,
  request: WireRequest,
  body: unknown,
  partitionKey: string | undefined,
  nowS: number,
): Page {
  const { headers } = request;
  const { query, parameters } = body === undefined ? FEED : parseSpec(body);
  if (partitionKey === undefined && body !== undefined && !crossesPartitions(headers)) {
    throw badRequest(
      "Cross partition query is required but disabled. Please set x-ms-documentdb-query-enablecrosspartition to true, specify x-ms-documentdb-partitionkey, or revise your query to avoid this exception.",
    );
  }
  const range = headers["x-ms-documentdb-partitionkeyrangeid"];
  if (range !== undefined && range !== "0") {
    throw new CosmosError(410, "Gone", `Partition key range ${range} is gone; there is one, 0.`, substatuses.rangeGone);
  }
  return evaluator.page(planQuery(query, parameters, container.target), {
    collection: container.number,
    partitionKey,
    nowS,
    itemsMax: pageSize(headers["x-ms-max-item-count"]),
    continuation: headers["x-ms-continuation"],
  });
}

function crossesPartitions(headers: WireRequest["headers"]): boolean {
  return headers["x-ms-documentdb-query-enablecrosspartition"]?.toLowerCase() === "true";
}

function parseSpec(body: unknown): { query: string; parameters: ReadonlyMap<string, Json> } {
  const parsed = spec.safeParse(body);
  if (!parsed.success) throw badRequest(`Query request: ${z.prettifyError(parsed.error)}`);
  const { query, parameters = [] } = parsed.data;
  if (query.length > QUERY_BYTES_MAX)
    throw badRequest(`Query text of ${query.length} characters exceeds ${QUERY_BYTES_MAX}.`);
  return { query, parameters: new Map(parameters.map(({ name, value }) => [name, value as Json])) };
}

/** -1 asks for as many as fit. */
function pageSize(header: string | undefined): number {
  if (header === undefined) return PAGE_ITEMS_DEFAULT;
  const size = Number(header);
  if (size === -1) return PAGE_ITEMS_MAX;
  if (!Number.isInteger(size) || size < 1) {
    throw badRequest(`Header x-ms-max-item-count: expected -1 or a positive integer, found ${header}`);
  }
  return Math.min(size, PAGE_ITEMS_MAX);
}
