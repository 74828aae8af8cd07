/**
 * Seals: once a minute all chain heads that moved are bound into one root, which binds the root before it. A chain cut
 * short ends below its last sealed head, a chain written anew has another hash there: both are seen. A seal can be
 * copied to an immutable blob, so that not even the store's owner can rewrite history unseen.
 */
import { hashOf } from "../kernel/canonicalJson.ts";
import { toIso } from "../kernel/clock.ts";
import { verifyChain, type ChainHead, type LedgerEntry } from "./chain.ts";

export interface Seal {
  readonly id: string;
  readonly pk: "seals";
  readonly kind: "seal";
  readonly seq: number;
  readonly at: string;
  readonly prev: string;
  /** Heads that moved since the seal before, by partition. */
  readonly heads: { readonly [pk: string]: ChainHead };
  readonly root: string;
}

const noSeal = { seq: 0, root: "0".repeat(64) };

/** Most heads in one seal: 2,000 of about 130 bytes are 260 kB, far below the 2 MB that a Cosmos DB item may have. */
export const SEAL_HEADS_MAX = 2000;

export function sealId(seq: number): string {
  return `seal-${String(seq).padStart(10, "0")}`;
}

/** The next seal over the heads that moved. */
export function seal(last: Pick<Seal, "seq" | "root"> | undefined, heads: Seal["heads"], atMs: number): Seal {
  const before = last ?? noSeal;
  const content = { seq: before.seq + 1, at: toIso(atMs), prev: before.root, heads };
  return { id: sealId(content.seq), pk: "seals", kind: "seal", ...content, root: hashOf(content) };
}

export interface LedgerVerdict {
  readonly ok: boolean;
  readonly entries: number;
  readonly chains: number;
  /** Time of the last seal; null when nothing was sealed yet. */
  readonly sealedTo: string | null;
  /** The first record that does not hold, and why; null when all hold. */
  readonly firstBad: { readonly chain: string; readonly seq: number; readonly reason: string } | null;
}

/** Verifies all chains and all seals against each other. `chains` by partition, entries in order of `seq`. */
export function verifyLedger(
  chains: ReadonlyMap<string, readonly LedgerEntry[]>,
  seals: readonly Seal[],
): LedgerVerdict {
  let entries = 0;
  let firstBad: LedgerVerdict["firstBad"] = null;
  for (const [pk, chain] of chains) {
    entries += chain.length;
    const verdict = verifyChain(chain);
    if (!verdict.ok)
      firstBad ??= { chain: pk, seq: verdict.firstBad ?? 0, reason: "the entry's hash or place does not hold" };
    const dangling = firstUnsettled(chain);
    if (dangling !== undefined) firstBad ??= { chain: pk, seq: dangling.seq, reason: dangling.reason };
  }
  firstBad ??= verifySeals(chains, seals);
  return { ok: firstBad === null, entries, chains: chains.size, sealedTo: seals.at(-1)?.at ?? null, firstBad };
}

/** Every intent has at most one outcome, and an outcome follows its intent; only the newest intent may be open. */
function firstUnsettled(chain: readonly LedgerEntry[]): { seq: number; reason: string } | undefined {
  let open: number | undefined;
  for (const entry of chain) {
    if (entry.type === "intent") {
      if (open !== undefined) return { seq: open, reason: "the intent has no outcome" };
      open = entry.seq;
    } else if (entry.type === "outcome") {
      if ((entry.body as { intent?: unknown }).intent !== open)
        return { seq: entry.seq, reason: "the outcome has no intent" };
      open = undefined;
    }
  }
  return undefined;
}

function verifySeals(
  chains: ReadonlyMap<string, readonly LedgerEntry[]>,
  seals: readonly Seal[],
): LedgerVerdict["firstBad"] {
  let last: Pick<Seal, "seq" | "root"> = noSeal;
  for (const item of seals) {
    const { seq, at, prev, heads } = item;
    if (seq !== last.seq + 1 || prev !== last.root || hashOf({ seq, at, prev, heads }) !== item.root) {
      return { chain: "seals", seq: Math.min(seq, last.seq + 1), reason: "the seal's hash or place does not hold" };
    }
    for (const [pk, head] of Object.entries(heads)) {
      const entry = chains.get(pk)?.[head.seq - 1];
      if (entry?.hash !== head.hash)
        return { chain: pk, seq: head.seq, reason: `the entry is not the one sealed at ${at}` };
    }
    last = item;
  }
  return null;
}
