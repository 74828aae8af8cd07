/** The estate as it was: what looks had seen at a time of the last 90 days, from the store alone. */
import { z } from "zod";
import type { Observation, PastObservation } from "../desired/documents.ts";
import { HISTORY_DAYS, sinceOf, type Stored } from "../desired/history.ts";
import { dayMs, fromIso, toIso } from "../kernel/clock.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { all, type Store } from "../ports/store.ts";

/** What was seen of one account at a time. */
export type ObservedThen = Pick<
  Observation,
  "pk" | "key" | "body" | "members" | "unread" | "principals" | "subscriptionId" | "since"
>;

/**
 * The time that somebody asks about, as records keep it.
 * @throws SteelyardError `BadInput` when it is to come, or longer ago than observations are kept
 */
export function pastTime(text: string, nowMs: number): string {
  const ms = fromIso(timeSchema.safeParse(text).data ?? "");
  const found = `as of: found ${text.slice(0, 40)}`;
  if (Number.isNaN(ms)) {
    throw new SteelyardError("BadInput", `${found}; expected a time such as 2026-11-01T00:00:00Z, or a day`);
  }
  if (ms > nowMs)
    throw new SteelyardError("BadInput", `${found}; expected a time that has been: it is ${toIso(nowMs)}`);
  if (ms < nowMs - HISTORY_DAYS * dayMs) {
    throw new SteelyardError(
      "BadInput",
      `${found}; expected one of the last ${HISTORY_DAYS} days: older ones are not kept`,
    );
  }
  return toIso(ms);
}

const timeSchema = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** Read at a time: some megabyte, which takes some ten milliseconds to parse. */
export const OBSERVATIONS_PAGE = 200;

/**
 * What was seen of each account at the time, by its partition; of an account that is not among them nothing is known of
 * then: nobody had looked, or it changed more often on one day than is kept. `more`: there are more than `max`.
 * @throws SteelyardError `Unavailable`
 */
export async function observedAt(
  store: Store,
  at: string,
  max: number,
): Promise<{ readonly found: ReadonlyMap<string, ObservedThen>; readonly more: boolean }> {
  const query = { container: "state" as const, pageSize: OBSERVATIONS_PAGE };
  const where = [
    { path: "since", op: "<=", value: at },
    { path: "until", op: ">", value: at },
  ] as const;
  // In this order: what changes in between is among what was seen now, or among what was seen before, or both alike.
  const now = await firstOf(all<Stored>(store, { ...query, kinds: ["observation"] }, max + 1), max);
  const before = { ...query, kinds: ["pastObservation"], where };
  const pasts = await firstOf(all<PastObservation>(store, before, max + 1), max);
  const found = new Map<string, ObservedThen>();
  for (const item of now.items) {
    const since = sinceOf(item);
    if (since <= at) found.set(item.pk, { ...item, since });
  }
  for (const past of pasts.items) found.set(past.pk, past);
  return { found, more: now.more || pasts.more };
}

/** The first of what is found; `more`: there was more. */
export async function firstOf<T>(
  found: AsyncIterable<T>,
  max: number,
): Promise<{ readonly items: readonly T[]; readonly more: boolean }> {
  const items: T[] = [];
  for await (const item of found) {
    if (items.length === max) return { items, more: true };
    items.push(item);
  }
  return { items, more: false };
}
