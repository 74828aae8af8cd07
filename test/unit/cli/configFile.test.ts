import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfigFile, readConfigFile } from "../../../shared/cli/configFile.ts";
import { BadFile } from "../../../shared/cli/textFile.ts";
import { configFileSchema } from "../../../shared/config/schema.ts";
import { ada, ben } from "../../support/configurationBench.ts";

const root = join(import.meta.dirname, "../../..");

function faults(text: string): string[] {
  try {
    parseConfigFile("f.yaml", text);
    return [];
  } catch (error) {
    if (error instanceof BadFile) return error.message.split("\n");
    throw error;
  }
}

it("reads the file at the root of the repository", async () => {
  const { config, base, warnings } = await readConfigFile(join(root, "steelyard.yaml"));
  expect([base, warnings]).toEqual([undefined, []]);
  expect(config.standards[0]).toMatchObject({ id: "NET-01" });
  // A fresh start looks first.
  expect(config.standards.filter(({ mode, modes }) => mode !== "audit" || Object.keys(modes).length > 0)).toEqual([]);
  expect(new Set(config.subscriptions.map(({ level }) => level))).toEqual(new Set(["enforce", "approve", "audit"]));
  expect(readFileSync(join(root, "steelyard.yaml"), "utf8").split("\n")[0]).toBe(
    "# yaml-language-server: $schema=./docs/reference/steelyard.schema.json",
  );
});

it("finds nothing wrong in the example of the documentation, which shows every field", () => {
  const text = readFileSync(join(root, "docs/configuration.md"), "utf8");
  const example = /^```yaml\n([^]*?)^```$/m.exec(text)?.[1] ?? "";
  const { input, warnings } = parseConfigFile("docs/configuration.md", example);
  expect(warnings).toEqual([]);
  expect(Object.keys(input).sort()).toEqual(
    Object.keys(configFileSchema.shape)
      .filter((name) => name !== "version")
      .sort(),
  );
});

describe("a fault is told with line and column:", () => {
  it.each<[string, string, string]>([
    [
      "a value that there is not",
      "subscriptions: []\nstandards:\n  - id: NET-01\n    mode: enfoce\n",
      'f.yaml:4:11: standards[0].mode: found "enfoce"; expected one of audit, approve, enforce',
    ],
    [
      "a key that there is not",
      "subscriptions: []\nstandards: []\nbudgets:\n  - writesPerHour: 5\n    reson: x\n",
      "f.yaml:5:5: budgets[0]: found reson; expected one of environments, subscriptions, standards, writesPerHour, during, reason",
    ],
    [
      "a key twice",
      "subscriptions: []\nstandards: []\npaused: true\npaused: false\n",
      "f.yaml:4:1: found this key again; expected it once",
    ],
    [
      "a value that is missing",
      "subscriptions:\n  - name: x\n    archetype: corp\n    level: audit\nstandards: []\n",
      "f.yaml:2:5: subscriptions[0].id: found nothing; expected a string",
    ],
    [
      "a number out of range",
      "subscriptions: []\nstandards: []\ndigestHour: 24\n",
      "f.yaml:3:13: digestHour: found 24; expected a number of at most 23",
    ],
    [
      "a word for yes or no",
      "subscriptions: []\nstandards: []\npaused: yes\n",
      'f.yaml:3:9: paused: found "yes"; expected true or false',
    ],
    ["a tab", "subscriptions:\n\t- id: x\n", "f.yaml:2:1: found a tab; expected spaces"],
    [
      "a second document",
      "subscriptions: []\nstandards: []\n---\na: 1\n",
      "f.yaml:3:1: found another document; expected one",
    ],
    ["nothing at all", "", "f.yaml:1:1: found nothing; expected at least subscriptions and standards"],
    [
      "an environment's name",
      "subscriptions: []\nstandards: []\nquorums: {Prod: 1}\n",
      "f.yaml:3:17: quorums.Prod: found the name Prod; expected an environment of at most 30 lower-case letters, digits and hyphens, such as prod",
    ],
    [
      "what contradicts itself",
      `subscriptions: []\nstandards: [{id: NET-01, mode: approve}]\nquorums:\n  prod: 3\napprovers:\n  - people: [${ada}, ${ben}]\n`,
      "f.yaml:4:9: quorums.prod: found 3 for prod, and 2 approvers are named there for NET-01; expected at most 2, or 1 more under approvers",
    ],
    [
      "a standard that there is not",
      "subscriptions: []\nstandards: [{id: NET-99, mode: audit}]\n",
      "f.yaml:2:18: standards[0].id: found NET-99; expected one of NET-01, NET-02, NET-03, NET-04, NET-05, NET-06, NET-08",
    ],
  ])("%s", (_, text, message) => {
    expect(faults(text)).toContain(message);
  });
});

describe("what would take a reader down is refused:", () => {
  const bomb = `a: &a [${"x,".repeat(10)}]\nb: &b [${"*a,".repeat(10)}]\nc: &c [${"*b,".repeat(10)}]\nd: [${"*c,".repeat(10)}]\n`;
  it.each<[string, string, RegExp]>([
    ["aliases that expand to too much", bomb, /^f\.yaml: found aliases/],
    ["lists in lists", "[".repeat(20_000), /^f\.yaml: found lists or maps nested too deeply$/],
    ["a tag of its own", "subscriptions: !!js/function x\nstandards: []\n", /^f\.yaml:1:16: Unresolved tag/],
  ])("%s", (_, text, message) => {
    const told = faults(text);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(message);
  });

  it("tells at most twenty faults, those first in the file first", () => {
    const text = `standards: []\nsubscriptions:\n${"  - {id: x, name: n, archetype: corp, level: audit}\n".repeat(30)}`;
    const told = faults(text);
    expect([told.length, told[0]?.slice(0, 12), told[8]?.slice(0, 12), told.at(-1)]).toEqual([
      21,
      "f.yaml:3:10:",
      "f.yaml:11:10",
      "and 10 more",
    ]);
  });
});

it("tells what is noteworthy without refusing it", () => {
  const text = "subscriptions: []\nstandards:\n  - id: NET-01\n    mode: enforce\n";
  const { warnings } = parseConfigFile("f.yaml", text);
  expect(warnings).toEqual([expect.stringMatching(/^f\.yaml:4:11: standards\[0\]\.mode: found enforce for NET-01;/)]);
});
