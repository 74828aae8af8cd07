/**
 * The writer protocol. One document per writer key holds all of it; the functions here are its only transitions and do
 * no I/O. Whoever stores a step does so in one transaction, conditional on the number of the step that it began from, so
 * that of two passes over one key only one can open a fence, record an entry or say "served", and none overwrites a
 * document that the other has changed meanwhile.
 *
 * - Whoever wants a look adds 1 to `wanted` (an unconditional increment: it can't be lost and conflicts with nobody).
 * - A pass reads `wanted` before it looks and says `served` up to that number, never to a later one.
 * - Before a write the fence is set together with the intent; no second write while it stands.
 * - The fence ends with exactly one outcome, after reading back.
 */
import { fromIso, toIso } from "../kernel/clock.ts";
import { assert } from "../kernel/errors.ts";
import { append, emptyChain, type ChainHead, type LedgerEntry, type LedgerRecord } from "../ledger/chain.ts";
import { partitionOf, type ResourceId } from "../estate/resourceId.ts";
import type { Change, Outcome, Refusal } from "../desired/change.ts";

/**
 * How long the client waits for the answer to a write before it aborts. Account updates answer within seconds, by 200 or
 * by 202 with an operation to poll.
 */
export const WRITE_ABORT_MS = 15_000;

/** After the abort nothing of ours can still be on its way: margin for a request that left at the last moment. */
export const FENCE_MARGIN_MS = 5_000;

/** So long a request of ours can be on its way after its fence was set. */
export const FENCE_MS = WRITE_ABORT_MS + FENCE_MARGIN_MS;

/**
 * What makes a burst of events cheap: when so many wishes have come since a look last saw something new, the next one
 * waits, longer after each look that saw nothing new. A few events never wait. Far below the minute within which a wish
 * is served.
 */
const BURST_WISHES = 4;
export const QUIET_PAUSE_MS = 10_000;
const QUIET_PAUSES_MAX = 4;

/** A write that is under way, or whose fate is not known yet. */
export interface Fence {
  /** Sequence number of the intent in the chain. */
  readonly intent: number;
  readonly change: Change;
  readonly openedMs: number;
  /** From here on no request of ours can still be on its way. */
  readonly abortMs: number;
  /** What ARM answered; null while no answer was seen. */
  readonly answer: FenceAnswer | null;
}

export type FenceAnswer =
  /** Done, by the answer or by its operation; how many reads have shown something else since. */
  | { readonly kind: "done"; readonly contradicted: number }
  /** Long-running: the operation to poll. */
  | { readonly kind: "accepted"; readonly pollUrl: string }
  | { readonly kind: "refused"; readonly error: Refusal };

/** Who was last seen to write to the target, from an event: evidence for people, nothing is decided on it. */
export interface Signal {
  readonly caller: string | null;
  readonly application: string | null;
  readonly operation: string;
  readonly correlationId: string | null;
  readonly at: string;
}

export interface Writer {
  readonly id: "writer";
  readonly pk: string;
  readonly kind: "writer";
  readonly key: ResourceId;
  readonly wanted: number;
  readonly served: number;
  /** Counts the steps that were stored; wishes are none. */
  readonly step: number;
  readonly fence: Fence | null;
  readonly chain: ChainHead;
  readonly signal: Signal | null;
  /** Business time of the last finished look, ISO 8601; null before the first. */
  readonly lookedAt: string | null;
  /** What the last look saw; null when whoever comes next is to look at once. */
  readonly seen: Seen | null;
}

export interface Seen {
  readonly hash: string;
  /** How many looks in a row saw the same with nothing to do. */
  readonly quiet: number;
  /** `wanted` as it was when the first of them began, the one that saw something new. */
  readonly wantedThen: number;
  /** Business time, ISO 8601, for which the next look was ordered; null when there is no pause. */
  readonly pausedUntil: string | null;
}

export const writerId = "writer";

/** The document of a key that nobody has looked at. */
export function newWriter(key: ResourceId, wanted = 0, signal: Signal | null = null): Writer {
  return {
    id: writerId,
    pk: partitionOf(key),
    kind: "writer",
    key,
    wanted,
    served: 0,
    step: 0,
    fence: null,
    chain: emptyChain,
    signal,
    lookedAt: null,
    seen: null,
  };
}

