/** What the pages of the ledger read: bounded, and in the order of the entries. */
import { valueAt } from "../../../shared/desired/compare.ts";
import { partitionOfDocument, type Observation, type Proposal } from "../../../shared/desired/documents.ts";
import { faultOf, sift } from "../../../shared/desired/rows.ts";
import { canonicalJson, sameJson } from "../../../shared/kernel/canonicalJson.ts";
import { accountOf, partitionOf, toResourceId } from "../../../shared/estate/resourceId.ts";
import { entryId, type LedgerEntry } from "../../../shared/ledger/chain.ts";
import type { Seal } from "../../../shared/ledger/seal.ts";
import type { Filter, Page, Query } from "../../../shared/ports/store.ts";
import { boundsOf, matches, ofType, singleType, type LedgerFilter } from "../../../shared/view/ledgerFilter.ts";
import { bodyOf, ledgerRow, type LedgerRow } from "../../../shared/view/ledgerModel.ts";
import { edge } from "../../edgeContext.ts";
import { estatePicture } from "../estatePicture.ts";

/** Rows of one page, and entries that are looked through for them before the page says how far it came. */
export const LEDGER_ROWS = 40;
const SCANNED_MAX = 2_000;
const PAGE_SIZE = 200;

export interface LedgerFound {
  readonly rows: readonly LedgerRow[];
  /** The same, as they are stored. */
  readonly entries: readonly LedgerEntry[];
  readonly scanned: number;
  /** Cursor of the last entry looked at; null when that was the oldest. */
  readonly next: string | null;
}

/** @param environmentOf of a partition's account; undefined where nobody knows */
export async function findEntries(
  filter: LedgerFilter,
  after: string | null,
  nowMs: number,
  environmentOf: (pk: string) => string | undefined,
  most = LEDGER_ROWS,
  scannedMax = SCANNED_MAX,
): Promise<LedgerFound> {
  const { from, before } = boundsOf(filter, nowMs);
  const type = singleType(filter);
  // A full resource ID is one partition's; anything else is looked for in all of them.
  const account = accountOf(toResourceId(filter.q) ?? ("" as never));
  const rows: LedgerRow[] = [];
  const entries: LedgerEntry[] = [];
  let last = after ?? before ?? "~";
  let scanned = 0;
  for (;;) {
    const where: Filter[] = [{ path: "cursor", op: "<", value: last }];
    if (from !== undefined) where.push({ path: "cursor", op: ">=", value: from });
    if (type !== undefined) where.push({ path: "type", op: "=", value: type });
    const page = await pageOf({
      container: "state",
      ...(account === undefined ? {} : { pk: partitionOf(account.id) }),
      kinds: ["entry"],
      where,
      orderBy: { path: "cursor", descending: true },
      pageSize: Math.min(PAGE_SIZE, most * 2),
    });
    const found = page.filter((entry) => ofType(filter, entry));
    const intents = await intentsOf(found, page);
    for (const entry of page) {
      if (rows.length === most || scanned === scannedMax) return { rows, entries, scanned, next: last };
      scanned += 1;
      last = entry.cursor;
      if (!found.includes(entry)) continue;
      const row = ledgerRow(entry, intents.get(entry.cursor));
      if (!matches(account === undefined ? filter : { ...filter, q: "" }, row, environmentOf(entry.pk))) continue;
      rows.push(row);
      entries.push(entry);
    }
    if (page.length === 0) return { rows, entries, scanned, next: null };
  }
}

/** Rounds of one page: a query over partitions answers a page of each range in turn, of which most may be empty. */
const ROUNDS_MAX = 50;

/** The first entries of a query; of a query over partitions a page may be empty though more follow. */
async function pageOf(query: Query): Promise<readonly LedgerEntry[]> {
  let continuation: string | undefined;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const page: Page<LedgerEntry> = await edge.store.query<LedgerEntry>(
      continuation === undefined ? query : { ...query, continuation },
    );
    const { sound } = sift(page.items);
    if (sound.length > 0 || page.continuation === undefined) return sound;
    ({ continuation } = page);
  }
  return [];
}

/** What each outcome is the outcome of, by the outcome's cursor. */
async function intentsOf(
  entries: readonly LedgerEntry[],
  known: readonly LedgerEntry[],
): Promise<ReadonlyMap<string, LedgerEntry>> {
  const byPlace = new Map(known.map((entry) => [`${entry.pk} ${entry.seq}`, entry]));
  const intents = new Map<string, LedgerEntry>();
  await Promise.all(
    entries.map(async (entry) => {
      if (entry.type !== "outcome") return;
      const { intent } = bodyOf(entry);
      if (intent === undefined) return;
      const found = byPlace.get(`${entry.pk} ${intent}`) ?? (await entryOf(entry.pk, intent));
      if (found !== undefined) intents.set(entry.cursor, found);
    }),
  );
  return intents;
}

/** One entry of a chain; undefined when there is none, or it cannot be read. */
export async function entryOf(pk: string, seq: number): Promise<LedgerEntry | undefined> {
  if (seq < 1) return undefined;
  const found = (await edge.store.read<LedgerEntry>("state", pk, entryId(seq)))?.document;
  return found === undefined || faultOf(found) !== undefined ? undefined : found;
}

/** The outcome of an intent, if it was recorded. */
export async function outcomeOf({ pk, seq }: LedgerEntry): Promise<LedgerEntry | undefined> {
  const where: Filter[] = [
    { path: "type", op: "=", value: "outcome" },
    { path: "body.intent", op: "=", value: seq },
  ];
  const [found] = await pageOf({ container: "state", pk, kinds: ["entry"], where, pageSize: 1 });
  return found;
}

const SEALS_LOOKED_AT = 5;

/** When the first seal was made that covers an entry, ISO 8601; null while it waits for one. */
export async function sealedAt({ pk, seq, at }: LedgerEntry): Promise<string | null> {
  const { items } = await edge.store.query<Seal>({
    container: "seals",
    pk: "seals",
    kinds: ["seal"],
    where: [{ path: "at", op: ">=", value: at }],
    orderBy: { path: "seq" },
    pageSize: SEALS_LOOKED_AT,
  });
  return items.find(({ heads }) => (heads[pk]?.seq ?? 0) >= seq)?.at ?? null;
}

/** The carrier of a write; undefined when it is gone, cannot be read, or the id names none. */
export async function carrierOf(id: string): Promise<Proposal | undefined> {
  const pk = partitionOfDocument(id);
  if (pk === undefined || !id.startsWith("p-")) return undefined;
  const found = (await edge.store.read<Proposal>("state", pk, id))?.document;
  return found?.kind === "proposal" && faultOf(found) === undefined ? found : undefined;
}

/** What the last look saw where a change of an account wrote; null when nobody looked since, or it is no account's. */
export async function nowAt(
  proposal: Proposal,
  since: string,
): Promise<readonly { name: string; value: string; isOurs: boolean }[] | null> {
  if (proposal.target !== proposal.key) return null;
  const found = (await edge.store.read<Observation>("state", proposal.pk, "observation"))?.document;
  const body = found?.body ?? null;
  if (found === undefined || body === null || found.at < since) return null;
  return proposal.fields.map(({ path, after }) => {
    const value = valueAt(body, path) ?? null;
    return { name: path.replace(/^properties\./, ""), value: canonicalJson(value), isOurs: sameJson(value, after) };
  });
}

/** The environment of each account, by its partition. */
export async function environments(nowMs: number): Promise<ReadonlyMap<string, string>> {
  const { accounts } = await estatePicture(nowMs);
  return new Map(accounts.map(({ pk, environment }) => [pk, environment]));
}
