/** Conformance of queries: conditions, order, limits, aggregates, partitions, pages, refusals. */
import type { ErrorResponse, FeedOptions, SqlParameter } from "@azure/cosmos";
import { beforeAll, describe, expect, test } from "vitest";
import type { Suite } from "./cosmosSuite.ts";

export function queryConformance({ items, partition }: Suite): void {
  const [one, two] = [partition("query-one"), partition("query-two")];
  /** Everything of these tests carries it, so that cross-partition queries see nothing else. */
  const run = one;
  const fixtures = [
    { id: "a", tenant: one, n: 1, team: "x", name: "Ada", tags: ["red", "blue"], due: 10 },
    { id: "b", tenant: one, n: 2, team: "x", name: "bob", tags: [], due: 20, owner: { unit: "core", level: 2 } },
    { id: "c", tenant: one, n: 3, team: "y", name: "Cy", tags: ["blue"], flag: true, due: 30 },
    { id: "d", tenant: two, n: 4, team: "y", name: "Ädelheid", flag: false, nothing: null, due: 40 },
    { id: "e", tenant: two, n: 5, team: "z", tags: [{ k: "env", v: "prod", more: 1 }], due: 50 },
    { id: "f", tenant: two, n: "five", team: "z", order: "keyword", due: 60 },
  ];
  beforeAll(async () => {
    for (const item of fixtures) await items().items.create({ ...item, run });
  });

  const named = (parameters: object): SqlParameter[] =>
    Object.entries({ run, ...parameters }).map(([name, value]) => ({ name: `@${name}`, value: value as never }));

  async function query<T = unknown>(text: string, parameters: object = {}, options: FeedOptions = {}): Promise<T[]> {
    return (
      await items()
        .items.query<T>({ query: text, parameters: named(parameters) }, options)
        .fetchAll()
    ).resources;
  }

  /** Ids of the fixtures that a condition is true of, in alphabetical order. */
  async function ids(condition: string, parameters: object = {}, options: FeedOptions = {}): Promise<string> {
    const found = await query<string>(
      `SELECT VALUE c.id FROM c WHERE c.run = @run AND (${condition})`,
      parameters,
      options,
    );
    return found.sort().join("");
  }

  async function refusal(text: string, options: FeedOptions = {}): Promise<ErrorResponse> {
    const error: unknown = await query(text, {}, options).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error, text).toBeInstanceOf(Error);
    return error as ErrorResponse;
  }

  describe("conditions", () => {
    test.each([
      ["c.n = 2", "b"],
      ["c.n != 2", "acdef"],
      ["c.n > 2", "cde"],
      ["c.n >= 2 AND c.n < 4", "bc"],
      ["2 <= c.n AND NOT (c.n = 3)", "bde"],
      ["c.n BETWEEN 2 AND 4", "bcd"],
      ["c.n NOT BETWEEN 2 AND 4", "ae"],
      ["c.n IN (1, 5, 'five')", "aef"],
      ["c.n NOT IN (1, 5)", "bcdf"],
      ["c.n = '2' OR c.n = 'five'", "f"],
      ["c.name > 'Bo'", "bcd"],
      ["c.flag", "c"],
      ["c.flag = false", "d"],
      ["NOT c.flag", "d"],
      ["c.flag != true", "d"],
      ["c.nothing = null", "d"],
      ["c.nothing != null", ""],
      ["c.owner != null", "b"],
      ["IS_NULL(c.nothing)", "d"],
      ["IS_DEFINED(c.flag)", "cd"],
      ["NOT IS_DEFINED(c.tags)", "df"],
      ["c.due > c.n", "abcde"],
      ["c.n < c.due AND c.n > c.missing", ""],
      ["c.missing = 1", ""],
      ["NOT (c.missing = 1)", ""],
      ["c.missing = 1 OR c.n = 1", "a"],
      ["c.owner.unit = 'core' AND c['owner'][\"level\"] = 2", "b"],
      ["c.owner = {level: 2, unit: 'core'}", "b"],
      ["c.tags = []", "b"],
      ["c.tags[0] = 'red'", "a"],
      ["c['order'] = 'keyword'", "f"],
      ["ARRAY_CONTAINS(c.tags, 'blue')", "ac"],
      ["ARRAY_CONTAINS(c.tags, {k: 'env'}, true)", "e"],
      ["ARRAY_CONTAINS(c.tags, {k: 'env'})", ""],
      ["STARTSWITH(c.name, 'A')", "a"],
      ["STARTSWITH(c.name, 'B', true)", "b"],
      ["CONTAINS(c.name, 'd')", "ad"],
      ["CONTAINS(c.name, 'D', true)", "ad"],
      ["LOWER(c.name) = 'ada' OR UPPER(c.name) = 'BOB'", "ab"],
      ["EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = 'red')", "a"],
      ["EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t.k = 'env' AND t.v = 'prod')", "e"],
      ["true", "abcdef"],
    ])("%s", async (condition, expected) => {
      expect(await ids(condition)).toBe(expected);
    });

    test("parameters of every type", async () => {
      expect(await ids("c.n = @v", { v: 2 })).toBe("b");
      expect(await ids("c.name = @v", { v: "Ädelheid" })).toBe("d");
      expect(await ids("c.flag = @v", { v: true })).toBe("c");
      expect(await ids("c.nothing = @v", { v: null })).toBe("d");
      expect(await ids("c.tags = @v", { v: ["blue"] })).toBe("c");
      expect(await ids("c.owner = @v", { v: { unit: "core", level: 2 } })).toBe("b");
      expect(await ids("ARRAY_CONTAINS(@v, c.id)", { v: ["a", "f", "zz"] })).toBe("af");
      expect(await ids("c.id IN (@v, @w)", { v: "b", w: "c" })).toBe("bc");
      expect(await ids("c.id = @v", { v: "x' OR true --" })).toBe("");
    });
  });

  describe("partitions", () => {
    test("a partition key limits a query to its partition, without one all are seen", async () => {
      expect(await ids("true", {}, { partitionKey: one })).toBe("abc");
      expect(await ids("true", {}, { partitionKey: two })).toBe("def");
      expect(await ids("true", {}, { partitionKey: "absent" })).toBe("");
      expect(await ids("c.tenant = @t", { t: two })).toBe("def");
      expect(await query("SELECT VALUE COUNT(1) FROM c", {}, { partitionKey: one })).toEqual([3]);
      expect((await items().items.readAll({ partitionKey: one }).fetchAll()).resources).toHaveLength(3);
    });
  });

  const order = (by: string, condition = "true"): Promise<unknown[]> =>
    query(`SELECT VALUE c.id FROM c WHERE c.run = @run AND ${condition} ORDER BY ${by}`);
  const limited = (text: string, more = ""): Promise<unknown[]> =>
    query(`SELECT ${text} VALUE c.id FROM c WHERE c.run = @run ORDER BY c.due ${more}`, { k: 2 });
  const aggregate = (call: string, condition = "true"): Promise<unknown[]> =>
    query(`SELECT VALUE ${call} FROM c WHERE c.run = @run AND ${condition}`);

  test("the client's own pipeline, when it is forced to use one, gives the same", async () => {
    const text = "SELECT TOP 4 VALUE c.id FROM c WHERE c.run = @run ORDER BY c.due DESC";
    expect(await query(text, {}, { forceQueryPlan: true, maxItemCount: 3 })).toEqual(["f", "e", "d", "c"]);
  });

  describe("results", () => {
    test("items, values and projections; what is undefined is left out", async () => {
      const [whole] = await query("SELECT * FROM c WHERE c.id = 'a' AND c.run = @run");
      expect(whole).toEqual((await items().item("a", one).read()).resource);
      expect(await query("SELECT VALUE c.flag FROM c WHERE c.run = @run AND c.n < 4")).toEqual([true]);
      expect(
        await query("SELECT c.id, c.owner.unit, c.flag, c.n AS number FROM c WHERE c.run = @run AND c.n = 2"),
      ).toEqual([{ id: "b", unit: "core", number: 2 }]);
      expect(
        await query("SELECT VALUE {id: c.id, list: [c.n, c.missing]} FROM c WHERE c.run = @run AND c.n = 1"),
      ).toEqual([{ id: "a", list: [1] }]);
      expect(await query("SELECT VALUE r.id FROM root r WHERE r.run = @run AND r.n = 1")).toEqual(["a"]);
    });

    test("ORDER BY one path, either way, types in their order and undefined among them", async () => {
      expect(await order("c.due DESC")).toEqual(["f", "e", "d", "c", "b", "a"]);
      expect(await order("c.n")).toEqual(["a", "b", "c", "d", "e", "f"]);
      expect((await order("c.name")).slice(2)).toEqual(["a", "c", "b", "d"]);
      expect(await order("c.name")).toHaveLength(6);
    });

    test("ORDER BY several paths needs a composite index of the same directions or all opposite", async () => {
      expect(await order("c.team ASC, c.n DESC", "c.n < 9")).toEqual(["b", "a", "d", "c", "e"]);
      expect(await order("c.team DESC, c.n ASC", "c.n < 9")).toEqual(["e", "c", "d", "a", "b"]);
      const error = await refusal("SELECT * FROM c ORDER BY c.team, c.n");
      expect([error.code, error.message]).toEqual([400, expect.stringContaining("composite index")]);
      expect((await refusal("SELECT * FROM c ORDER BY c.n, c.team")).code).toBe(400);
    });

    test("TOP, OFFSET and LIMIT", async () => {
      expect(await limited("TOP 2")).toEqual(["a", "b"]);
      expect(await limited("TOP @k")).toEqual(["a", "b"]);
      expect(await limited("TOP 0")).toEqual([]);
      expect(await limited("", "OFFSET 2 LIMIT 3")).toEqual(["c", "d", "e"]);
      expect(await limited("", "OFFSET @k LIMIT @k")).toEqual(["c", "d"]);
      expect(await limited("", "OFFSET 9 LIMIT 1")).toEqual([]);
    });

    test("aggregates", async () => {
      expect(await aggregate("COUNT(1)")).toEqual([6]);
      expect(await aggregate("COUNT(1)", "c.due > 30")).toEqual([3]);
      expect(await aggregate("COUNT(c.flag)")).toEqual([2]);
      expect(await aggregate("SUM(c.due)")).toEqual([210]);
      expect(await aggregate("AVG(c.due)", "c.n < 3")).toEqual([15]);
      expect(await aggregate("MIN(c.name)")).toEqual(["Ada"]);
      expect(await aggregate("MAX(c.due)", "c.due < 35")).toEqual([30]);
      expect(await aggregate("COUNT(1)", "false")).toEqual([0]);
    });

    test("GROUP BY", async () => {
      const rows = await query<{ team: string }>(
        "SELECT c.team, COUNT(1) AS number, SUM(c.due) AS due FROM c WHERE c.run = @run GROUP BY c.team",
      );
      expect(rows.sort((left, right) => (left.team < right.team ? -1 : 1))).toEqual([
        { team: "x", number: 2, due: 30 },
        { team: "y", number: 2, due: 70 },
        { team: "z", number: 2, due: 110 },
      ]);
    });
  });

  describe("pages", () => {
    test.each([
      ["without order", "SELECT VALUE c.id FROM c WHERE c.run = @run"],
      ["with order", "SELECT VALUE c.id FROM c WHERE c.run = @run ORDER BY c.due"],
      ["with descending order of mixed types", "SELECT VALUE c.id FROM c WHERE c.run = @run ORDER BY c.name DESC"],
      ["with TOP", "SELECT TOP 5 VALUE c.id FROM c WHERE c.run = @run ORDER BY c.due"],
      ["with OFFSET and LIMIT", "SELECT VALUE c.id FROM c WHERE c.run = @run ORDER BY c.due OFFSET 1 LIMIT 4"],
    ])("%s give the same as one page", async (_name, text) => {
      const whole = await query<string>(text);
      const iterator = items().items.query<string>({ query: text, parameters: named({}) }, { maxItemCount: 2 });
      const pages: string[][] = [];
      while (iterator.hasMoreResults()) pages.push((await iterator.fetchNext()).resources ?? []);
      expect(pages.flat()).toEqual(whole);
      expect(Math.max(...pages.map((page) => page.length))).toBe(2);
    });

    test("a continuation token goes on in another iterator, also when the rows before it have changed", async () => {
      const tenant = partition("query-pages");
      for (const id of ["a", "b", "c", "d", "e"])
        await items().items.create({ id, tenant, state: "open", run: "other" });
      const spec = "SELECT VALUE c.id FROM c WHERE c.state = 'open' ORDER BY c.id";
      const options = { partitionKey: tenant, maxItemCount: 2 };
      const first = await items().items.query<string>(spec, options).fetchNext();
      expect(first.resources).toEqual(["a", "b"]);
      for (const id of first.resources)
        await items()
          .item(id, tenant)
          .patch([{ op: "set", path: "/state", value: "done" }]);
      const { continuationToken } = first;
      const second = await items()
        .items.query<string>(spec, { ...options, continuationToken })
        .fetchNext();
      expect(second.resources).toEqual(["c", "d"]);
    });

    test("a continuation token of another query is refused", async () => {
      const first = await items().items.query("SELECT * FROM c", { partitionKey: one, maxItemCount: 1 }).fetchNext();
      const error = await refusal("SELECT * FROM c WHERE c.n > 0", {
        partitionKey: one,
        continuationToken: first.continuationToken,
      });
      expect(error.code).toBe(400);
    });
  });

  test.each([
    "SELEC * FROM c",
    "SELECT * FROM c WHERE",
    "SELECT * FROM c WHERE d.n = 1",
    "SELECT * FROM c WHERE SOUNDEX(c.n) = 1",
    "SELECT * FROM c WHERE STARTSWITH(c.n)",
    "SELECT VALUE c.id FROM c ORDER BY c.n LIMIT 1",
    "SELECT * FROM c WHERE c.order = 1",
  ])("%s is refused with 400", async (text) => {
    expect((await refusal(text, { partitionKey: one })).code).toBe(400);
  });
}
