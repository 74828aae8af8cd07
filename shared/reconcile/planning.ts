/**
 * The plan of a change of the configuration, or of a standard that is tried, from the store alone: what each account looked
 * like when it was last looked at, or at an earlier time, what is on record, what was written lately. Runs where nothing
 * has a right on the estate.
 */
import { setImmediate as yieldNow } from "node:timers/promises";
import { activationsOf, settingsOf } from "../config/schema.ts";
import type { Config } from "../config/schema.ts";
import { emptyLog } from "../desired/budget.ts";
import type { Judgement } from "../desired/judgement.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import type { Sight } from "../estate/sight.ts";
import { sameJson } from "../kernel/canonicalJson.ts";
import { fromIso, toIso } from "../kernel/clock.ts";
import type { Store } from "../ports/store.ts";
import { definitions } from "../standards/catalogue.ts";
import type { Standard } from "../standards/definition.ts";
import type { Trial } from "../standards/trial.ts";
import { readBudget } from "./budgets.ts";
import { compile, type Compiled } from "./configuration.ts";
import type { Current } from "./configurationStore.ts";
import { judgementsOf } from "./deciding.ts";
import type { DeskContext } from "./desk.ts";
import { changedBy, pipelineOf } from "./lastWriter.ts";
import { Collected, type PlanCount } from "./collected.ts";
import { Foretelling, type Budgets, type Foretold, type Sighting } from "./plan.ts";
import { readSightings, sightOf, type Known } from "./sightings.ts";

export { readTrials, type Trial } from "../standards/trial.ts";

/** What nothing is known of is named up to here. */
const NAMED_MAX = 50;

/** So many accounts are judged at a stretch, some milliseconds; then others have their turn. */
const STRETCH = 10;

export interface Plan {
  /** Business time at which it was begun, ISO 8601. */
  readonly at: string;
  /** The time at which the estate is judged as it was then, ISO 8601; null: as last seen. */
  readonly asOf: string | null;
  /** Accounts of which it is known what they are like, and which are judged here. */
  readonly accounts: number;
  /** When the one of them was last looked at that was looked at longest ago; null without any, and with `asOf`. */
  readonly oldest: string | null;
  /** Accounts of them that the last look could not read: judged as they were seen before. */
  readonly stale: number;
  /** Of these nothing is known, so nothing is foretold. */
  readonly unseen: {
    /** Accounts that events named and no look has seen, or of which no observation of that time is kept. */
    readonly accounts: number;
    /** IDs of the first {@link NAMED_MAX} of them. */
    readonly named: readonly ResourceId[];
    /** Enrolled subscriptions of which no account was ever seen: ids, the first {@link NAMED_MAX}. */
    readonly subscriptions: readonly string[];
    /** There are more accounts than a plan looks at. */
    readonly more: boolean;
  };
  readonly total: number;
  /** Of the total, where an approval, an undo, a waiver or a guard bears on the fields. */
  readonly inTheWay: number;
  readonly counts: readonly PlanCount[];
  /** Kind by kind, in the order of `counts`: writes before questions before the rest; at most {@link FORETOLD_MAX}. */
  readonly differences: readonly Foretold[];
}

export interface Planned {
  /** Judges the estate as it was at this time, ISO 8601; left out, as last seen. */
  readonly asOf?: string | undefined;
  /** Standards that are tried: on top of the configuration, held by nobody. */
  readonly trials?: readonly Trial[] | undefined;
  /** Told how many of the accounts are judged. */
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
}

type PlanContext = Pick<DeskContext, "store" | "clock" | "log">;

/**
 * What the configuration would do, applied now on top of the current one.
 * @throws SteelyardError `Unavailable`
 */
export async function planOf(
  context: PlanContext,
  current: Current,
  config: Config,
  { asOf, trials = [], onProgress }: Planned = {},
): Promise<Plan> {
  const at = toIso(context.clock.now());
  const nowMs = asOf === undefined ? fromIso(at) : fromIso(asOf);
  const { before, after } = sidesOf(current, config, trials, toIso(nowMs));
  const seen = await readSightings(context.store, asOf);
  const budgets = await budgetsOf(context, before, after, asOf);
  const foretelling = new Foretelling(before, after, budgets, nowMs);
  const collected = new Collected();
  const unknown = [...seen.unknown];
  const subscriptions = new Set<string>();
  let accounts = 0;
  for (const [index, known] of seen.known.entries()) {
    if (index % STRETCH === 0) {
      onProgress?.(index, seen.known.length);
      await yieldNow();
    }
    const sight = sightOf(known.observation);
    if (sight === undefined) {
      unknown.push(known.address.id);
      continue;
    }
    accounts += 1;
    subscriptions.add(known.address.subscriptionId);
    const sighting = await sightingOf(context.store, { known, sight, before, after, asOf, nowMs });
    for (const foretold of foretelling.of(sighting)) collected.add(foretold);
  }
  const silent = config.subscriptions.map(({ id }) => id).filter((id) => !subscriptions.has(id));
  return {
    at,
    asOf: asOf ?? null,
    accounts,
    oldest: seen.oldest,
    stale: seen.stale,
    unseen: {
      accounts: unknown.length,
      named: unknown.slice(0, NAMED_MAX),
      subscriptions: silent.slice(0, NAMED_MAX),
      more: seen.more,
    },
    ...collected.told(),
  };
}

