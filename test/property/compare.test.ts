import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combine, type Assertion } from "../../shared/desired/assertion.ts";
import {
  compare,
  mergeChange,
  mergeField,
  patchBody,
  sameValue,
  valueAt,
  type Body,
} from "../../shared/desired/compare.ts";
import { sameJson, type Json } from "../../shared/kernel/canonicalJson.ts";

/** None lies under another. */
const paths = ["properties.access", "properties.acls.action", "properties.acls.rules", "tags.owner", "kind"] as const;

const leaf: fc.Arbitrary<Json> = fc.oneof(
  fc.string({ maxLength: 5 }),
  fc.integer(),
  fc.boolean(),
  fc.array(fc.integer({ max: 5 }), { maxLength: 3 }),
);
const changes = fc.uniqueArray(fc.record({ path: fc.constantFrom(...paths), before: leaf, after: leaf }), {
  selector: ({ path }) => path,
  maxLength: paths.length,
});
const observed: fc.Arbitrary<Body> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...paths), leaf), { selector: ([path]) => path })
  .map((leaves) => patchBody(leaves.map(([path, after]) => ({ path, after }))));

/** JSON merge patch (RFC 7396). */
function merged(target: Json | undefined, patch: Json): Json {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === "object" && target !== null && !Array.isArray(target);
  const result: Record<string, Json> = isObject ? { ...(target as Body) } : {};
  for (const [name, member] of Object.entries(patch as Body)) {
    if (member === null) delete result[name];
    else result[name] = merged(result[name], member);
  }
  return result;
}

function leavesOf(body: Json, prefix = ""): string[] {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return [prefix];
  return Object.entries(body as Body).flatMap(([name, member]) =>
    leavesOf(member, prefix === "" ? name : `${prefix}.${name}`),
  );
}

describe("the body of a write", () => {
  it("carries every changed field, and nothing else", () => {
    fc.assert(
      fc.property(changes, (list) => {
        const body = patchBody(list);
        for (const { path, after } of list) expect(valueAt(body, path)).toEqual(after);
        expect(
          leavesOf(body)
            .filter((path) => path !== "")
            .sort(),
        ).toEqual(list.map(({ path }) => path).sort());
      }),
    );
  });

  it("makes exactly its fields be what they are to be", () => {
    fc.assert(
      fc.property(changes, observed, (list, before) => {
        const after = merged(before, patchBody(list)) as Body;
        for (const path of paths) {
          const change = list.find((item) => item.path === path);
          expect(valueAt(after, path)).toEqual(change === undefined ? valueAt(before, path) : change.after);
        }
        expect(merged(after, patchBody(list))).toEqual(after);
      }),
    );
  });
});

const authority = fc.record({
  kind: fc.constantFrom("claim" as const, "standard" as const),
  id: fc.constantFrom("A", "B"),
  version: fc.constant(1),
});
const demanded: fc.Arbitrary<Assertion> = fc.oneof(
  fc.record({
    path: fc.constantFrom("properties.access", "kind"),
    authority,
    op: fc.constant("set" as const),
    value: fc.constantFrom("x", "y", null),
  }),
  fc.record({
    path: fc.constant("tags.owner"),
    authority,
    op: fc.constantFrom("min" as const, "max" as const),
    value: fc.integer({ min: 0, max: 9 }),
  }),
  fc.record({
    path: fc.constant("properties.acls.rules"),
    authority,
    op: fc.constantFrom("include" as const, "exclude" as const),
    value: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 2 }),
  }),
);

describe("comparing", () => {
  it("finds nothing left to change once its changes are made", () => {
    fc.assert(
      fc.property(fc.array(demanded, { maxLength: 6 }), observed, (assertions, before) => {
        const demands = combine(assertions);
        const found = compare(demands, before);
        expect(compare(demands, merged(before, patchBody(found)) as Body)).toEqual([]);
      }),
    );
  });

  it("tells of each change what is there and who demands it", () => {
    fc.assert(
      fc.property(fc.array(demanded, { maxLength: 6 }), observed, (assertions, before) => {
        for (const change of compare(combine(assertions), before)) {
          expect(sameValue(change.before, valueAt(before, change.path) ?? null)).toBe(true);
          expect(change.authorities.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe("the three-way merge", () => {
  it("writes over what it decided on, leaves alone what is right, stops at anything else", () => {
    fc.assert(
      fc.property(leaf, leaf, leaf, (base, target, now) => {
        const otherwise = sameJson(now, base) ? "write" : "moved";
        expect(mergeField(base, target, now)).toBe(sameJson(now, target) ? "done" : otherwise);
      }),
    );
  });

  it("stops the whole change at one field that moved, and is done after it was written", () => {
    fc.assert(
      fc.property(changes, observed, (list, before) => {
        const verdicts = list.map(({ path, before: base, after }) =>
          mergeField(base, after, valueAt(before, path) ?? null),
        );
        const strongest = (["moved", "write"] as const).find((verdict) => verdicts.includes(verdict)) ?? "done";
        expect(mergeChange(list, before)).toBe(strongest);
        expect(mergeChange(list, merged(before, patchBody(list)) as Body)).toBe("done");
      }),
    );
  });
});
