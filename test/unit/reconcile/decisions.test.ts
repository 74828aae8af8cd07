import { describe, expect, it } from "vitest";
import type { ConfigInput } from "../../../shared/config/schema.ts";
import type { Proposal } from "../../../shared/desired/documents.ts";
import { decideProposal } from "../../../shared/reconcile/decisions.ts";
import { undoChange } from "../../../shared/reconcile/undo.ts";
import { overdue } from "../../../shared/reconcile/sweep.ts";
import { dayMs, hourMs } from "../../../shared/kernel/clock.ts";
import { openAccount, PassBench, self, subscriptionId } from "../../support/passBench.ts";

const approver = "00000000-0000-4000-8000-00000000000b";

const enforcedIdentity: ConfigInput = {
  version: 1,
  subscriptions: [{ id: subscriptionId, name: "corp", archetype: "corp", level: "enforce" }],
  standards: [{ id: "ACC-02", mode: "enforce" }],
};

async function asked(changedBy?: string): Promise<{ bench: PassBench; proposal: Proposal }> {
  const bench = new PassBench();
  if (changedBy !== undefined) bench.arm.account = { ...openAccount(), systemData: { lastModifiedBy: changedBy } };
  await bench.want();
  await bench.pass();
  const [proposal] = await bench.live("proposal");
  return { bench, proposal: proposal! };
}

async function applied(bench: PassBench): Promise<Proposal[]> {
  const query = { container: "state" as const, kinds: ["proposal"], orderBy: { path: "askedAt" }, pageSize: 100 };
  const { items } = await bench.store.query<Proposal>({
    ...query,
    where: [{ path: "state", op: "=", value: "applied" }],
  });
  return [...items];
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
    expect((await overdue(bench.context)).keys).toEqual([]);
    await bench.want();
    await bench.pass();
    expect(await bench.live("proposal")).toMatchObject([{ id: proposal.id, state: "rejected" }]);
    expect(bench.arm.sent).toEqual([]);
  });
});

describe("an approval", () => {
  const tagged = (env: string) => ({ ...openAccount(), tags: { env } });

  it.each([
    ["where one is enough is none where it takes two", { quorums: { prod: 2 } }],
    [
      "in one environment is none by whom another one names",
      { approvers: [{ people: [self], environments: ["prod"] }] },
    ],
  ])("%s, when the account comes there before it is written", async (_, rules) => {
    const bench = new PassBench();
    bench.config = { ...bench.config, ...rules };
    bench.arm.account = tagged("dev");
    await bench.want();
    await bench.pass();
    const [proposal] = await bench.live("proposal");
    await decide(bench, proposal!.id, "approve");
    bench.config = { ...bench.config, paused: true };
    await bench.pass();
    bench.arm.account = tagged("prod");
    bench.config = { ...bench.config, paused: false };
    expect(await bench.apply(proposal!.id)).toMatchObject({ kind: "dropped" });
    await bench.want();
    await bench.pass();
    expect(bench.arm.sent).toEqual([]);
    expect(await bench.live("proposal")).toMatchObject([{ state: "open", environment: "prod", decisions: [] }]);
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

  it("is nobody's who made the change that was put right", async () => {
    const { bench, proposal } = await asked("00000000-0000-4000-8000-00000000000c");
    await decide(bench, proposal.id, "approve");
    await bench.pass();
    const undo = (by: string) => undoChange(bench.context, { change: proposal.id, reason: "it was mine", by });
    await expect(undo("00000000-0000-4000-8000-00000000000c")).rejects.toMatchObject({ reason: "forbidden" });
    await undo(approver);
  });

  const fields = [{ path: "properties.publicNetworkAccess", owner: "iac" as const }];

  it("of a field that belongs to a template by now is declined", async () => {
    const { bench, proposal } = await asked();
    await decide(bench, proposal.id, "approve");
    await bench.pass();
    bench.config = { ...bench.config, fields };
    const undo = undoChange(bench.context, { change: proposal.id, reason: "a test runs", by: approver });
    await expect(undo).rejects.toMatchObject({ reason: "conflict" });
  });

  it("that is open already does not write a field that belongs to a template since", async () => {
    const { bench, proposal } = await asked();
    await decide(bench, proposal.id, "approve");
    await bench.pass();
    const claim = await undoChange(bench.context, { change: proposal.id, reason: "a test runs", by: approver });
    bench.config = { ...bench.config, fields };
    expect(await bench.apply(claim.id)).toMatchObject({ kind: "dropped", reason: "a field belongs to a template" });
    await bench.pass();
    expect(bench.access).toBe("Disabled");
    expect(await bench.live("claim")).toMatchObject([{ condition: { reason: "OwnedByTemplate" } }]);
  });

  it("of what is enforced takes another person each time", async () => {
    const bench = new PassBench();
    bench.config = enforcedIdentity;
    bench.arm.account = { ...bench.arm.account, identity: { type: "None" } } as never;
    bench.arm.onPatch = () => {
      const [sent] = bench.arm.sent.slice(-1);
      bench.arm.account = { ...bench.arm.account, ...sent };
      return { kind: "done" };
    };
    const undone = async (by: string) => {
      const changes = (await applied(bench)).map(({ id: change }) => change);
      return undoChange(bench.context, { change: changes.at(-1) ?? "", reason: "a test runs", by });
    };
    const nextDay = async () => {
      bench.nowMs += dayMs;
      await bench.want();
      await bench.pass();
    };
    await nextDay();
    await undone(approver);
    await bench.pass();
    expect(bench.arm.account).toMatchObject({ identity: { type: "None" } });
    await nextDay();
    expect(bench.arm.account).toMatchObject({ identity: { type: "SystemAssigned" } });
    await expect(undone(approver)).rejects.toMatchObject({ reason: "conflict" });
    await undone("00000000-0000-4000-8000-00000000000c");
    await nextDay();
    for (let day = 0; day < 7; day += 1) await nextDay();
    await undone(approver);
  });
});
