/**
 * Conditions of role assignments (ABAC), as far as they delegate role assignment: which roles and principals the holder
 * may assign or remove.
 *
 *     ((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'}))
 *      OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {a, b}))
 *
 * Known: !, AND/&&, OR/||, parentheses, ActionMatches, and @Request/@Resource[Microsoft.Authorization/roleAssignments:
 * RoleDefinitionId | PrincipalId | PrincipalType] with GuidEquals, GuidNotEquals, StringEquals(IgnoreCase) and
 * StringNotEquals(IgnoreCase), plain or under ForAnyOfAnyValues / ForAnyOfAllValues. Anything else is refused when the
 * assignment is written.
 */
import { matchesAction } from "./actions.ts";

/** What a condition is asked about. */
export interface ConditionPoint {
  readonly action: string;
  /** The assignment that a write asks for. */
  readonly request?: AssignmentAttributes;
  /** The assignment that is there, for a delete or a read. */
  readonly resource?: AssignmentAttributes;
}

export interface AssignmentAttributes {
  /** GUID, lower case. */
  readonly roleDefinitionId: string;
  readonly principalId: string;
  readonly principalType: string;
}

export type Condition = (point: ConditionPoint) => boolean;

const TOKEN =
  /\s*(?:(&&|\|\||[!(){},]|AND\b|OR\b|NOT\b)|'([^']*)'|@(Request|Resource)\[([^\]]+)\]|([A-Za-z][A-Za-z0-9:]*(?=\s*\{))|([A-Za-z0-9-]+))/giy;

interface Token {
  readonly kind: "sign" | "text" | "attribute" | "word";
  readonly value: string;
  /** `request` or `resource` of an attribute. */
  readonly source: string;
}

/**
 * Compiles a condition.
 * @throws Error that says what isn't understood, and where.
 */
export function compileCondition(text: string): Condition {
  const tokens = tokenize(text);
  const parser = new Parser(tokens, text);
  return parser.all();
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const end = text.trimEnd().length;
  while (at < end) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`unexpected '${text.slice(at, at + 20).trim()}' at ${at}`);
    at = TOKEN.lastIndex;
    const [, sign, quoted, source, attribute, call, word] = match;
    if (sign !== undefined) tokens.push({ kind: "sign", value: canonicalSign(sign), source: "" });
    else if (quoted !== undefined) tokens.push({ kind: "text", value: quoted, source: "" });
    else if (source !== undefined) {
      tokens.push({ kind: "attribute", value: attribute ?? "", source: source.toLowerCase() });
    } else tokens.push({ kind: "word", value: call ?? word ?? "", source: "" });
  }
  return tokens;
}

function canonicalSign(sign: string): string {
  const upper = sign.toUpperCase();
  return { "&&": "AND", "||": "OR", NOT: "!" }[upper] ?? upper;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  #at = 0;

  constructor(tokens: readonly Token[], text: string) {
    this.#tokens = tokens;
    this.#text = text;
  }

  all(): Condition {
    const condition = this.#or();
    const left = this.#tokens[this.#at];
    if (left !== undefined) throw this.#unexpected("the end");
    return condition;
  }

  #or(): Condition {
    let left = this.#and();
    while (this.#take("OR")) {
      const [first, second] = [left, this.#and()];
      left = (point) => first(point) || second(point);
    }
    return left;
  }

  #and(): Condition {
    let left = this.#unary();
    while (this.#take("AND")) {
      const [first, second] = [left, this.#unary()];
      left = (point) => first(point) && second(point);
    }
    return left;
  }

  #unary(): Condition {
    if (this.#take("!")) {
      const inner = this.#unary();
      return (point) => !inner(point);
    }
    if (this.#take("(")) {
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    return this.#primary();
  }

  #primary(): Condition {
    const token = this.#tokens[this.#at];
    if (token?.kind === "word" && token.value.toLowerCase() === "actionmatches") {
      this.#at += 1;
      const patterns = this.#set();
      return (point) => patterns.some((pattern) => matchesAction(pattern, point.action));
    }
    if (token?.kind === "attribute") {
      this.#at += 1;
      return this.#comparison(token);
    }
    throw this.#unexpected("ActionMatches{...} or an attribute");
  }

  #comparison(attribute: Token): Condition {
    const read = attributeOf(attribute);
    const word = this.#tokens[this.#at];
    if (word?.kind !== "word") throw this.#unexpected("an operator");
    this.#at += 1;
    const operator = word.value.toLowerCase().replace(/^foranyofany(values)?:|^foranyofallvalues:/, "");
    const all = word.value.toLowerCase().startsWith("foranyofallvalues:");
    const wanted = this.#set().map((value) => value.toLowerCase());
    const negated = /^(guid|string)notequals(ignorecase)?$/.test(operator);
    if (!negated && !/^(guid|string)equals(ignorecase)?$/.test(operator)) {
      throw new Error(`unknown operator '${word.value}'`);
    }
    return (point) => {
      const found = read(point)?.toLowerCase();
      if (found === undefined) return false;
      const test = (value: string): boolean => (value === found) !== negated;
      return all ? wanted.every(test) : wanted.some(test);
    };
  }

  #set(): string[] {
    const single = this.#tokens[this.#at];
    if (single?.kind === "text" || (single?.kind === "word" && single.value !== "")) {
      this.#at += 1;
      return [single.value];
    }
    this.#expect("{");
    const values: string[] = [];
    do {
      const value = this.#tokens[this.#at];
      if (value === undefined || value.kind === "sign") throw this.#unexpected("a value");
      values.push(value.value);
      this.#at += 1;
    } while (this.#take(","));
    this.#expect("}");
    return values;
  }

  #take(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "sign" || token.value !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw this.#unexpected(`'${sign}'`);
  }

  #unexpected(expected: string): Error {
    const found = this.#tokens[this.#at]?.value ?? "the end";
    return new Error(`found '${found}', expected ${expected}, in condition '${this.#text.slice(0, 120)}'`);
  }
}

function attributeOf(token: Token): (point: ConditionPoint) => string | undefined {
  const [type, name] = token.value.split(":");
  const key = attributeNames.get(name?.trim().toLowerCase() ?? "");
  if (type?.trim().toLowerCase() !== "microsoft.authorization/roleassignments" || key === undefined) {
    throw new Error(`unknown attribute '${token.value}'`);
  }
  return token.source === "request" ? (point) => point.request?.[key] : (point) => point.resource?.[key];
}

const attributeNames = new Map<string, keyof AssignmentAttributes>([
  ["roledefinitionid", "roleDefinitionId"],
  ["principalid", "principalId"],
  ["principaltype", "principalType"],
]);
