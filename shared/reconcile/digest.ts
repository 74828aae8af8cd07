/**
 * Makes and keeps the daily digest. Several instances may try at the same hour: the document's id is its day and it is
 * created, never replaced, so that one of them makes it. When days were missed, one digest covers them.
 *
 * Limits: of each kind of document so many are read, in pages; a digest of a larger estate says of which there were more.
 */
import {
  digestDue,
  digestFrom,
  digestOf,
  readings,
  type Digest,
  type DigestInput,
  type Reading,
} from "../desired/digest.ts";
import { missingIntents } from "../desired/digestLedger.ts";
import type { Claim, Finding, Proposal } from "../desired/documents.ts";
import { nameOf, sift, type Row } from "../desired/rows.ts";
import { toIso } from "../kernel/clock.ts";
import { entryId, type LedgerEntry } from "../ledger/chain.ts";
import { all, type Query, type Store, type StoredDocument } from "../ports/store.ts";
import { listChanges } from "./configurationWriter.ts";
import type { PassContext } from "./context.ts";
import { corruptReason, judgeHealth, type HealthSignals } from "./health.ts";
import { inParallel } from "./intake.ts";
import { readSignals } from "./signals.ts";

/** Most documents of a kind that one digest is made from; some 20 MB each while it is made. */
export const READ_MAX: Readonly<Record<Reading, number>> = {
  findings: 20_000,
  proposals: 20_000,
  claims: 5_000,
  entries: 20_000,
};

const PAGE = 500;

/** Intents of before the period that are read one by one. */
const EARLIER_INTENTS_MAX = 500;

/** Seconds that a digest is kept: a year and the day that it was made. */
const KEPT_S = 366 * 24 * 3600;

export const digestPartition = "digests";

export type DigestDocument = Digest &
  StoredDocument & {
    readonly kind: "digest";
    /** Seconds until the store forgets it. */
    readonly ttl: number;
  };

export function digestId(date: string): string {
  return `digest-${date}`;
}

/** The newest day whose digest a process knows to be there, so that it is not asked for again every hour. */
export interface DigestMemory {
  date?: string;
}

type DigestContext = Pick<PassContext, "store" | "clock" | "configuration" | "log">;

/**
 * Makes the digest that is due, if nobody has. Reads the configuration and, once per day and process, one document more
 * when none is.
 * @returns the digest if it was made here
 * @throws SteelyardError `Unavailable`; whatever reading the configuration throws
 */
export async function makeDigest(context: DigestContext, memory: DigestMemory = {}): Promise<Digest | undefined> {
  const { store, clock, log } = context;
  const { config } = await context.configuration.read();
  const due = digestDue(config.digestHour, clock.now());
  if (memory.date === due.date) return undefined;
  if ((await readDigest(store, due.date)) === undefined) {
    const from = digestFrom(await newestEnd(store), due.to);
    const period = { ...due, from, at: toIso(clock.now()) };
    const digest = digestOf({ ...period, config, ...(await readRecord(context, period)) });
    const id = digestId(due.date);
    const document: DigestDocument = { id, pk: digestPartition, kind: "digest", ttl: KEPT_S, ...digest };
    const { ok } = await store.write("state", digestPartition, [{ kind: "create", document }]);
    memory.date = due.date;
    if (!ok) return undefined;
    log("a digest was made", { date: due.date, from, ...digest.totals, atLeast: digest.atLeast });
    return digest;
  }
  memory.date = due.date;
  return undefined;
}

/** The digest of a day such as 2026-11-21; undefined when there is none (any more). */
export async function readDigest(store: Store, date: string): Promise<Digest | undefined> {
  const read = await store.read<DigestDocument>("state", digestPartition, digestId(date));
  return read === undefined ? undefined : contentOf(read.document);
}

/** A digest without what the store needs to keep it. */
export function contentOf(document: DigestDocument): Digest {
  const { id: _id, pk: _pk, kind: _kind, ttl: _ttl, ...digest } = document;
  return digest;
}

