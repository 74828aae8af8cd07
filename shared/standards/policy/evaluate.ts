/**
 * A rule in the Azure Policy language, compiled once into a closure. This cut knows `allOf`, `anyOf`, `not`, the sources
 * `field` and `value`, `[parameters('x')]`, and the operators below; anything else is refused by name when the rule is
 * compiled, never skipped. Semantics after the documentation of policy definition rule structure: names and texts
 * compare without case, an absent field does not equal anything and does not exist.
 */
import { SteelyardError } from "../../kernel/errors.ts";
import type { Json } from "../../kernel/canonicalJson.ts";

export type Parameters = { readonly [name: string]: Json };

/** A resource as ARM answers it. */
export type Resource = { readonly [key: string]: Json };

export type Condition = (resource: Resource) => boolean;

/** Azure refuses deeper rules too; it also bounds the recursion. */
const DEPTH_MAX = 60;

type Operator = (actual: Json | undefined, expected: Json) => boolean;

const operators: Readonly<Record<string, Operator>> = {
  equals: (actual, expected) => equal(actual, expected),
  notequals: (actual, expected) => !equal(actual, expected),
  in: (actual, expected) => list(expected).some((item) => equal(actual, item)),
  notin: (actual, expected) => !list(expected).some((item) => equal(actual, item)),
  exists: (actual, expected) => (actual !== undefined && actual !== null) === truth(expected),
  like: (actual, expected) => isLike(actual, expected),
  notlike: (actual, expected) => !isLike(actual, expected),
  contains: (actual, expected) => contains(actual, expected),
  notcontains: (actual, expected) => !contains(actual, expected),
  less: (actual, expected) => order(actual, expected, (sign) => sign < 0),
  lessorequals: (actual, expected) => order(actual, expected, (sign) => sign <= 0),
  greater: (actual, expected) => order(actual, expected, (sign) => sign > 0),
  greaterorequals: (actual, expected) => order(actual, expected, (sign) => sign >= 0),
};

/**
 * Compiles the `if` of a policy rule.
 * @throws SteelyardError `BadInput` with a JSON pointer to what is not understood.
 */
export function compileCondition(rule: Json, parameters: Parameters = {}): Condition {
  return compile(rule, parameters, "/if", 0);
}

function compile(rule: Json, parameters: Parameters, pointer: string, depth: number): Condition {
  if (depth > DEPTH_MAX) throw refuse(pointer, `more than ${DEPTH_MAX} levels`, "a shallower rule");
  const node = members(rule, pointer);
  const names = new Map([...node.keys()].map((name) => [name.toLowerCase(), name]));
  const combinator = ["allof", "anyof", "not"].find((name) => names.has(name));
  if (combinator !== undefined) {
    const name = names.get(combinator) ?? combinator;
    if (node.size > 1) throw refuse(pointer, `${name} beside other properties`, "one of them alone");
    const inner = node.get(name) ?? null;
    if (combinator === "not") {
      const condition = compile(inner, parameters, `${pointer}/${name}`, depth + 1);
      return (resource) => !condition(resource);
    }
    if (!Array.isArray(inner)) throw refuse(`${pointer}/${name}`, typeof inner, "a list of conditions");
    const conditions = (inner as readonly Json[]).map((item, index) =>
      compile(item, parameters, `${pointer}/${name}/${index}`, depth + 1),
    );
    return combinator === "allof"
      ? (resource) => conditions.every((condition) => condition(resource))
      : (resource) => conditions.some((condition) => condition(resource));
  }
  return compileLeaf(node, names, parameters, pointer);
}

function compileLeaf(
  node: ReadonlyMap<string, Json>,
  names: ReadonlyMap<string, string>,
  parameters: Parameters,
  pointer: string,
): Condition {
  const source = ["field", "value"].filter((name) => names.has(name));
  const [operator, ...more] = [...names.keys()].filter((name) => name !== "field" && name !== "value");
  if (source.length !== 1 || operator === undefined || more.length > 0) {
    throw refuse(pointer, [...node.keys()].join(", ") || "nothing", "one of field or value, and one operator");
  }
  const name = names.get(operator) ?? operator;
  const test = operators[operator];
  if (test === undefined)
    throw refuse(`${pointer}/${name}`, name, `an operator (${Object.keys(operators).join(", ")})`);
  const expected = literal(node.get(name) ?? null, parameters, `${pointer}/${name}`);
  if (source[0] === "value") {
    const actual = literal(node.get(names.get("value") ?? "value") ?? null, parameters, `${pointer}/value`);
    return () => test(actual, expected);
  }
  const field = node.get(names.get("field") ?? "field");
  if (typeof field !== "string") throw refuse(`${pointer}/field`, typeof field, "the name of a field");
  const read = compileField(field, `${pointer}/field`);
  return (resource) => test(read(resource), expected);
}

