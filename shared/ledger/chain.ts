/**
 * The ledger: one hash chain per writer key, in the partition of its state, so that a record and what it records are
 * written in one transaction. Each entry holds the hash of the one before; changing, leaving out or reordering an entry
 * breaks every hash after it. Truncation is caught by the seals (seal.ts).
 */
import { hashOf } from "../kernel/canonicalJson.ts";
import { toIso } from "../kernel/clock.ts";

/** Where a chain stands: the number of its last entry and that entry's hash. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first entry. */
export const emptyChain: ChainHead = { seq: 0, hash: "0".repeat(64) };

/** What entries tell of; whoever reads a ledger accepts these and no others. */
export const entryTypes = [
  /** A standard's verdict on a target changed. */
  "finding",
  /** People were asked. */
  "proposal",
  /** A person decided. */
  "decision",
  /** A proposal, claim or change ended without being carried out, and why. */
  "void",
  /** Somebody opened a claim (a waiver for an undo). */
  "claim",
  /** About to write to the estate. */
  "intent",
  /** What became of an intent, after reading back. */
  "outcome",
  /** Somebody changed the configuration, or proposed to. */
  "configuration",
  /** Somebody asked for a dead letter to be taken in again, or set it aside. */
  "deadLetter",
] as const;

export type EntryType = (typeof entryTypes)[number];

/** What is to be recorded; the chain adds number, time and hashes. */
export interface LedgerRecord {
  readonly type: EntryType;
  readonly body: unknown;
}

/** An entry as it is stored and handed out. `body` is canonical-JSON clean: no undefined, no NaN. */
export interface LedgerEntry {
  readonly id: string;
  /** Partition: the writer key's. */
  readonly pk: string;
  readonly kind: "entry";
  readonly seq: number;
  /** Business time, ISO 8601. */
  readonly at: string;
  readonly type: EntryType;
  /** Writer key: the account's resource ID. */
  readonly key: string;
  readonly body: unknown;
  readonly prev: string;
  readonly hash: string;
  /** Place among the entries of all chains: time, then chain, then number. Unique; its text order is the order. */
  readonly cursor: string;
}

/** Ids sort as the numbers do. */
export function entryId(seq: number): string {
  return `entry-${String(seq).padStart(10, "0")}`;
}

function cursorOf(at: string, pk: string, seq: number): string {
  return `${at}|${pk}|${String(seq).padStart(10, "0")}`;
}

/** Appends one entry; the caller writes it and the new head in one transaction. */
export function append(
  head: ChainHead,
  entry: { pk: string; key: string; atMs: number; type: EntryType; body: unknown },
): { head: ChainHead; entry: LedgerEntry } {
  const seq = head.seq + 1;
  const content = {
    pk: entry.pk,
    key: entry.key,
    seq,
    at: toIso(entry.atMs),
    type: entry.type,
    body: entry.body,
    prev: head.hash,
  };
  const hash = hashOf(content);
  const cursor = cursorOf(content.at, entry.pk, seq);
  return { head: { seq, hash }, entry: { id: entryId(seq), kind: "entry", ...content, hash, cursor } };
}

/** Whether an entry's own hash, its name and its place among all entries are those of its content. */
export function isIntact(entry: LedgerEntry): boolean {
  const { pk, key, seq, at, type, body, prev } = entry;
  const isPlaced = entry.id === entryId(seq) && entry.cursor === cursorOf(at, pk, seq);
  return isPlaced && hashOf({ pk, key, seq, at, type, body, prev }) === entry.hash;
}

/** Verifies the whole chain from its first entry; `firstBad` is the first sequence number that does not hold. */
export function verifyChain(entries: readonly LedgerEntry[]): {
  ok: boolean;
  head: ChainHead;
  firstBad: number | undefined;
} {
  let head = emptyChain;
  for (const entry of entries) {
    if (entry.seq !== head.seq + 1 || entry.prev !== head.hash || !isIntact(entry)) {
      return { ok: false, head, firstBad: Math.min(entry.seq, head.seq + 1) };
    }
    head = { seq: entry.seq, hash: entry.hash };
  }
  return { ok: true, head, firstBad: undefined };
}
