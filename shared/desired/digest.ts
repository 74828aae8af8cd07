/**
 * The daily digest: what people have to know of a day without being asked about each thing. Made once a day from what
 * stands on record at that moment (what waits, what is not in order, what is held) and from the ledger entries of the
 * period since the digest before (what was written, taken back, ended, configured). Pure; whoever stores it makes sure that
 * there is one a day.
 *
 * It holds ids of standards, targets and proposals and object IDs of people, no names and nothing that people wrote. Every
 * list is bounded and says how many there are in all; all of it is sorted, so the same record gives the same digest in
 * whatever order it was read.
 */
import { dayMs, fromIso, hourMs, toIso } from "../kernel/clock.ts";
import type { LedgerEntry } from "../ledger/chain.ts";
import { toldByLedger, type Told } from "./digestLedger.ts";
import {
  bounded,
  compare,
  people,
  placeKey,
  ROWS_MAX,
  sorted,
  sum,
  type Bounded,
  type Problem,
} from "./digestLists.ts";
import type { Claim, Finding, Proposal } from "./documents.ts";

/** A period is never longer: of what was longer ago the ledger tells. */
export const PERIOD_MAX_MS = 7 * dayMs;

/** What waits for people: a request for many at once, or single proposals of one standard in one environment. */
export interface WaitingRow {
  readonly standard: string;
  readonly environment: string;
  /** `NET-01.prod.v7`; null for what is asked one by one. */
  readonly request: string | null;
  readonly count: number;
  /** Since when the longest-standing one has been so, ISO 8601. */
  readonly oldest: string;
  /** The soonest end of the time to decide, ISO 8601. */
  readonly expiresAt: string;
  /** How many more people were asked about. */
  readonly escalated: number;
}

export interface FindingsRow {
  readonly standard: string;
  readonly environment: string;
  /** Not as the standard demands. */
  readonly open: number;
  /** It could not be judged. */
  readonly unknown: number;
  /** A live claim stands above the standard. */
  readonly waived: number;
  /** Of those that are not waived: found in the period. */
  readonly new: number;
  /** Closed in the period. */
  readonly closed: number;
}

/** Findings and claims about which nothing is being done, by the reason of their condition. */
export interface HeldRow {
  readonly reason: string;
  readonly count: number;
  /** Who makes it necessary again and again, for `Flapping`; empty for every other reason. */
  readonly actors: Bounded<string>;
}

export interface EndingWaiver {
  readonly id: string;
  readonly target: string;
  readonly until: string;
  /** Object ID of whoever opened it. */
  readonly by: string;
}

/** A change of the configuration that waits for a second person. */
export interface PendingChange {
  readonly id: string;
  readonly by: string;
  readonly expiresAt: string;
}

export const readings = ["findings", "proposals", "claims", "entries"] as const;
export type Reading = (typeof readings)[number];

export interface Digest extends Told {
  /** Day of its end, such as 2026-11-21. */
  readonly date: string;
  /** The period, business time, ISO 8601: after `from`, up to and including `to`. */
  readonly from: string;
  readonly to: string;
  /** When the record was read: what waits, is open and is held is told as of then. */
  readonly at: string;
  readonly configVersion: number;
  readonly paused: boolean;
  /** Titles of the standards that it names. */
  readonly titles: Readonly<Record<string, string>>;
  readonly waiting: Bounded<WaitingRow>;
  readonly findings: Bounded<FindingsRow>;
  readonly held: Bounded<HeldRow>;
  /** Waivers that end within a day. */
  readonly waivers: Bounded<EndingWaiver>;
  readonly pendingChanges: Bounded<PendingChange>;
  readonly problems: Bounded<Problem>;
  /** Over all rows, also those that are not among the items. */
  readonly totals: Told["totals"] &
    Readonly<Record<"waiting" | "open" | "unknown" | "waived" | "new" | "held", number>>;
  /** Of these there was more than could be read: what is counted from them is the least that it can be. */
  readonly atLeast: readonly Reading[];
}

export interface DigestInput {
  readonly date: string;
  readonly from: string;
  readonly to: string;
  readonly at: string;
  readonly config: { readonly version: number; readonly paused: boolean };
  /** The live ones. */
  readonly findings: readonly Finding[];
  readonly proposals: readonly Proposal[];
  readonly claims: readonly Claim[];
  /** Those of the period, and intents of before whose outcome is among them. */
  readonly entries: readonly LedgerEntry[];
  readonly pendingChanges: readonly PendingChange[];
  readonly problems: readonly Problem[];
  readonly atLeast: readonly Reading[];
}

/** The digest that is due: the last time that the hour has come. */
export function digestDue(hour: number, nowMs: number): { readonly date: string; readonly to: string } {
  const todayMs = Math.floor(nowMs / dayMs) * dayMs + hour * hourMs;
  const to = toIso(todayMs <= nowMs ? todayMs : todayMs - dayMs);
  return { date: to.slice(0, 10), to };
}

/**
 * Where the period begins: at the end of the digest before, so that nothing falls between two, whatever days were missed
 * and whatever hour was configured then; a day ago when there is none of the last {@link PERIOD_MAX_MS}.
 */
export function digestFrom(previousTo: string | undefined, to: string): string {
  const agoMs = previousTo === undefined ? 0 : fromIso(to) - fromIso(previousTo);
  return previousTo !== undefined && agoMs > 0 && agoMs <= PERIOD_MAX_MS ? previousTo : toIso(fromIso(to) - dayMs);
}

