/**
 * A request that asks for many changes at once: what was there before when a standard's mode was raised. One decision is
 * recorded on each of the proposals that the person saw, and bound to the hash of them all.
 */
import { html, type Html } from "./html.ts";
import { histogram, type Bin } from "./histogram.ts";
import { authority, csrfField, decisionReason, diff, fact, note, permitted, pips, statusWord } from "./parts.ts";
import { pageOf } from "./approvalsPage.ts";
import type { Permission, Viewer } from "./person.ts";
import type { FieldLine, ProposalModel } from "./proposalModel.ts";
import type { Verdict } from "./confirmPage.ts";
import { paths } from "./shell.ts";
import { count, environmentWord, grouped, since, timeTag, until } from "./words.ts";

export interface RequestModel {
  readonly id: string;
  readonly title: string;
  readonly standard: string;
  readonly version: number;
  readonly environment: string;
  readonly count: number;
  readonly backlog: readonly Bin[];
  readonly oldest: string;
  readonly expiresAt: string;
  readonly quorum: number;
  readonly agreed: number;
  readonly escalated: boolean;
  readonly hash: string;
  readonly sample: readonly ProposalModel[];
  readonly decide: Permission;
}

/** Names of targets on one page. */
export const MEMBERS_ROWS = 100;

export function requestPath(id: string): string {
  return `${paths.requests}/${id}`;
}

/** The card on the page of all that waits. */
export function requestCard(request: RequestModel, nowMs: number): Html {
  return html`<section class="panel request" aria-labelledby="r-${request.id}">
    <div class="ask">
      <header>
        <h2 id="r-${request.id}">
          <a href="${requestPath(request.id)}"
            >${request.title}: ${grouped(request.count)} in ${environmentWord(request.environment)}</a
          >
        </h2>
        ${authority(request.standard, request.version)}${
          request.escalated ? statusWord("open", "Escalated") : null
        }<span class="end"><b>${until(request.expiresAt, nowMs)}</b></span>
        <p>${count(request.count, "change")}, asked about together: so before the standard was switched on.</p>
      </header>
      <div>${histogram(request.backlog)}</div>
      ${facts(request, nowMs)}
      <div class="acts">${permitted(request.decide, () => buttons(request))}</div>
      ${sample(request)}
    </div>
  </section>`;
}

function facts(request: RequestModel, nowMs: number): Html {
  return html`<dl class="facts">
    ${fact("Longest", html`since ${timeTag(request.oldest, nowMs)}, ${since(request.oldest, nowMs)}`)}${fact("Agreed", pips(request.agreed, request.quorum))}${fact("Answer by", html`${timeTag(request.expiresAt, nowMs)}, ${until(request.expiresAt, nowMs)}`)}${fact("Request", html`<code>${request.id}</code>`)}
  </dl>`;
}

function buttons(request: RequestModel): Html {
  const all = allOf(request);
  return html`<a class="btn go" href="${requestPath(request.id)}/decide?verdict=approve"
      >Approve ${all}<span class="vh"> of ${request.id}</span></a
    ><a class="btn" href="${requestPath(request.id)}/decide?verdict=reject"
      >Reject ${all}<span class="vh"> of ${request.id}</span></a
    >`;
}

function allOf({ count: number }: RequestModel): string {
  return number === 1 ? "it" : `all ${grouped(number)}`;
}

function sample({ sample, count: number, id }: RequestModel): Html {
  const rest = number - sample.length;
  return html`<details class="wide">
    <summary>${rest > 0 ? `The ${sample.length} that have been so longest` : "Which they are"}</summary>
    ${names(sample)}${
      rest > 0 ? html`<p class="sm"><a href="${requestPath(id)}">See all ${grouped(number)}</a></p>` : null
    }
  </details>`;
}

function names(members: readonly ProposalModel[]): Html {
  return html`<ul class="names">
    ${members.map(
      ({ id, target }) =>
        html`<li>
          <a href="${pageOf(id)}"><code>${target.name}</code></a>
        </li>`,
    )}
  </ul>`;
}

export interface RequestPageModel {
  readonly request: RequestModel;
  readonly members: readonly ProposalModel[];
  /** Number of the first of them among all. */
  readonly from: number;
  readonly done: { readonly verdict: Verdict; readonly decided: number; readonly declined: number } | null;
  readonly stale: Html | null;
  readonly nowMs: number;
}

