/** Which fields a rule reads, told from the rule itself: what a verdict rests on. */
import type { Json } from "../kernel/canonicalJson.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { wordOf } from "./json.ts";
import { parseField } from "../standards/policy/fields.ts";
import { isExpression } from "../standards/policy/expression.ts";
import { parseExpression, type Expression } from "../standards/policy/parser.ts";
import type { Vocabulary } from "../standards/policy/scope.ts";
import { isList, isObject, member, type JsonObject } from "../standards/policy/values.ts";

/** A field as a path below the document that rules see. */
export interface ReadField {
  /** Members in lower case; `*` for each element of a list. */
  readonly steps: readonly string[];
  /** For people: `properties.ipRules[*].value`, in the rule's own spelling. */
  readonly path: string;
  /** In lower case, where the rule names the field of one resource type. */
  readonly type?: string;
}

/** Rules are bounded when they are compiled; this bounds what was not. */
const DEPTH_MAX = 100;

/** In the order in which the rule names them, each once. What it cannot read is the compiler's to refuse. */
export function fieldsOf(rule: Json | undefined, vocabulary: Vocabulary): ReadField[] {
  const found = new Map<string, ReadField>();
  const add = (name: string): void => {
    const field = spelledField(name, vocabulary);
    if (field !== undefined && !found.has(field.steps.join("."))) found.set(field.steps.join("."), field);
  };
  walk(rule ?? null, add, 0);
  return [...found.values()];
}

function walk(value: Json, add: (name: string) => void, depth: number): void {
  if (depth > DEPTH_MAX) return;
  if (typeof value === "string") {
    if (isExpression(value)) namesIn(value, add);
    return;
  }
  if (isList(value)) for (const item of value) walk(item, add, depth + 1);
  if (!isObject(value)) return;
  for (const [name, item] of Object.entries(value)) {
    if (name.toLowerCase() === "field" && typeof item === "string" && !isExpression(item)) add(item);
    else walk(item, add, depth + 1);
  }
}

function namesIn(text: string, add: (name: string) => void): void {
  try {
    callsIn(parseExpression(text.slice(1, -1), "/"), add);
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
  }
}

function callsIn(expression: Expression, add: (name: string) => void): void {
  if (expression.kind === "member") {
    callsIn(expression.of, add);
    callsIn(expression.key, add);
  }
  if (expression.kind !== "call") return;
  const [first] = expression.args;
  const isField = expression.name.toLowerCase() === "field" && first?.kind === "literal";
  if (isField && typeof first.value === "string") add(first.value);
  for (const arg of expression.args) callsIn(arg, add);
}

/** Undefined for what is no name of a field. */
export function spelledField(name: string, vocabulary: Vocabulary): ReadField | undefined {
  try {
    const { path: steps, type } = parseField(name, vocabulary, "/");
    return { steps, path: spelled(steps, name), ...(type === undefined ? {} : { type }) };
  } catch (error) {
    if (error instanceof SteelyardError) return undefined;
    throw error;
  }
}

function spelled(steps: readonly string[], name: string): string {
  const words = new Map(name.split(/[./[\]']+/).map((word) => [word.toLowerCase(), word]));
  return steps.reduce((path, step) => {
    if (step === "*") return `${path}[*]`;
    const word = words.get(step) ?? step;
    return path === "" ? word : `${path}.${word}`;
  }, "");
}

/** An expression of a template that stands where the field leads, or on the way there; undefined when all is known. */
export function expressionAt(document: JsonObject, { steps }: ReadField): string | undefined {
  let values: Json[] = [document];
  for (const step of steps) {
    const next: Json[] = [];
    for (const value of values) {
      if (typeof value === "string" && isExpression(value)) return value;
      if (step === "*") next.push(...(isList(value) ? value : []));
      else if (madeByLoop(value, step)) return "a copy loop";
      else next.push(...some(member(value, step)));
    }
    values = next;
  }
  for (const value of values) {
    const open = openIn(value, 0);
    if (open !== undefined) return open;
  }
  return undefined;
}

function some(value: Json | undefined): Json[] {
  return value === undefined ? [] : [value];
}

/** `copy` in an object makes the members that its elements name. */
function madeByLoop(value: Json, step: string): boolean {
  const loops = member(value, "copy");
  return isList(loops) && loops.some((loop) => wordOf(member(loop, "name")).toLowerCase() === step);
}

function openIn(value: Json, depth: number): string | undefined {
  if (typeof value === "string") return isExpression(value) ? value : undefined;
  if (depth > DEPTH_MAX || typeof value !== "object" || value === null) return undefined;
  for (const item of Object.values(value as JsonObject)) {
    const open = openIn(item, depth + 1);
    if (open !== undefined) return open;
  }
  return undefined;
}
