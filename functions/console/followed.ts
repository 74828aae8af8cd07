/**
 * Documents that this process keeps at hand: read once, and from then on only what was written since. Whoever looks at a
 * page of thousands of accounts costs the store one small question. A picture, and never a basis of a decision.
 */
import { toIso } from "../../shared/kernel/clock.ts";
import type { Filter, Page, Query, StoredDocument } from "../../shared/ports/store.ts";
import { edge } from "../edgeContext.ts";
import { isStoreAway } from "./pages/away.ts";

/** Cosmos DB's most for one page. */
const PAGE_SIZE = 1_000;

export interface Follow<T> {
  readonly kinds: readonly string[];
  /** What is read at first; afterwards whatever of these kinds was written is looked at. */
  readonly where: () => readonly Filter[];
  readonly orderBy?: Query["orderBy"];
  /** Whether a document belongs to the picture. */
  readonly keeps: (document: T) => boolean;
  /** Most documents; those read beyond are left out, and {@link Followed.isCut} says so. */
  readonly max: number;
}

export interface Followed<T> {
  readonly items: ReadonlyMap<string, T>;
  /** Counts the changes: whoever draws from the items may keep the drawing until it moves. */
  readonly version: number;
  /** There is more than was read. */
  readonly isCut: boolean;
  readonly readAt: string;
  /** The store could not be asked now. */
  readonly isStale: boolean;
}

interface Kept<T> {
  readonly items: Map<string, T>;
  version: number;
  isCut: boolean;
  mark: string | undefined;
  readAt: string;
}

/** @returns asks the store for what is new. @throws SteelyardError `Unavailable` when it was never read by this process */
export function follow<T extends StoredDocument>(options: Follow<T>): (nowMs: number) => Promise<Followed<T>> {
  let kept: Kept<T> | undefined;
  let running: Promise<Kept<T>> | undefined;
  let queued: Promise<Kept<T>> | undefined;
  /** One at a time; whoever comes while one is under way waits for the next, which sees what they have just written. */
  const refresh = (nowMs: number): Promise<Kept<T>> => {
    if (running === undefined) {
      running = look(options, kept, nowMs).finally(() => (running = undefined));
      return running.then((next) => (kept = next));
    }
    queued ??= running
      .catch(() => undefined)
      .then(() => {
        queued = undefined;
        return refresh(nowMs);
      });
    return queued;
  };
  return async (nowMs) => {
    try {
      return { ...(await refresh(nowMs)), isStale: false };
    } catch (error) {
      if (!isStoreAway(error) || kept === undefined) throw error;
      edge.log("what was read before is shown", {
        kinds: options.kinds.join(", "),
        readAt: kept.readAt,
        error: String(error),
      });
      return { ...kept, isStale: true };
    }
  };
}

async function look<T extends StoredDocument>(
  { kinds, where, orderBy, keeps, max }: Follow<T>,
  known: Kept<T> | undefined,
  nowMs: number,
): Promise<Kept<T>> {
  const isFirst = known?.mark === undefined;
  const query: Query = {
    container: "state",
    kinds,
    pageSize: PAGE_SIZE,
    since: known?.mark ?? null,
    nowMs,
    ...(isFirst ? { where: where(), ...(orderBy === undefined ? {} : { orderBy }) } : {}),
  };
  const items = isFirst ? new Map<string, T>() : new Map(known?.items);
  let { version = 0, isCut = false } = known ?? {};
  let mark: string | undefined;
  let read = 0;
  let continuation: string | undefined;
  do {
    const page: Page<T> = await edge.store.query<T>(continuation === undefined ? query : { ...query, continuation });
    mark ??= page.mark;
    for (const document of page.items) {
      const name = `${document.pk} ${document.id}`;
      const before = items.get(name);
      // What is read again as it was stays the same object: what was drawn from it still holds.
      if (!keeps(document)) version += Number(items.delete(name));
      else if (before === undefined || JSON.stringify(before) !== JSON.stringify(document)) {
        items.set(name, document);
        version += 1;
      }
    }
    read += page.items.length;
    ({ continuation } = page);
  } while (continuation !== undefined && read < max);
  isCut ||= continuation !== undefined;
  for (const [name, document] of items) if (!keeps(document)) version += Number(items.delete(name));
  return { items, version, isCut, mark: mark ?? known?.mark, readAt: toIso(nowMs) };
}
