/** Words of the query language. Comments and white space are dropped; anything unknown is refused where it stands. */
import { invalidQuery } from "./refusal.ts";

export interface Token {
  readonly kind: "name" | "string" | "number" | "sign" | "end";
  /** The text; of a string its value. */
  readonly text: string;
  /** Character in the query, from 0. */
  readonly at: number;
}

/** Longest first. */
const SIGNS = ["==", "!=", "=~", "!~", "<=", ">=", "|", "(", ")", ",", ".", "[", "]", "<", ">", "=", "-", "!", "~"];

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\", "'": "'", '"': '"' };

/** @throws GraphRefusal 400 at a character or an escape that the language doesn't have. */
export function tokens(query: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < query.length) {
    const blank = /^(?:\s+|\/\/[^\n]*)/.exec(query.slice(at, at + 10_000));
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const token = next(query, at);
    found.push(token.token);
    at = token.end;
  }
  found.push({ kind: "end", text: "", at: query.length });
  return found;
}

function next(query: string, at: number): { token: Token; end: number } {
  const rest = query.slice(at);
  const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0];
  if (name !== undefined) return { token: { kind: "name", text: name, at }, end: at + name.length };
  const number = /^\d+(?:\.\d+)?/.exec(rest)?.[0];
  if (number !== undefined) return { token: { kind: "number", text: number, at }, end: at + number.length };
  if (/^@?['"]/.test(rest)) return text(query, at);
  const sign = SIGNS.find((one) => rest.startsWith(one));
  if (sign !== undefined) return { token: { kind: "sign", text: sign, at }, end: at + sign.length };
  const character = rest.slice(0, 1);
  throw invalidQuery(query, "ParserFailure", `Unexpected character '${character}'.`, at, character);
}

function text(query: string, at: number): { token: Token; end: number } {
  const verbatim = query[at] === "@";
  const start = verbatim ? at + 1 : at;
  const quote = query[start] ?? "";
  let value = "";
  for (let index = start + 1; index < query.length; index += 1) {
    const character = query[index] ?? "";
    if (character === quote) {
      if (!verbatim || query[index + 1] !== quote) {
        return { token: { kind: "string", text: value, at }, end: index + 1 };
      }
      index += 1;
      value += quote;
    } else if (character === "\\" && !verbatim) {
      index += 1;
      const escaped = ESCAPES[query[index] ?? ""];
      if (escaped === undefined) {
        throw invalidQuery(query, "ParserFailure", `Unknown escape '\\${query[index] ?? ""}'.`, index, quote);
      }
      value += escaped;
    } else value += character;
  }
  throw invalidQuery(query, "ParserFailure", "A string isn't closed.", at, quote);
}
