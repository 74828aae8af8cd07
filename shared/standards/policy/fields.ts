/**
 * Where a field name leads. An alias is a resource type and the path below `properties`; `sku`, `kind` and `identity` lie
 * at the root, and elements of lists that are resources themselves carry their fields below `properties` of their own.
 */
import type { Json } from "../../kernel/canonicalJson.ts";
import { pathOf, type Alias } from "./aliases.ts";
import { refuse } from "./refusal.ts";
import type { PolicyVocabulary, Scope, Vocabulary } from "./scope.ts";
import { isList, isObject, isSpelling, member, type JsonObject } from "./values.ts";

/** Names of members in lower case; `*` stands for each element of a list. */
export interface Field {
  readonly path: readonly string[];
  /** The alias belongs to this type, in lower case: of another resource the field is absent. */
  readonly type: string | undefined;
  /** From a table: for the types that it lists the path is another, by API version. */
  readonly alias?: Alias;
  /** Read from the related resource of an existence condition. */
  readonly isRelated?: true;
  /** What it is where the resource does not tell it itself. */
  readonly told?: (resource: JsonObject, scope: Scope) => Json | undefined;
}

const EACH = "*";

/** Longer names are none: Azure's longest alias has some 250 characters. */
const NAME_CHARACTERS_MAX = 1000;

const ownFields = ["id", "name", "type", "kind", "location", "fullname", "tags", "identity"];
const rootMembers = ["sku", "kind", "identity"];

/** What may lie at the root of resources of other types. */
const anyRootMembers = [...rootMembers, "plan", "zones", "extendedlocation", "managedby", "tags", "location"];

/** Lists of accounts, private endpoints and their zone groups whose elements are resources. */
const resourceLists = [
  "privateendpointconnections",
  "privatelinkserviceconnections",
  "manualprivatelinkserviceconnections",
  "privatednszoneconfigs",
];
const resourceMembers = ["id", "name", "type", "properties", "systemdata"];

/**
 * `isAsked`: by the function field(), which reads the judged resource in an existence condition, too.
 * @throws SteelyardError `BadInput`
 */
export function parseField(name: string, vocabulary: Vocabulary, pointer: string, isAsked = false): Field {
  const field = name.length > NAME_CHARACTERS_MAX ? undefined : read(name.trim(), vocabulary);
  if (field !== undefined) {
    vocabulary.reads?.(field.path[0] ?? "");
    return vocabulary.policy?.isExistence === true && !isAsked ? { ...field, isRelated: true } : field;
  }
  const known = ["id", "name", "type", "kind", "location", "identity.type", "tags", ...vocabulary.members];
  throw refuse(pointer, name.slice(0, 100), `an alias, or one of ${known.join(", ")}`);
}

