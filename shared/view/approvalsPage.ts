/** What waits for approval: a card for each proposal, and one for each request that asks for many at once. */
import type { Insert, Html } from "./html.ts";
import { html } from "./html.ts";
import { authority, diff, fact, idTag, note, permitted, pips, statusWord } from "./parts.ts";
import type { ProposalModel } from "./proposalModel.ts";
import { paths } from "./shell.ts";
import { count, since, timeTag, until } from "./words.ts";

export interface ApprovalsModel {
  readonly proposals: readonly ProposalModel[];
  /** Cards of grouped requests; they come first. */
  readonly requests: readonly Html[];
  /** What waits for the viewer among them. */
  readonly yours: number;
  /** Where the next ones are; null when these are all. */
  readonly more: string | null;
  /** Why nothing waits, when nothing does. */
  readonly emptyBecause: Html;
  /** The store could not be read just now: what is shown is of then. */
  readonly stale: Html | null;
  readonly nowMs: number;
}

export function approvalsPage(model: ApprovalsModel): Html {
  const { proposals, requests, nowMs } = model;
  const nothing = proposals.length === 0 && requests.length === 0;
  return html`<div class="lead">
      <h1>${sentence(model)}</h1>
      <p>
        ${
          nothing
            ? model.emptyBecause
            : "Nothing is written before enough people agree. Just before writing it is checked again: if anything differs by then, it is void and asked anew."
        }
      </p>
    </div>
    ${model.stale}${requests}${
      proposals.length === 0
        ? null
        : html`<section class="panel" aria-labelledby="single">
            <div class="head">
              <h2 id="single">${requests.length === 0 ? "Waiting for approval" : "Asked one by one"}</h2>
              <span class="q"
                >${count(proposals.length, "proposal")}${model.more === null ? "" : " here"}, soonest end first</span
              >
            </div>
            ${proposals.map((proposal) => card(proposal, nowMs))}${
              model.more === null ? null : html`<div class="foot"><a href="${model.more}">Show the next ones</a></div>`
            }
          </section>`
    }`;
}

function sentence({ proposals, requests, yours }: ApprovalsModel): Insert {
  const all = proposals.length + requests.length;
  if (all === 0) return "Nothing waits for approval";
  if (yours === 0) return `${count(all, "question")} ${all === 1 ? "waits" : "wait"} for approval, none for you`;
  if (yours === all) return `${count(all, "question")} ${all === 1 ? "waits" : "wait"} for you`;
  return `${count(all, "question")} wait for approval, ${yours} of them for you`;
}

export function pageOf(id: string): string {
  return `${paths.approvals}/${id}`;
}

export function card(proposal: ProposalModel, nowMs: number): Html {
  const { target, changedBy } = proposal;
  return html`<article class="ask" aria-labelledby="t-${proposal.id}">
    <header>
      <h3 id="t-${proposal.id}">
        <a href="${pageOf(proposal.id)}"><code>${target.name}</code></a>
      </h3>
      ${authority(proposal.standard, proposal.version)}${
        proposal.escalated ? statusWord("open", "Escalated") : null
      }<span class="end"
        >${proposal.status.tone === "wait" ? html`<b>${until(proposal.expiresAt, nowMs)}</b>` : statusWord(proposal.status.tone, proposal.status.word)}</span
      >
      <p>${proposal.title}</p>
    </header>
    ${diff(fieldsHeading(proposal), proposal.fields)}
    <dl class="facts">
      ${fact("Changed by", changedBy === null ? "nobody whom Azure names" : idTag(changedBy))}${fact("So since", html`${timeTag(proposal.presentSince, nowMs)}, ${since(proposal.presentSince, nowMs)}`)}${fact("Agreed", pips(proposal.agreed, proposal.quorum))}${fact("Answer by", timeTag(proposal.expiresAt, nowMs))}${fact("Where", html`${proposal.environment}${target.resourceGroup === null ? null : html`, <code>${target.resourceGroup}</code>`}`)}
    </dl>
    <div class="acts">${permitted(proposal.decide, () => buttons(proposal))}</div>
    ${proposal.condition === null ? null : note("open", proposal.condition.message, proposal.condition.reason)}
  </article>`;
}

export function fieldsHeading({ target, fields }: ProposalModel): Html {
  return html`<code>${target.name}</code>, ${count(fields.length, "field")}`;
}

/** They lead to where it is said again, in full, before anything is recorded. */
export function buttons({ id, agreed, quorum, target, reject }: ProposalModel): Html {
  const number = agreed + 1;
  const as = quorum === 1 ? "" : ` as ${ordinal(number)} of ${quorum}`;
  const why = reject.may ? null : html`<p class="why">${reject.why}</p>`;
  return html`<a class="btn go" href="${pageOf(id)}/decide?verdict=approve"
      >Approve${as}<span class="vh"> for ${target.name}</span></a
    >${
      why ??
      html`<a class="btn" href="${pageOf(id)}/decide?verdict=reject"
        >Reject, with a reason<span class="vh"> for ${target.name}</span></a
      >`
    }`;
}

export function ordinal(number: number): string {
  return ["first", "second", "third", "fourth", "fifth"][number - 1] ?? `${number}th`;
}
