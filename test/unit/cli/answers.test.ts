import { describe, expect, it } from "vitest";
import { proposedText } from "../../../shared/cli/answers.ts";
import { planText, wholePlan, type Plan } from "../../../shared/cli/planText.ts";

const nothing: Plan = {
  asOf: null,
  accounts: 0,
  oldest: null,
  stale: 0,
  unseen: { accounts: 0, named: [], subscriptions: [], more: false },
  total: 0,
  inTheWay: 0,
  counts: [],
  from: 0,
  told: 0,
  differences: [],
};

const account = (name: string): string =>
  `/subscriptions/s/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/${name}`;

const fields = [{ path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" }];
const row = (name: string): Plan["differences"][number] => ({
  target: account(name),
  standard: "NET-01",
  was: { kind: "report", fields },
  will: { kind: "ask", quorum: 2, fields },
  why: null,
  inTheWay: [],
});

describe("a plan", () => {
  it.each<[string, Partial<Plan>, string]>([
    [
      "of an estate without accounts",
      {},
      "No account was looked at yet: nothing can be foretold. The first look comes within a minute of a start.\n",
    ],
    [
      "just after a start",
      { unseen: { accounts: 28, named: [account("b")], subscriptions: ["s"], more: false } },
      "28 accounts never looked at yet: nothing can be foretold. The first look comes within a minute of a start.\n",
    ],
    [
      "while a few accounts were not seen",
      { accounts: 3, unseen: { accounts: 1, named: [account("b")], subscriptions: [], more: false } },
      "Nothing would be otherwise on 3 accounts as last seen.\n\n1 account never seen yet: nothing is known of it.\n  unknown: rg/b in s\n",
    ],
  ])("%s says so once", (_, part, text) => {
    expect(planText({ ...nothing, ...part })).toBe(text);
  });
});

it("tells whose change it is and what it changes, and nothing of how it ends", () => {
  const changes = [{ path: "paused", before: true, after: false }];
  const change = { id: "c-3", state: "open", base: 3, changes, changed: 1, needs: [], hash: "", by: "ada" };
  const text = proposedText({ ...change, reason: "a new day", askedAt: "", expiresAt: "" });
  expect(text).toBe('Change c-3 of version 3, proposed by ada ("a new day"):\n  paused: true -> false\n');
});

describe("what a plan says of a resource", () => {
  const whole: Plan = {
    ...nothing,
    asOf: "2026-11-01T00:00:00.000Z",
    accounts: 30,
    total: 25,
    counts: [{ standard: "NET-01", environment: "prod", was: "report", will: "ask", count: 25 }],
    unseen: {
      accounts: 12,
      named: Array.from({ length: 12 }, (_, n) => account(`x${n}`)),
      subscriptions: [],
      more: false,
    },
    told: 25,
    inTheWay: 1,
    differences: Array.from({ length: 25 }, (_, n) => row(`a${n}`)),
  };

  it("is its fields, how it goes on, why, and what stands in the way", () => {
    const undone = { kind: "waiver", by: "ada", until: "2026-11-22T10:00:00.000Z", reason: "the build broke" };
    const one = { ...row("a"), will: { kind: "waive", fields }, why: "It is broken.", inTheWay: [undone] };
    expect(planText({ ...whole, differences: [one, row("b")], total: 2 })).toContain(`
  NET-01  rg/a in s: waived
      properties.publicNetworkAccess: Enabled -> Disabled
      It is broken.
      in the way: taken back by ada until 2026-11-22T10:00:00.000Z ("the build broke")
  NET-01  rg/b in s: people are asked, 2 approvals
`);
  });

  it("is shown of twenty resources, or of all", () => {
    expect(planText(whole)).toContain("  and 5 more (--all shows them)");
    expect(planText(whole)).not.toContain("rg/a20 in s");
    expect(planText(whole, true)).toContain("rg/a24 in s");
  });

  it("names accounts of which nothing is known of that time", () => {
    expect(planText(whole)).toContain("On 30 accounts as seen by 2026-11-01T00:00:00.000Z");
    expect(planText(whole)).toContain(
      "12 accounts not judged: of them nothing that was seen then is kept.\n  unknown: rg/x0 in s\n",
    );
    expect(planText(whole)).toContain("  unknown: rg/x9 in s\n  and 2 more\n");
    const before = planText({ ...nothing, asOf: whole.asOf });
    expect(before).toBe("Of 2026-11-01T00:00:00.000Z nothing is known of any account: nothing can be judged.\n");
  });

  it("is asked for part by part, and no longer than there is more", async () => {
    const asked: number[] = [];
    const ask = async ({ from }: { from: number }): Promise<{ plan: Plan }> => {
      asked.push(from);
      const differences = from < 20 ? whole.differences.slice(from, from + 10) : [];
      return { plan: { ...whole, from, differences } };
    };
    const { plan } = await wholePlan(ask);
    expect([asked, plan.differences.length]).toEqual([[0, 10, 20], 20]);
  });
});
