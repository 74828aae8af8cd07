/**
 * What of an imported policy's own remedy the product can do itself: its operations on fields that it can write, and for
 * what a deployment would make the remedies that it has. By what the policy says and looks for, not by its name. All else
 * is named with the reason; a template is never deployed.
 */
import type { Assertion, Authority } from "../../desired/assertion.ts";
import type { Body } from "../../desired/compare.ts";
import type { SafetyClass } from "../../desired/gate.ts";
import { memberOf } from "../../estate/member.ts";
import type { ResourceId } from "../../estate/resourceId.ts";
import { plainLogs, policySetting } from "../../estate/resource.ts";
import { isUnread, type Sight } from "../../estate/sight.ts";
import type { Json } from "../../kernel/canonicalJson.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { describeIssues } from "../../kernel/parse.ts";
import type { Subject } from "../document.ts";
import type { Evaluate } from "../policy/expression.ts";
import type { Scope, Surroundings } from "../policy/scope.ts";
import { isList, isObject, member, type JsonObject } from "../policy/values.ts";
import { remedySchema, type Remedy } from "../schema.ts";
import { isDoing } from "./effects.ts";
import { textIn } from "./items.ts";
import { deployedProperties } from "./template.ts";
import { compileOperations, shownOf, type Wanted } from "./operations.ts";
import { CannotRun, type ImportedRule } from "./rule.ts";
import { accountType } from "./types.ts";

/** The product's own remedies that stand for what policies deploy. */
export type NativeRemedy =
  | "diagnosticSetting"
  | "privateEndpoint"
  | "dnsZoneGroup"
  | "localAuth"
  | "apimTenantAccess"
  | "searchLocalAuth";

export interface Demanded {
  readonly written: Body;
  readonly assertions: readonly Assertion[];
  readonly unmet: string | undefined;
}

export interface RemedyOccasion {
  readonly subject: Subject;
  readonly sight: Sight;
  readonly surroundings: Surroundings;
  readonly authority: Authority;
}

export interface ImportedRemedy {
  readonly definition: Remedy;
  targetOf(judged: ResourceId): ResourceId;
  /** Never throws for what an estate may hold. */
  demands(occasion: RemedyOccasion): Demanded;
}

interface Plan {
  readonly kind: Remedy["kind"];
  readonly safety: SafetyClass;
  readonly description: string;
  readonly target?: string;
  readonly wanted: readonly Wanted[];
}

export interface RemedyChoice {
  /** The remedy of ours for what the policy deploys; undefined where it deploys nothing, or nothing that we know. */
  readonly native: NativeRemedy | undefined;
  readonly remedy: ImportedRemedy | undefined;
  /** Why there is none; undefined where there is one, and where the policy only reports. */
  readonly none: string | undefined;
}

/** `id`: of the standard that the policy becomes. */
export function chooseRemedy(rule: ImportedRule, id: string): RemedyChoice {
  const { action, effect, types } = rule;
  const native = nativeRemedyOf(action, types);
  if (!isDoing(effect)) return { native, remedy: undefined, none: undefined };
  try {
    const plan = effect.toLowerCase() === "deployifnotexists" ? planOfNative(native, rule, id) : planOfOperations(rule);
    return { native, remedy: compileRemedy(rule, plan), none: undefined };
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    return { native, remedy: undefined, none: error.message };
  }
}

/** The remedy of ours that does what the policy deploys, by what it looks for; undefined when none does. */
export function nativeRemedyOf(action: JsonObject, types: readonly string[]): NativeRemedy | undefined {
  const details = member(action, "details");
  if (member(details, "deployment") === undefined) return undefined;
  const related = textIn(details, "type").toLowerCase();
  if (related === "microsoft.insights/diagnosticsettings") return "diagnosticSetting";
  if (related.endsWith("/privateendpointconnections")) return "privateEndpoint";
  if (related === "microsoft.network/privateendpoints/privatednszonegroups") return "dnsZoneGroup";
  if (related === "microsoft.apimanagement/service/tenant") return "apimTenantAccess";
  const isItself = types.some((type) => type.toLowerCase() === related);
  const asked = JSON.stringify(member(details, "existenceCondition") ?? null).toLowerCase();
  if (!isItself || !asked.includes(`${related}/disablelocalauth"`)) return undefined;
  return related === "microsoft.search/searchservices" ? "searchLocalAuth" : "localAuth";
}

const notWritten: Readonly<Partial<Record<NativeRemedy, string>>> = {
  privateEndpoint: "private endpoints are not made here yet; a person has to make one",
  dnsZoneGroup: "which zones are right depends on the kind of the account, and its template knows one for all",
  apimTenantAccess: "API Management is not read here",
  searchLocalAuth: "search services are not read here",
};

const settingMembers = [
  "workspaceId",
  "eventHubAuthorizationRuleId",
  "eventHubName",
  "storageAccountId",
  "logAnalyticsDestinationType",
  "logs",
];

function planOfNative(native: NativeRemedy | undefined, rule: ImportedRule, id: string): Plan {
  if (native === undefined) {
    const type = rule.related?.type ?? "what it looks for";
    throw new CannotRun(`It deploys a template for ${type}, for which there is no remedy here.`);
  }
  const reason = notWritten[native];
  if (reason !== undefined) throw new CannotRun(`Its remedy is ${native}: ${reason}.`);
  if (rule.types.some((type) => type !== accountType)) throw new CannotRun("Its remedy is for accounts alone.");
  if (native === "localAuth") return { ...localAuth, wanted: ownFields(rule) };
  const isSetting = (type: string): boolean => /(^|\/)diagnosticsettings$/i.test(type);
  const properties = deployedProperties(rule.action, isSetting, settingMembers, rule.vocabulary);
  const name = settingName(rule, id);
  return {
    kind: "subresource",
    safety: "S",
    description: "It adds a diagnostic setting beside those that are there, as the policy would deploy it.",
    target: `/providers/microsoft.insights/diagnosticsettings/${name}`,
    wanted: Object.entries(properties).map(([member, value]) =>
      wantedOf(`properties.${member}`, (scope) => comparable(member, value(scope), name), rule),
    ),
  };
}

