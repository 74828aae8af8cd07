/**
 * The estate as a matrix of targets against standards. Everything that the page says, its sentence, its chips, the heads
 * of its columns and its cells, is counted from the same rows, so that they cannot disagree.
 */
import type { Deviation, Summary, SummaryDeployment } from "../desired/documents.ts";
import type { ResourceId } from "../estate/resourceId.ts";

export type { Summary } from "../desired/documents.ts";

/** What a row of the matrix is. */
export const views = ["accounts", "deployments", "policies"] as const;
export type View = (typeof views)[number];

/** How a target stands, most in want of attention first. */
export const standings = ["blocked", "waits", "open", "unknown", "waived", "met"] as const;
export type Standing = (typeof standings)[number];

/** A standard that holds somewhere, as the head of a column. */
export interface EstateStandard {
  readonly id: string;
  readonly title: string;
  /** What it is about, in two or three words. */
  readonly label: string;
  readonly view: View;
  /** Archetypes of subscriptions that it concerns. */
  readonly archetypes: readonly string[];
}

export type Cell =
  /** The standard does not concern this target. */
  { readonly state: "apart" } | { readonly state: Standing; readonly condition: string | null };

export interface EstateRow {
  readonly view: View;
  readonly account: Summary;
  readonly target: ResourceId;
  readonly name: string;
  /** Null for an account, a policy, and a deployment that only a finding still knows. */
  readonly deployment: SummaryDeployment | null;
  readonly standing: Standing;
  /** By standard; the worst where one standard found several things. */
  readonly deviations: ReadonlyMap<string, Deviation>;
}

export type Counts = Readonly<Record<Standing, number>>;

export interface EstateColumn extends EstateStandard {
  /** Cells of all rows that are not met, by standing. */
  readonly counts: Counts;
}

export function noCounts(): Record<Standing, number> {
  return { blocked: 0, waits: 0, open: 0, unknown: 0, waived: 0, met: 0 };
}

export function rankOf(standing: Standing): number {
  return standings.length - 1 - standings.indexOf(standing);
}

/** Accounts as {@link rowsOf} takes them. */
export function byName(accounts: Iterable<Summary>): Summary[] {
  return [...accounts].sort((a, b) => compareTexts(a.name, b.name) || compareTexts(a.key, b.key));
}

const rowsKept = new WeakMap<readonly Summary[], Map<View, readonly EstateRow[]>>();

/**
 * Rows of accounts, worst first: accounts by the worst of their rows, among equals in the order in which they came. Made
 * once for a list of accounts, which must not change in place: all who look at 4,000 accounts look at the same list.
 */
export function rowsOf(accounts: readonly Summary[], view: View): readonly EstateRow[] {
  const known = rowsKept.get(accounts) ?? new Map<View, readonly EstateRow[]>();
  rowsKept.set(accounts, known);
  const rows = known.get(view) ?? makeRows(accounts, view);
  known.set(view, rows);
  return rows;
}

function makeRows(accounts: readonly Summary[], view: View): EstateRow[] {
  const grouped = accounts.map((account) => {
    const rows = accountRows(account, view);
    return { account, rows, worst: rows.reduce((worst, { standing }) => Math.max(worst, rankOf(standing)), 0) };
  });
  grouped.sort((a, b) => b.worst - a.worst || b.account.rank - a.account.rank);
  return grouped.flatMap(({ rows }) =>
    rows.length < 2
      ? rows
      : rows.sort((a, b) => rankOf(b.standing) - rankOf(a.standing) || compareTexts(a.name, b.name)),
  );
}

/** What of an account a view shows: settings and locks at an account belong to the account's own row. */
function viewOf(account: Summary, target: ResourceId): View {
  const [, kind] = target.slice(account.key.length).split("/");
  return kind === "deployments" ? "deployments" : kind === "raipolicies" ? "policies" : "accounts";
}

