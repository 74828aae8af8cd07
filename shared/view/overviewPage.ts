/** What waits for whoever looks, and what was written lately. */
import { pageOf } from "./approvalsPage.ts";
import { html, type Html } from "./html.ts";
import { authority, pips, statusWord } from "./parts.ts";
import type { ProposalModel } from "./proposalModel.ts";
import { paths } from "./shell.ts";
import type { RequestModel } from "./requestPages.ts";
import { entryLine, type EntryModel } from "./tale.ts";
import { count, timeTag, until } from "./words.ts";

export interface OverviewModel {
  /** Waits for the viewer, soonest end first; at most {@link OVERVIEW_ROWS} are shown. */
  readonly yours: readonly ProposalModel[];
  readonly requests: readonly RequestModel[];
  /** Waits for others. */
  readonly others: number;
  readonly lately: readonly EntryModel[];
  readonly emptyBecause: Html;
  readonly stale: Html | null;
  readonly nowMs: number;
}

export const OVERVIEW_ROWS = 6;

export function overviewPage(model: OverviewModel): Html {
  const requests = model.requests.filter(({ decide }) => decide.may);
  const waiting = model.yours.length + requests.length;
  const others = model.others + model.requests.length - requests.length;
  return html`<div class="lead">
      <h1 class="verdict">
        ${
          waiting === 0
            ? "Nothing waits for you."
            : html`${statusWord("wait", count(waiting, "question"))} ${waiting === 1 ? "waits" : "wait"} for you.`
        }
      </h1>
      <p>${below(model, waiting, others)}</p>
    </div>
    ${model.stale}
    <div class="two">
      <section class="panel" aria-labelledby="todo">
        <div class="head">
          <h2 id="todo">Waiting for you</h2>
          <span class="q">${waiting === 0 ? "nothing" : `${waiting}, soonest end first`}</span>
        </div>
        ${
          waiting === 0
            ? html`<div class="body q">${model.emptyBecause}</div>`
            : html`<ul>
                ${requests.map(requestRow)}${model.yours.slice(0, OVERVIEW_ROWS).map((proposal) => row(proposal, model.nowMs))}
              </ul>`
        }
        <div class="foot">
          <a href="${paths.approvals}">${others + waiting > 0 ? "See all that waits" : "Approvals"}</a
          >${others === 0 ? null : ` ${others} more ${others === 1 ? "waits" : "wait"} for others.`}
        </div>
      </section>
      <section class="panel" aria-labelledby="lately">
        <div class="head">
          <h2 id="lately">Written lately</h2>
          <span class="q">newest first</span>
        </div>
        ${
          model.lately.length === 0
            ? html`<div class="body q">Nothing has been written to the estate yet.</div>`
            : html`<ol class="tale">
                ${model.lately.map((entry) => entryLine(entry, model.nowMs))}
              </ol>`
        }
      </section>
    </div>`;
}

function below({ yours, nowMs }: OverviewModel, waiting: number, others: number): string {
  const [first] = yours;
  if (waiting === 0)
    return others === 0
      ? "Nothing waits for anybody."
      : `${count(others, "question")} ${others === 1 ? "waits" : "wait"} for others.`;
  if (first === undefined) return "It was so before a standard was switched on; one decision stands for all of it.";
  return `The first ends ${until(first.expiresAt, nowMs)}; then it expires and is asked again.`;
}

function requestRow(request: RequestModel): Html {
  return html`<li class="row">
    <div>
      <b>${request.title}</b>
      <div class="meta"><span>${count(request.count, "account")} asked about together</span></div>
    </div>
    <div class="right">
      <a class="btn small" href="${paths.requests}/${request.id}">Review<span class="vh"> ${request.title}</span></a>
    </div>
  </li>`;
}

function row(proposal: ProposalModel, nowMs: number): Html {
  const { target } = proposal;
  return html`<li class="row">
    <div>
      <b><code>${target.name}</code></b>
      <p class="q">${proposal.title}</p>
      <div class="meta">
        ${authority(proposal.standard, proposal.version)}${pips(proposal.agreed, proposal.quorum)}<span
          >so since ${timeTag(proposal.presentSince, nowMs)}</span
        ><span>by ${timeTag(proposal.expiresAt, nowMs)}</span>
      </div>
    </div>
    <div class="right">
      <b>${until(proposal.expiresAt, nowMs).replace("in ", "")}</b
      ><a class="btn small" href="${pageOf(proposal.id)}">Review<span class="vh"> ${target.name}</span></a>
    </div>
  </li>`;
}
