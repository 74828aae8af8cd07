/**
 * Parameters of a standard: each says in a part of JSON Schema what may be given. A configuration gives one value, or
 * one for each environment (`{ prod: 100, dev: 20 }`) where the parameter is not an object itself.
 */
import { z } from "zod";
import type { Json } from "../kernel/canonicalJson.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { expectation, found } from "../kernel/parse.ts";
import type { Parameters } from "./policy/scope.ts";
import { isList, isObject } from "./policy/values.ts";

const types = ["string", "integer", "number", "boolean", "array", "object"] as const;

/** Faults of one value that are told. */
const FAULTS_MAX = 5;

/** JSON Schema, as far as parameters need it. */
const shape = {
  type: z.enum(types),
  description: z.string().min(1).optional(),
  enum: z.array(z.json()).min(1).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  pattern: z.string().optional(),
  /** The texts name environments of the configuration. */
  format: z.literal("environment").optional(),
  minLength: z.int().min(0).optional(),
  maxLength: z.int().min(0).optional(),
  minItems: z.int().min(0).optional(),
  maxItems: z.int().min(0).optional(),
  get items() {
    return valueSchema.optional();
  },
  get properties() {
    return z.record(z.string(), valueSchema).optional();
  },
  required: z.array(z.string()).optional(),
  get additionalProperties() {
    return z.union([z.boolean(), valueSchema]).optional();
  },
};

const valueSchema: z.ZodType<ValueSchema> = z.lazy(() => z.strictObject(shape));

interface ValueSchema {
  readonly type: (typeof types)[number];
  readonly description?: string | undefined;
  readonly [keyword: string]: unknown;
}

export const parameterSchema = z
  .strictObject({
    ...z.strictObject(shape).shape,
    description: z.string().min(1),
    /** Without one a configuration has to give a value. */
    default: z.json().optional(),
  })
  .superRefine((parameter, context) => {
    if (parameter.default === undefined) return;
    for (const { path, message } of faultsOfValue(parameter, parameter.default, ["default"]))
      context.addIssue({ code: "custom", path: [...path], message });
  });

export type Parameter = z.output<typeof parameterSchema>;
export type Declared = Readonly<Record<string, Parameter>>;

export interface ParameterFault {
  /** Below the standard's parameters. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is wrong with the values that a configuration gives or leaves out; `environments`: those that there are, if known. */
export function faultsOfParameters(
  declared: Declared,
  given: Parameters,
  environments?: readonly string[],
): ParameterFault[] {
  const faults: ParameterFault[] = [];
  for (const [name, parameter] of Object.entries(declared)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value !== undefined) faults.push(...faultsOf(name, parameter, value, environments));
    else if (parameter.default === undefined)
      faults.push({ path: [name], message: `found nothing; expected ${article(parameter)}: ${parameter.description}` });
    faults.push(...strangers(name, parameter, value ?? parameter.default, environments));
  }
  return faults;
}

function unknownNames(declared: Declared, given: Parameters): ParameterFault[] {
  const known = Object.keys(declared);
  const expected = known.length === 0 ? "none: it has no parameters" : known.join(", ");
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  return unknown.map((name) => ({ path: [name], message: `found ${name}; expected ${expected}` }));
}

function article({ type }: Parameter): string {
  return type === "array" ? "a list" : /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** Environments that there are not: what concerns only those would silently concern nothing. */
function strangers(
  name: string,
  { items }: Parameter,
  value: Json | undefined,
  environments: readonly string[] | undefined,
): ParameterFault[] {
  if (items?.["format"] !== "environment" || environments === undefined || !isList(value)) return [];
  return value.flatMap((one, at) => {
    if (typeof one === "string" && environments.includes(one)) return [];
    const message = `found ${JSON.stringify(one)}; expected one of environments.names: ${environments.join(", ")}`;
    return [{ path: [name, at], message }];
  });
}

function faultsOf(
  name: string,
  parameter: Parameter,
  value: Json,
  environments: readonly string[] | undefined,
): ParameterFault[] {
  if (!isByEnvironment(parameter, value)) return faultsOfValue(parameter, value, [name]);
  const faults = Object.entries(value).flatMap(([environment, one]) => {
    if (environments === undefined || environments.includes(environment))
      return faultsOfValue(parameter, one, [name, environment]);
    const message = `found ${environment}; expected one of environments.names: ${environments.join(", ")}`;
    return [{ path: [name, environment], message }];
  });
  if (parameter.default !== undefined) return faults;
  const missing = (environments ?? []).filter((environment) => !Object.hasOwn(value, environment));
  return missing.length === 0
    ? faults
    : [...faults, { path: [name], message: `found no value for ${missing.join(", ")}; expected one` }];
}

function isByEnvironment(parameter: Parameter, value: Json): value is { readonly [environment: string]: Json } {
  return parameter.type !== "object" && isObject(value);
}

function faultsOfValue(parameter: ValueSchema, value: Json, path: readonly string[]): ParameterFault[] {
  const result = z.fromJSONSchema(parameter as z.core.JSONSchema.JSONSchema).safeParse(value);
  if (result.success) return [];
  return result.error.issues.slice(0, FAULTS_MAX).map((issue) => ({
    path: [...path, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))],
    message: messageOf(issue, parameter, value),
  }));
}

function messageOf(issue: z.core.$ZodIssue, { description }: ValueSchema, value: Json): string {
  if (issue.code === "unrecognized_keys") return `found ${issue.keys.join(", ")}; expected no such name`;
  const expected = issue.code === "invalid_format" ? `expected ${description ?? issue.format}` : expectation(issue);
  return `found ${found(value, issue.path)}; ${expected}`;
}

/**
 * The values that hold in an environment.
 * @throws SteelyardError `BadInput` naming standard, parameter, what was found and what was expected.
 */
export function bindParameters(id: string, declared: Declared, given: Parameters): (environment: string) => Parameters {
  const faults = [...unknownNames(declared, given), ...faultsOfParameters(declared, given)];
  if (faults.length > 0) {
    const lines = faults.map(({ path, message }) => `standard ${id} at parameters.${path.join(".")}: ${message}`);
    throw new SteelyardError("BadInput", lines.join("\n"));
  }
  return (environment) => {
    const values: Record<string, Json> = {};
    for (const [name, parameter] of Object.entries(declared)) {
      const value = valueIn(parameter, Object.hasOwn(given, name) ? given[name] : undefined, environment);
      if (value !== undefined) values[name] = value;
    }
    return values;
  };
}

function valueIn(parameter: Parameter, given: Json | undefined, environment: string): Json | undefined {
  if (given === undefined) return parameter.default;
  if (!isByEnvironment(parameter, given)) return given;
  return Object.hasOwn(given, environment) ? given[environment] : parameter.default;
}
