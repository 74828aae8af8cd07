/** The invocations under way: what `busy` answers, and what a graceful stop waits for. */

export interface UnderWay {
  /** Trigger type: `httpTrigger`, `serviceBusTrigger`, ... */
  readonly kind: string;
  /** Function name and invocation ID. */
  readonly id: string;
  /** Business time, milliseconds since the epoch. */
  readonly sinceMs: number;
}

export class InFlight {
  readonly #underWay = new Map<symbol, UnderWay>();
  readonly #now: () => number;
  #whenIdle: (() => void)[] = [];

  /** @param now Business time. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts one as under way until the returned function is called. */
  begin(kind: string, id: string): () => void {
    const key = Symbol(id);
    this.#underWay.set(key, { kind, id, sinceMs: this.#now() });
    return () => {
      this.#underWay.delete(key);
      if (this.#underWay.size > 0) return;
      for (const resolve of this.#whenIdle) resolve();
      this.#whenIdle = [];
    };
  }

  list(): UnderWay[] {
    return [...this.#underWay.values()];
  }

  /** Resolves to true when nothing is under way any more, to false after `withinMs` of machine time. */
  idle(withinMs: number): Promise<boolean> {
    if (this.#underWay.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.#whenIdle.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}
