import { describe, expect, it } from "vitest";
import type { Proposal } from "../../../shared/desired/documents.ts";
import type { Desk, Viewer } from "../../../shared/view/person.ts";
import { proposalModel, type ProposalModel } from "../../../shared/view/proposalModel.ts";
import { proposalNowMs, sampleProposal } from "../../support/proposals.ts";

const approver: Viewer = {
  oid: "00000000-0000-4000-8000-00000000000b",
  roles: new Set(["Steelyard.Reader", "Steelyard.Approver"]),
  csrf: "c",
};
const reader: Viewer = { ...approver, roles: new Set(["Steelyard.Reader"]) };
const desk: Desk = { isNamed: () => true };

const model = (change: Partial<Proposal> = {}, viewer = approver, at: Desk = desk): ProposalModel =>
  proposalModel(sampleProposal(change), viewer, proposalNowMs, at);
const decided = (by: string) => ({ by, verdict: "approve" as const, reason: null, at: "2026-11-18T13:00:00.000Z" });

describe("a proposal, for people", () => {
  it.each<[string, Partial<Proposal>, string, RegExp]>([
    ["waits", {}, "Waits", /2 people to agree, until 18:00; then it expires/],
    ["waits for the last one", { decisions: [decided("x")] }, "Waits", /one more person/],
    ["is over though no pass has said so", { expiresAt: "2026-11-18T14:32:00.000Z" }, "Expired", /asked again/],
    ["has enough", { decisions: [decided("x"), decided("y")] }, "Agreed", /checked and written/],
    ["is being written", { state: "approved" }, "Being put right", /read back/],
    ["is held", { state: "approved", condition: { reason: "Frozen", message: "A freeze." } }, "Held", /A freeze/],
    ["was written", { state: "applied" }, "Put right", /read back/],
    ["was rejected", { state: "rejected" }, "Rejected", /Nothing was written/],
    ["is void", { state: "void" }, "Void", /Nothing was written/],
    ["was refused", { state: "failed" }, "Refused", /Azure refused/],
  ])("that %s says so, and what comes next", (_name, change, word, next) => {
    const { status } = model(change);
    expect(status.word).toBe(word);
    expect(status.next).toMatch(next);
  });

  it.each<[string, ProposalModel, RegExp]>([
    ["a reader", model({}, reader), /signed in as reader.*takes the role Steelyard\.Approver/],
    ["who decided already", model({ decisions: [decided(approver.oid)] }), /You agreed at 13:00\. Somebody else/],
    ["whom the configuration does not name", model({}, approver, { isNamed: () => false }), /NET-01 in prod/],
    ["anybody when it is over", model({ state: "void", live: false }), /Nothing can be decided/],
    ["anybody while the store is away", model({}, approver, { ...desk, readOnly: "Old." }), /^Old\.$/],
  ])("has no button for %s, and says why", (_name, { decide, reject }, why) => {
    for (const permission of [decide, reject])
      expect(permission).toEqual({ may: false, why: expect.stringMatching(why) });
  });

  it("lets nobody decide to leave what they changed, but agree to put it right", () => {
    const { decide, reject } = model({ changedBy: approver.oid });
    expect([decide.may, reject.may]).toEqual([true, false]);
  });

  it("can be taken back when it was written, if a patch can restore what was there", () => {
    expect(model({ state: "applied" }).undo.may).toBe(true);
    expect(model({ state: "applied" }, reader).undo.may).toBe(false);
    expect(model().undo.may).toBe(false);
    const fields = [{ path: "properties.x", before: null, after: 1 }];
    expect(model({ state: "applied", fields }).undo).toEqual({
      may: false,
      why: expect.stringMatching(/absent before/),
    });
  });
});
