/** What a query of metrics asks for: names, time, interval, aggregations, dimensions. Anything unknown is refused. */
import { parseDuration } from "../../platform/duration.ts";
import { BareRefusal } from "./bare.ts";
import type { Aggregation, MetricDefinition } from "./metricCatalogue.ts";

export interface MetricQuery {
  readonly metrics: readonly MetricDefinition[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Length of a point, milliseconds. */
  readonly grainMs: number;
  readonly grain: string;
  /** Empty: the primary aggregation of each metric. */
  readonly aggregations: readonly Aggregation[];
  readonly filter: MetricFilter;
  /** Series of one metric. */
  readonly top: number;
  readonly orderBy: { readonly aggregation: Aggregation; readonly descending: boolean } | undefined;
}

/** Allowed values by dimension in lower case; undefined: all, each as its own series. */
export type MetricFilter = ReadonlyMap<string, ReadonlySet<string> | undefined>;

/** What the parameters are called on the wire of each of the two endpoints, and their values. */
export interface MetricParameters {
  readonly metricNames: string | undefined;
  /** `start/end`. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly interval: string | undefined;
  readonly aggregation: string | undefined;
  readonly top: string | undefined;
  readonly orderBy: string | undefined;
  readonly filter: string | undefined;
}

/** Series of one metric that a query shows unless it says otherwise; more are cut without a word. */
export const TOP_DEFAULT = 10;
/** Metrics of one query. */
export const METRICS_MAX = 20;
/** How far back metrics are kept. */
export const RETENTION_MS = 93 * 86_400_000;
const POINTS_MAX = 50_000;
const HOUR_MS = 3_600_000;

const GRAINS = ["PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D"];
const AGGREGATIONS: readonly Aggregation[] = ["Average", "Total", "Minimum", "Maximum", "Count"];

/**
 * @param known the metrics of the resource's type
 * @throws BareRefusal 400 that names what isn't known.
 */
export function metricQuery(
  asked: MetricParameters,
  provider: string,
  known: readonly MetricDefinition[],
  nowMs: number,
): MetricQuery {
  const toMs = time(asked.to, "end") ?? nowMs;
  const fromMs = time(asked.from, "start") ?? toMs - HOUR_MS;
  if (fromMs >= toMs) throw badRequest("The start of the timespan must be before its end.");
  if (fromMs < nowMs - RETENTION_MS) throw badRequest("The start of the timespan is more than 93 days ago.");
  const metrics = metricsOf(asked.metricNames, provider, known);
  const { grain, grainMs } = grainOf(asked.interval, fromMs, toMs);
  if ((toMs - fromMs) / grainMs > POINTS_MAX) throw badRequest(`The query asks for more than ${POINTS_MAX} points.`);
  const filter = filterOf(asked.filter, metrics);
  return {
    metrics,
    fromMs: Math.floor(fromMs / 60_000) * 60_000,
    toMs,
    grain,
    grainMs,
    aggregations: words(asked.aggregation).map(aggregation),
    filter,
    top: topOf(asked.top),
    orderBy: orderOf(asked.orderBy),
  };
}

function metricsOf(
  names: string | undefined,
  provider: string,
  known: readonly MetricDefinition[],
): MetricDefinition[] {
  const asked = words(names);
  if (asked.length > METRICS_MAX) throw badRequest(`A query takes at most ${METRICS_MAX} metrics.`);
  if (asked.length === 0) {
    const [first] = known;
    if (first === undefined) throw badRequest(`The resource type '${provider}' has no metrics.`);
    return [first];
  }
  return asked.map((name) => {
    const metric = known.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (metric !== undefined) return metric;
    const [namespace = "", ...types] = provider.split("/");
    const valid = known.map((one) => one.name).join(",");
    throw badRequest(
      `Failed to find metric configuration for provider: ${namespace}, resource Type: ${types.join("/")}, metric: ${name}, Valid metrics: ${valid}`,
    );
  });
}

function words(text: string | undefined): string[] {
  return (text ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** ISO 8601; without a zone it is UTC. */
function time(text: string | undefined, which: string): number | undefined {
  if (text === undefined || text === "") return undefined;
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?$/i.exec(text);
  const ms = match === null ? NaN : Date.parse(`${match[1]}T${match[2]}${match[3] ?? "Z"}`);
  if (Number.isFinite(ms)) return ms;
  throw badRequest(`The ${which} of the timespan, '${text}', is no ISO 8601 time.`);
}

function grainOf(interval: string | undefined, fromMs: number, toMs: number): { grain: string; grainMs: number } {
  if (interval?.toUpperCase() === "FULL") {
    const minutes = Math.ceil((toMs - fromMs) / 60_000);
    return { grain: minutes % 60 === 0 ? `PT${minutes / 60}H` : `PT${minutes}M`, grainMs: minutes * 60_000 };
  }
  const grain = GRAINS.find((one) => one === (interval ?? "PT1M").toUpperCase());
  if (grain === undefined) {
    throw badRequest(`The interval '${interval ?? ""}' is not one of ${GRAINS.join(",")},FULL.`);
  }
  return { grain, grainMs: parseDuration(grain) ?? 60_000 };
}

function aggregation(name: string): Aggregation {
  const proper = AGGREGATIONS.find((one) => one.toLowerCase() === name.toLowerCase());
  if (proper !== undefined) return proper;
  throw badRequest(`The aggregation '${name}' is not one of ${AGGREGATIONS.join(",")}.`);
}

function topOf(text: string | undefined): number {
  if (text === undefined) return TOP_DEFAULT;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw badRequest(`top is '${text}'; expected a whole number above 0.`);
}

function orderOf(text: string | undefined): MetricQuery["orderBy"] {
  if (text === undefined || text === "") return undefined;
  const match = /^(\w+)(?:\s+(asc|desc))?$/i.exec(text.trim());
  if (match === null) throw badRequest(`orderby is '${text}'; expected an aggregation and asc or desc.`);
  return { aggregation: aggregation(match[1] ?? ""), descending: match[2]?.toLowerCase() === "desc" };
}

/** `A eq 'x' or A eq 'y'` groups of one dimension each, joined by `and`; `'*'` stands for every value. */
function filterOf(text: string | undefined, metrics: readonly MetricDefinition[]): MetricFilter {
  const filter = new Map<string, Set<string> | undefined>();
  if (text === undefined || text.trim() === "") return filter;
  for (const group of split(text, "and")) {
    const inner = /^\s*\((.*)\)\s*$/s.exec(group)?.[1] ?? group;
    const names = new Set<string>();
    const values = new Set<string>();
    for (const term of split(inner, "or")) {
      const match = /^\s*([\w.]+)\s+eq\s+'((?:[^']|'')*)'\s*$/i.exec(term);
      if (match === null) throw badRequest(`The filter term '${term.trim()}' is not supported: DIMENSION eq 'VALUE'.`);
      names.add((match[1] ?? "").toLowerCase());
      values.add((match[2] ?? "").replaceAll("''", "'").toLowerCase());
    }
    const [name = "", other] = names;
    if (other !== undefined) throw badRequest(`'${group.trim()}' joins different dimensions by 'or'.`);
    for (const metric of metrics) {
      if (metric.dimensions.some((one) => one.toLowerCase() === name)) continue;
      const valid = metric.dimensions.join(",");
      throw badRequest(`The metric '${metric.name}' doesn't have the dimension '${name}'. Valid dimensions: ${valid}`);
    }
    filter.set(name, values.has("*") ? undefined : values);
  }
  return filter;
}

/** Splits at a word that stands outside of quotes. */
function split(text: string, word: "and" | "or"): string[] {
  const parts: string[] = [""];
  for (const piece of text.split(/('(?:[^']|'')*')/)) {
    if (piece.startsWith("'")) parts[parts.length - 1] += piece;
    else {
      const [first = "", ...rest] = piece.split(new RegExp(`\\s+${word}\\s+`, "i"));
      parts[parts.length - 1] += first;
      parts.push(...rest);
    }
  }
  return parts;
}

function badRequest(message: string): BareRefusal {
  return new BareRefusal(400, "BadRequest", message);
}