/** A writer document after a transition, with the ledger entries that must be stored with it. */
export interface WriterStep {
  readonly writer: Writer;
  readonly entries: readonly LedgerEntry[];
}

/** Appends entries to the chain of this key. */
export function record(writer: Writer, records: readonly LedgerRecord[], nowMs: number): WriterStep {
  const entries: LedgerEntry[] = [];
  let chain = writer.chain;
  for (const item of records) {
    const next = append(chain, { pk: writer.pk, key: writer.key, atMs: nowMs, type: item.type, body: item.body });
    chain = next.head;
    entries.push(next.entry);
  }
  return { writer: { ...writer, chain }, entries };
}

/** Sets the fence and records the intent. Never while another fence stands. */
export function openFence(writer: Writer, change: Change, nowMs: number): WriterStep {
  assert(writer.fence === null, `writer ${writer.key}: a write is already under way`);
  const step = record(writer, [{ type: "intent", body: change }], nowMs);
  const fence: Fence = {
    intent: step.writer.chain.seq,
    change,
    openedMs: nowMs,
    abortMs: nowMs + FENCE_MS,
    answer: null,
  };
  return { writer: { ...step.writer, fence }, entries: step.entries };
}

/** ARM answered the fenced write; its fate is known once it has been read back. */
export function answered(writer: Writer, answer: FenceAnswer): Writer {
  assert(writer.fence !== null, `writer ${writer.key}: an answer without a fence`);
  return { ...writer, fence: { ...writer.fence, answer } };
}

/** Ends the fence and records the outcome. */
export function closeFence(writer: Writer, outcome: Outcome, nowMs: number): WriterStep {
  assert(writer.fence !== null, `writer ${writer.key}: an outcome without an intent`);
  const body = { intent: writer.fence.intent, change: writer.fence.change.id, ...outcome };
  const step = record(writer, [{ type: "outcome", body }], nowMs);
  return { writer: { ...step.writer, fence: null }, entries: step.entries };
}

/**
 * How long to wait before the fenced write is settled: not at all when ARM answered, else the whole time, whenever the
 * fence was set: clocks of two instances need not agree, a wait by one clock is what it is.
 */
export function fenceWait(fence: Fence): { readonly forMs: number; readonly intent: number } {
  return { forMs: fence.answer === null ? FENCE_MS : 0, intent: fence.intent };
}

/** Says "looked" for all that was wanted when the look began. */
export function serve(writer: Writer, wanted: number): Writer {
  assert(writer.fence === null, `writer ${writer.key}: served with a write under way`);
  return { ...writer, served: Math.max(writer.served, wanted) };
}

/** Remembers what a look saw. */
export function saw(writer: Writer, hash: string, idle: boolean, at: string): Writer {
  const isSame = idle && writer.seen?.hash === hash;
  const quiet = isSame ? writer.seen.quiet + 1 : 0;
  const wantedThen = isSame ? writer.seen.wantedThen : writer.wanted;
  return { ...writer, seen: { hash, quiet, wantedThen, pausedUntil: null }, lookedAt: at };
}

/** When the next look may begin: later than now only in a burst of wishes about something that does not change. */
export function nextLookMs(writer: Writer, nowMs: number): number {
  if (writer.seen === null || writer.lookedAt === null) return nowMs;
  if (writer.wanted - writer.seen.wantedThen < BURST_WISHES) return nowMs;
  const lookedMs = fromIso(writer.lookedAt);
  const pauseMs = QUIET_PAUSE_MS * Math.min(writer.seen.quiet, QUIET_PAUSES_MAX);
  // A clock that went back must not make anybody wait longer than the pause.
  return lookedMs <= nowMs ? Math.max(nowMs, lookedMs + pauseMs) : nowMs;
}

/** Remembers that the next look was ordered, so that the rest of the burst does not order it again. */
export function paused(writer: Writer, untilMs: number): Writer {
  return writer.seen === null ? writer : { ...writer, seen: { ...writer.seen, pausedUntil: toIso(untilMs) } };
}

/** Whether somebody has ordered the next look already. */
export function isPaused(writer: Writer, nowMs: number): boolean {
  const until = writer.seen?.pausedUntil ?? null;
  return until !== null && fromIso(until) > nowMs;
}
