/** The first sentence of the overview: true, drawn from the counts, and fit to be read aloud. */
import { filterQuery, type EstateFilter } from "./estateFilter.ts";
import { html, type Html, type Insert } from "./html.ts";
import { statusWord } from "./parts.ts";
import { paths } from "./paths.ts";
import type { Tone } from "./proposalModel.ts";
import type { Counted, Stand, Tally } from "./tally.ts";
import { count, environmentWord, grouped, timeTag } from "./words.ts";

/** Why there is nothing to count, or that what is counted is held. */
export type Standstill =
  | { readonly kind: "none" }
  /** No configuration, no subscription or no standard; the sentence says which. */
  | { readonly kind: "nothing"; readonly title: string; readonly next: string }
  | { readonly kind: "paused"; readonly since: string | null };

export interface VerdictInput {
  readonly counted: Counted;
  readonly standstill: Standstill;
  /** No standard asks or writes anywhere. */
  readonly isAuditOnly: boolean;
  /** When the picture was read, where it is not of now. */
  readonly staleSince: string | null;
  /** No sweep has got to its end yet: there may be more than is counted. */
  readonly isPartial: boolean;
  /** A sweep is under way. */
  readonly isSweeping: boolean;
  readonly nowMs: number;
}

export interface Verdict {
  readonly title: Html;
  readonly below: Html | null;
}

export function verdict(input: VerdictInput): Verdict {
  const { counted, standstill, nowMs } = input;
  const { inside, outside } = counted;
  if (standstill.kind === "nothing") return { title: html`${standstill.title}`, below: html`${standstill.next}` };
  if (inside.all + outside.all === 0) {
    const next = input.isSweeping
      ? "Every subscription that is enrolled is being looked through; accounts appear as they are read."
      : "The first sweep begins within a minute of the configuration; accounts appear as they are read.";
    return { title: html`No account has been looked at yet`, below: html`${next}` };
  }
  const [tally, where] =
    inside.all === 0 ? [outside, ""] : [inside, outside.all === 0 ? "" : `in ${environmentWord(counted.first)}`];
  const environment = inside.all === 0 ? undefined : counted.first;
  const said = sentence(tally, {
    where,
    environment,
    isPast: input.staleSince !== null,
    isAuditOnly: input.isAuditOnly,
  });
  const before = input.staleSince === null ? null : html`At ${timeTag(input.staleSince, nowMs)}, `;
  const held =
    standstill.kind !== "paused"
      ? null
      : html`${statusWord("open", "All writes are paused")}${standstill.since === null ? null : html` since ${timeTag(standstill.since, nowMs)}`}. `;
  const title = html`${held}${before}${before === null ? capital(said) : said}`;
  return { title, below: below(input, inside.all === 0 ? null : outside) };
}

interface Place {
  readonly where: string;
  readonly environment: string | undefined;
  readonly isPast: boolean;
  readonly isAuditOnly: boolean;
}

function sentence(tally: Tally, place: Place): readonly Insert[] {
  const { all, met } = tally;
  const { where, isPast } = place;
  const are = isPast ? "were" : all === 1 ? "is" : "are";
  const it = all === 1 ? "it" : "they";
  const tail = where === "" ? "" : ` ${where}`;
  if (met === all) {
    const what = all === 1 ? `the one target${tail}` : `all ${grouped(all)} targets${tail}`;
    return [`${what} ${are} as ${it} should be.`];
  }
  const lead = where === "" ? "" : `${where}, `;
  const are2 = isPast ? "were" : met === 1 ? "is" : "are";
  const first = `${lead}${grouped(met)} of ${count(all, "target")} ${are2} as they should be; `;
  return [first, html`<span class="then">${listed(clauses(tally, place))}.</span>`];
}

