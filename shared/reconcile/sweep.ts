/** What guarantees that we look: keys that want a look and got none, times that have come, the whole estate once a day. */
import { dayMs, fromIso, hourMs, toIso } from "../kernel/clock.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import type { Claim, Proposal, StateDocument } from "../desired/documents.ts";
import { SteelyardError } from "../kernel/errors.ts";
import type { AccountPage } from "../ports/arm.ts";
import { all, type Query, type Store, type StoredDocument } from "../ports/store.ts";
import type { Writer } from "../writer/writer.ts";
import type { PassContext } from "./context.ts";
import { inParallel } from "./intake.ts";
import { wakeOrLeave } from "./wake.ts";
import { want } from "./writerStore.ts";

/** Keys that one run of the sweeper starts; the next run, a minute later, takes the rest. */
const KEYS_MAX = 1000;

export interface Overdue {
  readonly keys: readonly ResourceId[];
  /** Writers with wanted > served, as they were read. */
  readonly behind: readonly Writer[];
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
  // Side by side: in most minutes both find nothing, and the run is as long as one round trip.
  const [reached, seen] = await Promise.all([
    atMost<Proposal | Claim>(context.store, carried, KEYS_MAX),
    atMost<Writer>(context.store, unserved, KEYS_MAX),
  ]);
  for (const document of reached) due.add(document.key);
  await inParallel([...due], (key) => want(context.store, key, 1, null));
  // What was just asked for belongs to the wishes that are behind.
  const unservedNow = due.size === 0 ? seen : await atMost<Writer>(context.store, unserved, KEYS_MAX);
  const behind: Writer[] = [];
  for (const writer of unservedNow) {
    if (due.size >= KEYS_MAX && behind.length > 0) break;
    due.add(writer.key);
    behind.push(writer);
  }
  return { keys: [...due], behind };
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

/** When the whole estate was last asked to be looked at. */
interface SweepState extends StoredDocument {
  readonly kind: "sweep";
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly accounts: number;
}

const sweepAddress = { container: "state", pk: "sweep", id: "sweep" } as const;

/** A sweep that did not finish within this time is begun anew. */
const SWEEP_ABANDONED_MS = hourMs;

/** Whether a sweep of the whole estate is due: a day after the last began, or when one never was or was lost. */
export async function isSweepDue(context: PassContext): Promise<boolean> {
  const { container, pk, id } = sweepAddress;
  const last = (await context.store.read<SweepState>(container, pk, id))?.document;
  if (last === undefined) return true;
  const ageMs = context.clock.now() - fromIso(last.startedAt);
  return ageMs >= dayMs || (last.finishedAt === null && ageMs >= SWEEP_ABANDONED_MS);
}

export async function markSweep(context: PassContext, phase: "started" | "finished", accounts: number): Promise<void> {
  const { container, pk, id } = sweepAddress;
  const now = toIso(context.clock.now());
  const last = (await context.store.read<SweepState>(container, pk, id))?.document;
  const document: SweepState = {
    id,
    pk,
    kind: "sweep",
    startedAt: phase === "started" ? now : (last?.startedAt ?? now),
    finishedAt: phase === "finished" ? now : null,
    accounts,
  };
  await context.store.write(container, pk, [{ kind: "upsert", document }]);
}

export interface SweepPage {
  readonly keys: readonly ResourceId[];
  readonly continuation: string | null;
}

/**
 * Asks for a look at every account of one page of a subscription's list. A subscription that Azure does not let us list
 * (the right was taken away, it was disabled) has no pages: the others are swept all the same.
 * @throws SteelyardError `Unavailable`
 */
export async function sweepPage(
  context: PassContext,
  subscriptionId: string,
  continuation: string | null,
): Promise<SweepPage> {
  const page = await listed(context, subscriptionId, continuation);
  if (page === undefined) return { keys: [], continuation: null };
  const keys = page.accounts.map(({ id }) => id);
  await wakeAll(context, keys);
  return { keys, continuation: page.continuation ?? null };
}

async function listed(
  context: PassContext,
  subscriptionId: string,
  continuation: string | null,
): Promise<AccountPage | undefined> {
  try {
    return await context.arm.listAccounts(subscriptionId, continuation ?? undefined);
  } catch (error) {
    if (!(error instanceof SteelyardError) || error.code !== "Refused") throw error;
    context.log("a subscription cannot be swept", { subscriptionId, error: error.message });
    return undefined;
  }
}

/**
 * Asks for a look at what one page of the live records is about: an account that is gone, or whose subscription was
 * withdrawn, is in no list any more, and what was found and asked about it has to end.
 */
export async function sweepRecords(context: PassContext, continuation: string | null): Promise<SweepPage> {
  const query = {
    container: "state" as const,
    kinds: ["finding", "proposal", "claim"],
    where: [{ path: "live", op: "=" as const, value: true }],
    pageSize: 200,
  };
  const page = await context.store.query<StateDocument>(continuation === null ? query : { ...query, continuation });
  const keys = [...new Set(page.items.map(({ key }) => key))];
  await wakeAll(context, keys);
  return { keys, continuation: page.continuation ?? null };
}

async function wakeAll(context: PassContext, keys: readonly ResourceId[]): Promise<void> {
  await inParallel(keys, async (key) => {
    await want(context.store, key, 1, null);
    await wakeOrLeave(context, key);
  });
}
