/** The head of a page, panels, and what stands in them when there is nothing to show, or nothing yet. */
import { html, type Html, type Insert } from "./html.ts";
import { mark } from "./mark.ts";

/** Every page begins with one true sentence that can be read aloud. */
export function lead(head: {
  readonly title: Insert;
  readonly below?: Insert;
  readonly actions?: Insert;
  readonly isVerdict?: boolean;
}): Html {
  const { title, below, actions, isVerdict = false } = head;
  return html`<div class="lead" data-part="lead">
    <h1${isVerdict ? html` class="verdict"` : null}>${title}</h1>
    ${below === undefined || below === null ? null : html`<p>${below}</p>`}${
      actions === undefined || actions === null ? null : html`<div class="end">${actions}</div>`
    }
  </div>`;
}

export interface Panel {
  /** Unique on the page: names the heading, and the part that is put in place when it changes. */
  readonly id: string;
  readonly title: Insert;
  /** Beside the title, quietly: how many, in which order. */
  readonly beside?: Insert;
  /** At the right end of the head. */
  readonly end?: Insert;
  /** As it is: rows, a table, or {@link body}. */
  readonly content: Insert;
  readonly foot?: Insert;
}

export function panel({ id, title, beside, end, content, foot }: Panel): Html {
  return html`<section class="panel" aria-labelledby="${id}" data-part="${id}">
    <div class="head">
      <h2 id="${id}">${title}</h2>
      ${beside === undefined ? null : html`<span class="q">${beside}</span>`}${end === undefined ? null : html`<span class="end">${end}</span>`}
    </div>
    ${content}${foot === undefined || foot === null ? null : html`<div class="foot">${foot}</div>`}
  </section>`;
}

/** Padded text of a panel. */
export function body(content: Insert): Html {
  return html`<div class="body">${content}</div>`;
}

export interface Nothing {
  readonly title: Insert;
  /** What is known, and why there is nothing. */
  readonly text: Insert;
  /** One next step. */
  readonly next?: { readonly label: string; readonly href: string };
  /** For the log. */
  readonly code?: string;
}

/** Nothing to show, and why that is. */
export function emptyPanel({ title, text, next, code }: Nothing): Html {
  return html`<div class="none">
    ${mark}
    <h2>${title}</h2>
    <p>${text}</p>
    ${code === undefined ? null : html`<p class="f sm">For the log: <code>${code}</code></p>`}${next === undefined ? null : html`<a class="btn" href="${next.href}">${next.label}</a>`}
  </div>`;
}

/** Being read. Its name is for those who do not see it. */
export function loadingPanel(what: string, lines = 6): Html {
  const bars = Array.from({ length: lines }, () => html`<span class="sk"></span>`);
  return html`<div class="body" aria-busy="true"><span class="vh">${what} is being read</span>${bars}</div>`;
}
