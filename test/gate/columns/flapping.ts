/** Somebody brings it back each time that it is put right. */
import { REPAIRS_MAX } from "../../../shared/desired/guard.ts";
import { minuteMs } from "../../../shared/kernel/clock.ts";
import { Stand } from "../stand.ts";
import { beforeOf, firstOf, nameOf, outcome, tellsNow, untouched, type Before } from "../verdict.ts";
import { broken, type Column } from "./column.ts";

/** So often it is broken: more often than it may be put right. */
const ROUNDS = 5;

/** What the design says, whatever the product's own number is. */
const REPAIRS = 3;

export const stops: Column = {
  number: 9,
  title: "somebody who brings it back each time is stopped for after the third, and named",
  without: "nothing is written, however often it is changed",
  wanted: broken,
  async run(drawn) {
    const stand = new Stand(drawn);
    const before = await beforeOf(stand);
    let { snapshot } = before;
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round > 0) {
        stand.advanceTo(stand.nowMs + 20 * minuteMs);
        stand.become(drawn);
        snapshot = stand.snapshot();
      }
      // Nobody agrees to go on with a fight.
      await stand.settled({ agree: ({ condition }) => condition?.reason !== "Flapping" });
    }
    const problem = await firstOf(
      () => (before.fixable.length > 0 ? undefined : untouched(stand, { snapshot })),
      () => tellsNow(stand),
      () => stopped(stand, before),
    );
    return outcome(before, problem);
  },
};

async function stopped(stand: Stand, { fixable }: Before): Promise<string | undefined> {
  const findings = await stand.findings();
  for (const remedyTarget of new Set(fixable.map((one) => one.remedyTarget))) {
    const writes = stand.wire.writes.filter(({ change }) => change?.target === remedyTarget).length;
    if (writes !== REPAIRS)
      return `${nameOf(remedyTarget)} was written ${writes} times in ${ROUNDS} rounds (guard: ${REPAIRS_MAX})`;
  }
  for (const { target } of fixable) {
    const finding = findings.find((one) => one.target === target);
    if (finding?.condition?.reason !== "Flapping")
      return `${nameOf(target)} says ${finding?.condition?.reason ?? "nothing"} and not Flapping`;
    const { changedBy, condition } = finding;
    if (changedBy !== null && !condition.message.includes(changedBy))
      return `${nameOf(target)} does not name who does it`;
  }
  return undefined;
}
