/** The parameters of a policy definition: types, allowed values, defaults; what an assignment gives is held to them. */
import type { Json } from "../../kernel/canonicalJson.ts";
import { isSame } from "./arguments.ts";
import { compileValue, type Evaluate } from "./expression.ts";
import { parseInstant } from "./instant.ts";
import { kindOf, refuse } from "./refusal.ts";
import type { Parameters, Surroundings, Vocabulary } from "./scope.ts";
import { equal, isList, isObject, member, type JsonObject } from "./values.ts";

/** Azure's limit for a definition is 20, for an initiative 400. */
const PARAMETERS_MAX = 400;

const types: ReadonlyMap<string, (value: Json) => boolean> = new Map(
  Object.entries<(value: Json) => boolean>({
    string: (value) => typeof value === "string",
    array: isList,
    object: isObject,
    boolean: (value) => typeof value === "boolean" || (typeof value === "string" && /^(true|false)$/i.test(value)),
    integer: (value) => Number.isSafeInteger(value),
    float: (value) => typeof value === "number",
    datetime: (value) => typeof value === "string" && parseInstant(value) !== undefined,
  }),
);

const typeNames = [...types.keys()].join(", ");

interface Declared {
  readonly name: string;
  readonly pointer: string;
  readonly isOfType: (value: Json) => boolean;
  readonly type: string;
  readonly allowed: readonly Json[] | undefined;
  readonly preset: Evaluate | undefined;
}

/** @throws SteelyardError `BadInput` when a value is missing, not allowed, of another type or not declared */
export type Bind = (given: Parameters, surroundings: Surroundings) => Parameters;

export interface DeclaredParameters {
  readonly names: readonly string[];
  readonly bind: Bind;
}

/** @throws SteelyardError `BadInput` with a JSON pointer to what is not understood, or to a default that needs itself. */
export function compileParameters(
  input: Json | undefined,
  vocabulary: Vocabulary,
  pointer: string,
): DeclaredParameters {
  if (input !== undefined && input !== null && !isObject(input)) throw refuse(pointer, kindOf(input), "an object");
  const entries = Object.entries(input ?? {});
  if (entries.length > PARAMETERS_MAX)
    throw refuse(pointer, `${entries.length} parameters`, `${PARAMETERS_MAX} at most`);
  const names = entries.map(([name]) => name);
  const needs = new Map<string, ReadonlySet<string>>();
  const declared = entries.map(([name, value]) => {
    const asked = new Set<string>();
    needs.set(name.toLowerCase(), asked);
    return declaration(name, value, withAsks(vocabulary, names, asked), `${pointer}/${name}`);
  });
  if (needs.size < names.length) throw refuse(pointer, "names that differ in their case only", "each once");
  for (const { name, pointer: at } of declared) refuseCircle(name.toLowerCase(), needs, at);
  return { names, bind: (given, surroundings) => bound(declared, given, surroundings) };
}

function withAsks(vocabulary: Vocabulary, parameters: readonly string[], asked: Set<string>): Vocabulary {
  const { aliases } = vocabulary.policy ?? { aliases: undefined };
  const policy = { aliases, isExistence: false, isBare: false, asks: (name: string) => asked.add(name) };
  return { ...vocabulary, parameters, policy };
}

function declaration(name: string, input: Json, vocabulary: Vocabulary, pointer: string): Declared {
  if (!isObject(input)) throw refuse(pointer, kindOf(input), "a parameter with its type");
  const type = member(input, "type");
  if (typeof type !== "string") throw refuse(`${pointer}/type`, kindOf(type), typeNames);
  const isOfType = types.get(type.toLowerCase());
  if (isOfType === undefined) throw refuse(`${pointer}/type`, type.slice(0, 50), typeNames);
  const allowed = member(input, "allowedValues");
  if (allowed !== undefined && !isList(allowed)) throw refuse(`${pointer}/allowedValues`, kindOf(allowed), "a list");
  const preset = member(input, "defaultValue");
  const compiled = preset === undefined ? undefined : compileValue(preset, vocabulary, `${pointer}/defaultValue`);
  return { name, pointer, isOfType, type, allowed, preset: compiled };
}

function refuseCircle(start: string, needs: ReadonlyMap<string, ReadonlySet<string>>, pointer: string): void {
  const seen = new Set<string>();
  const open = [...(needs.get(start) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === start) throw refuse(`${pointer}/defaultValue`, "a default that needs itself", "one that does not");
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(needs.get(next) ?? []));
  }
}

function bound(declared: readonly Declared[], given: Parameters, surroundings: Surroundings): Parameters {
  const stranger = Object.keys(given).find((name) => !declared.some((one) => isNamed(one, name)));
  if (stranger !== undefined) {
    const names = declared.map(({ name }) => name).join(", ") || "none";
    throw refuse(`/parameters/${stranger}`, "a value for no parameter", names);
  }
  const values: Record<string, Json> = {};
  for (const one of declared) {
    const own = member(given, one.name);
    // Without a value and a default it is missed by what asks for it.
    if (own === undefined && one.preset === undefined) continue;
    // A default may need another one's value, in whatever order they are declared: none needs itself.
    const read = (): Json => {
      const value =
        own === undefined
          ? checked(one, one.preset?.({ resource: {}, parameters: values, counted: [], surroundings }), equal)
          : checked(one, own, isSame);
      Object.defineProperty(values, one.name, { value, enumerable: true });
      return value;
    };
    Object.defineProperty(values, one.name, { get: read, enumerable: true, configurable: true });
  }
  for (const { name } of declared) void values[name];
  return values;
}

function isNamed({ name }: Declared, other: string): boolean {
  return name.toLowerCase() === other.toLowerCase();
}

/** "Allowed value comparisons are case-sensitive when assigning a policy"; of defaults nothing is said. */
function checked({ name, type, isOfType, allowed }: Declared, value: Json | undefined, isOne: typeof equal): Json {
  const pointer = `/parameters/${name}`;
  if (value === undefined) throw refuse(pointer, "nothing", `a value of type ${type}`);
  if (!isOfType(value)) throw refuse(pointer, kindOf(value), `a value of type ${type}`);
  const isAllowed = (item: Json): boolean => allowed?.some((one) => isOne(item, one)) !== false;
  // Of a list each element has to be allowed, or the list as a whole.
  if (isAllowed(value) || (isList(value) && value.every(isAllowed))) return value;
  throw refuse(pointer, "a value that is not allowed", `one of ${JSON.stringify(allowed).slice(0, 200)}`);
}

/** Parameters of a rule that stands alone, without a definition that would declare them. */
export const undeclared: DeclaredParameters = { names: [], bind: (given: JsonObject) => given };
