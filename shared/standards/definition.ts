/** A standard is data; this is its shape and how it becomes something that can judge. */
import { z } from "zod";
import { archetypes, fieldPath } from "../config/schema.ts";
import { parse } from "../kernel/parse.ts";
import { compileCondition, type Condition, type Parameters } from "./policy/evaluate.ts";

const assertionSchema = z.strictObject({
  // ARM replaces each member of properties whole: a patch of a part of one would take the other parts away.
  path: fieldPath,
  op: z.literal("set"),
  value: z.json(),
});

const preconditionSchema = z.strictObject({
  /** Must hold before the remedy is put to anybody. */
  view: z.literal("approvedPrivateEndpoints"),
  atLeast: z.int().min(1),
  message: z.string(),
});

export const standardSchema = z.strictObject({
  id: z.string(),
  version: z.int().min(1),
  title: z.string(),
  severity: z.enum(["low", "medium", "high"]),
  resourceType: z.literal("Microsoft.CognitiveServices/accounts"),
  /** Archetypes of subscriptions that it concerns. */
  archetypes: z.array(z.enum(archetypes)).min(1),
  parameters: z.record(z.string(), z.json()).default({}),
  /** Policy rule: the condition under which a resource breaks the standard. */
  rule: z.strictObject({ if: z.json() }),
  /** What must be present for a verdict; when any is absent the verdict is `unknown`, not `pass` and not `fail`. */
  needs: z.array(z.string()).default([]),
  remedy: z
    .strictObject({
      kind: z.literal("patch"),
      safety: z.enum(["S", "R", "X"]),
      assertions: z.array(assertionSchema).min(1),
      preconditions: z.array(preconditionSchema).default([]),
    })
    .optional(),
  /** What the standard says of sample resources; run by the tests. */
  cases: z.array(
    z.strictObject({
      name: z.string(),
      resource: z.json(),
      verdict: z.enum(["pass", "fail", "unknown", "notApplicable"]),
    }),
  ),
  sources: z.array(z.string()),
});

export type StandardDefinition = z.output<typeof standardSchema>;

/** A definition with its rule compiled, with the parameters that the configuration gives it. */
export interface Standard {
  readonly definition: StandardDefinition;
  readonly breaks: Condition;
}

/** @throws SteelyardError `BadInput` when the definition or its rule is not understood. */
export function compileStandard(input: unknown, overrides: Parameters = {}): Standard {
  const id = typeof input === "object" && input !== null && "id" in input ? String(input.id) : "without id";
  const definition = parse(standardSchema, input, `standard ${id}`);
  const parameters = { ...definition.parameters, ...overrides };
  return { definition, breaks: compileCondition(definition.rule.if, parameters) };
}
