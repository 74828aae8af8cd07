/** One proposal: what it says, who decided what, what became of it, and how to take it back. */
import { buttons, fieldsHeading, pageOf } from "./approvalsPage.ts";
import { html, type Html } from "./html.ts";
import { authority, diff, fact, idTag, note, permitted, pips, statusPill } from "./parts.ts";
import type { ProposalModel } from "./proposalModel.ts";
import { paths } from "./shell.ts";
import { ownLine, type EntryModel } from "./tale.ts";
import { count, since, timeTag, until } from "./words.ts";

export interface ProposalPageModel {
  readonly proposal: ProposalModel;
  readonly entries: readonly EntryModel[];
  /** What the viewer just did; said once. */
  readonly done: "approve" | "reject" | "undo" | null;
  /** Another proposal that asks the same of the target now, when this one is over. */
  readonly successor: string | null;
  /** When it was taken back, ISO 8601; null when it was not. A change is taken back once. */
  readonly takenBackAt: string | null;
  readonly stale: Html | null;
  readonly nowMs: number;
}

const doneWords = {
  approve: "Your approval is recorded.",
  reject: "Your rejection is recorded. Nothing is written.",
  undo: "The change is being taken back; the standard waits for a day.",
} as const;

export function proposalPage(model: ProposalPageModel): Html {
  const { proposal, nowMs } = model;
  const { target, status } = proposal;
  return html`<p class="crumb"><a href="${paths.approvals}">Approvals</a></p>
    <div class="lead">
      <h1><code>${target.name}</code></h1>
      <p class="line">${authority(proposal.standard, proposal.version)} <span>${proposal.title}</span></p>
      <p class="line">${statusPill(status)} <span>${status.next}</span></p>
    </div>
    ${model.done === null ? null : note("met", doneWords[model.done])}${model.stale}${
      model.successor === null
        ? null
        : note("wait", html`It was asked again: <a href="${pageOf(model.successor)}">see what it says now</a>.`)
    }
    <div class="two">
      <div class="stack">
        <section class="panel" aria-labelledby="what">
          <div class="head"><h2 id="what">${heading(proposal)}</h2></div>
          <div class="body">${diff(fieldsHeading(proposal), proposal.fields)}</div>
          ${
            proposal.condition === null
              ? null
              : html`<div class="body">${note("open", proposal.condition.message, proposal.condition.reason)}</div>`
          }${action(proposal)}
        </section>
        ${undoPanel(model)}
      </div>
      <div class="stack">
        <section class="panel" aria-labelledby="why">
          <div class="head"><h2 id="why">Why, by whom, until when</h2></div>
          <div class="body">${facts(proposal, nowMs)}</div>
        </section>
        <section class="panel" aria-labelledby="decided">
          <div class="head">
            <h2 id="decided">Decisions</h2>
            ${pips(proposal.agreed, proposal.quorum)}
          </div>
          ${decisions(proposal, nowMs)}
        </section>
        <section class="panel" aria-labelledby="tale">
          <div class="head">
            <h2 id="tale">In the ledger</h2>
            <span class="q">${count(model.entries.length, "entry", "entries")} about it</span>
          </div>
          ${
            model.entries.length === 0
              ? html`<div class="body q">No entry yet.</div>`
              : html`<ol class="tale">
                  ${model.entries.map((entry) => ownLine(entry, nowMs))}
                </ol>`
          }
        </section>
      </div>
    </div>`;
}

function heading({ status }: ProposalModel): string {
  if (status.tone === "met") return "What was written";
  if (status.tone === "wait" || status.tone === "work") return "What approval would write";
  return "What was asked";
}

function action(proposal: ProposalModel): Html | null {
  if (proposal.status.tone !== "wait") return null;
  return html`<div class="body line">${permitted(proposal.decide, () => buttons(proposal))}</div>`;
}

function facts(proposal: ProposalModel, nowMs: number): Html {
  const { target } = proposal;
  const waits = proposal.status.tone === "wait";
  return html`<dl class="facts">
    ${fact("Standard", html`${proposal.standard}, version ${proposal.version}`)}${fact("Changed by", proposal.changedBy === null ? "nobody whom Azure names" : idTag(proposal.changedBy))}${fact("So since", html`${timeTag(proposal.presentSince, nowMs)}, ${since(proposal.presentSince, nowMs)}`)}${fact("Asked", timeTag(proposal.askedAt, nowMs))}${fact(waits ? "Answer by" : "Was to end", waits ? html`${timeTag(proposal.expiresAt, nowMs)}, ${until(proposal.expiresAt, nowMs)}` : timeTag(proposal.expiresAt, nowMs))}${
      proposal.escalated
        ? fact("Escalated", "yes, more people were asked")
        : proposal.escalateAt === null || !waits
          ? null
          : fact("Escalates", html`${timeTag(proposal.escalateAt, nowMs)}, ${until(proposal.escalateAt, nowMs)}`)
    }${fact("Environment", proposal.environment)}${proposal.group === null ? null : fact("Asked within", html`<a href="${paths.requests}/${proposal.group}"><code>${proposal.group}</code></a>`)}${fact("Resource", html`<code>${target.id}</code>`)}${fact("Fingerprint", html`<code title="${proposal.hash}">${proposal.hash.slice(0, 12)}</code> <span class="f">of target, fields and standard; a decision is bound to it</span>`)}
  </dl>`;
}

function decisions({ decisions }: ProposalModel, nowMs: number): Html {
  if (decisions.length === 0) return html`<div class="body q">Nobody has decided yet.</div>`;
  return html`<ol class="tale">
    ${decisions.map(
      ({ by, verdict, reason, at }) =>
        html`<li class="${verdict === "approve" ? "written" : "refused"}">
          <span class="q">${timeTag(at, nowMs)}</span
          ><span
            >${verdict === "approve" ? "Approved" : "Rejected"} by
            ${idTag(by)}${reason === null || reason === "" ? null : html`: “${reason}”`}</span
          >
        </li>`,
    )}
  </ol>`;
}

function undoPanel({ proposal, takenBackAt, nowMs }: ProposalPageModel): Html | null {
  if (proposal.status.tone !== "met") return null;
  if (takenBackAt !== null) {
    return html`<section class="panel" aria-labelledby="undo">
      <div class="head"><h2 id="undo">Taken back</h2></div>
      <div class="body">
        <p>
          It was taken back at ${timeTag(takenBackAt, nowMs)} for a day; then ${proposal.standard} is in force and asks
          again. A change is taken back once.
        </p>
      </div>
    </section>`;
  }
  return html`<section class="panel" aria-labelledby="undo">
    <div class="head"><h2 id="undo">Undo</h2></div>
    <div class="body">
      <p>
        Undo puts ${count(proposal.fields.length, "field")} back as
        ${proposal.fields.length === 1 ? "it was" : "they were"}. ${proposal.standard} would put it right again at the
        next look, so it is held off for a day; then it is in force and asks again.
      </p>
      <div class="line">
        ${permitted(
          proposal.undo,
          () => html`<a class="btn" href="${pageOf(proposal.id)}/undo">Show what undo would do</a>`,
        )}
      </div>
    </div>
  </section>`;
}
