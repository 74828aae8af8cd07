import { z } from "zod";
import { SteelyardError } from "../../kernel/errors.ts";
import { parse } from "../../kernel/parse.ts";
import { table } from "../words.ts";
import { print, type Command, type ExitCode, type Invocation } from "../command.ts";
import type { Connection } from "../connection.ts";

const letterSchema = z.looseObject({
  id: z.string(),
  queue: z.string(),
  reason: z.string(),
  at: z.string(),
  stuck: z.string().nullable(),
});

const listSchema = z.looseObject({
  value: z.array(letterSchema),
  continuation: z.string().nullable(),
  unread: z.array(z.string()).default([]),
});

type Letter = z.output<typeof letterSchema>;

/** Dead letters of one call; the next call takes the rest. */
const LETTERS_MAX = 1_000;
const PAGE = 200;

/** Has dead letters taken in again, or lists them. */
export const redriveCommand: Command = {
  words: "redrive",
  takes: ["[ID]"],
  summary: "have a message that could not be read taken in again; without ID, list them",
  details: `ID is a dead letter's. It is put into its queue again and takes the way of every message: when what stood in the way
is gone (the subscription is enrolled now, the product understands it now) the target is looked at, otherwise it is a dead
letter again. Who asked stands in the ledger.

Exit codes: 0 none waits, or all that was asked for was taken in; 1 some wait, or some were not taken in; 2 it could not be
done.`,
  options: {
    all: { help: `all that can be taken in again, ${LETTERS_MAX} at most` },
    dismiss: { help: "set it aside instead; needs ID" },
    reason: { value: "TEXT", help: "why, for the ledger" },
  },
  async run(call) {
    const [id] = call.operands;
    if (id !== undefined && call.has("all")) throw usage(`found both "${id}" and --all; expected one of them`);
    if (id === undefined && call.has("dismiss"))
      throw usage("found --dismiss without ID; expected the one to set aside");
    if (id !== undefined) return one(call, id);
    return call.has("all") ? all(call) : list(call);
  },
};

function usage(message: string): SteelyardError {
  return new SteelyardError("BadInput", `redrive: ${message}\nSee: steelyard redrive --help`);
}

async function one(call: Invocation, id: string): Promise<ExitCode> {
  const connection = await call.connect();
  const isDismissed = call.has("dismiss");
  const letter = await settle(connection, call, id, isDismissed ? "dismiss" : "redrive");
  print(call.json, letter, () =>
    isDismissed ? `${id} is set aside.\n` : `${id} is in the queue ${letter.queue} again.\n`,
  );
  return 0;
}

async function settle(
  connection: Connection,
  call: Invocation,
  id: string,
  what: "redrive" | "dismiss",
): Promise<Letter> {
  const path = `/api/deadletters/${encodeURIComponent(id)}/${what}`;
  const reason = call.value("reason");
  return parse(
    letterSchema,
    await connection.call("POST", path, reason === undefined ? {} : { reason }),
    `answer of ${path}`,
  );
}

interface Waiting {
  readonly letters: readonly Letter[];
  readonly unread: readonly string[];
  readonly isMore: boolean;
}

async function waiting(connection: Connection): Promise<Waiting> {
  const letters: Letter[] = [];
  const unread: string[] = [];
  let continuation: string | null = null;
  do {
    const from: string = continuation === null ? "" : `&continuation=${encodeURIComponent(continuation)}`;
    const path = `/api/deadletters?limit=${PAGE}${from}`;
    const page = parse(listSchema, await connection.call("GET", path), `answer of /api/deadletters`);
    letters.push(...page.value);
    unread.push(...page.unread);
    continuation = page.continuation;
  } while (continuation !== null && letters.length < LETTERS_MAX);
  return { letters: letters.slice(0, LETTERS_MAX), unread, isMore: continuation !== null };
}

async function list(call: Invocation): Promise<ExitCode> {
  const { letters, unread, isMore } = await waiting(await call.connect());
  const rows = letters.map(({ id, queue, at, reason }) => [id, queue, at, reason]);
  print(call.json, { value: letters, unread, isMore }, () => {
    const text =
      rows.length === 0 ? "No dead letter waits.\n" : `${table(["letter", "queue", "at", "reason"], rows)}\n`;
    return `${text}${isMore ? "There are more.\n" : ""}${unreadText(unread)}`;
  });
  return letters.length === 0 && unread.length === 0 ? 0 : 1;
}

function unreadText(unread: readonly string[]): string {
  return unread.map((queue) => `The broker's dead letters of the queue ${queue} could not be read.\n`).join("");
}

/** One after the other: each stands in one chain of the ledger. */
async function all(call: Invocation): Promise<ExitCode> {
  const connection = await call.connect();
  const { letters, unread, isMore } = await waiting(connection);
  const redriven: string[] = [];
  const left: { id: string; reason: string }[] = [];
  for (const { id, stuck } of letters) {
    if (stuck !== null) left.push({ id, reason: stuck });
    else {
      const fault = await tryOne(connection, call, id);
      if (fault === undefined) redriven.push(id);
      else left.push({ id, reason: fault });
    }
    if (!call.json && redriven.length % 50 === 49) process.stderr.write(`${redriven.length} are taken in again\n`);
  }
  print(call.json, { redriven, left, unread, isMore }, () => {
    const kept = left.map(({ id, reason }) => `  ${id}: ${reason}\n`).join("");
    const count = `${redriven.length} dead ${redriven.length === 1 ? "letter" : "letters"} put into the queue again.\n`;
    const more = isMore ? "There are more: call it again.\n" : "";
    return `${count}${kept === "" ? "" : `Left where they are:\n${kept}`}${more}${unreadText(unread)}`;
  });
  return left.length === 0 && unread.length === 0 && !isMore ? 0 : 1;
}

/** Why it was not taken in; undefined when it was. What would be so of all of them (403, 503) ends the command. */
async function tryOne(connection: Connection, call: Invocation, id: string): Promise<string | undefined> {
  try {
    await settle(connection, call, id, "redrive");
    return undefined;
  } catch (error) {
    if (error instanceof SteelyardError && / (404|409) /.test(error.message)) return error.message;
    throw error;
  }
}
