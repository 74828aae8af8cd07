/** The remedy itself: it helps, it changes what it says, it comes to an end, it can be taken back. */
import type { Json } from "../../../shared/kernel/canonicalJson.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import { dayMs, hourMs } from "../../../shared/kernel/clock.ts";
import { differences, shown, type Difference } from "../snapshot.ts";
import { Stand } from "../stand.ts";
import {
  beforeOf,
  firstOf,
  nameOf,
  outcome,
  passesNow,
  sameField,
  tells,
  undeclared,
  untouched,
  type Before,
} from "../verdict.ts";
import { broken, type Column } from "./column.ts";

/** Where nothing fits, nothing is written. */
export function idle(stand: Stand, before: Before): string | undefined {
  return before.fixable.length > 0 ? undefined : untouched(stand, before);
}

export const helps: Column = {
  number: 1,
  title: "after the remedy the rule passes",
  without: "nothing is written, and a finding stands",
  wanted: broken,
  async run(drawn) {
    const stand = new Stand(drawn);
    const before = await beforeOf(stand);
    await stand.settled();
    const problem = await firstOf(
      () => passesNow(stand, before),
      () => tells(stand, before.told),
      () => idle(stand, before),
      async () => {
        const open = (await stand.findings()).filter(({ target }) =>
          before.fixable.some((one) => one.target === target),
        );
        return open.length === 0 ? undefined : `the finding stays though it is fixed: ${open[0]?.reason ?? ""}`;
      },
    );
    return outcome(before, problem);
  },
};

export const declared: Column = {
  number: 2,
  title: "every path that is not declared stays as it was, to the byte",
  without: "everything stays as it was",
  wanted: broken,
  async run(drawn) {
    const stand = new Stand(drawn);
    const before = await beforeOf(stand);
    await stand.settled();
    return outcome(before, undeclared(before, stand.snapshot()) ?? idle(stand, before));
  },
};

export const once: Column = {
  number: 3,
  title: "twice is once: a second run sends no write",
  without: "no run sends a write",
  wanted: broken,
  async run(drawn) {
    const stand = new Stand(drawn);
    const before = await beforeOf(stand);
    await stand.settled();
    const { sent } = stand.wire;
    const snapshot = stand.snapshot();
    const twice = writtenTwice(stand);
    if (twice !== undefined) return outcome(before, twice);
    await stand.settled();
    stand.advanceTo(stand.nowMs + dayMs + hourMs);
    await stand.settled();
    stand.forget();
    await stand.settled();
    const more = stand.wire.sent - sent;
    const problem = more > 0 ? `${more} writes were sent though all was done` : undefined;
    return outcome(before, problem ?? idle(stand, before) ?? firstChange(snapshot, stand));
  },
};

/** One change is one write. */
function writtenTwice({ wire }: Stand): string | undefined {
  const targets = wire.writes.map(({ change }) => change?.target ?? "");
  const again = targets.find((target, at) => targets.indexOf(target) < at);
  return again === undefined ? undefined : `${nameOf(again)} was written twice`;
}

function firstChange(snapshot: Before["snapshot"], stand: Stand): string | undefined {
  const [change] = differences(snapshot, stand.snapshot());
  return change === undefined ? undefined : `not as before: ${shown(change)}`;
}

/**
 * Lists of a declared field are sets: they come back in an order of their own. What Azure cannot be asked to take away comes
 * back as what it takes an absent value for, as the standard says.
 */
function notRestored({ snapshot, definition }: Before, stand: Stand): string | undefined {
  const declared = definition.remedy?.assertions ?? [];
  const isAbsent = (path: string, value: Json): boolean =>
    declared.some((one) => one.path === path && one.absent !== undefined && sameField(one.absent, value));
  const isSame = ({ path, before, after }: Difference): boolean => {
    if (after === undefined) return false;
    if (before !== undefined) return declared.some((one) => one.path === path) && sameField(before, after);
    return path !== "" && valuesOf(path, after).every(([at, value]) => isAbsent(at, value));
  };
  const change = differences(snapshot, stand.snapshot()).find((difference) => !isSame(difference));
  return change === undefined ? undefined : `not as before: ${shown(change)}`;
}

function valuesOf(path: string, value: Json): [path: string, value: Json][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([name, member]) => valuesOf(`${path}.${name}`, member));
}

export const undone: Column = {
  number: 4,
  title: "undo brings the snapshot back",
  without: "there is nothing to undo, and nothing is written",
  wanted: broken,
  async run(drawn) {
    const stand = new Stand(drawn);
    const before = await beforeOf(stand);
    await stand.settled();
    const applied = await stand.applied();
    const fixed = stand.snapshot();
    const { sent } = stand.wire;
    const declined: string[] = [];
    for (const { id } of applied) {
      try {
        await stand.undo(id);
      } catch (error) {
        if (!(error instanceof Declined)) throw error;
        declined.push(error.message);
      }
    }
    await stand.settled();
    if (applied.length === 0) return outcome(before, idle(stand, before));
    const strange = declined.find((message) => !message.includes("was absent before"));
    if (strange !== undefined) return outcome(before, `the undo is declined: ${strange}`);
    // What Azure cannot be asked to restore is said beforehand: then nothing of it is written.
    if (declined.length === applied.length) {
      const more = stand.wire.sent - sent;
      return outcome(
        before,
        more > 0 ? `${more} writes of a declined undo` : firstChange(fixed, stand),
        "undo declined",
      );
    }
    if (declined.length > 0) return outcome(before, undefined, "undo declined in part");
    return outcome(before, notRestored(before, stand));
  },
};
