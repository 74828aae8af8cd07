/** Reads a template expression: a call, what is taken out of its result by `.name` and `[index]`, or a literal. */
import { refuse } from "./refusal.ts";
import { tokensOf, type Token } from "./tokens.ts";

export type Expression =
  | { readonly kind: "literal"; readonly value: string | number }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "member"; readonly of: Expression; readonly key: Expression };

/** Bounds the recursion, here and where the expression is evaluated. */
const DEPTH_MAX = 60;

/**
 * `text` stands between the outer brackets.
 * @throws SteelyardError `BadInput` with the JSON pointer of the rule's part that holds the expression.
 */
export function parseExpression(text: string, pointer: string): Expression {
  const parser = new Parser(tokensOf(text, pointer), pointer);
  const expression = parser.expression(0);
  parser.expect("end");
  return expression;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #pointer: string;
  #next = 0;

  constructor(tokens: readonly Token[], pointer: string) {
    this.#tokens = tokens;
    this.#pointer = pointer;
  }

  expression(depth: number): Expression {
    if (depth > DEPTH_MAX) throw this.#refuse(`more than ${DEPTH_MAX} levels`, "a shallower expression");
    const first = this.#take();
    if (first.kind === "text") return { kind: "literal", value: first.text };
    if (first.kind === "number") return { kind: "literal", value: Number(first.text) };
    if (first.kind !== "name") throw this.#unexpected(first, "a function, a text or a number");
    let expression: Expression = { kind: "call", name: first.text, args: this.#args(depth) };
    for (let parts = 0; this.#is(".") || this.#is("["); parts += 1) {
      if (parts > DEPTH_MAX) throw this.#refuse(`more than ${DEPTH_MAX} parts`, "a shorter path");
      expression = { kind: "member", of: expression, key: this.#key(depth) };
    }
    return expression;
  }

  expect(kind: Token["kind"], text = ""): Token {
    const token = this.#take();
    if (token.kind !== kind || (kind === "mark" && token.text !== text)) {
      throw this.#unexpected(token, kind === "end" ? "the end" : kind === "name" ? "a name" : text);
    }
    return token;
  }

  #args(depth: number): Expression[] {
    this.expect("mark", "(");
    const args: Expression[] = [];
    while (!this.#is(")")) {
      if (args.length > 0) this.expect("mark", ",");
      args.push(this.expression(depth + 1));
    }
    this.expect("mark", ")");
    return args;
  }

  #key(depth: number): Expression {
    if (this.#take().text === ".") return { kind: "literal", value: this.expect("name").text };
    const key = this.expression(depth + 1);
    this.expect("mark", "]");
    return key;
  }

  #is(mark: string): boolean {
    const token = this.#tokens[this.#next];
    return token?.kind === "mark" && token.text === mark;
  }

  #take(): Token {
    const token = this.#tokens[this.#next] ?? this.#tokens.at(-1);
    if (token === undefined) throw this.#refuse("nothing", "an expression");
    this.#next += 1;
    return token;
  }

  #unexpected(token: Token, expected: string): Error {
    const found = token.kind === "end" ? "the end" : token.text;
    return this.#refuse(`${found} after ${token.at} characters of the expression`, expected);
  }

  #refuse(found: string, expected: string): Error {
    return refuse(this.#pointer, found, expected);
  }
}
