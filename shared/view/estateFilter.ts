/** What the estate is narrowed to: read from the address of a page or a request, kept in the links on the page. */
import { z } from "zod";
import { parse } from "../kernel/parse.ts";
import {
  compareTexts,
  standings,
  views,
  type EstateRow,
  type Standing,
  type Summary,
  type View,
} from "./estateModel.ts";

/** Longest text that is looked for; names in Azure have at most 90 characters. */
const TEXT_MAX = 100;
const WORDS_MAX = 8;

/** Where a facet's value is found; the names are those in addresses. */
const facets = {
  environment: (account: Summary): string => account.environment,
  unit: (account: Summary): string => account.businessUnit ?? NO_UNIT,
  region: (account: Summary): string => account.location,
  subscription: (account: Summary): string => account.subscriptionId,
} as const;
export type Facet = keyof typeof facets;
export const facetNames = Object.keys(facets) as readonly Facet[];

/** Stands for accounts that name no business unit. */
export const NO_UNIT = "(none)";

const chosen = z.string().max(TEXT_MAX).optional();

const filterSchema = z.strictObject({
  view: z.enum(views).default("accounts"),
  environment: chosen,
  unit: chosen,
  region: chosen,
  subscription: chosen,
  standard: chosen,
  state: z.enum(standings).optional(),
  q: z
    .string()
    .max(TEXT_MAX)
    .transform((text) => text.trim())
    .optional(),
});

export type EstateFilter = z.output<typeof filterSchema>;
/** Parts of a filter that can be taken away one by one. */
export type FilterPart = Exclude<keyof EstateFilter, "view">;
export const filterParts: readonly FilterPart[] = [...facetNames, "standard", "state", "q"];

/** Forms send fields that were left empty. @param known other parameters of the address @throws SteelyardError `BadInput` */
export function readFilter(query: URLSearchParams, known: readonly string[] = []): EstateFilter {
  const given = [...query].filter(([name, value]) => value !== "" && !known.includes(name));
  return parse(filterSchema, Object.fromEntries(given), "query");
}

/** The address that shows this. */
export function filterQuery(filter: EstateFilter, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({ view: filter.view });
  for (const part of filterParts) {
    const value = filter[part];
    if (value !== undefined && value !== "") query.set(part, value);
  }
  for (const [name, value] of Object.entries(more)) query.set(name, value);
  return `?${query.toString()}`;
}

export function without(filter: EstateFilter, part: FilterPart): EstateFilter {
  const { [part]: _, ...rest } = filter;
  return rest;
}

/** Rows whose accounts the facets leave. */
export function rowsIn(rows: readonly EstateRow[], filter: EstateFilter): readonly EstateRow[] {
  const tests = facetNames.flatMap((facet) => {
    const wanted = filter[facet];
    return wanted === undefined ? [] : [{ read: facets[facet], wanted }];
  });
  if (tests.length === 0) return rows;
  return rows.filter(({ account }) => tests.every(({ read, wanted }) => read(account) === wanted));
}

/** Rows in which every word is found: in names, models and places, whatever their case. */
export function rowsWith(rows: readonly EstateRow[], { q = "", view }: EstateFilter): readonly EstateRow[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean).slice(0, WORDS_MAX);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = textOf(row, view);
    return words.every((word) => text.includes(word));
  });
}

const texts = new WeakMap<EstateRow, string>();

/** An account is found by its deployments; a deployment is not found by the others of its account. */
function textOf(row: EstateRow, view: View): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const { name, resourceGroup, location, environment, businessUnit, accountKind, deployments } = row.account;
  const below = view === "accounts" ? deployments : row.deployment === null ? [] : [row.deployment];
  const place = [row.name, name, resourceGroup, location, environment, businessUnit ?? "", accountKind];
  const text = [...place, ...below.map(textOfDeployment)].join(" ").toLowerCase();
  texts.set(row, text);
  return text;
}

function textOfDeployment({ name, model, version, sku }: Summary["deployments"][number]): string {
  return `${name} ${model} ${version} ${sku}`;
}

/** How a row stands: by the standard that is looked at, else by the worst of all. Undefined: it meets that standard. */
export function standingIn(row: EstateRow, { standard }: EstateFilter): Standing | undefined {
  return standard === undefined ? row.standing : row.deviations.get(standard)?.state;
}

export interface FacetValue {
  readonly value: string;
  readonly accounts: number;
}

type FacetValues = Readonly<Record<Facet, readonly FacetValue[]>>;

const valuesKept = new WeakMap<readonly Summary[], FacetValues>();

/** What there is to choose from, whatever is chosen now; counted once for a list of accounts. */
export function facetValues(accounts: readonly Summary[]): FacetValues {
  const known = valuesKept.get(accounts) ?? countValues(accounts);
  valuesKept.set(accounts, known);
  return known;
}

function countValues(accounts: readonly Summary[]): FacetValues {
  const counted = (read: (account: Summary) => string): FacetValue[] => {
    const counts = new Map<string, number>();
    for (const account of accounts) counts.set(read(account), (counts.get(read(account)) ?? 0) + 1);
    return [...counts]
      .map(([value, number]) => ({ value, accounts: number }))
      .sort((a, b) => compareTexts(a.value, b.value));
  };
  return {
    environment: counted(facets.environment),
    unit: counted(facets.unit),
    region: counted(facets.region),
    subscription: counted(facets.subscription),
  };
}
