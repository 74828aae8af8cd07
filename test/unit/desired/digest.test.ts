import { describe, expect, it } from "vitest";
import { digestDue, digestFrom, digestOf, type DigestInput } from "../../../shared/desired/digest.ts";
import { PEOPLE_MAX, ROWS_MAX } from "../../../shared/desired/digestLists.ts";
import { missingIntents } from "../../../shared/desired/digestLedger.ts";
import { configKey } from "../../../shared/config/schema.ts";
import { fromIso, hourMs } from "../../../shared/kernel/clock.ts";
import {
  ann,
  bob,
  chain,
  claim,
  finding,
  from,
  held,
  proposal,
  quietDay,
  to,
  write,
} from "../../support/digestBench.ts";

const of = (more: Partial<DigestInput>): ReturnType<typeof digestOf> => digestOf({ ...quietDay, ...more });
const during = "2026-11-20T12:00:00.000Z";

describe("when a digest is due", () => {
  it.each([
    ["2026-11-21T05:59:59.999Z", 6, "2026-11-20T06:00:00.000Z"],
    ["2026-11-21T06:00:00.000Z", 6, "2026-11-21T06:00:00.000Z"],
    ["2026-11-21T23:59:00.000Z", 0, "2026-11-21T00:00:00.000Z"],
    ["2026-03-01T00:07:00.000Z", 23, "2026-02-28T23:00:00.000Z"],
  ])("at %s, made at %i o'clock, it is that of %s", (now, hour, end) => {
    expect(digestDue(hour, fromIso(now))).toEqual({ date: end.slice(0, 10), to: end });
  });

  it.each([
    ["the first", undefined, from],
    ["the day before", from, from],
    ["three days before, after an outage", "2026-11-18T06:00:00.000Z", "2026-11-18T06:00:00.000Z"],
    ["half a day before, after another hour was configured", "2026-11-20T18:00:00.000Z", "2026-11-20T18:00:00.000Z"],
    ["eight days before", "2026-11-13T05:00:00.000Z", from],
    ["later, by a clock that went back", "2026-11-22T06:00:00.000Z", from],
  ])("%s: it begins where the one before ended", (_, before, begins) => {
    expect(digestFrom(before, to)).toBe(begins);
  });
});

