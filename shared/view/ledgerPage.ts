/** The ledger: every write with what demanded it, every finding and decision, newest first. */
import { html, type Html } from "./html.ts";
import { ledgerHref, ledgerTools, type LedgerChoices, type LedgerFilter } from "./ledgerFilter.ts";
import type { LedgerMark, LedgerRow } from "./ledgerModel.ts";
import { pager } from "./lists.ts";
import { emptyPanel, lead } from "./panels.ts";
import { chip, note } from "./parts.ts";
import { paths } from "./paths.ts";
import type { FieldLine } from "./proposalModel.ts";
import { clockTag, count, grouped, shortId, since, timeTag } from "./words.ts";

export interface LedgerFigures {
  readonly entries: number;
  /** Writes that were applied since midnight, UTC, and whether there are more than were counted. */
  readonly changesToday: number;
  readonly isMore: boolean;
  /** Time of the last seal; null when nothing was sealed yet. */
  readonly sealedAt: string | null;
  /** When this process last read and checked all of it; null when it did not. */
  readonly verified: { readonly ok: boolean; readonly at: string; readonly tookMs: number } | null;
}

export interface LedgerPageModel {
  readonly figures: LedgerFigures;
  readonly rows: readonly LedgerRow[];
  readonly filter: LedgerFilter;
  readonly choices: LedgerChoices;
  /** How many entries were looked through for these. */
  readonly scanned: number;
  /** Cursor of the last one looked at; null at the end of the ledger. */
  readonly next: string | null;
  readonly isFirst: boolean;
  /** Rows whose entry's own hash does not hold. */
  readonly broken: number;
  /** The row that is open, and what is shown below it. */
  readonly selected: { readonly href: string; readonly detail: Html } | null;
  readonly stale: Html | null;
  readonly nowMs: number;
}

export function ledgerPage(model: LedgerPageModel): Html {
  const { filter, rows, choices, figures, nowMs } = model;
  const query = ledgerHref(filter).slice(paths.ledger.length);
  return html`${lead({
      title: sentence(figures, model.broken),
      below: below(figures, nowMs),
      actions: html`<a class="btn" href="${paths.ledger}/verify"><span class="i i-link"></span>Verify the chain</a
        ><a class="btn" href="${paths.ledger}/export${query}">Export</a>`,
    })}${model.stale}${
      model.broken === 0
        ? null
        : note(
            "stop",
            html`${count(model.broken, "entry", "entries")} on this page ${model.broken === 1 ? "is" : "are"} not what
              was written: its hash does not hold. <a href="${paths.ledger}/verify">Verify the chain</a>.`,
          )
    }${ledgerTools(filter, choices, shown(model))}
    <section class="panel led" aria-labelledby="entries" data-part="entries">
      <h2 class="vh" id="entries">Entries</h2>
      ${rows.length === 0 ? nothing(model) : table(model)}${pager({
        shown: shown(model),
        first: model.isFirst ? null : ledgerHref(filter),
        next: model.next === null ? null : ledgerHref(filter, { after: model.next }),
      })}
    </section>
    <p class="sm q ledkey">
      <span><i class="written"></i> we wrote to Azure</span>
      <span><i class="told"></i> a finding or a decision, nothing written</span>
      <span><i class="refused"></i> a write that Azure refused</span>
      <span><i class="open"></i> about to be written</span>
    </p>`;
}

function sentence({ entries, verified, sealedAt, changesToday, isMore }: LedgerFigures, broken: number): string {
  if (entries === 0) return "Nothing stands in the ledger yet";
  const chain =
    verified?.ok === false || broken > 0
      ? "the chain broken"
      : verified === null
        ? sealed(sealedAt)
        : "the chain unbroken";
  const changes = isMore ? `more than ${count(changesToday, "change")}` : count(changesToday, "change");
  return `${count(entries, "entry", "entries")}, ${chain}; ${changes} to the estate today`;
}

function sealed(sealedAt: string | null): string {
  return sealedAt === null ? "not sealed yet" : `sealed to ${sealedAt.slice(11, 16)}`;
}

function below({ verified, sealedAt }: LedgerFigures, nowMs: number): Html {
  const check =
    verified === null
      ? html`Each entry shown here was checked against its own hash;
          <a href="${paths.ledger}/verify">verify the chain</a> to check all of them.`
      : html`Checked to the head at ${timeTag(verified.at, nowMs)}, in ${(verified.tookMs / 1000).toFixed(1)} s.`;
  const seal = sealedAt === null ? null : html` Last seal ${since(sealedAt, nowMs)}.`;
  return html`Each write has its entry and each entry its hash. ${check}${seal}`;
}

