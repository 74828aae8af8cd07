/** How the platform plays the day of a scenario, and that a day at Contoso can be played. */
import { beforeEach, describe, expect, it } from "vitest";
import { ArmEngine } from "../../../infra/local/arm/engine.ts";
import { Directory } from "../../../infra/local/identity/directory.ts";
import { Agenda } from "../../../infra/local/platform/agenda.ts";
import { actKind, DayPlayer, type SavedDay } from "../../../infra/local/platform/day.ts";
import { callerOf } from "../../../infra/local/platform/engines.ts";
import { estateOf } from "../../../infra/local/platform/seed.ts";
import { openDatabase } from "../../../infra/local/platform/sqlite.ts";
import type { Day } from "../../../infra/local/scenarios/day.ts";
import { scenarios } from "../../../infra/local/scenarios/index.ts";
import type { Scenario } from "../../../infra/local/scenarios/scenario.ts";
import { noTls } from "../../support/armRig.ts";
import { engineContext } from "../../support/engineContext.ts";

const laidMs = Date.UTC(2026, 10, 20, 8);
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

interface Bench {
  readonly clock: Agenda;
  readonly arm: ArmEngine;
  readonly directory: Directory;
  readonly player: DayPlayer;
  readonly refusals: string[];
  saved: SavedDay;
}

function bench(scenario: Scenario): Bench {
  const clock = new Agenda({ mode: "manual", nowMs: laidMs });
  const directory = new Directory(openDatabase(":memory:"));
  const { people, groups, servicePrincipals } = scenario;
  directory.replace({ people, groups, servicePrincipals });
  const arm = new ArmEngine(engineContext({ clock }), {
    ports: { plain: 0, tls: 0 },
    tls: noTls,
    verify: async () => undefined,
    groupsOf: (oid) => directory.groupsOf(oid),
    onChange: () => {},
  });
  arm.seed(estateOf(scenario));
  const refusals: string[] = [];
  const player = new DayPlayer({
    clock,
    arm,
    directory,
    callerOf: (oid) => callerOf(directory, oid),
    save: (day) => {
      one.saved = day;
    },
    log: (level, message, fields) => {
      if (level !== "info") refusals.push(`${message}: ${JSON.stringify(fields)}`);
    },
  });
  const one: Bench = { clock, arm, directory, player, refusals, saved: { laidMs, number: 0, next: 0 } };
  return one;
}

/** Runs everything that falls due until then. */
async function runUntil({ clock }: Bench, untilMs: number): Promise<string[]> {
  const ran: string[] = [];
  for (let item = await clock.step(untilMs); item !== undefined; item = await clock.step(untilMs))
    if (item.kind === actKind) ran.push(item.id);
  return ran;
}

/** Without what ARM draws by lot. */
function estate({ arm }: Bench): unknown {
  const chance = new Set(["etag", "internalId", "principalId"]);
  return JSON.parse(JSON.stringify(arm.state(), (key, value: unknown) => (chance.has(key) ? undefined : value)));
}

describe.each([1, 2, 3])("a day at Contoso, seed %i", (seed) => {
  const scenario = scenarios.contoso({ seed, nowMs: laidMs, config: {} });
  const day = scenario.day as Day;

  it("is busy in its first ten minutes and calm later, on every day of a fortnight", () => {
    for (let number = 0; number < 14; number += 1) {
      const acts = day.acts(number);
      const times = acts.map(({ afterMs }) => afterMs / minuteMs);
      const opening = times.filter((time) => time <= 10);
      expect(opening.length).toBeGreaterThanOrEqual(6);
      expect(acts[0]?.breach).toBeDefined();
      for (const [at, time] of opening.entries()) expect(time - (opening[at - 1] ?? 0)).toBeLessThanOrEqual(2);
      expect(times.filter((time) => time > 120).length).toBeLessThanOrEqual(30);
      expect(new Set(acts.map(({ id }) => id)).size).toBe(acts.length);
      expect(times).toEqual([...times].sort((one, other) => one - other));
    }
    expect(day.acts(1).map(({ title }) => title)).not.toEqual(day.acts(0).map(({ title }) => title));
  });

  it("can be carried out: nobody lacks a role, no quota is short, no body is refused", async () => {
    const one = bench(scenario);
    one.player.play(day, one.saved);
    expect((await runUntil(one, laidMs + dayMs - 1)).length).toBe(day.acts(0).length);
    expect(one.refusals).toEqual([]);
  });

  it("breaks what it says it breaks, literally, and nothing at accounts that are right on purpose", async () => {
    const one = bench(scenario);
    const before = one.arm.state();
    one.player.play(day, one.saved);
    const standards = new Set<string>();
    for (const { afterMs, breach, id } of day.acts(0)) {
      await runUntil(one, laidMs + afterMs);
      if (breach === undefined) continue;
      standards.add(breach.standard);
      const body = one.arm.state()[breach.at];
      for (const [path, value] of Object.entries(breach.fields))
        expect([id, path, valueAt(body, path) ?? null]).toEqual([id, path, value]);
    }
    expect(standards.size).toBeGreaterThanOrEqual(10);
    const after = one.arm.state();
    const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
      (id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]),
    );
    const spared = scenario.lookalikes?.map(({ target }) => /^.*\/accounts\/[^/]+/.exec(target)?.[0] ?? target) ?? [];
    expect(changed.filter((id) => spared.some((known) => id.startsWith(known)))).toEqual([]);
  });
});

