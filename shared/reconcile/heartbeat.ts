/**
 * The sign of life of core: one small document, written by the sweeper at the end of each run, so that it says "a whole
 * run got through", not "a process is up". It also keeps since when a wish has been seen unserved.
 *
 * Why here and not in the writer document: `want` is an unconditional increment that conflicts with nobody; a time set by
 * it would be that of the latest wish, so that a key under a steady stream of events would never look old, and a time set
 * only by the first wish needs a read or a condition in the hottest write of the product. The sweeper finds every key that
 * is behind once a minute anyway. It remembers the number of the wish that it saw: served up to there, the key is no longer
 * old, however many wishes came since.
 */
import { toIso } from "../kernel/clock.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import type { Store, StoredDocument } from "../ports/store.ts";
import type { Writer } from "../writer/writer.ts";
import type { PassContext } from "./context.ts";

/** A key that was behind when the sweeper came by. */
export interface Behind {
  readonly key: ResourceId;
  /** Number of the wish that was seen unserved first. */
  readonly wanted: number;
  /** The last run that had not seen it unserved, ISO 8601: the wish is no older than this. */
  readonly since: string;
}

export interface Heartbeat extends StoredDocument {
  readonly kind: "heartbeat";
  /** Business time, ISO 8601. */
  readonly at: string;
  readonly configVersion: number;
  /** Since when the sweeper has seen writing paused; null when it is not. */
  readonly pausedSince: string | null;
  readonly behind: readonly Behind[];
}

const address = { container: "state", pk: "health", id: "heartbeat" } as const;

/** Keys remembered: of 100 that are behind for minutes the oldest says enough, and the document stays small. */
const BEHIND_MAX = 100;

export async function readHeartbeat(store: Store): Promise<Heartbeat | undefined> {
  const { container, pk, id } = address;
  return (await store.read<Heartbeat>(container, pk, id))?.document;
}

/**
 * Says that a run of the sweeper got through. One write and the read of the configuration when all is served; the last
 * heartbeat is read only when there is something to carry on.
 * @throws SteelyardError `Unavailable`; whatever reading the configuration throws: then nothing is decided either, and no
 * sign of life is given.
 */
export async function beat(context: PassContext, behind: readonly Writer[]): Promise<Heartbeat> {
  const { container, pk, id } = address;
  const { config } = await context.configuration.read();
  const at = toIso(context.clock.now());
  const last = behind.length > 0 || config.paused ? await readHeartbeat(context.store) : undefined;
  const document: Heartbeat = {
    id,
    pk,
    kind: "heartbeat",
    at,
    configVersion: config.version,
    pausedSince: config.paused ? (last?.pausedSince ?? at) : null,
    behind: stillBehind(last, behind, at),
  };
  await context.store.write(container, pk, [{ kind: "upsert", document }]);
  return document;
}

/** The keys that are behind now, the oldest first; one whose remembered wish was served counts as new. */
export function stillBehind(last: Heartbeat | undefined, behind: readonly Writer[], at: string): Behind[] {
  const known = new Map(last?.behind.map((item) => [item.key, item]));
  return behind
    .map(({ key, wanted, served }): Behind => {
      const before = known.get(key);
      return before !== undefined && served < before.wanted ? before : { key, wanted, since: last?.at ?? at };
    })
    .sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0))
    .slice(0, BEHIND_MAX);
}

/** Since when a key that is behind now has been so; for one that the last run had not seen, that run. */
export function behindSince(heartbeat: Heartbeat | undefined, writer: Writer): string | undefined {
  const known = heartbeat?.behind.find(({ key, wanted }) => key === writer.key && writer.served < wanted);
  return known?.since ?? heartbeat?.at;
}
