/** Cases for policies: what is given, and which effect is expected; one is a line of a file that `policy test` reads. */
import { z } from "zod";
import { canonicalJson, type Json } from "../../kernel/canonicalJson.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { parse } from "../../kernel/parse.ts";
import type { AliasTable } from "./aliases.ts";
import type { Outcome } from "./effects.ts";
import { compileDefinition, compileRule, type Policy } from "./policy.ts";
import { parseInstant } from "./instant.ts";
import { refuse } from "./refusal.ts";
import type { Surroundings } from "./scope.ts";
import { isObject, isWithin, type JsonObject } from "./values.ts";

/** What JSON.parse made, with nothing nested too deeply, is what it is: a schema for it would only walk it again. */
const json = z.custom<Json>(() => true);
const object = z.custom<JsonObject>((value) => isObject(value as Json), { message: "expected an object" });

const expectSchema = z.union(
  [
    z.strictObject({ effect: z.string().min(1).nullable(), details: json.optional() }),
    z.strictObject({ error: z.enum(["parse", "compile"]) }),
  ],
  { error: 'expected {"effect": name or null} or {"error": "parse" or "compile"}' },
);

const policyCaseSchema = z
  .strictObject({
    id: z.string().min(1).max(500),
    /** A rule alone: any value, for what is no rule may be expected to be refused. */
    rule: json.optional(),
    /** Or a whole definition. */
    definition: json.optional(),
    parameters: object.nullish(),
    resource: object,
    apiVersion: z.string().nullish(),
    requestContext: object.nullish(),
    /** resourceGroup, subscription, policy; utcNow, which stops the clock. */
    context: object.nullish(),
    /** Answers to look-ups, in order; null means that none was found. */
    related: z.array(object.nullable()).nullish(),
    /** Name of a table of aliases. */
    aliases: z.string().nullish(),
    expect: expectSchema,
  })
  .refine(({ rule, definition }) => (rule === undefined) !== (definition === undefined), {
    message: "expected one of rule or definition",
  });

export type PolicyCase = z.output<typeof policyCaseSchema>;

export interface CaseResult {
  readonly id: string;
  readonly passed: boolean;
  /** Says what was found where it did not pass. */
  readonly message?: string;
}

/** `nowMs`: for utcNow(). It never throws for what a case may hold. */
export function runPolicyCase(input: PolicyCase, tables: ReadonlyMap<string, AliasTable>, nowMs: number): CaseResult {
  const { id, expect, aliases } = input;
  const table = aliases == null ? undefined : tables.get(aliases);
  if (aliases != null && table === undefined) {
    const known = tables.size === 0 ? "none: no file of aliases is given" : `one of ${[...tables.keys()].join(", ")}`;
    return { id, passed: false, message: `found aliases ${JSON.stringify(aliases)}; expected ${known}` };
  }
  const message = differenceOf(expect, outcomeOf(input, table, nowMs));
  return message === undefined ? { id, passed: true } : { id, passed: false, message };
}

type Found = Outcome | { readonly refused: string } | { readonly failed: string };

function outcomeOf(input: PolicyCase, aliases: AliasTable | undefined, nowMs: number): Found {
  let policy: Policy;
  try {
    const { rule = null, definition } = input;
    if (!isWithin(definition ?? rule, NESTING_MAX)) {
      throw refuse("/", `more than ${NESTING_MAX} levels`, "a policy that is nested less");
    }
    policy = definition === undefined ? compileRule(rule, aliases) : compileDefinition(definition, aliases);
  } catch (error) {
    return { refused: messageOf(error) };
  }
  try {
    const answers = [...(input.related ?? [])];
    const evaluate = policy.assign(input.parameters ?? {});
    return evaluate(input.resource, surroundingsOf(input, nowMs), () => {
      const next = answers.shift() ?? null;
      return next === null ? [] : [next];
    });
  } catch (error) {
    return { failed: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  if (error instanceof SteelyardError && error.code === "BadInput") return error.message;
  throw error;
}

function surroundingsOf({ apiVersion, requestContext, context }: PolicyCase, nowMs: number): Surroundings {
  const { utcNow, ...around } = context ?? {};
  const version = apiVersion ?? undefined;
  const stated = version === undefined ? {} : { apiVersion: version };
  const told = isObject(around["requestContext"]) ? around["requestContext"] : {};
  const now = typeof utcNow === "string" ? parseInstant(utcNow)?.ms : nowMs;
  return {
    ...around,
    ...stated,
    requestContext: { ...stated, ...told, ...requestContext },
    nowMs: now,
  };
}

function differenceOf(expect: PolicyCase["expect"], found: Found): string | undefined {
  if ("error" in expect) {
    return "refused" in found ? undefined : `found ${told(found)}; expected that the policy is refused`;
  }
  const { effect, details } = expect;
  const wanted = `expected effect ${effect}`;
  if (!("effect" in found)) return `found ${told(found)}; ${wanted}`;
  if (found.effect !== effect) return `found ${told(found)}; ${wanted}`;
  if (details === undefined || canonicalJson(details) === canonicalJson(found.details ?? null)) return undefined;
  return `found details ${JSON.stringify(found.details)}; expected ${JSON.stringify(details)}`;
}

function told(found: Found): string {
  if ("refused" in found) return `that it is refused (${found.refused})`;
  return "failed" in found ? `no verdict (${found.failed})` : `effect ${found.effect}`;
}

/** Deeper JSON is no policy and no resource; it also bounds whatever goes through it. */
const NESTING_MAX = 300;

/** `input`: what JSON.parse made. @throws SteelyardError `BadInput` */
export function readPolicyCase(input: unknown, where: string): PolicyCase {
  // What is too deep for a policy is refused as a policy: a case may expect just that.
  const others = isObject(input as Json) ? { ...(input as JsonObject), rule: null, definition: null } : input;
  if (!isWithin(others, NESTING_MAX)) {
    throw new SteelyardError("BadInput", `${where}: found more than ${NESTING_MAX} levels; expected fewer`);
  }
  return parse(policyCaseSchema, input, where);
}