function accountRows(account: Summary, view: View): EstateRow[] {
  const found = new Map<ResourceId, Map<string, Deviation>>();
  for (const deviation of account.deviations) {
    if (viewOf(account, deviation.target) !== view) continue;
    const target = view === "accounts" ? account.key : deviation.target;
    const known = found.get(target) ?? new Map<string, Deviation>();
    const standing = known.get(deviation.standard);
    if (standing === undefined || rankOf(deviation.state) > rankOf(standing.state))
      known.set(deviation.standard, deviation);
    found.set(target, known);
  }
  const row = (target: ResourceId, name: string, deployment: SummaryDeployment | null): EstateRow => {
    const deviations = found.get(target) ?? new Map<string, Deviation>();
    found.delete(target);
    return { view, account, target, name, deployment, deviations, standing: worstOf(deviations.values()) };
  };
  if (view === "accounts") return [row(account.key, account.name, null)];
  const rows =
    view === "deployments"
      ? account.deployments.map((item) => row(belowOf(account, "deployments", item.name), item.name, item))
      : account.policies.map((name) => row(belowOf(account, "raipolicies", name), name, null));
  // A list that could not be read may lack what a finding knows.
  return [...rows, ...[...found.keys()].map((target) => row(target, target.split("/").at(-1) ?? target, null))];
}

export function belowOf({ key }: Pick<Summary, "key">, kind: "deployments" | "raipolicies", name: string): ResourceId {
  return `${key}/${kind}/${name.toLowerCase()}` as ResourceId;
}

export function worstOf(deviations: Iterable<Deviation>): Standing {
  let worst: Standing = "met";
  for (const { state } of deviations) if (rankOf(state) > rankOf(worst)) worst = state;
  return worst;
}

/** What the matrix shows where a row and a column meet. */
export function cellOf(row: EstateRow, column: EstateStandard): Cell {
  const deviation = row.deviations.get(column.id);
  if (deviation !== undefined) return { state: deviation.state, condition: deviation.condition };
  const { account, target } = row;
  if (column.view !== row.view || !column.archetypes.includes(account.archetype)) return { state: "apart" };
  // What does not concern the account as a whole is said of the account.
  const isExempt = account.exempt.some(
    (pair) => pair.standard === column.id && (pair.target === target || pair.target === account.key),
  );
  return isExempt ? { state: "apart" } : { state: "met", condition: null };
}

/** How many of the standards set for a row are met. */
export function metOf(row: EstateRow, columns: readonly EstateStandard[]): { met: number; set: number } {
  let met = 0;
  let set = 0;
  for (const column of columns) {
    const { state } = cellOf(row, column);
    if (state === "apart") continue;
    set += 1;
    if (state === "met") met += 1;
  }
  return { met, set };
}

/**
 * The standards of a view with what differs from them, most of it first. One that found something is a column though it
 * is configured no more: what it found stands until the next look.
 */
export function columnsOf(
  rows: readonly EstateRow[],
  standards: readonly EstateStandard[],
  view: View,
): EstateColumn[] {
  const counts = new Map<string, Record<Standing, number>>();
  for (const { deviations } of rows) {
    for (const { standard, state } of deviations.values()) {
      const found = counts.get(standard) ?? noCounts();
      found[state] += 1;
      counts.set(standard, found);
    }
  }
  const shown = standards.filter((standard) => standard.view === view);
  for (const id of counts.keys()) {
    if (shown.some((standard) => standard.id === id)) continue;
    // Where a list could not be read, what is known of its resources is said of their account.
    const other = standards.find((standard) => standard.id === id);
    shown.push(other ?? { id, title: id, label: "Not configured now", view, archetypes: [] });
  }
  return shown
    .map((standard) => ({ ...standard, counts: counts.get(standard.id) ?? noCounts() }))
    .sort((a, b) => differing(b.counts) - differing(a.counts) || compareTexts(a.id, b.id));
}

export function differing(counts: Counts): number {
  return standings.reduce((sum, standing) => (standing === "met" ? sum : sum + counts[standing]), 0);
}

/** Numbers in names count as numbers: `chat-2` before `chat-10`. */
const collator = new Intl.Collator("en", { numeric: true });

export function compareTexts(left: string, right: string): number {
  return collator.compare(left, right) || (left < right ? -1 : left > right ? 1 : 0);
}

/** The accounts and deployments there are, and what they are spread over. */
export interface EstateTotals extends Readonly<Record<View, number>> {
  readonly regions: number;
  /** Those that have a name; null stands for none. */
  readonly units: number;
  /** Accounts whose deployments could not be read. */
  readonly unread: number;
}

export function totalsOf(accounts: readonly Summary[]): EstateTotals {
  const units = new Set(accounts.map(({ businessUnit }) => businessUnit));
  units.delete(null);
  return {
    accounts: accounts.length,
    deployments: rowsOf(accounts, "deployments").length,
    policies: rowsOf(accounts, "policies").length,
    regions: new Set(accounts.map(({ location }) => location)).size,
    units: units.size,
    unread: accounts.filter(({ deploymentsUnread }) => deploymentsUnread).length,
  };
}
