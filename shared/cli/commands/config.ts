/** `steelyard config`: what holds, how a file differs from it, making it hold. */
import { stringify } from "yaml";
import { z } from "zod";
import { differences } from "../../config/difference.ts";
import { parse } from "../../kernel/parse.ts";
import { SteelyardError } from "../../kernel/errors.ts";
import { currentSchema, readPlanned, readSubmitted, submittedText, type Submitted } from "../answers.ts";
import { print, type Command, type ExitCode, type Invocation } from "../command.ts";
import { readConfigFile } from "../configFile.ts";
import type { Connection } from "../connection.ts";
import { planOptions, refuseWithoutPlan, wholePlan } from "../planText.ts";
import { differencesText, table } from "../words.ts";

const reason = { value: "TEXT", help: "why, for the ledger and whoever has to agree" } as const;

/** The configuration that holds, or an older version of it. */
export async function readConfig(connection: Connection, version: string | undefined) {
  const path = version === undefined ? "/api/config" : `/api/config/versions/${encodeURIComponent(version)}`;
  return parse(currentSchema, await connection.call("GET", path), `answer of ${path}`);
}

/** Says what is noteworthy in a file; it is no fault. */
function warn(warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
}

const show: Command = {
  words: "config show",
  takes: [],
  summary: "the configuration that holds, as a file",
  details: "What it prints can be changed and applied again; an older version, too.",
  options: { version: { value: "N", help: "this version instead of the current one" } },
  async run(call) {
    const current = await readConfig(await call.connect(), call.value("version"));
    const { version, config, appliedAt, appliedBy } = current;
    const values = Object.fromEntries(Object.entries(config).filter(([name]) => name !== "version"));
    print(
      call.json,
      current,
      () => `# Version ${version}, applied by ${appliedBy ?? "nobody"} at ${appliedAt}.\n${stringify(values)}`,
    );
    return 0;
  },
};

const versionsSchema = z.looseObject({
  value: z.array(currentSchema.omit({ config: true }).extend({ changed: z.int() })),
});

const versions: Command = {
  words: "config versions",
  takes: [],
  summary: "what versions there are, the newest first",
  details: "To go back to one: config show --version N > FILE, then config apply FILE.",
  options: { before: { value: "N", help: "those before this one; twenty are told at a time" } },
  async run(call) {
    const before = call.value("before");
    const path = `/api/config/versions${before === undefined ? "" : `?before=${encodeURIComponent(before)}`}`;
    const { value } = parse(versionsSchema, await (await call.connect()).call("GET", path), `answer of ${path}`);
    const rows = value.map(({ version, appliedAt, appliedBy, agreedBy, changed, reason }) => {
      return [String(version), appliedAt, appliedBy ?? "", agreedBy.join(" "), String(changed), reason ?? ""];
    });
    print(call.json, value, () => `${table(["version", "at", "by", "agreed", "changed", "reason"], rows)}\n`);
    return 0;
  },
};

const diff: Command = {
  words: "config diff",
  takes: ["FILE"],
  summary: "what FILE says otherwise than the configuration that holds",
  details: "Exit code 0 when nothing differs, 1 when something does, 2 when the file is no configuration.",
  options: {},
  async run(call) {
    const [file = ""] = call.operands;
    const { config, warnings } = await readConfigFile(file);
    warn(warnings);
    const current = await readConfig(await call.connect(), undefined);
    const changes = differences(current.config, config);
    print(call.json, { version: current.version, changes }, () =>
      changes.length === 0
        ? `Nothing differs from version ${current.version}.\n`
        : `${file} differs from version ${current.version}:\n${differencesText(changes)}`,
    );
    return changes.length === 0 ? 0 : 1;
  },
};

const apply: Command = {
  words: "config apply",
  takes: ["FILE"],
  summary: "make what FILE says hold",
  details: `What widens what the product may do (who agrees, a mode or level that writes unasked, the end of a pause, a larger
budget, a shorter freeze, a field taken from templates) waits for another admin; what narrows it holds at once.

A file that names a version is applied to that version only. Without one it is applied to the version that it is
compared with here; whoever comes first in between is not overwritten either.

Exit codes: 0 it holds; 1 it waits for another admin or, with --plan, something would differ; 2 it is not applied.`,
  options: {
    plan: { help: "only say what it would do; nothing is changed" },
    ...planOptions,
    reason,
  },
  async run(call) {
    const [file = ""] = call.operands;
    const { input, base, warnings } = await readConfigFile(file);
    warn(warnings);
    const connection = await call.connect();
    const version = base ?? (await currentVersion(connection));
    const why = call.value("reason");
    const body = { config: input, version, ...(why === undefined ? {} : { reason: why }) };
    // The file's own warnings have lines; the server's are the same.
    const printed = (submitted: Submitted): ExitCode => printSubmitted(call, { ...submitted, warnings: [] });
    if (!call.has("plan")) {
      refuseWithoutPlan(call, "config apply");
      return printed(readSubmitted(await connection.call("PUT", "/api/config", body)));
    }
    const asOf = call.value("as-of");
    return printed(
      await wholePlan(async ({ from, rows }) => {
        const query = new URLSearchParams({ plan: "true", from: `${from}`, rows: `${rows}` });
        if (asOf !== undefined) query.set("asOf", asOf);
        return readPlanned(await connection.call("PUT", `/api/config?${query.toString()}`, body));
      }),
    );
  },
};

async function currentVersion(connection: Connection): Promise<number> {
  try {
    return (await readConfig(connection, undefined)).version;
  } catch (error) {
    if (error instanceof SteelyardError && error.code === "NotFound") return 0;
    throw error;
  }
}

/** Prints what became of a change: 1 when it does not hold yet. */
export function printSubmitted(call: Pick<Invocation, "json" | "has">, submitted: Submitted): ExitCode {
  print(call.json, submitted, () => submittedText(submitted, call.has("all")));
  if (submitted.state === "planned") return submitted.changed === 0 ? 0 : 1;
  return submitted.state === "pending" ? 1 : 0;
}

export const configCommands: readonly Command[] = [show, versions, diff, apply];
