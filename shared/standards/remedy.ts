/** What a standard's remedy demands of one resource now, and what stands against it. */
import { withoutAddresses } from "../estate/account.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import type { Assertion, Authority } from "../desired/assertion.ts";
import { valueAt, type Body } from "../desired/compare.ts";
import type { SafetyClass } from "../desired/gate.ts";
import { sameJson, type Json } from "../kernel/canonicalJson.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { compileCondition, type Condition } from "./policy/conditions.ts";
import { compileValue, type Evaluate } from "./policy/expression.ts";
import type { Parameters, Vocabulary } from "./policy/scope.ts";
import type { JsonObject } from "./policy/values.ts";
import type { Remedy } from "./schema.ts";

/** What it is decided on. */
export interface Occasion {
  /** As rules see the judged resource. */
  readonly document: JsonObject;
  readonly parameters: Parameters;
  readonly authority: Authority;
  /** Body of what the remedy writes; empty when it is not there. */
  readonly written: Body;
}

export interface Demands {
  readonly assertions: readonly Assertion[];
  readonly safety: SafetyClass;
  readonly unmet: string | undefined;
  readonly askOf: string | null;
}

export interface CompiledRemedy {
  targetOf(judged: ResourceId): ResourceId;
  /** Never throws: what cannot be worked out stands against the remedy. */
  demands(occasion: Occasion): Demands;
}

/** A text with its template expression, if it is one. @throws SteelyardError `BadInput` */
export type Sentence = (document: JsonObject, parameters: Parameters) => string;

export function compileSentence(text: string, vocabulary: Vocabulary, pointer: string): Sentence {
  const evaluate = compileValue(text, vocabulary, pointer);
  return (document, parameters) => {
    const value = evaluate({ resource: document, parameters, counted: [] });
    // It is stored and shown, and what people wrote into tags may be anybody's address.
    const shown = withoutAddresses(value);
    return typeof shown === "string" ? shown : JSON.stringify(shown);
  };
}

/** @throws SteelyardError `BadInput` with a JSON pointer to what is not understood. */
export function compileRemedy(remedy: Remedy, vocabulary: Vocabulary): CompiledRemedy {
  const assertions = remedy.assertions.map((assertion, at) => {
    const pointer = `/remedy/assertions/${at}`;
    return {
      ...assertion,
      value: compileValue(assertion.value, vocabulary, `${pointer}/value`),
      when: ruleOr(assertion.when, vocabulary, `${pointer}/when`),
    };
  });
  const preconditions = remedy.preconditions.map(({ if: rule, message }, at) => ({
    holds: compileCondition(rule, vocabulary, `/remedy/preconditions/${at}/if`),
    message: compileSentence(message, vocabulary, `/remedy/preconditions/${at}/message`),
  }));
  const none = remedy.otherwise ?? "The remedy of the standard does not fit here: a person has to put it right.";
  const otherwise = compileSentence(none, vocabulary, "/remedy/otherwise");
  const askOf = remedy.askOf === undefined ? undefined : compileValue(remedy.askOf, vocabulary, "/remedy/askOf");
  return {
    targetOf: (judged) => `${judged}${remedy.target ?? ""}` as ResourceId,
    demands(occasion) {
      const { document, parameters } = occasion;
      const safety = safetyOf(remedy, document);
      try {
        const demanded = assertions
          .filter(({ when }) => when(document, parameters))
          .map((assertion) => assertionOf(assertion, occasion));
        const unmet =
          demanded.length === 0
            ? otherwise(document, parameters)
            : preconditions.find(({ holds }) => !holds(document, parameters))?.message(document, parameters);
        // Nobody is asked where there is nothing to agree to.
        return { assertions: demanded, safety, unmet, askOf: demanded.length === 0 ? null : nameOf(askOf, occasion) };
      } catch (error) {
        if (!(error instanceof SteelyardError)) throw error;
        return {
          assertions: [],
          safety,
          unmet: withoutAddresses(`The remedy cannot be worked out: ${error.message}.`),
          askOf: null,
        };
      }
    },
  };
}

function ruleOr(rule: Json | undefined, vocabulary: Vocabulary, pointer: string): Condition {
  return rule === undefined ? () => true : compileCondition(rule, vocabulary, pointer);
}

interface CompiledAssertion {
  readonly path: string;
  readonly op: "set" | "max";
  readonly value: Evaluate;
}

function assertionOf({ path, op, value }: CompiledAssertion, occasion: Occasion): Assertion {
  const { document, parameters, authority } = occasion;
  const wanted = value({ resource: document, parameters, counted: [] });
  if (op === "set") return { path, op, value: wanted, authority };
  if (typeof wanted === "number" && Number.isFinite(wanted)) return { path, op, value: wanted, authority };
  throw new SteelyardError("BadInput", `${path}: found ${JSON.stringify(wanted)}; expected a number`);
}

function nameOf(askOf: Evaluate | undefined, { document, parameters }: Occasion): string | null {
  const value = askOf?.({ resource: document, parameters, counted: [] });
  return typeof value === "string" ? value.toLowerCase() : null;
}

function safetyOf({ safety, safeYoungerThanHours }: Remedy, document: JsonObject): SafetyClass {
  const age = document["ageHours"];
  const isYoung = safeYoungerThanHours !== undefined && typeof age === "number" && age < safeYoungerThanHours;
  return safety === "R" && isYoung ? "S" : safety;
}

export function isMet(assertion: Assertion, body: Body): boolean {
  const found = valueAt(body, assertion.path);
  if (assertion.op === "max") return typeof found === "number" && found <= assertion.value;
  return found !== undefined && sameJson(found, assertion.value);
}

/** Names the fields, in the remedy's own order, so that it does not flap; undefined when all are as demanded. */
export function reasonOf(assertions: readonly Assertion[], body: Body): string | undefined {
  const parts = assertions.filter((assertion) => !isMet(assertion, body)).map((assertion) => partOf(assertion, body));
  return parts.length === 0 ? undefined : `${parts.join("; ")}.`;
}

function partOf({ path, op, value }: Assertion, body: Body): string {
  const found = valueAt(body, path);
  // Lists and objects do not fit into a sentence: their difference is shown with the fields.
  if (typeof value === "object") return `${path} is ${found === undefined ? "absent" : "not as demanded"}`;
  const is = found === undefined ? "absent" : JSON.stringify(withoutAddresses(found));
  return `${path} is ${is}, must be ${op === "max" ? "at most " : ""}${JSON.stringify(value)}`;
}
