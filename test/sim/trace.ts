import { createHash, type Hash } from "node:crypto";

/** Lines that a report shows: enough to see what led to a violation. */
const LAST_LINES = 30;

/** What happened, line by line; its hash tells whether two runs were the same. */
export class Trace {
  readonly #hash: Hash = createHash("sha256");
  readonly #last: string[] = [];
  readonly #startMs: number;
  readonly #nowMs: () => number;
  readonly #print: ((line: string) => void) | undefined;

  constructor(nowMs: () => number, print?: (line: string) => void) {
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
    this.#print = print;
  }

  line(who: string, what: string): void {
    const line = `${((this.#nowMs() - this.#startMs) / 1000).toFixed(3)} ${who} ${what}`;
    this.#hash.update(line).update("\n");
    this.#last.push(line);
    if (this.#last.length > LAST_LINES * 2) this.#last.splice(0, LAST_LINES);
    this.#print?.(line);
  }

  get last(): readonly string[] {
    return this.#last.slice(-LAST_LINES);
  }

  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}
