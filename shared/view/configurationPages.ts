/** The pages on which the configuration is changed: the plan with its form, and a change that waits for somebody else. */
import type { ChangeDocument } from "../config/documents.ts";
import type { Difference } from "../config/difference.ts";
import type { Guarded } from "../config/guarded.ts";
import { fieldsOf, type Intent } from "./configurationIntent.ts";
import { consentNote, differenceList, planAwaited, planPanels, type PlanProgress } from "./configurationPlan.ts";
import { html, type Html } from "./html.ts";
import { lead, panel } from "./panels.ts";
import { csrfField, decisionReason, fact, idTag, note, reasonField } from "./parts.ts";
import { paths } from "./paths.ts";
import type { Permission, Viewer } from "./person.ts";
import { planSentence, type ForetoldPlan, type PartHref } from "./planModel.ts";
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
  readonly hrefOf: PartHref;
  /** The first and the last day, ISO 8601, of which it is known what the estate was like. */
  readonly days: { readonly first: string; readonly last: string };
  readonly permission: Permission;
  readonly viewer: Viewer;
  readonly reason: string;
  readonly fault: string | null;
  readonly nowMs: number;
}

export function planPage(model: PlanPageModel): Html {
  const { title, changes, changed, needs, plan, warnings, intent, nowMs } = model;
  const isPast = plan.asOf !== null;
  return html`${crumb(intent)}${lead({
      title: changed === 0 ? `${title}: nothing would change` : `${title}: ${planSentence(plan)}`,
      below: isPast
        ? html`This is what it would have found in the estate as it was seen by ${timeTag(plan.asOf, nowMs)}. What
          people had agreed to or taken back then is left out.`
        : "This is what it would do, target by target; nothing is changed yet.",
    })}${model.fault === null ? null : note("stop", model.fault)}${warnings.map((warning) => note("open", warning))}
    <div class="two">
      <div class="stack">${planPanels(plan, nowMs, model.hrefOf)}</div>
      <div class="stack">
        ${panel({
          id: "confirm",
          title: "Confirm",
          content: html`<div class="body">${differenceList(changes, changed)}</div>
            <div class="body">${consentNote(needs)}</div>
            <div class="body">${confirming(model)}</div>`,
        })}${asItWas(model)}
      </div>
    </div>`;
}

function crumb(intent: Intent): Html {
  const back = intent.do === "mode" ? `${paths.standards}/${intent.standard}` : paths.configuration;
  return html`<p class="crumb"><a href="${back}">Go back</a></p>`;
}

/** The page of a plan, without a part or a time of it. */
export function planPath(intent: Intent): string {
  const query = new URLSearchParams(fieldsOf(intent).map(([name, value]): [string, string] => [name, value]));
  return `${paths.configuration}/plan?${query.toString()}`;
}

function confirming(model: PlanPageModel): Html {
  if (model.changed === 0) return html`<p class="why">It is so already.</p>`;
  if (model.plan.asOf === null) return form(model);
  return html`<p class="why">What it would do now is another thing.</p>
    <div class="line"><a class="btn" href="${planPath(model.intent)}">Show what it would do now</a></div>`;
}

/** The same on the estate as it was; a form that changes nothing. */
function asItWas({ intent, plan, days }: PlanPageModel): Html {
  return panel({
    id: "past",
    title: "As the estate was",
    content: html`<div class="body">
      <form method="get" action="${paths.configuration}/plan">
        ${fieldsOf(intent).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
        <p><label for="asOf">Judge what was seen by the beginning of this day (UTC)</label></p>
        <div class="line">
          <input
            type="date"
            id="asOf"
            name="asOf"
            required
            min="${days.first}"
            max="${days.last}"
            value="${plan.asOf === null ? "" : plan.asOf.slice(0, 10)}"
          /><button class="btn">Judge</button>
        </div>
        <p class="sm q">What looks saw is kept for 90 days after they saw something else.</p>
      </form>
    </div>`,
  });
}

/** While the plan is being made. The answer says when to come again, `href` where to. */
export function planAwaitedPage({ title, intent, progress, href }: PlanAwaitedModel): Html {
  return html`${crumb(intent)}${lead({
      title: `${title}: what it would do is being worked out`,
      below: "This page comes back by itself. Nothing is changed.",
    })}
    <div class="stack">${planAwaited(progress, href)}</div>`;
}

export interface PlanAwaitedModel {
  readonly title: string;
  readonly intent: Intent;
  readonly progress: PlanProgress;
  readonly href: string;
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
  /** What it would do now, or how far that is worked out; null when it will not be applied any more. */
  readonly plan: ForetoldPlan | PlanProgress | null;
  readonly hrefOf: PartHref;
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
          : "total" in plan
            ? `Agreed to: ${planSentence(plan)}.`
            : "What it would do is being worked out.",
    })}${model.done === null ? null : note("met", model.done)}${model.fault === null ? null : note("stop", model.fault)}
    <div class="two">
      <div class="stack">
        ${panel({ id: "values", title: "What it changes", content: html`<div class="body">${differenceList(change.changes, change.changed)}</div>` })}${planOf(model)}
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

/** It does not come back by itself: somebody may be writing a reason beside it. */
function planOf({ plan, hrefOf, nowMs }: ChangePageModel): Html | null {
  if (plan === null) return null;
  return "total" in plan ? planPanels(plan, nowMs, hrefOf) : planAwaited(plan, hrefOf(0));
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
