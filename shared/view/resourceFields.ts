/** Fields of a resource: should be, is, and what says so; under one that differs, since when and what comes next. */
import type { Authority } from "../desired/assertion.ts";
import { shortName } from "../estate/member.ts";
import { pageOf } from "./approvalsPage.ts";
import { html, type Html, type Insert } from "./html.ts";
import { chip, idTag, statusWord } from "./parts.ts";
import { isAsked } from "./proposalModel.ts";
import type { Difference, FieldRow, ResourceModel, Site } from "./resourceModel.ts";
import { templateChange } from "./templateChange.ts";
import { cellWords, toneOf } from "./standingWords.ts";
import { since, timeTag, until } from "./words.ts";

export function authorityChip({ kind, id, version }: Authority): Html {
  const kinds = { standard: "standard", claim: "exception", plan: "plan" } as const;
  return chip({ kind: kinds[kind], label: kind === "claim" ? "waiver" : id, spoken: `, version ${version}` });
}

export function fieldsTable(model: ResourceModel, nowMs: number): Html {
  return html`<table class="fd" role="table" aria-label="Fields, as they should be and as they are">
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col" class="c1">Field</th>
        <th role="columnheader" scope="col">Should be</th>
        <th role="columnheader" scope="col">Is</th>
        <th role="columnheader" scope="col" class="c4">Authority</th>
      </tr>
    </thead>
    ${model.sites.map(
      (site) =>
        html`<tbody role="rowgroup">
          ${siteHead(site)}${site.fields.map((field, index) => row(field, site.fields[index + 1], nowMs))}
        </tbody>`,
    )}
  </table>`;
}

function siteHead({ kind, target, isThere }: Site): Html | null {
  if (kind === "own") return null;
  const text =
    kind === "account"
      ? "On its account, which has its own writer"
      : html`At it:
          <code>${shortName(target).split("/").slice(1).join("/")}</code>${isThere ? null : ", which is not there"}`;
  return html`<tr class="sub" role="row">
    <th role="rowheader" scope="rowgroup" colspan="4">${text}</th>
  </tr>`;
}

const rowTones: Readonly<Record<string, string>> = { stop: "stop", wait: "wait", open: "open", unknown: "unknown" };

/** What is said of a difference stands once, under the last of its fields. */
function row(field: FieldRow, next: FieldRow | undefined, nowMs: number): Html {
  const { standing, label, path, shouldBe, is, authorities, afterwards } = field;
  const tone = standing === "conflict" ? "stop" : standing === "same" || standing === "met" ? "" : toneOf[standing];
  const mark = rowTones[tone] ?? "";
  return html`<tr role="row" class="${mark}">
      <th role="rowheader" scope="row"><b>${label}</b><code>${path.replace(/^properties\./, "")}</code></th>
      <td role="cell" data-label="Should be">
        ${shouldBe === null ? "not agreed" : html`<code>${shouldBe}</code>`}${afterwards !== null && html`<br /><span class="q sm">then <code>${afterwards.value}</code>, at ${timeTag(afterwards.until, nowMs)}</span>`}
      </td>
      <td role="cell" data-label="Is">${isCell(field, is)}</td>
      <td role="cell">${authorities.map(authorityChip)}${afterwards?.authorities.map(authorityChip)}</td>
    </tr>
    ${isSaidBelow(field, next) ? null : note(field, mark, nowMs)}`;
}

function isSaidBelow({ difference, conflict }: FieldRow, next: FieldRow | undefined): boolean {
  return conflict === null && difference !== null && next?.difference?.finding.id === difference.finding.id;
}

function isCell({ standing }: FieldRow, is: string | null): Insert {
  if (is === null) return statusWord("unknown", "Not read");
  if (standing === "same") return statusWord("met", "same");
  if (standing === "conflict") return html`<code>${is}</code><br />${statusWord("stop", "Conflict")}`;
  return html`<code>${is}</code
    ><br />${statusWord(toneOf[standing], standing === "open" ? "differs" : cellWords[standing])}`;
}

/** Since when, by whom, what the way back may do, and who has to decide. */
function note({ conflict, difference }: FieldRow, mark: string, nowMs: number): Html | null {
  if (conflict === null && difference === null) return null;
  return html`<tr class="say ${mark}" role="row">
    <td role="cell" colspan="4">
      ${conflict !== null && html`<p>Nothing is written: ${conflict}.</p>`}${difference !== null && differenceText(difference, nowMs)}
    </td>
  </tr>`;
}

const ways: Readonly<Record<Difference["safety"], string>> = {
  S: "The way back cuts nobody off.",
  R: "The way back can refuse calls that pass now, so people are asked.",
  X: "There is no way back that could be taken for you.",
};

export function differenceText(difference: Difference, nowMs: number): Html {
  const { finding, proposal, safety, unmet } = difference;
  const { changedBy, presentSince, condition } = finding;
  const by = changedBy === null ? ", by nobody whom Azure names" : html`, by ${idTag(changedBy)}`;
  return html`<p>
      So since ${timeTag(presentSince, nowMs)}, ${since(presentSince, nowMs)}${by}.
      ${ways[safety]}${unmet === undefined || unmet === condition?.message ? null : ` ${unmet}`}
    </p>
    ${condition === null ? null : html`<p>${condition.message} <code class="f">${condition.reason}</code></p>`}${proposal === undefined ? told(difference) : asked(proposal, nowMs)}${finding.patch === null ? null : templateChange(finding.patch, finding.id, finding.pk)}`;
}

/** Nothing stands in the way, and yet nobody is asked: the mode is audit. */
function told({ finding: { state, condition } }: Difference): Html | null {
  if (state === "waived") return html`<p>A live waiver stands above the standard.</p>`;
  return condition === null ? html`<p>It is told, and nobody is asked: the standard only audits here.</p>` : null;
}

function asked(proposal: NonNullable<Difference["proposal"]>, nowMs: number): Html {
  const waits = isAsked(proposal, nowMs)
    ? html`<span>answer by ${timeTag(proposal.expiresAt, nowMs)}, ${until(proposal.expiresAt, nowMs)}</span>`
    : null;
  const label = waits === null ? "See what became of it" : "Show what it would do";
  return html`<p class="line">
    <a class="btn small${waits !== null && " go"}" href="${pageOf(proposal.id)}">${label}</a>${waits}
  </p>`;
}
