/**
 * What becomes of an observation when a look sees something else: what was seen until then is kept for 90 days, beside what
 * is seen now and in the same transaction, so that a standard can be tried on the estate as it was.
 */
import { objectOf, sameJson } from "../kernel/canonicalJson.ts";
import { dayMs } from "../kernel/clock.ts";
import type { Body } from "./compare.ts";
import type { Observation, PastObservation } from "./documents.ts";

/** So long what was seen is kept after something else was; Cosmos DB forgets it by itself. */
export const HISTORY_DAYS = 90;
const HISTORY_S = (HISTORY_DAYS * dayMs) / 1000;

/**
 * So many are kept of one account and day (UTC). One that changes every minute would fill the 20 GB that a partition of
 * Cosmos DB holds, and then no pass could store anything there.
 */
export const PASTS_PER_DAY = 48;

/**
 * UTF-8 length of the lists of both observations of one transaction, of which Cosmos DB takes 2 MB with all that was found
 * and asked; an account with a hundred deployments and fifty policies has some 300 KB.
 */
const BOTH_BYTES_MAX = 1_200_000;

/** Seen just now; {@link observed} says since when it is so. */
export type Seen = Omit<Observation, "since" | "pasts">;

/** As it is stored; what an earlier version stored tells neither since when it is so nor what was kept. */
export type Stored = Seen & Partial<Pick<Observation, "since" | "pasts">>;

export const sinceOf = ({ since, at }: Stored): string => since ?? at;

/** What to store of a look: nothing when it saw what is stored already. */
export function observed(before: Stored | undefined, seen: Seen): readonly (Observation | PastObservation)[] {
  const day = seen.at.slice(0, 10);
  if (before === undefined) return [{ ...seen, since: seen.at, pasts: { day, count: 0 } }];
  if (sameJson(seenOf(before), seenOf(seen))) return [];
  const since = sinceOf(before);
  const pasts = before.pasts?.day === day ? before.pasts : { day, count: 0 };
  if (sameJson(lastingOf(before), lastingOf(seen))) return [{ ...seen, since, pasts }];
  // Two instances' clocks may differ: what is seen now was not seen before what it takes the place of.
  const next = { ...seen, since: seen.at > since ? seen.at : since };
  if (next.since === since || pasts.count >= PASTS_PER_DAY) return [{ ...next, pasts }];
  return [{ ...next, pasts: { day, count: pasts.count + 1 } }, pastOf(before, next)];
}

function pastOf(before: Stored, next: Pick<Observation, "since" | "members">): PastObservation {
  const { pk, key, target, subscriptionId, body, members, unread, principals } = before;
  const since = sinceOf(before);
  const kept: Record<string, readonly Body[]> = {};
  const left: Record<string, string> = { ...unread };
  let bytes = bytesOf(next.members);
  const lists = Object.entries(members).map(([kind, list]) => ({ kind, list, bytes: bytesOf(list) }));
  // The smallest first: so the most of them are kept.
  for (const { kind, list, bytes: more } of lists.sort((a, b) => a.bytes - b.bytes)) {
    bytes += more;
    if (bytes > BOTH_BYTES_MAX) left[kind] = "TooLarge";
    else kept[kind] = list;
  }
  return {
    id: `past-${since}`,
    pk,
    kind: "pastObservation",
    key,
    target,
    subscriptionId,
    body,
    members: kept,
    unread: left,
    principals,
    since,
    until: next.since,
    ttl: HISTORY_S,
  };
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

function seenOf({ body, members, unread, principals }: Seen): object {
  return { body, members, unread, principals };
}

/** What was seen but for who wrote it last, and when: a template that is deployed every hour and changes nothing tells nothing. */
function lastingOf({ body, members, unread, principals }: Seen): object {
  const lists = Object.entries(members).map(([kind, list]) => [kind, list.map(lasting)]);
  return { body: body && lasting(body), members: Object.fromEntries(lists), unread, principals };
}

const ofTheWrite = ["lastModifiedAt", "lastModifiedBy", "lastModifiedByType"];

function lasting(body: Body): Body {
  const rest = without(body, ["etag", "systemData"]);
  return { ...rest, systemData: without(objectOf(body["systemData"]), ofTheWrite) };
}

function without(body: Body, names: readonly string[]): Body {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));
}
