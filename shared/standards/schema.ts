/** A standard is data; this is its shape. */
import { z } from "zod";
import { archetypes, standardId } from "../config/schema.ts";
import { memberKinds, sources } from "../estate/sight.ts";
import { parameterSchema } from "./parameters.ts";
import { targetPattern } from "./remedyTarget.ts";
import { resourceTypes } from "./subjects.ts";

export const remedyKinds = ["patch", "put", "subresource", "pause", "tag", "ask"] as const;

/** One change is one kind of request, so a kind fixes which fields it may change. */
const pathsOf: Readonly<Record<(typeof remedyKinds)[number], RegExp>> = {
  // A part of a member is sent with the whole member from a fresh read: ARM replaces each member of properties whole.
  patch: /^(properties\.[A-Za-z]+(\.[A-Za-z]+)?|identity\.type|sku\.capacity)$/,
  put: /^properties\.[A-Za-z]+(\.[A-Za-z]+)?$/,
  subresource: /^properties\.[A-Za-z]+$/,
  pause: /^properties\.deploymentState$/,
  tag: /^tags\.[A-Za-z][A-Za-z0-9_-]*$/,
  ask: /^tags\.[A-Za-z][A-Za-z0-9_-]*$/,
};

/** A policy rule. */
const rule = z.json();

/** A text, or a template expression that makes one. */
const sentence = z.string().min(1);

/** Elements of a list, as a policy's count names them: of a field, with `[*]`, or of a value, by a name. */
const selectionSchema = z.strictObject({
  field: z.string().optional(),
  value: z.json().optional(),
  name: z.string().optional(),
  where: rule,
  /** What is made of each, with `current()`; left out, the element itself. */
  as: z.json().optional(),
});

/**
 * `include` and `exclude` add to a list or take from it, and leave the rest as it is. A `select` in place of a value takes
 * from what is known what is to be added or taken away, or of several names that fit the first; where none fits nothing is
 * demanded.
 */
const assertionSchema = z
  .strictObject({
    path: z.string(),
    op: z.enum(["set", "max", "include", "exclude"]),
    /** With template expressions, if any. */
    value: z.json().optional(),
    select: selectionSchema.optional(),
    /** What Azure takes an absent value for: an undo puts this where nothing was, and Azure cannot be asked to take it away. */
    absent: z.json().optional(),
    /** It is demanded only where this holds. */
    when: rule.optional(),
  })
  .superRefine(({ op, value, select }, context) => {
    const isRight = select === undefined ? value !== undefined && op !== "exclude" : value === undefined;
    const isFitting = select === undefined || (op === "set" ? select.as !== undefined : op !== "max");
    if (isRight && isFitting) return;
    const message =
      op === "exclude"
        ? "expected a select, and no value"
        : op === "max"
          ? "expected a value, and no select"
          : `expected a value, or a select${op === "set" ? " that says as what" : ""}`;
    context.addIssue({ code: "custom", path: [select === undefined ? "value" : "select"], message });
  });

const preconditionSchema = z.strictObject({
  /** Must hold before the remedy is put to anybody. */
  if: rule,
  message: sentence,
});

export const remedySchema = z
  .strictObject({
    /** What it does, for people. */
    description: z.string().min(1).optional(),
    kind: z.enum(remedyKinds),
    safety: z.enum(["S", "R", "X"]),
    /** It is safe (S) where what was judged is younger than so many hours: nobody relies on it yet. */
    safeYoungerThanHours: z.int().min(1).optional(),
    /** What is written, below what was judged: the rest of its ID, in lower case; or beside it (remedyTarget.ts). */
    target: z.string().regex(targetPattern).optional(),
    /** All that the remedy may change. */
    assertions: z.array(assertionSchema).min(1),
    preconditions: z.array(preconditionSchema).default([]),
    /** Object ID of whom the remedy concerns: asked, whatever the mode. */
    askOf: sentence.optional(),
    /** What people are told where no assertion is demanded though the standard is broken. */
    otherwise: sentence.optional(),
  })
  .superRefine((remedy, context) => {
    for (const [at, { path }] of remedy.assertions.entries()) {
      if (pathsOf[remedy.kind].test(path)) continue;
      const message = `expected a field that a remedy of kind ${remedy.kind} can write`;
      context.addIssue({ code: "custom", path: ["assertions", at, "path"], message });
    }
    if ((remedy.target !== undefined) !== (remedy.kind === "subresource")) {
      const message = "expected a target for a remedy of kind subresource, and for no other";
      context.addIssue({ code: "custom", path: ["target"], message });
    }
    if ((remedy.askOf !== undefined) !== (remedy.kind === "ask")) {
      const message = "expected askOf for a remedy of kind ask, and for no other";
      context.addIssue({ code: "custom", path: ["askOf"], message });
    }
  });

