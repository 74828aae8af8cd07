/** Parses scalar expressions: OR over AND over comparisons over primaries. NOT binds tighter than a comparison, as in the service. */
import type { AggregateName, ComparisonOperator, Expression, Path } from "./ast.ts";
import { SqlError, unsupported } from "./lexer.ts";
import type { TokenStream } from "./tokens.ts";

const comparisons: Readonly<Record<string, ComparisonOperator>> = {
  "=": "=",
  "!=": "!=",
  "<>": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};
const aggregates: ReadonlySet<string> = new Set(["COUNT", "SUM", "MIN", "MAX", "AVG"] satisfies AggregateName[]);

export function parseExpression(stream: TokenStream): Expression {
  return stream.nested(() => parseOr(stream));
}

function parseOr(stream: TokenStream): Expression {
  let left = parseAnd(stream);
  for (;;) {
    const token = stream.acceptOperator("OR");
    if (token === undefined) return left;
    left = { kind: "or", left, right: parseAnd(stream), at: token.at };
  }
}

function parseAnd(stream: TokenStream): Expression {
  let left = parseComparison(stream);
  for (;;) {
    const token = stream.acceptOperator("AND");
    if (token === undefined) return left;
    left = { kind: "and", left, right: parseComparison(stream), at: token.at };
  }
}

function parseComparison(stream: TokenStream): Expression {
  const left = parseUnary(stream);
  for (const word of ["LIKE", "IS", "ESCAPE"]) stream.refuseKeyword(word);
  const operator = stream.current.kind === "symbol" ? comparisons[stream.current.text] : undefined;
  if (operator !== undefined) {
    const token = stream.take();
    if (left.kind === "not") {
      throw new SqlError(
        "SC1001",
        `NOT at ${left.at} binds tighter than '${token.text}': put what it negates in parentheses.`,
        left,
      );
    }
    const right = parseUnary(stream);
    if (stream.current.kind === "symbol" && comparisons[stream.current.text] !== undefined) stream.fail("AND or OR");
    return { kind: "compare", operator, left, right, at: token.at };
  }
  const negation = stream.acceptKeyword("NOT");
  const test = parseMembership(stream, left);
  if (test === undefined) return negation === undefined ? left : stream.fail("'IN' or 'BETWEEN' after 'NOT'");
  return negation === undefined ? test : { kind: "not", operand: test, at: negation.at };
}

function parseMembership(stream: TokenStream, value: Expression): Expression | undefined {
  const inToken = stream.acceptKeyword("IN");
  if (inToken !== undefined) {
    stream.expectSymbol("(");
    return { kind: "in", value, list: parseList(stream, ")"), at: inToken.at };
  }
  const between = stream.acceptKeyword("BETWEEN");
  if (between === undefined) {
    stream.refuseKeyword("LIKE");
    return undefined;
  }
  const low = parseUnary(stream);
  stream.expectKeyword("AND");
  return { kind: "between", value, low, high: parseUnary(stream), at: between.at };
}

/** Items up to and including the closing symbol; at least one. */
function parseList(stream: TokenStream, close: string): Expression[] {
  const items: Expression[] = [];
  do items.push(parseExpression(stream));
  while (stream.acceptSymbol(",") !== undefined);
  stream.expectSymbol(close);
  return items;
}

function parseUnary(stream: TokenStream): Expression {
  const not = stream.acceptKeyword("NOT");
  if (not !== undefined) return { kind: "not", operand: stream.nested(() => parseUnary(stream)), at: not.at };
  const minus = stream.acceptSymbol("-");
  if (minus !== undefined) {
    if (stream.current.kind !== "number") throw unsupported("operator '-'", minus);
    return { kind: "literal", value: -Number(stream.take().value), at: minus.at };
  }
  return parsePrimary(stream);
}

function parsePrimary(stream: TokenStream): Expression {
  const token = stream.current;
  switch (token.kind) {
    case "string":
    case "number":
      stream.take();
      return { kind: "literal", value: token.value, at: token.at };
    case "parameter":
      stream.take();
      return { kind: "parameter", name: token.text, at: token.at };
    case "symbol":
      return parseBracketed(stream);
    case "word":
      return parseWord(stream);
    case "end":
      return stream.fail("an expression");
  }
}

