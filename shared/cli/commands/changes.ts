/** Changes of the configuration that wait for a second person. */
import { z } from "zod";
import { parse } from "../../kernel/parse.ts";
import { changeSchema, proposedText, type Change } from "../answers.ts";
import { print, type Command, type ExitCode, type Invocation } from "../command.ts";
import { table } from "../words.ts";

const listSchema = z.looseObject({ value: z.array(changeSchema) });

const changes: Command = {
  words: "config changes",
  takes: [],
  summary: "changes that wait, or waited, for a second person",
  options: { state: { value: "STATE", help: "open, applied, rejected, void or expired" } },
  async run(call) {
    const state = call.value("state");
    const path = `/api/config/changes${state === undefined ? "" : `?state=${encodeURIComponent(state)}`}`;
    const { value } = parse(listSchema, await (await call.connect()).call("GET", path), `answer of ${path}`);
    const rows = value.map(({ id, state: is, base, by, expiresAt, reason }) => {
      return [id, is, String(base), by, expiresAt, reason ?? ""];
    });
    print(call.json, value, () =>
      rows.length === 0
        ? "No change waits.\n"
        : `${table(["change", "state", "version", "by", "until", "reason"], rows)}\n`,
    );
    return 0;
  },
};

type Done = (change: Change) => string;

function decision(verdict: "approve" | "reject", summary: string, done: Done): Command {
  return {
    words: `config ${verdict}`,
    takes: ["CHANGE"],
    summary,
    details:
      verdict === "approve"
        ? "Whoever proposed it cannot agree to it. It holds at once, unless another version came first."
        : "Whoever proposed it can call it off, too.",
    options: { reason: { value: "TEXT", help: "why, for the ledger" } },
    run: (call) => decide(call, verdict, done),
  };
}

/** Decides on exactly what was read: the hash goes along. */
async function decide(call: Invocation, verdict: "approve" | "reject", done: Done): Promise<ExitCode> {
  const path = `/api/config/changes/${encodeURIComponent(call.operands[0] ?? "")}`;
  const connection = await call.connect();
  const change = parse(changeSchema, await connection.call("GET", path), `answer of ${path}`);
  if (!call.json) process.stderr.write(proposedText(change));
  const reason = call.value("reason");
  const body = { verdict, hash: change.hash, ...(reason === undefined ? {} : { reason }) };
  const decided = parse(changeSchema, await connection.call("POST", `${path}/decisions`, body), `answer of ${path}`);
  print(call.json, decided, () => `Change ${decided.id} ${done(decided)}.\n`);
  return 0;
}

export const changeCommands: readonly Command[] = [
  changes,
  decision(
    "approve",
    "agree to somebody else's change; it holds at once",
    ({ base }) => `is applied, as version ${base + 1}`,
  ),
  decision("reject", "turn a change down, or call off one's own", () => "is rejected"),
];
