/** What the page of the ledger reads: every entry once, in order, whatever the pages of the store. */
import { beforeEach, expect, it, vi } from "vitest";
import { append, emptyChain, type EntryType, type LedgerEntry } from "../../../shared/ledger/chain.ts";
import { partitionOf, toResourceId } from "../../../shared/estate/resourceId.ts";
import { ledgerFilterSchema } from "../../../shared/view/ledgerFilter.ts";
import { MemoryStore } from "../../support/memoryStore.ts";
import { proposalNowMs as nowMs } from "../../support/proposals.ts";

const { edge } = vi.hoisted(() => ({ edge: {} as Record<string, unknown> }));
vi.mock("../../../functions/edgeContext.ts", () => ({ edge }));
const { findEntries } = await import("../../../functions/console/pages/ledgerReadings.ts");

const subscriptionId = "5b000000-0000-4000-8000-000000000001";
const authority = { kind: "standard", id: "NET-01", version: 1 };
let store: MemoryStore;
let cursors: string[];

const keyOf = (name: string) =>
  toResourceId(
    `/subscriptions/${subscriptionId}/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/${name}`,
  )!;

beforeEach(() => {
  store = new MemoryStore();
  edge["store"] = store;
  const entries: LedgerEntry[] = [];
  for (const name of ["a", "b", "c"]) {
    const key = keyOf(name);
    let head = emptyChain;
    for (let index = 0; index < 60; index += 1) {
      const type: EntryType = index % 3 === 0 ? "finding" : index % 3 === 1 ? "intent" : "outcome";
      const change = {
        id: `p-${index}`,
        target: key,
        authority,
        fields: [{ path: "properties.x", before: 1, after: 2 }],
      };
      const bodies = {
        finding: { standard: authority, state: "open", reason: "r" },
        intent: change,
        outcome: { intent: index, change: `p-${index}`, result: "applied", error: null },
      };
      const next = append(head, {
        pk: partitionOf(key),
        key,
        atMs: nowMs - 86_400_000 + index * 1_800_000,
        type,
        body: bodies[type as "finding"],
      });
      ({ head } = next);
      entries.push(next.entry);
    }
  }
  for (const document of entries) store.writeNow("state", document.pk, [{ kind: "create", document }]);
  cursors = entries
    .map(({ cursor }) => cursor)
    .sort()
    .toReversed();
});

const filter = (given: Record<string, string> = {}) => ledgerFilterSchema.parse(given);

async function allOf(given: Record<string, string>, most: number, scannedMax = 1_000): Promise<LedgerEntry[]> {
  const found: LedgerEntry[] = [];
  let after: string | null = null;
  for (let page = 0; page < 100; page += 1) {
    const next = await findEntries(filter(given), after, nowMs, () => "prod", most, scannedMax);
    found.push(...next.entries);
    expect(next.rows).toHaveLength(next.entries.length);
    if (next.next === null) return found;
    after = next.next;
  }
  throw new Error("it does not end");
}

it.each([
  [7, 1_000],
  [40, 1_000],
  [180, 1_000],
  [40, 11],
])("shows each entry once, newest first: %i a page, %i looked through", async (most, scannedMax) => {
  expect((await allOf({ kind: "all" }, most, scannedMax)).map(({ cursor }) => cursor)).toEqual(cursors);
});

it("bounds what it looks through, and says where it stopped", async () => {
  const found = await findEntries(filter({ q: "nowhere" }), null, nowMs, () => undefined, 40, 50);
  expect([found.rows, found.scanned, found.next]).toEqual([[], 50, cursors[49]]);
});

it("looks through one chain only where a whole resource ID is asked for", async () => {
  const entries = await allOf({ kind: "all", q: keyOf("b") }, 40);
  expect(entries).toHaveLength(60);
  expect(new Set(entries.map(({ key }) => key))).toEqual(new Set([keyOf("b")]));
});

it("gives a write what its intent says, wherever that lies", async () => {
  const { rows } = await findEntries(filter({ kind: "changes" }), null, nowMs, () => "prod", 1);
  expect(rows).toMatchObject([
    { mark: "written", authority: { label: "NET-01" }, fields: [{ name: "x", after: "2" }] },
  ]);
});

it.each([
  ["yesterday", "2026-11-17"],
  ["today", "2026-11-18"],
])("narrows to whole days: %s", async (when, day) => {
  const entries = await allOf({ kind: "all", when }, 40);
  const ofDay = cursors.filter((cursor) => cursor.startsWith(day));
  const later = when === "today" ? cursors.filter((cursor) => cursor > `${day}~`) : [];
  expect(entries.map(({ cursor }) => cursor)).toEqual([...later, ...ofDay]);
  expect(ofDay.length).toBeGreaterThan(20);
});

it("leaves out what cannot be read, and goes on behind it", async () => {
  const pk = partitionOf(keyOf("a"));
  const junk = { id: "entry-junk", pk, kind: "entry", cursor: cursors[0]!, at: "never" };
  store.writeNow("state", pk, [{ kind: "upsert", document: junk }]);
  expect((await allOf({ kind: "all" }, 40)).map(({ cursor }) => cursor)).toEqual(cursors);
});
