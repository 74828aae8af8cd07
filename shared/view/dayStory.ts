/** What the ledger tells of the last day: changes with what demanded them, and how many targets were not as they should be. */
import { z } from "zod";
import { memberKindOf, shortName } from "../estate/member.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import { canonicalJson, type Json } from "../kernel/canonicalJson.ts";
import { fromIso } from "../kernel/clock.ts";
import type { LedgerEntry } from "../ledger/chain.ts";
import type { Sample } from "./charts.ts";
import type { Chip } from "./parts.ts";
import { count } from "./words.ts";

const fieldSchema = z.object({ path: z.string(), before: z.json(), after: z.json() });
const authoritySchema = z.object({ kind: z.enum(["claim", "plan", "standard"]), id: z.string(), version: z.number() });

/** What is needed of the bodies; they say more. */
const bodies = {
  intent: z.object({
    id: z.string(),
    target: z.string(),
    fields: z.array(fieldSchema),
    authority: authoritySchema,
    agreedBy: z.array(z.string()),
  }),
  outcome: z.object({
    intent: z.number(),
    result: z.enum(["applied", "notApplied", "byThirdParty"]),
    error: z.object({ code: z.string() }).nullable(),
  }),
  finding: z.object({
    standard: z.object({ id: z.string() }),
    target: z.string().optional(),
    state: z.string(),
    since: z.string().optional(),
  }),
};

export interface ChangeRow {
  readonly at: string;
  readonly target: string;
  readonly fields: readonly { readonly name: string; readonly before: string; readonly after: string }[];
  readonly chip: Chip;
  readonly by: string;
  /** Why it is not there; null when it was read back. */
  readonly fault: string | null;
  /** A proposal or claim whose page tells more; null when it was not ours. */
  readonly change: string | null;
}

export interface DayStory {
  /** Newest first. */
  readonly changes: readonly ChangeRow[];
  /** Written and read back since midnight. */
  readonly written: number;
  readonly refused: number;
  /** Times of everything written, milliseconds since the epoch. */
  readonly writes: readonly number[];
  /** Entries that are not understood; they are not among the changes. */
  readonly unread: number;
}

/** @param entries of the types intent and outcome, oldest first, at least those since `fromIso` */
export function dayStory(entries: readonly LedgerEntry[], sinceIso: string): DayStory {
  const intents = new Map(
    entries.filter(({ type }) => type === "intent").map((entry) => [`${entry.pk} ${entry.seq}`, entry]),
  );
  const changes: ChangeRow[] = [];
  const writes: number[] = [];
  let written = 0;
  let refused = 0;
  let unread = 0;
  for (const entry of entries) {
    if (entry.type !== "outcome") continue;
    const outcome = bodies.outcome.safeParse(entry.body);
    if (!outcome.success) {
      unread += 1;
      continue;
    }
    const { result, error } = outcome.data;
    if (result === "applied") writes.push(fromIso(entry.at));
    if (entry.at < sinceIso) continue;
    if (result === "applied") written += 1;
    if (error !== null) refused += 1;
    const intent = bodies.intent.safeParse(intents.get(`${entry.pk} ${outcome.data.intent}`)?.body);
    if (intent.success) changes.push(changeRow(entry, intent.data, outcome.data));
    else unread += 1;
  }
  return { changes: changes.toReversed(), written, refused, writes, unread };
}

