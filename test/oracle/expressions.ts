/**
 * The value of an expression: https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#policy-functions
 */
import { ofRequest, pathOf, select } from "./fields.ts";
import { addressFunctions } from "./functions/addresses.ts";
import { collectionFunctions } from "./functions/collections.ts";
import { numberFunctions } from "./functions/numbers.ts";
import { textFunctions } from "./functions/text.ts";
import { timeFunctions, universal } from "./functions/times.ts";
import { wantText, wantTruth, type TemplateFunction } from "./functions/types.ts";
import { Failed, Malformed, fold, get, isAbsent, isObject, type JsonObject, type Maybe } from "./json.ts";
import type { Count, Scene } from "./scene.ts";
import { isExpression, parse, type Node } from "./syntax.ts";

const plain: Readonly<Record<string, TemplateFunction>> = {
  ...textFunctions,
  ...collectionFunctions,
  ...numberFunctions,
  ...timeFunctions,
  ...addressFunctions,
};

/** Functions that need more than their arguments' values. */
const special: Readonly<Record<string, (given: readonly Node[], scene: Scene) => Maybe>> = {
  if: ([test, yes, no], scene) => value((wantTruth(value(want(test), scene)) ? yes : no) ?? want(undefined), scene),
  and: (given, scene) => given.every((each) => wantTruth(value(each, scene))),
  or: (given, scene) => given.some((each) => wantTruth(value(each, scene))),
  parameters: ([name], scene) => parameter(wantText(value(want(name), scene)), scene.parameters),
  field: ([name], scene) => fieldValue(wantText(value(want(name), scene)), scene, ""),
  current: ([name], scene) => current(name === undefined ? undefined : wantText(value(name, scene)), scene),
  resourceGroup: (_, { context }) => get(context, "resourceGroup"),
  subscription: (_, { context }) => get(context, "subscription"),
  policy: (_, { context }) => get(context, "policy"),
  requestContext: (_, { context }) => get(context, "requestContext"),
  utcNow: (_, { context }) => universal(Date.parse(wantText(get(context, "utcNow")))),
};

export function isFunction(name: string): boolean {
  return named(plain, name) !== undefined || named(special, name) !== undefined;
}

function named<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  const own = Object.keys(table).find((each) => fold(each) === fold(name));
  return own === undefined ? undefined : table[own];
}

/** A JSON value with all expressions in it evaluated. */
export function resolve(json: Maybe, scene: Scene): Maybe {
  if (typeof json === "string") {
    if (json.startsWith("[[")) return json.slice(1);
    return isExpression(json) ? alone(parse(json), scene) : json;
  }
  if (Array.isArray(json)) return json.map((each) => resolve(each, scene) ?? null);
  if (!isObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([key, each]) => [key, resolve(each, scene) ?? null]));
}

/** Of a field that is all there is to the expression, what is missing is nothing. */
function alone(node: Node, scene: Scene): Maybe {
  const isField = node.kind === "call" && fold(node.name) === "FIELD";
  if (!isField) return value(node, scene);
  return fieldValue(wantText(value(want(node.given[0]), scene)), scene, undefined);
}

function want(node: Node | undefined): Node {
  if (node === undefined) throw new Failed("too few arguments");
  return node;
}

function value(node: Node, scene: Scene): Maybe {
  if (node.kind === "literal") return node.value;
  if (node.kind === "property") return property(value(node.of, scene), node.name);
  if (node.kind === "index") return index(value(node.of, scene), value(node.at, scene));
  const own = named(special, node.name);
  if (own !== undefined) return own(node.given, scene);
  const call = named(plain, node.name);
  if (call === undefined) throw new Malformed("compile", `there is no function ${node.name}`);
  return call(...node.given.map((each) => value(each, scene)));
}

function property(of: Maybe, name: string): Maybe {
  if (isAbsent(of)) return undefined;
  if (!isObject(of)) throw new Failed(`${JSON.stringify(of)} has no property ${name}`);
  return get(of, name);
}

function index(of: Maybe, at: Maybe): Maybe {
  if (typeof at === "string") return property(of, at);
  if (isAbsent(of)) return undefined;
  if (!Array.isArray(of) || typeof at !== "number") throw new Failed("index into what is no array");
  return of[at];
}

function parameter(name: string, parameters: JsonObject): Maybe {
  const found = get(parameters, name);
  if (found === undefined) throw new Malformed("compile", `parameter ${name} has neither a value nor a default`);
  return found;
}

/** "field() returns the values represented by the alias as-is": [] for a missing array's members, "" for what is missing. */
function fieldValue(name: string, scene: Scene, missing: "" | undefined): Maybe {
  const resource = scene.evaluated;
  const known = ofRequest(name, resource, scene.tables);
  if (known !== undefined) return known.value ?? missing;
  const path = pathOf(name, resource, scene.tables);
  if (!name.includes("[*]")) return (path === undefined ? undefined : select(resource, path)[0]) ?? missing;
  const all = path === undefined ? [] : select(resource, path);
  return all.filter((each) => each !== undefined);
}

/** "It returns the value of the array member that is currently enumerated by the count expression." */
function current(name: string | undefined, scene: Scene): Maybe {
  const { counts } = scene;
  if (name === undefined) {
    const innermost = counts.at(-1);
    if (innermost === undefined) throw new Malformed("parse", "current() outside of a count");
    return innermost.kind === "value" ? innermost.value : member(innermost.field, scene);
  }
  const found = counts.findLast((count) => isOf(count, name));
  if (found === undefined) throw new Malformed("parse", `current('${name}') names no count around it`);
  return found.kind === "value" ? found.value : member(name, scene);
}

/** A value count by its name; a field count by its alias or that of a property of the member. */
function isOf(count: Count, name: string): boolean {
  if (count.kind === "value") return fold(count.name) === fold(name);
  const [alias, wanted] = [fold(count.field), fold(name)];
  return wanted === alias || (wanted.startsWith(`${alias}.`) && !wanted.slice(alias.length).includes("[*]"));
}

function member(name: string, scene: Scene): Maybe {
  const path = pathOf(name, scene.resource, scene.tables);
  return path === undefined ? undefined : select(scene.resource, path)[0];
}
