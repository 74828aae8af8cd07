/** What a change of the configuration would do, before anybody confirms it: the same foretelling as the command's. */
import type { Difference } from "../config/difference.ts";
import { fateWord } from "../config/fates.ts";
import type { Guarded } from "../config/guarded.ts";
import { html, type Html, type Insert } from "./html.ts";
import { dataTable } from "./lists.ts";
import { loadingPanel, panel } from "./panels.ts";
import { note } from "./parts.ts";
import { authority, planTargetName, type ForetoldPlan, type PartHref } from "./planModel.ts";
import { planRows } from "./planRows.ts";
import { fieldLines } from "./proposalModel.ts";
import { count, grouped, timeTag } from "./words.ts";

/** Sums that are shown; with the rows of a page below 100 kB. */
const COUNTS_MAX = 40;

/** Accounts of which nothing is known that are named. */
const NAMED_MAX = 20;

export function planPanels(plan: ForetoldPlan, nowMs: number, hrefOf: PartHref): Html {
  const left = plan.counts.length - COUNTS_MAX;
  return html`${panel({
    id: "totals",
    title: "What it would do",
    beside: seenWhen(plan, nowMs),
    content: html`${
      plan.total === 0
        ? html`<div class="body q">For no target would anything be otherwise.</div>`
        : dataTable(
            "What would be otherwise, in sums",
            [
              { label: "Standard" },
              { label: "Environment", short: "In" },
              { label: "Now", short: "Now" },
              { label: "Then", short: "Then" },
              { label: "Targets", isNumber: true, short: "Targets" },
            ],
            plan.counts.slice(0, COUNTS_MAX).map((one) => ({
              cells: [
                authority(one.standard),
                one.environment,
                fateWord(one.was),
                html`<b>${fateWord(one.will)}</b>`,
                targetsOf(one, hrefOf),
              ],
            })),
          )
    }${notes(plan)}`,
    foot: left > 0 ? `${grouped(left)} more sums are left out here.` : null,
  })}${plan.differences.length === 0 ? null : planRows(plan, nowMs, hrefOf)}`;
}

function targetsOf({ count: number, told, from }: ForetoldPlan["counts"][number], hrefOf: PartHref): Insert {
  if (told === 0) return grouped(number);
  return html`<a href="${hrefOf(from)}#each"><span class="vh">Show these targets: </span>${grouped(number)}</a>`;
}

function seenWhen({ asOf, oldest, accounts }: ForetoldPlan, nowMs: number): Insert {
  if (asOf !== null) return html`for ${count(accounts, "account")} as seen by ${timeTag(asOf, nowMs)}`;
  if (oldest === null) return "no account was looked at yet";
  return html`for ${count(accounts, "account")} as last seen, the longest ago at ${timeTag(oldest, nowMs)}`;
}

/** What the plan does not know, or knows from before. */
function notes({ unseen: { accounts, subscriptions, more, named }, asOf, stale, inTheWay }: ForetoldPlan): Html | null {
  const parts: string[] = [];
  if (accounts > 0) {
    const known = asOf === null ? "that no look has seen yet" : "of which nothing that was seen by then is kept";
    parts.push(`${count(accounts, "account")} ${known}`);
  }
  if (subscriptions.length > 0)
    parts.push(`${count(subscriptions.length, "subscription")} of which no account was seen`);
  if (more) parts.push("more accounts than a plan looks at");
  const told = [
    inTheWay === 0 ? null : note("wait", `On ${count(inTheWay, "target")} something stands in the way, as said there.`),
    stale === 0 ? null : note("stop", `${count(stale, "account")} could not be read lately: judged as seen before.`),
    parts.length === 0 ? null : note("unknown", `Of ${parts.join(", ")} nothing is foretold.`),
  ].filter((one) => one !== null);
  if (told.length === 0) return null;
  const names = named.slice(0, NAMED_MAX);
  const summary = names.length < accounts ? `The first ${names.length} of these accounts` : "Which accounts these are";
  return html`<div class="body">
    ${told}${
      names.length === 0
        ? null
        : html`<details>
            <summary>${summary}</summary>
            <ul class="rule sm">
              ${names.map((id) => html`<li><code>${planTargetName(id)}</code></li>`)}
            </ul>
          </details>`
    }
  </div>`;
}

/** How far a plan is that is being made; of none of the two it is known before the accounts are read. */
export interface PlanProgress {
  readonly done: number;
  readonly of: number;
}

/** Stands in the place of a plan that is being made. `href`: where it will be. */
export function planAwaited({ done, of }: PlanProgress, href: string): Html {
  const text = of === 0 ? "The accounts are being read." : `${grouped(done)} of ${count(of, "account")} judged.`;
  return panel({
    id: "totals",
    title: "What it would do",
    beside: "being worked out",
    content: html`<div class="body">
        <p><label for="progress">${text}</label></p>
        <progress id="progress" ${of === 0 ? null : html` max="${of}" value="${done}"`}>${text}</progress>
      </div>
      ${loadingPanel("The estate", 3)}
      <div class="body"><a class="btn" href="${href}">Show the plan</a></div>`,
  });
}

/** Values of the configuration that would be otherwise. */
export function differenceList(changes: readonly Difference[], changed: number): Html {
  const lines = fieldLines(changes);
  const rest = changed - changes.length;
  return html`<div class="diff">
      <div class="dh">${count(changed, "value")} of the configuration</div>
      ${lines.map(
        ({ path, before, after }) =>
          html`<del><span class="vh">is </span>${path}: ${before ?? "(absent)"}</del
            ><ins><span class="vh">becomes </span>${path}: ${after ?? "(absent)"}</ins>`,
      )}
    </div>
    ${rest > 0 ? html`<p class="sm q">${grouped(rest)} more are not shown.</p>` : null}`;
}

/** Who has to agree. */
export function consentNote(needs: readonly Guarded[]): Html {
  if (needs.length === 0) return note("met", "One person may do it, and it holds at once.");
  return html`${note("wait", "It waits for another admin: two persons have to agree, because")}
    <ul class="rule">
      ${needs.map(({ path, why }) => html`<li>${why} <code class="f">${path}</code></li>`)}
    </ul>`;
}
