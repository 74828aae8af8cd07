import { z } from "zod";
import { parse } from "../../shared/kernel/parse.ts";
import { appRoles } from "../../shared/ports/tokens.ts";
import type { LedgerEntry } from "../../shared/ledger/chain.ts";
import type { Seal } from "../../shared/ledger/seal.ts";
import type { Filter } from "../../shared/ports/store.ts";
import { edge } from "../edgeContext.ts";
import { route } from "./api.ts";

const querySchema = z.strictObject({
  /** `cursor` of the last entry seen; entries after it are answered. */
  after: z.string().max(200).default(""),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
  target: z.string().toLowerCase().optional(),
});

/** The product's own story, oldest first: findings, proposals, decisions, intents and outcomes of all targets. */
route("ledger", { method: "GET", route: "ledger", roles: appRoles }, async ({ query }) => {
  const { after, limit, target } = parse(querySchema, Object.fromEntries(query), "query");
  const where: Filter[] = [{ path: "cursor", op: ">", value: after }];
  if (target !== undefined) where.push({ path: "key", op: "=", value: target });
  const { items } = await edge.store.query<LedgerEntry>({
    container: "state",
    kinds: ["entry"],
    where,
    orderBy: { path: "cursor" },
    pageSize: limit,
  });
  return { jsonBody: { value: items, next: items.at(-1)?.cursor ?? after } };
});

const sealsSchema = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
});

/** The seals over the chains, oldest first. */
route("seals", { method: "GET", route: "ledger/seals", roles: appRoles }, async ({ query }) => {
  const { after, limit } = parse(sealsSchema, Object.fromEntries(query), "query");
  const { items } = await edge.store.query<Seal>({
    container: "seals",
    pk: "seals",
    kinds: ["seal"],
    where: [{ path: "seq", op: ">", value: after }],
    orderBy: { path: "seq" },
    pageSize: limit,
  });
  return { jsonBody: { value: items, next: items.at(-1)?.seq ?? after } };
});
