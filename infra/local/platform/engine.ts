/** What every local engine (ARM, Cosmos DB, Service Bus, Event Grid, identity, durable) has in common. */
import type { Agenda } from "./agenda.ts";
import type { EffectLog } from "./effects.ts";
import type { FaultBook } from "./faults.ts";

/** What an engine is still busy with; `POST /_platform/settle` waits until nothing due is listed. */
export interface WaitingOn {
  /** For example `servicebus.message`, `durable.activity`, `eventgrid.delivery`. */
  readonly kind: string;
  readonly id: string;
  /** Business time, milliseconds since the epoch, when it began to wait. */
  readonly sinceMs: number;
  /** Business time when it falls due; undefined means that it is due now. */
  readonly dueMs?: number;
}

export interface EngineContext {
  readonly clock: Agenda;
  readonly faults: FaultBook;
  readonly effects: EffectLog;
  /** Uniform in [0, 1); seeded by `reset`. */
  readonly random: () => number;
  /** Folder of the engine's SQLite files, or `:memory:`. */
  readonly dataDir: string;
  /**
   * Kills a host process as `kill -9` does; what a `crash` fault calls (by `crash` of faults.ts). Without `host` (`core-1`)
   * the first live instance of the app.
   */
  readonly crash: (app: "core" | "edge", host?: string) => void;
  /** Diagnostics for the person at the terminal. Constant message, variable data in fields. */
  readonly log: (level: "info" | "warn" | "error", message: string, fields?: Record<string, unknown>) => void;
}

export interface Engine {
  readonly name: string;
  /** Opens the sockets and puts what waits back on the agenda. */
  start(): Promise<void>;
  /** Closes sockets and database; the state stays on disk. */
  stop(): Promise<void>;
  /** Empties the state. Called while no host runs and the agenda is clear. */
  reset(): void;
  /** What is under way or waits, due or not; empty when idle. */
  waitingOn(): WaitingOn[];
}
