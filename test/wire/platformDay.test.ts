/** The day of scenario contoso on the real platform, with small apps in place of the product. */
import { isFull } from "../support/extent.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Effect } from "../../infra/local/platform/effects.ts";
import { scenarios } from "../../infra/local/scenarios/index.ts";
import { fixtureApps, startPlatform, type TestPlatform } from "../support/platform.ts";

const now = "2026-11-20T08:00:00Z";
const fresh = { scenario: "contoso", seed: 3, clock: "manual", now, day: "on" };
const acts = scenarios.contoso({ seed: 3, nowMs: Date.parse(now), config: {} }).day?.acts(0) ?? [];

let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform({ scenario: "empty", clock: "manual", appFiles: fixtureApps });
});

afterAll(async () => {
  await platform.stop();
});

/** What reached ARM since the scenario was laid. */
async function done(): Promise<string[]> {
  const effects = (await platform.control("GET", "effects")).body as Effect[];
  return effects
    .filter(({ engine }) => engine === "arm")
    .map(({ at, caller, method, target, status }) => [at, caller, method, target, status].join(" "));
}

async function reset(change: object = {}): Promise<void> {
  expect((await platform.control("POST", "reset", { ...fresh, ...change })).status).toBe(200);
}

/** Writes to ARM that fall due within so many minutes; a step for what is so already makes none. */
const due = (minutes: number): number =>
  acts.filter(({ afterMs, step }) => afterMs <= minutes * 60_000 && step.kind === "arm" && step.unless === undefined)
    .length;

test.runIf(isFull)(
  "it goes by with business time, through an advance and a jump alike, and comes to the same each time",
  async () => {
    await reset();
    expect(await done()).toEqual([]);
    await platform.clock({ advance: "PT185M" });
    const advanced = await done();
    expect(advanced.length).toBeGreaterThanOrEqual(due(185));
    await reset();
    await platform.clock({ advance: "PT185M" });
    expect(await done()).toEqual(advanced);
    await reset();
    await platform.clock({ jump: "PT3H" });
    // What would not wait for an account to be made is tried again a little later.
    await platform.clock({ advance: "PT5M" });
    const taken = (lines: readonly string[]): string[] =>
      lines.filter((line) => / 2\d\d$/.test(line)).map((line) => line.slice(line.indexOf(" ")));
    expect(taken(await done())).toEqual(taken(advanced));
  },
);

test("nobody waits for it: settle leaves what is due later alone, with and without a horizon", async () => {
  await reset();
  await platform.settle();
  await platform.settle({ within: "PT2M" });
  expect(await done()).toEqual([]);
});

test.runIf(isFull)(
  "a platform that was killed goes on where it was, and nobody acts twice",
  { timeout: 60_000 },
  async () => {
    await reset();
    await platform.clock({ advance: "PT3H" });
    const whole = await done();
    await reset();
    await platform.clock({ advance: "PT8M" });
    const half = await done();
    expect(half.length).toBeGreaterThanOrEqual(due(8));
    await platform.killPlatform();
    await platform.start();
    expect(await done()).toEqual(half);
    await platform.clock({ advance: "PT172M" });
    expect(await done()).toEqual(whole);
  },
);

test("it is off unless asked for, and only where there is one", async () => {
  await reset({ day: "off" });
  await platform.clock({ advance: "PT1H" });
  expect(await done()).toEqual([]);
  const refused = await platform.control("POST", "reset", { ...fresh, scenario: "small" });
  expect(refused.status).toBe(400);
  expect(JSON.stringify(refused.body)).toContain("only contoso has a day");
});
