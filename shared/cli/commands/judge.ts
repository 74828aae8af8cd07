/** Judges resources in files: no product has to run, nothing is asked of Azure. */
import { archetypes, modeOf, type Config } from "../../config/schema.ts";
import { judgeStandards } from "../../audit/judge.ts";
import type { Found } from "../../audit/found.ts";
import { readResources } from "../../audit/shapes.ts";
import { judgePolicies } from "../../audit/judgingPolicies.ts";
import { textOf } from "../../audit/text.ts";
import { usePolicies, type PolicyText, type UsedPolicies } from "../../audit/usedPolicies.ts";
import { useStandard, type UsedStandard } from "../../audit/used.ts";
import { countsOf } from "../../audit/verdict.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { parse } from "../../kernel/parse.ts";
import { definitions } from "../../standards/catalogue.ts";
import { givenValues } from "../../standards/imported/parameterValues.ts";
import { readAliases, type AliasTable } from "../../standards/policy/aliases.ts";
import { standardSchema, type StandardDefinition } from "../../standards/definition.ts";
import { isObject, member, type JsonObject } from "../../standards/policy/values.ts";
import type { Command, ExitCode, Invocation } from "../command.ts";
import { readConfigFile } from "../configFile.ts";
import { jsonFilesAt, readParts } from "../givenFiles.ts";
import { readOwnStandards } from "../ownStandards.ts";
import { BadFile } from "../textFile.ts";

/** 20,000 accounts with what belongs to them are some 100 MB. */
const RESOURCES_BYTES_MAX = 200_000_000;

/** All of Azure's own definitions in one file are some 30 MB. */
const POLICY_BYTES_MAX = 50_000_000;
const ALIASES_BYTES_MAX = 200_000_000;

const PARAMETERS_BYTES_MAX = 5_000_000;

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
    standards: { value: "PATH", help: "a standard's file, or a folder of them, instead of the catalogue" },
    policy: { value: "PATH", help: "Azure Policy definitions, initiatives, assignments: a file or a folder of them" },
    aliases: { value: "FILE", help: "Azure's list of providers with their aliases, for --policy" },
    catalogue: { help: "with --standards or --policy: the catalogue's standards, too" },
    config: { value: "FILE", help: "a steelyard.yaml: subscriptions, environments, standards, parameters" },
    parameters: { value: "FILE", help: "JSON: {standard: {parameter: value}}, and {parameter: value} for policies" },
    archetype: { value: "NAME", help: "corp or online; over what --config says of the subscription" },
    environment: { value: "NAME", help: "such as prod; over what the tag env says" },
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
    whereabouts: {
      config,
      archetype: archetypeOf(call),
      environment: call.value("environment")?.toLowerCase(),
      nowMs: Date.now(),
    },
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
    const count = found.resources.length;
    process.stderr.write(
      `Nothing is judged: of ${count} resource${count === 1 ? "" : "s"} none is or is at an account.\n`,
    );
  }
  const titles = new Map([
    ...standards.map(({ definition: { id, title } }) => [id, title] as const),
    ...[...(policies?.policies ?? []), ...(policies?.views ?? [])].map(({ name, title }) => [name, title] as const),
  ]);
  const isColoured = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  if (call.json) printList(verdicts);
  else process.stdout.write(textOf(verdicts, { isColoured, titles }));
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

/** Faults of what a file holds begin with the file, as editors and CI read them. */
function inFile<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SteelyardError && !(error instanceof BadFile)) throw new BadFile(error.message.split("\n"));
    throw error;
  }
}

async function resourcesOf(call: Invocation): Promise<Found> {
  const file = call.required("resources");
  const parts = await readParts(file, RESOURCES_BYTES_MAX);
  const given = await objectIn(call.value("template-parameters"));
  // A file of parameters for a deployment has them one level down.
  const own = member(given, "parameters");
  const target = {
    subscription: guidOf(call),
    resourceGroup: call.value("resource-group"),
    parameters: isObject(own) ? own : given,
  };
  return inFile(() => readResources(parts, target));
}

function guidOf(call: Invocation): string | undefined {
  const given = call.value("subscription")?.toLowerCase();
  if (given === undefined || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(given)) return given;
  throw new SteelyardError("BadInput", `--subscription: found "${given}"; expected the ID of a subscription`);
}

function archetypeOf(call: Invocation): (typeof archetypes)[number] | undefined {
  const given = call.value("archetype")?.toLowerCase();
  const known = archetypes.find((name) => name === given);
  if (given === undefined || known !== undefined) return known;
  throw new SteelyardError("BadInput", `--archetype: found "${given}"; expected one of ${archetypes.join(", ")}`);
}

async function configOf(call: Invocation): Promise<Config | undefined> {
  const file = call.value("config");
  if (file === undefined) return undefined;
  const { config, warnings } = await readConfigFile(file);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  return config;
}

/** Own ones, the configured ones, or all of the catalogue, with the values of their parameters. */
async function standardsOf(
  call: Invocation,
  config: Config | undefined,
  parameters: JsonObject,
): Promise<UsedStandard[]> {
  const [path, policy] = [call.value("standards"), call.value("policy")];
  const isAlone = path === undefined && policy === undefined;
  const catalogue = isAlone || call.has("catalogue") ? catalogueOf(config) : [];
  const own = path === undefined ? [] : await readOwnStandards(path);
  const known = new Set(own.map(({ id }) => id));
  const all = [...catalogue.filter(({ id }) => !known.has(id)), ...own];
  const stranger = Object.keys(parameters).find((name) => !all.some(({ id }) => id === name));
  // Parameters of policies go by names of their own.
  if (stranger !== undefined && policy === undefined) {
    const expected = all.map(({ id }) => id).join(", ");
    throw new BadFile([`${call.value("parameters")}: /${stranger}: found ${stranger}; expected one of ${expected}`]);
  }
  return all.map((definition) => {
    const setting = config?.standards.find(({ id }) => id === definition.id);
    const over = member(parameters, definition.id);
    const given = { ...setting?.parameters, ...(isObject(over) ? over : {}) };
    return useStandard(definition, given, setting === undefined ? undefined : (name) => modeOf(setting, name));
  });
}

function catalogueOf(config: Config | undefined): StandardDefinition[] {
  const chosen = definitions.filter(({ id }) => config?.standards.some((setting) => setting.id === id) ?? true);
  return chosen.map((item) => parse(standardSchema, item, `standard ${item.id}`));
}

async function objectIn(file: string | undefined): Promise<JsonObject> {
  if (file === undefined) return {};
  const [part, ...more] = await readParts(file, PARAMETERS_BYTES_MAX);
  if (more.length === 0 && isObject(part?.value)) return part.value;
  throw new BadFile([`${file}:1:1: found no object; expected one`]);
}
