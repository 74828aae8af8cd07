/** What an engine needs to run in a test: a clock that stands still, no faults, everything in memory. */
import { Agenda } from "../../infra/local/platform/agenda.ts";
import { EffectLog } from "../../infra/local/platform/effects.ts";
import type { EngineContext } from "../../infra/local/platform/engine.ts";
import { FaultBook, mulberry32 } from "../../infra/local/platform/faults.ts";
import { openDatabase } from "../../infra/local/platform/sqlite.ts";

/** Monday, 2 March 2026, 09:00 UTC. */
export const startMs = Date.UTC(2026, 2, 2, 9);

/** `dataDir` is `:memory:` and the clock manual unless `overrides` says otherwise. */
export function engineContext(overrides: Partial<EngineContext> = {}): EngineContext & { crashed: string[] } {
  const clock = overrides.clock ?? new Agenda({ mode: "manual", nowMs: startMs });
  const crashed: string[] = [];
  return {
    clock,
    faults: new FaultBook(),
    effects: new EffectLog(openDatabase(":memory:"), () => clock.now()),
    random: mulberry32(1),
    dataDir: ":memory:",
    crash: (process) => crashed.push(process),
    log: () => {},
    crashed,
    ...overrides,
  };
}
