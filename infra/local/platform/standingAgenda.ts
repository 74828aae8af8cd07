import { Agenda, type DueItem } from "./agenda.ts";

/**
 * The platform's agenda: while business time stands still, what is due at once also runs at once (a delivery without
 * delay, a durable timer of zero length). Only while the clock is being moved does the mover run everything itself, in
 * due order.
 */
export class StandingAgenda extends Agenda {
  #moving = 0;

  /** Whether somebody moves the clock: what is due waits for the mover then. */
  get isMoving(): boolean {
    return this.#moving > 0;
  }

  /** Runs `work`, during which only the mover runs what falls due. */
  async whileMoving<T>(work: () => Promise<T>): Promise<T> {
    this.#moving += 1;
    try {
      return await work();
    } finally {
      this.#moving -= 1;
      this.#runDueNow();
    }
  }

  override schedule(item: DueItem, run: () => void | Promise<void>): { cancel(): void } {
    const handle = super.schedule(item, run);
    if (item.dueMs <= this.now()) this.#runDueNow();
    return handle;
  }

  #runDueNow(): void {
    if (this.mode !== "manual") return;
    setImmediate(() => {
      const first = this.next();
      if (this.mode !== "manual" || this.#moving > 0 || first === undefined || first.dueMs > this.now()) return;
      void this.step(this.now()).then(() => this.#runDueNow());
    });
  }
}
