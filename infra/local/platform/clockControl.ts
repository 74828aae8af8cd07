/**
 * Moves business time for people and tests.
 *
 * Time moves only from one due item to the next, and only while nothing is under way: no engine is busy with what has
 * fallen due, no host works on anything (except what a `delay` fault holds, which needs time to move). A host has the new
 * time before it runs anything at it: it comes with whatever the platform asks it to run and with the lease that it takes
 * before it begins anything of its own (host/leases.ts), and every host that is at work on something is told first.
 *
 * - advance: every occurrence in due order, as if the time had passed with everything up.
 * - jump: an outage. Time is simply later; each timer function whose occurrence has passed runs once, past due; then
 *   what else has fallen due runs in due order.
 *
 * In mode `real` the clock stands still during a move and runs on from where it was moved to.
 */
import type { ClockState } from "../host/settings.ts";
import type { Barrier } from "./barrier.ts";
import type { WaitingOn } from "./engine.ts";
import type { StandingAgenda } from "./standingAgenda.ts";
import type { PlatformState } from "./state.ts";
import type { FunctionTimers } from "./timers.ts";

export interface HostClock {
  readonly name: string;
  /** `core` or `edge`: skew can be given for an app, for one instance (`core-1`) or for every `host`. */
  readonly app: string;
  /**
   * Resolves when the host holds the time. While `isMoving` it asks for a lease before it begins anything of its own; the
   * answer is how many leases what it works on has from now on.
   */
  setClock(time: ClockState, isMoving: boolean): Promise<number>;
}

export interface ClockCommand {
  readonly mode?: "real" | "manual" | undefined;
  /** Moves forwards to a moment, milliseconds since the epoch, as a jump does. */
  readonly setMs?: number | undefined;
  readonly advanceMs?: number | undefined;
  readonly jumpMs?: number | undefined;
  /** Deviation of the clocks of hosts, milliseconds, by `host`, `core`, `edge`, `core-0`, ... */
  readonly skewMs?: Readonly<Record<string, number>> | undefined;
}

export interface ClockAnswer {
  readonly mode: "real" | "manual";
  readonly nowMs: number;
  /** How much fell due and ran: occurrences of timer functions and everything else. */
  readonly fired: number;
  /** Of these, the occurrences of each timer function, by `app/name`. */
  readonly occurrences: Readonly<Record<string, number>>;
}

/** Business time ends here: beyond the year 9999 dates no longer sort as text, beyond 275760 there are none. */
export const LATEST_MS = Date.UTC(9000, 0, 1);
/** How far the clock of a host may deviate: ten years. */
export const SKEW_MAX_MS = 3_653 * 86_400_000;
/** More occurrences than this in one call are refused: it would run for an hour. */
export const FIRINGS_MAX = 1_000_000;
/** Machine time that the work of one moment may take before a move gives up. */
const QUIET_MS = 60_000;
/** Machine time that a host may take to acknowledge a new time. */
const ACKNOWLEDGE_MS = 10_000;
/** Machine time that an occurrence gets to end before the barrier looks what else is under way. */
const RUN_MS = 25;

/** A move that can't be made; nothing has moved unless the message says so. */
export class ClockError extends Error {
  readonly code: "TooManyFirings" | "ClockMovesForwards" | "OutOfRange" | "NotQuiet";
  readonly waitingOn: readonly WaitingOn[];

  constructor(code: ClockError["code"], message: string, waitingOn: readonly WaitingOn[] = []) {
    super(message);
    this.name = "ClockError";
    this.code = code;
    this.waitingOn = waitingOn;
  }
}

export interface ClockControlParts {
  readonly clock: StandingAgenda;
  readonly barrier: Barrier;
  readonly timers: FunctionTimers;
  readonly state: PlatformState;
  readonly hosts: () => readonly HostClock[];
}

export class ClockControl {
  readonly #parts: ClockControlParts;
  #skewMs: Readonly<Record<string, number>> = {};
  /** How many invocations of their own each host has under way, as far as a move of the clock has to wait for them. */
  readonly #leases = new Map<string, number>();

