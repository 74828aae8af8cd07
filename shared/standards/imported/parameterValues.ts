/** Parameters that an initiative or an assignment gives the definitions in it. */
import type { Json } from "../../kernel/canonicalJson.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { compileValue } from "../policy/expression.ts";
import { compileParameters } from "../policy/policyParameters.ts";
import { kindOf, refuse } from "../policy/refusal.ts";
import type { Parameters } from "../policy/scope.ts";
import { isObject, member, type JsonObject } from "../policy/values.ts";
import { vocabularyOf } from "./rule.ts";

/** Of what is given, what a definition or an initiative declares: `{name: value}`. */
export function declaredOf(body: JsonObject, given: Parameters): Parameters {
  const declared = member(body, "parameters");
  if (!isObject(declared)) return {};
  const names = new Map(Object.keys(declared).map((name) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      const known = names.get(name.toLowerCase());
      return known === undefined ? [] : [[known, value] as const];
    }),
  );
}

/** `{name: {value}}`, as assignments and files of `az policy assignment create --params` have them, or `{name: value}`. */
export function givenValues(input: Json, where: string): Parameters {
  const inner = member(input, "parameters");
  const list = isObject(inner) && isObject(input) && "$schema" in input ? inner : input;
  if (!isObject(list)) {
    throw new SteelyardError("BadInput", `${where}: found ${kindOf(list)}; expected values by the names of parameters`);
  }
  return Object.fromEntries(
    Object.entries(list).map(([name, value]) => {
      const isWrapped = isObject(value) && Object.keys(value).length === 1 && Object.hasOwn(value, "value");
      return [name, isWrapped ? (value["value"] ?? null) : value];
    }),
  );
}

/** The values of an initiative's own parameters. @throws SteelyardError `BadInput` */
export function bindInitiative(body: JsonObject, given: Parameters): { names: readonly string[]; values: Parameters } {
  const { names, bind } = compileParameters(member(body, "parameters"), vocabularyOf([]), "/parameters");
  return { names, values: bind(given, {}) };
}

/**
 * What the initiative gives one of its definitions; parameters whose own value nobody gave are left to the definition.
 * @throws SteelyardError `BadInput`
 */
export function memberParameters(
  given: Json | undefined,
  { names, values }: ReturnType<typeof bindInitiative>,
  pointer: string,
): Parameters {
  if (given === undefined || given === null) return {};
  if (!isObject(given)) throw refuse(pointer, kindOf(given), "values by the names of parameters");
  const vocabulary = vocabularyOf(names);
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, entry]) => {
      const at = `${pointer}/${name}`;
      const value = member(entry, "value");
      if (value === undefined) throw refuse(at, kindOf(entry), "an object with a value");
      const evaluate = compileValue(value, vocabulary, `${at}/value`);
      if (lacks(value, values)) return [];
      return [[name, evaluate({ resource: {}, parameters: values, counted: [] })] as const];
    }),
  );
}

function lacks(value: Json, values: Parameters): boolean {
  if (typeof value === "string") {
    const names = value.startsWith("[") ? [...value.matchAll(/parameters\(\s*'([^']+)'\s*\)/gi)] : [];
    return names.some(([, name = ""]) => member(values, name) === undefined);
  }
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((one: Json) => lacks(one, values));
}
