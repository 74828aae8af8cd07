/** The digest over the store in memory: one a day, however many try and whatever was missed; little is read for it. */
import { beforeEach, describe, expect, it } from "vitest";
import { dayMs, fromIso, hourMs, toIso } from "../../../shared/kernel/clock.ts";
import { makeDigest, readDigest, READ_MAX, type DigestDocument } from "../../../shared/reconcile/digest.ts";
import { decideProposal } from "../../../shared/reconcile/decisions.ts";
import { undoChange } from "../../../shared/reconcile/undo.ts";
import { digestText } from "../../../shared/view/digestText.ts";
import { ann, bob, claim } from "../../support/digestBench.ts";
import { PassBench, subscriptionId } from "../../support/passBench.ts";

let bench: PassBench;
let reads: string[];

beforeEach(() => {
  bench = new PassBench();
  reads = [];
  const { store } = bench;
  const [read, query] = [store.read.bind(store), store.query.bind(store)];
  store.read = (container, pk, id) => {
    reads.push(id);
    return read(container, pk, id);
  };
  store.query = (question) => {
    reads.push(question.kinds.join());
    return query(question);
  };
});

const make = (memory = {}) => makeDigest(bench.context, memory);

async function kept(): Promise<DigestDocument[]> {
  const query = { container: "state", kinds: ["digest"], orderBy: { path: "date" }, pageSize: 1_000 } as const;
  return [...(await bench.store.query<DigestDocument>(query)).items];
}

describe("one digest a day", () => {
  it("is made by one of two instances that try at the same time", async () => {
    const made = await Promise.all([make(), make()]);
    expect(made.filter((digest) => digest !== undefined)).toHaveLength(1);
    expect(await kept()).toMatchObject([
      { id: "digest-2026-11-21", pk: "digests", kind: "digest", ttl: 366 * 24 * 3600, date: "2026-11-21" },
    ]);
    expect(await make()).toBeUndefined();
  });

  it("comes once a day, each from where the last one ended", async () => {
    const instances = [{}, {}];
    for (let hour = 0; hour < 72; hour += 1) {
      for (const memory of instances) await make(memory);
      bench.nowMs += hourMs;
    }
    const periods = (await kept()).map(({ from, to }) => [from.slice(8, 13), to.slice(8, 13)]);
    expect(periods).toEqual([
      ["20T06", "21T06"],
      ["21T06", "22T06"],
      ["22T06", "23T06"],
      ["23T06", "24T06"],
    ]);
  });

  it("after an outage of three days is one, of all that time", async () => {
    await make();
    bench.nowMs += 3 * dayMs;
    await make();
    expect((await kept()).map(({ date, from }) => [date, from])).toEqual([
      ["2026-11-21", "2026-11-20T06:00:00.000Z"],
      ["2026-11-24", "2026-11-21T06:00:00.000Z"],
    ]);
  });

  it("is neither doubled nor left out when another hour is configured", async () => {
    const memory = {};
    await make(memory);
    bench.config = { ...bench.config, digestHour: 18 };
    bench.nowMs = fromIso("2026-11-21T18:07:00.000Z");
    expect(await make(memory)).toBeUndefined();
    bench.nowMs += dayMs;
    expect(await make(memory)).toMatchObject({ from: "2026-11-21T06:00:00.000Z", to: "2026-11-22T18:00:00.000Z" });
  });

  it("costs the reading of the configuration alone while none is due", async () => {
    const memory = {};
    await make(memory);
    reads = [];
    for (let hour = 0; hour < 19; hour += 1) {
      bench.nowMs += hourMs;
      await make(memory);
    }
    expect(reads).toEqual([]);
    await make({});
    expect(reads).toEqual(["digest-2026-11-21"]);
  });

  it("is not made when the record cannot be read, and an hour later is", async () => {
    const { store } = bench;
    const query = store.query.bind(store);
    store.query = () => Promise.reject(new Error("away"));
    const memory = {};
    await expect(make(memory)).rejects.toThrow("away");
    store.query = query;
    bench.nowMs += hourMs;
    expect(await make(memory)).toMatchObject({ date: "2026-11-21" });
  });
});

it("tells what passes and people did", async () => {
  bench.config = {
    version: 3,
    subscriptions: [{ id: subscriptionId, name: "corp", archetype: "corp", level: "approve" }],
    standards: [{ id: "NET-01", mode: "approve" }],
  };
  await bench.want();
  await bench.pass();
  const [asked] = await bench.live("proposal");
  const decision = { proposal: asked!.id, verdict: "approve", reason: null, hash: undefined, by: ann } as const;
  await decideProposal(bench.context, decision);
  await bench.pass();
  await undoChange(bench.context, { change: asked!.id, reason: "nobody reads this here", by: bob });
  await bench.pass();
  bench.nowMs = fromIso("2026-11-22T06:07:00.000Z");
  const digest = await make();
  expect(digest).toMatchObject({
    totals: { waiting: 0, open: 0, waived: 1, new: 0, closed: 1, agreed: 1, unasked: 0, undone: 1, held: 0 },
    written: { items: [{ standard: "NET-01", agreed: 1, agreedBy: { items: [ann] } }] },
    undone: { items: [{ standard: "NET-01", by: { items: [bob] } }] },
    waivers: { items: [{ target: bench.key, by: bob }] },
  });
  expect(digest).toEqual(await readDigest(bench.store, "2026-11-22"));
  expect(digestText(digest!)).not.toContain("nobody reads this");
});

it("says of what there was more than one digest is made from", async () => {
  const until = toIso(bench.nowMs + hourMs);
  for (let at = 0; at <= READ_MAX.claims; at += 1) {
    const document = claim(until, { pk: bench.pk });
    bench.store.writeNow("state", bench.pk, [{ kind: "create", document }]);
  }
  const digest = await make();
  expect([digest?.atLeast, digest?.waivers.total]).toEqual([["claims"], READ_MAX.claims]);
});

it("leaves out what cannot be read, and says so", async () => {
  const broken = { ...claim(toIso(bench.nowMs + hourMs), { pk: bench.pk }), until: null };
  bench.store.writeNow("state", bench.pk, [{ kind: "create", document: broken }]);
  expect((await make())?.problems.items.map(({ reason }) => reason)).toContain("Corrupt");
});
