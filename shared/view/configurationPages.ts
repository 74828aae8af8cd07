/** The pages on which the configuration is changed: the plan with its form, and a change that waits for somebody else. */
import type { ChangeDocument } from "../config/documents.ts";
import type { Difference } from "../config/difference.ts";
import type { Guarded } from "../config/guarded.ts";
import { fieldsOf, type Intent } from "./configurationIntent.ts";
import { consentNote, differenceList, planPanels, planSentence, type ForetoldPlan } from "./configurationPlan.ts";
import { html, type Html } from "./html.ts";
import { lead, panel } from "./panels.ts";
import { csrfField, decisionReason, fact, idTag, note, reasonField } from "./parts.ts";
import { paths } from "./paths.ts";
import type { Permission, Viewer } from "./person.ts";
import { count, timeTag, until } from "./words.ts";

export interface PlanPageModel {
  readonly title: string;
  readonly intent: Intent;
  readonly base: number;
  readonly changes: readonly Difference[];
  readonly changed: number;
  readonly needs: readonly Guarded[];
  readonly warnings: readonly string[];
  readonly plan: ForetoldPlan;
  readonly permission: Permission;
  readonly viewer: Viewer;
  readonly reason: string;
  readonly fault: string | null;
  readonly nowMs: number;
}

export function planPage(model: PlanPageModel): Html {
  const { title, changes, changed, needs, plan, warnings, intent, nowMs } = model;
  const back = intent.do === "mode" ? `${paths.standards}/${intent.standard}` : paths.configuration;
  return html`<p class="crumb"><a href="${back}">Go back</a></p>
    ${lead({
      title: changed === 0 ? `${title}: nothing would change` : `${title}: ${planSentence(plan)}`,
      below: "This is what it would do, target by target; nothing is changed yet.",
    })}${model.fault === null ? null : note("stop", model.fault)}${warnings.map((warning) => note("open", warning))}
    <div class="two">
      <div class="stack">${planPanels(plan, nowMs)}</div>
      ${panel({
        id: "confirm",
        title: "Confirm",
        content: html`<div class="body">${differenceList(changes, changed)}</div>
          <div class="body">${consentNote(needs)}</div>
          <div class="body">${changed === 0 ? html`<p class="why">It is so already.</p>` : form(model)}</div>`,
      })}
    </div>`;
}

function form({ permission, viewer, intent, base, needs, reason }: PlanPageModel): Html {
  if (!permission.may) return html`<p class="why">${permission.why}</p>`;
  return html`<form method="post" action="${paths.configuration}/apply">
    ${csrfField(viewer)}${fieldsOf(intent).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}<input
      type="hidden"
      name="base"
      value="${base}"
    />${reasonField({ label: "Reason", hint: "Five characters or more. Stands in the ledger for good.", required: true, value: reason })}
    <div class="line">
      <button class="btn go">${needs.length === 0 ? "Apply" : "Propose to another admin"}</button>
    </div>
  </form>`;
}

/** A change as its pages show it, without the whole configuration. */
export type ChangeModel = Omit<ChangeDocument, "pk" | "kind" | "config" | "state"> & {
  /** `expired`: its time is over, though nothing has said so yet. */
  readonly state: ChangeDocument["state"] | "expired";
};

export interface ChangePageModel {
  readonly change: ChangeModel;
  /** What it would do now; null when it will not be applied any more. */
  readonly plan: ForetoldPlan | null;
  readonly approve: Permission;
  readonly reject: Permission;
  readonly viewer: Viewer;
  readonly reason: string;
  readonly fault: string | null;
  readonly done: string | null;
  readonly nowMs: number;
}

export const changeWords: Readonly<Record<string, string>> = {
  open: "waits for another admin",
  applied: "was agreed to and holds",
  rejected: "was turned down",
  void: "is void: another version came first",
  expired: "has expired: nobody decided in time",
};

export function changePath(id: string): string {
  return `${paths.configuration}/changes/${id}`;
}

export function changePage(model: ChangePageModel): Html {
  const { change, plan, nowMs } = model;
  const { id, state, by, reason, askedAt, expiresAt, base, decisions } = change;
  return html`<p class="crumb"><a href="${paths.configuration}">Configuration</a></p>
    ${lead({
      title: html`Change <code>${id}</code> ${changeWords[state] ?? state}`,
      below:
        plan === null
          ? `${count(change.changed, "value")}, on top of version ${base}.`
          : `Agreed to: ${planSentence(plan)}.`,
    })}${model.done === null ? null : note("met", model.done)}${model.fault === null ? null : note("stop", model.fault)}
    <div class="two">
      <div class="stack">
        ${panel({ id: "values", title: "What it changes", content: html`<div class="body">${differenceList(change.changes, change.changed)}</div>` })}${plan === null ? null : planPanels(plan, nowMs)}
      </div>
      <div class="stack">
        ${panel({
          id: "who",
          title: "Who, why, until when",
          content: html`<div class="body">
            <dl class="facts">
              ${fact("Proposed by", idTag(by))}${fact("Reason", reason ?? "none was given")}${fact("Asked", timeTag(askedAt, nowMs))}${fact("Answer by", html`${timeTag(expiresAt, nowMs)}${state === "open" ? `, ${until(expiresAt, nowMs)}` : ""}`)}${decisions.map((one) => fact(one.verdict === "approve" ? "Approved by" : "Rejected by", html`${idTag(one.by)} at ${timeTag(one.at, nowMs)}${one.reason === null ? "" : `: “${one.reason}”`}`))}
            </dl>
            ${
              change.needs.length === 0
                ? null
                : html`<ul class="rule q sm">
                    ${change.needs.map(({ why, path }) => html`<li>${why} <code>${path}</code></li>`)}
                  </ul>`
            }
          </div>`,
        })}${state === "open" ? decisionPanel(model) : null}
      </div>
    </div>`;
}

function decisionPanel({ change, approve, reject, viewer, reason }: ChangePageModel): Html {
  const button = (verdict: "approve" | "reject", label: string): Html =>
    html`<button class="btn${verdict === "approve" ? " go" : ""}" name="verdict" value="${verdict}">${label}</button>`;
  const able = approve.may || reject.may;
  return panel({
    id: "decide",
    title: "Your decision",
    content: html`<div class="body">
      ${
        able
          ? html`<form method="post" action="${changePath(change.id)}/decisions">
              ${csrfField(viewer)}<input
                type="hidden"
                name="hash"
                value="${change.hash}"
              />${decisionReason("approve", reason)}
              <div class="line">
                ${approve.may ? button("approve", "Approve and apply") : null}${reject.may ? button("reject", change.by === viewer.oid ? "Call it off" : "Reject") : null}
              </div>
            </form>`
          : null
      }${approve.may ? null : html`<p class="why">${approve.why}</p>`}
    </div>`,
  });
}
