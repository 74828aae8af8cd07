/** How much there is in the ledger, and whether it holds: counted from the chains' heads, checked when somebody asks. */
import { dayMs, toIso } from "../../../shared/kernel/clock.ts";
import type { ChainHead, LedgerEntry } from "../../../shared/ledger/chain.ts";
import { verifyLedger, type LedgerVerdict, type Seal } from "../../../shared/ledger/seal.ts";
import { all, type Filter, type Page, type Query, type StoredDocument } from "../../../shared/ports/store.ts";
import type { LedgerFigures } from "../../../shared/view/ledgerPage.ts";
import { edge } from "../../edgeContext.ts";

/** Rounds of one question: a query over partitions answers a page of each range in turn, of which most may be empty. */
const ROUNDS_MAX = 50;

/** For so long one count serves all who look. */
const FIGURES_MS = 30_000;
/** Changes counted of one day. */
const CHANGES_MAX = 1_000;

type Counted = Omit<LedgerFigures, "verified">;
let kept: { readonly figures: Counted; readonly atMs: number } | undefined;
let checked: LedgerFigures["verified"] = null;

export async function ledgerFigures(nowMs: number): Promise<LedgerFigures> {
  const atMs = performance.now();
  if (kept === undefined || atMs - kept.atMs > FIGURES_MS) kept = { figures: await count(nowMs), atMs };
  return { ...kept.figures, verified: checked };
}

interface Head extends StoredDocument {
  readonly chain?: Partial<ChainHead>;
}

/** Chains that are counted; a chain an account. */
const CHAINS_MAX = 20_000;

async function count(nowMs: number): Promise<Counted> {
  const midnight = toIso(Math.floor(nowMs / dayMs) * dayMs);
  const where: Filter[] = [
    { path: "type", op: "=", value: "outcome" },
    { path: "body.result", op: "=", value: "applied" },
    { path: "cursor", op: ">=", value: midnight },
  ];
  const outcomes = { container: "state" as const, kinds: ["entry"], where, pageSize: CHANGES_MAX };
  const [changes, seals, entries] = await Promise.all([
    countUpTo(outcomes, CHANGES_MAX),
    edge.store.query<Seal>({
      container: "seals",
      pk: "seals",
      kinds: ["seal"],
      orderBy: { path: "seq", descending: true },
      pageSize: 1,
    }),
    countEntries(),
  ]);
  const { number: changesToday, isMore } = changes;
  return { entries, changesToday, isMore, sealedAt: seals.items[0]?.at ?? null };
}

async function countUpTo(query: Query, max: number): Promise<{ number: number; isMore: boolean }> {
  let number = 0;
  let continuation: string | undefined;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const page: Page<StoredDocument> = await edge.store.query(
      continuation === undefined ? query : { ...query, continuation },
    );
    number += page.items.length;
    ({ continuation } = page);
    if (continuation === undefined) return { number, isMore: false };
    if (number >= max) break;
  }
  return { number, isMore: true };
}

/** Each chain's head says how long it is. */
async function countEntries(): Promise<number> {
  let entries = 0;
  const writers = { container: "state" as const, kinds: ["writer"], pageSize: 1_000 };
  for await (const { chain } of all<Head>(edge.store, writers, CHAINS_MAX)) entries += chain?.seq ?? 0;
  return entries;
}

/** Entries that this app reads to verify them; a larger ledger is verified by the command. */
export const VERIFIED_MAX = 20_000;
const SEALS_MAX = 20_000;

export interface Verified {
  readonly verdict: LedgerVerdict;
  readonly tookMs: number;
  /** The chain was cut short: its head says so. */
  readonly isCut: boolean;
}

/** Reads and checks one chain, or all of them; undefined when that is too much for a page. */
export async function verify(pk: string | null, nowMs: number): Promise<Verified | undefined> {
  const startMs = performance.now();
  const ofSeals = {
    container: "seals" as const,
    pk: "seals",
    kinds: ["seal"],
    orderBy: { path: "seq" },
    pageSize: 1_000,
  };
  const seals: Seal[] = [];
  // Seals first: an entry that is written meanwhile is in a later seal, never missing from an earlier one.
  for await (const seal of all<Seal>(edge.store, ofSeals)) {
    if (seals.length === SEALS_MAX) return undefined;
    seals.push(seal);
  }
  const chains = new Map<string, LedgerEntry[]>();
  const query = { container: "state" as const, kinds: ["entry"], pageSize: 1_000 };
  let number = 0;
  for await (const entry of all<LedgerEntry>(edge.store, pk === null ? query : { ...query, pk })) {
    if ((number += 1) > VERIFIED_MAX) return undefined;
    const chain = chains.get(entry.pk);
    if (chain === undefined) chains.set(entry.pk, [entry]);
    else chain.push(entry);
  }
  for (const chain of chains.values()) chain.sort((a, b) => a.seq - b.seq);
  const own = pk === null ? seals : [];
  let verdict = verifyLedger(chains, own);
  if (pk !== null && verdict.ok) verdict = { ...verdict, firstBad: againstSeals(pk, chains.get(pk) ?? [], seals) };
  const isCut = pk !== null && (await headOf(pk)) > (chains.get(pk)?.length ?? 0);
  const ok = verdict.firstBad === null && !isCut;
  const result = {
    verdict: { ...verdict, ok, sealedTo: seals.at(-1)?.at ?? null },
    tookMs: performance.now() - startMs,
  };
  if (pk === null) checked = { ok, at: toIso(nowMs), tookMs: result.tookMs };
  return { ...result, isCut };
}

/** The first sealed head of one chain that its entries contradict. */
function againstSeals(pk: string, chain: readonly LedgerEntry[], seals: readonly Seal[]): LedgerVerdict["firstBad"] {
  for (const { heads, at } of seals) {
    const head = heads[pk];
    if (head === undefined || chain[head.seq - 1]?.hash === head.hash) continue;
    return { chain: pk, seq: head.seq, reason: `the entry is not the one sealed at ${at}` };
  }
  return null;
}

async function headOf(pk: string): Promise<number> {
  return (await edge.store.read<Head>("state", pk, "writer"))?.document.chain?.seq ?? 0;
}
