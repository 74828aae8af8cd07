/** Whether a chain, or all of them, holds; and how to check without trusting this page. */
import type { LedgerVerdict } from "../ledger/seal.ts";
import { html, type Html } from "./html.ts";
import { entryPath } from "./ledgerModel.ts";
import { lead, panel } from "./panels.ts";
import { fact, note } from "./parts.ts";
import { paths } from "./paths.ts";
import { count, grouped, timeTag } from "./words.ts";

export interface VerifyModel {
  /** Whose chain; null where all were checked. */
  readonly target: { readonly name: string; readonly pk: string } | null;
  /** Undefined where there is more than a page reads. */
  readonly found: { readonly verdict: LedgerVerdict; readonly tookMs: number; readonly isCut: boolean } | undefined;
  readonly readMax: number;
  readonly nowMs: number;
}

export function ledgerVerifyPage(model: VerifyModel): Html {
  const { found, target, nowMs } = model;
  return html`<p class="crumb"><a href="${paths.ledger}">Ledger</a></p>
    ${lead({ title: sentence(model), below: "Each entry holds the hash of the one before, and once a minute the heads of all chains are sealed together." })}${
      found === undefined || found.verdict.ok ? null : bad(found.verdict, found.isCut, target?.pk ?? null)
    }
    <div class="two">
      ${panel({
        id: "checked",
        title: "What was checked",
        content: html`<div class="body">
          ${
            found === undefined
              ? html`<p>
                  There are more than ${count(model.readMax, "entry", "entries")}: more than a page reads. The command
                  beside reads all of them.
                </p>`
              : html`<dl class="facts">
                  ${fact("Entries", grouped(found.verdict.entries))}${fact("Chains", grouped(found.verdict.chains))}${fact("Sealed to", found.verdict.sealedTo === null ? "not sealed yet" : timeTag(found.verdict.sealedTo, nowMs))}${fact("Took", `${(found.tookMs / 1000).toFixed(1)} s`)}${fact("Checked", "each entry’s own hash, its link to the one before, its place; one outcome for each intent; the seals against the entries")}
                </dl>`
          }
        </div>`,
      })}${panel({
        id: "self",
        title: "Check it yourself",
        content: html`<div class="body">
          <p>
            This page is made by the product that it judges. The command reads the records and checks them where it
            runs:
          </p>
          <pre class="yaml" tabindex="0">npx steelyard ledger verify --json</pre>
          <p class="q sm">
            Exit code 1 when a record does not hold; it is named. The entries themselves: <code>GET /api/ledger</code>,
            the seals: <code>GET /api/ledger/seals</code>.
          </p>
        </div>`,
      })}
    </div>`;
}

function sentence({ target, found }: VerifyModel): Html {
  const whose = target === null ? html`The ledger` : html`The chain of <code>${target.name}</code>`;
  if (found === undefined) return html`${whose} is too long to be checked on a page`;
  const { ok, entries } = found.verdict;
  return ok ? html`${whose} holds: ${count(entries, "entry", "entries")}, unbroken` : html`${whose} does not hold`;
}

function bad({ firstBad }: LedgerVerdict, isCut: boolean, pk: string | null): Html {
  if (firstBad === null) {
    return note("stop", isCut ? "It ends before its head: entries are missing at its end." : "It does not hold.");
  }
  const { chain, seq, reason } = firstBad;
  const where =
    chain === "seals"
      ? html`seal ${seq}`
      : html`<a href="${entryPath(chain, seq)}">entry ${grouped(seq)}</a
          >${pk === null ? html` of chain <code>${chain}</code>` : null}`;
  return note("stop", html`The first that does not hold is ${where}: ${reason}.`);
}
