/** The verdicts of standards on the accounts of files. What no file tells makes a verdict unknown, never pass or fail. */
import { environmentOf, type Config, type SubscriptionSetting } from "../config/schema.ts";
import { combine } from "../desired/assertion.ts";
import { compare, type Body } from "../desired/compare.ts";
import type { Judgement } from "../desired/judgement.ts";
import { memberOf } from "../estate/member.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import { isUnread, type Sight } from "../estate/sight.ts";
import { documentOf, type JudgedPlace, type Subject } from "../standards/document.ts";
import type { FoundResource } from "./found.ts";
import { planOf } from "./plan.ts";
import { expressionAt, type ReadField } from "./reads.ts";
import { sightOf, type SeenAccount } from "./sights.ts";
import type { UsedStandard } from "./used.ts";
import type { Remedy, Verdict } from "./verdict.ts";

/** What is known of where accounts lie, beside what their tags say. */
export interface Whereabouts {
  readonly config: Config | undefined;
  readonly archetype: JudgedPlace["archetype"] | undefined;
  readonly environment: string | undefined;
  readonly nowMs: number;
}

/** Where an account lies; what is not known is undefined. */
interface KnownPlace extends Omit<JudgedPlace, "archetype" | "environment"> {
  readonly archetype: JudgedPlace["archetype"] | undefined;
  readonly environment: string | undefined;
  readonly setting: SubscriptionSetting | undefined;
}

export function placeOf(seen: SeenAccount, { config, archetype, environment, nowMs }: Whereabouts): KnownPlace {
  const setting = config?.subscriptions.find(({ id }) => id === seen.subscriptionId);
  const isKnown = seen.found !== undefined && seen.fault === undefined;
  const tags = seen.account.tags;
  const byTag = Object.entries(tags)
    .find(([name]) => name.toLowerCase() === "env")?.[1]
    ?.toLowerCase();
  const byConfig =
    config === undefined
      ? byTag
      : isKnown || setting?.environment !== undefined
        ? environmentOf(config, setting, tags)
        : undefined;
  return {
    archetype: archetype ?? setting?.archetype,
    environment: environment ?? (isKnown || config !== undefined ? byConfig : undefined),
    subscriptionEnvironment: setting?.environment,
    nowMs,
    setting,
  };
}

/** One verdict for each resource that the standard judges; `withPlan`: with what would happen about failures. */
export function verdictsOf(
  used: UsedStandard,
  seen: SeenAccount,
  whereabouts: Whereabouts,
  withPlan = false,
): Verdict[] {
  const place = placeOf(seen, whereabouts);
  const obstacle = obstacleOf(used, seen, place);
  const sight = sightOf(seen, used.subjects);
  if (obstacle !== undefined || used.standard === undefined) {
    const list = used.subjects === undefined ? undefined : sight.members[used.subjects];
    // A list that was read and is empty has nothing to judge; one that was not may have.
    const isRead = list !== undefined && !isUnread(list);
    const subjects = isRead ? list.map(({ id }) => id) : [seen.account.address.id];
    return subjects.map((id) => unknown(used, givenOf(seen, id), obstacle ?? ""));
  }
  const judged: JudgedPlace = { ...place, archetype: place.archetype ?? "corp", environment: place.environment ?? "" };
  return used.standard.judge(sight, judged).map((judgement): Verdict => {
    const hidden = hiddenReason(used, seen, sight, judged, judgement);
    if (hidden !== undefined) return unknown(used, givenOf(seen, judgement.target), hidden);
    return verdictOf({ used, seen, sight, place, config: whereabouts.config, withPlan }, judgement);
  });
}

/** Why nothing can be said, before anything is judged. */
function obstacleOf(used: UsedStandard, seen: SeenAccount, place: KnownPlace): string | undefined {
  const { definition, lacks, needsArchetype, needsEnvironment, subjects } = used;
  const where = seen.subscriptionId === undefined ? "" : ` of subscription ${seen.subscriptionId}`;
  if (needsArchetype && place.archetype === undefined)
    return `The archetype${where} is not known: give --archetype corp or online, or a --config that names the subscription.`;
  // It concerns others: nothing else has to be known.
  if (place.archetype !== undefined && !definition.archetypes.includes(place.archetype) && lacks === undefined)
    return undefined;
  if (seen.fault !== undefined) return `The account cannot be read: ${seen.fault}.`;
  const readsAccount = [...used.fields, ...used.whenFields].some(({ steps: [root] }) => root === "account");
  if (seen.found === undefined && (subjects === undefined || readsAccount))
    return "The account itself is not in the file.";
  if (lacks !== undefined) return lacks.reason;
  if (needsEnvironment && place.environment === undefined)
    return "The environment is not known: give --environment, a tag env, or --config.";
  return undefined;
}

