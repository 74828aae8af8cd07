/**
 * Reads what an organisation has of Azure Policy and says of each definition what it becomes here: a standard with the mode
 * in which it is proposed, or the reason why it stays outside. Nothing is lost in between.
 */
import type { Json } from "../../kernel/canonicalJson.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import type { Parameters } from "../policy/scope.ts";
import { member } from "../policy/values.ts";
import { itemsIn, type Item, type Left } from "./items.ts";
import { compileItem, type CompiledPolicy } from "./policy.ts";
import { leftOf, usesOf } from "./uses.ts";

export type { Left } from "./items.ts";

/** A definition that came in, on its own or as a member of an initiative. */
export interface ImportedPolicy extends CompiledPolicy {
  readonly id: string;
  /** Of the definition, as Azure has it. */
  readonly name: string;
  readonly title: string;
  /** Name of the initiative that brought it; null without one. */
  readonly initiative: string | null;
  readonly where: string;
  /** Unchanged. */
  readonly definition: Json;
  /** Values that it is given; what it leaves to its own defaults is not among them. */
  readonly parameters: Parameters;
}

export interface Imported {
  readonly policies: readonly ImportedPolicy[];
  readonly left: readonly Left[];
  /** Names of given parameters that nothing declares. */
  readonly unused: readonly string[];
}

/** A document that was read, and what it is called in messages. */
export interface PolicyDocument {
  readonly where: string;
  readonly json: unknown;
}

/** @throws SteelyardError `BadInput` when the document holds nothing of Azure Policy */
export function readPolicies(json: unknown, where: string, given: Parameters = {}): Imported {
  const { items, left } = itemsIn(json, where);
  return importItems(items, left, given);
}

/** Several documents together: initiatives and assignments find their definitions in all of them. */
export function readPolicyDocuments(documents: readonly PolicyDocument[], given: Parameters = {}): Imported {
  const items: Item[] = [];
  const left: Left[] = [];
  for (const { where, json } of documents) {
    try {
      const found = itemsIn(json, where);
      items.push(...found.items);
      left.push(...found.left);
    } catch (error) {
      if (!(error instanceof SteelyardError)) throw error;
      left.push({ name: where, title: where, where, reason: error.message });
    }
  }
  return importItems(items, left, given);
}

function importItems(items: readonly Item[], leftBefore: readonly Left[], given: Parameters): Imported {
  const left = [...leftBefore];
  const uses = usesOf(items, given, left);
  const taken: Taken = { ids: new Set(), numbers: new Map() };
  const policies = uses.flatMap((use): ImportedPolicy[] => {
    const { item, initiative, isTried } = use;
    const called = use.isRepeated && use.reference !== undefined ? use.reference : item.name;
    try {
      const id = idOf(called, taken);
      const compiled = compileItem(item, id, use.given, isTried);
      taken.ids.add(id);
      const { name, title, where, input } = item;
      return [{ ...compiled, id, name, title, where, initiative, definition: input, parameters: use.given }];
    } catch (error) {
      if (!(error instanceof SteelyardError)) throw error;
      left.push(leftOf(item, error.message, use.reference));
      return [];
    }
  });
  const names = items.flatMap(({ name, body }) => [name, ...Object.keys(member(body, "parameters") ?? {})]);
  const declared = new Set(names.map((name) => name.toLowerCase()));
  return { policies, left, unused: Object.keys(given).filter((name) => !declared.has(name.toLowerCase())) };
}

/** Longest part of an id behind its prefix. */
const ID_CHARACTERS_MAX = 40;

/** `AZP-71ef260a` for a GUID, else the name in small letters; numbered where another one has it already. */
function idOf(name: string, { ids, numbers }: Taken): string {
  const guid = /^([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.exec(name)?.[1];
  const words = (guid ?? name)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  const slug = words.slice(0, ID_CHARACTERS_MAX - 4).replace(/-+$/, "") || "policy";
  for (let number = numbers.get(slug) ?? 1; ; number += 1) {
    const id = `AZP-${slug}${number === 1 ? "" : `-${number}`}`;
    numbers.set(slug, number);
    if (!ids.has(id)) return id;
  }
}

interface Taken {
  readonly ids: Set<string>;
  /** Where the search for a name goes on: thousands of one name would be counted through for each of them. */
  readonly numbers: Map<string, number>;
}
