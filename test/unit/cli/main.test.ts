import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const cli = join(import.meta.dirname, "../../../shared/cli/main.ts");

// One process for each of these takes a third of a second; what they share is tested once.
it.each([
  [["ledger"], 'found "ledger"; expected one of: ledger verify, undo'],
  [["ledger", "verify", "now"], 'ledger verify: found "now"; expected nothing more there'],
  [["undo", "p-1", "--reason", "a", "b"], 'undo: found "b"; expected nothing more there'],
])("%j is bad input: exit code 2, nothing on stdout", (words, message) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...words], { encoding: "utf8" });
  expect([status, stdout, stderr.split("\n")[0]]).toEqual([2, "", `steelyard: ${message}`]);
});
