/** Messages that could not be read, or were delivered too often: what they are, and what may be done with them. */
import { html, type Html } from "./html.ts";
import { dataTable, pager } from "./lists.ts";
import { emptyPanel, lead, panel } from "./panels.ts";
import { csrfField, fact, idTag, note, reasonField } from "./parts.ts";
import { paths } from "./paths.ts";
import type { Permission, Viewer } from "./person.ts";
import { count, since, timeTag } from "./words.ts";

export interface LetterModel {
  readonly id: string;
  readonly from: "intake" | "broker";
  readonly queue: string;
  readonly reason: string;
  readonly at: string;
  readonly excerpt: string;
  readonly stuck: string | null;
  readonly settled: { readonly what: "redriven" | "dismissed"; readonly by: string; readonly at: string } | null;
}

export interface LettersModel {
  readonly letters: readonly LetterModel[];
  readonly next: string | null;
  readonly isFirst: boolean;
  /** Queues whose dead letters the broker did not show. */
  readonly unread: readonly string[];
  readonly stale: Html | null;
  readonly nowMs: number;
}

export function letterPath(id: string): string {
  return `${paths.deadLetters}/${id}`;
}

const SHORT = 140;

export function deadLettersPage({ letters, next, isFirst, unread, stale, nowMs }: LettersModel): Html {
  const number = letters.length;
  const isSure = unread.length === 0;
  return html`${lead({
      title:
        number === 0
          ? isSure
            ? "No dead letter waits"
            : "No dead letter could be read"
          : `${count(number, "dead letter")}${next === null ? "" : " here"} ${number === 1 ? "waits" : "wait"}`,
      below:
        "Messages that could not be read, or were delivered ten times without success. An event is only a reason to look: the daily sweep looks at every account anyway.",
    })}${stale}${unread.map((queue) => note("unknown", html`The dead letters that the broker keeps of the queue <code>${queue}</code> cannot be read at this moment.`))}
    <section class="panel" aria-labelledby="letters" data-part="letters">
      <h2 class="vh" id="letters">Dead letters</h2>
      ${
        number === 0
          ? emptyPanel({
              title: "Nothing waits here",
              text: "Whatever came in was read, or was set aside by somebody.",
            })
          : dataTable(
              "Dead letters, oldest first",
              [
                { label: "Came" },
                { label: "Reason" },
                { label: "Queue", short: "Queue" },
                { label: "Letter", isWideOnly: true },
              ],
              letters.map((letter) => ({
                cells: [
                  html`<span class="nw">${timeTag(letter.at, nowMs)}</span
                    ><span class="sub">${since(letter.at, nowMs)}</span>`,
                  html`<a href="${letterPath(letter.id)}">${letter.reason.slice(0, SHORT)}</a>
                    <span class="sub">${letter.stuck ?? "can be taken in again"}</span>`,
                  html`${letter.queue}<span class="sub"
                      >${letter.from === "broker" ? "with the broker" : "could not be read"}</span
                    >`,
                  html`<code>${letter.id.slice(0, 14)}</code>`,
                ],
              })),
            )
      }${pager({ shown: count(number, "letter"), first: isFirst ? null : paths.deadLetters, next })}
    </section>
    ${number === 0 ? null : html`<p class="sm q">All that can be: <code>npx steelyard redrive --all</code></p>`}`;
}

export interface LetterPageModel {
  readonly letter: LetterModel;
  readonly permission: Permission;
  readonly viewer: Viewer;
  readonly fault: string | null;
  readonly done: "redriven" | "dismissed" | null;
  readonly nowMs: number;
}

const doneWords = {
  redriven: "It is in its queue again. If what stood in the way still does, it is a dead letter again in a moment.",
  dismissed: "It is set aside.",
} as const;

export function deadLetterPage(model: LetterPageModel): Html {
  const { letter, nowMs } = model;
  const { from, queue, at, reason, excerpt, settled } = letter;
  return html`<p class="crumb"><a href="${paths.deadLetters}">Dead letters</a></p>
    ${lead({
      title: from === "broker" ? "Delivered too often without success" : "A message that could not be read",
      below: reason,
    })}${model.done === null ? null : note("met", doneWords[model.done])}${model.fault === null ? null : note("stop", model.fault)}
    <div class="two">
      ${panel({
        id: "message",
        title: "What is kept of it",
        beside: "without personal data",
        content: html`<pre class="yaml" tabindex="0">${pretty(excerpt)}</pre>`,
      })}
      <div class="stack">
        ${panel({
          id: "where",
          title: "Where it lies",
          content: html`<div class="body">
            <dl class="facts">
              ${fact("Queue", queue)}${fact("Lies", from === "broker" ? "with the broker, in the queue’s dead letters" : "in the store, for 30 days")}${fact("Came", html`${timeTag(at, nowMs)}, ${since(at, nowMs)}`)}${fact("Letter", html`<code>${letter.id}</code>`)}
            </dl>
          </div>`,
        })}${settled === null ? act(model) : panel({ id: "act", title: settled.what === "redriven" ? "Taken in again" : "Set aside", content: html`<div class="body">by ${idTag(settled.by)} at ${timeTag(settled.at, nowMs)}</div>` })}
      </div>
    </div>`;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    // Cut short, or a sentence about what is not kept: shown as it is.
    return text;
  }
}

function act({ letter, permission, viewer }: LetterPageModel): Html {
  const { stuck, id } = letter;
  return panel({
    id: "act",
    title: "What to do with it",
    content: html`<div class="body">
      ${stuck === null ? html`<p>Taken in again it takes the way of every message: the target is looked at, or it comes back here.</p>` : html`<p class="why">${stuck}</p>`}${
        permission.may
          ? html`<form method="post" action="${letterPath(id)}/settle">
              ${csrfField(viewer)}${reasonField({ label: "Reason, if you like", hint: "Stands in the ledger for good.", required: false })}
              <div class="line">
                ${stuck === null ? html`<button class="btn go" name="what" value="redrive">Take in again</button>` : null}<button
                  class="btn"
                  name="what"
                  value="dismiss"
                >
                  Set aside
                </button>
              </div>
            </form>`
          : html`<p class="why">${permission.why}</p>`
      }
    </div>`,
  });
}
