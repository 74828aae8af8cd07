/**
 * Scalar expressions: column paths, literals, comparisons, `and`, `or`, `not()`, parentheses and a few functions. They are
 * compiled once per query into functions of a row. Names of columns are compared with regard to case, as Kusto does.
 */
import type { Json } from "../json.ts";
import { functions } from "./functions.ts";
import { invalidQuery, type GraphRefusal } from "./refusal.ts";
import type { Token } from "./lexer.ts";
import { textComparisons } from "./textComparisons.ts";
import { compare, equal, member, toText, type Column, type ColumnType, type Row } from "./values.ts";

export interface Expression {
  readonly type: ColumnType;
  /** The column name that it gets by itself; undefined where Kusto would make one up. */
  readonly name: string | undefined;
  readonly of: (row: Row) => Json;
}

/** Parentheses, functions and `not` in each other. */
const NESTING_MAX = 50;

export class Reader {
  readonly query: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #nesting = 0;
  /** The columns that expressions may name; set by the operator that reads them. */
  columns: readonly Column[] = [];

  constructor(query: string, read: readonly Token[]) {
    this.query = query;
    this.#tokens = read;
  }

  get token(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", at: this.query.length };
  }

  take(): Token {
    const token = this.token;
    this.#at += 1;
    return token;
  }

  /** Whether the next word is this one (a sign, or a name without regard to case), without taking it. */
  sees(text: string): boolean {
    const { kind, text: found } = this.token;
    return kind !== "string" && kind !== "number" && found.toLowerCase() === text && kind !== "end";
  }

  /** Takes the word if it is next. */
  skip(text: string): boolean {
    const seen = this.sees(text);
    if (seen) this.#at += 1;
    return seen;
  }

  expect(text: string): void {
    if (!this.skip(text)) throw this.failure(`Expected '${text}', found '${this.token.text}'.`);
  }

  failure(message: string, token: Token = this.token): GraphRefusal {
    return invalidQuery(this.query, "ParserFailure", message, token.at, token.text);
  }

  /** What Kusto may know and this service doesn't. */
  unsupported(message: string, token: Token = this.token): GraphRefusal {
    return invalidQuery(this.query, "InvalidQueryLanguage", message, token.at, token.text);
  }

  mismatch(message: string, token: Token): GraphRefusal {
    return invalidQuery(this.query, "TypeMismatch", message, token.at, token.text);
  }

  /** A condition; what isn't a truth value is refused. */
  condition(): Expression {
    const start = this.token;
    const expression = this.expression();
    if (expression.type === "bool" || expression.type === "dynamic") return expression;
    throw this.mismatch(`Expected a condition, found an expression of type '${expression.type}'.`, start);
  }

  expression(): Expression {
    this.#nesting += 1;
    if (this.#nesting > NESTING_MAX) throw this.unsupported(`Expressions nest deeper than ${NESTING_MAX}.`);
    const result = this.#joined("or", () => this.#joined("and", () => this.#comparison()));
    this.#nesting -= 1;
    return result;
  }

  #joined(word: "and" | "or", read: () => Expression): Expression {
    const first = read();
    if (!this.sees(word)) return first;
    const parts = [first];
    while (this.skip(word)) parts.push(read());
    const of = (row: Row): Json =>
      word === "and" ? parts.every((part) => part.of(row) === true) : parts.some((part) => part.of(row) === true);
    return { type: "bool", name: undefined, of };
  }

  #comparison(): Expression {
    const left = this.#operand();
    const token = this.token;
    const word = this.#comparisonWord();
    if (word === undefined) return left;
    const bool = (of: (row: Row) => Json): Expression => ({ type: "bool", name: undefined, of });
    if (word.endsWith("in") || word.endsWith("in~")) return bool(this.#membership(left, word));
    const right = this.#operand();
    const text = textComparisons.get(word);
    if (text !== undefined) return bool((row) => text(toText(left.of(row)), toText(right.of(row))));
    if (word === "==") return bool((row) => equal(left.of(row), right.of(row)) ?? null);
    if (word === "!=") {
      return bool((row) => {
        const same = equal(left.of(row), right.of(row));
        return same === undefined ? null : !same;
      });
    }
    if (left.type === "dynamic" || right.type === "dynamic") {
      throw this.mismatch(`'${word}' needs a conversion here, for example tolong(...): a side is dynamic.`, token);
    }
    return bool((row) => ordered(word, left.of(row), right.of(row)));
  }

