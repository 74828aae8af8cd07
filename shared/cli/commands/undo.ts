import { z } from "zod";
import { parse } from "../../kernel/parse.ts";
import { print, type Command } from "../command.ts";

const claimSchema = z.looseObject({ id: z.string(), target: z.string(), until: z.string() });

/** Takes an applied change back; the product restores what was there before and holds the standard off for a day. */
export const undoCommand: Command = {
  words: "undo",
  takes: ["CHANGE"],
  summary: "take an applied change back for a day",
  details:
    "CHANGE is the id of an applied proposal. What was there before is restored, unless somebody changed it since.",
  options: { reason: { value: "TEXT", help: "why it is taken back" } },
  async run(call) {
    const [change] = call.operands;
    const reason = call.required("reason");
    const connection = await call.connect();
    const answer = await connection.call("POST", "/api/undo", { change, reason });
    const claim = parse(claimSchema, answer, "answer of /api/undo");
    print(call.json, claim, () => `Waiver ${claim.id} holds on ${claim.target} until ${claim.until}.\n`);
    return 0;
  },
};
