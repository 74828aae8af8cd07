/** Runs cases of policies: what a rule says of a resource, next to what is expected. It needs nothing but the files. */
import { SteelyardError } from "../../kernel/errors.ts";
import { readAliases, type AliasTable } from "../../standards/policy/aliases.ts";
import { readPolicyCase, runPolicyCase, type CaseResult } from "../../standards/policy/policyCases.ts";
import { print, type Command, type ExitCode, type Invocation } from "../command.ts";
import { BadFile, readText } from "../textFile.ts";

/** Azure's whole table of aliases is some 30 MB. */
const FILE_BYTES_MAX = 200_000_000;

/** Longer definitions are refused by Azure long before. */
const LINE_CHARACTERS_MAX = 8_000_000;

const CASES_MAX = 100_000;

export const policyCommands: readonly Command[] = [
  {
    words: "policy test",
    takes: ["FILE"],
    summary: "evaluate Azure Policy rules on resources and compare with what is expected",
    details: `FILE has one JSON object on each line:

  id                  its name
  rule or definition  a policyRule ({if, then}), or a whole policy definition
  parameters          values of the assignment, by name
  resource            as Azure Resource Manager answers it
  apiVersion          of the request, if any: it decides which path an alias stands for
  requestContext      what requestContext() gives; context: {resourceGroup, subscription, policy, utcNow}
  related             answers to look-ups of related resources, in order; null: none found
  aliases             name of a table in the file of aliases, or null: by their structure
  expect              {"effect": name, or null for none, "details": optional}, or {"error": "parse" or "compile"}: refused

The file of aliases is {name: list of providers}, each list as Azure Resource Manager returns it with
$expand=resourceTypes/aliases. No product has to run.

Exit codes: 0 all passed; 1 some failed; 2 a file cannot be read.`,
    options: { aliases: { value: "FILE", help: "tables of aliases that cases name" } },
    run: policyTest,
  },
];

async function policyTest(call: Invocation): Promise<ExitCode> {
  const [file = ""] = call.operands;
  const aliases = call.value("aliases");
  const tables = aliases === undefined ? new Map<string, AliasTable>() : await readTables(aliases);
  const results = run(file, await readText(file, FILE_BYTES_MAX), tables);
  const failures = results.filter(({ passed }) => !passed);
  const counts = { passed: results.length - failures.length, failed: failures.length };
  const told = failures.map(({ id, message }) => ({ id, message }));
  print(call.json, { ...counts, failures: told }, () => {
    return `${failuresText(failures)}${counts.passed} passed, ${counts.failed} failed\n`;
  });
  return failures.length === 0 ? 0 : 1;
}

/** Cases that fail for the same reason, such as aliases that nobody gave, are one line. */
const SAME_MAX = 3;

function failuresText(failures: readonly CaseResult[]): string {
  const lines = [...Map.groupBy(failures, ({ message = "" }) => message)].flatMap(([message, some]) => {
    const [first] = some;
    if (first !== undefined && some.length > SAME_MAX) return [`${first.id} and ${some.length - 1} more: ${message}`];
    return some.map(({ id }) => `${id}: ${message}`);
  });
  return lines.map((line) => `FAILED ${line}\n`).join("");
}

function run(file: string, text: string, tables: ReadonlyMap<string, AliasTable>): CaseResult[] {
  const nowMs = Date.now();
  const results: CaseResult[] = [];
  for (const [at, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const where = `${file}:${at + 1}:1`;
    if (results.length === CASES_MAX) throw new BadFile([`${where}: found more cases; expected at most ${CASES_MAX}`]);
    if (line.length > LINE_CHARACTERS_MAX) {
      throw new BadFile([`${where}: found ${line.length} characters; expected at most ${LINE_CHARACTERS_MAX}`]);
    }
    results.push(runPolicyCase(readCase(line, where), tables, nowMs));
  }
  if (results.length === 0) throw new BadFile([`${file}:1:1: found no case; expected one on each line`]);
  return results;
}

function readCase(line: string, where: string): ReturnType<typeof readPolicyCase> {
  try {
    return readPolicyCase(parsed(line, where), where);
  } catch (error) {
    if (error instanceof SteelyardError && !(error instanceof BadFile)) throw new BadFile([error.message]);
    throw error;
  }
}

async function readTables(file: string): Promise<ReadonlyMap<string, AliasTable>> {
  const input = parsed(await readText(file, FILE_BYTES_MAX), `${file}:1:1`);
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new BadFile([`${file}:1:1: found no tables by name; expected {"name": list of providers}`]);
  }
  return new Map(Object.entries(input).map(([name, list]) => [name, readAliases(list, `${file}: table ${name}`)]));
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new BadFile([`${where}: found no JSON (${error.message}); expected an object`]);
    throw error;
  }
}
