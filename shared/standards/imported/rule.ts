/** An imported definition, understood: what it concerns here, what it has to have read, and what it says of a resource. */
import type { Source } from "../../estate/sight.ts";
import type { Json } from "../../kernel/canonicalJson.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import type { AliasTable } from "../policy/aliases.ts";
import { compileTest, type Test } from "../policy/conditions.ts";
import { compileValue, type Evaluate } from "../policy/expression.ts";
import { compileDefinition, type AssignedPolicy } from "../policy/policy.ts";
import { compileParameters } from "../policy/policyParameters.ts";
import type { Parameters, Vocabulary } from "../policy/scope.ts";
import { isObject, member, type JsonObject } from "../policy/values.ts";
import { applicabilityOf, typesNamed, typesOf } from "./applicability.ts";
import { isExistence, refusedEffect } from "./effects.ts";
import type { Item } from "./items.ts";
import { accountType, dataMode, relatedOf, sourcesOfType, typesIn, type Related } from "./types.ts";

export interface ImportedRule {
  readonly item: Item;
  readonly parameters: Parameters;
  /** Of values and names in the definition. */
  readonly vocabulary: Vocabulary;
  readonly condition: Json;
  /** What stands under `then`. */
  readonly action: JsonObject;
  /** As bound; a resource may still choose another one. */
  readonly effect: string;
  readonly effectOf: Evaluate;
  /** Types that it concerns here. */
  readonly types: readonly string[];
  readonly applies: Test;
  readonly evaluate: AssignedPolicy;
  /** What an existence effect looks for, by the type that is judged. */
  readonly related: { readonly type: string; readonly by: ReadonlyMap<string, Related> } | undefined;
  /** What the rule reads by functions on what is around. */
  readonly around: readonly Source[];
  readonly sources: readonly Source[];
  /** What of it concerns nothing here. */
  readonly notes: readonly string[];
}

/** It is understood, and cannot be run here: the message says why. */
export class CannotRun extends SteelyardError {
  constructor(reason: string) {
    super("BadInput", reason);
    this.name = "CannotRun";
  }
}

/** @throws CannotRun; SteelyardError `BadInput` with a JSON pointer to what is not understood */
export function understand(item: Item, given: Parameters): ImportedRule {
  const { body, input } = item;
  const mode = modeOf(body);
  const { names, bind } = compileParameters(member(body, "parameters"), vocabularyOf([]), "/parameters");
  const policy = compileDefinition(input);
  const parameters = bind(given, {});
  const rule = member(body, "policyRule");
  const [condition = null, then = null] = [member(rule, "if"), member(rule, "then")];
  if (!isObject(then)) throw new CannotRun("Its rule has no effect.");
  const vocabulary = vocabularyOf(names);
  const effectOf = compileValue(member(then, "effect") ?? null, vocabulary, "/policyRule/then/effect");
  const reduced = (part: Json): Test => compileTest(part, vocabulary, "/policyRule/if");
  const asked = [condition, withoutDeployment(then)];
  const ofType = reduced(typesOf(condition));
  const isOfType = (type: string): boolean => ofType({ resource: { type }, parameters, counted: [] });
  const lacks = (): void => refuseMissing(body, asked, parameters);
  const found = typesFor(condition, mode, isOfType, lacks);
  lacks();
  const effect = boundEffect(member(then, "effect"), effectOf, parameters);
  const refused = refusedEffect(effect);
  if (refused !== undefined) throw new CannotRun(refused);
  const related = isExistence(effect) ? relatedFor(then, found.types, vocabulary, parameters) : undefined;
  const types = related === undefined ? found.types : found.types.filter((type) => related.by.has(type));
  const around = sourcesAround(asked);
  const existence = [...(related?.by.values() ?? [])].flatMap(({ source }) => source ?? []);
  return {
    item,
    parameters,
    vocabulary,
    condition,
    action: then,
    effect,
    effectOf,
    types,
    applies: reduced(applicabilityOf(condition, mode === dataMode)),
    evaluate: policy.assign(given),
    related,
    around,
    sources: [...new Set([...types.flatMap((type) => sourcesOfType(type, condition)), ...existence, ...around])],
    notes: [
      ...found.notes,
      ...found.types.filter((type) => !types.includes(type)).map((type) => unrelated(type, related)),
    ],
  };
}

