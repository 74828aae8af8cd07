/** Who may decide on a proposal, and whether what people agreed to still is enough: by the rules of now, not of then. */
import { concerns, type Config, type Place } from "../config/schema.ts";
import type { Claim, Proposal } from "./documents.ts";

/** Whom the configuration lets decide on a standard's proposals at a place. */
export interface Deciders {
  /** Object IDs; null where everybody with the role may. */
  readonly named: readonly string[] | null;
  /** Those who may as well once a proposal is escalated. */
  readonly escalation: readonly string[];
}

export function decidersAt({ approvers, escalation }: Config, place: Place): Deciders {
  const entries = approvers.filter((entry) => concerns(entry, place));
  return {
    named: entries.length === 0 ? null : entries.flatMap(({ people }) => people),
    escalation: escalation?.people ?? [],
  };
}

/** Whether what is there took the name of what was agreed about; false where Azure does not say. */
export function isAnother({ createdAt }: Pick<Proposal | Claim, "createdAt">, nowCreatedAt: string | null): boolean {
  return createdAt !== null && nowCreatedAt !== null && createdAt !== nowCreatedAt;
}

export function mayDecide(
  deciders: Deciders,
  { escalated, askOf }: Pick<Proposal, "escalated"> & Partial<Pick<Proposal, "askOf">>,
  by: string,
): boolean {
  const { named, escalation } = deciders;
  return named === null || named.includes(by) || by === askOf || (escalated && escalation.includes(by));
}

/**
 * Whether as many as now have to, of those who now may, have agreed. Where nobody had to be asked there is nothing to
 * hold against it; whether nobody has to be is the gate's to say.
 */
export function isStillAgreed(
  proposal: Pick<Proposal, "decisions" | "quorum" | "escalated"> & Partial<Pick<Proposal, "askOf">>,
  quorum: number,
  deciders: Deciders,
): boolean {
  if (proposal.quorum === 0) return true;
  const people = new Set(
    proposal.decisions
      .filter(({ verdict, by }) => verdict === "approve" && mayDecide(deciders, proposal, by))
      .map(({ by }) => by),
  );
  return people.size >= Math.max(quorum, proposal.quorum);
}
