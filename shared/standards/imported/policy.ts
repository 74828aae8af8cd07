/** An imported Azure Policy definition as a standard: whatever judges, decides, shows or asks need not know the difference. */
import { archetypes } from "../../config/schema.ts";
import type { Json } from "../../kernel/canonicalJson.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { parse } from "../../kernel/parse.ts";
import { dataDeploymentType } from "../dataDeployment.ts";
import type { Standard } from "../definition.ts";
import type { Parameters } from "../policy/scope.ts";
import { isWithin, member } from "../policy/values.ts";
import { standardSchema } from "../schema.ts";
import { resourceTypes } from "../subjects.ts";
import { modeOfEffect, type ImportMode } from "./effects.ts";
import { itemOf, type Item } from "./items.ts";
import { chooseRemedy, type RemedyChoice } from "./remedies.ts";
import { understand, type ImportedRule } from "./rule.ts";
import { judgeImported } from "./verdict.ts";

/** A definition as a configuration holds it. */
export interface PolicyInput {
  /** Of the standard that it becomes: `AZP-` and what tells it from others. */
  readonly id: string;
  /** As Azure has it. */
  readonly definition: Json;
  readonly parameters: Parameters;
}

export interface CompiledPolicy {
  readonly standard: Standard;
  /** With the parameters bound, as the definition spells it. */
  readonly effect: string;
  /** In which it is proposed. */
  readonly mode: ImportMode;
  readonly remedy: RemedyChoice;
  /** What of it concerns nothing here. */
  readonly notes: readonly string[];
}

/** A configuration is stored whole, and Cosmos DB takes documents of 128 levels; some of them lie around the definition. */
const NESTING_MAX = 120;

/**
 * @throws SteelyardError `BadInput`: with a JSON pointer to what of the definition is not understood, or with the reason
 * why it cannot run here
 */
export function compilePolicy({ id, definition, parameters }: PolicyInput, where = `policy ${id}`): CompiledPolicy {
  if (!isWithin(definition, NESTING_MAX) || !isWithin(parameters, NESTING_MAX)) {
    throw new SteelyardError("BadInput", `${where}: found more than ${NESTING_MAX} levels; expected fewer`);
  }
  const item = itemOf(definition, where);
  if (item.kind !== "definition") {
    throw new SteelyardError("BadInput", `${where}: found an ${item.kind}; expected a policy definition`);
  }
  return compileItem(item, id, parameters);
}

/** `isTried`: it is assigned with DoNotEnforce. @throws as {@link compilePolicy} */
export function compileItem(item: Item, id: string, parameters: Parameters, isTried = false): CompiledPolicy {
  const rule = understand(item, parameters);
  const remedy = chooseRemedy(rule, id);
  const definition = definitionOf(rule, remedy, id);
  const judged = { definition, rule, remedy: remedy.remedy };
  return {
    standard: { definition, sources: rule.sources, judge: (sight, place) => judgeImported(judged, sight, place) },
    effect: rule.effect,
    mode: modeOfEffect(rule.effect, remedy.remedy !== undefined, isTried),
    remedy,
    notes: rule.notes,
  };
}

function definitionOf({ item, types, condition, sources }: ImportedRule, { remedy }: RemedyChoice, id: string) {
  const description = member(item.body, "description");
  const [type = ""] = types;
  const lower =
    type.toLowerCase() === dataDeploymentType.toLowerCase() ? dataDeploymentType.replace(".Data/", "/") : type;
  const shown = resourceTypes.find((one) => one.toLowerCase() === lower.toLowerCase()) ?? resourceTypes[0];
  return parse(
    standardSchema,
    {
      id,
      version: versionOf(item),
      title: item.title,
      ...(typeof description === "string" && description !== "" ? { description } : {}),
      severity: "medium",
      resourceType: shown,
      archetypes: [...archetypes],
      reads: [...sources],
      rule: { if: condition },
      remedy: remedy?.definition,
      cases: [],
      sources: [`Azure Policy definition ${item.name}`],
    },
    `policy ${id}`,
  );
}

/** The first number of the definition's own version: it rises where a change asks for attention. */
function versionOf({ body }: Item): number {
  const version = member(member(body, "metadata"), "version") ?? member(body, "version");
  const major = Number(/^\d{1,6}/.exec(typeof version === "string" ? version : "")?.[0] ?? 1);
  return Math.max(1, major);
}
