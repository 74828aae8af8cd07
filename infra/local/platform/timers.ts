/**
 * Timer functions: the platform keeps their schedules, as the storage account of a function app does in Azure.
 *
 * Each timer function of an app is a singleton over all its instances: one occurrence at a time, sent to one live
 * instance. The last and the next occurrence are on disk. When the platform or every instance was away at an occurrence,
 * the function runs once when they are back, with `isPastDue`, however many occurrences were missed. The next occurrence
 * is computed when a run has ended, so a long run is never overlapped; what it ran over is skipped.
 */
import type { Agenda } from "./agenda.ts";
import { timerKind } from "./barrier.ts";
import type { EngineContext, WaitingOn } from "./engine.ts";
import type { HostCalls, HostFunction } from "../host/link.ts";
import { nextOccurrence } from "../host/ncrontab.ts";
import type { PlatformState, SavedTimer } from "./state.ts";

export type TimerRequest = Omit<HostCalls["timer"]["request"], "clock">;

/** `unavailable`: no live instance took it, or it died while it ran. */
export type TimerOutcome = "ran" | "failed" | "unavailable";

export type DispatchTimer = (app: string, request: TimerRequest) => Promise<TimerOutcome>;

interface Timer {
  saved: SavedTimer;
  item: { cancel(): void } | undefined;
  /** Business time when the run that is under way began. */
  runningSinceMs: number | undefined;
  /** An occurrence fell due and no instance could take it. */
  missed: boolean;
}

/** What Azure reports as the last occurrence of a timer that never ran. */
const never = "0001-01-01T00:00:00.000Z";
/** What runs at least as often is not waited for at a person's first start. */
const SOON_MS = 60_000;
/** An occurrence that is later than this is past due; a busy event loop is not. */
const PAST_DUE_MS = 1000;

export class FunctionTimers {
  readonly #clock: Agenda;
  readonly #state: PlatformState;
  readonly #dispatch: DispatchTimer;
  readonly #log: EngineContext["log"];
  readonly #timers = new Map<string, Timer>();
  readonly #ran = new Map<string, number>();
  #running = 0;
  #isHurried = false;
  #whenIdle: (() => void)[] = [];

  constructor(clock: Agenda, state: PlatformState, dispatch: DispatchTimer, log: EngineContext["log"]) {
    this.#clock = clock;
    this.#state = state;
    this.#dispatch = dispatch;
    this.#log = log;
  }

  /**
   * Whoever sits before a first start should not wait for the minute to end: what runs every minute begins at once, as
   * if its last occurrence had just been missed.
   */
  hurry(): void {
    this.#isHurried = true;
  }

