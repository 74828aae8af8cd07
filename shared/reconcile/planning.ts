/**
 * The plan of a change of the configuration, from the store alone: what each account looked like when it was last looked
 * at, what is on record, what was written lately. Runs where nothing has a right on the estate.
 */
import { activationsOf } from "../config/schema.ts";
import type { Config } from "../config/schema.ts";
import type { Observation, StateDocument } from "../desired/documents.ts";
import { accountOf } from "../estate/resourceId.ts";
import { toIso } from "../kernel/clock.ts";
import { all } from "../ports/store.ts";
import { definitions } from "../standards/catalogue.ts";
import type { Writer } from "../writer/writer.ts";
import { readBudget } from "./budgets.ts";
import { compile, type Compiled } from "./configuration.ts";
import type { Current } from "./configurationStore.ts";
import { judgementsOf } from "./deciding.ts";
import type { DeskContext } from "./desk.ts";
import { inParallel } from "./intake.ts";
import { changedBy, pipelineOf } from "./lastWriter.ts";
import { recalled } from "./memory.ts";
import { foretell, type Fate, type Foretold, type Sighting } from "./plan.ts";

/** Accounts that a plan looks at; of a larger estate it says that it did not see all. */
const ACCOUNTS_MAX = 10_000;

/** Live documents that a plan reads. */
const DOCUMENTS_MAX = 100_000;

/** Differences that are told one by one, and subscriptions of which nothing is known. */
export const FORETOLD_MAX = 200;
const SUBSCRIPTIONS_MAX = 50;

export interface Plan {
  /** Accounts that were looked at before, and are judged here. */
  readonly accounts: number;
  /** When the one of them was last seen that was seen longest ago; null without any. */
  readonly oldest: string | null;
  /** Of these nothing is known, so nothing is foretold. */
  readonly unseen: {
    /** Accounts that events named and no look has seen. */
    readonly accounts: number;
    /** Enrolled subscriptions of which no account was ever seen: ids, the first {@link SUBSCRIPTIONS_MAX}. */
    readonly subscriptions: readonly string[];
    /** There are more accounts than a plan looks at. */
    readonly more: boolean;
  };
  readonly total: number;
  readonly counts: readonly PlanCount[];
  /** The first {@link FORETOLD_MAX}; writes before questions before the rest. */
  readonly differences: readonly Foretold[];
}

export interface PlanCount {
  readonly standard: string;
  readonly environment: string;
  readonly was: string;
  readonly will: string;
  readonly count: number;
}

/** What the configuration would do, applied now on top of the current one. @throws SteelyardError `Unavailable` */
export async function planOf(context: DeskContext, current: Current, config: Config): Promise<Plan> {
  const nowMs = context.clock.now();
  const activations = current.document?.activations ?? {};
  // A standard that the catalogue lost since lets no pass decide anything; without it there is something to compare with.
  const known = new Set(definitions.map(({ id }) => id));
  const standards = current.config.standards.filter(({ id }) => known.has(id));
  const before = compile({ ...current.config, standards, version: Math.max(1, current.version), activations });
  const after = compile({ ...config, activations: activationsOf(config, activations, toIso(nowMs)) });
  const { sightings, oldest, unseen, more } = await readSightings(context, before, after);
  const foretold = foretell(before, after, sightings, await budgetsOf(context, before, after), nowMs);
  const seen = new Set(sightings.map(({ address }) => address.subscriptionId));
  const unknown = config.subscriptions.map(({ id }) => id).filter((id) => !seen.has(id));
  return {
    accounts: sightings.length,
    oldest,
    unseen: { accounts: unseen, subscriptions: unknown.slice(0, SUBSCRIPTIONS_MAX), more },
    total: foretold.length,
    counts: counted(foretold),
    differences: [...foretold].sort((a, b) => rank(a.will) - rank(b.will)).slice(0, FORETOLD_MAX),
  };
}

