/**
 * Where the numbers of metrics come from: what a scenario has set for a resource, or its function of time. Without either
 * there are none; the engine never makes one up. Memory only: a scenario says it again after a start.
 *
 * Azure Monitor shows a minute some time after it is over; {@link METRIC_LAG_MS} stands for that.
 */

/** One minute of one series. */
export interface MetricSample {
  /** Its beginning, business time in milliseconds. */
  readonly atMs: number;
  /** Sum of the values of the minute. */
  readonly total: number;
  /** How many values; 1 when absent. */
  readonly count?: number;
  /** Least and greatest value; the average when absent. */
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface MetricSeries {
  /** By the names of the catalogue, for example `ModelDeploymentName`. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** In order of time. */
  readonly samples: readonly MetricSample[];
}

/** The series of a metric of a resource (ID in lower case) from one time (included) to another. */
export type MetricSource = (
  resourceId: string,
  metric: string,
  fromMs: number,
  toMs: number,
) => readonly MetricSeries[] | undefined;

/** From the end of a minute until it shows: Azure Monitor takes one to three minutes (from memory). */
export const METRIC_LAG_MS = 120_000;

const MINUTE_MS = 60_000;

export class MetricStore {
  readonly #set = new Map<string, readonly MetricSeries[]>();
  /** Asked for what wasn't set. */
  source: MetricSource | undefined;
  lagMs = METRIC_LAG_MS;

  /** Replaces the series of a metric of a resource. */
  set(resourceId: string, metric: string, series: readonly MetricSeries[]): void {
    this.#set.set(keyOf(resourceId, metric), series);
  }

  /** What shows at `nowMs`; empty when nobody has said anything. */
  read(resourceId: string, metric: string, fromMs: number, toMs: number, nowMs: number): readonly MetricSeries[] {
    const until = Math.min(toMs, nowMs - this.lagMs - MINUTE_MS + 1);
    const series =
      this.#set.get(keyOf(resourceId, metric)) ?? this.source?.(resourceId.toLowerCase(), metric, fromMs, toMs) ?? [];
    return series.map(({ dimensions, samples }) => ({
      dimensions,
      samples: samples.filter(({ atMs }) => atMs >= fromMs && atMs < until),
    }));
  }

  clear(): void {
    this.#set.clear();
    this.source = undefined;
    this.lagMs = METRIC_LAG_MS;
  }
}

function keyOf(resourceId: string, metric: string): string {
  return `${resourceId.toLowerCase()} ${metric.toLowerCase()}`;
}
