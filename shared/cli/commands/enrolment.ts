/** Enrolling, withdrawing, pausing: one thing of the configuration at a time. */
import { readSubmitted } from "../answers.ts";
import type { Command, Invocation } from "../command.ts";
import { printSubmitted } from "./config.ts";

const reason = { value: "TEXT", help: "why, for the ledger" } as const;

function bodyOf(call: Invocation, members: Readonly<Record<string, string | undefined>>): object {
  const given = { ...members, reason: call.value("reason") };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function pathOf(call: Invocation): string {
  return `/api/subscriptions/${encodeURIComponent(call.operands[0] ?? "")}/enrolment`;
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
    return printSubmitted(call, readSubmitted(await (await call.connect()).call("POST", pathOf(call), body)));
  },
};

const withdraw: Command = {
  words: "withdraw",
  takes: ["SUBSCRIPTION"],
  summary: "let nothing be written to a subscription any more",
  details: "One person does it, and it holds at once; what was found and asked there is over.",
  options: { reason },
  async run(call) {
    const connection = await call.connect();
    return printSubmitted(call, readSubmitted(await connection.call("DELETE", pathOf(call), bodyOf(call, {}))));
  },
};

const pause: Command = {
  words: "pause",
  takes: [],
  summary: "let nothing be written to the estate, from now on",
  details: "Holds at once. Findings and questions go on. Its end needs two persons.",
  options: { reason: { value: "TEXT", help: "why; everybody reads it" } },
  async run(call) {
    const body = { reason: call.required("reason") };
    return printSubmitted(call, readSubmitted(await (await call.connect()).call("POST", "/api/pause", body)));
  },
};

const resume: Command = {
  words: "resume",
  takes: [],
  summary: "ask for the end of the pause",
  details: "Waits for an admin other than whoever asks (exit code 1).",
  options: { reason },
  async run(call) {
    const connection = await call.connect();
    return printSubmitted(call, readSubmitted(await connection.call("POST", "/api/resume", bodyOf(call, {}))));
  },
};

export const enrolmentCommands: readonly Command[] = [enroll, withdraw, pause, resume];
