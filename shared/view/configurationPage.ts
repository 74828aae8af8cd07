/** The configuration that holds: readable, with its versions, what waits for a second person, and where it applies. */
import type { Difference } from "../config/difference.ts";
import { enrolmentLevels, type Config } from "../config/schema.ts";
import { changePath, type ChangeModel } from "./configurationPages.ts";
import { differenceList } from "./configurationPlan.ts";
import { html, type Html } from "./html.ts";
import { dataTable } from "./lists.ts";
import { emptyPanel, lead, panel } from "./panels.ts";
import { fact, idTag, note, statusWord } from "./parts.ts";
import { paths } from "./paths.ts";
import { count, grouped, timeTag, until } from "./words.ts";

export interface VersionModel {
  readonly version: number;
  readonly appliedAt: string;
  readonly appliedBy: string | null;
  readonly agreedBy: readonly string[];
  readonly reason: string | null;
  readonly changed: number;
}

export interface ConfigurationModel {
  /** 0 when none was applied yet. */
  readonly version: number;
  readonly config: Config;
  readonly appliedAt: string | null;
  readonly appliedBy: string | null;
  readonly yaml: string;
  readonly versions: readonly VersionModel[];
  readonly changes: readonly ChangeModel[];
  /** What differs from the file that laid version 1; null where that version is not kept. */
  readonly fromSeed: readonly Difference[] | null;
  readonly done: string | null;
  readonly stale: Html | null;
  readonly nowMs: number;
}

const SUBSCRIPTIONS_ROWS = 60;
const DIFFERENCES_MAX = 60;

export function configurationPage(model: ConfigurationModel): Html {
  const { config, version } = model;
  if (version === 0) {
    return html`${lead({ title: "No configuration was applied yet" })}
      <section class="panel">
        ${emptyPanel({
          title: "Nothing is enrolled, so nothing is looked at",
          text: "Apply a file with the command: npx steelyard config apply steelyard.yaml",
        })}
      </section>`;
  }
  const open = model.changes.filter(({ state }) => state === "open");
  const act = config.paused ? "resume" : "pause";
  return html`${lead({
      title: sentence(model, open.length),
      below: config.paused
        ? "Nothing is written to the estate by anything. Findings and questions go on."
        : "Who may do what where, and who agrees to it. Whatever is changed shows first what it would do.",
      actions: html`<a class="btn" href="${paths.configuration}/plan?do=${act}"
        >${config.paused ? "End the pause" : "Pause all writes"}</a
      >`,
    })}${model.done === null ? null : note("met", model.done)}${model.stale}
    <div class="two">
      <div class="stack">${waiting(open, model.nowMs)}${subscriptions(config)}${document(model)}</div>
      <div class="stack">${versions(model)}${seed(model)}</div>
    </div>`;
}

function sentence({ version, config, fromSeed }: ConfigurationModel, open: number): string {
  const paused = config.paused ? "all writes are paused" : null;
  const waits = open === 0 ? null : `${count(open, "change")} ${open === 1 ? "waits" : "wait"} for another admin`;
  const seeded =
    fromSeed === null
      ? null
      : fromSeed.length === 0
        ? "as the file laid it"
        : `${count(fromSeed.length, "value")} other than the file laid`;
  return [`Version ${version} holds`, paused, waits, seeded].filter((part) => part !== null).join("; ");
}

function waiting(open: readonly ChangeModel[], nowMs: number): Html {
  return panel({
    id: "changes",
    title: "Waits for another admin",
    beside: open.length === 0 ? "nothing" : count(open.length, "change"),
    content: html`<ul>
      ${open.map(
        ({ id, changes, changed, by, reason, expiresAt }) =>
          html`<li class="row">
            <div>
              <b>${changes[0]?.path ?? id}</b>${changed > 1 ? ` and ${grouped(changed - 1)} more` : null}
              <p class="q">${reason ?? "no reason was given"}</p>
              <p class="meta">proposed by ${idTag(by)}</p>
            </div>
            <div class="right">
              <b>${until(expiresAt, nowMs)}</b
              ><a class="btn small" href="${changePath(id)}">Review<span class="vh"> change ${id}</span></a>
            </div>
          </li>`,
      )}
    </ul>`,
  });
}

