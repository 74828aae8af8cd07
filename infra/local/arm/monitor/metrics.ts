/**
 * Microsoft.Insights/metrics and metricDefinitions of one resource, and `metrics:getBatch` of up to 50 resources of one
 * type and region, which Azure serves at {region}.metrics.monitor.azure.com and the engine at any of its addresses.
 *
 * Dimensions that the filter names split a metric into series; the others are added up. Of the series `top` are shown,
 * 10 unless it says otherwise, and the rest is cut silently. A minute without a value has a point without one; a metric
 * without any series has none. Not served: roll-up, metadata, metrics of a whole subscription.
 */
import { queryOf, type Answer, type Call, type Core, type ResourceType } from "../call.ts";
import { ArmRefusal, authorizationFailed } from "../errors.ts";
import { list, object, read, text } from "../schema.ts";
import { existingScope } from "../scopes.ts";
import { parseTarget } from "../target.ts";
import { bare, BareRefusal } from "./bare.ts";
import { metricsOfType, typeOfId, type Aggregation, type MetricDefinition } from "./metricCatalogue.ts";
import { metricQuery, RETENTION_MS, type MetricQuery } from "./metricQuery.ts";
import type { MetricSample } from "./metricStore.ts";

const TYPE = "Microsoft.Insights/metrics";
const METRICS_READ = `${TYPE}/read`;

/** Resources of one batch. */
export const BATCH_MAX = 50;

export const metrics: ResourceType = {
  name: TYPE,
  apiVersions: ["2018-01-01", "2021-05-01", "2023-10-01", "2024-02-01"],
  collection: { GET: bare(getMetrics) },
  query: ["timespan", "interval", "metricnames", "aggregation", "top", "orderby", "$filter", "metricnamespace"],
};

export const metricDefinitions: ResourceType = {
  name: "Microsoft.Insights/metricDefinitions",
  apiVersions: ["2018-01-01", "2021-05-01", "2023-10-01", "2024-02-01"],
  collection: { GET: bare(listDefinitions) },
  query: ["metricnamespace"],
};

export const metricBatch: ResourceType = {
  name: "Microsoft.Insights/metrics:getBatch",
  apiVersions: ["2023-10-01", "2024-02-01"],
  collection: { POST: getBatch },
  queries: true,
  query: [
    "starttime",
    "endtime",
    "interval",
    "metricnamespace",
    "metricnames",
    "aggregation",
    "top",
    "orderby",
    "filter",
  ],
};

interface Measured {
  readonly id: string;
  readonly type: string;
  readonly region: string;
  readonly known: readonly MetricDefinition[];
}

function measured(core: Core, call: Call): Measured {
  const id = existingScope(core.state, call.target);
  const type = typeOfId(id);
  const known = metricsOfType(type);
  if (known === undefined) {
    throw new BareRefusal(400, "BadRequest", `The resource type '${type}' has no metrics that this service knows.`);
  }
  const region = (core.state.get("account", id.toLowerCase()) ?? core.state.get("tracked", id.toLowerCase()))?.location;
  const namespace = queryOf(call.url, "metricnamespace");
  if (namespace !== undefined && namespace.toLowerCase() !== type.toLowerCase()) {
    throw new BareRefusal(400, "BadRequest", `The metric namespace '${namespace}' isn't one of '${type}'.`);
  }
  return { id, type, region: region ?? "global", known };
}

function getMetrics(core: Core, call: Call): Answer {
  const resource = measured(core, call);
  const parameter = (name: string): string | undefined => queryOf(call.url, name);
  const [from, to] = timespan(parameter("timespan"));
  const query = metricQuery(
    {
      metricNames: parameter("metricnames"),
      from,
      to,
      interval: parameter("interval"),
      aggregation: parameter("aggregation"),
      top: parameter("top"),
      orderBy: parameter("orderby"),
      filter: parameter("$filter"),
    },
    resource.type,
    resource.known,
    call.nowMs,
  );
  return {
    status: 200,
    body: {
      cost: Math.ceil((query.toMs - query.fromMs) / 60_000) * query.metrics.length,
      timespan: `${iso(query.fromMs)}/${iso(query.toMs)}`,
      interval: query.grain,
      value: query.metrics.map((metric) => shown(core, call, resource, metric, query)),
      namespace: resource.type,
      resourceregion: resource.region,
    },
  };
}

