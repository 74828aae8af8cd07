/**
 * Reads the signals of health from the store: two point reads and one bounded page per question, side by side. What stands
 * (what is live, who is behind, dead letters) is one question; where its answer is not whole, five are asked. Some 30 request units with
 * Cosmos DB, and a page of what is live: no more than some 100 in all, whatever the size of the estate. Needs no right but
 * reading the store, so that the app which people talk to can tell how the other one does.
 */
import { toIso, type Clock } from "../kernel/clock.ts";
import type { Claim, Finding, Proposal } from "../desired/documents.ts";
import { nameOf, sift, wellFormed, type Row } from "../desired/rows.ts";
import type { LedgerEntry } from "../ledger/chain.ts";
import type { Seal } from "../ledger/seal.ts";
import type { Page, Query, Store, StoredDocument } from "../ports/store.ts";
import type { Writer } from "../writer/writer.ts";
import type { CorruptSignal, HealthSignals, SweepSignal, Waiting } from "./health.ts";
import { behindSince, readHeartbeat, type Heartbeat } from "./heartbeat.ts";
import { deadLetterPartition, type DeadLetter } from "./intake.ts";
import { readSweep, type SweepDocument } from "./sweep/document.ts";

/** Documents looked at per question: enough for any verdict, little enough for any moment. */
const PAGE = 200;

/** Documents looked at in the one question of what stands. */
const STANDING = 3 * PAGE;

const isLive = { path: "live", op: "=", value: true } as const;

/** What somebody has just read or written, and need not be read again. */
export interface Known {
  readonly heartbeat: Heartbeat;
  readonly sweep: SweepDocument | undefined;
}

/** @throws SteelyardError `Unavailable` */
export async function readSignals(store: Store, clock: Clock, known?: Known): Promise<HealthSignals> {
  const at = toIso(clock.now());
  const [heartbeat, document, sealing, lately, { standing, behind, deadLetters, pastDue, held, unreadable }] =
    await Promise.all([
      known?.heartbeat ?? readHeartbeat(store),
      known === undefined ? readSweep(store) : known.sweep,
      readSealing(store),
      page<Row>(store, outcomes, LATELY),
      readStanding(store, at),
    ]);
  return {
    at,
    heartbeat: heartbeat === undefined ? null : { at: heartbeat.at, configVersion: heartbeat.configVersion },
    pausedSince: heartbeat?.pausedSince ?? null,
    unserved: waiting(behind, (writer) => ({ key: writer.key, since: behindSince(heartbeat, writer) ?? at })),
    // A key with a write under way is behind until it was settled and looked at: this needs no query of its own.
    fences: waiting({ ...behind, items: fencesOf(behind.items) }, (item) => item),
    pastDue: waiting(sound(pastDue), ({ key, wakeAt }) => ({ key, since: wakeAt ?? at })),
    ...sealing,
    sweep: sweepSignal(document),
    held: counted(sift(held.items).sound.map(({ condition }) => condition?.reason ?? "")),
    unreadable: waiting(sound(unreadable), ({ key, since }) => ({ key, since })),
    deadLetters: {
      count: deadLetters.items.length,
      isMore: deadLetters.continuation !== undefined,
      lastAt: latestOf(deadLetters.items.map((letter) => letter.at)),
    },
    corrupt: corruptOf([behind, pastDue, held, unreadable, { ...lately, continuation: undefined }, standing]),
  };
}

type Standing = Finding | Proposal | Claim;

interface StandingPages {
  readonly standing: Page<Standing>;
  readonly behind: Page<Writer>;
  readonly deadLetters: Page<DeadLetter>;
  /** Of proposals and claims: whose time has come, and which have a condition. */
  readonly pastDue: Page<Proposal | Claim>;
  readonly held: Page<Proposal | Claim>;
  /** Findings about what cannot be read. */
  readonly unreadable: Page<Finding>;
}

const live = { kinds: ["finding", "proposal", "claim"], where: [isLive] } as const;
const unserved = { kinds: ["writer"], where: [{ path: "wanted", op: ">", otherPath: "served" }] } as const;
const letters = { kinds: ["deadLetter"] } as const;

/** In one question; what of it cannot be told apart in one page is asked for one by one. */
async function readStanding(store: Store, at: string): Promise<StandingPages> {
  const all = await page<Standing | Writer | DeadLetter>(store, { ...live, or: [unserved, letters] }, STANDING);
  if (all.continuation === undefined) {
    const carried = all.items.filter((item) => item.kind === "proposal" || item.kind === "claim");
    const findings = all.items.filter((item) => item.kind === "finding");
    const whole = <T>(items: readonly T[]): Page<T> => ({ items, continuation: undefined });
    return {
      standing: whole([...findings, ...carried]),
      behind: whole(all.items.filter((item) => item.kind === "writer")),
      deadLetters: whole(all.items.filter((item) => item.kind === "deadLetter")),
      pastDue: whole(carried.filter(({ wakeAt }) => typeof wakeAt === "string" && wakeAt <= at)),
      // A damaged one may lack anything.
      held: whole(carried.filter(({ condition }) => ((condition ?? null)?.reason ?? "") > "")),
      unreadable: whole(findings.filter(({ verdict }) => verdict === "unknown")),
    };
  }
  const kinds = ["proposal", "claim"];
  const [standing, behind, deadLetters, pastDue, held, unreadable] = await Promise.all([
    page<Standing>(store, live, STANDING),
    page<Writer>(store, unserved),
    page<DeadLetter>(store, { ...letters, pk: deadLetterPartition, orderBy: { path: "at", descending: true } }),
    page<Proposal | Claim>(store, {
      kinds,
      where: [isLive, { path: "wakeAt", op: "<=", value: at }],
      orderBy: { path: "wakeAt" },
    }),
    page<Proposal | Claim>(store, { kinds, where: [isLive, { path: "condition.reason", op: ">", value: "" }] }),
    page<Finding>(store, { kinds: ["finding"], where: [isLive, { path: "verdict", op: "=", value: "unknown" }] }),
  ]);
  return { standing, behind, deadLetters, pastDue, held, unreadable };
}

