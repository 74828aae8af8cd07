/** `steelyard policy import`: what an organisation's Azure Policy becomes here, and the part of the configuration for it. */
import { stringify } from "yaml";
import { SteelyardError } from "../../kernel/errors.ts";
import {
  readPolicyDocuments,
  type Imported,
  type ImportedPolicy,
  type Left,
  type PolicyDocument,
} from "../../standards/imported/import.ts";
import { givenValues } from "../../standards/imported/parameterValues.ts";
import type { Parameters } from "../../standards/policy/scope.ts";
import { print, type Command, type ExitCode, type Invocation } from "../command.ts";
import { jsonFilesAt, objectIn, readParts } from "../givenFiles.ts";
import { planOptions, refuseWithoutPlan } from "../planText.ts";
import { BadFile, writeText } from "../textFile.ts";
import { planPolicies } from "./policyPlan.ts";

/** All of Azure's own definitions in one file are some 30 MB. */
const FILE_BYTES_MAX = 50_000_000;

export const policyImportCommand: Command = {
  words: "policy import",
  takes: ["PATH"],
  summary: "take over Azure Policy definitions, initiatives and assignments as they are",
  details: `PATH is a JSON file, or a folder of them: definitions, initiatives and assignments as Azure Resource Manager answers
them, as az prints them, or in lists. Initiatives and assignments find their definitions anywhere in PATH. Nothing is changed
in a definition, and none comes in as enforced: it says what its mode and its remedy would be, and what stays outside and
why. Without --plan no product has to run.

Without --out the section for the configuration is printed on stdout, and everything else on stderr. Put it into
steelyard.yaml and apply that: steelyard config apply steelyard.yaml --plan. With --plan the same is told at once, of the
configuration that holds with the policies in it; that takes the product.

The file of parameters holds values by the names of parameters, for whatever declares them, and below the name of a
definition or an initiative the values for it alone. Values may be wrapped as az writes them: {"name": {"value": ...}}.

Exit codes: 0 all came in; 1 some stay outside or, with --plan, something would be otherwise; 2 a file cannot be read.`,
  options: {
    parameters: { value: "FILE", help: "values for parameters, as JSON" },
    out: { value: "FILE", help: "write the section for the configuration there" },
    plan: { help: "only say what the policies would find and do in the estate; nothing is changed" },
    ...planOptions,
  },
  run: policyImport,
};

async function policyImport(call: Invocation): Promise<ExitCode> {
  refuseWithoutPlan(call, "policy import");
  const [path = ""] = call.operands;
  const file = call.value("parameters");
  const given = givenValues(await objectIn(file), file ?? "--parameters");
  const imported = await readPath(path, given);
  refuseUnused(imported, file);
  const section = sectionOf(imported.policies);
  const out = call.value("out");
  if (out !== undefined) await writeText(out, section.text);
  if (call.has("plan")) {
    process.stderr.write(reportOf(imported));
    return planPolicies(call, section.value);
  }
  if (call.json) print(true, { ...answerOf(imported), configuration: section.value }, () => "");
  else if (out === undefined) {
    process.stderr.write(reportOf(imported));
    process.stdout.write(section.text);
  } else process.stdout.write(`${reportOf(imported)}${out} is written: put it into the configuration.\n`);
  return imported.left.length === 0 ? 0 : 1;
}

async function readPath(path: string, given: Parameters): Promise<Imported> {
  const files = await jsonFilesAt(path);
  const isFile = files.length === 1 && files[0] === path;
  const documents: PolicyDocument[] = [];
  const unread: Left[] = [];
  for (const file of files) {
    try {
      for (const { value, where } of await readParts(file, FILE_BYTES_MAX)) documents.push({ where, json: value });
    } catch (error) {
      // One file among many: the others come in without it.
      if (isFile || !(error instanceof SteelyardError)) throw error;
      unread.push({ name: file, title: file, where: file, reason: error.message });
    }
  }
  const imported = readPolicyDocuments(documents, given);
  const [first] = imported.left;
  // What is nothing of Azure Policy is no policy that stays outside.
  if (isFile && imported.policies.length === 0 && imported.left.length === 1 && first?.name === path) {
    throw new BadFile([first.reason]);
  }
  return { ...imported, left: [...unread, ...imported.left] };
}

function refuseUnused({ unused }: Imported, file: string | undefined): void {
  if (unused.length === 0 || file === undefined) return;
  throw new BadFile(
    unused.map(
      (name) => `${file}:1:1: found ${name}; expected a parameter that is declared, or the name of what is read`,
    ),
  );
}

/** As it stands in a configuration; what is off is not in it. */
function sectionOf(policies: readonly ImportedPolicy[]) {
  const value = {
    policies: policies
      .filter(({ mode }) => mode !== "off")
      .map(({ id, mode, parameters, definition }) => ({ id, mode, parameters, definition })),
  };
  // Definitions hold long texts and no structure that is shared: neither folds nor anchors.
  return { value, text: stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }) };
}

function answerOf({ policies, left }: Imported) {
  return {
    policies: policies.map(({ id, name, title, initiative, where, effect, mode, parameters, remedy, notes }) => ({
      id,
      name,
      title,
      initiative,
      where,
      effect,
      mode,
      parameters,
      remedy: remedyOf(remedy),
      notes,
    })),
    left,
  };
}

function remedyOf({ native, remedy, none }: ImportedPolicy["remedy"]) {
  if (remedy === undefined) return { native: native ?? null, kind: null, safety: "X", paths: [], none: none ?? null };
  const { kind, safety, assertions } = remedy.definition;
  return { native: native ?? null, kind, safety, paths: assertions.map(({ path }) => path), none: null };
}

function reportOf({ policies, left }: Imported): string {
  const lines = policies.flatMap((policy) => {
    const { id, title, effect, mode, remedy, notes, initiative } = policy;
    const { paths, safety, none } = remedyOf(remedy);
    const brought = initiative === null ? "" : ` (of ${initiative})`;
    return [
      `${id}  ${title}${brought}`,
      `  ${effect} -> ${mode === "off" ? "off: it is left out of the configuration" : mode}`,
      ...(paths.length > 0 ? [`  remedy: sets ${paths.join(", ")}; safety ${safety}`] : []),
      ...[...(none === null ? [] : [`no remedy: ${none}`]), ...notes].map((line) => `  ${line}`),
    ];
  });
  const outside = left.flatMap(({ name, title, reason, remedy }) => [
    `outside: ${name}${title === name ? "" : `  ${title}`}`,
    `  ${reason}${remedy === undefined ? "" : ` What it deploys is the remedy ${remedy} here.`}`,
  ]);
  const outcome = `${policies.length} ${policies.length === 1 ? "comes" : "come"} in, ${left.length} ${left.length === 1 ? "stays" : "stay"} outside`;
  return `${[...lines, ...outside, outcome].join("\n")}\n`;
}
