/** One resource: what it should be, what it is, what is live on it, what happened to it. The same beside a list and by itself. */
import type { Claim, Summary } from "../desired/documents.ts";
import { memberKindOf } from "../estate/member.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import { accountOf } from "../estate/resourceId.ts";
import { fromIso } from "../kernel/clock.ts";
import { pageOf } from "./approvalsPage.ts";
import { capacityOf } from "./estateMatrix.ts";
import { belowOf, worstOf } from "./estateModel.ts";
import { html, type Html, type Insert } from "./html.ts";
import { chip, idTag, note, statusPill, statusWord } from "./parts.ts";
import { paths } from "./paths.ts";
import { statusOf } from "./proposalModel.ts";
import { authorityChip, differenceText, fieldsTable } from "./resourceFields.ts";
import type { ResourceModel } from "./resourceModel.ts";
import { cellWords, toneOf } from "./standingWords.ts";
import { ownLine, type EntryModel } from "./tale.ts";
import { count, left, since, timeTag } from "./words.ts";

export interface ResourcePageModel {
  readonly resource: ResourceModel;
  readonly history: readonly EntryModel[];
  /** Where older entries are; null after the last. */
  readonly older: string | null;
  /** Another account of the same name, where this one is gone. */
  readonly movedTo: ResourceId | null;
  /** A look was asked for and has not been yet. */
  readonly isAwaited: boolean;
  readonly nowMs: number;
  /** Beside a list: what closes it, and the next one up and down. */
  readonly close: string | null;
  readonly stale: Html | null;
}

export const resourcesPath = "/api/console/resources";

/** The address of a resource's own page. */
export function resourceHref(id: string): string {
  return `${resourcesPath}${id.split("/").map(encodeURIComponent).join("/")}`;
}

export function resourcePage(model: ResourcePageModel): Html {
  const inner = [
    head(model),
    states(model),
    html`<div class="rl">${fields(model)}${otherwise(model)}</div>
      <div class="rr">${claims(model)}${deployments(model)}${history(model)}${raw(model)}</div>`,
  ];
  if (model.close === null) return html`<article class="panel rs" data-part="resource">${inner}</article>`;
  const name = nameOf(model);
  return html`<aside class="drawer rs" id="drawer" tabindex="-1" aria-label="${name}" data-part="resource">
    ${inner}
  </aside>`;
}

/** As Azure spells it, where that is known. */
export function nameOf({ resource: { target, key, summary, body } }: Pick<ResourcePageModel, "resource">): string {
  const told = body?.["name"];
  if (typeof told === "string") return told;
  return (target === key ? summary?.name : undefined) ?? target.split("/").at(-1) ?? target;
}

/** Headings are one level lower beside a list. */
function heading({ close }: ResourcePageModel, level: 1 | 2, className: string, text: Insert): Html {
  const mark = className === "" ? null : html` class="${className}"`;
  if (level === 1) return close === null ? html`<h1${mark}>${text}</h1>` : html`<h2${mark}>${text}</h2>`;
  return close === null ? html`<h2${mark}>${text}</h2>` : html`<h3${mark}>${text}</h3>`;
}

const kinds: Readonly<Record<string, string>> = {
  deployments: "Deployment",
  raiPolicies: "Content policy",
  diagnosticSettings: "Diagnostic setting",
  locks: "Lock",
};

function head(model: ResourcePageModel): Html {
  const { resource, close } = model;
  const { target, key, summary } = resource;
  const account = summary?.name ?? accountOf(key)?.name ?? key;
  const kind = target === key ? "Account" : (kinds[memberKindOf(key, target) ?? ""] ?? "Resource");
  const name = heading(model, 1, "name", [nameOf(model), pill(resource)]);
  return html`<header>
    <p class="top">
      <span>${target === key ? kind : html`${kind} on <a href="${resourceHref(key)}"><code>${account}</code></a>`}</span
      ><span class="end"
        >${close === null ? html`<a class="btn small" href="${paths.estate}">Estate</a>` : html`<a class="btn small" href="${resourceHref(target)}"><span class="i i-link"></span>Own page</a><a class="btn small" href="${close}" data-close><span class="i i-x"></span>Close</a>`}</span
      >
    </p>
    ${name}
    <p class="where">${whereOf(resource).map((text) => html`<span>${text}</span>`)}</p>
    ${equation(resource)}
  </header>`;
}

function pill({ presence, standing }: ResourceModel): Html {
  if (presence === "gone") return statusPill({ tone: "unknown", word: "Gone", next: "" });
  if (presence !== "there") return statusPill({ tone: "unknown", word: "Unknown", next: "" });
  const word = standing === "met" ? "As it should be" : standing === "waits" ? "Waits for people" : cellWords[standing];
  return statusPill({ tone: toneOf[standing], word, next: "" });
}

