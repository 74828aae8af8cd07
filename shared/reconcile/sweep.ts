/** What guarantees that a wish is served: keys that want a look and got none, and times that have come. */
import { toIso } from "../kernel/clock.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import type { Claim, Proposal } from "../desired/documents.ts";
import { all, type Query, type Store, type StoredDocument } from "../ports/store.ts";
import type { Writer } from "../writer/writer.ts";
import type { PassContext } from "./context.ts";
import { inParallel } from "./intake.ts";
import { readSweep, sweepAddress, type SweepDocument } from "./sweep/document.ts";
import { want } from "./writerStore.ts";

/** Keys that one run of the sweeper starts; the next run, a minute later, takes the rest. */
const KEYS_MAX = 1000;

export interface Overdue {
  readonly keys: readonly ResourceId[];
  /** Writers with wanted > served, as they were read. */
  readonly behind: readonly Writer[];
  /** The sweep on record, as it was read. */
  readonly sweep: SweepDocument | undefined;
}

/** Keys with wanted > served, and keys whose claim or proposal has reached a time: those are asked to look first. */
export async function overdue(context: PassContext): Promise<Overdue> {
  const now = toIso(context.clock.now());
  const due = new Set<ResourceId>();
  const carried = {
    container: "state" as const,
    kinds: ["proposal", "claim"],
    where: [
      { path: "live", op: "=" as const, value: true },
      { path: "wakeAt", op: "<=" as const, value: now },
    ],
    pageSize: 200,
  };
  const unserved = {
    container: "state" as const,
    kinds: ["writer"],
    where: [{ path: "wanted", op: ">" as const, otherPath: "served" }],
    pageSize: 200,
  };
  const { reached, seen, sweep } = await read(context.store, carried, unserved);
  for (const document of reached) if (isNamed(document)) due.add(document.key);
  await inParallel([...due], (key) => want(context.store, key, 1, null));
  // What was just asked for belongs to the wishes that are behind.
  const unservedNow = due.size === 0 ? seen : await atMost<Writer>(context.store, unserved, KEYS_MAX);
  const behind: Writer[] = [];
  for (const writer of unservedNow) {
    if (due.size >= KEYS_MAX && behind.length > 0) break;
    if (!isNamed(writer)) continue;
    due.add(writer.key);
    behind.push(writer);
  }
  return { keys: [...due], behind, sweep };
}

interface Found {
  readonly reached: readonly (Proposal | Claim)[];
  readonly seen: readonly Writer[];
  readonly sweep: SweepDocument | undefined;
}

/** In one question: in most minutes nothing is found but the sweep on record. */
async function read(store: Store, carried: Query, unserved: Query): Promise<Found> {
  const together: Query = { ...carried, or: [unserved, { kinds: ["sweep"] }] };
  const found = await atMost<Proposal | Claim | Writer | SweepDocument>(store, together, KEYS_MAX);
  if (found.length === KEYS_MAX) {
    // So much of the one must not hide the other.
    const [reached, seen, sweep] = await Promise.all([
      atMost<Proposal | Claim>(store, carried, KEYS_MAX),
      atMost<Writer>(store, unserved, KEYS_MAX),
      readSweep(store),
    ]);
    return { reached, seen, sweep };
  }
  return {
    reached: found.filter((item) => item.kind === "proposal" || item.kind === "claim"),
    seen: found.filter((item) => item.kind === "writer"),
    sweep: found.find((item) => item.kind === "sweep" && item.id === sweepAddress.id && item.pk === sweepAddress.pk) as
      | SweepDocument
      | undefined,
  };
}

/** Without a key nobody can be asked to look; health tells of such a document, and the others are served. */
function isNamed({ key }: { readonly key: unknown }): boolean {
  return typeof key === "string" && key !== "";
}

/** The first `max` documents of a query, in the store's own order. */
async function atMost<T extends StoredDocument>(store: Store, query: Query, max: number): Promise<T[]> {
  const found: T[] = [];
  for await (const document of all<T>(store, query)) {
    found.push(document);
    if (found.length >= max) break;
  }
  return found;
}

/** The keys alone of {@link overdue}. */
export async function overdueKeys(context: PassContext): Promise<readonly ResourceId[]> {
  return (await overdue(context)).keys;
}
