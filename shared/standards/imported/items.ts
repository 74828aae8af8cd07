/**
 * What people have of Azure Policy, in the forms in which they have it: definitions, initiatives and assignments, as Azure
 * Resource Manager answers them (`{properties}`), flat as `az policy ... show` prints them, in lists of either, or as the
 * answer that holds such a list as `value`. Nothing is changed in them.
 */
import { z } from "zod";
import type { Json } from "../../kernel/canonicalJson.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { describeIssues } from "../../kernel/parse.ts";
import { kindOf } from "../policy/refusal.ts";
import { isList, isObject, isWithin, member, type JsonObject } from "../policy/values.ts";

export interface Item {
  readonly kind: "definition" | "initiative" | "assignment";
  /** Last part of its ID, as it is spelled; what it is called where it has none. */
  readonly name: string;
  readonly title: string;
  /** File and JSON pointer. */
  readonly where: string;
  /** As it was read. */
  readonly input: JsonObject;
  /** What lies in its `properties`, or it itself. */
  readonly body: JsonObject;
}

/** What could not come in, and why. */
export interface Left {
  readonly name: string;
  readonly title: string;
  readonly where: string;
  readonly reason: string;
  /** The remedy of ours that does what it would deploy. */
  readonly remedy?: string;
}

/** A definition of Azure's own has at most some 120,000 characters; Azure Resource Manager takes requests of 4 MB. */
const DEFINITION_CHARACTERS_MAX = 1_000_000;

/** Azure's own definitions and initiatives are some 6,000. */
const ITEMS_MAX = 20_000;

/** Deeper JSON is no policy; it also bounds whatever goes through it. */
const NESTING_MAX = 150;

const present = (expected: string) => z.custom<Json>((value) => value !== undefined, { error: expected });
const name = z.string().max(500).nullish();

const properties = {
  displayName: z.string().max(1_000).nullish(),
  description: z.string().max(10_000).nullish(),
  mode: z.string().max(200).nullish(),
  metadata: z.looseObject({ version: z.string().max(100).nullish() }).nullish(),
};

const shapes = {
  definition: z.looseObject({ name, id: name, ...properties, policyRule: present("expected a rule with if and then") }),
  initiative: z.looseObject({
    name,
    id: name,
    ...properties,
    policyDefinitions: z.array(present("expected a definition")).max(1_000),
  }),
  assignment: z.looseObject({
    name,
    id: name,
    displayName: properties.displayName,
    enforcementMode: z.enum(["Default", "DoNotEnforce", "Enroll"]).nullish(),
    policyDefinitionId: z.string().min(1).max(1_000),
    parameters: z.record(z.string(), z.looseObject({ value: present("expected a value") })).nullish(),
  }),
} as const;

const marks = { definition: "policyRule", initiative: "policyDefinitions", assignment: "policyDefinitionId" } as const;
const kinds = ["definition", "initiative", "assignment"] as const;

const expected =
  "expected a policy definition (policyRule), an initiative (policyDefinitions), an assignment (policyDefinitionId), or a list of them";

/**
 * The items of a document; what in a list is none is left.
 * @throws SteelyardError `BadInput` when the document holds none at all
 */
export function itemsIn(input: unknown, where: string): { items: Item[]; left: Left[] } {
  if (!isWithin(input, NESTING_MAX)) throw bad(where, `more than ${NESTING_MAX} levels`, "fewer");
  const document = input as Json;
  const listed = isObject(document) && kindIn(document) === undefined ? document["value"] : document;
  const list = isList(listed) ? listed : undefined;
  if (list === undefined) return { items: [itemOf(document, where)], left: [] };
  if (list.length === 0) throw bad(where, "an empty list", expected.slice("expected ".length));
  if (list.length > ITEMS_MAX) throw bad(where, `${list.length} of them`, `at most ${ITEMS_MAX}`);
  const items: Item[] = [];
  const left: Left[] = [];
  const base = isList(document) ? "" : "/value";
  for (const [at, one] of list.entries()) {
    const pointer = `${where}#${base}/${at}`;
    try {
      items.push(itemOf(one, pointer));
    } catch (error) {
      if (!(error instanceof SteelyardError)) throw error;
      const called = nameIn(one) ?? pointer;
      left.push({ name: called, title: called, where: pointer, reason: error.message });
    }
  }
  return { items, left };
}

/** @throws SteelyardError `BadInput` */
export function itemOf(input: Json, where: string): Item {
  if (!isObject(input)) throw bad(where, kindOf(input), expected.slice("expected ".length));
  const kind = kindIn(input);
  if (kind === undefined) {
    const names = Object.keys(input).slice(0, 8).join(", ");
    throw bad(where, names === "" ? "an empty object" : `an object with ${names}`, expected.slice("expected ".length));
  }
  const { length } = JSON.stringify(input);
  if (length > DEFINITION_CHARACTERS_MAX) {
    throw bad(where, `${length} characters`, `at most ${DEFINITION_CHARACTERS_MAX}`);
  }
  const body = bodyOf(input);
  const spelled = Object.fromEntries(
    Object.keys(shapes[kind].shape).flatMap((key) => {
      const value = member(body, key) ?? member(input, key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const result = shapes[kind].safeParse(spelled);
  if (!result.success) throw new SteelyardError("BadInput", describeIssues(result.error, spelled, where));
  const { displayName } = result.data;
  const called = nameIn(input) ?? displayName ?? where;
  return { kind, name: called, title: displayName ?? called, where, input, body };
}

function kindIn(input: JsonObject): Item["kind"] | undefined {
  const body = bodyOf(input);
  return kinds.find((kind) => member(body, marks[kind]) !== undefined);
}

function bodyOf(input: JsonObject): JsonObject {
  const properties = member(input, "properties");
  return isObject(properties) ? properties : input;
}

function nameIn(input: Json): string | undefined {
  const [named, id] = [member(input, "name"), member(input, "id")];
  if (typeof named === "string" && named.trim() !== "") return named.slice(0, 500);
  return typeof id === "string" && id.trim() !== "" ? lastOf(id) : undefined;
}

/** A member that is a text; empty when it is none. */
export function textIn(value: Json | undefined, name: string): string {
  const found = member(value, name);
  return typeof found === "string" ? found : "";
}

/** The last part of an ID. */
export function lastOf(id: string): string {
  return id.replace(/\/+$/, "").split("/").at(-1)?.slice(0, 500) ?? id;
}

function bad(where: string, found: string, wanted: string): SteelyardError {
  return new SteelyardError("BadInput", `${where}: found ${found}; expected ${wanted}`);
}
