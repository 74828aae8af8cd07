/**
 * Makes batches of items that come one by one, and runs one batch at a time. The first item waits {@link GATHER_MS} for
 * company; what comes while a batch runs makes up the next one, which begins at once.
 */

/** Real time: long enough for what the broker has ready, short enough to go unnoticed. */
const GATHER_MS = 20;

interface Waiting<T> {
  readonly item: T;
  readonly done: () => void;
}

export class BatchGatherer<T> {
  readonly #sizeMax: number;
  readonly #run: (items: readonly T[]) => Promise<void>;
  #waiting: Waiting<T>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  /** @param run Runs a batch of 1 to `sizeMax` items, in the order of their coming; must not reject. */
  constructor(sizeMax: number, run: (items: readonly T[]) => Promise<void>) {
    this.#sizeMax = sizeMax;
    this.#run = run;
  }

  /** Resolves when the batch that holds the item has run. */
  add(item: T): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ item, done });
      if (this.#running) return;
      if (this.#waiting.length >= this.#sizeMax) void this.#runBatches();
      else this.#timer ??= setTimeout(() => void this.#runBatches(), GATHER_MS);
    });
  }

  async #runBatches(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#sizeMax);
      await this.#run(batch.map(({ item }) => item));
      for (const { done } of batch) done();
    }
    this.#running = false;
  }
}
