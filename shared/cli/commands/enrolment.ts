/** Enrolling, withdrawing, pausing: one thing of the configuration at a time. */
import { readSubmitted } from "../answers.ts";
import type { Command, ExitCode, Invocation } from "../command.ts";
import { printSubmitted } from "./config.ts";

const reason = { value: "TEXT", help: "why, for the ledger" } as const;
const plan = { help: "only say what it would do; nothing is changed" } as const;

function bodyOf(call: Invocation, members: Readonly<Record<string, string | undefined>>): object {
  const given = { ...members, reason: call.value("reason") };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function enrolmentOf(call: Invocation): string {
  return `/api/subscriptions/${encodeURIComponent(call.operands[0] ?? "")}/enrolment`;
}

/** Makes the change, or only asks what it would do. */
async function change(call: Invocation, method: "POST" | "DELETE", path: string, body: object): Promise<ExitCode> {
  const connection = await call.connect();
  const answer = await connection.call(method, call.has("plan") ? `${path}?plan=true` : path, body);
  return printSubmitted(call, readSubmitted(answer));
}

const enroll: Command = {
  words: "enroll",
  takes: ["SUBSCRIPTION"],
  summary: "let the product look at a subscription, ask there, or write there",
  details: `SUBSCRIPTION is its id. What is left out stays as it is; a new one needs --archetype and --name. Level enforce waits for
another admin (exit code 1). An owner of the subscription's team may change its level; the rest is an admin's.`,
  options: {
    level: { value: "LEVEL", help: "audit, reader, approve or enforce: how far the product may go there" },
    archetype: { value: "ARCHETYPE", help: "corp (reached privately only) or online" },
    name: { value: "NAME", help: "what people call it" },
    environment: { value: "ENVIRONMENT", help: "all of its accounts belong there, whatever their tags say" },
    team: { value: "TEAM", help: "who owns it" },
    plan,
    reason,
  },
  async run(call) {
    const body = bodyOf(call, {
      level: call.required("level"),
      archetype: call.value("archetype"),
      name: call.value("name"),
      environment: call.value("environment"),
      team: call.value("team"),
    });
    return change(call, "POST", enrolmentOf(call), body);
  },
};

const withdraw: Command = {
  words: "withdraw",
  takes: ["SUBSCRIPTION"],
  summary: "let nothing be written to a subscription any more",
  details: "One person does it, and it holds at once; what was found and asked there is over.",
  options: { plan, reason },
  run: (call) => change(call, "DELETE", enrolmentOf(call), bodyOf(call, {})),
};

const pause: Command = {
  words: "pause",
  takes: [],
  summary: "let nothing be written to the estate, from now on",
  details: "Holds at once. Findings and questions go on. Its end needs two persons.",
  options: { plan, reason: { value: "TEXT", help: "why; everybody reads it" } },
  async run(call) {
    return change(call, "POST", "/api/pause", { reason: call.required("reason") });
  },
};

const resume: Command = {
  words: "resume",
  takes: [],
  summary: "ask for the end of the pause",
  details: "Waits for an admin other than whoever asks (exit code 1).",
  options: { plan, reason },
  run: (call) => change(call, "POST", "/api/resume", bodyOf(call, {})),
};

export const enrolmentCommands: readonly Command[] = [enroll, withdraw, pause, resume];
