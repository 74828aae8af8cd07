/** Enrolling and withdrawing a subscription, as changes of the configuration. */
import type { z } from "zod";
import { subscriptionSchema, type Config, type SubscriptionSetting } from "./schema.ts";

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

/** Whether the person owns the subscription: is an owner of the team that the configuration gives it to. */
export function isOwner(config: Config, subscription: SubscriptionSetting | undefined, oid: string): boolean {
  const team = config.teams.find(({ id }) => id === subscription?.team);
  return team?.owners.includes(oid) ?? false;
}
