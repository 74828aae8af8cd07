import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combine, type Assertion, type Authority } from "../../shared/desired/assertion.ts";
import { canonicalJson, hashOf, sameJson } from "../../shared/kernel/canonicalJson.ts";

const authority: fc.Arbitrary<Authority> = fc.record({
  kind: fc.constantFrom("claim" as const, "plan" as const, "standard" as const),
  id: fc.constantFrom("A", "B", "C"),
  version: fc.constantFrom(1, 2),
});
const path = fc.constantFrom("properties.a", "properties.b", "sku.capacity");
const value = fc.constantFrom("Enabled", "Disabled", null, 1, 2, 3);
const members = fc.uniqueArray(fc.constantFrom("x", "y", "z"), { minLength: 1, maxLength: 3 });
const assertion: fc.Arbitrary<Assertion> = fc.oneof(
  fc.record({ path, authority, op: fc.constant("set" as const), value }),
  fc.record({
    path,
    authority,
    op: fc.constantFrom("min" as const, "max" as const),
    value: fc.integer({ min: 0, max: 9 }),
  }),
  fc.record({ path, authority, op: fc.constantFrom("include" as const, "exclude" as const), value: members }),
);
const list = fc.array(assertion, { maxLength: 8 });

/** The list and the same list in another order. */
const shuffled = list.chain((original) =>
  fc.tuple(
    fc.constant(original),
    fc.shuffledSubarray(original, { minLength: original.length, maxLength: original.length }),
  ),
);

describe("joining assertions", () => {
  it("does not depend on their order", () => {
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(combine(other)).toEqual(combine(one));
      }),
    );
  });

  it("changes nothing when the same is said twice", () => {
    fc.assert(
      fc.property(list, (assertions) => {
        expect(combine([...assertions, ...assertions])).toEqual(combine(assertions));
      }),
    );
  });

  it("answers one demand for every path that is spoken of", () => {
    fc.assert(
      fc.property(list, (assertions) => {
        const paths = [...new Set(assertions.map((item) => item.path))].sort();
        expect(combine(assertions).map((demand) => demand.path)).toEqual(paths);
      }),
    );
  });

  it("names in a conflict those who are in it: alone they disagree as much", () => {
    fc.assert(
      fc.property(list, (assertions) => {
        for (const demand of combine(assertions)) {
          if (demand.kind !== "conflict") continue;
          expect(demand.authorities.length).toBeGreaterThan(0);
          const theirs = assertions.filter(
            (item) => item.path === demand.path && demand.authorities.some((other) => sameJson(other, item.authority)),
          );
          expect(combine(theirs)).toEqual([demand]);
        }
      }),
    );
  });

  it("gives a scalar the value of the highest rank", () => {
    const rank = { claim: 2, plan: 1, standard: 0 };
    fc.assert(
      fc.property(
        fc.array(fc.record({ path: fc.constant("p"), authority, op: fc.constant("set" as const), value }), {
          minLength: 1,
          maxLength: 6,
        }),
        (assertions) => {
          const [demand] = combine(assertions);
          const highest = Math.max(...assertions.map((item) => rank[item.authority.kind]));
          const top = assertions.filter((item) => rank[item.authority.kind] === highest);
          const isOne = new Set(top.map((item) => canonicalJson(item.value))).size === 1;
          const expected = isOne ? { kind: "scalar", value: top[0]?.value } : { kind: "conflict" };
          expect(demand).toMatchObject(expected);
        },
      ),
    );
  });
});

/** The same value with its members in the opposite order. */
function reversed(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(reversed);
  if (typeof input !== "object" || input === null) return input;
  return Object.fromEntries(
    Object.entries(input)
      .map(([name, member]) => [name, reversed(member)] as const)
      .toReversed(),
  );
}

describe("canonical JSON", () => {
  it("says what was put in", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (input) => {
        expect(JSON.parse(canonicalJson(input))).toEqual(JSON.parse(JSON.stringify(input)));
      }),
    );
  });

  it("is one text, whatever the order of the members", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (input) => {
        expect(canonicalJson(reversed(input))).toBe(canonicalJson(input));
        expect(hashOf(reversed(input))).toBe(hashOf(input));
      }),
    );
  });

  it("tells different values apart", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const isSame = canonicalJson(one) === canonicalJson(other);
        expect(isSame).toBe(isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other))));
        expect(sameJson(one, other)).toBe(isSame);
      }),
    );
  });
});