  /** Takes the timer functions of an instance that has just become ready; runs what was missed. */
  register(app: string, functions: readonly HostFunction[]): void {
    const saved = new Map(this.#state.timers().map((timer) => [key(timer.app, timer.name), timer]));
    for (const { name, type, schedule } of functions) {
      if (type !== "timerTrigger" || schedule === undefined) continue;
      const id = key(app, name);
      const known = this.#timers.get(id);
      if (known?.saved.schedule === schedule) {
        if (known.missed) this.#run(known);
        continue;
      }
      known?.item?.cancel();
      const before = saved.get(id);
      const timer: Timer = {
        saved:
          before?.schedule === schedule
            ? before
            : {
                app,
                name,
                schedule,
                lastMs: before?.lastMs ?? null,
                nextMs: this.#firstMs(schedule),
              },
        item: undefined,
        runningSinceMs: known?.runningSinceMs,
        missed: false,
      };
      this.#state.saveTimer(timer.saved);
      this.#timers.set(id, timer);
      this.#schedule(timer);
    }
  }

  /**
   * Runs every function whose occurrence has passed, once, and says how many ran. What a jump of the clock does; when it
   * returns, the runs have begun.
   */
  runPastDue(): number {
    const past = [...this.#timers.values()]
      .filter((timer) => timer.item !== undefined && timer.saved.nextMs <= this.#clock.now())
      .sort((one, other) => one.saved.nextMs - other.saved.nextMs);
    for (const timer of past) {
      timer.item?.cancel();
      this.#run(timer);
    }
    return past.length;
  }

  /** How many occurrences of each timer function have begun since the platform started, by `app/name`. */
  counts(): Map<string, number> {
    return new Map(this.#ran);
  }

  /** Resolves when no run is under way, or after `withinMs` of machine time. */
  async idle(withinMs: number): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#whenIdle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** The runs under way. */
  waitingOn(): WaitingOn[] {
    return [...this.#timers.values()].flatMap(({ saved, runningSinceMs }) =>
      runningSinceMs === undefined
        ? []
        : [{ kind: "function.run", id: key(saved.app, saved.name), sinceMs: runningSinceMs }],
    );
  }

  /** How many occurrences lie between two moments, estimated from the first hundred of each schedule. */
  estimate(fromMs: number, toMs: number): number {
    let total = 0;
    for (const { saved } of this.#timers.values()) {
      let count = 0;
      let atMs = fromMs;
      for (; count < 100; count += 1) {
        const nextMs = nextOccurrence(saved.schedule, atMs);
        if (nextMs > toMs) break;
        atMs = nextMs;
      }
      total += count < 100 ? count : Math.ceil((count * (toMs - fromMs)) / (atMs - fromMs));
    }
    return total;
  }

  /** Forgets every timer; their items are gone with the agenda. */
  reset(): void {
    for (const timer of this.#timers.values()) timer.item?.cancel();
    this.#timers.clear();
    this.#state.clearTimers();
  }

  #firstMs(schedule: string): number {
    const nowMs = this.#clock.now();
    const nextMs = nextOccurrence(schedule, nowMs);
    return this.#isHurried && nextMs - nowMs <= SOON_MS ? nowMs : nextMs;
  }

  #schedule(timer: Timer): void {
    const { app, name, nextMs } = timer.saved;
    timer.item = this.#clock.schedule({ kind: timerKind, id: key(app, name), dueMs: nextMs }, () => this.#run(timer));
  }

  /** Begins a run and doesn't wait for it: a run that a fault holds would otherwise stop the clock that releases it. */
  #run(timer: Timer): void {
    if (timer.runningSinceMs !== undefined) return;
    timer.item = undefined;
    timer.missed = false;
    timer.runningSinceMs = this.#clock.now();
    const { app, name } = timer.saved;
    this.#ran.set(key(app, name), (this.#ran.get(key(app, name)) ?? 0) + 1);
    this.#running += 1;
    void this.#dispatchOne(timer).finally(() => this.#ended());
  }

  #ended(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    for (const resolve of this.#whenIdle) resolve();
    this.#whenIdle = [];
  }

  async #dispatchOne(timer: Timer): Promise<void> {
    const { app, name, schedule, lastMs, nextMs } = timer.saved;
    const outcome = await this.#dispatch(app, {
      name,
      isPastDue: this.#clock.now() - nextMs > PAST_DUE_MS,
      last: lastMs === null ? never : new Date(lastMs).toISOString(),
      next: new Date(nextMs).toISOString(),
    });
    timer.runningSinceMs = undefined;
    if (this.#timers.get(key(app, name)) !== timer) return;
    if (outcome === "unavailable") {
      timer.missed = true;
      this.#log("warn", "no instance took an occurrence of a timer function; it runs when one is back", { app, name });
      return;
    }
    const ranMs = this.#clock.now();
    timer.saved = { app, name, schedule, lastMs: ranMs, nextMs: nextOccurrence(schedule, ranMs) };
    this.#state.saveTimer(timer.saved);
    this.#schedule(timer);
  }
}

function key(app: string, name: string): string {
  return `${app}/${name}`;
}
