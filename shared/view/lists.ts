/** What lists share: filters as a form that works without a script, tabs, tables that become cards, pages. */
import { html, type Html, type Insert } from "./html.ts";
import { statusWord } from "./parts.ts";
import type { Tone } from "./proposalModel.ts";
import { grouped } from "./words.ts";

export interface Choice {
  /** Name of the query's parameter. */
  readonly name: string;
  /** `Environment`. */
  readonly label: string;
  /** `""` is chosen where nothing is, and leaves the parameter empty. */
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
}

export interface Filters {
  readonly action: string;
  readonly search?: { readonly name: string; readonly value: string; readonly label: string };
  readonly choices: readonly Choice[];
  /** Kept when the form is sent: the tab, the order. */
  readonly keep?: Readonly<Record<string, string>>;
  /** After the filters: status chips. */
  readonly chips?: Insert;
  /** `27 of 52`. */
  readonly end?: Insert;
}

export function filterBar({ action, search, choices, keep = {}, chips, end }: Filters): Html {
  return html`<form class="tools" method="get" action="${action}" data-auto role="search">
    ${Object.entries(keep).map(([name, value]) => (value === "" ? null : html`<input type="hidden" name="${name}" value="${value}" />`))}${
      search === undefined
        ? null
        : html`<span class="find"
            ><span class="i i-find"></span
            ><input
              type="search"
              name="${search.name}"
              value="${search.value}"
              placeholder="${search.label}"
              aria-label="${search.label}"
              maxlength="200"
          /></span>`
    }${choices.map(picker)}<button class="btn small noscript">Apply</button
    >${chips}${end === undefined ? null : html`<span class="end">${end}</span>`}
  </form>`;
}

function picker({ name, label, options, value }: Choice): Html {
  return html`<label class="pick${value === "" ? null : " on"}"
    >${label}
    <select name="${name}">
      ${options.map((option) => html`<option value="${option.value}" ${option.value === value ? html` selected` : null}>${option.label}</option>`)}
    </select>
    <span class="i i-down"></span
  ></label>`;
}

/** A status that the list can be narrowed to, with how many there are. */
export function statusFilter(tone: Tone, word: string, number: number, href: string, isOn: boolean): Html {
  return html`<a class="pick" href="${href}" ${isOn ? html` aria-current="true"` : null}
    >${statusWord(tone, `${grouped(number)} ${word}`)}</a
  >`;
}

export interface Tab {
  readonly label: string;
  readonly href: string;
  readonly isCurrent: boolean;
  readonly count?: number;
}

/** Views of the same thing, each with an address of its own. */
export function tabs(label: string, list: readonly Tab[]): Html {
  return html`<nav class="seg" aria-label="${label}">
    ${list.map(
      (tab) =>
        html`<a href="${tab.href}" ${tab.isCurrent ? html` aria-current="page"` : null}
          >${tab.label}${tab.count === undefined ? null : html`<span class="f">${grouped(tab.count)}</span>`}</a
        >`,
    )}
  </nav>`;
}

export interface Column {
  readonly label: Insert;
  /** Said before the value where the table has become cards; left out where the value speaks for itself. */
  readonly short?: string;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
  /** Left out where the table has become cards. */
  readonly isWideOnly?: boolean;
}

export interface TableRow {
  readonly cells: readonly Insert[];
  readonly id?: string;
  readonly className?: string;
}

/**
 * A table that becomes cards below 820 px. Roles are named, because a table that is laid out as blocks is none to a
 * browser any more.
 */
export function dataTable(name: string, columns: readonly Column[], rows: readonly TableRow[], className = ""): Html {
  const marks = columns.map(({ isNumber = false, isWideOnly = false }) =>
    [isNumber ? "r" : "", isWideOnly ? "wo" : ""].join(" ").trim(),
  );
  const classOf = (index: number): Html | null => (marks[index] ? html` class="${marks[index]}"` : null);
  return html`<table class="t cards ${className}" role="table" aria-label="${name}">
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map(({ label }, index) => html`<th role="columnheader" scope="col" ${classOf(index)}>${label}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (row) =>
          html`<tr
            role="row"
            ${row.id === undefined ? null : html` id="${row.id}"`}${row.className === undefined ? null : html` class="${row.className}"`}
          >
            ${row.cells.map((cell, index) => html`<td role="cell" ${classOf(index)}${columns[index]?.short === undefined ? null : html` data-label="${columns[index].short}"`}>${cell}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Where one is in a long list. Cursors lead forward only; the first page is always one step away. */
export function pager(options: {
  readonly shown: string;
  readonly first: string | null;
  readonly next: string | null;
}): Html | null {
  const { shown, first, next } = options;
  if (first === null && next === null) return null;
  return html`<nav class="pager" aria-label="Pages of the list">
    <span>${shown}</span
    ><span class="end line"
      >${first === null ? null : html`<a class="btn small" href="${first}">Back to the first</a>`}${next === null ? null : html`<a class="btn small" href="${next}">Show the next ones</a>`}</span
    >
  </nav>`;
}
