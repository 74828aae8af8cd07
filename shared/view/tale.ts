/** Ledger entries as sentences. An entry that this does not know is told by its type, never left out. */
import { canonicalJson } from "../kernel/canonicalJson.ts";
import type { LedgerEntry } from "../ledger/chain.ts";
import { accountOf, type ResourceId } from "../estate/resourceId.ts";
import { html, type Html } from "./html.ts";
import { ledgerSentence } from "./ledgerWords.ts";
import { shortId, timeTag } from "./words.ts";

export interface EntryModel {
  readonly seq: number;
  readonly at: string;
  readonly hash: string;
  /** `written`: to Azure. `refused`: by Azure. `told`: a finding or a decision, nothing written. */
  readonly mark: "written" | "refused" | "told";
  readonly text: string;
  readonly target: string;
}

type Body = Readonly<Record<string, unknown>>;

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

export function entryModel(entry: LedgerEntry): EntryModel {
  const body = isBody(entry.body) ? entry.body : {};
  const target = accountOf(entry.key as ResourceId)?.name ?? entry.key;
  return {
    seq: entry.seq,
    at: entry.at,
    hash: entry.hash,
    mark: markOf(entry, body),
    text: sentence(entry, body),
    target,
  };
}

/** The entries that are about a proposal: asked, decided, written, read back, taken back. */
export function about(entries: readonly LedgerEntry[], proposal: string): LedgerEntry[] {
  const intents = new Set<unknown>();
  return entries.filter((entry) => {
    const body = isBody(entry.body) ? entry.body : {};
    const named = body["proposal"] === proposal || body["id"] === proposal || body["change"] === proposal;
    if (named && entry.type === "intent") intents.add(entry.seq);
    return named || (entry.type === "outcome" && intents.has(body["intent"]));
  });
}

function markOf({ type }: LedgerEntry, body: Body): EntryModel["mark"] {
  if (type === "outcome") return body["error"] === null || body["error"] === undefined ? "written" : "refused";
  return "told";
}

function sentence({ type, body: raw }: LedgerEntry, body: Body): string {
  switch (type) {
    case "finding": {
      const standard = isBody(body["standard"]) ? textOf(body["standard"]["id"]) : "";
      return `${standard === "" ? "" : `${standard}. `}${ledgerSentence({ type: "finding", body: raw })}.`.replace(
        /\.\.$/,
        ".",
      );
    }
    case "proposal":
      return "People were asked.";
    case "decision": {
      const reason = textOf(body["reason"]);
      const verdict = body["verdict"] === "approve" ? "Approved" : "Rejected";
      return `${verdict} by ${shortId(textOf(body["by"]))}${reason === "" ? "" : `: “${reason}”`}.`;
    }
    case "void":
      return `Ended without a write: ${textOf(body["reason"]) || "it was no longer what was asked"}.`;
    case "claim": {
      const reason = textOf(body["reason"]);
      if (body["event"] !== "opened")
        return `The waiver ${textOf(body["event"]) || "changed"}${reason === "" ? "" : `: ${reason}`}.`;
      return `Taken back by ${shortId(textOf(body["by"]))}${reason === "" ? "" : `: “${reason}”`}.`;
    }
    case "intent":
      return `About to write ${fields(body)}.`;
    case "outcome":
      return outcome(body);
    default:
      return `${type}: ${canonicalJson(raw).slice(0, 200)}`;
  }
}

function fields(body: Body): string {
  const list = Array.isArray(body["fields"]) ? (body["fields"] as unknown[]).filter(isBody) : [];
  return list
    .map(
      ({ path, before, after }) =>
        `${textOf(path).replace(/^properties\./, "")} ${canonicalJson(before ?? null)} → ${canonicalJson(after ?? null)}`,
    )
    .join(", ");
}

function outcome(body: Body): string {
  const error = isBody(body["error"]) ? body["error"] : undefined;
  if (error !== undefined) return `Azure refused: ${textOf(error["code"])}.`;
  const observed = Array.isArray(body["observed"]) ? (body["observed"] as unknown[]).filter(isBody) : [];
  const values = observed
    .map(({ path, value }) => `${textOf(path).replace(/^properties\./, "")} is ${canonicalJson(value ?? null)}`)
    .join(", ");
  switch (body["result"]) {
    case "applied":
      return `Written and read back: ${values}.`;
    case "notApplied":
      return `Not written: ${values}, as before.`;
    default:
      return values === "" ? "The target is gone." : `Somebody else wrote something third: ${values}.`;
  }
}

/** On the page of one target: its name would be said in each line. */
export function ownLine(entry: EntryModel, nowMs: number): Html {
  return html`<li class="${entry.mark}">
    <span class="q">${timeTag(entry.at, nowMs)}</span
    ><span
      >${entry.text}
      <span class="f">entry ${entry.seq}, <code title="${entry.hash}">${entry.hash.slice(0, 6)}</code></span></span
    >
  </li>`;
}
