import { expect, it } from "vitest";
import type { ConfigInput } from "../../../shared/config/schema.ts";
import { emptyLog, unreadable } from "../../../shared/desired/budget.ts";
import { parseAccount } from "../../../shared/estate/account.ts";
import { partitionOf } from "../../../shared/estate/resourceId.ts";
import { compile } from "../../../shared/reconcile/configuration.ts";
import { foretell, type Budgets, type Sighting } from "../../../shared/reconcile/plan.ts";
import { openAccount, subscriptionId } from "../../support/passBench.ts";

const nowMs = Date.UTC(2026, 10, 21, 10);

/** Accounts that are open to the internet and have no identity. */
const sightings = ["a", "b", "c"].map((name): Sighting => {
  const account = parseAccount({ ...openAccount(), id: openAccount().id.replace(/a$/, name), name });
  const { address } = account;
  const nobody = { changedBy: null, pipeline: { before: undefined, after: undefined } };
  return {
    pk: partitionOf(address.id),
    address,
    sight: { account, members: {} },
    documents: [],
    nextSeq: 1,
    ...nobody,
  };
});

const config = (changes: Partial<ConfigInput>): object => ({
  version: 1,
  subscriptions: [{ id: subscriptionId, name: "corp", archetype: "corp", level: "enforce" }],
  standards: [{ id: "ACC-02", mode: "audit" }],
  ...changes,
});

function fates(changes: Partial<ConfigInput>, budgets: Budgets = new Map([["ACC-02", emptyLog("ACC-02")]])): string[] {
  const foretold = foretell(compile(config({})), compile(config(changes)), sightings, budgets, nowMs);
  return foretold.map(
    ({ standard, was, will }) => `${standard} ${was.kind} ${[will.kind, will.reason].join(" ").trim()}`,
  );
}

const enforce = { standards: [{ id: "ACC-02", mode: "enforce" as const }] };

it("counts what the budget lets through and what waits for it", () => {
  expect(fates({ ...enforce, budgets: [{ writesPerHour: 2 }] })).toEqual([
    "ACC-02 report write",
    "ACC-02 report write",
    "ACC-02 report hold Budget",
  ]);
});

it("foretells no write when it cannot be known what was written lately", () => {
  expect(fates(enforce, new Map([["ACC-02", unreadable]]))).toEqual(Array(3).fill("ACC-02 report hold Budget"));
});

it("tells of findings that come and go with their standard", () => {
  expect(fates({ standards: [] })).toEqual(Array(3).fill("ACC-02 report none"));
  expect(fates({ standards: [{ id: "NET-01", mode: "approve" }] }).slice(0, 2)).toEqual([
    "ACC-02 report none",
    "NET-01 none ask",
  ]);
});

it("tells nothing when nothing would be otherwise", () => {
  expect(fates({ digestHour: 9, budgets: [{ writesPerHour: 1 }] })).toEqual([]);
});
