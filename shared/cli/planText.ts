/** What a plan says, taken part by part from the API, and how it reads in a terminal. */
import { z } from "zod";
import { fateWord } from "../config/fates.ts";
import { SteelyardError } from "../kernel/errors.ts";
import type { Invocation, Option } from "./command.ts";
import { counted, nameOf, table, valueText } from "./words.ts";

export const differenceSchema = z.looseObject({ path: z.string(), before: z.json(), after: z.json() });

const fateSchema = z.looseObject({
  kind: z.string(),
  reason: z.string().optional(),
  quorum: z.int().optional(),
  fields: z.array(differenceSchema),
});

const standingSchema = z.looseObject({
  kind: z.string(),
  by: z.string().nullable(),
  until: z.string().nullable(),
  reason: z.string().nullable(),
});

export const planSchema = z.looseObject({
  asOf: z.string().nullable(),
  accounts: z.int(),
  oldest: z.string().nullable(),
  stale: z.int(),
  unseen: z.looseObject({
    accounts: z.int(),
    named: z.array(z.string()),
    subscriptions: z.array(z.string()),
    more: z.boolean(),
  }),
  total: z.int(),
  inTheWay: z.int(),
  counts: z.array(
    z.looseObject({ standard: z.string(), environment: z.string(), was: z.string(), will: z.string(), count: z.int() }),
  ),
  /** Where `differences` begins, and how many there are in all. */
  from: z.int(),
  told: z.int(),
  differences: z.array(
    z.looseObject({
      target: z.string(),
      standard: z.string(),
      was: fateSchema,
      will: fateSchema,
      why: z.string().nullable(),
      inTheWay: z.array(standingSchema),
    }),
  ),
});

export type Plan = z.output<typeof planSchema>;
type Row = Plan["differences"][number];

/** Differences that are taken at a time; the API's own limit is 1,000. */
const ROWS = 1_000;

/** Options of commands that plan with `--plan`. */
export const planOptions = {
  "as-of": { value: "TIME", help: "with --plan: on the estate as it was seen then, at most 90 days ago" },
  all: { help: "with --plan: every resource, not the first twenty" },
} as const satisfies Readonly<Record<string, Option>>;

/** @throws SteelyardError `BadInput` when one of {@link planOptions} stands without `--plan` */
export function refuseWithoutPlan(call: Invocation, words: string): void {
  const found = Object.keys(planOptions).find((option) => call.has(option) || call.value(option) !== undefined);
  if (found === undefined || call.has("plan")) return;
  throw new SteelyardError("BadInput", `${words}: found --${found} without --plan; expected both or neither`);
}

/** What names the part of a plan that is wanted. */
export interface PlanPart {
  readonly from: number;
  readonly rows: number;
}

/**
 * What the API answers with a plan in it, with all that it tells one by one. Between two parts the estate may have changed:
 * then some resources are told twice or not, and the sums are those of the first part.
 */
export async function wholePlan<T extends { readonly plan: Plan }>(ask: (part: PlanPart) => Promise<T>): Promise<T> {
  const first = await ask({ from: 0, rows: ROWS });
  const differences = [...first.plan.differences];
  while (differences.length < first.plan.told) {
    process.stderr.write(`${differences.length} of ${first.plan.told} resources\n`);
    const { plan } = await ask({ from: differences.length, rows: ROWS });
    if (plan.differences.length === 0) break;
    differences.push(...plan.differences);
  }
  return { ...first, plan: { ...first.plan, differences } };
}

/** Resources that are shown one by one unless all are wanted. */
const SHOWN_MAX = 20;

/** Accounts of which nothing is known that are shown by name. */
const NAMED_MAX = 10;

