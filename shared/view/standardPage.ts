/** One standard: what, why, the test in words, parameters, remedy, sources, what it found, and the switch of its mode. */
import type { Mode } from "../config/schema.ts";
import type { Finding } from "../desired/documents.ts";
import { differing } from "./estateModel.ts";
import { html, type Html } from "./html.ts";
import { targetName } from "./ledgerModel.ts";
import { body, lead, panel } from "./panels.ts";
import { chip, fact, permitted, statusWord } from "./parts.ts";
import { paths } from "./paths.ts";
import type { Permission } from "./person.ts";
import { pageOf } from "./approvalsPage.ts";
import { countsInWords } from "./standingWords.ts";
import { modeMeanings, modeWords, safetyWords, type StandardModel } from "./standardModel.ts";
import { count, since, timeTag } from "./words.ts";

export interface StandardPageModel {
  readonly standard: StandardModel;
  readonly findings: readonly Finding[];
  readonly isMore: boolean;
  readonly change: Permission;
  readonly stale: Html | null;
  readonly nowMs: number;
}

export function standardPage(model: StandardPageModel): Html {
  const { standard, stale } = model;
  return html`<p class="crumb"><a href="${paths.standards}">Standards</a></p>
    ${lead({
      title: standard.title,
      below: html`${chip({ kind: "standard", label: standard.id, spoken: `, version ${standard.version}` })} version
      ${standard.version}, severity ${standard.severity}. ${sentence(standard)}`,
    })}${stale}
    <div class="two">
      <div class="stack">
        ${panel({ id: "what", title: "What it asks, and why", content: body(what(standard)) })}${remedy(standard)}${parameters(standard)}${findings(model)}
      </div>
      <div class="stack">
        ${modes(model)}${panel({ id: "sources", title: "Sources", content: body(sources(standard)) })}
      </div>
    </div>`;
}

function sentence({ counts, isConfigured, about }: StandardModel): string {
  if (!isConfigured) return "The configuration does not name it, so nothing is judged by it.";
  if (counts === null) return "How the estate stands to it is not known.";
  const all = Object.values(counts).reduce((sum, number) => sum + number, 0);
  if (all === 0) return `It concerns none of the ${about} there are.`;
  return differing(counts) === 0 ? `Met by all ${count(all, "target")} that it concerns.` : `${countsInWords(counts)}.`;
}

function what({ description, test, rule, about, archetypes }: StandardModel): Html {
  return html`<div class="rule">
    <p>${description ?? "The catalogue says nothing more of it."}</p>
    ${test === null ? null : html`<p><b>It fails when</b> ${test.startsWith("Azure") ? test : test.charAt(0).toLowerCase() + test.slice(1)}</p>`}
    <p class="q">
      It concerns ${about} in ${archetypes.length === 1 ? "subscriptions" : "all subscriptions:"}
      ${archetypes.length === 1 ? `of archetype ${archetypes[0]}` : archetypes.join(" and ")}.
    </p>
    <details>
      <summary>The test as a rule of Azure Policy</summary>
      <pre class="yaml" tabindex="0">${rule}</pre>
    </details>
  </div>`;
}

const kindWords: Readonly<Record<string, string>> = {
  patch: "sets fields of it",
  put: "sets fields of it",
  subresource: "makes a resource beside it",
  pause: "pauses it",
  tag: "sets a tag",
  ask: "asks the one whom it concerns",
};

function remedy({ remedy, safety, byHand }: StandardModel): Html {
  const content =
    remedy === null
      ? html`<p>None: what it finds is told, and somebody has to put it right. ${byHand}</p>`
      : html`<p>It ${kindWords[remedy.kind] ?? remedy.kind}; it ${safetyWords[safety]}.</p>
          <dl class="facts">${remedy.fields.map(({ path, value }) => fact(path, html`<code>${value}</code>`))}</dl>
          ${
            remedy.preconditions.length === 0
              ? null
              : html`<p><b>Nothing is asked or written where</b></p>
                  <ul class="rule">
                    ${remedy.preconditions.map((message) => html`<li>${message}</li>`)}
                  </ul>`
          }`;
  return panel({ id: "remedy", title: "Remedy", content: body(html`<div class="rule">${content}</div>`) });
}

