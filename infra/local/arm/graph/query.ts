/**
 * Queries of Resource Graph: a table and operators behind `|`, a strict subset of what the service takes of Kusto. What
 * isn't known is refused by name: operators, functions, comparisons, columns.
 *
 * `order by` sorts descending unless `asc` is said, as Kusto does. Grouping and sorting by a dynamic value needs a
 * conversion. Columns without a name of their own (`tolower(name)`) must be given one.
 */
import type { Json } from "../json.ts";
import { Reader, type Expression } from "./expression.ts";
import { tokens, type Token } from "./lexer.ts";
import { invalidQuery } from "./refusal.ts";
import { compare, type Column, type Row } from "./values.ts";

/** Ours; the service's own limit isn't documented. */
export const QUERY_LENGTH_MAX = 32_768;

export interface Query {
  /** As the query spells it, lower case. */
  readonly table: string;
  readonly columns: readonly Column[];
  run(rows: readonly Row[]): readonly Row[];
}

type Step = (rows: readonly Row[]) => readonly Row[];

/**
 * @param tables columns by table name, lower case
 * @throws GraphRefusal 400 that names where and what.
 */
export function parseQuery(query: string, tables: ReadonlyMap<string, readonly Column[]>): Query {
  if (query.length > QUERY_LENGTH_MAX) {
    throw invalidQuery("", "ParserFailure", `The query is longer than ${QUERY_LENGTH_MAX} characters.`, 0, "");
  }
  const reader = new Reader(query, tokens(query));
  const first = reader.take();
  const table = first.text.toLowerCase();
  const columns = first.kind === "name" ? tables.get(table) : undefined;
  if (columns === undefined) {
    const known = [...tables.keys()].join(", ");
    throw reader.unsupported(`The table '${first.text}' is not supported. Supported are: ${known}.`, first);
  }
  reader.columns = columns;
  const steps: Step[] = [];
  while (reader.token.kind !== "end") {
    reader.expect("|");
    steps.push(step(reader));
  }
  return {
    table,
    columns: reader.columns,
    run: (rows) => steps.reduce<readonly Row[]>((left, apply) => apply(left), rows),
  };
}

function step(reader: Reader): Step {
  const token = reader.take();
  if (token.kind !== "name") throw reader.failure(`Expected an operator, found '${token.text}'.`, token);
  let word = token.text.toLowerCase();
  if (reader.skip("-")) word += `-${reader.name().toLowerCase()}`;
  const operator = operators.get(word);
  if (operator !== undefined) return operator(reader);
  const known = [...operators.keys()].join(", ");
  throw reader.unsupported(`The operator '${word}' is not supported. Supported are: ${known}.`, {
    ...token,
    text: word,
  });
}

/** By name, lower case; each leaves the columns of its result in the reader. */
const operators: ReadonlyMap<string, (reader: Reader) => Step> = new Map(
  Object.entries({
    where,
    project,
    "project-away": projectAway,
    extend,
    summarize,
    distinct,
    count,
    order,
    sort: order,
    top,
    limit: take,
    take,
  }),
);

function where(reader: Reader): Step {
  const condition = reader.condition();
  return (rows) => rows.filter((row) => condition.of(row) === true);
}

interface Named extends Column {
  readonly of: (row: Row) => Json;
}

/** `name = expression` or an expression that has a name by itself. */
function named(reader: Reader): Named {
  const start = reader.token;
  const given = givenName(reader);
  const expression = reader.expression();
  const name = given ?? expression.name;
  if (name !== undefined) return { name, type: expression.type, of: expression.of };
  throw reader.unsupported("Give the column a name: NAME = expression.", start);
}

function givenName(reader: Reader): string | undefined {
  const ahead = /^\s*([A-Za-z_]\w*)\s*=(?![=~])/.exec(reader.query.slice(reader.token.at));
  if (ahead === null) return undefined;
  const name = reader.name();
  reader.expect("=");
  return name;
}

function list<T>(reader: Reader, read: (reader: Reader) => T): T[] {
  const found = [read(reader)];
  while (reader.skip(",")) found.push(read(reader));
  return found;
}

function project(reader: Reader): Step {
  const chosen = list(reader, named);
  reader.columns = columnsOf(reader, chosen);
  return (rows) => rows.map((row) => made(chosen, row));
}

function extend(reader: Reader): Step {
  const added = list(reader, named);
  const names = new Set(columnsOf(reader, added).map(({ name }) => name));
  reader.columns = [...reader.columns.filter(({ name }) => !names.has(name)), ...columnsOf(reader, added)];
  return (rows) => rows.map((row) => ({ ...row, ...made(added, row) }));
}