function timespan(given: string | undefined): [string | undefined, string | undefined] {
  if (given === undefined) return [undefined, undefined];
  const [from, to, more] = given.split("/");
  if (to !== undefined && more === undefined) return [from, to];
  throw new BareRefusal(400, "BadRequest", `The timespan '${given}' is not supported: START/END.`);
}

const idList = object("ResourceIdList", { resourceids: list(text) }, { required: ["resourceids"] });

function getBatch(core: Core, call: Call): Answer {
  const ids = read(idList, call.body, "POST")["resourceids"] as readonly string[];
  if (ids.length === 0 || ids.length > BATCH_MAX) {
    throw new ArmRefusal(400, "BadRequest", `A batch takes 1 to ${BATCH_MAX} resource IDs; found ${ids.length}.`);
  }
  const parameter = (name: string): string | undefined => queryOf(call.url, name);
  for (const name of ["metricnamespace", "metricnames"]) {
    if (parameter(name) === undefined) throw new ArmRefusal(400, "BadRequest", `The parameter '${name}' is required.`);
  }
  const resources = ids.map((id) => batched(core, call, id));
  const regions = [...new Set(resources.map(({ region }) => region))];
  const host = /^([^.]+)\.metrics\.monitor\.azure\.com$/i.exec(call.url.hostname)?.[1]?.toLowerCase();
  if (regions.length > 1 || (host !== undefined && host !== "global" && host !== regions[0])) {
    const found = regions.join(",");
    throw new ArmRefusal(400, "BadRequest", `The resources must be in the region of the endpoint; found ${found}.`);
  }
  return { status: 200, body: { values: resources.map((one) => batchValue(core, call, one, parameter)) } };
}

function batched(core: Core, call: Call, id: string): Measured {
  const target = parseTarget("GET", `${id}/providers/${TYPE}`);
  if (target.subscriptionId?.toLowerCase() !== call.target.subscriptionId?.toLowerCase()) {
    throw new ArmRefusal(400, "BadRequest", `The resource '${id}' isn't in the subscription of the request.`);
  }
  if (!core.rbac.allows(call.caller.oid, METRICS_READ, target.lowerPath)) {
    throw authorizationFailed(call.caller.oid, METRICS_READ, id);
  }
  return measured(core, { ...call, target });
}

function batchValue(
  core: Core,
  call: Call,
  resource: Measured,
  parameter: (name: string) => string | undefined,
): object {
  const query = metricQuery(
    {
      metricNames: parameter("metricnames"),
      from: parameter("starttime"),
      to: parameter("endtime"),
      interval: parameter("interval"),
      aggregation: parameter("aggregation"),
      top: parameter("top"),
      orderBy: parameter("orderby"),
      filter: parameter("filter"),
    },
    resource.type,
    resource.known,
    call.nowMs,
  );
  return {
    starttime: iso(query.fromMs),
    endtime: iso(query.toMs),
    interval: query.grain,
    namespace: resource.type.toLowerCase(),
    resourceregion: resource.region,
    resourceid: resource.id,
    value: query.metrics.map((metric) => shown(core, call, resource, metric, query)),
  };
}

function shown(core: Core, call: Call, resource: Measured, metric: MetricDefinition, query: MetricQuery): object {
  const aggregations = query.aggregations.length === 0 ? [metric.primary] : query.aggregations;
  return {
    id: `${resource.id}/providers/${TYPE}/${metric.name}`,
    type: TYPE,
    name: { value: metric.name, localizedValue: metric.localized },
    displayDescription: metric.localized,
    errorCode: "Success",
    unit: metric.unit,
    timeseries: seriesOf(core, call, resource.id, metric, query).map(({ labels, samples }) => ({
      metadatavalues: labels.map(([name, value]) => ({ name: { value: name, localizedValue: name }, value })),
      data: points(samples, aggregations, query),
    })),
  };
}

