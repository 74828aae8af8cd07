/** Targets against standards. What differs is tinted, what is met whispers; on a narrow page each row is a card of what differs. */
import { filterQuery } from "./estateFilter.ts";
import type { EstateList } from "./estateList.ts";
import {
  cellOf,
  differing,
  metOf,
  standings,
  worstOf,
  type Cell,
  type EstateColumn,
  type EstateRow,
  type Summary,
  type View,
} from "./estateModel.ts";
import { hashOf } from "../kernel/canonicalJson.ts";
import { html, type Html, type Insert } from "./html.ts";
import { chip, statusWord } from "./parts.ts";
import { paths } from "./paths.ts";
import { cellWords, chipWord, toneOf } from "./standingWords.ts";
import { count, grouped } from "./words.ts";

export const nouns: Readonly<Record<View, { readonly one: string; readonly many: string; readonly title: string }>> = {
  accounts: { one: "account", many: "accounts", title: "Accounts" },
  deployments: { one: "deployment", many: "deployments", title: "Deployments" },
  policies: { one: "policy", many: "policies", title: "Content policies" },
};

interface Links {
  readonly hrefOf: (target: string) => string;
  /** Target that is shown beside the list. */
  readonly chosen: string | null;
}

export function matrix(list: EstateList, links: Links): Html {
  const { filter, columns, rows } = list;
  const { view } = filter;
  const name = `${nouns[view].title} against the standards set for them, those not as they should be first`;
  const heads = [
    html`<th role="columnheader" scope="col" class="nm">
      <b>${firstHead(view)}</b>${view === "accounts" ? "worst first" : "by account, worst first"}
    </th>`,
    ...extraHeads(view).map(
      ([label, second]) => html`<th role="columnheader" scope="col" class="ex"><b>${label}</b>${second}</th>`,
    ),
    html`<th role="columnheader" scope="col" class="ex"><b>Met</b>of set</th>`,
    ...columns.map((column) => head(column, list)),
  ];
  return html`<div class="mxw" tabindex="0" role="region" aria-label="${name}">
    <table class="mx" role="table" aria-label="${name}">
      <thead role="rowgroup">
        <tr role="row">
          ${heads}
        </tr>
      </thead>
      ${
        view === "accounts"
          ? html`<tbody role="rowgroup">
              ${rows.map((row) => line(row, columns, view, links))}
            </tbody>`
          : groups(rows, list, links)
      }
    </table>
  </div>`;
}

function firstHead(view: View): string {
  return view === "accounts" ? "Account" : view === "deployments" ? "Deployment" : "Content policy";
}

function extraHeads(view: View): readonly (readonly [string, string])[] {
  if (view === "accounts") return [["Deployments", "on it"]];
  return view === "deployments" ? [["Capacity", "as read"]] : [];
}

/** Deviations of all rows, not of this page only. */
function head(column: EstateColumn, { filter }: EstateList): Html {
  const { id, label, title, counts } = column;
  const number = differing(counts);
  const worst = standings.find((standing) => standing !== "met" && counts[standing] > 0);
  const rest = worst === undefined ? 0 : number - counts[worst];
  const said =
    worst === undefined
      ? "all met"
      : html`${statusWord(toneOf[worst], `${grouped(counts[worst])} ${chipWord(worst, counts[worst])}`)}${
          rest === 0 ? null : html` <span class="f">+${grouped(rest)}<span class="vh"> more not met</span></span>`
        }`;
  const name = html`<code>${id}</code><b>${label}</b>`;
  const href = `${paths.estate}${filterQuery({ ...filter, standard: id })}`;
  return html`<th role="columnheader" scope="col" class="st" title="${title}">
    ${number === 0 || filter.standard === id ? name : html`<a href="${href}">${name}</a>`}${said}
  </th>`;
}