export function digestOf(input: DigestInput): Digest {
  const { date, from, to, at, config, findings, proposals, claims, pendingChanges } = input;
  const { closed, misread, ...told } = toldByLedger(input);
  const waiting = waitingRows(proposals);
  const found = findingsRows(input, closed);
  const held = heldRows(findings, proposals, claims);
  return {
    ...told,
    date,
    from,
    to,
    at,
    configVersion: config.version,
    paused: config.paused,
    titles: titlesOf([...findings, ...proposals]),
    waiting: bounded(waiting, ROWS_MAX),
    findings: bounded(found, ROWS_MAX),
    held: bounded(held, ROWS_MAX),
    waivers: bounded(endingWaivers(claims, at), ROWS_MAX),
    pendingChanges: bounded(
      sorted(pendingChanges, ({ expiresAt, id }) => [expiresAt, id]),
      ROWS_MAX,
    ),
    problems: bounded(
      sorted([...input.problems, ...misread], ({ reason, message }) => [reason, message]),
      ROWS_MAX,
    ),
    totals: {
      ...told.totals,
      waiting: sum(waiting, "count"),
      open: sum(found, "open"),
      unknown: sum(found, "unknown"),
      waived: sum(found, "waived"),
      new: sum(found, "new"),
      held: sum(held, "count"),
    },
    atLeast: readings.filter((reading) => input.atLeast.includes(reading)),
  };
}

/** The soonest end first. */
function waitingRows(proposals: readonly Proposal[]): WaitingRow[] {
  const open = proposals.filter(({ live, state }) => live && state === "open");
  const groups = Map.groupBy(
    open,
    ({ standard, environment, group }) => `${standard.id} ${environment} ${group ?? ""}`,
  );
  const rows = [...groups.values()].flatMap((members): WaitingRow[] => {
    const [first] = members;
    if (first === undefined) return [];
    return [
      {
        standard: first.standard.id,
        environment: first.environment,
        request: first.group,
        count: members.length,
        oldest: least(members.map(({ presentSince }) => presentSince)),
        expiresAt: least(members.map(({ expiresAt }) => expiresAt)),
        escalated: members.filter(({ escalated }) => escalated).length,
      },
    ];
  });
  return sorted(rows, ({ expiresAt, standard, environment, request }) => [
    expiresAt,
    standard,
    environment,
    request ?? "",
  ]);
}

function findingsRows({ findings, from, to }: DigestInput, closed: ReadonlyMap<string, number>): FindingsRow[] {
  const groups = Map.groupBy(
    findings.filter(({ live }) => live),
    ({ standard, environment }) => placeKey(standard.id, environment),
  );
  const keys = new Set([...groups.keys(), ...closed.keys()]);
  const rows = [...keys].map((key): FindingsRow => {
    const members = groups.get(key) ?? [];
    const standing = members.filter(({ state }) => state === "open");
    const [standard = "", environment = ""] = key.split(" ");
    return {
      standard,
      environment,
      open: standing.filter(({ verdict }) => verdict === "fail").length,
      unknown: standing.filter(({ verdict }) => verdict === "unknown").length,
      waived: members.length - standing.length,
      new: standing.filter(({ since }) => from < since && since <= to).length,
      closed: closed.get(key) ?? 0,
    };
  });
  return sorted(rows, ({ standard, environment }) => [standard, environment]);
}

/** A finding's proposal may know better than the finding what stands in the way: it is tried in between two looks. */
function heldRows(findings: readonly Finding[], proposals: readonly Proposal[], claims: readonly Claim[]): HeldRow[] {
  const asked = new Map(proposals.map((proposal) => [proposal.id, proposal]));
  const ofFindings = findings.map(({ condition, proposal, changedBy, live }) => ({
    live,
    changedBy,
    condition: (proposal === null ? undefined : asked.get(proposal)?.condition) ?? condition,
  }));
  const ofClaims = claims.map(({ condition, live }) => ({ live, changedBy: null, condition }));
  const groups = Map.groupBy(
    [...ofFindings, ...ofClaims].filter(({ live, condition }) => live && condition !== null),
    ({ condition }) => condition?.reason ?? "",
  );
  const rows = [...groups].map(([reason, members]): HeldRow => {
    const actors = reason === "Flapping" ? members.map(({ changedBy }) => changedBy) : [];
    return { reason, count: members.length, actors: people(actors) };
  });
  return rows.sort((a, b) => b.count - a.count || compare(a.reason, b.reason));
}

function endingWaivers(claims: readonly Claim[], at: string): EndingWaiver[] {
  const before = toIso(fromIso(at) + dayMs);
  const ending = claims.filter(({ live, state, until }) => live && state === "active" && until <= before);
  return sorted(
    ending.map(({ id, target, until, by }) => ({ id, target, until, by })),
    ({ until, id }) => [until, id],
  );
}

/** By the newest version of each. */
function titlesOf(documents: readonly Pick<Finding, "standard">[]): Record<string, string> {
  const newest = new Map<string, Finding["standard"]>();
  for (const { standard } of documents) {
    const known = newest.get(standard.id);
    if (known === undefined || known.version < standard.version) newest.set(standard.id, standard);
  }
  return Object.fromEntries(sorted([...newest.values()], ({ id }) => [id]).map(({ id, title }) => [id, title]));
}

function least(texts: readonly string[]): string {
  return texts.reduce((a, b) => (b < a ? b : a));
}
