/**
 * What a deployIfNotExists policy would deploy, as far as the product's own remedies need to know it: the properties of one
 * resource of its template, with their values worked out. The template itself is never deployed.
 */
import type { Json } from "../../kernel/canonicalJson.ts";
import { compileValue, type Evaluate } from "../policy/expression.ts";
import { refuse } from "../policy/refusal.ts";
import type { Scope, Vocabulary } from "../policy/scope.ts";
import { isList, isObject, member, type JsonObject } from "../policy/values.ts";
import { textIn } from "./items.ts";
import { vocabularyOf } from "./rule.ts";

const at = "/policyRule/then/details/deployment/properties";

export type Deployed = Readonly<Record<string, Evaluate>>;

/**
 * Members of `properties` of the first resource of a type, by name.
 * @throws SteelyardError `BadInput` where they are made in a way that only a deployment knows (variables, reference, ...)
 */
export function deployedProperties(
  then: JsonObject,
  isOfType: (type: string) => boolean,
  names: readonly string[],
  outer: Vocabulary,
): Deployed {
  const properties = member(member(member(then, "details"), "deployment"), "properties");
  const template = member(properties, "template");
  const resources = member(template, "resources");
  const resource = (isList(resources) ? resources : []).find((one) => isOfType(textIn(one, "type")));
  const own = member(resource, "properties");
  if (!isObject(own)) throw refuse(`${at}/template/resources`, "no such resource", "the resource that is looked for");
  const declared = member(template, "parameters");
  const inner = parametersOf(isObject(declared) ? declared : {}, member(properties, "parameters"), outer);
  const vocabulary = vocabularyOf(Object.keys(inner));
  const found = names.flatMap((name) => {
    const value = member(own, name);
    if (value === undefined || value === null) return [];
    const made = compileValue(value, vocabulary, `${at}/template/resources/properties/${name}`);
    return [[name, (scope: Scope) => made({ ...scope, parameters: lazily(inner, scope) })] as const];
  });
  return Object.fromEntries(found);
}

/** The template's own parameters: what the policy gives each, else its default. */
function parametersOf(
  declared: JsonObject,
  given: Json | undefined,
  outer: Vocabulary,
): Readonly<Record<string, Evaluate>> {
  return Object.fromEntries(
    Object.entries(declared).flatMap(([name, parameter]) => {
      const value = member(member(given, name), "value") ?? member(parameter, "defaultValue");
      return value === undefined ? [] : [[name, compileValue(value, outer, `${at}/parameters/${name}`)] as const];
    }),
  );
}

/** Only what is asked for is worked out: others may need what is not known here. */
function lazily(inner: Readonly<Record<string, Evaluate>>, scope: Scope): Scope["parameters"] {
  const values = {};
  for (const [name, value] of Object.entries(inner)) {
    Object.defineProperty(values, name, { get: () => value(scope), enumerable: true });
  }
  return values;
}