  constructor(parts: ClockControlParts) {
    this.#parts = parts;
  }

  get skewMs(): Readonly<Record<string, number>> {
    return this.#skewMs;
  }

  /** Carries out one command. @throws ClockError when a move can't be made. */
  async run(command: ClockCommand): Promise<ClockAnswer> {
    const { clock, timers, state } = this.#parts;
    refuseOutOfRange(command, clock.now());
    if (command.setMs !== undefined && command.setMs < clock.now())
      throw new ClockError(
        "ClockMovesForwards",
        `business time is ${new Date(clock.now()).toISOString()} and only moves forwards; ${new Date(command.setMs).toISOString()} is past (a host's clock can be set back with skew, everything with reset)`,
      );
    if (command.mode !== undefined) clock.setMode(command.mode);
    if (command.skewMs !== undefined) this.#skewMs = command.skewMs;
    await this.push();
    const before = timers.counts();
    let fired = 0;
    if (command.advanceMs !== undefined) fired = await this.advanceTo(clock.now() + command.advanceMs);
    if (command.jumpMs !== undefined) fired = await this.#jumpTo(clock.now() + command.jumpMs);
    if (command.setMs !== undefined) fired = await this.#jumpTo(command.setMs);
    state.flush();
    return { mode: clock.mode, nowMs: clock.now(), fired, occurrences: difference(timers.counts(), before) };
  }

  /** Runs every occurrence up to `toMs` in due order; answers how many. */
  async advanceTo(toMs: number): Promise<number> {
    const expected =
      this.#parts.timers.estimate(this.#parts.clock.now(), toMs) +
      this.#parts.clock.items().filter((item) => item.dueMs <= toMs).length;
    if (expected > FIRINGS_MAX)
      throw new ClockError(
        "TooManyFirings",
        `about ${expected} occurrences fall due until ${new Date(toMs).toISOString()}; one call runs at most ${FIRINGS_MAX}. Nothing was moved.`,
      );
    return this.#standing(() => this.#stepTo(toMs, 0));
  }

  /** Forgets skews; for `reset`. */
  reset(): void {
    this.#skewMs = {};
  }

  /** Tells every live host the time, waits until they hold it, and keeps it for a restart. */
  async push(): Promise<void> {
    const { hosts } = this.#parts;
    this.#save();
    await Promise.all(hosts().map((host) => this.tell(host)));
  }

