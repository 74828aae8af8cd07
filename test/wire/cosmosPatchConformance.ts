/** Conformance of partial updates: the five operations, their limits, and conditions. */
import type { OperationInput } from "@azure/cosmos";
import { describe, expect, test } from "vitest";
import { codeOf, type Suite } from "./cosmosSuite.ts";

export function patchConformance({ items, partition }: Suite): void {
  async function patched(before: object, operations: OperationInput | object): Promise<unknown> {
    const tenant = partition();
    await items().items.create({ id: "a", tenant, v: before });
    const result = await items()
      .item("a", tenant)
      .patch(operations as never);
    const read = await items().item("a", tenant).read();
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
      const { etag } = await items().items.create({ id: "a", tenant, v });
      expect(
        await codeOf(
          items()
            .item("a", tenant)
            .patch(operations as never),
        ),
      ).toBe(400);
      expect((await items().item("a", tenant).read()).etag).toBe(etag);
    });

    test("a condition decides: true applies, false is 412", async () => {
      const tenant = partition();
      await items().items.create({ id: "a", tenant, state: "open", n: 1 });
      const operations = [{ op: "set" as const, path: "/state", value: "closed" }];
      const condition = "FROM c WHERE c.state = 'open' AND c.n < 2";
      expect((await items().item("a", tenant).patch({ operations, condition })).statusCode).toBe(200);
      expect(await codeOf(items().item("a", tenant).patch({ operations, condition }))).toBe(412);
    });
  });
}
