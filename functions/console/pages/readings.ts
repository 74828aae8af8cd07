/**
 * What the pages read. The last good answer of each question is kept for a while in this process: when the store is
 * away, a page shows it and says how old it is. It is a picture and never a basis of a decision.
 */
import { partitionOfDocument, type Claim, type Finding, type Proposal } from "../../../shared/desired/documents.ts";
import { faultOf, sift, wellFormed, type Row } from "../../../shared/desired/rows.ts";
import { SteelyardError } from "../../../shared/kernel/errors.ts";
import { toIso } from "../../../shared/kernel/clock.ts";
import type { LedgerEntry } from "../../../shared/ledger/chain.ts";
import type { Filter, Query } from "../../../shared/ports/store.ts";
import type { Compiled } from "../../../shared/reconcile/configuration.ts";
import { mayDecide } from "../../../shared/reconcile/decisions.ts";
import { Declined } from "../../../shared/reconcile/desk.ts";
import type { FindingsCount } from "../../../shared/view/emptyBecause.ts";
import type { Standing } from "../../../shared/view/findingsPage.ts";
import { html, type Html } from "../../../shared/view/html.ts";
import type { Desk, Viewer } from "../../../shared/view/person.ts";
import { corruptNote, STALE_REASON, staleNote } from "../../../shared/view/states.ts";
import { edge } from "../../edgeContext.ts";
import { isStoreAway } from "./away.ts";

/** Proposals or findings on one page: some 60 kB of markup. */
export const PAGE_ROWS = 25;
/** Entries that the story of one proposal is looked for among. */
const STORY_ENTRIES_MAX = 300;
/** Answers that are remembered; the oldest goes first. */
const KEPT_MAX = 100;

const kept = new Map<string, { readonly value: unknown; readonly readAt: string }>();

/** What was read, when, and whether that is now. */
export interface Reading<T> {
  readonly value: T;
  readonly readAt: string;
  readonly isStale: boolean;
}

/** Reads; when the store is away, answers what it said before. @throws SteelyardError `Unavailable` when it never did */
export async function reading<T>(question: string, nowMs: number, read: () => Promise<T>): Promise<Reading<T>> {
  try {
    const value = await read();
    const readAt = toIso(nowMs);
    const [oldest] = kept.keys();
    kept.delete(question);
    if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    kept.set(question, { value, readAt });
    return { value, readAt, isStale: false };
  } catch (error) {
    const last = kept.get(question);
    if (!isStoreAway(error) || last === undefined) throw error;
    edge.log("a page shows what was read before", { question, readAt: last.readAt, error: String(error) });
    return { value: last.value as T, readAt: last.readAt, isStale: true };
  }
}

/** What stands above a page that shows an old picture, or not all: `corrupt` documents could not be read. */
export function staleBanner({ isStale, readAt }: Reading<unknown>, nowMs: number, corrupt = 0): Html | null {
  if (!isStale && corrupt === 0) return null;
  return html`${isStale ? staleNote(readAt, nowMs) : null}${corrupt === 0 ? null : corruptNote(corrupt)}`;
}

export interface Rows<T> {
  readonly items: readonly T[];
  readonly continuation: string | null;
  /** Documents of this page that could not be read; they are not among the items. */
  readonly corrupt: number;
}

const waits: Query = {
  container: "state",
  kinds: ["proposal"],
  where: [
    { path: "live", op: "=", value: true },
    { path: "state", op: "=", value: "open" },
    // Those of a request are asked about together.
    { path: "group", op: "=", value: null },
  ],
  orderBy: { path: "expiresAt" },
  pageSize: PAGE_ROWS,
};

/** Proposals that wait by themselves, soonest end first. */
export function openProposals(continuation: string | null): Promise<Rows<Proposal>> {
  return rows<Proposal>(waits, continuation);
}

/** @throws Declined `notFound`; SteelyardError `Corrupt` */
export async function proposalOf(id: string): Promise<Proposal> {
  const pk = partitionOfDocument(id);
  const found = pk === undefined ? undefined : await edge.store.read<Proposal>("state", pk, id);
  if (found?.document.kind !== "proposal") throw new Declined("notFound", `there is no proposal ${id}`);
  const fault = faultOf(found.document);
  if (fault !== undefined) throw new SteelyardError("Corrupt", fault);
  return found.document;
}

/** The proposal that waits for the same standard on the same target now, other than this one. */
export async function successorOf(proposal: Proposal): Promise<Proposal | undefined> {
  const where = [
    { path: "live", op: "=" as const, value: true },
    { path: "state", op: "=" as const, value: "open" },
    { path: "standard.id", op: "=" as const, value: proposal.standard.id },
  ];
  const { items } = await edge.store.query<Proposal>({
    container: "state",
    pk: proposal.pk,
    kinds: ["proposal"],
    where,
    pageSize: 10,
  });
  return items.find(({ id, target }) => id !== proposal.id && target === proposal.target);
}

