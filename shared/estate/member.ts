/** What belongs to an account, by its ID: which list it stands in, and what may be done to it. */
import { accountOf, type ResourceId } from "./resourceId.ts";
import { isUnread, type MemberKind, type Resource, type Sight, type Unread } from "./sight.ts";

const suffixes: readonly (readonly [MemberKind, RegExp])[] = [
  ["deployments", /^\/deployments\/[^/]+$/],
  ["raiPolicies", /^\/raipolicies\/[^/]+$/],
  ["projects", /^\/projects\/[^/]+$/],
  ["connections", /^(?:\/projects\/[^/]+)?\/connections\/[^/]+$/],
  ["defender", /^\/defenderforaisettings\/[^/]+$/],
  ["diagnosticSettings", /^\/providers\/microsoft\.insights\/diagnosticsettings\/[^/]+$/],
  ["locks", /^\/providers\/microsoft\.authorization\/locks\/[^/]+$/],
  ["roleAssignments", /\/providers\/microsoft\.authorization\/roleassignments\/[^/]+$/],
  ["policyAssignments", /\/providers\/microsoft\.authorization\/policyassignments\/[^/]+$/],
  ["policyExemptions", /\/providers\/microsoft\.authorization\/policyexemptions\/[^/]+$/],
];

/** What stands beside an account, in whatever resource group. */
const beside: readonly (readonly [MemberKind, RegExp])[] = [
  ["privateEndpoints", /\/providers\/microsoft\.network\/privateendpoints\/[^/]+$/],
  ["privateDnsZoneGroups", /\/providers\/microsoft\.network\/privateendpoints\/[^/]+\/privatednszonegroups\/[^/]+$/],
  ["alertRules", /\/providers\/microsoft\.insights\/metricalerts\/[^/]+$/],
];

/** Whether it is of what may stand beside accounts; which of them it concerns its ID does not tell. */
export function isBeside(id: ResourceId): boolean {
  return beside.some(([, pattern]) => pattern.test(id));
}

/** The list that a resource at or beside an account stands in; undefined for the account itself and for what is not known. */
export function memberKindOf(key: ResourceId, target: ResourceId): MemberKind | undefined {
  const isBelow = target.startsWith(`${key}/`);
  const rest = isBelow ? target.slice(key.length) : target;
  return (isBelow ? suffixes : beside).find(([, pattern]) => pattern.test(rest))?.[0];
}

const nouns: Readonly<Record<MemberKind, string>> = {
  deployments: "",
  raiPolicies: "policy ",
  models: "model ",
  projects: "project ",
  connections: "connection ",
  defender: "Defender setting ",
  diagnosticSettings: "setting ",
  alertRules: "alert ",
  privateEndpoints: "endpoint ",
  privateDnsZoneGroups: "zone group ",
  locks: "lock ",
  roleAssignments: "role assignment ",
  policyAssignments: "policy assignment ",
  policyExemptions: "exemption ",
  resourceGroup: "",
  useCaseAccounts: "",
};

/** What people call an account or what belongs to it: `oai-search`, `oai-search/chat`, `oai-search/lock steelyard`. */
export function shortName(id: ResourceId): string {
  const account = accountOf(id);
  if (account === undefined) return id.slice(id.lastIndexOf("/") + 1);
  if (account.id === id) return account.name;
  const kind = memberKindOf(account.id, id);
  return `${account.name}/${kind === undefined ? id.slice(account.id.length + 1) : nouns[kind] + id.slice(id.lastIndexOf("/") + 1)}`;
}

/**
 * Settings and locks at a resource, alerts on it, zone groups of its endpoints: a remedy makes them where they are missing,
 * and takes them away when it is undone, but for Defender's setting, which can only be turned off.
 */
export function isMadeByRemedies(target: ResourceId): boolean {
  return made.some((pattern) => pattern.test(target));
}

const made = [
  /\/providers\/microsoft\.insights\/(?:diagnosticsettings|metricalerts)\/[^/]+$/,
  /\/providers\/microsoft\.authorization\/locks\/[^/]+$/,
  /\/providers\/microsoft\.network\/privateendpoints\/[^/]+\/privatednszonegroups\/[^/]+$/,
  /\/providers\/microsoft\.cognitiveservices\/accounts\/[^/]+\/defenderforaisettings\/[^/]+$/,
];

/** A resource of a sight; undefined when it is not there, {@link Unread} when its list was not read. */
export function memberOf({ account, members }: Sight, target: ResourceId): Resource | Unread | undefined {
  const kind = memberKindOf(account.address.id, target);
  const list = kind === undefined ? undefined : members[kind];
  if (list === undefined) return { unread: "NotAsked" };
  return isUnread(list) ? list : list.find(({ id }) => id === target);
}
