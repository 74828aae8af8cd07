/** The first half of a pass: observe the target, decide, store what was decided. Writes nothing to the estate. */
import { minuteMs, toIso } from "../kernel/clock.ts";
import { accountOf, type AccountAddress, type ResourceId } from "../estate/resourceId.ts";
import { withoutNames, type Account } from "../estate/account.ts";
import { decide, observationHash } from "../desired/decide.ts";
import { observationId, type Observation } from "../desired/documents.ts";
import type { DecideResult } from "../desired/judgement.ts";
import type { ArmError } from "../ports/arm.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { isPaused, nextLookMs, paused, record, saw, serve, fenceWait, type Writer } from "../writer/writer.ts";
import { readBudget } from "./budgets.ts";
import type { Compiled } from "./configuration.ts";
import type { PassContext } from "./context.ts";
import { decideInput, judgementsOf, type Known as DecisionFacts } from "./deciding.ts";
import { changedBy, pipelineOf } from "./lastWriter.ts";
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
  const read = await context.arm.readAccount(address);
  if (read.kind === "failed" && read.error.class === "retry") {
    return { kind: "wait", next: "look", forMs: read.error.retryAfterMs ?? READ_RETRY_MS };
  }
  const account = read.kind === "found" ? read.account : undefined;
  const failure = read.kind === "failed" ? read.error : undefined;
  const judgements = judgementsOf(compiled, account, failure, address.subscriptionId);
  const failed = judgements.filter(({ verdict }) => verdict === "fail").map(({ standard }) => standard.id);
  const input = decideInput(
    compiled,
    {
      nowMs,
      pk: writer.pk,
      address,
      account,
      failure,
      changedBy: changedBy(writer, account, context.self),
      pipeline: failed.length === 0 ? undefined : await pipelineOf(context.store, compiled, writer, account),
      documents: await readLive(context.store, writer.pk),
      nextSeq: writer.chain.seq + 1,
      budgets: await budgetsOf(context, compiled, failed),
    },
    judgements,
  );
  return finish(context, writer, decide(input), { address, account, failure }, nowMs);
}

/** What the failed standards wrote lately, where they may write at all. */
async function budgetsOf(
  context: PassContext,
  { config }: Compiled,
  failed: readonly string[],
): Promise<DecisionFacts["budgets"]> {
  const budgets = new Map<string, Awaited<ReturnType<typeof readBudget>>>();
  for (const { id, mode, modes } of config.standards) {
    const mayWrite = [mode, ...Object.values(modes)].some((one) => one !== "audit");
    if (mayWrite && failed.includes(id)) budgets.set(id, await readBudget(context, id));
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

/** What a look saw: the account, or why not. */
interface Sight {
  readonly address: AccountAddress;
  readonly account: Account | undefined;
  readonly failure: ArmError | undefined;
}

async function finish(
  context: PassContext,
  writer: Writer,
  decided: DecideResult,
  sight: Sight,
  nowMs: number,
): Promise<LookResult | undefined> {
  const step = record(writer, decided.records, nowMs);
  const isIdle = decided.apply.length === 0 && decided.upserts.length === 0;
  const waits = decided.retryMs !== undefined && decided.retryMs - nowMs <= RETRY_WITHIN_PASS_MS;
  const isDone = decided.apply.length === 0 && !waits;
  // One that cannot be read is not one that is gone: the next look must tell the two apart.
  const hash = observationHash(sight.failure === undefined ? sight.account?.body : {});
  const seen = saw(step.writer, hash, isIdle, toIso(nowMs));
  const after = isDone ? serve(seen, writer.wanted) : seen;
  const observed = sight.failure === undefined && hash !== writer.seen?.hash ? [observation(writer, sight, nowMs)] : [];
  const documents = [...decided.upserts, ...observed];
  const stored = await storeStep(context.store, writer, { writer: after, entries: step.entries }, documents);
  if (stored === undefined) return undefined;
  if (decided.apply.length > 0) return { kind: "apply", changes: decided.apply.map(({ id }) => id) };
  if (decided.retryMs !== undefined && waits) return { kind: "wait", next: "look", forMs: decided.retryMs - nowMs };
  return { kind: "served", again: stored.wanted > stored.served };
}

function observation({ pk, key }: Writer, { address, account }: Sight, nowMs: number): Observation {
  const body = account === undefined ? null : withoutNames(account.body);
  const { subscriptionId } = address;
  return { id: observationId, pk, kind: "observation", key, target: key, subscriptionId, body, at: toIso(nowMs) };
}