export function planText(plan: Plan, isWhole = false): string {
  const { accounts, unseen, total, counts, asOf, inTheWay, stale } = plan;
  const parts: string[] = [];
  if (accounts === 0) parts.push(nothingSeen(plan));
  else if (total === 0) parts.push(`Nothing would be otherwise on ${seenText(plan)}.`);
  else {
    const rows = counts.map(({ count, standard, environment, was, will }) => [
      String(count),
      standard,
      environment,
      fateWord(was),
      fateWord(will),
    ]);
    parts.push(
      `On ${seenText(plan)}:\n\n${table(["count", "standard", "environment", "now", "then"], rows)}`,
      rowsText(plan, isWhole),
    );
  }
  if (inTheWay > 0) parts.push(`On ${counted(inTheWay, "resource")} something stands in the way, as said there.`);
  if (stale > 0) parts.push(`${counted(stale, "account")} could not be read lately: judged as seen before.`);
  if (accounts > 0 && unseen.accounts > 0) parts.push(unknownText(plan));
  if (accounts > 0 && unseen.subscriptions.length > 0) {
    const what = asOf === null ? "what is there is looked at afterwards" : "nothing is known of them then";
    parts.push(`No account was ever seen in ${unseen.subscriptions.join(", ")}: ${what}.`);
  }
  if (unseen.more) parts.push("There are more accounts than a plan looks at: the numbers are not all.");
  return `${parts.join("\n\n")}\n`;
}

function seenText({ accounts, asOf, oldest }: Plan): string {
  const them = counted(accounts, "account");
  if (asOf !== null) return `${them} as seen by ${asOf}`;
  return `${them} as last seen${oldest === null ? "" : `, the longest ago at ${oldest}`}`;
}

function rowsText({ differences, total }: Plan, isWhole: boolean): string {
  const shown = isWhole ? differences : differences.slice(0, SHOWN_MAX);
  const lines = shown.map(rowText);
  if (total > shown.length) {
    const how = isWhole ? "more than are told one by one" : "--all shows them";
    lines.push(`  and ${total - shown.length} more (${how})`);
  }
  return lines.join("\n");
}

/** The resource with what happens to it; below, its fields, why it is so, and what stands in the way. */
function rowText({ standard, target, was, will, why, inTheWay }: Row): string {
  const fields = will.fields.length > 0 ? will.fields : was.fields;
  const lines = [
    `  ${standard}  ${nameOf(target)}: ${kindText(will)}`,
    ...fields.map(({ path, before, after }) => `      ${path}: ${valueText(before)} -> ${valueText(after)}`),
  ];
  if (why !== null) lines.push(`      ${why}`);
  return [...lines, ...inTheWay.map((one) => `      in the way: ${standingText(one)}`)].join("\n");
}

const standings: Readonly<Record<string, string>> = {
  approval: "agreed to and not written yet, last by",
  undo: "being taken back by",
  waiver: "taken back by",
  guard: "put right too often today after",
};

function standingText({ kind, by, until, reason }: Row["inTheWay"][number]): string {
  const end = until === null ? "" : ` until ${until}`;
  return `${standings[kind] ?? kind} ${by ?? "somebody whom Azure does not name"}${end}${reason === null ? "" : ` ("${reason}")`}`;
}

function unknownText({ asOf, unseen: { accounts, named } }: Plan): string {
  const them = accounts === 1 ? "it" : "them";
  const what =
    asOf === null
      ? `never seen yet: nothing is known of ${them}`
      : `not judged: of ${them} nothing that was seen then is kept`;
  const shown = named.slice(0, NAMED_MAX).map((id) => `  unknown: ${nameOf(id)}`);
  if (accounts > shown.length) shown.push(`  and ${accounts - shown.length} more`);
  return `${counted(accounts, "account")} ${what}.\n${shown.join("\n")}`;
}

/** After a start, on an empty estate, or of a time before the first look. */
function nothingSeen({ asOf, unseen: { accounts } }: Plan): string {
  if (asOf !== null) return `Of ${asOf} nothing is known of any account: nothing can be judged.`;
  const what = accounts === 0 ? "No account was looked at yet" : `${counted(accounts, "account")} never looked at yet`;
  return `${what}: nothing can be foretold. The first look comes within a minute of a start.`;
}

/** `held by a freeze`, `people are asked, 2 approvals` */
function kindText({ kind, reason, quorum }: Row["will"]): string {
  const many = quorum === undefined || kind !== "ask" ? "" : `, ${counted(quorum, "approval")}`;
  return `${fateWord(reason === undefined ? kind : `${kind} (${reason})`)}${many}`;
}
