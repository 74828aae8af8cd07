/** The first half of a pass: observe the target, decide, store what was decided. Writes nothing to the estate. */
import { minuteMs, toIso } from "../kernel/clock.ts";
import { accountOf, type ResourceId } from "../estate/resourceId.ts";
import type { Account } from "../estate/account.ts";
import { decide, observationHash } from "../desired/decide.ts";
import type { DecideResult, Judgement } from "../desired/judgement.ts";
import type { Body } from "../desired/compare.ts";
import type { ArmError } from "../ports/arm.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { judge } from "../standards/judge.ts";
import { isPaused, nextLookMs, paused, record, saw, serve, fenceWait, type Writer } from "../writer/writer.ts";
import type { Compiled } from "./configuration.ts";
import type { PassContext } from "./context.ts";
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
  const documents = await readLive(context.store, writer.pk);
  const subscription = compiled.subscription(address.subscriptionId);
  const decided = decide({
    nowMs,
    pk: writer.pk,
    key,
    subscriptionId: address.subscriptionId,
    nextSeq: writer.chain.seq + 1,
    // A target that could not be read is not gone: its verdicts are unknown.
    observed: failure === undefined ? account?.body : {},
    unreadable: failure !== undefined,
    changedBy: changedBy(writer, account, context.self),
    judgements: judgements(compiled, account, failure, address.subscriptionId),
    documents,
    settings: {
      enrolment: subscription?.level,
      paused: compiled.config.paused,
      quorum: compiled.config.quorum,
      proposalHours: compiled.config.proposalHours,
    },
  });
  return finish(context, writer, decided, account?.body, nowMs);
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

async function finish(
  context: PassContext,
  writer: Writer,
  decided: DecideResult,
  observed: Body | undefined,
  nowMs: number,
): Promise<LookResult | undefined> {
  const step = record(writer, decided.records, nowMs);
  const isIdle = decided.apply.length === 0 && decided.upserts.length === 0;
  const waits = decided.retryMs !== undefined && decided.retryMs - nowMs <= RETRY_WITHIN_PASS_MS;
  const isDone = decided.apply.length === 0 && !waits;
  const seen = saw(step.writer, observationHash(observed), isIdle, toIso(nowMs));
  const after = isDone ? serve(seen, writer.wanted) : seen;
  const stored = await storeStep(context.store, writer, { writer: after, entries: step.entries }, decided.upserts);
  if (stored === undefined) return undefined;
  if (decided.apply.length > 0) return { kind: "apply", changes: decided.apply.map(({ id }) => id) };
  if (decided.retryMs !== undefined && waits) return { kind: "wait", next: "look", forMs: decided.retryMs - nowMs };
  return { kind: "served", again: stored.wanted > stored.served };
}

function judgements(
  compiled: Compiled,
  account: Account | undefined,
  failure: ArmError | undefined,
  subscriptionId: string,
): Judgement[] {
  const subscription = compiled.subscription(subscriptionId);
  return compiled.standards.map((standard): Judgement => {
    if (account !== undefined && subscription !== undefined) return judge(standard, account, subscription);
    const { id, version, title, severity } = standard.definition;
    // Nobody's business any more: that it cannot be read is no wonder there.
    const isKnown = failure === undefined || subscription === undefined;
    return {
      standard: { id, version, title, severity },
      verdict: isKnown ? "notApplicable" : "unknown",
      reason: isKnown ? "The subscription is not enrolled." : `Azure did not let us read it: ${failure.code}.`,
      assertions: [],
      safety: "X",
      mode: "audit",
      unmet: undefined,
    };
  });
}

/** ARM's word when it names an object ID, else the last event's; ourselves never. */
function changedBy(writer: Writer, account: Account | undefined, self: string): string | null {
  const candidates = [account?.lastModifiedBy, writer.signal?.caller ?? undefined];
  return candidates.find((oid) => oid !== undefined && oid !== self) ?? null;
}
