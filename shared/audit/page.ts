/** An audit as one HTML file that needs nothing else: no script, no font, no picture from anywhere. */
import { html, Html, type Insert } from "../view/html.ts";
import { pieces } from "../view/assets/pieces.ts";
import { tokens } from "../view/assets/tokens.ts";
import { statusWord } from "../view/parts.ts";
import { count } from "../view/words.ts";
import type { AuditedStandard, AuditReport } from "./audited.ts";
import { verdicts as kinds, type Counts, type Verdict } from "./verdict.ts";

/** Rows of the list; more make a file that no browser likes. */
const ROWS_MAX = 20_000;

const words: Readonly<Record<Verdict["verdict"], string>> = {
  fail: "fails",
  unknown: "unknown",
  pass: "passes",
  notApplicable: "not applicable",
};
const tones = { fail: "stop", unknown: "unknown", pass: "met", notApplicable: "work" } as const;

const layout = `*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:400 1rem/1.5 var(--sans)}
header,main,footer{max-width:76rem;margin:0 auto;padding:1rem 1.25rem}h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.125rem;margin:2rem 0 .5rem}
.verdict{font-size:1.25rem;margin:.25rem 0 .75rem}.facts{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:0;color:var(--ink-2);font-size:.875rem}.facts div{display:flex;gap:.4rem}.facts dd{margin:0;font-family:var(--mono);overflow-wrap:anywhere}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.875rem}caption{text-align:left;color:var(--ink-2);padding:0 0 .5rem}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-top:1px solid var(--line)}th{font-weight:550}th.n,td.n{text-align:right}td.n{font-variant-numeric:tabular-nums}td.id{overflow-wrap:anywhere;min-width:16rem}td code{font-family:var(--mono);font-size:.8125rem;overflow-wrap:anywhere}
.bar{display:block;width:10rem;height:12px}.bar .fail{fill:var(--stop)}.bar .unknown{fill:var(--open)}.bar .pass{fill:var(--met)}.bar .notApplicable{fill:var(--line-2)}
fieldset{border:1px solid var(--line);border-radius:8px;margin:0 0 1rem;padding:.5rem .75rem;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}label{display:inline-flex;gap:.4rem;align-items:center;min-height:1.75rem}input:focus-visible{outline:2px solid var(--ink);outline-offset:2px}
main:has(#only-fail:checked) tr.v:not(.fail),main:has(#only-open:checked) tr.v:not(.fail,.unknown),main:has(#only-pass:checked) tr.v:not(.pass){display:none}
.list{margin:.25rem 0 0;padding-left:1.1rem}@media print{fieldset{display:none}}`;

