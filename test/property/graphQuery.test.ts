/** The query language of the local Resource Graph: whatever is asked, the answer is rows or a refusal that names a place. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseQuery } from "../../infra/local/arm/graph/query.ts";
import { GraphRefusal } from "../../infra/local/arm/graph/refusal.ts";
import type { Column, Row } from "../../infra/local/arm/graph/values.ts";

const columns: readonly Column[] = [
  { name: "id", type: "string" },
  { name: "name", type: "string" },
  { name: "tags", type: "dynamic" },
];
const tables = new Map([["resources", columns]]);
const rows: readonly Row[] = [
  { id: "/a", name: "a", tags: { env: "prod", __proto__x: 1 } },
  { id: "/b", name: "B", tags: null },
  { id: "/c", name: "", tags: { env: ["x"] } },
];

const words = fc.constantFrom(
  ...`| where project project-away extend summarize by order asc top take count() count distinct and or not( ( ) , = ==
  != =~ in~ !in in contains has id name tags tags.env tags['env'] tostring(tags.env) 'prod' '[' '|' 3 -1 true .
  constructor toString __proto__ hasOwnProperty valueOf( [ ] ' " // @' \\ é`.split(/\s+/),
);

/** Rows of the columns that the query shows, or a refusal with a place. */
function answered(query: string): boolean {
  try {
    const parsed = parseQuery(query, tables);
    const names = new Set(parsed.columns.map(({ name }) => name));
    return parsed.run(rows).every((row) => Object.keys(row).every((name) => names.has(name)));
  } catch (error) {
    if (!(error instanceof GraphRefusal)) throw error;
    return error.status === 400 && (error.details[1]?.characterPositionInLine ?? -1) >= 0;
  }
}

test("any text is answered with rows or refused as Resource Graph refuses", () => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 14 }), fc.boolean(), (parts, piped) => {
      const query = `Resources ${piped ? "| " : ""}${parts.join(" ")}`;
      expect(answered(query)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("where keeps what its negation drops, nulls aside, and order loses nothing", () => {
  const text = fc.string({ maxLength: 3 }).map((value) => `'${value.replace(/[\\'\n\r]/g, "")}'`);
  const comparison = fc.constantFrom("==", "=~", "contains", "startswith", "endswith", "has", "in~");
  fc.assert(
    fc.property(text, comparison, (value, word) => {
      const side = word === "in~" ? `(${value})` : value;
      const keep = (condition: string): number =>
        parseQuery(`Resources | where ${condition} | order by name asc`, tables).run(rows).length;
      expect(keep(`name ${word} ${side}`) + keep(`not(name ${word} ${side})`)).toBe(rows.length);
    }),
  );
});