describe("a digest", () => {
  it("tells requests and single proposals by standard and environment, the soonest end first", () => {
    const proposals = [
      proposal("NET-01", "prod", { group: "NET-01.prod.v7", presentSince: "2026-03-01T00:00:00.000Z" }),
      proposal("NET-01", "prod", { group: "NET-01.prod.v7", escalated: true }),
      proposal("NET-01", "prod", { expiresAt: "2026-11-22T00:00:00.000Z" }),
      proposal("KEY-01", "prod", { state: "approved" }),
      proposal("KEY-01", "test", { state: "rejected" }),
    ];
    const { waiting, totals } = of({ proposals });
    expect(waiting).toEqual({
      items: [
        {
          standard: "NET-01",
          environment: "prod",
          request: null,
          count: 1,
          oldest: "2026-10-01T00:00:00.000Z",
          expiresAt: "2026-11-22T00:00:00.000Z",
          escalated: 0,
        },
        {
          standard: "NET-01",
          environment: "prod",
          request: "NET-01.prod.v7",
          count: 2,
          oldest: "2026-03-01T00:00:00.000Z",
          expiresAt: "2026-11-23T08:00:00.000Z",
          escalated: 1,
        },
      ],
      total: 2,
    });
    expect(totals.waiting).toBe(3);
  });

  it("counts findings: open, new, not known, waived, and closed in the period", () => {
    const findings = [
      finding("NET-01", "prod"),
      finding("NET-01", "prod", { since: during }),
      finding("NET-01", "prod", { since: "2026-11-21T06:05:00.000Z" }),
      finding("NET-01", "prod", { verdict: "unknown" }),
      finding("NET-01", "prod", { state: "waived", since: during }),
      finding("KEY-01", "test", { live: false, state: "closed" }),
    ];
    const closed = { standard: { kind: "standard", id: "KEY-01", version: 1 }, environment: "test", state: "closed" };
    const entries = chain(
      ["finding", closed, from],
      ["finding", closed, during],
      ["finding", closed, to],
      ["finding", closed, "2026-11-21T06:00:00.001Z"],
      ["finding", { ...closed, state: "open" }, during],
    );
    const digest = of({ findings, entries });
    expect(digest.findings.items).toEqual([
      { standard: "KEY-01", environment: "test", open: 0, unknown: 0, waived: 0, new: 0, closed: 2 },
      { standard: "NET-01", environment: "prod", open: 3, unknown: 1, waived: 1, new: 1, closed: 0 },
    ]);
    expect(digest.totals).toMatchObject({ open: 3, unknown: 1, waived: 1, new: 1, closed: 2 });
    expect(digest.titles).toEqual({ "NET-01": "Title of NET-01", "KEY-01": "Title of KEY-01" });
  });

  it("counts what is held by its reason, once per finding, and names who flaps by object ID", () => {
    const asked = proposal("NET-01", "prod", { state: "approved", condition: held("Refused") });
    const findings = [
      ...["Budget", "Frozen", "OwnedByTemplate", "WrittenByPipeline", "PreconditionUnmet", "Paused", "Conflict"].map(
        (reason) => finding("NET-01", "prod", { condition: held(reason) }),
      ),
      finding("NET-01", "prod", { condition: held("Flapping"), changedBy: bob }),
      finding("NET-01", "test", { condition: held("Flapping"), changedBy: ann }),
      finding("NET-01", "dev", { condition: held("Flapping"), changedBy: null }),
      finding("NET-01", "prod", { condition: held("Budget"), proposal: asked.id }),
      finding("NET-01", "prod", { condition: held("Stalled"), live: false }),
    ];
    const claims = [claim("2026-12-24T00:00:00.000Z", { condition: held("NotEnrolled") })];
    const { held: rows, totals } = of({ findings, claims, proposals: [asked] });
    expect(rows.items.map(({ reason, count }) => [reason, count])).toEqual([
      ["Flapping", 3],
      ["Budget", 1],
      ["Conflict", 1],
      ["Frozen", 1],
      ["NotEnrolled", 1],
      ["OwnedByTemplate", 1],
      ["Paused", 1],
      ["PreconditionUnmet", 1],
      ["Refused", 1],
      ["WrittenByPipeline", 1],
    ]);
    expect(rows.items[0]?.actors).toEqual({ items: [ann, bob], total: 2 });
    expect(totals.held).toBe(12);
  });

  it("tells what was written, unasked or agreed and by whom, and what was taken back", () => {
    const standard = { kind: "standard", id: "NET-01", version: 1 };
    const claimed = { kind: "claim", id: "w-1", version: 1 };
    const entries = [
      ...write("NET-01", [bob, ann]),
      ...write("NET-01", [ann]),
      ...write("NET-01", []),
      ...write("KEY-01", [ann], "byThirdParty"),
      ...chain(
        ["claim", { claim: "w-1", event: "opened", standard, by: bob }],
        ["intent", { id: "w-1", authority: claimed, agreedBy: [bob] }],
        ["outcome", { intent: 2, change: "w-1", result: "applied" }],
        ["claim", { claim: "w-1", event: "ended" }],
      ),
    ];
    const digest = of({ entries });
    expect(digest.written.items).toEqual([
      { standard: "NET-01", unasked: 1, agreed: 2, agreedBy: { items: [ann, bob], total: 2 } },
    ]);
    expect(digest.undone.items).toEqual([{ standard: "NET-01", count: 1, by: { items: [bob], total: 1 } }]);
    expect(digest.totals).toMatchObject({ unasked: 1, agreed: 2, undone: 1 });
  });

  it("knows what a write was for though its intent is of before the period", () => {
    const authority = { kind: "standard", id: "NET-01", version: 1 };
    const [intent, outcome] = chain(
      ["intent", { id: "p", authority, agreedBy: [] }, "2026-11-20T05:59:00.000Z"],
      ["outcome", { intent: 1, change: "p", result: "applied" }, "2026-11-20T06:01:00.000Z"],
    );
    expect(missingIntents([outcome!])).toEqual([{ pk: outcome!.pk, seq: 1 }]);
    expect(of({ entries: [outcome!, intent!] }).totals.unasked).toBe(1);
    expect(missingIntents([outcome!, intent!])).toEqual([]);
  });

  it("tells waivers that end within a day, proposals that ended, changes of the configuration", () => {
    const standard = { kind: "standard", id: "NET-01", version: 1 };
    const voided = { standard, environment: "prod", state: "void", reason: "the target is gone" };
    const expired = { standard, environment: "prod", state: "expired", reason: "nobody decided in time" };
    const applied = { event: "applied", version: 4, by: ann, agreedBy: [bob], changed: 2, reason: "not told" };
    const claims = [
      claim("2026-11-21T20:00:00.000Z", { id: "w-2" }),
      claim("2026-11-21T08:00:00.000Z", { id: "w-1" }),
      claim("2026-11-22T08:00:00.000Z"),
      claim("2026-11-21T09:00:00.000Z", { live: false, state: "stopped" }),
    ];
    const entries = [
      ...chain(["void", voided], ["void", voided], ["void", expired]),
      ...chain(
        ["configuration", { event: "proposed", by: ann }, during, configKey],
        ["configuration", applied, during, configKey],
        ["void", { change: "c-1", hash: "", reason: "version 4 came first" }, during, configKey],
      ),
    ];
    const digest = of({ claims, entries, pendingChanges: [{ id: "c-9", by: ann, expiresAt: to }] });
    expect(digest.waivers.items.map(({ id }) => id)).toEqual(["w-1", "w-2"]);
    const row = { standard: "NET-01", environment: "prod" };
    expect(digest.ended.items).toEqual([
      { ...row, state: "expired", reason: "nobody decided in time", count: 1 },
      { ...row, state: "void", reason: "the target is gone", count: 2 },
    ]);
    expect(digest.configured.items).toEqual([{ version: 4, by: ann, agreedBy: [bob], changed: 2 }]);
    expect(digest.pendingChanges.total).toBe(1);
    expect(digest.totals).toMatchObject({ expired: 1, void: 2 });
  });

  it("is bounded, and says how many there are in all", () => {
    const many = Array.from({ length: ROWS_MAX + 7 }, (_, index) => `e${index}`);
    const oids = many.map((name) => `oid-${name}`);
    const findings = [
      ...many.map((environment) => finding("NET-01", environment)),
      ...oids.map((changedBy) => finding("NET-01", "prod", { condition: held("Flapping"), changedBy })),
    ];
    const digest = of({ findings, proposals: many.map((environment) => proposal("NET-01", environment)) });
    expect([digest.findings.items.length, digest.findings.total]).toEqual([ROWS_MAX, ROWS_MAX + 8]);
    expect([digest.waiting.items.length, digest.totals.waiting]).toEqual([ROWS_MAX, ROWS_MAX + 7]);
    expect(digest.totals.open).toBe(findings.length);
    expect(digest.held.items[0]?.actors.items).toHaveLength(PEOPLE_MAX);
    expect(digest.held.items[0]?.actors.total).toBe(ROWS_MAX + 7);
  });

  it("says that an entry is not understood, and goes on", () => {
    const entries = [...chain(["void", { proposal: "p-1" }]), ...write("NET-01", [])];
    const digest = of({ entries, problems: [held("SweepLate")] });
    expect(digest.problems.items.map(({ reason }) => reason)).toEqual(["EntriesNotUnderstood", "SweepLate"]);
    expect(digest.totals.unasked).toBe(1);
  });

  it("of a day without anything has nothing in any list", () => {
    const { totals, titles, atLeast, ...digest } = of({});
    const lists = Object.values(digest).filter((value) => typeof value === "object");
    expect(lists).toEqual(lists.map(() => ({ items: [], total: 0 })));
    expect([new Set(Object.values(totals)), titles, atLeast]).toEqual([new Set([0]), {}, []]);
  });

  it("is made at another hour when that is configured", () => {
    expect(digestDue(18, fromIso(to)).to).toBe("2026-11-20T18:00:00.000Z");
    expect(fromIso(digestDue(6, fromIso(to) + 17 * hourMs).to)).toBe(fromIso(to));
  });
});
