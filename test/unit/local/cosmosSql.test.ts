import { describe, expect, test } from "vitest";
import { SqlError, tokenize } from "../../../infra/local/cosmos/sql/lexer.ts";
import { parseQuery } from "../../../infra/local/cosmos/sql/parser.ts";
import { planQuery } from "../../../infra/local/cosmos/sql/plan.ts";
import { evaluate, openStore } from "../../support/cosmosStore.ts";

const { target } = openStore();

function sqlError(work: () => unknown): SqlError {
  try {
    work();
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new Error("expected an SqlError");
}

describe("lexer", () => {
  test("words, strings in either quotes with escapes, numbers, parameters, symbols", () => {
    const tokens = tokenize(`c.x >= 1.5e3 AND c["y"] <> 'it\\'s \\u00e9\\n' , @p`);
    expect(
      tokens.map(({ kind, text, value }) => (value === undefined ? `${kind} ${text}` : `${kind} ${value}`)),
    ).toEqual([
      "word c",
      "symbol .",
      "word x",
      "symbol >=",
      "number 1500",
      "word AND",
      "word c",
      "symbol [",
      "string y",
      "symbol ]",
      "symbol <>",
      "string it's é\n",
      "symbol ,",
      "parameter @p",
      "end ",
    ]);
  });

  test.each([
    ["c.a + 1", "operator or comment '+' at 4"],
    ["c.a -- note", "operator or comment '--' at 4"],
    ["c.a ?? 1", "operator or comment '??' at 4"],
    ["c.a = 'open", "'open' at 6"],
    ["c.a = '\\x'", "unknown escape '\\x' in a string at 6"],
    ["c.a = #", "'#' at 6"],
  ])("%s is refused", (text, message) => {
    expect(sqlError(() => tokenize(text)).message).toContain(message);
  });
});

describe("parser", () => {
  test("AND binds tighter than OR; keywords ignore case, names do not", () => {
    const { where } = parseQuery("select * from C where C.a = 1 or C.b = 2 and C.c = 3");
    expect(where).toMatchObject({ kind: "or", right: { kind: "and" } });
    expect(sqlError(() => planQuery("SELECT * FROM c WHERE C.a = 1", new Map(), target)).sc).toBe("SC2001");
  });

  test("NOT binds tighter than a comparison, so it needs parentheses", () => {
    expect(sqlError(() => parseQuery("SELECT * FROM c WHERE NOT c.a = 1")).message).toContain("parentheses");
    expect(parseQuery("SELECT * FROM c WHERE NOT (c.a = 1)").where).toMatchObject({ kind: "not" });
    expect(parseQuery("SELECT * FROM c WHERE NOT c.flag AND c.b").where).toMatchObject({ kind: "and" });
  });

  test.each([
    ["SELECT DISTINCT c.a FROM c", "'DISTINCT' at 7"],
    ["SELECT * FROM c JOIN t IN c.tags", "'JOIN' at 16"],
    ["SELECT * FROM t IN c.tags", "'IN' at 16"],
    ["SELECT * FROM c.tags", "FROM over a path"],
    ["SELECT * FROM c WHERE c.a LIKE 'x%'", "'LIKE' at 26"],
    ["SELECT * FROM c WHERE c.a IS NULL", "'IS' at 26"],
    ["SELECT c.a, c.b + 1 FROM c", "'+'"],
    ["SELECT LOWER(c.a) FROM c", "without a name"],
    ["SELECT c.a, c.b AS a FROM c", "same name"],
    ["SELECT VALUE COUNT(1), c.a FROM c", "','"],
    ["SELECT * FROM c WHERE udf.f(c.a)", "'UDF'"],
    ["SELECT * FROM c WHERE (SELECT VALUE 1)", "subquery"],
    ["SELECT * FROM c ORDER BY LOWER(c.a)", "function"],
    ["SELECT * FROM c ORDER BY c.a OFFSET 1", "'LIMIT'"],
    ["SELECT TOP 1 * FROM c OFFSET 1 LIMIT 1", "TOP"],
    ["SELECT c.a FROM c GROUP BY c.a ORDER BY c.a", "ORDER BY together with GROUP BY"],
    ["SELECT * FROM c WHERE c[@p] = 1", "[@p]"],
    ["SELECT * FROM c WHERE c.a = 1 = 2", "'='"],
    ["SELECT * FROM c WHERE c.value = 1", 'written ["value"]'],

    ["SELECT * FROM c; DROP TABLE docs", "'; DROP TAB'"],
  ])("%s is refused by name", (text, message) => {
    expect(sqlError(() => parseQuery(text)).message).toContain(message);
  });

  test.each(["(", "NOT ", "[", "EXISTS(SELECT VALUE "])(
    "ten thousand times '%s' is refused before the stack ends",
    (open) => {
      const text = `SELECT * FROM c WHERE ${open.repeat(10_000)}`;
      expect(sqlError(() => parseQuery(text)).message).toContain("nesting deeper than 100");
    },
  );

  test("2,000 ANDs are planned and evaluated, one more is refused", () => {
    const text = `SELECT * FROM c WHERE c.x[0] = 1${" AND c.x[0] = 1".repeat(2000)}`;
    expect(planQuery(text, new Map(), target).filter?.([{ x: [1] }])).toBe(true);
    expect(sqlError(() => parseQuery(`${text} AND true`)).message).toContain("more than 2000 ANDs");
  });

  test.each([
    ["SELECT COUNT(1) AS n FROM c", "without VALUE"],
    ["SELECT VALUE {n: COUNT(1)} FROM c", "COUNT(...) inside an expression"],
    ["SELECT c.b, COUNT(1) AS n FROM c GROUP BY c.a", "a path of the GROUP BY"],
    ["SELECT VALUE COUNT(1) FROM c ORDER BY c.a", "ORDER BY with an aggregate"],
    ["SELECT TOP -1 * FROM c", "'-'"],
    ["SELEC * FROM c", "'SELEC' at 0"],
    ["SELECT * FROM c WHERE", "end of query"],
    ["SELECT * FROM c WHERE c.n = @absent", "@absent"],
    ["SELECT * FROM c WHERE d.n = 1", "'d'"],
    ["SELECT * FROM c WHERE SOUNDEX(c.n) = 1", "'SOUNDEX'"],
    ["SELECT * FROM c WHERE STARTSWITH(c.n)", "STARTSWITH"],
    ["SELECT VALUE c.id FROM c ORDER BY c.n LIMIT 1", "'LIMIT'"],
    ["SELECT * FROM c WHERE c.order = 1", "'order'"],
    ["SELECT TOP 1.5 * FROM c", "non-negative integer"],
    ["SELECT * FROM c ORDER BY d.a", "expected a path below 'c'"],
    ["SELECT * FROM c WHERE EXISTS(SELECT VALUE c FROM c IN c.tags)", "twice"],
  ])("%s is refused when it is planned", (text, message) => {
    expect(sqlError(() => planQuery(text, new Map(), target)).message).toContain(message);
  });
});

describe("three-valued logic", () => {
  const values = ["true", "false", "undefined"] as const;
  test.each(values.flatMap((left) => values.map((right) => [left, right] as const)))("%s with %s", (left, right) => {
    const [a, b] = [left, right].map((name) => (name === "undefined" ? undefined : name === "true"));
    const and = a === false || b === false ? false : a === true && b === true ? true : undefined;
    const or = a === true || b === true ? true : a === false && b === false ? false : undefined;
    expect([evaluate(`${left} AND ${right}`), evaluate(`${left} OR ${right}`)]).toEqual([and, or]);
  });

  test.each([
    ["NOT undefined", undefined],
    ["NOT 1", undefined],
    ["1 AND true", undefined],
    ["'x' OR true", true],
    ["undefined = undefined", undefined],
    ["null = null", true],
    ["null = 0", false],
    ["1 = '1'", false],
    ["1 != '1'", true],
    ["1 < '2'", undefined],
    ["null <= null", true],
    ["false < true", true],
    ["[1] < [2]", undefined],
    ["[1, {a: 2}] = [1, {a: 2}]", true],
    ["{a: 1, b: 2} = {b: 2, a: 1}", true],
    ["{a: 1} = {a: 1, b: undefined}", true],
    ["undefined IN (1)", undefined],
    ["1 IN (2, undefined)", undefined],
    ["1 IN (1, undefined)", true],
    ["2 BETWEEN 1 AND 3", true],
    ["2 BETWEEN 1 AND '3'", undefined],
    ["4 BETWEEN 1 AND undefined", undefined],
    ["0 BETWEEN 1 AND undefined", false],
    ["IS_DEFINED(undefined)", false],
    ["IS_NULL(undefined)", false],
    ["LOWER(1)", undefined],
    ["STARTSWITH(undefined, 'a')", undefined],
    ["ARRAY_CONTAINS('abc', 'a')", undefined],
    ["ARRAY_CONTAINS([{a: {b: 1, c: 2}}], {a: {b: 1}}, true)", true],
    ["c.constructor", undefined],
    ["c.__proto__", undefined],
    ["c.length", undefined],
  ])("%s is %s", (expression, expected) => {
    expect(evaluate(expression)).toBe(expected);
  });
});

describe("what SQLite does", () => {
  const { explain } = openStore();

  test.each([
    [
      "id and partition",
      "SELECT * FROM c WHERE c.id = 'x'",
      { partitionKey: '"p"' },
      "PRIMARY KEY (coll=? AND pk=? AND id=?)",
    ],
    ["id alone", "SELECT * FROM c WHERE c.id = 'x'", {}, "INDEX docs_by_id (coll=? AND id=?)"],
    ["the partition key as a condition", "SELECT * FROM c WHERE c.pk = 'p'", {}, "PRIMARY KEY (coll=? AND pk=?)"],
    ["a declared path", "SELECT * FROM c WHERE c.a = 'x'", {}, "INDEX docs_path_"],
    ["a declared nested path", "SELECT * FROM c WHERE c.b.c = 1", {}, "INDEX docs_path_"],
    ["a range of a declared path", "SELECT * FROM c WHERE c.a >= 5 AND c.a < 9", {}, "INDEX docs_path_"],
    ["ORDER BY of a declared path", "SELECT * FROM c ORDER BY c.b.c DESC", {}, "INDEX docs_path_"],
    ["ORDER BY of a composite index", "SELECT * FROM c ORDER BY c.a, c.n DESC", {}, "INDEX docs_path_"],
    ["one of a declared path", "SELECT * FROM c WHERE c.a IN ('x')", {}, "INDEX docs_path_"],
    ["ORDER BY of a composite index backwards", "SELECT * FROM c ORDER BY c.a DESC, c.n", {}, "INDEX docs_path_"],
  ])("%s is searched by index", (_name, text, more, expected) => {
    const found = explain("indexed", text, {}, more);
    expect(found).toContain(expected);
    expect(found).not.toContain("SCAN docs USING PRIMARY");
  });

  test.each([
    ["an OR", "SELECT * FROM c WHERE c.a = 1 OR (c.b.c > 2 AND c.n = 3)"],
    ["an OR of three", "SELECT * FROM c WHERE (c.a IN ('x', 'y') AND c.b.c > 2) OR c.a = 3 OR c.b.c = 4"],
    ["one of several of a declared path", "SELECT * FROM c WHERE c.a IN ('x', 'y')"],
  ])("%s is searched by an index for each side", (_name, text) => {
    const found = explain("indexed", text);
    expect(found).toContain("MULTI-INDEX OR");
    expect(found).not.toContain("PRIMARY KEY (coll=?)");
  });

  test("an OR with a side that no index serves is left to the rest of the condition", () => {
    expect(explain("indexed", "SELECT * FROM c WHERE (c.a = 1 OR c.n = 2) AND c.b.c = 3")).toContain(
      "INDEX docs_path_",
    );
    expect(explain("indexed", "SELECT * FROM c WHERE c.a = 1 OR c.n = 2")).toContain("PRIMARY KEY");
    const nested = explain(
      "indexed",
      "SELECT * FROM c WHERE c.b.c = 'x' OR (c.a IN ('y', 'z') AND c.n = 4) OR c.a = 'w'",
    );
    expect(nested).not.toContain("PRIMARY KEY");
    expect(explain("indexed", "SELECT * FROM c WHERE c.a = 1 OR c.b.c = 2 ORDER BY c.b.c")).toContain("docs_path_");
  });

  test("ORDER BY of a declared path needs no sort", () => {
    expect(explain("indexed", "SELECT * FROM c ORDER BY c.b.c")).not.toContain("TEMP B-TREE FOR ORDER BY");
    expect(explain("indexed", "SELECT * FROM c WHERE c.a = 1")).not.toContain("TEMP B-TREE");
  });

  test("exact conditions leave nothing to the closures, others do", () => {
    const { plan } = openStore();
    expect(plan("indexed", "SELECT * FROM c WHERE c.a = 1 AND c.id = 'x'").filter).toBeUndefined();
    expect(plan("plain", "SELECT * FROM c WHERE c.a = 1").filter).toBeDefined();
    expect(plan("indexed", "SELECT * FROM c WHERE c.a = 1 OR c.a = 2").filter).toBeUndefined();
    expect(plan("indexed", "SELECT * FROM c WHERE c.a = 1 OR c.n = 2").filter).toBeDefined();
    expect(plan("indexed", "SELECT * FROM c WHERE c.a = 1 OR NOT (c.a = 2)").prefilter.clauses).toEqual([]);
    expect(plan("indexed", "SELECT VALUE COUNT(1) FROM c WHERE c.a > 1").output.kind).toBe("count");
  });
});
