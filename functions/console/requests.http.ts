import { z } from "zod";
import { runSchema } from "../../shared/desired/documents.ts";
import { parse } from "../../shared/kernel/parse.ts";
import { appRoles } from "../../shared/ports/tokens.ts";
import { decideGroup, listRequests, readRequest } from "../../shared/reconcile/groups.ts";
import { edge } from "../edgeContext.ts";
import { failure, prose, route } from "./api.ts";

/** What waits for people in one piece: what was there before when a standard's mode was raised. */
route("requests", { method: "GET", route: "requests", roles: appRoles }, async ({ query }) => {
  parse(z.strictObject({}), Object.fromEntries(query), "query");
  return { jsonBody: { value: await listRequests(edge) } };
});

route("request", { method: "GET", route: "requests/{id}", roles: appRoles }, async ({ params }) => {
  const id = parse(runSchema, params["id"], "request");
  const found = await readRequest(edge, id);
  if (found === undefined) return failure(404, "NotFound", `nothing waits under request ${id}`);
  return { jsonBody: { ...found.request, members: found.members } };
});

const decisionSchema = z.strictObject({
  verdict: z.enum(["approve", "reject"]),
  reason: prose(1_000).optional(),
  /** Hash of the request that the person saw. */
  hash: z.string().length(64),
});

/** One person's decision on all that a request asks for. */
route(
  "decideGroup",
  { method: "POST", route: "requests/{id}/decisions", roles: ["Steelyard.Approver"], peopleOnly: true },
  async ({ principal, params, body }) => {
    const { verdict, reason, hash } = await body(decisionSchema);
    const group = parse(runSchema, params["id"], "request");
    return {
      jsonBody: await decideGroup(edge, { group, verdict, reason: reason ?? null, hash, by: principal.oid }),
    };
  },
);