async function newestEnd(store: Store): Promise<string | undefined> {
  const { items } = await store.query<DigestDocument>({
    container: "state",
    pk: digestPartition,
    kinds: ["digest"],
    orderBy: { path: "date", descending: true },
    pageSize: 1,
  });
  return items[0]?.to;
}

type Recorded = Omit<DigestInput, "date" | "from" | "to" | "at" | "config">;

async function readRecord(context: DigestContext, { from, to }: { from: string; to: string }): Promise<Recorded> {
  const { store, clock } = context;
  const live = [{ path: "live", op: "=" as const, value: true }];
  // The text of a cursor begins with the time; "~" comes after whatever follows it.
  const period = [
    { path: "cursor", op: ">" as const, value: `${from}~` },
    { path: "cursor", op: "<=" as const, value: `${to}~` },
  ];
  const [findings, proposals, claims, entries, changes, signals] = await Promise.all([
    upTo<Finding>(store, { kinds: ["finding"], where: live }, READ_MAX.findings),
    upTo<Proposal>(store, { kinds: ["proposal"], where: live }, READ_MAX.proposals),
    upTo<Claim>(store, { kinds: ["claim"], where: live }, READ_MAX.claims),
    upTo<LedgerEntry>(store, { kinds: ["entry"], where: period }, READ_MAX.entries),
    listChanges(context),
    readSignals(store, clock),
  ]);
  const missing = missingIntents(entries.items);
  const isMore: Readonly<Record<Reading, boolean>> = {
    findings: findings.isMore,
    proposals: proposals.isMore,
    claims: claims.isMore,
    entries: entries.isMore || missing.length > EARLIER_INTENTS_MAX,
  };
  return {
    findings: findings.items,
    proposals: proposals.items,
    claims: claims.items,
    entries: [...entries.items, ...(await earlierIntents(store, missing.slice(0, EARLIER_INTENTS_MAX)))],
    pendingChanges: changes
      .filter(({ state }) => state === "open")
      .map(({ id, by, expiresAt }) => ({ id, by, expiresAt })),
    problems: reasonsOf(signals, [findings, proposals, claims, entries]),
    atLeast: readings.filter((reading) => isMore[reading]),
  };
}

/** Health looks at a page of each kind; the digest at all, and may find one that cannot be read where health has not. */
function reasonsOf(signals: HealthSignals, read: readonly UpTo<unknown>[]): DigestInput["problems"] {
  const { reasons } = judgeHealth(signals);
  const [first] = read.flatMap(({ corrupt }) => corrupt).sort();
  const isTold = first === undefined || signals.corrupt.first !== null;
  return [...reasons, ...(isTold ? [] : [corruptReason(first)])].map(({ reason, message }) => ({ reason, message }));
}

interface UpTo<T> {
  readonly items: readonly T[];
  /** Names of those that cannot be read; they are not among the items. */
  readonly corrupt: readonly string[];
  readonly isMore: boolean;
}

async function upTo<T extends Row>(store: Store, query: Pick<Query, "kinds" | "where">, max: number): Promise<UpTo<T>> {
  const read: T[] = [];
  let isMore = false;
  for await (const item of all<T>(store, { container: "state", ...query, pageSize: PAGE }, max + PAGE)) {
    isMore = read.length === max;
    if (isMore) break;
    read.push(item);
  }
  const { sound, corrupt } = sift(read);
  return { items: sound, corrupt: corrupt.map(nameOf), isMore };
}

/** What a write was for is said by its intent, which may be of before the period. */
async function earlierIntents(store: Store, missing: ReturnType<typeof missingIntents>): Promise<LedgerEntry[]> {
  const found: LedgerEntry[] = [];
  await inParallel(missing, async ({ pk, seq }) => {
    const entry = (await store.read<LedgerEntry>("state", pk, entryId(seq)))?.document;
    if (entry !== undefined) found.push(entry);
  });
  return found;
}
