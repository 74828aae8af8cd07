/** Enrolling a subscription, withdrawing it, and the global pause: shorthands for changes of the configuration. */
import type { HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import { enrolled, enrolmentSchema, isOwner, withdrawn, type Enrolment } from "../../shared/config/enrolment.ts";
import type { Config } from "../../shared/config/schema.ts";
import { parse } from "../../shared/kernel/parse.ts";
import { appRoles, type Principal } from "../../shared/ports/tokens.ts";
import { submit } from "../../shared/reconcile/configurationWriter.ts";
import { Declined } from "../../shared/reconcile/desk.ts";
import { edge } from "../edgeContext.ts";
import { route } from "./api.ts";
import { reasonSchema, submissionAnswer } from "./submissions.ts";

/** Based on whatever is current: it changes one thing, whoever changed another meanwhile. */
async function change(
  { oid: by }: Principal,
  reason: string | undefined,
  make: (current: Config) => object,
): Promise<HttpResponseInit> {
  return submissionAnswer(await submit(edge, { by, reason: reason ?? null, base: undefined, make }));
}

/**
 * An admin may do all of it; an owner of the subscription's team may change its level and withdraw it.
 * @throws Declined
 */
function refuseStranger(config: Config, id: string, principal: Principal, enrolment: Partial<Enrolment>): void {
  if (principal.roles.has("Steelyard.Admin")) return;
  const known = config.subscriptions.find((subscription) => subscription.id === id);
  if (!isOwner(config, known, principal.oid)) {
    const message = "the app role Steelyard.Admin is required, or to be an owner of the subscription's team";
    throw new Declined("forbidden", message);
  }
  for (const name of ["archetype", "environment", "team"] as const) {
    if (enrolment[name] === undefined || enrolment[name] === known?.[name]) continue;
    throw new Declined("forbidden", `the app role Steelyard.Admin is required to change the ${name} of a subscription`);
  }
}

const subscriptionId = z.guid({ error: "expected the id of a subscription, a GUID" }).toLowerCase();
const enrolSchema = enrolmentSchema.extend({ reason: reasonSchema.optional() });

route(
  "enrol",
  { method: "POST", route: "subscriptions/{id}/enrolment", roles: appRoles, peopleOnly: true },
  async ({ principal, params, body }) => {
    const id = parse(subscriptionId, params["id"], "subscription");
    const { reason, ...enrolment } = await body(enrolSchema);
    return change(principal, reason, (config) => {
      refuseStranger(config, id, principal, enrolment);
      return enrolled(config, id, enrolment);
    });
  },
);

const reasonOnlySchema = z.strictObject({ reason: reasonSchema.optional() });

/** Nothing is written there any more; one person does it. */
route(
  "withdraw",
  { method: "DELETE", route: "subscriptions/{id}/enrolment", roles: appRoles, peopleOnly: true },
  async ({ principal, params, body }) => {
    const id = parse(subscriptionId, params["id"], "subscription");
    const { reason } = await body(reasonOnlySchema);
    return change(principal, reason, (config) => {
      refuseStranger(config, id, principal, {});
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
route("pause", { method: "POST", route: "pause", roles: operators, peopleOnly: true }, async ({ principal, body }) => {
  const { reason } = await body(pauseSchema);
  return change(principal, reason, (config) => ({ ...config, paused: true }));
});

/** Asks for the end of the pause: an admin other than whoever asks has to agree. */
route(
  "resume",
  { method: "POST", route: "resume", roles: operators, peopleOnly: true },
  async ({ principal, body }) => {
    const { reason } = await body(reasonOnlySchema);
    return change(principal, reason, (config) => ({ ...config, paused: false }));
  },
);