/** Rows that follow each other and are of one account stand under its name. */
function groups(rows: readonly EstateRow[], { columns, filter }: EstateList, links: Links): Html[] {
  const grouped: { account: Summary; rows: EstateRow[] }[] = [];
  for (const row of rows) {
    const last = grouped.at(-1);
    if (last?.account === row.account) last.rows.push(row);
    else grouped.push({ account: row.account, rows: [row] });
  }
  const width = columns.length + 2 + extraHeads(filter.view).length;
  return grouped.map(
    ({ account, rows }) =>
      html`<tbody role="rowgroup">
        <tr class="acc" role="row">
          <th role="rowheader" scope="rowgroup" colspan="${width}"><span>${accountLine(account, links)}</span></th>
        </tr>
        ${rows.map((row) => line(row, columns, filter.view, links))}
      </tbody>`,
  );
}

/** Standards named beside an account at most; the drawer has them all. */
const NAMED_MAX = 3;

function accountLine(account: Summary, { hrefOf }: Links): Insert {
  const own = account.deviations.filter(({ target }) => target === account.key);
  const worst = worstOf(own);
  const named = [...new Set(own.filter(({ state }) => state === worst).map(({ standard }) => standard))];
  const state =
    own.length === 0
      ? statusWord("met", "Account met")
      : html`${statusWord(toneOf[worst], `Account ${cellWords[worst].toLowerCase()}`)}${named.slice(0, NAMED_MAX).map((id) => chip({ kind: "standard", label: id }))}`;
  return html`<a href="${hrefOf(account.key)}">${account.name}</a
    ><span class="f sm">${placeOf(account)}</span
    >${state}${account.deploymentsUnread && statusWord("unknown", "Deployments not read")}`;
}

function placeOf({ businessUnit, location, environment }: Summary): string {
  return [businessUnit, location, environment].filter(Boolean).join(", ");
}

/** Where whoever closes what stands beside the list comes back to. */
export function rowId(target: string): string {
  return `r-${hashOf(target).slice(0, 8)}`;
}

function line(row: EstateRow, columns: readonly EstateColumn[], view: View, { hrefOf, chosen }: Links): Html {
  const { met, set } = metOf(row, columns);
  const isChosen = row.target === chosen;
  return html`<tr role="row" ${isChosen ? html` class="sel"` : null}>
    <th role="rowheader" scope="row" class="nm">
      <a id="${rowId(row.target)}" href="${hrefOf(row.target)}" ${isChosen ? html` aria-current="true"` : null}
        >${row.name}</a
      ><span class="f sm">${beside(row, view)}</span>
    </th>
    ${extraCells(row, view)}
    <td role="cell" class="ex${met < set && " b"}">${set === 0 ? "–" : `${met} of ${set}`}</td>
    ${columns.map((column) => cell(cellOf(row, column), column))}
  </tr>`;
}

function beside({ account, deployment }: EstateRow, view: View): string {
  if (view === "accounts") return placeOf(account);
  if (view === "policies") return "";
  return deployment === null ? "not in the list that was read last" : deployment.model;
}

function extraCells({ account, deployment }: EstateRow, view: View): Html | null {
  if (view === "policies") return null;
  const content =
    view === "deployments"
      ? deployment === null
        ? "unknown"
        : capacityOf(deployment)
      : account.deploymentsUnread
        ? "not read"
        : grouped(account.deployments.length);
  const label = view === "deployments" ? "Capacity" : "Deployments";
  return html`<td role="cell" class="ex" data-label="${label}">${content}</td>`;
}

/** Provisioned throughput counts in PTU, everything else in thousands of tokens a minute. */
export function capacityOf({ sku, capacity, isPaused }: Summary["deployments"][number]): string {
  const amount = /provisioned/i.test(sku)
    ? count(capacity, "PTU", "PTU")
    : capacity >= 1000
      ? `${grouped(Math.floor(capacity / 1000))}${capacity % 1000 === 0 ? "" : `.${Math.floor((capacity % 1000) / 100)}`}M TPM`
      : `${capacity}k TPM`;
  return isPaused ? `${amount}, paused` : amount;
}

function cell(found: Cell, { id, label }: EstateColumn): Html {
  if (found.state === "apart") return html`<td role="cell" class="na"><span class="vh">does not apply</span></td>`;
  if (found.state === "met") return html`<td role="cell" class="m">Met</td>`;
  const { state, condition } = found;
  return html`<td role="cell" class="dv" data-label="${label}, ${id}">
    ${statusWord(toneOf[state], cellWords[state])}${condition === null ? null : html`<code class="cd">${condition}</code>`}
  </td>`;
}
