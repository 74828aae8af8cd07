/** What waits for people: for whoever looks, soonest end first, then what waits for others and why not for them. */
import { pageOf } from "./approvalsPage.ts";
import { html, type Html } from "./html.ts";
import { body, panel } from "./panels.ts";
import { authority, pips } from "./parts.ts";
import { paths } from "./paths.ts";
import type { ProposalModel } from "./proposalModel.ts";
import type { RequestModel } from "./requestPages.ts";
import { count, environmentWord, grouped, left, shortTime, timeTag } from "./words.ts";

export interface WaitingModel {
  readonly proposals: readonly ProposalModel[];
  readonly requests: readonly RequestModel[];
  /** There is more than was read. */
  readonly isCut: boolean;
  /** Why nothing waits, when nothing does. */
  readonly emptyBecause: Html;
  readonly nowMs: number;
}

/** Rows of each kind; the rest is a number. */
export const YOURS_ROWS = 5;
export const OTHERS_ROWS = 3;

interface Row {
  readonly id: string;
  readonly expiresAt: string;
  readonly isYours: boolean;
  readonly drawn: (nowMs: number) => Html;
}

export function waitingPanel(model: WaitingModel): Html {
  const { nowMs, isCut } = model;
  const rows = [...model.requests.map(requestRow), ...model.proposals.map(proposalRow)].sort((a, b) =>
    a.expiresAt + a.id < b.expiresAt + b.id ? -1 : 1,
  );
  const yours = rows.filter(({ isYours }) => isYours);
  const others = rows.filter(({ isYours }) => !isYours);
  const shown = [...yours.slice(0, YOURS_ROWS), ...others.slice(0, Math.max(OTHERS_ROWS, YOURS_ROWS - yours.length))];
  return panel({
    id: "todo",
    title: "Waiting for you",
    beside: yours.length === 0 ? "nothing" : `${yours.length}, soonest end first`,
    content:
      rows.length === 0
        ? body(html`<span class="q">${model.emptyBecause}</span>`)
        : html`<ul>
            ${shown.map(({ drawn }) => drawn(nowMs))}
          </ul>`,
    foot: foot(rows.length, others.length, isCut),
  });
}

function foot(all: number, others: number, isCut: boolean): Html {
  const link = (label: string): Html => html`<a href="${paths.approvals}">${label}</a>`;
  if (all === 0) return html`Nothing waits for anybody. ${link("Approvals")}`;
  const more = isCut ? `${all} and more` : String(all);
  return html`${others === 0 ? null : `${count(others, "question")} ${others === 1 ? "waits" : "wait"} for others. `}${link(all === 1 ? "See it in full" : `See all ${more}`)}`;
}

/** How many of them wait for whoever looks. */
export function yoursOf({ proposals, requests }: Pick<WaitingModel, "proposals" | "requests">): number {
  return [...proposals, ...requests].filter(({ decide }) => decide.may).length;
}

function requestRow(request: RequestModel): Row {
  const { id, expiresAt, decide } = request;
  const drawn = (nowMs: number): Html => {
    const action = { href: `${paths.requests}/${id}`, of: request.title, why: decide.may ? null : decide.why };
    return row(
      html`<b>${request.title}: ${grouped(request.count)} in ${environmentWord(request.environment)}</b>
        <p class="q">
          ${count(request.count, "change")}, asked about together: so before the standard was switched on.
        </p>
        <div class="meta">
          ${authority(request.standard, request.version)}${pips(request.agreed, request.quorum)}<span
            >by ${timeTag(expiresAt, nowMs)}</span
          >
        </div>`,
      left(expiresAt, nowMs),
      action,
    );
  };
  return { id, expiresAt, isYours: decide.may, drawn };
}

function proposalRow(proposal: ProposalModel): Row {
  const { id, expiresAt, decide, target } = proposal;
  const drawn = (nowMs: number): Html =>
    row(
      html`<b><code>${target.name}</code></b>
        <p class="q">${proposal.title}</p>
        <div class="meta">
          ${authority(proposal.standard, proposal.version)}${pips(proposal.agreed, proposal.quorum)}<span
            >by ${timeTag(expiresAt, nowMs)}</span
          ><span>so since ${shortTime(proposal.presentSince, nowMs)}</span>
        </div>`,
      left(expiresAt, nowMs),
      { href: pageOf(id), of: target.name, why: decide.may ? null : decide.why },
    );
  return { id, expiresAt, isYours: decide.may, drawn };
}

/** Soon ends are the ones to see. */
function row(
  content: Html,
  ends: string,
  action: { readonly href: string; readonly of: string; readonly why: string | null },
): Html {
  const { href, of, why } = action;
  return html`<li class="row${why === null ? null : " other"}">
    <div>${content}${why === null ? null : html`<p class="sm q">Not yours: ${why}</p>`}</div>
    <div class="right">
      <b>${ends}</b
      ><a class="btn small" href="${href}">${why === null ? "Review" : "Look"}<span class="vh"> ${of}</span></a>
    </div>
  </li>`;
}
