/** What people are told of a resource that an imported policy finds wanting: the fields that its rule reads, as they are. */
import { withoutAddresses } from "../../estate/account.ts";
import type { Json } from "../../kernel/canonicalJson.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { hasEach, parseField, valuesOf } from "../policy/fields.ts";
import type { Parameters, Vocabulary } from "../policy/scope.ts";
import { isList, isObject, member, type JsonObject } from "../policy/values.ts";

const FIELDS_TOLD_MAX = 5;
const VALUES_TOLD_MAX = 3;
const TEXT_CHARACTERS_MAX = 80;

/** Fields that tell what a resource is, not how. */
const apart = ["type", "name", "kind", "id", "fullname"];

/** One sentence; the fields in the order of the rule, so that it does not flap. */
export function reasonOfFields(
  condition: Json,
  resource: JsonObject,
  parameters: Parameters,
  vocabulary: Vocabulary,
): string {
  const fields = [...new Set(fieldsIn(condition))].filter((name) => !apart.includes(name.toLowerCase()));
  const told = fields.flatMap((name) => {
    const shown = shownAt(name, resource, parameters, vocabulary);
    return shown === undefined ? [] : [`${shortOf(name)} ${shown}`];
  });
  const more = told.length > FIELDS_TOLD_MAX ? `; and ${told.length - FIELDS_TOLD_MAX} more` : "";
  if (told.length === 0) return "The condition of the policy holds.";
  return `The condition of the policy holds: ${told.slice(0, FIELDS_TOLD_MAX).join("; ")}${more}.`;
}

/** Names of fields that conditions and counts read. */
export function fieldsIn(node: Json): string[] {
  if (isList(node)) return node.flatMap(fieldsIn);
  if (!isObject(node)) return [];
  const own = member(node, "field");
  const name = typeof own === "string" && !own.startsWith("[") ? [own.trim()] : [];
  return [
    ...name,
    ...["allOf", "anyOf", "not", "count", "where"].flatMap((part) => fieldsIn(member(node, part) ?? null)),
  ];
}

/** An alias without the type that it belongs to. */
function shortOf(alias: string): string {
  return alias.includes("/") ? (alias.split("/").at(-1) ?? alias) : alias;
}

function shownAt(
  name: string,
  resource: JsonObject,
  parameters: Parameters,
  vocabulary: Vocabulary,
): string | undefined {
  try {
    const field = parseField(name, vocabulary, "/if");
    // What is another type's tells nothing of this one.
    const type = member(resource, "type");
    if (field.type !== undefined && typeof type === "string" && field.type !== type.toLowerCase()) return undefined;
    const values = valuesOf(field, { resource, parameters, counted: [] });
    if (!hasEach(field)) return said(values[0]);
    if (values.length === 0) return "has no elements";
    const more = values.length > VALUES_TOLD_MAX ? ", ..." : "";
    return `${values.slice(0, VALUES_TOLD_MAX).map(said).join(", ")}${more}`;
  } catch (error) {
    if (error instanceof SteelyardError) return undefined;
    throw error;
  }
}

function said(value: Json | undefined): string {
  if (value === undefined || value === null) return "is absent";
  if (isList(value)) return value.length === 0 ? "is an empty list" : "is a list";
  if (isObject(value)) return "is an object";
  const text = JSON.stringify(withoutAddresses(value));
  return `is ${text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}...` : text}`;
}
