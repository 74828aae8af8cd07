/** One entry of the ledger: before and after, why, by whom, how; its place in the chain; how to take it back. */
import type { LedgerEntry } from "../ledger/chain.ts";
import { canonicalJson } from "../kernel/canonicalJson.ts";
import { fromIso } from "../kernel/clock.ts";
import { pageOf } from "./approvalsPage.ts";
import { html, type Html, type Insert } from "./html.ts";
import { entryPath, type LedgerRow } from "./ledgerModel.ts";
import { markWords } from "./ledgerPage.ts";
import { lead, panel } from "./panels.ts";
import { chip, diff, fact, idTag, note, statusWord } from "./parts.ts";
import { paths } from "./paths.ts";
import type { Permission } from "./person.ts";
import { clockTag, count, grouped, span, timeTag } from "./words.ts";

export interface Neighbour {
  readonly seq: number;
  readonly hash: string;
}

export interface EntryDetail {
  readonly row: LedgerRow;
  readonly entry: LedgerEntry;
  /** When the write was about to be sent; null for what is no write. */
  readonly intendedAt: string | null;
  /** What the write was read back as; null before that, and for what is no write. */
  readonly readBack: {
    readonly at: string;
    readonly result: string;
    /** Fields that are not as they were written: what is there instead. */
    readonly others: readonly { readonly name: string; readonly value: string }[];
    readonly error: { readonly code: string; readonly message: string } | null;
  } | null;
  readonly standardTitle: string | null;
  /** Those who agreed, with what they gave as a reason; null where it is no write. */
  readonly agreed: readonly { readonly by: string; readonly reason: string | null }[] | null;
  readonly changedBy: string | null;
  /** The proposal that it is about. */
  readonly proposal: string | null;
  readonly run: string | null;
  readonly reason: string | null;
  readonly before: Neighbour | null;
  readonly after: Neighbour | null;
  /** Whether the entry's own hash holds, and the two that it stands between. */
  readonly holds: { readonly own: boolean; readonly before: boolean; readonly after: boolean };
  /** The first seal that covers it; null while it waits for one. */
  readonly sealedAt: string | null;
  /** Null where there is nothing to take back. */
  readonly undo: UndoOffer | null;
}

export interface UndoOffer {
  readonly permission: Permission;
  readonly fields: number;
  /** What would change it again: the standard that demands it, if it still holds there. */
  readonly standard: string;
  readonly until: string;
}

/** Below a row of the list, and on the page of its own. */
export function entryDetail(detail: EntryDetail, nowMs: number, isPage: boolean): Html {
  return html`<div class="detail">
    <div>${what(detail)}${detail.undo === null ? null : undoBox(detail, detail.undo, nowMs)}</div>
    <div>
      <section>
        <h3>Why, by whom, how</h3>
        ${why(detail, nowMs)}
      </section>
      <section>
        <h3>Chain</h3>
        ${chain(detail, nowMs)}
      </section>
      ${isPage ? null : html`<p class="sm line"><a href="${detail.row.href}">Open on a page of its own</a></p>`}
    </div>
  </div>`;
}

function what({ row, entry, readBack, reason }: EntryDetail): Html {
  if (row.fields.length > 0) {
    const heading = html`<code>${row.target.name}${row.target.below === null ? null : `/${row.target.below}`}</code>,
      only the fields we own`;
    return html`<h3>Before and after, from the snapshots</h3>
      ${diff(heading, row.fields)}${
        readBack?.error === null || readBack === null
          ? null
          : html`<p></p>
              ${note("stop", readBack.error.message, readBack.error.code)}`
      }`;
  }
  const text = canonicalJson(entry.body);
  return html`<h3>What it says</h3>
    <p>${row.sentence}</p>
    ${reason === null ? null : html`<blockquote class="q">${reason}</blockquote>`}
    <details>
      <summary>As it stands in the ledger</summary>
      <pre class="yaml" tabindex="0">
${text.length > RAW_CHARACTERS_MAX ? `${text.slice(0, RAW_CHARACTERS_MAX)}…` : text}</pre>
    </details>`;
}

const RAW_CHARACTERS_MAX = 6_000;

function why(detail: EntryDetail, nowMs: number): Html {
  const { row, intendedAt, readBack, agreed, changedBy, proposal, run } = detail;
  const facts: Insert[] = [];
  if (row.authority !== null) {
    facts.push(fact("Authority", html`${chip(row.authority)} ${detail.standardTitle ?? ""}`));
  }
  if (row.by !== null) facts.push(fact("By", idTag(row.by)));
  if (agreed !== null)
    facts.push(fact("Agreed", agreed.length === 0 ? "nobody had to be asked" : agreed.map(agreedText)));
  if (changedBy !== null) facts.push(fact("Made necessary by", idTag(changedBy)));
  if (intendedAt !== null)
    facts.push(fact("Intent", html`${clockTag(intendedAt, nowMs)}, in the ledger before it was sent`));
  if (readBack !== null) facts.push(fact("Read back", readBackText(readBack, intendedAt, nowMs)));
  if (intendedAt === null) facts.push(fact("Recorded", clockTag(row.at, nowMs)));
  if (proposal !== null)
    facts.push(fact("Change", html`<a href="${pageOf(proposal)}"><code>${proposal.slice(0, 12)}…</code></a>`));
  if (run !== null) facts.push(fact("Run", html`<a href="${paths.ledger}/runs/${run}"><code>${run}</code></a>`));
  if (row.target.id.startsWith("/subscriptions/")) {
    facts.push(fact("Pass", html`<a href="${paths.orchestrations}/${row.pk}">see how the last pass over it went</a>`));
  }
  facts.push(fact("Resource", html`<code>${row.target.id}</code>`));
  return html`<dl class="facts">${facts}</dl>`;
}

