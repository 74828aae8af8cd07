/** What is not as it should be, by standard, and why nothing is being done about it where nothing is. */
import type { Claim, Finding, Proposal } from "../desired/documents.ts";
import { shortName } from "../estate/member.ts";
import { pageOf } from "./approvalsPage.ts";
import { html, type Html, type Insert } from "./html.ts";
import { filterBar, pager, type Choice } from "./lists.ts";
import { lead, panel } from "./panels.ts";
import { authority, chip, idTag, statusWord } from "./parts.ts";
import { paths } from "./paths.ts";
import { fieldLines, isAsked, statusOf } from "./proposalModel.ts";
import { resourceHref } from "./resourcePage.ts";
import { isShort, templateChange } from "./templateChange.ts";
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

/** What findings can be narrowed to, and what there is to choose from. */
export interface FindingsFilter {
  readonly standard: string;
  readonly environment: string;
  /** `open`, `waived`, or `unknown`: a verdict could not be given. */
  readonly state: string;
  readonly standards: readonly string[];
  readonly environments: readonly string[];
}

export interface FindingsModel {
  readonly standings: readonly Standing[];
  /** Records that could not be read; a note above says so. */
  readonly corrupt: number;
  readonly more: string | null;
  /** The first page, where this is a later one. */
  readonly first?: string | null;
  readonly filter?: FindingsFilter;
  readonly emptyBecause: Html;
  readonly stale: Html | null;
  readonly nowMs: number;
}

export function findingsPage(model: FindingsModel): Html {
  const { standings, more, first = null, stale, nowMs, filter } = model;
  const number = standings.length;
  const unasked = standings.filter(({ proposal }) => proposal === undefined || !isAsked(proposal, nowMs)).length;
  const nothing = isNarrowed(filter)
    ? html`Nothing is found with what is chosen below. <a href="${paths.findings}">Show all</a>`
    : model.emptyBecause;
  return html`${lead({ title: headline(model), below: number === 0 ? nothing : whoIsAsked(unasked, number) })}${stale}${
    filter === undefined ? null : filters(filter)
  }${groups(standings, nowMs)}${pager({ shown: `${count(number, "finding")} on this page`, first, next: more })}`;
}

function isNarrowed(filter: FindingsFilter | undefined): boolean {
  return filter !== undefined && [filter.standard, filter.environment, filter.state].some((value) => value !== "");
}

function headline({ standings, corrupt, more, first = null, filter }: FindingsModel): string {
  const number = standings.length;
  if (number > 0) {
    const isPart = more !== null || first !== null;
    return `${count(number, "finding")}${isPart ? " here" : ""}: not as ${number === 1 ? "it" : "they"} should be`;
  }
  if (corrupt > 0) return "No finding could be read";
  return isNarrowed(filter) ? "No finding matches" : "Everything that is looked at is as it should be";
}

function whoIsAsked(unasked: number, number: number): string {
  if (unasked === 0) return "People are asked about each.";
  const whom = unasked === number ? (number === 1 ? "it" : "any of them") : `${unasked} of them`;
  return `Nobody is asked about ${whom}; why not stands beside ${unasked === 1 ? "it" : "each"}.`;
}

const states = [
  { value: "open", label: "Open" },
  { value: "waived", label: "Waived" },
  { value: "unknown", label: "Unknown" },
];

function filters({ standard, environment, state, standards, environments }: FindingsFilter): Html {
  const choice = (name: string, label: string, value: string, values: readonly string[]): Choice => {
    const known = value === "" || values.includes(value) ? values : [...values, value];
    const options = known.map((item) => ({ value: item, label: item }));
    return { name, label, value, options: [{ value: "", label: "Any" }, ...options] };
  };
  return filterBar({
    action: paths.findings,
    choices: [
      choice("standard", "Standard", standard, standards),
      choice("environment", "Environment", environment, environments),
      { name: "state", label: "State", value: state, options: [{ value: "", label: "Any" }, ...states] },
    ],
  });
}

