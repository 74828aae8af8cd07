/** What imported policies would find and do if the configuration held them beside what it holds: nothing is applied. */
import { readPlanned, submittedText } from "../answers.ts";
import { print, type ExitCode, type Invocation } from "../command.ts";
import { wholePlan } from "../planText.ts";
import { readConfig } from "./config.ts";

interface Section {
  readonly policies: readonly { readonly id: string }[];
}

/** Prints the plan of the configuration that holds with the section in it; a policy of the same id is replaced. */
export async function planPolicies(call: Invocation, { policies }: Section): Promise<ExitCode> {
  const connection = await call.connect();
  const { config, version } = await readConfig(connection, undefined);
  const ids = new Set(policies.map(({ id }) => id));
  const held = (config["policies"] ?? []) as readonly { readonly id: string }[];
  const wanted = { ...config, policies: [...held.filter(({ id }) => !ids.has(id)), ...policies] };
  const asOf = call.value("as-of");
  const body = { config: wanted, version, ...(asOf === undefined ? {} : { asOf }) };
  const planned = await wholePlan(async (part) =>
    readPlanned(await connection.call("POST", "/api/config/plan", { ...body, ...part })),
  );
  print(call.json, planned, () => submittedText(planned, call.has("all")));
  return planned.plan.total === 0 ? 0 : 1;
}
