/**
 * What the platform itself remembers over a restart: which scenario is laid, where business time and the day
 * stand, and when each
 * timer function ran last and is due next. One SQLite file, `platform.sqlite`; the effect log lies in it too.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SavedDay } from "./day.ts";
import { openDatabase, transaction } from "./sqlite.ts";

export interface SavedClock {
  readonly mode: "real" | "manual";
  /** Business time of a standing clock, milliseconds since the epoch. */
  readonly nowMs: number;
  /** Business time minus machine time of a running clock. */
  readonly offsetMs: number;
}

export interface SavedTimer {
  readonly app: string;
  readonly name: string;
  readonly schedule: string;
  /** Occurrence that ran last; null before the first. */
  readonly lastMs: number | null;
  readonly nextMs: number;
}

export interface SavedScenario {
  readonly name: string;
  readonly seed: number;
}

/** Machine time for which several changes of timers are gathered. */
const SAVE_WITHIN_MS = 20;

export class PlatformState {
  readonly database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #putTimer: StatementSync;
  readonly #unsaved = new Map<string, SavedTimer>();
  #saving: NodeJS.Timeout | undefined;

  /** @param file - path of the database file, or `:memory:`. */
  constructor(file: string) {
    this.database = openDatabase(file);
    this.database.exec(
      "CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);" +
        "CREATE TABLE IF NOT EXISTS timers (app TEXT, name TEXT, schedule TEXT NOT NULL, lastMs INTEGER, nextMs INTEGER NOT NULL, PRIMARY KEY (app, name))",
    );
    this.#get = this.database.prepare("SELECT value FROM settings WHERE key = ?");
    this.#put = this.database.prepare("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)");
    this.#putTimer = this.database.prepare(
      "INSERT OR REPLACE INTO timers (app, name, schedule, lastMs, nextMs) VALUES (?, ?, ?, ?, ?)",
    );
  }

  get clock(): SavedClock | undefined {
    return this.#read("clock") as SavedClock | undefined;
  }

  /** Takes the timers that wait to be saved along: one transaction for what one occurrence changes. */
  set clock(clock: SavedClock) {
    transaction(this.database, () => {
      this.#write("clock", clock);
      this.#saveTimers();
    });
  }

  /** The scenario that lies on disk; undefined before the first start and while one is being laid. */
  get scenario(): SavedScenario | undefined {
    return (this.#read("scenario") ?? undefined) as SavedScenario | undefined;
  }

  set scenario(scenario: SavedScenario | undefined) {
    this.#write("scenario", scenario ?? null);
  }

  /** Where the scenario's day stands; undefined when none is on. */
  get day(): SavedDay | undefined {
    return (this.#read("day") ?? undefined) as SavedDay | undefined;
  }

  set day(day: SavedDay | undefined) {
    this.#write("day", day ?? null);
  }

  timers(): SavedTimer[] {
    this.flush();
    return this.database
      .prepare("SELECT app, name, schedule, lastMs, nextMs FROM timers")
      .all() as unknown as SavedTimer[];
  }

  /**
   * Saves where a timer stands, at the latest after {@link SAVE_WITHIN_MS}: a platform that is killed before runs the
   * occurrence again, as Azure does when an instance dies before it has written the timer's status.
   */
  saveTimer(timer: SavedTimer): void {
    this.#unsaved.set(JSON.stringify([timer.app, timer.name]), timer);
    this.#saving ??= setTimeout(() => this.flush(), SAVE_WITHIN_MS).unref();
  }

  /** Saves what waits to be saved. */
  flush(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    if (this.#unsaved.size > 0) transaction(this.database, () => this.#saveTimers());
  }

  #saveTimers(): void {
    for (const { app, name, schedule, lastMs, nextMs } of this.#unsaved.values())
      this.#putTimer.run(app, name, schedule, lastMs, nextMs);
    this.#unsaved.clear();
  }

  clearTimers(): void {
    this.#unsaved.clear();
    this.database.exec("DELETE FROM timers");
  }

  close(): void {
    this.flush();
    this.database.close();
  }

  #read(key: string): unknown {
    const value = this.#get.get(key)?.["value"];
    return typeof value === "string" ? JSON.parse(value) : undefined;
  }

  #write(key: string, value: unknown): void {
    this.#put.run(key, JSON.stringify(value));
  }
}
