/**
 * The built-in functions of the dialect. An operand of the wrong type makes the result undefined, never an error. To
 * add one that a product needs: one line here and a case in the conformance suite.
 */
import { equals, isObject, type Json, type Value } from "../values.ts";

export interface BuiltIn {
  readonly operandsMin: number;
  readonly operandsMax: number;
  readonly call: (operands: readonly Value[]) => Value;
}

/** Keyed by upper-case name: the service's function names ignore case. */
export const builtIns: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ["IS_DEFINED", { operandsMin: 1, operandsMax: 1, call: ([value]) => value !== undefined }],
  ["IS_NULL", { operandsMin: 1, operandsMax: 1, call: ([value]) => value === null }],
  ["LOWER", { operandsMin: 1, operandsMax: 1, call: ([text]) => onText(text, (found) => found.toLowerCase()) }],
  ["UPPER", { operandsMin: 1, operandsMax: 1, call: ([text]) => onText(text, (found) => found.toUpperCase()) }],
  ["STARTSWITH", { operandsMin: 2, operandsMax: 3, call: onTwoTexts((text, part) => text.startsWith(part)) }],
  ["CONTAINS", { operandsMin: 2, operandsMax: 3, call: onTwoTexts((text, part) => text.includes(part)) }],
  ["ARRAY_CONTAINS", { operandsMin: 2, operandsMax: 3, call: arrayContains }],
]);

function onText(value: Value, work: (text: string) => string): Value {
  return typeof value === "string" ? work(value) : undefined;
}

/** The third operand, when it is true, ignores case. */
function onTwoTexts(test: (text: string, part: string) => boolean): (operands: readonly Value[]) => Value {
  return ([text, part, ignoreCase = false]) => {
    if (typeof text !== "string" || typeof part !== "string" || typeof ignoreCase !== "boolean") return undefined;
    return ignoreCase ? test(text.toLowerCase(), part.toLowerCase()) : test(text, part);
  };
}

/** The third operand, when it is true, lets an object match one that has more fields. */
function arrayContains([list, wanted, partial = false]: readonly Value[]): Value {
  if (!Array.isArray(list) || wanted === undefined || typeof partial !== "boolean") return undefined;
  return (list as readonly Json[]).some((item) => (partial ? covers(item, wanted) : equals(item, wanted)));
}

function covers(item: Json, wanted: Json): boolean {
  if (!isObject(item) || !isObject(wanted)) return equals(item, wanted) === true;
  return Object.keys(wanted).every(
    (name) => Object.hasOwn(item, name) && covers(item[name] as Json, wanted[name] as Json),
  );
}
