/** Enrolling a subscription, withdrawing it, and the global pause: shorthands for changes of the configuration. */
import type { HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import {
  enrolled,
  enrolmentSchema,
  refusedEnrolment,
  withdrawn,
  type Enrolment,
} from "../../shared/config/enrolment.ts";
import type { Config } from "../../shared/config/schema.ts";
import { parse } from "../../shared/kernel/parse.ts";
import { appRoles } from "../../shared/ports/tokens.ts";
import { propose, submit } from "../../shared/reconcile/configurationWriter.ts";
import { Declined } from "../../shared/reconcile/desk.ts";
import { edge } from "../edgeContext.ts";
import { route, type Call } from "./api.ts";
import { planAnswer, reasonSchema, submissionAnswer } from "./submissions.ts";

const querySchema = z.strictObject({ plan: z.enum(["true", "false"]).default("false") });

/**
 * Based on whatever is current: it changes one thing, whoever changed another meanwhile. With `?plan=true` it only says
 * what it would do.
 */
async function change(
  { principal, query }: Call,
  reason: string | undefined,
  make: (current: Config) => object,
): Promise<HttpResponseInit> {
  const { plan } = parse(querySchema, Object.fromEntries(query), "query");
  if (plan === "true") return planAnswer(await propose(edge.store, { base: undefined, make }));
  const { oid: by } = principal;
  return submissionAnswer(await submit(edge, { by, reason: reason ?? null, base: undefined, make }));
}

/** @throws Declined when the configuration does not let the caller say so of the subscription */
function refuseStranger(config: Config, id: string, { principal }: Call, enrolment: Partial<Enrolment>): void {
  const asker = { oid: principal.oid, isAdmin: principal.roles.has("Steelyard.Admin") };
  const refused = refusedEnrolment(config, id, asker, enrolment);
  if (refused !== undefined) throw new Declined("forbidden", refused);
}

const subscriptionId = z.guid({ error: "expected the id of a subscription, a GUID" }).toLowerCase();
const enrolSchema = enrolmentSchema.extend({ reason: reasonSchema.optional() });

route(
  "enrol",
  { method: "POST", route: "subscriptions/{id}/enrolment", roles: appRoles, peopleOnly: true },
  async (call) => {
    const id = parse(subscriptionId, call.params["id"], "subscription");
    const { reason, ...enrolment } = await call.body(enrolSchema);
    return change(call, reason, (config) => {
      refuseStranger(config, id, call, enrolment);
      return enrolled(config, id, enrolment);
    });
  },
);

const reasonOnlySchema = z.strictObject({ reason: reasonSchema.optional() });

/** Nothing is written there any more; one person does it. */
route(
  "withdraw",
  { method: "DELETE", route: "subscriptions/{id}/enrolment", roles: appRoles, peopleOnly: true },
  async (call) => {
    const id = parse(subscriptionId, call.params["id"], "subscription");
    const { reason } = await call.body(reasonOnlySchema);
    return change(call, reason, (config) => {
      refuseStranger(config, id, call, {});
      if (!config.subscriptions.some((subscription) => subscription.id === id)) {
        throw new Declined("notFound", `subscription ${id} is not enrolled`);
      }
      return withdrawn(config, id);
    });
  },
);

const pauseSchema = z.strictObject({ reason: reasonSchema });
const operators = ["Steelyard.Operator", "Steelyard.Admin"] as const;

/** Nothing is written to the estate from now on, by any loop. */
route("pause", { method: "POST", route: "pause", roles: operators, peopleOnly: true }, async (call) => {
  const { reason } = await call.body(pauseSchema);
  return change(call, reason, (config) => ({ ...config, paused: true }));
});

/** Asks for the end of the pause: an admin other than whoever asks has to agree. */
route("resume", { method: "POST", route: "resume", roles: operators, peopleOnly: true }, async (call) => {
  const { reason } = await call.body(reasonOnlySchema);
  return change(call, reason, (config) => ({ ...config, paused: false }));
});
