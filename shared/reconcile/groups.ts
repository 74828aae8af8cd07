/**
 * Requests that ask for many changes at once: what a standard found in an environment that was there before its mode
 * became what it is. Each change stays a proposal of its own, bound to its hash; a request is a view of them, and a
 * decision on it is one on each of those that the person saw.
 */
import { hashOf } from "../kernel/canonicalJson.ts";
import { dayMs, fromIso } from "../kernel/clock.ts";
import type { Proposal, StandardRef } from "../desired/documents.ts";
import { sift } from "../desired/rows.ts";
import { all, type Filter, type Store } from "../ports/store.ts";
import { decideProposal, type DecisionRequest } from "./decisions.ts";
import { acrossPartitions, Declined, type DeskContext } from "./desk.ts";

/** Open proposals that are read at a time, of all requests together or of one; the longest-standing come first. */
export const MEMBERS_MAX = 5_000;

/** Members that a request shows. */
export const SAMPLE_MAX = 10;

/** Lower edges of the ages by which a backlog is told, in days. */
export const backlogDays = [0, 7, 30, 90, 365] as const;

export interface Request {
  /** `NET-01.prod.v7` */
  readonly id: string;
  readonly standard: StandardRef;
  readonly environment: string;
  /** At most {@link MEMBERS_MAX}; a decision is one on so many, and what is left is asked again. */
  readonly count: number;
  /** What the count says, by how long each has been so: `days` is the lower edge. */
  readonly backlog: readonly { readonly days: number; readonly count: number }[];
  /** The longest-standing one, ISO 8601. */
  readonly oldest: string;
  /** The soonest end of the time to decide. */
  readonly expiresAt: string;
  /** People whose approval is needed, and the smallest number that any member has. */
  readonly quorum: number;
  readonly approvals: number;
  readonly escalated: boolean;
  readonly sample: readonly Proposal[];
  /** What a decision on it is bound to. */
  readonly hash: string;
}

export interface Requests {
  /** Longest-standing first. */
  readonly requests: readonly Request[];
  /** Members that could not be read and are in none of them. */
  readonly corrupt: number;
}

/** The requests that wait for people. */
export async function readRequests(context: Pick<DeskContext, "store" | "clock">): Promise<Requests> {
  const { members, corrupt } = await openMembers(context.store, []);
  return { requests: requestsOf(members, context.clock.now()), corrupt };
}

/** The requests that open proposals belong to, longest-standing first. @param members the longest-standing first */
export function requestsOf(members: readonly Proposal[], nowMs: number): Request[] {
  return [...Map.groupBy(members, ({ group }) => group ?? "")]
    .map(([id, ofGroup]) => requestOf(id, ofGroup, nowMs))
    .sort((a, b) => (a.oldest < b.oldest ? -1 : 1));
}

/** The requests alone of {@link readRequests}. */
export async function listRequests(context: Pick<DeskContext, "store" | "clock">): Promise<readonly Request[]> {
  return (await readRequests(context)).requests;
}

/** One request; undefined when nothing of it waits. */
export async function readRequest(
  context: Pick<DeskContext, "store" | "clock">,
  id: string,
): Promise<({ readonly request: Request } & Members) | undefined> {
  const { members, corrupt } = await openMembers(context.store, [{ path: "group", op: "=", value: id }]);
  return members.length === 0 ? undefined : { request: requestOf(id, members, context.clock.now()), members, corrupt };
}

interface Members {
  readonly members: readonly Proposal[];
  /** How many could not be read and are not among them. */
  readonly corrupt: number;
}

async function openMembers(store: Store, where: readonly Filter[]): Promise<Members> {
  const query = {
    container: "state" as const,
    kinds: ["proposal"],
    where: [
      { path: "live", op: "=" as const, value: true },
      { path: "state", op: "=" as const, value: "open" },
      { path: "group", op: "!=" as const, value: "" },
      ...where,
    ],
    orderBy: { path: "presentSince" },
    pageSize: 500,
  };
  const read: Proposal[] = [];
  for await (const proposal of all<Proposal>(store, query)) {
    if (proposal.group !== null) read.push(proposal);
    if (read.length >= MEMBERS_MAX) break;
  }
  const { sound, corrupt } = sift(read);
  const members = sound.toSorted((a, b) => (a.presentSince + a.id < b.presentSince + b.id ? -1 : 1));
  return { members, corrupt: corrupt.length };
}

function requestOf(id: string, members: readonly Proposal[], nowMs: number): Request {
  const [first] = members;
  if (first === undefined) throw new Declined("notFound", `nothing waits under request ${id}`);
  const ages = members.map(({ presentSince }) => Math.floor((nowMs - fromIso(presentSince)) / dayMs));
  const edge = (age: number): number => backlogDays.findLast((days) => age >= days) ?? 0;
  return {
    id,
    standard: first.standard,
    environment: first.environment,
    count: members.length,
    backlog: backlogDays.map((days) => ({ days, count: ages.filter((age) => edge(age) === days).length })),
    oldest: first.presentSince,
    expiresAt: members.map(({ expiresAt }) => expiresAt).sort()[0] ?? first.expiresAt,
    quorum: Math.max(...members.map(({ quorum }) => quorum)),
    approvals: Math.min(...members.map(({ decisions }) => decisions.length)),
    escalated: members.some(({ escalated }) => escalated),
    sample: members.slice(0, SAMPLE_MAX),
    hash: hashOf(members.map(({ hash }) => hash).sort()),
  };
}

export interface GroupDecision extends Omit<DecisionRequest, "proposal" | "hash"> {
  readonly group: string;
  /** Hash of the request that the person saw. */
  readonly hash: string;
}

export interface GroupDecided {
  readonly group: string;
  /** Proposals on which the decision stands now. */
  readonly decided: readonly string[];
  /** Those on which it doesn't, and why. */
  readonly declined: readonly { readonly proposal: string; readonly reason: string }[];
}

/**
 * One person's decision on all that a request asks for. Posted again after an interruption it goes on with what is left:
 * the hash of what the person saw then is another one, and so it is read again first.
 * @throws Declined when nothing waits under it, or it says something else now.
 */
export async function decideGroup(context: DeskContext, decision: GroupDecision): Promise<GroupDecided> {
  const { group, hash, ...person } = decision;
  const found = await readRequest(context, group);
  if (found === undefined) throw new Declined("notFound", `nothing waits under request ${group}`);
  if (found.request.hash !== hash) {
    throw new Declined("conflict", `request ${group} says something else than what you saw: read it again`);
  }
  const decided: string[] = [];
  const declined: GroupDecided["declined"][number][] = [];
  await acrossPartitions(found.members, async ({ id, hash: seen }) => {
    try {
      await decideProposal(context, { ...person, proposal: id, hash: seen });
      decided.push(id);
    } catch (error) {
      if (!(error instanceof Declined)) throw error;
      declined.push({ proposal: id, reason: error.message });
    }
  });
  return { group, decided: decided.sort(), declined: declined.sort((a, b) => (a.proposal < b.proposal ? -1 : 1)) };
}
