/** Resource Graph's own throttling: so many queries of a user in a window; ARM's buckets don't count them. */
import { GraphRefusal } from "./refusal.ts";

/** Queries of one user in a window (Microsoft Learn, "Guidance for throttled requests in Azure Resource Graph"). */
export const GRAPH_QUERIES = 15;
export const GRAPH_WINDOW_MS = 5000;

/** Users whose windows are kept; beyond it, windows that have ended are forgotten. */
const USERS_MAX = 10_000;

export class GraphQuota {
  readonly #windows = new Map<string, { startMs: number; used: number }>();

  /**
   * Takes one query and returns the headers that tell what is left.
   * @throws GraphRefusal 429 RateLimiting with the same headers and Retry-After.
   */
  take(oid: string, nowMs: number): Record<string, string> {
    let window = this.#windows.get(oid);
    if (window === undefined || nowMs >= window.startMs + GRAPH_WINDOW_MS || nowMs < window.startMs) {
      if (this.#windows.size >= USERS_MAX) this.#forget(nowMs);
      this.#windows.set(oid, (window = { startMs: nowMs, used: 0 }));
    }
    const leftMs = window.startMs + GRAPH_WINDOW_MS - nowMs;
    const exceeded = window.used >= GRAPH_QUERIES;
    if (!exceeded) window.used += 1;
    const seconds = Math.max(1, Math.ceil(leftMs / 1000));
    const headers = {
      "x-ms-user-quota-remaining": String(GRAPH_QUERIES - window.used),
      "x-ms-user-quota-resets-after": `00:00:${String(seconds).padStart(2, "0")}`,
    };
    if (!exceeded) return headers;
    const message =
      "Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.";
    throw new GraphRefusal(429, "RateLimiting", [{ code: "RateLimiting", message }], {
      ...headers,
      "retry-after": String(seconds),
    });
  }

  clear(): void {
    this.#windows.clear();
  }

  #forget(nowMs: number): void {
    for (const [oid, { startMs }] of this.#windows) {
      if (nowMs >= startMs + GRAPH_WINDOW_MS) this.#windows.delete(oid);
    }
  }
}
