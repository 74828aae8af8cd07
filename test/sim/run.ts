/**
 * One simulated stretch of the product's life, from one seed.
 *
 * First a while in which people act and things fail. Then nothing fails any more, what stands in the way is taken away,
 * time goes on until the world is at rest, people approve what still waits, and the auditor looks at what has become of
 * it. Then a day passes, waivers end, and it looks again. At last the whole estate is looked at once more, and nothing
 * may change.
 */
import type { Violation } from "./auditor.ts";
import { Functions } from "./functions.ts";
import { RoundsPasses, type Passes, type PassesFactory } from "./passes.ts";
import { Workload } from "./workload.ts";
import { World } from "./world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Longest that the world may take to come to rest when nothing fails: a lock holds a write off for 15 minutes. */
const REST_MS_MAX = 60 * MINUTE_MS;
const STEPS_MAX = 200_000;
const APPROVAL_ROUNDS_MAX = 4;

export interface RunOptions {
  /** Without it, passes are played by {@link RoundsPasses}. */
  readonly passes?: PassesFactory;
  readonly print?: (line: string) => void;
  /**
   * When a clock goes back, only one instance's does: those of the two differ by minutes from then on. The product waits
   * for lengths of time by one clock and compares no instants of two, so nothing may come of it.
   */
  readonly clocksDisagree?: boolean;
}

export interface RunResult {
  readonly seed: number;
  /** SHA-256 of the trace: the same seed gives the same. */
  readonly hash: string;
  readonly violations: readonly Violation[];
  readonly steps: number;
  /** The last lines of the trace. */
  readonly last: readonly string[];
  readonly stats: { readonly virtualMinutes: number; readonly writes: number };
}

export async function runSeed(seed: number, options: RunOptions = {}): Promise<RunResult> {
  const world = new World(seed, options.print);
  world.disagrees = options.clocksDisagree === true;
  const passes = options.passes === undefined ? new RoundsPasses(world) : await options.passes(world);
  const run = new Run(world, passes);
  try {
    await run.play();
  } finally {
    await passes.stop();
    await world.estate.close();
  }
  const { scheduler, auditor, trace } = world;
  const violations = [...auditor.violations, ...run.violations];
  for (const { invariant, message } of violations) trace.line("auditor", `${invariant} ${message}`);
  return {
    seed,
    hash: trace.digest(),
    violations,
    steps: scheduler.steps,
    last: run.lastAtViolation ?? trace.last,
    stats: { virtualMinutes: Math.round(run.lastedMs / MINUTE_MS), writes: auditor.sentCount },
  };
}

class Run {
  readonly #world: World;
  readonly #passes: Passes;
  readonly #functions: Functions;
  readonly #workload: Workload;
  readonly #beganMs: number;
  readonly violations: Violation[] = [];
  /** What led to the first violation. */
  lastAtViolation: readonly string[] | undefined;

  constructor(world: World, passes: Passes) {
    this.#world = world;
    this.#passes = passes;
    this.#beganMs = world.scheduler.nowMs;
    world.estate.seed(world.random.between(4, 7));
    this.#workload = new Workload(world);
    this.#functions = new Functions(world, passes);
  }

  get lastedMs(): number {
    return this.#world.scheduler.nowMs - this.#beganMs;
  }

