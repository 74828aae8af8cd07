/** Enrolling and withdrawing a subscription, as changes of the configuration. */
import type { z } from "zod";
import { subscriptionSchema, type Config } from "./schema.ts";

/** What may be said of a subscription; what is left out stays as it is. A new one needs name and archetype. */
export const enrolmentSchema = subscriptionSchema.omit({ id: true }).partial({ name: true, archetype: true });

export type Enrolment = z.output<typeof enrolmentSchema>;

/** The configuration with the subscription enrolled so; its schema says what is missing. */
export function enrolled(config: Config, id: string, enrolment: Enrolment): object {
  const known = config.subscriptions.find((subscription) => subscription.id === id);
  const given = Object.fromEntries(Object.entries(enrolment).filter(([, value]) => value !== undefined));
  const setting = { ...known, id, ...given };
  const subscriptions =
    known === undefined
      ? [...config.subscriptions, setting]
      : config.subscriptions.map((subscription) => (subscription.id === id ? setting : subscription));
  return { ...config, subscriptions };
}

/** The configuration without the subscription. */
export function withdrawn(config: Config, id: string): Config {
  return { ...config, subscriptions: config.subscriptions.filter((subscription) => subscription.id !== id) };
}

/** Who wants to enrol or withdraw. */
export interface Asker {
  readonly oid: string;
  readonly isAdmin: boolean;
}

/**
 * Why somebody may not enrol a subscription so, or withdraw it (an enrolment that says nothing); undefined when they may.
 * An admin may do all of it. An owner of the team that the configuration gives it to may change its level and name and
 * withdraw it; what else is said of it decides which rules hold there.
 */
export function refusedEnrolment(
  config: Config,
  id: string,
  { oid, isAdmin }: Asker,
  enrolment: Partial<Enrolment>,
): string | undefined {
  if (isAdmin) return undefined;
  const known = config.subscriptions.find((subscription) => subscription.id === id);
  const team = config.teams.find((item) => item.id === known?.team);
  if (known === undefined || team?.owners.includes(oid) !== true) {
    return "the app role Steelyard.Admin is required, or to be an owner of the subscription's team";
  }
  for (const name of ["archetype", "environment", "team"] as const) {
    if (enrolment[name] === undefined || enrolment[name] === known[name]) continue;
    return `the app role Steelyard.Admin is required to change the ${name} of a subscription`;
  }
  return undefined;
}
