import { z } from "zod";
import { SteelyardError } from "../../kernel/errors.ts";
import { parse } from "../../kernel/parse.ts";
import { print, type Command } from "../command.ts";
import type { Connection } from "../connection.ts";

const digestSchema = z.looseObject({ date: z.string(), text: z.string() });
const listSchema = z.looseObject({ value: z.array(z.looseObject({ date: z.string() })) });

/** What people have to know of a day. */
export const digestCommand: Command = {
  words: "digest",
  takes: ["[DATE]"],
  summary: "what waits, what was found, written and taken back: the digest of a day",
  details: "DATE is the day on which it was made, such as 2026-11-21; without it the newest one is told.",
  options: {},
  async run(call) {
    const connection = await call.connect();
    const date = call.operands[0] ?? (await newest(connection));
    const path = `/api/digests/${encodeURIComponent(date)}`;
    const digest = parse(digestSchema, await connection.call("GET", path), `answer of ${path}`);
    print(call.json, digest, () => digest.text);
    return 0;
  },
};

async function newest(connection: Connection): Promise<string> {
  const path = "/api/digests?limit=1";
  const [first] = parse(listSchema, await connection.call("GET", path), `answer of ${path}`).value;
  if (first === undefined)
    throw new SteelyardError("NotFound", "no digest was made yet: the first comes seven minutes after the hour");
  return first.date;
}
