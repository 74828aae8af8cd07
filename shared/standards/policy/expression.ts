/**
 * Values in rules that may be template expressions: `[concat(field('kind'), '-', parameters('suffix'))]`. A text is one
 * when it stands in brackets; `[[` stands for a text that begins with a bracket.
 */
import type { Json } from "../../kernel/canonicalJson.ts";
import { elementsOf, hasEach, parseField, pathIn, valuesOf, type Field } from "./fields.ts";
import { asFlag, functionNames, functions, partOf, type TemplateFunction } from "./functions.ts";
import { parseExpression, type Expression } from "./parser.ts";
import { metered } from "./meter.ts";
import { policyFunctions } from "./surroundings.ts";
import { kindOf, refuse, unusable } from "./refusal.ts";
import type { Scope, Vocabulary } from "./scope.ts";
import { isList, isObject, member } from "./values.ts";

/** @throws SteelyardError `BadInput` when a function cannot work on what it finds there. */
export type Evaluate = (scope: Scope) => Json;

/** Literals in rules hold no deeper values. */
const NESTING_MAX = 60;

export function isExpression(value: string): boolean {
  return value.startsWith("[") && value.endsWith("]") && !value.startsWith("[[");
}

/**
 * A value with the expressions in it, at any depth.
 * @throws SteelyardError `BadInput` with a JSON pointer to what is not understood.
 */
export function compileValue(value: Json, vocabulary: Vocabulary, pointer: string, depth = 0): Evaluate {
  if (depth > NESTING_MAX) throw refuse(pointer, `more than ${NESTING_MAX} levels`, "a shallower value");
  if (typeof value === "string") {
    if (isExpression(value)) {
      const expression = parseExpression(value.slice(1, -1), pointer);
      // A field that is the whole value is absent where the resource does not have it.
      const isField = expression.kind === "call" && expression.name.toLowerCase() === "field";
      if (isField && expression.args.length === 1) return compileFieldCall(expression, vocabulary, pointer, null);
      return metered(compileExpression(expression, vocabulary, pointer));
    }
    const text = value.startsWith("[[") ? value.slice(1) : value;
    return () => text;
  }
  if (isList(value)) {
    const items = value.map((item, at) => compileValue(item, vocabulary, `${pointer}/${at}`, depth + 1));
    return (scope) => items.map((item) => item(scope));
  }
  if (isObject(value)) {
    const members = Object.entries(value).map(
      ([name, item]) => [name, compileValue(item, vocabulary, `${pointer}/${name}`, depth + 1)] as const,
    );
    return (scope) => Object.fromEntries(members.map(([name, item]) => [name, item(scope)]));
  }
  return () => value;
}

function compileExpression(expression: Expression, vocabulary: Vocabulary, pointer: string): Evaluate {
  switch (expression.kind) {
    case "literal": {
      const { value } = expression;
      return () => value;
    }
    case "member": {
      const of = compileExpression(expression.of, vocabulary, pointer);
      const key = compileExpression(expression.key, vocabulary, pointer);
      return (scope) => partOf(of(scope), key(scope));
    }
    case "call":
      return compileCall(expression, vocabulary, pointer);
  }
}

export type Call = Expression & { readonly kind: "call" };

function compileCall(call: Call, vocabulary: Vocabulary, pointer: string): Evaluate {
  const name = call.name.toLowerCase();
  const special = specials.get(name) ?? (vocabulary.policy === undefined ? undefined : policyFunctions.get(name));
  const definition: Pick<TemplateFunction, "arity"> | undefined = special ?? functions.get(name);
  if (definition === undefined) {
    const own = vocabulary.policy === undefined ? [] : policyFunctions.keys();
    const known = [...specials.keys(), ...own, ...functionNames].join(", ");
    throw refuse(pointer, `${call.name}()`, `one of the functions ${known}`);
  }
  const [least, most] = definition.arity;
  const { length } = call.args;
  if (length < least || length > most) {
    const expected = least === most ? `${least}` : `${least} to ${most}`;
    throw refuse(pointer, `${call.name}() with ${length} arguments`, expected);
  }
  if (special !== undefined) return special.compile(call, vocabulary, pointer);
  const args = call.args.map((arg) => compileExpression(arg, vocabulary, pointer));
  const apply = functions.get(name)?.apply ?? (() => null);
  return (scope) => {
    const { meter } = scope;
    meter?.take(1);
    const given = args.map((arg) => arg(scope));
    for (const value of given) meter?.takeFor(value);
    const made = apply(given);
    meter?.takeFor(made);
    return made;
  };
}

export interface Special {
  readonly arity: TemplateFunction["arity"];
  readonly compile: (call: Call, vocabulary: Vocabulary, pointer: string) => Evaluate;
}

