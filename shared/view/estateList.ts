/** One page of the estate, and everything that is said above it. */
import { z } from "zod";
import { parse } from "../kernel/parse.ts";
import {
  facetValues,
  rowsIn,
  rowsWith,
  standingIn,
  type EstateFilter,
  type Facet,
  type FacetValue,
} from "./estateFilter.ts";
import {
  columnsOf,
  noCounts,
  rowsOf,
  totalsOf,
  type Counts,
  type EstateColumn,
  type EstateRow,
  type EstateStandard,
  type EstateTotals,
  type Summary,
} from "./estateModel.ts";

export interface EstateList {
  readonly filter: EstateFilter;
  /** Of the whole estate, whatever is looked at. */
  readonly totals: EstateTotals;
  readonly facets: Readonly<Record<Facet, readonly FacetValue[]>>;
  /** Rows that the filter leaves when the state is not asked about, by how they stand. */
  readonly counts: Counts;
  /** The sum of {@link counts}. */
  readonly inScope: number;
  /** Rows that the whole filter leaves, on all pages. */
  readonly listed: number;
  readonly columns: readonly EstateColumn[];
  /** Of this page. */
  readonly rows: readonly EstateRow[];
  /** Number of the first row of this page, from 0. */
  readonly from: number;
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
}

/** @param accounts as {@link byName} orders them, those that are there */
export function estateList(
  accounts: readonly Summary[],
  standards: readonly EstateStandard[],
  filter: EstateFilter,
  page: { readonly after: string | null; readonly limit: number },
): EstateList {
  const scope = rowsWith(rowsIn(rowsOf(accounts, filter.view), filter), filter).flatMap((row) => {
    const standing = standingIn(row, filter);
    return standing === undefined ? [] : [{ row, standing }];
  });
  const counts = noCounts();
  for (const { standing } of scope) counts[standing] += 1;
  const { state } = filter;
  const listed = (state === undefined ? scope : scope.filter(({ standing }) => standing === state)).map(
    ({ row }) => row,
  );
  const { items, from, next } = pageAfter(listed, ({ target }) => target, page);
  return {
    filter,
    totals: totalsOf(accounts),
    facets: facetValues(accounts),
    counts,
    inScope: scope.length,
    listed: listed.length,
    columns: columnsOf(listed, standards, filter.view),
    rows: items,
    from,
    next,
  };
}

export interface Slice<T> {
  readonly items: readonly T[];
  readonly from: number;
  readonly next: string | null;
}

const NAME_MAX = 2_000;
const positionSchema = z.tuple([z.int().min(0).max(10_000_000), z.string().max(NAME_MAX)]);

/**
 * A page of a list that changes meanwhile: goes on after the item that the page before ended with, wherever that is now; at
 * its old place when it is gone.
 * @throws SteelyardError `BadInput` for a text that no answer gave out
 */
export function pageAfter<T>(
  list: readonly T[],
  nameOf: (item: T) => string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Slice<T> {
  const from = after === null ? 0 : placeOf(list, nameOf, after);
  const items = list.slice(from, from + limit);
  const last = items.at(-1);
  const hasMore = last !== undefined && from + items.length < list.length;
  return { items, from, next: hasMore ? JSON.stringify([from + items.length, nameOf(last)]) : null };
}

function placeOf<T>(list: readonly T[], nameOf: (item: T) => string, after: string): number {
  let given: unknown;
  try {
    given = JSON.parse(after);
  } catch {
    // Answered below like any other text that is none of ours.
  }
  const [place, name] = parse(positionSchema, given, "continuation");
  const before = list[place - 1];
  if (before !== undefined && nameOf(before) === name) return place;
  const found = list.findIndex((item) => nameOf(item) === name);
  return found === -1 ? Math.min(place, list.length) : found + 1;
}
