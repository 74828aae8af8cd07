/**
 * A whole policy: a rule, or a definition with its parameters, compiled once. It is evaluated on a resource as Azure
 * Resource Manager answers it, with what is around it, and says what its effect would be.
 */
import type { Json } from "../../kernel/canonicalJson.ts";
import type { AliasTable } from "./aliases.ts";
import { compileTest } from "./conditions.ts";
import { compileEffect, type FindRelated, type Outcome } from "./effects.ts";
import { compileParameters, undeclared, type DeclaredParameters } from "./policyParameters.ts";
import { kindOf, refuse } from "./refusal.ts";
import type { Parameters, Surroundings, Vocabulary } from "./scope.ts";
import { isObject, member, type JsonObject } from "./values.ts";

/** Evaluates an assigned policy. @throws SteelyardError `BadInput` when a function in it cannot work on what it finds. */
export type AssignedPolicy = (resource: JsonObject, surroundings?: Surroundings, findRelated?: FindRelated) => Outcome;

export interface Policy {
  /**
   * Gives it the parameters of an assignment.
   * @throws SteelyardError `BadInput` when one is missing, not allowed, of another type or not declared
   */
  assign(parameters?: Parameters, surroundings?: Surroundings): AssignedPolicy;
}

const openVocabulary = (
  aliases: AliasTable | undefined,
  parameters: readonly string[],
  isBare: boolean,
): Vocabulary => ({
  parameters,
  members: [],
  policy: { aliases, isExistence: false, isBare },
});

/**
 * A definition: `{policyRule, parameters, ...}`, or a resource that has it as its `properties`.
 * @throws SteelyardError `BadInput` with a JSON pointer to what is not understood
 */
export function compileDefinition(input: Json, aliases?: AliasTable): Policy {
  if (!isObject(input)) throw refuse("/", kindOf(input), "a policy definition");
  const wrapped = member(input, "properties");
  const [body, at] = isObject(wrapped) ? [wrapped, "/properties"] : [input, ""];
  const rule = member(body, "policyRule");
  if (rule === undefined) throw refuse(`${at}/policyRule`, "nothing", "a rule with if and then");
  const declared = compileParameters(
    member(body, "parameters"),
    openVocabulary(aliases, [], false),
    `${at}/parameters`,
  );
  return compile(rule, openVocabulary(aliases, declared.names, false), `${at}/policyRule`, declared);
}

/** A rule alone, `{if, then}`: any parameter may be given. @throws SteelyardError `BadInput` */
export function compileRule(rule: Json, aliases?: AliasTable): Policy {
  return compile(rule, openVocabulary(aliases, [], true), "", undeclared);
}

function compile(rule: Json, vocabulary: Vocabulary, pointer: string, { bind }: DeclaredParameters): Policy {
  if (!isObject(rule)) throw refuse(pointer === "" ? "/" : pointer, kindOf(rule), "a rule with if and then");
  const stranger = Object.keys(rule).find((name) => !["if", "then"].includes(name.toLowerCase()));
  if (stranger !== undefined) throw refuse(`${pointer}/${stranger}`, stranger, "if, then");
  const condition = member(rule, "if");
  if (condition === undefined) throw refuse(`${pointer}/if`, "nothing", "a condition");
  const matches = compileTest(condition, vocabulary, `${pointer}/if`);
  const effect = compileEffect(member(rule, "then"), vocabulary, `${pointer}/then`);
  return {
    assign(given = {}, around = {}) {
      const parameters = bind(given, around);
      return (resource, surroundings = around, findRelated = () => []) => {
        const scope = { resource, parameters, counted: [], surroundings };
        // "`disabled` is checked first to determine whether the policy rule should be evaluated."
        return !effect.isDisabled(scope) && matches(scope) ? effect.apply(scope, findRelated) : { effect: null };
      };
    },
  };
}