function parseBracketed(stream: TokenStream): Expression {
  const { at } = stream.current;
  if (stream.acceptSymbol("(") !== undefined) {
    if (stream.isKeyword("SELECT")) throw unsupported("subquery other than EXISTS", stream.current);
    const inner = parseExpression(stream);
    stream.expectSymbol(")");
    return inner;
  }
  if (stream.acceptSymbol("[") !== undefined) {
    if (stream.acceptSymbol("]") !== undefined) return { kind: "array", items: [], at };
    return { kind: "array", items: parseList(stream, "]"), at };
  }
  if (stream.acceptSymbol("{") !== undefined) return parseObject(stream, at);
  return stream.fail("an expression");
}

function parseObject(stream: TokenStream, at: number): Expression {
  const fields: { name: string; value: Expression }[] = [];
  while (stream.acceptSymbol("}") === undefined) {
    if (fields.length > 0) stream.expectSymbol(",");
    const name =
      stream.current.kind === "string" ? String(stream.take().value) : stream.expectName("a field name").text;
    stream.expectSymbol(":");
    fields.push({ name, value: parseExpression(stream) });
  }
  return { kind: "object", fields, at };
}

const constants = new Map<string, boolean | null | undefined>([
  ["TRUE", true],
  ["FALSE", false],
  ["NULL", null],
  ["UNDEFINED", undefined],
]);

function parseWord(stream: TokenStream): Expression {
  const token = stream.current;
  const upper = token.text.toUpperCase();
  if (constants.has(upper)) {
    stream.take();
    return { kind: "literal", value: constants.get(upper), at: token.at };
  }
  if (upper === "EXISTS") return parseExists(stream);
  for (const word of ["ARRAY", "CASE", "UDF", "ALL"]) stream.refuseKeyword(word);
  const name = stream.expectName("an expression");
  if (stream.acceptSymbol("(") === undefined) return parsePathSteps(stream, name.text, name.at);
  if (aggregates.has(upper)) {
    stream.refuseKeyword("DISTINCT");
    const operand = parseExpression(stream);
    stream.expectSymbol(")");
    return { kind: "aggregate", name: upper as AggregateName, operand, at: name.at };
  }
  const operands = stream.acceptSymbol(")") === undefined ? parseList(stream, ")") : [];
  return { kind: "call", name: name.text, operands, at: name.at };
}

function parseExists(stream: TokenStream): Expression {
  const { at } = stream.expectKeyword("EXISTS");
  stream.expectSymbol("(");
  stream.expectKeyword("SELECT");
  if (!stream.isKeyword("VALUE")) throw unsupported("EXISTS over anything but SELECT VALUE", stream.current);
  stream.take();
  const select = parseExpression(stream);
  stream.expectKeyword("FROM");
  const alias = stream.expectName("an alias");
  stream.expectKeyword("IN");
  const source = parsePath(stream);
  stream.refuseKeyword("JOIN");
  const where = stream.acceptKeyword("WHERE") === undefined ? undefined : parseExpression(stream);
  stream.expectSymbol(")");
  return { kind: "exists", alias: alias.text, source, select, where, at };
}

/** `alias.step[...]...` */
export function parsePath(stream: TokenStream): Path {
  const name = stream.expectName("a path");
  return parsePathSteps(stream, name.text, name.at);
}

function parsePathSteps(stream: TokenStream, root: string, at: number): Path {
  const steps: (string | number)[] = [];
  for (;;) {
    if (stream.acceptSymbol(".") !== undefined) {
      steps.push(stream.expectName("a property name").text);
    } else if (stream.acceptSymbol("[") !== undefined) {
      const step = stream.current;
      if (step.kind === "parameter") throw unsupported(`computed property [${step.text}]`, step);
      const isIndex = step.kind === "number" && Number.isInteger(step.value);
      if (step.kind !== "string" && !isIndex) stream.fail("a property name in quotes or an array index");
      stream.take();
      steps.push(step.value as string | number);
      stream.expectSymbol("]");
    } else return { kind: "path", root, steps, at };
  }
}
