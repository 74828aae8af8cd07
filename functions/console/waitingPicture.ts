/** What people are asked, as this process last saw it. */
import type { Proposal } from "../../shared/desired/documents.ts";
import { minuteMs } from "../../shared/kernel/clock.ts";
import { sift } from "../../shared/desired/rows.ts";
import { MEMBERS_MAX, requestsOf, type Request } from "../../shared/reconcile/groups.ts";
import { follow, type Followed } from "./followed.ts";

/** A backlog of a whole estate, and as many that are asked by themselves. */
const PROPOSALS_MAX = 2 * MEMBERS_MAX;

const live = follow<Proposal>({
  kinds: ["proposal"],
  where: () => [
    { path: "live", op: "=", value: true },
    { path: "state", op: "=", value: "open" },
  ],
  keeps: ({ live, state }) => live && state === "open",
  max: PROPOSALS_MAX,
});

export interface WaitingPicture extends Pick<Followed<Proposal>, "readAt" | "isStale" | "isCut"> {
  /** Asked by themselves, soonest end first. */
  readonly single: readonly Proposal[];
  /** Asked together, longest-standing first. */
  readonly requests: readonly Request[];
  readonly corrupt: number;
}

type Sorted = Pick<WaitingPicture, "single" | "requests" | "corrupt">;

let kept: { readonly version: number; readonly minute: number; readonly sorted: Sorted } | undefined;

/** @throws SteelyardError `Unavailable` when the store is away and was never read by this process */
export async function waitingPicture(nowMs: number): Promise<WaitingPicture> {
  const { items, version, readAt, isStale, isCut } = await live(nowMs);
  // Requests tell ages in days: a minute is exact enough.
  const minute = Math.floor(nowMs / minuteMs);
  if (kept?.version !== version || kept.minute !== minute) {
    kept = { version, minute, sorted: sortedOf([...items.values()], nowMs) };
  }
  return { ...kept.sorted, readAt, isStale, isCut };
}

function sortedOf(proposals: readonly Proposal[], nowMs: number): Sorted {
  const { sound, corrupt } = sift(proposals);
  const members = sound
    .filter(({ group }) => group !== null)
    .sort((a, b) => (a.presentSince + a.id < b.presentSince + b.id ? -1 : 1))
    .slice(0, MEMBERS_MAX);
  const single = sound.filter(({ group }) => group === null);
  single.sort((a, b) => (a.expiresAt + a.id < b.expiresAt + b.id ? -1 : 1));
  return { single, requests: requestsOf(members, nowMs), corrupt: corrupt.length };
}
