/** How the product itself does, and what others changed: some small questions, at most every five seconds for all who look. */
import { budgetLogSchema, unreadable } from "../../shared/desired/budget.ts";
import type { Finding } from "../../shared/desired/documents.ts";
import { sift } from "../../shared/desired/rows.ts";
import type { Seal } from "../../shared/ledger/seal.ts";
import type { StoredDocument } from "../../shared/ports/store.ts";
import { readHeartbeat } from "../../shared/reconcile/heartbeat.ts";
import { readSweep } from "../../shared/reconcile/sweep/document.ts";
import type { Pulse } from "../../shared/view/pulse.ts";
import { edge } from "../edgeContext.ts";

/** One log a standard. */
const STANDARDS_MAX = 500;

/** For so long one reading serves all who look: nothing is decided from it. */
const AGE_MAX_MS = 5_000;

export interface Beat {
  readonly pulse: Pulse;
  readonly strangers: Strangers;
}

let kept: { readonly sinceIso: string; readonly beat: Beat; readonly atMs: number } | undefined;

/** @param sinceIso what others changed since then. @throws SteelyardError `Unavailable` */
export async function readBeat(sinceIso: string): Promise<Beat> {
  const atMs = performance.now();
  if (kept !== undefined && kept.sinceIso === sinceIso && atMs - kept.atMs < AGE_MAX_MS) return kept.beat;
  const [pulse, strangers] = await Promise.all([readPulse(), changedByOthers(sinceIso)]);
  const beat = { pulse, strangers };
  kept = { sinceIso, beat, atMs };
  return beat;
}

async function readPulse(): Promise<Pulse> {
  const [heartbeat, sweep, seals, budgets] = await Promise.all([
    readHeartbeat(edge.store),
    readSweep(edge.store),
    edge.store.query<Seal>({
      container: "seals",
      pk: "seals",
      kinds: ["seal"],
      orderBy: { path: "seq", descending: true },
      pageSize: 1,
    }),
    edge.store.query<StoredDocument & { readonly standard: string }>({
      container: "state",
      pk: "budgets",
      kinds: ["budget"],
      pageSize: STANDARDS_MAX,
    }),
  ]);
  const run = sweep?.run ?? null;
  const behind = heartbeat?.behind ?? [];
  const since = behind.map((item) => item.since).sort()[0] ?? null;
  return {
    beatAt: heartbeat?.at ?? null,
    behind: { count: behind.length, since },
    sweep:
      run === null
        ? null
        : {
            startedAt: run.startedAt,
            finishedAt: run.finishedAt,
            accounts: run.accounts,
            isFirst: run.number === 1,
            problems: run.problems.length + run.problemsLeftOut,
          },
    pausedSince: heartbeat?.pausedSince ?? null,
    sealedAt: seals.items[0]?.at ?? null,
    budgets: new Map(
      budgets.items.map((document) => [document.standard, budgetLogSchema.safeParse(document).data ?? unreadable]),
    ),
  };
}

/** Most changes by others that one look at the overview reads. */
const STRANGERS_MAX = 50;

export interface Strangers {
  readonly findings: readonly Finding[];
  readonly isCut: boolean;
  readonly corrupt: number;
}

/** What somebody changed since then and is not as it should be, or was not: latest first. */
async function changedByOthers(sinceIso: string): Promise<Strangers> {
  const page = await edge.store.query<Finding>({
    container: "state",
    kinds: ["finding"],
    where: [{ path: "presentSince", op: ">=", value: sinceIso }],
    orderBy: { path: "presentSince", descending: true },
    pageSize: STRANGERS_MAX,
  });
  const { sound, corrupt } = sift(page.items);
  return {
    findings: sound.filter(({ changedBy }) => changedBy !== null),
    isCut: page.continuation !== undefined,
    corrupt: corrupt.length,
  };
}
