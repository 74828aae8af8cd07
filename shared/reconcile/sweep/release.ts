/** Asks for as many looks as the read buckets of the subscriptions allow, and says how long that has to do. */
import { accountOf, subscriptionOf, type ResourceId } from "../../estate/resourceId.ts";
import { memberKinds, readsOf } from "../../estate/sight.ts";
import type { ArmError } from "../../ports/arm.ts";
import type { Compiled } from "../configuration.ts";
import type { PassContext } from "../context.ts";
import { inParallel } from "../intake.ts";
import { wakeOrLeave } from "../wake.ts";
import { readWriter, want } from "../writerStore.ts";
import { GROUP_SUBSCRIPTIONS, type SweepRun } from "./document.ts";
import { withProblem } from "./inventory.ts";
import { paceOf, READS_PER_LOOK, REST_MS, restAfterMs, type Pace } from "./pace.ts";

/** Most looks that one step asks for. */
export const LOOKS_MAX = 500;

/** Keys of a release that are asked afterwards whether their look is through. */
const SAMPLE = 5;

/** So often in a row a sweep waits for looks that do not come through, or for an empty bucket; then it goes on without. */
export const HELD_MAX = 12;

export interface Released {
  readonly run: SweepRun;
  /** Keys that are done with, from the first. */
  readonly taken: number;
  readonly waitMs: number;
}

export async function release(context: PassContext, run: SweepRun, keys: readonly ResourceId[]): Promise<Released> {
  const window = windowOf(keys, givenUp(run));
  const reads = readsPerLook(await context.configuration.read());
  const paces = await pacesOf(context, run, window, reads);
  const isPatient = run.held < HELD_MAX;
  let told = run;
  for (const [subscriptionId, { looks, error }] of paces) {
    if (!isPatient && looks === 0) told = withProblem(context, told, subscriptionId, error ?? usedUp);
  }
  const dropped = givenUp(told);
  const chosen: ResourceId[] = [];
  const counts = new Map<string, number>();
  let taken = 0;
  for (const key of window) {
    const subscriptionId = subscriptionOf(key);
    if (!dropped.has(subscriptionId)) {
      const count = (counts.get(subscriptionId) ?? 0) + 1;
      if (count > (paces.get(subscriptionId)?.looks ?? 0)) break;
      counts.set(subscriptionId, count);
      chosen.push(key);
    }
    taken += 1;
  }
  await wakeAll(context, chosen);
  const buckets = Object.fromEntries([...paces].map(([id, { size }]) => [id, size]));
  if (taken === 0) {
    const waitMs = Math.max(REST_MS, ...[...paces.values()].map(({ error }) => error?.retryAfterMs ?? 0));
    return { run: { ...told, buckets, sample: [], held: run.held + 1 }, taken, waitMs };
  }
  const waitMs = Math.max(0, ...[...counts].map(([id, count]) => restAfterMs(count, paces.get(id)?.size ?? 0, reads)));
  return { run: { ...told, buckets, sample: sampleOf(chosen), held: 0 }, taken, waitMs };
}

/** Whether most of the looks that were released last are still to come. */
export async function isBehind(context: PassContext, sample: readonly ResourceId[]): Promise<boolean> {
  let behind = 0;
  await inParallel(sample, async (key) => {
    const writer = await readWriter(context.store, key);
    if (writer !== undefined && writer.wanted > writer.served) behind += 1;
  });
  return behind > sample.length / 2;
}

/** What is said of a subscription whose bucket others keep empty. */
const usedUp: ArmError = {
  class: "retry",
  code: "ReadsUsedUp",
  message: "others left fewer reads of this subscription than the sweep leaves to others",
  status: 200,
  retryAfterMs: undefined,
};

/** Reads of ARM that one look costs: the account, and each list that some standard needs. */
function readsPerLook({ standards }: Compiled): number {
  const sources = new Set(standards.flatMap((standard) => standard.sources));
  return memberKinds.reduce((reads, kind) => reads + (sources.has(kind) ? readsOf(kind) : 0), READS_PER_LOOK);
}

function givenUp({ problems }: SweepRun): Set<string> {
  return new Set(problems.map(({ subscriptionId }) => subscriptionId));
}

/** As many keys as one step asks for, of as many subscriptions as one step asks ARM about. */
function windowOf(keys: readonly ResourceId[], dropped: ReadonlySet<string>): ResourceId[] {
  const subscriptions = new Set<string>();
  const window: ResourceId[] = [];
  for (const key of keys.slice(0, LOOKS_MAX)) {
    const subscriptionId = subscriptionOf(key);
    if (!dropped.has(subscriptionId)) subscriptions.add(subscriptionId);
    if (subscriptions.size > GROUP_SUBSCRIPTIONS) break;
    window.push(key);
  }
  return window;
}

/** What each subscription of a window has left, by the headers of reading the first of its accounts there. */
async function pacesOf(
  context: PassContext,
  run: SweepRun,
  window: readonly ResourceId[],
  reads: number,
): Promise<Map<string, Pace & { readonly error: ArmError | undefined }>> {
  const dropped = givenUp(run);
  const firsts = new Map<string, ResourceId>();
  for (const key of window) {
    const subscriptionId = subscriptionOf(key);
    if (!firsts.has(subscriptionId) && !dropped.has(subscriptionId)) firsts.set(subscriptionId, key);
  }
  const paces = new Map<string, Pace & { readonly error: ArmError | undefined }>();
  await inParallel([...firsts], async ([subscriptionId, key]) => {
    const sizeBefore = run.buckets[subscriptionId] ?? 0;
    const address = accountOf(key);
    const nothing = { own: undefined, shared: undefined };
    const result =
      address === undefined ? { kind: "told" as const, budget: nothing } : await context.arm.readBudget(address);
    const pace =
      result.kind === "told"
        ? { ...paceOf(result.budget, sizeBefore, reads), error: undefined }
        : { looks: 0, size: sizeBefore, error: result.error };
    paces.set(subscriptionId, pace);
  });
  return paces;
}

function sampleOf(keys: readonly ResourceId[]): ResourceId[] {
  const stride = Math.max(1, Math.floor(keys.length / SAMPLE));
  return keys.filter((_, index) => index % stride === 0).slice(0, SAMPLE);
}

async function wakeAll(context: PassContext, keys: readonly ResourceId[]): Promise<void> {
  await inParallel(keys, async (key) => {
    await want(context.store, key, 1, null);
    await wakeOrLeave(context, key);
  });
}
