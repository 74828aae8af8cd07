/**
 * The product's configuration: which subscriptions it may touch and how far, which standards hold in which mode, who
 * agrees, how much may happen in an hour and when nothing may. A versioned document; this is its shape. Parsed wherever
 * it enters, with errors that name the path, what was found and what was expected.
 */
import { z } from "zod";
import { hashOf } from "../kernel/canonicalJson.ts";
import { weeklySchema } from "./calendar.ts";

/**
 * How far the product may go in a subscription. `audit` and `reader` never write (the second says that the identity
 * itself holds no more than Reader there), `approve` writes what a person approved, `enforce` also what a standard in
 * mode enforce demands.
 */
export const enrolmentLevels = ["audit", "reader", "approve", "enforce"] as const;

/** Azure landing zone archetypes: `corp` is reached privately only, `online` from the internet. */
export const archetypes = ["corp", "online"] as const;

export const modes = ["audit", "approve", "enforce"] as const;

/** Longest list of people anywhere in the document. */
const PEOPLE_MAX = 100;

const slug = (what: string): z.ZodString =>
  z.string().regex(/^[a-z][a-z0-9-]{0,29}$/, {
    error: `expected ${what} of at most 30 lower-case letters, digits and hyphens, such as prod`,
  });

const guid = z.guid().toLowerCase();
const people = z.array(guid).max(PEOPLE_MAX);
const environmentName = slug("an environment");

/** `NET-01` of the catalogue, `AZP-71ef260a` of an imported policy. */
export const standardIdSource = "[A-Z]{2,5}-\\d{2}|AZP-[a-z0-9](?:-?[a-z0-9]){0,39}";

export const standardId = z.string().regex(new RegExp(`^(?:${standardIdSource})$`), {
  error: "expected the id of a standard, such as NET-01",
});
const line = z.string().trim().min(1).max(300);

/** A field of an account, or of what belongs to one. */
const fieldPath = z
  .string()
  .regex(/^(properties(\.[A-Za-z]{1,80}){1,3}|identity\.type|sku\.capacity|tags\.[A-Za-z0-9_-]{1,100})$/, {
    error:
      "expected a member of properties, such as properties.publicNetworkAccess, or identity.type, sku.capacity, or a tag, such as tags.owner",
  });

/** What an entry concerns; a list left out concerns all. */
const scope = {
  environments: z.array(environmentName).min(1).max(20).optional(),
  subscriptions: z.array(guid).min(1).max(2000).optional(),
  standards: z.array(standardId).min(1).max(500).optional(),
};

export const subscriptionSchema = z.strictObject({
  id: guid,
  name: z.string().min(1).max(90),
  archetype: z.enum(archetypes),
  level: z.enum(enrolmentLevels),
  environment: environmentName.optional().describe("All of its accounts belong there, whatever their tags say."),
  team: slug("a team").optional().describe("Who owns it and may withdraw it."),
});

const teamSchema = z.strictObject({ id: slug("a team"), name: line, owners: people.min(1) });

const standardSettingSchema = z.strictObject({
  id: standardId,
  mode: z.enum(modes),
  modes: z.record(environmentName, z.enum(modes)).default({}).describe("Where the mode is another one."),
  parameters: z.record(z.string(), z.json()).default({}),
});

/** Definitions of one configuration, in characters of JSON: it is stored whole with each version, in items of 2 MB. */
const POLICIES_CHARACTERS_MAX = 500_000;

const policySettingSchema = z.strictObject({
  id: z.string().regex(/^AZP-[a-z0-9](?:-?[a-z0-9]){0,39}$/, {
    error: "expected AZP- and at most 40 lower-case letters, digits and hyphens, such as AZP-71ef260a",
  }),
  mode: z.enum(modes),
  modes: z.record(environmentName, z.enum(modes)).default({}).describe("Where the mode is another one."),
  parameters: z.record(z.string(), z.json()).default({}).describe("Values of the definition's parameters, by name."),
  definition: z.record(z.string(), z.json()).describe("The Azure Policy definition, as Azure has it."),
});

const budgetSchema = z.strictObject({
  ...scope,
  writesPerHour: z
    .int()
    .min(0)
    .max(1000)
    .describe("Most writes that one standard may make within any hour; 0 lets it make none."),
  during: weeklySchema.optional().describe("Holds only then; always when left out."),
  reason: line.optional(),
});

