/** Lists page and filter alike: `limit`, the `continuation` of the answer before, and what they can be narrowed to. */
import { z } from "zod";
import { parse } from "../../shared/kernel/parse.ts";
import type { Filter, Query, StoredDocument } from "../../shared/ports/store.ts";
import { edge } from "../edgeContext.ts";

const page = {
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  continuation: z
    .base64url()
    .max(8_192)
    .transform((text) => Buffer.from(text, "base64url").toString("utf8"))
    .refine((text) => /^[\x20-\x7e]+$/.test(text), { error: "expected the continuation of an answer" })
    .optional(),
};

const pageSchema = z.strictObject(page);

const narrowing = {
  standard: z.string().optional(),
  subscription: z.string().toLowerCase().optional(),
  target: z.string().toLowerCase().optional(),
};

/** Where a parameter of a list of findings or proposals is found in the document. */
const paths = { state: "state", standard: "standard.id", subscription: "subscriptionId", target: "target" } as const;

export interface Listing {
  readonly value: readonly StoredDocument[];
  readonly continuation: string | null;
}

type ListQuery = Pick<Query, "pk" | "kinds" | "orderBy">;

/** Everything of a kind. @throws SteelyardError `BadInput`, also for a parameter that there is not. */
export async function list(params: URLSearchParams, query: ListQuery): Promise<Listing> {
  return read(query, [], parse(pageSchema, Object.fromEntries(params), "query"));
}

/** What stands on record about targets: of one state, or, without a state, what is live. @throws as {@link list} */
export async function listByTarget(
  params: URLSearchParams,
  states: readonly [string, ...string[]],
  query: ListQuery,
): Promise<Listing> {
  const schema = z.strictObject({ ...page, ...narrowing, state: z.enum(states).optional() });
  const given = parse(schema, Object.fromEntries(params), "query");
  const where: Filter[] = given.state === undefined ? [{ path: "live", op: "=", value: true }] : [];
  for (const name of ["state", "standard", "subscription", "target"] as const) {
    const value = given[name];
    if (value !== undefined) where.push({ path: paths[name], op: "=", value });
  }
  return read(query, where, given);
}

async function read(query: ListQuery, where: readonly Filter[], at: z.output<typeof pageSchema>): Promise<Listing> {
  const { limit, continuation } = at;
  const found = await edge.store.query({
    container: "state",
    ...query,
    where,
    pageSize: limit,
    ...(continuation === undefined ? {} : { continuation }),
  });
  const next = found.continuation === undefined ? null : Buffer.from(found.continuation, "utf8").toString("base64url");
  return { value: found.items, continuation: next };
}
