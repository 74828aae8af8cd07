/** What both `judge` and `audit` are given to judge with: a configuration, standards, parameters, where accounts lie. */
import type { Whereabouts } from "../audit/judging.ts";
import { useStandard, useTakenOver, type UsedStandard } from "../audit/used.ts";
import { archetypes, modeOf, type Config } from "../config/schema.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { parse } from "../kernel/parse.ts";
import { definitions } from "../standards/catalogue.ts";
import { standardSchema, type StandardDefinition } from "../standards/definition.ts";
import { isObject, member, type JsonObject } from "../standards/policy/values.ts";
import type { Invocation, Option } from "./command.ts";
import { readConfigFile } from "./configFile.ts";
import { readOwnStandards } from "./ownStandards.ts";
import { BadFile } from "./textFile.ts";

export const judgedByOptions: Readonly<Record<string, Option>> = {
  standards: { value: "PATH", help: "standards of your own (a file or a folder), instead of the catalogue" },
  catalogue: { help: "the catalogue's standards, too, beside others that are given" },
  config: { value: "FILE", help: "a steelyard.yaml: subscriptions, environments, standards, parameters" },
  parameters: { value: "FILE", help: "JSON: {standard: {parameter: value}}, and {parameter: value} for policies" },
  archetype: { value: "NAME", help: "corp or online; over what --config says of the subscription" },
  environment: { value: "NAME", help: "such as prod; over what the tag env says" },
};

/** @throws SteelyardError `BadInput` for what is no GUID */
export function guidOf(text: string | undefined): string | undefined {
  const given = text?.toLowerCase();
  if (given === undefined || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(given)) return given;
  throw new SteelyardError("BadInput", `--subscription: found "${given}"; expected the ID of a subscription`);
}

function archetypeOf(call: Invocation): (typeof archetypes)[number] | undefined {
  const given = call.value("archetype")?.toLowerCase();
  const known = archetypes.find((name) => name === given);
  if (given === undefined || known !== undefined) return known;
  throw new SteelyardError("BadInput", `--archetype: found "${given}"; expected one of ${archetypes.join(", ")}`);
}

export function whereaboutsOf(call: Invocation, config: Config | undefined, nowMs: number): Whereabouts {
  return { config, archetype: archetypeOf(call), environment: call.value("environment")?.toLowerCase(), nowMs };
}

export async function configOf(call: Invocation): Promise<Config | undefined> {
  const file = call.value("config");
  if (file === undefined) return undefined;
  const { config, warnings } = await readConfigFile(file);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  return config;
}

/** Own ones, the configured ones with the policies that were taken over, or all of the catalogue. */
export async function standardsOf(
  call: Invocation,
  config: Config | undefined,
  parameters: JsonObject,
): Promise<UsedStandard[]> {
  const path = call.value("standards");
  const isOther = path !== undefined || call.value("policy") !== undefined;
  const catalogue = !isOther || call.has("catalogue") ? catalogueOf(config) : [];
  const own = path === undefined ? [] : await readOwnStandards(path);
  const known = new Set(own.map(({ id }) => id));
  const all = [...catalogue.filter(({ id }) => !known.has(id)), ...own];
  const stranger = Object.keys(parameters).find((name) => !all.some(({ id }) => id === name));
  // Parameters of policies go by names of their own.
  if (stranger !== undefined && call.value("policy") === undefined) {
    const expected = all.map(({ id }) => id).join(", ");
    throw new BadFile([`${call.value("parameters")}: /${stranger}: found ${stranger}; expected one of ${expected}`]);
  }
  const taken = !isOther || call.has("catalogue") ? (config?.policies ?? []) : [];
  const used = all.map((definition) => {
    const setting = config?.standards.find(({ id }) => id === definition.id);
    const over = member(parameters, definition.id);
    const given = { ...setting?.parameters, ...(isObject(over) ? over : {}) };
    return useStandard(definition, given, setting === undefined ? undefined : (name) => modeOf(setting, name));
  });
  return [...used, ...taken.map(useTakenOver)];
}

function catalogueOf(config: Config | undefined): StandardDefinition[] {
  const chosen = definitions.filter(({ id }) => config?.standards.some((setting) => setting.id === id) ?? true);
  return chosen.map((item) => parse(standardSchema, item, `standard ${item.id}`));
}
