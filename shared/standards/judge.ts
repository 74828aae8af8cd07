/** The verdicts of a standard on an account and on what lies below it, with what its remedy demands there. */
import type { Judgement } from "../desired/judgement.ts";
import { valueAt } from "../desired/compare.ts";
import { withoutAddresses } from "../estate/account.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import { listOf, type Sight, type Source } from "../estate/sight.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { documentOf, hiddenReason, unreadReason, type JudgedPlace, type Subject } from "./document.ts";
import { isJoined, missingJoin } from "./joins.ts";
import { lookup } from "./people.ts";
import type { Condition } from "./policy/conditions.ts";
import type { Parameters } from "./policy/scope.ts";
import { member, text, type JsonObject } from "./policy/values.ts";
import { isMet, reasonOf, type CompiledRemedy, type Sentence } from "./remedy.ts";
import type { StandardDefinition } from "./schema.ts";
import { judged } from "./subjects.ts";

/** A definition whose rules were compiled. */
export interface CompiledStandard {
  readonly definition: StandardDefinition;
  readonly sources: readonly Source[];
  readonly parametersIn: (environment: string) => Parameters;
  readonly breaks: Condition;
  /** Joined members that `when` and the rule read: where one is named and not there, there is no verdict. */
  readonly joins: { readonly ofWhen: readonly string[]; readonly ofRule: readonly string[] };
  /** `ofPlace`: it asks for nothing but where the account lies, so that it can be told before anything is read. */
  readonly when: { readonly holds: Condition; readonly reason: Sentence; readonly ofPlace: boolean } | undefined;
  /** Where it does not hold, there is no verdict. */
  readonly known: { readonly holds: Condition; readonly reason: Sentence } | undefined;
  readonly failure: Sentence | undefined;
  /** What a person has to do, where there is no remedy. */
  readonly byHand: Sentence | undefined;
  readonly remedy: CompiledRemedy | undefined;
}

/** What is judged with what it is judged by. */
interface Occasion {
  readonly subject: Subject;
  readonly document: JsonObject;
  readonly parameters: Parameters;
}

/** One judgement for each resource of the standard's type; one on the account where those are not known or not concerned. */
export function judge(standard: CompiledStandard, sight: Sight, place: JudgedPlace): Judgement[] {
  const { archetypes, resourceType } = standard.definition;
  const { address, body, createdAt } = sight.account;
  const account: Subject = { id: address.id, body, createdAt };
  if (!archetypes.includes(place.archetype)) {
    const reason = `It concerns subscriptions of archetype ${archetypes.join(", ")}.`;
    return [verdictOf(standard, sight, account.id, "notApplicable", reason)];
  }
  const parameters = standard.parametersIn(place.environment);
  const elsewhere = placeReason(standard, {
    subject: account,
    document: documentOf(account, sight, place, []),
    parameters,
  });
  if (elsewhere !== undefined) return [verdictOf(standard, sight, account.id, "notApplicable", elsewhere)];
  const subjects = subjectsOf(resourceType, account, sight);
  // A list that was not read may hold what the standard concerns.
  if (typeof subjects === "string") return [verdictOf(standard, sight, account.id, "unknown", subjects)];
  return subjects.map((subject) => {
    const document = asJudged(resourceType, documentOf(subject, sight, place, standard.sources));
    return judgeOne(standard, sight, { subject, document, parameters });
  });
}

/** What is of the other type that counts as this one is shown as this one, so that the rule's aliases mean it, too. */
function asJudged(type: StandardDefinition["resourceType"], document: JsonObject): JsonObject {
  const { also } = judged[type];
  const own = document["type"];
  return also !== undefined && typeof own === "string" && text(own) === text(also) ? { ...document, type } : document;
}

/** The resources of a type, or why they are not known. */
function subjectsOf(
  type: StandardDefinition["resourceType"],
  account: Subject,
  sight: Sight,
): readonly Subject[] | string {
  const { kind } = judged[type];
  if (kind === undefined) return [account];
  return listOf(sight, kind) ?? unreadReason(sight, kind) ?? [];
}

