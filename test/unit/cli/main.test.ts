import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commandOf, helpOf, invocationOf, readLine, type Command } from "../../../shared/cli/command.ts";
import { configCommands } from "../../../shared/cli/commands/config.ts";
import { digestCommand } from "../../../shared/cli/commands/digest.ts";
import { enrolmentCommands } from "../../../shared/cli/commands/enrolment.ts";
import { ledgerCommands } from "../../../shared/cli/commands/ledger.ts";
import { undoCommand } from "../../../shared/cli/commands/undo.ts";

const cli = join(import.meta.dirname, "../../../shared/cli/main.ts");
const commands: readonly Command[] = [
  ...configCommands,
  ...enrolmentCommands,
  undoCommand,
  ...ledgerCommands,
  digestCommand,
];

function invoke(...args: string[]) {
  const line = readLine(args, commands);
  return invocationOf(commandOf(line.words, commands), line, () => Promise.reject(new Error("not here")));
}

it.each([
  [["ledger"], 'found "ledger"; expected one of: ledger verify'],
  [
    ["constellation"],
    'found "constellation"; expected one of: config show, config versions, config diff, config apply, enroll, ',
  ],
  [["ledger", "verify", "now"], 'ledger verify: found "now"; expected nothing more there'],
  [["pause", "--level", "audit"], "pause: found --level; expected --plan, --reason, --json or nothing"],
  [["undo", "p-1", "--reason", "a", "b"], 'undo: found "b"; expected nothing more there'],
  [["digest", "2026-11-21", "2026-11-22"], 'digest: found "2026-11-22"; expected nothing more there'],
  [["config", "apply"], "config apply: found no FILE; expected FILE"],
  [
    ["config", "apply", "f", "--paln"],
    "config apply: found --paln; expected --plan, --as-of, --all, --reason, --json or nothing",
  ],
  [["--fast"], "found --fast; expected an option of the command's"],
  [["pause", "--reason"], "found --reason without a value; expected one after it"],
])("%j is bad input", (words, message) => {
  expect(() => invoke(...words)).toThrow(message);
});

it("takes options wherever they stand", () => {
  const call = invoke("--json", "config", "apply", "--reason", "more care", "f.yaml", "--plan");
  expect([call.operands, call.json, call.has("plan"), call.value("reason")]).toEqual([
    ["f.yaml"],
    true,
    true,
    "more care",
  ]);
  expect(() => invoke("pause").required("reason")).toThrow(
    "pause: found no --reason; expected why; everybody reads it",
  );
});

it("takes what stands in brackets, or not", () => {
  expect([invoke("digest").operands, invoke("digest", "2026-11-21").operands]).toEqual([[], ["2026-11-21"]]);
});

it("tells about one command", () => {
  expect(helpOf(commandOf(["config", "apply"], commands))).toMatch(
    /^steelyard config apply FILE \[--plan\] \[--as-of TIME\] \[--all\] \[--reason TEXT\]\n[^]*Exit codes: 0 it holds; 1 it waits/,
  );
});

it("shows what stands instead of an operand, and what has to be given", () => {
  const [usage] = helpOf(commandOf(["undo"], commands)).split("\n");
  expect(usage).toBe("steelyard undo (CHANGE | --run RUN) --reason TEXT");
});

// A process takes a third of a second; what they share is tested once.
it("ends with exit code 2 and nothing on stdout, and names file, line and column", () => {
  const file = join(import.meta.dirname, "../../support/fixtures/wrong.yaml");
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "config", "diff", file], { encoding: "utf8" });
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toBe(`${file}:4:11: standards[0].mode: found "enfoce"; expected one of audit, approve, enforce\n`);
});
