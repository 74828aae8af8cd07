/**
 * Judges the ARM traffic of the test run against the official contract, with the judge that lies beside the clone in CI.
 * The tests record their exchanges when STEELYARD_TRAFFIC names a folder (test/support/traffic.ts).
 *
 *     node test/contract/armTraffic.ts SHARED [TRAFFIC]
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";

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
// The judge runs only under its real path: behind a link it would load, do nothing and look content.
const judge = realpathSync(join(shared, "tools/arm-contract/validate.mjs"));
const specs = join(shared, "data/arm-contract/bundle");
const judged = spawnSync(process.execPath, [judge, "--specs", specs, ...strict, ...covered, ...good], {
  encoding: "utf8",
});
process.stdout.write(judged.stdout);
process.stderr.write(judged.stderr);
if (!/exchanges [1-9]\d*: /.test(judged.stdout)) {
  process.stderr.write("the judge judged nothing\n");
  process.exit(1);
}
process.exit(judged.status ?? 1);
