/** How much there is in the ledger, and whether it holds: counted from the chains' heads, checked when somebody asks. */
import { dayMs, toIso } from "../../../shared/kernel/clock.ts";
import type { ChainHead, LedgerEntry } from "../../../shared/ledger/chain.ts";
import { verifyLedger, type LedgerVerdict, type Seal } from "../../../shared/ledger/seal.ts";
import { all, type StoredDocument } from "../../../shared/ports/store.ts";
import { bodyOf } from "../../../shared/view/ledgerModel.ts";
import type { LedgerFigures } from "../../../shared/view/ledgerPage.ts";
import { edge } from "../../edgeContext.ts";
import { dayPicture } from "../dayPicture.ts";
import { follow } from "../followed.ts";

interface Head extends StoredDocument {
  readonly chain?: Partial<ChainHead>;
}

/** Chains whose heads are kept at hand; a chain an account. */
const CHAINS_MAX = 20_000;

const heads = follow<Head>({ kinds: ["writer"], where: () => [], keeps: () => true, max: CHAINS_MAX });

let summed: { readonly version: number; readonly entries: number } | undefined;
let checked: LedgerFigures["verified"] = null;

/** @throws SteelyardError `Unavailable` when the store is away and was never read by this process */
export async function ledgerFigures(nowMs: number): Promise<LedgerFigures> {
  const midnightMs = Math.floor(nowMs / dayMs) * dayMs;
  const [chains, day, seals] = await Promise.all([
    heads(nowMs),
    // The same as the overview counts its changes from.
    dayPicture(nowMs),
    edge.store.query<Seal>({
      container: "seals",
      pk: "seals",
      kinds: ["seal"],
      orderBy: { path: "seq", descending: true },
      pageSize: 1,
    }),
  ]);
  if (summed?.version !== chains.version) {
    let entries = 0;
    // Each chain's head says how long it is.
    for (const { chain } of chains.items.values()) entries += chain?.seq ?? 0;
    summed = { version: chains.version, entries };
  }
  const midnight = toIso(midnightMs);
  const changesToday = day.entries.filter(
    (entry) => entry.type === "outcome" && entry.at >= midnight && bodyOf(entry).result === "applied",
  ).length;
  return {
    entries: summed.entries,
    changesToday,
    isMore: day.knownFromMs > midnightMs,
    sealedAt: seals.items[0]?.at ?? null,
    verified: checked,
  };
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
