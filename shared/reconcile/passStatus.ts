/**
 * How the last pass over a writer key went, as the durable backend tells it. Only core can ask the backend: whatever is
 * bound to the task hub is a worker of it and could start orchestrations, so the app that faces people is not. It asks
 * core with a message on the wake queue; core reads the status and leaves it here, in the key's partition, for an hour.
 */
import { z } from "zod";
import { fromIso, toIso } from "../kernel/clock.ts";
import { parse } from "../kernel/parse.ts";
import { partitionOf, type ResourceId } from "../estate/resourceId.ts";
import type { Store, StoredDocument } from "../ports/store.ts";

export const passStatusId = "pass";

/** Steps that are kept, the last ones; a pass has at most 60 and as many waits between them. */
const STEPS_MAX = 150;
const TEXT_CHARACTERS_MAX = 500;
const KEPT_S = 3_600;

export interface PassStep {
  /** `look`, `apply`, `settle`, `requeue`, or `wait`. */
  readonly name: string;
  /** ISO 8601, by the backend's clock; null where it does not tell. */
  readonly from: string | null;
  readonly to: string;
  /** What went wrong; null when nothing did. */
  readonly failure: string | null;
}

export interface PassStatus extends StoredDocument {
  readonly id: typeof passStatusId;
  readonly kind: "passStatus";
  readonly key: string;
  /** Business time at which core asked, ISO 8601. */
  readonly at: string;
  /** `Running`, `Completed`, `Failed` and so on; null when the backend knows of no pass. */
  readonly state: string | null;
  readonly startedAt: string | null;
  readonly updatedAt: string | null;
  readonly steps: readonly PassStep[];
  /** Steps before these that are not kept. */
  readonly leftOut: number;
  /** Why it failed, where it did. */
  readonly failure: string | null;
  readonly ttl: number;
}

const time = z.string().refine((text) => Number.isFinite(fromIso(text)));

const eventSchema = z.looseObject({
  EventType: z.string(),
  Timestamp: time,
  FunctionName: z.string().optional(),
  ScheduledTime: time.optional().catch(undefined),
  Reason: z.string().nullish().catch(null),
});

const statusSchema = z.looseObject({
  runtimeStatus: z.string(),
  createdTime: z.string().optional(),
  lastUpdatedTime: z.string().optional(),
  output: z.unknown().optional(),
  historyEvents: z.array(z.unknown()).nullish(),
});

/** @param status as the management API answers it with its history; undefined when there is no such instance */
export function passStatusOf(key: ResourceId, status: unknown, nowMs: number): PassStatus {
  const parsed = status === undefined ? undefined : parse(statusSchema, status, "durable status");
  const events = (parsed?.historyEvents ?? []).flatMap((event) => {
    const { data } = eventSchema.safeParse(event);
    return data === undefined ? [] : [data];
  });
  const steps = stepsOf(events);
  const kept = steps.slice(-STEPS_MAX);
  const state = parsed?.runtimeStatus ?? null;
  return {
    id: passStatusId,
    pk: partitionOf(key),
    kind: "passStatus",
    key,
    at: toIso(nowMs),
    state,
    startedAt: isoOf(parsed?.createdTime),
    updatedAt: isoOf(parsed?.lastUpdatedTime),
    steps: kept,
    leftOut: steps.length - kept.length,
    failure: state === "Failed" ? short(parsed?.output) : null,
    ttl: KEPT_S,
  };
}

/** Starts and ends of activities come as one event; a wait is from whatever came before it to its timer. */
function stepsOf(events: readonly z.output<typeof eventSchema>[]): PassStep[] {
  let last: string | null = null;
  return events.flatMap((event): PassStep[] => {
    const { EventType, Timestamp: to, FunctionName, ScheduledTime, Reason } = event;
    const before: string | null = last;
    last = to;
    switch (EventType) {
      case "TaskCompleted":
        return [{ name: FunctionName ?? "activity", from: ScheduledTime ?? null, to, failure: null }];
      case "TaskFailed":
        return [
          {
            name: FunctionName ?? "activity",
            from: ScheduledTime ?? null,
            to,
            failure: short(Reason) ?? "no reason was given",
          },
        ];
      case "TimerFired":
        return [{ name: "wait", from: before, to, failure: null }];
      default:
        return [];
    }
  });
}

function isoOf(text: string | undefined): string | null {
  const ms = fromIso(text ?? "");
  return Number.isFinite(ms) ? toIso(ms) : null;
}

function short(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.toWellFormed().slice(0, TEXT_CHARACTERS_MAX);
}

/** Leaves what the backend said where people can read it. */
export async function rememberPass(store: Store, document: PassStatus): Promise<void> {
  // An upsert without a condition is refused by nothing.
  await store.write("state", document.pk, [{ kind: "upsert", document }]);
}

/** What core said last; undefined when it was not asked lately. */
export async function readPass(store: Store, pk: string): Promise<PassStatus | undefined> {
  return (await store.read<PassStatus>("state", pk, passStatusId))?.document;
}
