/**
 * Conformance of items, patches and batches. Runs against the local engine, or against the account that
 * STEELYARD_COSMOS_ENDPOINT names (its containers: test/support/cosmosAccount.ts).
 */
import type { Container, ErrorResponse, OperationInput } from "@azure/cosmos";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAccount, type Account } from "../support/cosmosAccount.ts";

let account: Account;
let items: Container;
beforeAll(async () => {
  account = await openAccount();
  items = account.client.database("conformance").container("items");
});
afterAll(() => account[Symbol.asyncDispose]());

/** A partition of its own for each test, so that an account may be used again and again. */
const partition = (): string => `t-${randomUUID()}`;

async function failure(work: Promise<unknown>): Promise<ErrorResponse> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  const { cause } = error as Error;
  return (cause ?? error) as ErrorResponse;
}

const codeOf = async (work: Promise<unknown>): Promise<unknown> => (await failure(work)).code;
/** `read()` does not throw for 404. */
const readStatus = async (id: string, tenant: string): Promise<number> =>
  (await items.item(id, tenant).read()).statusCode;

describe("items", () => {
  test("a created item has its system properties and reads back the same", async () => {
    const tenant = partition();
    const created = await items.items.create({ id: "a", tenant, nested: { list: [1, "x", null] } });
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
    const read = await items.item("a", tenant).read();
    expect([read.statusCode, read.resource]).toEqual([200, created.resource]);
  });

  test("an id exists once in a partition: 409; in another partition it is another item", async () => {
    const [one, two] = [partition(), partition()];
    await items.items.create({ id: "a", tenant: one });
    const error = await failure(items.items.create({ id: "a", tenant: one }));
    expect([error.code, error.body?.code]).toEqual([409, "Conflict"]);
    expect((await items.items.create({ id: "a", tenant: two })).statusCode).toBe(201);
    expect(await readStatus("a", partition())).toBe(404);
  });

  test("what is absent: read 404 without an exception, replace, patch and delete 404 with one", async () => {
    const tenant = partition();
    expect(await readStatus("a", tenant)).toBe(404);
    const item = items.item("a", tenant);
    expect(await codeOf(item.replace({ id: "a", tenant }))).toBe(404);
    expect(await codeOf(item.patch([{ op: "set", path: "/n", value: 1 }]))).toBe(404);
    expect(await codeOf(item.delete())).toBe(404);
  });

  test("an absent container answers 404 with substatus 1003", async () => {
    const other = account.client.database("conformance").container("absent");
    const error = await failure(other.items.query("SELECT * FROM c", { partitionKey: "x" }).fetchAll());
    expect([error.code, error.substatus]).toEqual([404, 1003]);
    expect(await codeOf(other.read())).toBe(404);
    expect(await codeOf(account.client.database("absent").read())).toBe(404);
  });

  test("replace keeps _rid, changes _etag; delete makes the id free again under a new _rid", async () => {
    const tenant = partition();
    const first = (await items.items.create({ id: "a", tenant, n: 1 })).resource!;
    const second = await items.item("a", tenant).replace({ id: "a", tenant, n: 2 });
    expect([second.statusCode, second.resource!["n"], second.resource!._rid]).toEqual([200, 2, first._rid]);
    expect(second.resource!._etag).not.toBe(first._etag);
    expect((await items.item("a", tenant).delete()).statusCode).toBe(204);
    const third = (await items.items.create({ id: "a", tenant })).resource!;
    expect(third._rid).not.toBe(first._rid);
    expect([first._etag, second.etag]).not.toContain(third._etag);
  });

  test("upsert creates with 201 and replaces with 200", async () => {
    const tenant = partition();
    expect((await items.items.upsert({ id: "a", tenant, n: 1 })).statusCode).toBe(201);
    const again = await items.items.upsert({ id: "a", tenant, n: 2 });
    expect([again.statusCode, (again.resource as { n?: number } | undefined)?.n]).toEqual([200, 2]);
  });

  test("If-Match guards replace, upsert, patch and delete: 412 and nothing changed", async () => {
    const tenant = partition();
    const created = await items.items.create({ id: "a", tenant, n: 1 });
    const item = items.item("a", tenant);
    await item.replace({ id: "a", tenant, n: 2 });
    const stale = { accessCondition: { type: "IfMatch", condition: created.etag } };
    const error = await failure(item.replace({ id: "a", tenant, n: 3 }, stale));
    expect([error.code, error.body?.code]).toEqual([412, "PreconditionFailed"]);
    expect(await codeOf(items.items.upsert({ id: "a", tenant, n: 3 }, stale))).toBe(412);
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
    expect((await items.items.upsert({ id: "a", tenant: partition() }, condition)).statusCode).toBe(201);
  });

  test("If-None-Match turns a read of the same version into 304 without a body", async () => {
    const tenant = partition();
    const { etag } = await items.items.create({ id: "a", tenant });
    const condition = { accessCondition: { type: "IfNoneMatch", condition: etag } };
    const same = await items.item("a", tenant).read(condition);
    expect([same.statusCode, same.resource]).toEqual([304, null]);
    await items.items.upsert({ id: "a", tenant, n: 1 });
    expect((await items.item("a", tenant).read(condition)).statusCode).toBe(200);
  });

  test("partition keys may be strings of any letters, numbers, booleans, null or missing", async () => {
    const run = randomUUID();
    const keys = [`ü-"quoted"-${run}`, "", 1.5, true, null] as const;
    for (const [index, tenant] of keys.entries()) {
      await items.items.create({ id: `${run}-${index}`, tenant });
      expect((await items.item(`${run}-${index}`, tenant).read()).resource?.tenant).toBe(tenant);
    }
    await items.items.create({ id: `${run}-none` });
    expect((await items.item(`${run}-none`, undefined).read()).statusCode).toBe(200);
    expect((await items.item(`${run}-none`, null).read()).statusCode).toBe(404);
  });

  test("an id may hold any letters but / \\ ? #", async () => {
    const tenant = partition();
    const id = "Größe: 100 % & more+plus {x} 'y' 日本";
    await items.items.create({ id, tenant });
    expect((await items.item(id, tenant).read()).resource?.id).toBe(id);
    expect(await codeOf(items.items.create({ id: "what?", tenant }))).toBe(400);
    expect(await codeOf(items.items.create({ id: "x".repeat(1024), tenant }))).toBe(400);
  });

  test("what is no item is refused: no id, a key that is not the header's, a renaming replace, a bad ttl", async () => {
    const tenant = partition();
    expect(await codeOf(items.items.create({ tenant }, { disableAutomaticIdGeneration: true }))).toBe(400);
    await items.items.create({ id: "a", tenant });
    const error = await failure(items.item("a", tenant).replace({ id: "a", tenant: "other" }));
    expect([error.code, error.substatus]).toEqual([400, 1001]);
    expect(await codeOf(items.items.create({ id: "t", tenant, ttl: 0 }))).toBe(400);
    expect(await codeOf(items.items.create({ id: "t", tenant, ttl: "60" as never }))).toBe(400);
    expect(await codeOf(items.items.create({ id: "t", tenant: { a: 1 } }))).toBe(400);
  });

  test("an item larger than 2 MB is refused with 413", async () => {
    const tenant = partition();
    expect((await items.items.create({ id: "big", tenant, text: "x".repeat(1_900_000) })).statusCode).toBe(201);
    const error = await failure(items.items.create({ id: "bigger", tenant, text: "x".repeat(2_200_000) }));
    expect(error.code).toBe(413);
    expect(await readStatus("bigger", tenant)).toBe(404);
  });
});

