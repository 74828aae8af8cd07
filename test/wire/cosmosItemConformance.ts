/** Conformance of single items: creating, reading, replacing, deleting, conditions, keys, limits, time to live. */
import { describe, expect, test } from "vitest";
import { codeOf, failure, type Suite } from "./cosmosSuite.ts";

export function itemConformance({ target, items, partition, wrote, readStatus }: Suite): void {
  describe("items", () => {
    test("a created item has its system properties and reads back the same", async () => {
      const tenant = partition();
      const created = await items().items.create({ id: "a", tenant, nested: { list: [1, "x", null] } });
      expect(created.statusCode).toBe(201);
      expect(created.resource).toMatchObject({
        id: "a",
        tenant,
        nested: { list: [1, "x", null] },
        _attachments: "attachments/",
      });
      expect(created.resource!._etag).toMatch(/^"[0-9a-f-]{36}"$/);
      expect(created.resource!._self).toContain(created.resource!._rid);
      expect(created.resource!._ts).toBe(Math.floor(created.resource!._ts));
      expect(created.etag).toBe(created.resource!._etag);
      expect(created.requestCharge).toBeGreaterThan(0);
      expect(created.activityId).toMatch(/^[0-9a-f-]{36}$/);
      const read = await items().item("a", tenant).read();
      expect([read.statusCode, read.resource]).toEqual([200, created.resource]);
    });

    test("an id exists once in a partition: 409; in another partition it is another item", async () => {
      const [one, two] = [partition(), partition()];
      await items().items.create({ id: "a", tenant: one });
      const error = await failure(items().items.create({ id: "a", tenant: one }));
      expect([error.code, error.body?.code]).toEqual([409, "Conflict"]);
      expect((await items().items.create({ id: "a", tenant: two })).statusCode).toBe(201);
      expect(await readStatus("a", partition())).toBe(404);
    });

    test("what is absent: read 404 without an exception, replace, patch and delete 404 with one", async () => {
      const tenant = partition();
      expect(await readStatus("a", tenant)).toBe(404);
      const item = items().item("a", tenant);
      expect(await codeOf(item.replace({ id: "a", tenant }))).toBe(404);
      expect(await codeOf(item.patch([{ op: "set", path: "/n", value: 1 }]))).toBe(404);
      expect(await codeOf(item.delete())).toBe(404);
    });

    test("an absent container answers 404 with substatus 1003, an absent item without", async () => {
      const other = target().client.database(target().database).container("absent");
      const error = await failure(other.items.query("SELECT * FROM c", { partitionKey: "x" }).fetchAll());
      expect([error.code, error.substatus]).toEqual([404, 1003]);
      const item = await failure(items().item("absent", partition()).delete());
      expect([item.code, item.substatus ?? 0]).toEqual([404, 0]);
      expect(await codeOf(other.read())).toBe(404);
      expect(await codeOf(target().client.database("absent").read())).toBe(404);
    });

    test("replace keeps _rid, changes _etag; delete makes the id free again under a new _rid", async () => {
      const tenant = partition();
      const first = (await items().items.create({ id: "a", tenant, n: 1 })).resource!;
      const second = await items().item("a", tenant).replace({ id: "a", tenant, n: 2 });
      expect([second.statusCode, second.resource!["n"], second.resource!._rid]).toEqual([200, 2, first._rid]);
      expect(second.resource!._etag).not.toBe(first._etag);
      expect((await items().item("a", tenant).delete()).statusCode).toBe(204);
      const third = (await items().items.create({ id: "a", tenant })).resource!;
      expect(third._rid).not.toBe(first._rid);
      expect([first._etag, second.etag]).not.toContain(third._etag);
    });

    test("upsert creates with 201 and replaces with 200", async () => {
      const tenant = partition();
      expect((await items().items.upsert({ id: "a", tenant, n: 1 })).statusCode).toBe(201);
      const again = await items().items.upsert({ id: "a", tenant, n: 2 });
      expect([again.statusCode, (again.resource as { n?: number } | undefined)?.n]).toEqual([200, 2]);
    });

    test("If-Match guards replace, upsert, patch and delete: 412 and nothing changed", async () => {
      const tenant = partition();
      const created = await items().items.create({ id: "a", tenant, n: 1 });
      const item = items().item("a", tenant);
      await item.replace({ id: "a", tenant, n: 2 });
      const stale = { accessCondition: { type: "IfMatch", condition: created.etag } };
      const error = await failure(item.replace({ id: "a", tenant, n: 3 }, stale));
      expect([error.code, error.body?.code]).toEqual([412, "PreconditionFailed"]);
      expect(await codeOf(items().items.upsert({ id: "a", tenant, n: 3 }, stale))).toBe(412);
      expect(await codeOf(item.patch([{ op: "set", path: "/n", value: 3 }], stale))).toBe(412);
      expect(await codeOf(item.delete(stale))).toBe(412);
      const read = await item.read<{ n: number }>();
      expect(read.resource?.n).toBe(2);
      const fresh = { accessCondition: { type: "IfMatch", condition: read.etag } };
      expect((await item.replace({ id: "a", tenant, n: 4 }, fresh)).statusCode).toBe(200);
      const any = { accessCondition: { type: "IfMatch", condition: "*" } };
      expect((await item.delete(any)).statusCode).toBe(204);
    });

    test("an upsert with If-Match of an absent item creates it", async () => {
      const condition = { accessCondition: { type: "IfMatch", condition: '"gone"' } };
      expect((await items().items.upsert({ id: "a", tenant: partition() }, condition)).statusCode).toBe(201);
    });

    test("If-None-Match turns a read of the same version into 304 without a body", async () => {
      const tenant = partition();
      const { etag } = await items().items.create({ id: "a", tenant });
      const condition = { accessCondition: { type: "IfNoneMatch", condition: etag } };
      const same = await items().item("a", tenant).read(condition);
      expect([same.statusCode, same.resource]).toEqual([304, null]);
      await items().items.upsert({ id: "a", tenant, n: 1 });
      expect((await items().item("a", tenant).read(condition)).statusCode).toBe(200);
    });

    test("partition keys may be strings of any letters, numbers, booleans, null or missing", async () => {
      const run = partition();
      const keys = [`ü-"quoted"-${run}`, "", 1.5, true, null] as const;
      for (const [index, tenant] of keys.entries()) {
        const id = `${run}-${index}`;
        await items().items.create({ id, tenant });
        wrote(id, tenant);
        expect((await items().item(id, tenant).read()).resource?.tenant).toBe(tenant);
      }
      await items().items.create({ id: `${run}-none` });
      wrote(`${run}-none`, undefined);
      expect((await items().item(`${run}-none`, undefined).read()).statusCode).toBe(200);
      expect((await items().item(`${run}-none`, null).read()).statusCode).toBe(404);
    });

    test("a partition key may have 2,048 bytes; no array, no object", async () => {
      const tenant = partition();
      const longest = tenant.padEnd(2048, "x");
      expect((await items().items.create({ id: "a", tenant: longest })).statusCode).toBe(201);
      wrote("a", longest);
      expect(await codeOf(items().items.create({ id: "a", tenant: `${longest}x` }))).toBe(400);
      expect(await codeOf(items().items.create({ id: "a", tenant: { a: 1 } }))).toBe(400);
    });

    test("an id may hold any letters but / \\ ? # and have 1,023 bytes", async () => {
      const tenant = partition();
      for (const id of ["Größe: 100 % & more+plus {x} 'y' 日本", "x".repeat(1023)]) {
        await items().items.create({ id, tenant });
        expect((await items().item(id, tenant).read()).resource?.id).toBe(id);
      }
      expect(await codeOf(items().items.create({ id: "what?", tenant }))).toBe(400);
      expect(await codeOf(items().items.create({ id: "x".repeat(1024), tenant }))).toBe(400);
    });

    test("what is no item is refused: no id, a key that is not the header's, a renaming replace, a bad ttl", async () => {
      const tenant = partition();
      expect(await codeOf(items().items.create({ tenant }, { disableAutomaticIdGeneration: true }))).toBe(400);
      await items().items.create({ id: "a", tenant });
      const item = items().item("a", tenant);
      const error = await failure(item.replace({ id: "a", tenant: "other" }));
      expect([error.code, error.substatus]).toEqual([400, 1001]);
      expect(await codeOf(item.replace({ id: "b", tenant }))).toBe(400);
      expect(await codeOf(items().items.create({ id: "t", tenant, ttl: 0 }))).toBe(400);
      expect(await codeOf(items().items.create({ id: "t", tenant, ttl: "60" as never }))).toBe(400);
    });

    test("an item larger than 2 MB is refused with 413", async () => {
      const tenant = partition();
      expect((await items().items.create({ id: "big", tenant, text: "x".repeat(1_900_000) })).statusCode).toBe(201);
      const error = await failure(items().items.create({ id: "bigger", tenant, text: "x".repeat(2_200_000) }));
      expect(error.code).toBe(413);
      expect(await readStatus("bigger", tenant)).toBe(404);
    });

    test("every answer says what it cost, and which session it belongs to", async () => {
      const tenant = partition();
      const created = await items().items.create({ id: "a", tenant });
      const read = await items().item("a", tenant).read();
      const queried = await items().items.query("SELECT * FROM c", { partitionKey: tenant }).fetchAll();
      for (const { requestCharge } of [created, read, queried]) expect(requestCharge).toBeGreaterThan(0);
      const sessionToken = String(created.headers["x-ms-session-token"]);
      expect(sessionToken).toMatch(/^\d+:-?\d+#\d+/);
      const other = target().connect({}).database(target().database).container(target().container);
      expect((await other.item("a", tenant).read({ sessionToken })).statusCode).toBe(200);
    });

    test("an item is gone when its time to live is over, for every operation; -1 and none keep it", async () => {
      const tenant = partition();
      const ids = async (): Promise<string[]> => {
        const query = items().items.query<string>("SELECT VALUE c.id FROM c", { partitionKey: tenant });
        return (await query.fetchAll()).resources.sort();
      };
      await items().items.create({ id: "brief", tenant, ttl: 4 });
      await items().items.create({ id: "forever", tenant, ttl: -1 });
      await items().items.create({ id: "default", tenant });
      await target().pass(1000);
      const brief = items().item("brief", tenant);
      expect((await brief.read()).statusCode).toBe(200);
      await target().pass(4000);
      expect((await brief.read()).statusCode).toBe(404);
      expect(await codeOf(brief.delete())).toBe(404);
      expect(await ids()).toEqual(["default", "forever"]);
      const count = items().items.query("SELECT VALUE COUNT(1) FROM c", { partitionKey: tenant });
      expect((await count.fetchAll()).resources).toEqual([2]);
      expect((await items().items.create({ id: "brief", tenant })).statusCode).toBe(201);
      expect((await brief.patch([{ op: "set", path: "/ttl", value: 1 }])).statusCode).toBe(200);
      await target().pass(2000);
      expect(await ids()).toEqual(["default", "forever"]);
    });

    test("429 says when to come again; the client waits and does", async ({ skip }) => {
      const { connect, throttle } = target();
      if (throttle === undefined) return skip("only the local engine can be told to throttle");
      const tenant = partition();
      const impatient = connect({ connectionPolicy: { retryOptions: { maxRetryAttemptCount: 0 } } });
      throttle(1);
      const container = impatient.database(target().database).container(target().container);
      const error = await failure(container.items.create({ id: "a", tenant }));
      expect([error.code, error.substatus, error.retryAfterInMs]).toEqual([429, 3200, expect.any(Number)]);
      expect(await readStatus("a", tenant)).toBe(404);
      throttle(2);
      const { statusCode, headers } = await items().items.create({ id: "a", tenant });
      expect([statusCode, headers["x-ms-throttle-retry-count"]]).toEqual([201, 2]);
    });
  });
}
