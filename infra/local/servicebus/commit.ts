/**
 * Group commit: what clients ask for within one turn of the event loop is written in one transaction, and answered
 * only after it.
 */
import type { Journal } from "./journal.ts";

export class Commit {
  readonly #journal: Journal;
  #after: (() => void)[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  constructor(journal: Journal) {
    this.#journal = journal;
    journal.onOpen = () => this.#schedule();
  }

  /** Runs `work` once everything written so far is durable. */
  afterwards(work: () => void): void {
    this.#after.push(work);
    this.#schedule();
  }

  /**
   * Commits now and runs what waits for it. A failed commit is thrown and, in a turn of its own, ends the process:
   * nothing of that turn was answered, and what is on disk is the truth for the next one.
   */
  flush(): void {
    const after = this.#take();
    this.#journal.commit();
    for (const work of after) work();
  }

  /** Commits now; what waits is forgotten: the clients that it would answer are gone. */
  discard(): void {
    this.#take();
    this.#journal.commit();
  }

  #take(): (() => void)[] {
    const after = this.#after;
    this.#after = [];
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    return after;
  }

  #schedule(): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      this.flush();
    });
  }
}
