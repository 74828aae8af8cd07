/**
 * A second interpreter of Azure Policy, written from the public pages by other hands than the product's and meant to be
 * read, not to be fast: it walks the rule's JSON for every resource, parses every expression again and copies the
 * resource for every member that it counts. test/oracle/agreement.test.ts holds the product against it.
 */
import type { Provider } from "./aliases.ts";
import { holds } from "./conditions.ts";
import { resolve } from "./expressions.ts";
import { identical } from "./functions/types.ts";
import { Failed, Malformed, alike, fold, get, isAbsent, isObject, type JsonObject, type Maybe } from "./json.ts";
import type { Scene } from "./scene.ts";
import { checkRule } from "./wellFormed.ts";

/** https://learn.microsoft.com/azure/governance/policy/concepts/effect-basics */
const effects = new Set(
  [
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
  ].map(fold),
);

export interface Given {
  /** A policy definition, with or without the envelope of `properties`. */
  readonly definition: JsonObject;
  /** Values by name. */
  readonly parameters: JsonObject;
  readonly resource: JsonObject;
  readonly context: JsonObject;
  /** Of the request; chooses the paths of aliases. */
  readonly apiVersion?: string | undefined;
  /** Answers to look-ups of related resources: null for none found. */
  readonly related: Maybe;
  readonly providers?: readonly Provider[] | undefined;
}

export type Outcome =
  | { readonly kind: "none" }
  | { readonly kind: "effect"; readonly effect: string; readonly details: Maybe }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "malformed"; readonly stage: "parse" | "compile"; readonly reason: string };

export function interpret(given: Given): Outcome {
  try {
    return evaluate(given);
  } catch (error) {
    if (error instanceof Malformed) return { kind: "malformed", stage: error.stage, reason: error.message };
    if (error instanceof Failed) return { kind: "failed", reason: error.message };
    throw error;
  }
}

function evaluate({ definition, parameters, resource, context, apiVersion, related, providers }: Given): Outcome {
  const body = isObject(definition["properties"]) ? definition["properties"] : definition;
  const rule = checkRule(get(body, "policyRule"));
  const scene: Scene = {
    resource,
    evaluated: resource,
    parameters: bind(get(body, "parameters"), parameters),
    context,
    tables: { providers, apiVersion },
    counts: [],
  };
  const then = get(rule, "then");
  const effect = resolve(get(then, "effect"), scene);
  if (typeof effect !== "string") throw new Malformed("parse", "expected the name of an effect");
  if (!effects.has(fold(effect))) throw new Failed(`found ${effect}; expected one of the effects`);
  // "`disabled` is checked first to determine whether the policy rule should be evaluated."
  if (fold(effect) === "DISABLED" || !holds(get(rule, "if"), scene)) return { kind: "none" };
  const details = get(then, "details");
  if (/^(audit|deploy)IfNotExists$/i.test(effect) && exists(details, related, scene)) return { kind: "none" };
  return { kind: "effect", effect, details: detailsOf(effect, details, scene) };
}

/** "If any matching related resource evaluates to true, the effect is satisfied." */
function exists(details: Maybe, related: Maybe, scene: Scene): boolean {
  const condition = get(details, "existenceCondition");
  const found = (Array.isArray(related) ? related : [related]).filter((each) => isObject(each));
  // It was looked up by its type, so that is its type where the answer doesn't repeat it.
  const type = resolve(get(details, "type"), scene) ?? null;
  return found.some((each) => condition === undefined || holds(condition, { ...scene, resource: { type, ...each } }));
}

/** What the effect would do, its expressions evaluated; the template of a deployment is not the policy's. */
function detailsOf(effect: string, details: Maybe, scene: Scene): Maybe {
  if (fold(effect) === "MODIFY" && isObject(details)) {
    const operations = get(details, "operations");
    const list = (Array.isArray(operations) ? operations : []).filter((each) => applies(get(each, "condition"), scene));
    return {
      ...details,
      operations: list.map((each) => resolve({ ...(isObject(each) ? each : {}), condition: null }, scene) ?? null),
    };
  }
  if (fold(effect) === "APPEND") return resolve(details, scene);
  if (!isObject(details)) return details;
  const others = Object.entries(details).filter(([key]) => !["DEPLOYMENT", "EXISTENCECONDITION"].includes(fold(key)));
  return resolve(Object.fromEntries(others), scene);
}

/** "When the condition of an operation is evaluated to false, that particular operation is skipped." */
function applies(condition: Maybe, scene: Scene): boolean {
  if (isAbsent(condition)) return true;
  const asked = resolve(condition, scene);
  if (typeof asked === "boolean") return asked;
  throw new Failed(`condition: found ${JSON.stringify(asked)}; expected true or false`);
}

/** https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-parameters */
function bind(declared: Maybe, given: JsonObject): JsonObject {
  const bound: JsonObject = { ...given };
  if (!isObject(declared)) return bound;
  for (const [name, about] of Object.entries(declared)) {
    const own = get(given, name);
    const value = own ?? get(about, "defaultValue");
    if (value === undefined) continue;
    // "Allowed value comparisons are case-sensitive when assigning a policy." Of a default it isn't said.
    const isSame = own === undefined ? alike : identical;
    const allowed = get(about, "allowedValues");
    const isAllowed = (one: Maybe): boolean => !Array.isArray(allowed) || allowed.some((each) => isSame(each, one));
    // An array holds allowed values only.
    const areAllowed = Array.isArray(value) && value.every(isAllowed);
    if (!areAllowed && !isAllowed(value)) {
      throw new Malformed("compile", `parameter ${name}: ${JSON.stringify(value)} is not allowed`);
    }
    bound[name] = value;
  }
  return bound;
}
