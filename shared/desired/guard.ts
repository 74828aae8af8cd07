/**
 * What is remembered of a standard on a target after it was put right: which values were read back, so that they may be
 * put back when somebody changes them without a claim, and who made it necessary how often, so that it does not become a
 * fight.
 */
import type { ResourceId } from "../estate/resourceId.ts";
import { dayMs, fromIso, toIso } from "../kernel/clock.ts";
import { sameJson, type Json } from "../kernel/canonicalJson.ts";
import type { Field } from "./change.ts";
import { suffixOf, type Condition, type Proposal } from "./documents.ts";

/** So often within a day a standard is put right after the same actor; then people are asked. */
export const REPAIRS_MAX = 3;

/** Repairs that are remembered; more than {@link REPAIRS_MAX} are made only when people agree to each. */
const REPAIRS_KEPT = 20;

export interface Guard {
  readonly id: string;
  readonly pk: string;
  readonly kind: "guard";
  /** False once the target is gone. */
  readonly live: boolean;
  readonly key: ResourceId;
  readonly target: ResourceId;
  readonly subscriptionId: string;
  readonly standard: string;
  /** When the target was created, as far as Azure says: another one of the same name is another one. */
  readonly createdAt: string | null;
  /** Fields as we read them back after our last write to each. */
  readonly verified: readonly { readonly path: string; readonly value: Json }[];
  /** Who had changed the target before each write of ours; null when nobody is known. */
  readonly repairs: readonly { readonly by: string | null; readonly at: string }[];
}

export function guardId(standard: string, key: ResourceId, target: ResourceId): string {
  return `guard-${standard}${suffixOf(key, target)}`;
}

/** Those of the last day. */
export function recentRepairs(guard: Guard | undefined, nowMs: number): Guard["repairs"] {
  return (guard?.repairs ?? []).filter(({ at }) => fromIso(at) + dayMs > nowMs);
}

/** The guard after a proposal was applied and read back. */
export function repaired(guard: Guard | undefined, proposal: Proposal, createdAt: string | null, nowMs: number): Guard {
  const { pk, key, target, subscriptionId, fields, changedBy, standard } = proposal;
  const paths = new Set(fields.map(({ path }) => path));
  const isSame = guard?.createdAt === createdAt;
  const kept = (isSame ? guard.verified : []).filter(({ path }) => !paths.has(path));
  return {
    id: guardId(standard.id, key, target),
    pk,
    kind: "guard",
    live: true,
    key,
    target,
    subscriptionId,
    standard: standard.id,
    createdAt,
    verified: [...kept, ...fields.map(({ path, after }) => ({ path, value: after }))],
    repairs: [...recentRepairs(guard, nowMs), { by: changedBy, at: toIso(nowMs) }].slice(-REPAIRS_KEPT),
  };
}

/** The guard after somebody took back what was verified at these paths: it is not put back unasked any more. */
export function forgotten(guard: Guard, paths: ReadonlySet<string>): Guard {
  return { ...guard, verified: guard.verified.filter(({ path }) => !paths.has(path)) };
}

/** Whether the change does nothing but put back what was verified on the same target. */
export function isPutBack(guard: Guard | undefined, fields: readonly Field[], createdAt: string | null): boolean {
  const verified = guard?.createdAt === createdAt ? guard.verified : [];
  return (
    fields.length > 0 &&
    fields.every(({ path, after }) => verified.some((known) => known.path === path && sameJson(known.value, after)))
  );
}

/** Says that the actor has made it necessary too often; undefined when not. Clocks that went back forget nothing. */
export function flapping(guard: Guard | undefined, actor: string | null, nowMs: number): Condition | undefined {
  const repairs = recentRepairs(guard, nowMs).filter(({ by }) => by === actor);
  if (repairs.length < REPAIRS_MAX) return undefined;
  const who = actor ?? "Somebody whom Azure does not name";
  return {
    reason: "Flapping",
    message: `${who} changed it back ${REPAIRS_MAX} times within a day after it was put right; it stays until people decide.`,
  };
}
