/**
 * Which definitions come in, and with what: on their own, as members of initiatives, or by assignments of either, whose
 * parameters are bound into them.
 */
import { sameJson, type Json } from "../../kernel/canonicalJson.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import type { Parameters } from "../policy/scope.ts";
import { isList, isObject, member } from "../policy/values.ts";
import { typesNamed } from "./applicability.ts";
import { itemOf, lastOf, textIn, type Item, type Left } from "./items.ts";
import { bindInitiative, declaredOf, memberParameters } from "./parameterValues.ts";
import { nativeRemedyOf } from "./remedies.ts";

/** One definition with what it is given. */
export interface Use {
  readonly item: Item;
  readonly given: Parameters;
  readonly initiative: string | null;
  /** What the initiative calls this use of it. */
  readonly reference: string | undefined;
  readonly isTried: boolean;
}

/** A use among all of them. */
export interface CountedUse extends Use {
  /** Its definition is used more than once, so that its name alone does not tell it apart. */
  readonly isRepeated: boolean;
}

const onItsOwn = { initiative: null, reference: undefined, isTried: false } as const;

export function leftOf({ name, title, where, body }: Item, reason: string, reference?: string): Left {
  const left = { name: reference === undefined ? name : `${name} (${reference})`, title, where, reason };
  const rule = member(body, "policyRule");
  const [condition = null, then = null] = [member(rule, "if"), member(rule, "then")];
  const remedy = isObject(then) ? nativeRemedyOf(then, typesNamed(condition)) : undefined;
  return remedy === undefined ? left : { ...left, remedy };
}

/** An initiative names a thousand definitions at most, and each that is named is compiled with its own parameters. */
const USES_MAX = 20_000;

/**
 * Definitions that an initiative or an assignment names come in as it uses them, all others on their own.
 * @throws SteelyardError `BadInput` when initiatives name more than can be taken in at once
 */
export function usesOf(items: readonly Item[], given: Parameters, left: Left[]): CountedUse[] {
  const known = new Map<string, Item>();
  for (const item of items) {
    if (item.kind === "assignment") continue;
    const key = `${item.kind} ${lower(item.name)}`;
    const id = member(item.input, "id");
    for (const one of [key, ...(typeof id === "string" ? [`${item.kind} ${lower(lastOf(id))}`] : [])]) {
      if (!known.has(one)) known.set(one, item);
    }
  }
  const reading: Reading = { known, named: new Set(), left, given, uses: 0 };
  const assigned = items.filter(({ kind }) => kind === "assignment").flatMap((item) => usesOfAssignment(item, reading));
  const bundled = items
    .filter((item) => item.kind === "initiative" && !reading.named.has(item))
    .flatMap((item) => usesOfInitiative(item, givenTo(item, given), false, reading));
  const alone = items
    .filter((item) => item.kind === "definition" && !reading.named.has(item) && !isRepeated(item, reading))
    .map((item) => ({ item, given: givenTo(item, given), ...onItsOwn }));
  const uses: Use[] = [...assigned, ...bundled, ...alone];
  const times = Map.groupBy(uses, ({ item }) => lower(item.name));
  return uses.map((use) => ({ ...use, isRepeated: (times.get(lower(use.item.name))?.length ?? 0) > 1 }));
}

/** By the names of parameters, and below the name of a definition or an initiative what it alone is given. */
function givenTo({ name, body }: Item, given: Parameters): Parameters {
  const own = member(given, name);
  return { ...declaredOf(body, given), ...(isObject(own) ? own : {}) };
}

/** The same definition, read from two places. */
function isRepeated(item: Item, { known, left }: Reading): boolean {
  const first = known.get(`definition ${lower(item.name)}`);
  if (first === undefined || first === item || !sameJson(first.body, item.body)) return false;
  left.push(leftOf(item, `It is the same as at ${first.where}.`));
  return true;
}

interface Reading {
  readonly known: ReadonlyMap<string, Item>;
  /** Items that others name. */
  readonly named: Set<Item>;
  readonly left: Left[];
  readonly given: Parameters;
  /** Definitions named by initiatives so far, each as often as it is. */
  uses: number;
}

