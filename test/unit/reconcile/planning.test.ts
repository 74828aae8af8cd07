/** What would change, from what is stored: on the estate as it is and as it was, with what stands in the way. */
import { beforeEach, describe, expect, it } from "vitest";
import { configSchema, type ConfigInput } from "../../../shared/config/schema.ts";
import { decideProposal } from "../../../shared/reconcile/decisions.ts";
import { Collected, FORETOLD_MAX } from "../../../shared/reconcile/collected.ts";
import type { Foretold } from "../../../shared/reconcile/plan.ts";
import { planOf, type Plan, type Planned } from "../../../shared/reconcile/planning.ts";
import { readTrial, readTrials } from "../../../shared/standards/trial.ts";
import { undoChange } from "../../../shared/reconcile/undo.ts";
import type { LedgerEntry } from "../../../shared/ledger/chain.ts";
import { MemoryStore } from "../../support/memoryStore.ts";
import { observedEstate, observedKey, observedSubscriptions } from "../../support/observedEstate.ts";
import { PassBench } from "../../support/passBench.ts";

const nowMs = Date.UTC(2026, 10, 21, 10);
const day = 24 * 60 * 60_000;
const daysAgo = (days: number): string => new Date(nowMs - days * day).toISOString();

/** An account's name has to end with its environment. */
const nameRule = {
  id: "NAM-01",
  version: 1,
  title: "The name of an account ends with its environment",
  severity: "low",
  resourceType: "Microsoft.CognitiveServices/accounts",
  archetypes: ["corp", "online"],
  rule: { if: { field: "name", notLike: "*-prod" } },
  cases: [],
  sources: [],
};

const localAuth = {
  ...nameRule,
  id: "LOC-01",
  title: "Accounts take no keys",
  rule: { if: { field: "Microsoft.CognitiveServices/accounts/disableLocalAuth", notEquals: true } },
  remedy: {
    kind: "patch",
    safety: "R",
    assertions: [{ path: "properties.disableLocalAuth", op: "set", value: true }],
  },
};

