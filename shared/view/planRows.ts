/** A plan target by target: the fields that are and would be, whether people are asked, why, what stands in the way. */
import { fateWord } from "../config/fates.ts";
import { html, type Html } from "./html.ts";
import { fieldText } from "./ledgerPage.ts";
import { dataTable, pager } from "./lists.ts";
import { panel } from "./panels.ts";
import { idTag } from "./parts.ts";
import { authority, planTargetName, type ForetoldPlan, type PartHref, type PlanRow } from "./planModel.ts";
import { fieldLines } from "./proposalModel.ts";
import { count, grouped, timeTag } from "./words.ts";

export function planRows(plan: ForetoldPlan, nowMs: number, hrefOf: PartHref): Html {
  const { differences, from, told, total } = plan;
  const end = from + differences.length;
  const next = end < told ? `${hrefOf(end)}#each` : null;
  const shown = `${grouped(from + 1)} to ${grouped(end)} of ${grouped(total)}`;
  const untold = total - told;
  return panel({
    id: "each",
    title: "Target by target",
    beside: "what would be written first",
    content: html`${dataTable(
      "What would be otherwise, target by target",
      [{ label: "Target" }, { label: "Fields, is and would be" }, { label: "Standard" }, { label: "Then" }],
      differences.map((row) => ({ cells: cellsOf(row, nowMs) })),
    )}${pager({ shown, first: from === 0 ? null : `${hrefOf(0)}#each`, next })}`,
    foot: untold === 0 ? null : `${grouped(untold)} more are in the sums above.`,
  });
}

function cellsOf({ target, standard, environment, will, was, why, inTheWay }: PlanRow, nowMs: number): readonly Html[] {
  const fields = fieldLines(will.fields.length > 0 ? will.fields : was.fields);
  const quorum = will.kind === "ask" && will.quorum !== undefined ? `, ${count(will.quorum, "approval")}` : "";
  const reason = will.reason === undefined ? "" : ` (${will.reason})`;
  return [
    html`<code class="b">${planTargetName(target)}</code> <span class="sub">${environment}</span>`,
    html`${fields.map((field) => html`<div>${fieldText(field)}</div>`)}${why === null ? null : html`<div class="q">${why}</div>`}`,
    authority(standard),
    html`${fateWord(`${will.kind}${reason}`)}${quorum}<span class="sub">now: ${fateWord(was.kind)}</span
      >${inTheWay.map((one) => html`<div class="sm">${standing(one, nowMs)}</div>`)}`,
  ];
}

const standings: Readonly<Record<string, string>> = {
  approval: "In the way: agreed to and not written yet, last by",
  undo: "In the way: being taken back by",
  waiver: "In the way: taken back by",
  guard: "In the way: put right too often today after",
};

function standing({ kind, by, until, reason }: PlanRow["inTheWay"][number], nowMs: number): Html {
  const who = by === null ? "somebody whom Azure does not name" : idTag(by);
  const end = until === null ? null : html` until ${timeTag(until, nowMs)}`;
  return html`${standings[kind] ?? kind} ${who}${end}${reason === null ? null : `: “${reason}”`}`;
}