export function pageOf(report: AuditReport): string {
  const { subscription, name, at, unreadable } = report;
  const called = name ?? subscription;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <title>Audit of ${called}, Steelyard</title>
        <style>
          ${new Html(`${tokens}${pieces}${layout}`)}
        </style>
      </head>
      <body>
        <header>
          <h1>Audit of ${called}</h1>
          <p class="verdict">${sentenceOf(report)}</p>
          <dl class="facts">
            ${fact("Subscription", subscription)} ${fact("Read", html`<time datetime="${at}">${at}</time>`)}
            ${fact("Accounts", String(report.accounts))} ${fact("Standards", String(report.standards.length))}
          </dl>
        </header>
        <main>
          ${unreadable.length === 0 ? null : notRead(report)}
          <h2 id="standards">By standard</h2>
          ${standardsTable(report.standards)}
          <h2 id="findings">By resource</h2>
          ${findings(report.verdicts)}
        </main>
        <footer>
          <p>Nothing was written. What Azure did not show is unknown: it neither passes nor fails.</p>
        </footer>
      </body>
    </html>`.toString();
}

/** What a reader wants to know first, in a sentence. */
export function sentenceOf({ accounts, verdicts, counts, unreadable, standards }: AuditReport): string {
  if (accounts === 0 && unreadable.length === 0) return "There is no account in this subscription.";
  const broken = new Set(verdicts.filter(({ verdict }) => verdict === "fail").map(({ standard }) => standard)).size;
  const head =
    counts.fail === 0
      ? `Nothing fails: ${count(accounts, "account")} held against ${count(standards.length, "standard")}.`
      : `${count(counts.fail, "finding")} on ${count(accounts, "account")}: ${count(broken, "standard")} of ${standards.length} ${broken === 1 ? "is" : "are"} broken.`;
  const open = counts.unknown === 0 ? "" : ` ${count(counts.unknown, "verdict")} could not be given.`;
  const away = unreadable.length === 0 ? "" : ` ${count(unreadable.length, "account")} could not be read.`;
  return `${head}${open}${away}`;
}

function fact(label: string, value: Insert): Html {
  return html`<div>
    <dt>${label}</dt>
    <dd>${value}</dd>
  </div>`;
}

function notRead({ unreadable }: AuditReport): Html {
  return html`<h2 id="unread">Not read</h2>
    <p>These accounts are there and are not judged.</p>
    <ul class="list">
      ${unreadable.map(({ id, reason }) => html`<li><code>${id}</code>: ${reason}</li>`)}
    </ul>`;
}

function standardsTable(standards: readonly AuditedStandard[]): Html {
  const rows = standards.map(
    ({ id, title, severity, counts }) =>
      html`<tr>
        <th scope="row"><span class="au">${id}</span></th>
        <td>${title}</td>
        <td>${severity}</td>
        ${kinds.map((kind) => html`<td class="n">${counts[kind]}</td>`)}
        <td>${bar(counts)}</td>
      </tr>`,
  );
  return html`<div class="scroll" role="region" aria-label="Verdicts by standard" tabindex="0">
    <table>
      <caption>
        How many resources keep each standard. The bar shows the same numbers as shares.
      </caption>
      <thead>
        <tr>
          <th scope="col">Standard</th>
          <th scope="col">What it asks</th>
          <th scope="col">Severity</th>
          <th scope="col" class="n">Fails</th>
          <th scope="col" class="n">Unknown</th>
          <th scope="col" class="n">Passes</th>
          <th scope="col" class="n">Not applicable</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function sum(counts: Counts): number {
  return kinds.reduce((total, kind) => total + counts[kind], 0);
}

function bar(counts: Counts): Html {
  const most = Math.max(1, sum(counts));
  let at = 0;
  const parts = kinds.map((kind) => {
    const width = (counts[kind] / most) * 100;
    const part = html`<rect class="${kind}" x="${at.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="12" />`;
    at += width;
    return part;
  });
  const name = kinds.map((kind) => `${counts[kind]} ${words[kind]}`).join(", ");
  return html`<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label="${name}">
    ${parts}
  </svg>`;
}

const choices = [
  ["only-open", "What fails or is unknown"],
  ["only-fail", "What fails"],
  ["only-pass", "What passes"],
  ["only-all", "Everything"],
] as const;

function findings(verdicts: readonly Verdict[]): Html {
  if (verdicts.length === 0) return html`<p>Nothing was judged.</p>`;
  // Where not all fit, what fails goes first; within a kind the order stays.
  const shown =
    verdicts.length <= ROWS_MAX
      ? verdicts
      : kinds.flatMap((kind) => verdicts.filter(({ verdict }) => verdict === kind)).slice(0, ROWS_MAX);
  const rest = verdicts.length - shown.length;
  return html`<fieldset>
      <legend>Show</legend>
      ${choices.map(
        ([id, label], index) =>
          html`<label
            ><input type="radio" name="show" id="${id}" ${index === 0 ? html`checked` : null} />${label}</label
          >`,
      )}
    </fieldset>
    ${rest > 0 ? html`<p>${rest} more verdicts are not in this file; as CSV or JSON all of them are.</p>` : null}
    <div class="scroll" role="region" aria-label="Verdicts by resource" tabindex="0">
      <table>
        <caption>
          Each resource with what each standard says of it.
        </caption>
        <thead>
          <tr>
            <th scope="col">Resource</th>
            <th scope="col">Standard</th>
            <th scope="col">Verdict</th>
            <th scope="col">Why</th>
            <th scope="col">What would put it right</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(rowOf)}
        </tbody>
      </table>
    </div>`;
}

function rowOf({ resource, standard, verdict, reason, remedy }: Verdict): Html {
  return html`<tr class="v ${verdict}">
    <td class="id"><code>${resource}</code></td>
    <td><span class="au">${standard}</span></td>
    <td>${statusWord(tones[verdict], words[verdict])}</td>
    <td>${reason}</td>
    <td>
      ${(remedy?.changes ?? []).map(
        ({ path, before, after }) =>
          html`<div><code>${path}: ${JSON.stringify(before)} to ${JSON.stringify(after)}</code></div>`,
      )}
      ${remedy?.unmet ?? null}
    </td>
  </tr>`;
}
