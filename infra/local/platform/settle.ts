/**
 * `POST /_platform/settle`: waits for everything that was caused by what was accepted before the call.
 *
 * It ignores what falls due later: timer functions and what colleagues do always; durable timers, retries, scheduled messages and long-running
 * operations unless they fall due within `within`. While the clock stands still it is moved through those; while it runs
 * they are waited for. Without `within`, durable timers and scheduled messages that are only seconds away
 * ({@link shortlyMs}) still count: they are the steps of work that is under way.
 */
import { timerKind, type Barrier } from "./barrier.ts";
import { actKind } from "./day.ts";
import type { ClockControl } from "./clockControl.ts";
import type { WaitingOn } from "./engine.ts";
import type { StandingAgenda } from "./standingAgenda.ts";

export const SHORT_TIMER_MS = 25_000;
const shortlyMs: Readonly<Record<string, number>> = {
  "durable.timer": SHORT_TIMER_MS,
  "servicebus.scheduled": 12_000,
};

export interface SettleParts {
  readonly clock: StandingAgenda;
  readonly barrier: Barrier;
  readonly control: ClockControl;
}

/**
 * Waits at most `timeoutMs` of machine time.
 *
 * @returns what is still waited for; empty when all has settled
 */
export async function settle(
  { clock, barrier, control }: SettleParts,
  { withinMs, timeoutMs }: { withinMs: number | undefined; timeoutMs: number },
): Promise<WaitingOn[]> {
  const deadlineMs = Date.now() + timeoutMs;
  const nowMs = clock.now();
  const untilMs = nowMs + (withinMs ?? SHORT_TIMER_MS);
  const counts = ({ kind, dueMs }: { readonly kind: string; readonly dueMs?: number }): boolean =>
    kind !== actKind && dueMs !== undefined && dueMs <= nowMs + (withinMs ?? shortlyMs[kind] ?? 0);
  if (clock.mode === "real") return barrier.wait(deadlineMs, counts);
  for (;;) {
    const held = clock.items().some((item) => item.kind === "fault.delay" && item.dueMs <= untilMs);
    const left = held ? await barrier.waitUnlessHeld(deadlineMs) : await barrier.wait(deadlineMs);
    if (left.length > 0) return left;
    const next = clock.items().find((item) => item.kind !== timerKind && counts(item));
    if (next === undefined) return [];
    if (Date.now() >= deadlineMs) return [{ kind: next.kind, id: next.id, sinceMs: clock.now(), dueMs: next.dueMs }];
    await control.advanceTo(next.dueMs);
  }
}
