import { describe, expect, it } from "vitest";
import { parseAccount } from "../../../shared/estate/account.ts";
import type { Claim, Proposal } from "../../../shared/desired/documents.ts";
import { budgetAddress, type BudgetLog } from "../../../shared/desired/budget.ts";
import { dayMs, hourMs, minuteMs } from "../../../shared/kernel/clock.ts";
import { readBudget } from "../../../shared/reconcile/budgets.ts";
import { decideProposal } from "../../../shared/reconcile/decisions.ts";
import { undoChange } from "../../../shared/reconcile/undo.ts";
import { overdue } from "../../../shared/reconcile/sweep.ts";
import type { Change } from "../../../shared/desired/change.ts";
import type { ArmError } from "../../../shared/ports/arm.ts";
import { PassBench } from "../../support/passBench.ts";

const approver = "00000000-0000-4000-8000-00000000000b";
const operator = "00000000-0000-4000-8000-00000000000d";

async function asked(bench = new PassBench()): Promise<{ bench: PassBench; proposal: string }> {
  await bench.want();
  await bench.pass();
  const [proposal] = await bench.live("proposal");
  return { bench, proposal: proposal!.id };
}

async function approve(bench: PassBench, proposal: string): Promise<void> {
  await decideProposal(bench.context, { proposal, verdict: "approve", reason: null, hash: undefined, by: approver });
}

/** A change that was agreed to and put forward by a look, and is about to be written. */
async function putForward(): Promise<{ bench: PassBench; proposal: string }> {
  const { bench, proposal } = await asked();
  await approve(bench, proposal);
  expect(await bench.look()).toEqual({ kind: "apply", changes: [proposal] });
  return { bench, proposal };
}

async function applied(): Promise<{ bench: PassBench; proposal: string }> {
  const { bench, proposal } = await asked();
  await approve(bench, proposal);
  await bench.pass();
  expect(bench.access).toBe("Disabled");
  return { bench, proposal };
}

function refusal(status: number, code: string, kind: ArmError["class"]): ArmError {
  return { class: kind, code, message: "", status, retryAfterMs: undefined };
}

describe("an agreed change whose world changed before it was written", () => {
  it.each<[string, (bench: PassBench) => void]>([
    ["the standard went back to audit", ({ config }) => (config.standards = [{ id: "NET-01", mode: "audit" }])],
    ["the standard is gone", ({ config }) => (config.standards = [])],
    ["writing was paused", ({ config }) => (config.paused = true)],
    ["its subscription was withdrawn", ({ config }) => (config.subscriptions = [])],
    ["its subscription went back to audit", ({ config }) => (config.subscriptions[0]!.level = "audit")],
    [
      "somebody put a third value there",
      ({ arm }) => (arm.account!["properties"] = { publicNetworkAccess: "Secured" }),
    ],
    [
      "the last private endpoint went away",
      ({ arm }) => (arm.account!["properties"] = { publicNetworkAccess: "Enabled", privateEndpointConnections: [] }),
    ],
  ])("is not written: %s", async (_name, change) => {
    const { bench, proposal } = await putForward();
    change(bench);
    expect(await bench.apply(proposal)).toMatchObject({ kind: "dropped" });
    expect(bench.arm.sent).toEqual([]);
    expect((await bench.ledger()).filter(({ type }) => type === "intent")).toEqual([]);
  });

  const passADay = (bench: PassBench): unknown => (bench.nowMs += dayMs);
  it.each<[string, (bench: PassBench) => unknown]>([
    ["the host was down", passADay],
    [
      "the host was held up as it read the account",
      (bench) =>
        (bench.arm.onRead = () => {
          bench.arm.onRead = undefined;
          passADay(bench);
          return { kind: "found", account: parseAccount(structuredClone(bench.arm.account)) };
        }),
    ],
  ])("is not written when it is an undo whose waiver ended while %s", async (_name, hold) => {
    const { bench, proposal } = await applied();
    const claim = await undoChange(bench.context, { change: proposal, reason: "a test runs today", by: operator });
    expect(await bench.look()).toEqual({ kind: "apply", changes: [claim.id] });
    hold(bench);
    const before = bench.arm.sent.length;
    expect(await bench.apply(claim.id)).toMatchObject({ kind: "dropped" });
    expect(bench.arm.sent).toHaveLength(before);
    await bench.pass();
    expect(bench.access).toBe("Disabled");
    expect(await bench.read<Claim>(claim.id)).toMatchObject({ state: "ended", live: false });
  });
});

describe("a write that counts against a budget", () => {
  const counted = async (bench: PassBench): Promise<string[]> =>
    ((await readBudget(bench.context, "NET-01")) as BudgetLog).writes.map(({ id }) => id);

  it("counts although another run of the same pass loses against it", async () => {
    const { bench, proposal } = await putForward();
    const results = await Promise.all([bench.apply(proposal), bench.apply(proposal)]);
    expect(results.map(({ kind }) => kind).sort()).toEqual(["dropped", "settled"]);
    expect(bench.arm.sent).toHaveLength(1);
    expect(await counted(bench)).toEqual([`${proposal}#0`]);
  });

  it("is not made long after it was asked for, and counts once when it is tried again", async () => {
    const { bench, proposal } = await putForward();
    bench.store.onCommit = ({ pk }) => (bench.nowMs += pk === budgetAddress("NET-01").pk ? 31_000 : 0);
    expect(await bench.apply(proposal)).toMatchObject({ kind: "dropped" });
    expect(bench.arm.sent).toEqual([]);
    bench.store.onCommit = () => {};
    await bench.pass();
    expect(bench.access).toBe("Disabled");
    expect(await counted(bench)).toEqual([`${proposal}#0`]);
  });
});

