/** What a command is: its words, what it takes, its own help. The table in main.ts lists them; nothing else knows them all. */
import { parseArgs } from "node:util";
import { SteelyardError } from "../kernel/errors.ts";
import type { Connection } from "./connection.ts";

/** 0: fine. 1: it found something that is not as it should be. 2: it could not do what was asked. */
export type ExitCode = 0 | 1 | 2;

export interface Option {
  /** What stands for its value in the help; without it the option is a switch. */
  readonly value?: string;
  /** Without it the command does nothing. */
  readonly isRequired?: true;
  readonly help: string;
}

export interface Invocation {
  /** What follows the command's words, one for each of `takes`. */
  readonly operands: readonly string[];
  readonly json: boolean;
  /** Whether a switch was given. */
  has(option: string): boolean;
  /** The value of an option; undefined when it was not given. */
  value(option: string): string | undefined;
  /** The same. @throws SteelyardError `BadInput` when it was not given */
  required(option: string): string;
  /** Signs in when first used. */
  connect(): Promise<Connection>;
}

export interface Command {
  readonly words: string;
  /** Operands: `FILE`. All are needed but those in brackets, unless an option of the command's stands instead. */
  readonly takes: readonly string[];
  /** The option that may stand instead of the operands. */
  readonly instead?: string;
  readonly summary: string;
  /** What else its own help tells. */
  readonly details?: string;
  readonly options: Readonly<Record<string, Option>>;
  run(call: Invocation): Promise<ExitCode>;
}

export const globalOptions: Readonly<Record<string, Option>> = {
  json: { help: "one JSON document on stdout, nothing else there" },
  as: { value: "OID", help: "act as this person; only with the product running on this machine" },
  help: { help: "this text" },
};

export interface Parsed {
  readonly words: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}

/** Reads a command line in which options may stand anywhere. @throws SteelyardError `BadInput` */
export function readLine(args: readonly string[], commands: readonly Command[]): Parsed {
  const known = Object.assign({}, ...commands.map(({ options }) => options), globalOptions) as Record<string, Option>;
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    return { words: positionals, values };
  } catch (error) {
    throw whatIsWrong(error, args, commands);
  }
}

/** In our words: the parser's own explain how an operand may begin with a dash, which none of ours does. */
function whatIsWrong(error: unknown, args: readonly string[], commands: readonly Command[]): SteelyardError {
  const text = error instanceof Error ? error.message : String(error);
  const unknown = /^Unknown option '(.*?)'/.exec(text)?.[1];
  const valueless = /^Option '(--[\w-]+) <value>' argument missing/.exec(text)?.[1];
  const command = commands.find(({ words }) => `${args.join(" ")} `.startsWith(`${words} `));
  if (valueless !== undefined) return usage(`found ${valueless} without a value; expected one after it`, command);
  if (unknown === undefined) return usage(text, command);
  if (command === undefined) return usage(`found ${unknown}; expected an option of the command's`);
  return usage(`${command.words}: found ${unknown}; expected ${optionsOf(command)} or nothing`, command);
}

function optionsOf({ options }: Command): string {
  return [...Object.keys(options), "json"].map((option) => `--${option}`).join(", ");
}

/** The command that the words name, the longest one first. @throws SteelyardError `BadInput` */
export function commandOf(words: readonly string[], commands: readonly Command[]): Command {
  for (const length of [2, 1]) {
    const command = commands.find((item) => item.words === words.slice(0, length).join(" "));
    if (command !== undefined) return command;
  }
  const near = commands.filter((command) => command.words.split(" ")[0] === words[0]);
  const expected = (near.length > 0 ? near : commands).map((command) => command.words).join(", ");
  throw usage(`found "${words.join(" ")}"; expected one of: ${expected}`);
}

/** What the command is called with. @throws SteelyardError `BadInput` for what it does not take, or lacks */
export function invocationOf(
  command: Command,
  { words, values }: Parsed,
  connect: (as: string | undefined) => Promise<Connection>,
): Invocation {
  const operands = words.slice(command.words.split(" ").length);
  const say = (message: string): SteelyardError => usage(`${command.words}: ${message}`, command);
  const extra = operands[command.takes.length];
  if (extra !== undefined) throw say(`found "${extra}"; expected nothing more there`);
  const missing = command.takes[operands.length];
  const { instead } = command;
  const isReplaced = instead !== undefined && values[instead] !== undefined;
  const wanted = [command.takes.join(" "), ...(instead === undefined ? [] : [`--${instead}`])].join(" or ");
  if (isReplaced && operands.length > 0) throw say(`found both "${operands[0]}" and --${instead}; expected ${wanted}`);
  if (missing?.startsWith("[") === false && !isReplaced) throw say(`found no ${missing}; expected ${wanted}`);
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(command.options, name) || Object.hasOwn(globalOptions, name)) continue;
    throw say(`found --${name}; expected ${optionsOf(command)} or nothing`);
  }
  const value = (option: string): string | undefined => {
    const given = values[option];
    return typeof given === "string" ? given : undefined;
  };
  return {
    operands,
    json: values["json"] === true,
    has: (option) => values[option] === true,
    value,
    required(option) {
      const given = value(option);
      if (given === undefined) throw say(`found no --${option}; expected ${command.options[option]?.help ?? "it"}`);
      return given;
    },
    connect: () => connect(value("as")),
  };
}

function usage(message: string, command?: Command): SteelyardError {
  const where = command === undefined ? "" : ` ${command.words}`;
  return new SteelyardError("BadInput", `${message}\nSee: steelyard${where} --help`);
}

/** The help of one command. */
export function helpOf({ words, takes, instead, summary, details, options }: Command): string {
  const own = Object.entries(options)
    .filter(([name]) => name !== instead)
    .map(([name, { value, isRequired = false }]) => {
      const text = `--${name}${value === undefined ? "" : ` ${value}`}`;
      return isRequired ? text : `[${text}]`;
    });
  const other = instead === undefined ? "" : ` | --${instead} ${options[instead]?.value ?? ""}`;
  const operands = takes.length === 0 ? [] : [other === "" ? takes.join(" ") : `(${takes.join(" ")}${other})`];
  const head = `steelyard ${[words, ...operands, ...own].join(" ")}\n\n  ${summary}\n`;
  const more = details === undefined ? "" : `\n${indented(details)}\n`;
  return `${head}${more}\nOptions\n${optionLines({ ...options, ...globalOptions })}`;
}

/** The help of all of them. */
export function overview(commands: readonly Command[], foot: string): string {
  const lines = commands.map(({ words, takes, summary }) => line([words, ...takes].join(" "), summary));
  return `${lines.join("\n")}\n\nOptions\n${optionLines(globalOptions)}\n${foot}`;
}

function optionLines(options: Readonly<Record<string, Option>>): string {
  const lines = Object.entries(options).map(([name, { value, help }]) =>
    line(`--${name}${value === undefined ? "" : ` ${value}`}`, help),
  );
  return `${lines.join("\n")}\n`;
}

const LEFT_COLUMN = 34;

function line(left: string, right: string): string {
  return left.length < LEFT_COLUMN - 2
    ? `  ${left.padEnd(LEFT_COLUMN)}${right}`
    : `  ${left}\n  ${" ".repeat(LEFT_COLUMN)}${right}`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}

/** Prints JSON, or text for people. */
export function print(json: boolean, body: unknown, text: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(body)}\n` : text());
}
