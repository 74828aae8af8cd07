import { z } from "zod";
import { parse } from "../kernel/parse.ts";
import type { Connection } from "./connection.ts";

const claimSchema = z.looseObject({ id: z.string(), target: z.string(), until: z.string() });

/** Takes an applied change back; the product restores what was there before and holds the standard off for a day. */
export async function undo(
  connection: Connection,
  request: { change: string; reason: string },
  json: boolean,
): Promise<0> {
  const claim = parse(claimSchema, await connection.call("POST", "/api/undo", request), "answer of /api/undo");
  if (json) process.stdout.write(`${JSON.stringify(claim)}\n`);
  else process.stdout.write(`Waiver ${claim.id} holds on ${claim.target} until ${claim.until}.\n`);
  return 0;
}