/**
 * Where a field name leads. Aliases of Cognitive Services accounts are `Microsoft.CognitiveServices/accounts/` and the
 * path below `properties`; `sku` and `kind` and their parts lie at the root.
 */
function compileField(field: string, pointer: string): (resource: Resource) => Json | undefined {
  if (field.includes("[*]") || field.startsWith("[")) throw refuse(pointer, field, "a field without [*] or functions");
  const alias = /^microsoft\.[^/]+(?:\/[^/.]+)+\/([^/]+)$/i.exec(field)?.[1];
  if (alias !== undefined) {
    const path = alias.split(".");
    const isRoot = ["sku", "kind", "identity"].includes(path[0]?.toLowerCase() ?? "");
    return (resource) => walk(resource, isRoot ? path : ["properties", ...path]);
  }
  const tag = /^tags\.(.+)$/i.exec(field)?.[1] ?? /^tags\['(.+)'\]$/i.exec(field)?.[1];
  if (tag !== undefined) return (resource) => walk(resource, ["tags", tag]);
  if (/^(id|name|type|kind|location|fullname|identity\.type|tags)$/i.test(field)) {
    return (resource) => walk(resource, field.split("."));
  }
  throw refuse(pointer, field, "an alias, or one of id, name, type, kind, location, identity.type, tags");
}

function walk(resource: Resource, path: readonly string[]): Json | undefined {
  let value: Json | undefined = resource;
  for (const key of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const lower = key.toLowerCase();
    const found: [string, Json] | undefined = Object.entries(value as Resource).find(
      ([name]) => name.toLowerCase() === lower,
    );
    value = found?.[1];
  }
  return value;
}

function literal(value: Json, parameters: Parameters, pointer: string): Json {
  if (typeof value !== "string" || !value.startsWith("[") || value.startsWith("[[")) return value;
  const name = /^\[parameters\('([^']+)'\)\]$/i.exec(value)?.[1];
  if (name === undefined) throw refuse(pointer, value, "a literal or [parameters('name')]");
  const found = Object.entries(parameters).find(([key]) => key.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw refuse(pointer, value, "a parameter that has a value");
  return found[1];
}

function members(rule: Json, pointer: string): Map<string, Json> {
  if (typeof rule !== "object" || rule === null || Array.isArray(rule)) {
    throw refuse(pointer, rule === null ? "null" : Array.isArray(rule) ? "a list" : typeof rule, "a condition");
  }
  return new Map(Object.entries(rule as Resource));
}

function refuse(pointer: string, found: string, expected: string): SteelyardError {
  return new SteelyardError("BadInput", `policy rule at ${pointer}: found ${found}; expected ${expected}`);
}

/** Texts without case; `true` equals `"true"` and `443` equals `"443"`, as Azure Policy coerces. */
function equal(actual: Json | undefined, expected: Json): boolean {
  if (actual === undefined || actual === null) return false;
  if (typeof actual === "object" || typeof expected === "object")
    return JSON.stringify(actual) === JSON.stringify(expected);
  return text(actual) === text(expected);
}

function text(value: Json): string {
  return (typeof value === "string" ? value : JSON.stringify(value)).toLowerCase();
}

function list(expected: Json): readonly Json[] {
  return Array.isArray(expected) ? (expected as readonly Json[]) : [];
}

function truth(expected: Json): boolean {
  return text(expected) === "true";
}

/** One `*` stands for any text; without it the pattern is the whole text. */
function isLike(actual: Json | undefined, expected: Json): boolean {
  if (typeof actual !== "string" || typeof expected !== "string") return false;
  const text = actual.toLowerCase();
  const [head = "", tail] = expected.toLowerCase().split("*");
  if (tail === undefined) return text === head;
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
}

function contains(actual: Json | undefined, expected: Json): boolean {
  if (Array.isArray(actual)) return (actual as readonly Json[]).some((item) => equal(item, expected));
  return typeof actual === "string" && actual.toLowerCase().includes(text(expected));
}

function order(actual: Json | undefined, expected: Json, accept: (sign: number) => boolean): boolean {
  if (typeof actual === "number" && typeof expected === "number") return accept(actual - expected);
  if (typeof actual !== "string" || typeof expected !== "string") return false;
  const [a, b] = [actual.toLowerCase(), expected.toLowerCase()];
  return accept(a < b ? -1 : a > b ? 1 : 0);
}