const instant = z.iso
  .datetime({ offset: true, error: "expected a time with its offset, such as 2026-12-20T00:00:00Z" })
  // oxlint-disable-next-line no-restricted-globals -- formats a given time; does not read the machine's
  .transform((text) => new Date(text).toISOString())
  // Times are compared as texts. An offset that leads out of these years makes one that sorts before all others.
  .refine((text) => /^\d{4}-/.test(text), { error: "expected a time in UTC of the years 0000 to 9999" });

const freezeSchema = z
  .strictObject({
    ...scope,
    name: line,
    reason: line.optional(),
    from: instant.optional(),
    until: instant.optional(),
    weekly: weeklySchema.optional().describe("Instead of `from` and `until`: every week then."),
  })
  .refine(({ from, until, weekly }) => [from, until].every((end) => (end === undefined) === (weekly !== undefined)), {
    error: "expected either from and until, or weekly",
  })
  .refine(({ from, until }) => from === undefined || until === undefined || from < until, {
    error: "expected from to come before until",
    path: ["until"],
  });

const fieldSchema = z.strictObject({
  path: fieldPath,
  owner: z
    .literal("iac")
    .describe("Templates own it: it is reported with the patch for the template, and never written."),
  environments: scope.environments,
  subscriptions: scope.subscriptions,
});

const pipelineSchema = z
  .strictObject({ name: line, application: guid.optional(), principal: guid.optional() })
  .refine(({ application, principal }) => application !== undefined || principal !== undefined, {
    error: "expected application (an application ID) or principal (an object ID), or both",
  });

const approversSchema = z.strictObject({
  people: people.min(1),
  environments: scope.environments,
  standards: scope.standards,
});

/** A standard that no budget names may write so often within any hour. */
const WRITES_PER_HOUR = 20;

export const configSchema = z.strictObject({
  version: z.int().min(1).describe("The version that the file is based on; left out, whichever is current."),
  environments: z
    .strictObject({
      names: z.array(environmentName).min(1).max(20).describe("The first one also holds what belongs to none."),
      tag: z.string().min(1).max(512).optional().describe("Tag of an account whose value names its environment."),
    })
    .default({ names: ["prod", "test", "dev"], tag: "env" }),
  teams: z.array(teamSchema).max(500).default([]).describe("Who owns subscriptions."),
  subscriptions: z.array(subscriptionSchema).max(2000).describe("Nothing is written outside these."),
  standards: z.array(standardSettingSchema).max(500).describe("What is held, and what happens where it is not."),
  policies: z
    .array(policySettingSchema)
    .max(200)
    .refine((policies) => JSON.stringify(policies).length <= POLICIES_CHARACTERS_MAX, {
      error: `expected policies of at most ${POLICIES_CHARACTERS_MAX} characters of JSON in all`,
    })
    .default([])
    .describe("Azure Policy definitions that are held as standards are; steelyard policy import writes them."),
  approvers: z
    .array(approversSchema)
    .max(100)
    .default([])
    .describe("Who may decide; where nobody is named, everybody with the role of an approver may."),
  quorum: z.int().min(1).max(5).default(1).describe("People whose approval a proposal needs."),
  quorums: z.record(environmentName, z.int().min(1).max(5)).default({}).describe("Where it is another number."),
  proposalHours: z.int().min(1).max(720).default(72).describe("How long a proposal waits for its approvals, in hours."),
  escalation: z
    .strictObject({ afterHours: z.int().min(1).max(720), people: people.min(1) })
    .optional()
    .describe("After so many hours without enough approvals these people are asked, too."),
  budgets: z
    .array(budgetSchema)
    .max(100)
    .default([{ writesPerHour: WRITES_PER_HOUR }])
    .describe("Of those that concern a write, the most restrictive one holds."),
  freezes: z
    .array(freezeSchema)
    .max(100)
    .default([])
    .describe("When nothing is written that nobody asks for by name; what people take back is."),
  fields: z.array(fieldSchema).max(500).default([]).describe("Fields that belong to templates."),
  pipelines: z.array(pipelineSchema).max(500).default([]).describe("Who writes on behalf of templates."),
  digestHour: z.int().min(0).max(23).default(6).describe("Hour of the day, UTC, at which the daily digest is made."),
  paused: z.boolean().default(false).describe("While true nothing is written to the estate, by any loop."),
});

