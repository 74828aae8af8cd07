/**
 * The resources of an ARM template, with the names and values that can be worked out from the template itself: parameters
 * by the values given for them or by their defaults, variables, and the functions on texts, numbers and lists that rules
 * have, too. What depends on where it is deployed (`resourceGroup()`, `reference()`, `uniqueString()`) stays an expression.
 */
import type { Json } from "../kernel/canonicalJson.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { wordOf } from "./json.ts";
import { compileValue, isExpression } from "../standards/policy/expression.ts";
import { isList, isObject, member, text, type JsonObject } from "../standards/policy/values.ts";

/** Rounds in which values are put into values: a variable of a variable of a parameter takes three. */
const ROUNDS_MAX = 10;

/** Characters of one expression that are worked out; Azure's own limit is some 24 thousand. */
const EXPRESSION_CHARACTERS_MAX = 24_576;

/** Values within one that is worked out; Azure takes no template of more than 4 MB. */
const VALUES_MAX = 100_000;

/** Values by name in lower case, a variable's behind `variables `. */
export type Known = ReadonlyMap<string, Json>;

/** What is known of a template's parameters and variables; `given`: values by name, as `{name: {value}}` or `{name: value}`. */
export function knownOf(template: JsonObject, given: JsonObject): Known {
  const known = new Map<string, Json>();
  const open = new Map<string, Json>();
  for (const [name, declared] of Object.entries(objectOf(member(template, "parameters")))) {
    const value = member(given, name);
    const own = isObject(value) && Object.hasOwn(value, "value") ? value["value"] : value;
    const start = own ?? member(declared, "defaultValue");
    if (start !== undefined) open.set(name.toLowerCase(), start);
  }
  for (const [name, value] of Object.entries(objectOf(member(template, "variables")))) {
    // Loops make lists that nothing here works out.
    if (name.toLowerCase() !== "copy") open.set(`variables ${name.toLowerCase()}`, value);
  }
  for (let round = 0; round < ROUNDS_MAX && open.size > 0; round += 1) {
    const before = open.size;
    for (const [name, value] of open) {
      const worked = resolved(value, known);
      if (isOpen(worked)) continue;
      known.set(name, worked);
      open.delete(name);
    }
    if (open.size === before) break;
  }
  // What is left may still be known in part: a member of it that is no expression.
  for (const [name, value] of open) if (typeof value === "object") known.set(name, resolved(value, known));
  return known;
}

/** The value with every expression in it that can be worked out; the others stay as they are. */
export function resolved(value: Json, known: Known): Json {
  if (typeof value === "string") return isExpression(value) ? worked(value, known) : unescaped(value);
  if (isList(value)) return value.map((item) => resolved(item, known));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolved(item, known)]));
}

function unescaped(value: string): string {
  return value.startsWith("[[") ? value.slice(1) : value;
}

function worked(expression: string, known: Known): Json {
  if (expression.length > EXPRESSION_CHARACTERS_MAX) return expression;
  // The language of rules has no variables: here they are parameters of another name.
  const plain = expression.replaceAll(/\bvariables\(\s*'([^']*)'\s*\)/gi, "parameters('variables $1')");
  const parameters = Object.fromEntries(known);
  try {
    const evaluate = compileValue(plain, { parameters: [...known.keys()], members: [] }, "/");
    const value = evaluate({ resource: {}, parameters, counted: [] });
    // Variables that name others again and again are small together, and beyond all bounds when they are gone through.
    return within(value, VALUES_MAX) < 0 || isOpen(value) ? expression : value;
  } catch (error) {
    // It needs what only the deployment knows.
    if (error instanceof SteelyardError) return expression;
    throw error;
  }
}

/** How many values may still follow when so many may be in this one; it ends as soon as there are more. */
function within(value: Json, most: number): number {
  let left = most - 1;
  for (const item of typeof value === "object" && value !== null ? Object.values(value) : []) {
    if (left < 0) break;
    left = within(item, left);
  }
  return left;
}

