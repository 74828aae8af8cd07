/** Text of a query to tokens. What the dialect lacks is refused here by name as far as a character can tell. */

export interface Token {
  readonly kind: "word" | "string" | "number" | "parameter" | "symbol" | "end";
  /** As written. */
  readonly text: string;
  /** Of a string or number. */
  readonly value: string | number | undefined;
  /** Offset in the text. */
  readonly at: number;
}

/** A query that the service or this engine does not accept: 400 with an `SC` code, the construct and its position. */
export class SqlError extends Error {
  /** `SC1001` syntax, `SC2001` unresolved identifier, `SC2005` unknown function, ... */
  readonly sc: string;
  readonly start: number;
  readonly end: number;

  constructor(sc: string, message: string, token: { readonly at: number; readonly text?: string }) {
    super(message);
    this.name = "SqlError";
    this.sc = sc;
    this.start = token.at;
    this.end = token.at + (token.text?.length ?? 1);
  }
}

/** A construct of Cosmos DB SQL that the local dialect leaves out. */
export function unsupported(construct: string, token: { readonly at: number; readonly text?: string }): SqlError {
  return new SqlError("SC1010", `${construct} at ${token.at}: not supported by the local Cosmos DB engine`, token);
}

const space = /\s+/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const parameter = /@[A-Za-z_][A-Za-z0-9_]*/y;
const number = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const string = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/sy;
const symbol = /<=|>=|!=|<>|[=<>()[\]{},.:*-]/y;
const otherOperator = /--|\/\*|\?\?|\|\||[+/%?|&^~]/y;

/** @throws SqlError for a character or operator outside the dialect */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  for (;;) {
    at += match(space)?.length ?? 0;
    if (at >= text.length) break;
    const token = next(match, at);
    if (token === undefined) {
      const operator = match(otherOperator);
      if (operator !== undefined) throw unsupported(`operator or comment '${operator}'`, { at, text: operator });
      throw new SqlError("SC1001", `Syntax error, incorrect syntax near '${text.slice(at, at + 10)}' at ${at}.`, {
        at,
      });
    }
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: "end", text: "", value: undefined, at });
  return tokens;
}

function next(match: (pattern: RegExp) => string | undefined, at: number): Token | undefined {
  let text = match(word);
  if (text !== undefined) return { kind: "word", text, value: undefined, at };
  text = match(parameter);
  if (text !== undefined) return { kind: "parameter", text, value: undefined, at };
  text = match(number);
  if (text !== undefined) return { kind: "number", text, value: Number(text), at };
  text = match(string);
  if (text !== undefined) return { kind: "string", text, value: unescape(text, at), at };
  // A comment begins with two signs that are symbols by themselves.
  if (match(otherOperator) !== undefined) return undefined;
  text = match(symbol);
  return text === undefined ? undefined : { kind: "symbol", text, value: undefined, at };
}

const escapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function unescape(quoted: string, at: number): string {
  return quoted.slice(1, -1).replaceAll(/\\(u[0-9A-Fa-f]{4}|.)/gs, (whole, code: string) => {
    if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (`'"\\/`.includes(code)) return code;
    const character = escapes[code];
    if (character === undefined) {
      throw new SqlError("SC1001", `Syntax error, unknown escape '${whole}' in a string at ${at}.`, {
        at,
        text: quoted,
      });
    }
    return character;
  });
}
