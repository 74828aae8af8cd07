/**
 * Strict reading of request bodies. A schema says which properties exist, their types and closed values; what it
 * doesn't name is refused with its path, as the providers do (`Could not find member ...`), never ignored.
 *
 * Read-only properties are dropped, so that the body of a GET can be sent back in a PUT. Null means "absent" in a PUT; in
 * a PATCH it means "reset" at the levels where the schema is `nullable`, and "absent" below them.
 */
import { invalidContent } from "./errors.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";

export type Schema =
  | { readonly kind: "string"; readonly values?: readonly string[]; readonly pattern?: RegExp; readonly max?: number }
  | { readonly kind: "number"; readonly min?: number; readonly integer?: boolean }
  | { readonly kind: "boolean" }
  | { readonly kind: "list"; readonly item: Schema }
  | ObjectSchema
  | { readonly kind: "readOnly" }
  | { readonly kind: "any" };

export interface ObjectSchema {
  readonly kind: "object";
  /** Name of the type in error messages. */
  readonly name: string;
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Schema of members that `properties` doesn't name; without it they are refused. */
  readonly additional?: Schema;
  /** In a PATCH, a null member is kept (as an order to reset it) instead of dropped. */
  readonly nullable?: boolean;
}

export const text: Schema = { kind: "string" };
export const number: Schema = { kind: "number" };
export const boolean: Schema = { kind: "boolean" };
export const readOnly: Schema = { kind: "readOnly" };
/** JSON of any shape, kept as it is. */
export const any: Schema = { kind: "any" };
export const list = (item: Schema): Schema => ({ kind: "list", item });
export const oneOf = (...values: string[]): Schema => ({ kind: "string", values });
export const map = (name: string, additional: Schema, nullable = false): ObjectSchema => ({
  kind: "object",
  name,
  properties: {},
  additional,
  nullable,
});
export const object = (
  name: string,
  properties: Readonly<Record<string, Schema>>,
  options: Pick<ObjectSchema, "required" | "additional" | "nullable"> = {},
): ObjectSchema => ({ kind: "object", name, properties, ...options });

export type Verb = "PUT" | "PATCH" | "POST";

/**
 * The body as the operation takes it: read-only members and meaningless nulls gone, closed values in their proper case.
 * @throws ArmRefusal 400 InvalidRequestContent with the path of the first offence.
 */
export function read(schema: ObjectSchema, value: Json | undefined, verb: Verb): JsonObject {
  if (value === undefined) throw invalidContent(`The request body is missing; expected a '${schema.name}'`);
  return readObject(schema, value, "", verb);
}

function readObject(schema: ObjectSchema, value: Json, path: string, verb: Verb): JsonObject {
  if (!isObject(value)) throw wrongType(path, `an object '${schema.name}'`, value);
  const result: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    // JSON can hold a member of this name; an object of ours can't.
    if (name === "__proto__") throw unknownMember(schema, name, path === "" ? name : `${path}.${name}`);
    const own = Object.hasOwn(schema.properties, name) ? schema.properties[name] : schema.additional;
    const at = path === "" ? name : `${path}.${name}`;
    if (own === undefined) throw unknownMember(schema, name, at);
    if (own.kind === "readOnly") continue;
    if (member === null) {
      if (verb === "PATCH" && schema.nullable === true) result[name] = null;
      continue;
    }
    result[name] = readValue(own, member, at, verb);
  }
  for (const name of schema.required ?? []) {
    if (result[name] !== undefined) continue;
    const at = path === "" ? name : `${path}.${name}`;
    throw invalidContent(`Required property '${name}' not found in JSON. Path '${at}'`);
  }
  return result;
}

function readValue(schema: Schema, value: Json, path: string, verb: Verb): Json {
  switch (schema.kind) {
    case "object":
      return readObject(schema, value, path, verb);
    case "list":
      if (!Array.isArray(value)) throw wrongType(path, "an array", value);
      return (value as readonly Json[]).map((item, index) => readValue(schema.item, item, `${path}[${index}]`, verb));
    case "boolean":
      if (typeof value !== "boolean") throw wrongType(path, "a boolean", value);
      return value;
    case "number":
      if (typeof value !== "number") throw wrongType(path, "a number", value);
      if (schema.integer === true && !Number.isInteger(value)) throw wrongType(path, "an integer", value);
      if (schema.min !== undefined && value < schema.min) throw wrongType(path, `a number >= ${schema.min}`, value);
      return value;
    case "string":
      return readString(schema, value, path);
    case "readOnly":
    case "any":
      return value;
  }
}

function readString(schema: Extract<Schema, { kind: "string" }>, value: Json, path: string): string {
  if (typeof value !== "string") throw wrongType(path, "a string", value);
  if (schema.max !== undefined && value.length > schema.max) {
    throw wrongType(path, `at most ${schema.max} characters`, `${value.length} characters`);
  }
  if (schema.pattern !== undefined && !schema.pattern.test(value)) {
    throw wrongType(path, `a string that matches ${schema.pattern.source}`, value);
  }
  if (schema.values === undefined || schema.values.includes(value)) return value;
  const proper = schema.values.find((known) => known.toLowerCase() === value.toLowerCase());
  if (proper === undefined) throw wrongType(path, `one of ${schema.values.join(", ")}`, value);
  return proper;
}

function unknownMember(schema: ObjectSchema, name: string, path: string): Error {
  const near = Object.keys(schema.properties).find((known) => known.toLowerCase() === name.toLowerCase());
  const hint = near === undefined ? "" : ` Did you mean '${near}'?`;
  return invalidContent(`Could not find member '${name}' on object of type '${schema.name}'. Path '${path}'.${hint}`);
}

function wrongType(path: string, expected: string, found: Json): Error {
  const shown = JSON.stringify(found).slice(0, 80);
  return invalidContent(`Error converting value ${shown} to ${expected}. Path '${path}'`);
}
