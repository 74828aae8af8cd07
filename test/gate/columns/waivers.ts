/** An exception is live: it may be as it is until then, and no longer. */
import { changeHash, type Field } from "../../../shared/desired/change.ts";
import { valueAt } from "../../../shared/desired/compare.ts";
import { claimId, type Claim } from "../../../shared/desired/documents.ts";
import { dayMs, fromIso, hourMs, minuteMs, toIso } from "../../../shared/kernel/clock.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import { readWriter, storeStep, want } from "../../../shared/reconcile/writerStore.ts";
import { record } from "../../../shared/writer/writer.ts";
import type { Random } from "../../sim/random.ts";
import { approver } from "../estate.ts";
import { differences, shown, type Snapshot } from "../snapshot.ts";
import { Stand } from "../stand.ts";
import {
  beforeOf,
  firstOf,
  nameOf,
  outcome,
  passesNow,
  tellsNow,
  undeclared,
  untouched,
  type Before,
} from "../verdict.ts";
import { broken, type Column } from "./column.ts";

/** Looks while the exception lasts. */
const LOOKS = 3;

export const waits: Column = {
  number: 8,
  title: "while an exception is live nothing is written; at its end it is put right by one write",
  without: "nothing is written while time goes by",
  wanted: broken,
  async run(drawn, random) {
    const stand = new Stand(drawn);
    const before = await beforeOf(stand);
    if (before.fixable.length === 0) {
      await stand.settled();
      stand.advanceTo(stand.nowMs + dayMs + hourMs);
      await stand.settled();
      return outcome(
        before,
        await firstOf(
          () => untouched(stand, before),
          () => tellsNow(stand),
        ),
      );
    }
    const undone = random.chance(0.6) ? await takenBack(stand) : new Set<string>();
    // Where nothing was taken back, somebody leaves it as it was drawn, or brings it there again, under an exception.
    if (undone.size === 0) {
      if (stand.wire.writes.length > 0) stand.become(drawn);
      await excepted(stand, before);
    }
    const waived =
      undone.size === 0
        ? before
        : { ...before, fixable: before.fixable.filter(({ remedyTarget }) => undone.has(remedyTarget)) };
    const problem = await firstOf(
      () => quiet(stand, waived, random),
      () => reverted(stand, waived),
    );
    return outcome(before, problem, undone.size === 0 ? "an exception" : "an undo");
  },
};

/** It is put right, and somebody takes that back; answers the targets of which that could be done. */
async function takenBack(stand: Stand): Promise<Set<string>> {
  await stand.settled();
  const targets = new Set<string>();
  for (const { id, target } of await stand.applied()) {
    try {
      await stand.undo(id);
      targets.add(target);
    } catch (error) {
      if (!(error instanceof Declined)) throw error;
    }
  }
  if (targets.size > 0) await stand.settled();
  return targets;
}

/** Opens a waiver on all that the remedy would write, as it is now. */
async function excepted(stand: Stand, { fixable }: Before): Promise<void> {
  const { store, key, nowMs } = stand;
  await want(store, key, 1, null);
  const snapshot = stand.snapshot();
  for (const target of new Set(fixable.map(({ remedyTarget }) => remedyTarget))) {
    const writer = await readWriter(store, key);
    if (writer === undefined) throw new Error("nothing is known of the key");
    const demands = fixable
      .filter(({ remedyTarget }) => remedyTarget === target)
      .flatMap(({ assertions }) => assertions);
    const paths = [...new Set(demands.map(({ path }) => path))];
    const fields = paths.map((path): Field => {
      const value = valueAt(snapshot[target] ?? {}, path) ?? null;
      return { path, before: value, after: value };
    });
    const id = claimId(writer.pk, writer.chain.seq + 1);
    const authority = { kind: "claim", id, version: 1 } as const;
    const until = toIso(nowMs + dayMs);
    const claim: Claim = {
      id,
      pk: writer.pk,
      kind: "claim",
      claimKind: "waiver",
      live: true,
      key,
      target,
      subscriptionId: key.split("/")[2] ?? "",
      state: "active",
      authority,
      assertions: fields.map(({ path, after }) => ({ path, op: "set", value: after, authority })),
      fields,
      hash: changeHash(target, fields, authority),
      by: approver,
      reason: "the gate asks for it",
      from: toIso(nowMs),
      until,
      wakeAt: until,
      undoes: 0,
      // It is there already.
      restored: true,
      createdAt: (await stand.createdAt(target)) ?? null,
      attempts: 0,
      notBefore: null,
      condition: null,
    };
    const step = record(writer, [{ type: "claim", body: { claim: id, event: "opened", kind: "waiver" } }], nowMs);
    if ((await storeStep(store, writer, step, [claim])) === undefined)
      throw new Error("somebody else's step came first");
  }
}

/** Looks at any time until the end of the waivers change nothing, and say that it is waived. */
async function quiet(stand: Stand, { fixable }: Before, random: Random): Promise<string | undefined> {
  await stand.settled();
  const [before, { sent }] = [stand.snapshot(), stand.wire];
  const endMs = await endOf(stand);
  if (endMs === undefined) return "no exception is live";
  for (let count = 0; count < LOOKS; count += 1) {
    stand.advanceTo(random.between(stand.nowMs, endMs - 2 * minuteMs));
    await stand.settled({ withinMs: 0 });
  }
  if (stand.wire.sent > sent) return `${stand.wire.sent - sent} writes while the exception is live`;
  const findings = await stand.findings();
  const untold = fixable.find(({ target }) => findings.find((one) => one.target === target)?.state !== "waived");
  if (untold !== undefined) return `${nameOf(untold.target)} is not told of as waived`;
  return changed(before, stand);
}

/** Once the waivers are over each target is written once, and all is as demanded; then nothing more happens. */
async function reverted(stand: Stand, before: Before): Promise<string | undefined> {
  const from = stand.wire.writes.length;
  const snapshot = stand.snapshot();
  stand.advanceTo(((await endOf(stand)) ?? stand.nowMs) + minuteMs);
  await stand.settled();
  await stand.settled();
  const targets = new Set(before.fixable.map(({ remedyTarget }) => remedyTarget));
  const writes = stand.wire.writes.slice(from);
  if (writes.length !== targets.size)
    return `${writes.length} writes at the end of the exception for ${targets.size} targets`;
  return (await passesNow(stand, before)) ?? undeclared({ ...before, snapshot }, stand.snapshot());
}

async function endOf(stand: Stand): Promise<number | undefined> {
  const ends = (await stand.live()).flatMap((item) => (item.kind === "claim" ? [fromIso(item.until)] : []));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function changed(before: Snapshot, stand: Stand): string | undefined {
  const [change] = differences(before, stand.snapshot());
  return change === undefined ? undefined : `changed while the exception is live: ${shown(change)}`;
}