async function patched(before: object, operations: OperationInput | object): Promise<unknown> {
  const tenant = partition();
  await items.items.create({ id: "a", tenant, v: before });
  const result = await items.item("a", tenant).patch(operations as never);
  const read = await items.item("a", tenant).read();
  expect(read.resource).toEqual(result.resource);
  return read.resource!.v;
}

describe("patch", () => {
  test("set, add, replace, remove and incr on objects", async () => {
    const operations = [
      { op: "set", path: "/v/new", value: { deep: 1 } },
      { op: "set", path: "/v/new/deep", value: 2 },
      { op: "add", path: "/v/more", value: null },
      { op: "replace", path: "/v/name", value: "after" },
      { op: "remove", path: "/v/old" },
      { op: "incr", path: "/v/count", value: 2.5 },
      { op: "incr", path: "/v/fresh", value: -1 },
    ];
    const after = await patched({ name: "before", old: 1, count: 1 }, operations);
    expect(after).toEqual({ new: { deep: 2 }, more: null, name: "after", count: 3.5, fresh: -1 });
  });

  test("add puts before an array index or at the end, set overwrites, remove closes the gap", async () => {
    const operations = [
      { op: "add", path: "/v/0", value: "first" },
      { op: "add", path: "/v/-", value: "last" },
      { op: "set", path: "/v/1", value: "A" },
      { op: "remove", path: "/v/2" },
    ];
    expect(await patched(["a", "b", "c"], operations)).toEqual(["first", "A", "c", "last"]);
  });

  test.each([
    ["replace of what is not there", [{ op: "replace", path: "/v/x", value: 1 }]],
    ["remove of what is not there", [{ op: "remove", path: "/v/x" }]],
    ["a parent that is not there", [{ op: "set", path: "/v/x/y", value: 1 }]],
    ["an index beyond the end", [{ op: "add", path: "/v/list/5", value: 1 }]],
    ["incr of a text", [{ op: "incr", path: "/v/text", value: 1 }]],
    ["the partition key", [{ op: "set", path: "/tenant", value: "x" }]],
    ["the id", [{ op: "set", path: "/id", value: "x" }]],
    ["a system property", [{ op: "set", path: "/_ts", value: 1 }]],
    ["more than ten operations", Array.from({ length: 11 }, () => ({ op: "incr", path: "/v/n", value: 1 }))],
    ["an unknown operation", [{ op: "increment", path: "/v/n", value: 1 }]],
    ["a condition that is no SQL", { condition: "c.v = 1", operations: [{ op: "incr", path: "/v/n", value: 1 }] }],
  ])("%s is refused with 400 and leaves the item as it was", async (_name, operations) => {
    const tenant = partition();
    const v = { n: 0, text: "x", list: [1] };
    const { etag } = await items.items.create({ id: "a", tenant, v });
    expect(await codeOf(items.item("a", tenant).patch(operations as never))).toBe(400);
    expect((await items.item("a", tenant).read()).etag).toBe(etag);
  });

  test("a condition decides: true applies, false is 412", async () => {
    const tenant = partition();
    await items.items.create({ id: "a", tenant, state: "open", n: 1 });
    const operations = [{ op: "set" as const, path: "/state", value: "closed" }];
    const condition = "FROM c WHERE c.state = 'open' AND c.n < 2";
    expect((await items.item("a", tenant).patch({ operations, condition })).statusCode).toBe(200);
    expect(await codeOf(items.item("a", tenant).patch({ operations, condition }))).toBe(412);
  });
});

