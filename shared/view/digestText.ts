/**
 * A digest as people read it: sections of lines, and the plain text of them that goes into a chat. Times are UTC and
 * absolute, so that the text of a digest never changes.
 */
import type { Digest } from "../desired/digest.ts";
import type { Bounded } from "../desired/digestLists.ts";
import { count, grouped } from "./words.ts";

export interface DigestSection {
  /** `12 changes wait for approval` */
  readonly title: string;
  readonly lines: readonly string[];
  /** Lines that are not among them. */
  readonly more: number;
}

/** Lines of one section in a chat; the digest itself has more. */
export const LINES_MAX = 15;

/** What there is to tell; a section about which there is nothing is left out. `linesMax`: of each section. */
export function digestSections(digest: Digest, linesMax = LINES_MAX): DigestSection[] {
  const make = [waiting, pending, findings, held, written, undone, waivers, ended, configured, problems];
  return make.flatMap((section) => {
    const { title, lines } = section(digest);
    if (lines.total === 0) return [];
    const items = lines.items.slice(0, linesMax);
    return [{ title, lines: items, more: lines.total - items.length }];
  });
}

/** What stands above the sections: that writing is paused, that the counts are not whole, that there is nothing. */
export function digestNotes(digest: Digest): string[] {
  const { paused, atLeast } = digest;
  const notes: string[] = [];
  if (paused) notes.push("Writing is paused by the operators.");
  if (atLeast.length > 0) {
    const what = atLeast.map((reading) => (reading === "entries" ? "ledger entries" : reading)).join(", ");
    notes.push(`There are more ${what} than one digest is made from: what is counted from them is at least this.`);
  }
  if (digestSections(digest).length === 0) notes.push(quiet);
  return notes;
}

const quiet = "Nothing waits for approval, nothing was found or is open, and nothing was written.";

export function digestText(digest: Digest): string {
  const { date, from, to } = digest;
  const head = [`Steelyard, ${date}: ${time(from)} to ${time(to)} UTC`, ...digestNotes(digest)];
  const sections = digestSections(digest).map(({ title, lines, more }) => {
    const rest = more === 0 ? [] : [`- and ${grouped(more)} more`];
    return [title, ...lines.map((line) => `- ${line}`), ...rest].join("\n");
  });
  return `${[head.join("\n"), ...sections].join("\n\n")}\n`;
}

interface Told {
  readonly title: string;
  readonly lines: Bounded<string>;
}

function time(iso: string): string {
  return iso.slice(0, 16).replace("T", " ");
}

function lined<T>({ items, total }: Bounded<T>, line: (item: T) => string): Bounded<string> {
  return { items: items.map(line), total };
}

function named({ titles }: Digest, standard: string): string {
  const title = titles[standard];
  return title === undefined ? standard : `${standard} (${title})`;
}

function byWhom(verb: string, { items, total }: Bounded<string>): string {
  if (total === 0) return "";
  const rest = total > items.length ? ` and ${grouped(total - items.length)} more` : "";
  return `, ${verb} ${items.join(", ")}${rest}`;
}

/** The parts that are not none. */
function parts(pairs: readonly (readonly [number, string])[]): string {
  return pairs
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${grouped(number)} ${word}`)
    .join(", ");
}

function waiting(digest: Digest): Told {
  const { waiting: rows, totals } = digest;
  const title = `${count(totals.waiting, "change")} ${totals.waiting === 1 ? "waits" : "wait"} for approval`;
  const lines = lined(rows, ({ standard, environment, request, count: number, oldest, expiresAt, escalated }) => {
    const how = request === null ? "asked one by one" : `in request ${request}`;
    const more = escalated === 0 ? "" : `, ${grouped(escalated)} escalated`;
    const where = `${named(digest, standard)}, ${environment}`;
    return `${where}: ${grouped(number)} ${how}, so since ${time(oldest)}, answer by ${time(expiresAt)}${more}`;
  });
  return { title, lines };
}

function pending(digest: Digest): Told {
  const { total } = digest.pendingChanges;
  const title = `${count(total, "change")} of the configuration ${total === 1 ? "waits" : "wait"} for a second person`;
  const lines = lined(
    digest.pendingChanges,
    ({ id, by, expiresAt }) => `${id}, proposed by ${by}, answer by ${time(expiresAt)}`,
  );
  return { title, lines };
}

function findings(digest: Digest): Told {
  const { open, unknown, closed } = digest.totals;
  const told = parts([
    [digest.totals.new, "new"],
    [closed, "closed"],
    [unknown, "not known"],
  ]);
  const lines = lined(digest.findings, (row) => {
    const numbers: [number, string][] = [
      [row.new, "new"],
      [row.closed, "closed"],
      [row.unknown, "not known"],
      [row.waived, "waived"],
    ];
    const more = parts(numbers);
    return `${named(digest, row.standard)}, ${row.environment}: ${grouped(row.open)} open${more === "" ? "" : `, ${more}`}`;
  });
  return { title: `${count(open, "finding")} open${told === "" ? "" : `, ${told}`}`, lines };
}

function held(digest: Digest): Told {
  const { totals, held: rows } = digest;
  const title = `${grouped(totals.held)} held, by reason`;
  return {
    title,
    lines: lined(rows, ({ reason, count: number, actors }) => `${reason}: ${grouped(number)}${byWhom("by", actors)}`),
  };
}

function written(digest: Digest): Told {
  const { unasked, agreed } = digest.totals;
  const lines = lined(digest.written, (row) => {
    const numbers: [number, string][] = [
      [row.unasked, "unasked"],
      [row.agreed, "agreed to"],
    ];
    return `${named(digest, row.standard)}: ${parts(numbers)}${byWhom("by", row.agreedBy)}`;
  });
  return { title: `${count(unasked + agreed, "change")} written and read back`, lines };
}

function undone(digest: Digest): Told {
  const lines = lined(
    digest.undone,
    ({ standard, count: number, by }) => `${named(digest, standard)}: ${grouped(number)}${byWhom("by", by)}`,
  );
  return { title: `${count(digest.totals.undone, "change")} taken back`, lines };
}

function waivers(digest: Digest): Told {
  const { total } = digest.waivers;
  const title = `${count(total, "waiver")} ${total === 1 ? "ends" : "end"} within a day`;
  const lines = lined(
    digest.waivers,
    ({ id, target, until, by }) => `${time(until)}: ${id} on ${target}, opened by ${by}`,
  );
  return { title, lines };
}

function ended(digest: Digest): Told {
  const { expired, void: ended } = digest.totals;
  const numbers: [number, string][] = [
    [expired, "expired"],
    [ended, "void"],
  ];
  const lines = lined(
    digest.ended,
    ({ standard, environment, state, reason, count: number }) =>
      `${named(digest, standard)}, ${environment}: ${grouped(number)} ${state}, ${reason}`,
  );
  return { title: `${count(expired + ended, "proposal")} ended without a write: ${parts(numbers)}`, lines };
}

function configured(digest: Digest): Told {
  const lines = lined(digest.configured, ({ version, by, agreedBy, changed }) => {
    const second = agreedBy.length === 0 ? "" : `, agreed to by ${agreedBy.join(", ")}`;
    return `version ${version}: ${count(changed, "value")} by ${by}${second}`;
  });
  return { title: `${count(digest.configured.total, "change")} of the configuration`, lines };
}

function problems(digest: Digest): Told {
  const lines = lined(digest.problems, ({ reason, message }) => `${reason}: ${message}`);
  return { title: `${count(digest.problems.total, "problem")} with Steelyard's own work`, lines };
}
