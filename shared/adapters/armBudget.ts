/** What ARM's and Resource Graph's headers say of how much more we may ask. */
import type { ReadBudget } from "../ports/arm.ts";

interface Headers {
  get(name: string): string | undefined;
}

/**
 * Reads are told per principal, or, as recordings of 2025-26 have it, for all principals together, or not at all; the
 * sizes differ from subscription to subscription.
 */
export function budgetOf(headers: Headers): ReadBudget {
  return {
    own: count(headers.get("x-ms-ratelimit-remaining-subscription-reads")),
    shared: count(headers.get("x-ms-ratelimit-remaining-subscription-global-reads")),
  };
}

/** Longest wait for Resource Graph's window, which lasts five seconds. */
const WINDOW_MS_MAX = 60_000;

/** How long to wait before the next query; 0 while there are some left. */
export function graphWaitMs(headers: Headers): number {
  const remaining = count(headers.get("x-ms-user-quota-remaining"));
  if (remaining === undefined || remaining > 0) return 0;
  const [, hours, minutes, seconds] =
    /^(\d+):(\d\d):(\d\d)/.exec(headers.get("x-ms-user-quota-resets-after") ?? "") ?? [];
  const resetMs = ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1_000;
  return Math.min(resetMs, WINDOW_MS_MAX);
}

function count(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}