describe("transactional batch", () => {
  test("all six operations in one, in order, with results of each", async () => {
    const tenant = partition();
    const kept = await items.items.create({ id: "kept", tenant, n: 1 });
    await items.items.create({ id: "doomed", tenant });
    const { code, result } = await items.items.batch(
      [
        { operationType: "Create", resourceBody: { id: "new", tenant } },
        { operationType: "Upsert", resourceBody: { id: "up", tenant, n: 0 } },
        { operationType: "Replace", id: "kept", resourceBody: { id: "kept", tenant, n: 2 }, ifMatch: kept.etag },
        { operationType: "Patch", id: "kept", resourceBody: { operations: [{ op: "incr", path: "/n", value: 40 }] } },
        { operationType: "Read", id: "kept" },
        { operationType: "Delete", id: "doomed" },
      ],
      tenant,
    );
    expect(code).toBe(200);
    expect(result!.map((one) => one.statusCode)).toEqual([201, 201, 200, 200, 200, 204]);
    expect(result![4]!.resourceBody).toMatchObject({ id: "kept", n: 42 });
    expect(result![3]!.eTag).toBe(result![4]!.eTag);
    expect(await Promise.all(["new", "up", "kept", "doomed"].map((id) => readStatus(id, tenant)))).toEqual([
      200, 200, 200, 404,
    ]);
  });

  test.each([
    ["a conflict", 409, { operationType: "Create", resourceBody: { id: "here" } }],
    ["a stale ETag", 412, { operationType: "Replace", id: "here", resourceBody: { id: "here" }, ifMatch: '"stale"' }],
    ["an absent item", 404, { operationType: "Delete", id: "absent" }],
    [
      "a stale patch",
      412,
      {
        operationType: "Patch",
        id: "here",
        resourceBody: { operations: [{ op: "set", path: "/n", value: 1 }] },
        ifMatch: '"stale"',
      },
    ],
  ])("%s undoes everything: its own status %i, 424 for the others", async (_name, status, failing) => {
    const tenant = partition();
    await items.items.create({ id: "here", tenant });
    const body =
      "resourceBody" in failing && "id" in failing.resourceBody
        ? { resourceBody: { ...failing.resourceBody, tenant } }
        : {};
    const { code, result } = await items.items.batch(
      [
        { operationType: "Create", resourceBody: { id: "before", tenant } },
        { ...failing, ...body } as OperationInput,
        { operationType: "Create", resourceBody: { id: "after", tenant } },
      ],
      tenant,
    );
    expect([code, ...result!.map((one) => one.statusCode)]).toEqual([207, 424, status, 424]);
    expect([await readStatus("before", tenant), await readStatus("after", tenant)]).toEqual([404, 404]);
  });

  test("an item of another partition is refused", async () => {
    const tenant = partition();
    const { code, result } = await items.items.batch(
      [{ operationType: "Create", resourceBody: { id: "a", tenant: "other" } }],
      tenant,
    );
    expect([code, result![0]!.statusCode]).toEqual([207, 400]);
  });

  test("a hundred operations pass, more than 2 MB do not", async () => {
    const tenant = partition();
    const create = (id: number, text = ""): OperationInput => ({
      operationType: "Create",
      resourceBody: { id: String(id), tenant, text },
    });
    const { code } = await items.items.batch(
      Array.from({ length: 100 }, (_, id) => create(id)),
      tenant,
    );
    expect(code).toBe(200);
    const large = "x".repeat(1_200_000);
    expect(await codeOf(items.items.batch([create(200, large), create(201, large)], tenant))).toBe(413);
    expect(await readStatus("200", tenant)).toBe(404);
  });

  test("without content, when it is not wanted", async () => {
    const tenant = partition();
    const { result } = await items.items.batch(
      [{ operationType: "Create", resourceBody: { id: "a", tenant } }],
      tenant,
      { contentResponseOnWriteEnabled: false },
    );
    expect(result![0]!.resourceBody).toBeUndefined();
    expect(result![0]!.eTag).toBeDefined();
  });
});
