#!/usr/bin/env node
/** The `steelyard` command. `--json` prints JSON on stdout and nothing else there; progress goes to stderr. */
import { parseArgs } from "node:util";
import { SteelyardError } from "../kernel/errors.ts";
import { connect } from "./connection.ts";
import { ledgerVerify } from "./ledgerVerify.ts";
import { undo } from "./undo.ts";

export interface Invocation {
  readonly positionals: readonly string[];
  readonly json: boolean;
  readonly reason: string | undefined;
}

/** 0: fine. 1: it found something that is not as it should be. 2: it could not do what was asked. */
type ExitCode = 0 | 1 | 2;

const help = `steelyard: the control plane of an Azure OpenAI and Foundry estate

  steelyard ledger verify            check every chain and seal of the ledger
  steelyard undo CHANGE --reason TEXT
                                     take an applied change back for a day

Options
  --json       one JSON document on stdout, nothing else there
  --help       this text

It talks to STEELYARD_URL (with STEELYARD_TOKEN, or signed in through Azure), else to the product running on this
machine. Exit codes: 0 fine, 1 something is not as it should be, 2 it could not do what was asked.
`;

const commands: Readonly<Record<string, (call: Invocation) => Promise<ExitCode>>> = {
  "ledger verify": async ({ positionals: [extra], reason, json }) => {
    refuseExtra("ledger verify", extra);
    if (reason !== undefined) throw usage("ledger verify: found --reason; expected --json or nothing");
    return ledgerVerify(await connect(process.env), json);
  },
  undo: async ({ positionals: [change, extra], reason, json }) => {
    refuseExtra("undo", extra);
    if (change === undefined) throw usage("undo: found no change; expected the id of an applied proposal");
    if (reason === undefined) throw usage("undo: found no --reason; expected why it is taken back");
    return undo(await connect(process.env), { change, reason }, json);
  },
};

async function main(): Promise<ExitCode> {
  const { values, positionals } = parse();
  if (values.help === true || positionals.length === 0) {
    process.stdout.write(help);
    return values.help === true ? 0 : 2;
  }
  for (const words of [2, 1]) {
    const command = commands[positionals.slice(0, words).join(" ")];
    if (command === undefined) continue;
    return command({ positionals: positionals.slice(words), json: values.json === true, reason: values.reason });
  }
  throw usage(`found "${positionals.join(" ")}"; expected one of: ${Object.keys(commands).join(", ")}`);
}

function parse(): { values: { help?: boolean; json?: boolean; reason?: string }; positionals: string[] } {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { help: { type: "boolean" }, json: { type: "boolean" }, reason: { type: "string" } },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

/** A word that no command reads is a mistake, often a missing quote. */
function refuseExtra(command: string, extra: string | undefined): void {
  if (extra !== undefined) throw usage(`${command}: found "${extra}"; expected nothing more there`);
}

function usage(message: string): SteelyardError {
  return new SteelyardError("BadInput", `${message}\nSee: steelyard --help`);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SteelyardError)) throw error;
  process.stderr.write(`steelyard: ${error.message}\n`);
  process.exitCode = 2;
}