function projectAway(reader: Reader): Step {
  const dropped = new Set(list(reader, columnName));
  const kept = reader.columns.filter(({ name }) => !dropped.has(name));
  reader.columns = kept;
  return (rows) => rows.map((row) => Object.fromEntries(kept.map(({ name }) => [name, row[name] ?? null])));
}

function columnName(reader: Reader): string {
  const token = reader.token;
  const name = reader.name();
  if (reader.columns.some((column) => column.name === name)) return name;
  throw invalidQuery(reader.query, "UnknownColumn", `Failed to resolve the column '${name}'.`, token.at, name);
}

function summarize(reader: Reader): Step {
  const counts = reader.sees("by") ? [] : list(reader, countName);
  const groups = reader.skip("by") ? list(reader, groupKey) : [];
  if (counts.length === 0 && groups.length === 0) throw reader.failure("summarize needs count() or 'by'.");
  const counted = counts.map((name): Column => ({ name, type: "long" }));
  reader.columns = columnsOf(reader, [...groups, ...counted]);
  return (rows) => {
    const found = new Map<string, { row: Row; count: number }>();
    if (groups.length === 0) found.set("[]", { row: {}, count: 0 });
    for (const row of rows) {
      const group = made(groups, row);
      const key = JSON.stringify(Object.values(group));
      const seen = found.get(key) ?? { row: group, count: 0 };
      seen.count += 1;
      found.set(key, seen);
    }
    return [...found.values()].map(({ row, count }) => ({
      ...row,
      ...Object.fromEntries(counts.map((name) => [name, count])),
    }));
  };
}

/** `count()` or `name = count()`; other aggregations aren't served. */
function countName(reader: Reader): string {
  const given = givenName(reader);
  const token = reader.token;
  const name = reader.name();
  if (name.toLowerCase() !== "count") {
    throw reader.unsupported(`The aggregation '${name}' is not supported. Supported is: count().`, token);
  }
  reader.expect("(");
  reader.expect(")");
  return given ?? "count_";
}

function groupKey(reader: Reader): Named {
  const start = reader.token;
  const key = named(reader);
  if (key.type !== "dynamic") return key;
  const message = `Summarize group key '${key.name}' is of a 'dynamic' type. Please use an explicit cast (for example, 'summarize ... by tostring(${start.text}...)').`;
  throw reader.mismatch(message, start);
}

function distinct(reader: Reader): Step {
  const keys = list(reader, groupKey);
  reader.columns = columnsOf(reader, keys);
  return (rows) => {
    const found = new Map(rows.map((row) => made(keys, row)).map((row) => [JSON.stringify(Object.values(row)), row]));
    return [...found.values()];
  };
}

function count(reader: Reader): Step {
  reader.columns = [{ name: "Count", type: "long" }];
  return (rows) => [{ Count: rows.length }];
}

interface SortKey {
  readonly of: Expression["of"];
  readonly descending: boolean;
}

function sortKey(reader: Reader): SortKey {
  const start: Token = reader.token;
  const expression = reader.expression();
  if (expression.type === "dynamic") {
    throw reader.mismatch("A sort key can't be dynamic. Convert it, for example with tostring().", start);
  }
  const ascending = reader.skip("asc");
  if (!ascending) reader.skip("desc");
  if (reader.sees("nulls")) throw reader.unsupported("'nulls first' and 'nulls last' are not supported.");
  return { of: expression.of, descending: !ascending };
}

function sorted(rows: readonly Row[], keys: readonly SortKey[]): readonly Row[] {
  return rows.toSorted((a, b) => {
    for (const { of, descending } of keys) {
      const difference = compare(of(a), of(b));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  });
}

function order(reader: Reader): Step {
  reader.expect("by");
  const keys = list(reader, sortKey);
  return (rows) => sorted(rows, keys);
}

function wholeNumber(reader: Reader): number {
  const token = reader.take();
  if (token.kind === "number" && /^\d+$/.test(token.text)) return Number(token.text);
  throw reader.failure(`Expected a whole number, found '${token.text}'.`, token);
}

function take(reader: Reader): Step {
  const most = wholeNumber(reader);
  return (rows) => rows.slice(0, most);
}

function top(reader: Reader): Step {
  const most = wholeNumber(reader);
  reader.expect("by");
  const keys = list(reader, sortKey);
  return (rows) => sorted(rows, keys).slice(0, most);
}

function made(columns: readonly Named[], row: Row): Row {
  return Object.fromEntries(columns.map(({ name, of }) => [name, of(row)]));
}

function columnsOf(reader: Reader, columns: readonly Column[]): Column[] {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) throw reader.failure(`There are two columns of the name '${name}'.`);
    seen.add(name);
  }
  return columns.map(({ name, type }) => ({ name, type }));
}
