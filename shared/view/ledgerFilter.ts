/** What the ledger can be narrowed to: as a query of the page's address, as bounds of what is read, as a test of a row. */
import { z } from "zod";
import type { EntryType, LedgerEntry } from "../ledger/chain.ts";
import { dayMs, toIso } from "../kernel/clock.ts";
import { html, type Html } from "./html.ts";
import type { LedgerRow } from "./ledgerModel.ts";
import { filterBar, type Choice } from "./lists.ts";
import { paths } from "./paths.ts";
import { shortId } from "./words.ts";

const whens = { "": "Any time", today: "Today", yesterday: "Yesterday", week: "7 days", month: "30 days" } as const;

const kinds = {
  "": "All but intents",
  changes: "Changes",
  refused: "Refused",
  findings: "Findings",
  decisions: "Questions and decisions",
  undo: "Undo",
  configuration: "Configuration",
  all: "Every entry",
} as const;

const text = (max: number): z.ZodType<string> => z.string().trim().max(max).default("").catch("");

export const ledgerFilterSchema = z.object({
  /** As long as a resource ID may be. */
  q: text(1_024),
  when: z.enum(Object.keys(whens) as (keyof typeof whens)[]).catch(""),
  kind: z.enum(Object.keys(kinds) as (keyof typeof kinds)[]).catch(""),
  authority: text(60),
  /** `steelyard`, `people` or an object ID. */
  by: text(60),
  environment: text(30),
});

export type LedgerFilter = z.output<typeof ledgerFilterSchema>;

/** What only a pass of the product writes; the other types are people's acts. */
const typesOf: Readonly<Record<LedgerFilter["kind"], readonly EntryType[] | undefined>> = {
  "": ["finding", "proposal", "decision", "void", "claim", "outcome", "configuration", "deadLetter"],
  changes: ["outcome"],
  refused: ["outcome"],
  findings: ["finding"],
  decisions: ["proposal", "decision", "void"],
  undo: ["claim"],
  configuration: ["configuration"],
  all: undefined,
};

/** The one type that is asked for; undefined when there are several. */
export function singleType({ kind }: LedgerFilter): EntryType | undefined {
  const types = typesOf[kind];
  return types?.length === 1 ? types[0] : undefined;
}

/** The stretch of time, ISO 8601: from it on, and before its end. Whole days of UTC. */
export function boundsOf({ when }: LedgerFilter, nowMs: number): { readonly from?: string; readonly before?: string } {
  const midnight = Math.floor(nowMs / dayMs) * dayMs;
  switch (when) {
    case "":
      return {};
    case "today":
      return { from: toIso(midnight) };
    case "yesterday":
      return { from: toIso(midnight - dayMs), before: toIso(midnight) };
    case "week":
      return { from: toIso(midnight - 6 * dayMs) };
    case "month":
      return { from: toIso(midnight - 29 * dayMs) };
  }
}

/** Whether an entry can be shown at all, before what belongs to it is read. */
export function ofType({ kind }: LedgerFilter, { type, body }: LedgerEntry): boolean {
  const types = typesOf[kind];
  if (types !== undefined && !types.includes(type)) return false;
  const { error, result } = (body ?? {}) as { readonly error?: unknown; readonly result?: unknown };
  if (kind === "refused") return (error ?? null) !== null;
  return kind === "changes" ? result === "applied" : true;
}

/** @param environment of the row's target; undefined when nobody knows */
export function matches(filter: LedgerFilter, row: LedgerRow, environment: string | undefined): boolean {
  const { q, authority, by } = filter;
  if (filter.environment !== "" && environment !== filter.environment) return false;
  if (authority !== "" && row.authority?.label?.toLowerCase() !== authority.toLowerCase()) return false;
  if (by === "people" && row.by === null) return false;
  if (by === "steelyard" && row.by !== null) return false;
  if (!["", "people", "steelyard"].includes(by) && row.by !== by.toLowerCase()) return false;
  if (q === "") return true;
  const said = [row.target.id, row.authority?.label ?? "", row.hash.slice(0, 12), row.by ?? "", row.sentence];
  return [...said, ...row.fields.map(({ path }) => path)].join("\n").toLowerCase().includes(q.toLowerCase());
}

/** The address of the list narrowed so; `more` adds to it. */
export function ledgerHref(filter: LedgerFilter, more: Readonly<Record<string, string>> = {}): string {
  const set = Object.entries({ ...filter, ...more }).filter(([, value]) => value !== "");
  return set.length === 0 ? paths.ledger : `${paths.ledger}?${new URLSearchParams(set).toString()}`;
}

export interface LedgerChoices {
  readonly standards: readonly string[];
  readonly environments: readonly string[];
  readonly me: string;
}

export function ledgerTools(filter: LedgerFilter, choices: LedgerChoices, end: string): Html {
  const { standards, environments, me } = choices;
  const options = (map: Readonly<Record<string, string>>): Choice["options"] =>
    Object.entries(map).map(([value, label]) => ({ value, label }));
  const plain = (values: readonly string[], value: string): Choice["options"] =>
    [...new Set([...values, ...(value === "" ? [] : [value])])].map((item) => ({ value: item, label: item }));
  const stranger = ["", "steelyard", "people", me].includes(filter.by)
    ? []
    : [{ value: filter.by, label: shortId(filter.by) }];
  return filterBar({
    action: paths.ledger,
    search: { name: "q", value: filter.q, label: "Target, authority, hash or person" },
    choices: [
      { name: "when", label: "When", value: filter.when, options: options(whens) },
      { name: "kind", label: "Kind", value: filter.kind, options: options(kinds) },
      {
        name: "authority",
        label: "Authority",
        value: filter.authority,
        options: [{ value: "", label: "Any" }, ...plain(standards, filter.authority)],
      },
      {
        name: "by",
        label: "By",
        value: filter.by,
        options: [
          { value: "", label: "Anyone" },
          { value: "steelyard", label: "Steelyard" },
          { value: "people", label: "People" },
          { value: me, label: "Me" },
          ...stranger,
        ],
      },
      {
        name: "environment",
        label: "Environment",
        value: filter.environment,
        options: [{ value: "", label: "All" }, ...plain(environments, filter.environment)],
      },
    ],
    chips: removable(filter),
    end,
  });
}

const names: Readonly<Record<keyof LedgerFilter, string>> = {
  q: "Find",
  when: "When",
  kind: "Kind",
  authority: "Authority",
  by: "By",
  environment: "Environment",
};

/** One link for each thing that the list is narrowed by; it takes that one away. */
function removable(filter: LedgerFilter): readonly Html[] {
  const set = (Object.keys(names) as (keyof LedgerFilter)[]).filter((name) => filter[name] !== "");
  return set.map((name) => {
    const value = name === "when" ? whens[filter.when] : name === "kind" ? kinds[filter.kind] : filter[name];
    return html`<a class="pick on" href="${ledgerHref(filter, { [name]: "" })}"
      >${names[name]} <b>${shortId(value)}</b><span class="vh">: show all again</span><span class="i i-x"></span
    ></a>`;
  });
}