function agreedText({ by, reason }: { readonly by: string; readonly reason: string | null }): Html {
  return html`<div>${idTag(by)}${reason === null || reason === "" ? null : html`: “${reason}”`}</div>`;
}

function readBackText(
  { at, result, others, error }: NonNullable<EntryDetail["readBack"]>,
  intendedAt: string | null,
  nowMs: number,
): Html {
  const took = intendedAt === null ? "" : `, ${span(fromIso(at) - fromIso(intendedAt))} later`;
  const time = html`${clockTag(at, nowMs)}${took}: `;
  if (error !== null) return html`${time}${statusWord("stop", "refused by Azure")}`;
  if (result === "applied") return html`${time}${statusWord("met", "as written")}`;
  if (others.length === 0)
    return html`${time}${result === "notApplied" ? "not written, as before" : "the target is gone"}`;
  return html`${time}${others.map(({ name, value }) => html`<code>${name}</code> is <code>${value}</code> `)}`;
}

function chain({ row, before, after, holds, sealedAt }: EntryDetail, nowMs: number): Html {
  const mark = (isGood: boolean): Html => (isGood ? statusWord("met", "holds") : statusWord("stop", "does not hold"));
  const line = (label: string, seq: number, hash: string, isGood: boolean, isThis = false): Html => {
    const number = html`<code title="${hash}">${hash.slice(0, 8)}…${hash.slice(-2)}</code> ${grouped(seq)}`;
    return html`<div>
      <dt>${label}</dt>
      <dd>${isThis ? html`<b>${number}</b>` : html`<a href="${entryPath(row.pk, seq)}">${number}</a>`}</dd>
      <dd>${mark(isGood)}</dd>
    </div>`;
  };
  return html`<dl class="chain">
      ${before === null ? null : line("Before it", before.seq, before.hash, holds.before)}${line("This entry", row.seq, row.hash, holds.own, true)}${after === null ? null : line("After it", after.seq, after.hash, holds.after)}
    </dl>
    <p class="sm q">
      ${before === null ? "The first entry of its chain. " : null}${
        sealedAt === null ? "Not sealed yet." : html`Sealed at ${timeTag(sealedAt, nowMs)}.`
      }
      <a href="${paths.ledger}/${row.pk}/verify">Verify this chain</a>
    </p>`;
}

function undoBox({ row, run }: EntryDetail, { permission, fields, standard, until }: UndoOffer, nowMs: number): Html {
  const back = count(fields, "field");
  return html`<section class="box" aria-labelledby="undo-${row.seq}">
    <h3 id="undo-${row.seq}"><span class="i undo"></span>Undo</h3>
    <p>
      Undo puts ${back} back from the snapshot. ${standard} would put ${fields === 1 ? "it" : "them"} right again at the
      next look, so it is held off on ${fields === 1 ? "it" : "them"} for a day, until ${timeTag(until, nowMs)}; then it
      is in force and asks again.
    </p>
    <div class="line">
      ${
        permission.may
          ? html`<a class="btn small" href="${row.href}/undo">Show what undo would do</a>`
          : html`<p class="why">${permission.why}</p>`
      }${run === null ? null : html`<a class="sm" href="${paths.ledger}/runs/${run}">the whole run ${run}</a>`}
    </div>
  </section>`;
}

export interface EntryPageModel {
  readonly detail: EntryDetail;
  readonly stale: Html | null;
  readonly done: boolean;
  readonly nowMs: number;
}

export function entryPage({ detail, stale, done, nowMs }: EntryPageModel): Html {
  const { row } = detail;
  return html`<p class="crumb"><a href="${paths.ledger}">Ledger</a></p>
    ${lead({
      title: html`<code>${row.target.name}${row.target.below === null ? null : `/${row.target.below}`}</code>, entry
        ${grouped(row.seq)}: ${markWords[row.mark].toLowerCase()}`,
      below: html`${clockTag(row.at, nowMs)}, ${headline(row)}`,
    })}${done ? note("met", "The change is being taken back; the standard waits for a day.") : null}${stale}
    ${panel({
      id: "entry",
      title: `Entry ${grouped(row.seq)}`,
      beside: html`of the chain of <code>${row.target.name}</code>`,
      content: html`<div class="body">${entryDetail(detail, nowMs, true)}</div>`,
    })}`;
}

function headline({ fields, sentence }: LedgerRow): Insert {
  const said = sentence === "" ? "" : `${sentence}. `;
  return fields.length === 0 ? said : `${count(fields.length, "field")}. ${said}`;
}