function subscriptions({ subscriptions: list }: Config): Html {
  const shown = list.slice(0, SUBSCRIPTIONS_ROWS);
  return panel({
    id: "subscriptions",
    title: "Enrolled subscriptions",
    beside: `${grouped(list.length)}, with how far Steelyard may go there`,
    content: dataTable(
      "Enrolled subscriptions",
      [
        { label: "Subscription" },
        { label: "Archetype", short: "Archetype" },
        { label: "Team", short: "Team" },
        { label: "Level" },
      ],
      shown.map(({ id, name, archetype, team, level, environment }) => ({
        cells: [
          html`<b>${name}</b><span class="sub"><code>${id}</code></span>`,
          html`${archetype}${environment === undefined ? null : html`<span class="sub">${environment}</span>`}`,
          team ?? "–",
          html`<form class="line" method="get" action="${paths.configuration}/plan">
            <input type="hidden" name="do" value="level" /><input type="hidden" name="subscription" value="${id}" />
            <select class="lv" name="level" aria-label="Level of ${name}">
              ${enrolmentLevels.map((one) => html`<option value="${one}" ${one === level ? html` selected` : null}>${one}</option>`)}
            </select>
            <button class="btn small">Plan<span class="vh"> another level for ${name}</span></button
            ><a class="btn small" href="${paths.configuration}/plan?do=withdraw&subscription=${id}"
              >Withdraw<span class="vh"> ${name}</span></a
            >
          </form>`,
        ],
      })),
    ),
    foot: list.length > shown.length ? `${grouped(list.length - shown.length)} more are in the document below.` : null,
  });
}

function document({ yaml, version }: ConfigurationModel): Html {
  return panel({
    id: "document",
    title: "The document",
    beside: `version ${version}, as a file`,
    content: html`<pre class="yaml" tabindex="0" aria-label="The configuration as YAML">${yaml}</pre>`,
    foot: html`Change it as a file: <code>npx steelyard config show > steelyard.yaml</code>, then
      <code>npx steelyard config apply steelyard.yaml --plan</code>.`,
  });
}

function versions({ versions: list, version: current, nowMs }: ConfigurationModel): Html {
  const last = list.at(-1)?.version ?? 0;
  return panel({
    id: "versions",
    title: "Versions",
    beside: "newest first",
    content: html`<ul>
      ${list.map(
        ({ version, appliedAt, appliedBy, agreedBy, reason, changed }) =>
          html`<li class="row">
            <div>
              <a href="${paths.configuration}/versions/${version}"><b>Version ${version}</b></a>
              <p class="q">${reason ?? (version === 1 ? "laid down with the store" : "no reason was given")}</p>
              <p class="meta">
                ${timeTag(appliedAt, nowMs)}${appliedBy === null ? null : html`<span>by ${idTag(appliedBy)}</span>`}${agreedBy.map((by) => html`<span>agreed by ${idTag(by)}</span>`)}
              </p>
            </div>
            <div class="right">
              ${version === current ? statusWord("met", "holds") : null}<span class="sm q"
                >${count(changed, "value")}</span
              >
            </div>
          </li>`,
      )}
    </ul>`,
    foot: last > 1 ? html`<a href="${paths.configuration}?before=${last}">Show older ones</a>` : null,
  });
}

function seed({ fromSeed }: ConfigurationModel): Html | null {
  if (fromSeed === null) return null;
  return panel({
    id: "seed",
    title: "Other than the file that laid it",
    beside: fromSeed.length === 0 ? "nothing" : count(fromSeed.length, "value"),
    content:
      fromSeed.length === 0
        ? null
        : html`<div class="body">${differenceList(fromSeed.slice(0, DIFFERENCES_MAX), fromSeed.length)}</div>`,
  });
}

export interface VersionPageModel {
  readonly version: VersionModel;
  readonly yaml: string;
  /** What it changed; null where the version before is not kept. */
  readonly changes: readonly Difference[] | null;
  readonly isCurrent: boolean;
  readonly nowMs: number;
}

export function versionPage({ version, yaml, changes, isCurrent, nowMs }: VersionPageModel): Html {
  const { version: number, appliedAt, appliedBy, agreedBy, reason } = version;
  return html`<p class="crumb"><a href="${paths.configuration}">Configuration</a></p>
    ${lead({
      title: `Version ${number}${isCurrent ? " holds" : ""}: ${changes === null ? "what it changed is not known" : count(changes.length, "value changed", "values changed")}`,
      below: reason ?? undefined,
    })}
    <div class="two">
      <div class="stack">
        ${panel({
          id: "differences",
          title: "Other than the version before",
          content: html`<div class="body">
            ${changes === null ? "The version before is not kept." : changes.length === 0 ? "Nothing." : differenceList(changes.slice(0, 200), changes.length)}
          </div>`,
        })}${panel({ id: "document", title: "The document", content: html`<pre class="yaml" tabindex="0">${yaml}</pre>` })}
      </div>
      ${panel({
        id: "who",
        title: "Who and when",
        content: html`<div class="body">
          <dl class="facts">
            ${fact("Applied", timeTag(appliedAt, nowMs))}${fact("By", appliedBy === null ? "laid down with the store" : idTag(appliedBy))}${agreedBy.map((by) => fact("Agreed by", idTag(by)))}
          </dl>
          <p class="sm q">
            To go back to it: <code>npx steelyard config show --version ${number} > FILE</code>, then
            <code>npx steelyard config apply FILE --plan</code>.
          </p>
        </div>`,
      })}
    </div>`;
}
