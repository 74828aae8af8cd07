/**
 * What the host does of its own (HTTP requests, Service Bus messages) and the clock that the platform moves.
 *
 * While the clock is being moved, each such invocation asks for a lease before it begins: the answer is the time, and
 * the clock stands still until the lease is given back. So the platform knows without asking that a host is at rest, and
 * a host at rest need not hear of the thousands of moments that it sleeps through. What is under way when a move begins
 * is told then, and is given back in the same way.
 */

/** What the platform does for its hosts. */
export interface LeaseOffice {
  /** Asks for a lease; resolves when the host holds the time that comes with it. */
  take(): Promise<void>;
  /** Gives one lease back. */
  giveBack(): void;
}

interface Lease {
  taken: boolean;
}

export class ClockLeases {
  readonly #office: LeaseOffice;
  readonly #underWay = new Set<Lease>();
  #isMoving = false;

  constructor(office: LeaseOffice) {
    this.#office = office;
  }

  /** To be awaited before an invocation begins; what it gives is to be called when the invocation has ended. */
  async begin(): Promise<() => void> {
    const lease: Lease = { taken: this.#isMoving };
    if (this.#isMoving) await this.#office.take();
    this.#underWay.add(lease);
    return () => {
      this.#underWay.delete(lease);
      if (lease.taken) this.#office.giveBack();
    };
  }

  /** The clock begins to be moved, or stands or runs again. Answers how many invocations hold a lease from now on. */
  setMoving(isMoving: boolean): number {
    this.#isMoving = isMoving;
    if (!isMoving) return 0;
    const without = [...this.#underWay].filter(({ taken }) => !taken);
    for (const lease of without) lease.taken = true;
    return without.length;
  }
}
