/** Containers in a database in memory, to run queries on without the wire. */
import { Catalogue, type Container, type ContainerDefinition } from "../../infra/local/cosmos/catalogue.ts";
import { ItemStore } from "../../infra/local/cosmos/items.ts";
import { compile } from "../../infra/local/cosmos/sql/compiler.ts";
import { Evaluator, type PageRequest } from "../../infra/local/cosmos/sql/evaluator.ts";
import { parseCondition } from "../../infra/local/cosmos/sql/parser.ts";
import { planQuery } from "../../infra/local/cosmos/sql/plan.ts";
import type { Json, Value } from "../../infra/local/cosmos/values.ts";
import { openDatabase } from "../../infra/local/platform/sqlite.ts";

/** The value of an expression over an item called `c`. */
export function evaluate(expression: string, item: Json = {}, parameters: Record<string, Json> = {}): Value {
  const { where, alias } = parseCondition(`FROM c WHERE ${expression}`);
  return compile(where, { slots: new Map([[alias, 0]]), parameters: new Map(Object.entries(parameters)) })([item]);
}

/** The same twice, but for indexes. */
const definitions: readonly ContainerDefinition[] = [
  { database: "d", container: "plain", partitionKey: "/pk" },
  {
    database: "d",
    container: "indexed",
    partitionKey: "/pk",
    indexes: {
      included: ["/a", "/b/c"],
      composite: [
        [
          { path: "/a", order: "ascending" },
          { path: "/n", order: "descending" },
        ],
      ],
    },
  },
];

export function openStore() {
  const database = openDatabase(":memory:");
  const catalogue = new Catalogue(database, definitions);
  catalogue.provision();
  const container = (name: string): Container => catalogue.find("d", name)!;
  const store = new ItemStore(database);
  const evaluator = new Evaluator(database);
  const request = (name: string, more: Partial<PageRequest> = {}): PageRequest => ({
    collection: container(name).number,
    partitionKey: undefined,
    nowS: 0,
    itemsMax: 1000,
    continuation: undefined,
    ...more,
  });
  const add = (name: string, item: { readonly [name: string]: Json }): void => {
    const partitionKey = item["pk"] === undefined ? "{}" : JSON.stringify(item["pk"]);
    store.write(0, () => store.execute(container(name), partitionKey, { kind: "create", item }, 0));
  };
  const plan = (name: string, text: string, parameters: Record<string, Json> = {}) =>
    planQuery(text, new Map(Object.entries(parameters)), container(name).target);
  /** SQLite's own words about how it would run a query. */
  const explain = (
    name: string,
    text: string,
    parameters: Record<string, Json> = {},
    more: Partial<PageRequest> = {},
  ): string => {
    const { sql, values } = evaluator.statement(plan(name, text, parameters), request(name, more));
    const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
    return rows.map((row) => String(row["detail"])).join("; ");
  };
  return { evaluator, request, add, plan, explain, target: container("indexed").target };
}