interface Joined {
  readonly labels: readonly (readonly [string, string])[];
  readonly samples: MetricSample[];
}

/** One series for each combination of the dimensions that the filter names. */
function seriesOf(core: Core, call: Call, id: string, metric: MetricDefinition, query: MetricQuery): Joined[] {
  const joined = new Map<string, Joined>();
  for (const { dimensions, samples } of core.metrics.read(id, metric.name, query.fromMs, query.toMs, call.nowMs)) {
    const lower = new Map(Object.entries(dimensions).map(([name, value]) => [name.toLowerCase(), value]));
    const labels = [...query.filter.keys()].map((name) => [name, lower.get(name) ?? ""] as const);
    const wanted = labels.every(([name, value]) => query.filter.get(name)?.has(value.toLowerCase()) !== false);
    if (!wanted || samples.length === 0) continue;
    const key = JSON.stringify(labels);
    const known = joined.get(key);
    if (known === undefined) joined.set(key, { labels, samples: [...samples] });
    else known.samples.push(...samples);
  }
  const found = [...joined.values()];
  const { orderBy } = query;
  if (orderBy !== undefined) {
    const weight = ({ samples }: Joined): number => aggregated(samples, orderBy.aggregation);
    found.sort((a, b) => (orderBy.descending ? weight(b) - weight(a) : weight(a) - weight(b)));
  }
  return found.slice(0, query.top);
}

function points(samples: readonly MetricSample[], aggregations: readonly Aggregation[], query: MetricQuery): object[] {
  const count = Math.ceil((query.toMs - query.fromMs) / query.grainMs);
  const buckets = Array.from({ length: count }, (): MetricSample[] => []);
  for (const sample of samples) buckets[Math.floor((sample.atMs - query.fromMs) / query.grainMs)]?.push(sample);
  return buckets.map((inside, index) => ({
    timeStamp: iso(query.fromMs + index * query.grainMs),
    ...(inside.length === 0
      ? {}
      : Object.fromEntries(aggregations.map((name) => [name.toLowerCase(), aggregated(inside, name)]))),
  }));
}

function aggregated(samples: readonly MetricSample[], aggregation: Aggregation): number {
  const total = samples.reduce((sum, one) => sum + one.total, 0);
  const count = samples.reduce((sum, one) => sum + (one.count ?? 1), 0);
  const average = (one: MetricSample): number => one.total / (one.count ?? 1);
  switch (aggregation) {
    case "Total":
      return total;
    case "Count":
      return count;
    case "Average":
      return total / count;
    case "Minimum":
      return Math.min(...samples.map((one) => one.minimum ?? average(one)));
    case "Maximum":
      return Math.max(...samples.map((one) => one.maximum ?? average(one)));
  }
}

function listDefinitions(core: Core, call: Call): Answer {
  const { id, type, known } = measured(core, call);
  const grains = ["PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D"];
  const definitions = known.map(({ name, localized, unit, primary, dimensions }) => ({
    id: `${id}/providers/Microsoft.Insights/metricDefinitions/${name}`,
    resourceId: id,
    namespace: type,
    name: { value: name, localizedValue: localized },
    isDimensionRequired: false,
    unit,
    primaryAggregationType: primary,
    supportedAggregationTypes: ["Average", "Minimum", "Maximum", "Total", "Count"],
    metricAvailabilities: grains.map((timeGrain) => ({ timeGrain, retention: `P${RETENTION_MS / 86_400_000}D` })),
    dimensions: dimensions.map((one) => ({ value: one, localizedValue: one })),
  }));
  return { status: 200, body: { value: definitions } };
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}
