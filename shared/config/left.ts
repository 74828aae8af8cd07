/**
 * Which subscriptions were withdrawn. One person withdraws, and one person enrols anew; without a memory the two together
 * would bring accounts into another environment, under other approvers, which alone takes two.
 */
import type { Config, SubscriptionSetting } from "./schema.ts";

/** A subscription that was withdrawn, and the environment that the configuration gave it. */
export type Left = Pick<SubscriptionSetting, "id" | "environment">;

/** Subscriptions that are remembered after they were withdrawn, the first ones: later ones push none of them out. */
export const LEFT_MAX = 2_000;

/** Who is no longer enrolled, so that nobody comes back by withdrawing and enrolling as what nobody agreed to. */
export function leftOf(before: Config, left: readonly Left[], after: Config): readonly Left[] {
  const enrolled = new Set(after.subscriptions.map(({ id }) => id));
  const gone = before.subscriptions.map(({ id, environment }) =>
    environment === undefined ? { id } : { id, environment },
  );
  return [...left, ...gone].filter(({ id }) => !enrolled.has(id)).slice(0, LEFT_MAX);
}
