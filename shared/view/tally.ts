/** What the overview counts: every target of the estate, in and outside the first environment, and what hangs on the beam. */
import type { BeamGroup, Weight } from "./beam.ts";
import { filterQuery } from "./estateFilter.ts";
import {
  compareTexts,
  rowsOf,
  views,
  type EstateRow,
  type EstateStandard,
  type Summary,
  type View,
} from "./estateModel.ts";
import { paths } from "./paths.ts";
import type { Tone } from "./proposalModel.ts";

/**
 * How a target stands. `writing`: agreed to or enforced, and nothing stands in the way. `left`: people said no. `told`:
 * not as it should be, and nobody is asked: the mode is audit, or there is no remedy.
 */
export const stands = ["waits", "blocked", "writing", "told", "left", "waived", "unknown", "met"] as const;
export type Stand = (typeof stands)[number];

export interface Tally extends Readonly<Record<Stand, number>> {
  readonly all: number;
  /** Of those told: a standard with a remedy says so, which another mode would ask about or write. */
  readonly would: number;
}

export interface Counted {
  /** Name of the first environment, where what belongs to none is held as well: production by convention. */
  readonly first: string;
  readonly inside: Tally;
  readonly outside: Tally;
  /** Of the first environment; of all where it has no target. */
  readonly groups: readonly BeamGroup[];
  /** Rows of the estate that are not met, by ID: what a picture over time ends at. */
  readonly differing: ReadonlyMap<string, number>;
  /** What stands in the way of what is demanded, with how many there are, most first. */
  readonly blockedBy: ReadonlyMap<string, number>;
}

export interface CountedStandard extends Pick<EstateStandard, "id" | "label"> {
  readonly hasRemedy: boolean;
}

const nouns: Readonly<Record<View, readonly [string, string]>> = {
  accounts: ["account", "accounts"],
  deployments: ["deployment", "deployments"],
  policies: ["content policy", "content policies"],
};

/** @param accounts those that are there */
export function counted(accounts: readonly Summary[], first: string, standards: readonly CountedStandard[]): Counted {
  const known = new Map(standards.map((standard) => [standard.id, standard]));
  const inside = emptyTally();
  const outside = emptyTally();
  const differing = new Map<string, number>();
  const rows = views.map((view) => [view, rowsOf(accounts, view)] as const);
  for (const [, list] of rows) {
    for (const row of list) {
      add(row.account.environment === first ? inside : outside, row, known);
      if (row.standing !== "met") differing.set(row.target, row.deviations.size);
    }
  }
  const isShown = (row: EstateRow): boolean => inside.all === 0 || row.account.environment === first;
  const groups = rows.map(([view, list]) =>
    groupOf(view, list.filter(isShown), known, inside.all === 0 ? undefined : first),
  );
  return { first, inside, outside, groups, differing, blockedBy: blockedBy(accounts) };
}

function blockedBy(accounts: readonly Summary[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { deviations } of accounts)
    for (const { state, condition } of deviations)
      if (state === "blocked" && condition !== null) counts.set(condition, (counts.get(condition) ?? 0) + 1);
  return new Map([...counts].sort(([, a], [, b]) => b - a));
}

type Mutable = { -readonly [K in keyof Tally]: Tally[K] };

function emptyTally(): Mutable {
  return { all: 0, would: 0, waits: 0, blocked: 0, writing: 0, told: 0, left: 0, waived: 0, unknown: 0, met: 0 };
}

function add(tally: Mutable, row: EstateRow, known: ReadonlyMap<string, CountedStandard>): void {
  const stand = standOf(row);
  tally.all += 1;
  tally[stand] += 1;
  if (stand !== "told") return;
  const would = [...row.deviations.values()].some(
    ({ state, standard }) => state === "open" && known.get(standard)?.hasRemedy === true,
  );
  if (would) tally.would += 1;
}

export function standOf({ standing, deviations }: EstateRow): Stand {
  if (standing !== "open") return standing;
  const open = [...deviations.values()].filter(({ state }) => state === "open").map(({ condition }) => condition);
  if (open.every((condition) => condition === "Writing")) return "writing";
  return open.some((condition) => condition === null) ? "told" : "left";
}

const marks: Readonly<Record<Exclude<Stand, "met">, readonly [Tone, string]>> = {
  waits: ["wait", "Waits"],
  blocked: ["stop", "Blocked"],
  writing: ["work", "Being put right"],
  told: ["open", "Differs"],
  left: ["open", "Left as it is"],
  waived: ["open", "Waived"],
  unknown: ["unknown", "Unknown"],
};

const weightOrder: readonly Stand[] = ["blocked", "waits", "told", "left", "unknown", "writing", "waived"];

function groupOf(
  view: View,
  rows: readonly EstateRow[],
  known: ReadonlyMap<string, CountedStandard>,
  environment: string | undefined,
): BeamGroup {
  const [one, many] = nouns[view];
  const sorted = rows.toSorted((a, b) => compareTexts(nameOf(a), nameOf(b)));
  const weights = sorted.flatMap((row, index): (Weight & { readonly stand: Stand })[] => {
    const stand = standOf(row);
    if (stand === "met") return [];
    const [tone, word] = marks[stand];
    const filter = { view, ...(environment === undefined ? {} : { environment }) };
    const href = `${paths.estate}${filterQuery(filter, { at: row.target })}#drawer`;
    return [{ stand, index, tone, word, name: nameOf(row), what: whatOf(row, known), href }];
  });
  const order = ({ stand }: { readonly stand: Stand }): number => weightOrder.indexOf(stand);
  weights.sort((a, b) => order(a) - order(b));
  return { label: rows.length === 1 ? one : many, count: rows.length, weights };
}

function nameOf({ account, name, target }: EstateRow): string {
  return target === account.key ? account.name : `${account.name}/${name}`;
}

/** What the heaviest of its deviations is about. */
function whatOf({ standing, deviations }: EstateRow, known: ReadonlyMap<string, CountedStandard>): string {
  const found = [...deviations.values()];
  const heaviest = found.find(({ state }) => state === standing) ?? found[0];
  if (heaviest === undefined) return "";
  const label = known.get(heaviest.standard)?.label ?? heaviest.standard;
  return found.length === 1 ? label : `${label} and ${found.length - 1} more`;
}
