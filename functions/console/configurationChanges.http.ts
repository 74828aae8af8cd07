/** Changes of the configuration that wait for a second person. */
import { z } from "zod";
import { parse } from "../../shared/kernel/parse.ts";
import { appRoles } from "../../shared/ports/tokens.ts";
import { decideChange, listChanges, readChange } from "../../shared/reconcile/configurationWriter.ts";
import { edge } from "../edgeContext.ts";
import { route } from "./api.ts";
import { changeAnswer, reasonSchema, shortened } from "./submissions.ts";

const states = ["open", "applied", "rejected", "void", "expired"] as const;
const listSchema = z.strictObject({ state: z.enum(states).optional() });

route("configurationChanges", { method: "GET", route: "config/changes", roles: appRoles }, async ({ query }) => {
  const { state } = parse(listSchema, Object.fromEntries(query), "query");
  const changes = (await listChanges(edge)).filter((change) => state === undefined || change.state === state);
  return { jsonBody: { value: changes.map(shortened) } };
});

route("configurationChange", { method: "GET", route: "config/changes/{id}", roles: appRoles }, async ({ params }) => ({
  jsonBody: await changeAnswer(await readChange(edge, params["id"] ?? "")),
}));

const decisionSchema = z.strictObject({
  verdict: z.enum(["approve", "reject"]),
  /** Hash of the change that the person saw. */
  hash: z.string().length(64),
  reason: reasonSchema.optional(),
});

/** The second person's decision; approved, the change is applied at once. */
route(
  "decideConfigurationChange",
  { method: "POST", route: "config/changes/{id}/decisions", roles: ["Steelyard.Admin"], peopleOnly: true },
  async ({ principal, params, body }) => {
    const { verdict, hash, reason } = await body(decisionSchema);
    const decision = { change: params["id"] ?? "", verdict, hash, reason: reason ?? null, by: principal.oid };
    return { jsonBody: shortened(await decideChange(edge, decision)) };
  },
);
