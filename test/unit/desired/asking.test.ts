/** What becomes of the proposals of one standard on one account, decision by decision. */
import { describe, expect, it } from "vitest";
import { isAgreed } from "../../../shared/desired/asking.ts";
import type { Guard } from "../../../shared/desired/guard.ts";
import type { Terms } from "../../../shared/desired/terms.ts";
import { dayMs, hourMs, minuteMs, toIso } from "../../../shared/kernel/clock.ts";
import { Case, path, startMs } from "../../support/proposalCase.ts";

const frozen = { name: "year end", untilMs: startMs + 30 * dayMs };

describe("a proposal that nobody decides", () => {
  it("is asked, escalated, expired and asked again, each at its time and once", () => {
    const c = new Case();
    c.look();
    const first = c.proposal;
    expect(first).toMatchObject({ state: "open", quorum: 1, escalated: false, wakeAt: toIso(startMs + dayMs) });
    c.after(dayMs - 1);
    expect(c.events).toEqual(["asked"]);
    c.after(1);
    expect(c.proposal).toMatchObject({ id: first.id, escalated: true, escalateAt: null, wakeAt: first.expiresAt });
    c.after(2 * dayMs - 1);
    expect(c.events).toEqual(["asked", "escalated"]);
    c.after(1);
    expect(c.events).toEqual(["asked", "escalated", "expired", "asked"]);
    expect(c.ended()).toEqual(["expired"]);
    expect(c.proposal).toMatchObject({ state: "open", escalated: false, askedAt: toIso(c.nowMs), decisions: [] });
    expect(c.proposal.id).not.toBe(first.id);
    expect(c.finding.proposal).toBe(c.proposal.id);
  });

  it("is not escalated where it would be over by then, or where nobody is named", () => {
    for (const escalateAfterHours of [undefined, 72, 100]) {
      const c = new Case();
      c.settings = { ...c.settings, escalateAfterHours };
      c.look();
      expect(c.proposal).toMatchObject({ escalateAt: null, wakeAt: toIso(startMs + 72 * hourMs) });
    }
  });

  it("seen only when both times are over is expired, not escalated", () => {
    const c = new Case();
    c.look();
    c.after(10 * dayMs);
    expect(c.events).toEqual(["asked", "expired", "asked"]);
  });

  it("is not asked again while nothing may be written, and then is", () => {
    const c = new Case();
    c.look();
    c.settings = { ...c.settings, paused: true };
    c.look();
    expect(c.proposal).toMatchObject({ state: "open", condition: { reason: "Paused" } });
    c.after(3 * dayMs);
    expect(c.live).toEqual([]);
    expect(c.finding).toMatchObject({ proposal: null, condition: { reason: "Paused" } });
    c.settings = { ...c.settings, paused: false };
    c.look();
    expect(c.events).toEqual(["asked", "expired", "asked"]);
    expect(c.finding.condition).toBeNull();
  });

  it("that was approved in time holds though it is seen later; one approval of two does not", () => {
    for (const quorum of [1, 2]) {
      const c = new Case();
      c.settings = { ...c.settings, quorum };
      c.look();
      const { id } = c.proposal;
      c.nowMs += 72 * hourMs - 1;
      c.vote("anna");
      const { apply } = c.after(hourMs);
      expect(apply.map((change) => [change.id, change.agreedBy])).toEqual(quorum === 1 ? [[id, ["anna"]]] : []);
      expect(c.proposal.id === id).toBe(quorum === 1);
    }
  });
});

describe("agreement", () => {
  const of = (quorum: number, ...votes: [string, "approve" | "reject"][]) =>
    isAgreed({ quorum, decisions: votes.map(([by, verdict]) => ({ by, verdict, reason: null, at: toIso(startMs) })) });

  it("takes so many different people, and no rejection", () => {
    expect(of(2, ["a", "approve"], ["b", "approve"])).toBe(true);
    expect(of(2, ["a", "approve"], ["a", "approve"])).toBe(false);
    expect(of(1, ["a", "approve"], ["b", "reject"])).toBe(false);
    expect(of(1)).toBe(false);
    expect(of(0)).toBe(true);
    expect(of(0, ["b", "reject"])).toBe(false);
  });
});

type Standing = "open" | "agreed" | "rejected" | "failed" | "unasked" | "unasked and failed";

/** A case with a proposal in a state, in the mode in which it comes about; what was agreed to waits for a freeze to end. */
function standing(state: Standing): Case {
  const c = new Case({ mode: state.startsWith("unasked") ? "enforce" : "approve", frozen });
  c.look();
  if (state === "agreed" || state === "failed") c.vote("anna");
  if (state === "rejected") c.vote("anna", "reject");
  c.look();
  if (state.endsWith("failed")) c.edit({ state: "failed", wakeAt: null });
  c.look();
  return c;
}