  /** The comparison that comes next, lower case, `!` and `~` included. */
  #comparisonWord(): string | undefined {
    for (const sign of ["==", "!=", "=~", "!~", "<=", ">=", "<", ">"]) if (this.skip(sign)) return sign;
    const negated = this.skip("!");
    const token = this.token;
    const lower = token.kind === "name" ? token.text.toLowerCase() : "";
    const word = `${negated ? "!" : ""}${lower}`;
    if (lower === "in") {
      this.take();
      return this.skip("~") ? `${word}~` : word;
    }
    if (textComparisons.has(word)) {
      this.take();
      return word;
    }
    if (negated || KNOWN_ELSEWHERE.has(lower)) throw this.unsupported(`The operator '${word}' is not supported.`);
    return undefined;
  }

  #membership(left: Expression, word: string): (row: Row) => Json {
    this.expect("(");
    const list: Json[] = [];
    do list.push(this.#literal().of({}));
    while (this.skip(","));
    this.expect(")");
    const fold = word.endsWith("~") ? (value: Json): string => toText(value).toLowerCase() : toText;
    const values = new Set(list.map(fold));
    const negated = word.startsWith("!");
    return (row) => {
      const value = left.of(row);
      return (value !== null && values.has(fold(value))) !== negated;
    };
  }

  #literal(): Expression {
    const token = this.take();
    if (token.kind === "string") return { type: "string", name: undefined, of: () => token.text };
    if (token.kind === "number") return number(token.text);
    if (token.text === "-" && this.token.kind === "number") return number(`-${this.take().text}`);
    const lower = token.text.toLowerCase();
    if (token.kind === "name" && (lower === "true" || lower === "false")) {
      return { type: "bool", name: undefined, of: () => lower === "true" };
    }
    throw this.failure(`Expected a literal, found '${token.text}'.`, token);
  }

  #operand(): Expression {
    const token = this.token;
    if (this.skip("(")) {
      const inner = this.expression();
      this.expect(")");
      return inner;
    }
    const lower = token.text.toLowerCase();
    if (token.kind !== "name" && !this.sees("[")) return this.#literal();
    if (lower === "true" || lower === "false") return this.#literal();
    const name = this.name();
    return this.sees("(") ? this.#call(name, token) : this.#path(name, token);
  }

  /** A column or function name; `['...']` quotes any name. */
  name(): string {
    if (this.skip("[")) {
      const quoted = this.take();
      if (quoted.kind !== "string") throw this.failure(`Expected a quoted name, found '${quoted.text}'.`, quoted);
      this.expect("]");
      return quoted.text;
    }
    const token = this.take();
    if (token.kind !== "name") throw this.failure(`Expected a name, found '${token.text}'.`, token);
    return token.text;
  }

  #path(name: string, token: Token): Expression {
    const column = this.columns.find((one) => one.name === name);
    if (column === undefined) {
      const known = this.columns.map((one) => one.name).join(", ");
      const message = `Failed to resolve the column '${name}'. The columns here are: ${known}.`;
      throw invalidQuery(this.query, "UnknownColumn", message, token.at, name);
    }
    const keys: (string | number)[] = [];
    for (;;) {
      if (this.skip(".")) keys.push(this.name());
      else if (this.skip("[")) {
        const key = this.#literal().of({});
        if (typeof key !== "string" && typeof key !== "number") throw this.failure("Expected a name or an index.");
        keys.push(key);
        this.expect("]");
      } else break;
    }
    if (keys.length === 0) return { type: column.type, name, of: (row) => row[name] ?? null };
    if (column.type !== "dynamic") {
      throw this.mismatch(`The column '${name}' of type '${column.type}' has no members.`, token);
    }
    const of = (row: Row): Json => keys.reduce<Json>((value, key) => member(value, key), row[name] ?? null);
    return { type: "dynamic", name: [name, ...keys].join("_"), of };
  }

  #call(name: string, token: Token): Expression {
    const known = functions.get(name.toLowerCase());
    if (known === undefined) {
      const names = [...functions.keys()].join(", ");
      throw this.unsupported(`The function '${name}' is not supported. Supported are: ${names}.`, token);
    }
    this.expect("(");
    const given: Expression[] = [];
    if (!this.sees(")")) {
      do given.push(this.expression());
      while (this.skip(","));
    }
    this.expect(")");
    const [least, most] = known.arguments;
    if (given.length < least || given.length > most) {
      throw this.failure(`${name}() takes ${least === most ? least : `${least} to ${most}`} arguments.`, token);
    }
    const of = (row: Row): Json => known.of(given.map((one) => one.of(row)));
    return { type: known.type, name: known.keepsName === true ? given[0]?.name : undefined, of };
  }
}

/** Comparisons of Kusto that aren't served; named in the refusal instead of "expected |". */
const KNOWN_ELSEWHERE = new Set(["matches", "between", "has_any", "has_all", "hasprefix", "hassuffix", "like"]);

function number(text: string): Expression {
  const value = Number(text);
  return { type: text.includes(".") ? "real" : "long", name: undefined, of: () => value };
}

function ordered(word: string, left: Json, right: Json): Json {
  if (left === null || right === null) return false;
  const order = compare(left, right);
  if (word === "<") return order < 0;
  if (word === ">") return order > 0;
  return word === "<=" ? order <= 0 : order >= 0;
}
