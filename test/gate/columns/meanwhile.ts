/** Somebody changes the resource between the product's reads and its write. */
import type { Change } from "../../../shared/desired/change.ts";
import { valueAt } from "../../../shared/desired/compare.ts";
import { memberKindOf } from "../../../shared/estate/member.ts";
import { parseResource } from "../../../shared/estate/resource.ts";
import type { Json } from "../../../shared/kernel/canonicalJson.ts";
import type { Random } from "../../sim/random.ts";
import { Impossible, type Drawn, type Source } from "../draw.ts";
import { differences, snapshotOf, type Snapshot } from "../snapshot.ts";
import { Stand } from "../stand.ts";
import {
  beforeOf,
  first,
  firstOf,
  nameOf,
  outcome,
  passesNow,
  sameField,
  tells,
  undeclared,
  type Before,
} from "../verdict.ts";
import { broken, type Column } from "./column.ts";

/** Changes that are tried for one that Azure takes. */
const CHANGES_MAX = 20;

/**
 * The change comes before the product reads what it decides on for the last time before a write. What comes after that
 * read nobody who writes can know: Azure takes no If-Match there.
 */
export const rereads: Column = {
  number: 6,
  title: "what somebody changes between the read and the write is read again and decided anew, never written over",
  without: "nothing is written, and the finding says what is so now",
  wanted: broken,
  async run(drawn, random, source) {
    const { change, now } = await changeOf(drawn, random, source);
    const probe = new Stand(drawn);
    const before = await beforeOf(probe);
    const last = await lastReading(probe);
    const stand = new Stand(drawn);
    const at = random.between(1, last);
    let then: { readonly snapshot: Snapshot; readonly writes: number } | undefined;
    const happen = (): void => {
      stand.become(change);
      then = { snapshot: stand.snapshot(), writes: stand.wire.writes.length };
    };
    stand.wire.onRequest = ({ number }) => {
      if (number === at) happen();
      return undefined;
    };
    await stand.settled();
    stand.wire.onRequest = () => undefined;
    if (then === undefined) happen();
    await stand.settled();
    const after = { ...now, ...(then ?? { snapshot: {}, writes: 0 }) };
    return outcome(
      before,
      await firstOf(
        () => decided(stand, after),
        () => overwritten(stand),
      ),
    );
  },
};

/** The same resource after a change that Azure takes; some change what the standard says, some only what is beside. */
async function changeOf(drawn: Drawn, random: Random, source: Source): Promise<{ change: Drawn; now: Before }> {
  for (let tries = 0; tries < CHANGES_MAX; tries += 1) {
    const change = source.changed(random, drawn);
    try {
      const stand = new Stand(drawn);
      stand.become(change);
      return { change, now: await beforeOf(stand) };
    } catch (error) {
      if (!(error instanceof Impossible)) throw error;
    }
  }
  throw new Impossible(`none of ${CHANGES_MAX} changes was one that Azure would hold`);
}

/**
 * Number of the request with which the last reading before the first write begins: that of the account, with which every
 * reading begins. Of all requests when nothing is written.
 */
async function lastReading(stand: Stand): Promise<number> {
  let reading = 1;
  let isWritten = false;
  stand.wire.onRequest = ({ number, isWrite, path }) => {
    isWritten ||= isWrite;
    if (!isWritten && path.toLowerCase() === stand.key) reading = number;
    return undefined;
  };
  await stand.settled();
  return reading;
}

/** What the standard says after the change is what came of it. */
async function decided(stand: Stand, now: Before & { readonly writes: number }): Promise<string | undefined> {
  if (now.fixable.length > 0)
    return firstOf(
      () => passesNow(stand, now),
      () => undeclared(now, stand.snapshot()),
      () => tells(stand, now.told),
    );
  const more = stand.wire.writes.slice(now.writes);
  if (more.length > 0)
    return `written though it was decided on what is so no more: ${more[0]?.method ?? ""} ${more[0]?.target ?? ""}`;
  return first(differences(now.snapshot, stand.snapshot())) ?? tells(stand, now.told);
}

/** Each write was decided on what was there when it came. */
function overwritten(stand: Stand): string | undefined {
  for (const { change, before } of stand.wire.writes) {
    if (change === undefined) return "a write without a fence";
    const body = seen(stand, change, before);
    const over = change.fields.find(({ path, before: base, after }) => {
      const was = valueAt(body, path) ?? null;
      return !sameField(was, base) && !sameField(was, after);
    });
    if (over === undefined) continue;
    const was = JSON.stringify(valueAt(body, over.path) ?? null);
    return `${nameOf(change.target)} ${over.path} is written over as if it were ${JSON.stringify(over.before)}; it was ${was}`;
  }
  return undefined;
}

/** The target as the product reads it. */
function seen(stand: Stand, { target }: Change, state: Readonly<Record<string, unknown>>): Record<string, Json> {
  const [body, kind] = [snapshotOf(state)[target], memberKindOf(stand.key, target)];
  if (body === undefined || kind === undefined) return body ?? {};
  return parseResource(kind, body).body;
}