export function requestPage({ request, members, from, done, stale, nowMs }: RequestPageModel): Html {
  const to = from + members.length;
  const next = to < request.count ? html`<a href="${requestPath(request.id)}?from=${to}">Show the next ones</a>` : null;
  const before =
    from > 0
      ? html`<a href="${requestPath(request.id)}?from=${Math.max(0, from - MEMBERS_ROWS)}">Show the ones before</a>`
      : null;
  return html`<p class="crumb"><a href="${paths.approvals}">Approvals</a></p>
    <div class="lead">
      <h1>
        ${count(request.count, "account")} in ${request.environment}:
        ${request.title.charAt(0).toLowerCase()}${request.title.slice(1)}
      </h1>
      <p>
        It was so before the standard was switched on. One decision stands for all that you see here; each is checked
        again before it is written.
      </p>
    </div>
    ${doneNote(done)}${stale}
    <section class="panel" aria-labelledby="ages">
      <div class="ask">
        <header>
          <h2 id="ages">How long it has been so</h2>
          ${authority(request.standard, request.version)}${request.escalated ? statusWord("open", "Escalated") : null}
        </header>
        <div>${histogram(request.backlog)}</div>
        ${facts(request, nowMs)}
        <div class="acts">${permitted(request.decide, () => buttons(request))}</div>
      </div>
    </section>
    <section class="panel" aria-labelledby="members">
      <div class="head">
        <h2 id="members">Accounts</h2>
        <span class="q">${grouped(from + 1)} to ${grouped(to)} of ${grouped(request.count)}, longest first</span>
      </div>
      <div class="body">${names(members)}</div>
      ${next === null && before === null ? null : html`<div class="foot line">${before}${next}</div>`}
    </section>`;
}

function doneNote(done: RequestPageModel["done"]): Html | null {
  if (done === null) return null;
  const { verdict, decided, declined } = done;
  const word = verdict === "approve" ? "approval" : "rejection";
  const recorded = `Your ${word} is recorded on ${count(decided, "account")}.`;
  return declined === 0
    ? note("met", recorded)
    : note("open", `${recorded} On ${grouped(declined)} it is not: they changed or were decided meanwhile.`);
}

export interface RequestConfirmModel {
  readonly request: RequestModel;
  /** Each different change, and how many accounts it is for. */
  readonly changes: readonly { readonly fields: readonly FieldLine[]; readonly count: number }[];
  readonly verdict: Verdict;
  readonly viewer: Viewer;
  readonly reason: string;
  readonly fault: string | null;
  /** Sent with another hash before: what is shown is the fresh one. */
  readonly isChanged: boolean;
  readonly nowMs: number;
}

export function requestConfirmPage(model: RequestConfirmModel): Html {
  const { request, verdict, changes, nowMs } = model;
  const word = verdict === "approve" ? "Approve" : "Reject";
  const all = count(request.count, "account");
  return html`<p class="crumb"><a href="${requestPath(request.id)}">Back to the request</a></p>
    <div class="lead">
      <h1>
        ${
          model.isChanged
            ? `It says something else now: ${all}`
            : `${word} what is asked of ${all} in ${request.environment}`
        }
      </h1>
      <p class="line">${authority(request.standard, request.version)} <span>${request.title}</span></p>
    </div>
    ${
      model.isChanged
        ? note(
            "stop",
            "Your decision was not recorded: the accounts asked about are others than you saw. This is what it says now.",
          )
        : null
    }${model.fault === null ? null : note("stop", model.fault)}
    <div class="two">
      <section class="panel" aria-labelledby="writes">
        <div class="head">
          <h2 id="writes">
            ${verdict === "approve" ? "If approved, exactly this is written" : "This is not written, if you reject"}
          </h2>
        </div>
        ${changes.map(({ fields, count: number }) => html`<div class="body">${diff(`on ${count(number, "account")}`, fields)}</div>`)}
        <div class="body">
          <p>
            ${
              verdict === "approve"
                ? "Each account is read again just before it is written; one that differs from what was asked is left as it is and asked anew. Writes are spread by the hourly budget. Each can be undone."
                : `Nothing is written and the findings stay open. ${request.standard} does not ask the same again while they last.`
            }
          </p>
          <p class="sm"><a href="${requestPath(request.id)}">Which accounts</a></p>
        </div>
      </section>
      <section class="panel" aria-labelledby="yours">
        <div class="head"><h2 id="yours">Your decision</h2></div>
        <div class="body">
          ${facts(request, nowMs)}${request.decide.may ? form(model) : html`<p class="why">${request.decide.why}</p>`}
        </div>
      </section>
    </div>`;
}

function form({ request, verdict, viewer, reason }: RequestConfirmModel): Html {
  const field = decisionReason(verdict, reason);
  return html`<form method="post" action="${requestPath(request.id)}/decisions">
    ${csrfField(viewer)}<input type="hidden" name="verdict" value="${verdict}" /><input
      type="hidden"
      name="hash"
      value="${request.hash}"
    />${field}
    <div class="line">
      <button class="btn go">${verdict === "approve" ? "Approve" : "Reject"} ${allOf(request)}</button
      ><a class="btn" href="${requestPath(request.id)}">Go back</a>
    </div>
  </form>`;
}
