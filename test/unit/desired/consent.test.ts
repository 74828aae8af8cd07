/** Who has to agree is asked by the rules of now: what was agreed to under others is asked again. */
import { describe, expect, it } from "vitest";
import { isStillAgreed, mayDecide } from "../../../shared/desired/consent.ts";
import { dayMs } from "../../../shared/kernel/clock.ts";
import { Case, startMs } from "../../support/proposalCase.ts";

const frozen = { name: "year end", untilMs: startMs + 30 * dayMs };

/** Approved by one person, and held off by a freeze. */
function agreed(): Case {
  const c = new Case({ frozen });
  c.look();
  c.vote("ann");
  expect(c.look().apply).toEqual([]);
  expect(c.proposal).toMatchObject({ state: "approved", condition: { reason: "Frozen" } });
  return c;
}

describe("what was agreed to", () => {
  it("is written when what held it off is over and the rules are the same", () => {
    const c = agreed();
    c.terms = { ...c.terms, frozen: undefined };
    expect(c.look().apply).toMatchObject([{ agreedBy: ["ann"] }]);
  });

  it("is asked again when more people have to agree by then", () => {
    const c = agreed();
    c.settings = { ...c.settings, quorum: 2 };
    c.terms = { ...c.terms, frozen: undefined };
    expect(c.look().apply).toEqual([]);
    expect(c.ended()).toEqual(["void"]);
    expect(c.proposal).toMatchObject({ state: "open", quorum: 2, decisions: [] });
  });

  it("is asked again when whoever agreed may not any more", () => {
    const c = agreed();
    c.terms = { ...c.terms, frozen: undefined, deciders: { named: ["ben"], escalation: [] } };
    expect(c.look().apply).toEqual([]);
    expect(c.proposal).toMatchObject({ state: "open", decisions: [] });
    c.vote("ben");
    expect(c.look().apply).toMatchObject([{ agreedBy: ["ben"] }]);
  });

  it("is asked with more people while it waits, and keeps what people refused", () => {
    const c = new Case();
    c.look();
    c.settings = { ...c.settings, quorum: 2 };
    c.look();
    expect(c.proposal).toMatchObject({ state: "open", quorum: 2 });
    c.vote("ann", "reject");
    c.settings = { ...c.settings, quorum: 3 };
    c.look();
    expect(c.proposal).toMatchObject({ state: "rejected" });
  });
});

describe("those who may decide", () => {
  const named = { named: ["ann"], escalation: ["eve"] };
  const vote = (by: string) => ({ by, verdict: "approve", reason: null, at: "2026-03-02T10:00:00.000Z" }) as const;

  it("are everybody with the role, or those who are named, or more once it is escalated", () => {
    expect(mayDecide({ named: null, escalation: [] }, { escalated: false }, "zoe")).toBe(true);
    expect(["ann", "eve", "zoe"].map((by) => mayDecide(named, { escalated: false }, by))).toEqual([true, false, false]);
    expect(["ann", "eve", "zoe"].map((by) => mayDecide(named, { escalated: true }, by))).toEqual([true, true, false]);
  });

  it("count once each, and where nobody had to be asked nobody is missed", () => {
    const proposal = { quorum: 1, escalated: true, decisions: [vote("ann"), vote("eve"), vote("ann"), vote("zoe")] };
    expect([1, 2, 3].map((quorum) => isStillAgreed(proposal, quorum, named))).toEqual([true, true, false]);
    expect(isStillAgreed({ ...proposal, quorum: 3 }, 1, named)).toBe(false);
    expect(isStillAgreed({ quorum: 0, escalated: false, decisions: [] }, 3, named)).toBe(true);
  });
});
