import { beforeEach, describe, expect, it } from "vitest";
import type { Seal } from "../../../shared/ledger/seal.ts";
import { beat } from "../../../shared/reconcile/heartbeat.ts";
import { sealHeads, type SealMemory } from "../../../shared/reconcile/sealing.ts";
import { overdue } from "../../../shared/reconcile/sweep.ts";
import { storeStep } from "../../../shared/reconcile/writerStore.ts";
import type { ResourceId } from "../../../shared/estate/resourceId.ts";
import type { Page, Query, StoredDocument } from "../../../shared/ports/store.ts";
import { minuteMs } from "../../../shared/kernel/clock.ts";
import { newWriter, record, type Writer } from "../../../shared/writer/writer.ts";
import { MemoryStore } from "../../support/memoryStore.ts";
import { PassBench } from "../../support/passBench.ts";

/** Counts what queries hand out. */
class CountingStore extends MemoryStore {
  handed = 0;
  override async query<T extends StoredDocument>(query: Query): Promise<Page<T>> {
    const page = await super.query<T>(query);
    this.handed += page.items.length;
    return page;
  }
}

const bench = new PassBench();
let store: CountingStore;
let context: PassBench["context"];

beforeEach(() => {
  store = new CountingStore();
  context = { ...bench.context, store };
});

const keys = Array.from({ length: 30 }, (_, index) => `${bench.key}-${index}` as ResourceId);

/** Appends one entry to the chain of a key. */
async function move(key: ResourceId): Promise<void> {
  const fresh = newWriter(key);
  await store.write("state", fresh.pk, [{ kind: "create", document: fresh }]);
  const writer = (await store.read<Writer>("state", fresh.pk, fresh.id))?.document ?? fresh;
  const step = record(writer, [{ type: "intent", body: {} }], context.clock.now());
  expect(await storeStep(store, writer, step)).toBeDefined();
}

/** A run of the sweeper, which tells the sealing what it found, and its heartbeat. */
async function minute(memory: SealMemory): Promise<number> {
  bench.nowMs += minuteMs;
  const { lately } = await overdue(context, memory);
  const count = await sealHeads(context, memory, lately);
  await beat(context, []);
  return count;
}

function sealed(): Record<string, number> {
  const heads: Record<string, number> = {};
  for (const document of store.documents("seals")) {
    if (document["kind"] !== "seal") continue;
    for (const [pk, { seq }] of Object.entries((document as unknown as Seal).heads)) heads[pk] = seq;
  }
  return heads;
}

describe("sealing", () => {
  it("hands out no writer in a minute in which none was written", async () => {
    const memory: SealMemory = {};
    for (const key of keys) await move(key);
    expect(await minute(memory)).toBe(keys.length);
    await minute(memory);
    store.handed = 0;
    for (let count = 0; count < 10; count += 1) expect(await minute(memory)).toBe(0);
    // The heartbeat of each minute, and nothing else.
    expect(store.handed).toBe(10);
  });

  it("seals in its minute what moved, whoever moved it and whoever sealed before", async () => {
    const memories: SealMemory[] = [{}, {}];
    let moved = 0;
    for (let count = 0; count < 200; count += 1) {
      const memory = memories[Math.floor(count / 3) % 2] as SealMemory;
      const expected = new Set(count % 5 === 0 ? [] : [keys[count % keys.length], keys[(count * 7) % keys.length]]);
      for (const key of expected) if (key !== undefined) await move(key);
      moved += expected.size;
      expect(await minute(memory)).toBe(expected.size);
    }
    expect(Object.values(sealed()).reduce((sum, seq) => sum + seq, 0)).toBe(moved);
  });

  it("seals in the next minute what another job kept it from sealing", async () => {
    const memory: SealMemory = {};
    await move(keys[0] as ResourceId);
    expect(await minute(memory)).toBe(1);
    await minute(memory);
    await move(keys[1] as ResourceId);
    const other = new CountingStore();
    const losing = { ...context, store: Object.assign(other, { read: store.read.bind(store) }) };
    other.query = store.query.bind(store);
    other.write = async () => ({ ok: false, index: 0, reason: "exists" });
    expect(await sealHeads(losing, memory)).toBe(0);
    expect(await minute(memory)).toBe(1);
  });

  it("looks at all writers again within the hour, should the store's mark have missed one", async () => {
    const memory: SealMemory = {};
    await move(keys[0] as ResourceId);
    await minute(memory);
    await minute(memory);
    await move(keys[1] as ResourceId);
    // As if the store had put the write further back than its marks allow for.
    const mark = (await store.query({ container: "state", kinds: ["writer"], since: null, pageSize: 9 })).mark;
    memory.mark = mark;
    let minutes = 0;
    while ((await minute(memory)) === 0 && minutes < 100) minutes += 1;
    expect(minutes).toBeGreaterThan(1);
    expect(minutes).toBeLessThanOrEqual(60);
  });
});
