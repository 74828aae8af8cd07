/**
 * Processes and the function invocations that run in them.
 *
 * Everything that an invocation asks of a port goes through its {@link Lane}: the request is on its way for a while, has
 * its effect, and the answer is on its way back. In between the process can die: then the request still arrives, but
 * nobody is there for the answer, and the invocation is never heard of again. Or the process stands still and goes on
 * later, when somebody else may long have taken over.
 */
import { FREEZE_MS_MAX, type Faults } from "./faults.ts";
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Trace } from "./trace.ts";

export interface Machine {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly faults: Faults;
  /** Invocations begun so far. */
  invocations: number;
  /** The invocation on whose behalf something is being stored at this moment. */
  acting: Lane | undefined;
}

/** A standstill is followed by at least this long without another one. */
const FREEZE_REST_MS = 120_000;

export class Process {
  readonly name: string;
  readonly machine: Machine;
  readonly #lanes = new Set<Lane>();
  #frozenUntilMs = 0;
  #nextFreezeMs = 0;
  #upMs = 0;
  /** Told when the process dies and when it is back. */
  onDown: () => void = () => {};
  onUp: () => void = () => {};

  constructor(name: string, machine: Machine) {
    this.name = name;
    this.machine = machine;
  }

  get isUp(): boolean {
    return this.#upMs <= this.machine.scheduler.nowMs;
  }

  get frozenUntilMs(): number {
    return this.#frozenUntilMs;
  }

  /** Begins an invocation. `onDeath` is called if the process dies before the invocation has ended. */
  open(what: string, onDeath: () => void): Lane {
    const lane = new Lane(this, what, (this.machine.invocations += 1), onDeath);
    this.#lanes.add(lane);
    return lane;
  }

  close(lane: Lane): void {
    this.#lanes.delete(lane);
  }

  crash(): void {
    const { scheduler, random, trace } = this.machine;
    if (!this.isUp) return;
    trace.line(this.name, "crashes");
    const downMs = random.between(1_000, 20_000);
    this.#upMs = scheduler.nowMs + downMs;
    this.#frozenUntilMs = 0;
    const lanes = [...this.#lanes];
    this.#lanes.clear();
    for (const lane of lanes) lane.die();
    this.onDown();
    scheduler.after(downMs, () => {
      trace.line(this.name, "is back");
      this.onUp();
    });
  }

  freeze(leastMs = 1_000): void {
    const { scheduler, random, trace } = this.machine;
    if (scheduler.nowMs < this.#nextFreezeMs) return;
    const forMs = random.between(leastMs, FREEZE_MS_MAX);
    this.#frozenUntilMs = scheduler.nowMs + forMs;
    this.#nextFreezeMs = this.#frozenUntilMs + FREEZE_REST_MS;
    trace.line(this.name, `stands still for ${forMs} ms`);
    for (const lane of this.#lanes) lane.onFreeze(forMs);
  }
}

/** How one request fares. */
export interface Journey<T> {
  /** Port and operation, for the trace. */
  readonly name: string;
  /** Milliseconds to the service and back. */
  readonly outMs: number;
  readonly backMs: number;
  /** What happens at the service; absent when the request never gets there. */
  readonly effect?: () => T;
  /** The request is gone without effect. */
  readonly onGone?: () => void;
  /** Turns the effect's result into what the client hears, or throws what it hears. */
  readonly answer: (result: T | undefined) => T;
  /** The client gives up after so long and hears `answer(undefined)`. */
  readonly abortMs?: number;
}

export class Lane {
  readonly process: Process;
  readonly what: string;
  /** Tells one invocation from all others. */
  readonly number: number;
  readonly #onDeath: () => void;
  #isDead = false;
  /** Told when the process begins to stand still, and for how long. */
  onFreeze: (forMs: number) => void = () => {};

  constructor(process: Process, what: string, number: number, onDeath: () => void) {
    this.process = process;
    this.what = what;
    this.number = number;
    this.#onDeath = onDeath;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  die(): void {
    this.#isDead = true;
    this.#onDeath();
  }

  /** Ends the invocation. */
  close(): void {
    this.process.close(this);
  }

  /** Sends a request on its journey; never settles when the process dies first. */
  travel<T>(journey: Journey<T>): Promise<T> {
    const { scheduler, random, trace, faults } = this.process.machine;
    trace.line(this.process.name, `${this.what}: ${journey.name}`);
    return new Promise<T>((resolve, reject) => {
      if (faults.hits("crash")) {
        if (random.chance(0.5)) {
          journey.onGone?.();
          this.process.crash();
          return;
        }
        scheduler.after(random.between(0, journey.outMs + journey.backMs), () => this.process.crash());
      }
      if (faults.hits("freeze")) this.process.freeze();
      this.#send(journey, resolve, reject);
    });
  }

  #send<T>(journey: Journey<T>, resolve: (value: T) => void, reject: (error: Error) => void): void {
    const { scheduler } = this.process.machine;
    const sentMs = scheduler.nowMs;
    let isHeard = false;
    const hear = (result: T | undefined, error?: Error): void => {
      if (isHeard || this.#isDead) return;
      isHeard = true;
      this.#whenAwake(() => {
        try {
          if (error === undefined) resolve(journey.answer(result));
          else reject(error);
        } catch (refused) {
          reject(refused as Error);
        }
      });
    };
    if (journey.abortMs !== undefined) scheduler.after(journey.abortMs, () => hear(undefined));
    scheduler.after(journey.outMs, () => {
      let result: T | undefined;
      let error: Error | undefined;
      if (journey.effect === undefined) journey.onGone?.();
      else {
        try {
          result = journey.effect();
        } catch (thrown) {
          error = thrown as Error;
        }
      }
      const isLate = journey.abortMs !== undefined && scheduler.nowMs + journey.backMs > sentMs + journey.abortMs;
      if (!isLate) scheduler.after(journey.backMs, () => hear(result, error));
    });
  }

  /** A process that stands still hears its answers when it goes on. */
  #whenAwake(run: () => void): void {
    const { scheduler } = this.process.machine;
    const { frozenUntilMs } = this.process;
    if (frozenUntilMs <= scheduler.nowMs) {
      run();
      return;
    }
    scheduler.at(frozenUntilMs, () => {
      if (!this.#isDead) this.#whenAwake(run);
    });
  }
}
