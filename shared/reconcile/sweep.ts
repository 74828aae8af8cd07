/**
 * What guarantees that a wish is served: keys that want a look and got none, and times that have come. It is asked every
 * minute of the year, so whatever else a minute has to know is part of the same question.
 */
import { toIso } from "../kernel/clock.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import type { CurrentDocument } from "../config/documents.ts";
import { configAddress } from "../config/schema.ts";
import type { Claim, Proposal } from "../desired/documents.ts";
import type { Page, Query, Selection, Store, StoredDocument } from "../ports/store.ts";
import type { Writer } from "../writer/writer.ts";
import type { PassContext } from "./context.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { inParallel } from "./intake.ts";
import { lately, type Lately, type SealMemory } from "./sealing.ts";
import { readSweep, sweepAddress, type SweepDocument } from "./sweep/document.ts";
import { want } from "./writerStore.ts";

/** Keys that one run of the sweeper starts; the next run, a minute later, takes the rest. */
const KEYS_MAX = 1000;

const PAGE_SIZE = 200;

/** Pages of one question; a query over partitions answers a page of each range in turn, of which most may be empty. */
const PAGES_MAX = 1_000;

export interface Overdue {
  readonly keys: readonly ResourceId[];
  /** Writers with wanted > served, as they were read. */
  readonly behind: readonly Writer[];
  /** The sweep on record, as it was read. */
  readonly sweep: SweepDocument | undefined;
  /** The configuration's document; undefined when there is none. */
  readonly configuration: StoredDocument | undefined;
  /** For sealing: undefined when it has to ask itself. */
  readonly lately: Lately | undefined;
}

/**
 * Keys with wanted > served, and keys whose claim or proposal has reached a time: those are asked to look first.
 * @param sealing what is known to be sealed, to be told in one with what was written since
 */
export async function overdue(context: PassContext, sealing: SealMemory = {}): Promise<Overdue> {
  const now = toIso(context.clock.now());
  const due = new Set<ResourceId>();
  const carried = {
    container: "state" as const,
    kinds: ["proposal", "claim"],
    where: [
      { path: "live", op: "=" as const, value: true },
      { path: "wakeAt", op: "<=" as const, value: now },
    ],
    pageSize: PAGE_SIZE,
  };
  const unserved = {
    container: "state" as const,
    kinds: ["writer"],
    where: [{ path: "wanted", op: ">" as const, otherPath: "served" }],
    pageSize: PAGE_SIZE,
  };
  const { reached, seen, ...beside } = await read(context.store, { carried, unserved, lately: lately(sealing) });
  for (const document of reached) if (isNamed(document)) due.add(document.key);
  await inParallel([...due], (key) => want(context.store, key, 1, null));
  // What was just asked for belongs to the wishes that are behind.
  const unservedNow = due.size === 0 ? seen : (await atMost<Writer>(context.store, unserved, KEYS_MAX)).found;
  const behind: Writer[] = [];
  for (const writer of unservedNow) {
    if (due.size >= KEYS_MAX && behind.length > 0) break;
    if (!isNamed(writer)) continue;
    due.add(writer.key);
    behind.push(writer);
  }
  return { keys: [...due], behind, ...beside };
}

interface Questions {
  readonly carried: Query;
  readonly unserved: Query;
  readonly lately: readonly Selection[];
}

interface Found extends Pick<Overdue, "sweep" | "configuration" | "lately"> {
  readonly reached: readonly (Proposal | Claim)[];
  readonly seen: readonly Writer[];
}

type Told = Proposal | Claim | Writer | SweepDocument | Heartbeat | CurrentDocument;

/** In one question: in most minutes nothing is found but the sweep on record, the configuration and the last heartbeat. */
async function read(store: Store, { carried, unserved, lately: written }: Questions): Promise<Found> {
  const together: Query = { ...carried, or: [unserved, ...written, { kinds: ["sweep", "config"] }] };
  const { found, mark } = await atMost<Told>(store, together, KEYS_MAX);
  if (found.length === KEYS_MAX) {
    // So much of the one must not hide the other.
    const [reached, seen, sweep, configuration] = await Promise.all([
      atMost<Proposal | Claim>(store, carried, KEYS_MAX),
      atMost<Writer>(store, unserved, KEYS_MAX),
      readSweep(store),
      store.read(configAddress.container, configAddress.pk, configAddress.id),
    ]);
    return {
      reached: reached.found,
      seen: seen.found,
      sweep,
      configuration: configuration?.document,
      lately: undefined,
    };
  }
  const writers = found.filter((item) => item.kind === "writer");
  return {
    reached: found.filter((item) => item.kind === "proposal" || item.kind === "claim"),
    // Beside those that are behind there are those that were written lately.
    seen: writers.filter(({ wanted, served }) => wanted > served),
    sweep: found.find((item) => item.kind === "sweep" && isAt(item, sweepAddress)) as SweepDocument | undefined,
    configuration: found.find((item) => item.kind === "config" && isAt(item, configAddress)),
    lately:
      written.length === 0
        ? undefined
        : { items: found.filter((item) => item.kind === "writer" || item.kind === "heartbeat"), mark },
  };
}

function isAt(document: StoredDocument, address: StoredDocument): boolean {
  return document.id === address.id && document.pk === address.pk;
}

/** Without a key nobody can be asked to look; health tells of such a document, and the others are served. */
function isNamed({ key }: { readonly key: unknown }): boolean {
  return typeof key === "string" && key !== "";
}

interface First<T> {
  readonly found: readonly T[];
  /** Of the first page that tells one. */
  readonly mark: string | undefined;
}

/** The first `max` documents of a query, in the store's own order. */
async function atMost<T extends StoredDocument>(store: Store, query: Query, max: number): Promise<First<T>> {
  const found: T[] = [];
  let mark: string | undefined;
  let continuation: string | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page: Page<T> = await store.query<T>(continuation === undefined ? query : { ...query, continuation });
    found.push(...page.items.slice(0, max - found.length));
    mark ??= page.mark;
    continuation = page.continuation;
    if (continuation === undefined || found.length === max) return { found, mark };
  }
  throw new Error(`a query of ${query.kinds.join(", ")} did not end after ${PAGES_MAX} pages`);
}
