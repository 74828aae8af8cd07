/** The second half of a pass: write one agreed change, read back, record what became of it. */
import { SteelyardError } from "../kernel/errors.ts";
import { accountOf, type AccountAddress, type ResourceId } from "../estate/resourceId.ts";
import { isLastWriter, isTerminal, type Account } from "../estate/account.ts";
import { isMadeByRemedies } from "../estate/member.ts";
import type { Sight } from "../estate/sight.ts";
import type { Outcome, Refusal } from "../desired/change.ts";
import { mergeChange, type Body } from "../desired/compare.ts";
import type { Claim, Proposal, StateDocument } from "../desired/documents.ts";
import { guardId, repaired, type Guard } from "../desired/guard.ts";
import { writeOf, type Write } from "../desired/request.ts";
import { afterOutcome, outcomeOf } from "../desired/settle.ts";
import type { ArmError, WriteAnswer } from "../ports/arm.ts";
import {
  answered,
  FENCE_MS,
  fenceWait,
  closeFence,
  openFence,
  WRITE_ABORT_MS,
  type Fence,
  type FenceAnswer,
  type Writer,
} from "../writer/writer.ts";
import { reserve } from "./budgets.ts";
import type { Compiled } from "./configuration.ts";
import type { PassContext } from "./context.ts";
import { readSight } from "./sight.ts";
import { withOthers } from "./useCases.ts";
import { agreedChange, demandingStandard, placeOf, refusal } from "./writable.ts";
import { CONTENTION_MAX, contended, readWriter, storeStep } from "./writerStore.ts";

export type ApplyResult =
  /** The write has its outcome. */
  | { readonly kind: "settled" }
  /** Not to be written as things are now: look again. */
  | { readonly kind: "dropped"; readonly reason: string }
  /**
   * The fate is open: wait so long, then settle. `intent` names the write that may be settled without ARM's answer when
   * that has been waited for; null when there is none.
   */
  | { readonly kind: "wait"; readonly forMs: number; readonly intent: number | null };

/** Pause before reading back again when the target is still under way and ARM named no time. */
const SETTLE_RETRY_MS = 2_000;

/**
 * So many reads, {@link SETTLE_RETRY_MS} apart or more, may show what was there before a write that ARM called done. Counted
 * and not timed: the clock of whoever heard that it is done may be another one.
 */
const CONTRADICTIONS_MAX = 5;

/** A write that does not leave within this time after its fence was set is not sent: the process was held up. */
const SEND_WITHIN_MS = 3_000;

/**
 * A write whose fence is not about to be set within this time after its budget was asked is not made: with
 * {@link SEND_WITHIN_MS} and {@link WRITE_ABORT_MS} it stays within the minute for which the log counts it longer.
 */
const RESERVED_WITHIN_MS = 30_000;

