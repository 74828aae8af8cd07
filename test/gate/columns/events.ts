/** Events come twice, in another order, or late: they only say that somebody has to look. */
import { partitionOf } from "../../../shared/estate/resourceId.ts";
import { hourMs, minuteMs, toIso } from "../../../shared/kernel/clock.ts";
import { takeIn } from "../../../shared/reconcile/intake.ts";
import type { Random } from "../../sim/random.ts";
import { Impossible, type Drawn, type Source } from "../draw.ts";
import { colleague } from "../estate.ts";
import { comparable, differences, shown, type Snapshot } from "../snapshot.ts";
import { Stand } from "../stand.ts";
import { beforeOf, firstOf, nameOf, outcome, passesNow, untouched, type Before } from "../verdict.ts";
import { broken, type Column } from "./column.ts";

/** Changes that are tried for one that Azure takes. */
const CHANGES_MAX = 20;

export const agrees: Column = {
  number: 10,
  title: "doubled, reordered and late events end in the same state",
  without: "doubled, reordered and late events end in the same findings, and nothing is written",
  wanted: broken,
  async run(drawn, random, source) {
    const versions = versionsOf(drawn, random, source);
    const one = await inOrder(versions);
    const other = await inDisorder(versions, random, one.last);
    const { stand } = other;
    const [difference] = differences(comparable(one.snapshot), comparable(other.snapshot));
    const problem = await firstOf(
      () => other.unhelped,
      () => (difference === undefined ? undefined : `in another state: ${shown(difference)}`),
      () => (one.findings === other.findings ? undefined : `other findings: ${one.findings} and ${other.findings}`),
      () => again(stand, versions, random),
    );
    return outcome(
      one.before,
      problem ?? (one.everFixable ? undefined : untouched(stand, { snapshot: other.snapshot })),
    );
  },
};

interface Ended {
  readonly stand: Stand;
  readonly before: Before;
  /** When it had become what it is. */
  readonly last: Before;
  readonly everFixable: boolean;
  readonly snapshot: Snapshot;
  /** In one text. */
  readonly findings: string;
  /** What the remedy should have put right and did not. */
  readonly unhelped: string | undefined;
}

/** The resource as it is drawn, and what becomes of it: at most two changes, so that nobody is taken for a fighter. */
function versionsOf(drawn: Drawn, random: Random, source: Source): Drawn[] {
  const stand = new Stand(drawn);
  const versions = [drawn];
  for (let count = random.between(1, 2); count > 0; count -= 1) {
    for (let tries = 0; tries < CHANGES_MAX; tries += 1) {
      const changed = source.changed(random, versions.at(-1) ?? drawn);
      try {
        stand.become(changed);
        versions.push(changed);
        break;
      } catch (error) {
        if (!(error instanceof Impossible)) throw error;
      }
    }
  }
  return versions;
}

/** Each event comes once, as soon as something has changed. */
async function inOrder(versions: readonly Drawn[]): Promise<Ended> {
  const [drawn = fail()] = versions;
  const stand = new Stand(drawn);
  const before = await beforeOf(stand);
  let last = before;
  let everFixable = before.fixable.length > 0;
  for (const [at, version] of versions.entries()) {
    if (at > 0) {
      stand.advanceTo(stand.nowMs + 10 * minuteMs);
      stand.become(version);
      last = await beforeOf(stand);
      everFixable ||= last.fixable.length > 0;
    }
    await takeIn(stand.context, [eventOf(stand, at, stand.nowMs)]);
    await stand.settled({ wish: false });
  }
  return { before, last, everFixable, ...(await ended(stand, last)) };
}

/** Each event comes some time, once or more often; passes run whenever. */
async function inDisorder(
  versions: readonly Drawn[],
  random: Random,
  last: Before,
): Promise<Pick<Ended, "stand" | "snapshot" | "findings" | "unhelped">> {
  const [drawn = fail()] = versions;
  const stand = new Stand(drawn);
  const waiting: object[] = [];
  const deliver = async (): Promise<void> => {
    const at = random.between(0, waiting.length - 1);
    const [event] = random.chance(0.3) ? waiting.slice(at, at + 1) : waiting.splice(at, 1);
    if (event !== undefined) await takeIn(stand.context, random.chance(0.2) ? [event, event] : [event]);
  };
  for (const [at, version] of versions.entries()) {
    if (at > 0) {
      stand.advanceTo(stand.nowMs + 10 * minuteMs);
      stand.become(version);
    }
    waiting.push(eventOf(stand, at, stand.nowMs));
    for (let count = random.between(0, 2); count > 0 && waiting.length > 0; count -= 1) {
      await deliver();
      if (random.chance(0.5)) await stand.settled({ wish: false });
    }
  }
  while (waiting.length > 0) {
    stand.advanceTo(stand.nowMs + random.between(0, 20) * minuteMs);
    await deliver();
  }
  await stand.settled({ wish: false });
  return ended(stand, last);
}

/** The same moment for both: some verdicts depend on the time. */
const LOOKED_AFTER_MS = 6 * hourMs;

async function ended(stand: Stand, last: Before): Promise<Pick<Ended, "stand" | "snapshot" | "findings" | "unhelped">> {
  const unhelped = await passesNow(stand, last);
  const snapshot = stand.snapshot();
  const { rule, when } = stand.drawn.definition;
  if (/'now'|"now"|lastModifiedAt|ageHours/.test(JSON.stringify([rule, when ?? null]))) {
    stand.advanceTo(stand.beganMs + LOOKED_AFTER_MS);
    await stand.settled();
  }
  return { stand, snapshot, findings: await findingsOf(stand), unhelped };
}

/** All events once more, the last one first, days later. */
async function again(stand: Stand, versions: readonly Drawn[], random: Random): Promise<string | undefined> {
  const [snapshot, { sent }] = [stand.snapshot(), stand.wire];
  const beganMs = stand.nowMs;
  stand.advanceTo(beganMs + random.between(1, 3 * 24 * 60) * minuteMs);
  for (const at of versions.keys().toArray().toReversed()) {
    await takeIn(stand.context, [eventOf(stand, at, beganMs - at * minuteMs)]);
    await stand.settled({ wish: false });
  }
  if (stand.wire.sent > sent) return `${stand.wire.sent - sent} writes because of events that came again`;
  const [change] = differences(snapshot, stand.snapshot());
  return change === undefined ? undefined : `changed by events that came again: ${shown(change)}`;
}

function eventOf({ key }: Stand, at: number, atMs: number): object {
  return {
    id: `event-${at}`,
    eventType: "Microsoft.Resources.ResourceWriteSuccess",
    eventTime: toIso(atMs),
    subject: key,
    data: {
      // In whatever case.
      resourceUri: at % 2 === 0 ? key : key.replace("/resourcegroups/", "/resourceGroups/"),
      operationName: "Microsoft.CognitiveServices/accounts/write",
      correlationId: `${partitionOf(key)}-${at}`,
      claims: { "http://schemas.microsoft.com/identity/claims/objectidentifier": colleague },
    },
  };
}

async function findingsOf(stand: Stand): Promise<string> {
  const lines = (await stand.findings()).map(
    ({ target, verdict, state, condition }) => `${nameOf(target)} ${verdict} ${state} ${condition?.reason ?? ""}`,
  );
  return lines.sort().join("; ");
}

function fail(): never {
  throw new Error("there is no version");
}
