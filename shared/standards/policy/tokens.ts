/** Splits a template expression, the text between `[` and `]`, into its tokens. */
import { refuse } from "./refusal.ts";

export interface Token {
  /** `end` stands after the last one. */
  readonly kind: "name" | "text" | "number" | "mark" | "end";
  readonly text: string;
  /** Characters before it. */
  readonly at: number;
}

/** Azure Resource Manager's limit for a template expression. */
export const EXPRESSION_CHARACTERS_MAX = 24_576;

/** A name, a text in single quotes (two of them stand for one), a whole number, a mark. */
const token = /\s*(?:([a-z_][a-z0-9_]*)|'((?:[^']|'')*)'|(-?\d{1,15})(?![\w.]*\w)|([()[\],.]))/iy;

/** @throws SteelyardError `BadInput` */
export function tokensOf(text: string, pointer: string): Token[] {
  if (text.length > EXPRESSION_CHARACTERS_MAX) {
    throw refuse(pointer, `an expression of ${text.length} characters`, `at most ${EXPRESSION_CHARACTERS_MAX}`);
  }
  const trimmed = text.trimEnd();
  const tokens: Token[] = [];
  let at = 0;
  while (at < trimmed.length) {
    token.lastIndex = at;
    const found = token.exec(trimmed);
    if (found === null) {
      const rest = trimmed.slice(at).trimStart();
      throw refuse(pointer, rest.slice(0, 20), "a function, a text in single quotes, a whole number or one of ()[],.");
    }
    const [, name, quoted, number, mark] = found;
    if (name !== undefined) tokens.push({ kind: "name", text: name, at });
    else if (quoted !== undefined) tokens.push({ kind: "text", text: quoted.replaceAll("''", "'"), at });
    else if (number !== undefined) tokens.push({ kind: "number", text: number, at });
    else tokens.push({ kind: "mark", text: mark ?? "", at });
    at = token.lastIndex;
  }
  return [...tokens, { kind: "end", text: "", at: trimmed.length }];
}
