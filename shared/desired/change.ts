import { hashOf, type Json } from "../kernel/canonicalJson.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import type { Authority } from "./assertion.ts";

/** One write to one target, as it stands in the ledger as an intent: everything a reader needs to know why. */
export interface Change {
  /** The proposal or claim that carries it. */
  readonly id: string;
  readonly target: ResourceId;
  readonly fields: readonly Field[];
  /** The standard, exception or plan that demands it. */
  readonly authority: Authority;
  /** {@link changeHash}: what was agreed to. */
  readonly hash: string;
  /** Object IDs of those who agreed; empty when the mode needed nobody. */
  readonly agreedBy: readonly string[];
  /** Object ID of who brought the target to where it is, as far as known. */
  readonly changedBy: string | null;
}

export interface Field {
  readonly path: string;
  /** Null stands for absent. */
  readonly before: Json;
  readonly after: Json;
}

/**
 * What an approval is bound to: target, before, after, the demanding standard or request and its version. If any of it
 * differs when the change is to be written, the approval is void.
 */
export function changeHash(target: ResourceId, fields: readonly Field[], authority: Authority): string {
  const plain = fields.map(({ path, before, after }) => ({ path, before, after }));
  return hashOf({ target, fields: plain, authority });
}

/** What became of an intent. */
export interface Outcome {
  /** `applied`: ours is there. `notApplied`: what was there before still is. `byThirdParty`: something else is there. */
  readonly result: "applied" | "notApplied" | "byThirdParty";
  /** The fields as read back; null when the target is gone. */
  readonly observed: readonly { readonly path: string; readonly value: unknown }[] | null;
  /** ARM's error code and message when it refused. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** ARM's refusal, as far as what follows depends on it. */
export interface Refusal {
  readonly class: "retry" | "retrySlowly" | "giveUp";
  readonly code: string;
  readonly message: string;
  /** Milliseconds that ARM asked to wait. */
  readonly retryAfterMs: number | null;
}
