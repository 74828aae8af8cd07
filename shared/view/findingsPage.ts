/** What is not as it should be, and why nothing is being done about it where nothing is. */
import type { Finding } from "../desired/documents.ts";
import { pageOf } from "./approvalsPage.ts";
import { html, type Html } from "./html.ts";
import { authority, statusWord } from "./parts.ts";
import { fieldLines, targetOf } from "./proposalModel.ts";
import { count, since, timeTag } from "./words.ts";

export interface FindingsModel {
  readonly findings: readonly Finding[];
  readonly more: string | null;
  readonly emptyBecause: Html;
  readonly stale: Html | null;
  readonly nowMs: number;
}

export function findingsPage({ findings, more, stale, nowMs, ...model }: FindingsModel): Html {
  const number = findings.length;
  const held = findings.filter(({ proposal }) => proposal === null).length;
  return html`<div class="lead">
      <h1>
        ${
          number === 0
            ? "Everything that is looked at is as it should be"
            : `${count(number, "finding")}${more === null ? "" : " here"}: not as ${number === 1 ? "it" : "they"} should be`
        }
      </h1>
      <p>
        ${number === 0 ? model.emptyBecause : held === 0 ? "People were asked about each." : `For ${held} of them nobody is asked; why not stands beside each.`}
      </p>
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
              ${findings.map((finding) => row(finding, nowMs))}
            </ul>
            ${more === null ? null : html`<div class="foot"><a href="${more}">Show the next ones</a></div>`}
          </section>`
    }`;
}

function row(finding: Finding, nowMs: number): Html {
  const target = targetOf(finding.target, finding.subscriptionId);
  const fields = fieldLines(finding.fields);
  return html`<li class="row">
    <div>
      <b><code>${target.name}</code></b> ${authority(finding.standard.id, finding.standard.version)}
      <p class="q">${finding.standard.title}</p>
      <p class="sm q">
        ${fields.map(({ name, before, after }) => html`<code>${name}</code> is <code>${before ?? "absent"}</code>, should be <code>${after ?? "absent"}</code>. `)}${finding.fields.length === 0 ? finding.reason : null}
      </p>
      ${
        finding.condition === null
          ? null
          : html`<p class="sm">${finding.condition.message} <code class="f">${finding.condition.reason}</code></p>`
      }
    </div>
    <div class="right">
      ${state(finding)}<span class="sm q">${timeTag(finding.since, nowMs)}, ${since(finding.since, nowMs)}</span>
    </div>
  </li>`;
}

function state({ state, verdict, proposal }: Finding): Html {
  if (state === "waived") return statusWord("open", "Waived");
  if (verdict === "unknown") return statusWord("unknown", "Unknown");
  if (proposal !== null) return html`<a href="${pageOf(proposal)}">${statusWord("wait", "Asked")}</a>`;
  return statusWord("unknown", "Told only");
}