/** What a mode makes of what stands: `kept`, or void and `gone`, `asked` anew, or put forward `unasked`. */
function fate(c: Case, mode: Terms["mode"]): string {
  const { id } = c.proposal;
  c.terms = { ...c.terms, mode };
  c.look();
  if (c.live.length === 0) return "gone";
  if (c.proposal.id === id) return "kept";
  return c.ended().join() === "void" && c.proposal.unasked === null ? "asked" : "unasked";
}

describe("a mode that changes while something stands", () => {
  it.each<[Standing, string, string, string]>([
    ["open", "gone", "kept", "unasked"],
    ["agreed", "gone", "kept", "kept"],
    ["rejected", "gone", "kept", "unasked"],
    ["failed", "gone", "kept", "kept"],
    ["unasked", "gone", "asked", "kept"],
    ["unasked and failed", "gone", "asked", "kept"],
  ])("%s: in audit it is %s, in approve %s, in enforce %s", (state, audit, approve, enforce) => {
    const found = (["audit", "approve", "enforce"] as const).map((mode) => fate(standing(state), mode));
    expect(found).toEqual([audit, approve, enforce]);
  });

  it("puts forward what was agreed to, and what nobody is asked about, when the freeze is over", () => {
    for (const [state, agreedBy] of [
      ["agreed", ["anna"]],
      ["unasked", []],
    ] as const) {
      const c = standing(state);
      expect(c.proposal).toMatchObject({ condition: { reason: "Frozen" }, wakeAt: toIso(frozen.untilMs) });
      c.nowMs = frozen.untilMs;
      c.terms = { ...c.terms, frozen: undefined };
      expect(c.look().apply).toMatchObject([{ id: c.proposal.id, agreedBy }]);
      expect(c.proposal).toMatchObject({ condition: null, wakeAt: null });
    }
  });

  it("keeps approvals when it is raised, and writes only with them when it comes down again", () => {
    const c = standing("agreed");
    const { id } = c.proposal;
    expect([fate(c, "enforce"), fate(c, "approve")]).toEqual(["kept", "kept"]);
    c.terms = { ...c.terms, frozen: undefined };
    expect(c.look().apply).toMatchObject([{ id, agreedBy: ["anna"] }]);
  });
});

describe("what was rejected", () => {
  it("stays so, however long nothing changes", () => {
    const c = standing("rejected");
    const { id } = c.proposal;
    c.after(1000 * dayMs);
    expect(c.proposal).toMatchObject({ id, state: "rejected", wakeAt: null });
    c.settings = { ...c.settings, paused: true };
    c.look();
    c.settings = { ...c.settings, paused: false };
    expect(c.look().apply).toEqual([]);
    expect(c.proposal.id).toBe(id);
  });

  it.each<[string, (c: Case) => void]>([
    ["the value is another one", (c) => (c.access = "SecuredByPerimeter")],
    ["the standard has another version", (c) => (c.version = 2)],
    [
      "it was right meanwhile",
      (c) => {
        c.access = "Disabled";
        c.look();
        c.access = "Enabled";
      },
    ],
    [
      "the standard was in audit meanwhile",
      (c) => {
        c.terms = { ...c.terms, mode: "audit" };
        c.look();
        c.terms = { ...c.terms, mode: "approve" };
      },
    ],
  ])("is asked again when %s", (_name, happen) => {
    const c = standing("rejected");
    const { id } = c.proposal;
    happen(c);
    c.look();
    expect(c.proposal).toMatchObject({ state: "open", decisions: [] });
    expect(c.proposal.id).not.toBe(id);
  });

  it("in spite of which nobody would have had to be asked is not written unasked when the reason is over", () => {
    const c = new Case({ mode: "enforce" });
    c.fight();
    c.look();
    expect(c.proposal).toMatchObject({ state: "open", quorum: 1, condition: { reason: "Flapping" } });
    c.vote("anna", "reject");
    expect(c.after(2 * dayMs).apply).toEqual([]);
    expect(c.proposal.state).toBe("rejected");
  });

  it("and what waits in spite of an enforced standard is written unasked only when the reason is over", () => {
    const c = new Case({ mode: "enforce" });
    c.fight();
    expect(c.look().apply).toEqual([]);
    expect(c.after(dayMs - 3 * hourMs).apply).toEqual([]);
    const { id } = c.proposal;
    const { apply } = c.after(3 * hourMs);
    expect(apply).toHaveLength(1);
    expect(apply[0]?.id).not.toBe(id);
    expect(c.proposal.unasked).toBe("enforced");
  });
});

describe("what is held", () => {
  it.each<[string, (c: Case) => void]>([
    ["Paused", (c) => (c.settings = { ...c.settings, paused: true })],
    ["PreconditionUnmet", (c) => (c.unmet = "No private endpoint is approved.")],
    ["OwnedByTemplate", (c) => (c.terms = { ...c.terms, owned: [path] })],
  ])("is not asked about, and not written though it was agreed to: %s", (reason, hold) => {
    const fresh = new Case();
    hold(fresh);
    fresh.look();
    expect(fresh.live).toEqual([]);
    expect(fresh.finding).toMatchObject({ condition: { reason }, proposal: null });
    expect(fresh.finding.patch === null).toBe(reason !== "OwnedByTemplate");

    const agreed = standing("agreed");
    agreed.terms = { ...agreed.terms, frozen: undefined };
    hold(agreed);
    expect(agreed.look().apply).toEqual([]);
    expect(agreed.proposal).toMatchObject({ state: "approved", condition: { reason }, wakeAt: null });
  });
});

