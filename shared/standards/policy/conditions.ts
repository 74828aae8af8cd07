/**
 * A rule in the Azure Policy language, compiled once into a closure: `allOf`, `anyOf`, `not`, and conditions on a `field`,
 * a `value` or a `count`. What is not known is refused by name when the rule is compiled, never skipped. Semantics after
 * the documentation of the structure of policy rules: names and texts compare without case, an absent field does not
 * equal anything and does not exist, a condition on `list[*]` holds when it holds for every element.
 */
import type { Json } from "../../kernel/canonicalJson.ts";
import { dynamicField, compileValue, isExpression } from "./expression.ts";
import { hasEach, isLocation, membersOf, parseField, pathIn, valuesOf, type Field } from "./fields.ts";
import { metered } from "./meter.ts";
import { expectedOf, operatorNames, operators } from "./operators.ts";
import { kindOf, refuse, unusable } from "./refusal.ts";
import { plain, type Counted, type Parameters, type Scope, type Vocabulary } from "./scope.ts";
import { isList, isObject, type JsonObject } from "./values.ts";

/** @throws SteelyardError `BadInput` when a function in it cannot work on what it finds: there is no verdict. */
export type Condition = (resource: JsonObject, parameters?: Parameters) => boolean;

export type Test = (scope: Scope) => boolean;

/** Azure refuses deeper rules too; it also bounds the recursion. */
const DEPTH_MAX = 60;

/** Azure's limit for the lists that a count of values goes through. */
const COUNTED_VALUES_MAX = 100;

/**
 * Compiles the `if` of a policy rule.
 * @throws SteelyardError `BadInput` with a JSON pointer to what is not understood.
 */
export function compileCondition(rule: Json, vocabulary: Vocabulary = plain, pointer = "/if"): Condition {
  const test = compileTest(rule, vocabulary, pointer);
  return (resource, parameters = {}) => test({ resource, parameters, counted: [] });
}

/** The same, with all that is around. @throws SteelyardError `BadInput` */
export function compileTest(rule: Json, vocabulary: Vocabulary, pointer: string): Test {
  return metered(compile(rule, vocabulary, pointer, 0));
}

/**
 * Compiles what stands in a `count`, for the elements themselves, or for what `as` makes of each.
 * @throws SteelyardError `BadInput` with a JSON pointer to what is not understood.
 */
export function compileSelection(
  { as, ...count }: { readonly [key: string]: Json },
  vocabulary: Vocabulary,
  pointer: string,
): (resource: JsonObject, parameters: Parameters) => Json[] {
  const elements = compileCount(count, vocabulary, pointer, 0);
  const made = as === undefined ? undefined : compileValue(as, vocabulary, `${pointer}/as`);
  const select = metered((scope) =>
    elements(scope).map((counted) => made?.({ ...scope, counted: [counted] }) ?? counted.element),
  );
  return (resource, parameters) => select({ resource, parameters, counted: [] });
}

function compile(rule: Json, vocabulary: Vocabulary, pointer: string, depth: number): Test {
  if (depth > DEPTH_MAX) throw refuse(pointer, `more than ${DEPTH_MAX} levels`, "a shallower rule");
  const node = members(rule, pointer);
  const combinator = ["allof", "anyof", "not"].map((name) => node.get(name)).find((found) => found !== undefined);
  if (combinator === undefined) return compileLeaf(node, vocabulary, pointer, depth);
  const { name, value } = combinator;
  if (node.size > 1) throw refuse(pointer, `${name} beside other properties`, "one of them alone");
  if (name.toLowerCase() === "not") {
    const test = compile(value, vocabulary, `${pointer}/${name}`, depth + 1);
    return (scope) => !test(scope);
  }
  if (!isList(value)) throw refuse(`${pointer}/${name}`, kindOf(value), "a list of conditions");
  const tests = value.map((item, at) => compile(item, vocabulary, `${pointer}/${name}/${at}`, depth + 1));
  return name.toLowerCase() === "allof"
    ? (scope) => tests.every((test) => test(scope))
    : (scope) => tests.some((test) => test(scope));
}

const sources = ["field", "value", "count"];

function compileLeaf(node: Members, vocabulary: Vocabulary, pointer: string, depth: number): Test {
  const [source, ...others] = sources.flatMap((name) => node.get(name) ?? []);
  const [operator, ...more] = [...node].filter(([name]) => !sources.includes(name)).map(([, found]) => found);
  if (source === undefined || others.length > 0 || operator === undefined || more.length > 0) {
    const found = [...node.values()].map(({ name }) => name).join(", ") || "nothing";
    throw refuse(pointer, found, "one of field, value or count, and one operator");
  }
  const test = operators.get(operator.name.toLowerCase());
  if (test === undefined) {
    throw refuse(`${pointer}/${operator.name}`, operator.name, `an operator (${operatorNames})`);
  }
  const isLiteral = typeof operator.value !== "string" || !isExpression(operator.value);
  const wanted = isLiteral ? expectedOf(operator.name.toLowerCase(), operator.value) : undefined;
  if (vocabulary.policy !== undefined && wanted !== undefined) {
    throw refuse(`${pointer}/${operator.name}`, kindOf(operator.value), wanted);
  }
  const expected = compileValue(operator.value, vocabulary, `${pointer}/${operator.name}`);
  const at = `${pointer}/${source.name}`;
  switch (source.name.toLowerCase()) {
    case "field": {
      const read = compileField(source.value, vocabulary, at);
      return (scope) => {
        const field = read(scope);
        const [values, wanted] = [valuesOf(field, scope), expected(scope)];
        scope.meter?.take(values.length);
        return values.every((value) => {
          takeFor(scope, value, wanted);
          return isLocation(field) ? test(region(value), region(wanted) ?? null) : test(value, wanted);
        });
      };
    }
    case "count": {
      const count = compileCount(source.value, vocabulary, at, depth);
      return (scope) => test(count(scope).length, expected(scope));
    }
    default: {
      const value = compileValue(source.value, vocabulary, at);
      return (scope) => {
        const [found, wanted] = [value(scope), expected(scope)];
        takeFor(scope, found, wanted);
        return test(found, wanted);
      };
    }
  }
}

