/**
 * Whether the product does its work, judged from what the store says (signals.ts reads it) and nothing else: what a
 * process believes of itself is no evidence. Pure; the thresholds follow from the rhythms of the product: the sweeper
 * and with it the sealing run every minute, a wish is served within a minute, the estate is swept once a day.
 *
 * Limits: numbers come from one page of each query, so a count may be "at least"; ages of unserved wishes are never less
 * than the truth and at most a run of the sweeper more; an outage of the store itself shows as no answer at all.
 */
import { dayMs, fromIso, hourMs, minuteMs } from "../kernel/clock.ts";

/** The sweeper beats once a minute; two misses are a restart or an upgrade, three are not. */
export const HEARTBEAT_LATE_MS = 3 * minuteMs;

/** A wish is served within a minute; ages may show a minute too much, and a pass may wait for a write of its own. */
export const UNSERVED_LATE_MS = 3 * minuteMs;

/** Longer than any answer of Azure makes a pass wait (15 minutes): the key is not being served at all. */
export const UNSERVED_STUCK_MS = 30 * minuteMs;

/** The sweeper asks for a look at every time that has come, once a minute, and the look sets a new one. */
export const PAST_DUE_LATE_MS = 3 * minuteMs;

/** A write ends with its answer, within seconds, or with its operation, within minutes. */
export const FENCE_LONG_MS = 10 * minuteMs;

/** What is recorded is sealed within the minute; a job that loses to another leaves it to the next. */
export const UNSEALED_LATE_MS = 5 * minuteMs;
export const UNSEALED_STUCK_MS = 15 * minuteMs;

/** A sweep begins every day; it takes minutes, or hours where ARM's read buckets are small. */
export const SWEEP_LATE_MS = dayMs + hourMs;
export const SWEEP_LONG_MS = 6 * hourMs;

/** A pause of a day is one that somebody forgot. */
export const PAUSE_LONG_MS = dayMs;

/** What could not be read is worth a look on the day that it came. */
export const DEAD_LETTER_FRESH_MS = dayMs;

/** Some documents, and since when the oldest of them has been waiting. */
export interface Waiting {
  readonly count: number;
  /** There are more than were counted. */
  readonly isMore: boolean;
  /** Business time, ISO 8601; null when none waits. */
  readonly since: string | null;
  /** Writer key of the oldest. */
  readonly key: string | null;
}

export interface SweepSignal {
  readonly startedAt: string;
  /** Null while it runs, or when it failed. */
  readonly finishedAt: string | null;
  readonly accounts: number;
  /** Subscriptions that could not be swept. */
  readonly problems: readonly string[];
}

/** What the store says, at one moment. */
export interface HealthSignals {
  /** Business time at which it was read, ISO 8601. */
  readonly at: string;
  /** Last run of the sweeper that got to its end; null before the first. */
  readonly heartbeat: { readonly at: string; readonly configVersion: number } | null;
  /** Since when writing has been paused, as the sweeper saw it; null when it is not. */
  readonly pausedSince: string | null;
  /** Keys with wanted > served. */
  readonly unserved: Waiting;
  /** Writes under way, or whose fate is open. */
  readonly fences: Waiting;
  /** Live proposals and claims whose time has come. */
  readonly pastDue: Waiting;
  /** The oldest entry of the ledger that is younger than the last seal; null when all is sealed. */
  readonly unsealedSince: string | null;
  readonly sealedAt: string | null;
  readonly sweep: SweepSignal | null;
  /** Live proposals and claims that are not carried out, by the reason of their condition, sorted. */
  readonly held: { readonly [reason: string]: number };
  /** Live findings on targets that Azure does not let us read. */
  readonly unreadable: Waiting;
  readonly deadLetters: { readonly count: number; readonly isMore: boolean; readonly lastAt: string | null };
  readonly corrupt: CorruptSignal;
}

/** Documents that cannot be read, of those that were looked at. */
export interface CorruptSignal {
  readonly count: number;
  /** Not all live documents were looked at. */
  readonly isMore: boolean;
  /** Partition and id of one of them, always the same while they are; null when there is none. */
  readonly first: string | null;
}

export const verdicts = ["ok", "degraded", "failing"] as const;
export type HealthVerdict = (typeof verdicts)[number];

/** Why the verdict is not ok: a reason for machines, a sentence for people without times and counts. */
export interface HealthReason {
  readonly reason: string;
  readonly verdict: Exclude<HealthVerdict, "ok">;
  readonly message: string;
}

export interface HealthReport {
  readonly verdict: HealthVerdict;
  /** The worst first. */
  readonly reasons: readonly HealthReason[];
  readonly signals: HealthSignals;
}

/** Milliseconds since a recorded time, never negative: a clock that went back makes nothing younger than new. */
export function ageMs(since: string | null, at: string): number | null {
  return since === null ? null : Math.max(0, fromIso(at) - fromIso(since));
}

