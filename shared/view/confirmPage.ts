/**
 * Before a decision is recorded: exactly what would be written, what follows from it, and the form that is bound to the
 * hash of what is shown. When it says something else by the time it is sent, both are shown side by side.
 */
import { fieldsHeading, ordinal, pageOf } from "./approvalsPage.ts";
import { html, type Html } from "./html.ts";
import { authority, csrfField, decisionReason, diff, fact, idTag, note, pips, reasonField } from "./parts.ts";
import type { Permission, Viewer } from "./person.ts";
import type { FieldLine, ProposalModel } from "./proposalModel.ts";
import { since, timeTag, until } from "./words.ts";

export type Verdict = "approve" | "reject";

export interface ConfirmModel {
  readonly proposal: ProposalModel;
  readonly verdict: Verdict;
  readonly viewer: Viewer;
  /** What the person had written before the page had to be shown again. */
  readonly reason: string;
  /** Why the page is shown again. */
  readonly fault: string | null;
  readonly nowMs: number;
}

export function confirmPage(model: ConfirmModel): Html {
  const { proposal, verdict, nowMs } = model;
  const { target } = proposal;
  const word = verdict === "approve" ? "Approve" : "Reject";
  const permission = permissionOf(model);
  return html`<p class="crumb"><a href="${pageOf(proposal.id)}">Back to the proposal</a></p>
    <div class="lead">
      <h1>${word} what is asked of <code>${target.name}</code></h1>
      <p class="line">${authority(proposal.standard, proposal.version)} <span>${proposal.title}</span></p>
    </div>
    ${model.fault === null ? null : note("stop", model.fault)}
    <div class="two">
      <section class="panel" aria-labelledby="writes">
        <div class="head">
          <h2 id="writes">
            ${verdict === "approve" ? "If approved, exactly this is written" : "This is not written, if you reject"}
          </h2>
        </div>
        <div class="body">${diff(fieldsHeading(proposal), proposal.fields)}</div>
        <div class="body"><p>${consequence(proposal, verdict)}</p></div>
      </section>
      <section class="panel" aria-labelledby="yours">
        <div class="head"><h2 id="yours">Your decision</h2></div>
        <div class="body">
          <dl class="facts">
            ${fact("Agreed", pips(proposal.agreed, proposal.quorum))}${fact("Changed by", proposal.changedBy === null ? "nobody whom Azure names" : idTag(proposal.changedBy))}${fact("So since", html`${timeTag(proposal.presentSince, nowMs)}, ${since(proposal.presentSince, nowMs)}`)}${fact("Answer by", html`${timeTag(proposal.expiresAt, nowMs)}, ${until(proposal.expiresAt, nowMs)}`)}
          </dl>
          ${permission.may ? decisionForm(model) : html`<p class="why">${permission.why}</p>`}
        </div>
      </section>
    </div>`;
}

function consequence({ quorum, agreed, standard }: ProposalModel, verdict: Verdict): string {
  if (verdict === "reject") {
    return `Nothing is written and the finding stays open. ${standard} does not ask the same again while it lasts.`;
  }
  const missing = quorum - agreed - 1;
  const then =
    missing <= 0
      ? "Yours is the last approval that is needed: it is written at once, then read back."
      : `After yours ${missing === 1 ? "one more person" : `${missing} more people`} must agree before it is written.`;
  return `${then} Just before writing the account is read again; if anything differs from what you see here, nothing is written and it is asked anew. It can be undone.`;
}

function decisionForm({ proposal, verdict, viewer, reason }: ConfirmModel): Html {
  const { quorum, agreed } = proposal;
  const as = quorum === 1 ? "" : ` as ${ordinal(agreed + 1)} of ${quorum}`;
  return html`<form method="post" action="${pageOf(proposal.id)}/decisions">
    ${csrfField(viewer)}<input type="hidden" name="verdict" value="${verdict}" /><input
      type="hidden"
      name="hash"
      value="${proposal.hash}"
    />${decisionReason(verdict, reason)}
    <div class="line">
      <button class="btn go">${verdict === "approve" ? `Approve${as}` : "Reject"}</button
      ><a class="btn" href="${pageOf(proposal.id)}">Go back</a>
    </div>
  </form>`;
}