/** Writes the change of one proposal or claim, if it still is what was agreed to. */
export async function apply(context: PassContext, key: ResourceId, changeId: string): Promise<ApplyResult> {
  const writer = await readWriter(context.store, key);
  if (writer === undefined) return { kind: "dropped", reason: "nothing is known of the key" };
  if (writer.fence !== null) return { kind: "wait", ...fenceWait(writer.fence) };
  const carrier = await context.store.read<Proposal | Claim>("state", writer.pk, changeId);
  const change = carrier === undefined ? undefined : agreedChange(carrier.document, context.clock.now());
  if (carrier === undefined || change === undefined)
    return { kind: "dropped", reason: "the change is no longer agreed to" };
  const carried = carrier.document;
  const compiled = await context.configuration.read();
  const address = addressOf(key);
  const read = await reread(context, compiled, carried, address);
  if (read === undefined) return { kind: "dropped", reason: "the target could not be read" };
  const { account } = read;
  const target = await targetOf(context, address, change.target, account);
  if (target === undefined) return { kind: "dropped", reason: "the target could not be read" };
  if (!isTerminal(account) || !isTerminal(target)) return { kind: "dropped", reason: "the target is being changed" };
  const refused = await refusal(context, compiled, carried, read, target.createdAt);
  if (refused !== undefined) return { kind: "dropped", reason: refused };
  const merge = mergeChange(change.fields, target.body ?? {});
  if (merge !== "write")
    return { kind: "dropped", reason: merge === "done" ? "it is already so" : "the target has moved" };

  // Not given back when another step comes first: that may be the one of another run of this very write, which goes on.
  // The same try counts once, so the next look that puts the change forward again takes nothing more.
  const reservingMs = context.clock.now();
  if (carried.kind === "proposal") {
    const place = { ...placeOf(compiled, account), standard: carried.standard.id };
    const isReserved = await reserve(context, compiled.config.budgets, place, `${carried.id}#${carried.attempts}`);
    if (!isReserved) return { kind: "dropped", reason: "the budget is used up" };
  }
  // A member is sent whole: what others changed of it since it was read would go back with it. Azure takes no If-Match here.
  const latest = change.target === key ? target : await targetOf(context, address, change.target, account);
  if (latest === undefined || mergeChange(change.fields, latest.body ?? {}) !== "write")
    return { kind: "dropped", reason: "the target has moved" };
  const openedMs = context.clock.now();
  if (wasHeld(openedMs - reservingMs, RESERVED_WITHIN_MS))
    return { kind: "dropped", reason: "the process was held up before the request left" };
  // Held up while it was read, what was agreed to may have ended since.
  if (agreedChange(carried, openedMs) === undefined)
    return { kind: "dropped", reason: "the change is no longer agreed to" };
  const fenced = await storeStep(context.store, writer, openFence(writer, change, openedMs));
  if (fenced === undefined) return { kind: "dropped", reason: "somebody else's step came first" };
  return send(context, fenced, address, writeOf(key, change, latest.body), openedMs);
}

/**
 * The account and, for what a standard demands, all that the standard reads beside it: decided on again before it is
 * written. Undefined when the account cannot be read now.
 */
async function reread(
  context: PassContext,
  compiled: Compiled,
  carrier: Proposal | Claim,
  address: AccountAddress,
): Promise<Sight | undefined> {
  const sources = new Set(demandingStandard(compiled, carrier)?.sources);
  // A list alone does not say how the target is that we may have written just before.
  const read = await readSight(context, address, sources, new Map([[carrier.target, true]]));
  return read.kind === "found" ? withOthers(context.store, compiled, read.sight, sources) : undefined;
}

/** What is to be written: the account, or a resource that belongs to it. */
interface Target {
  /** Undefined when it is not there. */
  readonly body: Body | undefined;
  readonly provisioningState: string;
  readonly createdAt: string | null;
}

/** Undefined when ARM does not show it, or when something is gone that only others make. */
async function targetOf(
  context: PassContext,
  address: AccountAddress,
  target: ResourceId,
  account: Account,
): Promise<Target | undefined> {
  const createdAt = account.createdAt ?? null;
  if (target === address.id) return { ...account, createdAt };
  const read = await context.arm.readResource(address, target);
  if (read.kind === "failed") return undefined;
  if (read.kind === "found")
    return { ...read.resource, createdAt: isMadeByRemedies(target) ? createdAt : (read.resource.createdAt ?? null) };
  return isMadeByRemedies(target) ? { body: undefined, provisioningState: "Succeeded", createdAt } : undefined;
}

/** Whether more time went by than may. A clock that went back tells nothing about how long it was. */
function wasHeld(passedMs: number, mostMs: number): boolean {
  return passedMs > mostMs || passedMs < 0;
}

