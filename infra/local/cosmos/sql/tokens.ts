import { QUERY_OPERATORS_MAX } from "../limits.ts";
import { SqlError, unsupported, type Token } from "./lexer.ts";

/**
 * Words that cannot name a property after a dot or an alias. The service refuses `c.order` and `c.value`; a product
 * writes `c["order"]`.
 */
const reserved = new Set(
  (
    "AND ARRAY AS ASC BETWEEN BY CASE CAST CONVERT CROSS DESC DISTINCT ELSE END ESCAPE EXISTS FALSE FOR FROM GROUP HAVING " +
    "IN INNER INSERT INTO IS JOIN LEFT LIKE LIMIT NOT NULL OFFSET ON OR ORDER OUTER OVER RIGHT SELECT SET THEN TOP TRUE " +
    "UDF UNDEFINED UPDATE VALUE WHEN WHERE WITH"
  ).split(" "),
);

/** Nested parentheses, lists and subqueries that a query may have: keeps the parser's recursion bounded. */
const DEPTH_MAX = 100;

/** A position in a query's tokens, with the small questions that a parser asks. */
export class TokenStream {
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;
  readonly #operators = { AND: 0, OR: 0 };

  /** @param tokens ends with a token of kind `end` */
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.#tokens[Math.min(this.#position, this.#tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.current;
    this.#position += 1;
    return token;
  }

  isKeyword(word: string): boolean {
    return this.current.kind === "word" && this.current.text.toUpperCase() === word;
  }

  isSymbol(symbol: string): boolean {
    return this.current.kind === "symbol" && this.current.text === symbol;
  }

  acceptKeyword(word: string): Token | undefined {
    return this.isKeyword(word) ? this.take() : undefined;
  }

  acceptSymbol(symbol: string): Token | undefined {
    return this.isSymbol(symbol) ? this.take() : undefined;
  }

  /** AND or OR between conditions; there may be 2,000 of each, which also bounds the depth of the tree. */
  acceptOperator(word: "AND" | "OR"): Token | undefined {
    const token = this.acceptKeyword(word);
    if (token === undefined) return undefined;
    this.#operators[word] += 1;
    if (this.#operators[word] > QUERY_OPERATORS_MAX) {
      throw new SqlError("SC2057", `Query has more than ${QUERY_OPERATORS_MAX} ${word}s at ${token.at}.`, token);
    }
    return token;
  }

  expectKeyword(word: string): Token {
    return this.acceptKeyword(word) ?? this.fail(`'${word}'`);
  }

  expectSymbol(symbol: string): Token {
    return this.acceptSymbol(symbol) ?? this.fail(`'${symbol}'`);
  }

  /** An alias or a property's name. */
  expectName(what: string): Token {
    const token = this.current;
    if (token.kind !== "word") return this.fail(what);
    if (reserved.has(token.text.toUpperCase())) {
      throw new SqlError(
        "SC1001",
        `Syntax error, incorrect syntax near '${token.text}' at ${token.at}: it is a keyword; a property of that name is written ["${token.text}"].`,
        token,
      );
    }
    return this.take();
  }

  /** Whether the current token is a word that is no keyword. */
  isName(): boolean {
    return this.current.kind === "word" && !reserved.has(this.current.text.toUpperCase());
  }

  refuseKeyword(word: string): void {
    if (this.isKeyword(word)) throw unsupported(`'${word}'`, this.current);
  }

  /** Runs a part of the grammar that can contain itself. */
  nested<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw unsupported(`nesting deeper than ${DEPTH_MAX}`, this.current);
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  /** @throws SqlError always */
  fail(expected: string): never {
    const token = this.current;
    const found = token.kind === "end" ? "end of query" : `'${token.text}'`;
    throw new SqlError(
      "SC1001",
      `Syntax error, incorrect syntax near ${found} at ${token.at}: expected ${expected}.`,
      token,
    );
  }
}
