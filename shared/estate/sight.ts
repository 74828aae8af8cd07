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
  readonly body: { readonly [key: string]: Json };
}

/**
 * Lists that belong to an account: what is below it, and the resource group that it lies in (a list of one). `models`: what
 * Azure's catalogue offers to it.
 */
export const memberKinds = [
  "deployments",
  "raiPolicies",
  "models",
  "diagnosticSettings",
  "locks",
  "resourceGroup",
] as const;
export type MemberKind = (typeof memberKinds)[number];

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
