/** Azure Policy definitions that files of resources are judged by, whatever the types that they are about. */
import type { Json } from "../kernel/canonicalJson.ts";
import { archetypes } from "../config/schema.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { parse } from "../kernel/parse.ts";
import { standardSchema, type Standard, type StandardDefinition } from "../standards/definition.ts";
import { applicabilityOf } from "../standards/imported/applicability.ts";
import { itemsIn, type Item, type Left } from "../standards/imported/items.ts";
import { compileItem } from "../standards/imported/policy.ts";
import { CannotRun, resourceModes, vocabularyOf } from "../standards/imported/rule.ts";
import { dataMode } from "../standards/imported/types.ts";
import { usesOf, type Use } from "../standards/imported/uses.ts";
import type { AliasTable } from "../standards/policy/aliases.ts";
import { compileValue } from "../standards/policy/expression.ts";
import { compileDefinition, type AssignedPolicy } from "../standards/policy/policy.ts";
import { compileParameters } from "../standards/policy/policyParameters.ts";
import type { Parameters, Vocabulary } from "../standards/policy/scope.ts";
import { isObject, member, type JsonObject } from "../standards/policy/values.ts";
import { fieldsOf, type ReadField } from "./reads.ts";
import type { UsedStandard } from "./used.ts";

export interface UsedPolicy {
  /** Of its definition; of one that an initiative uses more than once, what the initiative calls it. */
  readonly name: string;
  readonly title: string;
  readonly condition: Json;
  readonly vocabulary: Vocabulary;
  readonly parameters: Parameters;
  /** As bound; undefined when the resource chooses it, or a parameter has no value. */
  readonly effect: string | undefined;
  readonly fields: readonly ReadField[];
  /** Holds, with effect audit, where the policy concerns a resource. */
  readonly applies: AssignedPolicy;
  readonly evaluate: AssignedPolicy;
  /** It asks for what its group or its subscription is like. */
  readonly asksGroup: boolean;
  readonly asksSubscription: boolean;
  /** Its mode is Indexed and it names no type: it concerns what has a location and tags. */
  readonly isIndexed: boolean;
}

/** A policy on deployments as their provider shows them, which is a view of what the files hold of an account. */
export interface UsedView {
  readonly name: string;
  readonly title: string;
  readonly effect: string;
  readonly used: UsedStandard;
}

export interface UsedPolicies {
  readonly policies: readonly UsedPolicy[];
  readonly views: readonly UsedView[];
  /** What is not judged, and why. */
  readonly left: readonly string[];
}

export interface PolicyText {
  readonly where: string;
  readonly json: Json;
}

/**
 * Definitions, initiatives and assignments of files together.
 * @throws SteelyardError `BadInput`: a line for each definition that is not understood, with its JSON pointer
 */
export function usePolicies(texts: readonly PolicyText[], given: Parameters, aliases?: AliasTable): UsedPolicies {
  const items: Item[] = [];
  const left: Left[] = [];
  const faults: string[] = [];
  for (const { where, json } of texts) {
    const found = attempt(() => itemsIn(wrapped(json), where));
    if (typeof found === "string") faults.push(found);
    else {
      items.push(...found.items);
      faults.push(...found.left.map(({ reason }) => reason));
    }
  }
  const uses = usesOf(items, given, left);
  const policies: UsedPolicy[] = [];
  const views: UsedView[] = [];
  for (const use of uses) {
    const { item, reference } = use;
    const name = use.isRepeated && reference !== undefined ? `${item.name} (${reference})` : item.name;
    const mode = modeOf(item);
    if (mode !== "resources" && mode !== "deployments") {
      left.push({ ...item, reason: `Its mode is ${mode}: that is evaluated within the service itself.` });
      continue;
    }
    const used = attempt(() => (mode === "resources" ? compiled(use, name, aliases) : viewOf(use, name)));
    if (typeof used === "string") faults.push(`${item.where}: ${used}`);
    else if ("used" in used) views.push(used);
    else policies.push(used);
  }
  if (faults.length > 0) throw new SteelyardError("BadInput", faults.join("\n"));
  return { policies, views, left: leftText(left) };
}

/** What is left for the same reason is one line. */
function leftText(left: readonly Left[]): string[] {
  return [...Map.groupBy(left, ({ reason }) => reason)].map(([reason, some]) => {
    const [first] = some;
    return some.length === 1 && first !== undefined
      ? `${first.where}: ${first.name}: left out: ${reason}`
      : `${some.length} policies left out: ${reason} (${some.map(({ name }) => name).join(", ")})`;
  });
}