export interface ChangedModel {
  /** What the person saw; null when it cannot be told any more. */
  readonly seen: { readonly name: string; readonly fields: readonly FieldLine[] } | null;
  /** What the service said. */
  readonly why: string;
  /** What is asked now; null when nothing is. */
  readonly fresh: ConfirmModel | null;
  readonly id: string;
}

/** Nothing was recorded: it is over, or says something else than what was seen. */
export function changedPage({ seen, why, fresh, id }: ChangedModel): Html {
  return html`<p class="crumb"><a href="${pageOf(id)}">Back to the proposal</a></p>
    <div class="lead">
      <h1>${changedTitle(seen, fresh)}</h1>
      <p>Your decision was not recorded. ${sentence(why)}</p>
    </div>
    ${
      seen === null
        ? null
        : html`<section class="panel" aria-labelledby="seen">
            <div class="head"><h2 id="seen">What you saw</h2></div>
            <div class="body">${diff(html`<code>${seen.name}</code>`, seen.fields)}</div>
          </section>`
    }${
      fresh === null
        ? html`<p class="line"><a class="btn" href="${pageOf(id)}">See what became of it</a></p>`
        : html`<section class="panel" aria-labelledby="now">
            <div class="head"><h2 id="now">What it says now</h2></div>
            <div class="body">${diff(fieldsHeading(fresh.proposal), fresh.proposal.fields)}</div>
            <div class="body">
              ${permissionOf(fresh).may ? decisionForm(fresh) : html`<p class="why">${whyNot(fresh)}</p>`}
            </div>
          </section>`
    }`;
}

function changedTitle(seen: ChangedModel["seen"], fresh: ConfirmModel | null): string {
  if (fresh === null) return "It cannot be decided any more";
  return seen === null ? "It says something else now" : "What you saw is over; this is asked instead";
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

function permissionOf({ proposal, verdict }: ConfirmModel): Permission {
  return verdict === "approve" ? proposal.decide : proposal.reject;
}

function whyNot(model: ConfirmModel): string {
  const permission = permissionOf(model);
  return permission.may ? "" : permission.why;
}

export interface UndoModel {
  readonly proposal: ProposalModel;
  readonly viewer: Viewer;
  readonly until: string;
  readonly reason: string;
  readonly fault: string | null;
  readonly nowMs: number;
}

export function undoPage(model: UndoModel): Html {
  const { proposal, viewer, nowMs } = model;
  const back = proposal.fields.map((field) => ({ ...field, before: field.after, after: field.before }));
  return html`<p class="crumb"><a href="${pageOf(proposal.id)}">Back to the proposal</a></p>
    <div class="lead">
      <h1>Undo what was written to <code>${proposal.target.name}</code></h1>
      <p class="line">${authority(proposal.standard, proposal.version)} <span>${proposal.title}</span></p>
    </div>
    ${model.fault === null ? null : note("stop", model.fault)}
    <div class="two">
      <section class="panel" aria-labelledby="back">
        <div class="head"><h2 id="back">Exactly this is put back</h2></div>
        <div class="body">${diff(fieldsHeading(proposal), back)}</div>
        <div class="body">
          <p>
            ${proposal.standard} is held off on these fields until ${timeTag(model.until, nowMs)}; then it is in force
            and asks again. If somebody has put a third value there meanwhile, nothing is touched. A change is taken
            back once.
          </p>
        </div>
      </section>
      <section class="panel" aria-labelledby="yours">
        <div class="head"><h2 id="yours">Your reason</h2></div>
        <div class="body">
          ${
            proposal.undo.may
              ? html`<form method="post" action="${pageOf(proposal.id)}/undo">
                  ${csrfField(viewer)}${reasonField({ label: "Why it has to be as it was", hint: "Five characters or more. Stands in the ledger for good.", required: true, value: model.reason })}
                  <div class="line">
                    <button class="btn go">Undo</button><a class="btn" href="${pageOf(proposal.id)}">Go back</a>
                  </div>
                </form>`
              : html`<p class="why">${proposal.undo.why}</p>`
          }
        </div>
      </section>
    </div>`;
}
