/** The verdicts of an imported policy on an account and on what lies below it. */
import type { Assertion } from "../../desired/assertion.ts";
import type { Judgement } from "../../desired/judgement.ts";
import { withoutAddresses } from "../../estate/account.ts";
import { listOf, type Sight } from "../../estate/sight.ts";
import type { Json } from "../../kernel/canonicalJson.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { hiddenReason, unreadReason, type JudgedPlace, type Subject } from "../document.ts";
import type { Outcome } from "../policy/effects.ts";
import type { Surroundings } from "../policy/scope.ts";
import { isObject, member, text, type JsonObject } from "../policy/values.ts";
import { judgementOf } from "../judge.ts";
import { isMet, reasonOf } from "../remedy.ts";
import type { StandardDefinition } from "../schema.ts";
import { isExistence } from "./effects.ts";
import { reasonOfFields } from "./reason.ts";
import { textIn } from "./items.ts";
import type { ImportedRemedy } from "./remedies.ts";
import type { ImportedRule } from "./rule.ts";
import { resourcesOf, type Seen } from "./types.ts";

export interface Judged {
  readonly definition: StandardDefinition;
  readonly rule: ImportedRule;
  readonly remedy: ImportedRemedy | undefined;
}

/**
 * The version that requestContext() tells: "the latest API version is always used during compliance evaluation on existing
 * resources" (structure of policy rules). It is the one by which accounts are written.
 */
const API_VERSION = "2025-09-01";

export function judgeImported(judged: Judged, sight: Sight, place: JudgedPlace): Judgement[] {
  const { address, body, createdAt } = sight.account;
  const account: Subject = { id: address.id, body: asRead(body), createdAt };
  if (judged.rule.effect.toLowerCase() === "disabled") {
    return [verdictOf(judged, account, "notApplicable", "The effect of the policy is Disabled.")];
  }
  return judged.rule.types.flatMap((type) => {
    const subjects = resourcesOf(type, account, sight);
    // A list that was not read may hold what the policy concerns.
    if (typeof subjects === "string") return [verdictOf(judged, account, "unknown", subjects)];
    return subjects.map((subject) => judgeOne(judged, type, subject, sight, place));
  });
}

/** ARM shows no identity where an account has none; what stands for it in the account as parsed is not in the answer. */
function asRead(body: JsonObject): JsonObject {
  const { identity, ...rest } = body;
  const isFiller = isObject(identity) && Object.keys(identity).length === 1 && identity["type"] === "None";
  return isFiller ? rest : body;
}

function judgeOne(judged: Judged, type: string, subject: Seen, sight: Sight, place: JudgedPlace): Judgement {
  const { rule } = judged;
  if (subject.unread !== undefined) {
    return verdictOf(judged, subject, "unknown", `It could not be read: ${subject.unread}.`);
  }
  const told = member(subject.body, "type");
  if (typeof told !== "string") return verdictOf(judged, subject, "unknown", "type was not in the answer.");
  if (text(told) !== text(type)) return verdictOf(judged, subject, "notApplicable", `It concerns ${type}.`);
  for (const source of rule.around) {
    const reason = unreadReason(sight, source);
    if (reason !== undefined) return verdictOf(judged, subject, "unknown", reason);
  }
  const unknown = subject.unknownTo?.(rule.condition);
  if (unknown !== undefined) return verdictOf(judged, subject, "unknown", unknown);
  try {
    return evaluated(judged, type, subject, sight, place);
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    const reason = withoutAddresses(`The policy gives no verdict here: ${error.message}.`);
    return verdictOf(judged, subject, "unknown", reason);
  }
}

function evaluated(judged: Judged, type: string, subject: Subject, sight: Sight, place: JudgedPlace): Judgement {
  const { rule } = judged;
  const surroundings = surroundingsOf(judged, sight, place);
  const scope = { resource: subject.body, parameters: rule.parameters, counted: [], surroundings };
  const chosen = rule.effectOf(scope);
  const effect = typeof chosen === "string" ? chosen : rule.effect;
  if (effect.toLowerCase() === "disabled") {
    return verdictOf(judged, subject, "notApplicable", "The effect of the policy is Disabled here.");
  }
  const { outcome, hasLooked, missing } = outcomeOf(rule, type, subject, sight, surroundings);
  const isApplicable = isExistence(effect) ? hasLooked : rule.applies(scope);
  if (!isApplicable) {
    const what = isExistence(effect) ? "The condition of the policy does not hold" : "The policy is for others";
    return verdictOf(judged, subject, "notApplicable", `${what}: it does not apply.`);
  }
  if (missing !== undefined) return verdictOf(judged, subject, "unknown", missing);
  return demanded(judged, {
    type,
    subject,
    sight,
    surroundings,
    isBroken: outcome.effect !== null,
    isExistence: hasLooked,
  });
}

