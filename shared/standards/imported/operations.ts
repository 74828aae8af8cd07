/** Operations of `modify` and fields of `append`, as assertions of a remedy. */
import type { Json } from "../../kernel/canonicalJson.ts";
import { compileValue, isExpression, type Evaluate } from "../policy/expression.ts";
import { asFlag } from "../policy/functions.ts";
import type { Parameters, Scope, Vocabulary } from "../policy/scope.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { member } from "../policy/values.ts";
import { textIn } from "./items.ts";
import { CannotRun } from "./rule.ts";

/** One field that a remedy sets. */
export interface Wanted {
  readonly path: string;
  readonly value: Evaluate;
  /** As it is told where it cannot be worked out without a resource. */
  readonly written: Json;
  readonly when: ((scope: Scope) => boolean) | undefined;
  /** Only where nothing is: what is there stays. */
  readonly isAddition: boolean;
}

/** @throws CannotRun where an operation is none that can be made here; SteelyardError `BadInput` */
export function compileOperations(
  operations: readonly Json[],
  type: string,
  vocabulary: Vocabulary,
  parameters: Parameters = {},
): Wanted[] {
  return operations.map((item, at) => {
    const pointer = `/policyRule/then/details/operations/${at}`;
    const operation = textIn(item, "operation").toLowerCase();
    const field = nameOf(member(item, "field"), vocabulary, parameters, pointer);
    if (operation === "remove") throw new CannotRun(`It takes ${field} away, which no remedy here does.`);
    const path = pathOf(field, type);
    if (path === undefined) throw new CannotRun(`It changes ${field}, which no remedy here writes.`);
    const condition = member(item, "condition");
    const value = compileValue(member(item, "value") ?? null, vocabulary, `${pointer}/value`);
    return {
      path,
      value,
      written: shownOf(value, parameters),
      when: condition === undefined ? undefined : holds(compileValue(condition, vocabulary, `${pointer}/condition`)),
      isAddition: operation === "add",
    };
  });
}

/** Parameters may make the name; what a resource has may not. */
function nameOf(field: Json | undefined, vocabulary: Vocabulary, parameters: Parameters, pointer: string): string {
  if (typeof field !== "string") throw new CannotRun("It changes a field without a name.");
  if (!isExpression(field)) return field.trim();
  const name = compileValue(field, vocabulary, `${pointer}/field`)({ resource: {}, parameters, counted: [] });
  if (typeof name !== "string") throw new CannotRun("It changes a field whose name is no text.");
  return name;
}

const rootMembers = ["sku", "identity"];

/** The path of a field in the body of a resource of the type, spelled as the alias spells it. */
function pathOf(field: string, type: string): string | undefined {
  const tag = /^tags(?:\.([^.[\]]+)|\['([^']+)'\]|\[([^\]']+)\])$/i.exec(field);
  if (tag !== null) return `tags.${tag[1] ?? tag[2] ?? tag[3] ?? ""}`;
  if (field.toLowerCase() === "identity.type") return "identity.type";
  if (!field.toLowerCase().startsWith(`${type.toLowerCase()}/`)) return undefined;
  const below = field.slice(type.length + 1);
  if (below.includes("/") || below.includes("[")) return undefined;
  const isRoot = rootMembers.includes(below.split(".")[0]?.toLowerCase() ?? "");
  return isRoot ? below.charAt(0).toLowerCase() + below.slice(1) : `properties.${below}`;
}

/** As it is without a resource; the expression's place holder where it needs one. */
export function shownOf(value: Evaluate, parameters: Scope["parameters"]): Json {
  try {
    return value({ resource: {}, parameters, counted: [] });
  } catch (error) {
    if (error instanceof SteelyardError) return "(by the resource)";
    throw error;
  }
}

function holds(condition: Evaluate): (scope: Scope) => boolean {
  return (scope) => asFlag("condition", condition(scope));
}
