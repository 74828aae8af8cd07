/**
 * Business time and what falls due in it.
 *
 * One agenda per platform. Every engine that waits for something (a durable timer, a scheduled message, a delivery
 * retry, a timer function's next occurrence) puts an item here and puts it here again after a restart, from its own
 * database: the agenda itself is memory only.
 *
 * Mode `real`: business time is the machine's time plus an offset, and items run when they fall due.
 * Mode `manual`: business time stands still until {@link Agenda.step} moves it from one due item to the next.
 * `Date` is never patched: whoever needs business time takes it from here.
 */

/** Something that waits for a moment of business time. */
export interface DueItem {
  /** What waits: `durable.timer`, `servicebus.scheduled`, `function.timer`, ... */
  readonly kind: string;
  /** Identifies the item within its kind. */
  readonly id: string;
  /** Business time, milliseconds since the epoch. */
  readonly dueMs: number;
}

interface Entry extends DueItem {
  readonly order: number;
  readonly run: () => void | Promise<void>;
  cancelled: boolean;
}

export type ClockMode = "real" | "manual";

/** `setTimeout` holds at most 2^31-1 ms; a longer wait is re-armed. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export class Agenda {
  #mode: ClockMode;
  #offsetMs = 0;
  #manualNowMs: number;
  #order = 0;
  #entries: Entry[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Called for an item that failed; the item is not run again by the agenda. */
  onError: (item: DueItem, error: unknown) => void = (item, error) => {
    throw new Error(`${item.kind} ${item.id} failed when it fell due`, { cause: error });
  };

  constructor(options: { mode?: ClockMode; nowMs?: number } = {}) {
    this.#mode = options.mode ?? "real";
    this.#manualNowMs = options.nowMs ?? Date.now();
    if (options.nowMs !== undefined) this.#offsetMs = options.nowMs - Date.now();
  }

  get mode(): ClockMode {
    return this.#mode;
  }

  /** Business time now, milliseconds since the epoch. */
  now(): number {
    return this.#mode === "manual" ? this.#manualNowMs : Date.now() + this.#offsetMs;
  }

  /** Machine time + offset = business time, in mode `real`; what a host needs to follow without asking. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Runs `run` once when business time reaches `item.dueMs` (at once, in a later turn, if that is past). */
  schedule(item: DueItem, run: () => void | Promise<void>): { cancel(): void } {
    const entry: Entry = { ...item, run, order: this.#order++, cancelled: false };
    const index = this.#entries.findIndex((other) => other.dueMs > entry.dueMs);
    if (index === -1) this.#entries.push(entry);
    else this.#entries.splice(index, 0, entry);
    this.#arm();
    return {
      cancel: () => {
        if (entry.cancelled) return;
        entry.cancelled = true;
        const at = this.#entries.indexOf(entry);
        if (at !== -1) this.#entries.splice(at, 1);
      },
    };
  }

  /** The items that wait, earliest first. */
  items(): readonly DueItem[] {
    return this.#entries;
  }

  /** The earliest item, or undefined when nothing waits. */
  next(): DueItem | undefined {
    return this.#entries[0];
  }

  /** Changes the mode; business time goes on from where it is. */
  setMode(mode: ClockMode): void {
    const now = this.now();
    this.#mode = mode;
    this.#manualNowMs = now;
    this.#offsetMs = now - Date.now();
    this.#arm();
  }

  /**
   * Sets business time without running anything. Forwards or, for `reset`, anywhere; items that are past then run at
   * the next {@link step} or, in mode `real`, at once.
   */
  setNow(nowMs: number): void {
    this.#manualNowMs = nowMs;
    this.#offsetMs = nowMs - Date.now();
    this.#arm();
  }

  /** Drops every item; for `reset`. */
  clear(): void {
    for (const entry of this.#entries) entry.cancelled = true;
    this.#entries = [];
    this.#arm();
  }

  /**
   * Manual mode: if an item is due at or before `untilMs`, moves business time to it (never back), runs it and returns
   * it; otherwise moves business time to `untilMs` and returns undefined. `beforeRun` is awaited after time has moved
   * and before the item runs, so that the hosts know the new time first.
   */
  async step(
    untilMs: number,
    beforeRun: (nowMs: number) => Promise<void> = async () => {},
  ): Promise<DueItem | undefined> {
    const entry = this.#entries[0];
    if (entry === undefined || entry.dueMs > untilMs) {
      if (untilMs > this.#manualNowMs) {
        this.setNow(untilMs);
        await beforeRun(untilMs);
      }
      return undefined;
    }
    this.#entries.shift();
    if (entry.dueMs > this.#manualNowMs) {
      this.setNow(entry.dueMs);
      await beforeRun(entry.dueMs);
    }
    await this.#run(entry);
    return { kind: entry.kind, id: entry.id, dueMs: entry.dueMs };
  }

  /** Stops the machine timer so that the process can end. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#entries = [];
  }

  async #run(entry: Entry): Promise<void> {
    if (entry.cancelled) return;
    entry.cancelled = true;
    try {
      await entry.run();
    } catch (error) {
      this.onError(entry, error);
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const first = this.#entries[0];
    if (this.#mode === "manual" || first === undefined) return;
    const waitMs = Math.min(Math.max(first.dueMs - this.now(), 0), LONGEST_TIMEOUT_MS);
    this.#timer = setTimeout(() => this.#runDue(), waitMs);
  }

  /** setTimeout may fire up to a millisecond early, so what is due is asked of the clock, not of the timer. */
  #runDue(): void {
    for (;;) {
      const entry = this.#entries[0];
      if (entry === undefined || entry.dueMs > this.now()) break;
      this.#entries.shift();
      void this.#run(entry);
    }
    this.#arm();
  }
}
