/**
 * The host's copy of business time. The platform pushes the clock; nothing here waits on it. The app takes it from one
 * seam, a function under a global symbol that is set before the app is imported.
 */
import type { ClockState } from "./settings.ts";

/** Where the product looks for business time: `() => number`, milliseconds since the epoch. */
export const businessTimeSymbol = Symbol.for("steelyard.businessTime");

export class BusinessClock {
  #state: ClockState;

  constructor(state: ClockState) {
    this.#state = state;
  }

  /** Milliseconds since the epoch. */
  readonly now = (): number => {
    const { mode, nowMs, offsetMs } = this.#state;
    return mode === "manual" ? nowMs : Date.now() + offsetMs;
  };

  set(state: ClockState): void {
    this.#state = state;
  }

  /** Puts {@link BusinessClock.now} where the app finds it. */
  install(): void {
    (globalThis as Record<symbol, unknown>)[businessTimeSymbol] = this.now;
  }
}
