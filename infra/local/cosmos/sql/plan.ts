/** From a query's tree and its parameters to what evaluator.ts runs: prefilter, filter, order, output, limits. */
import { createHash } from "node:crypto";
import { badRequest } from "../errors.ts";
import type { Json, Value } from "../values.ts";
import { makeAccumulator, type Accumulator } from "./aggregates.ts";
import type { Aggregate, Expression, OrderKey, Query, Select } from "./ast.ts";
import { compile, compileFields, parameterValue, type Evaluate, type Row, type Scope } from "./compiler.ts";
import { SqlError, unsupported } from "./lexer.ts";
import { parseQuery } from "./parser.ts";
import { planPrefilter, sortKeySql, type Prefilter, type PushdownTarget } from "./pushdown.ts";

export interface IndexPath {
  readonly path: readonly (string | number)[];
  readonly descending: boolean;
}

/** What a query is planned against. */
export interface PlanTarget extends PushdownTarget {
  /** The container's declared indexes; those of several paths are its composite indexes. */
  readonly indexes: readonly { readonly name: string; readonly paths: readonly IndexPath[] }[];
}

export interface SortKey {
  /** SQL of the type rank and of the value. */
  readonly rank: string;
  readonly value: string;
  readonly descending: boolean;
}

export interface Groups {
  /** Evaluates the key of a row's group. */
  readonly keys: readonly Evaluate[];
  readonly open: () => Group;
}

export interface Group {
  add(row: Row): void;
  result(): Value;
}

export interface QueryPlan {
  /** Identifies text and parameters; a continuation token belongs to one. */
  readonly fingerprint: string;
  readonly prefilter: Prefilter;
  /** What the prefilter leaves to check; undefined when nothing. */
  readonly filter: Evaluate | undefined;
  readonly sortKeys: readonly SortKey[];
  /** Index to read by when the query is not about one partition; undefined leaves it to SQLite. */
  readonly index: string | undefined;
  /** OFFSET. */
  readonly skip: number;
  /** TOP or LIMIT; infinite without. */
  readonly take: number;
  readonly output:
    | { readonly kind: "items" }
    | { readonly kind: "rows"; readonly project: Evaluate }
    | { readonly kind: "groups"; readonly groups: Groups }
    /** COUNT of all rows that the prefilter, being exact, lets through. */
    | { readonly kind: "count" };
}

/** Texts whose tree is kept: clients send a few, with other parameters each time. */
const PARSED_MAX = 200;
const parsed = new Map<string, Query>();

/** @throws SqlError */
function treeOf(text: string): Query {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const query = parseQuery(text);
  if (parsed.size >= PARSED_MAX) parsed.clear();
  parsed.set(text, query);
  return query;
}

/** @throws SqlError; CosmosError 400 for an ORDER BY that no composite index serves */
export function planQuery(text: string, parameters: ReadonlyMap<string, Json>, target: PlanTarget): QueryPlan {
  const query = treeOf(text);
  const scope: Scope = { slots: new Map([[query.alias, 0]]), parameters };
  const where = query.where === undefined ? undefined : compile(query.where, scope);
  const prefilter = planPrefilter(query.where, query.alias, parameters, target);
  const filter = prefilter.exact ? undefined : where;
  const ordering = target.indexes.find(({ paths }) => serves(paths, query.orderBy));
  return {
    fingerprint: createHash("sha256")
      .update(JSON.stringify([text, [...parameters]]))
      .digest("base64url")
      .slice(0, 16),
    prefilter,
    filter,
    sortKeys: planOrder(query, ordering !== undefined),
    index: planIndex(prefilter, ordering?.name),
    skip: query.offset === undefined ? 0 : rowCount(query.offset, scope, "OFFSET"),
    take: planTake(query, scope),
    output: planOutput(query, scope, filter === undefined),
  };
}

function planTake(query: Query, scope: Scope): number {
  if (query.top !== undefined) return rowCount(query.top, scope, "TOP");
  return query.limit === undefined ? Number.POSITIVE_INFINITY : rowCount(query.limit, scope, "LIMIT");
}

function rowCount(expression: Expression, scope: Scope, clause: string): number {
  const value = expression.kind === "parameter" ? parameterValue(expression, scope) : compile(expression, scope)([]);
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new SqlError("SC2062", `${clause} at ${expression.at}: expected a non-negative integer.`, expression);
}

/** SQLite knows nothing of how selective an index is and would rather walk all items in the order of the primary key. */
function planIndex(prefilter: Prefilter, ordering: string | undefined): string | undefined {
  if (prefilter.by === "id") return "docs_by_id";
  return prefilter.by === "path" || prefilter.by === "partitionKey" ? undefined : ordering;
}

