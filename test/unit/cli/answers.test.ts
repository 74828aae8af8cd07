import { describe, expect, it } from "vitest";
import { planText, proposedText, type Plan } from "../../../shared/cli/answers.ts";

const nothing: Plan = {
  accounts: 0,
  oldest: null,
  unseen: { accounts: 0, subscriptions: [], more: false },
  total: 0,
  counts: [],
  differences: [],
};

describe("a plan", () => {
  it.each<[string, Partial<Plan>, string]>([
    [
      "of an estate without accounts",
      {},
      "No account was looked at yet: nothing can be foretold. The first look comes within a minute of a start.\n",
    ],
    [
      "just after a start",
      { unseen: { accounts: 28, subscriptions: ["s"], more: false } },
      "28 accounts never looked at yet: nothing can be foretold. The first look comes within a minute of a start.\n",
    ],
    [
      "while a few accounts were not seen",
      { accounts: 3, unseen: { accounts: 1, subscriptions: [], more: false } },
      "Nothing would be otherwise on 3 accounts as last seen.\n\n1 account never seen yet: nothing is known of it.\n",
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
