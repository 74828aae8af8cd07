/** What is refused before any resource is looked at. */
import { isFunction } from "./expressions.ts";
import { Malformed, fold, get, isObject, type JsonObject, type Maybe } from "./json.ts";
import { operators } from "./operators.ts";
import { isExpression, parse, type Node } from "./syntax.ts";

export function checkRule(rule: Maybe): JsonObject {
  if (!isObject(rule)) throw new Malformed("parse", "expected a policy rule");
  const [condition, then] = [get(rule, "if"), get(rule, "then")];
  if (condition === undefined) throw new Malformed("parse", "expected `if`");
  if (!isObject(then)) throw new Malformed("parse", "expected `then`");
  if (typeof get(then, "effect") !== "string") throw new Malformed("parse", "expected `effect`");
  checkCondition(condition);
  const details = get(then, "details");
  const existence = get(details, "existenceCondition");
  if (existence !== undefined) checkCondition(existence);
  checkExpressions(then);
  return rule;
}

function checkCondition(condition: Maybe): void {
  if (!isObject(condition)) throw new Malformed("parse", `found ${JSON.stringify(condition)}; expected a condition`);
  const keys = Object.keys(condition);
  for (const logical of ["not", "allOf", "anyOf"]) {
    const inner = get(condition, logical);
    if (inner === undefined) continue;
    if (keys.length > 1) throw new Malformed("parse", `found more beside ${logical}`);
    if (logical === "not") return checkCondition(inner);
    if (!Array.isArray(inner)) throw new Malformed("parse", `${logical}: expected an array`);
    return inner.forEach(checkCondition);
  }
  const [left, right] = [["field", "value", "count"], Object.keys(operators)].map((names) => {
    return keys.filter((key) => names.some((name) => fold(name) === fold(key)));
  });
  if (left?.length !== 1 || right?.length !== 1 || keys.length !== 2) {
    throw new Malformed("parse", `found ${keys.join(", ")}; expected field, value or count and one operator`);
  }
  const count = get(condition, "count");
  if (count === undefined) checkExpressions(condition);
  else checkCount(count);
}

function checkCount(count: Maybe): void {
  if (!isObject(count)) throw new Malformed("parse", "count: expected an object");
  const [field, name] = [get(count, "field"), get(count, "name")];
  if ((field === undefined) === (get(count, "value") === undefined)) {
    throw new Malformed("parse", "count: expected either field or value");
  }
  if (name !== undefined && (field !== undefined || typeof name !== "string")) {
    throw new Malformed("parse", "count: a name is a string and belongs to a value");
  }
  const where = get(count, "where");
  if (where !== undefined) checkCondition(where);
  const { where: _, ...rest } = count;
  checkExpressions(rest);
}

/** Every expression can be read, and its functions exist. A template's own are not the policy's. */
function checkExpressions(json: Maybe): void {
  if (typeof json === "string" && isExpression(json)) checkFunctions(parse(json));
  else if (Array.isArray(json)) json.forEach(checkExpressions);
  else if (isObject(json)) {
    for (const [key, inner] of Object.entries(json)) if (fold(key) !== "DEPLOYMENT") checkExpressions(inner);
  }
}

function checkFunctions(node: Node): void {
  if (node.kind === "call") {
    if (!isFunction(node.name)) throw new Malformed("compile", `there is no function ${node.name}`);
    node.given.forEach(checkFunctions);
  } else if (node.kind !== "literal") {
    checkFunctions(node.of);
    if (node.kind === "index") checkFunctions(node.at);
  }
}
