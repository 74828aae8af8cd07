/** `steelyard standards`: what standards that nobody holds yet would find and do. */
import { z } from "zod";
import { parse } from "../../kernel/parse.ts";
import { readTrials } from "../../standards/trial.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { print, type Command, type Invocation } from "../command.ts";
import { objectIn } from "../givenFiles.ts";
import { readOwnStandards } from "../ownStandards.ts";
import { planSchema, planText, wholePlan } from "../planText.ts";
import { BadFile } from "../textFile.ts";

const triedSchema = z.looseObject({
  base: z.int(),
  standards: z.array(
    z.looseObject({ id: z.string(), title: z.string(), mode: z.string(), modes: z.record(z.string(), z.string()) }),
  ),
  plan: planSchema,
});

type Tried = z.output<typeof triedSchema>;

const tryStandards: Command = {
  words: "standards try",
  takes: ["PATH"],
  summary: "what standards would find and do, before anybody holds them",
  details: `PATH is a standard's JSON file, or a folder of them; docs/reference/standard-file.md tells how to write one. (For
definitions of Azure Policy: steelyard policy import PATH --plan.) The cases that a file holds are run first. Then it is
judged on what is known of the estate, beside what the configuration says, or instead of a standard of the same id;
nothing is stored and nothing is written. Each resource is told with its fields before and after, whether people would be
asked, and what stands in the way: approvals, undos, waivers, guards.

With --as-of the estate is judged as it was seen then, by the configuration that holds now; accounts of which that is
not known are named. What was agreed to or taken back at that time does not count.

Without --mode people would be asked where a standard has a remedy, and told where it has none:
there no other mode than audit is taken.

Exit codes: 0 nothing would be found; 1 something would be otherwise; 2 a file is not understood.`,
  options: {
    mode: { value: "MODE", help: "audit, approve or enforce" },
    parameters: { value: "FILE", help: "JSON: {standard: {parameter: value}}" },
    "as-of": { value: "TIME", help: "such as 2026-11-01T00:00:00Z, or a day; at most 90 days ago" },
    all: { help: "every resource, not the first twenty" },
  },
  async run(call) {
    const [path = ""] = call.operands;
    const standards = await readOwnStandards(path);
    const body = { standards, ...(await givenOf(call, path, standards)) };
    const connection = await call.connect();
    const tried = await wholePlan(async (part) => {
      const answer = await connection.call("POST", "/api/standards/plan", { ...body, ...part });
      return parse(triedSchema, answer, "answer of /api/standards/plan");
    });
    print(call.json, tried, () => triedText(tried, call.has("all")));
    return tried.plan.total === 0 ? 0 : 1;
  },
};

/** What else is said of them, checked before anybody is asked. @throws BadFile, SteelyardError `BadInput` */
async function givenOf(call: Invocation, path: string, standards: readonly object[]): Promise<object> {
  const [mode, asOf, file] = [call.value("mode"), call.value("as-of"), call.value("parameters")];
  const parameters = parse(parametersSchema, await objectIn(file), file ?? "--parameters");
  try {
    readTrials(standards, { mode, parameters });
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    throw new BadFile(error.message.split("\n").map((line) => `${path}: ${line}${hintOf(line)}`));
  }
  return { parameters, ...(mode === undefined ? {} : { mode }), ...(asOf === undefined ? {} : { asOf }) };
}

/** How to give a parameter that has no value. */
function hintOf(line: string): string {
  const [, id, name] = /^standard (\S+) at parameters\.(\w+): found nothing;/.exec(line) ?? [];
  return id === undefined ? "" : ` Give it with --parameters FILE: {"${id}": {"${name}": ...}}`;
}

const parametersSchema = z.record(z.string(), z.record(z.string(), z.json()));

function triedText({ standards, base, plan }: Tried, isWhole: boolean): string {
  const lines = standards.map(({ id, title, mode, modes }) => {
    const elsewhere = Object.entries(modes).map(([environment, other]) => `, ${other} in ${environment}`);
    return `  ${id} in mode ${mode}${elsewhere.join("")}: ${title}`;
  });
  return `Beside version ${base} of the configuration; nothing is stored:\n${lines.join("\n")}\n\n${planText(plan, isWhole)}`;
}

export const standardsCommands: readonly Command[] = [tryStandards];