/** As settings are read back, so that it can be seen whether it is there. */
function comparable(member: string, value: Json, setting: string): Json {
  if (member === "logs") return plainLogs(value, setting.startsWith(policySetting));
  return member === "workspaceId" && typeof value === "string" ? value.toLowerCase() : value;
}

const localAuth = {
  kind: "patch",
  safety: "R",
  description: "It sets what the policy looks for, and nothing else of the account.",
} as const;

/** The name that the policy looks for, else one of the policy's own: two of them may send to different places. */
function settingName({ action, parameters }: ImportedRule, id: string): string {
  const name = member(member(action, "details"), "name");
  if (name === undefined) return `${policySetting}${id.replace(/^AZP-/, "").replaceAll(/[^a-z0-9]/g, "")}`;
  const asked = /^\[parameters\('([^']+)'\)\]$/.exec(textIn(member(action, "details"), "name"))?.[1];
  const value = asked === undefined ? name : member(parameters, asked);
  if (typeof value === "string" && /^[a-z0-9.]+$/i.test(value)) return value.toLowerCase();
  throw new CannotRun(
    `It looks for a setting named ${JSON.stringify(value)}; names here are letters, digits and dots.`,
  );
}

/** What an existence condition asks of the resource itself: fields that equal something. */
function ownFields({ action, vocabulary }: ImportedRule): Wanted[] {
  const condition = member(member(action, "details"), "existenceCondition") ?? null;
  const all = member(condition, "allOf");
  const leaves = isList(all) ? all : [condition];
  const operations = leaves.map((leaf): Json => {
    const [field, value] = [member(leaf, "field"), member(leaf, "equals")];
    if (field === undefined || value === undefined) {
      throw new CannotRun("Its existence condition asks for more than fields that equal something.");
    }
    return { operation: "addOrReplace", field, value };
  });
  return compileOperations(operations, accountType, vocabulary);
}

function planOfOperations({ action, types, vocabulary, parameters }: ImportedRule): Plan {
  const [type, ...others] = types;
  if (type === undefined || others.length > 0) throw new CannotRun("It changes resources of more than one type.");
  const details = member(action, "details") ?? null;
  const list = isList(details)
    ? details.map((one): Json => ({ ...(isObject(one) ? one : {}), operation: "add" }))
    : member(details, "operations");
  const wanted = compileOperations(isList(list) ? list : [], type, vocabulary, parameters);
  const tags = wanted.filter(({ path }) => path.startsWith("tags."));
  if (tags.length > 0 && tags.length < wanted.length) {
    throw new CannotRun("It changes tags and other fields at once, which takes two requests.");
  }
  if (tags.length > 0 && type !== accountType) throw new CannotRun(`Tags of ${type} are not written here.`);
  const description = "It makes the changes of the policy, and no others.";
  if (tags.length > 0) return { kind: "tag", safety: "S", description, wanted };
  return { kind: type === accountType ? "patch" : "put", safety: "R", description, wanted };
}

function wantedOf(path: string, value: Evaluate, { parameters }: ImportedRule): Wanted {
  return { path, value, written: shownOf(value, parameters), when: undefined, isAddition: false };
}

/** @throws CannotRun where a field is none that a remedy of that kind can write */
function compileRemedy(rule: ImportedRule, plan: Plan): ImportedRemedy {
  const { kind, safety, description, target, wanted } = plan;
  const assertions = wanted.map(({ path, written }) => ({ path, op: "set", value: written }));
  const input = { kind, safety, description, assertions, ...(target === undefined ? {} : { target }) };
  const result = remedySchema.safeParse(input);
  if (!result.success) throw new CannotRun(describeIssues(result.error, input, "Its remedy"));
  const targetOf = (judged: ResourceId): ResourceId => `${judged}${target ?? ""}` as ResourceId;
  return {
    definition: result.data,
    targetOf,
    demands: (occasion) => demandsOf(rule, wanted, targetOf(occasion.subject.id), occasion),
  };
}

function demandsOf(
  rule: ImportedRule,
  wanted: readonly Wanted[],
  target: ResourceId,
  { subject, sight, surroundings, authority }: RemedyOccasion,
): Demanded {
  const scope: Scope = { resource: subject.body, parameters: rule.parameters, counted: [], surroundings };
  const there = target === subject.id ? subject : memberOf(sight, target);
  const written = there === undefined || isUnread(there) ? {} : there.body;
  try {
    const due = wanted.filter(({ when }) => when?.(scope) !== false);
    const assertions = due.flatMap(({ path, value, isAddition }): Assertion[] => {
      const isThere = isAddition && valueIn(written, path.split(".")) !== undefined;
      return isThere ? [] : [{ path, op: "set", value: value(scope), authority }];
    });
    const unmet = assertions.length === 0 ? "The operations of the policy change nothing here." : undefined;
    return { written, assertions, unmet };
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    return { written, assertions: [], unmet: `The remedy cannot be worked out: ${error.message}.` };
  }
}

/** Whatever the case of the names. */
function valueIn(body: Json | undefined, [name, ...rest]: readonly string[]): Json | undefined {
  if (name === undefined) return body ?? undefined;
  return valueIn(member(body, name), rest);
}
