import { z } from "zod";
import { parse } from "../../shared/kernel/parse.ts";
import type { Filter } from "../../shared/ports/store.ts";
import { appRoles } from "../../shared/ports/tokens.ts";
import { route } from "./api.ts";
import { list } from "./lists.ts";

const filterSchema = z.object({
  standard: z.string().optional(),
  subscription: z.string().toLowerCase().optional(),
  target: z.string().toLowerCase().optional(),
  /** `open` and `waived` findings are live; `closed` ones are over. */
  state: z.enum(["open", "waived", "closed"]).optional(),
});

/** What is not as it should be. Without a state: all live findings. */
route("findings", { method: "GET", route: "findings", roles: appRoles }, async ({ query }) => {
  const { standard, subscription, target, state } = parse(filterSchema, Object.fromEntries(query), "query");
  const where: Filter[] = [];
  if (state === undefined) where.push({ path: "live", op: "=", value: true });
  else where.push({ path: "state", op: "=", value: state });
  if (standard !== undefined) where.push({ path: "standard.id", op: "=", value: standard });
  if (subscription !== undefined) where.push({ path: "subscriptionId", op: "=", value: subscription });
  if (target !== undefined) where.push({ path: "target", op: "=", value: target });
  return { jsonBody: await list(query, { kinds: ["finding"], where, orderBy: { path: "since" } }) };
});
