/** Judges resources in files: no product has to run, nothing is asked of Azure. */
import { archetypes, modeOf, type Config } from "../../config/schema.ts";
import { judgeStandards } from "../../audit/judge.ts";
import type { Found } from "../../audit/found.ts";
import { readResources } from "../../audit/shapes.ts";
import { textOf } from "../../audit/text.ts";
import { useStandard, type UsedStandard } from "../../audit/used.ts";
import { countsOf } from "../../audit/verdict.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { parse } from "../../kernel/parse.ts";
import { definitions } from "../../standards/catalogue.ts";
import { standardSchema, type StandardDefinition } from "../../standards/definition.ts";
import { isObject, member, type JsonObject } from "../../standards/policy/values.ts";
import { print, type Command, type ExitCode, type Invocation } from "../command.ts";
import { readConfigFile } from "../configFile.ts";
import { readParts } from "../givenFiles.ts";
import { readOwnStandards } from "../ownStandards.ts";
import { BadFile } from "../textFile.ts";

/** 20,000 accounts with what belongs to them are some 100 MB. */
const RESOURCES_BYTES_MAX = 200_000_000;

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
    catalogue: { help: "with --standards: the catalogue's standards, too" },
    config: { value: "FILE", help: "a steelyard.yaml: subscriptions, environments, standards, parameters" },
    parameters: { value: "FILE", help: "JSON: {standard: {parameter: value}}; over those of --config" },
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
  const standards = await standardsOf(call, config);
  const found = await resourcesOf(call);
  for (const note of found.notes) process.stderr.write(`${note}\n`);
  const verdicts = judgeStandards(found, standards, {
    whereabouts: {
      config,
      archetype: archetypeOf(call),
      environment: call.value("environment")?.toLowerCase(),
      nowMs: Date.now(),
    },
    isComplete: call.has("complete"),
    withPlan: call.has("plan"),
    progress: (done, total) => {
      if (done % PROGRESS_EVERY === 0) process.stderr.write(`judged ${done} of ${total} accounts\n`);
    },
  });
  if (verdicts.length === 0) {
    const count = found.resources.length;
    process.stderr.write(
      `Nothing is judged: of ${count} resource${count === 1 ? "" : "s"} none is or is at an account.\n`,
    );
  }
  const titles = new Map(standards.map(({ definition: { id, title } }) => [id, title]));
  const isColoured = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  print(call.json, verdicts, () => textOf(verdicts, { isColoured, titles }));
  return countsOf(verdicts).fail > 0 ? 1 : 0;
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
  try {
    return readResources(parts, target);
  } catch (error) {
    if (error instanceof SteelyardError) throw new BadFile(error.message.split("\n"));
    throw error;
  }
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
async function standardsOf(call: Invocation, config: Config | undefined): Promise<UsedStandard[]> {
  const parameters = await objectIn(call.value("parameters"));
  const path = call.value("standards");
  const catalogue = path === undefined || call.has("catalogue") ? catalogueOf(config) : [];
  const own = path === undefined ? [] : await readOwnStandards(path);
  const known = new Set(own.map(({ id }) => id));
  const all = [...catalogue.filter(({ id }) => !known.has(id)), ...own];
  const stranger = Object.keys(parameters).find((name) => !all.some(({ id }) => id === name));
  if (stranger !== undefined) {
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
