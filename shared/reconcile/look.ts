/** The first half of a pass: observe the target, decide, store what was decided. Writes nothing to the estate. */
import { settingsOf } from "../config/schema.ts";
import { minuteMs, toIso } from "../kernel/clock.ts";
import { accountOf, type AccountAddress, type ResourceId } from "../estate/resourceId.ts";
import { isUnread, type Sight } from "../estate/sight.ts";
import type { Body } from "../desired/compare.ts";
import { decide, observationHash } from "../desired/decide.ts";
import {
  observationId,
  summaryId,
  type Observation,
  type PastObservation,
  type Summary,
} from "../desired/documents.ts";
import { observed, type Stored } from "../desired/history.ts";
import type { DecideInput, DecideResult } from "../desired/judgement.ts";
import { summaryOf } from "../desired/summary.ts";
import type { ArmError } from "../ports/arm.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { isPaused, nextLookMs, paused, record, saw, serve, fenceWait, type Writer } from "../writer/writer.ts";
import { readBudget } from "./budgets.ts";
import type { Compiled } from "./configuration.ts";
import type { PassContext } from "./context.ts";
import { decideInput, judgementsOf, ROOM, sourcesOf, type Known as DecisionFacts } from "./deciding.ts";
import { changedBy, pipelineOf } from "./lastWriter.ts";
import { remembered } from "./memory.ts";
import { readSight, spokenOf } from "./sight.ts";
import { wakeOthers, withOthers } from "./useCases.ts";
import { wakeOrLeave } from "./wake.ts";
import { CONTENTION_MAX, contended, readLive, readWriter, storeStep } from "./writerStore.ts";

export type LookResult =
  /** Looked, nothing to write. `again`: more was wanted meanwhile. */
  | { readonly kind: "served"; readonly again: boolean }
  /** Not now: the next look is ordered. */
  | { readonly kind: "paused" }
  /** These proposals and claims may be written, one after the other. */
  | { readonly kind: "apply"; readonly changes: readonly string[] }
  /** A write is under way: wait so long, then settle it. `intent` as in {@link ApplyResult}. */
  | { readonly kind: "wait"; readonly next: "settle"; readonly forMs: number; readonly intent: number | null }
  /** Not yet: wait so long, then look again. */
  | { readonly kind: "wait"; readonly next: "look"; readonly forMs: number };

/** Wait after ARM was not there, when it did not say how long. */
const READ_RETRY_MS = 2_000;

/** A change that may be tried again sooner than this is waited for within the pass. */
const RETRY_WITHIN_PASS_MS = minuteMs;

export async function look(context: PassContext, key: ResourceId): Promise<LookResult> {
  for (let attempt = 0; attempt < CONTENTION_MAX; attempt += 1) {
    const result = await lookOnce(context, key);
    if (result !== undefined) return result;
  }
  throw contended(key, "looking");
}

/** Undefined when somebody else's step came first and all has to be decided anew. */
async function lookOnce(context: PassContext, key: ResourceId): Promise<LookResult | undefined> {
  const nowMs = context.clock.now();
  const writer = await readWriter(context.store, key);
  if (writer === undefined) return { kind: "served", again: false };
  if (writer.fence !== null) return { kind: "wait", next: "settle", ...fenceWait(writer.fence) };
  if (writer.wanted <= writer.served) return { kind: "served", again: false };
  const startMs = nextLookMs(writer, nowMs);
  if (startMs > nowMs) return pause(context, writer, startMs, nowMs);

  const compiled = await context.configuration.read();
  const address = accountOf(key);
  if (address === undefined) throw new SteelyardError("Corrupt", `writer ${key}: the key names no account`);
  const documents = await readLive(context.store, writer.pk);
  const sources = sourcesOf(compiled, key, documents);
  const read = await readSight(context, address, sources, spokenOf(documents, nowMs));
  if (read.kind === "throttled") return { kind: "wait", next: "look", forMs: read.retryMs };
  if (read.kind === "failed" && read.error.class === "retry") {
    return { kind: "wait", next: "look", forMs: read.error.retryAfterMs ?? READ_RETRY_MS };
  }
  const sight = read.kind === "found" ? await withOthers(context.store, compiled, read.sight, sources) : undefined;
  const failure = read.kind === "failed" ? read.error : undefined;
  const judgements = judgementsOf(compiled, address, sight, failure, nowMs);
  const failed = new Set(judgements.filter(({ verdict }) => verdict === "fail").map(({ standard }) => standard.id));
  const input = decideInput(
    compiled,
    {
      nowMs,
      pk: writer.pk,
      address,
      sight,
      failure,
      changedBy: changedBy(writer, sight?.account, context.self),
      pipeline: failed.size === 0 ? undefined : await pipelineOf(context.store, compiled, writer, sight?.account),
      self: context.self,
      documents,
      nextSeq: writer.chain.seq + 1,
      budgets: await budgetsOf(context, compiled, failed),
      room: ROOM,
    },
    judgements,
  );
  const seen: Seen = { address, sight, failure, retryMs: read.kind === "found" ? read.retryMs : undefined };
  return finish(context, compiled, writer, input, seen);
}