/** What is compared is gone through. */
function takeFor({ meter }: Scope, value: Json | undefined, wanted: Json): void {
  meter?.take(1);
  meter?.takeFor(value);
  meter?.takeFor(wanted);
}

/** As regions are compared: without blanks. */
function region(value: Json | undefined): Json | undefined {
  if (isList(value)) return value.map((item) => region(item) ?? null);
  return typeof value === "string" ? value.replaceAll(" ", "") : value;
}

function compileField(value: Json, vocabulary: Vocabulary, pointer: string): (scope: Scope) => Field {
  if (typeof value !== "string") throw refuse(pointer, kindOf(value), "the name of a field");
  if (isExpression(value)) {
    const name = compileValue(value, vocabulary, pointer);
    return (scope) => dynamicField(name(scope), vocabulary, pointer);
  }
  const field = parseField(value, vocabulary, pointer);
  return () => field;
}

/** `{field | value, where?, name?}`: the elements of a list of the resource, or of a value, that meet a condition. */
function compileCount(value: Json, vocabulary: Vocabulary, pointer: string, depth: number): Elements {
  const node = members(value, pointer);
  const known = ["field", "value", "where", "name"];
  const stranger = [...node].find(([name]) => !known.includes(name))?.[1].name;
  if (stranger !== undefined) throw refuse(`${pointer}/${stranger}`, stranger, known.join(", "));
  const [field, list, where, name] = known.map((key) => node.get(key));
  if ((field === undefined) === (list === undefined)) throw refuse(pointer, "both or neither", "one of field or value");
  const test = where === undefined ? () => true : compile(where.value, vocabulary, `${pointer}/where`, depth + 1);
  const elements =
    field === undefined
      ? countedValues(list?.value ?? null, name?.value, vocabulary, pointer)
      : countedField(field.value, name?.value, vocabulary, pointer);
  return (scope) => {
    const all = elements(scope);
    scope.meter?.take(all.length);
    return all.filter((counted) => test({ ...scope, counted: [counted, ...scope.counted] }));
  };
}

type Elements = (scope: Scope) => Counted[];

function countedField(value: Json, name: Json | undefined, vocabulary: Vocabulary, pointer: string): Elements {
  if (name !== undefined) throw refuse(`${pointer}/name`, "name", "none beside field");
  if (typeof value !== "string") throw refuse(`${pointer}/field`, kindOf(value), "the name of a field");
  const field = parseField(value, vocabulary, `${pointer}/field`);
  if (!hasEach(field)) throw refuse(`${pointer}/field`, value, "a field with [*]");
  const lower = value.trim().toLowerCase();
  return (scope) => {
    const path = pathIn(field, scope);
    const { isRelated } = field;
    return membersOf(field, scope).map((members) => {
      return { name: lower, path, members, isRelated, element: members.at(-1) ?? null };
    });
  };
}

function countedValues(value: Json, name: Json | undefined, vocabulary: Vocabulary, pointer: string): Elements {
  if (name !== undefined && typeof name !== "string") throw refuse(`${pointer}/name`, kindOf(name), "a text");
  const list = compileValue(value, vocabulary, `${pointer}/value`);
  const lower = name?.toLowerCase() ?? "";
  return (scope) => {
    const values = list(scope);
    if (!isList(values)) throw unusable(`${pointer}/value`, kindOf(values), "a list");
    if (values.length > COUNTED_VALUES_MAX) {
      throw unusable(`${pointer}/value`, `${values.length} values`, `at most ${COUNTED_VALUES_MAX}`);
    }
    return values.map((element) => ({ name: lower, path: undefined, element }));
  };
}

/** By name in lower case, with the name as it was written. */
type Members = ReadonlyMap<string, { readonly name: string; readonly value: Json }>;

function members(rule: Json, pointer: string): Members {
  if (!isObject(rule)) throw refuse(pointer, kindOf(rule), "a condition");
  const found = new Map(Object.entries(rule).map(([name, value]) => [name.toLowerCase(), { name, value }]));
  if (found.size === Object.keys(rule).length) return found;
  throw refuse(pointer, "names that differ in their case only", "each once");
}
