/**
 * What a document must hold to be read. The store is ours and hands documents out as they lie there, so one that was
 * damaged by hand, by a restore or by another version comes with the type of a good one. Whoever shows many documents
 * leaves out what does not fit, counts it and says so: one bad document must not take a page, a list or the health report
 * away from everybody. Whoever decides stops instead (`readLive`): nothing is decided beside a document that is not
 * understood.
 *
 * Limits: held to this is what views and passes take for granted, not all that a document says; whether it is true is for
 * the ledger to say.
 */
import { z } from "zod";
import { fromIso } from "../kernel/clock.ts";
import { describeIssues } from "../kernel/parse.ts";

const time = z.string().refine((text) => Number.isFinite(fromIso(text)), { error: "expected a time in ISO 8601" });
/** Milliseconds since the epoch that a date can hold. */
const timeMs = z.number().int().min(0).max(8.64e15);
const json = z.unknown().refine((value) => value !== undefined, { error: "expected a value" });

const fields = z.array(z.object({ path: z.string(), before: json, after: json }));
const standard = z.object({ id: z.string(), version: z.number(), title: z.string(), severity: z.string() });
const inPartition = {
  live: z.boolean(),
  key: z.string(),
  target: z.string(),
  subscriptionId: z.string(),
  fields,
  condition: z.object({ reason: z.string(), message: z.string() }).nullable(),
};
const carried = { ...inPartition, hash: z.string(), wakeAt: time.nullable() };

const schemas = {
  finding: z.object({
    ...inPartition,
    standard,
    verdict: z.enum(["fail", "unknown"]),
    state: z.enum(["open", "waived", "closed"]),
    reason: z.string(),
    environment: z.string(),
    changedBy: z.string().nullable(),
    since: time,
    presentSince: time,
    proposal: z.string().nullable(),
  }),
  proposal: z.object({
    ...carried,
    standard,
    state: z.enum(["open", "approved", "rejected", "applied", "void", "expired", "failed"]),
    environment: z.string(),
    quorum: z.number(),
    decisions: z.array(z.object({ by: z.string(), verdict: z.enum(["approve", "reject"]), at: time })),
    changedBy: z.string().nullable(),
    presentSince: time,
    group: z.string().nullable(),
    askedAt: time,
    expiresAt: time,
    escalateAt: time.nullable(),
    escalated: z.boolean(),
  }),
  claim: z.object({
    ...carried,
    state: z.enum(["active", "stopped", "ended"]),
    assertions: z.array(z.object({ path: z.string(), op: z.string() })),
    by: z.string(),
    reason: z.string(),
    until: time,
  }),
  entry: z.object({ key: z.string(), seq: z.number(), at: time, type: z.string(), hash: z.string(), body: json }),
  writer: z.object({
    key: z.string(),
    wanted: z.number(),
    served: z.number(),
    fence: z.object({ intent: z.number(), openedMs: timeMs }).nullable(),
    chain: z.object({ seq: z.number(), hash: z.string() }),
  }),
  summary: z.object({
    key: z.string(),
    present: z.boolean(),
    name: z.string(),
    subscriptionId: z.string(),
    location: z.string(),
    environment: z.string(),
    archetype: z.string(),
    businessUnit: z.string().nullable(),
    deployments: z.array(
      z.object({ name: z.string(), model: z.string(), sku: z.string(), capacity: z.number(), isPaused: z.boolean() }),
    ),
    deviations: z.array(
      z.object({
        standard: z.string(),
        target: z.string(),
        state: z.enum(["open", "waits", "blocked", "waived", "unknown"]),
        condition: z.string().nullable(),
      }),
    ),
    exempt: z.array(z.object({ standard: z.string(), target: z.string() })),
    policies: z.array(z.string()),
    rank: z.number(),
  }),
} as const;

export type RowKind = keyof typeof schemas;

/** A document of a kind that can be checked. */
export interface Row {
  readonly id: string;
  readonly pk: string;
  readonly kind: RowKind;
}

/** Whether it holds what readers of its kind take for granted. */
export function wellFormed(kind: RowKind, row: unknown): boolean {
  return schemas[kind].safeParse(row).success;
}

/** What is wrong with a document, where, and what was expected; undefined when it is well formed. */
export function faultOf(row: Row): string | undefined {
  const { success, error } = schemas[row.kind].safeParse(row);
  return success ? undefined : describeIssues(error, row, `${row.kind} ${nameOf(row)}`);
}

/** Partition and id: where to find it, as ids of findings and writers are the same in every partition. */
export function nameOf({ pk, id }: Pick<Row, "pk" | "id">): string {
  return `${pk}/${id}`;
}

/** Documents that can be read, in their order, and those that cannot. */
export interface Sifted<T> {
  readonly sound: readonly T[];
  readonly corrupt: readonly T[];
}

export function sift<T extends Row>(rows: readonly T[]): Sifted<T> {
  const sound: T[] = [];
  const corrupt: T[] = [];
  for (const row of rows) (wellFormed(row.kind, row) ? sound : corrupt).push(row);
  return { sound, corrupt };
}
