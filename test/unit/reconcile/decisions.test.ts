import { describe, expect, it } from "vitest";
import type { Proposal } from "../../../shared/desired/documents.ts";
import { decideProposal } from "../../../shared/reconcile/decisions.ts";
import { undoChange } from "../../../shared/reconcile/undo.ts";
import { overdueKeys } from "../../../shared/reconcile/sweep.ts";
import { dayMs, hourMs } from "../../../shared/kernel/clock.ts";
import { PassBench } from "../../support/passBench.ts";

const approver = "00000000-0000-4000-8000-00000000000b";

async function asked(): Promise<{ bench: PassBench; proposal: Proposal }> {
  const bench = new PassBench();
  await bench.want();
  await bench.pass();
  const [proposal] = await bench.live("proposal");
  return { bench, proposal: proposal! };
}

function decide(bench: PassBench, proposal: string, verdict: "approve" | "reject"): Promise<Proposal> {
  return decideProposal(bench.context, { proposal, verdict, reason: null, hash: undefined, by: approver });
}

describe("a rejected proposal", () => {
  it("stands, is not asked again, and wakes nobody when its time is over", async () => {
    const { bench, proposal } = await asked();
    await decide(bench, proposal.id, "reject");
    await bench.pass();
    bench.nowMs += 100 * hourMs;
    expect(await overdueKeys(bench.context)).toEqual([]);
    await bench.want();
    await bench.pass();
    expect(await bench.live("proposal")).toMatchObject([{ id: proposal.id, state: "rejected" }]);
    expect(bench.arm.sent).toEqual([]);
  });
});

describe("an undo", () => {
  it("holds the standard off for a day, not day after day", async () => {
    const { bench, proposal } = await asked();
    await decide(bench, proposal.id, "approve");
    await bench.pass();
    const undo = () => undoChange(bench.context, { change: proposal.id, reason: "a test runs", by: approver });
    await undo();
    await expect(undo()).rejects.toMatchObject({ name: "Declined", reason: "conflict" });
    await bench.pass();
    expect(bench.access).toBe("Enabled");
    bench.nowMs += dayMs;
    await bench.want();
    await bench.pass();
    const open = await bench.live("proposal");
    expect(open).toMatchObject([{ state: "open" }]);
    await expect(undo()).rejects.toMatchObject({ name: "Declined", reason: "conflict" });
    expect(await bench.live("proposal")).toEqual(open);
  });

  it("that never got to write can be asked for again", async () => {
    const { bench, proposal } = await asked();
    await decide(bench, proposal.id, "approve");
    await bench.pass();
    const undo = () => undoChange(bench.context, { change: proposal.id, reason: "a test runs", by: approver });
    await undo();
    bench.nowMs += dayMs;
    await bench.pass();
    expect(bench.access).toBe("Disabled");
    await undo();
    await bench.pass();
    expect(bench.access).toBe("Enabled");
  });
});
