/** All standards: how far each may go where, and how many targets are not as it demands. */
import { differing } from "./estateModel.ts";
import { countsInWords } from "./standingWords.ts";
import { html, type Html } from "./html.ts";
import { dataTable } from "./lists.ts";
import { lead, panel } from "./panels.ts";
import { chip } from "./parts.ts";
import { paths } from "./paths.ts";
import { modeWords, safetyWords, type StandardModel } from "./standardModel.ts";
import { count, grouped } from "./words.ts";

export interface StandardsModel {
  readonly standards: readonly StandardModel[];
  readonly stale: Html | null;
}

export function standardsPage({ standards, stale }: StandardsModel): Html {
  const held = standards.filter(({ isConfigured }) => isConfigured);
  const rest = standards.filter(({ isConfigured }) => !isConfigured);
  return html`${lead({ title: sentence(held), below: below(held) })}${stale}
  ${panel({
    id: "held",
    title: "In force",
    beside: count(held.length, "standard"),
    content:
      held.length === 0
        ? html`<div class="body q">The configuration names no standard yet.</div>`
        : dataTable(
            "Standards in force",
            [
              { label: "Standard" },
              { label: "Severity", short: "Severity" },
              { label: "Mode" },
              { label: "Not as it should be" },
              { label: "Met", isNumber: true, short: "Met" },
            ],
            held.map((standard) => ({ id: standard.id, cells: cells(standard) })),
          ),
  })}${
    rest.length === 0
      ? null
      : panel({
          id: "rest",
          title: "In the catalogue, not in force",
          beside: count(rest.length, "standard"),
          content: html`<ul>
            ${rest.map(
              ({ id, title, severity, safety }) =>
                html`<li class="row">
                  <div>
                    <a href="${paths.standards}/${id}"><b>${title}</b></a>
                    <p class="meta">
                      ${chip({ kind: "standard", label: id })}<span>${severity}</span
                      ><span>${safetyWords[safety]}</span>
                    </p>
                  </div>
                </li>`,
            )}
          </ul>`,
        })
  }`;
}

function sentence(held: readonly StandardModel[]): string {
  if (held.length === 0) return "No standard is in force";
  const broken = held.filter(({ counts }) => counts !== null && differing(counts) > 0).length;
  if (held.every(({ counts }) => counts === null)) return `${count(held.length, "standard")} in force`;
  if (broken === 0)
    return held.length === 1 ? "The one standard is met everywhere" : `All ${held.length} standards are met everywhere`;
  return `${grouped(broken)} of ${count(held.length, "standard")} ${broken === 1 ? "is" : "are"} not met everywhere`;
}

function below(held: readonly StandardModel[]): string {
  const writing = held.filter(({ modes }) => modes.some(({ mode }) => mode !== "audit")).length;
  return writing === 0
    ? "All of them only audit: what they find is told, nothing is asked and nothing is written."
    : `${grouped(writing)} of them ask or write somewhere; the others only audit.`;
}

function cells({ id, title, severity, safety, modes, counts }: StandardModel): Html[] {
  const off = counts === null ? 0 : differing(counts);
  return [
    html`<a href="${paths.standards}/${id}"><b>${title}</b></a>
      <span class="sub">${chip({ kind: "standard", label: id })} ${safetyWords[safety]}</span>`,
    html`${severity}`,
    modesText(modes),
    counts === null
      ? html`<span class="q">not known</span>`
      : off === 0
        ? html`<span class="q">none</span>`
        : html`<a href="${paths.standards}/${id}#findings">${countsInWords({ ...counts, met: 0 })}</a>`,
    html`${counts === null ? "–" : grouped(counts.met)}`,
  ];
}

/** `Approve everywhere`, or each environment with its own. Audit whispers. */
function modesText(modes: StandardModel["modes"]): Html {
  const word = (mode: StandardModel["modes"][number]["mode"]): Html =>
    mode === "audit" ? html`<span class="q">${modeWords[mode]}</span>` : html`<b>${modeWords[mode]}</b>`;
  const [first] = modes;
  if (first === undefined) return html`–`;
  if (modes.every(({ mode }) => mode === first.mode))
    return html`${word(first.mode)} <span class="q">everywhere</span>`;
  return html`${modes.map(({ environment, mode }, index) => html`${index === 0 ? null : ", "}<span class="nw">${environment} ${word(mode)}</span>`)}`;
}
