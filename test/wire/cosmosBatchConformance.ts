/** Conformance of transactional batches: all or nothing, and the limits. */
import type { OperationInput } from "@azure/cosmos";
import { describe, expect, test } from "vitest";
import { codeOf, type Suite } from "./cosmosSuite.ts";

export function batchConformance({ target, items, partition, readStatus }: Suite): void {
  describe("transactional batch", () => {
    test("all six operations in one, in order, with results of each", async () => {
      const tenant = partition();
      const kept = await items().items.create({ id: "kept", tenant, n: 1 });
      await items().items.create({ id: "doomed", tenant });
      const { code, result } = await items().items.batch(
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
      [
        "a patch whose condition is false",
        412,
        {
          operationType: "Patch",
          id: "here",
          resourceBody: { condition: "FROM c WHERE c.n = 1", operations: [{ op: "set", path: "/n", value: 1 }] },
        },
      ],
      ["an item that is none", 400, { operationType: "Create", resourceBody: { id: "bad", ttl: 0 } }],
    ])("%s undoes everything: its own status %i, 424 for the others", async (_name, status, failing) => {
      const tenant = partition();
      await items().items.create({ id: "here", tenant });
      const body =
        "resourceBody" in failing && "id" in failing.resourceBody
          ? { resourceBody: { ...failing.resourceBody, tenant } }
          : {};
      const { code, result } = await items().items.batch(
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
      const { code, result } = await items().items.batch(
        [{ operationType: "Create", resourceBody: { id: "a", tenant: "other" } }],
        tenant,
      );
      expect([code, result![0]!.statusCode]).toEqual([207, 400]);
    });

    test("a hundred operations pass; one more does not, nor more than 2 MB", async () => {
      const tenant = partition();
      const create = (id: number, text = ""): OperationInput => ({
        operationType: "Create",
        resourceBody: { id: String(id), tenant, text },
      });
      const { code } = await items().items.batch(
        Array.from({ length: 100 }, (_, id) => create(id)),
        tenant,
      );
      expect(code).toBe(200);
      const client = target().connect({ plugins: [longerBatch(create(100))] } as object);
      const container = client.database(target().database).container(target().container);
      expect(await codeOf(container.items.batch([create(100)], tenant))).toBe(400);
      expect(await readStatus("100", tenant)).toBe(404);
      const large = "x".repeat(1_200_000);
      expect(await codeOf(items().items.batch([create(200, large), create(201, large)], tenant))).toBe(413);
      expect(await readStatus("200", tenant)).toBe(404);
    });

    test("without content, when it is not wanted", async () => {
      const tenant = partition();
      const { result } = await items().items.batch(
        [{ operationType: "Create", resourceBody: { id: "a", tenant } }],
        tenant,
        { contentResponseOnWriteEnabled: false },
      );
      expect(result![0]!.resourceBody).toBeUndefined();
      expect(result![0]!.eTag).toBeDefined();
    });
  });
}

/** Sends 101 operations where the client, which counts as well, was given one. */
function longerBatch(operation: OperationInput): object {
  type Next = (request: { body?: unknown; headers: Record<string, unknown> }) => Promise<unknown>;
  const plugin = (request: Parameters<Next>[0], _diagnostics: unknown, next: Next): Promise<unknown> => {
    if (request.headers["x-ms-cosmos-is-batch-request"] === true)
      request.body = JSON.stringify(Array.from({ length: 101 }, () => operation));
    return next(request);
  };
  return { on: "request", plugin };
}
