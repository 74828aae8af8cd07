/** Small pieces that several pages are made of: status, authority, diff, facts, pips, hidden fields. */
import { html, type Html, type Insert } from "./html.ts";
import type { Permission, Viewer } from "./person.ts";
import type { FieldLine, Status, Tone } from "./proposalModel.ts";
import { shortId } from "./words.ts";

/** A word with its mark; never a colour alone. */
export function statusWord(tone: Tone, word: string): Html {
  return html`<span class="s ${tone}">${word}</span>`;
}

export function statusPill({ tone, word }: Status): Html {
  return html`<span class="s pill ${tone}">${word}</span>`;
}

/** What says so. Never coloured: colour is for status. */
export function authority(standard: string, version: number): Html {
  return chip({ kind: "standard", label: standard, spoken: `, version ${version}` });
}

/** A rule, an hourglass, a poise, an arrow back; `none`: somebody changed it and nothing said so. */
export type AuthorityKind = "standard" | "exception" | "plan" | "undo" | "none";

export interface Chip {
  readonly kind: AuthorityKind;
  /** `NET-01`, `EX-2051`; of `none` it is "none found". */
  readonly label?: string;
  /** Read out after the label, not shown. */
  readonly spoken?: string;
  readonly href?: string;
}

const chipMarks: Readonly<Record<AuthorityKind, string>> = {
  standard: "au",
  exception: "au claim",
  plan: "au plan",
  undo: "au undo",
  none: "",
};

/** The same everywhere: beside each change stands what demanded it. */
export function chip({ kind, label = "", spoken, href }: Chip): Html {
  if (kind === "none") return statusWord("wait", "none found");
  const after = spoken === undefined ? null : html`<span class="vh">${spoken}</span>`;
  const marks = chipMarks[kind];
  return href === undefined
    ? html`<span class="${marks}">${label}${after}</span>`
    : html`<a class="${marks}" href="${href}">${label}${after}</a>`;
}

/** An object ID or hash: the whole for machines and on hovering, its ends for the eye. */
export function idTag(id: string): Html {
  return html`<code title="${id}">${shortId(id)}</code>`;
}

/** What is, and what would be, field by field. */
export function diff(heading: Insert, fields: readonly FieldLine[]): Html {
  const lines = fields.map(
    ({ name, before, after }) =>
      html`<del><span class="vh">is </span>${name}: ${before ?? "(absent)"}</del
        ><ins><span class="vh">becomes </span>${name}: ${after ?? "(absent)"}</ins>`,
  );
  return html`<div class="diff">
    <div class="dh">${heading}</div>
    ${lines}
  </div>`;
}

export function pips(agreed: number, quorum: number): Html {
  const dots = Array.from({ length: quorum }, (_, index) => html`<i${index < agreed ? html` class="y"` : ""}></i>`);
  return html`<span><span class="pips" aria-hidden="true">${dots}</span>${agreed} of ${quorum} agreed</span>`;
}

export function fact(label: string, value: Insert): Html {
  return html`<div>
    <dt>${label}</dt>
    <dd>${value}</dd>
  </div>`;
}

/** A note in the colour of its meaning, with the machine's reason after the plain words. */
export function note(tone: Tone, text: Insert, reason?: string): Html {
  return html`<p class="note ${tone}">
    ${statusWord(tone, "")}<span>${text}${reason === undefined ? "" : html` <code>${reason}</code>`}</span>
  </p>`;
}

/** The buttons, or why there are none. */
export function permitted(permission: Permission, buttons: () => Html): Html {
  return permission.may ? buttons() : html`<p class="why">${permission.why}</p>`;
}

export function csrfField({ csrf }: Viewer): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}" />`;
}

export function reasonField(options: { label: string; hint: string; required: boolean; value?: string }): Html {
  return html`<div class="field">
    <label for="reason">${options.label}</label>
    <p class="f" id="reason-hint">${options.hint}</p>
    <textarea
      id="reason"
      name="reason"
      rows="3"
      maxlength="1000"
      aria-describedby="reason-hint"
      ${options.required ? html` required minlength="5"` : ""}
    >
${options.value ?? ""}</textarea>
  </div>`;
}

/** The reason of a decision: whoever approves may give one, whoever rejects has to. */
export function decisionReason(verdict: "approve" | "reject", value: string | undefined): Html {
  const isRequired = verdict === "reject";
  return reasonField({
    label: isRequired ? "Reason" : "Reason, if you like",
    hint: isRequired ? "Five characters or more. Stands in the ledger for good." : "Stands in the ledger for good.",
    required: isRequired,
    ...(value === undefined ? {} : { value }),
  });
}
