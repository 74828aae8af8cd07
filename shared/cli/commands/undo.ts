import { z } from "zod";
import { parse } from "../../kernel/parse.ts";
import { differencesSchema } from "../answers.ts";
import { differencesText, nameOf } from "../words.ts";
import { print, type Command, type ExitCode, type Invocation } from "../command.ts";

const claimSchema = z.looseObject({ id: z.string(), target: z.string(), until: z.string(), fields: differencesSchema });

const runSchema = z.looseObject({
  run: z.string(),
  undone: z.array(z.looseObject({ target: z.string(), waiver: z.string() })),
  declined: z.array(z.looseObject({ target: z.string(), reason: z.string() })),
});

/** Takes applied changes back; the product restores what was there before and holds the standard off for a day. */
export const undoCommand: Command = {
  words: "undo",
  takes: ["CHANGE"],
  instead: "run",
  summary: "take an applied change, or all of a run, back for a day",
  details: `CHANGE is the id of an applied proposal. A run is what a standard put right together in an environment: what was
there when its mode was raised (NET-01.prod.v7), or what it wrote on one day (NET-01.prod.2026-03-02).

What was there before is restored, unless somebody changed it since, and the standard is held off for a day. After that
it is in force again and asks again.

Exit codes: 0 all of it is taken back; 1 some of a run is not; 2 nothing is.`,
  options: {
    reason: { value: "TEXT", help: "why it is taken back, for the ledger", isRequired: true },
    run: { value: "RUN", help: "take back all that this run wrote" },
  },
  async run(call) {
    const run = call.value("run");
    return run === undefined ? undoOne(call) : undoAll(call, run);
  },
};

async function undoOne(call: Invocation): Promise<ExitCode> {
  const [change] = call.operands;
  const reason = call.required("reason");
  const connection = await call.connect();
  const claim = parse(
    claimSchema,
    await connection.call("POST", "/api/undo", { change, reason }),
    "answer of /api/undo",
  );
  print(call.json, claim, () => {
    const until = `The standard is held off until ${claim.until}, by waiver ${claim.id}.\n`;
    return `Being written on ${nameOf(claim.target)}:\n${differencesText(claim.fields)}${until}`;
  });
  return 0;
}

async function undoAll(call: Invocation, run: string): Promise<ExitCode> {
  const reason = call.required("reason");
  const connection = await call.connect();
  const undone = parse(runSchema, await connection.call("POST", "/api/undo", { run, reason }), "answer of /api/undo");
  print(call.json, undone, () => {
    const kept = undone.declined.map(({ target, reason: why }) => `  ${nameOf(target)}: ${why}\n`).join("");
    const left = kept === "" ? "" : `Not taken back:\n${kept}`;
    const count = undone.undone.length;
    return `${count} ${count === 1 ? "change" : "changes"} of run ${undone.run} taken back for a day.\n${left}`;
  });
  return undone.declined.length === 0 ? 0 : 1;
}
