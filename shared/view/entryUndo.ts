/** Before a change, or all of a run, is taken back: exactly what is put back, what stands there now, what follows. */
import { html, type Html } from "./html.ts";
import { lead, panel } from "./panels.ts";
import { csrfField, diff, note, reasonField, statusWord } from "./parts.ts";
import { paths } from "./paths.ts";
import type { Permission, Viewer } from "./person.ts";
import type { FieldLine } from "./proposalModel.ts";
import { count, grouped, timeTag } from "./words.ts";

export interface UndoForm {
  readonly viewer: Viewer;
  /** What the person had written before the page had to be shown again. */
  readonly reason: string;
  /** Why the page is shown again. */
  readonly fault: string | null;
  readonly permission: Permission;
  readonly nowMs: number;
}

export interface EntryUndoModel extends UndoForm {
  /** Of the entry that wrote it. */
  readonly back: string;
  readonly target: string;
  readonly fields: readonly FieldLine[];
  /** What the last look saw where we wrote; null where nobody looked since, or it cannot be told. */
  readonly now: readonly { readonly name: string; readonly value: string; readonly isOurs: boolean }[] | null;
  readonly standard: string;
  readonly title: string;
  readonly until: string;
}

const REASON = {
  label: "Why it has to be as it was",
  hint: "Five characters or more. Stands in the ledger for good.",
  required: true,
} as const;

export function entryUndoPage(model: EntryUndoModel): Html {
  const { back, target, fields, standard, nowMs } = model;
  const restored = fields.map((field) => ({ ...field, before: field.after, after: field.before }));
  return html`<p class="crumb"><a href="${back}">Back to the entry</a></p>
    ${lead({ title: html`Undo what was written to <code>${target}</code>`, below: `${standard}: ${model.title}` })}${
      model.fault === null ? null : note("stop", model.fault)
    }
    <div class="two">
      ${panel({
        id: "back",
        title: "Exactly this is put back",
        content: html`<div class="body">
            ${diff(html`<code>${target}</code>, ${count(fields.length, "field")}`, restored)}
          </div>
          ${nowThere(model)}
          <div class="body">
            <p>
              ${standard} is held off on ${fields.length === 1 ? "this field" : "these fields"} until
              ${timeTag(model.until, nowMs)}; then it is in force and asks again. If somebody has put a third value
              there by then, nothing is touched. A change is taken back once.
            </p>
          </div>`,
      })}${panel({ id: "yours", title: "Your reason", content: html`<div class="body">${form(model, `${back}/undo`, "Undo", back)}</div>` })}
    </div>`;
}

function nowThere({ now }: EntryUndoModel): Html | null {
  if (now === null) return null;
  const others = now.filter(({ isOurs }) => !isOurs);
  if (others.length === 0) return html`<div class="body">${statusWord("met", "The last look saw what we wrote")}</div>`;
  return html`<div class="body">
    ${note(
      "open",
      html`The last look saw something else than what we wrote:
      ${others.map(({ name, value }) => html`<code>${name}</code> is <code>${value}</code>. `)} An undo would stop
      there.`,
    )}
  </div>`;
}

function form({ viewer, reason, permission }: UndoForm, action: string, button: string, back: string): Html {
  if (!permission.may) return html`<p class="why">${permission.why}</p>`;
  return html`<form method="post" action="${action}">
    ${csrfField(viewer)}${reasonField({ ...REASON, value: reason })}
    <div class="line"><button class="btn go">${button}</button><a class="btn" href="${back}">Go back</a></div>
  </form>`;
}

export interface RunModel extends UndoForm {
  readonly run: string;
  /** Changes of the run that were written; the first ones are looked at, and whether there are more. */
  readonly changes: readonly {
    readonly href: string;
    readonly target: string;
    readonly fields: readonly FieldLine[];
    readonly permission: Permission;
  }[];
  readonly isMore: boolean;
  readonly done: { readonly undone: number; readonly declined: number } | null;
  readonly until: string;
}

export function entryRunPage(model: RunModel): Html {
  const { run, changes, isMore, done, nowMs } = model;
  const able = changes.filter(({ permission }) => permission.may).length;
  const rest = changes.length - able;
  const some = isMore ? "The first " : "";
  return html`<p class="crumb"><a href="${paths.ledger}">Ledger</a></p>
    ${lead({
      title:
        changes.length === 0
          ? html`Nothing was written in run <code>${run}</code>`
          : html`Run <code>${run}</code> wrote ${isMore ? "more than " : ""}${count(changes.length, "change")};
              ${able === 0 ? "none" : grouped(able)} can be taken back`,
      below:
        "A run is what a standard put right together in an environment: what was there when its mode was raised, or what it wrote on one day.",
    })}${
      done === null
        ? null
        : note(
            done.declined === 0 ? "met" : "open",
            `${count(done.undone, "change")} taken back for a day${done.declined === 0 ? "." : `; ${grouped(done.declined)} were not, why stands beside each.`}`,
          )
    }${model.fault === null ? null : note("stop", model.fault)}
    <div class="two">
      ${panel({
        id: "changes",
        title: "Changes",
        beside: `${some}${count(changes.length, "change")}${rest === 0 ? "" : `, ${rest} of them cannot be taken back`}`,
        content: html`<ul>
          ${changes.map(
            ({ href, target, fields, permission }) =>
              html`<li class="row">
                <div>
                  <a href="${href}"><code class="b">${target}</code></a>
                  <p class="sm q">
                    ${fields.map(({ name, before, after }) => html`<code>${name}</code> back from <code>${after ?? "none"}</code> to <code>${before ?? "none"}</code> `)}
                  </p>
                  ${permission.may ? null : html`<p class="sm">${permission.why}</p>`}
                </div>
                <div class="right">
                  ${permission.may ? statusWord("work", "Would be undone") : statusWord("unknown", "Stays")}
                </div>
              </li>`,
          )}
        </ul>`,
      })}${panel({
        id: "yours",
        title: "Undo the whole run",
        content: html`<div class="body">
          <p>
            ${able === 0 ? "Nothing of it can be taken back." : html`Each is put back as it was, unless somebody changed it since, and the standard is held off there until ${timeTag(model.until, nowMs)}.`}
          </p>
          ${able === 0 ? null : form(model, `${paths.ledger}/runs/${run}/undo`, `Undo ${isMore ? "the run" : count(able, "change")}`, paths.ledger)}
        </div>`,
      })}
    </div>`;
}
