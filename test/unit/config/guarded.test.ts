import { describe, expect, it } from "vitest";
import { guarded } from "../../../shared/config/guarded.ts";
import type { ConfigInput } from "../../../shared/config/schema.ts";
import { ada, baseline, ben, corp, online } from "../../support/configurationBench.ts";

const nowMs = Date.UTC(2026, 10, 21, 10);
const subscriptions = [
  { id: corp, name: "corp", archetype: "corp", level: "enforce" },
  { id: online, name: "online", archetype: "online", level: "approve" },
] as const;
const enforce = [{ id: "NET-01", mode: "enforce" as const }];
const freeze = { name: "year's end", from: "2026-12-20T00:00:00Z", until: "2027-01-04T00:00:00Z" };
const field = { path: "properties.publicNetworkAccess", owner: "iac" as const };
const pipeline = { name: "landing zone", application: "00000000-0000-4000-8000-000000000111" };

function needs(before: Partial<ConfigInput>, after: Partial<ConfigInput>): string[] {
  return guarded(baseline(before), baseline(after), nowMs).map(({ path }) => path);
}

describe("two persons are needed for", () => {
  it.each<[string, Partial<ConfigInput>, Partial<ConfigInput>, string]>([
    ["naming an approver", {}, { approvers: [{ people: [ada] }] }, "approvers"],
    ["taking one away", { approvers: [{ people: [ada, ben] }] }, { approvers: [{ people: [ada] }] }, "approvers"],
    ["another quorum", { quorum: 2 }, {}, "quorum"],
    ["another quorum somewhere", {}, { quorums: { prod: 2 } }, "quorums"],
    ["whom it escalates to", {}, { escalation: { afterHours: 4, people: [ada] } }, "escalation"],
    ["a mode that writes unasked", {}, { standards: enforce }, "standards[NET-01].mode"],
    [
      "one in one environment",
      {},
      { standards: [{ id: "NET-01", mode: "audit", modes: { dev: "enforce" } }] },
      "standards[NET-01].mode",
    ],
    ["a new standard that does", { standards: [] }, { standards: enforce }, "standards[NET-01].mode"],
    [
      "what such a standard demands",
      { standards: enforce },
      { standards: [{ id: "NET-01", mode: "enforce", parameters: { a: 1 } }] },
      "standards[NET-01].parameters",
    ],
    ["a subscription in which it may", {}, { subscriptions: [...subscriptions] }, `subscriptions[${corp}].level`],
    [
      "another archetype there",
      { subscriptions: [...subscriptions] },
      { subscriptions: [{ ...subscriptions[0], archetype: "online" }, subscriptions[1]] },
      `subscriptions[${corp}].archetype`,
    ],
    [
      "another environment where quorums differ",
      { quorums: { prod: 2 } },
      {
        quorums: { prod: 2 },
        subscriptions: baseline().subscriptions.map((item) => ({ ...item, environment: "dev" })),
      },
      `subscriptions[${corp}].environment`,
    ],
    [
      "the tag that tells environments apart",
      { quorums: { prod: 2 } },
      { quorums: { prod: 2 }, environments: { names: ["prod", "test", "dev"], tag: "stage" } },
      "environments",
    ],
    ["the end of a pause", { paused: true }, {}, "paused"],
    ["a larger budget", {}, { budgets: [{ writesPerHour: 21 }] }, "budgets"],
    ["no budget", {}, { budgets: [] }, "budgets"],
    [
      "one that holds at times only",
      {},
      { budgets: [{ writesPerHour: 5, during: { days: ["mon"], from: "08:00", to: "09:00" } }] },
      "budgets",
    ],
    ["one that holds in fewer places", {}, { budgets: [{ writesPerHour: 5, environments: ["prod"] }] }, "budgets"],
    [
      "a shorter freeze",
      { freezes: [freeze] },
      { freezes: [{ ...freeze, until: "2026-12-31T00:00:00Z" }] },
      "freezes[year's end]",
    ],
    [
      "a narrower freeze",
      { freezes: [freeze] },
      { freezes: [{ ...freeze, environments: ["prod"] }] },
      "freezes[year's end]",
    ],
    ["a field taken from templates", { fields: [field] }, {}, "fields[properties.publicNetworkAccess]"],
    ["a pipeline that is forgotten", { pipelines: [pipeline] }, {}, "pipelines[landing zone]"],
  ])("%s", (_, before, after, path) => {
    expect(needs(before, after)).toContain(path);
  });
});

describe("one person is enough for", () => {
  it.each<[string, Partial<ConfigInput>, Partial<ConfigInput>]>([
    ["a pause", {}, { paused: true }],
    ["a lower mode", { standards: enforce }, {}],
    ["a mode that asks", { standards: [{ id: "NET-01", mode: "audit" }] }, {}],
    ["a withdrawal", { subscriptions: [...subscriptions] }, { subscriptions: [] }],
    [
      "another environment where all are alike",
      {},
      { subscriptions: baseline().subscriptions.map((item) => ({ ...item, environment: "dev" })) },
    ],
    ["a smaller budget", {}, { budgets: [{ writesPerHour: 1 }] }],
    ["one more budget", {}, { budgets: [{ writesPerHour: 20 }, { writesPerHour: 30, environments: ["prod"] }] }],
    [
      "the same budget in other words",
      { budgets: [{ writesPerHour: 9, environments: ["prod"] }] },
      { budgets: [{ writesPerHour: 9 }] },
    ],
    ["a longer freeze", { freezes: [freeze] }, { freezes: [{ ...freeze, until: "2027-02-01T00:00:00Z" }] }],
    [
      "a freeze that is over",
      { freezes: [{ ...freeze, from: "2025-12-20T00:00:00Z", until: "2026-01-04T00:00:00Z" }] },
      {},
    ],
    ["a field given to templates", { fields: [{ ...field, environments: ["prod"] }] }, { fields: [field] }],
    ["a team and its owners", {}, { teams: [{ id: "search", name: "Search", owners: [ada] }] }],
  ])("%s", (_, before, after) => {
    expect(needs(before, after)).toEqual([]);
  });
});
