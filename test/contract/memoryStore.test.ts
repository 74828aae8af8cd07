import { describe, expect, it } from "vitest";
import { MemoryStore } from "../support/memoryStore.ts";
import { storeContract } from "./store.ts";

storeContract("in memory", async () => {
  let nowMs = 0;
  const forward = (seconds: number): void => {
    nowMs += 1_000 * seconds;
  };
  return { store: new MemoryStore(() => nowMs), forward, close: async () => {} };
});

describe("the memory store is strict", () => {
  const document = { id: "a", pk: "p", kind: "k" };

  it("refuses what Cosmos DB calls a bad request", async () => {
    const store = new MemoryStore();
    await store.write("state", "p", [{ kind: "create", document }]);
    const patch = { kind: "patch", id: "a" } as const;
    await expect(store.write("state", "p", [])).rejects.toThrow("found 0 operations");
    await expect(store.write("state", "p", [patch])).rejects.toThrow("found 0 fields");
    await expect(store.write("state", "p", [{ ...patch, set: { id: "b" } }])).rejects.toThrow("cannot be patched");
    await expect(store.write("state", "q", [{ kind: "upsert", document }])).rejects.toThrow("expected q");
    const ttl = store.write("state", "p", [{ kind: "upsert", document: { ...document, ttl: 0.5 } }]);
    await expect(ttl).rejects.toThrow("found ttl 0.5");
    await expect(store.read("state", "p", "a/b")).rejects.toThrow("without /");
    await expect(store.read("stat" as never, "p", "a")).rejects.toThrow("no container");
    await expect(store.query({ container: "state", kinds: ["k"], pageSize: 0 })).rejects.toThrow("page size");
  });

  it("hands out documents that nobody can change in place", async () => {
    const store = new MemoryStore();
    await store.write("state", "p", [{ kind: "create", document }]);
    const read = await store.read<{ id: string; pk: string; kind: string }>("state", "p", "a");
    const kept: { kind: string } | undefined = read?.document;
    expect(() => Object.assign(kept ?? {}, { kind: "other" })).toThrow(TypeError);
  });

  it("refuses a continuation of another query", async () => {
    const store = new MemoryStore();
    await store.write("state", "p", [
      { kind: "create", document },
      { kind: "create", document: { ...document, id: "b" } },
    ]);
    const { continuation = "" } = await store.query({ container: "state", kinds: ["k"], pageSize: 1 });
    const other = store.query({ container: "state", pk: "p", kinds: ["k"], pageSize: 1, continuation });
    await expect(other).rejects.toThrow("another query");
  });
});