function shown({ rows, scanned, next }: LedgerPageModel): string {
  const rest = next === null ? "" : scanned > rows.length * 2 ? ` found in ${grouped(scanned)} looked through` : "";
  return `${count(rows.length, "entry", "entries")}${rest}`;
}

function nothing({ filter, next, scanned }: LedgerPageModel): Html {
  const isFiltered = Object.values(filter).some((value) => value !== "");
  if (!isFiltered) {
    return emptyPanel({
      title: "Nothing stands in the ledger yet",
      text: "The first look at an account writes the first entry: what was found there.",
    });
  }
  return emptyPanel({
    title: next === null ? "No entry is like that" : `None among the ${grouped(scanned)} looked through`,
    text:
      next === null
        ? "The filters above leave none of the entries."
        : "There are older ones: go on with the next ones below, or take a filter away.",
    next: { label: "Clear the filters", href: paths.ledger },
  });
}

function table({ rows, filter, selected, nowMs }: LedgerPageModel): Html {
  return html`<table class="t cards" role="table" aria-label="Entries, newest first">
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col" class="m"><span class="vh">What it is</span></th>
        <th role="columnheader" scope="col">Time</th>
        <th role="columnheader" scope="col">Target and change</th>
        <th role="columnheader" scope="col">Authority</th>
        <th role="columnheader" scope="col">By</th>
        <th role="columnheader" scope="col" class="wo">Entry</th>
        <th role="columnheader" scope="col" class="wo">Hash</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map((row) => {
        const isOpen = selected?.href === row.href;
        return html`${line(row, filter, isOpen, nowMs)}${
          isOpen && selected !== null
            ? html`<tr role="row" class="sel x">
                <td role="cell" class="m"></td>
                <td role="cell" colspan="6">${selected.detail}</td>
              </tr>`
            : null
        }`;
      })}
    </tbody>
  </table>`;
}

export const markWords: Readonly<Record<LedgerMark, string>> = {
  written: "Written",
  refused: "Refused",
  told: "Told",
  open: "Intent",
};

function line(row: LedgerRow, filter: LedgerFilter, isOpen: boolean, nowMs: number): Html {
  const { pk, seq, target } = row;
  const id = `e-${pk.slice(0, 8)}-${seq}`;
  const to = isOpen ? `${ledgerHref(filter)}#${id}` : `${ledgerHref(filter, { entry: `${pk}.${seq}` })}#${id}`;
  return html`<tr role="row" id="${id}" ${isOpen ? html` class="sel"` : null}>
    <td role="cell" class="m"><i class="${row.mark}"></i><span class="vh">${markWords[row.mark]}</span></td>
    <td role="cell" class="nw q">${clockTag(row.at, nowMs)}</td>
    <td role="cell">
      <a class="plain" href="${to}" ${isOpen ? html` aria-expanded="true" data-close` : null}
        ><code class="b">${target.name}${target.below === null ? null : html`<wbr />/${target.below}`}</code></a
      >
      ${changeText(row)}
    </td>
    <td role="cell">
      ${row.authority === null ? html`<span class="f">–<span class="vh"> none needed</span></span>` : chip(row.authority)}
    </td>
    <td role="cell" class="q">
      ${
        row.by === null
          ? "Steelyard"
          : html`<a class="plain" href="${ledgerHref(filter, { by: row.by })}" title="${row.by}"
              ><code>${shortId(row.by)}</code></a
            >`
      }
    </td>
    <td role="cell" class="wo f">${grouped(seq)}</td>
    <td role="cell" class="wo f"><code title="${row.hash}">${row.hash.slice(0, 6)}</code></td>
  </tr>`;
}

/** The first field that was written, and how many more; or what the entry says. */
export function changeText({ fields, sentence: said, mark }: LedgerRow): Html {
  const [first] = fields;
  if (mark === "refused") return html`<span class="s stop">${said}</span>`;
  if (first === undefined) return html`<span>${said}</span>`;
  const more = fields.length - 1;
  return html`${fieldText(first)}${more === 0 ? null : ` and ${more} more`}${said === "" ? null : html` <span class="q">${said}</span>`}`;
}

export function fieldText({ name, before, after }: FieldLine): Html {
  return html`<code class="nw2">${name}</code> <code class="was">${short(before)}</code
    ><code class="will">${short(after)}</code>`;
}

const SHORT_CHARACTERS = 60;

/** Texts without their quotes: in a row it is plain what is a value. */
function short(value: string | null): string {
  if (value === null) return "none";
  const plain = /^"[^"\\]*"$/.test(value) ? value.slice(1, -1) : value;
  return plain.length > SHORT_CHARACTERS ? `${plain.slice(0, SHORT_CHARACTERS)}…` : plain;
}
