/** What the configuration's routes answer, and how it reads in a terminal. */
import { z } from "zod";
import { SteelyardError } from "../kernel/errors.ts";
import { parse } from "../kernel/parse.ts";
import { differenceSchema, planSchema, planText } from "./planText.ts";
import { counted, differencesText } from "./words.ts";

export const differencesSchema = z.array(differenceSchema);

const needsSchema = z.array(z.object({ path: z.string(), why: z.string() }));

export const changeSchema = z.looseObject({
  id: z.string(),
  state: z.string(),
  base: z.int(),
  changes: z.array(differenceSchema),
  changed: z.int(),
  needs: needsSchema,
  hash: z.string(),
  by: z.string(),
  reason: z.string().nullable(),
  askedAt: z.string(),
  expiresAt: z.string(),
  plan: planSchema.nullish(),
});

export const submittedSchema = z.discriminatedUnion("state", [
  z.looseObject({ state: z.literal("unchanged"), version: z.int(), warnings: z.array(z.string()) }),
  z.looseObject({
    state: z.literal("applied"),
    version: z.int(),
    changes: z.array(differenceSchema),
    changed: z.int(),
    warnings: z.array(z.string()),
  }),
  z.looseObject({ state: z.literal("pending"), change: changeSchema, warnings: z.array(z.string()) }),
  z.looseObject({
    state: z.literal("planned"),
    base: z.int(),
    changes: z.array(differenceSchema),
    changed: z.int(),
    needs: needsSchema,
    plan: planSchema,
    warnings: z.array(z.string()),
  }),
]);

export const currentSchema = z.looseObject({
  version: z.int(),
  config: z.looseObject({ version: z.int() }),
  appliedAt: z.string(),
  appliedBy: z.string().nullable(),
  agreedBy: z.array(z.string()),
  reason: z.string().nullable(),
});

export type Change = z.output<typeof changeSchema>;
export type Submitted = z.output<typeof submittedSchema>;

type Planned = Extract<Submitted, { state: "planned" }>;

/** @throws SteelyardError `BadInput` when it is no plan */
export function readPlanned(answer: unknown): Planned {
  const submitted = readSubmitted(answer);
  if (submitted.state === "planned") return submitted;
  throw new SteelyardError("BadInput", `answer of the configuration: found ${submitted.state}; expected a plan`);
}

export function readSubmitted(answer: unknown): Submitted {
  return parse(submittedSchema, answer, "answer of the configuration");
}

function needsText(needs: z.output<typeof needsSchema>): string {
  return needs.map(({ path, why }) => `  ${path}: ${why}`).join("\n");
}

/** What became of a change, or would. */
export function submittedText(submitted: Submitted, isWhole = false): string {
  const warnings = submitted.warnings.map((warning) => `Note: ${warning}\n`).join("");
  switch (submitted.state) {
    case "unchanged":
      return `${warnings}Nothing differs from version ${submitted.version}.\n`;
    case "applied":
      return `${warnings}Version ${submitted.version} holds:\n${differencesText(submitted.changes, submitted.changed)}`;
    case "pending":
      return `${warnings}${changeText(submitted.change)}`;
    case "planned": {
      const { changes, changed, base, needs, plan } = submitted;
      if (changed === 0) return `${warnings}Nothing differs from version ${base}.\n`;
      const second = needs.length === 0 ? "" : `\nA second person has to agree:\n${needsText(needs)}\n`;
      const head = `${counted(changed, "value")} would differ from version ${base}:\n${differencesText(changes, changed)}`;
      return `${warnings}${head}${second}\n${planText(plan, isWhole)}`;
    }
  }
}

/** Whose change it is, and what it changes. */
export function proposedText({ id, base, by, reason, changes, changed }: Change, tail = ""): string {
  const why = reason === null ? "" : ` ("${reason}")`;
  return `Change ${id} of version ${base}, proposed by ${by}${why}${tail}:\n${differencesText(changes, changed)}`;
}

export function changeText(change: Change): string {
  const { id, state, needs, expiresAt, plan } = change;
  const head = proposedText(change, `, is ${state}`);
  if (state !== "open") return head;
  const second = `\nAnother admin has to agree until ${expiresAt}:\n${needsText(needs)}\n\n  steelyard config approve ${id}\n`;
  return `${head}${second}${plan == null ? "" : `\n${planText(plan)}`}`;
}