const order: readonly Fate["kind"][] = ["write", "ask", "hold", "report", "waive", "unknown", "none"];

function rank({ kind }: Fate): number {
  return order.indexOf(kind);
}

/** `hold (Frozen)` */
export function fateText({ kind, reason }: Fate): string {
  return reason === undefined ? kind : `${kind} (${reason})`;
}

function counted(foretold: readonly Foretold[]): PlanCount[] {
  const counts = new Map<string, PlanCount>();
  for (const { standard, environment, was, will } of foretold) {
    const one = { standard, environment, was: fateText(was), will: fateText(will) };
    const key = Object.values(one).join("\n");
    counts.set(key, { ...one, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
}

async function budgetsOf(context: DeskContext, before: Compiled, after: Compiled) {
  const standards = new Set([...before.standards, ...after.standards].map(({ definition }) => definition.id));
  const logs = await Promise.all(
    [...standards].map(async (standard) => [standard, await readBudget(context, standard)] as const),
  );
  return new Map(logs);
}

interface Sightings {
  readonly sightings: readonly Sighting[];
  readonly oldest: string | null;
  /** Accounts without an observation. */
  readonly unseen: number;
  readonly more: boolean;
}

async function readSightings(context: DeskContext, before: Compiled, after: Compiled): Promise<Sightings> {
  const { store } = context;
  const query = { container: "state" as const, pageSize: 1_000 };
  const kinds = ["finding", "proposal", "claim", "guard"];
  const isLive = { path: "live", op: "=" as const, value: true };
  const [observations, documents, writers] = await Promise.all([
    firstOf(all<Observation>(store, { ...query, kinds: ["observation"] }, ACCOUNTS_MAX + 1), ACCOUNTS_MAX),
    firstOf(all<StateDocument>(store, { ...query, kinds, where: [isLive] }, DOCUMENTS_MAX + 1), DOCUMENTS_MAX),
    // One is the configuration's own.
    firstOf(all<Writer>(store, { ...query, kinds: ["writer"] }, ACCOUNTS_MAX + 2), ACCOUNTS_MAX + 1),
  ]);
  const byPartition = Map.groupBy(documents.items, ({ pk }) => pk);
  const writerOf = new Map(writers.items.map((writer) => [writer.pk, writer]));
  const sightings: Sighting[] = [];
  let oldest: string | null = null;
  await inParallel(observations.items, async (observation) => {
    const writer = writerOf.get(observation.pk);
    const address = accountOf(observation.key);
    if (observation.body === null || writer === undefined || address === undefined) return;
    const sight = recalled(observation);
    if (sight === undefined) return;
    const { account } = sight;
    const pipeline = async (compiled: Compiled): Promise<string | undefined> => {
      const judgements = judgementsOf(compiled, address, sight, undefined, context.clock.now());
      const isBroken = judgements.some(({ verdict }) => verdict === "fail");
      return isBroken ? pipelineOf(store, compiled, writer, account) : undefined;
    };
    sightings.push({
      pk: observation.pk,
      address,
      sight,
      documents: byPartition.get(observation.pk) ?? [],
      nextSeq: writer.chain.seq + 1,
      changedBy: changedBy(writer, account, undefined),
      pipeline: { before: await pipeline(before), after: await pipeline(after) },
    });
    if (oldest === null || observation.at < oldest) oldest = observation.at;
  });
  const observed = new Set(observations.items.map(({ pk }) => pk));
  const unseen = writers.items.filter(({ pk, key }) => !observed.has(pk) && accountOf(key) !== undefined).length;
  return { sightings, oldest, unseen, more: observations.more || documents.more || writers.more };
}

/** The first of what is found; `more`: there was more. */
async function firstOf<T>(
  found: AsyncIterable<T>,
  max: number,
): Promise<{ readonly items: readonly T[]; readonly more: boolean }> {
  const items: T[] = [];
  for await (const item of found) {
    if (items.length === max) return { items, more: true };
    items.push(item);
  }
  return { items, more: false };
}
