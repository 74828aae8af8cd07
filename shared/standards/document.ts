/**
 * What a rule sees: the body of what is judged as ARM answered it, and beside it at the root where it lies and what the
 * standard reads around it.
 */
import type { ResourceId } from "../estate/resourceId.ts";
import { isUnread, listOf, memberKinds, type Sight, type Source } from "../estate/sight.ts";
import { fromIso, hourMs, toIso } from "../kernel/clock.ts";
import type { Json } from "../kernel/canonicalJson.ts";
import { bodiesJoined } from "./joins.ts";
import { lookup, shown } from "./people.ts";
import { isObject, member, type JsonObject } from "./policy/values.ts";

/** Where an account lies, beside what its body says. */
export interface JudgedPlace {
  readonly archetype: "corp" | "online";
  readonly environment: string;
  /** Environment that the configuration gives the whole subscription. */
  readonly subscriptionEnvironment?: string | undefined;
  readonly nowMs: number;
}

/** What is judged: the account or a resource below it. */
export interface Subject {
  readonly id: ResourceId;
  readonly body: JsonObject;
  readonly createdAt: string | undefined;
  /** Azure did not show it: the code. */
  readonly unread?: string;
}

/** Members at the root that tell where the resource lies; of no source. */
export const placeMembers = ["environment", "archetype", "subscriptionEnvironment"];

/** Members at the root that each source brings; those that are no list of that name, to some types alone (joins.ts). */
const sourceMembers: Readonly<Record<Source, readonly string[]>> = {
  deployments: ["deployments"],
  raiPolicies: ["raiPolicies", "raiPolicy"],
  models: ["models", "catalogueModel"],
  projects: ["projects"],
  connections: ["connections"],
  defender: ["defender"],
  alertRules: ["alertRules"],
  privateEndpoints: ["privateEndpoints"],
  privateDnsZoneGroups: ["privateDnsZoneGroups", "dnsZoneGroup"],
  roleAssignments: ["roleAssignments"],
  policyAssignments: ["policyAssignments"],
  policyExemptions: ["policyExemptions"],
  useCaseAccounts: ["useCaseAccounts"],
  diagnosticSettings: ["diagnosticSettings"],
  locks: ["locks"],
  resourceGroup: ["resourceGroup"],
  principals: ["owner", "groupOwner", "creator", "principal"],
};

/**
 * Members at the root that tell a time: how old what is judged is, in hours, the time now, ISO 8601 in UTC, and who wrote
 * when.
 */
const timeMembers = ["ageHours", "now", "systemData"];

/** All that a rule may name beside what a resource has, given what its standard reads. */
export function rootMembers(reads: readonly Source[]): string[] {
  return [...lastingMembers(reads), ...timeMembers];
}

/** Those of them that texts and values may name: what people are told or asked must not be another at each look. */
export function lastingMembers(reads: readonly Source[]): string[] {
  return [...placeMembers, "account", ...reads.flatMap((source) => sourceMembers[source])];
}

/** As people call them, at the start of a sentence. */
const sourceNames: Readonly<Record<Source, string>> = {
  deployments: "The deployments",
  raiPolicies: "The content filter policies",
  models: "The models that Azure offers",
  projects: "The projects",
  connections: "The connections",
  defender: "The Defender setting",
  alertRules: "The metric alerts",
  privateEndpoints: "The private endpoints",
  privateDnsZoneGroups: "The DNS zone groups of the private endpoints",
  roleAssignments: "The role assignments",
  policyAssignments: "The policy assignments",
  policyExemptions: "The policy exemptions",
  useCaseAccounts: "The other accounts of the use case",
  diagnosticSettings: "The diagnostic settings",
  locks: "The locks",
  resourceGroup: "The resource group",
  principals: "The directory",
};

/** Why a source tells nothing; undefined when it was read. */
export function unreadReason(sight: Sight, source: Source): string | undefined {
  const name = sourceNames[source];
  const read = source === "principals" ? sight.principals : sight.members[source];
  if (read === undefined) return `${name} had not been read.`;
  if (isUnread(read)) return `${name} could not be read: ${read.unread}.`;
  if (source === "resourceGroup" && Array.isArray(read) && read.length === 0) return `${name} was not found.`;
  return undefined;
}

/** Why a list that was read does not tell all: Azure did not show something of it. */
export function hiddenReason(sight: Sight, source: Source): string | undefined {
  const hidden =
    source === "principals" ? undefined : listOf(sight, source)?.find(({ unread }) => unread !== undefined);
  return hidden && `${sourceNames[source]} could not all be read: ${hidden.unread}.`;
}

export function documentOf(subject: Subject, sight: Sight, place: JudgedPlace, reads: readonly Source[]): JsonObject {
  const { archetype, environment, subscriptionEnvironment, nowMs } = place;
  const document: Record<string, Json> = { ...subject.body, archetype, environment, account: sight.account.body };
  if (subscriptionEnvironment !== undefined) document["subscriptionEnvironment"] = subscriptionEnvironment;
  document["now"] = toIso(nowMs);
  const age = ageHours(subject.createdAt, nowMs);
  if (age !== undefined) document["ageHours"] = age;
  for (const kind of memberKinds) {
    const list = reads.includes(kind) ? listOf(sight, kind) : undefined;
    if (list === undefined) continue;
    const [first] = list;
    if (kind !== "resourceGroup") document[kind] = list.map(({ body }) => body);
    else if (first !== undefined) document[kind] = first.body;
  }
  if (reads.includes("principals")) Object.assign(document, principalsOf(sight));
  Object.assign(document, bodiesJoined(subject, sight, reads));
  return document;
}

/** Undefined when it is not known when it was created. */
export function ageHours(createdAt: string | undefined, nowMs: number): number | undefined {
  const createdMs = fromIso(createdAt ?? "");
  return Number.isNaN(createdMs) ? undefined : Math.max(0, nowMs - createdMs) / hourMs;
}

/** Whom the tags `owner` of account and group and the account's creation name, as far as the directory knows them. */
function principalsOf(sight: Sight): Record<string, Json> {
  const { account } = sight;
  const group = listOf(sight, "resourceGroup")?.[0]?.body;
  const found = {
    owner: lookup(sight, member(account.body["tags"], "owner")),
    groupOwner: lookup(sight, member(group?.["tags"], "owner")),
    creator: lookup(sight, account.createdBy ?? creatorIn(account.body)),
  };
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, principal]) => (principal ? [[name, shown(principal)]] : [])),
  );
}

function creatorIn(body: JsonObject): Json | undefined {
  const { systemData } = body;
  return isObject(systemData) ? member(systemData, "createdBy") : undefined;
}
