/** What a change of the configuration would do, before anybody confirms it: the same foretelling as the command's. */
import type { Difference } from "../config/difference.ts";
import type { Guarded } from "../config/guarded.ts";
import { html, type Html } from "./html.ts";
import { fieldText } from "./ledgerPage.ts";
import { targetName } from "./ledgerModel.ts";
import { dataTable } from "./lists.ts";
import { panel } from "./panels.ts";
import { chip, note } from "./parts.ts";
import { fieldLines } from "./proposalModel.ts";
import { count, grouped, timeTag } from "./words.ts";
import { accountOf } from "../estate/resourceId.ts";

interface Fate {
  readonly kind: string;
  readonly reason?: string;
  readonly quorum?: number;
  readonly fields: readonly Difference[];
}

/** As the planning makes it. */
export interface ForetoldPlan {
  readonly accounts: number;
  readonly oldest: string | null;
  readonly unseen: { readonly accounts: number; readonly subscriptions: readonly string[]; readonly more: boolean };
  readonly total: number;
  readonly counts: readonly {
    readonly standard: string;
    readonly environment: string;
    readonly was: string;
    readonly will: string;
    readonly count: number;
  }[];
  readonly differences: readonly {
    readonly target: string;
    readonly environment: string;
    readonly standard: string;
    readonly was: Fate;
    readonly will: Fate;
  }[];
}

/** Rows that are shown; the sums above say how many there are. */
const ROWS_MAX = 60;

/** `2 targets would be written without asking, 3 asked about`. */
export function planSentence({ counts, total }: ForetoldPlan): string {
  if (total === 0) return "nothing would be otherwise for any target";
  const sum = (kind: string): number =>
    counts.reduce((all, one) => (one.will.startsWith(kind) ? all + one.count : all), 0);
  const stopped = counts.reduce(
    (all, one) => (/^(ask|write|hold)/.test(one.was) && /^(none|report)/.test(one.will) ? all + one.count : all),
    0,
  );
  const parts = [
    [sum("write"), "written without asking"],
    [sum("ask"), "asked about"],
    [sum("hold"), "held"],
    [stopped, "left alone that is asked about, written or held now"],
  ] as const;
  const [first, ...rest] = parts.filter(([number]) => number > 0);
  if (first === undefined) return `${count(total, "verdict")} would be otherwise, nothing asked or written`;
  const said = `${count(first[0], "target")} would be ${first[1]}`;
  return [said, ...rest.map(([number, word]) => `${grouped(number)} ${word}`)].join(", ");
}

export function planPanels(plan: ForetoldPlan, nowMs: number): Html {
  return html`${panel({
    id: "totals",
    title: "What it would do",
    beside:
      plan.oldest === null
        ? "no account was looked at yet"
        : html`for ${count(plan.accounts, "account")} as last seen, the oldest at ${timeTag(plan.oldest, nowMs)}`,
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
            plan.counts.map(({ standard, environment, was, will, count: number }) => ({
              cells: [authority(standard), environment, fateWord(was), html`<b>${fateWord(will)}</b>`, grouped(number)],
            })),
          )
    }${unseen(plan)}`,
  })}${plan.differences.length === 0 ? null : differences(plan)}`;
}

function authority(standard: string): Html {
  return standard === "waiver" ? chip({ kind: "undo", label: "undo" }) : chip({ kind: "standard", label: standard });
}

const fateWords: Readonly<Record<string, string>> = {
  none: "nothing to tell",
  report: "told only",
  ask: "people are asked",
  write: "written without asking",
  hold: "held",
  waive: "waived",
  unknown: "not known",
};

/** `hold (Frozen)` as people read it. */
function fateWord(text: string): string {
  const [, kind = text, reason] = /^(\w+)(?: \((.+)\))?$/.exec(text) ?? [];
  const word = fateWords[kind] ?? kind;
  return reason === undefined ? word : `${word}: ${reason}`;
}

function differences({ differences: list, total }: ForetoldPlan): Html {
  const shown = list.slice(0, ROWS_MAX);
  const rest = total - shown.length;
  return panel({
    id: "each",
    title: "Target by target",
    beside: "what would be written first",
    content: dataTable(
      "What would be otherwise, target by target",
      [{ label: "Target" }, { label: "Fields, is and would be" }, { label: "Standard" }, { label: "Then" }],
      shown.map(({ target, standard, environment, will, was }) => {
        const fields = fieldLines(will.fields.length > 0 ? will.fields : was.fields);
        const quorum = will.kind === "ask" && will.quorum !== undefined ? `, ${count(will.quorum, "approval")}` : "";
        const reason = will.reason === undefined ? "" : ` (${will.reason})`;
        return {
          cells: [
            html`<code class="b">${nameOf(target)}</code> <span class="sub">${environment}</span>`,
            html`${fields.map((field) => html`<div>${fieldText(field)}</div>`)}`,
            authority(standard),
            html`${fateWord(`${will.kind}${reason}`)}${quorum}<span class="sub">now: ${fateWord(was.kind)}</span>`,
          ],
        };
      }),
    ),
    foot: rest > 0 ? `${grouped(rest)} more are in the sums above.` : null,
  });
}

function nameOf(target: string): string {
  const account = accountOf(target as never);
  const { name, below } = targetName(account?.id ?? target, target);
  return below === null ? name : `${name}/${below}`;
}

function unseen({ unseen: { accounts, subscriptions, more } }: ForetoldPlan): Html | null {
  const parts: string[] = [];
  if (accounts > 0) parts.push(`${count(accounts, "account")} that no look has seen yet`);
  if (subscriptions.length > 0)
    parts.push(`${count(subscriptions.length, "subscription")} of which no account was seen`);
  if (more) parts.push("more accounts than a plan looks at");
  if (parts.length === 0) return null;
  return html`<div class="body">${note("unknown", `Of ${parts.join(", ")} nothing is foretold.`)}</div>`;
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
