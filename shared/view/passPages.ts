/** The orchestrations behind the changes: what runs or waits now, and how the last pass over one account went. */
import { html, type Html } from "./html.ts";
import { entryPath, type LedgerRow } from "./ledgerModel.ts";
import { changeText } from "./ledgerPage.ts";
import { dataTable } from "./lists.ts";
import { emptyPanel, lead, panel } from "./panels.ts";
import { csrfField, fact, note, statusWord } from "./parts.ts";
import { passPicture, type PassStepModel } from "./passPicture.ts";
import { paths } from "./paths.ts";
import type { Viewer } from "./person.ts";
import type { Tone } from "./proposalModel.ts";
import { clockTag, count, grouped, since, span, timeTag } from "./words.ts";
import { fromIso } from "../kernel/clock.ts";

export interface PassKey {
  readonly pk: string;
  readonly name: string;
  /** Wishes that no look has served yet. */
  readonly behind: number;
  readonly isWriting: boolean;
  /** ISO 8601; null before the first look. */
  readonly lookedAt: string | null;
}

export interface PassesModel {
  readonly waiting: readonly PassKey[];
  readonly isMore: boolean;
  readonly lately: readonly PassKey[];
  readonly stale: Html | null;
  readonly nowMs: number;
}

export function passPath(pk: string): string {
  return `${paths.orchestrations}/${pk}`;
}

export function passesPage({ waiting, isMore, lately, stale, nowMs }: PassesModel): Html {
  const writing = waiting.filter(({ isWriting }) => isWriting).length;
  const waits = `${isMore ? "More than " : ""}${count(waiting.length, "account")} ${waiting.length === 1 ? "waits" : "wait"} for a look`;
  return html`${lead({
    title:
      waiting.length === 0
        ? "Every wish for a look was served"
        : `${waits}${writing === 0 ? "" : `, ${grouped(writing)} with a write under way`}`,
    below:
      "Whatever happens asks for a look at an account; a pass serves it within a minute. One pass an account at a time.",
  })}${stale}
  ${panel({ id: "waiting", title: "Wait or run now", beside: waiting.length === 0 ? "nothing" : count(waiting.length, "account"), content: waiting.length === 0 ? null : keys("Accounts that wait for a look", waiting, nowMs) })}
  ${panel({ id: "lately", title: "Looked at lately", beside: "newest first", content: lately.length === 0 ? html`<div class="body q">No account was looked at yet.</div>` : keys("Accounts that were looked at lately", lately, nowMs) })}`;
}

function keys(name: string, list: readonly PassKey[], nowMs: number): Html {
  return dataTable(
    name,
    [{ label: "Account" }, { label: "State" }, { label: "Last look", short: "Last look" }],
    list.map(({ pk, name: account, behind, isWriting, lookedAt }) => ({
      cells: [
        html`<a href="${passPath(pk)}"><code class="b">${account}</code></a>`,
        isWriting
          ? statusWord("work", "A write is under way")
          : behind > 0
            ? statusWord("work", `${count(behind, "wish", "wishes")} not served`)
            : statusWord("met", "served"),
        lookedAt === null ? "never yet" : html`${clockTag(lookedAt, nowMs)}, ${since(lookedAt, nowMs)}`,
      ],
    })),
  );
}

export interface PassPageModel {
  readonly key: PassKey;
  readonly id: string;
  /** What core said of the last pass; null when it was not asked lately. */
  readonly pass: {
    readonly at: string;
    readonly state: string | null;
    readonly startedAt: string | null;
    readonly updatedAt: string | null;
    readonly steps: readonly PassStepModel[];
    readonly leftOut: number;
    readonly failure: string | null;
  } | null;
  readonly rows: readonly LedgerRow[];
  readonly viewer: Viewer;
  /** It was asked for and has not come yet. */
  readonly isAwaited: boolean;
  readonly stale: Html | null;
  readonly nowMs: number;
}

const stateWords: Readonly<Record<string, readonly [Tone, string]>> = {
  Completed: ["met", "Ended well"],
  Running: ["work", "Running"],
  Pending: ["work", "Waits for a worker"],
  Failed: ["stop", "Failed"],
  Terminated: ["stop", "Was ended by hand"],
};

