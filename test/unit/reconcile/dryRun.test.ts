import { expect, it } from "vitest";
import { decideProposal } from "../../../shared/reconcile/decisions.ts";
import { foreseeUndo } from "../../../shared/reconcile/dryRun.ts";
import { undoChange } from "../../../shared/reconcile/undo.ts";
import { openAccount, PassBench } from "../../support/passBench.ts";

const approver = "00000000-0000-4000-8000-00000000000b";
const colleague = "00000000-0000-4000-8000-00000000000a";

/** An account that a colleague opened, and that was closed again. */
async function written(): Promise<{ bench: PassBench; change: string }> {
  const bench = new PassBench();
  bench.arm.account = { ...openAccount(), systemData: { lastModifiedBy: colleague } };
  await bench.want();
  await bench.pass();
  const [proposal] = await bench.live("proposal");
  const change = proposal!.id;
  await decideProposal(bench.context, {
    proposal: change,
    verdict: "approve",
    reason: null,
    hash: undefined,
    by: approver,
  });
  await bench.pass();
  return { bench, change };
}

const picture = (bench: PassBench): string => JSON.stringify([...bench.store.documents("state")]);

it("foresees the very undo, and leaves everything as it is", async () => {
  const { bench, change } = await written();
  const [before, wakes, sent] = [picture(bench), bench.wakes.length, bench.arm.sent.length];
  const foreseen = await foreseeUndo(bench.context, change, approver);
  expect([picture(bench), bench.wakes.length, bench.arm.sent.length]).toEqual([before, wakes, sent]);
  const claim = await undoChange(bench.context, { change, by: approver, reason: "dry run" });
  expect(foreseen).toEqual({ may: true, claim });
});

it.each([
  ["who made the change", colleague, "forbidden", /you made the change/],
  ["who asks a second time", approver, "conflict", /is live on the same fields/],
])("says no as the undo itself would: %s", async (_name, by, reason, why) => {
  const { bench, change } = await written();
  if (by === approver) await undoChange(bench.context, { change, by, reason: "a test" });
  const foreseen = await foreseeUndo(bench.context, change, by);
  expect(foreseen).toMatchObject({ may: false, reason, why: expect.stringMatching(why) });
  await expect(undoChange(bench.context, { change, by, reason: "a test" })).rejects.toThrow(why);
});

it("knows no change that there is not", async () => {
  const { bench } = await written();
  expect(await foreseeUndo(bench.context, "p-1", approver)).toMatchObject({ may: false, reason: "notFound" });
});
