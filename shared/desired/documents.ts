/** Documents that live in the partition of a writer key, beside its writer document and its ledger chain. */
import { z } from "zod";
import { standardIdSource } from "../config/schema.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import type { UseCaseAccount } from "../estate/useCase.ts";
import { hashOf } from "../kernel/canonicalJson.ts";
import type { Assertion, Authority } from "./assertion.ts";
import type { Field } from "./change.ts";
import type { Body } from "./compare.ts";
import type { Guard } from "./guard.ts";
import type { TemplatePatch } from "./template.ts";

interface InPartition {
  readonly id: string;
  readonly pk: string;
  /** Whether passes still have to look at it; what is over stays for the record. */
  readonly live: boolean;
  /** Writer key. */
  readonly key: ResourceId;
  /** The account, or what of it is meant: a resource below it or at it. */
  readonly target: ResourceId;
  readonly subscriptionId: string;
}

/** What a time or several failed writes may end. */
interface Carried extends InPartition {
  /** When what is to be written was created, as far as Azure says: another one of its name is another one. */
  readonly createdAt: string | null;
  /** Business time, ISO 8601, at which somebody has to look again though nothing happened; null when there is none. */
  readonly wakeAt: string | null;
  /** Writes that ARM refused or that did not arrive. */
  readonly attempts: number;
  /** Not to be written again before; null when there is nothing to wait for. */
  readonly notBefore: string | null;
  readonly condition: Condition | null;
}

/** A reason for machines and a sentence for people that does not flap: no times, no counters. */
export interface Condition {
  readonly reason: string;
  readonly message: string;
}

export interface StandardRef {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly severity: "low" | "medium" | "high";
}

/** One standard's standing verdict on one target that is not as it should be, or was not. */
export interface Finding extends InPartition {
  readonly kind: "finding";
  readonly standard: StandardRef;
  readonly verdict: "fail" | "unknown";
  /** `waived`: a live claim stands above the standard on these fields. */
  readonly state: "open" | "waived" | "closed";
  readonly reason: string;
  readonly fields: readonly Field[];
  /** Why nothing is being done about it, if so. */
  readonly condition: Condition | null;
  readonly changedBy: string | null;
  readonly environment: string;
  /** What to change in the template, where a field belongs to one or a pipeline wrote it. */
  readonly patch: TemplatePatch | null;
  /** When we found it. */
  readonly since: string;
  /** It was so at this time already: when we found it or, if Azure says so, when the target was changed last before. */
  readonly presentSince: string;
  readonly closedAt: string | null;
  readonly proposal: string | null;
}

export interface Decision {
  readonly by: string;
  readonly verdict: "approve" | "reject";
  readonly reason: string | null;
  readonly at: string;
}

export interface Proposal extends Carried {
  readonly kind: "proposal";
  readonly state: "open" | "approved" | "rejected" | "applied" | "void" | "expired" | "failed";
  readonly standard: StandardRef;
  readonly authority: Authority;
  readonly fields: readonly Field[];
  readonly hash: string;
  readonly quorum: number;
  readonly decisions: readonly Decision[];
  readonly changedBy: string | null;
  readonly environment: string;
  /** As the finding's. */
  readonly presentSince: string;
  /**
   * The request that asks for it together with others: what was there before when the standard's mode became what it is
   * (`NET-01.prod.v7`). Null when it is asked for by itself.
   */
  readonly group: string | null;
  /** What is taken back together: the group, else the standard, the environment and the day it was asked. */
  readonly run: string;
  /** Why nobody was asked: the standard is enforced, or what was verified before is put back. Null when people are. */
  readonly unasked: "enforced" | "putBack" | null;
  /** Object ID of the one whom it concerns and who may agree to it as an approver may; null when there is none. */
  readonly askOf: string | null;
  readonly askedAt: string;
  readonly expiresAt: string;
  /** When more people are asked; null when none are or they were. */
  readonly escalateAt: string | null;
  readonly escalated: boolean;
}

/** A live claim on fields of the target, above the standards, until a time. */
export interface Claim extends Carried {
  readonly kind: "claim";
  readonly claimKind: "waiver";
  readonly state: "active" | "stopped" | "ended";
  readonly authority: Authority;
  readonly assertions: readonly Assertion[];
  /** What must be there for the claim to write: the values that it takes back, and the ones that it puts there. */
  readonly fields: readonly Field[];
  readonly hash: string;
  readonly by: string;
  readonly reason: string;
  readonly from: string;
  readonly until: string;
  /** Sequence number of the intent that it undoes. */
  readonly undoes: number;
  readonly restored: boolean;
}