function whereOf({ target, key, summary }: ResourceModel): string[] {
  if (summary === undefined) return [accountOf(key)?.resourceGroup ?? ""].filter(Boolean);
  const { location, businessUnit, environment, resourceGroup, accountKind } = summary;
  const deployment = deploymentOf(summary, target);
  const own =
    target === key
      ? [accountKind]
      : deployment === undefined
        ? []
        : [`${deployment.model} ${deployment.version}`, deployment.sku, capacityOf(deployment)];
  return [...own, location, businessUnit ?? "", environment, resourceGroup].filter(Boolean);
}

function deploymentOf(summary: Summary, target: string): Summary["deployments"][number] | undefined {
  return summary.deployments.find(({ name }) => belowOf(summary, "deployments", name) === target);
}

/** Standards named one by one; more are counted. */
const NAMED_MAX = 6;

/** Should be = standards + what people opened. */
function equation({ judgements, target, liveClaims }: ResourceModel): Html | null {
  const set = judgements.filter((one) => one.target === target && one.verdict !== "notApplicable");
  if (set.length === 0) return null;
  const standards =
    set.length > NAMED_MAX
      ? chip({ kind: "standard", label: count(set.length, "standard") })
      : set.map(({ standard }) => chip({ kind: "standard", label: standard.id, spoken: `, ${standard.title}` }));
  const active = liveClaims.filter(({ state }) => state === "active");
  return html`<p class="eq">
    <b>Should be</b
    ><span class="op">=</span
    >${standards}${active.length === 0 ? null : html`<span class="op">+</span>${active.map(({ authority }) => authorityChip(authority))}`}
  </p>`;
}

function states(model: ResourcePageModel): Html | null {
  const { resource, movedTo, isAwaited, nowMs, stale } = model;
  const { presence, readAt, unread, fault, target, key } = resource;
  const awaited = isAwaited ? " A look is under way or about to be." : "";
  const texts: Record<ResourceModel["presence"], Html | null> = {
    there: null,
    never: note("unknown", `Unknown: nobody has looked at it yet.${awaited}`),
    unread: note(
      "unknown",
      html`Unknown: the list that it stands in could not be read at
      ${readAt === null ? "the last look" : timeTag(readAt, nowMs)}.`,
      unread ?? undefined,
    ),
    broken: note(
      "stop",
      "What the last look kept cannot be understood, so nothing is said of its fields.",
      fault ?? undefined,
    ),
    gone: note(
      "unknown",
      html`${target === key ? "Azure knows this account no more" : "It was not among what the account has"}${readAt === null ? null : html`, seen at ${timeTag(readAt, nowMs)}, ${since(readAt, nowMs)}`}.
      What happened to it stays
      below.${
        movedTo === null
          ? null
          : html` An account of this name is
              <a href="${resourceHref(movedTo)}">in ${accountOf(movedTo)?.resourceGroup ?? "another resource group"}</a>
              now.`
      }`,
    ),
  };
  const said = texts[presence];
  const tail =
    presence === "there" && isAwaited
      ? note("work", "Something about it has changed: a look is under way or about to be.")
      : null;
  return said === null && tail === null && stale === null ? null : html`<section>${stale}${said}${tail}</section>`;
}

function fields(model: ResourcePageModel): Html | null {
  const { resource, nowMs } = model;
  if (resource.sites.length === 0) return null;
  return html`<section>${heading(model, 2, "", "Fields")}${fieldsTable(resource, nowMs)}</section>`;
}

/** What is judged and has no field to show. */
function otherwise(model: ResourcePageModel): Html | null {
  const { resource, nowMs } = model;
  const { others, metWithoutField, apart } = resource;
  if (others.length + metWithoutField.length + apart.length === 0) return null;
  return html`<section>
    ${heading(model, 2, "", "Also judged")}${others.map(
      ({ standard, reason, standing, difference, verdict }) =>
        html`<div class="clm">
          <div>
            ${chip({ kind: "standard", label: standard.id })} <b>${standard.title}</b>
            <p class="q sm">${reason}</p>
            ${difference === null ? null : html`<div class="sm">${differenceText(difference, nowMs)}</div>`}
          </div>
          <div class="end">
            ${verdict === "unknown" ? statusWord("unknown", "Unknown") : statusWord(toneOf[standing], cellWords[standing])}
          </div>
        </div>`,
    )}${listed("Met, with no field of its own here", metWithoutField)}${listed("Does not apply", apart)}
  </section>`;
}

function listed(label: string, judgements: ResourceModel["apart"]): Html | null {
  if (judgements.length === 0) return null;
  return html`<details>
    <summary>${label}: ${judgements.length}</summary>
    <ul>
      ${judgements.map(({ standard, reason }) => html`<li class="sm">${chip({ kind: "standard", label: standard.id })} ${standard.title}. <span class="q">${reason}</span></li>`)}
    </ul>
  </details>`;
}