  /** Tells one host the time and waits until it holds it. @throws ClockError when it takes too long */
  async tell(host: HostClock): Promise<void> {
    const leases = await acknowledged(host, this.timeOf(host), this.#parts.clock.isMoving);
    this.#leases.set(host.name, (this.#leases.get(host.name) ?? 0) + leases);
  }

  /** A host is about to begin something of its own; the time of the answer holds until it gives the lease back. */
  lease(host: Pick<HostClock, "name" | "app">): ClockState {
    this.#leases.set(host.name, (this.#leases.get(host.name) ?? 0) + 1);
    return this.timeOf(host);
  }

  release(host: string): void {
    this.#leases.set(host, Math.max(0, (this.#leases.get(host) ?? 0) - 1));
  }

  /** A host went away, and all its leases with it. */
  forget(host: string): void {
    this.#leases.delete(host);
  }

  /** The time as one host sees it: business time and its skew. */
  timeOf(host: Pick<HostClock, "name" | "app">): ClockState {
    const { clock } = this.#parts;
    const skewMs = this.#skewMs[host.name] ?? this.#skewMs[host.app] ?? this.#skewMs["host"] ?? 0;
    return { mode: clock.mode, nowMs: clock.now() + skewMs, offsetMs: clock.offsetMs + skewMs };
  }

  async #jumpTo(toMs: number): Promise<number> {
    return this.#standing(async () => {
      await this.#quiet(0);
      this.#parts.clock.setNow(toMs);
      await this.push();
      const past = this.#parts.timers.runPastDue();
      return this.#stepTo(toMs, past);
    });
  }

  /** `fired` counts what ran before the first step. */
  async #stepTo(toMs: number, fired: number): Promise<number> {
    const { clock } = this.#parts;
    while (fired <= FIRINGS_MAX) {
      if (!(await this.#glide(toMs))) await this.#quiet(fired);
      const ran = await clock.step(toMs, () => this.push());
      if (ran !== undefined) fired += 1;
      else {
        await this.#quiet(fired);
        // What became due at the last moment only now (a wait of zero length) still belongs to it.
        if ((clock.next()?.dueMs ?? Infinity) > toMs) return fired;
      }
    }
    throw new ClockError(
      "TooManyFirings",
      `${FIRINGS_MAX} occurrences ran; business time has come to ${new Date(clock.now()).toISOString()} and stopped there`,
    );
  }

  /**
   * The short way to the next due item, for the thousands of occurrences after which nothing is left to do: the platform
   * itself knows of nothing under way, and no host holds a lease. The time goes to a host with what it is asked to run.
   * Answers false when it isn't that simple: then the barrier decides, and the time is pushed to all.
   */
  async #glide(toMs: number): Promise<boolean> {
    const { clock, barrier, timers } = this.#parts;
    await timers.idle(RUN_MS);
    if (!barrier.seemsQuiet || [...this.#leases.values()].some((count) => count > 0)) return false;
    const atMs = Math.min(clock.next()?.dueMs ?? toMs, toMs);
    if (atMs > clock.now()) {
      clock.setNow(atMs);
      this.#save();
    }
    return true;
  }

  #save(): void {
    const { clock, state } = this.#parts;
    state.clock = { mode: clock.mode, nowMs: clock.now(), offsetMs: clock.offsetMs };
  }

  async #quiet(fired: number): Promise<void> {
    const left = await this.#parts.barrier.waitUnlessHeld(Date.now() + QUIET_MS);
    if (left.length === 0) return;
    throw new ClockError(
      "NotQuiet",
      `after ${fired} occurrences business time stopped at ${new Date(this.#parts.clock.now()).toISOString()}: ${left.length} pieces of work did not end within ${QUIET_MS / 1000} s`,
      left,
    );
  }

  async #standing<T>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.#parts;
    const mode = clock.mode;
    if (mode === "real") clock.setMode("manual");
    try {
      return await clock.whileMoving(async () => {
        await this.push();
        return work();
      });
    } finally {
      if (mode === "real") clock.setMode(mode);
      await this.push();
    }
  }
}

function refuseOutOfRange({ setMs, advanceMs, jumpMs, skewMs }: ClockCommand, nowMs: number): void {
  const toMs = setMs ?? nowMs + (advanceMs ?? jumpMs ?? 0);
  if (toMs > LATEST_MS)
    throw new ClockError(
      "OutOfRange",
      `business time is ${new Date(nowMs).toISOString()} and goes to ${new Date(LATEST_MS).toISOString()}; this would move it beyond. Nothing was moved.`,
    );
  for (const [host, ms] of Object.entries(skewMs ?? {}))
    if (Math.abs(ms) > SKEW_MAX_MS)
      throw new ClockError(
        "OutOfRange",
        `skew.${host}: found ${ms / 1000} s; a host's clock deviates by at most ${SKEW_MAX_MS / 86_400_000} days. Nothing was changed.`,
      );
}

/** A host that dies meanwhile gets the time when it is back. */
async function acknowledged(
  host: HostClock,
  time: Parameters<HostClock["setClock"]>[0],
  isMoving: boolean,
): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, ACKNOWLEDGE_MS, "late");
  });
  try {
    const outcome = await Promise.race([host.setClock(time, isMoving), late]);
    if (outcome === "late")
      throw new ClockError(
        "NotQuiet",
        `host ${host.name} did not acknowledge the time within ${ACKNOWLEDGE_MS / 1000} s`,
      );
    return outcome;
  } finally {
    clearTimeout(timer);
  }
}

function difference(
  after: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): Readonly<Record<string, number>> {
  const more = [...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(more.filter(([, count]) => count > 0));
}
