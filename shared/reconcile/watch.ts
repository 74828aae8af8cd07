/**
 * The numbers of health in core's log, for alerts where nothing scrapes: a line `heartbeat` per run of the sweeper with
 * what that run knows anyway, and every fifth minute a line `health` with the verdict and all signals, which cost
 * queries of their own. Messages are constant, ages are in seconds.
 */
import { minuteMs } from "../kernel/clock.ts";
import { ageMs, judgeHealth, type HealthReport } from "./health.ts";
import { behindSince, type Heartbeat } from "./heartbeat.ts";
import type { PassContext } from "./context.ts";
import { oldestFence, oldestOf, readSignals } from "./signals.ts";
import type { Overdue } from "./sweep.ts";

const IN_FULL_EVERY_MS = 5 * minuteMs;

/** Logs a run of the sweeper that got through. @throws SteelyardError `Unavailable` */
export async function logRun(
  context: PassContext,
  heartbeat: Heartbeat,
  { behind, sweep }: Pick<Overdue, "behind" | "sweep">,
): Promise<void> {
  const { at, configVersion, pausedSince } = heartbeat;
  const unserved = oldestOf(behind, (writer) => ({ key: writer.key, since: behindSince(heartbeat, writer) ?? at }));
  const fence = oldestFence(behind);
  context.log("heartbeat", {
    configVersion,
    unservedKeys: behind.length,
    oldestUnservedSeconds: seconds(unserved?.since ?? null, at),
    oldestUnservedKey: unserved?.key ?? null,
    oldestOpenFenceSeconds: seconds(fence?.since ?? null, at),
    pausedSeconds: seconds(pausedSince, at),
  });
  const isFull = Math.floor(context.clock.now() / minuteMs) % (IN_FULL_EVERY_MS / minuteMs) === 0;
  if (!isFull) return;
  const signals = await readSignals(context.store, context.clock, { heartbeat, sweep });
  context.log("health", healthFields(judgeHealth(signals)));
}

/** The numbers of a report as flat fields; null where there is nothing that could have an age. */
export function healthFields({ verdict, reasons, signals }: HealthReport): Record<string, unknown> {
  const { at, heartbeat, unserved, fences, pastDue, sweep, held, unreadable, deadLetters } = signals;
  return {
    verdict,
    reasons: reasons.map(({ reason }) => reason),
    configVersion: heartbeat?.configVersion ?? null,
    unservedKeys: unserved.count,
    oldestUnservedSeconds: seconds(unserved.since, at),
    oldestUnservedKey: unserved.key,
    pastDue: pastDue.count,
    oldestPastDueSeconds: seconds(pastDue.since, at),
    openFences: fences.count,
    oldestOpenFenceSeconds: seconds(fences.since, at),
    oldestUnsealedSeconds: seconds(signals.unsealedSince, at),
    sealAgeSeconds: seconds(signals.sealedAt, at),
    sweepAgeSeconds: seconds(sweep?.startedAt ?? null, at),
    sweepProblems: sweep?.problems.length ?? 0,
    heldChanges: held,
    unreadableFindings: unreadable.count,
    deadLetters: deadLetters.count,
    corruptDocuments: signals.corrupt.count,
    firstCorrupt: signals.corrupt.first,
    pausedSeconds: seconds(signals.pausedSince, at),
  };
}

function seconds(since: string | null, at: string): number | null {
  const age = ageMs(since, at);
  return age === null ? null : age / 1000;
}
