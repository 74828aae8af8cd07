/** Reads a subscription as whoever is signed in sees it, and says what it finds. It holds nothing that could write. */
import { setTimeout as sleep } from "node:timers/promises";
import { auditReport, type AuditReport } from "../../audit/audited.ts";
import { csvOf } from "../../audit/csv.ts";
import { pageOf, sentenceOf } from "../../audit/page.ts";
import { readSubscription } from "../../audit/reading.ts";
import { textOf } from "../../audit/text.ts";
import { lacksOf, type Lack } from "../../audit/used.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { toIso } from "../../kernel/clock.ts";
import type { Command, ExitCode, Invocation } from "../command.ts";
import { objectIn } from "../givenFiles.ts";
import { configOf, guidOf, judgedByOptions, standardsOf, whereaboutsOf } from "../judgedBy.ts";
import { writeText } from "../textFile.ts";

const formats = ["text", "json", "csv", "html"] as const;
type Format = (typeof formats)[number];

export const auditCommand: Command = {
  words: "audit",
  takes: [],
  summary: "read a subscription and say which standards its accounts keep; it writes nothing",
  details: `It signs in as Azure's own tools do (DefaultAzureCredential: the environment, a managed identity, az login) and needs
the role Reader on the subscription. Whether owners are in the directory needs Directory.Read.All of Microsoft Graph;
without it that alone is unknown. It takes half of the read budget that Azure gives, and waits when that is used up.

Exit codes: 0 nothing failed; 1 something did; 2 the subscription or a file cannot be read.`,
  options: {
    subscription: { value: "ID", isRequired: true, help: "the subscription to read" },
    format: { value: "NAME", help: `one of ${formats.join(", ")}; of --out's name without it, else text` },
    out: { value: "FILE", help: "where the report is written; on stdout without it" },
    ...judgedByOptions,
  },
  run: audit,
};

async function audit(call: Invocation): Promise<ExitCode> {
  const subscription = guidOf(call.required("subscription")) ?? "";
  const format = formatOf(call);
  const config = await configOf(call);
  const standards = await standardsOf(call, config, await objectIn(call.value("parameters")));
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  // Azure's clients take longer to load than all the rest.
  const { buildReader } = await import("../../app/readerWiring.ts");
  const sources = new Set(standards.flatMap(({ standard }) => standard?.sources ?? []));
  const read = await readSubscription(
    { ...buildReader(process.env), sleep: (ms) => sleep(ms), progress },
    subscription,
    sources,
  );
  const nowMs = Date.now();
  const report = auditReport(subscription, read, standards, whereaboutsOf(call, config, nowMs), toIso(nowMs));
  for (const { id, reason } of report.unreadable) progress(`not read: ${id}: ${reason}`);
  const out = call.value("out");
  const text = rendered(report, format, out === undefined, lacksOf(standards));
  if (out === undefined) process.stdout.write(text);
  else {
    await writeText(out, text);
    progress(sentenceOf(report));
  }
  return report.counts.fail > 0 ? 1 : 0;
}

function formatOf(call: Invocation): Format {
  const given = call.value("format")?.toLowerCase();
  if (call.json && given !== undefined && given !== "json") {
    throw new SteelyardError("BadInput", `found --json and --format ${given}; expected one of them`);
  }
  const byName = /\.(json|csv|html)$/i.exec(call.value("out") ?? "")?.[1]?.toLowerCase();
  const wanted = call.json ? "json" : (given ?? byName ?? "text");
  const known = formats.find((name) => name === wanted);
  if (known !== undefined) return known;
  throw new SteelyardError("BadInput", `--format: found "${wanted}"; expected one of ${formats.join(", ")}`);
}

function rendered(report: AuditReport, format: Format, isTerminal: boolean, lacks: ReadonlyMap<string, Lack>): string {
  const standards = new Map(report.standards.map((one) => [one.id, one]));
  const titles = new Map(report.standards.map(({ id, title }) => [id, title]));
  switch (format) {
    case "json":
      return `${JSON.stringify(report)}\n`;
    case "csv":
      return csvOf(report.verdicts, standards);
    case "html":
      return pageOf(report);
    case "text": {
      const isColoured = isTerminal && process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
      return `${textOf(report.verdicts, { isColoured, titles, lacks })}${sentenceOf(report)}\n`;
    }
  }
}