/** As it stands in a file: `version` is the one that the file is based on, and may be left out. */
export const configFileSchema = configSchema.partial({ version: true });

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
export type SubscriptionSetting = Config["subscriptions"][number];
export type StandardSetting = Config["standards"][number];
export type PolicySetting = Config["policies"][number];
export type Budget = Config["budgets"][number];
export type Freeze = Config["freezes"][number];
export type Mode = (typeof modes)[number];
export type EnrolmentLevel = (typeof enrolmentLevels)[number];

/** What an entry of the document may be narrowed to. */
export interface Scope {
  readonly environments?: readonly string[] | undefined;
  readonly subscriptions?: readonly string[] | undefined;
  readonly standards?: readonly string[] | undefined;
}

/** One standard on one target, for the entries that may concern it. */
export interface Place {
  readonly environment: string;
  readonly subscriptionId: string;
  /** Undefined where no standard is meant. */
  readonly standard?: string | undefined;
}

export function concerns(scope: Scope, { environment, subscriptionId, standard }: Place): boolean {
  const { environments, subscriptions, standards } = scope;
  return (
    (environments === undefined || environments.includes(environment)) &&
    (subscriptions === undefined || subscriptions.includes(subscriptionId)) &&
    (standards === undefined || (standard !== undefined && standards.includes(standard)))
  );
}

/** Environment of a target: its subscription's own, else the one that its tag names, else the first. */
export function environmentOf(
  config: Pick<Config, "environments">,
  subscription: Pick<SubscriptionSetting, "environment"> | undefined,
  tags: Readonly<Record<string, unknown>>,
): string {
  const { names, tag } = config.environments;
  if (subscription?.environment !== undefined) return subscription.environment;
  const name = tag?.toLowerCase();
  const value = Object.entries(tags).find(([key]) => key.toLowerCase() === name)?.[1];
  const tagged = typeof value === "string" ? value.toLowerCase() : undefined;
  return names.find((known) => known === tagged) ?? names[0] ?? "prod";
}

/** What is held: standards of the catalogue, and policies that were imported, which become standards of their own. */
export function settingsOf({
  standards,
  policies,
}: Pick<Config, "standards" | "policies">): readonly (StandardSetting | PolicySetting)[] {
  return policies.length === 0 ? standards : [...standards, ...policies];
}

/** Mode that the configuration gives a standard in an environment, before anything lowers it. */
export function modeOf(setting: Pick<StandardSetting, "mode" | "modes">, environment: string): Mode {
  const { mode, modes: elsewhere } = setting;
  return (Object.hasOwn(elsewhere, environment) ? elsewhere[environment] : undefined) ?? mode;
}

/** Approvals that a proposal in an environment needs. */
export function quorumOf(config: Pick<Config, "quorum" | "quorums">, environment: string): number {
  const { quorum, quorums } = config;
  return (Object.hasOwn(quorums, environment) ? quorums[environment] : undefined) ?? quorum;
}

/**
 * Writer key of the configuration: it changes step by step under a writer document with a ledger chain of its own, as an
 * account does. No account has this ID.
 */
export const configKey = "/configuration";

/** Where the configuration lives: this id, beside its writer document, its versions and its ledger. */
export const configAddress = { container: "state", pk: hashOf(configKey).slice(0, 32), id: "current" } as const;

/**
 * When a standard's mode in an environment became what it is: what was there before is asked about in one request, not
 * one by one. Kept with the document by its writer, by {@link activationKey}.
 */
export interface Activation {
  readonly mode: Mode;
  /** Version of the configuration that brought it. */
  readonly version: number;
  /** Business time, ISO 8601. */
  readonly at: string;
}

export type Activations = Readonly<Record<string, Activation>>;

export function activationKey(standard: string, environment: string): string {
  return `${standard}.${environment}`;
}

/** The activations of a version, given those of the one before: a mode that stays keeps its time. */
export function activationsOf(config: Config, before: Activations, at: string): Activations {
  const next: Record<string, Activation> = {};
  for (const setting of settingsOf(config)) {
    for (const environment of config.environments.names) {
      const key = activationKey(setting.id, environment);
      const mode = modeOf(setting, environment);
      const known = before[key];
      next[key] = known?.mode === mode ? known : { mode, version: config.version, at };
    }
  }
  return next;
}
