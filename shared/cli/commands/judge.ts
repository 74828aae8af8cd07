/** Judges resources in files: no product has to run, nothing is asked of Azure. */
import { judgeStandards } from "../../audit/judge.ts";
import type { Found } from "../../audit/found.ts";
import { readResources } from "../../audit/shapes.ts";
import { judgePolicies } from "../../audit/judgingPolicies.ts";
import { textOf } from "../../audit/text.ts";
import { usePolicies, type PolicyText, type UsedPolicies } from "../../audit/usedPolicies.ts";
import { lacksOf } from "../../audit/used.ts";
import { countsOf } from "../../audit/verdict.ts";
import { givenValues } from "../../standards/imported/parameterValues.ts";
import { readAliases, type AliasTable } from "../../standards/policy/aliases.ts";
import { isObject, member, type JsonObject } from "../../standards/policy/values.ts";
import type { Command, ExitCode, Invocation } from "../command.ts";
import { jsonFilesAt, objectIn, readParts } from "../givenFiles.ts";
import { configOf, guidOf, judgedByOptions, standardsOf, whereaboutsOf } from "../judgedBy.ts";
import { inFile } from "../textFile.ts";
import { counted } from "../words.ts";

/** 20,000 accounts with what belongs to them are some 100 MB. */
const RESOURCES_BYTES_MAX = 200_000_000;

/** All of Azure's own definitions in one file are some 30 MB. */
const POLICY_BYTES_MAX = 50_000_000;
const ALIASES_BYTES_MAX = 200_000_000;

/** Accounts between two lines of progress. */
const PROGRESS_EVERY = 2_000;

export const judgeCommand: Command = {
  words: "judge",
  takes: [],
  summary: "say which standards the resources in a file keep, with no product and no network",
  details: `FILE (- for stdin) is JSON, or JSON on each line, told apart by its shape:

  a resource as Azure Resource Manager answers it, a list of them, or a list response ({value: [...]})
  an ARM template (what \`az bicep build\` makes), with the resources nested in it
  the result of a what-if: its \`after\` of each change
  an export of Azure Resource Graph ({data: [...]}, or {data: {columns, rows}})
  recorded exchanges with Azure Resource Manager: {method, url, status, responseBody}

A list that is not in FILE may hold anything: what rests on it is unknown, unless --complete says that there is no more.
What a template leaves to its deployment is unknown, too. Without --config the standards of the catalogue are judged,
and those whose parameters have no value are unknown.

Exit codes: 0 nothing failed; 1 something did; 2 a file cannot be read.`,
  options: {
    resources: { value: "FILE", isRequired: true, help: "resources to judge; - reads stdin" },
    policy: { value: "PATH", help: "Azure Policy definitions, initiatives, assignments: a file or a folder of them" },
    aliases: { value: "FILE", help: "Azure's list of providers with their aliases, for --policy" },
    ...judgedByOptions,
    subscription: { value: "ID", help: "where a template would be deployed" },
    "resource-group": { value: "NAME", help: "where a template would be deployed" },
    "template-parameters": { value: "FILE", help: "values of the template's parameters" },
    complete: { help: "what is not in FILE is not there" },
    plan: { help: "also what would change, by which request, and what stands against it" },
  },
  run: judge,
};

async function judge(call: Invocation): Promise<ExitCode> {
  const config = await configOf(call);
  const parameters = await objectIn(call.value("parameters"));
  const policies = await policiesOf(call, parameters);
  const standards = await standardsOf(call, config, parameters);
  const found = await resourcesOf(call);
  for (const note of [...(policies?.left ?? []), ...found.notes]) process.stderr.write(`${note}\n`);
  const options = {
    whereabouts: whereaboutsOf(call, config, Date.now()),
    isComplete: call.has("complete"),
    withPlan: call.has("plan"),
    progress: (done: number, total: number) => {
      if (done % PROGRESS_EVERY === 0) process.stderr.write(`judged ${done} of ${total}\n`);
    },
  };
  const verdicts = [
    ...judgeStandards(found, standards, options),
    ...(policies === undefined ? [] : judgePolicies(found, policies, options)),
  ];
  if (verdicts.length === 0) {
    const all = counted(found.resources.length, "resource");
    process.stderr.write(`Nothing is judged: of ${all} none is or is at an account.\n`);
  }
  const titles = new Map([
    ...standards.map(({ definition: { id, title } }) => [id, title] as const),
    ...[...(policies?.policies ?? []), ...(policies?.views ?? [])].map(({ name, title }) => [name, title] as const),
  ]);
  const isColoured = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  if (call.json) printList(verdicts);
  else process.stdout.write(textOf(verdicts, { isColoured, titles, lacks: lacksOf(standards) }));
  return countsOf(verdicts).fail > 0 ? 1 : 0;
}

const PRINTED_AT_ONCE = 2_000;

/** One JSON array, in pieces: a million verdicts make a longer text than there can be. */
function printList(items: readonly object[]): void {
  process.stdout.write("[");
  for (let at = 0; at < items.length; at += PRINTED_AT_ONCE) {
    const some = items.slice(at, at + PRINTED_AT_ONCE).map((item) => JSON.stringify(item));
    process.stdout.write(`${at === 0 ? "" : ",\n"}${some.join(",\n")}`);
  }
  process.stdout.write("]\n");
}

/** Undefined without `--policy`. */
async function policiesOf(call: Invocation, parameters: JsonObject): Promise<UsedPolicies | undefined> {
  const path = call.value("policy");
  const aliases = call.value("aliases");
  if (path === undefined) return undefined;
  const table = aliases === undefined ? undefined : await aliasesIn(aliases);
  const texts: PolicyText[] = [];
  for (const file of await jsonFilesAt(path)) {
    const parts = await readParts(file, POLICY_BYTES_MAX);
    texts.push(...parts.map(({ value, where }) => ({ json: value, where })));
  }
  const given = givenValues(parameters, call.value("parameters") ?? "--parameters");
  return inFile(() => usePolicies(texts, given, table));
}

async function aliasesIn(file: string): Promise<AliasTable> {
  const [part] = await readParts(file, ALIASES_BYTES_MAX);
  return inFile(() => readAliases(part?.value, file));
}

async function resourcesOf(call: Invocation): Promise<Found> {
  const file = call.required("resources");
  const parts = await readParts(file, RESOURCES_BYTES_MAX);
  const given = await objectIn(call.value("template-parameters"));
  // A file of parameters for a deployment has them one level down.
  const own = member(given, "parameters");
  const target = {
    subscription: guidOf(call.value("subscription")),
    resourceGroup: call.value("resource-group"),
    parameters: isObject(own) ? own : given,
  };
  return inFile(() => readResources(parts, target));
}
