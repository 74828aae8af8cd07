import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareStrings, type Json, type Value } from "../../infra/local/cosmos/values.ts";
import { evaluate, openStore } from "../support/cosmosStore.ts";

test("strings order by code point, as SQLite and UTF-8 do", () => {
  const text = fc.string({ unit: "binary", maxLength: 4 });
  fc.assert(
    fc.property(text, text, (left, right) => {
      expect(Math.sign(compareStrings(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }),
  );
});

const scalar = fc.constantFrom<Json>(null, true, false, 0, 1, -1, 1.5, "", "a", "b", "é", "😀", "\uffff", "1");
const anyValue = fc.oneof(
  { weight: 6, arbitrary: fc.option(scalar, { nil: undefined }) },
  { weight: 1, arbitrary: fc.constantFrom<Json>([], [1], {}, { c: 1 }, { c: "a" }, [null]) },
);
const document = fc.record({
  a: anyValue,
  b: anyValue,
  n: anyValue,
  pk: fc.constantFrom<Value>("p", "q", 1, null, undefined),
});

/** Conditions over paths that are indexed in one container and not in the other. */
const condition = fc.letrec<{ condition: string }>((tie) => {
  const path = fc.constantFrom("c.a", "c.b.c", "c.n", "c.id", "c.pk", "c.b");
  const operator = fc.constantFrom("=", "!=", "<", "<=", ">", ">=");
  const literal = fc
    .oneof(scalar, fc.constantFrom<Json>([1], { c: 1 }, "p", "1"))
    .map((value) => JSON.stringify(value));
  const compared = fc.tuple(path, operator, literal);
  return {
    condition: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      compared.map(([left, sign, right]) => `${left} ${sign} ${right}`),
      compared.map(([right, sign, left]) => `${left} ${sign} ${right}`),
      fc.tuple(path, operator, path).map(([left, sign, right]) => `${left} ${sign} ${right}`),
      fc.tuple(path, literal, literal).map(([value, low, high]) => `${value} BETWEEN ${low} AND ${high}`),
      fc
        .tuple(path, fc.array(literal, { minLength: 1, maxLength: 3 }))
        .map(([value, list]) => `${value} IN (${list.join(", ")})`),
      fc.tuple(tie("condition"), tie("condition")).map(([left, right]) => `(${left}) AND (${right})`),
      fc.tuple(tie("condition"), tie("condition")).map(([left, right]) => `(${left}) OR (${right})`),
      tie("condition").map((inner) => `NOT (${inner})`),
    ),
  };
}).condition;

describe("the prefilter and the order in SQL agree with the closures", () => {
  test("whatever the items and the condition", () => {
    fc.assert(
      fc.property(fc.array(document, { maxLength: 12 }), condition, (documents, where) => {
        const { evaluator, request, add, plan } = openStore();
        const stored = documents.map(
          (one, index) => JSON.parse(JSON.stringify({ id: String(index), ...one })) as { id: string },
        );
        const expected = stored.filter((item) => evaluate(where, item as Json) === true).map(({ id }) => id);
        for (const name of ["plain", "indexed"]) {
          for (const item of stored) add(name, item);
          const { results } = evaluator.page(plan(name, `SELECT VALUE c.id FROM c WHERE ${where}`), request(name));
          expect(results.map((text) => JSON.parse(text) as string).sort()).toEqual(expected.sort());
          const counted = evaluator.page(plan(name, `SELECT VALUE COUNT(1) FROM c WHERE ${where}`), request(name));
          expect(counted.results).toEqual([String(expected.length)]);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("pages of any size give every item once, in the order of one page", () => {
    const orders = [
      "",
      "ORDER BY c.a",
      "ORDER BY c.a DESC",
      "ORDER BY c.b.c",
      "ORDER BY c.a ASC, c.n DESC",
      "ORDER BY c.a DESC, c.n",
    ];
    fc.assert(
      fc.property(
        fc.array(document, { maxLength: 12 }),
        fc.constantFrom(...orders),
        fc.integer({ min: 1, max: 4 }),
        (documents, order, itemsMax) => {
          const { evaluator, request, add, plan } = openStore();
          for (const [index, one] of documents.entries()) {
            add("indexed", JSON.parse(JSON.stringify({ id: String(index), ...one })) as { [name: string]: Json });
          }
          const query = plan("indexed", `SELECT VALUE c.id FROM c ${order}`);
          const whole = evaluator.page(query, request("indexed")).results;
          expect(new Set(whole).size).toBe(documents.length);
          const paged: string[] = [];
          let continuation: string | undefined;
          do {
            const page = evaluator.page(query, request("indexed", { itemsMax, continuation }));
            paged.push(...page.results);
            ({ continuation } = page);
          } while (continuation !== undefined);
          expect(paged).toEqual(whole);
        },
      ),
      { numRuns: 100 },
    );
  });
});
