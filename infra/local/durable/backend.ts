/**
 * The durable backend: plays the Durable Task Scheduler (and the half of the Durable Functions extension that decides)
 * inside the platform process. Function code runs in host processes, reached through attached {@link DurableWorker}s.
 *
 * Model. Instances, histories, inboxes, activities and timers are in SQLite. A message for an instance makes it ready; a
 * turn takes its messages to a host and commits what comes of it in one transaction (turns.ts); activities run on any
 * host and put their result into the inbox (activities.ts); timers wait on the platform's agenda, in business time
 * (timers.ts). Work is begun by a pump that runs once per turn of the event loop, in the order in which it became ready,
 * so the same worker answers give the same order of everything.
 *
 * Faithful to the extension where tests must predict Azure: its action replay (interpreter.ts), completion that waits
 * for open tasks, events lost by continueAsNew. Beyond it: warnings where the real host is silent (turn.ts).
 *
 * Limits: no entities, callHttp, rewind, restart; these are refused by name. One process owns a database at a time.
 */
import { join } from "node:path";
import type { Engine, EngineContext, WaitingOn } from "../platform/engine.ts";
import { Activities } from "./activities.ts";
import { tellParent, type TurnTasks } from "./commit.ts";
import type { Hub } from "./hub.ts";
import { CONCURRENT_ACTIVITIES, CONCURRENT_TURNS } from "./limits.ts";
import { Management, type ManagementRequest, type ManagementResponse } from "./management.ts";
import { eventType, type HistoryEvent } from "./protocol.ts";
import { Store, type InstanceRow } from "./store.ts";
import { Timers } from "./timers.ts";
import { Turns } from "./turns.ts";
import { Workers, type DurableWorker } from "./workers.ts";

export type { DurableWorker } from "./workers.ts";
export type { ManagementRequest, ManagementResponse } from "./management.ts";

export interface DurableOptions {
  /** Turns under way at once over all hosts. */
  readonly concurrentTurns?: number;
  readonly concurrentActivities?: number;
}

export class DurableBackend implements Engine {
  readonly name = "durable";
  readonly #context: EngineContext;
  readonly #options: DurableOptions;
  readonly #workers = new Workers();
  #parts: Parts | undefined;

  /** Opens nothing yet; see {@link start}. */
  constructor(context: EngineContext, options: DurableOptions = {}) {
    this.#context = context;
    this.#options = options;
  }

  /** Opens the database, puts its timers on the agenda and begins again whatever is unfinished. */
  async start(): Promise<void> {
    if (this.#parts !== undefined) throw new Error("the durable backend is running already");
    this.#parts = new Parts(this.#context, this.#workers, this.#options);
    this.#parts.resume();
  }

  /** Closes the database. Work that is under way at a host is void: it is begun again by the next start. */
  async stop(): Promise<void> {
    this.#parts?.stop();
    this.#parts = undefined;
  }

  reset(): void {
    this.#running().reset();
  }

  waitingOn(): WaitingOn[] {
    return this.#parts?.waitingOn() ?? [];
  }

  /** Gives a host instance its share of the work. `detach` when its process has died or is about to be stopped. */
  attach(worker: DurableWorker): { detach(): void } {
    if (worker.orchestrators.size === 0 && worker.activities.size === 0) {
      this.#context.log("warn", "attached host has no orchestrator and no activity: was anything registered?", {
        worker: worker.id,
      });
    }
    const slot = this.#workers.attach(worker);
    this.#parts?.wake();
    return {
      detach: () => {
        this.#workers.detach(slot);
        this.#parts?.wake();
      },
    };
  }

  /** Serves a call of the durable management API; see management.ts. */
  handle(request: ManagementRequest): ManagementResponse {
    return this.#running().management.handle(request);
  }

  #running(): Parts {
    if (this.#parts === undefined) throw new Error("the durable backend is not running");
    return this.#parts;
  }
}