/** The target as it was when it was last looked at and not as before; names of people left out. */
export interface Observation {
  readonly id: typeof observationId;
  readonly pk: string;
  readonly kind: "observation";
  readonly key: ResourceId;
  readonly target: ResourceId;
  readonly subscriptionId: string;
  /** The account's; null when it is gone. */
  readonly body: Body | null;
  /** What was read of what belongs to it, by kind; a kind that is not there was not asked for, or not answered. */
  readonly members: Readonly<Record<string, readonly Body[]>>;
  /** Codes of the kinds that were asked for and not answered. */
  readonly unread: Readonly<Record<string, string>>;
  /** Whom the directory knows of those named by tags, by what names them; addresses are left out. */
  readonly principals: Readonly<Record<string, unknown>>;
  /** Business time, ISO 8601. */
  readonly at: string;
  /** Since when it is so but for who wrote it last and when: never before what was seen before it. */
  readonly since: string;
  /** What was kept of it as it was before, on one day (UTC): {@link PastObservation}. */
  readonly pasts: { readonly day: string; readonly count: number };
}

export const observationId = "observation";

/** The target as it was seen from `since` until another look saw something else; its ID ends with `since`. */
export interface PastObservation extends Omit<Observation, "id" | "kind" | "at" | "pasts"> {
  readonly id: string;
  readonly kind: "pastObservation";
  /** Business time, ISO 8601: from here on it was seen otherwise. */
  readonly until: string;
  /** Seconds until the store forgets it. */
  readonly ttl: number;
}

/**
 * One account in a few hundred bytes: what lists and counts of the estate are drawn from. Stored by the pass whenever it is
 * not as before; of an account that is gone the last one stays, with `present` false.
 */
export interface Summary {
  readonly id: typeof summaryId;
  readonly pk: string;
  readonly kind: "summary";
  readonly key: ResourceId;
  readonly present: boolean;
  /** As Azure spells it. */
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  /** `OpenAI`, `AIServices`. */
  readonly accountKind: string;
  readonly environment: string;
  readonly archetype: string;
  /** Value of the tag `businessUnit`; null when there is none. */
  readonly businessUnit: string | null;
  readonly deployments: readonly SummaryDeployment[];
  /** The deployments could not be read: the list is not known, not empty. */
  readonly deploymentsUnread: boolean;
  /** Names of the content filter policies that a standard judges, as Azure spells them. */
  readonly policies: readonly string[];
  /** Targets judged by at least one standard: the account, each deployment, each policy. */
  readonly targets: number;
  /** Pairs of standard and target that were judged and concern each other, and how many of them are met. */
  readonly judged: number;
  readonly met: number;
  /** What is not as it should be, or not known, in the order of the standards. */
  readonly deviations: readonly Deviation[];
  /** Pairs of a standard and a target of its type that do not concern each other; of the account when of all below it. */
  readonly exempt: readonly Exemption[];
  /** How much it wants attention, the most first: 4 blocked, 3 waits for people, 2 open or unknown, 1 waived, 0 all met. */
  readonly rank: number;
  /** What the other accounts of its use case are told of it; left out where it has none. */
  readonly serves?: UseCaseAccount;
  /** Business time, ISO 8601, of the look that saw it so first. */
  readonly at: string;
}

export interface SummaryDeployment {
  readonly name: string;
  readonly model: string;
  readonly version: string;
  /** `GlobalStandard`, `ProvisionedManaged`. */
  readonly sku: string;
  /** Thousands of tokens a minute, or PTU where the SKU is a provisioned one. */
  readonly capacity: number;
  readonly isPaused: boolean;
}

export interface Exemption {
  readonly standard: string;
  readonly target: ResourceId;
}

export interface Deviation {
  readonly standard: string;
  readonly target: ResourceId;
  /** `waits`: for people. `blocked`: agreed to or enforced, and something stands in the way. */
  readonly state: "open" | "waits" | "blocked" | "waived" | "unknown";
  /** Reason of the condition that stands in the way, such as `Refused`. */
  readonly condition: string | null;
}

export const summaryId = "summary";

/** What a decision is made from, of all that the partition of a writer key holds. */
export type StateDocument = Finding | Proposal | Claim | Guard;

export function proposalId(pk: string, seq: number): string {
  return `p-${pk}-${seq}`;
}

export function claimId(pk: string, seq: number): string {
  return `w-${pk}-${seq}`;
}

/** `NET-01.prod.v7` or `NET-01.prod.2026-03-02`. */
export const runSchema = z
  .string()
  .regex(new RegExp(`^(?:${standardIdSource})\\.[a-z][a-z0-9-]{0,29}\\.(?:v\\d{1,9}|\\d{4}-\\d{2}-\\d{2})$`), {
    error: "expected the id of a run, such as NET-01.prod.v7 or NET-01.prod.2026-03-02",
  });

/** One finding a standard and target; the account's own has no suffix. */
export function findingId(standard: string, key: ResourceId, target: ResourceId): string {
  return `finding-${standard}${suffixOf(key, target)}`;
}

/** Tells the resources of one account apart where documents are named after them. */
export function suffixOf(key: ResourceId, target: ResourceId): string {
  return target === key ? "" : `-${hashOf(target).slice(0, 12)}`;
}

const addressPattern = /^[pw]-([0-9a-f]{32})-\d{1,10}$/;

/** The id of a proposal or claim names its partition, so that one can be read without a search. */
export function partitionOfDocument(id: string): string | undefined {
  return addressPattern.exec(id)?.[1];
}
