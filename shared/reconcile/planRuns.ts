/**
 * Plans that are being made in this process, and those that it made last. A plan of thousands of accounts takes seconds:
 * it is made in stretches, between which other requests have their turn, while whoever wants it comes back for it or waits.
 * Nothing here must be shared: another instance, or this one after a restart, makes the plan anew.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { SteelyardError } from "../kernel/errors.ts";
import type { Plan } from "./planning.ts";

/** Plans that are made at a time: each reads the whole estate. */
const MAKING_MAX = 4;

/** Plans that are kept after they were made. One of a large estate holds some ten megabytes. */
const KEPT_MAX = 4;

export interface PlanRun {
  /** Accounts that are judged so far, and all of them; both 0 as long as they are being read. */
  readonly progress: { readonly done: number; readonly of: number };
  /** Undefined while it is being made. */
  readonly made: Plan | undefined;
  /** @throws what making it threw */
  readonly whole: Promise<Plan>;
}

type Make = (onProgress: (done: number, of: number) => void) => Promise<Plan>;

export class PlanRuns {
  readonly #runs = new Map<string, PlanRun>();

  /**
   * The plan of this key: the one that is being made, if there is one; with `reuse` also the one that was made last, for
   * whoever has seen a part of it. Else it is begun.
   * @throws SteelyardError `Contended` when too many are being made
   */
  of(key: string, make: Make, reuse = false): PlanRun {
    const known = this.#runs.get(key);
    if (known !== undefined && (reuse || known.made === undefined)) return known;
    if ([...this.#runs.values()].filter(({ made }) => made === undefined).length >= MAKING_MAX) {
      throw new SteelyardError("Contended", `${MAKING_MAX} plans are being made: ask again when one of them is done`);
    }
    const progress = { done: 0, of: 0 };
    const whole = make((done, of) => Object.assign(progress, { done, of }));
    const run: { -readonly [Name in keyof PlanRun]: PlanRun[Name] } = { progress, made: undefined, whole };
    this.#runs.delete(key);
    this.#runs.set(key, run);
    void this.#settle(key, run);
    return run;
  }

  async #settle(key: string, run: { -readonly [Name in keyof PlanRun]: PlanRun[Name] }): Promise<void> {
    try {
      run.made = await run.whole;
      this.#forget();
    } catch {
      // Whoever waits is told; whoever comes later has it begun anew.
      if (this.#runs.get(key) === run) this.#runs.delete(key);
    }
  }

  /** The oldest ones that nobody works on any more. */
  #forget(): void {
    const made = [...this.#runs].filter(([, run]) => run.made !== undefined);
    for (const [key] of made.slice(0, Math.max(0, made.length - KEPT_MAX))) this.#runs.delete(key);
  }
}

/** The plan, if it is made within so many milliseconds. @throws what making it threw */
export async function madeWithin(run: PlanRun, ms: number): Promise<Plan | undefined> {
  const ended = new AbortController();
  const late = sleep(ms, undefined, { signal: ended.signal }).catch(() => undefined);
  try {
    return await Promise.race([run.whole, late]);
  } finally {
    ended.abort();
  }
}
