/** The page of the estate: a sentence, filters, and targets against standards. */
import {
  facetNames,
  filterParts,
  filterQuery,
  NO_UNIT,
  without,
  type EstateFilter,
  type Facet,
  type FilterPart,
} from "./estateFilter.ts";
import type { EstateList } from "./estateList.ts";
import { matrix, nouns } from "./estateMatrix.ts";
import { views, type Standing, type View } from "./estateModel.ts";
import { html, type Html, type Insert } from "./html.ts";
import { filterBar, pager, statusFilter, tabs, type Choice } from "./lists.ts";
import { emptyPanel, lead } from "./panels.ts";
import { paths } from "./paths.ts";
import { chipWord, scopeSentence, toneOf } from "./standingWords.ts";
import { count, grouped } from "./words.ts";

export interface EstatePageModel {
  readonly list: EstateList;
  /** Names of subscriptions by ID, as the configuration has them. */
  readonly subscriptions: ReadonlyMap<string, string>;
  /** Views that some standard is about. */
  readonly views: readonly View[];
  /** Where this page begins; null for the first. */
  readonly after: string | null;
  /** Beside the list: the target that was chosen, and what is told of it. */
  readonly drawer: { readonly target: string; readonly content: Html } | null;
  readonly emptyBecause: Html;
  readonly stale: Html | null;
}

export function estateHref(filter: EstateFilter, more: Readonly<Record<string, string>> = {}): string {
  return `${paths.estate}${filterQuery(filter, more)}`;
}

