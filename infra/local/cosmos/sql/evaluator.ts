/**
 * Runs a query plan over the table of items, one page at a time.
 *
 * Rows come from SQLite in the order of the page, so a page reads no further than its last item. Without ORDER BY that is
 * partition key and id: a stable order like the service's, which is another one; no product may rely on either. A page goes on
 * after the last row of the one before (not at a row number), so items that are removed or that change so that they no longer match
 * don't shift the rest.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { z } from "zod";
import { badRequest } from "../errors.ts";
import { PAGE_BYTES_MAX } from "../limits.ts";
import { compareStrings, type Json } from "../values.ts";
import type { Group, Groups, QueryPlan } from "./plan.ts";
import type { SqlValue } from "./pushdown.ts";

export interface PageRequest {
  /** Number of the container in `docs.coll`. */
  readonly collection: number;
  /** Partition key as stored; undefined for all partitions. */
  readonly partitionKey: string | undefined;
  /** Items that expire at or before this moment are not seen. Seconds, business time. */
  readonly nowS: number;
  readonly itemsMax: number;
  /** Token of the page before. */
  readonly continuation: string | undefined;
}

export interface Page {
  /** JSON texts. */
  readonly results: readonly string[];
  readonly continuation: string | undefined;
}

/** Where a page ended; what a continuation token says. */
const positionSchema = z.strictObject({
  /** Fingerprint of the query. */
  query: z.string(),
  /** Rows that OFFSET has skipped and that TOP or LIMIT has counted. */
  skipped: z.int().min(0),
  taken: z.int().min(0),
  /** The last row: partition key, id and sort keys (rank and value in turn). */
  after: z
    .strictObject({ pk: z.string(), id: z.string(), keys: z.array(z.union([z.string(), z.number()])) })
    .optional(),
});
type Position = z.infer<typeof positionSchema>;

interface StoredRow {
  readonly pk: string;
  readonly id: string;
  readonly body: string;
  readonly [sortKey: string]: SqlValue;
}

/** Stands for the output of a row that does not match. */
const FILTERED = Symbol("filtered");

/** Statements that are kept prepared; a product has a few dozen query texts. */
const STATEMENTS_MAX = 200;

export class Evaluator {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @throws CosmosError 400 for a continuation token that is not of this query */
  page(plan: QueryPlan, request: PageRequest): Page {
    const position = readPosition(plan, request.continuation);
    switch (plan.output.kind) {
      case "count":
        return inMemory(plan, request, position, [String(this.#count(plan, request))]);
      case "groups":
        return inMemory(plan, request, position, this.#group(plan, plan.output.groups, request));
      case "items":
      case "rows":
        return this.#stream(plan, request, position);
    }
  }

  /** The statement's SQL and bound values, for tests that look at SQLite's query plan. */
  statement(plan: QueryPlan, request: PageRequest): { sql: string; values: SqlValue[] } {
    return selectRows(plan, request, readPosition(plan, request.continuation));
  }

  #stream(plan: QueryPlan, request: PageRequest, from: Position): Page {
    const results: string[] = [];
    let { skipped, taken, after } = from;
    let bytes = 0;
    if (plan.take === 0) return { results, continuation: undefined };
    for (const row of this.#rows(plan, request, from)) {
      if (after !== undefined && !isBehind(row, after, plan)) continue;
      // The page was full with the row before: there is at least one more.
      if (results.length >= request.itemsMax || bytes >= PAGE_BYTES_MAX) {
        return { results, continuation: writePosition({ query: plan.fingerprint, skipped, taken, after }) };
      }
      const output = this.#output(plan, row);
      if (output === FILTERED) continue;
      after = { pk: row.pk, id: row.id, keys: sortKeys(row, plan) };
      if (skipped < plan.skip) {
        skipped += 1;
        continue;
      }
      if (output !== undefined) {
        results.push(output);
        bytes += output.length;
      }
      taken += 1;
      if (taken >= plan.take) break;
    }
    return { results, continuation: undefined };
  }

  /** The row's JSON text; undefined when its value is. */
  #output(plan: QueryPlan, row: StoredRow): string | undefined | typeof FILTERED {
    if (plan.filter === undefined && plan.output.kind === "items") return row.body;
    const values = [JSON.parse(row.body) as Json];
    if (plan.filter !== undefined && plan.filter(values) !== true) return FILTERED;
    if (plan.output.kind !== "rows") return row.body;
    const value = plan.output.project(values);
    return value === undefined ? undefined : JSON.stringify(value);
  }

  #group(plan: QueryPlan, groups: Groups, request: PageRequest): string[] {
    const opened = new Map<string, Group>();
    if (groups.keys.length === 0) opened.set("[]", groups.open());
    for (const row of this.#rows(plan, request, readPosition(plan, undefined))) {
      const values = [JSON.parse(row.body) as Json];
      if (plan.filter !== undefined && plan.filter(values) !== true) continue;
      // A missing value groups apart from null.
      const name = JSON.stringify(
        groups.keys.map((key) => {
          const value = key(values);
          return value === undefined ? [] : [value];
        }),
      );
      let group = opened.get(name);
      if (group === undefined) opened.set(name, (group = groups.open()));
      group.add(values);
    }
    const results = [...opened.values()].map((group) => group.result());
    return results.filter((result) => result !== undefined).map((result) => JSON.stringify(result));
  }

  #count(plan: QueryPlan, request: PageRequest): number {
    const { where, values } = conditions(plan, request);
    const row = this.#prepare(`SELECT COUNT(*) AS found FROM docs WHERE ${where}`).get(...values);
    return Number(row?.["found"]);
  }

