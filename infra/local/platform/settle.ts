/**
 * `POST /_platform/settle`: waits for everything that was caused by what was accepted before the call.
 *
 * It ignores what falls due later: timer functions always; durable timers, retries, scheduled messages and long-running
 * operations unless they fall due within `within`. While the clock stands still it is moved through those; while it runs
 * they are waited for. Without `within`, durable timers that are less than {@link SHORT_TIMER_MS} away still count: they
 * are the steps of a pass that is under way.
 */
import { timerKind, type Barrier } from "./barrier.ts";
import type { ClockControl } from "./clockControl.ts";
import type { WaitingOn } from "./engine.ts";
import type { StandingAgenda } from "./standingAgenda.ts";

export const SHORT_TIMER_MS = 15_000;

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
  const untilMs = clock.now() + (withinMs ?? SHORT_TIMER_MS);
  const counts = (item: { readonly kind: string; readonly dueMs?: number }): boolean =>
    item.dueMs !== undefined && item.dueMs <= untilMs && (withinMs !== undefined || item.kind === "durable.timer");
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
