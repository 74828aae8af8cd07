import { describe, expect, it } from "vitest";
import { append, emptyChain, verifyChain, type LedgerEntry } from "../../../shared/ledger/chain.ts";
import { seal, verifyLedger, type Seal } from "../../../shared/ledger/seal.ts";

const atMs = Date.UTC(2026, 10, 21);

function chain(types: readonly LedgerEntry["type"][], pk = "p"): LedgerEntry[] {
  let head = emptyChain;
  return types.map((type, index) => {
    const body = type === "outcome" ? { intent: index } : { index };
    const next = append(head, { pk, key: "k", atMs: atMs + index, type, body });
    head = next.head;
    return next.entry;
  });
}

const story = chain(["finding", "proposal", "decision", "intent", "outcome", "finding"]);

function sealed(entries: readonly LedgerEntry[]): Seal {
  const last = entries.at(-1)!;
  return seal(undefined, { [last.pk]: { seq: last.seq, hash: last.hash } }, atMs);
}

describe("a chain", () => {
  it("verifies as it was written", () => {
    expect(verifyChain(story)).toMatchObject({ ok: true, head: { seq: 6 } });
    expect(verifyChain([])).toMatchObject({ ok: true, head: emptyChain });
  });

  it.each(story.map((entry) => entry.seq))("shows when entry %i is changed, left out or doubled", (seq) => {
    const changed = story.map((entry) => (entry.seq === seq ? { ...entry, body: { index: "other" } } : entry));
    expect(verifyChain(changed)).toMatchObject({ ok: false, firstBad: seq });
    const shorter = story.filter((entry) => entry.seq !== seq);
    expect(verifyChain(shorter).ok).toBe(seq === story.length);
    expect(verifyChain(story.flatMap((entry) => (entry.seq === seq ? [entry, entry] : [entry]))).ok).toBe(false);
  });
});

describe("an entry", () => {
  it.each([
    ["moved among the entries of all chains", { cursor: "2020-01-01T00:00:00.000Z|p|0000000003" }],
    ["given another name", { id: "entry-0000000007" }],
    ["dated otherwise", { at: "2020-01-01T00:00:00.000Z" }],
    ["given to another target", { key: "other" }],
    ["turned into another type", { type: "void" as const }],
  ])("is not intact when it was %s", (_name, change) => {
    const changed = story.map((entry) => (entry.seq === 3 ? { ...entry, ...change } : entry));
    expect(verifyChain(changed)).toMatchObject({ ok: false, firstBad: 3 });
  });
});

describe("the ledger", () => {
  it("holds with its seals", () => {
    expect(verifyLedger(new Map([["p", story]]), [sealed(story)])).toEqual({
      ok: true,
      entries: 6,
      chains: 1,
      sealedTo: "2026-11-21T00:00:00.000Z",
      firstBad: null,
    });
  });

  it("shows a chain cut short below its seal", () => {
    const verdict = verifyLedger(new Map([["p", story.slice(0, 4)]]), [sealed(story)]);
    expect(verdict.firstBad).toMatchObject({ chain: "p", seq: 6 });
  });

  it("shows a chain written anew", () => {
    const anew = chain(["finding", "proposal", "void", "void", "void", "void"]);
    expect(verifyLedger(new Map([["p", anew]]), [sealed(story)]).ok).toBe(false);
  });

  it("shows a seal that was changed or left out", () => {
    const first = sealed(story);
    const second = seal(first, {}, atMs + 60_000);
    const chains = new Map([["p", story]]);
    expect(verifyLedger(chains, [first, second]).ok).toBe(true);
    expect(verifyLedger(chains, [second]).firstBad).toMatchObject({ chain: "seals", seq: 1 });
    expect(verifyLedger(chains, [{ ...first, at: "2020-01-01T00:00:00.000Z" }, second]).firstBad).toMatchObject({
      chain: "seals",
      seq: 1,
    });
  });

  it("shows an intent without outcome and an outcome without intent", () => {
    const twice = chain(["intent", "intent"]);
    expect(verifyLedger(new Map([["p", twice]]), []).firstBad).toMatchObject({
      seq: 1,
      reason: "the intent has no outcome",
    });
    const alone = chain(["finding", "outcome"]);
    expect(verifyLedger(new Map([["p", alone]]), []).firstBad).toMatchObject({
      seq: 2,
      reason: "the outcome has no intent",
    });
  });

  it("lets the newest intent be open: its write is under way", () => {
    expect(verifyLedger(new Map([["p", chain(["finding", "intent"])]]), []).ok).toBe(true);
  });
});