function claims(model: ResourcePageModel): Html | null {
  const { resource, nowMs } = model;
  const { liveClaims, open } = resource;
  if (liveClaims.length + open.length === 0) return null;
  return html`${
    open.length === 0
      ? null
      : html`<section>
          ${heading(model, 2, "", "Asked")}${open.map((proposal) => {
            const { tone, word, next } = statusOf(proposal, nowMs);
            return html`<div class="clm">
              <div>
                ${chip({ kind: "standard", label: proposal.standard.id })}
                <a href="${pageOf(proposal.id)}">${proposal.standard.title}</a>
                <p class="q sm">${next}</p>
              </div>
              <div class="end">${statusWord(tone, word)}</div>
            </div>`;
          })}
        </section>`
  }${liveClaims.length === 0 ? null : html`<section>${heading(model, 2, "", "Live claims")}${liveClaims.map((claim) => claimRow(claim, resource, nowMs))}</section>`}`;
}

/** Time gone, not work done. */
function claimRow(claim: Claim, { judgements }: ResourceModel, nowMs: number): Html {
  const { from, until, by, reason, state, fields } = claim;
  const [start, end] = [fromIso(from), fromIso(until)];
  const gone = end <= start ? 100 : Math.round(Math.min(100, Math.max(0, ((nowMs - start) * 100) / (end - start))));
  const after = judgements
    .filter(
      (one) =>
        one.remedyTarget === claim.target &&
        one.assertions.some(({ path }) => fields.some((field) => field.path === path)),
    )
    .map(({ standard }) => standard.id);
  const then =
    after.length === 0 ? "then nothing holds these fields" : `then as ${[...new Set(after)].join(", ")} says`;
  return html`<div class="clm">
    <div>
      ${authorityChip(claim.authority)} <b>${fields.map(({ path }) => path.replace(/^properties\./, "")).join(", ")}</b>
      <p class="q sm">
        Opened by ${idTag(by)}: “${reason}”.
        ${state === "stopped" ? "It was stopped: somebody else wrote a third value." : `At its end ${then}.`}
      </p>
    </div>
    <div class="end">
      <span class="big">${left(until, nowMs)}</span><span class="q sm">ends ${timeTag(until, nowMs)}</span>
    </div>
    <svg
      class="gone"
      viewBox="0 0 100 4"
      preserveAspectRatio="none"
      role="img"
      aria-label="${gone} % of its time is gone"
    >
      <rect width="100" height="4" />
      <rect class="done" width="${gone}" height="4" />
    </svg>
  </div>`;
}

/** Deployments named on an account's page; the list of the estate has them all. */
const DEPLOYMENTS_MAX = 60;

function deployments(model: ResourcePageModel): Html | null {
  const { resource } = model;
  const { target, key, summary } = resource;
  if (summary === undefined || target !== key || summary.deployments.length === 0) return null;
  const shown = summary.deployments.slice(0, DEPLOYMENTS_MAX);
  const rest = summary.deployments.length - shown.length;
  return html`<section>
    ${heading(model, 2, "", count(summary.deployments.length, "deployment"))}
    <ul>
      ${shown.map((deployment) => {
        const id = belowOf(summary, "deployments", deployment.name);
        const standing = worstOf(summary.deviations.filter((deviation) => deviation.target === id));
        return html`<li class="line sm">
          <a href="${resourceHref(id)}"><code>${deployment.name}</code></a
          ><span class="q">${deployment.model}, ${capacityOf(deployment)}</span
          >${statusWord(toneOf[standing], cellWords[standing])}
        </li>`;
      })}
    </ul>
    ${rest === 0 ? null : html`<p class="q sm">and ${rest} more</p>`}
  </section>`;
}

function history(model: ResourcePageModel): Html {
  const { history: entries, older, nowMs } = model;
  return html`<section>
    ${heading(model, 2, "", "History")}${
      entries.length === 0
        ? html`<p class="q sm">
            ${older === null ? "Nothing is in the ledger about it." : "Nothing about it among these entries of its account."}
          </p>`
        : html`<ol class="tale">
            ${entries.map((entry) => ownLine(entry, nowMs))}
          </ol>`
    }${older === null ? null : html`<p class="line"><a class="btn small" href="${older}">Show older ones</a></p>`}
  </section>`;
}

/** Of the body's text; what is longer is cut, and says so. */
const BODY_CHARACTERS_MAX = 24_000;

function raw({ resource: { body, readAt }, nowMs }: ResourcePageModel): Html | null {
  if (body === null || readAt === null) return null;
  const text = JSON.stringify(body, null, 2);
  const cut = text.length - BODY_CHARACTERS_MAX;
  return html`<section>
    <details>
      <summary>Body as Azure answered, first seen so at ${timeTag(readAt, nowMs)}</summary>
      <pre class="raw" tabindex="0" aria-label="Body">
${cut <= 0 ? text : `${text.slice(0, BODY_CHARACTERS_MAX)}\n… ${cut} characters more`}</pre>
    </details>
  </section>`;
}
