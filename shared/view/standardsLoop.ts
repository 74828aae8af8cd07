/** The rows of the overview's loops. */
import { settingsOf, type Config } from "../config/schema.ts";
import { dayMs, fromIso, toIso } from "../kernel/clock.ts";
import { budgetBeam, type Sample } from "./charts.ts";
import { html, type Insert } from "./html.ts";
import { AHEAD_MS, BACK_MS, type LoopRow } from "./loops.ts";
import { statusWord } from "./parts.ts";
import { budgetLeft, LATE_MS, type Pulse } from "./pulse.ts";
import type { Tally } from "./tally.ts";
import { clockTag, count, since, shortTime, span } from "./words.ts";

export interface StandardsLoopInput {
  readonly config: Config;
  readonly inside: Tally;
  readonly outside: Tally;
  readonly samples: readonly Sample[];
  readonly knownFromMs: number;
  readonly writes: readonly number[];
  readonly pulse: Pulse;
  readonly nowMs: number;
}

export function standardsLoop(input: StandardsLoopInput): LoopRow {
  const { config, samples, knownFromMs, writes, pulse, nowMs } = input;
  const nextMs = nextSweepMs(pulse);
  const isAhead = nextMs !== null && nextMs > nowMs && nextMs < nowMs + AHEAD_MS;
  // Before the first look nothing is known, which is not the same as nothing found.
  const isLooked = input.inside.all + input.outside.all > 0;
  const gap = knownFromMs > nowMs - BACK_MS ? [{ atMs: nowMs - BACK_MS, value: null }] : [];
  return {
    mark: "rule",
    name: "Standards",
    text: text(input),
    picture: isLooked
      ? {
          what: "not as they should be",
          samples: [...gap, ...samples],
          writes,
          fixed: isAhead ? [{ atMs: nextMs, label: `sweep ${shortTime(toIso(nextMs), nowMs)}` }] : [],
        }
      : null,
    instead: "No account has been looked at yet. Here will be how many targets are not as they should be.",
    facts: [lastRound(pulse, nowMs), next(nextMs, pulse), backlog(pulse, nowMs), budget(config, pulse, nowMs)],
  };
}

function text({ config, inside, outside }: StandardsLoopInput): Insert {
  const parts = [
    inside.writing + outside.writing === 0
      ? ""
      : `${count(inside.writing + outside.writing, "target")} being put right`,
    inside.waits + outside.waits === 0 ? "" : `${inside.waits + outside.waits} wait for people`,
  ].filter((part) => part !== "");
  const blocked = inside.blocked + outside.blocked;
  return html`${count(settingsOf(config).length, "standard")}.
  ${parts.length === 0 ? "Nothing is under way." : `${parts.join(", ")}.`}${blocked === 0 ? null : html` ${statusWord("stop", `${blocked} blocked`)}`}`;
}

type Fact = LoopRow["facts"][number];

function lastRound({ beatAt }: Pulse, nowMs: number): Fact {
  const label = "Last round";
  if (beatAt === null) return { label, value: "none yet", below: "" };
  const lateMs = nowMs - fromIso(beatAt) - LATE_MS;
  const below = lateMs > 0 ? statusWord("stop", `late by ${span(lateMs)}`) : since(beatAt, nowMs);
  return { label, value: clockTag(beatAt, nowMs), below };
}

function next(nextMs: number | null, { sweep }: Pulse): Fact {
  const below =
    sweep !== null && sweep.finishedAt === null
      ? "a sweep is under way"
      : nextMs === null
        ? "no sweep yet"
        : html`sweep <time datetime="${toIso(nextMs)}">${toIso(nextMs).slice(11, 16)}</time>`;
  return { label: "Next", value: "any event", below };
}

function backlog({ behind }: Pulse, nowMs: number): Fact {
  const below = behind.since === null ? "nothing waits" : `oldest ${span(nowMs - fromIso(behind.since))}`;
  return { label: "Backlog", value: String(behind.count), below };
}

function budget(config: Config, pulse: Pulse, nowMs: number): Fact {
  const label = "Left this hour";
  const found = budgetLeft(config, pulse.budgets, nowMs);
  if (found === null) return { label, value: "no limit", below: "" };
  const { left, of, standard, isUnreadable } = found;
  if (isUnreadable) return { label, value: statusWord("stop", "none"), below: `${standard}: cannot be read` };
  const name = `${left} of ${of} writes left this hour, the least of any standard${standard === null ? "" : `: ${standard}`}`;
  return { label, value: `${left} of ${of}`, below: budgetBeam(left, of, name) };
}

function nextSweepMs({ sweep }: Pulse): number | null {
  return sweep === null ? null : fromIso(sweep.startedAt) + dayMs;
}

const none: Insert = html`<span class="f">–</span>`;
const quiet = (label: string, below: string): Fact => ({ label, value: none, below });

/** Loops that do not run yet say what will be there. */
export const loopsToCome: readonly LoopRow[] = [
  {
    mark: "claim",
    name: "Access",
    text: "Exceptions, and when each ends.",
    picture: null,
    instead: "No exception can be asked for yet. Here will be how many are open, and when those that are open end.",
    facts: [quiet("Last round", "not running"), quiet("Next", ""), quiet("Backlog", ""), quiet("Left this hour", "")],
  },
  {
    mark: "plan",
    name: "Capacity",
    text: "Demand against what is allotted.",
    picture: null,
    instead: "No demand is read yet. Here will be PTU in use against what is allotted, and the forecast.",
    facts: [quiet("Last round", "not running"), quiet("Next", ""), quiet("Backlog", ""), quiet("Left this hour", "")],
  },
];