function judgeOne(standard: CompiledStandard, sight: Sight, occasion: Occasion): Judgement {
  const { definition, when, known, joins } = standard;
  const { subject, document, parameters } = occasion;
  const unknown = (reason: string): Judgement =>
    verdictOf(standard, sight, subject.id, "unknown", withoutAddresses(reason));
  const type = member(subject.body, "type");
  if (typeof type !== "string") return unknown("type was not in the answer.");
  const { also = definition.resourceType } = judged[definition.resourceType];
  if (![definition.resourceType, also].some((one) => text(one) === text(type))) {
    return verdictOf(standard, sight, subject.id, "notApplicable", `It concerns ${definition.resourceType}.`);
  }
  if (subject.unread !== undefined) return unknown(`It could not be read: ${subject.unread}.`);
  const missing = missingReason(standard, sight, subject) ?? missingJoin(joins.ofWhen, subject, sight);
  if (missing !== undefined) return unknown(missing);
  try {
    if (when !== undefined && !when.holds(document, parameters)) {
      return verdictOf(standard, sight, subject.id, "notApplicable", when.reason(document, parameters));
    }
    const unjoined = missingJoin(joins.ofRule, subject, sight);
    if (unjoined !== undefined) return unknown(unjoined);
    if (known !== undefined && !known.holds(document, parameters)) {
      return unknown(known.reason(document, parameters));
    }
    return found(standard, sight, occasion, standard.breaks(document, parameters));
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    return unknown(`The rule gives no verdict here: ${error.message}.`);
  }
}

/** Undefined, too, where it cannot be worked out: then each thing that is judged says so. */
function placeReason({ when }: CompiledStandard, { document, parameters }: Occasion): string | undefined {
  try {
    if (when?.ofPlace !== true || when.holds(document, parameters)) return undefined;
    return when.reason(document, parameters);
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    return undefined;
  }
}

/** What the verdict rests on was not read, or is not in the answer. */
function missingReason({ definition, sources }: CompiledStandard, sight: Sight, subject: Subject): string | undefined {
  for (const source of sources) {
    const reason = unreadReason(sight, source);
    if (reason !== undefined) return reason;
    const { resourceType } = definition;
    // Of what is judged one by one, or joined, what is not shown leaves the others known.
    const isOneByOne = judged[resourceType].kind === source || isJoined(resourceType, source);
    const hidden = isOneByOne ? undefined : hiddenReason(sight, source);
    if (hidden !== undefined) return hidden;
  }
  if (sources.includes("principals")) {
    const owner = member(sight.account.body["tags"], "owner");
    const isNamed = typeof owner === "string" && owner.trim() !== "";
    if (isNamed && lookup(sight, owner) === undefined) return "The directory had not been asked for the owner.";
  }
  const path = definition.needs.find((need) => valueAt(subject.body, need) === undefined);
  return path === undefined ? undefined : `${path} was not in the answer.`;
}

function found(standard: CompiledStandard, sight: Sight, occasion: Occasion, isBroken: boolean): Judgement {
  const { definition, remedy, failure, byHand } = standard;
  const { subject, document, parameters } = occasion;
  const remedyTarget = remedy?.targetOf(subject.id, sight) ?? subject.id;
  const written = remedyTarget === subject.id ? subject.body : (bodyOf(standard, sight, remedyTarget) ?? {});
  const authority = { kind: "standard", id: definition.id, version: definition.version } as const;
  const demands = remedy?.demands({ document, parameters, authority, written });
  const assertions = demands?.assertions ?? [];
  const judged = {
    ...verdictOf(standard, sight, subject.id, isBroken ? "fail" : "pass", "It is as the standard demands."),
    remedyTarget,
    safety: demands?.safety ?? ("X" as const),
  };
  // What passes in another way than the remedy's is not to be brought to the remedy's.
  if (!isBroken) return { ...judged, assertions: assertions.filter((assertion) => isMet(assertion, written)) };
  const reason = failure?.(document, parameters) ?? reasonOf(assertions, written) ?? "It breaks the rule.";
  const unmet = demands === undefined ? byHand?.(document, parameters) : demands.unmet;
  return { ...judged, reason, assertions, unmet, askOf: demands?.askOf ?? null };
}

/** Body of a resource of its own that the remedy writes; undefined when it is not there. */
function bodyOf({ sources }: CompiledStandard, sight: Sight, id: ResourceId): JsonObject | undefined {
  for (const source of sources) {
    const list = source === "principals" ? undefined : listOf(sight, source);
    const there = list?.find((resource) => resource.id === id);
    if (there !== undefined) return there.body;
  }
  return undefined;
}

function verdictOf(
  { definition, remedy }: CompiledStandard,
  sight: Sight,
  target: ResourceId,
  verdict: Judgement["verdict"],
  reason: string,
): Judgement {
  return judgementOf(definition, { target, remedyTarget: remedy?.targetOf(target, sight) ?? target, verdict, reason });
}

/** A verdict that asks for nothing. */
export function judgementOf(
  { id, version, title, severity, remedy }: StandardDefinition,
  said: Pick<Judgement, "target" | "remedyTarget" | "verdict" | "reason">,
): Judgement {
  return {
    standard: { id, version, title, severity },
    ...said,
    assertions: [],
    safety: remedy?.safety ?? "X",
    unmet: undefined,
    askOf: null,
  };
}