function valueAt(body: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], body);
}

describe("the player", () => {
  const scenario = scenarios.contoso({ seed: 1, nowMs: laidMs, config: {} });
  const day = scenario.day as Day;
  let one: Bench;

  beforeEach(() => {
    one = bench(scenario);
  });

  it("comes to the same estate each time, over three days", async () => {
    const other = bench(scenario);
    for (const each of [one, other]) {
      each.player.play(day, each.saved);
      await runUntil(each, laidMs + 3 * dayMs);
    }
    expect(estate(one)).toEqual(estate(other));
    expect(one.directory.read()).toEqual(other.directory.read());
    expect(one.saved).toEqual({ laidMs, number: 2, next: day.acts(2).length });
  });

  it("makes no more resources in a second week than in the first", async () => {
    one.player.play(day, one.saved);
    await runUntil(one, laidMs + 8 * dayMs);
    const week = Object.keys(one.arm.state()).length;
    await runUntil(one, laidMs + 15 * dayMs);
    expect(Object.keys(one.arm.state()).length).toBeLessThan(week + 30);
  });

  it("goes on where it was after a restart, and comes to the same", async () => {
    const other = bench(scenario);
    other.player.play(day, other.saved);
    await runUntil(other, laidMs + dayMs);
    one.player.play(day, one.saved);
    const ran = await runUntil(one, laidMs + 20 * minuteMs);
    one.player.stop();
    expect(one.clock.items().filter(({ kind }) => kind === actKind)).toEqual([]);
    one.player.play(day, one.saved);
    ran.push(...(await runUntil(one, laidMs + dayMs)));
    expect(ran).toEqual(day.acts(0).map(({ id }) => `0/${id}`));
    expect(estate(one)).toEqual(estate(other));
  });

  it("leaves out what fell due long ago while the platform was away", async () => {
    one.clock.setNow(laidMs + 5 * dayMs + 30 * minuteMs);
    one.player.play(day, one.saved);
    const ran = await runUntil(one, laidMs + 5 * dayMs + 31 * minuteMs);
    expect(ran.length).toBeGreaterThan(0);
    expect(ran.every((id) => /^[45]\//.test(id))).toBe(true);
    expect(ran.filter((id) => id.startsWith("4/")).length).toBeLessThan(5);
  });

  it("leaves out what is so already: who comes back to an account looks first", async () => {
    const acts = day.acts(0).filter(({ id }) => id.startsWith("reopening"));
    const writes = (): number => one.arm.exchanges().filter(({ method }) => method === "PATCH").length;
    one.player.play({ ...day, acts: (number) => (number === 0 ? acts : []) }, one.saved);
    await runUntil(one, laidMs + dayMs - 1);
    expect(writes()).toBe(1);
    expect(acts.length).toBe(5);
  });

  it("tries again while an account is busy, and gives up after a while", async () => {
    const steps = day.acts(0).filter(({ id }) => id.startsWith("new-account"));
    const [first] = steps;
    // All at once, as after an outage: the account is not there before its second is over.
    const hurried = steps.map((act) => ({ ...act, afterMs: first?.afterMs ?? 0 }));
    one.player.play({ ...day, acts: (number) => (number === 0 ? hurried : []) }, one.saved);
    await runUntil(one, laidMs + dayMs - 1);
    expect(one.refusals).toEqual([]);
    const answers = one.arm.exchanges().map(({ status }) => status);
    expect(answers.filter((status) => status >= 400).length).toBe(1);
    expect(answers.filter((status) => status < 300).length).toBe(steps.length);

    const other = bench(scenario);
    other.arm.setLatency({ patchAccountMs: dayMs });
    const twice = day.acts(0).flatMap((act) => (act.id === "tidying" ? [act, act] : []));
    other.player.play({ ...day, acts: (number) => (number === 0 ? twice : []) }, other.saved);
    await runUntil(other, laidMs + dayMs - 1);
    expect(other.refusals).toEqual([expect.stringContaining("RequestConflict")]);
    expect(other.arm.exchanges().map(({ status }) => status)).toEqual([202, 409, 409, 409, 409, 409, 409]);
  });

  it("lets nobody act who has left", async () => {
    const [act] = day.acts(0).filter(({ id }) => id === "grab");
    const person = scenario.people.find(({ oid }) => oid === act?.by);
    one.directory.putPerson(person?.oid ?? "", { enabled: false });
    one.player.play({ ...day, acts: (number) => (number === 0 && act !== undefined ? [act] : []) }, one.saved);
    await runUntil(one, laidMs + dayMs - 1);
    expect(one.arm.exchanges()).toEqual([]);
  });

  it("ends where a script has nothing more to say", async () => {
    one.player.play({ ...day, acts: () => [] }, one.saved);
    expect(one.clock.items()).toEqual([]);
  });
});
