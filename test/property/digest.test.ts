/** A digest says the same in whatever order its record was read. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { digestOf, type DigestInput } from "../../shared/desired/digest.ts";
import type { LedgerEntry } from "../../shared/ledger/chain.ts";
import { digestText } from "../../shared/view/digestText.ts";
import { ann, bob, chain, claim, finding, held, proposal, quietDay, write } from "../support/digestBench.ts";

const standard = fc.constantFrom("NET-01", "KEY-01", "ACC-02");
const environment = fc.constantFrom("prod", "test", "dev");
const time = fc.constantFrom("2026-11-19T00:00:00.000Z", "2026-11-20T09:00:00.000Z", "2026-11-21T06:00:00.000Z");
const person = fc.constantFrom(ann, bob);
const condition = fc.constantFrom(null, held("Flapping"), held("Budget"), held("Frozen"));

const entries: fc.Arbitrary<LedgerEntry[]> = fc.oneof(
  fc.tuple(standard, fc.array(person, { maxLength: 2 })).map(([id, by]) => write(id, by)),
  fc
    .tuple(standard, time, person)
    .map(([id, at, by]) => chain(["claim", { event: "opened", standard: { id }, by }, at])),
  fc
    .tuple(standard, environment, time, fc.constantFrom("void", "expired"))
    .map(([id, place, at, state]) =>
      chain(["void", { standard: { id }, environment: place, state, reason: `it is ${state}` }, at]),
    ),
  fc
    .tuple(standard, environment, time)
    .map(([id, place, at]) => chain(["finding", { standard: { id }, environment: place, state: "closed" }, at])),
);

const record: fc.Arbitrary<DigestInput> = fc.record({
  ...Object.fromEntries(Object.entries(quietDay).map(([name, value]) => [name, fc.constant(value)])),
  findings: fc.array(
    fc
      .tuple(standard, environment, time, condition, person)
      .map(([id, place, since, why, changedBy]) => finding(id, place, { since, condition: why, changedBy })),
    { maxLength: 30 },
  ),
  proposals: fc.array(
    fc
      .tuple(standard, environment, time, fc.constantFrom(null, "NET-01.prod.v7"), fc.boolean())
      .map(([id, place, expiresAt, group, escalated]) => proposal(id, place, { expiresAt, group, escalated })),
    { maxLength: 30 },
  ),
  claims: fc.array(
    time.map((until) => claim(until)),
    { maxLength: 5 },
  ),
  entries: fc.array(entries, { maxLength: 30 }).map((chains) => chains.flat()),
}) as unknown as fc.Arbitrary<DigestInput>;

const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length });

it("is the same text and the same digest", () => {
  const both = record.chain((input) =>
    fc.record({
      input: fc.constant(input),
      findings: shuffled(input.findings),
      proposals: shuffled(input.proposals),
      claims: shuffled(input.claims),
      entries: shuffled(input.entries),
    }),
  );
  fc.assert(
    fc.property(both, ({ input, ...other }) => {
      const [one, two] = [digestOf(input), digestOf({ ...input, ...other })];
      expect(two).toEqual(one);
      expect(digestText(two)).toBe(digestText(one));
      // What is told is told of everything: rows and totals agree.
      expect(one.waiting.items.reduce((all, { count }) => all + count, 0)).toBe(input.proposals.length);
      expect(one.totals.open + one.totals.waived).toBe(input.findings.length);
    }),
    { numRuns: 100 },
  );
});