/** What an assignment narrows or overrides lies in Azure's scopes, which are not those of a configuration. */
const narrowing = ["notScopes", "resourceSelectors", "overrides"];

function usesOfAssignment(item: Item, reading: Reading): Use[] {
  const { body } = item;
  const id = textIn(body, "policyDefinitionId");
  const kind = /\/policySetDefinitions\//i.test(id) ? "initiative" : "definition";
  const target = reading.known.get(`${kind} ${lower(lastOf(id))}`);
  if (target === undefined) {
    reading.left.push(leftOf(item, `It assigns ${id}, which is not among what was read: put it there, too.`));
    return [];
  }
  const narrowed = narrowing.filter((name) => {
    const list = member(body, name);
    return isList(list) && list.length > 0;
  });
  reading.named.add(target);
  if (narrowed.length > 0) {
    const reason = `It is narrowed by ${narrowed.join(", ")}, which are Azure's: say where it holds by modes of environments.`;
    reading.left.push(leftOf(item, reason));
    return [];
  }
  const own = Object.entries(member(body, "parameters") ?? {}).map(
    ([name, entry]) => [name, member(entry as Json, "value") ?? null] as const,
  );
  const given = { ...declaredOf(target.body, reading.given), ...Object.fromEntries(own) };
  const isTried = lower(textIn(body, "enforcementMode")) === "donotenforce";
  if (kind === "initiative") return usesOfInitiative(target, given, isTried, reading);
  return [{ item: target, given, initiative: null, reference: item.name, isTried }];
}

function usesOfInitiative(item: Item, given: Parameters, isTried: boolean, reading: Reading): Use[] {
  const list = member(item.body, "policyDefinitions");
  let bound: ReturnType<typeof bindInitiative>;
  try {
    bound = bindInitiative(item.body, given);
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    reading.left.push(leftOf(item, error.message));
    return [];
  }
  const entries = isList(list) ? list : [];
  reading.uses += entries.length;
  if (reading.uses > USES_MAX)
    throw new SteelyardError(
      "BadInput",
      `${item.where}: found ${reading.uses} definitions named by initiatives up to here; expected ${USES_MAX} at most: import them in parts`,
    );
  return entries.flatMap((entry, at): Use[] => {
    const pointer = `/policyDefinitions/${at}`;
    const reference = member(entry, "policyDefinitionReferenceId");
    const called = typeof reference === "string" && reference !== "" ? reference : undefined;
    try {
      const definition = memberOf(entry, `${item.where}${item.where.includes("#") ? "" : "#"}${pointer}`, reading);
      const parameters = memberParameters(member(entry, "parameters"), bound, `${pointer}/parameters`);
      return [{ item: definition, given: parameters, initiative: item.name, reference: called, isTried }];
    } catch (error) {
      if (!(error instanceof SteelyardError)) throw error;
      reading.left.push(leftOf(item, error.message, called ?? pointer));
      return [];
    }
  });
}

/** The definition itself where it stands in the initiative, else the one that its ID names. */
function memberOf(entry: Json, where: string, { known, named }: Reading): Item {
  const inline = member(entry, "policyDefinition") ?? member(entry, "definition") ?? entry;
  if (
    isObject(inline) &&
    (member(inline, "policyRule") ?? member(member(inline, "properties"), "policyRule")) !== undefined
  ) {
    return itemOf(inline, where);
  }
  const id = member(entry, "policyDefinitionId");
  if (typeof id !== "string") {
    throw new SteelyardError(
      "BadInput",
      `${where}/policyDefinitionId: found ${id === undefined ? "nothing" : "no text"}; expected the ID of a definition`,
    );
  }
  const found = known.get(`definition ${lower(lastOf(id))}`);
  if (found === undefined) {
    throw new SteelyardError(
      "BadInput",
      `It names ${id}, which is not among what was read: put what az policy definition show prints of it there, too.`,
    );
  }
  named.add(found);
  return found;
}

function lower(text: string): string {
  return text.toLowerCase();
}