/** One path is always served. Several need a composite index of the same paths whose directions all agree or all differ. */
function planOrder(query: Query, isIndexed: boolean): SortKey[] {
  const { orderBy } = query;
  if (orderBy.length > 1 && !isIndexed) {
    throw badRequest("The order by query does not have a corresponding composite index that it can be served from.");
  }
  return orderBy.map(({ path, descending }) => {
    if (path.root !== query.alias || path.steps.length === 0) {
      throw new SqlError("SC2104", `ORDER BY at ${path.at}: expected a path below '${query.alias}'.`, path);
    }
    const sql = sortKeySql(path.steps);
    if (sql === undefined) throw unsupported("ORDER BY over a property with a quote or backslash in its name", path);
    return { ...sql, descending };
  });
}

function serves(paths: readonly IndexPath[], orderBy: readonly OrderKey[]): boolean {
  if (paths.length !== orderBy.length) return false;
  const reversed = paths[0]?.descending !== orderBy[0]?.descending;
  return paths.every(({ path, descending }, index) => {
    const key = orderBy[index] as OrderKey;
    return (descending !== key.descending) === reversed && JSON.stringify(path) === JSON.stringify(key.path.steps);
  });
}

function planOutput(query: Query, scope: Scope, exact: boolean): QueryPlan["output"] {
  const { select, groupBy } = query;
  const aggregate = firstAggregate(select);
  if (aggregate === undefined && groupBy.length === 0) {
    if (select.kind === "star") return { kind: "items" };
    return { kind: "rows", project: compileSelect(select, scope) };
  }
  if (select.kind === "star") throw unsupported("SELECT * with GROUP BY", { at: 0 });
  if (groupBy.length === 0) {
    if (select.kind === "list") {
      throw unsupported(`${aggregate?.name}(...) without VALUE (write SELECT VALUE ${aggregate?.name}(...))`, {
        at: aggregate?.at ?? 0,
      });
    }
    if (query.orderBy.length > 0) throw unsupported("ORDER BY with an aggregate", { at: aggregate?.at ?? 0 });
    if (exact && aggregate?.name === "COUNT" && aggregate.operand.kind === "literal") return { kind: "count" };
  }
  return { kind: "groups", groups: planGroups(select, groupBy, scope) };
}

function compileSelect(select: Exclude<Select, { kind: "star" }>, scope: Scope): Evaluate {
  if (select.kind === "value") return compile(select.expression, scope);
  return compileFields(
    select.items.map((item) => ({ name: item.alias, value: item.expression })),
    scope,
  );
}

/** The outermost aggregate of a SELECT; one that is inside another expression is refused when that is compiled. */
function firstAggregate(select: Select): Aggregate | undefined {
  if (select.kind === "star") return undefined;
  const expressions = select.kind === "value" ? [select.expression] : select.items.map((item) => item.expression);
  return expressions.find((expression): expression is Aggregate => expression.kind === "aggregate");
}

/** What GROUP BY groups by and SELECT may name: the path without its position. */
function pathName(expression: Expression): string | undefined {
  return expression.kind === "path" ? JSON.stringify([expression.root, expression.steps]) : undefined;
}

function planGroups(select: Exclude<Select, { kind: "star" }>, groupBy: readonly Expression[], scope: Scope): Groups {
  const keyNames = new Set(groupBy.map(pathName));
  const parts = (select.kind === "value" ? [{ alias: "", expression: select.expression }] : select.items).map(
    ({ alias, expression }) => {
      if (expression.kind === "aggregate") {
        return { alias, aggregate: expression.name, evaluate: compile(expression.operand, scope) };
      }
      const name = pathName(expression);
      if (name === undefined || !keyNames.has(name)) {
        throw new SqlError(
          "SC2102",
          `SELECT at ${expression.at}: expected an aggregate or a path of the GROUP BY.`,
          expression,
        );
      }
      return { alias, aggregate: undefined, evaluate: compile(expression, scope) };
    },
  );
  const open = (): Group => {
    const accumulators = parts.map(({ aggregate }) =>
      aggregate === undefined ? firstValue() : makeAccumulator(aggregate),
    );
    return {
      add: (row) => {
        for (const [index, part] of parts.entries()) accumulators[index]?.add(part.evaluate(row));
      },
      result: () => {
        if (select.kind === "value") return accumulators[0]?.result();
        const entries = parts.map(({ alias }, index) => [alias, accumulators[index]?.result()] as const);
        return Object.fromEntries(entries.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined));
      },
    };
  };
  return { keys: groupBy.map((key) => compile(key, scope)), open };
}

function firstValue(): Accumulator {
  let first: Value;
  return {
    add: (value) => {
      first ??= value;
    },
    result: () => first,
  };
}
