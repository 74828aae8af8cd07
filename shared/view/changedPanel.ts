/** What changed today, each with what demanded it; what somebody else changed has nothing beside it. */
import { html, type Html, type Insert } from "./html.ts";
import { dataTable, type Column, type TableRow } from "./lists.ts";
import { body, panel } from "./panels.ts";
import { pageOf } from "./approvalsPage.ts";
import { chip, statusWord } from "./parts.ts";
import { paths } from "./paths.ts";
import type { ChangeRow, DayStory } from "./dayStory.ts";
import { clockTag, count, shortId } from "./words.ts";

/** A change that somebody else made and that is not as it should be. */
export interface StrangerRow {
  readonly at: string;
  readonly target: string;
  readonly fields: ChangeRow["fields"];
  readonly by: string;
}

export interface ChangedModel {
  readonly day: DayStory;
  readonly strangers: readonly StrangerRow[];
  /** There are more strangers than were read. */
  readonly isCut: boolean;
  readonly nowMs: number;
}

const ROWS = 8;

const columns: readonly Column[] = [
  { label: "Time" },
  { label: "What changed" },
  { label: "Authority" },
  { label: "By", short: "by" },
];

export function changedPanel({ day, strangers, isCut, nowMs }: ChangedModel): Html {
  const rows = [...day.changes.map(ours), ...strangers.map(theirs)].sort((a, b) => (a.at < b.at ? 1 : -1));
  return panel({
    id: "changed",
    title: "Changed today",
    beside: beside(day, strangers.length, isCut),
    end: html`<a href="${paths.ledger}">Ledger</a>`,
    content:
      rows.length === 0
        ? body(html`<span class="q">Nothing has changed since midnight.</span>`)
        : dataTable(
            "Changed today, newest first",
            columns,
            rows.slice(0, ROWS).map((row) => drawn(row, nowMs)),
            "changes",
          ),
    foot:
      rows.length > ROWS
        ? html`${count(rows.length - ROWS, "change")} more today. <a href="${paths.ledger}">See them in the ledger</a>`
        : null,
  });
}

function beside({ written }: DayStory, strangers: number, isCut: boolean): string {
  const us = written === 0 ? "nothing by Steelyard" : `${written} by Steelyard, each with what says so`;
  if (strangers === 0) return us;
  return `${us}; ${strangers}${isCut ? " and more" : ""} by someone else`;
}

interface Drawn {
  readonly at: string;
  readonly target: string;
  readonly fields: ChangeRow["fields"];
  readonly authority: Html;
  readonly by: Insert;
  readonly fault: string | null;
}

function ours(row: ChangeRow): Drawn {
  const href = row.change === null ? {} : { href: pageOf(row.change) };
  return { ...row, authority: chip({ ...row.chip, ...href }) };
}

function theirs(row: StrangerRow): Drawn {
  return {
    ...row,
    authority: chip({ kind: "none" }),
    by: html`someone else, <code title="${row.by}">${shortId(row.by)}</code>`,
    fault: null,
  };
}

/** Fields shown of one change; the ledger has all. */
const FIELDS = 3;

function drawn({ at, target, fields, authority, by, fault }: Drawn, nowMs: number): TableRow {
  const more = fields.length - FIELDS;
  const what = html`<b><code>${target}</code></b
    >${fields.slice(0, FIELDS).map(
      ({ name, before, after }) =>
        html`<span class="sub"
          ><code>${name} <span class="was">${before}</span><span class="will">${after}</span></code></span
        >`,
    )}${more > 0 ? html`<span class="sub">and ${more} more</span>` : null}${fault === null ? null : statusWord("stop", fault)}`;
  return {
    cells: [html`<span class="q">${clockTag(at, nowMs)}</span>`, what, authority, html`<span class="q">${by}</span>`],
  };
}