/** By standard, in the order of their names; within one the longest-standing first. */
function groups(standings: readonly Standing[], nowMs: number): Html[] {
  const grouped = Map.groupBy(standings, ({ finding }) => finding.standard.id);
  return [...grouped].map(([id, found]) => {
    const [first] = found;
    const rows = found.toSorted((a, b) => (a.finding.presentSince < b.finding.presentSince ? -1 : 1));
    const version = first?.finding.standard.version ?? 0;
    return panel({
      id: `of-${id}`,
      title: html`${authority(id, version)} ${first?.finding.standard.title ?? id}`,
      beside: `${count(found.length, "finding")}, oldest first`,
      end: html`<a class="sm" href="${paths.estate}?standard=${id}">In the estate<span class="vh">: ${id}</span></a>`,
      content: html`<ul>
        ${rows.map((standing) => row(standing, nowMs))}
      </ul>`,
    });
  });
}

function row(standing: Standing, nowMs: number): Html {
  const { finding } = standing;
  const fields = fieldLines(finding.fields);
  return html`<li class="row found">
    <div>
      <b
        ><a href="${resourceHref(finding.target)}"><code>${shortName(finding.target)}</code></a></b
      >
      <span class="f sm">${finding.environment}</span>
      ${fields.map(
        ({ name, before, after }) =>
          html`<p class="sm fieldline">
            <span class="q">${name}</span>
            <span
              ><span class="vh">is </span><del class="was">${short(before)}</del
              ><ins class="will"><span class="vh">should be </span>${short(after)}</ins></span
            >
            ${chip({ kind: "standard", label: finding.standard.id })}
          </p>`,
      )}
      ${finding.fields.length === 0 ? html`<p class="sm q">${finding.reason.replaceAll(/\bproperties\./g, "")}</p>` : null}
      ${finding.condition === null ? null : html`<p class="sm">${finding.condition.message} <code class="f">${finding.condition.reason}</code></p>`}
      ${notes(standing, nowMs)}${template(finding)}
    </div>
    <div class="right">
      ${state(standing, nowMs)}<span class="sm q"
        >found ${timeTag(finding.since, nowMs)}, ${since(finding.since, nowMs)}</span
      >
    </div>
  </li>`;
}

function template({ patch, id, pk, target }: Finding): Html | null {
  if (patch === null) return null;
  if (isShort(patch)) return templateChange(patch, id, pk);
  return html`<p class="sm">
    What to change in the template stands <a href="${resourceHref(target)}">on its own page</a>.
  </p>`;
}

/** Longest value in a list; the page of the resource has more of it. */
const VALUE_CHARACTERS_MAX = 100;

function short(value: string | null): string {
  if (value === null) return "absent";
  return value.length <= VALUE_CHARACTERS_MAX ? value : `${value.slice(0, VALUE_CHARACTERS_MAX)}…`;
}

function notes(standing: Standing, nowMs: number): Insert {
  const { finding, waiver, isCorrupt } = standing;
  return [
    finding.changedBy === null ? null : html`<p class="sm q">Changed by ${idTag(finding.changedBy)}.</p>`,
    waiver === undefined
      ? null
      : html`<p class="sm">
          Taken back by ${idTag(waiver.by)}: “${waiver.reason}”. The standard is in force again at
          ${timeTag(waiver.until, nowMs)}, ${until(waiver.until, nowMs)}.
        </p>`,
    isToldOnly(standing) && html`<p class="sm">It was only audited when it was looked at last.</p>`,
    isCorrupt && html`<p class="sm">What was asked about it cannot be read.</p>`,
  ];
}

/** Neither asked about nor held: the mode, or the level of the subscription, was audit. */
function isToldOnly({ finding, proposal, isCorrupt }: Standing): boolean {
  const isOpen = finding.state === "open" && finding.verdict === "fail";
  return isOpen && proposal === undefined && !isCorrupt && finding.condition === null;
}

function state({ finding, proposal, isCorrupt }: Standing, nowMs: number): Html {
  if (finding.state === "waived") return statusWord("open", "Waived");
  if (finding.verdict === "unknown") return statusWord("unknown", "Unknown");
  if (proposal === undefined && finding.condition !== null) return statusWord("stop", "Blocked");
  if (proposal === undefined) return isCorrupt ? statusWord("unknown", "Unknown") : statusWord("open", "Told only");
  const { tone, word } = statusOf(proposal, nowMs);
  return html`<a href="${pageOf(proposal.id)}">${statusWord(tone, isAsked(proposal, nowMs) ? "Asked" : word)}</a>`;
}
