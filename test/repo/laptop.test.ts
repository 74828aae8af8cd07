import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { commandOf, invocationOf, readLine } from "../../shared/cli/command.ts";
import { auditCommand } from "../../shared/cli/commands/audit.ts";
import { judgeCommand } from "../../shared/cli/commands/judge.ts";

const root = resolve(import.meta.dirname, "../..");
const commands = [judgeCommand, auditCommand];
const lines = readFileSync(resolve(root, "docs/laptop.md"), "utf8")
  .split("\n")
  .flatMap((line) => /^ {4}(?:- run: )?npx steelyard ((?:judge|audit) .*?)(?: > \S+)?$/.exec(line)?.[1] ?? []);

it("has its examples understood", () => {
  expect(lines.length).toBeGreaterThan(6);
  for (const line of lines) {
    const read = readLine(line.split(" "), commands);
    const call = invocationOf(commandOf(read.words, commands), read, () => Promise.reject(new Error("not here")));
    expect(call.required(line.startsWith("judge") ? "resources" : "subscription"), line).not.toBe("");
  }
});

it("names every option of both commands", () => {
  const page = readFileSync(resolve(root, "docs/laptop.md"), "utf8");
  const options = commands.flatMap((command) => Object.keys(command.options));
  expect(options.filter((name) => !page.includes(`--${name}`))).toEqual([]);
});
