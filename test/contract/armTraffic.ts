/**
 * Judges the ARM traffic of the test run against the official contract, with the judge that lies beside the clone in CI.
 * The tests record their exchanges when STEELYARD_TRAFFIC names a folder (test/support/traffic.ts). What the contract
 * doesn't cover is set aside by name (armUncovered.ts) and counted; anything else that it doesn't know fails.
 *
 *     node test/contract/armTraffic.ts SHARED [TRAFFIC]
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uncoveredBy } from "./armUncovered.ts";

const [shared, traffic = process.env["STEELYARD_TRAFFIC"]] = process.argv.slice(2);
if (shared === undefined || traffic === undefined) {
  process.stderr.write("usage: node test/contract/armTraffic.ts SHARED TRAFFIC\n");
  process.exit(2);
}

/** The strict gate for our own engine: nothing that the contract does not name, no null, no unknown enum value. */
const strict = ["--forbid", "unknown-property", "--forbid", "null-value", "--forbid", "unknown-open-enum"];

/** What the product relies on must have been exercised. */
const covered = [
  "--min-coverage",
  "Accounts_Get",
  "--min-coverage",
  "Accounts_Update",
  "--min-coverage",
  "Accounts_List",
];

const files = (suffix: string): string[] =>
  existsSync(traffic)
    ? readdirSync(traffic)
        .filter((name) => name.endsWith(suffix))
        .map((name) => join(traffic, name))
    : [];

const good = files(".good.jsonl");
if (good.length === 0) {
  process.stderr.write(`no traffic in ${traffic}: run the tests with STEELYARD_TRAFFIC=${traffic}\n`);
  process.exit(1);
}

const dir = mkdtempSync(join(tmpdir(), "steelyard-traffic-"));
const setAside = new Map<string, number>();

/** A copy of a file of exchanges without those that the contract doesn't cover. */
function judgeable(file: string, index: number): string {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => {
      if (line === "") return false;
      const { method, url } = JSON.parse(line) as { method: string; url: string };
      const why = uncoveredBy(method, new URL(url))?.why;
      if (why !== undefined) setAside.set(why, (setAside.get(why) ?? 0) + 1);
      return why === undefined;
    });
  const copy = join(dir, `${index}.jsonl`);
  writeFileSync(copy, lines.join("\n"));
  return copy;
}

try {
  const kept = good.map(judgeable);
  // The judge runs only under its real path: behind a link it would load, do nothing and look content.
  const judge = realpathSync(join(shared, "tools/arm-contract/validate.mjs"));
  const specs = join(shared, "data/arm-contract/bundle");
  const judged = spawnSync(process.execPath, [judge, "--specs", specs, ...strict, ...covered, ...kept], {
    encoding: "utf8",
  });
  process.stdout.write(judged.stdout);
  process.stderr.write(judged.stderr);
  for (const [why, count] of setAside)
    process.stdout.write(`${String(count).padStart(6)} not in the contract: ${why}\n`);
  process.exitCode = judged.status ?? 1;
  if (!/exchanges [1-9]\d*: /.test(judged.stdout)) {
    process.stderr.write("the judge judged nothing\n");
    process.exitCode = 1;
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