async function send(
  context: PassContext,
  fenced: Writer,
  address: AccountAddress,
  write: Write,
  openedMs: number,
): Promise<ApplyResult> {
  const answer: WriteAnswer = wasHeld(context.clock.now() - openedMs, SEND_WITHIN_MS)
    ? { kind: "lost", reason: "the process was held up before the request left" }
    : await context.arm.write(address, write, WRITE_ABORT_MS);
  if (answer.kind === "lost") {
    context.log("the answer to a write was lost", {
      key: fenced.key,
      change: fenced.fence?.change.id,
      reason: answer.reason,
    });
    return { kind: "wait", forMs: FENCE_MS, intent: fenced.fence?.intent ?? null };
  }
  const answeredWriter = answered(fenced, fenceAnswer(answer));
  const stored = await storeStep(context.store, fenced, { writer: answeredWriter, entries: [] });
  if (stored === undefined) return { kind: "wait", forMs: FENCE_MS, intent: fenced.fence?.intent ?? null };
  if (answer.kind === "accepted") return { kind: "wait", forMs: answer.retryAfterMs, intent: null };
  return settle(context, fenced.key, null);
}

/**
 * Settles the write under way by polling its operation and reading the target back. `waited` is the intent for which the
 * caller has waited out the time in which a request may still be on its way: by one clock, its own, because the clock of
 * whoever set the fence may be another.
 */
export async function settle(context: PassContext, key: ResourceId, waited: number | null): Promise<ApplyResult> {
  for (let attempt = 0; attempt < CONTENTION_MAX; attempt += 1) {
    const result = await settleOnce(context, key, waited);
    if (result !== undefined) return result;
  }
  throw contended(key, "settling a write");
}

async function settleOnce(
  context: PassContext,
  key: ResourceId,
  waited: number | null,
): Promise<ApplyResult | undefined> {
  const writer = await readWriter(context.store, key);
  const fence = writer?.fence ?? null;
  if (writer === undefined || fence === null) return { kind: "settled" };
  const nowMs = context.clock.now();
  if (fence.answer === null && waited !== fence.intent) return { kind: "wait", ...fenceWait(fence) };
  const again = (forMs: number): ApplyResult => ({ kind: "wait", forMs, intent: waited });
  const operation = await pollOperation(context, fence, nowMs);
  if (operation.kind === "wait") return again(operation.forMs);
  const read = await context.arm.readAccount(addressOf(key));
  if (read.kind === "failed") return again(read.error.retryAfterMs ?? SETTLE_RETRY_MS);
  if (read.kind === "found" && !isTerminal(read.account)) return again(SETTLE_RETRY_MS);

  const account = read.kind === "found" ? read.account : undefined;
  const seen = await readBack(context, addressOf(key), fence.change.target, account);
  if (seen.kind === "wait") return again(seen.forMs);
  const { error } = operation;
  const shown = error === null ? null : { code: error.code, message: error.message };
  // ARM's answer tells more than who wrote last: somebody may have changed another field since.
  const isOurs = seen.body === undefined || fence.answer !== null ? undefined : isLastWriter(seen.body, context.self);
  const outcome = outcomeOf(fence.change, seen.body, isOurs, shown);
  if (outcome.result !== "applied" && error === null) {
    const lagging = await mayLag(context, writer, fence);
    if (lagging) return again(SETTLE_RETRY_MS);
  }
  const carrier = await context.store.read<Proposal | Claim>("state", writer.pk, fence.change.id);
  const documents =
    carrier === undefined
      ? []
      : await settled(context, carrier.document, { outcome, error, createdAt: seen.createdAt }, nowMs);
  const stored = await storeStep(context.store, writer, closeFence(writer, outcome, nowMs), documents);
  return stored === undefined ? undefined : { kind: "settled" };
}

type ReadBack =
  | { readonly kind: "read"; readonly body: Body | undefined; readonly createdAt: string | null }
  | { readonly kind: "wait"; readonly forMs: number };

