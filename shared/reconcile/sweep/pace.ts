/**
 * How many looks a sweep may release at a time. Every look reads from ARM, whose token buckets are per subscription and
 * principal; the sweep takes no more than {@link READ_SHARE} of a bucket, so that the passes that people wait for find
 * theirs. How big a bucket is differs from subscription to subscription and is nowhere documented for all: the most that
 * a header has shown left is taken for it.
 */
import type { ReadBudget } from "../../ports/arm.ts";

/** The share of a subscription's read bucket, and of what flows into it, that the sweep takes. */
export const READ_SHARE = 0.5;

/** Reads that a look costs where nothing but the account is read; a list of what belongs to it is one more each. */
export const READS_PER_LOOK = 1;

/** The bucket of all principals together is so many times that of one (Microsoft Learn, "Throttling limits", 2024). */
export const SHARED_BUCKET_FACTOR = 15;

/** An empty read bucket is full after this: 250 tokens, 25 a second (same page). Sizes differ, the ratio is the model's. */
const BUCKET_FILLS_MS = 10_000;

/** Taken for the size of a bucket of which no header tells. */
const UNTOLD_SIZE = 50;

/** Wait when a bucket is down to what is left to others: half of it has flown in by then. */
export const REST_MS = BUCKET_FILLS_MS / 2;

export interface Pace {
  /** Looks that may be released now. */
  readonly looks: number;
  /** What is now taken for the bucket's size. */
  readonly size: number;
}

/** @param sizeBefore what was taken for the bucket's size before; 0 when nothing was known. */
export function paceOf({ own, shared }: ReadBudget, sizeBefore: number, readsPerLook = READS_PER_LOOK): Pace {
  const told = [own, shared === undefined ? undefined : shared / SHARED_BUCKET_FACTOR].filter(
    (value) => value !== undefined,
  );
  if (told.length === 0) return { looks: Math.floor((UNTOLD_SIZE * READ_SHARE) / readsPerLook), size: sizeBefore };
  const size = Math.max(sizeBefore, ...told);
  const left = Math.min(...told);
  const reads = Math.min(size * READ_SHARE, left - size * (1 - READ_SHARE));
  return { looks: Math.max(0, Math.floor(reads / readsPerLook)), size };
}

/** How long the share of what flows into the bucket takes to pay for so many looks. */
export function restAfterMs(looks: number, size: number, readsPerLook = READS_PER_LOOK): number {
  const perMs = ((size === 0 ? UNTOLD_SIZE : size) * READ_SHARE) / BUCKET_FILLS_MS;
  return Math.ceil((looks * readsPerLook) / perMs);
}