function read(name: string, { members, policy }: Vocabulary): Field | undefined {
  const tag = /^tags(?:\.(.+)|\['(.+)'\]|\[(.+)\])$/is.exec(name);
  // Names that parameters make may be empty: there is no such tag.
  if (policy !== undefined && /^tags\[(?:'')?\]$/i.test(name)) return { path: ["tags", ""], type: undefined };
  if (tag !== null && tag[3] !== "*") {
    // In quotes, two apostrophes stand for one.
    const named = tag[1] ?? tag[2]?.replaceAll("''", "'") ?? tag[3] ?? "";
    return { path: ["tags", named.toLowerCase()], type: undefined };
  }
  const alias = /^(microsoft\.[^/[]+(?:\/[^/.[]+)+)\/([^/]+)$/i.exec(name);
  if (policy !== undefined && name.includes("/")) return readAlias(name, policy);
  const path = pathOf(alias?.[2] ?? name);
  const [root] = path ?? [];
  if (path === undefined || root === undefined) return undefined;
  if (alias !== null) {
    const below = rootMembers.includes(root) ? path : ["properties", ...path];
    return { path: below.flatMap((step, at) => elementStep(step, at, below)), type: alias[1]?.toLowerCase() };
  }
  const isKnown = ownFields.includes(root) || members.some((item) => item.toLowerCase() === root);
  if (policy !== undefined) {
    const told = path.length === 1 ? toldElsewhere.get(root) : undefined;
    return { path, type: undefined, ...(told === undefined ? {} : { told }) };
  }
  return isKnown ? { path, type: undefined } : undefined;
}

/** Fields that the bodies of resources do not hold. */
const toldElsewhere: ReadonlyMap<string, NonNullable<Field["told"]>> = new Map<string, NonNullable<Field["told"]>>([
  ["fullname", fullNameOf],
  ["apiversion", (_resource, { surroundings }) => surroundings?.apiVersion],
]);

/** With the names of its parents: every second part of the ID behind the last provider. */
function fullNameOf(resource: JsonObject): Json | undefined {
  const id = member(resource, "id");
  const behind =
    typeof id === "string"
      ? id
          .split(/\/providers\//i)
          .at(-1)
          ?.split("/")
          .slice(1)
      : undefined;
  const names = behind?.filter((_part, at) => at % 2 === 1) ?? [];
  return names.length > 0 && typeof id === "string" && /\/providers\//i.test(id)
    ? names.join("/")
    : member(resource, "name");
}

/** Of any type: from the table, or by its structure. */
function readAlias(name: string, { aliases }: PolicyVocabulary): Field | undefined {
  // A namespace, a type if any (some old aliases name none), and the path.
  const found = /^([^/[\]]+\.[^/[\]]+(?:\/[^/.[\]]+)*)\/([^/]+)$/.exec(name);
  const path = pathOf(found?.[2] ?? "");
  if (found === null || path === undefined) return undefined;
  const below = anyRootMembers.includes(path[0] ?? "") ? path : ["properties", ...path];
  const [, namespaced = ""] = found;
  const type = namespaced.includes("/") ? namespaced.toLowerCase() : undefined;
  const alias = aliases?.find(name);
  const own = { path: below.flatMap((step, at) => elementStep(step, at, below)), type };
  return alias === undefined ? own : { ...own, alias };
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

/** For each element that is there, the elements of all lists on the way to it; it is the last. */
export function membersOf(field: Field, scope: Scope): (readonly Json[])[] {
  const path = pathIn(field, scope);
  if (path === undefined) return [];
  const { value, at, members } = startOf(path, field, scope);
  const found: (readonly Json[])[] = [];
  follow(value, path, at, members, found);
  return found;
}

function follow(
  from: Json | undefined,
  path: readonly string[],
  start: number,
  members: readonly Json[],
  found: (readonly Json[])[],
): void {
  let [value, at] = [from, start];
  for (; at < path.length && path[at] !== EACH; at += 1) value = stepInto(value, path[at] ?? "");
  if (value === undefined) return;
  if (at === path.length) found.push(members);
  else if (isList(value)) for (const item of value) follow(item, path, at + 1, [...members, item], found);
}

function select(field: Field, scope: Scope, isMissingOne: boolean): (Json | undefined)[] {
  const path = pathIn(field, scope);
  if (field.told !== undefined) {
    const root = rootOf(field, scope);
    return [member(root, path?.[0] ?? "") ?? field.told(root, scope)];
  }
  if (path === undefined) return [undefined];
  let { value, at, within }: Start =
    scope.counted.length === 0 ? startAt(rootOf(field, scope)) : startOf(path, field, scope);
  // Most fields lead through no list: no array is made on the way.
  for (; at < path.length && path[at] !== EACH; at += 1) value = stepInto(value, path[at] ?? "");
  let values: (Json | undefined)[] = [value];
  for (; at < path.length; at += 1) {
    const step = path[at] ?? "";
    values =
      step === EACH
        ? values.flatMap((one): readonly (Json | undefined)[] => (isList(one) ? one : isMissingOne ? [undefined] : []))
        : values.map((one) => stepInto(one, step));
  }
  return within === undefined ? values : values.map((one) => narrowed(one, within.path, within.members));
}

function rootOf({ isRelated }: Field, { related, resource }: Scope): JsonObject {
  return isRelated === true ? (related ?? {}) : resource;
}

function stepInto(value: Json | undefined, step: string): Json | undefined {
  return isList(value) ? itemOf(value, step) : member(value, step);
}

interface Start {
  readonly value: Json | undefined;
  /** The first step from there. */
  readonly at: number;
  readonly members: readonly Json[];
  /** The field holds a list of which one element is counted: the rest of the way to that one. */
  readonly within?: { readonly path: readonly string[]; readonly members: readonly Json[] };
}

const none: readonly Json[] = [];

function startAt(value: Json | undefined): Start {
  return { value, at: 0, members: none };
}

/**
 * Within a count the resource is "evaluated as if the element is the only member of the array": a field that leads
 * through the counted list, or through a list around it, means the element on the way to the counted one.
 */
function startOf(path: readonly string[], field: Field, scope: Scope): Start {
  let best = startAt(rootOf(field, scope));
  for (const { path: counted, members = [], isRelated } of scope.counted) {
    if (counted === undefined || isRelated !== field.isRelated) continue;
    let [shared, at, through] = [0, 0, 0];
    for (; shared < path.length && path[shared] === counted[shared]; shared += 1) {
      if (path[shared] === EACH) [at, through] = [shared + 1, through + 1];
    }
    const isAbove = shared === path.length && through < members.length;
    if (through < best.members.length || (through === best.members.length && !isAbove)) continue;
    best = {
      value: through === 0 ? best.value : members[through - 1],
      at,
      members: members.slice(0, through),
      ...(isAbove ? { within: { path: counted.slice(shared), members: members.slice(through) } } : {}),
    };
  }
  return best;
}

/** With the lists on the way holding those members alone. */
function narrowed(value: Json | undefined, path: readonly string[], members: readonly Json[]): Json | undefined {
  const [step = "", ...rest] = path;
  if (members.length === 0 || value === undefined) return value;
  if (step === EACH) return [narrowed(members[0], rest, members.slice(1)) ?? null];
  if (!isObject(value)) return value;
  const own = Object.keys(value).find((name) => name.toLowerCase() === step) ?? step;
  return { ...value, [own]: narrowed(value[own], rest, members) ?? null };
}

/** `[0]`, one element of a list. */
function itemOf(list: readonly Json[], step: string): Json | undefined {
  return /^\d{1,9}$/.test(step) ? list[Number(step)] : undefined;
}

/** The path that the field means here; undefined when an alias belongs to another type. */
export function pathIn(field: Field, scope: Scope): readonly string[] | undefined {
  const { path, type, alias } = field;
  if (alias === undefined && type === undefined) return path;
  const told = member(rootOf(field, scope), "type");
  const own = typeof told === "string" ? told : undefined;
  const paths = own === undefined ? undefined : alias?.get(own.toLowerCase());
  // Tables list aliases of child types with their parents: there the name tells the type and the path.
  if (paths === undefined) {
    if (type === undefined) return alias === undefined || own === undefined ? path : undefined;
    return own !== undefined && isSpelling(own, type) ? path : undefined;
  }
  const { apiVersion } = scope.surroundings ?? {};
  return (apiVersion === undefined ? undefined : paths.paths.get(apiVersion.toLowerCase())) ?? paths.path;
}

/** "Location fields are normalized to support various formats": East US 2 is eastus2. */
export function isLocation({ path, type }: Field): boolean {
  return type === undefined && path.length === 1 && path[0] === "location";
}
