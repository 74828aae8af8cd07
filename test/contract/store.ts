/** What every implementation of the store port must do. Run it on each: `storeContract("in memory", open)`. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  all,
  type Filter,
  type Query,
  type Store,
  type StoredDocument,
  type StoreOperation,
} from "../../shared/ports/store.ts";

export interface OpenStore {
  readonly store: Store;
  close(): Promise<void>;
  /** Moves the store's clock; undefined where nobody can. */
  readonly forward?: (seconds: number) => void;
}

interface Sample extends StoredDocument {
  readonly kind: string;
  readonly [name: string]: unknown;
}

/** `open` is called once; every test works in a partition, and with a kind, of its own. */
export function storeContract(name: string, open: () => Promise<OpenStore>): void {
  describe(`store contract: ${name}`, () => {
    let opened: OpenStore;
    let pk = "";
    let kind = "";
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => opened.close());
    beforeEach(() => {
      pk = `contract-${randomUUID()}`;
      kind = `sample-${randomUUID()}`;
    });

    const sample = (id: string, more: object = {}): Sample => ({ id, pk, kind, ...more });
    const write = (...operations: StoreOperation[]) => opened.store.write("state", pk, operations);
    const create = (document: StoredDocument): StoreOperation => ({ kind: "create", document });
    const read = (id: string) => opened.store.read<Sample>("state", pk, id);
    const found = async (filter: Filter): Promise<string[]> => (await ids({}, [filter])).sort();
    const ids = async (query: Partial<Query>, where: readonly Filter[] = []): Promise<string[]> => {
      const found: string[] = [];
      const whole: Query = { container: "state", pk, kinds: [kind], where, pageSize: 100, ...query };
      for await (const document of all(opened.store, whole)) found.push(document.id);
      return found;
    };

    describe("documents", () => {
      it("reads what was created, without anything that the store added", async () => {
        const document = sample("a", { text: "x", list: [1, { deep: null }], gone: undefined });
        expect((await write(create(document))).ok).toBe(true);
        const { gone: _, ...rest } = document as Sample & { gone?: unknown };
        expect((await read("a"))?.document).toEqual(rest);
      });

      it("answers undefined for a document that is not there", async () => {
        expect(await read("nothing")).toBeUndefined();
        expect(await opened.store.read("state", `${pk}-other`, "a")).toBeUndefined();
      });

      it("keeps containers and partitions apart", async () => {
        await write(create(sample("a", { at: "here" })));
        expect(await opened.store.read("seals", pk, "a")).toBeUndefined();
        const other = { ...sample("a", { at: "there" }), pk: `${pk}-2` };
        expect((await opened.store.write("state", other.pk, [create(other)])).ok).toBe(true);
        expect((await read("a"))?.document["at"]).toBe("here");
      });

      it("does not create an id twice", async () => {
        await write(create(sample("a", { n: 1 })));
        expect(await write(create(sample("a", { n: 2 })))).toEqual({ ok: false, index: 0, reason: "exists" });
        expect((await read("a"))?.document["n"]).toBe(1);
      });

      it("puts an upsert in the place of the whole document", async () => {
        await write({ kind: "upsert", document: sample("a", { n: 1, old: true }) });
        await write({ kind: "upsert", document: sample("a", { n: 2 }) });
        expect((await read("a"))?.document).toEqual(sample("a", { n: 2 }));
      });

      it("gives another tag after every write, also of the same content", async () => {
        await write(create(sample("a")));
        const first = (await read("a"))?.etag;
        expect((await read("a"))?.etag).toBe(first);
        await write({ kind: "upsert", document: sample("a") });
        expect((await read("a"))?.etag).not.toBe(first);
      });

      it("replaces only under the tag that was read", async () => {
        await write(create(sample("a", { n: 1 })));
        const etag = (await read("a"))?.etag ?? "";
        expect((await write({ kind: "replace", document: sample("a", { n: 2 }), etag })).ok).toBe(true);
        const late = await write({ kind: "replace", document: sample("a", { n: 3 }), etag });
        expect(late).toEqual({ ok: false, index: 0, reason: "changed" });
        const absent = await write({ kind: "replace", document: sample("b"), etag });
        expect(absent).toEqual({ ok: false, index: 0, reason: "missing" });
        expect((await read("a"))?.document["n"]).toBe(2);
      });
    });

    describe("patches", () => {
      it("sets, increments, and leaves the rest alone", async () => {
        await write(create(sample("a", { n: 1, keep: "it", nested: { x: 1 } })));
        const result = await write({ kind: "patch", id: "a", set: { nested: { y: null } }, increment: { n: 2, m: 5 } });
        const after = sample("a", { n: 3, m: 5, keep: "it", nested: { y: null } });
        expect(result).toEqual({ ok: true, documents: [after] });
        expect((await read("a"))?.document).toEqual(after);
      });

      it("counts increments that come at the same time", async () => {
        await write(create(sample("a", { n: 0 })));
        const one: StoreOperation = { kind: "patch", id: "a", increment: { n: 1 } };
        await Promise.all(Array.from({ length: 20 }, async () => write(one)));
        expect((await read("a"))?.document["n"]).toBe(20);
      });

      it("is refused when its condition does not hold", async () => {
        await write(create(sample("a", { chain: { seq: 3 }, n: 1 })));
        const patch = (equals: number, path = "chain.seq"): StoreOperation => ({
          kind: "patch",
          id: "a",
          set: { n: 2 },
          condition: { path, equals },
        });
        expect(await write(patch(2))).toEqual({ ok: false, index: 0, reason: "changed" });
        expect(await write(patch(3, "chain.nothing"))).toEqual({ ok: false, index: 0, reason: "changed" });
        expect((await read("a"))?.document["n"]).toBe(1);
        expect((await write(patch(3))).ok).toBe(true);
      });

      it("forgets a document when its time is over, counted from its last write", async ({ skip }) => {
        const { forward } = opened;
        if (forward === undefined) return skip("nobody can move the clock of this store");
        await write(
          create(sample("a", { ttl: 60, n: 0 })),
          create(sample("b", { ttl: 60, n: 0 })),
          create(sample("c")),
        );
        forward(59);
        expect((await read("a"))?.document).toEqual(sample("a", { ttl: 60, n: 0 }));
        await write({ kind: "patch", id: "b", increment: { n: 1 } });
        forward(1);
        // The second was written since, so its minute began anew.
        expect([await read("a"), (await read("b"))?.document["n"]]).toEqual([undefined, 1]);
        expect((await ids({})).sort()).toEqual(["b", "c"]);
        const gone = await write({ kind: "patch", id: "a", increment: { n: 1 } });
        expect(gone).toEqual({ ok: false, index: 0, reason: "missing" });
        expect((await write(create(sample("a")))).ok).toBe(true);
        forward(600);
        expect((await ids({})).sort()).toEqual(["a", "c"]);
      });

      it("needs a document", async () => {
        const result = await write({ kind: "patch", id: "none", increment: { n: 1 } });
        expect(result).toEqual({ ok: false, index: 0, reason: "missing" });
      });
    });

    describe("batches", () => {
      it("writes all or nothing, and names the operation that stood in the way", async () => {
        await write(create(sample("a", { n: 1 })));
        const result = await write(
          create(sample("b")),
          { kind: "patch", id: "a", increment: { n: 1 } },
          create(sample("a")),
          create(sample("c")),
        );
        expect(result).toEqual({ ok: false, index: 2, reason: "exists" });
        expect(await read("b")).toBeUndefined();
        expect(await read("c")).toBeUndefined();
        expect((await read("a"))?.document["n"]).toBe(1);
      });

      it("answers the documents in the order of the operations", async () => {
        await write(create(sample("a", { n: 1 })));
        const patch: StoreOperation = { kind: "patch", id: "a", increment: { n: 1 } };
        const result = await write(patch, create(sample("b", { m: 1 })), { kind: "upsert", document: sample("c") });
        expect(result).toEqual({ ok: true, documents: [sample("a", { n: 2 }), sample("b", { m: 1 }), sample("c")] });
      });

      it("lets only one of two conditional batches through", async () => {
        await write(create(sample("a", { seq: 0 })));
        const step = (entry: string): Promise<{ ok: boolean }> =>
          write(
            { kind: "patch", id: "a", set: { seq: 1 }, condition: { path: "seq", equals: 0 } },
            create(sample(entry)),
          );
        const results = await Promise.all([step("x"), step("y")]);
        expect(results.filter(({ ok }) => ok)).toHaveLength(1);
        expect((await ids({})).filter((id) => id !== "a")).toHaveLength(1);
      });

      it("takes a hundred operations", async () => {
        const operations = Array.from({ length: 100 }, (_, index) => create(sample(`d${index}`)));
        expect((await write(...operations)).ok).toBe(true);
        expect(await ids({})).toHaveLength(100);
      });
    });

    describe("queries", () => {
      it("finds by kind", async () => {
        await write(create(sample("a")), create({ ...sample("b"), kind: `${kind}-2` } as Sample), create(sample("c")));
        expect((await ids({})).sort()).toEqual(["a", "c"]);
        expect((await ids({ kinds: [kind, `${kind}-2`] })).sort()).toEqual(["a", "b", "c"]);
        expect(await ids({ kinds: [`${kind}-3`] })).toEqual([]);
      });

      it("asks all partitions, or one", async () => {
        const other = { ...sample("b"), pk: `${pk}-2` };
        await write(create(sample("a")));
        await opened.store.write("state", other.pk, [create(other)]);
        expect(await ids({})).toEqual(["a"]);
        const whole: Query = { container: "state", kinds: [kind], pageSize: 100 };
        const page = await opened.store.query(whole);
        expect(page.items.map(({ id }) => id).sort()).toEqual(["a", "b"]);
      });

      it("compares texts, numbers and truth values", async () => {
        await write(
          create(sample("a", { n: 1, text: "2026-03-01", live: true, deep: { x: 1 } })),
          create(sample("b", { n: 2, text: "2026-03-02", live: false, deep: { x: 2 } })),
          create(sample("c", { n: 3, text: "2026-03-03", live: true, deep: { x: 3 } })),
        );
        expect(await found({ path: "n", op: ">", value: 1 })).toEqual(["b", "c"]);
        expect(await found({ path: "n", op: ">=", value: 2 })).toEqual(["b", "c"]);
        expect(await found({ path: "n", op: "<", value: 2 })).toEqual(["a"]);
        expect(await found({ path: "n", op: "!=", value: 2 })).toEqual(["a", "c"]);
        expect(await found({ path: "text", op: "<=", value: "2026-03-02" })).toEqual(["a", "b"]);
        expect(await found({ path: "live", op: "=", value: true })).toEqual(["a", "c"]);
        expect(await found({ path: "deep.x", op: "=", value: 3 })).toEqual(["c"]);
      });

      it("needs all filters to hold", async () => {
        await write(create(sample("a", { n: 1, live: true })), create(sample("b", { n: 2, live: true })));
        const where: Filter[] = [
          { path: "live", op: "=", value: true },
          { path: "n", op: ">", value: 1 },
        ];
        expect(await ids({}, where)).toEqual(["b"]);
      });

      it("compares two fields of one document", async () => {
        await write(
          create(sample("behind", { wanted: 3, served: 2 })),
          create(sample("served", { wanted: 2, served: 2 })),
        );
        expect(await ids({}, [{ path: "wanted", op: ">", otherPath: "served" }])).toEqual(["behind"]);
      });

      it("matches no document that lacks the path, has null there or a value of another type", async () => {
        await write(create(sample("lacks")), create(sample("null", { n: null })), create(sample("text", { n: "1" })));
        for (const op of ["=", "<", "<=", ">", ">="] as const) {
          expect(await ids({}, [{ path: "n", op, value: 1 }])).toEqual([]);
        }
        expect(await ids({}, [{ path: "n", op: "<=", value: "9" }])).toEqual(["text"]);
        expect(await ids({}, [{ path: "n", op: ">", otherPath: "m" }])).toEqual([]);
      });

      it("finds what is null, which is not what is missing", async () => {
        await write(create(sample("lacks")), create(sample("null", { n: null })), create(sample("one", { n: 1 })));
        expect(await ids({}, [{ path: "n", op: "=", value: null }])).toEqual(["null"]);
      });

      it("takes names that the query language keeps for itself", async () => {
        await write(
          create(sample("a", { group: "x", order: { by: 2 } })),
          create(sample("b", { group: "x", order: { by: 1 } })),
        );
        const where: Filter[] = [{ path: "group", op: "=", value: "x" }];
        expect(await ids({ orderBy: { path: "order.by" } }, where)).toEqual(["b", "a"]);
      });

      it("orders both ways", async () => {
        await write(...[3, 1, 2].map((n) => create(sample(`d${n}`, { n, at: `2026-0${n}` }))));
        expect(await ids({ orderBy: { path: "n" } })).toEqual(["d1", "d2", "d3"]);
        expect(await ids({ orderBy: { path: "at", descending: true } })).toEqual(["d3", "d2", "d1"]);
      });

      it("answers several questions at once", async () => {
        const other = `${kind}-2`;
        await write(
          create(sample("behind", { wanted: 3, served: 2 })),
          create(sample("served", { wanted: 2, served: 2 })),
          create({ ...sample("due", { live: true, wakeAt: "2026-03-01" }), kind: other } as Sample),
          create({ ...sample("later", { live: true, wakeAt: "2026-03-02" }), kind: other } as Sample),
          create({ ...sample("dead", { live: false, wakeAt: "2026-03-01" }), kind: other } as Sample),
          create({ ...sample("third"), kind: `${kind}-3` } as Sample),
        );
        const live: Filter[] = [
          { path: "live", op: "=", value: true },
          { path: "wakeAt", op: "<=", value: "2026-03-01" },
        ];
        const or = [
          { kinds: [kind], where: [{ path: "wanted", op: ">", otherPath: "served" }] },
          { kinds: [`${kind}-3`] },
        ] as const;
        expect((await ids({ kinds: [other], or }, live)).sort()).toEqual(["behind", "due", "third"]);
        expect((await ids({ kinds: [other], or, pageSize: 1 }, live)).sort()).toEqual(["behind", "due", "third"]);
        const page = await opened.store.query({ container: "state", kinds: [other], where: live, or, pageSize: 100 });
        expect(page.items.map(({ id }) => id).sort()).toEqual(["behind", "due", "third"]);
      });

      it("finds what was written since a mark, and needs no mark that an empty page would have to give", async () => {
        await write(create(sample("a", { n: 1 })), create(sample("b", { n: 1 })));
        const query: Query = {
          container: "state",
          kinds: [kind],
          where: [{ path: "n", op: ">", value: 0 }],
          pageSize: 9,
        };
        const { items, mark = "" } = await opened.store.query({ ...query, since: null });
        expect(items).toHaveLength(2);
        expect(mark).not.toBe("");
        await write(create(sample("c", { n: 1 })), { kind: "patch", id: "a", increment: { n: 1 } });
        const later = await opened.store.query<Sample>({ ...query, since: mark });
        // A store may show again what was written shortly before.
        expect(later.items.filter(({ id }) => id !== "b").map(({ id, n }) => [id, n])).toEqual([
          ["a", 2],
          ["c", 1],
        ]);
        expect(later.mark).toBeDefined();
        const empty = await opened.store.query({ ...query, kinds: [`${kind}-none`], since: mark });
        expect(empty).toEqual({ items: [], continuation: undefined });
      });

      it("finds what was written since a mark of one kind, and of another whatever is there", async () => {
        const other = `${kind}-other`;
        await write(create(sample("a")), create(sample("b", { kind: other })));
        const both = { container: "state", kinds: [kind], or: [{ kinds: [other] }], pageSize: 9 } as const;
        const { mark = "" } = await opened.store.query({ ...both, since: null, nowMs: Date.UTC(2100, 0, 1) });
        expect(mark).not.toBe("");
        const later = await opened.store.query({ ...both, since: mark });
        expect(later.items.map(({ id }) => id)).toEqual(["b"]);
      });

      it("does not show again and again what was written before it was asked", async () => {
        await write(create(sample("a")), create(sample("b")));
        const query: Query = { container: "state", kinds: [kind], pageSize: 9, nowMs: Date.UTC(2100, 0, 1) };
        const { items, mark = "" } = await opened.store.query({ ...query, since: null });
        expect(items).toHaveLength(2);
        expect((await opened.store.query({ ...query, since: mark })).items).toEqual([]);
      });

      it("pages through all, each once", async () => {
        await write(...Array.from({ length: 25 }, (_, n) => create(sample(`d${n}`, { n }))));
        const first = await opened.store.query({ container: "state", pk, kinds: [kind], pageSize: 10 });
        expect(first.items).toHaveLength(10);
        expect(first.continuation).toBeDefined();
        expect(new Set(await ids({ pageSize: 10 })).size).toBe(25);
        const ordered = await ids({ pageSize: 4, orderBy: { path: "n" } });
        expect(ordered).toEqual(Array.from({ length: 25 }, (_, n) => `d${n}`));
      });

      it("gives no continuation after the last page", async () => {
        await write(create(sample("a")));
        const page = await opened.store.query({ container: "state", pk, kinds: [kind], pageSize: 10 });
        expect(page).toEqual({ items: [sample("a")], continuation: undefined });
      });

      it("goes on after the last item of a page though documents came and went", async () => {
        await write(...[1, 3, 5, 7].map((n) => create(sample(`d${n}`, { n }))));
        const query: Query = { container: "state", pk, kinds: [kind], pageSize: 2, orderBy: { path: "n" } };
        const first = await opened.store.query(query);
        expect(first.items.map(({ id }) => id)).toEqual(["d1", "d3"]);
        await write(create(sample("d0", { n: 0 })), create(sample("d6", { n: 6 })));
        const { continuation } = first;
        if (continuation === undefined) throw new Error("expected a second page");
        const second = await opened.store.query({ ...query, continuation });
        expect(second.items.map(({ id }) => id)).toEqual(["d5", "d6"]);
      });
    });
  });
}
