/**
 * What of a query SQLite can do: conditions on paths as a prefilter, ORDER BY as a sort key, both over the expression
 * indexes of a container.
 *
 * A path's place in the service's order is two SQL values: the rank of its type and, for numbers and strings, the value
 * (0 otherwise, so that comparisons of the pair never meet NULL). Indexes are made over exactly these expressions.
 *
 * The prefilter lets through a superset of the rows that match; `exact` says that it lets through nothing else, so that the
 * closures of compiler.ts need not look. Only conditions `path operator constant` are taken, comparisons of two paths, and
 * ANDs and ORs of these.
 */
import { typeRank, type Json } from "../values.ts";
import type { ComparisonOperator, Expression, Path } from "./ast.ts";

export type SqlValue = string | number;

export interface Prefilter {
  /** AND-ed conditions over the columns `pk`, `id`, `body` of `docs`. */
  readonly clauses: readonly string[];
  readonly values: readonly SqlValue[];
  readonly exact: boolean;
  /** The most selective of the conditions that an index serves. */
  readonly by: ServedBy | undefined;
}

export interface PushdownTarget {
  /** Number of the container in `docs.coll`. */
  readonly collection: number;
  /** Steps of the partition key's path. */
  readonly partitionKey: readonly string[];
  /** First paths of the container's expression indexes, as {@link pathKey} names them. */
  readonly indexed: ReadonlySet<string>;
}

/**
 * Conditions that an index serves, most selective first: equality of id, partition key or a declared path, a range of one,
 * an OR each side of which has one of these.
 */
const servedBy = ["id", "partitionKey", "path", "range", "either"] as const;
export type ServedBy = (typeof servedBy)[number];

interface Clause {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  readonly exact: boolean;
  readonly by?: ServedBy;
  /** Of an OR: its sides, each AND-ed. */
  readonly sides?: readonly (readonly Clause[])[];
}

/** A path's name in {@link PushdownTarget.indexed}. */
export function pathKey(steps: readonly (string | number)[]): string {
  return JSON.stringify(steps);
}

/** SQL of a path's type rank and value, or undefined when SQLite's path syntax cannot say it. */
export function sortKeySql(steps: readonly (string | number)[]): { rank: string; value: string } | undefined {
  const path = jsonPathSql(steps);
  if (path === undefined) return undefined;
  const type = `json_type(body, ${path})`;
  const value = `json_extract(body, ${path})`;
  return {
    rank: `CASE ${type} WHEN 'null' THEN 1 WHEN 'false' THEN 2 WHEN 'true' THEN 3 WHEN 'integer' THEN 4 WHEN 'real' THEN 4 WHEN 'text' THEN 5 WHEN 'array' THEN 6 WHEN 'object' THEN 7 ELSE 0 END`,
    value: `CASE ${type} WHEN 'integer' THEN ${value} WHEN 'real' THEN ${value} WHEN 'text' THEN ${value} ELSE 0 END`,
  };
}

/** The second of the two SQL values of {@link sortKeySql} for a JSON value. */
export function sortValue(value: Json): SqlValue {
  return typeof value === "number" || typeof value === "string" ? value : 0;
}

