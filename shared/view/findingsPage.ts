/** What is not as it should be, and why nothing is being done about it where nothing is. */
import type { Claim, Finding, Proposal } from "../desired/documents.ts";
import { pageOf } from "./approvalsPage.ts";
import { html, type Html } from "./html.ts";
import { authority, idTag, statusWord } from "./parts.ts";
import { fieldLines, isAsked, statusOf, targetOf } from "./proposalModel.ts";
import { count, since, timeTag, until } from "./words.ts";

/** A finding, and what is being done about it. */
export interface Standing {
  readonly finding: Finding;
  /** The proposal that the finding names. */
  readonly proposal: Proposal | undefined;
  /** What stands above the standard, where the finding is waived. */
  readonly waiver: Claim | undefined;
  /** There is such a proposal and it cannot be read. */
  readonly isCorrupt: boolean;
}

export interface FindingsModel {
  readonly standings: readonly Standing[];
  /** Records that could not be read; a note above says so. */
  readonly corrupt: number;
  readonly more: string | null;
  readonly emptyBecause: Html;
  readonly stale: Html | null;
  readonly nowMs: number;
}

export function findingsPage({ standings, more, stale, nowMs, ...model }: FindingsModel): Html {
  const number = standings.length;
  const unasked = standings.filter(({ proposal }) => proposal === undefined || !isAsked(proposal, nowMs)).length;
  return html`<div class="lead">
      <h1>
        ${
          number === 0
            ? model.corrupt > 0
              ? "No finding could be read"
              : "Everything that is looked at is as it should be"
            : `${count(number, "finding")}${more === null ? "" : " here"}: not as ${number === 1 ? "it" : "they"} should be`
        }
      </h1>
      <p>${number === 0 ? model.emptyBecause : whoIsAsked(unasked, number)}</p>
    </div>
    ${stale}${
      number === 0
        ? null
        : html`<section class="panel" aria-labelledby="all">
            <div class="head">
              <h2 id="all">Findings</h2>
              <span class="q">oldest first</span>
            </div>
            <ul>
              ${standings.map((standing) => row(standing, nowMs))}
            </ul>
            ${more === null ? null : html`<div class="foot"><a href="${more}">Show the next ones</a></div>`}
          </section>`
    }`;
}

function whoIsAsked(unasked: number, number: number): string {
  if (unasked === 0) return "People are asked about each.";
  const whom = unasked === number ? (number === 1 ? "it" : "any of them") : `${unasked} of them`;
  return `Nobody is asked about ${whom}; why not stands beside ${unasked === 1 ? "it" : "each"}.`;
}

function row(standing: Standing, nowMs: number): Html {
  const { finding } = standing;
  const target = targetOf(finding.target, finding.subscriptionId);
  const fields = fieldLines(finding.fields);
  return html`<li class="row found">
    <div>
      <b><code>${target.name}</code></b> ${authority(finding.standard.id, finding.standard.version)}
      <p class="q">${finding.standard.title}</p>
      <p class="sm q">
        ${fields.map(({ name, before, after }) => html`<code>${name}</code> is <code>${before ?? "absent"}</code>, should be <code>${after ?? "absent"}</code>. `)}${finding.fields.length === 0 ? finding.reason.replace(/^properties\./, "") : null}
      </p>
      ${
        finding.condition === null
          ? null
          : html`<p class="sm">${finding.condition.message} <code class="f">${finding.condition.reason}</code></p>`
      }
      ${waived(standing, nowMs)}${isToldOnly(standing) && html`<p class="sm">It was only audited when it was looked at last.</p>`}${standing.isCorrupt && html`<p class="sm">What was asked about it cannot be read.</p>`}
    </div>
    <div class="right">
      ${state(standing, nowMs)}<span class="sm q"
        >found ${timeTag(finding.since, nowMs)}, ${since(finding.since, nowMs)}</span
      >
    </div>
  </li>`;
}

/** Neither asked about nor held: the mode, or the level of the subscription, was audit. */
function isToldOnly({ finding, proposal, isCorrupt }: Standing): boolean {
  const isOpen = finding.state === "open" && finding.verdict === "fail";
  return isOpen && proposal === undefined && !isCorrupt && finding.condition === null;
}

function waived({ waiver }: Standing, nowMs: number): Html | null {
  if (waiver === undefined) return null;
  return html`<p class="sm">
    Taken back by ${idTag(waiver.by)}: “${waiver.reason}”. The standard is in force again at
    ${timeTag(waiver.until, nowMs)}, ${until(waiver.until, nowMs)}.
  </p>`;
}

function state({ finding, proposal, isCorrupt }: Standing, nowMs: number): Html {
  if (finding.state === "waived") return statusWord("open", "Waived");
  if (finding.verdict === "unknown") return statusWord("unknown", "Unknown");
  if (proposal === undefined) return statusWord("unknown", isCorrupt ? "Unknown" : "Told only");
  const { tone, word } = statusOf(proposal, nowMs);
  return html`<a href="${pageOf(proposal.id)}">${statusWord(tone, isAsked(proposal, nowMs) ? "Asked" : word)}</a>`;
}
