/** Lists page alike: `limit`, and `continuation` from the answer before. */
import { z } from "zod";
import { parse } from "../../shared/kernel/parse.ts";
import type { Filter, Query, StoredDocument } from "../../shared/ports/store.ts";
import { edge } from "../edgeContext.ts";

const listSchema = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  continuation: z
    .base64url()
    .max(8_192)
    .transform((text) => Buffer.from(text, "base64url").toString("utf8"))
    .refine((text) => /^[\x20-\x7e]+$/.test(text), { error: "expected the continuation of an answer" })
    .optional(),
});

export interface Listing {
  readonly value: readonly StoredDocument[];
  readonly continuation: string | null;
}

export async function list(
  params: URLSearchParams,
  query: Pick<Query, "kinds" | "orderBy"> & { where: readonly Filter[] },
): Promise<Listing> {
  const { limit, continuation } = parse(listSchema, Object.fromEntries(params), "query");
  const page = await edge.store.query({
    container: "state",
    ...query,
    pageSize: limit,
    ...(continuation === undefined ? {} : { continuation }),
  });
  const next = page.continuation === undefined ? null : Buffer.from(page.continuation, "utf8").toString("base64url");
  return { value: page.items, continuation: next };
}
