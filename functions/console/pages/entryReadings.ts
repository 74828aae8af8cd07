/** What the page of one entry shows, read from around it in its chain. */
import type { Proposal } from "../../../shared/desired/documents.ts";
import { toIso } from "../../../shared/kernel/clock.ts";
import { canonicalJson, sameJson } from "../../../shared/kernel/canonicalJson.ts";
import { isIntact, type LedgerEntry } from "../../../shared/ledger/chain.ts";
import { foreseeUndo, type Foreseen } from "../../../shared/reconcile/dryRun.ts";
import { UNDO_WAIVER_MS } from "../../../shared/reconcile/undo.ts";
import type { EntryDetail, Neighbour } from "../../../shared/view/entryPage.ts";
import { bodyOf, ledgerRow, type EntryBody } from "../../../shared/view/ledgerModel.ts";
import { may, mayNot, roleWord, type Permission, type Viewer } from "../../../shared/view/person.ts";
import { edge } from "../../edgeContext.ts";
import { carrierOf, entryOf, outcomeOf, sealedAt } from "./ledgerReadings.ts";

/** @throws SteelyardError `Unavailable` */
export async function detailOf(entry: LedgerEntry, viewer: Viewer, nowMs: number): Promise<EntryDetail> {
  const body = bodyOf(entry);
  const [intent, outcome, before, after, sealed] = await Promise.all([
    entry.type === "intent" ? entry : body.intent === undefined ? undefined : entryOf(entry.pk, body.intent),
    entry.type === "outcome" ? entry : entry.type === "intent" ? outcomeOf(entry) : undefined,
    entryOf(entry.pk, entry.seq - 1),
    entryOf(entry.pk, entry.seq + 1),
    sealedAt(entry),
  ]);
  const wish = intent === undefined ? body : bodyOf(intent);
  const carrier = await carrierOf(proposalIn(entry, wish) ?? "");
  const isWrite = entry.type === "intent" || entry.type === "outcome";
  return {
    row: ledgerRow(entry, intent),
    entry,
    intendedAt: isWrite ? (intent?.at ?? null) : null,
    readBack: outcome === undefined ? null : readBackOf(outcome, wish),
    standardTitle: carrier?.standard.title ?? null,
    agreed: isWrite
      ? textsIn(wish, "agreedBy").map((by) => ({
          by,
          reason: carrier?.decisions.find((decision) => decision.by === by)?.reason ?? null,
        }))
      : null,
    changedBy: textIn(wish, "changedBy") ?? textIn(body, "changedBy"),
    proposal: carrier?.id ?? null,
    run: carrier?.state === "applied" ? carrier.run : null,
    reason: entry.type === "outcome" ? null : textIn(body, "reason"),
    before: neighbour(before),
    after: neighbour(after),
    holds: {
      own: isIntact(entry),
      before: before === undefined ? entry.seq === 1 : before.hash === entry.prev,
      after: after === undefined || after.prev === entry.hash,
    },
    sealedAt: sealed,
    undo: carrier === undefined || entry.type !== "outcome" ? null : await offerOf(carrier, viewer, nowMs),
  };
}

function proposalIn({ body }: LedgerEntry, wish: EntryBody): string | null {
  if (wish.id !== undefined) return wish.id;
  return textIn((body ?? {}) as EntryBody, "proposal");
}

function textIn(body: EntryBody, name: string): string | null {
  const value = body[name];
  return typeof value === "string" && value !== "" ? value : null;
}

function textsIn(body: EntryBody, name: string): readonly string[] {
  const value = body[name];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

function neighbour(entry: LedgerEntry | undefined): Neighbour | null {
  return entry === undefined ? null : { seq: entry.seq, hash: entry.hash };
}

function readBackOf(outcome: LedgerEntry, wish: EntryBody): EntryDetail["readBack"] {
  const { result, error } = bodyOf(outcome);
  const { observed } = (outcome.body ?? {}) as { readonly observed?: unknown };
  const seen = Array.isArray(observed) ? (observed as { readonly path?: unknown; readonly value?: unknown }[]) : [];
  const others = seen.flatMap(({ path, value = null }) => {
    const wanted = wish.fields?.find((field) => field.path === path);
    if (wanted === undefined || sameJson(wanted.after, value)) return [];
    return [{ name: String(path).replace(/^properties\./, ""), value: canonicalJson(value) }];
  });
  return { at: outcome.at, result: result ?? "", others, error: error ?? null };
}

async function offerOf(proposal: Proposal, viewer: Viewer, nowMs: number): Promise<EntryDetail["undo"]> {
  if (proposal.state !== "applied") return null;
  return {
    permission: permissionOf(await foreseeUndo(edge, proposal.id, viewer.oid), viewer),
    fields: proposal.fields.length,
    standard: proposal.standard.id,
    until: toIso(nowMs + UNDO_WAIVER_MS),
  };
}

export const undoRoles = ["Steelyard.Approver", "Steelyard.Operator"] as const;

/** Why a person may not take a change back, in words for the page; the same checks say no when the form is sent. */
export function permissionOf(foreseen: Foreseen, viewer: Viewer): Permission {
  if (!undoRoles.some((role) => viewer.roles.has(role))) {
    return mayNot(
      `You are signed in as ${roleWord(viewer)}. To take a change back takes the role ${undoRoles.join(" or ")}.`,
    );
  }
  if (foreseen.may) return may;
  const why = `${foreseen.why.charAt(0).toUpperCase()}${foreseen.why.slice(1)}`;
  return mayNot(/[.!?]$/.test(why) ? why : `${why}.`);
}
