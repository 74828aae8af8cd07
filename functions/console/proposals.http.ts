import { z } from "zod";
import { parse } from "../../shared/kernel/parse.ts";
import { decideProposal } from "../../shared/reconcile/decisions.ts";
import type { Filter } from "../../shared/ports/store.ts";
import { appRoles } from "../../shared/ports/tokens.ts";
import { edge } from "../edgeContext.ts";
import { prose, route } from "./api.ts";
import { list } from "./lists.ts";

const filterSchema = z.object({
  state: z.enum(["open", "approved", "rejected", "applied", "void", "expired", "failed"]).optional(),
  standard: z.string().optional(),
  subscription: z.string().toLowerCase().optional(),
  target: z.string().toLowerCase().optional(),
});

/** What waits for a decision or was decided. Without a state: all live proposals. */
route("proposals", { method: "GET", route: "proposals", roles: appRoles }, async ({ query }) => {
  const { state, standard, subscription, target } = parse(filterSchema, Object.fromEntries(query), "query");
  const where: Filter[] = [];
  if (state === undefined) where.push({ path: "live", op: "=", value: true });
  else where.push({ path: "state", op: "=", value: state });
  if (standard !== undefined) where.push({ path: "standard.id", op: "=", value: standard });
  if (subscription !== undefined) where.push({ path: "subscriptionId", op: "=", value: subscription });
  if (target !== undefined) where.push({ path: "target", op: "=", value: target });
  return { jsonBody: await list(query, { kinds: ["proposal"], where, orderBy: { path: "askedAt" } }) };
});

const decisionSchema = z.strictObject({
  verdict: z.enum(["approve", "reject"]),
  reason: prose(1_000).optional(),
  /** Hash of the proposal that the person saw. */
  hash: z.string().length(64).optional(),
});

/** One person's decision on a proposal. */
route(
  "decide",
  { method: "POST", route: "proposals/{id}/decisions", roles: ["Steelyard.Approver"], peopleOnly: true },
  async ({ principal, params, body }) => {
    const { verdict, reason, hash } = await body(decisionSchema);
    const proposal = await decideProposal(edge, {
      proposal: params["id"] ?? "",
      verdict,
      reason: reason ?? null,
      hash,
      by: principal.oid,
    });
    return { jsonBody: proposal };
  },
);
