/** What stands in the way: the remedy's own preconditions, and those of every write. */
import type { ConfigInput } from "../../../shared/config/schema.ts";
import { dayMs, toIso } from "../../../shared/kernel/clock.ts";
import type { Random } from "../../sim/random.ts";
import { Impossible, type Drawn, type Source } from "../draw.ts";
import { configOf } from "../configuration.ts";
import { Stand } from "../stand.ts";
import { beforeOf, firstOf, nameOf, outcome, tells, untouched, type Before, type Outcome } from "../verdict.ts";
import type { Column } from "./column.ts";

/** What is in the way of any write, and the condition that people see; undefined where the finding alone says it. */
interface Barrier {
  readonly name: string;
  readonly condition: string | undefined;
  readonly settings: (config: ConfigInput, paths: readonly string[]) => Partial<ConfigInput>;
}

const barriers: readonly Barrier[] = [
  { name: "the pause", condition: "Paused", settings: () => ({ paused: true }) },
  {
    name: "a freeze",
    condition: "Frozen",
    settings: () => ({
      freezes: [{ name: "year's end", from: "2025-01-01T00:00:00Z", until: "2026-01-01T00:00:00Z" }],
    }),
  },
  { name: "a budget that is used up", condition: "Budget", settings: () => ({ budgets: [{ writesPerHour: 0 }] }) },
  {
    name: "templates that own the field",
    condition: "OwnedByTemplate",
    settings: (_, paths) => ({ fields: paths.map((path) => ({ path, owner: "iac" })) }),
  },
  {
    name: "a subscription at level reader",
    condition: undefined,
    settings: (config) => ({ subscriptions: level(config, "reader") }),
  },
  {
    name: "a subscription at level audit",
    condition: undefined,
    settings: (config) => ({ subscriptions: level(config, "audit") }),
  },
  {
    name: "the mode audit",
    condition: undefined,
    settings: ({ standards }) => ({ standards: standards.map((standard) => ({ ...standard, mode: "audit" })) }),
  },
];

function level({ subscriptions }: ConfigInput, to: "reader" | "audit"): ConfigInput["subscriptions"] {
  return subscriptions.map((subscription) => ({ ...subscription, level: to }));
}

export const heeds: Column = {
  number: 5,
  title: "with a precondition that does not hold nothing is written, and people are told",
  without: "nothing is written, whatever stands in the way, and people are told",
  // Where the remedy has conditions of its own, half of what is drawn does not meet them.
  wanted: (random, source) =>
    hasConditions(source) && random.chance(0.5) ? "told" : random.chance(0.1) ? "any" : wantedOf(source),
  fixableMin: 0.2,
  async run(drawn, random, source) {
    const own = new Stand(drawn);
    const before = await beforeOf(own);
    if (before.fixable.length === 0 && random.chance(0.6)) return told(own, before);
    if (before.fixable.length > 0 && hasConditions(source) && random.chance(0.3)) {
      const later = await metNoMore(drawn, random, source);
      if (later !== undefined) return later;
    }
    return barred(drawn, random.pick(barriers), before);
  },
};

function wantedOf({ definition }: Source): "fixable" | "told" {
  return definition.remedy === undefined || definition.remedy.safety === "X" ? "told" : "fixable";
}

/** Whether there are resources that break the standard and that its remedy does not fit. */
function hasConditions({ definition: { remedy } }: Source): boolean {
  return (
    remedy !== undefined &&
    (remedy.preconditions.length > 0 || remedy.assertions.every(({ when }) => when !== undefined))
  );
}

async function told(stand: Stand, before: Before): Promise<Outcome> {
  await stand.settled();
  return outcome(
    before,
    await firstOf(
      () => untouched(stand, before),
      () => tells(stand, before.told),
    ),
    "its own precondition",
  );
}

/** People agree, and before it is written the precondition does not hold any more. */
async function metNoMore(drawn: Drawn, random: Random, source: Source): Promise<Outcome | undefined> {
  const unmet = await becomesTold(drawn, random, source);
  if (unmet === undefined) return undefined;
  const stand = new Stand(drawn);
  const before = await beforeOf(stand);
  // Frozen until somebody agreed: what is enforced would be written at once.
  stand.config = { ...stand.config, ...barriers[1]?.settings(stand.config, []) };
  await stand.settled();
  stand.become(unmet);
  const now = await beforeOf(stand);
  stand.config = configOf(drawn);
  await stand.settled();
  return outcome(
    { ...before, told: now.told },
    await firstOf(
      () => untouched(stand, now),
      () => tells(stand, now.told),
    ),
    "its own precondition, after people agreed",
  );
}

/** Changes that are tried for one after which the remedy fits no more. */
const CHANGES_MAX = 30;

async function becomesTold(drawn: Drawn, random: Random, source: Source): Promise<Drawn | undefined> {
  for (let tries = 0; tries < CHANGES_MAX; tries += 1) {
    const changed = source.changed(random, drawn);
    if (!source.is(changed.sample, "told")) continue;
    try {
      const { fixable, told } = await beforeOf(new Stand(changed));
      if (fixable.length === 0 && told.length > 0) return changed;
    } catch (error) {
      if (!(error instanceof Impossible)) throw error;
    }
  }
  return undefined;
}

async function barred(drawn: Drawn, barrier: Barrier, before: Before): Promise<Outcome> {
  const paths = drawn.definition.remedy?.assertions.map(({ path }) => path) ?? [];
  const stand = new Stand(drawn, barrier.settings(configOf(drawn), [...new Set(paths)]));
  await stand.settled();
  stand.advanceTo(stand.nowMs + dayMs / 4);
  await stand.settled();
  const problem = await firstOf(
    () => untouched(stand, before),
    () => conditions(stand, before, barrier),
  );
  return outcome(
    before,
    problem === undefined ? undefined : `${barrier.name} (${toIso(stand.nowMs)}): ${problem}`,
    barrier.name,
  );
}

/** Each finding stands, and says what is in the way. */
async function conditions(stand: Stand, before: Before, { condition }: Barrier): Promise<string | undefined> {
  const findings = await stand.findings();
  for (const { target } of [...before.fixable, ...before.told]) {
    const finding = findings.find((item) => item.target === target);
    if (finding?.state !== "open" || finding.verdict !== "fail") return `nobody is told of ${nameOf(target)}`;
    if (!before.fixable.some((one) => one.target === target)) continue;
    if (finding.condition?.reason !== condition)
      return `${nameOf(target)} says ${finding.condition?.reason ?? "nothing"} and not ${condition ?? "nothing"}`;
    if (condition === "OwnedByTemplate" && finding.patch === null) return "the patch for the template is missing";
  }
  return undefined;
}
