/**
 * A ledger entry as a row: what was written or said, about what, by what right, by whom. An entry whose body this does
 * not know is told by its type, never left out.
 */
import { z } from "zod";
import { configKey } from "../config/schema.ts";
import { accountOf, type ResourceId } from "../estate/resourceId.ts";
import type { LedgerEntry } from "../ledger/chain.ts";
import { ledgerSentence } from "./ledgerWords.ts";
import type { Chip } from "./parts.ts";
import { paths } from "./paths.ts";
import { fieldLines, type FieldLine } from "./proposalModel.ts";

/** `written`: to Azure. `refused`: by Azure. `told`: nothing written. `open`: about to be written, its outcome not known. */
export type LedgerMark = "written" | "refused" | "told" | "open";

export interface LedgerRow {
  readonly pk: string;
  readonly seq: number;
  readonly at: string;
  readonly type: LedgerEntry["type"];
  readonly hash: string;
  readonly href: string;
  readonly mark: LedgerMark;
  readonly target: { readonly name: string; readonly below: string | null; readonly id: string };
  /** Fields that a write changed; empty for what is only told. */
  readonly fields: readonly FieldLine[];
  /** What else is to be said; the whole where there are no fields. */
  readonly sentence: string;
  readonly authority: Chip | null;
  /** Object ID of a person; null where the product did it by itself. */
  readonly by: string | null;
}

const authoritySchema = z.object({ kind: z.string(), id: z.string(), version: z.number() });
const fieldSchema = z.object({ path: z.string(), before: z.json(), after: z.json() });

const bodySchema = z.looseObject({
  authority: authoritySchema.optional().catch(undefined),
  standard: authoritySchema.optional().catch(undefined),
  target: z.string().optional().catch(undefined),
  fields: z.array(fieldSchema).optional().catch(undefined),
  by: z.string().optional().catch(undefined),
  id: z.string().optional().catch(undefined),
  undoes: z.number().optional().catch(undefined),
  intent: z.number().optional().catch(undefined),
  result: z.string().optional().catch(undefined),
  error: z.object({ code: z.string(), message: z.string() }).nullish().catch(null),
});

export type EntryBody = z.output<typeof bodySchema>;

/** The parts of a body that views need; one that is not there, or not as it should be, is undefined. */
export function bodyOf({ body }: Pick<LedgerEntry, "body">): EntryBody {
  return bodySchema.safeParse(body).data ?? {};
}

export function entryPath(pk: string, seq: number): string {
  return `${paths.ledger}/${pk}/${seq}`;
}

/** @param intent of an outcome: what was to be written, and why */
export function ledgerRow(entry: LedgerEntry, intent?: LedgerEntry): LedgerRow {
  const body = bodyOf(entry);
  const wish = intent === undefined ? body : bodyOf(intent);
  const fields = entry.type === "outcome" || entry.type === "intent" ? (wish.fields ?? []) : [];
  return {
    pk: entry.pk,
    seq: entry.seq,
    at: entry.at,
    type: entry.type,
    hash: entry.hash,
    href: entryPath(entry.pk, entry.seq),
    mark: markOf(entry, body),
    target: targetName(entry.key, wish.target),
    fields: fieldLines(fields),
    sentence: ledgerSentence(entry),
    authority: authorityOf(entry, wish),
    by: body.by ?? null,
  };
}

function markOf({ type }: LedgerEntry, { error, result }: EntryBody): LedgerMark {
  if (type === "intent") return "open";
  if (type !== "outcome") return "told";
  if ((error ?? null) !== null) return "refused";
  return result === "applied" ? "written" : "told";
}

/** The account, and what of it is meant. */
export function targetName(key: string, target: string | undefined): LedgerRow["target"] {
  const id = target ?? key;
  const account = accountOf(key as ResourceId);
  if (account === undefined)
    return { name: key === configKey ? "configuration" : key.replace(/^\//, ""), below: null, id };
  const rest = id.startsWith(`${account.id}/`) ? id.slice(account.id.length + 1).split("/") : [];
  // deployments/NAME, raipolicies/NAME, providers/microsoft.insights/diagnosticsettings/NAME
  return { name: account.name, below: rest.length === 0 ? null : (rest.at(-1) ?? null), id };
}

/** Changes of a waiver put something back: an arrow, not the standard's rule. */
function authorityOf({ type, pk }: LedgerEntry, { authority, standard, id, undoes }: EntryBody): Chip | null {
  if (type === "claim" && undoes !== undefined) {
    return { kind: "undo", label: `entry ${undoes}`, href: entryPath(pk, undoes) };
  }
  if (authority?.kind === "claim" && id?.startsWith("w-") === true) return { kind: "undo", label: "undo" };
  const found = authority ?? standard;
  if (found === undefined) return null;
  const { kind, id: label, version } = found;
  if (kind === "plan") return { kind: "plan", label };
  if (kind === "claim") return { kind: "exception", label: label.slice(0, 12) };
  return { kind: "standard", label, spoken: `, version ${version}`, href: `${paths.standards}/${label}` };
}
