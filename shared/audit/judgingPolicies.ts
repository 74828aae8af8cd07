/**
 * The verdicts of policies on resources of files, one for each resource and policy, as a compliance scan would give them:
 * what the rule matches fails; what the policy is not about is not applicable; what rests on something that no file holds
 * is unknown.
 */
import type { Json } from "../kernel/canonicalJson.ts";
import { toIso } from "../kernel/clock.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { valueAt } from "../desired/compare.ts";
import { withoutAddresses } from "../estate/account.ts";
import { reasonOfFields } from "../standards/imported/reason.ts";
import type { Change as PolicyChange, Outcome } from "../standards/policy/effects.ts";
import type { Surroundings } from "../standards/policy/scope.ts";
import { isList, isObject, member, type JsonObject } from "../standards/policy/values.ts";
import type { Found, FoundResource } from "./found.ts";
import type { JudgeOptions } from "./judge.ts";
import { expressionReason, notInFile, verdictsOf } from "./judging.ts";
import { classes } from "./plan.ts";
import { spelledField, type ReadField } from "./reads.ts";
import { seenAccounts } from "./sights.ts";
import type { UsedPolicies, UsedPolicy } from "./usedPolicies.ts";
import type { Change, Plan, Remedy, Verdict } from "./verdict.ts";

/** Verdicts of one run: resources times policies. */
const VERDICTS_MAX = 1_000_000;

/** @throws SteelyardError `BadInput` when there are too many of both */
export function judgePolicies(found: Found, { policies, views }: UsedPolicies, options: JudgeOptions): Verdict[] {
  const { resources } = found;
  if (resources.length * policies.length > VERDICTS_MAX) {
    const what = `${resources.length} resources and ${policies.length} policies`;
    throw new SteelyardError("BadInput", `found ${what}; expected at most ${VERDICTS_MAX} verdicts: judge a part`);
  }
  const files = new Files(found, options);
  const verdicts = resources.flatMap((resource, at) => {
    options.progress?.(at + 1, resources.length);
    return policies.map((policy) => verdictOf(policy, resource, files));
  });
  if (views.length === 0) return verdicts;
  const accounts = seenAccounts(found, options.isComplete);
  const seen = accounts.flatMap((account) =>
    views.flatMap(({ used, name, effect }) =>
      verdictsOf(used, account, options.whereabouts, options.withPlan).map((one) => ({
        ...one,
        standard: name,
        effect,
      })),
    ),
  );
  return [...verdicts, ...seen];
}

/** What the files hold, for look-ups of related resources. */
class Files {
  readonly options: JudgeOptions;
  readonly #byType: ReadonlyMap<string, readonly FoundResource[]>;
  readonly #byKey: ReadonlyMap<string, FoundResource>;
  readonly #lists: ReadonlySet<string>;

  constructor({ resources, lists }: Found, options: JudgeOptions) {
    this.options = options;
    this.#byType = Map.groupBy(resources, ({ type }) => type.toLowerCase());
    this.#byKey = new Map(resources.map((one) => [one.key, one]));
    this.#lists = new Set(lists.filter(({ isPart }) => !isPart).map(({ path }) => path));
  }

  groupOf({ key }: FoundResource): JsonObject | undefined {
    return this.#byKey.get(groupKey(key))?.body;
  }

  /**
   * Resources that an existence effect asks for: itself, what lies below it, else its group, or its subscription where the
   * policy says so. Undefined when no file tells whether there are any.
   */
  related(resource: FoundResource, wanted: JsonObject): JsonObject[] | undefined {
    const type = lower(member(wanted, "type"));
    const inBody = connectionsIn(resource, type);
    if (inBody !== undefined) return inBody;
    const name = lower(member(wanted, "name"));
    const isWide = lower(member(wanted, "existenceScope")) === "subscription";
    const group = lower(member(wanted, "resourceGroupName"));
    const around =
      group === "" ? groupKey(resource.key) : resource.key.replace(/(\/resourcegroups\/)[^/]+.*$/, `$1${group}`);
    const scope = isWide ? resource.key.split("/").slice(0, 3).join("/") : around;
    const all = this.#byType.get(type) ?? [];
    const isBelow = isExtension(type) || type.startsWith(`${resource.type.toLowerCase()}/`);
    const isIt = type === resource.type.toLowerCase() && name === "";
    const there = isIt
      ? [resource]
      : all.filter(({ key, parent }) =>
          isBelow ? key.startsWith(`${resource.key}/`) || parent === resource.key : key.startsWith(`${scope}/`),
        );
    const known = there.filter(({ ofPart }) => ofPart !== true);
    if (known.length === 0 && !this.options.isComplete && !this.#isListed(resource, type)) return undefined;
    return there.map(({ body }) => body).filter((body) => name === "" || isNamed(body, name));
  }

  #isListed({ key }: FoundResource, type: string): boolean {
    return (
      this.#lists.has(`${key}/providers/${type}`) || this.#lists.has(`${key}/${type.slice(type.lastIndexOf("/") + 1)}`)
    );
  }
}

