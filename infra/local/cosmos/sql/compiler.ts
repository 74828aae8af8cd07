/** Compiles scalar expressions to closures with the service's three-valued logic: true, false, undefined. */
import { compare, equals, member, type Json, type Value } from "../values.ts";
import type { ComparisonOperator, Expression } from "./ast.ts";
import { builtIns } from "./functions.ts";
import { SqlError, unsupported } from "./lexer.ts";

/** Slot 0 is the item; further slots are elements that an EXISTS binds. */
export type Row = readonly Value[];
export type Evaluate = (row: Row) => Value;

/** What names stand for where an expression is compiled. */
export interface Scope {
  /** Alias to slot of the row. */
  readonly slots: ReadonlyMap<string, number>;
  /** Name with `@` to value. */
  readonly parameters: ReadonlyMap<string, Json>;
}

/** @throws SqlError for an unknown name or function, a wrong number of operands, an aggregate out of place */
export function compile(expression: Expression, scope: Scope): Evaluate {
  switch (expression.kind) {
    case "literal": {
      const { value } = expression;
      return () => value;
    }
    case "parameter": {
      const value = parameterValue(expression, scope);
      return () => value;
    }
    case "path":
      return compilePath(expression, scope);
    case "not": {
      const operand = compile(expression.operand, scope);
      return (row) => {
        const value = operand(row);
        return typeof value === "boolean" ? !value : undefined;
      };
    }
    case "and":
    case "or":
      return compileLogical(expression, scope);
    case "compare": {
      const left = compile(expression.left, scope);
      const right = compile(expression.right, scope);
      const test = comparisons[expression.operator];
      return (row) => test(left(row), right(row));
    }
    case "in":
      return compileIn(expression, scope);
    case "between": {
      const [value, low, high] = [expression.value, expression.low, expression.high].map((part) =>
        compile(part, scope),
      );
      return (row) => and(comparisons[">="](value?.(row), low?.(row)), comparisons["<="](value?.(row), high?.(row)));
    }
    case "call":
      return compileCall(expression, scope);
    case "aggregate":
      throw unsupported(`${expression.name}(...) inside an expression`, { at: expression.at, text: expression.name });
    case "array": {
      const items = expression.items.map((item) => compile(item, scope));
      return (row) => items.map((item) => item(row)).filter((item) => item !== undefined);
    }
    case "object":
      return compileFields(expression.fields, scope);
    case "exists":
      return compileExists(expression, scope);
  }
}

/** Builds an object of named expressions; a field whose value is undefined is left out. */
export function compileFields(
  fields: readonly { readonly name: string; readonly value: Expression }[],
  scope: Scope,
): Evaluate {
  const compiled = fields.map(({ name, value }) => ({ name, value: compile(value, scope) }));
  return (row) => {
    const entries = compiled.map(({ name, value }) => [name, value(row)] as const);
    return Object.fromEntries(entries.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined));
  };
}

/** @throws SqlError when the request gives no such parameter */
export function parameterValue(parameter: Expression & { kind: "parameter" }, scope: Pick<Scope, "parameters">): Json {
  const value = scope.parameters.get(parameter.name);
  if (value !== undefined) return value;
  throw new SqlError("SC2001", `Parameter '${parameter.name}' at ${parameter.at} has no value.`, {
    at: parameter.at,
    text: parameter.name,
  });
}

function compilePath(path: Expression & { kind: "path" }, scope: Scope): Evaluate {
  const slot = scope.slots.get(path.root);
  if (slot === undefined) {
    throw new SqlError("SC2001", `Identifier '${path.root}' at ${path.at} could not be resolved.`, {
      at: path.at,
      text: path.root,
    });
  }
  const { steps } = path;
  return (row) => {
    let value = row[slot];
    for (const step of steps) value = member(value, step);
    return value;
  };
}

const comparisons: Readonly<Record<ComparisonOperator, (left: Value, right: Value) => Value>> = {
  "=": equals,
  "!=": (left, right) => {
    const equal = equals(left, right);
    return equal === undefined ? undefined : !equal;
  },
  "<": (left, right) => ordered(left, right, (sign) => sign < 0),
  "<=": (left, right) => ordered(left, right, (sign) => sign <= 0),
  ">": (left, right) => ordered(left, right, (sign) => sign > 0),
  ">=": (left, right) => ordered(left, right, (sign) => sign >= 0),
};

function ordered(left: Value, right: Value, test: (sign: number) => boolean): Value {
  const sign = compare(left, right);
  return sign === undefined ? undefined : test(sign);
}

function and(left: Value, right: Value): Value {
  if (left === false || right === false) return false;
  return left === true && right === true ? true : undefined;
}

/** The deciding value (false of AND, true of OR) wins over undefined; what is no boolean counts as undefined. */
function compileLogical(expression: Expression & { kind: "and" | "or" }, scope: Scope): Evaluate {
  const left = compile(expression.left, scope);
  const right = compile(expression.right, scope);
  const decides = expression.kind === "or";
  return (row) => {
    const first = left(row);
    if (first === decides) return decides;
    const second = right(row);
    if (second === decides) return decides;
    return first === !decides && second === !decides ? !decides : undefined;
  };
}

/** An OR of equalities. */
function compileIn(expression: Expression & { kind: "in" }, scope: Scope): Evaluate {
  const value = compile(expression.value, scope);
  const list = expression.list.map((item) => compile(item, scope));
  return (row) => {
    const found = value(row);
    const results = list.map((item) => equals(found, item(row)));
    if (results.includes(true)) return true;
    return results.includes(undefined) ? undefined : false;
  };
}

function compileCall(expression: Expression & { kind: "call" }, scope: Scope): Evaluate {
  const { name, at } = expression;
  const builtIn = builtIns.get(name.toUpperCase());
  if (builtIn === undefined) {
    throw new SqlError(
      "SC2005",
      `'${name}' at ${at} is not a recognized built-in function name of the local Cosmos DB engine (it has ${[...builtIns.keys()].join(", ")}).`,
      { at, text: name },
    );
  }
  const found = expression.operands.length;
  const { operandsMin: min, operandsMax: max } = builtIn;
  if (found < min || found > max) {
    const expected = min === max ? `${min}` : `${min} to ${max}`;
    throw new SqlError("SC2050", `The ${name} function at ${at} requires ${expected} argument(s), found ${found}.`, {
      at,
      text: name,
    });
  }
  const operands = expression.operands.map((operand) => compile(operand, scope));
  return (row) => builtIn.call(operands.map((operand) => operand(row)));
}

function compileExists(expression: Expression & { kind: "exists" }, scope: Scope): Evaluate {
  const { alias, at } = expression;
  if (scope.slots.has(alias)) throw new SqlError("SC2022", `The alias '${alias}' is used twice.`, { at, text: alias });
  const source = compile(expression.source, scope);
  const inner = { ...scope, slots: new Map([...scope.slots, [alias, scope.slots.size]]) };
  const where = expression.where === undefined ? () => true : compile(expression.where, inner);
  const select = compile(expression.select, inner);
  return (row) => {
    const elements = source(row);
    if (!Array.isArray(elements)) return false;
    return (elements as readonly Json[]).some((element) => {
      const innerRow = [...row, element];
      return where(innerRow) === true && select(innerRow) !== undefined;
    });
  };
}
