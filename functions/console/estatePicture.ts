/**
 * The estate as this process last saw it, to draw pages and lists from. Every account's summary is kept here and only
 * what was written since is read again: whoever looks at 4,000 accounts sees all of them counted, and the store is asked
 * for a handful. It is a picture and never a basis of a decision.
 */
import type { Query } from "../../shared/ports/store.ts";
import { summaryId } from "../../shared/desired/documents.ts";
import { wellFormed } from "../../shared/desired/rows.ts";
import { toIso } from "../../shared/kernel/clock.ts";
import { byName, type Summary } from "../../shared/view/estateModel.ts";
import { edge } from "../edgeContext.ts";
import { isStoreAway } from "./pages/away.ts";

/** Most accounts; past this an error says so instead of a page that leaves some out. */
const ACCOUNTS_MAX = 20_000;
/** Cosmos DB's most for one page. */
const PAGE_SIZE = 1_000;

export interface EstatePicture {
  /** Those that are there, by name. */
  readonly accounts: readonly Summary[];
  /** Summaries that could not be read; they are not among the accounts. */
  readonly corrupt: number;
  /** When the store was asked last, ISO 8601. */
  readonly readAt: string;
  /** The store could not be asked now. */
  readonly isStale: boolean;
}

interface Kept {
  readonly summaries: Map<string, Summary>;
  accounts: readonly Summary[];
  /** Partitions whose summary cannot be read. */
  readonly corrupt: Set<string>;
  mark: string | undefined;
  readAt: string;
}

let kept: Kept | undefined;
let reading: Promise<Kept> | undefined;

/**
 * After thousands of summaries were written in a few minutes, a first sweep say, each reading sees them all again, as
 * marks overlap. One that took long serves for ten times as long, at most so many milliseconds; a quick one for nobody else.
 */
const REUSED_MAX_MS = 5_000;
const QUICK_MS = 100;
let latest = { tookMs: 0, endedMs: 0 };

function isFresh(): boolean {
  const { tookMs, endedMs } = latest;
  return tookMs > QUICK_MS && performance.now() - endedMs < Math.min(REUSED_MAX_MS, 10 * tookMs);
}

/** @throws SteelyardError `Unavailable` when the store is away and was never read by this process */
export async function estatePicture(nowMs: number): Promise<EstatePicture> {
  if (kept !== undefined && isFresh()) {
    return { accounts: kept.accounts, corrupt: kept.corrupt.size, readAt: kept.readAt, isStale: false };
  }
  try {
    reading ??= refresh(nowMs).finally(() => (reading = undefined));
    const { accounts, corrupt, readAt } = await reading;
    return { accounts, corrupt: corrupt.size, readAt, isStale: false };
  } catch (error) {
    if (!isStoreAway(error) || kept === undefined) throw error;
    edge.log("the estate is shown as it was read before", { readAt: kept.readAt, error: String(error) });
    return { accounts: kept.accounts, corrupt: kept.corrupt.size, readAt: kept.readAt, isStale: true };
  }
}

async function refresh(nowMs: number): Promise<Kept> {
  const beganMs = performance.now();
  const next: Kept = kept ?? {
    summaries: new Map(),
    accounts: [],
    corrupt: new Set(),
    mark: undefined,
    readAt: toIso(nowMs),
  };
  const { changed, mark } = await changedSince(next.mark, nowMs);
  let isNew = kept === undefined;
  for (const summary of changed) {
    const known = next.summaries.get(summary.pk);
    if (known?.at === summary.at && JSON.stringify(known) === JSON.stringify(summary)) continue;
    isNew = true;
    if (wellFormed("summary", summary)) {
      next.summaries.set(summary.pk, summary);
      next.corrupt.delete(summary.pk);
    } else {
      next.summaries.delete(summary.pk);
      next.corrupt.add(summary.pk);
    }
  }
  if (next.summaries.size > ACCOUNTS_MAX) throw new Error(`the estate has more than ${ACCOUNTS_MAX} accounts`);
  if (isNew) next.accounts = byName([...next.summaries.values()].filter(({ present }) => present));
  next.mark = mark ?? next.mark;
  next.readAt = toIso(nowMs);
  const endedMs = performance.now();
  latest = { tookMs: endedMs - beganMs, endedMs };
  return (kept = next);
}

async function changedSince(
  since: string | undefined,
  nowMs: number,
): Promise<{ readonly changed: readonly Summary[]; readonly mark: string | undefined }> {
  const changed: Summary[] = [];
  let mark: string | undefined;
  let continuation: string | undefined;
  do {
    const query: Query = { container: "state", kinds: [summaryId], since: since ?? null, nowMs, pageSize: PAGE_SIZE };
    const page = await edge.store.query<Summary>(continuation === undefined ? query : { ...query, continuation });
    // What is written while the later pages are read is since the mark of the first.
    if (continuation === undefined) ({ mark } = page);
    changed.push(...page.items);
    if (changed.length > ACCOUNTS_MAX) throw new Error(`the estate has more than ${ACCOUNTS_MAX} accounts`);
    ({ continuation } = page);
  } while (continuation !== undefined);
  return { changed, mark };
}
