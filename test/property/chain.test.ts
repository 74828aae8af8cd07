import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { append, emptyChain, verifyChain, type EntryType, type LedgerEntry } from "../../shared/ledger/chain.ts";
import { seal, verifyLedger, type Seal } from "../../shared/ledger/seal.ts";
import { sameJson } from "../../shared/kernel/canonicalJson.ts";

const pk = "0123456789abcdef0123456789abcdef";
const key = "/subscriptions/s/accounts/a";

const record = fc.record({
  type: fc.constantFrom<EntryType>("finding", "proposal", "decision", "void", "claim"),
  body: fc.jsonValue({ maxDepth: 2 }),
  afterMs: fc.integer({ min: 0, max: 100_000 }),
});
const chain: fc.Arbitrary<LedgerEntry[]> = fc.array(record, { minLength: 1, maxLength: 8 }).map((records) => {
  let head = emptyChain;
  let atMs = Date.UTC(2026, 2, 2);
  return records.map(({ type, body, afterMs }) => {
    atMs += afterMs;
    const next = append(head, { pk, key, atMs, type, body });
    head = next.head;
    return next.entry;
  });
});
/** A chain and the number of one of its entries. */
const marked = chain.chain((entries) => fc.tuple(fc.constant(entries), fc.nat({ max: entries.length - 1 })));

describe("a ledger chain", () => {
  it("holds as it was written", () => {
    fc.assert(
      fc.property(chain, (entries) => {
        const { ok, head, firstBad } = verifyChain(entries);
        expect({ ok, firstBad, seq: head.seq }).toEqual({ ok: true, firstBad: undefined, seq: entries.length });
      }),
    );
  });

  it("shows any change of any part of any entry, and where", () => {
    const part = fc.constantFrom("body", "at", "type", "key", "pk", "prev", "hash");
    fc.assert(
      fc.property(marked, part, fc.jsonValue(), ([entries, index], name, value) => {
        const entry: LedgerEntry = entries[index]!;
        fc.pre(!sameJson(entry[name], value));
        const changed = entries.with(index, { ...entry, [name]: value });
        expect(verifyChain(changed)).toMatchObject({ ok: false, firstBad: index + 1 });
      }),
    );
  });

  it("shows that an entry was left out, or that two changed places", () => {
    fc.assert(
      fc.property(marked, ([entries, index]) => {
        fc.pre(index < entries.length - 1);
        expect(verifyChain(entries.toSpliced(index, 1)).ok).toBe(false);
        const [one, other] = [entries[index] as LedgerEntry, entries[index + 1] as LedgerEntry];
        expect(verifyChain(entries.with(index, other).with(index + 1, one)).ok).toBe(false);
      }),
    );
  });
});

describe("seals", () => {
  const sealed = (entries: readonly LedgerEntry[]): Seal[] => {
    const seals: Seal[] = [];
    for (const { seq, hash } of entries.filter(({ seq: number }) => number % 2 === 0 || number === entries.length)) {
      seals.push(seal(seals.at(-1), { [pk]: { seq, hash } }, Date.UTC(2026, 2, 3) + seq));
    }
    return seals;
  };

  it("hold over the chain that they seal", () => {
    fc.assert(
      fc.property(chain, (entries) => {
        expect(verifyLedger(new Map([[pk, entries]]), sealed(entries)).firstBad).toBeNull();
      }),
    );
  });

  it("show that a chain was cut short, or written anew", () => {
    fc.assert(
      fc.property(marked, chain, ([entries, index], other) => {
        const seals = sealed(entries);
        expect(verifyLedger(new Map([[pk, entries.slice(0, index)]]), seals).ok).toBe(false);
        fc.pre(!sameJson(other.slice(0, entries.length), entries));
        expect(verifyLedger(new Map([[pk, other]]), seals).ok).toBe(false);
      }),
    );
  });

  it("show that a seal was left out or changed", () => {
    fc.assert(
      fc.property(chain, fc.nat(), (entries, at) => {
        const seals = sealed(entries);
        fc.pre(seals.length > 1);
        const index = at % (seals.length - 1);
        const changed = seals.with(index, { ...seals[index]!, at: "2026-03-04T00:00:00.000Z" });
        expect(verifyLedger(new Map([[pk, entries]]), changed).ok).toBe(false);
        expect(verifyLedger(new Map([[pk, entries]]), seals.toSpliced(index, 1)).ok).toBe(false);
      }),
    );
  });
});
