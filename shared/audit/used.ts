/** The standards that are judged with, and what of a resource and its place each of them rests on. */
import { archetypes, modeOf, type Mode, type PolicySetting } from "../config/schema.ts";
import type { MemberKind } from "../estate/sight.ts";
import { compileStandard, type Standard } from "../standards/definition.ts";
import { placeMembers, rootMembers } from "../standards/document.ts";
import { compilePolicy } from "../standards/imported/policy.ts";
import { faultsOfParameters } from "../standards/parameters.ts";
import type { Parameters, Vocabulary } from "../standards/policy/scope.ts";
import { isObject } from "../standards/policy/values.ts";
import { judged } from "../standards/subjects.ts";
import type { StandardDefinition } from "../standards/schema.ts";
import { fieldsOf, type ReadField } from "./reads.ts";

/** Parameters without a value. */
export interface Lack {
  readonly names: readonly string[];
  /** Which they are, and how to give one. */
  readonly reason: string;
}

export interface UsedStandard {
  readonly definition: StandardDefinition;
  /** Undefined when a parameter has no value. */
  readonly standard: Standard | undefined;
  /** Undefined when all of its parameters have a value. */
  readonly lacks: Lack | undefined;
  /** The list whose resources it judges; undefined when it judges the account. */
  readonly subjects: MemberKind | undefined;
  /** What its rule reads, and what tells whether it applies. */
  readonly fields: readonly ReadField[];
  readonly whenFields: readonly ReadField[];
  readonly needsArchetype: boolean;
  readonly needsEnvironment: boolean;
  /** Mode that a configuration gives it in an environment; undefined without one. */
  readonly modeIn: ((environment: string) => Mode) | undefined;
  /** Of a policy that became a standard; `audit` without. */
  readonly effect?: string;
}

const policyVocabulary: Vocabulary = {
  parameters: [],
  members: [],
  policy: { aliases: undefined, isExistence: false, isBare: true },
};

/** A policy that a configuration took over. @throws SteelyardError `BadInput` */
export function useTakenOver(policy: PolicySetting): UsedStandard {
  const { standard, effect } = compilePolicy(policy);
  const { definition } = standard;
  return {
    definition,
    standard,
    lacks: undefined,
    subjects: judged[definition.resourceType].kind,
    fields: fieldsOf(definition.rule.if, policyVocabulary).filter(({ steps: [root] }) => root !== "type"),
    whenFields: [],
    needsArchetype: false,
    needsEnvironment: false,
    modeIn: (environment) => modeOf(policy, environment),
    effect,
  };
}

/** @throws SteelyardError `BadInput` for a value that a parameter cannot have */
export function useStandard(
  definition: StandardDefinition,
  given: Parameters,
  modeIn?: (environment: string) => Mode,
): UsedStandard {
  const missing = faultsOfParameters(definition.parameters, given)
    .map(({ path }) => String(path[0]))
    .filter((name) => definition.parameters[name]?.default === undefined && !Object.hasOwn(given, name));
  const vocabulary: Vocabulary = {
    parameters: Object.keys(definition.parameters),
    members: rootMembers(definition.reads),
  };
  const fields = fieldsOf(definition.rule.if, vocabulary);
  const whenFields = fieldsOf(definition.when?.if, vocabulary);
  const roots = new Set([...fields, ...whenFields].map(({ steps: [root] }) => root));
  return {
    definition,
    standard: missing.length === 0 ? compileStandard(definition, given) : undefined,
    lacks: missing.length === 0 ? undefined : lackOf(definition.id, missing),
    subjects: judged[definition.resourceType].kind,
    fields: fields.filter(({ steps: [root] }) => !isOfPlace(root)),
    whenFields: whenFields.filter(({ steps: [root] }) => !isOfPlace(root)),
    needsArchetype: definition.archetypes.length < archetypes.length || roots.has("archetype"),
    needsEnvironment: roots.has("environment") || isByEnvironment(definition, given),
    modeIn,
  };
}

/** What lacks values, by ID. */
export function lacksOf(all: readonly UsedStandard[]): ReadonlyMap<string, Lack> {
  return new Map(all.flatMap(({ definition: { id }, lacks }) => (lacks === undefined ? [] : [[id, lacks] as const])));
}

function lackOf(id: string, names: readonly string[]): Lack {
  const [is, it] =
    names.length === 1 ? ["Its parameter", "has no value: give one"] : ["Its parameters", "have no value: give them"];
  const reason = `${is} ${names.join(" and ")} ${it} with --config (standards, ${id}, parameters) or --parameters.`;
  return { names, reason };
}

function isOfPlace(root: string | undefined): boolean {
  return placeMembers.some((name) => name.toLowerCase() === root);
}

/** One of its parameters has another value in another environment. */
function isByEnvironment({ parameters }: StandardDefinition, given: Parameters): boolean {
  return Object.entries(given).some(([name, value]) => parameters[name]?.type !== "object" && isObject(value));
}
