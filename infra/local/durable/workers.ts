/** The host instances that are attached, and which of them gets the next turn or activity. */
import { LinkClosed } from "../host/link.ts";

/** One attached host instance. */
export interface DurableWorker {
  /** For example "core-0". */
  readonly id: string;
  /** Names of the orchestrator functions that it has. */
  readonly orchestrators: ReadonlySet<string>;
  readonly activities: ReadonlySet<string>;
  /**
   * Runs one turn: the JSON payload of the orchestration trigger in, the JSON of the OrchestratorState out. A failed
   * orchestrator rejects with an Error whose message ends in `$OutOfProcData$:` and that JSON; a host that went away
   * rejects with {@link LinkClosed}, or never answers and is detached.
   */
  runOrchestrator(name: string, instanceId: string, payload: string): Promise<string>;
  /** Runs an activity. Rejects only with {@link LinkClosed}. */
  runActivity(
    name: string,
    instanceId: string,
    input: string | null,
  ): Promise<{ ok: true; result: unknown } | { ok: false; message: string; stack: string }>;
}

/** A worker while it is attached. */
export interface Slot {
  readonly worker: DurableWorker;
  /** What it works on; each can be given up with a {@link LinkClosed}. */
  readonly calls: Set<(error: LinkClosed) => void>;
  /** Its link is closed; it gets nothing more and waits to be detached. */
  isGone: boolean;
}

export type FunctionKind = "orchestrator" | "activity";

export class Workers {
  readonly #slots: Slot[] = [];
  /** Where the search for the least busy one begins, so that equals take turns. */
  #first = 0;

  attach(worker: DurableWorker): Slot {
    const slot: Slot = { worker, calls: new Set(), isGone: false };
    this.#slots.push(slot);
    return slot;
  }

  /** Gives up what it works on. */
  detach(slot: Slot): void {
    const at = this.#slots.indexOf(slot);
    if (at === -1) return;
    this.#slots.splice(at, 1);
    slot.isGone = true;
    for (const giveUp of slot.calls) giveUp(new LinkClosed(`work of ${slot.worker.id}`));
    slot.calls.clear();
  }

  get isEmpty(): boolean {
    return this.#slots.length === 0;
  }

  /** Whether any attached app has the function, or `also` has it: a worker whose answer came before it went away. */
  knows(kind: FunctionKind, name: string, also?: Slot): boolean {
    return (also !== undefined && has(also, kind, name)) || this.#slots.some((slot) => has(slot, kind, name));
  }

  /** The least busy one that has the function. */
  choose(kind: FunctionKind, name: string): Slot | undefined {
    let best: Slot | undefined;
    for (let step = 0; step < this.#slots.length; step += 1) {
      const slot = this.#slots[(this.#first + step) % this.#slots.length];
      if (slot === undefined || slot.isGone || !has(slot, kind, name)) continue;
      if (best === undefined || slot.calls.size < best.calls.size) best = slot;
    }
    this.#first = (this.#first + 1) % Math.max(this.#slots.length, 1);
    return best;
  }

  /** Rejects with {@link LinkClosed} as soon as the worker is detached or says so itself. */
  call<T>(slot: Slot, work: (worker: DurableWorker) => Promise<T>): Promise<T> {
    if (slot.isGone) return Promise.reject(new LinkClosed(`work of ${slot.worker.id}`));
    return new Promise<T>((resolve, reject) => {
      slot.calls.add(reject);
      const settle = (done: () => void): void => {
        slot.calls.delete(reject);
        done();
      };
      work(slot.worker).then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => {
          if (error instanceof LinkClosed) slot.isGone = true;
          settle(() => reject(error instanceof Error ? error : new Error(String(error))));
        },
      );
    });
  }
}

function has(slot: Slot, kind: FunctionKind, name: string): boolean {
  return (kind === "activity" ? slot.worker.activities : slot.worker.orchestrators).has(name);
}