describe("what was there when the mode was raised", () => {
  const activation = { mode: "approve", version: 7, at: toIso(startMs - hourMs) } as const;
  const before = toIso(startMs - 2 * hourMs);
  it.each<[string, Partial<Case>, Partial<Terms>, string | null, string]>([
    ["before it", { changedAt: before }, { activation }, "NET-01.prod.v7", "NET-01.prod.v7"],
    ["just then", { changedAt: activation.at }, { activation }, null, "NET-01.prod.2026-03-02"],
    ["after it", { changedAt: toIso(startMs - 1) }, { activation }, null, "NET-01.prod.2026-03-02"],
    ["since nobody knows when", {}, { activation }, null, "NET-01.prod.2026-03-02"],
    [
      "since a time that is yet to come",
      { changedAt: toIso(startMs + dayMs) },
      { activation },
      null,
      "NET-01.prod.2026-03-02",
    ],
    ["with no activation on record", { changedAt: before }, {}, null, "NET-01.prod.2026-03-02"],
    ["of a pipeline", { changedAt: before, pipeline: "main" }, { activation }, null, "NET-01.prod.v7"],
    ["and nobody is asked", { changedAt: before }, { activation, mode: "enforce" }, null, "NET-01.prod.v7"],
  ])("is asked in one request, if at all: %s", (_name, change, terms, group, run) => {
    const c = Object.assign(new Case(terms), change);
    c.look();
    expect(c.proposal).toMatchObject({ group, run });
  });

  it("is asked by itself when it is fought over", () => {
    const c = new Case({ activation: { ...activation, at: toIso(startMs) }, mode: "enforce" });
    c.changedAt = toIso(startMs - 1);
    c.guard({ repairs: [1, 2, 3].map((hours) => ({ by: null, at: toIso(startMs - hours * hourMs) })) });
    c.look();
    expect(c.proposal).toMatchObject({ group: null, run: "NET-01.prod.v7", state: "open" });
  });

  it("was not there all the time where it was put right since", () => {
    const c = new Case({ activation });
    c.changedAt = before;
    c.guard({ repairs: [{ by: null, at: toIso(startMs - hourMs / 2) }] });
    c.look();
    expect(c.proposal).toMatchObject({ group: null, run: "NET-01.prod.2026-03-02", presentSince: toIso(startMs) });
  });

  it("was found before the mode was raised, and keeps that time when it is asked again", () => {
    const c = new Case({ mode: "audit" });
    c.look();
    c.terms = { ...c.terms, mode: "approve", activation: { ...activation, at: toIso(startMs + hourMs) } };
    c.after(2 * hourMs);
    expect(c.proposal).toMatchObject({ group: "NET-01.prod.v7", presentSince: toIso(startMs) });
    c.after(3 * dayMs);
    expect(c.proposal).toMatchObject({
      group: "NET-01.prod.v7",
      presentSince: toIso(startMs),
      askedAt: toIso(c.nowMs),
    });
  });
});

describe("what is put back", () => {
  const verified = [{ path, value: "Disabled" }];
  it.each<[string, Partial<Guard>, string | null]>([
    ["is written unasked though it can cut traffic", { verified }, "putBack"],
    ["is asked where it was never verified", {}, null],
    ["is asked on another account of the same name", { verified, createdAt: "2026-03-02T09:00:00.000Z" }, null],
  ])("%s", (_name, guard, unasked) => {
    const c = new Case({ mode: "enforce" });
    c.safety = "R";
    c.guard(guard);
    expect(c.look().apply).toHaveLength(unasked === null ? 0 : 1);
    expect(c.proposal.unasked).toBe(unasked);
  });
});

describe("a target that Azure does not let us see", () => {
  it("calls off nothing that was agreed to, and is looked at again before long", () => {
    const c = standing("agreed");
    c.terms = { ...c.terms, frozen: undefined };
    c.unreadable = true;
    expect(c.after(dayMs).apply).toEqual([]);
    expect(c.proposal).toMatchObject({ state: "approved", condition: { reason: "Unknown" } });
    expect(c.proposal.wakeAt).toBe(toIso(c.nowMs + 15 * minuteMs));
    c.unreadable = false;
    expect(c.look().apply).toHaveLength(1);
  });

  it("escalates and ends what waits for people, and asks nothing", () => {
    const c = new Case();
    c.look();
    c.unreadable = true;
    c.after(dayMs);
    c.after(2 * dayMs);
    expect(c.events).toEqual(["asked", "escalated", "expired"]);
    expect(c.finding).toMatchObject({ verdict: "unknown", proposal: null });
  });
});
