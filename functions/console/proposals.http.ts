import { z } from "zod";
import { decideProposal } from "../../shared/reconcile/decisions.ts";
import { appRoles } from "../../shared/ports/tokens.ts";
import { edge } from "../edgeContext.ts";
import { prose, route } from "./api.ts";
import { listByTarget } from "./lists.ts";

const states = ["open", "approved", "rejected", "applied", "void", "expired", "failed"] as const;

/** What waits for a decision or was decided. */
route("proposals", { method: "GET", route: "proposals", roles: appRoles }, async ({ query }) => ({
  jsonBody: await listByTarget(query, states, { kinds: ["proposal"], orderBy: { path: "askedAt" } }),
}));

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
