/** The product at Contoso: what it finds there, what it leaves alone, and that a day can be played again. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coreIdentity } from "../../infra/local/platform/constants.ts";
import type { Effect } from "../../infra/local/platform/effects.ts";
import { scenarios } from "../../infra/local/scenarios/index.ts";
import { oids } from "../../infra/local/scenarios/people.ts";
import { canonicalJson } from "../../shared/kernel/canonicalJson.ts";
import { isFull } from "../support/extent.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";

const now = "2026-11-20T08:00:00Z";
const seed = 1;
/** How long a day is played: so many times so many minutes. STEELYARD_CONTOSO=full plays a whole one. */
const [TIMES, MINUTES] = process.env["STEELYARD_CONTOSO"] === "full" ? [24, 60] : [1, 35];

const scenario = scenarios.contoso({ seed, nowMs: Date.parse(now), config: {} });
const { breaches = [], lookalikes = [], config } = scenario;

let platform: TestPlatform;

beforeAll(async () => {
  platform = await startPlatform({ scenario: "empty", clock: "manual" });
});

afterAll(async () => {
  await platform.stop();
});

async function reset(day: "on" | "off", modes: (standard: string) => string): Promise<void> {
  const standards = config.standards.map((setting) => ({ ...setting, mode: modes(setting.id) }));
  const subscriptions = config.subscriptions.map((one) => ({ ...one, level: "enforce" }));
  const changes = { standards, subscriptions, budgets: [{ writesPerHour: 1000 }] };
  const body = { scenario: "contoso", seed, clock: "manual", now, day, config: changes };
  const answer = await platform.control("POST", "reset", body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
}

interface FindingView {
  readonly standard: { readonly id: string };
  readonly target: string;
  readonly verdict: string;
  readonly fields: readonly { readonly path: string; readonly before: unknown }[];
}

/** A list of the API, page by page. */
async function listed<T>(path: string): Promise<T[]> {
  const all: T[] = [];
  for (let page = ""; ;) {
    const { status, body } = await platform.api("GET", `${path}${page}`);
    expect(status, JSON.stringify(body)).toBe(200);
    all.push(...body.value);
    if (body.continuation === null || body.continuation === undefined) return all;
    page = `&continuation=${encodeURIComponent(body.continuation)}`;
  }
}

/** Writes of the product that reached ARM; what only asks is none. */
async function writes(): Promise<Effect[]> {
  const { body } = await platform.control("GET", "effects");
  return (body as Effect[]).filter(
    ({ engine, caller, target }) => engine === "arm" && caller === coreIdentity && !target.includes("resourcegraph"),
  );
}

/** Without what ARM draws by lot. */
async function estate(): Promise<unknown> {
  const { body } = await platform.control("GET", "arm/state");
  const chance = new Set(["etag", "internalId", "principalId", "privateEndpointConnections"]);
  return JSON.parse(JSON.stringify(body, (key, value: unknown) => (chance.has(key) ? undefined : value)));
}

const inWords = ({ standard, target }: { standard: string; target: string }): string => `${standard} ${target}`;

/** Lists of filters and the like are sets. */
const inOrder = (value: unknown): unknown =>
  Array.isArray(value) ? value.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)) : value;

describe("in audit", () => {
  beforeAll(async () => {
    await reset("off", () => "audit");
    await platform.clock({ advance: "PT2M" });
    await platform.settle({ timeoutS: 60 });
  });

  it("finds exactly what is wrong: every breach, and nothing at what only looks like one", async () => {
    const findings = await listed<FindingView>("findings?state=open");
    const found = findings.map(({ standard, target }) => inWords({ standard: standard.id, target }));
    expect(found.sort()).toEqual(breaches.map(inWords).sort());
    expect(findings.filter(({ verdict }) => verdict !== "fail")).toEqual([]);
    const known = new Map(breaches.map((breach) => [inWords(breach), breach.fields]));
    // What a finding says of a field that the scenario wrote down is what was written down; nothing is null there.
    const told = findings.flatMap(({ standard, target, fields }) => {
      const written = known.get(inWords({ standard: standard.id, target })) ?? {};
      return fields.flatMap(({ path, before }) => ((written[path] ?? null) === null ? [] : [[before, written[path]]]));
    });
    expect(told.length).toBeGreaterThan(15);
    expect(told.map(([before]) => inOrder(before))).toEqual(told.map(([, value]) => inOrder(value)));
    expect(lookalikes.filter(({ target }) => findings.some((finding) => finding.target === target))).toEqual([]);
  });

  it("asks nobody and writes nothing", async () => {
    expect(await listed("proposals?state=open")).toEqual([]);
    expect(await writes()).toEqual([]);
  });
});

describe.runIf(isFull)("in audit, while colleagues and pipelines go on", () => {
  it("finds what they break within the minute, and nothing else", { timeout: 120_000 }, async () => {
    await reset("on", () => "audit");
    await platform.clock({ advance: "PT45M" });
    await platform.settle({ timeoutS: 60 });
    const acts = scenario.day?.acts(0).filter(({ afterMs }) => afterMs <= 45 * 60_000) ?? [];
    // Nothing tells that somebody was disabled: that is for the daily sweep.
    const broken = acts.flatMap(({ breach, step }) => (breach === undefined || step.kind !== "arm" ? [] : [breach]));
    expect(new Set(broken.map(({ standard }) => standard)).size).toBeGreaterThan(6);
    const findings = await listed<FindingView>("findings?state=open");
    const found = findings.map(({ standard, target }) => inWords({ standard: standard.id, target }));
    expect(found.sort()).toEqual([...new Set([...breaches, ...broken].map(inWords))].sort());
    expect(await writes()).toEqual([]);
  });
});