/** Where a resource's own fields choose among effects, all of them look at the resource alone. */
function boundEffect(written: Json | undefined, effectOf: Evaluate, parameters: Parameters): string {
  if (typeof written === "string" && /\bfield\(/i.test(written)) return "Audit";
  const effect = effectOf({ resource: {}, parameters, counted: [] });
  return typeof effect === "string" ? effect : JSON.stringify(effect);
}

export function vocabularyOf(parameters: readonly string[], aliases?: AliasTable): Vocabulary {
  return { parameters, members: [], policy: { aliases, isExistence: false, isBare: false } };
}

/** Modes of which each resource, or each with tags and a location, is evaluated; a null mode is Indexed. */
export const resourceModes: readonly string[] = ["all", "indexed", "notspecified"];

function modeOf(body: JsonObject): string {
  const mode = member(body, "mode") ?? "Indexed";
  const text = typeof mode === "string" ? mode : "";
  if (resourceModes.includes(text.toLowerCase())) return text;
  if (text.toLowerCase() === dataMode.toLowerCase()) return dataMode;
  throw new CannotRun(
    `Its mode is ${text}: that is evaluated within the service itself. Here run All, Indexed and ${dataMode}.`,
  );
}

/** What stands in a template is for a deployment: nothing of it is evaluated. */
function withoutDeployment(then: JsonObject): Json {
  const details = member(then, "details");
  if (!isObject(details)) return then;
  const kept = Object.entries(details).filter(([name]) => name.toLowerCase() !== "deployment");
  return { ...then, details: Object.fromEntries(kept) };
}

/** Azure asks for them when a policy is assigned. Those that only a template needs are missed by what replaces it. */
function refuseMissing(body: JsonObject, asked: Json, parameters: Parameters): void {
  const declared = member(body, "parameters");
  const names = calls(asked, parameterCalls).filter((name) => member(parameters, name) === undefined);
  const missing = [...new Set(names)].map((name) => {
    const parameter = member(declared, name);
    const about = member(member(parameter, "metadata"), "displayName");
    const type = member(parameter, "type");
    return `${name} (${[type, about].filter((text) => typeof text === "string").join(", ")})`;
  });
  if (missing.length === 0) return;
  throw new CannotRun(`It needs parameters without a default: found no ${missing.join("; no ")}; expected a value.`);
}

const parameterCalls = /parameters\(\s*'([^']+)'\s*\)/gi;

function calls(value: Json, pattern: RegExp): string[] {
  if (typeof value === "string") {
    return value.startsWith("[") ? [...value.matchAll(pattern)].map(([, name = ""]) => name) : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap((one: Json) => calls(one, pattern));
}

interface Found {
  readonly types: readonly string[];
  readonly notes: readonly string[];
}

/** `lacks` throws where parameters have no value: the types may be among them. */
function typesFor(condition: Json, mode: string, isOfType: (type: string) => boolean, lacks: () => void): Found {
  const named = typesNamed(condition);
  if (calls(typesOf(condition), parameterCalls).length > 0) lacks();
  // What it says of no type at all, it says of any.
  const isOpen = isOfType("None.None/none");
  const known = typesIn(mode, isOpen);
  const candidates = known.filter(isOfType);
  // Indexed asks for tags and a location, which of these only accounts have.
  const isIndexed = isOpen && named.length === 0 && mode.toLowerCase() !== "all" && mode !== dataMode;
  const types = isIndexed ? [accountType] : candidates;
  if (types.length === 0) {
    const what = named.length === 0 ? "types that its parameters name" : told(named);
    throw new CannotRun(`It concerns ${what}, which are not judged here.`);
  }
  const others = named.filter((type) => !known.some((one) => one.toLowerCase() === type.toLowerCase()));
  const reached = isOpen ? [] : others.filter(isOfType);
  const notes = reached.length === 0 ? [] : [`What it says of ${told(reached)} concerns nothing that is read here.`];
  return { types, notes };
}

const NAMES_TOLD_MAX = 6;

function told(names: readonly string[]): string {
  const more = names.length - NAMES_TOLD_MAX;
  return `${names.slice(0, NAMES_TOLD_MAX).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function relatedFor(
  then: JsonObject,
  types: readonly string[],
  vocabulary: Vocabulary,
  parameters: Parameters,
): NonNullable<ImportedRule["related"]> {
  const details = member(then, "details");
  const pointer = "/policyRule/then/details/type";
  const written = member(details, "type");
  if (written === undefined) throw new CannotRun("It names no type of related resources to look for.");
  const type = compileValue(written, vocabulary, pointer)({ resource: {}, parameters, counted: [] });
  if (typeof type !== "string") throw new CannotRun("The type of related resources that it looks for is no text.");
  const by = new Map<string, Related>();
  for (const one of types) {
    const related = relatedOf(type, one);
    if (related === undefined) continue;
    if (one.toLowerCase() === type.toLowerCase() && member(details, "name") === undefined) {
      throw new CannotRun(
        `It looks for resources of the type that it judges, and not for itself: details.name is absent.`,
      );
    }
    by.set(one, related);
  }
  if (by.size > 0) return { type, by };
  throw new CannotRun(`It looks for related ${type}, which are not read for ${told(types)}.`);
}

function unrelated(type: string, related: ImportedRule["related"]): string {
  return `Of ${type} it says nothing here: related ${related?.type ?? "resources"} are not read for them.`;
}

/** Members of subscription() and policy() that are known here. */
const toldAround: Readonly<Record<string, readonly string[]>> = {
  subscription: ["id", "subscriptionid"],
  policy: ["definitionid"],
};

function sourcesAround(asked: Json): Source[] {
  for (const [name, known] of Object.entries(toldAround)) {
    const members = calls(asked, new RegExp(`\\b${name}\\(\\s*\\)(?:\\.(\\w+))?`, "gi"));
    const stranger = members.find((one) => !known.includes(one.toLowerCase()));
    if (stranger === undefined) continue;
    const what = stranger === "" ? `${name}() as a whole` : `${name}().${stranger}`;
    throw new CannotRun(`It asks for ${what}, which is not read here; known are ${known.join(", ")}.`);
  }
  return calls(asked, /\b(resourceGroup)\(\s*\)/gi).length > 0 ? ["resourceGroup"] : [];
}