  #rows(plan: QueryPlan, request: PageRequest, from: Position): Iterable<StoredRow> {
    const { sql, values } = selectRows(plan, request, from);
    return this.#prepare(sql).iterate(...values) as unknown as Iterable<StoredRow>;
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      if (this.#statements.size >= STATEMENTS_MAX) {
        for (const oldest of this.#statements.keys()) {
          this.#statements.delete(oldest);
          break;
        }
      }
    } else this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** Results that exist as a whole (aggregates, groups) are paged by number; each page computes them again. */
function inMemory(plan: QueryPlan, request: PageRequest, from: Position, all: readonly string[]): Page {
  const allowed = all.slice(plan.skip, plan.skip + Math.min(plan.take, all.length));
  const taken = Math.min(from.taken + request.itemsMax, allowed.length);
  const results = allowed.slice(from.taken, taken);
  if (taken >= allowed.length) return { results, continuation: undefined };
  return { results, continuation: writePosition({ ...from, taken }) };
}

function conditions(plan: QueryPlan, request: PageRequest): { where: string; values: SqlValue[] } {
  // The container's number is part of the text: that is how SQLite sees that a partial index serves the query.
  // Where each side of an OR has an index of its own, SQLite would rather walk the container, but for the sign.
  const sign = plan.prefilter.by === "either" && plan.index === undefined ? "+" : "";
  const clauses = [`${sign}coll = ${request.collection}`, "(exp IS NULL OR exp > ?)"];
  const values: SqlValue[] = [request.nowS];
  if (request.partitionKey !== undefined) {
    clauses.push("pk = ?");
    values.push(request.partitionKey);
  }
  return {
    where: [...clauses, ...plan.prefilter.clauses].join(" AND "),
    values: [...values, ...plan.prefilter.values],
  };
}

function selectRows(plan: QueryPlan, request: PageRequest, from: Position): { sql: string; values: SqlValue[] } {
  const { where, values } = conditions(plan, request);
  const columns = plan.sortKeys.map((key, index) => `, ${key.rank} AS r${index}, ${key.value} AS v${index}`).join("");
  const [first] = plan.sortKeys;
  let bound = "";
  if (from.after !== undefined && first !== undefined) {
    // Rows with the same first key are skipped one by one: isBehind compares the whole key.
    bound = ` AND (${first.rank}, ${first.value}) ${first.descending ? "<=" : ">="} (?, ?)`;
    values.push(from.after.keys[0] as SqlValue, from.after.keys[1] as SqlValue);
  } else if (from.after !== undefined && request.partitionKey !== undefined) {
    bound = " AND id > ?";
    values.push(from.after.id);
  } else if (from.after !== undefined) {
    bound = " AND (pk, id) > (?, ?)";
    values.push(from.after.pk, from.after.id);
  }
  const by = plan.index === undefined || request.partitionKey !== undefined ? "" : ` INDEXED BY ${plan.index}`;
  return {
    sql: `SELECT pk, id, body${columns} FROM docs${by} WHERE ${where}${bound} ORDER BY ${orderSql(plan)}`,
    values,
  };
}

function orderSql(plan: QueryPlan): string {
  // Without the sign SQLite would walk all items in key order rather than a range of an index and a sort.
  const { by } = plan.prefilter;
  if (plan.sortKeys.length === 0) return by === "range" || by === "either" ? "+pk, +id" : "pk, id";
  const keys = plan.sortKeys.flatMap((key) =>
    [key.rank, key.value].map((sql) => `${sql}${key.descending ? " DESC" : ""}`),
  );
  const direction = tiesDescend(plan) ? " DESC" : "";
  return [...keys, `pk${direction}`, `id${direction}`].join(", ");
}

/** Equal keys follow the direction of the sort, so that an index can be read backwards. */
function tiesDescend(plan: QueryPlan): boolean {
  return plan.sortKeys.length > 0 && plan.sortKeys.every((key) => key.descending);
}

function sortKeys(row: StoredRow, plan: QueryPlan): SqlValue[] {
  return plan.sortKeys.flatMap((_key, index) => [row[`r${index}`] as SqlValue, row[`v${index}`] as SqlValue]);
}

/** Whether a row comes after a position in the order of the query; the SQL bound lets through a few that don't. */
function isBehind(row: StoredRow, position: NonNullable<Position["after"]>, plan: QueryPlan): boolean {
  if (plan.sortKeys.length === 0) return true;
  const keys = sortKeys(row, plan);
  for (const [index, key] of keys.entries()) {
    const sign = compareSql(key, position.keys[index] as SqlValue);
    if (sign !== 0) return plan.sortKeys[index >> 1]?.descending === true ? sign < 0 : sign > 0;
  }
  const sign = compareStrings(row.pk, position.pk) || compareStrings(row.id, position.id);
  return tiesDescend(plan) ? sign < 0 : sign > 0;
}

function compareSql(left: SqlValue, right: SqlValue): number {
  if (typeof left === "string" && typeof right === "string") return compareStrings(left, right);
  return Number(left) - Number(right);
}

function writePosition(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

function readPosition(plan: QueryPlan, continuation: string | undefined): Position {
  if (continuation === undefined) return { query: plan.fingerprint, skipped: 0, taken: 0, after: undefined };
  let token: unknown;
  try {
    token = JSON.parse(Buffer.from(continuation, "base64url").toString("utf8"));
  } catch {
    // Not a token that this engine wrote; answered below like one of another query.
  }
  const position = positionSchema.safeParse(token).data;
  if (position?.query !== plan.fingerprint) {
    throw badRequest("Invalid Continuation Token: it was not given out for this query with these parameters.");
  }
  return position;
}