export function estatePage(model: EstatePageModel): Html {
  const { list, stale, drawer } = model;
  const { filter, totals } = list;
  if (totals.accounts === 0) {
    return html`${lead({ title: "No account is known yet" })}${stale}
      <section class="panel">
        ${emptyPanel({ title: "Nothing to show", text: model.emptyBecause, next: { label: "See the configuration", href: paths.configuration } })}
      </section>`;
  }
  return html`${lead({ title: headline(list), below: below(list), actions: viewTabs(model) })}${stale}${filters(model)}${chosen(model)}
    <div class="split${drawer === null ? null : " on"}">
      <div class="panel mxp" data-part="matrix">
        ${list.rows.length === 0 ? nothing(filter) : matrix(list, { hrefOf: (target) => `${estateHref(filter, { ...(model.after === null ? {} : { after: model.after }), at: target })}#drawer`, chosen: drawer?.target ?? null })}${pager(
          {
            shown: shown(list),
            first: model.after !== null ? estateHref(filter) : null,
            next: list.next === null ? null : estateHref(filter, { after: list.next }),
          },
        )}
      </div>
      ${drawer?.content ?? null}
    </div>`;
}

function headline({ totals }: EstateList): string {
  const { accounts, deployments, regions, units } = totals;
  const where = `${count(accounts, "account")} and ${count(deployments, "deployment")} in ${count(regions, "region")}`;
  return units === 0 ? where : `${where}, for ${count(units, "business unit")}`;
}

/** What the filter leaves, in words, and what could not be read. */
function below({ filter, counts, totals }: EstateList): string {
  const said = scopeSentence(nouns[filter.view], placeOf(filter), counts);
  if (totals.unread === 0) return said;
  return `${said} The deployments of ${count(totals.unread, "account")} could not be read.`;
}

function placeOf(filter: EstateFilter): string {
  const { environment, unit, region, subscription, standard, q } = filter;
  const parts = [
    environment === undefined ? "" : ` in ${environment}`,
    unit === undefined ? "" : unit === NO_UNIT ? " of no business unit" : ` of ${unit}`,
    region === undefined ? "" : ` in ${region}`,
    subscription === undefined ? "" : " in one subscription",
    standard === undefined ? "" : ` that differ from ${standard}`,
    q === undefined ? "" : ` with “${q}”`,
  ];
  return parts.join("");
}

function viewTabs(model: EstatePageModel): Html {
  const { filter, totals } = model.list;
  return tabs(
    "Kind of target",
    views
      .filter((view) => view !== "policies" || view === filter.view || model.views.includes(view))
      .map((view) => ({
        label: nouns[view].title,
        // A standard is of one kind of target.
        href: estateHref({ ...without(filter, "standard"), view }),
        isCurrent: view === filter.view,
        count: totals[view],
      })),
  );
}

const facetLabels: Readonly<Record<Facet, string>> = {
  environment: "Environment",
  unit: "Business unit",
  region: "Region",
  subscription: "Subscription",
};

function filters(model: EstatePageModel): Html {
  const { list } = model;
  const { filter } = list;
  return filterBar({
    action: paths.estate,
    search: { name: "q", value: filter.q ?? "", label: "Find a name or model" },
    choices: [
      ...facetNames.filter((facet) => isChoice(list, facet)).map((facet) => facetChoice(model, facet)),
      standardChoice(list),
    ],
    keep: { view: filter.view, state: filter.state ?? "" },
    chips: chips(list),
    end: `${grouped(list.listed)} of ${grouped(list.inScope)}`,
  });
}

/** One value is none to choose from. */
function isChoice({ facets, filter }: EstateList, facet: Facet): boolean {
  return facets[facet].length > 1 || filter[facet] !== undefined;
}

function facetChoice({ list, subscriptions }: EstatePageModel, facet: Facet): Choice {
  const values = list.facets[facet];
  const value = list.filter[facet] ?? "";
  const named = (name: string): string => nameOf(facet, name, subscriptions);
  const options = values.map((known) => ({
    value: known.value,
    label: `${named(known.value)} (${grouped(known.accounts)})`,
  }));
  // What was asked for and is there no more stays in sight: else the list would seem to be of everything.
  if (value !== "" && !values.some((known) => known.value === value)) options.push({ value, label: named(value) });
  const all = { value: "", label: `All ${values.length}` };
  return { name: facet, label: facetLabels[facet], value, options: [all, ...options] };
}

function nameOf(part: FilterPart, value: string, subscriptions: EstatePageModel["subscriptions"]): string {
  if (part === "unit" && value === NO_UNIT) return "none named";
  return part === "subscription" ? (subscriptions.get(value) ?? value) : value;
}

const partLabels: Readonly<Record<FilterPart, string>> = {
  ...facetLabels,
  standard: "Not as",
  state: "Only those that are",
  q: "With",
};

/** What the list is narrowed to; each can be taken away. */
function chosen({ list: { filter }, subscriptions }: EstatePageModel): Html | null {
  const parts = filterParts.flatMap((part) => {
    const value = filter[part];
    return value === undefined || part === "state" ? [] : [{ part, value: nameOf(part, value, subscriptions) }];
  });
  if (parts.length === 0) return null;
  return html`<div class="tools">
    ${parts.map(
      ({ part, value }) =>
        html`<a class="pick on" href="${estateHref(without(filter, part))}"
          >${partLabels[part]} <b>${value}</b><span class="i i-x"></span
          ><span class="vh">: take this filter away</span></a
        >`,
    )}${parts.length < 2 ? null : html`<a class="pick" href="${estateHref({ view: filter.view })}">Show all</a>`}
  </div>`;
}

function standardChoice({ columns, filter }: EstateList): Choice {
  const ids = columns.map(({ id }) => id).sort();
  const value = filter.standard ?? "";
  if (value !== "" && !ids.includes(value)) ids.push(value);
  const options = ids.map((id) => ({ value: id, label: `Not as ${id} says` }));
  return { name: "standard", label: "Standard", value, options: [{ value: "", label: "Any" }, ...options] };
}

/** Always there, so that nought can be read as such. */
const alwaysSaid: readonly Standing[] = ["waits", "open", "blocked", "met"];
const chipOrder: readonly Standing[] = ["waits", "open", "blocked", "unknown", "waived", "met"];

function chips({ filter, counts }: EstateList): Insert {
  return [
    html`<span class="sep"></span>`,
    ...chipOrder
      .filter((standing) => alwaysSaid.includes(standing) || counts[standing] > 0 || filter.state === standing)
      .map((standing) => {
        const isOn = filter.state === standing;
        const href = estateHref(isOn ? without(filter, "state") : { ...filter, state: standing });
        return statusFilter(toneOf[standing], chipWord(standing, counts[standing]), counts[standing], href, isOn);
      }),
  ];
}

function shown({ from, rows, listed, filter }: EstateList): string {
  const { one, many } = nouns[filter.view];
  if (rows.length === 0) return `No ${one}`;
  return `${grouped(from + 1)} to ${grouped(from + rows.length)} of ${count(listed, one, many)}`;
}

function nothing(filter: EstateFilter): Html {
  return emptyPanel({
    title: `No ${nouns[filter.view].one} matches`,
    text: "What is chosen above leaves nothing.",
    next: { label: "Show all", href: estateHref({ view: filter.view }) },
  });
}
