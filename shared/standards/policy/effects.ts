/**
 * What a policy does where its rule matches: the effect, and what goes with it. Existence effects ask for related
 * resources and hold when none of them meets the existence condition; nothing is deployed or changed here.
 */
import type { Json } from "../../kernel/canonicalJson.ts";
import { compileTest, type Test } from "./conditions.ts";
import { compileValue, isExpression, type Evaluate } from "./expression.ts";
import { asFlag } from "./functions.ts";
import { parseField } from "./fields.ts";
import { kindOf, refuse, unusable } from "./refusal.ts";
import type { Scope, Vocabulary } from "./scope.ts";
import { isList, isObject, member, type JsonObject } from "./values.ts";

/** What `modify` and `append` would do: names of fields worked out, operations whose condition does not hold left out. */
export interface Change {
  readonly operation: "add" | "addOrReplace" | "remove" | "append";
  readonly field: string;
  readonly value?: Json;
}

export interface Outcome {
  /** As the definition spells it; null when nothing is done: the rule does not match, all is there, or it is disabled. */
  readonly effect: string | null;
  /**
   * For `modify` the operations and for `append` the fields, with their values worked out, names and conditions as they
   * are written; for existence effects what was looked for.
   */
  readonly details?: Json;
  /** Of `modify` and `append`. @throws SteelyardError `BadInput` when a condition gives no verdict */
  readonly changes?: () => readonly Change[];
}

/** Finds the resources that an existence effect asks for: `type`, and `name`, `resourceGroupName`, ... where given. */
export type FindRelated = (wanted: JsonObject) => readonly JsonObject[];

export interface Effect {
  /**
   * Worked out before the rule is: a policy that is disabled asks nothing of the resource.
   * @throws SteelyardError `BadInput` when there is no such effect
   */
  readonly isDisabled: (scope: Scope) => boolean;
  readonly apply: (scope: Scope, findRelated: FindRelated) => Outcome;
}

/** By name in lower case. */
const effectNames = [
  "addToNetworkGroup",
  "append",
  "audit",
  "auditIfNotExists",
  "deny",
  "denyAction",
  "deployIfNotExists",
  "disabled",
  "manual",
  "modify",
  "mutate",
];
const effects = new Set(effectNames.map((name) => name.toLowerCase()));
const changeEffects = ["modify", "append"];
const existenceEffects = ["auditifnotexists", "deployifnotexists"];

type Details = (scope: Scope) => Json | undefined;

interface Compiled {
  readonly details: Details;
  readonly changes?: (scope: Scope) => readonly Change[];
  /** Only of details that name a type to look for. */
  readonly existence: Test | undefined;
}

/** @throws SteelyardError `BadInput` with a JSON pointer to what is not understood. */
export function compileEffect(then: Json | undefined, vocabulary: Vocabulary, pointer: string): Effect {
  if (!isObject(then)) throw refuse(pointer, kindOf(then), "an effect");
  const stranger = Object.keys(then).find((name) => !["effect", "details"].includes(name.toLowerCase()));
  if (stranger !== undefined) throw refuse(`${pointer}/${stranger}`, stranger, "effect, details");
  const written = member(then, "effect");
  if (typeof written !== "string") throw refuse(`${pointer}/effect`, kindOf(written), "the name of an effect");
  const at = `${pointer}/details`;
  const own = isExpression(written) ? undefined : known(written, `${pointer}/effect`);
  const { details, existence, changes } = compileDetails(member(then, "details"), vocabulary, at, own);
  const effect = compileValue(written, vocabulary, `${pointer}/effect`);
  const isDisabled = (scope: Scope): boolean => nameOf(effect(scope)).toLowerCase() === "disabled";
  const apply = (scope: Scope, findRelated: FindRelated): Outcome => {
    const name = nameOf(effect(scope));
    const lower = name.toLowerCase();
    const found = details(scope);
    if (existenceEffects.includes(lower)) {
      if (existence === undefined || !isObject(found)) throw unusable(at, "no type", "the type of a related resource");
      if (isThere(existence, found, scope, findRelated)) return { effect: null };
    }
    if (found === undefined) return { effect: name };
    const isChange = changes !== undefined && changeEffects.includes(lower);
    return { effect: name, details: found, ...(isChange ? { changes: () => changes(scope) } : {}) };
  };
  return { isDisabled, apply };
}