const body = z.record(z.string(), z.json());
const unread = z.strictObject({ unread: z.string() });

const principal = z.strictObject({
  oid: z.string(),
  kind: z.enum(["user", "group", "servicePrincipal"]),
  enabled: z.boolean(),
});

/** What the standard says of a sample; run by the tests. */
const caseSchema = z.strictObject({
  name: z.string(),
  /** Body of what is judged. */
  resource: body,
  /** Body of the account around it. */
  account: body.optional(),
  /** Sources that are not here were not read. */
  members: z.partialRecord(z.enum(memberKinds), z.union([z.array(body), unread])).default({}),
  principals: z.union([z.record(z.string(), principal.nullable()), unread]).optional(),
  parameters: z.record(z.string(), z.json()).default({}),
  environment: z.string().default("prod"),
  /** The first of the standard's where it is left out. */
  archetype: z.enum(archetypes).optional(),
  subscriptionEnvironment: z.string().optional(),
  ageHours: z.number().optional(),
  verdict: z.enum(["pass", "fail", "unknown", "notApplicable"]),
  /** What the remedy demands, if that is part of the case. */
  demands: z.array(z.strictObject({ path: z.string(), op: z.string(), value: z.json() })).optional(),
  safety: z.enum(["S", "R", "X"]).optional(),
  /** Part of the reason. */
  reason: z.string().optional(),
  /** Part of what stands against the remedy; null: nothing does. */
  unmet: z.string().nullable().optional(),
  askOf: z.string().optional(),
});

export const standardSchema = z.strictObject({
  id: standardId,
  version: z.int().min(1).default(1),
  title: z.string().min(1),
  /** What it asks and why, for people. */
  description: z.string().min(1).optional(),
  severity: z.enum(["low", "medium", "high"]),
  resourceType: z.enum(resourceTypes),
  /** Archetypes of subscriptions that it concerns. */
  archetypes: z.array(z.enum(archetypes)).min(1),
  /** What it reads beside what it judges. */
  reads: z.array(z.enum(sources)).default([]),
  parameters: z.record(z.string().regex(/^[a-z][A-Za-z]*$/), parameterSchema).default({}),
  /** Policy rule: where it does not hold, the standard does not apply, for the reason given. */
  when: z.strictObject({ if: rule, reason: sentence }).optional(),
  /** Policy rule: where it does not hold, what was read does not tell, and the verdict is `unknown` for the reason given. */
  known: z.strictObject({ if: rule, reason: sentence }).optional(),
  /** Policy rule: the condition under which a resource breaks the standard. */
  rule: z.strictObject({ if: rule }),
  /** The rule in words, as `It fails when` goes on. */
  test: z.string().min(1).optional(),
  /** What must be present for a verdict; when any is absent the verdict is `unknown`, not `pass` and not `fail`. */
  needs: z.array(z.string()).default([]),
  /** What people are told of a failure; left out, the fields that are not as demanded. */
  failure: sentence.optional(),
  remedy: remedySchema.optional(),
  /** What a person has to do, where there is no remedy. */
  byHand: sentence.optional(),
  cases: z.array(caseSchema).default([]),
  /** Where it comes from. */
  sources: z.array(z.string()).default([]),
});

export type StandardDefinition = z.output<typeof standardSchema>;
export type StandardCase = StandardDefinition["cases"][number];
export type Remedy = NonNullable<StandardDefinition["remedy"]>;