/** What the verdict rests on stands in the file as an expression, or was left out of it. */
function hiddenReason(
  { fields, whenFields, definition }: UsedStandard,
  seen: SeenAccount,
  sight: Sight,
  place: JudgedPlace,
  { target, verdict }: Judgement,
): string | undefined {
  if (verdict === "unknown") return undefined;
  const read = verdict === "notApplicable" ? whenFields : [...whenFields, ...fields];
  const subject = subjectOf(sight, target);
  if (read.length === 0 || subject === undefined) return undefined;
  const found = seen.sources.get(target);
  for (const { steps } of read) {
    const [root = "", next = ""] = steps;
    const reason = root === "account" ? notInFile(seen.found, next) : notInFile(found, root);
    if (reason !== undefined) return reason;
  }
  const isDeclared = [found, seen.found].some((one) => one?.origin === "declared");
  if (!isDeclared) return undefined;
  const document = documentOf(subject, sight, place, definition.reads);
  return expressionReason(document, read);
}

export function expressionReason(document: Body, read: readonly ReadField[]): string | undefined {
  for (const field of read) {
    const open = expressionAt(document, field);
    if (open !== undefined) return `${field.path} is an expression that only the deployment works out: ${open}.`;
  }
  return undefined;
}

/** Members that every answer of Azure's has, and those that only a query may leave out. */
const always = ["properties"];
const chosen = [...always, "sku", "kind", "location", "tags", "identity"];

/** Why a member at the root tells nothing though it is absent. */
export function notInFile(found: FoundResource | undefined, root: string): string | undefined {
  if (found === undefined || found.origin === "declared") return undefined;
  const value = Object.entries(found.body).find(([name]) => name.toLowerCase() === root)?.[1];
  const isLeftOut = value === undefined || (value === null && always.includes(root));
  const names = found.origin === "row" ? chosen : always;
  return isLeftOut && names.includes(root) ? `${root} is not in the file.` : undefined;
}

function subjectOf(sight: Sight, target: ResourceId): Subject | undefined {
  const { address, body, createdAt } = sight.account;
  if (target === address.id) return { id: address.id, body, createdAt };
  const resource = memberOf(sight, target);
  return resource === undefined || isUnread(resource) ? undefined : resource;
}

function givenOf({ sources, account, given }: SeenAccount, id: ResourceId): string {
  const own = sources.get(id);
  return own?.given ?? `${given}${id.slice(account.address.id.length)}`;
}

function unknown({ definition, effect = "audit" }: UsedStandard, resource: string, reason: string): Verdict {
  return { resource, standard: definition.id, verdict: "unknown", effect, reason, paths: [], remedy: null };
}

interface Case {
  readonly used: UsedStandard;
  readonly seen: SeenAccount;
  readonly sight: Sight;
  readonly place: KnownPlace;
  readonly config: Config | undefined;
  readonly withPlan: boolean;
}

function verdictOf({ used, seen, sight, place, config, withPlan }: Case, judged: Judgement): Verdict {
  const { definition, fields, effect = "audit" } = used;
  const judgement = seen.sources.get(judged.target)?.origin === "declared" ? asDeclared(judged) : judged;
  const { target, verdict, reason } = judgement;
  const resource = givenOf(seen, target);
  const head = { resource, standard: definition.id, verdict, effect, reason };
  const read = fields.map(({ path }) => path);
  if (verdict !== "fail") return { ...head, paths: verdict === "pass" ? read : [], remedy: null };
  const written = writtenBody(sight, judgement);
  const changes = compare(combine(judgement.assertions), written ?? {});
  const isOwn = judgement.remedyTarget === target && changes.length > 0;
  const at = givenOf(seen, judgement.remedyTarget);
  const fail: Verdict = {
    ...head,
    paths: isOwn ? changes.map(({ path }) => path) : read,
    remedy: definition.remedy === undefined ? null : remedyOf(definition.remedy, judgement, at, changes),
  };
  if (!withPlan) return fail;
  const mode = place.environment === undefined ? undefined : used.modeIn?.(place.environment);
  const key = seen.account.address.id;
  const { setting, nowMs, environment = "" } = place;
  return { ...fail, plan: planOf({ judgement, key, changes, written, at, mode, setting, config, environment, nowMs }) };
}

/** What a template does not declare, such as its endpoints' connections, may be there all the same. */
function asDeclared(judgement: Judgement): Judgement {
  const { unmet, assertions } = judgement;
  return unmet === undefined || assertions.length === 0
    ? judgement
    : { ...judgement, unmet: `As far as the template tells: ${unmet}` };
}

/** Body of what the remedy writes; undefined when it is not there. */
function writtenBody(sight: Sight, { remedyTarget }: Judgement): Body | undefined {
  return subjectOf(sight, remedyTarget)?.body;
}

function remedyOf(
  { kind, description }: { readonly kind: Remedy["kind"]; readonly description?: string | undefined },
  { safety, unmet }: Judgement,
  target: string,
  changes: Remedy["changes"],
): Remedy {
  return {
    kind,
    safety,
    description: description ?? null,
    target,
    changes: changes.map(({ path, before, after }) => ({ path, before, after })),
    unmet: unmet ?? null,
  };
}
