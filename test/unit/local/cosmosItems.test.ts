import { expect, test } from "vitest";
import { Catalogue } from "../../../infra/local/cosmos/catalogue.ts";
import { ItemStore } from "../../../infra/local/cosmos/items.ts";
import { openDatabase } from "../../../infra/local/platform/sqlite.ts";

function open() {
  const database = openDatabase(":memory:");
  const catalogue = new Catalogue(database, [{ database: "d", container: "c", partitionKey: "/p", defaultTtlS: 60 }]);
  catalogue.provision();
  const container = catalogue.find("d", "c")!;
  const store = new ItemStore(database);
  const create = (id: string, nowS: number, more: object = {}) =>
    store.write(nowS, () => store.execute(container, '"x"', { kind: "create", item: { id, p: "x", ...more } }, nowS));
  const rows = (): unknown[] =>
    database
      .prepare("SELECT id FROM docs ORDER BY id")
      .all()
      .map((row) => row["id"]);
  return { store, container, create, rows };
}

test("rows of expired items go with a later write, at most 100 with each", () => {
  const { create, rows } = open();
  for (let n = 0; n < 150; n++) create(`old-${n}`, 0);
  create("forever", 0, { ttl: -1 });
  create("at 59 s", 59);
  expect(rows()).toHaveLength(152);
  create("at 60 s", 60);
  expect(rows()).toHaveLength(53);
  create("at 61 s", 61);
  expect(rows()).toEqual(["at 59 s", "at 60 s", "at 61 s", "forever"]);
});

test("a write that fails gives its sequence number back", () => {
  const { create, store } = open();
  create("a", 0);
  expect(() => create("a", 0)).toThrow("already exists");
  expect(store.lsn).toBe(1);
  create("b", 0);
  expect(store.lsn).toBe(2);
});
