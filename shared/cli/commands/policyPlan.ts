/** What imported policies would find and do if the configuration held them beside what it holds: nothing is applied. */
import { currentSchema, readPlanned, submittedText } from "../answers.ts";
import { parse } from "../../kernel/parse.ts";
import { print, type ExitCode, type Invocation, type Option } from "../command.ts";
import { wholePlan } from "../planText.ts";

interface Section {
  readonly policies: readonly { readonly id: string }[];
}

export const policyPlanOptions = {
  plan: { help: "only say what the policies would find and do in the estate; nothing is changed" },
  "as-of": { value: "TIME", help: "with --plan: on the estate as it was seen then, at most 90 days ago" },
  all: { help: "with --plan: every resource, not the first twenty" },
} as const satisfies Readonly<Record<string, Option>>;

/** Prints the plan of the configuration that holds with the section in it; a policy of the same id is replaced. */
export async function planPolicies(call: Invocation, { policies }: Section): Promise<ExitCode> {
  const connection = await call.connect();
  const { config, version } = parse(
    currentSchema,
    await connection.call("GET", "/api/config"),
    "answer of /api/config",
  );
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
