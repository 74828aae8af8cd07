/** What a look sees of an account and around it: the account, and what is below or beside it that a standard reads. */
import type { Json } from "../kernel/canonicalJson.ts";
import type { Account } from "./account.ts";
import type { ResourceId } from "./resourceId.ts";

/** A resource other than the account, as ARM answered it, with what is decided on lifted out as in {@link Account}. */
export interface Resource {
  readonly id: ResourceId;
  /** The last part of the ID, as Azure spells it. */
  readonly name: string;
  /** Terminal or under way as of an account; `Succeeded` for types that have none. */
  readonly provisioningState: string;
  readonly lastModifiedBy: string | undefined;
  readonly lastModifiedAt: string | undefined;
  readonly createdAt: string | undefined;
  /** It is there, and Azure did not show it: the code. Whatever rests on it is unknown. */
  readonly unread?: string;
  readonly body: { readonly [key: string]: Json };
}

/**
 * Lists that belong to an account: what is below it, what stands beside it and is about it, and the resource group that it
 * lies in (a list of one).
 */
export const memberKinds = [
  "deployments",
  "raiPolicies",
  /** What Azure's catalogue offers to it. */
  "models",
  "projects",
  /** Of the account and of its projects. */
  "connections",
  "defender",
  "diagnosticSettings",
  /** Metric alerts that watch it: it alone, or all accounts of its group or subscription. */
  "alertRules",
  /** Those that reach it. */
  "privateEndpoints",
  "privateDnsZoneGroups",
  "locks",
  /** At it and below it. */
  "roleAssignments",
  /** At it, above it and below it. */
  "policyAssignments",
  "policyExemptions",
  "resourceGroup",
  /** The other accounts whose tag `useCase` is the same, in whatever subscription and region: as they were seen last. */
  "useCaseAccounts",
] as const;
export type MemberKind = (typeof memberKinds)[number];

/** Those that Azure Resource Manager is asked for. */
export type ArmKind = Exclude<MemberKind, "useCaseAccounts">;

export function isArmKind(kind: MemberKind): kind is ArmKind {
  return kind !== "useCaseAccounts";
}

/** What a standard may need beside the account. `principals`: whom tags and systemData name, from the directory. */
export const sources = [...memberKinds, "principals"] as const;
export type Source = (typeof sources)[number];

/** A source did not answer: its code. Whatever rests on it is unknown. */
export interface Unread {
  readonly unread: string;
}

/** A user, group or service principal of the directory. */
export interface Principal {
  readonly oid: string;
  readonly kind: "user" | "group" | "servicePrincipal";
  readonly enabled: boolean;
}

/**
 * Requests that reading a list takes, as a rule: connections are those of each project, too; of private endpoints the account
 * tells the IDs, and most have one.
 */
export function readsOf(kind: MemberKind): number {
  if (!isArmKind(kind)) return 0;
  if (kind === "connections") return 3;
  return kind === "privateEndpoints" || kind === "privateDnsZoneGroups" ? 2 : 1;
}

export interface Sight {
  readonly account: Account;
  /** Only what was asked for is there. `locks`: those on the account and above it. */
  readonly members: Readonly<Partial<Record<MemberKind, readonly Resource[] | Unread>>>;
  /** By what names them in lower case (object ID or mail address); null when the directory knows none. */
  readonly principals?: Readonly<Record<string, Principal | null>> | Unread;
}

export function isUnread(value: object | undefined): value is Unread {
  return value !== undefined && "unread" in value;
}

/** A list of a sight; undefined when it was not read. */
export function listOf({ members }: Sight, kind: MemberKind): readonly Resource[] | undefined {
  const list = members[kind];
  return list === undefined || isUnread(list) ? undefined : list;
}
