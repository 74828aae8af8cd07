import { describe, expect, it } from "vitest";
import type { Observation, PastObservation } from "../../../shared/desired/documents.ts";
import { observed, PASTS_PER_DAY, type Seen } from "../../../shared/desired/history.ts";
import type { ResourceId } from "../../../shared/estate/resourceId.ts";

const key = "/subscriptions/s/accounts/a" as ResourceId;
const minute = 60_000;
const startMs = Date.UTC(2026, 10, 21, 10);

function seen(atMs: number, body: Seen["body"], more: Partial<Seen> = {}): Seen {
  return {
    id: "observation",
    pk: "p",
    kind: "observation",
    key,
    target: key,
    subscriptionId: "s",
    body,
    members: {},
    unread: {},
    principals: {},
    at: new Date(atMs).toISOString(),
    ...more,
  };
}

const isPast = (one: Observation | PastObservation): one is PastObservation => one.kind === "pastObservation";

/** Stores what each look gives to store, as a partition would. */
class Kept {
  now: Observation | undefined;
  readonly pasts = new Map<string, PastObservation>();

  look(next: Seen): number {
    const documents = observed(this.now, next);
    for (const document of documents) {
      if (isPast(document)) this.pasts.set(document.id, document);
      else this.now = document;
    }
    return documents.length;
  }
}

describe("what was seen before", () => {
  it("is kept when something else is seen, for 90 days from then", () => {
    const kept = new Kept();
    kept.look(seen(startMs, { n: 1 }));
    kept.look(seen(startMs + minute, { n: 2 }));
    expect(kept.now).toMatchObject({ body: { n: 2 }, since: "2026-11-21T10:01:00.000Z" });
    expect([...kept.pasts.values()]).toEqual([
      {
        id: "past-2026-11-21T10:00:00.000Z",
        pk: "p",
        kind: "pastObservation",
        key,
        target: key,
        subscriptionId: "s",
        body: { n: 1 },
        members: {},
        unread: {},
        principals: {},
        since: "2026-11-21T10:00:00.000Z",
        until: "2026-11-21T10:01:00.000Z",
        ttl: 7_776_000,
      },
    ]);
  });

  it("needs nothing to be stored when the same is seen again", () => {
    const kept = new Kept();
    expect(kept.look(seen(startMs, { n: 1 }))).toBe(1);
    expect(kept.look(seen(startMs + minute, { n: 1 }))).toBe(0);
    kept.look(seen(startMs + 2 * minute, { n: 2 }));
    expect(kept.look(seen(startMs + 2 * minute, { n: 2 }))).toBe(0);
    expect(kept.pasts.size).toBe(1);
  });

  it("is not kept for what only was written again, at the account or below it", () => {
    const kept = new Kept();
    const written = (atMs: number, by: string, etag: string): Seen => {
      const body = { n: 1, etag, systemData: { createdAt: "2025", lastModifiedAt: `${atMs}`, lastModifiedBy: by } };
      return seen(atMs, body, { members: { deployments: [body] } });
    };
    kept.look(written(startMs, "x", "1"));
    expect(kept.look(written(startMs + minute, "y", "2"))).toBe(1);
    expect(kept.pasts.size).toBe(0);
    expect(kept.now).toMatchObject({ body: { etag: "2" }, since: "2026-11-21T10:00:00.000Z" });
  });

  it("tells of an account that was not there, and of a list that was not read", () => {
    const kept = new Kept();
    kept.look(seen(startMs, { n: 1 }));
    kept.look(seen(startMs + minute, null));
    kept.look(seen(startMs + 2 * minute, { n: 1 }, { unread: { locks: "Forbidden" } }));
    kept.look(seen(startMs + 3 * minute, { n: 1 }));
    const told = [...kept.pasts.values()].map(({ body, unread }) => [body, unread]);
    expect(told).toEqual([
      [{ n: 1 }, {}],
      [null, {}],
      [{ n: 1 }, { locks: "Forbidden" }],
    ]);
  });

  it("is kept so often on one day and no more, and again on the next", () => {
    const kept = new Kept();
    for (let n = 0; n < 3 * PASTS_PER_DAY; n += 1) kept.look(seen(startMs + n * minute, { n }));
    expect(kept.pasts.size).toBe(PASTS_PER_DAY);
    expect(kept.now).toMatchObject({ body: { n: 3 * PASTS_PER_DAY - 1 }, since: kept.now?.at });
    kept.look(seen(startMs + 24 * 60 * minute, { n: -1 }));
    expect(kept.pasts.size).toBe(PASTS_PER_DAY + 1);
  });

  it("never stood for less than no time, though a clock goes back", () => {
    const kept = new Kept();
    kept.look(seen(startMs, { n: 1 }));
    kept.look(seen(startMs - 5 * minute, { n: 2 }));
    expect(kept.pasts.size).toBe(0);
    expect(kept.now).toMatchObject({ body: { n: 2 }, since: "2026-11-21T10:00:00.000Z" });
    kept.look(seen(startMs + minute, { n: 3 }));
    expect([...kept.pasts.values()]).toMatchObject([{ body: { n: 2 }, since: "2026-11-21T10:00:00.000Z" }]);
  });

  it("leaves out the longest lists where two looks come near to what one transaction takes", () => {
    const list = (count: number): { n: string }[] => Array.from({ length: count }, () => ({ n: "x".repeat(990) }));
    const kept = new Kept();
    kept.look(seen(startMs, { n: 1 }, { members: { deployments: list(700), locks: list(3) } }));
    kept.look(seen(startMs + minute, { n: 2 }, { members: { deployments: list(699), locks: list(3) } }));
    const [past] = kept.pasts.values();
    expect(past).toMatchObject({ unread: { deployments: "TooLarge" } });
    expect(Object.keys(past?.members ?? {})).toEqual(["locks"]);
    expect(Object.keys(kept.now?.members ?? {})).toEqual(["deployments", "locks"]);
  });

  it("goes on from what an earlier version had stored", () => {
    const documents = observed(seen(startMs, { n: 1 }), seen(startMs + minute, { n: 2 }));
    expect(documents.map(({ kind, since }) => [kind, since])).toEqual([
      ["observation", "2026-11-21T10:01:00.000Z"],
      ["pastObservation", "2026-11-21T10:00:00.000Z"],
    ]);
  });
});