/** Whether an expression is left in it. */
export function isOpen(value: Json | undefined): boolean {
  if (typeof value === "string") return isExpression(value);
  if (isList(value)) return value.some(isOpen);
  return isObject(value) && Object.values(value).some(isOpen);
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** One resource of a template, as it would be declared. */
export interface Declared {
  readonly type: string;
  /** `account/deployment`; an expression where it cannot be worked out. */
  readonly name: string;
  readonly body: JsonObject;
  /** Pointer below the template. */
  readonly pointer: string;
  /** Expressions, names or IDs of what comes before it. */
  readonly dependsOn: readonly string[];
  /** Name of the template that gives it, of those that name resources. */
  readonly symbol: string | undefined;
  /** As it was written. */
  readonly written: string;
  /** Whose child it is. */
  readonly outer: Declared | undefined;
}

/** Resources of one template, those of its nested templates among them. */
const RESOURCES_MAX = 100_000;

/** Nested templates and children in children. */
const DEPTH_MAX = 20;

export interface Declarations {
  readonly declared: readonly Declared[];
  /** What was left out, and why. */
  readonly left: readonly string[];
}

/** @throws SteelyardError `BadInput` with a JSON pointer */
export function declarationsOf(template: JsonObject, given: JsonObject, where: string): Declarations {
  const declared: Declared[] = [];
  const left: string[] = [];
  const walk = (resources: Json | undefined, known: Known, pointer: string, depth: number, outer?: Declared): void => {
    if (depth > DEPTH_MAX) throw refuse(`${where}: ${pointer}`, `more than ${DEPTH_MAX} levels`, "fewer");
    for (const [symbol, item, at] of listed(resources, `${where}: `, pointer)) {
      if (declared.length >= RESOURCES_MAX) throw refuse(`${where}: ${at}`, "more resources", `${RESOURCES_MAX}`);
      if (member(item, "existing") === true) continue;
      const condition = resolved(member(item, "condition") ?? true, known);
      if (condition === false) {
        left.push(`${where}: ${at}: left out, its condition is false.`);
        continue;
      }
      if (text(wordOf(member(item, "type"))) === "microsoft.resources/deployments") {
        const inner = nestedOf(item, known);
        if (typeof inner === "string") left.push(`${where}: ${at}: ${inner}`);
        else walk(inner.resources, inner.known, `${at}/properties/template/resources`, depth + 1);
        continue;
      }
      const one = declarationOf(item, known, { at, symbol, outer, where });
      if (condition !== true) left.push(`${where}: ${at}: judged as if its condition held: it is an expression.`);
      declared.push(one);
      const children = member(item, "resources");
      if (children !== undefined) walk(children, known, `${at}/resources`, depth + 1, one);
    }
  };
  walk(member(template, "resources"), knownOf(template, given), "/resources", 0);
  return { declared, left };
}

/** A list, or an object by symbolic names. */
function listed(
  resources: Json | undefined,
  where: string,
  pointer: string,
): (readonly [string | undefined, JsonObject, string])[] {
  if (resources === undefined || resources === null) return [];
  if (typeof resources !== "object") throw refuse(`${where}${pointer}`, typeof resources, "a list of resources");
  const isNamed = !isList(resources);
  return Object.entries(resources as JsonObject).map(([name, item]) => {
    const at = `${pointer}/${name}`;
    if (!isObject(item)) throw refuse(`${where}${at}`, item === null ? "null" : typeof item, "a resource");
    return [isNamed ? name : undefined, item, at] as const;
  });
}

interface Around {
  readonly at: string;
  readonly symbol: string | undefined;
  readonly outer: Declared | undefined;
  readonly where: string;
}

function declarationOf(item: JsonObject, known: Known, { at, symbol, outer, where }: Around): Declared {
  const type = resolved(member(item, "type") ?? null, known);
  if (typeof type !== "string" || type === "")
    throw refuse(`${where}: ${at}/type`, JSON.stringify(type), "the type of a resource");
  const written = member(item, "name");
  const name = resolved(written ?? null, known);
  if (typeof name !== "string" || name === "" || typeof written !== "string")
    throw refuse(`${where}: ${at}/name`, JSON.stringify(name), "the name of a resource");
  const whole = outer === undefined || text(type).startsWith(`${text(outer.type)}/`) ? type : `${outer.type}/${type}`;
  const { resources: _, dependsOn, ...body } = item;
  const isShort = outer !== undefined && !name.includes("/") && !isExpression(name) && !isExpression(outer.name);
  return {
    type: whole,
    name: isShort ? `${outer.name}/${name}` : name,
    body: resolved(body, known) as JsonObject,
    pointer: at,
    dependsOn: isList(dependsOn) ? dependsOn.map((one) => wordOf(resolved(one, known))) : [],
    symbol,
    written,
    outer,
  };
}

/** The resources of a template within a template; why they cannot be told otherwise. */
function nestedOf(
  deployment: JsonObject,
  known: Known,
): { readonly resources: Json | undefined; readonly known: Known } | string {
  const properties = member(deployment, "properties");
  const template = member(properties, "template");
  if (!isObject(template)) return "left out: a deployment whose template is elsewhere.";
  const scope = member(member(properties, "expressionEvaluationOptions"), "scope");
  const isInner = typeof scope === "string" && text(scope) === "inner";
  // Of outer scope, which is the default, expressions are the outer template's.
  const given = objectOf(resolved(member(properties, "parameters") ?? {}, known));
  return { resources: member(template, "resources"), known: isInner ? knownOf(template, given) : known };
}

export function refuse(where: string, found: string, expected: string): SteelyardError {
  return new SteelyardError("BadInput", `${where}: found ${found}; expected ${expected}`);
}
