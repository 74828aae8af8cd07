/**
 * What the durable backend keeps on disk: instances, their histories (append only within an execution), the messages
 * that wait for a turn (inbox), the activities and timers that have not ended. Nothing that matters is only in memory:
 * after `kill -9` the tables alone say what is unfinished.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { openDatabase, transaction } from "../platform/sqlite.ts";

export type StoredStatus = "Pending" | "Running" | "Completed" | "Failed" | "Terminated";
/** As clients see it: an instance that has not ended and is suspended is `Suspended`. */
export type RuntimeStatus = StoredStatus | "Suspended";

export interface InstanceRow {
  /** Grows with every start; the order of lists. */
  readonly seq: number;
  readonly id: string;
  /** Changes with every start and every continue-as-new; messages of another execution are dropped. */
  readonly execution: string;
  readonly name: string;
  readonly version: string;
  /** JSON text. */
  readonly input: string | null;
  readonly parent: string | null;
  readonly parentExecution: string | null;
  /** Sequence id of the sub-orchestration in the parent. */
  readonly parentTask: number | null;
  readonly status: StoredStatus;
  readonly suspended: 0 | 1;
  /** 0 until the first turn of this execution is committed. */
  readonly started: 0 | 1;
  /** JSON text. */
  readonly output: string | null;
  /** JSON text. */
  readonly customStatus: string | null;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface Message {
  readonly seq: number;
  /** Null: for whatever execution there is. */
  readonly execution: string | null;
  /** JSON text of a history event. */
  readonly event: string;
}

export interface ActivityRow {
  readonly seq: number;
  readonly instance: string;
  readonly execution: string;
  readonly taskId: number;
  readonly name: string;
  readonly input: string | null;
  readonly sinceMs: number;
}

export interface TimerRow {
  readonly instance: string;
  readonly execution: string;
  readonly timerId: number;
  readonly dueMs: number;
}

export type NewInstance = Pick<
  InstanceRow,
  "id" | "execution" | "name" | "version" | "input" | "parent" | "parentExecution" | "parentTask"
>;

export interface InstanceFilter {
  readonly createdFromMs?: number | undefined;
  readonly createdToMs?: number | undefined;
  readonly statuses?: readonly RuntimeStatus[] | undefined;
  readonly idPrefix?: string | undefined;
}

const schema = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS instances (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, execution TEXT NOT NULL, name TEXT NOT NULL,
    version TEXT NOT NULL, input TEXT, parent TEXT, parentExecution TEXT, parentTask INTEGER, status TEXT NOT NULL,
    suspended INTEGER NOT NULL, started INTEGER NOT NULL, output TEXT, customStatus TEXT,
    createdMs INTEGER NOT NULL, updatedMs INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS history (
    instance TEXT NOT NULL, turn INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (instance, turn)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS inbox (
    instance TEXT NOT NULL, seq INTEGER NOT NULL, execution TEXT, event TEXT NOT NULL,
    PRIMARY KEY (instance, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS activities (
    instance TEXT NOT NULL, taskId INTEGER NOT NULL, seq INTEGER NOT NULL, execution TEXT NOT NULL, name TEXT NOT NULL,
    input TEXT, sinceMs INTEGER NOT NULL, PRIMARY KEY (instance, taskId)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS timers (
    instance TEXT NOT NULL, execution TEXT NOT NULL, timerId INTEGER NOT NULL, dueMs INTEGER NOT NULL,
    PRIMARY KEY (instance, timerId)) STRICT, WITHOUT ROWID;
`;

const shownStatus = "CASE WHEN suspended = 1 AND status IN ('Pending', 'Running') THEN 'Suspended' ELSE status END";

/**
 * Pages (of 4 KiB) in the write-ahead log before it is copied into the database: each copy waits for the disk. SQLite's
 * own 1000 would mean that several times a second under load.
 */
const CHECKPOINT_PAGES = 8000;

export class Store {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Last sequence number given to a message or an activity. */
  #seq = 0;

  /** `file` may be `:memory:`. */
  constructor(file: string) {
    this.#database = openDatabase(file);
    this.#database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; ${schema}`);
    const last =
      "SELECT max((SELECT ifnull(max(seq), 0) FROM inbox), (SELECT ifnull(max(seq), 0) FROM activities)) AS seq";
    this.#seq = (this.#get(last) as { seq: number }).seq;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  transaction<T>(work: () => T): T {
    return transaction(this.#database, work);
  }

  reset(): void {
    this.transaction(() => {
      for (const table of ["meta", "instances", "history", "inbox", "activities", "timers", "sqlite_sequence"]) {
        this.#run(`DELETE FROM ${table}`);
      }
    });
  }

  /** Counts the times that the backend has been opened on this database, so that ids never come twice. */
  nextEpoch(): number {
    this.#run("INSERT INTO meta VALUES ('epoch', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1");
    const row = this.#get("SELECT value FROM meta WHERE key = 'epoch'") as { value: number };
    return row.value;
  }

  instance(id: string): InstanceRow | undefined {
    return this.#get("SELECT * FROM instances WHERE id = ?", id) as InstanceRow | undefined;
  }

  /** Live instances that have something to do, suspended ones too, oldest first. */
  unfinished(): InstanceRow[] {
    return this.#all<InstanceRow>(
      `SELECT * FROM instances i WHERE status IN ('Pending', 'Running')
       AND (started = 0 OR EXISTS (SELECT 1 FROM inbox WHERE inbox.instance = i.id)) ORDER BY seq`,
    );
  }

  suspended(): { id: string }[] {
    return this.#all("SELECT id FROM instances WHERE suspended = 1 AND status IN ('Pending', 'Running') ORDER BY seq");
  }

  /** Adds an instance in place of an ended one of the same id. */
  addInstance(row: NewInstance, nowMs: number): void {
    this.removeInstance(row.id);
    this.#run(
      `INSERT INTO instances (id, execution, name, version, input, parent, parentExecution, parentTask, status, suspended,
       started, createdMs, updatedMs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'Pending', 0, 0, ?, ?)`,
      row.id,
      row.execution,
      row.name,
      row.version,
      row.input,
      row.parent,
      row.parentExecution,
      row.parentTask,
      nowMs,
      nowMs,
    );
  }

  removeInstance(id: string): void {
    this.clearWork(id);
    this.#run("DELETE FROM history WHERE instance = ?", id);
    this.#run("DELETE FROM instances WHERE id = ?", id);
  }

  /** Drops messages, activities and timers of an instance: its execution is over. */
  clearWork(id: string): void {
    this.#run("DELETE FROM inbox WHERE instance = ?", id);
    this.clearTasks(id);
  }

  clearTasks(id: string): void {
    this.#run("DELETE FROM activities WHERE instance = ?", id);
    this.#run("DELETE FROM timers WHERE instance = ?", id);
  }

  updateInstance(id: string, row: Pick<InstanceRow, "status" | "output" | "customStatus" | "updatedMs">): void {
    this.#run(
      "UPDATE instances SET status = ?, started = 1, output = ?, customStatus = ?, updatedMs = ? WHERE id = ?",
      row.status,
      row.output,
      row.customStatus,
      row.updatedMs,
      id,
    );
  }

  /** Begins a new execution of the same instance with an empty history. */
  restartInstance(
    id: string,
    execution: string,
    input: string | null,
    customStatus: string | null,
    nowMs: number,
  ): void {
    this.clearTasks(id);
    this.#run("DELETE FROM history WHERE instance = ?", id);
    this.#run(
      "UPDATE instances SET execution = ?, input = ?, customStatus = ?, started = 0, status = 'Running', updatedMs = ? WHERE id = ?",
      execution,
      input,
      customStatus,
      nowMs,
      id,
    );
  }

