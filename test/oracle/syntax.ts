/**
 * The template language between "[" and "]":
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
 */
import { Malformed } from "./json.ts";

export type Node =
  | { readonly kind: "literal"; readonly value: string | number }
  | { readonly kind: "call"; readonly name: string; readonly given: readonly Node[] }
  | { readonly kind: "property"; readonly of: Node; readonly name: string }
  | { readonly kind: "index"; readonly of: Node; readonly at: Node };

/** Text that is an expression. "[[" begins a text that only looks like one. */
export function isExpression(text: string): boolean {
  return text.startsWith("[") && text.endsWith("]") && !text.startsWith("[[");
}

export function parse(text: string): Node {
  const reader = new Reader(text, 1, text.length - 1);
  const node = reader.value();
  reader.end();
  return node;
}

class Reader {
  readonly #text: string;
  readonly #end: number;
  #at: number;

  constructor(text: string, from: number, end: number) {
    this.#text = text;
    this.#at = from;
    this.#end = end;
  }

  value(): Node {
    let node = this.#primary();
    for (;;) {
      if (this.#takes(".")) node = { kind: "property", of: node, name: this.#word() };
      else if (this.#takes("[")) node = this.#index(node);
      else return node;
    }
  }

  end(): void {
    this.#blanks();
    if (this.#at !== this.#end) throw this.#unexpected("the end");
  }

  #index(of: Node): Node {
    const at = this.value();
    this.#expects("]");
    return { kind: "index", of, at };
  }

  #primary(): Node {
    this.#blanks();
    const next = this.#text.charAt(this.#at);
    if (next === "'") return { kind: "literal", value: this.#quoted() };
    if (/[-\d]/.test(next)) return { kind: "literal", value: this.#number() };
    const name = this.#word();
    this.#expects("(");
    return { kind: "call", name, given: this.#given() };
  }

  #given(): Node[] {
    const given: Node[] = [];
    if (this.#takes(")")) return given;
    do given.push(this.value());
    while (this.#takes(","));
    this.#expects(")");
    return given;
  }

  /** An apostrophe inside is written twice. */
  #quoted(): string {
    const rest = this.#text.slice(this.#at, this.#end);
    const found = /^'((?:[^']|'')*)'/.exec(rest);
    if (found === null) throw this.#unexpected("a closing apostrophe");
    this.#at += found[0].length;
    return (found[1] ?? "").replaceAll("''", "'");
  }

  #number(): number {
    const found = /^-?\d+(\.\d+)?/.exec(this.#text.slice(this.#at, this.#end));
    if (found === null) throw this.#unexpected("a number");
    this.#at += found[0].length;
    return Number(found[0]);
  }

  #word(): string {
    this.#blanks();
    const found = /^[A-Za-z_$][\w$]*/.exec(this.#text.slice(this.#at, this.#end));
    if (found === null) throw this.#unexpected("a name");
    this.#at += found[0].length;
    return found[0];
  }

  #takes(sign: string): boolean {
    this.#blanks();
    if (this.#at >= this.#end || this.#text.charAt(this.#at) !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expects(sign: string): void {
    if (!this.#takes(sign)) throw this.#unexpected(sign);
  }

  #blanks(): void {
    while (this.#at < this.#end && /\s/.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  #unexpected(wanted: string): Malformed {
    return new Malformed("parse", `${this.#text}: at ${this.#at}, expected ${wanted}`);
  }
}
