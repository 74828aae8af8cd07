import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

/** A log file is set aside at this size; one older part is kept. */
const LOG_BYTES_MAX = 5 * 2 ** 20;
/** Lines are written together at most this often (machine time). */
const FLUSH_MS = 200;

/** Keeps what the hosts print, a file for each in `logs/` of the data folder. */
export class HostLogs {
  readonly #dir: string;
  readonly #pending = new Map<string, string[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(dataDir: string) {
    this.#dir = join(dataDir, "logs");
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
  }

  /** Adds a line to the log of a host. */
  add(host: string, line: string): void {
    const lines = this.#pending.get(host);
    if (lines === undefined) this.#pending.set(host, [line]);
    else lines.push(line);
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }

  /** Writes what is pending. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [host, lines] of this.#pending) {
      const file = join(this.#dir, `${host}.log`);
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX) renameSync(file, `${file}.1`);
      appendFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
    }
    this.#pending.clear();
  }
}