function parameters({ parameters: list }: StandardModel): Html | null {
  if (list.length === 0) return null;
  return panel({
    id: "parameters",
    title: "Parameters",
    content: html`<ul>
      ${list.map(
        ({ name, description, given, normal, isRequired }) =>
          html`<li class="row">
            <div>
              <code class="b">${name}</code>
              <p class="q">${description}</p>
              <p class="sm">
                ${given !== null ? html`<code>${given}</code>` : isRequired ? "has to be given by the configuration" : html`<code>${normal}</code>, as nothing else is given`}
              </p>
            </div>
          </li>`,
      )}
    </ul>`,
  });
}

function sources({ sources: list }: StandardModel): Html {
  return html`<ul class="rule">
    ${list.map((source) => html`<li>${source}</li>`)}
  </ul>`;
}

function findings({ findings: list, isMore, nowMs }: StandardPageModel): Html {
  return panel({
    id: "findings",
    title: "Found",
    beside:
      list.length === 0
        ? "nothing stands"
        : `${isMore ? "the first " : ""}${count(list.length, "finding")}, oldest first`,
    content: html`<ul>
      ${list.map((finding) => row(finding, nowMs))}
    </ul>`,
    foot: isMore ? html`<a href="${paths.findings}">See all findings</a>` : null,
  });
}

function row(finding: Finding, nowMs: number): Html {
  const { name, below } = targetName(finding.key, finding.target);
  const word =
    finding.state === "waived"
      ? statusWord("open", "Waived")
      : finding.verdict === "unknown"
        ? statusWord("unknown", "Unknown")
        : finding.proposal === null
          ? finding.condition === null
            ? statusWord("unknown", "Told only")
            : statusWord("stop", "Blocked")
          : statusWord("wait", "See what is asked");
  return html`<li class="row">
    <div>
      <code class="b">${name}${below === null ? null : `/${below}`}</code> <span class="q">${finding.environment}</span>
      <p class="sm q">${finding.reason.replaceAll("properties.", "")}</p>
      ${finding.condition === null ? null : html`<p class="sm">${finding.condition.message} <code class="f">${finding.condition.reason}</code></p>`}
    </div>
    <div class="right">
      ${finding.proposal === null ? word : html`<a href="${pageOf(finding.proposal)}">${word}</a>`}<span class="sm q"
        >${timeTag(finding.since, nowMs)}, ${since(finding.since, nowMs)}</span
      >
    </div>
  </li>`;
}

const modeNames: readonly Mode[] = ["audit", "approve", "enforce"];

function modes({ standard, change }: StandardPageModel): Html {
  return panel({
    id: "modes",
    title: "Mode",
    beside: "by environment",
    content: html`<div class="body">
        ${
          standard.modes.length === 0
            ? html`<p class="q">No configuration was applied yet.</p>`
            : permitted(change, () => form(standard))
        }${change.may ? null : html`<dl class="facts">${standard.modes.map(({ environment, mode }) => fact(environment, modeWords[mode]))}</dl>`}
      </div>
      <div class="body">
        <dl class="facts">${modeNames.map((mode) => fact(modeWords[mode], modeMeanings[mode]))}</dl>
      </div>`,
  });
}

function form({ id, modes: list }: StandardModel): Html {
  return html`<form method="get" action="${paths.configuration}/plan">
    <input type="hidden" name="do" value="mode" /><input type="hidden" name="standard" value="${id}" />
    <div class="modes">
      ${list.map(
        ({ environment, mode }) =>
          html`<div class="field">
            <label for="mode-${environment}">${environment}</label>
            <select id="mode-${environment}" name="mode.${environment}">
              ${modeNames.map((name) => html`<option value="${name}" ${name === mode ? html` selected` : null}>${modeWords[name]}</option>`)}
            </select>
          </div>`,
      )}
    </div>
    <p class="line"><button class="btn">Show what it would do</button></p>
  </form>`;
}