/** A quoted SQL string such as `'$."a"[0]'`. SQLite's path syntax has no escape for quotes and backslashes in a label. */
function jsonPathSql(steps: readonly (string | number)[]): string | undefined {
  let path = "$";
  for (const step of steps) {
    if (typeof step === "number") path += `[${step}]`;
    else if (step === "" || /["\\\p{Cc}]/u.test(step)) return undefined;
    else path += `."${step}"`;
  }
  return `'${path.replaceAll("'", "''")}'`;
}

/** The conditions of a WHERE that SQLite can check first. */
export function planPrefilter(
  where: Expression | undefined,
  alias: string,
  parameters: ReadonlyMap<string, Json>,
  target: PushdownTarget,
): Prefilter {
  const clauses: Clause[] = [];
  let exact = true;
  for (const condition of where === undefined ? [] : parts(where, "and")) {
    const planned = planCondition(condition, alias, parameters, target);
    clauses.push(...planned);
    if (planned.length === 0 || planned.some((clause) => !clause.exact)) exact = false;
  }
  return {
    clauses: clauses.map((clause) => clause.sql),
    values: clauses.flatMap((clause) => clause.values),
    exact,
    by: servedBy.find((by) => clauses.some((clause) => clause.by === by)),
  };
}

/** What is AND-ed, or OR-ed, one by one. */
function parts(expression: Expression, by: "and" | "or"): Expression[] {
  if (expression.kind !== by) return [expression];
  return [...parts(expression.left, by), ...parts(expression.right, by)];
}

const mirrored: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  "=": "=",
  "!=": "!=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/** Clauses that together stand for the condition; none when it is not of a kind that SQLite can check. */
function planCondition(
  condition: Expression,
  alias: string,
  parameters: ReadonlyMap<string, Json>,
  target: PushdownTarget,
): Clause[] {
  const item = (expression: Expression): Path | undefined =>
    expression.kind === "path" && expression.root === alias ? expression : undefined;
  const constant = (expression: Expression): Json | undefined => {
    if (expression.kind === "literal") return expression.value;
    return expression.kind === "parameter" ? parameters.get(expression.name) : undefined;
  };
  const one = (path: Path | undefined, operator: ComparisonOperator, value: Json | undefined): Clause[] => {
    const clause =
      path === undefined || value === undefined ? undefined : planComparison(path, operator, value, target);
    return clause === undefined ? [] : [clause];
  };
  if (condition.kind === "compare") {
    const pair = planPair(item(condition.left), condition.operator, item(condition.right));
    if (pair !== undefined) return [pair];
    const direct = one(item(condition.left), condition.operator, constant(condition.right));
    return direct.length > 0
      ? direct
      : one(item(condition.right), mirrored[condition.operator], constant(condition.left));
  }
  if (condition.kind === "between") {
    const path = item(condition.value);
    const [low, high] = [one(path, ">=", constant(condition.low)), one(path, "<=", constant(condition.high))];
    return low.length > 0 && high.length > 0 ? [...low, ...high] : [];
  }
  if (condition.kind === "or") {
    const sides = parts(condition, "or").map((side) =>
      parts(side, "and").map((part) => planCondition(part, alias, parameters, target)),
    );
    return planEither(target.collection, sides);
  }
  if (condition.kind === "in") return planIn(item(condition.value), condition.list.map(constant), target);
  if (
    condition.kind === "call" &&
    condition.name.toUpperCase() === "ARRAY_CONTAINS" &&
    condition.operands.length === 2
  ) {
    const [list, value] = condition.operands as [Expression, Expression];
    const items = constant(list);
    return Array.isArray(items) ? planIn(item(value), items as readonly Json[], target) : [];
  }
  return [];
}

/**
 * A side of which nothing can be checked lets everything through, and then so does the whole. SQLite searches an index for
 * each side where all have one. It sees only by what a side itself says that a container's partial index serves it, and of
 * two sides it takes out what both say, so that two are joined by a third, which is empty: no stored partition key is.
 */
function planEither(collection: number, sides: readonly (readonly Clause[][])[]): Clause[] {
  const all = sides.map((side) => side.flat()).flatMap(withoutEither);
  if (all.some((clauses) => clauses.length === 0)) return [];
  const isIndexed = all.every((clauses) => clauses.some(({ by }) => by !== undefined));
  const own = isIndexed ? [`coll = ${collection}`] : [];
  const either = all.map((clauses) => [...own, ...clauses.map(({ sql }) => sql)].join(" AND "));
  if (isIndexed && either.length === 2) either.push(`coll = ${collection} AND pk = ''`);
  return [
    {
      sql: `(${either.map((side) => `(${side})`).join(" OR ")})`,
      values: all.flat().flatMap(({ values }) => values),
      exact: sides.flat().every((clauses) => clauses.length > 0 && clauses.every(({ exact }) => exact)),
      sides: all,
      ...(isIndexed ? { by: "either" as const } : {}),
    },
  ];
}

/**
 * `(a OR b) AND c` as `a AND c`, `b AND c`, where no index serves `c`: for an OR within a side of an OR SQLite would walk the
 * whole container.
 */
function withoutEither(side: readonly Clause[]): (readonly Clause[])[] {
  const either = side.find(({ by }) => by === "either");
  const others = side.filter((clause) => clause !== either);
  if (others.some(({ by }) => by !== undefined)) return [side];
  return either?.sides?.map((clauses) => [...clauses, ...others]) ?? [side];
}

/**
 * `c.wanted > c.served`: the way to find what is behind. Not `<=` and `>=`: those hold between two nulls, which SQLite
 * doesn't compare.
 */
function planPair(left: Path | undefined, operator: ComparisonOperator, right: Path | undefined): Clause | undefined {
  if (left === undefined || right === undefined || (operator !== "<" && operator !== ">")) return undefined;
  const [one, other] = [jsonPathSql(left.steps), jsonPathSql(right.steps)];
  if (one === undefined || other === undefined) return undefined;
  return { sql: `json_extract(body, ${one}) ${operator} json_extract(body, ${other})`, values: [], exact: false };
}

/**
 * `c.id IN (...)` and `ARRAY_CONTAINS(@ids, c.id)`: the way to read several items by id. `c.kind IN ('x')` is a comparison,
 * and of several values either one or another.
 */
function planIn(path: Path | undefined, list: readonly (Json | undefined)[], target: PushdownTarget): Clause[] {
  if (path === undefined || !list.every((value) => typeof value === "string")) return [];
  if (pathKey(path.steps) !== `["id"]`) {
    const each = list.map((value) => planComparison(path, "=", value, target));
    if (!each.every((clause) => clause !== undefined)) return [];
    return each.length > 1
      ? planEither(
          target.collection,
          each.map((clause) => [[clause]]),
        )
      : each;
  }
  return [{ sql: "id IN (SELECT value FROM json_each(?))", values: [JSON.stringify(list)], exact: true, by: "id" }];
}

function planComparison(
  path: Path,
  operator: ComparisonOperator,
  value: Json,
  target: PushdownTarget,
): Clause | undefined {
  if (operator === "!=" || (typeof value === "object" && value !== null)) return undefined;
  const key = pathKey(path.steps);
  if (operator === "=" && key === `["id"]` && typeof value === "string") {
    return { sql: "id = ?", values: [value], exact: true, by: "id" };
  }
  if (operator === "=" && key === pathKey(target.partitionKey)) {
    return { sql: "pk = ?", values: [JSON.stringify(value)], exact: true, by: "partitionKey" };
  }
  if (operator !== "=" && typeof value !== "number" && typeof value !== "string") return undefined;
  const sql = sortKeySql(path.steps);
  const jsonPath = jsonPathSql(path.steps);
  if (sql === undefined || jsonPath === undefined) return undefined;
  if (target.indexed.has(key)) {
    return {
      sql: `(${sql.rank}) = ${typeRank(value)} AND (${sql.value}) ${operator} ?`,
      values: [sortValue(value)],
      exact: true,
      by: operator === "=" ? "path" : "range",
    };
  }
  // Without an index one extraction per row is cheaper than the pair. It lets through more: a boolean is 0 or 1 to
  // SQLite, an object or array its text, and every string is above every number.
  if (typeof value === "number" || typeof value === "string") {
    return { sql: `json_extract(body, ${jsonPath}) ${operator} ?`, values: [value], exact: false };
  }
  return { sql: `json_type(body, ${jsonPath}) = '${String(value)}'`, values: [], exact: true };
}