/** The target as it is after the write: of what remedies make, that it is not there is an answer, too. */
async function readBack(
  { arm }: PassContext,
  address: AccountAddress,
  target: ResourceId,
  account: Account | undefined,
): Promise<ReadBack> {
  const createdAt = account?.createdAt ?? null;
  if (account === undefined || target === address.id) return { kind: "read", body: account?.body, createdAt };
  const read = await arm.readResource(address, target);
  if (read.kind === "failed") return { kind: "wait", forMs: read.error.retryAfterMs ?? SETTLE_RETRY_MS };
  const isOwn = isMadeByRemedies(target);
  if (read.kind === "absent") return { kind: "read", body: isOwn ? {} : undefined, createdAt };
  const { resource } = read;
  if (!isTerminal(resource)) return { kind: "wait", forMs: SETTLE_RETRY_MS };
  return { kind: "read", body: resource.body, createdAt: isOwn ? createdAt : (resource.createdAt ?? null) };
}

/** The documents that an outcome changes: the carrier, and what is remembered of the standard once it was put right. */
async function settled(
  context: PassContext,
  carrier: Proposal | Claim,
  seen: { readonly outcome: Outcome; readonly error: Refusal | null; readonly createdAt: string | null },
  nowMs: number,
): Promise<StateDocument[]> {
  const { outcome, error, createdAt } = seen;
  const after = afterOutcome(carrier, outcome, error, nowMs);
  if (carrier.kind !== "proposal" || outcome.result !== "applied") return [after];
  const guard = await context.store.read<Guard>(
    "state",
    carrier.pk,
    guardId(carrier.standard.id, carrier.key, carrier.target),
  );
  return [after, repaired(guard?.document, carrier, createdAt, nowMs)];
}

/**
 * ARM said that the write is done, and a read shows something else. Reads may lag behind writes, so for a while it is
 * read again; false when what was read is to be believed.
 */
async function mayLag(context: PassContext, writer: Writer, fence: Fence): Promise<boolean> {
  const { answer } = fence;
  if (answer?.kind !== "accepted" && answer?.kind !== "done") return false;
  const contradicted = answer.kind === "done" ? answer.contradicted + 1 : 1;
  if (contradicted > CONTRADICTIONS_MAX) return false;
  const done = answered(writer, { kind: "done", contradicted });
  await storeStep(context.store, writer, { writer: done, entries: [] });
  return true;
}

/** What the operation says; a write without one has ended when it was answered or its time is over. */
async function pollOperation(
  context: PassContext,
  fence: Fence,
  nowMs: number,
): Promise<{ kind: "wait"; forMs: number } | { kind: "ended"; error: Refusal | null }> {
  if (fence.answer?.kind === "refused") return { kind: "ended", error: fence.answer.error };
  if (fence.answer?.kind !== "accepted") return { kind: "ended", error: null };
  const poll = await context.arm.poll(fence.answer.pollUrl);
  if (poll.kind === "running") return { kind: "wait", forMs: poll.retryAfterMs };
  if (poll.kind === "ended") {
    return { kind: "ended", error: poll.error === null ? null : { class: "retry", ...poll.error, retryAfterMs: null } };
  }
  // An operation that ARM no longer knows has ended; the read-back tells how.
  if (poll.error.status === 404) return { kind: "ended", error: null };
  // One that we may not ask tells us nothing either: like a lost answer, it is over with the abort time, and the
  // state of the target says whether Azure is still at work. Waiting for it would hold the key for ever.
  if (poll.error.class !== "retry" && fence.abortMs <= nowMs) return { kind: "ended", error: null };
  return { kind: "wait", forMs: poll.error.retryAfterMs ?? SETTLE_RETRY_MS };
}

function fenceAnswer(answer: Exclude<WriteAnswer, { kind: "lost" }>): FenceAnswer {
  switch (answer.kind) {
    case "done":
      return { kind: "done", contradicted: 0 };
    case "accepted":
      return { kind: "accepted", pollUrl: answer.pollUrl };
    case "refused":
      return { kind: "refused", error: refusalOf(answer.error) };
  }
}

function refusalOf(error: ArmError): Refusal {
  return { class: error.class, code: error.code, message: error.message, retryAfterMs: error.retryAfterMs ?? null };
}

function addressOf(key: ResourceId): AccountAddress {
  const address = accountOf(key);
  if (address === undefined) throw new SteelyardError("Corrupt", `writer ${key}: the key names no account`);
  return address;
}