/** The backend between a start and a stop. */
class Parts implements Hub {
  readonly context: EngineContext;
  readonly store: Store;
  readonly workers: Workers;
  readonly management: Management;
  readonly #turns: Turns;
  readonly #activities: Activities;
  readonly #timers: Timers;
  epoch = 0;
  #ids = 0;
  #isPumping = false;
  #isStopped = false;

  constructor(context: EngineContext, workers: Workers, options: DurableOptions) {
    const { dataDir } = context;
    this.context = context;
    this.workers = workers;
    this.store = new Store(dataDir === ":memory:" ? dataDir : join(dataDir, "durable.sqlite"));
    const tasks: TurnTasks = {
      addActivity: (row) => this.#activities.add(row),
      addTimer: (row) => this.#timers.register(row),
      cancelTimer: (instance, timerId) => this.#timers.cancel(instance, timerId),
      drop: (instance) => this.#drop(instance),
    };
    this.#turns = new Turns(this, tasks, options.concurrentTurns ?? CONCURRENT_TURNS);
    this.#activities = new Activities(this, options.concurrentActivities ?? CONCURRENT_ACTIVITIES);
    this.#timers = new Timers(this);
    this.management = new Management(this, {
      suspend: (id, suspended) => this.#turns.suspend(id, suspended),
      terminate: (row, reason) => this.#terminate(row, reason),
      forget: (id) => {
        this.#turns.forget(id);
        this.#drop(id);
      },
    });
  }

  resume(): void {
    this.epoch = this.store.nextEpoch();
    this.#ids = 0;
    for (const { id } of this.store.suspended()) this.#turns.suspend(id, true);
    for (const row of this.store.timers()) this.#timers.register(row);
    for (const row of this.store.activities()) this.#activities.add(row);
    for (const row of this.store.unfinished()) this.ready(row.id);
    this.wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.epoch = -1;
    this.#clear();
    this.store.close();
  }

  reset(): void {
    this.#clear();
    this.store.reset();
    this.resume();
  }

  newId(): string {
    this.#ids += 1;
    const random = (): string => hex(Math.floor(this.context.random() * 2 ** 32), 8);
    return `${hex(this.epoch, 8)}${hex(this.#ids, 8)}${random()}${random()}`;
  }

  ready(instanceId: string): void {
    this.#turns.ready(instanceId);
    this.wake();
  }

  wake(): void {
    if (this.#isPumping || this.#isStopped) return;
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      if (this.#isStopped) return;
      this.#turns.pump();
      this.#activities.pump();
    });
  }

  waitingOn(): WaitingOn[] {
    return [
      ...this.#turns.waitingOn(),
      ...this.#activities.waitingOn(),
      ...this.#timers.waitingOn((instance) => this.#turns.isSuspended(instance)),
    ];
  }

  #terminate(row: InstanceRow, reason: string): void {
    const nowMs = this.context.clock.now();
    const output = JSON.stringify(reason);
    const event: HistoryEvent = {
      EventType: eventType.executionTerminated,
      EventId: -1,
      Timestamp: new Date(nowMs).toISOString(),
      Input: output,
    };
    const after = this.store.transaction(() => {
      this.store.appendHistory(row.id, this.store.history(row.id).length, JSON.stringify(event));
      this.store.updateInstance(row.id, {
        status: "Terminated",
        output,
        customStatus: row.customStatus,
        updatedMs: nowMs,
      });
      this.store.clearWork(row.id);
      const failed = {
        status: "Failed",
        reason: `Orchestrator function '${row.name}' was terminated: ${reason}`,
      } as const;
      return tellParent(this, row, failed, nowMs);
    });
    this.#turns.forget(row.id);
    this.#drop(row.id);
    for (const step of after) step();
  }

  #drop(instance: string): void {
    this.#timers.cancelAll(instance);
    this.#activities.drop(instance);
  }

  #clear(): void {
    this.#turns.clear();
    this.#activities.clear();
    this.#timers.clear();
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