/** The configuration that holds, and the one that would. */
function sidesOf(current: Current, config: Config, trials: readonly Trial[], at: string): Sides {
  const activations = current.document?.activations ?? {};
  // A standard that the catalogue lost since lets no pass decide anything; without it there is something to compare with.
  const known = new Set(definitions.map(({ id }) => id));
  const standards = current.config.standards.filter(({ id }) => known.has(id));
  const before = compile({ ...current.config, standards, version: Math.max(1, current.version), activations });
  const proposed = trials.reduce(tried, compile({ ...config, activations }));
  const after = { ...proposed, activations: activationsOf(proposed.config, activations, at) };
  return judgedOnce(before, after);
}

/** The configuration as if it held the standard as well, or instead of the one of its id. */
function tried(compiled: Compiled, { standard, setting }: Trial): Compiled {
  const { config, standards } = compiled;
  const { id } = setting;
  return {
    ...compiled,
    config: { ...config, standards: [...config.standards.filter((one) => one.id !== id), setting] },
    standards: [...standards.filter(({ definition }) => definition.id !== id), standard],
  };
}

interface Sides {
  readonly before: Compiled;
  readonly after: Compiled;
}

/** Both sides with one standard in the place of two that say the same, which judges each account once. */
function judgedOnce(before: Compiled, after: Compiled): Sides {
  const settingOf = ({ config }: Compiled, id: string): unknown => {
    const setting = settingsOf(config).find((one) => one.id === id);
    return setting && { ...setting, mode: undefined, modes: undefined };
  };
  const standards = before.standards.map(remembering);
  const own = after.standards.map((standard) => {
    const { id } = standard.definition;
    const same = standards.find(({ definition }) => definition.id === id);
    const isSame =
      same !== undefined &&
      sameJson(same.definition, standard.definition) &&
      sameJson(settingOf(before, id), settingOf(after, id));
    return isSame ? same : remembering(standard);
  });
  return { before: { ...before, standards }, after: { ...after, standards: own } };
}

/** The standard, which remembers its last verdicts: one account is judged several times in a row. */
function remembering(standard: Standard): Standard {
  let last: { readonly sight: Sight; readonly place: string; readonly judgements: Judgement[] } | undefined;
  return {
    ...standard,
    judge(sight, place) {
      const at = JSON.stringify(place);
      if (last?.sight !== sight || last.place !== at)
        last = { sight, place: at, judgements: standard.judge(sight, place) };
      return last.judgements;
    },
  };
}

interface Occasion extends Sides {
  readonly known: Known;
  readonly sight: Sight;
  readonly asOf: string | undefined;
  readonly nowMs: number;
}

/** Of the past it is not known who had changed what. */
async function sightingOf(store: Store, { known, sight, before, after, asOf, nowMs }: Occasion): Promise<Sighting> {
  const { address, documents, writer } = known;
  const pipeline = async (compiled: Compiled): Promise<string | undefined> => {
    if (asOf !== undefined) return undefined;
    const judgements = judgementsOf(compiled, address, sight, undefined, nowMs);
    const isBroken = judgements.some(({ verdict }) => verdict === "fail");
    return isBroken ? pipelineOf(store, compiled, writer, sight.account) : undefined;
  };
  return {
    pk: writer.pk,
    address,
    sight,
    documents,
    nextSeq: writer.chain.seq + 1,
    changedBy: asOf === undefined ? changedBy(writer, sight.account, undefined) : null,
    pipeline: { before: await pipeline(before), after: await pipeline(after) },
  };
}

/** What was written lately; of the past nothing is known, and nothing was. */
async function budgetsOf(
  context: PlanContext,
  before: Compiled,
  after: Compiled,
  asOf: string | undefined,
): Promise<Budgets> {
  const standards = new Set([...before.standards, ...after.standards].map(({ definition }) => definition.id));
  const logs = await Promise.all(
    [...standards].map(async (standard) => {
      const log = asOf === undefined ? await readBudget(context, standard) : emptyLog(standard);
      return [standard, log] as const;
    }),
  );
  return new Map(logs);
}
