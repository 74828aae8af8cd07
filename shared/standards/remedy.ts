/** What a standard's remedy demands of one resource now, and what stands against it. */
import { withoutAddresses } from "../estate/account.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import type { Sight } from "../estate/sight.ts";
import type { Assertion, Authority } from "../desired/assertion.ts";
import { valueAt, type Body } from "../desired/compare.ts";
import type { SafetyClass } from "../desired/gate.ts";
import { canonicalJson, sameJson, type Json } from "../kernel/canonicalJson.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { compileCondition, compileSelection, type Condition } from "./policy/conditions.ts";
import { compileValue, type Evaluate } from "./policy/expression.ts";
import type { Parameters, Vocabulary } from "./policy/scope.ts";
import { isList, type JsonObject } from "./policy/values.ts";
import { remedyTarget } from "./remedyTarget.ts";
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
  targetOf(judged: ResourceId, sight: Sight): ResourceId;
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

/**
 * `lasting`: what texts and values may speak of.
 * @throws SteelyardError `BadInput` with a JSON pointer to what is not understood.
 */
export function compileRemedy(remedy: Remedy, vocabulary: Vocabulary, lasting: Vocabulary): CompiledRemedy {
  const assertions = remedy.assertions.map((assertion, at) => {
    const pointer = `/remedy/assertions/${at}`;
    return {
      path: assertion.path,
      op: assertion.op,
      wanted: compileWanted(assertion, lasting, pointer),
      when: ruleOr(assertion.when, vocabulary, `${pointer}/when`),
    };
  });
  const preconditions = remedy.preconditions.map(({ if: rule, message }, at) => ({
    holds: compileCondition(rule, vocabulary, `/remedy/preconditions/${at}/if`),
    message: compileSentence(message, lasting, `/remedy/preconditions/${at}/message`),
  }));
  const none = remedy.otherwise ?? "The remedy of the standard does not fit here: a person has to put it right.";
  const otherwise = compileSentence(none, lasting, "/remedy/otherwise");
  const askOf = remedy.askOf === undefined ? undefined : compileValue(remedy.askOf, lasting, "/remedy/askOf");
  return {
    targetOf: (judged, sight) => remedyTarget(remedy.target ?? "", judged, sight),
    demands(occasion) {
      const { document, parameters } = occasion;
      const safety = safetyOf(remedy, document);
      try {
        const demanded = assertions
          .filter(({ when }) => when(document, parameters))
          .flatMap((assertion) => assertionOf(assertion, occasion) ?? []);
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

/** Undefined where there is nothing to demand. */
type Wanted = (document: JsonObject, parameters: Parameters) => Json | undefined;

function compileWanted({ op, value, select }: Remedy["assertions"][number], lasting: Vocabulary, at: string): Wanted {
  if (select === undefined) {
    const evaluate = compileValue(value ?? null, lasting, `${at}/value`);
    return (document, parameters) => evaluate({ resource: document, parameters, counted: [] });
  }
  const selected = compileSelection(withoutAbsent(select), lasting, `${at}/select`);
  if (op !== "set") return selected;
  // Lists come in any order: the first of several has to be the same at each look.
  return (document, parameters) =>
    selected(document, parameters)
      .map((one) => [canonicalJson(one), one] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))[0]?.[1];
}

function withoutAbsent(members: { readonly [name: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(members).flatMap(([name, one]) => (one === undefined ? [] : [[name, one]])));
}

interface CompiledAssertion {
  readonly path: string;
  readonly op: Remedy["assertions"][number]["op"];
  readonly wanted: Wanted;
}

function assertionOf({ path, op, wanted }: CompiledAssertion, occasion: Occasion): Assertion | undefined {
  const { document, parameters, authority } = occasion;
  const value = wanted(document, parameters);
  if (value === undefined) return undefined;
  if (op === "set") return { path, op, value, authority };
  if (op === "max") {
    if (typeof value === "number" && Number.isFinite(value)) return { path, op, value, authority };
    throw new SteelyardError("BadInput", `${path}: found ${JSON.stringify(value)}; expected a number`);
  }
  if (!isList(value)) throw new SteelyardError("BadInput", `${path}: found ${JSON.stringify(value)}; expected a list`);
  return value.length === 0 ? undefined : { path, op, value, authority };
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
  if (assertion.op === "include" || assertion.op === "exclude") {
    const members = isList(found) ? found : [];
    const isThere = (one: Json): boolean => members.some((member) => sameJson(member, one));
    return assertion.value.every((one) => isThere(one) === (assertion.op === "include"));
  }
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
  if (op === "exclude") return `${path} holds what it must not`;
  // Lists and objects do not fit into a sentence: their difference is shown with the fields.
  if (typeof value === "object") return `${path} is ${found === undefined ? "absent" : "not as demanded"}`;
  const is = found === undefined ? "absent" : JSON.stringify(withoutAddresses(found));
  return `${path} is ${is}, must be ${op === "max" ? "at most " : ""}${JSON.stringify(value)}`;
}
