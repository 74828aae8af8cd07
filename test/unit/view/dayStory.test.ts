import { describe, expect, it } from "vitest";
import { append, emptyChain, type EntryType, type LedgerEntry } from "../../../shared/ledger/chain.ts";
import { changedPanel } from "../../../shared/view/changedPanel.ts";
import { dayStory, differingOverTime, valueText } from "../../../shared/view/dayStory.ts";
import { proposalNowMs as nowMs } from "../../support/proposals.ts";
import { accountId } from "../../support/summaries.ts";

const minute = 60_000;
const iso = (minutesAgo: number): string => new Date(nowMs - minutesAgo * minute).toISOString();

describe("the day, from the ledger", () => {
  const key = accountId("oai-pay");
  const standard = { kind: "standard", id: "NET-01", version: 1 };
  const fields = [{ path: "properties.publicNetworkAccess", before: "Enabled", after: "Disabled" }];
  const told = (records: readonly (readonly [number, EntryType, unknown])[]): LedgerEntry[] => {
    let head = emptyChain;
    return records.map(([minutesAgo, type, body]) => {
      const added = append(head, { pk: "k", key, atMs: nowMs - minutesAgo * minute, type, body });
      ({ head } = added);
      return added.entry;
    });
  };
  const intent = (id: string, authority: object, agreedBy: string[] = []) => ({
    id,
    target: key,
    fields,
    authority,
    agreedBy,
  });
  const outcome = (of: number, result: string, error: object | null = null) => ({
    intent: of,
    result,
    error,
    observed: [],
  });
  const midnight = "2026-11-18T00:00:00.000Z";

  it("tells remedy from undo, refusal from write, and who agreed", () => {
    const { changes, written, refused, writes } = dayStory(
      told([
        [20, "intent", intent("p-1", standard, ["ann"])],
        [19, "outcome", outcome(1, "applied")],
        [10, "intent", intent("w-1", { kind: "claim", id: "waiver-1", version: 1 })],
        [9, "outcome", outcome(3, "applied")],
        [5, "intent", intent("p-2", standard)],
        [4, "outcome", outcome(5, "notApplied", { code: "ScopeLocked" })],
      ]),
      midnight,
    );
    expect([written, refused, writes.length]).toEqual([2, 1, 2]);
    expect(changes.map(({ chip, by, fault }) => [chip.kind, by, fault])).toEqual([
      ["standard", "Steelyard", "Refused by Azure: ScopeLocked"],
      ["undo", "Steelyard, for a person", null],
      ["standard", "Steelyard, after 1 approval", null],
    ]);
  });

  it("counts only what is of today, but joins it to what was meant before midnight", () => {
    const entries = told([
      [15 * 60, "intent", intent("p-0", standard)],
      [14 * 60 + 50, "outcome", outcome(1, "applied")],
      [14 * 60 + 40, "intent", intent("p-1", standard)],
      [14 * 60, "outcome", outcome(3, "applied")],
    ]);
    const { changes, written, writes } = dayStory(entries, midnight);
    expect([changes.length, written, writes.length]).toEqual([1, 1, 2]);
  });

  it("says how many it could not understand instead of leaving them out", () => {
    expect(dayStory(told([[1, "outcome", { odd: true }]]), midnight)).toMatchObject({ changes: [], unread: 1 });
  });

  const found = (minutesAgo: number, state: string, more: object = {}): readonly [number, EntryType, unknown] => [
    minutesAgo,
    "finding",
    { standard, target: key, state, ...more },
  ];
  const levels = (samples: readonly { readonly atMs: number; readonly value: number | null }[]): (number | null)[][] =>
    samples.map(({ atMs, value }) => [(nowMs - atMs) / minute, value]);

  it("walks back from what stands now to what stood then", () => {
    const entries = told([found(60, "open"), found(50, "closed"), found(20, "open")]);
    expect(levels(differingOverTime(entries, new Map([[key, 1]]), nowMs - 18 * 60 * minute))).toEqual([
      [18 * 60, 0],
      [60, 1],
      [50, 0],
      [20, 1],
    ]);
  });

  it("takes a closing as the end of what stood before, and a finding that is told again as no new one", () => {
    expect(levels(differingOverTime(told([found(30, "closed")]), new Map(), nowMs - 60 * minute))).toEqual([
      [60, 1],
      [30, 0],
    ]);
    const again = told([found(30, "waived", { since: iso(90) })]);
    expect(levels(differingOverTime(again, new Map([[key, 1]]), nowMs - 60 * minute))).toEqual([[60, 1]]);
  });

  it("counts a target once, whatever finds something there, and a setting as its account", () => {
    const setting = `${key}/providers/microsoft.insights/diagnosticsettings/steelyard`;
    const entries = told([
      found(40, "open"),
      found(30, "open", { target: setting, standard: { id: "MON-01" } }),
      found(20, "closed"),
    ]);
    expect(levels(differingOverTime(entries, new Map([[key, 1]]), nowMs - 60 * minute)).at(-1)?.[1]).toBe(1);
    expect(levels(differingOverTime(entries, new Map([[key, 1]]), nowMs - 60 * minute))[0]).toEqual([60, 0]);
  });

  it("shows values as people would say them", () => {
    expect(
      [
        null,
        "Enabled",
        5,
        "/subscriptions/x/resourceGroups/y/providers/z/workspaces/law-central",
        [{ categoryGroup: "allLogs", enabled: true }],
        ["10.0.0.0/8"],
        { a: 1 },
        "x".repeat(99),
      ].map(valueText),
    ).toEqual(["none", "Enabled", "5", "law-central", "allLogs", "10.0.0.0/8", '{"a":1}', `${"x".repeat(60)}…`]);
  });

  it("sets beside what somebody else changed that nothing said so", () => {
    const day = dayStory(
      told([
        [20, "intent", intent("p-1", standard)],
        [19, "outcome", outcome(1, "applied")],
      ]),
      midnight,
    );
    const stranger = {
      at: iso(5),
      target: "oai-<b>",
      fields: [{ name: "sku", before: "S0", after: "F0" }],
      by: "00000000-0000-4000-8000-00000000000a",
    };
    const page = String(changedPanel({ day, strangers: [stranger], isCut: false, nowMs }));
    expect(page).not.toContain("oai-<b>");
    expect(page).toMatch(
      /1 by Steelyard, each with what says so; 1 by someone else[^]*oai-&lt;b&gt;[^]*none found[^]*someone else[^]*NET-01/,
    );
    expect(String(changedPanel({ day: dayStory([], midnight), strangers: [], isCut: false, nowMs }))).toContain(
      "Nothing has changed since midnight",
    );
  });
});
