/** The tour as a page: what to do next, and what came of the step before. */
import { html, type Html } from "./html.ts";
import { lead, panel } from "./panels.ts";
import { chip, statusWord } from "./parts.ts";
import { paths } from "./paths.ts";
import {
  commandFor,
  tourField,
  tourOf,
  tourStandard,
  type StepName,
  type TourInput,
  type TourStep,
} from "./tourModel.ts";
import { count } from "./words.ts";

export interface TourPageModel extends TourInput {
  /** How somebody changes an account by hand on this estate, with {id} and {body}. */
  readonly command: string;
  readonly stale: Html | null;
}

export function tourPage(model: TourPageModel): Html {
  const { steps, isOver } = tourOf(model);
  const done = steps.filter(({ state }) => state === "done").length;
  const below = html`Break something by hand, see it found, agree, read what was done, take it back. ${done} of
  ${steps.length} steps done; this page follows what happens.`;
  return html`${lead({ title: isOver ? "That was the whole way round" : "See it happen once", below })} ${model.stale}
    <ol class="tour" role="list">
      ${steps.map((step, index) => stepItem(model, step, index + 1))}
    </ol>
    ${isOver ? after : null}`;
}

export interface TourStart {
  /** Accounts that it can be made with, the best one first. */
  readonly accounts?: readonly { readonly key: string; readonly name: string; readonly environment: string }[];
  readonly seen?: number;
  readonly stale: Html | null;
}

/** Where nobody has begun yet. */
export function tourStart({ accounts = [], seen = 0, stale }: TourStart): Html {
  const [first, ...others] = accounts;
  const begin = (key: string): string => `${paths.tour}?account=${encodeURIComponent(key)}`;
  const below = html`Six steps, some minutes: break one account by hand, see it found, agree that it is put right, read
  what was done, take it back. Everything on the way is the real thing.`;
  return html`${lead({ title: "See it happen once", below })} ${stale}
    <div class="panel">
      <div class="body">
        ${
          first === undefined
            ? html`<p>
                ${seen === 0 ? "No account was looked at yet" : `None of ${count(seen, "account")} can be used`}: the
                tour needs one that is private, as ${chip(standardChip)} demands, has a private endpoint, and lies in a
                subscription where Steelyard may write. After a fresh start every account is looked at within a minute;
                this page follows.
              </p>`
            : html`<p class="line">
                  <a class="btn go" href="${begin(first.key)}">Begin with ${first.name}</a>
                </p>
                ${
                  others.length === 0
                    ? null
                    : html`<p class="q">
                        or with
                        ${others.map(({ key, name }, index) => html`${index === 0 ? null : " or "}<a href="${begin(key)}">${name}</a>`)}
                      </p>`
                }`
        }
      </div>
    </div>`;
}

const titles: Readonly<Record<StepName, string>> = {
  look: "An account as it should be",
  ask: `Let ${tourStandard} ask`,
  break: "Open a private account to the internet",
  agree: "Agree that it is closed again",
  read: "Read what was done",
  undo: "Take it back for a day",
};

const words = { done: "Done", now: "Now", later: "Later" } as const;

function stepItem(model: TourPageModel, { name, state }: TourStep, number: number): Html {
  const word =
    state === "later"
      ? html`<span class="q">${words[state]}</span>`
      : statusWord(state === "done" ? "met" : "wait", words[state]);
  return html`<li class="panel step is-${state}" ${state === "now" ? html` aria-current="step"` : null}>
    <h2><span class="q">${number}</span> ${titles[name]} ${word}</h2>
    ${state === "later" ? null : html`<div class="body">${bodies[name](model, state === "done")}</div>`}
  </li>`;
}

const bodies: Readonly<Record<StepName, (model: TourPageModel, isDone: boolean) => Html>> = {
  look: ({ account }) =>
    account === null
      ? html`<p>This account is gone, or was never looked at. <a href="${paths.tour}">Begin with another one</a></p>`
      : html`<p>
          The tour uses <code>${account.name}</code> in ${account.environment}: it is private, as ${chip(standardChip)}
          demands. <a href="${paths.estate}">See the estate</a>
        </p>`,
  ask: ({ mode }, isDone) =>
    isDone
      ? html`<p>${chip(standardChip)} may ask: what it finds becomes a question to an approver.</p>`
      : html`<p>
            A fresh start only audits: it finds and tells, asks nobody and writes
            nothing.${mode === undefined ? html` ${tourStandard} is not configured.` : null} As an admin, raise
            ${chip(standardChip)} to <b>approve</b>; you see first what that would do, account by account.
          </p>
          <p class="line"><a class="btn go" href="${paths.standards}/${tourStandard}">Raise ${tourStandard}</a></p>`,
  break: (model, isDone) => {
    const { account, command } = model;
    if (account === null) return html`<p>Not yet.</p>`;
    if (isDone)
      return html`<p>
        It was opened, and found: ${chip(standardChip)} says <code>${tourField}</code> must be <code>Disabled</code>.
        <a href="${paths.findings}">See the findings</a>
      </p>`;
    return html`<p>Play a colleague who does it by hand. In a terminal:</p>
      <pre class="cmd" tabindex="0" aria-label="Command"><code>${commandFor(command, account.key)}</code></pre>
      <p>
        Azure tells of the change by an event; Steelyard reads the account itself, and decides. It takes some seconds.
      </p>`;
  },
  agree: ({ proposal, isPaused }, isDone) =>
    isDone
      ? html`<p>Somebody agreed. Before the write its intent went into the ledger.</p>`
      : proposal === undefined || proposal.state !== "open"
        ? html`<p>
            ${isPaused ? "Writing is paused: nothing is asked until that ends." : "It will be asked in a moment."}
          </p>`
        : html`<p>
              One approval is needed${proposal.quorum > 1 ? html` (${proposal.quorum} here)` : null}. The question says
              what would change, why, and what it may cut.
            </p>
            <p class="line">
              <a class="btn go" href="${paths.approvals}/${encodeURIComponent(proposal.id)}">Read the question</a>
            </p>`,
  read: ({ proposal, account }, isDone) =>
    isDone
      ? html`<p>
          The account is private again, read back before anybody was told so.
          <a href="${paths.ledger}?target=${encodeURIComponent(account?.key ?? "")}">Read the ledger</a>: found, asked,
          agreed, intent, outcome.
        </p>`
      : html`<p>It is being written${proposal?.condition == null ? "" : `: ${proposal.condition.message}`}</p>`,
  undo: ({ proposal, claim }, isDone) =>
    isDone
      ? html`<p>
          Taken back${claim?.live === true ? html` until ${claim.until.slice(11, 16)} UTC tomorrow; then` : "; then"}
          ${chip(standardChip)} holds again by itself.
        </p>`
      : html`<p>
            An undo puts back what was there before, for a day and with a reason; then the standard holds again. It says
            first what it would do.
          </p>
          <p class="line">
            <a class="btn" href="${paths.approvals}/${encodeURIComponent(proposal?.id ?? "")}/undo">Take it back</a>
          </p>`,
};

const standardChip = { kind: "standard", label: tourStandard } as const;

const after = panel({
  id: "next",
  title: "What to try next",
  content: html`<ul class="body">
    <li><a href="${paths.standards}">Raise another standard</a> behind its plan, or lower this one again.</li>
    <li><a href="${paths.configuration}">Pause all writes</a>: one person begins it, two end it.</li>
    <li>
      <a href="${paths.ledger}">Follow the ledger</a>, or verify its chains: <code>npx steelyard ledger verify</code>
    </li>
  </ul>`,
});