/** The latest outcomes: what the first page of the console shows. */
const LATELY = 8;
const outcomes: Question = {
  kinds: ["entry"],
  where: [{ path: "type", op: "=", value: "outcome" }],
  orderBy: { path: "cursor", descending: true },
};

function latestOf(times: readonly string[]): string | null {
  return times.reduce<string | null>((latest, at) => (latest === null || at > latest ? at : latest), null);
}

function sound<T extends Row>({ items, continuation }: Page<T>): Page<T> {
  return { items: sift(items).sound, continuation };
}

/** One document may be among the answers to several questions. */
function corruptOf(pages: readonly Page<Row>[]): CorruptSignal {
  const names = new Set(pages.flatMap(({ items }) => sift(items).corrupt.map(nameOf)));
  const [first = null] = [...names].sort();
  return { count: names.size, isMore: pages.some(({ continuation }) => continuation !== undefined), first };
}

type Question = Pick<Query, "kinds" | "where" | "or" | "orderBy" | "pk"> & Partial<Pick<Query, "container">>;

/** Rounds per question: a query over partitions answers a page of each range in turn, of which most may be empty. */
const ROUNDS_MAX = 50;

async function page<T extends StoredDocument>(store: Store, question: Question, most = PAGE): Promise<Page<T>> {
  const query: Query = { container: "state", ...question, pageSize: most };
  const items: T[] = [];
  let continuation: string | undefined;
  for (let round = 0; round < ROUNDS_MAX && items.length < most; round += 1) {
    const next: Page<T> = await store.query<T>(continuation === undefined ? query : { ...query, continuation });
    items.push(...next.items);
    continuation = next.continuation;
    if (continuation === undefined) break;
  }
  return { items, continuation };
}

interface Since {
  readonly key: string;
  /** Business time, ISO 8601. */
  readonly since: string;
}

/** How many, and which of them has been waiting longest. */
function waiting<T>({ items, continuation }: Page<T>, of: (item: T) => Since): Waiting {
  const { since = null, key = null } = oldestOf(items, of) ?? {};
  return { count: items.length, isMore: continuation !== undefined, since, key };
}

/** The item that has been waiting longest; undefined when there is none. */
export function oldestOf<T>(items: readonly T[], of: (item: T) => Since): Since | undefined {
  let oldest: Since | undefined;
  for (const item of items) {
    const next = of(item);
    if (oldest === undefined || next.since < oldest.since) oldest = next;
  }
  return oldest;
}

/** Of the keys that are behind, the one whose write has been under way longest. */
export function oldestFence(behind: readonly Writer[]): Since | undefined {
  return oldestOf(fencesOf(behind), (item) => item);
}

function fencesOf(behind: readonly Writer[]): Since[] {
  // One without a readable fence still counts as unserved; since when a write of its is under way nobody can say.
  const readable = behind.filter((writer) => wellFormed("writer", writer));
  return readable.flatMap(({ key, fence }) => (fence === null ? [] : [{ key, since: toIso(fence.openedMs) }]));
}

/**
 * The last seal, and the first entry recorded since. An entry that was recorded while the seal was made and is not in it
 * is taken for sealed: one minute later it is, unless sealing stopped at that moment, and then the next entry tells.
 */
async function readSealing(store: Store): Promise<Pick<HealthSignals, "sealedAt" | "unsealedSince">> {
  const ofSeals = { container: "seals", pk: "seals", kinds: ["seal"] } as const;
  const seals = await page<Seal>(store, { ...ofSeals, orderBy: { path: "seq", descending: true } }, 1);
  const sealedAt = seals.items[0]?.at ?? null;
  // The text of a cursor begins with the time; "~" comes after whatever follows it.
  const since = { path: "cursor", op: ">", value: sealedAt === null ? "" : `${sealedAt}~` } as const;
  const entries = await page<LedgerEntry>(store, { kinds: ["entry"], where: [since], orderBy: { path: "cursor" } }, 1);
  return { sealedAt, unsealedSince: entries.items[0]?.at ?? null };
}

function sweepSignal(document: SweepDocument | undefined): SweepSignal | null {
  const run = document?.run ?? null;
  if (run === null) return null;
  const { startedAt, finishedAt, accounts, problems } = run;
  return { startedAt, finishedAt, accounts, problems: problems.map(({ subscriptionId }) => subscriptionId).sort() };
}

function counted(reasons: readonly string[]): { [reason: string]: number } {
  const counts: { [reason: string]: number } = {};
  for (const reason of [...reasons].sort()) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