/** Functions that see the scope, or not all of their arguments. */
const specials: ReadonlyMap<string, Special> = new Map(
  Object.entries<Special>({
    parameters: { arity: [1, 1], compile: compileParameter },
    field: { arity: [1, 1], compile: compileFieldCall },
    current: { arity: [0, 1], compile: compileCurrent },
    if: {
      arity: [3, 3],
      compile({ args }, vocabulary, pointer) {
        const [test, yes, no] = args.map((arg) => compileExpression(arg, vocabulary, pointer));
        return (scope) => (asFlag("if", test?.(scope) ?? null) ? yes : no)?.(scope) ?? null;
      },
    },
    and: {
      arity: [2, 256],
      compile({ args }, vocabulary, pointer) {
        const all = args.map((arg) => compileExpression(arg, vocabulary, pointer));
        return (scope) => all.every((arg) => asFlag("and", arg(scope)));
      },
    },
    or: {
      arity: [2, 256],
      compile({ args }, vocabulary, pointer) {
        const all = args.map((arg) => compileExpression(arg, vocabulary, pointer));
        return (scope) => all.some((arg) => asFlag("or", arg(scope)));
      },
    },
  }),
);

function compileParameter({ args }: Call, { parameters, policy }: Vocabulary, pointer: string): Evaluate {
  const [arg] = args;
  if (arg?.kind !== "literal" || typeof arg.value !== "string") {
    throw refuse(pointer, "parameters() of something else", "the name of a parameter in single quotes");
  }
  const name = arg.value;
  policy?.asks?.(name.toLowerCase());
  if (policy?.isBare !== true && !parameters.some((known) => known.toLowerCase() === name.toLowerCase())) {
    const expected = parameters.length === 0 ? "none: there are no parameters" : parameters.join(", ");
    throw refuse(pointer, `parameters('${name}')`, expected);
  }
  return (scope) => {
    const value = member(scope.parameters, name);
    if (value === undefined) throw unusable(`parameters('${name}')`, "nothing", "a value");
    return value;
  };
}

/** Azure's own definitions ask equals(field(...), '') and length(field(...)) of fields that may be absent. */
function absentIn({ policy }: Vocabulary): Json {
  return policy === undefined ? null : "";
}

function compileFieldCall(
  { args: [arg] }: Call,
  vocabulary: Vocabulary,
  pointer: string,
  absent = absentIn(vocabulary),
): Evaluate {
  const read = compileFieldName(arg, vocabulary, pointer);
  return (scope) => {
    const field = read(scope);
    // A list within a count, too: of the one element that is counted. The element itself is what current() gives.
    return hasEach(field) ? elementsOf(field, scope) : (valuesOf(field, scope)[0] ?? absent);
  };
}

/** All lists on the way are counted around here, so the field is one value. */
function isCounted(field: Field, scope: Scope): boolean {
  const own = pathIn(field, scope) ?? [];
  const lists = (path: readonly string[]): number => path.filter((step) => step === "*").length;
  return scope.counted.some(
    ({ path }) => path?.every((step, at) => step === own[at]) === true && lists(path) === lists(own),
  );
}

function compileFieldName(
  arg: Expression | undefined,
  vocabulary: Vocabulary,
  pointer: string,
): (scope: Scope) => Field {
  if (arg?.kind === "literal" && typeof arg.value === "string") {
    const field = parseField(arg.value, vocabulary, pointer, true);
    return () => field;
  }
  const name = arg === undefined ? () => null : compileExpression(arg, vocabulary, pointer);
  return (scope) => dynamicField(name(scope), vocabulary, pointer, true);
}

/** A field whose name is only known when the rule is evaluated. */
export function dynamicField(name: Json, vocabulary: Vocabulary, pointer: string, isAsked = false): Field {
  if (typeof name !== "string") throw unusable(pointer, kindOf(name), "the name of a field");
  return parseField(name, vocabulary, pointer, isAsked);
}

function compileCurrent({ args: [arg] }: Call, vocabulary: Vocabulary, pointer: string): Evaluate {
  if (arg === undefined) return ({ counted }) => elementOf(counted[0]?.element, "current()");
  if (arg.kind !== "literal" || typeof arg.value !== "string") {
    throw refuse(pointer, "current() of something else", "a name in single quotes");
  }
  const name = arg.value;
  const lower = name.toLowerCase();
  return (scope) => {
    const named = scope.counted.find((item) => item.name === lower);
    if (named !== undefined) return elementOf(named.element, `current('${name}')`);
    const field = parseField(name, vocabulary, pointer);
    if (!isCounted(field, scope)) throw unusable(`current('${name}')`, "no count of it around", "one");
    return valuesOf(field, scope)[0] ?? null;
  };
}

function elementOf(element: Json | undefined, what: string): Json {
  if (element === undefined) throw unusable(what, "no count around", "one");
  return element;
}
