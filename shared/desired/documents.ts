/** Documents that live in the partition of a writer key, beside its writer document and its ledger chain. */
import { z } from "zod";
import type { ResourceId } from "../estate/resourceId.ts";
import type { Assertion, Authority } from "./assertion.ts";
import type { Field } from "./change.ts";

interface InPartition {
  readonly id: string;
  readonly pk: string;
  /** Whether passes still have to look at it; what is over stays for the record. */
  readonly live: boolean;
  /** Writer key. */
  readonly key: ResourceId;
  readonly target: ResourceId;
  readonly subscriptionId: string;
}

/** What a time or several failed writes may end. */
interface Carried extends InPartition {
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
  readonly since: string;
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
  readonly askedAt: string;
  readonly expiresAt: string;
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

export type StateDocument = Finding | Proposal | Claim;

export function proposalId(pk: string, seq: number): string {
  return `p-${pk}-${seq}`;
}

export function claimId(pk: string, seq: number): string {
  return `w-${pk}-${seq}`;
}

export function findingId(standard: string): string {
  return `finding-${standard}`;
}

const addressPattern = /^[pw]-([0-9a-f]{32})-\d{1,10}$/;

/** The id of a proposal or claim names its partition, so that one can be read without a search. */
export const documentIdSchema = z.string().regex(addressPattern, {
  error: "expected an id such as p-0123456789abcdef0123456789abcdef-7",
});

export function partitionOfDocument(id: string): string | undefined {
  return addressPattern.exec(id)?.[1];
}
