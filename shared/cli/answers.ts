/** What the configuration's routes answer, and how it reads in a terminal. */
import { z } from "zod";
import { parse } from "../kernel/parse.ts";

const differenceSchema = z.looseObject({ path: z.string(), before: z.json(), after: z.json() });
export const differencesSchema = z.array(differenceSchema);
const fateSchema = z.looseObject({ kind: z.string(), reason: z.string().optional(), fields: differencesSchema });

const planSchema = z.looseObject({
  accounts: z.int(),
  oldest: z.string().nullable(),
  unseen: z.looseObject({ accounts: z.int(), subscriptions: z.array(z.string()), more: z.boolean() }),
  total: z.int(),
  counts: z.array(
    z.object({ standard: z.string(), environment: z.string(), was: z.string(), will: z.string(), count: z.int() }),
  ),
  differences: z.array(z.looseObject({ target: z.string(), standard: z.string(), was: fateSchema, will: fateSchema })),
});

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
export type Plan = z.output<typeof planSchema>;

export function readSubmitted(answer: unknown): Submitted {
  return parse(submittedSchema, answer, "answer of the configuration");
}

interface Differing {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

const VALUE_CHARACTERS_MAX = 100;

function valueText(value: unknown): string {
  if (value === null) return "(nothing)";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}...` : text;
}

/** One line per value: `standards[NET-01].mode: audit -> approve`. */
export function differencesText(changes: readonly Differing[], changed = changes.length): string {
  const lines = changes.map(({ path, before, after }) => `  ${path}: ${valueText(before)} -> ${valueText(after)}`);
  if (changed > changes.length) lines.push(`  and ${changed - changes.length} more`);
  return `${lines.join("\n")}\n`;
}

function needsText(needs: z.output<typeof needsSchema>): string {
  return needs.map(({ path, why }) => `  ${path}: ${why}`).join("\n");
}

/** Accounts that are shown one by one; `--json` shows more. */
const SHOWN_MAX = 20;

export function planText({ accounts, oldest, unseen, total, counts, differences }: Plan): string {
  const parts: string[] = [];
  const seen = `${counted(accounts, "account")} as last seen${oldest === null ? "" : `, the longest ago at ${oldest}`}`;
  if (accounts === 0) parts.push(nothingSeen(unseen.accounts));
  else if (total === 0) parts.push(`Nothing would be otherwise on ${seen}.`);
  else {
    const rows = counts.map(({ count, standard, environment, was, will }) => [
      String(count),
      standard,
      environment,
      was,
      will,
    ]);
    parts.push(`On ${seen}:\n\n${table(["count", "standard", "environment", "now", "then"], rows)}`);
    const shown = differences.slice(0, SHOWN_MAX).map(({ target, standard, will }) => {
      const fields = will.fields.map(
        ({ path, before, after }) => `      ${path}: ${valueText(before)} -> ${valueText(after)}`,
      );
      return [`  ${standard} ${kindText(will)}: ${nameOf(target)}`, ...fields].join("\n");
    });
    if (total > shown.length) shown.push(`  and ${total - shown.length} more (--json shows up to 200)`);
    parts.push(shown.join("\n"));
  }
  if (accounts > 0 && unseen.accounts > 0)
    parts.push(
      `${counted(unseen.accounts, "account")} never seen yet: nothing is known of ${unseen.accounts === 1 ? "it" : "them"}.`,
    );
  if (accounts > 0 && unseen.subscriptions.length > 0) {
    parts.push(
      `No account was ever seen in ${unseen.subscriptions.join(", ")}: what is there is looked at afterwards.`,
    );
  }
  if (unseen.more) parts.push("There are more accounts than a plan looks at: the numbers are not all.");
  return `${parts.join("\n\n")}\n`;
}

/** After a start, or on an empty estate. */
function nothingSeen(unseen: number): string {
  const what = unseen === 0 ? "No account was looked at yet" : `${counted(unseen, "account")} never looked at yet`;
  return `${what}: nothing can be foretold. The first look comes within a minute of a start.`;
}

function kindText({ kind, reason }: { kind: string; reason?: string | undefined }): string {
  return reason === undefined ? kind : `${kind} (${reason})`;
}

/** Resource group and account, without what every ID has in common. */
export function nameOf(target: string): string {
  const parts = target.split("/");
  return parts.length >= 9 ? `${parts[4]}/${parts.slice(8).join("/")} in ${parts[2]}` : target;
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd();
  return [line(head), ...rows.map(line)].join("\n");
}

/** What became of a change, or would. */
export function submittedText(submitted: Submitted): string {
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
      return `${warnings}${head}${second}\n${planText(plan)}`;
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
