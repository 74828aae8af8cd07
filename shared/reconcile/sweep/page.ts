/**
 * One step of a sweep: fetch the next keys if none are left, ask for as many looks as the pace allows, note where it goes
 * on. Everything that the next step needs stands in the sweep's document, so any instance can play it, and a step that
 * is lost after its wishes were stored costs a second look at some accounts.
 *
 * No more is released while most looks of the last release are not through: the queue of wake-ups is first come, first
 * served, and a person's must not stand behind thousands of ours.
 */
import type { Config } from "../../config/schema.ts";
import type { ResourceId } from "../../estate/resourceId.ts";
import { fromIso, minuteMs, toIso } from "../../kernel/clock.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import type { StoreOperation } from "../../ports/store.ts";
import type { PassContext } from "../context.ts";
import {
  openSweep,
  readSweep,
  STALLED_MS,
  sweepAddress,
  sweepDue,
  SWEEPS_PER_LISTING,
  type SweepDocument,
  type SweepPageDocument,
  type SweepRun,
} from "./document.ts";
import { fetchKeys, placeOf, subscriptionsOf, type Fetched } from "./inventory.ts";
import { REST_MS } from "./pace.ts";
import { HELD_MAX, isBehind, release } from "./release.ts";

export interface SweepStep {
  readonly done: boolean;
  /** How long to wait before the next step, in milliseconds. */
  readonly waitMs: number;
}

/** Pages that one step fetches, for most subscriptions may have no accounts. */
const FETCHES_MAX = 20;

/** Longest wait between two steps: a configuration that changed meanwhile is noticed after it. */
const STEP_WAIT_MS_MAX = minuteMs / 2;

/** Wait after somebody else made the step. */
const OTHERS_MS = 1_000;

const pageId = "page";

/**
 * Whether the sweeper has to start a sweep, or to go on with one that was left lying.
 * @param read gives the sweep on record, for whoever has read it already
 */
export async function isSweepDue(
  context: PassContext,
  read: () => Promise<SweepDocument | undefined> = () => readSweep(context.store),
): Promise<boolean> {
  let version: number;
  try {
    ({ version } = (await context.configuration.read()).config);
  } catch (error) {
    // Before the first configuration nothing is enrolled.
    if (error instanceof SteelyardError && error.code === "NotFound") return false;
    throw error;
  }
  return sweepDue(await read(), version, context.clock.now()) !== undefined;
}

/**
 * Plays the next step of the sweep; begins one when it is due, and begins anew when the configuration has another version
 * by now.
 *
 * @param isLast whether the instance ends with it, so that another may go on at once
 * @throws SteelyardError `Unavailable` when the store is away
 */
export async function sweepPage(context: PassContext, isLast: boolean): Promise<SweepStep> {
  const nowMs = context.clock.now();
  const { config } = await context.configuration.read();
  const document = await openSweep(context.store);
  const run = runOf(document, config, nowMs);
  if (run === undefined) return { done: true, waitMs: 0 };
  const step = await advance(context, run, config, nowMs);
  const isOver = step.run.place.at === "end" && step.run.released === null;
  const waitMs = isOver ? 0 : Math.min(step.waitMs, STEP_WAIT_MS_MAX);
  const stored: SweepRun = {
    ...step.run,
    notBefore: !isOver && step.waitMs > waitMs ? toIso(nowMs + step.waitMs) : null,
    aliveUntil: toIso(isLast ? nowMs : nowMs + waitMs + STALLED_MS),
    finishedAt: isOver ? toIso(nowMs) : null,
  };
  const after = await store(context, document, stored, step.rest);
  if (after === undefined) return { done: false, waitMs: OTHERS_MS };
  // Whoever asked meanwhile is served by the same instance.
  return { done: isOver && sweepDue(after, config.version, nowMs) === undefined, waitMs };
}

/** The run that is to go on, or a new one; undefined when nothing is due. */
function runOf(document: SweepDocument, config: Config, nowMs: number): SweepRun | undefined {
  const due = sweepDue(document, config.version, nowMs);
  const { run } = document;
  if (due === "whole") return begun(document, config, null, nowMs);
  if (run === null) return undefined;
  if (due === "problems") return begun(document, config, run, nowMs);
  return run.finishedAt === null ? run : undefined;
}