  async play(): Promise<void> {
    const { random, faults, auditor } = this.#world;
    await this.#eventful(random.between(10, 25) * MINUTE_MS);
    if (random.chance(0.4)) {
      await this.#jump(random.between(1, 30) * HOUR_MS);
      await this.#eventful(random.between(3, 10) * MINUTE_MS);
    }
    if (this.#isOver) return;
    faults.calm();
    await this.#quiet();
    this.#setSkew(0);
    this.#workload.settleDown();
    // What was wished for or begun must come to its end without anybody asking for everything to be looked at.
    await this.#rest("after the faults", false);
    await this.#rest("after a sweep", true);
    this.#world.auditor.escalated();
    await this.#approve();
    if (this.#isOver) return;
    await this.#jump(25 * HOUR_MS);
    await this.#rest("a day later", true);
    await this.#approve();
    if (this.#isOver) return;
    auditor.converged();
    await this.#rest("when all was as it should be", true);
    await this.#world.scheduler.runUntil(this.#world.scheduler.nowMs + 2 * MINUTE_MS, () => this.#isOver);
    auditor.sealed();
    this.#check();
  }

  /** Everybody agrees to what is asked, until nothing is asked any more. */
  async #approve(): Promise<void> {
    for (let round = 0; round < APPROVAL_ROUNDS_MAX && !this.#isOver; round += 1) {
      if (this.#workload.approveAll() === 0) break;
      await this.#rest("after the approvals", false);
    }
    this.#check();
  }

  /** People act, things fail, clocks go wrong. */
  async #eventful(forMs: number): Promise<void> {
    const { scheduler, random } = this.#world;
    const untilMs = scheduler.nowMs + forMs;
    while (scheduler.nowMs < untilMs && !this.#isOver) {
      await scheduler.runUntil(scheduler.nowMs + random.between(500, 60_000), () => this.#isOver);
      if (random.chance(0.95)) this.#workload.act();
      else await this.#disturbClock();
    }
  }

  /** The clock goes back five minutes, comes right again, or nothing runs for a while. */
  async #disturbClock(): Promise<void> {
    const { random } = this.#world;
    if (this.#world.skewMs !== 0) {
      await this.#quiet();
      this.#setSkew(0);
    } else if (random.chance(0.5)) this.#setSkew(-5 * MINUTE_MS);
    else await this.#jump(random.between(1, 20) * MINUTE_MS);
  }

  #setSkew(skewMs: number): void {
    if (this.#world.skewMs === skewMs) return;
    this.#world.trace.line("clock", `is off by ${skewMs} ms`);
    this.#world.skewMs = skewMs;
  }

  async #jump(ms: number): Promise<void> {
    await this.#quiet();
    this.#world.trace.line("clock", `jumps by ${ms} ms`);
    this.#world.scheduler.jump(ms);
  }

  /**
   * Until no write is on its way: a clock that goes forward while one is would take the fence off it, as no measure of
   * time could prevent. The local platform moves its clock in such moments only, too.
   */
  async #quiet(): Promise<void> {
    const { scheduler, auditor } = this.#world;
    await scheduler.runUntil(scheduler.nowMs + MINUTE_MS, () => !auditor.isFlying || this.#isOver);
  }

  /** Lets time go on until nothing is left to do. */
  async #rest(when: string, sweeps: boolean): Promise<void> {
    const { scheduler, auditor, trace } = this.#world;
    trace.line("sim", `rest ${when}`);
    const untilMs = scheduler.nowMs + REST_MS_MAX;
    if (sweeps) {
      await scheduler.runUntil(scheduler.nowMs + MINUTE_MS, () => this.#isOver);
      this.#functions.askForSweep();
    }
    while (!this.#isOver) {
      await scheduler.runUntil(scheduler.nowMs + MINUTE_MS + 1_000, () => this.#isOver);
      if (this.#isAtRest) return;
      if (scheduler.nowMs > untilMs) {
        const message = `not at rest ${REST_MS_MAX / MINUTE_MS} minutes ${when}: ${this.#busy}`;
        this.violations.push({ invariant: "I8", message, atMs: scheduler.nowMs });
        auditor.atRest();
        return;
      }
    }
  }

  get #isAtRest(): boolean {
    return this.#busy === "" && this.#world.auditor.isServed;
  }

  get #busy(): string {
    const { messages } = this.#world;
    const parts = [
      [this.#passes.running, "passes"],
      [this.#functions.invocations, "invocations"],
      [this.#workload.requests, "requests"],
      [messages, "messages"],
      [this.#functions.isIdle ? 0 : 1, "sweep"],
      [this.#world.auditor.isServed ? 0 : 1, "wishes unserved"],
    ] as const;
    return parts
      .filter(([count]) => count > 0)
      .map(([count, what]) => `${count} ${what}`)
      .join(", ");
  }

  #check(): void {
    if (!this.#isOver) this.#world.auditor.atRest();
  }

  get #isOver(): boolean {
    const { auditor, defects, scheduler } = this.#world;
    if (defects.length > 0 && this.violations.length === 0) {
      this.violations.push({ invariant: "defect", message: defects[0] ?? "", atMs: scheduler.nowMs });
    }
    if (scheduler.steps > STEPS_MAX && this.violations.length === 0) {
      this.violations.push({ invariant: "I8", message: `more than ${STEPS_MAX} steps`, atMs: scheduler.nowMs });
    }
    const isOver = auditor.violations.length + this.violations.length > 0;
    if (isOver) this.lastAtViolation ??= this.#world.trace.last;
    return isOver;
  }
}