/** Whether the heartbeat says that core works. */
export function isBeating(heartbeat: { readonly at: string } | null, at: string): boolean {
  return (ageMs(heartbeat?.at ?? null, at) ?? Infinity) <= HEARTBEAT_LATE_MS;
}

/** Names in one message. */
const NAMES_MAX = 10;

/** Conditions that are Azure's doing and end when somebody acts there. */
const heldByAzure: Readonly<Record<string, string>> = {
  Refused: "Azure refuses writes that were agreed to; their conditions name its code.",
  Stalled: "Writes that were agreed to are not tried any more: Azure refused them several times.",
  Unknown: "Azure does not let us see targets whose changes were agreed to.",
};

export function judgeHealth(signals: HealthSignals): HealthReport {
  const reasons = [...rhythm(signals), ...progress(signals), ...sweeping(signals), ...attention(signals)];
  reasons.sort((a, b) => verdicts.indexOf(b.verdict) - verdicts.indexOf(a.verdict));
  return { verdict: reasons[0]?.verdict ?? "ok", reasons, signals };
}

function* rhythm(signals: HealthSignals): Generator<HealthReason> {
  const { heartbeat, at, unsealedSince } = signals;
  if (heartbeat === null) {
    yield { reason: "HeartbeatMissing", verdict: "failing", message: "Core has not reported yet." };
  } else if (!isBeating(heartbeat, at)) {
    const message = "Core has stopped reporting: nothing is looked at and nothing is taken back in time.";
    yield { reason: "HeartbeatLate", verdict: "failing", message };
  }
  const unsealedMs = ageMs(unsealedSince, at) ?? 0;
  if (unsealedMs > UNSEALED_LATE_MS) {
    const verdict = unsealedMs > UNSEALED_STUCK_MS ? "failing" : "degraded";
    yield { reason: "SealLate", verdict, message: "Entries of the ledger wait for their seal." };
  }
}

function* progress({ at, unserved, pastDue, fences }: HealthSignals): Generator<HealthReason> {
  const unservedMs = ageMs(unserved.since, at) ?? 0;
  if (unservedMs > UNSERVED_LATE_MS) {
    const verdict = unservedMs > UNSERVED_STUCK_MS ? "failing" : "degraded";
    yield { reason: "Unserved", verdict, message: "Targets have been waiting for a look for too long." };
  }
  if ((ageMs(pastDue.since, at) ?? 0) > PAST_DUE_LATE_MS) {
    const message = "Proposals or claims whose time has come were not looked at.";
    yield { reason: "PastDue", verdict: "degraded", message };
  }
  if ((ageMs(fences.since, at) ?? 0) > FENCE_LONG_MS) {
    const message = "A write has been under way for long; nothing else is written under its account.";
    yield { reason: "FenceOpen", verdict: "degraded", message };
  }
}

function* sweeping({ at, heartbeat, sweep }: HealthSignals): Generator<HealthReason> {
  const startedMs = ageMs(sweep?.startedAt ?? null, at);
  if (startedMs === null) {
    if (heartbeat === null) return;
    yield { reason: "SweepMissing", verdict: "degraded", message: "The estate has never been swept." };
  } else if (startedMs > SWEEP_LATE_MS) {
    yield { reason: "SweepLate", verdict: "degraded", message: "The daily sweep of the estate did not begin." };
  } else if (sweep?.finishedAt === null && startedMs > SWEEP_LONG_MS) {
    yield { reason: "SweepUnfinished", verdict: "degraded", message: "The last sweep of the estate did not finish." };
  }
  if (sweep !== null && sweep.problems.length > 0) {
    const names = sweep.problems.slice(0, NAMES_MAX).join(", ");
    yield { reason: "SweepIncomplete", verdict: "degraded", message: `Subscriptions could not be swept: ${names}.` };
  }
}

/** What is said of documents that were left out because they cannot be read. */
export function corruptReason(first: string): HealthReason {
  const message = `Records cannot be read and are left out of what is shown; one of them is ${first}.`;
  return { reason: "Corrupt", verdict: "degraded", message };
}

function* attention(signals: HealthSignals): Generator<HealthReason> {
  const { at, held, unreadable, deadLetters, pausedSince, corrupt } = signals;
  if (corrupt.first !== null) yield corruptReason(corrupt.first);
  for (const [reason, message] of Object.entries(heldByAzure)) {
    if ((held[reason] ?? 0) > 0) yield { reason: `Changes${reason}`, verdict: "degraded", message };
  }
  if (unreadable.count > 0) {
    const message = "Azure does not let us read targets; what they are like is unknown.";
    yield { reason: "Unreadable", verdict: "degraded", message };
  }
  const freshMs = ageMs(deadLetters.lastAt, at);
  if (freshMs !== null && freshMs <= DEAD_LETTER_FRESH_MS) {
    yield { reason: "DeadLetters", verdict: "degraded", message: "Messages came that could not be read." };
  }
  if ((ageMs(pausedSince, at) ?? 0) > PAUSE_LONG_MS) {
    yield { reason: "PausedLong", verdict: "degraded", message: "Writing has been paused for more than a day." };
  }
}
