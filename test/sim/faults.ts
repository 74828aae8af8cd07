/** What goes wrong at a port call, drawn from the seed. Rates are per call; `calm` ends all of it. */
import type { Random } from "./random.ts";

export interface FaultRates {
  /** The process dies at this call. */
  readonly crash: number;
  /** The process stands still for up to {@link FREEZE_MS_MAX}, then goes on as if nothing had been. */
  readonly freeze: number;
  /** The service says that it is not available, before or after it did what was asked. */
  readonly unavailable: number;
  /** ARM throttles, with or without Retry-After. */
  readonly throttled: number;
  /** The answer never comes. */
  readonly lost: number;
  /** The request takes seconds instead of milliseconds, up to the client's abort. */
  readonly slow: number;
  /** A read shows what was there before the last change. */
  readonly stale: number;
  /** An activity or a message is delivered twice, at the same time. */
  readonly duplicate: number;
  /** A message or event goes astray. */
  readonly astray: number;
  /** A colleague works on an account at the very time at which the product writes to it; per write. */
  readonly meddling: number;
  /** The process stands still right after it has set a fence; per fence. */
  readonly stunned: number;
}

const none: FaultRates = {
  crash: 0,
  freeze: 0,
  unavailable: 0,
  throttled: 0,
  lost: 0,
  slow: 0,
  stale: 0,
  duplicate: 0,
  astray: 0,
  meddling: 0,
  stunned: 0,
};

const light: FaultRates = {
  crash: 0.002,
  freeze: 0.001,
  unavailable: 0.005,
  throttled: 0.01,
  lost: 0.02,
  slow: 0.01,
  stale: 0.03,
  duplicate: 0.02,
  astray: 0.05,
  meddling: 0.1,
  stunned: 0.03,
};

const heavy: FaultRates = {
  crash: 0.015,
  freeze: 0.01,
  unavailable: 0.03,
  throttled: 0.05,
  lost: 0.1,
  slow: 0.06,
  stale: 0.15,
  duplicate: 0.1,
  astray: 0.25,
  meddling: 0.4,
  stunned: 0.15,
};

/** Longest standstill of a process. */
export const FREEZE_MS_MAX = 40_000;

/** Changes this young may be missing from a read of ARM. */
export const STALE_WITHIN_MS = 1_900;

export class Faults {
  readonly #random: Random;
  #rates: FaultRates;
  /** Told when nothing fails any more. */
  onCalm: () => void = () => {};

  constructor(random: Random) {
    this.#random = random;
    this.#rates = random.weighted([
      [1, none],
      [4, light],
      [3, heavy],
    ]);
  }

  hits(kind: keyof FaultRates): boolean {
    // Drawn also when the rate is nought, so that a calmer world is otherwise the same.
    return this.#random.chance(this.#rates[kind]);
  }

  rate(kind: keyof FaultRates): number {
    return this.#rates[kind];
  }

  calm(): void {
    this.#rates = none;
    this.onCalm();
  }

  /** Milliseconds that a request, or its answer, is on its way. */
  latencyMs(): number {
    return this.#random.between(1, 40);
  }

  slowMs(maxMs: number): number {
    return this.#random.between(500, maxMs);
  }
}