/** A rule alone is a definition with nothing else. */
function wrapped(json: Json): Json {
  const isRule = isObject(json) && member(json, "if") !== undefined && member(json, "then") !== undefined;
  return isRule ? { name: "rule", properties: { mode: "All", policyRule: json } } : json;
}

function attempt<T extends object>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof SteelyardError) return error.message;
    throw error;
  }
}

/** Modes of other resource providers look at what no file of resources holds. */
function modeOf({ body }: Item): string {
  const mode = member(body, "mode") ?? "Indexed";
  const lower = typeof mode === "string" ? mode.toLowerCase() : "";
  if (resourceModes.includes(lower)) return "resources";
  return lower === dataMode.toLowerCase() ? "deployments" : JSON.stringify(mode);
}

function viewOf({ item, given }: Use, name: string): UsedView {
  const { title } = item;
  try {
    const { standard, effect } = compileItem(item, VIEW, given);
    return { name, title, effect, used: usedView(standard.definition, standard) };
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    // It is understood, and a parameter has no value: there is no verdict until it has one.
    const stub = { field: "type", exists: true };
    const definition = parse(standardSchema, { ...viewDefinition, title, rule: { if: stub } }, item.where);
    return { name, title, effect: "Audit", used: usedView(definition, undefined, `${error.message} ${HINT}`) };
  }
}

const HINT = "Give it with --parameters.";
const VIEW = "AZP-view";
const viewDefinition = {
  id: VIEW,
  version: 1,
  severity: "low",
  resourceType: "Microsoft.CognitiveServices/accounts/deployments",
  archetypes: [...archetypes],
  cases: [],
  sources: [],
};

/** What the view of a deployment is made of: nothing in it may be open where a template declares it. */
const ofViews: readonly ReadField[] = [
  { steps: ["properties"], path: "properties" },
  { steps: ["raipolicies", "*", "properties"], path: "raiPolicies[*].properties" },
];

function usedView(definition: StandardDefinition, standard: Standard | undefined, lacking?: string): UsedStandard {
  const reads = { fields: ofViews, whenFields: [], needsArchetype: false, needsEnvironment: false };
  const lacks = lacking === undefined ? undefined : { names: [], reason: lacking };
  return { definition, standard, lacks, subjects: "deployments", ...reads, modeIn: undefined };
}

function compiled({ item, given }: Use, name: string, aliases?: AliasTable): UsedPolicy {
  const { body, input, title } = item;
  const policy = compileDefinition(input, aliases);
  const rule = member(body, "policyRule");
  const [condition = null, then] = [member(rule, "if"), member(rule, "then")];
  const declared = member(body, "parameters");
  const { names, bind } = compileParameters(declared, vocabularyOf([], aliases), "/parameters");
  const vocabulary = vocabularyOf(names, aliases);
  const asked = JSON.stringify([condition, withoutDeployment(then)]);
  const mode = member(body, "mode");
  const parts = declared === undefined ? {} : { parameters: declared };
  const applies = compileDefinition(
    // oxlint-disable-next-line unicorn/no-thenable -- policy rules have a member of that name
    { ...parts, policyRule: { if: applicabilityOf(condition), then: { effect: "audit" } } },
    aliases,
  );
  return {
    name,
    title,
    condition,
    vocabulary,
    parameters: bind(given, {}),
    effect: effectOf(member(then, "effect"), vocabulary, bind(given, {})),
    fields: fieldsOf([condition, withoutDeployment(then)], vocabulary),
    applies: applies.assign(given),
    evaluate: policy.assign(given),
    asksGroup: /\bresourceGroup\(/i.test(asked),
    asksSubscription: /\bsubscription\(\s*\)(?!\.(?:id|subscriptionId)\b)/i.test(asked),
    isIndexed: !/"field":\s*"type"/i.test(asked) && (typeof mode !== "string" || mode.toLowerCase() !== "all"),
  };
}

/** What is looked for elsewhere is no field of the resource; a template is for a deployment. */
function withoutDeployment(then: Json | undefined): JsonObject {
  const details = member(then, "details");
  if (!isObject(details)) return {};
  const dropped = ["deployment", "existencecondition", "operations"];
  return Object.fromEntries(Object.entries(details).filter(([name]) => !dropped.includes(name.toLowerCase())));
}

function effectOf(written: Json | undefined, vocabulary: Vocabulary, parameters: Parameters): string | undefined {
  try {
    const effect = compileValue(written ?? null, vocabulary, "/then/effect")({ resource: {}, parameters, counted: [] });
    return typeof effect === "string" ? effect : undefined;
  } catch (error) {
    if (error instanceof SteelyardError) return undefined;
    throw error;
  }
}