describe("a target that Azure does not let us read", () => {
  it("keeps what was agreed to until it can be read again", async () => {
    const { bench, proposal } = await asked();
    await approve(bench, proposal);
    bench.arm.onRead = () => ({ kind: "failed", error: refusal(403, "AuthorizationFailed", "retrySlowly") });
    await bench.pass();
    expect(await bench.live("finding")).toMatchObject([{ verdict: "unknown" }]);
    expect(await bench.live("proposal")).toMatchObject([{ id: proposal }]);
    expect(bench.arm.sent).toEqual([]);
    bench.arm.onRead = undefined;
    await bench.want();
    await bench.pass();
    expect(bench.access).toBe("Disabled");
    expect(await bench.read<Proposal>(proposal)).toMatchObject({ state: "applied" });
  });

  it("has nothing left to ask once its subscription was withdrawn", async () => {
    const { bench, proposal } = await asked();
    bench.config.subscriptions = [];
    bench.arm.onRead = () => ({ kind: "failed", error: refusal(403, "AuthorizationFailed", "retrySlowly") });
    await bench.want();
    await bench.pass();
    expect(await bench.read<Proposal>(proposal)).toMatchObject({ state: "void", live: false });
    expect(await bench.live("finding")).toEqual([]);
  });

  it("is looked at again before long, but not every minute, while something agreed waits for it", async () => {
    const { bench, proposal } = await asked();
    await approve(bench, proposal);
    bench.arm.onRead = () => ({ kind: "failed", error: refusal(403, "AuthorizationFailed", "retrySlowly") });
    await bench.pass();
    let looks = 0;
    for (let minute = 0; minute < 60; minute += 1) {
      bench.nowMs += minuteMs;
      if ((await overdue(bench.context)).keys.length === 0) continue;
      looks += 1;
      await bench.pass();
    }
    expect(looks).toBe(4);
  });

  it("puts what Azure takes an absent value for where nothing was before", async () => {
    const bench = new PassBench();
    const { publicNetworkAccess: _, ...rest } = bench.arm.account!["properties"] as Record<string, unknown>;
    bench.arm.account!["properties"] = rest;
    const { proposal } = await asked(bench);
    await approve(bench, proposal);
    await bench.pass();
    expect(bench.access).toBe("Disabled");
    const claim = await undoChange(bench.context, { change: proposal, reason: "a test runs today", by: operator });
    expect(claim.fields).toEqual([{ path: "properties.publicNetworkAccess", before: "Disabled", after: "Enabled" }]);
    await bench.pass();
    expect(bench.access).toBe("Enabled");
  });

  it("keeps an undo until it can be read again", async () => {
    const { bench, proposal } = await applied();
    const claim = await undoChange(bench.context, { change: proposal, reason: "a test runs today", by: operator });
    bench.arm.onRead = () => ({ kind: "failed", error: refusal(403, "AuthorizationFailed", "retrySlowly") });
    await bench.pass();
    expect(await bench.read<Claim>(claim.id)).toMatchObject({ state: "active", live: true });
    bench.arm.onRead = undefined;
    await bench.want();
    await bench.pass();
    expect(bench.access).toBe("Enabled");
  });
});

describe("an approval", () => {
  it("given in time holds though nobody could look before the proposal's time was over", async () => {
    const { bench, proposal } = await asked();
    bench.nowMs += 72 * hourMs - minuteMs;
    await approve(bench, proposal);
    bench.nowMs += 2 * minuteMs;
    await bench.pass();
    expect(bench.access).toBe("Disabled");
  });

  it("is needed for what needed none when it was put forward", async () => {
    const { bench, proposal } = await asked();
    const { document, etag } = (await bench.store.read<Proposal>("state", bench.pk, proposal))!;
    const unasked: Proposal = { ...document, state: "approved", quorum: 0 };
    await bench.store.write("state", bench.pk, [{ kind: "replace", document: unasked, etag }]);
    await bench.want();
    await bench.pass();
    expect(bench.arm.sent).toEqual([]);
    expect(await bench.live("proposal")).toMatchObject([{ state: "open", quorum: 1 }]);
  });
});

describe("a long-running write", () => {
  async function accepted(): Promise<{ bench: PassBench; proposal: string }> {
    const { bench, proposal } = await putForward();
    bench.arm.onPatch = (land) => {
      land();
      return { kind: "accepted", pollUrl: "https://arm/operations/1", retryAfterMs: 1_000 };
    };
    return { bench, proposal };
  }

  it.each([
    [404, "giveUp"],
    [410, "giveUp"],
    [403, "retrySlowly"],
    [400, "giveUp"],
  ] as const)("has an outcome though its operation can not be asked any more: %i", async (status, kind) => {
    const { bench, proposal } = await accepted();
    bench.arm.onPoll = () => ({ kind: "failed", error: refusal(status, `Http${status}`, kind) });
    for (let pass = 0; pass < 3; pass += 1) await bench.pass();
    const outcomes = (await bench.ledger()).filter(({ type }) => type === "outcome");
    expect(outcomes.map(({ body }) => body)).toMatchObject([{ result: "applied" }]);
    expect(outcomes.map(({ body }) => (body as { change: Change["id"] }).change)).toEqual([proposal]);
  });
});