/** Entries of the proposal's chain since it was asked, oldest first. */
export async function storyOf(proposal: Proposal): Promise<readonly LedgerEntry[]> {
  const { items } = await edge.store.query<LedgerEntry>({
    container: "state",
    pk: proposal.pk,
    kinds: ["entry"],
    where: [{ path: "at", op: ">=", value: proposal.askedAt }],
    orderBy: { path: "cursor" },
    pageSize: STORY_ENTRIES_MAX,
  });
  return sift(items).sound;
}

/** Findings that stand, oldest first. */
export function liveFindings(continuation: string | null): Promise<Rows<Finding>> {
  const where = [{ path: "live", op: "=" as const, value: true }];
  const query: Query = {
    container: "state",
    kinds: ["finding"],
    where,
    orderBy: { path: "since" },
    pageSize: PAGE_ROWS,
  };
  return rows<Finding>(query, continuation);
}

/** Findings that these conditions leave, those of one standard together. */
export function findingsBy(where: readonly Filter[], continuation: string | null): Promise<Rows<Finding>> {
  const orderBy = { path: "standard.id" };
  const query: Query = { container: "state", kinds: ["finding"], where, orderBy, pageSize: PAGE_ROWS };
  return rows<Finding>(query, continuation);
}

/** Claims that may be live on one account at a time; of one field there is one. */
const CLAIMS_MAX = 50;

/** What is being done about each of these findings, in their order. */
export function standingsOf(findings: readonly Finding[]): Promise<readonly Standing[]> {
  return Promise.all(
    findings.map(async (finding) => {
      const [proposal, waiver] = await Promise.all([
        finding.proposal === null ? undefined : edge.store.read<Proposal>("state", finding.pk, finding.proposal),
        finding.state === "waived" ? waiverOf(finding) : undefined,
      ]);
      const isCorrupt = proposal !== undefined && !wellFormed("proposal", proposal.document);
      return { finding, proposal: isCorrupt ? undefined : proposal?.document, waiver, isCorrupt };
    }),
  );
}

/** The claim that stands above the standard; the reason names the field that both are about. */
async function waiverOf({ pk, target, reason }: Finding): Promise<Claim | undefined> {
  const where = [{ path: "live", op: "=" as const, value: true }];
  const { items } = await edge.store.query<Claim>({
    container: "state",
    pk,
    kinds: ["claim"],
    where,
    pageSize: CLAIMS_MAX,
  });
  return sift(items).sound.find(
    (claim) => claim.target === target && claim.fields.some(({ path }) => reason.includes(path)),
  );
}

/** How many rows there are, as far as one page tells. */
export function countOf({ items, continuation, corrupt }: Rows<unknown>): FindingsCount {
  return { number: items.length + corrupt, more: continuation !== null };
}

/** The configuration; undefined when none was applied yet or it is not understood, which is told elsewhere. */
export async function configOf(): Promise<Compiled | undefined> {
  try {
    return await edge.configuration.read();
  } catch (error) {
    if (error instanceof SteelyardError && (error.code === "NotFound" || error.code === "BadInput")) return undefined;
    throw error;
  }
}

/** What stands above the roles of whoever looks; held again, by the same function, when a decision is recorded. */
export function deskOf(compiled: Compiled | undefined, viewer: Viewer, isStale: boolean): Desk {
  return {
    readOnly: isStale ? STALE_REASON : undefined,
    isNamed: (proposal) => compiled === undefined || mayDecide(compiled, proposal, viewer.oid),
  };
}

async function rows<T extends Row>(query: Query, continuation: string | null): Promise<Rows<T>> {
  const found = await edge.store.query<T>(continuation === null ? query : { ...query, continuation });
  const { sound, corrupt } = sift(found.items);
  return { items: sound, continuation: found.continuation ?? null, corrupt: corrupt.length };
}

/** Where the next page is, for a link. */
export function nextPage(path: string, { continuation }: Rows<unknown>): string | null {
  if (continuation === null) return null;
  return `${path}${path.includes("?") ? "&" : "?"}after=${Buffer.from(continuation, "utf8").toString("base64url")}`;
}

/** The continuation of such a link; null on the first page. @throws SteelyardError `BadInput` */
export function afterOf(query: URLSearchParams): string | null {
  const given = query.get("after");
  if (given === null) return null;
  const text = Buffer.from(given.slice(0, 8_192), "base64url").toString("utf8");
  if (text === "" || !/^[\x20-\x7e]+$/.test(text)) {
    throw new SteelyardError("BadInput", "query at after: expected the address of a link on a page of the console");
  }
  return text;
}
