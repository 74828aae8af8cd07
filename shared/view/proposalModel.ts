/**
 * What a person needs to know of a proposal: one model for the card in a list, the page of its own and the page on which
 * it is confirmed, so that they cannot say different things.
 */
import { canonicalJson, type Json } from "../kernel/canonicalJson.ts";
import { fromIso } from "../kernel/clock.ts";
import type { Condition, Decision, Proposal } from "../desired/documents.ts";
import { shortName } from "../estate/member.ts";
import { accountOf, type ResourceId } from "../estate/resourceId.ts";
import { restored } from "../standards/restoring.ts";
import { may, mayNot, roleWord, type Desk, type Permission, type Viewer } from "./person.ts";
import { count, shortTime } from "./words.ts";

/** The four colours and two neutral marks, by the word that stands beside each. */
export type Tone = "met" | "wait" | "open" | "stop" | "work" | "unknown";

export interface Status {
  readonly tone: Tone;
  readonly word: string;
  /** What comes next; a sentence. */
  readonly next: string;
}

export interface FieldLine {
  /** As ARM calls it, without `properties.`. */
  readonly name: string;
  readonly path: string;
  /** Null when the field is absent. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface Target {
  readonly id: string;
  readonly name: string;
  readonly resourceGroup: string | null;
  readonly subscriptionId: string;
}

export interface ProposalModel {
  readonly id: string;
  readonly title: string;
  readonly standard: string;
  readonly version: number;
  readonly target: Target;
  readonly environment: string;
  readonly fields: readonly FieldLine[];
  readonly hash: string;
  readonly status: Status;
  readonly changedBy: string | null;
  readonly presentSince: string;
  readonly askedAt: string;
  readonly expiresAt: string;
  readonly quorum: number;
  readonly agreed: number;
  readonly decisions: readonly Decision[];
  readonly escalated: boolean;
  readonly escalateAt: string | null;
  readonly condition: Condition | null;
  readonly group: string | null;
  /** The viewer has not decided, may, and it still waits. */
  readonly decide: Permission;
  /** As `decide`; whoever made the change cannot decide to leave it. */
  readonly reject: Permission;
  readonly undo: Permission;
}

export function proposalModel(proposal: Proposal, viewer: Viewer, nowMs: number, desk: Desk): ProposalModel {
  const { readOnly } = desk;
  const decide = readOnly === undefined ? mayDecide(proposal, viewer, nowMs, desk) : mayNot(readOnly);
  const agreed = approvalsOf(proposal);
  return {
    id: proposal.id,
    title: proposal.standard.title,
    standard: proposal.standard.id,
    version: proposal.standard.version,
    target: targetOf(proposal.target, proposal.subscriptionId),
    environment: proposal.environment,
    fields: fieldLines(proposal.fields),
    hash: proposal.hash,
    status: statusOf(proposal, nowMs),
    changedBy: proposal.changedBy,
    presentSince: proposal.presentSince,
    askedAt: proposal.askedAt,
    expiresAt: proposal.expiresAt,
    quorum: proposal.quorum,
    agreed,
    decisions: proposal.decisions,
    escalated: proposal.escalated,
    escalateAt: proposal.escalateAt,
    condition: proposal.condition,
    group: proposal.group,
    decide,
    reject: decide.may && proposal.changedBy === viewer.oid ? mayNot(OWN_CHANGE) : decide,
    undo: readOnly === undefined ? mayUndo(proposal, viewer) : mayNot(readOnly),
  };
}

export function fieldLines(fields: readonly { path: string; before: Json; after: Json }[]): FieldLine[] {
  return fields.map(({ path, before, after }) => ({
    path,
    name: path.replace(/^properties\./, ""),
    before: before === null ? null : canonicalJson(before),
    after: after === null ? null : canonicalJson(after),
  }));
}

export function targetOf(id: ResourceId, subscriptionId: string): Target {
  const account = accountOf(id);
  return {
    id,
    name: shortName(id),
    resourceGroup: account?.resourceGroup ?? null,
    subscriptionId,
  };
}

