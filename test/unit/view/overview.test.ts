import { assert, constantFrom, array, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { configSchema, type Config, type ConfigInput } from "../../../shared/config/schema.ts";
import type { Deviation } from "../../../shared/desired/documents.ts";
import { modeSentence } from "../../../shared/view/bearings.ts";
import { belowOf, rowsOf, views, type Summary } from "../../../shared/view/estateModel.ts";
import { html, type Html } from "../../../shared/view/html.ts";
import { proposalModel } from "../../../shared/view/proposalModel.ts";
import { budgetLeft, glance, type Pulse } from "../../../shared/view/pulse.ts";
import { standardsLoop } from "../../../shared/view/standardsLoop.ts";
import { counted, type CountedStandard } from "../../../shared/view/tally.ts";
import { verdict, type VerdictInput } from "../../../shared/view/verdict.ts";
import { waitingPanel, yoursOf } from "../../../shared/view/waitingPanel.ts";
import { unreadable } from "../../../shared/desired/budget.ts";
import { accountId, sampleDeployment, sampleSummary } from "../../support/summaries.ts";
import { proposalNowMs as nowMs, sampleProposal } from "../../support/proposals.ts";

const minute = 60_000;
const iso = (minutesAgo: number): string => new Date(nowMs - minutesAgo * minute).toISOString();
const text = (made: Html | null): string =>
  String(made)
    .replaceAll(/<[^>]+>/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();

const standards: readonly CountedStandard[] = [
  { id: "NET-01", label: "Public network access", hasRemedy: true },
  { id: "MOD-01", label: "Model", hasRemedy: false },
];

type Off = Pick<Deviation, "standard" | "state"> & Partial<Deviation>;
const off = (state: Deviation["state"], change: Partial<Deviation> = {}): Off => ({
  standard: "NET-01",
  state,
  ...change,
});
const account = (name: string, deviations: Off[] = [], change: Partial<Summary> = {}): Summary =>
  sampleSummary(name, { deployments: [], ...change, deviations });

const count = (accounts: readonly Summary[]) => counted(accounts, "prod", standards);
const said = (accounts: readonly Summary[], change: Partial<VerdictInput> = {}): { title: string; below: string } => {
  const input = {
    counted: count(accounts),
    standstill: { kind: "none" },
    isAuditOnly: false,
    staleSince: null,
    isPartial: false,
    isSweeping: false,
    nowMs,
  } as const;
  const { title, below } = verdict({ ...input, ...change });
  return { title: text(title), below: below === null ? "" : text(below) };
};

describe("the verdict", () => {
  const one = account("a");
  const outside = { environment: "dev" };

  it.each<[string, readonly Summary[], Partial<VerdictInput>, string]>([
    ["all well", [one, account("b")], {}, "All 2 targets are as they should be."],
    ["the only one well", [one], {}, "The one target is as it should be."],
    ["one waits", [one, account("b", [off("waits")])], {}, "1 of 2 targets is as they should be; 1 waits for people."],
    [
      "several things at once",
      [
        one,
        one,
        account("b", [off("waits")]),
        account("c", [off("waits")]),
        account("d", [off("blocked", { condition: "Refused" })]),
        account("e", [off("unknown")]),
      ],
      {},
      "2 of 6 targets are as they should be; 2 wait for people, 1 is blocked and 1 is unknown.",
    ],
    [
      "being put right",
      [one, account("b", [off("open", { condition: "Writing" })])],
      {},
      "1 of 2 targets is as they should be; 1 is being put right.",
    ],
    [
      "people said no",
      [one, account("b", [off("open", { condition: "Rejected" })])],
      {},
      "1 of 2 targets is as they should be; 1 is left as people decided.",
    ],
    [
      "told only",
      [one, account("b", [off("open")])],
      {},
      "1 of 2 targets is as they should be; 1 differs and nobody is asked.",
    ],
    [
      "audit only",
      [one, account("b", [off("open")])],
      { isAuditOnly: true },
      "1 of 2 targets is as they should be; Steelyard would change 1.",
    ],
    [
      "audit only, not all of it with a remedy",
      [account("a", [off("open", { standard: "MOD-01" })]), account("b", [off("open")])],
      { isAuditOnly: true },
      "0 of 2 targets are as they should be; Steelyard would change 1 of 2 that differ.",
    ],
    [
      "a waiver",
      [one, account("b", [off("waived")])],
      {},
      "1 of 2 targets is as they should be; 1 is open by a waiver.",
    ],
    [
      "an old picture",
      [one, account("b", [off("waits")])],
      { staleSince: "2026-11-18T14:18:00.000Z" },
      "At 14:18, 1 of 2 targets were as they should be; 1 waited for people.",
    ],
    [
      "production among others",
      [one, account("b", [], outside)],
      {},
      "The one target in production is as it should be.",
    ],
    ["nothing in production", [account("b", [], outside)], {}, "The one target is as it should be."],
    [
      "paused",
      [one],
      { standstill: { kind: "paused", since: iso(90) } },
      "All writes are paused since 13:02. The one target is as it should be.",
    ],
    ["nothing yet", [], {}, "No account has been looked at yet"],
    [
      "nothing to look at",
      [],
      { standstill: { kind: "nothing", title: "No subscription is enrolled", next: "" } },
      "No subscription is enrolled",
    ],
  ])("says: %s", (_, accounts, change, expected) => {
    expect(said(accounts, change).title).toBe(expected);
  });

  it("tells of the other environments below, and leads to each list", () => {
    const accounts = [
      one,
      account("b", [off("waits")], outside),
      account("c", [off("open", { condition: "Writing" })], outside),
      account("d", [], outside),
    ];
    expect(said(accounts).below).toBe(
      "Outside production 1 of 3 are; 1 waits for people and 1 is being put right now.",
    );
    const { title } = verdict({
      counted: count([one, account("b", [off("waits")])]),
      standstill: { kind: "none" },
      isAuditOnly: false,
      staleSince: null,
      isPartial: false,
      isSweeping: false,
      nowMs,
    });
    expect(String(title).replaceAll("&amp;", "&")).toMatch(/href="\/api\/console\/estate\?[^"]*state=waits[^"]*"/);
  });

  it("says that there may be more as long as not all was looked at", () => {
    expect(said([one], { isPartial: true }).below).toBe("Not every account has been looked at yet.");
  });

  it("says what it counts: the clauses, the beam and the estate add up to all targets, whatever stands", () => {
    const states = constantFrom<(Deviation["state"] | "met")[]>("met", "open", "waits", "blocked", "waived", "unknown");
    assert(
      property(array(states, { minLength: 1, maxLength: 40 }), (list) => {
        const accounts = list.map((state, at) => {
          const target = belowOf({ key: accountId(`oai-${at}`) }, "deployments", "chat");
          return sampleSummary(`oai-${at}`, {
            deployments: [sampleDeployment("chat")],
            deviations: state === "met" ? [] : [{ ...off(state), target }],
          });
        });
        const { inside, groups, differing } = count(accounts);
        const rows = views.flatMap((view) => rowsOf(accounts, view));
        expect(inside.all).toBe(rows.length);
        expect(
          inside.met +
            inside.waits +
            inside.blocked +
            inside.writing +
            inside.told +
            inside.left +
            inside.waived +
            inside.unknown,
        ).toBe(inside.all);
        expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(inside.all);
        expect(groups.reduce((sum, group) => sum + group.weights.length, 0)).toBe(inside.all - inside.met);
        expect(differing.size).toBe(inside.all - inside.met);
      }),
    );
  });
});

const subscription = {
  id: "5b000000-0000-4000-8000-000000000001",
  name: "a",
  archetype: "corp",
  level: "enforce",
} as const;
const config = (change: Partial<ConfigInput> = {}): Config =>
  configSchema.parse({
    version: 1,
    subscriptions: [subscription],
    standards: [{ id: "NET-01", mode: "approve" }],
    ...change,
  });

describe("the mode, in words", () => {
  it.each<[Config | undefined, string]>([
    [undefined, "Nothing configured"],
    [config(), "Approve in production"],
    [config({ paused: true }), "Paused"],
    [config({ subscriptions: [] }), "Nothing enrolled"],
    [config({ standards: [{ id: "NET-01", mode: "audit" }] }), "Audit only"],
    [config({ standards: [{ id: "NET-01", mode: "enforce" }] }), "Enforce in production"],
    [
      config({ standards: [{ id: "NET-01", mode: "enforce" }], subscriptions: [{ ...subscription, level: "reader" }] }),
      "Audit only",
    ],
    [
      config({
        standards: [{ id: "NET-01", mode: "enforce" }],
        subscriptions: [{ ...subscription, level: "approve" }],
      }),
      "Approve in production",
    ],
    [config({ standards: [{ id: "NET-01", mode: "audit", modes: { dev: "enforce" } }] }), "Audit in production"],
  ])("%#: %s", (given, expected) => {
    expect(modeSentence(given)).toBe(expected);
  });
});

const pulse: Pulse = {
  beatAt: iso(1),
  behind: { count: 0, since: null },
  sweep: { startedAt: iso(12 * 60), finishedAt: iso(11 * 60), accounts: 40, isFirst: false, problems: 0 },
  pausedSince: null,
  sealedAt: iso(2),
  budgets: new Map(),
};

describe("how the product itself does", () => {
  const shown = (change: { config?: Config; pulse?: Partial<Pulse>; held?: [string, number][] }): string[] =>
    glance({
      config: change.config ?? config(),
      mode: "Approve in production",
      pulse: { ...pulse, ...change.pulse },
      held: new Map(change.held ?? []),
      written: 3,
      refused: 0,
      nowMs,
    }).map(({ label, value, below }) => text(html`${label}: ${value}, ${below}`));

  it("is told in four facts", () => {
    expect(shown({})).toEqual([
      "Mode: Approve in production, approve elsewhere",
      "Freshness: Last round 1 min ago, every account looked at since 02:32",
      "Held back: Nothing is held, no freeze is announced",
      "Ledger: 3 changes today, chains sealed at 14:30",
    ]);
  });

  it("does not call silence well", () => {
    expect(shown({ pulse: { beatAt: null, sweep: null } })[1]).toBe("Freshness: Not running yet, no sweep yet");
    expect(shown({ pulse: { beatAt: iso(12) } })[1]).toContain("Silent for 12 min");
    const sweep = { startedAt: iso(5), finishedAt: null, accounts: 12, isFirst: true, problems: 0 };
    expect(shown({ pulse: { sweep } })[1]).toContain("a sweep is under way since 14:27, 12 accounts so far");
    const failed = { startedAt: iso(60), finishedAt: iso(50), accounts: 12, isFirst: true, problems: 2 };
    expect(shown({ pulse: { sweep: failed } })[1]).toContain("2 subscriptions could not be read");
  });

  it("names what holds, and the freeze that does or will", () => {
    expect(
      shown({
        held: [
          ["Budget", 2],
          ["Odd", 1],
        ],
      })[2],
    ).toContain("3 changes held: 2 by the budget, 1 by Odd");
    const freezes = (from: number, until: number): Config["freezes"] => [
      { name: "year end", from: iso(from), until: iso(until) },
    ];
    expect(shown({ held: [["Frozen", 4]] })[2]).toContain("4 changes held by a freeze");
    expect(shown({ config: config({ freezes: freezes(60, -60) }) })[2]).toContain("frozen by “year end” until 15:32");
    expect(shown({ config: config({ freezes: freezes(-60, -120) }) })[2]).toContain("“year end” freezes from 15:32");
  });

  it("shows the budget that has least left, and none of one that cannot be read", () => {
    const log = (minutes: number[]) => ({
      id: "b",
      pk: "budgets",
      kind: "budget" as const,
      standard: "NET-01",
      writes: minutes.map((ago, at) => ({
        id: `w${at}`,
        atMs: nowMs - ago * minute,
        environment: "prod",
        subscriptionId: subscription.id,
      })),
    });
    expect(budgetLeft(config(), new Map(), nowMs)).toMatchObject({ left: 20, of: 20 });
    expect(budgetLeft(config(), new Map([["NET-01", log([1, 5, 300])]]), nowMs)).toMatchObject({
      left: 18,
      of: 20,
      standard: "NET-01",
    });
    expect(budgetLeft(config(), new Map([["NET-01", unreadable]]), nowMs)).toMatchObject({
      left: 0,
      isUnreadable: true,
    });
    expect(budgetLeft(config({ budgets: [] }), new Map(), nowMs)).toBeNull();
  });

  it("draws nothing of what was never looked at", () => {
    const { inside, outside } = count([]);
    const row = standardsLoop({
      config: config(),
      inside,
      outside,
      samples: [],
      knownFromMs: nowMs,
      writes: [],
      pulse,
      nowMs,
    });
    expect([row.picture, row.instead]).toEqual([null, expect.stringContaining("No account has been looked at yet")]);
  });
});

describe("what waits", () => {
  const viewer = { oid: "00000000-0000-4000-8000-00000000000b", roles: new Set(["Steelyard.Approver"]), csrf: "t" };
  const models = (names: string[], roles = ["Steelyard.Approver"]) =>
    names.map((name, at) => {
      const proposal = {
        ...sampleProposal({}, name),
        expiresAt: new Date(nowMs + (at + 1) * 60 * minute).toISOString(),
      };
      return proposalModel(proposal, { ...viewer, roles: new Set(roles) }, nowMs, { isNamed: () => true });
    });
  const shown = (proposals: ReturnType<typeof models>): string =>
    text(waitingPanel({ proposals, requests: [], isCut: false, emptyBecause: html`because`, nowMs }));

  it("puts the soonest end first, and tells how many there are besides", () => {
    const proposals = models(["a", "b", "c", "d", "e", "f", "g"]);
    const page = shown(proposals.toReversed());
    expect(page).toMatch(/7, soonest end first a [^]* b [^]* e /);
    expect(page).not.toContain(" f ");
    expect(page).toContain("See all 7");
    expect(yoursOf({ proposals, requests: [] })).toBe(7);
  });

  it("says why what waits for others does not wait for whoever looks", () => {
    const page = shown(models(["a"], ["Steelyard.Reader"]));
    expect(page).toMatch(/nothing[^]*Not yours: You are signed in as reader[^]*1 question waits for others/);
    expect(shown([])).toContain("because");
  });
});
