/**
 * Where a field name leads. An alias is a resource type and the path below `properties`; `sku`, `kind` and `identity` lie
 * at the root, and elements of lists that are resources themselves carry their fields below `properties` of their own.
 */
import type { Json } from "../../kernel/canonicalJson.ts";
import { refuse } from "./refusal.ts";
import type { Scope, Vocabulary } from "./scope.ts";
import { isList, member } from "./values.ts";

/** Names of members in lower case; `*` stands for each element of a list. */
export interface Field {
  readonly path: readonly string[];
  /** The alias belongs to this type, in lower case: of another resource the field is absent. */
  readonly type: string | undefined;
}

const EACH = "*";

/** Longer names are none: Azure's longest alias has some 250 characters. */
const NAME_CHARACTERS_MAX = 1000;

const ownFields = ["id", "name", "type", "kind", "location", "fullname", "tags", "identity"];
const rootMembers = ["sku", "kind", "identity"];

/** Lists of accounts whose elements are resources. */
const resourceLists = ["privateendpointconnections"];
const resourceMembers = ["id", "name", "type", "properties"];

/** @throws SteelyardError `BadInput` */
export function parseField(name: string, vocabulary: Vocabulary, pointer: string): Field {
  const field = name.length > NAME_CHARACTERS_MAX ? undefined : read(name.trim(), vocabulary);
  if (field !== undefined) {
    vocabulary.reads?.(field.path[0] ?? "");
    return field;
  }
  const known = ["id", "name", "type", "kind", "location", "identity.type", "tags", ...vocabulary.members];
  throw refuse(pointer, name.slice(0, 100), `an alias, or one of ${known.join(", ")}`);
}

function read(name: string, { members }: Vocabulary): Field | undefined {
  const tag = /^tags(?:\.(.+)|\['(.+)'\]|\[(.+)\])$/is.exec(name);
  if (tag !== null) return { path: ["tags", (tag[1] ?? tag[2] ?? tag[3] ?? "").toLowerCase()], type: undefined };
  const alias = /^(microsoft\.[^/[]+(?:\/[^/.[]+)+)\/([^/]+)$/i.exec(name);
  const path = pathOf(alias?.[2] ?? name);
  const [root] = path ?? [];
  if (path === undefined || root === undefined) return undefined;
  if (alias !== null) {
    const below = rootMembers.includes(root) ? path : ["properties", ...path];
    return { path: below.flatMap((step, at) => elementStep(step, at, below)), type: alias[1]?.toLowerCase() };
  }
  const isKnown = ownFields.includes(root) || members.some((item) => item.toLowerCase() === root);
  return isKnown ? { path, type: undefined } : undefined;
}

/** `a[*].b` as steps. */
function pathOf(name: string): string[] | undefined {
  const steps: string[] = [];
  for (const part of name.split(".")) {
    const found = /^([^[\]*]+)((?:\[\*\])*)$/.exec(part);
    if (found === null) return undefined;
    steps.push((found[1] ?? "").toLowerCase(), ...Array<string>((found[2] ?? "").length / 3).fill(EACH));
  }
  return steps;
}

function elementStep(step: string, at: number, path: readonly string[]): readonly string[] {
  const isElement = path[at - 1] === EACH && resourceLists.includes(path[at - 2] ?? "");
  return isElement && step !== EACH && !resourceMembers.includes(step) ? ["properties", step] : [step];
}

export function hasEach({ path }: Field): boolean {
  return path.includes(EACH);
}

/**
 * The values of a field: one for each element where it leads through lists. A list that is not there counts as one
 * absent value, so that conditions on it do not hold, but for those that an absent value meets; an empty list has none.
 */
export function valuesOf(field: Field, scope: Scope): (Json | undefined)[] {
  return select(field, scope, true);
}

/** The elements that are there. */
export function elementsOf(field: Field, scope: Scope): Json[] {
  return select(field, scope, false).filter((value) => value !== undefined);
}

function select({ path, type }: Field, scope: Scope, isMissingOne: boolean): (Json | undefined)[] {
  // Within a count the field means the element that is counted, not the whole list.
  const counted = scope.counted.find((item) => item.path !== undefined && startsWith(path, item.path));
  const isOther = type !== undefined && !isOfType(scope.resource, type);
  let values: (Json | undefined)[] = [isOther ? undefined : counted === undefined ? scope.resource : counted.element];
  for (let at = counted?.path?.length ?? 0; at < path.length; at += 1) {
    const step = path[at] ?? "";
    if (step !== EACH) {
      for (const [index, value] of values.entries()) values[index] = member(value, step);
      continue;
    }
    values = values.flatMap((value): readonly (Json | undefined)[] => {
      if (isList(value)) return value;
      return isMissingOne ? [undefined] : [];
    });
  }
  return values;
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((step, at) => step === path[at]);
}

function isOfType(resource: Scope["resource"], type: string): boolean {
  const own = member(resource, "type");
  return typeof own === "string" && own.toLowerCase() === type;
}
