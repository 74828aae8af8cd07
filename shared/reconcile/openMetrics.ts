/**
 * The signals of health as OpenMetrics 1.0 text, for whoever scrapes (Prometheus, Azure Monitor managed Prometheus). All
 * are gauges: what the store says now. An age is 0 where nothing waits and +Inf where what should be there never was, so
 * that a rule of the form `age > limit` fires for what is missing, too.
 */
import { ageMs, verdicts, type HealthReport } from "./health.ts";

export const openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly unit?: "seconds";
  readonly type?: "stateset";
  readonly samples: readonly (readonly [labels: string, value: number])[];
}

/** Text of the exposition, ended by `# EOF` as the format demands. */
export function toOpenMetrics(report: HealthReport): string {
  const lines = gauges(report).flatMap(({ name, help, unit, type = "gauge", samples }) => [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...samples.map(([labels, value]) => `${name}${labels} ${numeral(value)}`),
  ]);
  return `${lines.join("\n")}\n# EOF\n`;
}

function gauges({ verdict, signals }: HealthReport): Gauge[] {
  const { at, heartbeat, unserved, fences, pastDue, unreadable, sweep, held, deadLetters } = signals;
  const age = (since: string | null, without = 0): number => (ageMs(since, at) ?? without) / 1000;
  const seconds = (name: string, help: string, value: number): Gauge => ({
    name: `steelyard_${name}_seconds`,
    help,
    unit: "seconds",
    samples: [["", value]],
  });
  const count = (name: string, help: string, value: number): Gauge => ({
    name: `steelyard_${name}`,
    help,
    samples: [["", value]],
  });
  return [
    {
      name: "steelyard_health",
      help: "Verdict over all signals.",
      type: "stateset",
      samples: verdicts.map((name) => [`{steelyard_health="${name}"}`, name === verdict ? 1 : 0]),
    },
    seconds("heartbeat_age", "Since the sweeper of core last got through.", age(heartbeat?.at ?? null, Infinity)),
    count("unserved_keys", "Writer keys that want a look and have not had it, at most a page.", unserved.count),
    seconds("oldest_unserved", "At most so long the oldest of them has been waiting.", age(unserved.since)),
    count("past_due", "Live proposals and claims whose time has come, at most a page.", pastDue.count),
    seconds("oldest_past_due", "Since the oldest of these times.", age(pastDue.since)),
    count("open_fences", "Writes under way, or whose fate is open, at most a page.", fences.count),
    seconds("oldest_open_fence", "Since the oldest of them was begun.", age(fences.since)),
    seconds("oldest_unsealed", "Since the oldest entry of the ledger that is not sealed.", age(signals.unsealedSince)),
    seconds("seal_age", "Since the last seal; grows while nothing happens.", age(signals.sealedAt, Infinity)),
    seconds("sweep_age", "Since the last sweep of the estate began.", age(sweep?.startedAt ?? null, Infinity)),
    count("sweep_finished", "Whether it has finished.", typeof sweep?.finishedAt === "string" ? 1 : 0),
    count("sweep_problems", "Subscriptions that could not be swept.", sweep?.problems.length ?? 0),
    {
      name: "steelyard_held_changes",
      help: "Live proposals and claims that are not carried out, by the reason of their condition, at most a page.",
      samples: Object.entries(held).map(([reason, value]) => [`{reason="${labelValue(reason)}"}`, value]),
    },
    count("unreadable_findings", "Live findings on targets that cannot be read, at most a page.", unreadable.count),
    count("dead_letters", "Messages that could not be read, of the last 30 days, at most a page.", deadLetters.count),
    count("corrupt_documents", "Live documents that cannot be read, of a page of each kind.", signals.corrupt.count),
    count("paused", "Whether writing is paused.", signals.pausedSince === null ? 0 : 1),
    seconds("paused", "Since writing was paused.", age(signals.pausedSince)),
  ];
}

function labelValue(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function numeral(value: number): string {
  return value === Infinity ? "+Inf" : String(value);
}
