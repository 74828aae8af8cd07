/**
 * ARM's token buckets: per principal, subscription and kind of request, and a global one per subscription for all
 * principals together. Memory only: a restart fills them. Business time refills them.
 */
import type { Target } from "./target.ts";
import { throttled } from "./errors.ts";

export type RequestKind = "reads" | "writes" | "deletes";

export interface Bucket {
  readonly size: number;
  readonly refillPerSecond: number;
}

/** Sizes since 2024 (Microsoft Learn, "Understand how Azure Resource Manager throttles requests"). */
export const TOKEN_BUCKETS: Readonly<Record<RequestKind, Bucket>> = {
  reads: { size: 250, refillPerSecond: 25 },
  writes: { size: 200, refillPerSecond: 10 },
  deletes: { size: 200, refillPerSecond: 10 },
};

/** The bucket of all principals together is this many times that of one. */
export const GLOBAL_BUCKET_FACTOR = 15;

interface Level {
  tokens: number;
  atMs: number;
}

export function kindOf(method: string): RequestKind {
  if (method === "GET" || method === "HEAD") return "reads";
  return method === "DELETE" ? "deletes" : "writes";
}

export class Throttle {
  readonly #buckets: Readonly<Record<RequestKind, Bucket>>;
  readonly #levels = new Map<string, Level>();

  constructor(buckets: Partial<Record<RequestKind, Bucket>> = {}) {
    this.#buckets = { ...TOKEN_BUCKETS, ...buckets };
  }

  /**
   * Takes a token and returns the headers that tell what is left.
   * @throws ArmRefusal 429 with Retry-After.
   */
  take(method: string, target: Target, oid: string, nowMs: number): Record<string, string> {
    const kind = kindOf(method);
    const bucket = this.#buckets[kind];
    const subscription = target.subscriptionId?.toLowerCase();
    const area = subscription ?? "tenant";
    const own = this.#level(`${area} ${kind} ${oid}`, bucket, nowMs);
    const all = {
      size: bucket.size * GLOBAL_BUCKET_FACTOR,
      refillPerSecond: bucket.refillPerSecond * GLOBAL_BUCKET_FACTOR,
    };
    const global = this.#level(`${area} ${kind}`, all, nowMs);
    if (own.tokens < 1 || global.tokens < 1) {
      const missing = Math.max((1 - own.tokens) / bucket.refillPerSecond, (1 - global.tokens) / all.refillPerSecond);
      throw throttled(kind.slice(0, -1), subscription ?? "", oid, Math.max(1, Math.ceil(missing)));
    }
    own.tokens -= 1;
    global.tokens -= 1;
    return headers(kind, subscription === undefined, Math.floor(own.tokens), Math.floor(global.tokens));
  }

  reset(): void {
    this.#levels.clear();
  }

  #level(key: string, bucket: Bucket, nowMs: number): Level {
    let level = this.#levels.get(key);
    if (level === undefined) {
      level = { tokens: bucket.size, atMs: nowMs };
      this.#levels.set(key, level);
    }
    // A step back of the clock takes nothing away and refills nothing.
    const elapsedS = Math.max(0, nowMs - level.atMs) / 1000;
    level.tokens = Math.min(bucket.size, level.tokens + elapsedS * bucket.refillPerSecond);
    level.atMs = nowMs;
    return level;
  }
}

/** Recordings of 2025-26 show the per-principal figure on writes and deletes, and only the global one on reads. */
function headers(kind: RequestKind, tenant: boolean, own: number, global: number): Record<string, string> {
  if (tenant) return { [`x-ms-ratelimit-remaining-tenant-${kind}`]: String(own) };
  const result = { [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: String(global) };
  if (kind !== "reads") result[`x-ms-ratelimit-remaining-subscription-${kind}`] = String(own);
  return result;
}