/** Everybody who is asked agrees to everything, one proposal after the other. */
async function agreeToAll(): Promise<number> {
  const open = (await listed<{ id: string }>("proposals?state=open")).map(({ id }) => id).sort();
  for (const id of open) {
    const answer = await platform.api("POST", `proposals/${id}/decisions`, { verdict: "approve" }, oids.approver);
    expect([200, 202], JSON.stringify(answer.body)).toContain(answer.status);
    await platform.settle({ timeoutS: 60 });
  }
  return open.length;
}

/** Plays a part of a day, in which people agree to everything again and again. */
async function play(): Promise<number> {
  let agreed = 0;
  for (let time = 0; time < TIMES; time += 1) {
    await platform.clock({ advance: `PT${MINUTES}M` });
    await platform.settle({ timeoutS: 60 });
    agreed += await agreeToAll();
  }
  return agreed;
}

describe.runIf(isFull)("with each standard in its highest mode, while nobody interferes", () => {
  /** Why nothing was written there, by finding. */
  let held: Map<string, string | undefined>;

  beforeAll(async () => {
    await reset("off", () => "enforce");
    await platform.clock({ advance: "PT2M" });
    await platform.settle({ timeoutS: 60 });
    // What is put right may be asked about again in its new environment.
    for (let round = 0; round < 3; round += 1) {
      await agreeToAll();
      await platform.clock({ advance: "PT1M" });
      await platform.settle({ timeoutS: 60 });
    }
    const left = await listed<FindingView & { condition: { reason: string } | null }>("findings?state=open");
    held = new Map(
      left.map(({ standard, target, condition }) => [inWords({ standard: standard.id, target }), condition?.reason]),
    );
  }, 300_000);

  it("puts right what can be put right, says of the rest what stands in the way, and finds nothing else", () => {
    const known = new Set(breaches.map(inWords));
    expect([...held].filter(([finding]) => !known.has(finding))).toEqual([]);
    expect([...held].filter(([, reason]) => !["PreconditionUnmet", "Refused"].includes(reason ?? ""))).toEqual([]);
    expect(held.size).toBeLessThan(8);
  });

  it("writes to exactly what was broken and is right now", async () => {
    const targets = (await writes()).filter(({ status }) => status < 300).map(({ target }) => accountIn(target));
    const broken = breaches.filter((breach) => !held.has(inWords(breach))).map(({ at }) => accountIn(at));
    expect([...new Set(targets)].sort()).toEqual([...new Set(broken)].sort());
  });

  it("asked for each breach of a class that asks, and for nothing right", async () => {
    const asked = await listed<{ standard: { id: string }; target: string }>("proposals?state=applied");
    const targets = asked.map(({ standard, target }) => `${standard.id} ${accountIn(target)}`);
    const broken = breaches
      .filter((breach) => !held.has(inWords(breach)))
      .map(({ standard, at }) => `${standard} ${accountIn(at)}`);
    expect([...new Set(targets)].sort()).toEqual([...new Set(broken)].sort());
  });
});

/** The account, deployment or policy, whatever of it was written. */
function accountIn(target: string): string {
  return target.toLowerCase().replace(/\/(?:pause|providers\/microsoft\.resources\/tags\/default)$/, "");
}

describe.runIf(isFull)("on a day on which it may write, and people agree to everything", () => {
  const acts = scenario.day?.acts(0) ?? [];
  let agreed = 0;

  beforeAll(async () => {
    await reset("on", () => "enforce");
    agreed = await play();
  }, 300_000);

  it("writes to what the scenario broke or colleagues broke, and to nothing that is right", async () => {
    const broken = [...breaches, ...acts.flatMap(({ breach }) => breach ?? [])].map(({ at }) => at);
    const may = new Set(
      broken.flatMap((at) => [at, `${at}/pause`, `${at}/providers/microsoft.resources/tags/default`]),
    );
    const written = (await writes()).filter(({ status }) => status < 300);
    expect(written.filter(({ target }) => !may.has(target))).toEqual([]);
    expect(new Set(written.map(({ target }) => target)).size).toBeGreaterThan(25);
    expect(agreed).toBeGreaterThan(15);
  });

  it(
    "can be played again: the same seed comes to the same estate and the same ledger",
    { timeout: 300_000 },
    async () => {
      const first = { estate: await estate(), ledger: await roots() };
      await reset("on", () => "enforce");
      await play();
      expect(first.ledger.length).toBeGreaterThan(5);
      const second = { estate: await estate(), ledger: await roots() };
      expect(second.estate).toEqual(first.estate);
      expect(second.ledger).toEqual(first.ledger);
    },
  );
});

/** When each seal was made and what it binds. */
async function roots(): Promise<string[]> {
  const { status, body } = await platform.api("GET", "ledger/seals?after=0&limit=1000");
  expect(status, JSON.stringify(body)).toBe(200);
  return (body.value as { at: string; root: string }[]).map(({ at, root }) => `${at} ${root}`);
}