/** What the failed standards wrote lately, where they may write at all. */
async function budgetsOf(
  context: PassContext,
  { config }: Compiled,
  failed: ReadonlySet<string>,
): Promise<DecisionFacts["budgets"]> {
  const budgets = new Map<string, Awaited<ReturnType<typeof readBudget>>>();
  for (const { id, mode, modes } of settingsOf(config)) {
    const mayWrite = [mode, ...Object.values(modes)].some((one) => one !== "audit");
    if (mayWrite && failed.has(id)) budgets.set(id, await readBudget(context, id));
  }
  return budgets;
}

/**
 * Orders the next look and ends the pass instead of sleeping in it: what a person decides meanwhile starts a pass that
 * looks at once. If the order is lost, the sweeper finds what is wanted and not served.
 */
async function pause(
  context: PassContext,
  writer: Writer,
  startMs: number,
  nowMs: number,
): Promise<LookResult | undefined> {
  if (isPaused(writer, nowMs)) return { kind: "paused" };
  const step = { writer: paused(writer, startMs), entries: [] };
  if ((await storeStep(context.store, writer, step)) === undefined) return undefined;
  await wakeOrLeave(context, writer.key, startMs);
  return { kind: "paused" };
}

/** What a look saw: the account and what belongs to it, or why not. */
interface Seen {
  readonly address: AccountAddress;
  readonly sight: Sight | undefined;
  readonly failure: ArmError | undefined;
  /** Something did not answer that will before long. */
  readonly retryMs: number | undefined;
}

async function finish(
  context: PassContext,
  compiled: Compiled,
  writer: Writer,
  input: DecideInput,
  seen: Seen,
): Promise<LookResult | undefined> {
  const { nowMs } = input;
  const decided = decide(input);
  const step = record(writer, decided.records, nowMs);
  const isIdle = decided.apply.length === 0 && decided.upserts.length === 0;
  const waits = decided.retryMs !== undefined && decided.retryMs - nowMs <= RETRY_WITHIN_PASS_MS;
  const isDone = decided.apply.length === 0 && !waits && !decided.more && seen.retryMs === undefined;
  // One that cannot be read is not one that is gone: the next look must tell the two apart.
  const hash = observationHash(seen.failure === undefined ? seenBodies(seen.sight) : {});
  const quiet = saw(step.writer, hash, isIdle, toIso(nowMs));
  const after = isDone ? serve(quiet, writer.wanted) : quiet;
  const hasChanged = seen.failure === undefined && hash !== writer.seen?.hash;
  const observations = hasChanged ? await observationsOf(context, writer, seen, nowMs) : [];
  const { before, summary } = await summarize(context, compiled, input, decided, seen);
  const documents = [...decided.upserts, ...observations, ...(summary === undefined ? [] : [summary])];
  const stored = await storeStep(context.store, writer, { writer: after, entries: step.entries }, documents);
  if (stored === undefined) return undefined;
  if (seen.sight !== undefined && summary !== undefined) await wakeOthers(context, seen.sight, before, summary);
  if (decided.apply.length > 0) return { kind: "apply", changes: decided.apply.map(({ id }) => id) };
  if (decided.retryMs !== undefined && waits) return { kind: "wait", next: "look", forMs: decided.retryMs - nowMs };
  if (seen.retryMs !== undefined && !decided.more) return { kind: "wait", next: "look", forMs: seen.retryMs };
  return { kind: "served", again: stored.wanted > stored.served };
}

/** The account as lists show it, and as they did; undefined when it is as it was. */
async function summarize(
  { store }: PassContext,
  compiled: Compiled,
  { pk, judgements, documents, settings, subscriptionId, nowMs }: DecideInput,
  { upserts }: DecideResult,
  { address, sight, failure }: Seen,
): Promise<{ readonly before: Summary | undefined; readonly summary: Summary | undefined }> {
  const after = new Map([...documents, ...upserts].map((document) => [document.id, document]));
  const before = (await store.read<Summary>("state", pk, summaryId))?.document;
  const isGone = sight === undefined && failure === undefined;
  // Of an account that was never there nothing is told.
  if (isGone && before === undefined) return { before, summary: undefined };
  const { environment } = settings;
  const archetype = compiled.subscription(subscriptionId)?.archetype ?? "";
  const live = [...after.values()].filter((document) => document.live);
  const place = { pk, address, sight, isGone, environment, archetype };
  const summary = summaryOf({ ...place, judgements, documents: live, before, at: toIso(nowMs) });
  return { before, summary: summary === before ? undefined : summary };
}

/** All that was read: what makes one look like another. */
function seenBodies(sight: Sight | undefined): Body | undefined {
  if (sight === undefined) return undefined;
  const { account, members, principals } = sight;
  if (Object.keys(members).length === 0 && principals === undefined) return account.body;
  return { account: account.body, members: bodiesOf(members), principals: (principals ?? {}) as Body };
}

function bodiesOf(members: Sight["members"]): Body {
  const bodies = Object.entries(members).map(([kind, list]) => [
    kind,
    isUnread(list) ? { unread: list.unread } : list.map(({ body }) => body),
  ]);
  return Object.fromEntries(bodies) as Body;
}

/** What was seen and what was seen before it, where the two differ. */
async function observationsOf(
  { store }: PassContext,
  { pk, key }: Writer,
  { address, sight }: Seen,
  nowMs: number,
): Promise<readonly (Observation | PastObservation)[]> {
  const { subscriptionId } = address;
  const place = { id: observationId, pk, kind: "observation", key, target: key, subscriptionId } as const;
  const before = (await store.read<Stored>("state", pk, observationId))?.document;
  return observed(before, { ...place, ...remembered(sight), at: toIso(nowMs) });
}