  suspend(id: string, suspended: boolean, nowMs: number): void {
    this.#run("UPDATE instances SET suspended = ?, updatedMs = ? WHERE id = ?", suspended ? 1 : 0, nowMs, id);
  }

  history(id: string): string[] {
    return this.#all<{ events: string }>("SELECT events FROM history WHERE instance = ? ORDER BY turn", id).map(
      ({ events }) => events,
    );
  }

  /** `events`: JSON texts joined by commas. */
  appendHistory(id: string, turn: number, events: string): void {
    this.#run("INSERT INTO history VALUES (?, ?, ?)", id, turn, events);
  }

  messages(id: string, limit: number): Message[] {
    return this.#all("SELECT seq, execution, event FROM inbox WHERE instance = ? ORDER BY seq LIMIT ?", id, limit);
  }

  hasMessages(id: string): boolean {
    return this.#get("SELECT 1 FROM inbox WHERE instance = ? LIMIT 1", id) !== undefined;
  }

  addMessage(id: string, execution: string | null, event: string): void {
    this.#seq += 1;
    this.#run("INSERT INTO inbox VALUES (?, ?, ?, ?)", id, this.#seq, execution, event);
  }

  removeMessages(id: string, upToSeq: number): void {
    this.#run("DELETE FROM inbox WHERE instance = ? AND seq <= ?", id, upToSeq);
  }

  /** Returns its sequence number. */
  addActivity(row: Omit<ActivityRow, "seq">): number {
    this.#seq += 1;
    const { instance, execution, taskId, name, input, sinceMs } = row;
    this.#run(
      "INSERT INTO activities VALUES (?, ?, ?, ?, ?, ?, ?)",
      instance,
      taskId,
      this.#seq,
      execution,
      name,
      input,
      sinceMs,
    );
    return this.#seq;
  }

  /** False when it had ended before. */
  removeActivity(row: ActivityRow): boolean {
    const sql = "DELETE FROM activities WHERE instance = ? AND taskId = ? AND seq = ?";
    return this.#run(sql, row.instance, row.taskId, row.seq).changes === 1;
  }

  hasActivity(row: ActivityRow): boolean {
    const sql = "SELECT 1 FROM activities WHERE instance = ? AND taskId = ? AND seq = ?";
    return this.#get(sql, row.instance, row.taskId, row.seq) !== undefined;
  }

  activities(): ActivityRow[] {
    return this.#all("SELECT * FROM activities ORDER BY seq");
  }

  addTimer(row: TimerRow): void {
    this.#run("INSERT INTO timers VALUES (?, ?, ?, ?)", row.instance, row.execution, row.timerId, row.dueMs);
  }

  /** False when it had fired or was cancelled before. */
  removeTimer(instance: string, timerId: number): boolean {
    return this.#run("DELETE FROM timers WHERE instance = ? AND timerId = ?", instance, timerId).changes === 1;
  }

  timers(): TimerRow[] {
    return this.#all("SELECT * FROM timers ORDER BY dueMs, instance, timerId");
  }

  /** Instances after `afterSeq` in the order of their start. */
  list(filter: InstanceFilter, afterSeq: number, limit: number): (InstanceRow & { shown: RuntimeStatus })[] {
    const { createdFromMs = null, createdToMs = null, statuses, idPrefix = null } = filter;
    return this.#all(
      `SELECT *, ${shownStatus} AS shown FROM instances WHERE seq > ?1
       AND (?2 IS NULL OR createdMs >= ?2) AND (?3 IS NULL OR createdMs <= ?3)
       AND (?4 IS NULL OR shown IN (SELECT value FROM json_each(?4)))
       AND (?5 IS NULL OR substr(id, 1, length(?5)) = ?5) ORDER BY seq LIMIT ?6`,
      afterSeq,
      createdFromMs,
      createdToMs,
      statuses === undefined ? null : JSON.stringify(statuses),
      idPrefix,
      limit,
    );
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run(sql: string, ...values: SQLInputValue[]): { changes: number | bigint } {
    return this.#prepare(sql).run(...values);
  }

  #get(sql: string, ...values: SQLInputValue[]): unknown {
    return this.#prepare(sql).get(...values);
  }

  #all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }
}

export function isLive(row: Pick<InstanceRow, "status">): boolean {
  return row.status === "Pending" || row.status === "Running";
}