function clauses(tally: Tally, { environment, isAuditOnly, isPast }: Place): Html[] {
  const be = (number: number): string => (isPast ? (number === 1 ? "was" : "were") : number === 1 ? "is" : "are");
  const verb = (number: number, one: string, many: string, past: string): string =>
    isPast ? past : number === 1 ? one : many;
  const texts: Readonly<Record<Exclude<Stand, "met">, (number: number) => string>> = {
    waits: (n) => `${grouped(n)} ${verb(n, "waits", "wait", "waited")} for people`,
    blocked: (n) => `${grouped(n)} ${be(n)} blocked`,
    writing: (n) => `${grouped(n)} ${be(n)} being put right`,
    told: (n) =>
      isAuditOnly && tally.would > 0
        ? `Steelyard would change ${tally.would === n ? "" : `${grouped(tally.would)} of `}${tally.would === n ? grouped(n) : `${grouped(n)} that differ`}`
        : `${grouped(n)} ${verb(n, "differs", "differ", "differed")} and nobody is asked`,
    left: (n) => `${grouped(n)} ${be(n)} left as people decided`,
    waived: (n) => `${grouped(n)} ${be(n)} open by a waiver`,
    unknown: (n) => `${grouped(n)} ${be(n)} unknown`,
  };
  const tones: Readonly<Record<Exclude<Stand, "met">, Tone>> = {
    waits: "wait",
    blocked: "stop",
    writing: "work",
    told: "open",
    left: "open",
    waived: "open",
    unknown: "unknown",
  };
  const order: readonly Exclude<Stand, "met">[] = ["waits", "blocked", "writing", "told", "left", "waived", "unknown"];
  return order
    .filter((stand) => tally[stand] > 0)
    .map(
      (stand) =>
        html`<a href="${hrefOf(stand, environment)}">${statusWord(tones[stand], texts[stand](tally[stand]))}</a>`,
    );
}

/** The estate, narrowed to what stands so. */
function hrefOf(stand: Exclude<Stand, "met">, environment: string | undefined): string {
  const state: EstateFilter["state"] = stand === "writing" || stand === "told" || stand === "left" ? "open" : stand;
  return `${paths.estate}${filterQuery({ view: "accounts", state, ...(environment === undefined ? {} : { environment }) })}`;
}

/** What is outside the first environment, in plain words. */
function below({ isAuditOnly, isPartial, counted }: VerdictInput, outside: Tally | null): Html | null {
  const note = [
    isPartial ? "Not every account has been looked at yet. " : "",
    isAuditOnly ? "Every standard only audits: nothing is asked and nothing is written. " : "",
  ].join("");
  if (outside === null || outside.all === 0) return note === "" ? null : html`${note}`;
  const { all, met } = outside;
  const where = `Outside ${environmentWord(counted.first)}`;
  if (met === all) return html`${note}${where} all ${grouped(all)} are as they should be.`;
  const rest = [
    plain(outside.waits, "waits for people", "wait for people"),
    plain(outside.blocked, "is blocked", "are blocked"),
    plain(outside.writing, "is being put right now", "are being put right now"),
    plain(outside.told, "differs and nobody is asked", "differ and nobody is asked"),
    plain(outside.left, "is left as people decided", "are left as people decided"),
    plain(outside.waived, "is open by a waiver", "are open by a waiver"),
    plain(outside.unknown, "is unknown", "are unknown"),
  ].filter((text) => text !== "");
  return html`${note}${where} ${grouped(met)} of ${grouped(all)} are; ${listed(rest.map((text) => html`${text}`))}.`;
}

function plain(number: number, one: string, many: string): string {
  return number === 0 ? "" : `${grouped(number)} ${number === 1 ? one : many}`;
}

/** `a, b and c` */
function listed(items: readonly Html[]): Insert[] {
  return items.flatMap((item, index): Insert[] =>
    index === 0 ? [item] : [index === items.length - 1 ? " and " : ", ", item],
  );
}

function capital([first, ...rest]: readonly Insert[]): readonly Insert[] {
  return typeof first === "string" ? [first.charAt(0).toUpperCase() + first.slice(1), ...rest] : [first, ...rest];
}