describe("an estate", () => {
  let store: MemoryStore;
  const base = (standards: ConfigInput["standards"]): ConfigInput => ({
    version: 1,
    subscriptions: observedSubscriptions.map((id) => ({ id, name: id.slice(-2), archetype: "corp", level: "enforce" })),
    standards,
    budgets: [{ writesPerHour: 5 }],
  });

  function lay(accounts: number): void {
    store = new MemoryStore();
    for (const document of observedEstate(accounts, nowMs)) {
      store.writeNow("state", document.pk, [{ kind: "upsert", document }]);
    }
  }

  async function plan(
    before: ConfigInput["standards"],
    after: ConfigInput["standards"],
    options: Planned = {},
  ): Promise<Plan> {
    const context = { store, clock: { now: () => nowMs }, log: () => {} };
    const current = { version: 1, config: configSchema.parse(base(before)), document: undefined };
    return planOf(context, current, configSchema.parse(base(after)), options);
  }

  beforeEach(() => lay(60));

  const sum = ({ counts }: Plan): number => counts.reduce((all, { count }) => all + count, 0);

  it("tells each resource with the fields before and after, kind by kind, what would be written first", async () => {
    const told = await plan(
      [],
      [
        { id: "NET-01", mode: "approve" },
        { id: "ACC-02", mode: "enforce" },
      ],
    );
    expect(told.accounts).toBe(60);
    const order = [...new Set(told.counts.map(({ will }) => will))];
    expect(order).toEqual(["write", "ask", "hold (Budget)"]);
    for (const { from, told: number, standard, environment, will } of told.counts) {
      const rows = told.differences.slice(from, from + number);
      expect(rows.every((row) => row.standard === standard && row.environment === environment)).toBe(true);
      expect(new Set(rows.map((row) => row.will.kind))).toEqual(new Set([will.split(" ")[0]]));
    }
    expect(sum(told)).toBe(told.total);
    expect(told.differences.find(({ standard }) => standard === "NET-01")?.will.fields).toEqual([
      { path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" },
    ]);
  });

  it("judges a standard that nobody holds, and writes nothing", async () => {
    const before = [...store.documents("state")].map((document) => JSON.stringify(document));
    const { counts, differences } = await plan([], [], { trials: [readTrial(localAuth)] });
    expect(counts.map(({ environment, was, will, count }) => [environment, was, will, count])).toEqual(
      ["dev", "prod", "test"].map((environment) => [environment, "none", "ask", 10]),
    );
    expect(differences.find(({ target }) => target === observedKey(1))).toMatchObject({
      was: { kind: "none" },
      will: { fields: [{ path: "properties.disableLocalAuth", before: false, after: true }] },
    });
    expect([...store.documents("state")].map((document) => JSON.stringify(document))).toEqual(before);
  });

  it("says why of what has no field to tell of, and of what is not known", async () => {
    const named = await plan([], [], { trials: [readTrial({ ...nameRule, failure: "It is called otherwise." })] });
    expect(named.differences[0]).toMatchObject({ will: { kind: "report" }, why: "It is called otherwise." });
    const unread = await plan([], [], { trials: [readTrial({ ...nameRule, needs: ["properties.nothing"] })] });
    expect([sum(unread), unread.counts[0]?.will]).toEqual([60, "unknown"]);
    expect(unread.differences[0]?.why).toBe("properties.nothing was not in the answer.");
  });

  it("judges the estate as it was, and names the accounts of which that is not known", async () => {
    const trial = readTrial({
      ...nameRule,
      rule: { if: { field: "Microsoft.CognitiveServices/accounts/publicNetworkAccess", equals: "Enabled" } },
    });
    const open = async (asOf?: string): Promise<number[]> => {
      const { total, accounts, unseen } = await plan([], [], { trials: [trial], asOf });
      return [total, accounts, unseen.accounts];
    };
    expect(await open()).toEqual([20, 60, 0]);
    expect(await open(daysAgo(29))).toEqual([20, 60, 0]);
    // A quarter of those that are open now was closed until thirty days ago.
    expect(await open(daysAgo(31))).toEqual([15, 60, 0]);
    // The first looks came one a day, sixty to seventy-nine days ago.
    const then = await plan([], [], { trials: [trial], asOf: daysAgo(70) });
    expect([then.accounts, then.unseen.accounts, then.unseen.named.length]).toEqual([30, 30, 30]);
    expect(then.unseen.named).toContain(observedKey(0));
    expect(then).toMatchObject({ asOf: daysAgo(70), oldest: null });
  });

  it("judges by the time that is asked about", async () => {
    const trial = readTrial({
      ...nameRule,
      reads: [],
      rule: { if: { field: "ageHours", greater: (nowMs - Date.UTC(2025, 2, 1)) / 3_600_000 - 24 * 10 } },
    });
    expect((await plan([], [], { trials: [trial] })).total).toBe(60);
    expect((await plan([], [], { trials: [trial], asOf: daysAgo(11) })).total).toBe(0);
  });

  it("names an account whose observation cannot be read instead of failing", async () => {
    const observation = store.readNow<{ id: string; pk: string }>(
      "state",
      [...store.documents("state")][1]!.pk,
      "observation",
    );
    const document = { ...observation!.document, body: { id: "nowhere" } };
    store.writeNow("state", document.pk, [{ kind: "upsert", document }]);
    const { accounts, unseen } = await plan([], [{ id: "NET-01", mode: "approve" }]);
    expect([accounts, unseen.accounts, unseen.named.length]).toEqual([59, 1, 1]);
  });
});

it("tells at most so many of a kind and of all one by one, and counts all", () => {
  const collected = new Collected();
  const [one] = ["none", "report"].map((kind) => ({ kind, fields: [] }) as unknown as Foretold["was"]);
  for (let n = 0; n < 60_000; n += 1) {
    const standard = `NAM-1${n % 6}`;
    const place = { target: `/${n}` as Foretold["target"], subscriptionId: "s", environment: "prod", standard };
    collected.add({ ...place, was: one!, will: { kind: "report", fields: [] }, why: null, inTheWay: [] });
  }
  const { total, counts, differences } = collected.told();
  expect(total).toBe(60_000);
  expect(counts.map(({ count }) => count)).toEqual(Array(6).fill(10_000));
  expect(differences).toHaveLength(FORETOLD_MAX);
  for (const { standard, from, told } of counts) {
    expect(told).toBeLessThanOrEqual(5_000);
    expect(new Set(differences.slice(from, from + told).map((row) => row.standard))).toEqual(new Set([standard]));
  }
});

describe("what stands in the way", () => {
  const people = ["00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"] as const;
  let bench: PassBench;
  const config = (mode: "audit" | "approve", more: Partial<ConfigInput> = {}): ConfigInput => ({
    ...bench.config,
    standards: [{ id: "NET-01", mode }],
    ...more,
  });

  async function plan(before: ConfigInput, after: ConfigInput): Promise<Plan> {
    const current = { version: 1, config: configSchema.parse(before), document: undefined };
    return planOf(bench.context, current, configSchema.parse(after));
  }

  async function approved(): Promise<void> {
    await bench.want();
    await bench.look();
    const [asked] = await bench.live("proposal");
    const decision = {
      proposal: asked!.id,
      verdict: "approve",
      reason: "agreed",
      hash: undefined,
      by: people[0],
    } as const;
    await decideProposal(bench.context, decision);
  }

  beforeEach(() => {
    bench = new PassBench();
  });

  it("is what people took back, as long as that holds: told though nothing would be otherwise", async () => {
    await approved();
    await bench.pass();
    const intent = (await bench.ledger()).find(({ type }) => type === "intent") as LedgerEntry;
    const change = (intent.body as { id: string }).id;
    await undoChange(bench.context, { change, by: people[1], reason: "the build broke" });
    const undoing = await plan(config("approve"), config("audit"));
    expect(undoing.inTheWay).toBe(1);
    expect(undoing.differences.find(({ standard }) => standard === "NET-01")?.inTheWay ?? []).toMatchObject([
      { kind: "undo", by: people[1], reason: "the build broke" },
    ]);
    await bench.pass();
    const waived = await plan(config("audit"), config("approve"));
    expect(waived.differences).toMatchObject([
      { was: { kind: "waive" }, will: { kind: "waive" }, inTheWay: [{ kind: "waiver", by: people[1] }] },
    ]);
    expect(waived.differences[0]?.inTheWay[0]?.until).toBe("2026-11-22T10:00:00.000Z");
    expect(await plan(config("approve"), config("approve", { digestHour: 9 }))).toMatchObject({ total: 0 });
  });

  it("is what was agreed to and not written yet", async () => {
    await approved();
    const frozen = { freezes: [{ name: "now", from: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z" }] };
    const { differences } = await plan(config("approve"), config("approve", frozen));
    expect(differences).toMatchObject([
      {
        was: { kind: "write" },
        will: { kind: "hold", reason: "Frozen" },
        inTheWay: [{ kind: "approval", by: people[0] }],
      },
    ]);
  });
});

describe("a standard that is tried", () => {
  it.each([
    [{ ...nameRule, rule: { if: { field: "name", likes: "x" } } }, {}, "likes"],
    [{ ...nameRule, severity: "urgent" }, {}, "severity"],
    ["a text", {}, "standard without id"],
    [nameRule, { mode: "enforce" }, "found mode enforce; expected audit: it has no remedy"],
    [nameRule, { mode: "always" }, "trial at mode"],
    [nameRule, { parameters: { nothing: 1 } }, "nothing"],
  ])("is refused where it makes no sense: %#", (definition, options, message) => {
    expect(() => readTrial(definition, options)).toThrow(message);
  });

  it("goes as far as it may when nobody says how far", () => {
    expect(readTrial(localAuth).setting.mode).toBe("approve");
    expect(readTrial(nameRule).setting.mode).toBe("audit");
    expect(readTrial(localAuth, { mode: "audit" }).setting.mode).toBe("audit");
  });

  it("comes with others, each once, with parameters by its id", () => {
    const trials = readTrials([localAuth, nameRule], { mode: "audit", parameters: {} });
    expect(trials.map(({ setting }) => [setting.id, setting.mode])).toEqual([
      ["LOC-01", "audit"],
      ["NAM-01", "audit"],
    ]);
    expect(() => readTrials([nameRule, nameRule], { parameters: {} })).toThrow("found NAM-01 twice");
    expect(() => readTrials([nameRule], { parameters: { "LOC-01": {} } })).toThrow(
      "found LOC-01; expected one of NAM-01",
    );
  });
});
