#!/usr/bin/env node
/** The `steelyard` command. `--json` prints JSON on stdout and nothing else there; progress goes to stderr. */
import { SteelyardError } from "../kernel/errors.ts";
import { commandOf, helpOf, invocationOf, overview, readLine, type Command, type ExitCode } from "./command.ts";
import { auditCommand } from "./commands/audit.ts";
import { configCommands } from "./commands/config.ts";
import { changeCommands } from "./commands/changes.ts";
import { digestCommand } from "./commands/digest.ts";
import { judgeCommand } from "./commands/judge.ts";
import { enrolmentCommands } from "./commands/enrolment.ts";
import { ledgerCommands } from "./commands/ledger.ts";
import { policyCommands } from "./commands/policy.ts";
import { policyImportCommand } from "./commands/policyImport.ts";
import { redriveCommand } from "./commands/redrive.ts";
import { standardsCommands } from "./commands/standards.ts";
import { undoCommand } from "./commands/undo.ts";
import { BadFile } from "./textFile.ts";
import { connect } from "./connection.ts";

const commands: readonly Command[] = [
  judgeCommand,
  auditCommand,
  ...configCommands,
  ...changeCommands,
  ...standardsCommands,
  ...enrolmentCommands,
  undoCommand,
  ...ledgerCommands,
  ...policyCommands,
  policyImportCommand,
  redriveCommand,
  digestCommand,
];

const foot = `It talks to STEELYARD_URL (with STEELYARD_TOKEN, or signed in through Azure), else to the product running on this
machine. Exit codes: 0 fine, 1 something is not as it should be, 2 it could not do what was asked.
Each command tells more about itself: steelyard config apply --help
`;

async function main(): Promise<ExitCode> {
  const line = readLine(asked(process.argv.slice(2)), commands);
  const wantsHelp = line.values["help"] === true;
  if (line.words.length === 0) {
    process.stdout.write(
      `steelyard: the control plane of an Azure OpenAI and Foundry estate\n\n${overview(commands, foot)}`,
    );
    return wantsHelp ? 0 : 2;
  }
  const family = commands.filter(({ words }) => words.startsWith(`${line.words[0]} `));
  if (wantsHelp && line.words.length === 1 && family.length > 0) {
    process.stdout.write(overview(family, foot));
    return 0;
  }
  const command = commandOf(line.words, commands);
  if (wantsHelp) {
    process.stdout.write(helpOf(command));
    return 0;
  }
  return command.run(invocationOf(command, line, (as) => connect(process.env, as)));
}

/** `steelyard help undo` is `steelyard undo --help`. */
function asked(args: readonly string[]): readonly string[] {
  return args[0] === "help" ? [...args.slice(1), "--help"] : args;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SteelyardError)) throw error;
  // A file's faults begin with file, line and column, as editors and CI read them.
  process.stderr.write(error instanceof BadFile ? `${error.message}\n` : `steelyard: ${error.message}\n`);
  process.exitCode = 2;
}
