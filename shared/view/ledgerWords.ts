/** Ledger entries as sentences, short enough for a row. */
import type { LedgerEntry } from "../ledger/chain.ts";
import { count } from "./words.ts";

type Body = Readonly<Record<string, unknown>>;

/** Longest part of somebody's text in a row; the page of the entry has the whole. */
const TEXT_CHARACTERS_MAX = 160;

export function ledgerSentence({ type, body: raw }: Pick<LedgerEntry, "type" | "body">): string {
  const body = typeof raw === "object" && raw !== null && !Array.isArray(raw) ? (raw as Body) : {};
  switch (type) {
    case "finding":
      return finding(body);
    case "proposal":
      return proposal(body);
    case "decision":
      return `${body["verdict"] === "approve" ? "Approved" : "Rejected"}${quoted(body)}`;
    case "void":
      return `Ended without a write: ${text(body, "reason") || "it was no longer what was asked"}`;
    case "claim":
      return claim(body);
    case "intent":
      return "about to be written";
    case "outcome":
      return outcome(body);
    case "configuration":
      return configuration(body);
    case "deadLetter":
      return `${body["event"] === "dismissed" ? "Dead letter set aside" : "Dead letter taken in again"}${quoted(body)}`;
  }
}

function finding(body: Body): string {
  const reason = text(body, "reason").replaceAll("properties.", "");
  switch (body["state"]) {
    case "closed":
      return reason === "" || reason.startsWith("It is as the standard demands")
        ? "As it should be again"
        : `Over: ${reason}`;
    case "waived":
      return `Waived: ${reason}`;
    default:
      return body["verdict"] === "unknown" ? `Not known: ${reason}` : `Found: ${reason || "it breaks the standard"}`;
  }
}

function proposal(body: Body): string {
  if (body["event"] === "escalated") return "Escalated: more people were asked";
  if (body["unasked"] === "enforced") return "Nobody has to be asked: the standard is enforced";
  if (body["unasked"] === "putBack") return "Nobody has to be asked: it puts back what was verified before";
  const quorum = typeof body["quorum"] === "number" ? body["quorum"] : 1;
  return `Asked: ${count(quorum, "person has", "people have")} to agree`;
}

function claim(body: Body): string {
  switch (body["event"]) {
    case "opened":
      return `Taken back for a day${quoted(body)}`;
    case "ended":
      return "The waiver ended: the standard is in force again";
    case "stopped":
      return "The undo stopped: somebody has put a third value there";
    default:
      return `The waiver ${text(body, "event") || "changed"}`;
  }
}

function outcome(body: Body): string {
  const error = body["error"];
  if (typeof error === "object" && error !== null) {
    return `Refused by Azure: ${text(error as Body, "code") || "no code was given"}`;
  }
  if (body["result"] === "applied") return "";
  if (body["result"] === "notApplied") return "not written: what was there before still is";
  return body["observed"] === null ? "the target is gone" : "somebody has put something third there";
}

function configuration(body: Body): string {
  const changed = typeof body["changed"] === "number" ? body["changed"] : 0;
  const what = count(changed, "value");
  if (body["event"] === "applied") return `Version ${Number(body["version"])} applied: ${what}${quoted(body)}`;
  return `Change proposed: ${what}${quoted(body)}`;
}

function quoted(body: Body): string {
  const reason = text(body, "reason");
  return reason === "" ? "" : `: “${reason}”`;
}

function text(body: Body, name: string): string {
  const value = body[name];
  if (typeof value !== "string") return "";
  return value.length > TEXT_CHARACTERS_MAX ? `${value.slice(0, TEXT_CHARACTERS_MAX)}…` : value;
}
