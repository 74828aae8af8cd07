/** The last day of the ledger, as this process last saw it: what was found, what was to be written, and what became of it. */
import { dayMs, fromIso, hourMs, toIso } from "../../shared/kernel/clock.ts";
import { wellFormed } from "../../shared/desired/rows.ts";
import type { EntryType, LedgerEntry } from "../../shared/ledger/chain.ts";
import { edge } from "../edgeContext.ts";
import { follow } from "./followed.ts";

/** The overview looks 18 hours back, and to the last midnight; an intent comes before its outcome. */
const BACK_MS = dayMs + hourMs;

/** Some 2 MB at hand. On a day with more the earliest hours are not shown, and the page says so. */
const ENTRIES_MAX = 5_000;

const told: readonly EntryType[] = ["finding", "intent", "outcome"];

const lately = follow<LedgerEntry>({
  kinds: ["entry"],
  // The text of a cursor begins with the time.
  where: () => [{ path: "cursor", op: ">=", value: toIso(edge.clock.now() - BACK_MS) }],
  orderBy: { path: "cursor", descending: true },
  // One without a time cannot be read, and is told of.
  keeps: ({ type, at }) => told.includes(type) && !(at < toIso(edge.clock.now() - BACK_MS)),
  max: ENTRIES_MAX,
});

export interface DayPicture {
  /** Oldest first. */
  readonly entries: readonly LedgerEntry[];
  /** Entries that cannot be read; they are not among the others. */
  readonly corrupt: number;
  /** Before this nothing was read, milliseconds since the epoch. */
  readonly knownFromMs: number;
  readonly readAt: string;
  readonly isStale: boolean;
}

let sorted:
  | { readonly version: number; readonly entries: readonly LedgerEntry[]; readonly corrupt: number }
  | undefined;

const known = new WeakMap<LedgerEntry, boolean>();

function isSound(entry: LedgerEntry): boolean {
  const before = known.get(entry);
  if (before !== undefined) return before;
  const is = wellFormed("entry", entry);
  known.set(entry, is);
  return is;
}

/** @throws SteelyardError `Unavailable` when the store is away and was never read by this process */
export async function dayPicture(nowMs: number): Promise<DayPicture> {
  const { items, version, isCut, readAt, isStale } = await lately(nowMs);
  if (sorted?.version !== version) {
    const entries = [...items.values()].filter(isSound).sort((a, b) => (a.cursor < b.cursor ? -1 : 1));
    sorted = { version, entries, corrupt: items.size - entries.length };
  }
  const { entries, corrupt } = sorted;
  const [first] = entries;
  return {
    entries,
    corrupt,
    knownFromMs: isCut && first !== undefined ? fromIso(first.at) : nowMs - BACK_MS,
    readAt,
    isStale,
  };
}