/** @param repeated the run whose problems are tried again; null for a whole one. */
function begun(document: SweepDocument, config: Config, repeated: SweepRun | null, nowMs: number): SweepRun {
  const number = repeated?.number ?? (document.run?.number ?? 0) + 1;
  const only = repeated?.problems.map(({ subscriptionId }) => subscriptionId) ?? null;
  const by = repeated !== null || number % SWEEPS_PER_LISTING === 0 ? ("list" as const) : ("graph" as const);
  return {
    number,
    configVersion: config.version,
    asked: document.asked,
    startedAt: repeated?.startedAt ?? toIso(nowMs),
    finishedAt: null,
    only,
    by,
    total: config.subscriptions.length,
    next: 0,
    place: placeOf({ by, only }, subscriptionsOf({ only }, config), 0),
    released: null,
    sample: [],
    held: 0,
    tries: 0,
    notBefore: null,
    aliveUntil: toIso(nowMs),
    accounts: repeated?.accounts ?? 0,
    buckets: {},
    problems: [],
    problemsLeftOut: 0,
  };
}

interface Advance {
  readonly run: SweepRun;
  readonly waitMs: number;
  /** Keys of a new page that were not released. */
  readonly rest?: readonly ResourceId[];
}

async function advance(context: PassContext, run: SweepRun, config: Config, nowMs: number): Promise<Advance> {
  const restMs = run.notBefore === null ? 0 : fromIso(run.notBefore) - nowMs;
  if (restMs > 0) return { run, waitMs: restMs };
  if (run.held < HELD_MAX && (await isBehind(context, run.sample))) {
    return { run: { ...run, held: run.held + 1 }, waitMs: REST_MS };
  }
  if (run.released !== null) return goOn(context, run, run.released);
  const fetched = await fetchSome(context, run, config);
  if (fetched.keys.length === 0) return { run: { ...fetched.run, sample: [] }, waitMs: fetched.waitMs };
  const { run: after, taken, waitMs } = await release(context, fetched.run, fetched.keys);
  const rest = fetched.keys.slice(taken);
  return {
    run: { ...after, released: rest.length === 0 ? null : 0 },
    waitMs: Math.max(waitMs, fetched.waitMs),
    ...(rest.length === 0 ? {} : { rest }),
  };
}

async function goOn(context: PassContext, run: SweepRun, released: number): Promise<Advance> {
  const { container, pk } = sweepAddress;
  const page = (await context.store.read<SweepPageDocument>(container, pk, pageId))?.document;
  const keys = page?.keys.slice(released) ?? [];
  const { run: after, taken, waitMs } = await release(context, run, keys);
  return { run: { ...after, released: taken === keys.length ? null : released + taken }, waitMs };
}

/** Pages until one has keys, the end is reached, or Azure wants to be left alone for a while. */
async function fetchSome(context: PassContext, run: SweepRun, config: Config): Promise<Fetched> {
  let fetched: Fetched = { run, keys: [], waitMs: 0 };
  for (let fetches = 0; fetches < FETCHES_MAX; fetches += 1) {
    fetched = await fetchKeys(context, fetched.run, config);
    if (fetched.keys.length > 0 || fetched.waitMs > 0 || fetched.run.place.at === "end") break;
  }
  return fetched;
}

/** Undefined when somebody else made a step meanwhile. */
async function store(
  context: PassContext,
  document: SweepDocument,
  run: SweepRun,
  rest: readonly ResourceId[] | undefined,
): Promise<SweepDocument | undefined> {
  const { container, pk, id } = sweepAddress;
  const operations: StoreOperation[] = [
    { kind: "patch", id, set: { run }, increment: { step: 1 }, condition: { path: "step", equals: document.step } },
  ];
  if (rest !== undefined) {
    const page: SweepPageDocument = { id: pageId, pk, kind: "sweepPage", keys: rest };
    operations.push({ kind: "upsert", document: page });
  }
  const result = await context.store.write(container, pk, operations);
  return result.ok ? (result.documents[0] as SweepDocument) : undefined;
}
