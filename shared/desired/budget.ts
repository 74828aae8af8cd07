/**
 * How much a standard may write within any hour. The log of its writes is one document, replaced by ETag, so that many
 * instances share it; what is allowed is decided here, from the log and the budgets of the configuration. Of the budgets
 * that hold now the most restrictive one counts, and a log that cannot be read allows nothing.
 */
import { z } from "zod";
import { concerns, type Budget, type Place } from "../config/schema.ts";
import { weeklyUntil } from "../config/calendar.ts";
import { hourMs, minuteMs } from "../kernel/clock.ts";

/**
 * A write counts for an hour, and for as much longer as two instances' clocks may differ and a request may be under way:
 * whoever is ahead must not forget too early what the other has written down.
 */
export const COUNTS_FOR_MS = hourMs + 6 * minuteMs;

const writeSchema = z.object({
  /** Which try of which change it was. */
  id: z.string(),
  atMs: z.number(),
  environment: z.string(),
  subscriptionId: z.string(),
});

export const budgetLogSchema = z.object({
  id: z.string(),
  pk: z.string(),
  kind: z.literal("budget"),
  standard: z.string(),
  writes: z.array(writeSchema),
});

export type BudgetLog = z.output<typeof budgetLogSchema>;
export type BudgetWrite = BudgetLog["writes"][number];

export interface Allowance {
  /** Writes that may be made now, by the most restrictive budget; undefined when none concerns the standard. */
  readonly left: number | undefined;
  /** What that budget says: for people. */
  readonly limit: string;
  /** When more is allowed than now; undefined when only another configuration can allow it. */
  readonly againMs: number | undefined;
}

/** Before the first write. */
export function emptyLog(standard: string): BudgetLog {
  return { ...budgetAddress(standard), kind: "budget", standard, writes: [] };
}

/** Where the log of a standard is kept: all in one partition. */
export function budgetAddress(standard: string): { pk: string; id: string } {
  return { pk: "budgets", id: `budget-${standard}` };
}

/** A log that could not be read: nothing is allowed until it can. */
export const unreadable = "unreadable";

/** What the budgets allow at a place now. */
export function allowanceOf(
  budgets: readonly Budget[],
  place: Place & { readonly standard: string },
  log: BudgetLog | typeof unreadable,
  nowMs: number,
): Allowance {
  if (log === unreadable) {
    return { left: 0, limit: "How much was written lately cannot be read", againMs: nowMs + minuteMs };
  }
  const holding = budgets.filter((budget) => concerns(budget, place) && holds(budget, nowMs));
  const allowances = holding.map((budget) => allowance(budget, log, nowMs));
  const tightest = allowances.sort((a, b) => (a.left ?? 0) - (b.left ?? 0) || later(a.againMs, b.againMs))[0];
  return tightest ?? { left: undefined, limit: "", againMs: undefined };
}

function holds({ during }: Budget, nowMs: number): boolean {
  return during === undefined || weeklyUntil(during, nowMs) !== undefined;
}

function allowance(budget: Budget, log: BudgetLog, nowMs: number): Allowance {
  const { writesPerHour, environments, subscriptions, during, reason } = budget;
  const counted = log.writes
    .filter((write) => concerns({ environments, subscriptions }, write) && counts(write, nowMs))
    .map(({ atMs }) => atMs)
    .sort((a, b) => a - b);
  const because = reason === undefined ? "" : ` (${reason})`;
  const writes = `${writesPerHour} ${writesPerHour === 1 ? "write" : "writes"}`;
  const limit = `The budget of ${writes} within an hour${because} is used up`;
  const left = Math.max(0, writesPerHour - counted.length);
  const opensMs = during === undefined ? undefined : weeklyUntil(during, nowMs);
  // So many writes have to be forgotten before there is room for one.
  const blocking = counted[counted.length - writesPerHour];
  const freeMs = writesPerHour === 0 || blocking === undefined ? undefined : blocking + COUNTS_FOR_MS;
  const times = [opensMs, freeMs].filter((ms) => ms !== undefined);
  return { left, limit, againMs: left > 0 || times.length === 0 ? undefined : Math.min(...times) };
}

/** Later first, never last of all: of two budgets that allow nothing the one that lasts is told. */
function later(a: number | undefined, b: number | undefined): number {
  return (b ?? Infinity) === (a ?? Infinity) ? 0 : (b ?? Infinity) - (a ?? Infinity);
}

/** A write of the future is one of a clock that was ahead: it counts. */
function counts({ atMs }: BudgetWrite, nowMs: number): boolean {
  return atMs + COUNTS_FOR_MS > nowMs;
}

/** The log with one more write. The same try of the same change counts once, from its last time on. */
export function reserved(log: BudgetLog, write: BudgetWrite): BudgetLog {
  const others = log.writes.filter((other) => other.id !== write.id && counts(other, write.atMs));
  return { ...log, writes: [...others, write] };
}

/** The log without a write: what is left for that one. */
export function without(log: BudgetLog, id: string): BudgetLog {
  return { ...log, writes: log.writes.filter((write) => write.id !== id) };
}