interface Asked {
  readonly outcome: Outcome;
  /** The condition held, and related resources were asked for. */
  readonly hasLooked: boolean;
  /** Why they are not known. */
  readonly missing: string | undefined;
}

/** `more`: a related resource that is there beside those that were read. */
export function outcomeOf(
  rule: ImportedRule,
  type: string,
  subject: Subject,
  sight: Sight,
  surroundings: Surroundings,
  more: readonly JsonObject[] = [],
): Asked {
  let hasLooked = false;
  let missing: string | undefined;
  const outcome = rule.evaluate(subject.body, surroundings, (wanted) => {
    hasLooked = true;
    const related = rule.related?.by.get(type);
    if (related === undefined) return [];
    if (related.source !== undefined) {
      missing = unreadReason(sight, related.source) ?? hiddenReason(sight, related.source);
    }
    const name = member(wanted, "name");
    const found = [...related.find(subject, sight), ...more];
    return name === undefined ? found : found.filter((one) => isNamed(one, name));
  });
  return { outcome, hasLooked, missing };
}

/** By its own name, or with those of its parents. */
function isNamed(resource: JsonObject, name: Json): boolean {
  if (typeof name !== "string") return false;
  const wanted = text(name);
  const [own, full] = [text(textIn(resource, "name")), text(textIn(resource, "id"))];
  // ARM names children by their last part alone.
  const last = wanted.slice(wanted.lastIndexOf("/") + 1);
  return own === wanted || own === last || full.endsWith(`/${wanted}`);
}

function surroundingsOf({ rule, definition }: Judged, sight: Sight, { nowMs }: JudgedPlace): Surroundings {
  const { subscriptionId } = sight.account.address;
  const group = listOf(sight, "resourceGroup")?.[0]?.body;
  const id = `/subscriptions/${subscriptionId}`;
  return {
    apiVersion: API_VERSION,
    requestContext: { apiVersion: API_VERSION },
    subscription: { id, subscriptionId },
    policy: { definitionId: textIn(rule.item.input, "id") || definition.id },
    nowMs,
    ...(group === undefined ? {} : { resourceGroup: group }),
  };
}

interface Occasion {
  readonly type: string;
  readonly subject: Subject;
  readonly sight: Sight;
  readonly surroundings: Surroundings;
  readonly isBroken: boolean;
  readonly isExistence: boolean;
}

function demanded(judged: Judged, occasion: Occasion): Judgement {
  const { definition, rule, remedy } = judged;
  const { subject, surroundings, sight, isBroken } = occasion;
  const base = verdictOf(judged, subject, isBroken ? "fail" : "pass", "It is as the policy demands.");
  const authority = { kind: "standard", id: definition.id, version: definition.version } as const;
  const demands = remedy?.demands({ subject, sight, surroundings, authority });
  const written = demands?.written ?? subject.body;
  const assertions = demands?.assertions ?? [];
  // What passes in another way than the remedy's is not to be brought to the remedy's.
  if (!isBroken) return { ...base, assertions: assertions.filter((one) => isMet(one, written)) };
  const fields = occasion.isExistence
    ? `None of the related ${rule.related?.type ?? "resources"} is as the policy demands.`
    : reasonOfFields(rule.condition, subject.body, rule.parameters, rule.vocabulary);
  const reason = reasonOf(assertions, written) ?? fields;
  const unmet = demands === undefined ? undefined : (demands.unmet ?? vainReason(rule, occasion, base, assertions));
  return { ...base, reason, assertions, unmet };
}

/** A remedy after which the policy would still find the same is put to nobody. */
function vainReason(
  rule: ImportedRule,
  { type, subject, sight, surroundings }: Occasion,
  { remedyTarget }: Judgement,
  assertions: readonly Assertion[],
): string | undefined {
  const isItself = remedyTarget === subject.id;
  const made = { name: remedyTarget.slice(remedyTarget.lastIndexOf("/") + 1), id: remedyTarget };
  const after = assertions.reduce<JsonObject>(
    (body, { path, value }) => withValue(body, path.split("."), value),
    isItself ? subject.body : made,
  );
  const changed = isItself ? { ...subject, body: after } : subject;
  const { outcome } = outcomeOf(rule, type, changed, sight, surroundings, isItself ? [] : [after]);
  return outcome.effect === null ? undefined : "The policy would find the same after its own remedy.";
}

/** Whatever the case of the names that are there. */
function withValue(body: JsonObject, [name = "", ...rest]: readonly string[], value: Json): JsonObject {
  const spelled = Object.keys(body).find((key) => text(key) === text(name)) ?? name;
  const below = body[spelled];
  return { ...body, [spelled]: rest.length === 0 ? value : withValue(isObject(below) ? below : {}, rest, value) };
}

function verdictOf(
  { definition, remedy }: Judged,
  { id: target }: Subject,
  verdict: Judgement["verdict"],
  reason: string,
): Judgement {
  return judgementOf(definition, { target, remedyTarget: remedy?.targetOf(target) ?? target, verdict, reason });
}