/** Open, and its time is not over though no pass has said so yet. */
export function isWaiting(proposal: Pick<Proposal, "live" | "state" | "expiresAt">, nowMs: number): boolean {
  return proposal.live && proposal.state === "open" && fromIso(proposal.expiresAt) > nowMs;
}

/** Whether people can still agree to it. */
export function isAsked(proposal: Proposal, nowMs: number): boolean {
  return isWaiting(proposal, nowMs) && approvalsOf(proposal) < proposal.quorum;
}

function approvalsOf({ decisions }: Proposal): number {
  return decisions.filter(({ verdict }) => verdict === "approve").length;
}

export function statusOf(proposal: Proposal, nowMs: number): Status {
  const agreed = approvalsOf(proposal);
  const { state, quorum, expiresAt, condition } = proposal;
  if (state === "open" && !isWaiting(proposal, nowMs))
    return over("Expired", "Nobody decided in time. It is asked again.");
  switch (state) {
    case "open": {
      const missing = quorum - agreed;
      const ends = shortTime(expiresAt, nowMs);
      if (missing <= 0)
        return { tone: "work", word: "Agreed", next: "Enough people agreed. It is checked and written now." };
      const who = missing === 1 ? "one more person" : `${missing} more people`;
      const asked = agreed === 0 ? count(missing, "person", "people") : who;
      return {
        tone: "wait",
        word: "Waits",
        next: `Waits for ${asked} to agree, until ${ends}; then it expires and is asked again.`,
      };
    }
    case "approved":
      if (condition !== null) return { tone: "open", word: "Held", next: condition.message };
      return {
        tone: "work",
        word: "Being put right",
        next: `${proposal.unasked === null ? "Enough people agreed." : "Nobody is asked."} It is written, then read back.`,
      };
    case "applied":
      return { tone: "met", word: "Put right", next: "Written and read back." };
    case "rejected":
      return over("Rejected", "Nothing was written. The same is not asked again while it lasts.");
    case "void":
      return over("Void", "What it was about changed before it was written. Nothing was written.");
    case "expired":
      return over("Expired", "Not enough people agreed in time. Nothing was written.");
    case "failed":
      return { tone: "stop", word: "Refused", next: condition?.message ?? "Azure refused the write." };
  }
}

function over(word: string, next: string): Status {
  return { tone: "unknown", word, next };
}

const OWN_UNDO = "You made the change that this put right: somebody else has to take it back.";
const OWN_CHANGE = "You made the change that this puts right: somebody else has to decide to leave it.";

function mayDecide(proposal: Proposal, viewer: Viewer, nowMs: number, desk: Desk): Permission {
  if (!isWaiting(proposal, nowMs)) return mayNot("Nothing can be decided any more.");
  const earlier = proposal.decisions.find(({ by }) => by === viewer.oid);
  if (earlier !== undefined) {
    const at = shortTime(earlier.at, nowMs);
    return mayNot(`You agreed at ${at}. Somebody else has to be the next.`);
  }
  if (!viewer.roles.has("Steelyard.Approver")) {
    return mayNot(`You are signed in as ${roleWord(viewer)}. To decide takes the role Steelyard.Approver.`);
  }
  if (!desk.isNamed(proposal)) {
    const where = `${proposal.standard.id} in ${proposal.environment}`;
    return mayNot(`You are not among the approvers that the configuration names for ${where}.`);
  }
  return may;
}

function mayUndo(proposal: Proposal, viewer: Viewer): Permission {
  if (proposal.state !== "applied") return mayNot("Only what was written can be taken back.");
  if (!viewer.roles.has("Steelyard.Approver") && !viewer.roles.has("Steelyard.Operator")) {
    return mayNot(
      `You are signed in as ${roleWord(viewer)}. To take a change back takes the role Steelyard.Approver or Steelyard.Operator.`,
    );
  }
  if (proposal.changedBy === viewer.oid) return mayNot(OWN_UNDO);
  const back = restored(proposal);
  if ("absent" in back) return mayNot(`${back.absent} was absent before: Azure cannot be asked to restore that.`);
  return may;
}