function known(effect: string, pointer: string): string {
  const lower = effect.toLowerCase();
  if (!effects.has(lower)) throw refuse(pointer, effect.slice(0, 50), `one of ${effectNames.join(", ")}`);
  return lower;
}

function nameOf(effect: Json): string {
  if (typeof effect === "string" && effects.has(effect.toLowerCase())) return effect;
  const found = typeof effect === "string" ? effect.slice(0, 50) : kindOf(effect);
  throw unusable("/then/effect", found, `one of ${effectNames.join(", ")}`);
}

function isThere(existence: Test, details: JsonObject, scope: Scope, findRelated: FindRelated): boolean {
  const type = member(details, "type") ?? null;
  return findRelated(details).some((resource) => {
    // What is found is of the type that was asked for, told or not.
    const related = member(resource, "type") === undefined ? { ...resource, type } : resource;
    return existence({ ...scope, related });
  });
}

/** By their shape: a parameter may choose the effect. */
function compileDetails(
  input: Json | undefined,
  vocabulary: Vocabulary,
  pointer: string,
  effect: string | undefined,
): Compiled {
  const needsType = effect !== undefined && existenceEffects.includes(effect);
  if (input === undefined || input === null) {
    if (needsType) throw refuse(pointer, "nothing", "the type of a related resource");
    return { details: () => undefined, existence: undefined };
  }
  if (isList(input)) return compileAppend(input, vocabulary, pointer);
  if (!isObject(input)) throw refuse(pointer, kindOf(input), "an object, or a list of fields to append");
  if (needsType && member(input, "type") === undefined) throw refuse(`${pointer}/type`, "nothing", "a resource type");
  if (effect === "modify" && member(input, "operations") === undefined) {
    throw refuse(`${pointer}/operations`, "nothing", "a list of operations");
  }
  if (member(input, "operations") !== undefined) {
    return compileModify(input, vocabulary, pointer);
  }
  return compileExistence(input, vocabulary, pointer);
}

/** A template is for a deployment, in a language of its own. */
const notEvaluated = ["deployment", "existencecondition"];

function compileExistence(input: JsonObject, vocabulary: Vocabulary, pointer: string): Compiled {
  const parts = Object.entries(input).filter(([name]) => !notEvaluated.includes(name.toLowerCase()));
  const details = compileValue(Object.fromEntries(parts), vocabulary, pointer);
  const condition = member(input, "existenceCondition");
  if (member(input, "type") === undefined) return { details, existence: undefined };
  const policy = vocabulary.policy && { ...vocabulary.policy, isExistence: true };
  const within = policy === undefined ? vocabulary : { ...vocabulary, policy };
  const at = `${pointer}/existenceCondition`;
  return { details, existence: condition === undefined ? () => true : compileTest(condition, within, at) };
}

function compileAppend(input: readonly Json[], vocabulary: Vocabulary, pointer: string): Compiled {
  const fields = input.map((item, at) => {
    const own = `${pointer}/${at}`;
    if (!isObject(item)) throw refuse(own, kindOf(item), "a field and a value");
    const [target, value] = [member(item, "field"), member(item, "value")];
    if (value === undefined) throw refuse(own, "no value", "a field and a value");
    const field = compileName(target, vocabulary, `${own}/field`);
    return { written: target ?? null, field, value: compileValue(value, vocabulary, `${own}/value`) };
  });
  return {
    details: (scope) => fields.map(({ written, value }) => ({ field: written, value: value(scope) })),
    existence: undefined,
    changes: (scope) =>
      fields.map(({ field, value }) => ({ operation: "append", field: textOf(field(scope)), value: value(scope) })),
  };
}

