/** What plans are made from: what looks saw of each account, now or at an earlier time, and what is on record about it. */
import type { Observation, StateDocument } from "../desired/documents.ts";
import { observationHash } from "../desired/decide.ts";
import { sinceOf, type Stored } from "../desired/history.ts";
import { accountOf, type AccountAddress, type ResourceId } from "../estate/resourceId.ts";
import type { Sight } from "../estate/sight.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { all, type Store } from "../ports/store.ts";
import type { Writer } from "../writer/writer.ts";
import { firstOf, OBSERVATIONS_PAGE, observedAt, type ObservedThen } from "./history.ts";
import { recalled } from "./memory.ts";

/** Accounts that a plan looks at; of a larger estate it says that it did not see all. */
const ACCOUNTS_MAX = 10_000;

/** Live documents that a plan reads. */
const DOCUMENTS_MAX = 100_000;

/** An account of which it is known what it was like. */
export interface Known {
  readonly address: AccountAddress;
  readonly observation: ObservedThen;
  readonly documents: readonly StateDocument[];
  readonly writer: Writer;
}

export interface Sightings {
  /** In the order of their IDs. */
  readonly known: readonly Known[];
  /** When the one of them was last looked at that was looked at longest ago; null without any, and of the past. */
  readonly oldest: string | null;
  /** Accounts of them that the last look could not read; they are as they were seen before. */
  readonly stale: number;
  /** Accounts of which it is not known what they were like, in the order of their IDs. */
  readonly unknown: readonly ResourceId[];
  /** There are more accounts, or more documents, than are read. */
  readonly more: boolean;
}

const unreadHash = observationHash({});

/**
 * @param asOf a time of the last 90 days, ISO 8601; then nothing on record counts: what was agreed and taken back then is
 * not kept as it stood. Undefined: now.
 * @throws SteelyardError `Unavailable`
 */
export async function readSightings(store: Store, asOf: string | undefined): Promise<Sightings> {
  const query = { container: "state" as const, pageSize: 1_000 };
  const isLive = { path: "live", op: "=" as const, value: true };
  const kinds = ["finding", "proposal", "claim", "guard"];
  const [observations, documents, writers] = await Promise.all([
    asOf === undefined ? observedNow(store) : observedAt(store, asOf, ACCOUNTS_MAX),
    asOf === undefined
      ? firstOf(all<StateDocument>(store, { ...query, kinds, where: [isLive] }, DOCUMENTS_MAX + 1), DOCUMENTS_MAX)
      : { items: [], more: false },
    // Some are not of accounts: the configuration's own, that of the dead letters.
    firstOf(all<Writer>(store, { ...query, kinds: ["writer"] }, ACCOUNTS_MAX + 11), ACCOUNTS_MAX + 10),
  ]);
  const byPartition = Map.groupBy(documents.items, ({ pk }) => pk);
  const known: Known[] = [];
  const unknown: ResourceId[] = [];
  let oldest: string | null = null;
  let stale = 0;
  for (const writer of writers.items) {
    const address = accountOf(writer.key);
    if (address === undefined) continue;
    const observation = observations.found.get(writer.pk);
    if (observation === undefined) unknown.push(address.id);
    if (observation === undefined || observation.body === null) continue;
    known.push({ address, observation, documents: byPartition.get(writer.pk) ?? [], writer });
    if (asOf !== undefined) continue;
    if (writer.seen?.hash === unreadHash) stale += 1;
    const lookedAt = writer.lookedAt ?? observation.since;
    if (oldest === null || lookedAt < oldest) oldest = lookedAt;
  }
  return {
    known: known.sort((a, b) => (a.address.id < b.address.id ? -1 : 1)),
    oldest,
    stale,
    unknown: unknown.sort(),
    more: observations.more || documents.more || writers.more,
  };
}

async function observedNow(store: Store): Promise<Awaited<ReturnType<typeof observedAt>>> {
  const query = { container: "state" as const, kinds: ["observation"], pageSize: OBSERVATIONS_PAGE };
  const { items, more } = await firstOf(all<Stored>(store, query, ACCOUNTS_MAX + 1), ACCOUNTS_MAX);
  return { found: new Map(items.map((item) => [item.pk, { ...item, since: sinceOf(item) }])), more };
}

/** What was seen, as standards read it; undefined when what was stored cannot be read. */
export function sightOf(
  observation: Pick<Observation, "body" | "members" | "unread" | "principals">,
): Sight | undefined {
  try {
    return recalled(observation);
  } catch (error) {
    if (error instanceof SteelyardError && error.code === "BadInput") return undefined;
    throw error;
  }
}
