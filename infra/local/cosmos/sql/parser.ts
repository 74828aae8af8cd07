/**
 * Parses the query dialect:
 *
 *     SELECT [TOP n] * | VALUE expression | expression [AS name], ...  FROM c
 *       [WHERE condition] [GROUP BY path, ...] [ORDER BY path [ASC | DESC], ...] [OFFSET n LIMIT m]
 *
 * Scalar expressions are in expressions.ts, the functions in functions.ts. Everything else of Cosmos DB SQL (JOIN, DISTINCT, LIKE,
 * arithmetic, ...) is refused by name with its position.
 */
import type { Expression, OrderKey, Query, Select, SelectItem } from "./ast.ts";
import { parseExpression, parsePath } from "./expressions.ts";
import { SqlError, tokenize, unsupported } from "./lexer.ts";
import { TokenStream } from "./tokens.ts";

/** @throws SqlError */
export function parseQuery(text: string): Query {
  const stream = new TokenStream(tokenize(text));
  stream.expectKeyword("SELECT");
  stream.refuseKeyword("DISTINCT");
  const topToken = stream.acceptKeyword("TOP");
  const top = topToken === undefined ? undefined : parseCount(stream);
  const select = parseSelect(stream);
  stream.expectKeyword("FROM");
  const alias = parseFrom(stream);
  const where = stream.acceptKeyword("WHERE") === undefined ? undefined : parseExpression(stream);
  const groupBy = parseGroupBy(stream);
  const orderAt = stream.current;
  const orderBy = parseOrderBy(stream);
  if (groupBy.length > 0 && orderBy.length > 0) throw unsupported("ORDER BY together with GROUP BY", orderAt);
  const offsetToken = stream.acceptKeyword("OFFSET");
  let offset: Expression | undefined;
  let limit: Expression | undefined;
  if (offsetToken !== undefined) {
    if (top !== undefined) throw new SqlError("SC2203", "TOP cannot be combined with OFFSET and LIMIT.", offsetToken);
    offset = parseCount(stream);
    stream.expectKeyword("LIMIT");
    limit = parseCount(stream);
  }
  if (stream.current.kind !== "end") stream.fail("the end of the query");
  return { select, alias, top, where, groupBy, orderBy, offset, limit };
}

/** The condition of a patch: `FROM c WHERE ...`. @throws SqlError */
export function parseCondition(text: string): { readonly alias: string; readonly where: Expression } {
  const stream = new TokenStream(tokenize(text));
  stream.expectKeyword("FROM");
  const alias = parseFrom(stream);
  stream.expectKeyword("WHERE");
  const where = parseExpression(stream);
  if (stream.current.kind !== "end") stream.fail("the end of the condition");
  return { alias, where };
}

/** The number of TOP, OFFSET or LIMIT; its value is checked when parameters are known. */
function parseCount(stream: TokenStream): Expression {
  const token = stream.current;
  if (token.kind === "number") return { kind: "literal", value: stream.take().value, at: token.at };
  if (token.kind === "parameter") return { kind: "parameter", name: stream.take().text, at: token.at };
  return stream.fail("a number or a parameter");
}

function parseSelect(stream: TokenStream): Select {
  if (stream.acceptSymbol("*") !== undefined) return { kind: "star" };
  if (stream.acceptKeyword("VALUE") !== undefined) return { kind: "value", expression: parseExpression(stream) };
  const items: SelectItem[] = [];
  do items.push(parseSelectItem(stream));
  while (stream.acceptSymbol(",") !== undefined);
  const names = new Set(items.map((item) => item.alias));
  if (names.size < items.length) throw new SqlError("SC2011", "Two items of SELECT have the same name.", { at: 0 });
  return { kind: "list", items };
}

function parseSelectItem(stream: TokenStream): SelectItem {
  const token = stream.current;
  const expression = parseExpression(stream);
  if (stream.acceptKeyword("AS") !== undefined) return { expression, alias: stream.expectName("an alias").text };
  const last = expression.kind === "path" ? (expression.steps.at(-1) ?? expression.root) : undefined;
  if (typeof last !== "string") throw unsupported("item of SELECT without a name (add AS name)", token);
  return { expression, alias: last };
}

/** The name after FROM calls the item; `FROM root r` and `FROM root AS r` rename it. */
function parseFrom(stream: TokenStream): string {
  const first = stream.expectName("a name for the item");
  if (stream.isSymbol(".") || stream.isSymbol("[")) throw unsupported("FROM over a path", stream.current);
  const renamed = stream.acceptKeyword("AS") !== undefined || stream.isName();
  const alias = renamed ? stream.expectName("an alias").text : first.text;
  stream.refuseKeyword("IN");
  stream.refuseKeyword("JOIN");
  if (stream.isSymbol(",")) throw unsupported("FROM over more than one source", stream.current);
  return alias;
}

function parseGroupBy(stream: TokenStream): Expression[] {
  if (stream.acceptKeyword("GROUP") === undefined) return [];
  stream.expectKeyword("BY");
  const keys: Expression[] = [];
  do keys.push(parsePath(stream));
  while (stream.acceptSymbol(",") !== undefined);
  stream.refuseKeyword("HAVING");
  return keys;
}

function parseOrderBy(stream: TokenStream): OrderKey[] {
  if (stream.acceptKeyword("ORDER") === undefined) return [];
  stream.expectKeyword("BY");
  const keys: OrderKey[] = [];
  do {
    const path = parsePath(stream);
    if (stream.isSymbol("(")) throw unsupported("ORDER BY over a function", stream.current);
    const descending = stream.acceptKeyword("DESC") !== undefined;
    if (!descending) stream.acceptKeyword("ASC");
    keys.push({ path, descending });
  } while (stream.acceptSymbol(",") !== undefined);
  return keys;
}