function compileName(name: Json | undefined, vocabulary: Vocabulary, pointer: string): Evaluate {
  if (typeof name !== "string") throw refuse(pointer, kindOf(name), "the name of a field");
  if (!isExpression(name)) parseField(name, vocabulary, pointer);
  return compileValue(name, vocabulary, pointer);
}

function textOf(name: Json): string {
  if (typeof name === "string") return name;
  throw unusable("field", kindOf(name), "the name of a field");
}

const operations = ["add", "addOrReplace", "remove"] as const;

function compileModify(input: JsonObject, vocabulary: Vocabulary, pointer: string): Compiled {
  const list = member(input, "operations");
  if (!isList(list)) throw refuse(`${pointer}/operations`, kindOf(list), "a list of operations");
  const compiled = list.map((item, at) => compileOperation(item, vocabulary, `${pointer}/operations/${at}`));
  const roles = member(input, "roleDefinitionIds");
  const roleIds = roles === undefined ? undefined : compileValue(roles, vocabulary, `${pointer}/roleDefinitionIds`);
  return {
    details: (scope) => ({
      operations: compiled.map(({ details }) => details(scope)),
      ...(roleIds === undefined ? {} : { roleDefinitionIds: roleIds(scope) }),
    }),
    existence: undefined,
    changes: (scope) => compiled.flatMap(({ change }) => change(scope) ?? []),
  };
}

interface Operation {
  readonly details: Evaluate;
  /** Undefined when its condition does not hold. */
  readonly change: (scope: Scope) => Change | undefined;
}

function compileOperation(item: Json, vocabulary: Vocabulary, pointer: string): Operation {
  if (!isObject(item)) throw refuse(pointer, kindOf(item), "an operation");
  const { operation = null, field = null, condition, value } = membersOf(item);
  const name = operations.find((one) => typeof operation === "string" && one.toLowerCase() === operation.toLowerCase());
  if (name === undefined) {
    const found = typeof operation === "string" ? operation.slice(0, 50) : kindOf(operation);
    throw refuse(`${pointer}/operation`, found, `one of ${operations.join(", ")}`);
  }
  if (value === undefined && name !== "remove") throw refuse(`${pointer}/value`, "nothing", "a value");
  const target = compileName(field, vocabulary, `${pointer}/field`);
  refuseFixed(field, vocabulary, `${pointer}/field`);
  if (condition !== undefined && typeof condition !== "string") {
    throw refuse(`${pointer}/condition`, kindOf(condition), "a template expression");
  }
  const holds = condition === undefined ? undefined : compileValue(condition, vocabulary, `${pointer}/condition`);
  const made = value === undefined ? undefined : compileValue(value, vocabulary, `${pointer}/value`);
  const written = { ...(condition === undefined ? {} : { condition }), operation, field };
  const isSkipped = (scope: Scope): boolean => holds !== undefined && !asFlag("condition", holds(scope));
  return {
    details: (scope) => ({ ...written, ...valueOf(made, scope, isSkipped) }),
    change: (scope) => {
      if (isSkipped(scope)) return undefined;
      const worth = made === undefined ? {} : { value: made(scope) };
      return { operation: name, field: textOf(target(scope)), ...worth };
    },
  };
}

/** Of an operation that is skipped, a value that cannot be worked out is none: nothing asks for it. */
function valueOf(made: Evaluate | undefined, scope: Scope, isSkipped: (scope: Scope) => boolean): { value?: Json } {
  try {
    return made === undefined ? {} : { value: made(scope) };
  } catch (error) {
    if (isSkipped(scope)) return {};
    throw error;
  }
}

function membersOf(item: JsonObject): { readonly [name: string]: Json } {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Azure takes `modify` only for aliases that are marked as modifiable, and for tags. */
function refuseFixed(field: Json | undefined, { policy }: Vocabulary, pointer: string): void {
  if (typeof field !== "string") return;
  const listed = policy?.aliases?.find(field.trim());
  const isFixed = listed !== undefined && ![...listed.values()].some(({ isModifiable }) => isModifiable === true);
  if (isFixed) throw refuse(pointer, field.slice(0, 200), "an alias that can be modified");
}