export function passPage(model: PassPageModel): Html {
  const { key, pass, stale, rows, nowMs } = model;
  return html`<p class="crumb"><a href="${paths.orchestrations}">Orchestrations</a></p>
    ${lead({ title: sentence(model), below: "A pass looks, writes what was agreed to, reads it back and looks again. The durable backend keeps the last one of each account.", actions: ask(model) })}${model.isAwaited ? note("work", "Core was asked and has not answered yet: load the page again in a moment.") : null}${stale}
    <div class="two">
      <div class="stack">${pass === null ? nothing() : passPanel(pass, nowMs)}</div>
      <div class="stack">
        ${panel({
          id: "writer",
          title: "Where the account stands",
          content: html`<div class="body">
            <dl class="facts">
              ${fact("Wishes", key.behind === 0 ? "all served" : `${count(key.behind, "wish", "wishes")} not served`)}${fact("Write", key.isWriting ? "one is under way" : "none is under way")}${fact("Last look", key.lookedAt === null ? "never yet" : html`${timeTag(key.lookedAt, nowMs)}, ${since(key.lookedAt, nowMs)}`)}${fact("Resource", html`<code>${model.id}</code>`)}
            </dl>
          </div>`,
        })}${panel({
          id: "entries",
          title: "In the ledger",
          beside: "newest first",
          content: html`<ol class="tale">
            ${rows.map(
              (row) =>
                html`<li class="${row.mark === "open" ? "told" : row.mark}">
                  <span class="q">${clockTag(row.at, nowMs)}</span
                  ><span
                    >${changeText(row)} <a class="f" href="${entryPath(row.pk, row.seq)}">entry ${row.seq}</a></span
                  >
                </li>`,
            )}
          </ol>`,
          foot: html`<a href="${paths.ledger}?q=${encodeURIComponent(model.id)}">All of its entries</a>`,
        })}
      </div>
    </div>`;
}

function sentence({ key, pass }: PassPageModel): Html {
  const name = html`<code>${key.name}</code>`;
  if (pass === null) return html`The last pass over ${name}`;
  if (pass.state === null) return html`The backend keeps no pass over ${name}`;
  const number = count(pass.steps.length + pass.leftOut, "step");
  const failed = pass.steps.filter(({ failure }) => failure !== null).length;
  const [, word] = stateWords[pass.state] ?? ["unknown", pass.state];
  return html`The last pass over ${name}: ${word.toLowerCase()},
  ${number}${failed === 0 ? null : `, ${failed} of them failed`}`;
}

function ask({ viewer, key, pass }: PassPageModel): Html {
  return html`<form method="post" action="${passPath(key.pk)}/read">
    ${csrfField(viewer)}<button class="btn">${pass === null ? "Ask core how it went" : "Ask again"}</button>
  </form>`;
}

function nothing(): Html {
  return html`<section class="panel" aria-labelledby="none">
    ${emptyPanel({
      title: html`<span id="none">Not asked lately</span>`,
      text: "Only core can ask the durable backend; this page has it do so when somebody wants to know. What it said is kept for an hour.",
    })}
  </section>`;
}

function passPanel(pass: NonNullable<PassPageModel["pass"]>, nowMs: number): Html {
  const { state, startedAt, updatedAt, steps, leftOut, failure, at } = pass;
  const [tone, word] = stateWords[state ?? ""] ?? ["unknown", state ?? "Not known"];
  const took = startedAt === null || updatedAt === null ? null : span(fromIso(updatedAt) - fromIso(startedAt));
  return panel({
    id: "pass",
    title: "The last pass",
    beside: html`as core read it at ${clockTag(at, nowMs)}`,
    end: statusWord(tone, word),
    content: html`${failure === null ? null : html`<div class="body">${note("stop", failure)}</div>`}
      <div class="body">
        <dl class="facts">
          ${startedAt === null ? null : fact("Began", clockTag(startedAt, nowMs))}${took === null ? null : fact(state === "Running" ? "Runs for" : "Took", took)}
        </dl>
        ${passPicture(steps, startedAt, updatedAt)}
      </div>
      <ol class="steps">
        ${leftOut === 0 ? null : html`<li><span class="q">…</span><span></span><span class="q">${count(leftOut, "step")} before</span></li>`}${steps.map((step) => stepLine(step, nowMs))}
      </ol>`,
  });
}

const stepWords: Readonly<Record<string, string>> = {
  look: "looked: read the account, judged it, decided",
  apply: "wrote a change that was agreed to",
  settle: "read back what was written",
  requeue: "asked for another pass later",
  wait: "waited",
};

function stepLine({ name, from, to, failure }: PassStepModel, nowMs: number): Html {
  const took = from === null ? "" : span(fromIso(to) - fromIso(from));
  return html`<li>
    <span class="q">${clockTag(from ?? to, nowMs)}</span><span class="f">${took}</span
    ><span>
      <code>${name}</code>
      ${stepWords[name] ?? ""}${failure === null ? null : html`<br />${statusWord("stop", "failed")} ${failure}`}</span
    >
  </li>`;
}
