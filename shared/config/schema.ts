/**
 * The product's configuration: which subscriptions it may touch and how far, which standards hold in which mode.
 * A versioned document; this is its shape. Parsed wherever it enters, with errors that name the path, what was found
 * and what was expected.
 */
import { z } from "zod";

/**
 * How far the product may go in a subscription. `audit` and `reader` never write (the second says that the identity
 * itself holds no more than Reader there), `approve` writes what a person approved, `enforce` also what a standard in
 * mode enforce demands.
 */
export const enrolmentLevels = ["audit", "reader", "approve", "enforce"] as const;

/** Azure landing zone archetypes: `corp` is reached privately only, `online` from the internet. */
export const archetypes = ["corp", "online"] as const;

export const modes = ["audit", "approve", "enforce"] as const;

const subscriptionSchema = z.strictObject({
  id: z.guid().toLowerCase(),
  name: z.string().min(1).max(90),
  archetype: z.enum(archetypes),
  level: z.enum(enrolmentLevels),
});

const standardSettingSchema = z.strictObject({
  id: z.string().regex(/^[A-Z]{2,5}-\d{2}$/, { error: "expected the id of a standard, such as NET-01" }),
  mode: z.enum(modes),
  parameters: z.record(z.string(), z.json()).default({}),
});

export const configSchema = z.strictObject({
  version: z.int().min(1),
  /** Nothing is written outside these. */
  subscriptions: z.array(subscriptionSchema).max(2000),
  standards: z.array(standardSettingSchema).max(500),
  /** People whose approval a proposal needs. */
  quorum: z.int().min(1).max(5).default(1),
  /** How long a proposal waits for its approvals, in hours. */
  proposalHours: z.int().min(1).max(720).default(72),
  /** While true nothing is written to the estate, by any loop. */
  paused: z.boolean().default(false),
});

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
export type SubscriptionSetting = Config["subscriptions"][number];
export type StandardSetting = Config["standards"][number];
export type Mode = (typeof modes)[number];
export type EnrolmentLevel = (typeof enrolmentLevels)[number];

/** Where the configuration document lives: container `config`, this partition and id. */
export const configAddress = { container: "config", pk: "config", id: "current" } as const;