function groupKey(key: string): string {
  return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/.exec(key)?.[0] ?? "";
}

function lower(value: Json | undefined): string {
  return typeof value === "string" ? value.toLowerCase() : "";
}

/** Types that stand at any resource. */
function isExtension(type: string): boolean {
  return /^microsoft\.(?:insights\/diagnosticsettings|authorization\/|security\/)/.test(type);
}

/** Azure shows the connections of a resource in its body, and leaves an empty list out. */
function connectionsIn({ type, body }: FoundResource, wanted: string): JsonObject[] | undefined {
  if (wanted !== `${type.toLowerCase()}/privateendpointconnections`) return undefined;
  const properties = member(body, "properties");
  if (!isObject(properties)) return undefined;
  const list = member(properties, "privateEndpointConnections") ?? [];
  return isList(list) ? list.filter((item) => isObject(item)) : [];
}

/** By its own name, or with those of its parents. */
function isNamed(body: JsonObject, name: string): boolean {
  const [own, id] = [lower(member(body, "name")), lower(member(body, "id"))];
  return (
    own === name || id.endsWith(`/${name}`) || (name.includes("/") && own === name.slice(name.lastIndexOf("/") + 1))
  );
}

function verdictOf(policy: UsedPolicy, resource: FoundResource, files: Files): Verdict {
  const base = {
    resource: resource.given,
    standard: policy.name,
    effect: policy.effect ?? null,
    paths: [],
    remedy: null,
  };
  const said = (verdict: Verdict["verdict"], reason: string): Verdict => ({ ...base, verdict, reason });
  if (policy.effect?.toLowerCase() === "disabled")
    return { ...said("notApplicable", "Its effect is Disabled."), effect: null };
  const body = { ...resource.body, type: resource.type };
  const around = surroundingsOf(resource, files);
  try {
    const isExistence = /ifnotexists$/i.test(policy.effect ?? "");
    if (!isExistence && !concerns(policy, body, around))
      return said("notApplicable", "The policy is about other resources.");
    const hidden = hiddenReason(policy, resource, body, files);
    if (hidden !== undefined) {
      // What is about others is so whatever is hidden.
      return concerns(policy, body, around)
        ? said("unknown", hidden)
        : said("notApplicable", "The policy is about other resources.");
    }
    return evaluated(policy, { resource, body, around, files }, said);
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    const hint = /parameters\(/.test(error.message) ? " Give parameters their values with --parameters." : "";
    return said("unknown", withoutAddresses(`The policy gives no verdict here: ${error.message}.${hint}`));
  }
}

function concerns(policy: UsedPolicy, body: JsonObject, around: Surroundings): boolean {
  const isChild = lower(member(body, "type")).split("/").length > 2;
  const isIndexed = member(body, "tags") !== undefined || member(body, "location") !== undefined;
  if (policy.isIndexed && isChild && !isIndexed) return false;
  return policy.applies(body, around).effect !== null;
}

interface Occasion {
  readonly resource: FoundResource;
  readonly body: JsonObject;
  readonly around: Surroundings;
  readonly files: Files;
}

function evaluated(
  policy: UsedPolicy,
  { resource, body, around, files }: Occasion,
  said: (verdict: Verdict["verdict"], reason: string) => Verdict,
): Verdict {
  let looked: string | undefined;
  let isMissing = false;
  const outcome = policy.evaluate(body, around, (wanted) => {
    const type = member(wanted, "type");
    looked = typeof type === "string" ? type : "resources";
    const related = files.related(resource, wanted);
    isMissing = related === undefined;
    return related ?? [];
  });
  if (isMissing) return said("unknown", `Whether there are related ${looked} is not in the file.`);
  const isExistence = /ifnotexists$/i.test(policy.effect ?? outcome.effect ?? "");
  if (isExistence && looked === undefined && outcome.effect === null)
    return said("notApplicable", "The condition of the policy does not hold: it does not apply.");
  const paths = ownFields(policy, resource).map(({ path }) => path);
  if (outcome.effect === null) return { ...said("pass", "It is as the policy demands."), paths };
  const reason =
    looked === undefined
      ? reasonOfFields(policy.condition, body, policy.parameters, policy.vocabulary)
      : `None of the related ${looked} is as the policy demands.`;
  const fail = { ...said("fail", reason), effect: outcome.effect, paths };
  const remedy = remedyOf(policy, outcome, resource);
  return files.options.withPlan ? { ...fail, remedy, plan: planOf(remedy) } : { ...fail, remedy };
}

/** Ways of telling what a resource is, which no file hides. */
const apart = ["type", "name", "id", "fullname"];

/** What the rule reads of the resource beside what it is. */
function ownFields({ fields }: UsedPolicy, resource: FoundResource): ReadField[] {
  const own = resource.type.toLowerCase();
  return fields.filter(({ type = own, steps: [root = ""] }) => type === own && !apart.includes(root));
}

function hiddenReason(policy: UsedPolicy, resource: FoundResource, body: JsonObject, files: Files): string | undefined {
  const read = ownFields(policy, resource);
  const left = read.map(({ steps: [root = ""] }) => notInFile(resource, root)).find((reason) => reason !== undefined);
  if (left !== undefined) return left;
  if (policy.asksGroup && files.groupOf(resource) === undefined) return "Its resource group is not in the file.";
  if (policy.asksSubscription) return "What its subscription is like is not in the file.";
  return resource.origin === "declared" ? expressionReason(body, read) : undefined;
}

/** A scan of what is there goes by the newest version; a template says by which one it asks. */
function surroundingsOf(resource: FoundResource, files: Files): Surroundings {
  const { nowMs } = files.options.whereabouts;
  const stated = member(resource.body, "apiVersion");
  const apiVersion = typeof stated === "string" ? stated : toIso(nowMs).slice(0, 10);
  const subscriptionId = /^\/subscriptions\/([^/]+)/.exec(resource.key)?.[1];
  const group = files.groupOf(resource);
  return {
    requestContext: { apiVersion },
    ...(typeof stated === "string" ? { apiVersion } : {}),
    ...(subscriptionId === undefined
      ? {}
      : { subscription: { id: `/subscriptions/${subscriptionId}`, subscriptionId } }),
    ...(group === undefined ? {} : { resourceGroup: group }),
    nowMs,
  };
}

/** What `modify` and `append` would change; other effects change nothing by themselves. */
function remedyOf({ vocabulary }: UsedPolicy, { changes }: Outcome, resource: FoundResource): Remedy | null {
  const made = changes?.().flatMap((change): Change[] => {
    const field = spelledField(change.field, vocabulary);
    return field === undefined ? [] : [changeOf(change, field, resource.body)];
  });
  if (made === undefined || made.length === 0) return null;
  const isTags = made.every(({ path }) => path.startsWith("tags."));
  return {
    kind: isTags ? "tag" : "patch",
    safety: "R",
    description: null,
    target: resource.given,
    changes: made,
    unmet: null,
  };
}

function changeOf({ operation, value = null }: PolicyChange, { path }: ReadField, body: JsonObject): Change {
  const before = withoutAddresses(valueAt(body, path) ?? null);
  // `add` leaves what is there, but to a list.
  const kept = operation === "add" && before !== null;
  const after = kept ? (isList(before) ? [...before, value] : before) : operation === "remove" ? null : value;
  return { path, before, after };
}

function planOf(remedy: Remedy | null): Plan {
  if (remedy === null)
    return {
      will: "none",
      because: ["The policy's effect changes nothing of what is there."],
      request: null,
      changes: [],
    };
  return { will: "ask", because: [classes.R], request: null, changes: remedy.changes };
}