function changeRow(
  entry: LedgerEntry,
  intent: z.output<typeof bodies.intent>,
  outcome: z.output<typeof bodies.outcome>,
): ChangeRow {
  const { id, target, fields, authority, agreedBy } = intent;
  const isUndo = authority.kind === "claim" && id.startsWith("w-");
  const agreed = agreedBy.length === 0 ? "" : `, after ${count(agreedBy.length, "approval")}`;
  return {
    at: entry.at,
    target: shortName(target as ResourceId),
    fields: fields.map(({ path, before, after }) => ({
      name: fieldName(path),
      before: valueText(before),
      after: valueText(after),
    })),
    chip: isUndo
      ? { kind: "undo", label: "taken back" }
      : {
          kind: authority.kind === "claim" ? "exception" : authority.kind,
          label: authority.id,
          spoken: `, version ${authority.version}`,
        },
    by: isUndo ? "Steelyard, for a person" : `Steelyard${agreed}`,
    fault:
      outcome.error !== null
        ? `Refused by Azure: ${outcome.error.code}`
        : outcome.result === "applied"
          ? null
          : outcome.result === "notApplied"
            ? "Not written: it is as before"
            : "Somebody else wrote something third",
    change: id.startsWith("p-") ? id : null,
  };
}

export function fieldName(path: string): string {
  return path.replace(/^properties\./, "");
}

const VALUE_CHARACTERS_MAX = 60;

export function valueText(value: Json): string {
  if (value === null) return "none";
  const text = plainText(value) ?? canonicalJson(value);
  return text.length <= VALUE_CHARACTERS_MAX ? text : `${text.slice(0, VALUE_CHARACTERS_MAX)}…`;
}

/** As people would say it: the name at the end of a resource's ID, the names of log categories, a list without brackets. */
function plainText(value: Json): string | undefined {
  if (typeof value === "string")
    return value.startsWith("/subscriptions/") ? (value.split("/").at(-1) ?? value) : value;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const words = value.map((item: Json) => {
    if (typeof item === "string" || typeof item === "number") return String(item);
    const named = z
      .object({ category: z.string() })
      .or(z.object({ categoryGroup: z.string() }))
      .safeParse(item).data;
    return named === undefined ? undefined : "category" in named ? named.category : named.categoryGroup;
  });
  return words.includes(undefined) ? undefined : words.join(", ");
}

/**
 * How many targets were not as they should be, walked back from what stands now. A target counts while at least one
 * standard finds something there; what belongs to an account but is listed nowhere by itself counts as the account.
 * @param differing targets that are not as they should be now, with the number of standards that say so
 * @param entries of the type finding, oldest first
 * @param knownFromMs before this the ledger was not read: not known
 */
export function differingOverTime(
  entries: readonly LedgerEntry[],
  differing: ReadonlyMap<string, number>,
  knownFromMs: number,
): Sample[] {
  const open = new Map(differing);
  const steps: { readonly atMs: number; readonly change: number; readonly target: string }[] = [];
  const last = new Map<string, boolean>();
  for (const { key, at, type, body } of entries) {
    const parsed = type === "finding" ? bodies.finding.safeParse(body).data : undefined;
    if (parsed === undefined) continue;
    const { state, since, target: found = key, standard } = parsed;
    const isOpen = state !== "closed";
    const pair = `${found} ${standard.id}`;
    // The first thing told of a pair: a closing tells that it stood before. A finding that is told again says since when.
    const was = last.get(pair) ?? (isOpen ? since !== undefined && since < at : true);
    last.set(pair, isOpen);
    if (was !== isOpen)
      steps.push({ atMs: fromIso(at), change: isOpen ? 1 : -1, target: rowTarget(key as ResourceId, found) });
  }
  let number = open.size;
  const samples: Sample[] = [];
  for (const { atMs, change, target } of steps.toReversed()) {
    if (samples.at(-1)?.atMs !== atMs) samples.push({ atMs, value: number });
    const before = Math.max(0, (open.get(target) ?? 0) - change);
    if (before === 0 && open.delete(target)) number -= 1;
    else if (before > 0) {
      if (!open.has(target)) number += 1;
      open.set(target, before);
    }
  }
  return [{ atMs: knownFromMs, value: number }, ...samples.toReversed()];
}

/** The row of the estate that a target belongs to. */
function rowTarget(key: ResourceId, target: string): string {
  const kind = memberKindOf(key, target as ResourceId);
  return kind === "deployments" || kind === "raiPolicies" ? target : key;
}
