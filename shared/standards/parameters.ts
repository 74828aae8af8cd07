/**
 * Parameters of a standard: each says in a part of JSON Schema what may be given. A configuration gives one value, or
 * one for each environment (`{ prod: 100, dev: 20 }`) where the parameter is not an object itself.
 */
import { z } from "zod";
import type { Json } from "../kernel/canonicalJson.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { expectation, found } from "../kernel/parse.ts";
import type { Parameters } from "./policy/scope.ts";
import { isObject } from "./policy/values.ts";

const types = ["string", "integer", "number", "boolean", "array", "object"] as const;

/** JSON Schema, as far as parameters need it. */
const shape = {
  type: z.enum(types),
  description: z.string().min(1).optional(),
  enum: z.array(z.json()).min(1).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  pattern: z.string().optional(),
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

/** What is wrong with the values that a configuration gives; `environments`: those that there are, if known. */
export function faultsOfParameters(
  declared: Declared,
  given: Parameters,
  environments?: readonly string[],
): ParameterFault[] {
  const faults: ParameterFault[] = [];
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(declared, name)) continue;
    const known = Object.keys(declared);
    const expected = known.length === 0 ? "none: it has no parameters" : known.join(", ");
    faults.push({ path: [name], message: `found ${name}; expected ${expected}` });
  }
  for (const [name, parameter] of Object.entries(declared)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value !== undefined) faults.push(...faultsOf(name, parameter, value, environments));
    else if (parameter.default === undefined)
      faults.push({ path: [name], message: `found nothing; expected ${parameter.type}: ${parameter.description}` });
  }
  return faults;
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
  const { default: _, ...schema } = parameter;
  const result = z.fromJSONSchema(schema).safeParse(value);
  if (result.success) return [];
  return result.error.issues.slice(0, 5).map((issue) => ({
    path: [...path, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))],
    message: `found ${found(value, issue.path)}; ${expectation(issue)}`,
  }));
}

/**
 * The values that hold in an environment.
 * @throws SteelyardError `BadInput` naming standard, parameter, what was found and what was expected.
 */
export function bindParameters(id: string, declared: Declared, given: Parameters): (environment: string) => Parameters {
  const faults = faultsOfParameters(declared, given);
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
