/** What people do: decide on a proposal, take back a change. Runs where nothing has a right on the estate. */
import { SteelyardError } from "../kernel/errors.ts";
import { dayMs, fromIso, toIso, type Clock } from "../kernel/clock.ts";
import { sameJson } from "../kernel/canonicalJson.ts";
import type { Assertion, Authority } from "../desired/assertion.ts";
import { changeHash } from "../desired/change.ts";
import {
  claimId,
  partitionOfDocument,
  type Claim,
  type Decision,
  type Proposal,
  type StateDocument,
} from "../desired/documents.ts";
import type { LedgerEntry, LedgerRecord } from "../ledger/chain.ts";
import type { Bus } from "../ports/bus.ts";
import { all, type Store, type StoreOperation } from "../ports/store.ts";
import { record, writerId, type Writer } from "../writer/writer.ts";
import { wakeOrLeave } from "./wake.ts";
import { CONTENTION_MAX, contended, readLive, stepOperations } from "./writerStore.ts";

export interface DeskContext {
  readonly clock: Clock;
  readonly store: Store;
  readonly bus: Bus;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Why a person's request is not carried out; the API maps it to a status. */
export class Declined extends Error {
  readonly reason: "notFound" | "conflict";
  constructor(reason: "notFound" | "conflict", message: string) {
    super(message);
    this.name = "Declined";
    this.reason = reason;
  }
}

export interface DecisionRequest {
  readonly proposal: string;
  readonly verdict: "approve" | "reject";
  readonly reason: string | null;
  /** Hash of what the person saw; a proposal that says something else now is not decided by this. */
  readonly hash: string | undefined;
  /** Object ID of the person, from a verified token. */
  readonly by: string;
}

/**
 * Records one person's decision and asks for a look. The same decision again changes nothing and is answered alike.
 * @throws Declined when there is no such proposal, it is over, it says something else, or the person decided otherwise.
 */
export async function decideProposal(context: DeskContext, request: DecisionRequest): Promise<Proposal> {
  const pk = partitionOfDocument(request.proposal);
  if (pk === undefined) throw new Declined("notFound", `there is no proposal ${request.proposal}`);
  return inPartition(context, pk, async (writer) => {
    const proposal = (await context.store.read<Proposal>("state", pk, request.proposal))?.document;
    if (proposal?.kind !== "proposal") throw new Declined("notFound", `there is no proposal ${request.proposal}`);
    const earlier = proposal.decisions.find(({ by }) => by === request.by);
    if (earlier?.verdict === request.verdict) return { result: proposal };
    refuseDecision(proposal, request, earlier, context.clock.now());
    const { verdict, reason, by } = request;
    const decision: Decision = { by, verdict, reason, at: toIso(context.clock.now()) };
    const decided: Proposal = {
      ...proposal,
      decisions: [...proposal.decisions, decision],
      state: verdict === "reject" ? "rejected" : proposal.state,
      // Nothing is left to expire once it is rejected; it stays so that the same is not asked again.
      wakeAt: verdict === "reject" ? null : proposal.wakeAt,
    };
    const { hash, authority } = proposal;
    const body = { proposal: proposal.id, standard: authority, hash, verdict, by, reason };
    return { result: decided, key: writer.key, documents: [decided], records: [{ type: "decision", body }] };
  });
}

function refuseDecision(
  proposal: Proposal,
  request: DecisionRequest,
  earlier: Decision | undefined,
  nowMs: number,
): void {
  if (!proposal.live || proposal.state !== "open" || fromIso(proposal.expiresAt) <= nowMs) {
    const state = proposal.state === "open" ? "expired" : proposal.state;
    throw new Declined("conflict", `proposal ${proposal.id} is ${state}: nothing can be decided any more`);
  }
  if (request.hash !== undefined && request.hash !== proposal.hash) {
    throw new Declined("conflict", `proposal ${proposal.id} says something else than what you saw: read it again`);
  }
  if (earlier !== undefined) {
    throw new Declined("conflict", `you decided "${earlier.verdict}" on proposal ${proposal.id} before`);
  }
}

/** How long an undo holds the standard off: time to find out, not a way around it. */
export const UNDO_WAIVER_MS = dayMs;

export interface UndoRequest {
  /** The applied proposal. */
  readonly change: string;
  readonly reason: string;
  readonly by: string;
}

/**
 * Takes an applied change back: opens a waiver on its fields for a day and asks for a look, which restores what was
 * there before. A third value on a field stops it.
 * @throws Declined when the change was not applied, is or was undone already, or cannot be restored.
 */
export async function undoChange(context: DeskContext, request: UndoRequest): Promise<Claim> {
  const pk = partitionOfDocument(request.change);
  if (pk === undefined) throw new Declined("notFound", `there is no change ${request.change}`);
  return inPartition(context, pk, async (writer) => {
    const proposal = (await context.store.read<Proposal>("state", pk, request.change))?.document;
    if (proposal?.kind !== "proposal") throw new Declined("notFound", `there is no change ${request.change}`);
    if (proposal.state !== "applied") {
      throw new Declined("conflict", `proposal ${proposal.id} is ${proposal.state}: only an applied one can be undone`);
    }
    const absent = proposal.fields.find(({ before }) => before === null);
    if (absent !== undefined)
      throw new Declined("conflict", `${absent.path} was absent before: a patch cannot restore that`);
    const intent = await intentOf(context.store, pk, proposal.id);
    const live = await readLive(context.store, pk);
    const claim = waiver(writer, proposal, intent, request, context.clock.now());
    const other = live.find((document) => document.kind === "claim" && overlaps(document, claim));
    if (other !== undefined) throw new Declined("conflict", `waiver ${other.id} is live on the same fields`);
    const earlier = await earlierUndo(context.store, pk, intent);
    if (earlier !== undefined) {
      const message = `change ${proposal.id} was undone before, by waiver ${earlier.id} until ${earlier.until}: a change is taken back once`;
      throw new Declined("conflict", message);
    }
    const { id, fields, by, reason, until } = claim;
    const body = {
      claim: id,
      event: "opened",
      kind: "waiver",
      undoes: intent,
      proposal: proposal.id,
      fields,
      by,
      reason,
      until,
    };
    return { result: claim, key: writer.key, documents: [claim], records: [{ type: "claim", body }] };
  });
}

function waiver(writer: Writer, proposal: Proposal, undoes: number, request: UndoRequest, nowMs: number): Claim {
  const id = claimId(writer.pk, writer.chain.seq + 1);
  const authority: Authority = { kind: "claim", id, version: 1 };
  const fields = proposal.fields.map(({ path, before, after }) => ({ path, before: after, after: before }));
  const until = toIso(nowMs + UNDO_WAIVER_MS);
  return {
    id,
    pk: writer.pk,
    kind: "claim",
    claimKind: "waiver",
    live: true,
    key: writer.key,
    target: proposal.target,
    subscriptionId: proposal.subscriptionId,
    state: "active",
    authority,
    assertions: fields.map(({ path, after }): Assertion => ({ path, op: "set", value: after, authority })),
    fields,
    hash: changeHash(proposal.target, fields, authority),
    by: request.by,
    reason: request.reason,
    from: toIso(nowMs),
    until,
    wakeAt: until,
    undoes,
    restored: false,
    attempts: 0,
    notBefore: null,
    condition: null,
  };
}

/**
 * A waiver that took the same change back before and is over: without anybody's consent a standard is held off for a
 * day, not day after day.
 */
async function earlierUndo(store: Store, pk: string, undoes: number): Promise<Claim | undefined> {
  const where = [
    { path: "undoes", op: "=" as const, value: undoes },
    { path: "restored", op: "=" as const, value: true },
  ];
  const query = { container: "state" as const, pk, kinds: ["claim"], where, pageSize: 10 };
  for await (const claim of all<Claim>(store, query)) return claim;
  return undefined;
}

function overlaps(claim: Claim, other: Claim): boolean {
  return claim.assertions.some(({ path }) => other.assertions.some((assertion) => sameJson(assertion.path, path)));
}

/** Entries of one chain that an undo looks through. */
const CHAIN_ENTRIES_MAX = 100_000;

async function intentOf(store: Store, pk: string, change: string): Promise<number> {
  const query = {
    container: "state" as const,
    pk,
    kinds: ["entry"],
    where: [
      { path: "type", op: "=" as const, value: "intent" },
      { path: "body.id", op: "=" as const, value: change },
    ],
    pageSize: 100,
  };
  let last: LedgerEntry | undefined;
  for await (const entry of all<LedgerEntry>(store, query, CHAIN_ENTRIES_MAX)) {
    if (last === undefined || entry.seq > last.seq) last = entry;
  }
  if (last === undefined) throw new SteelyardError("Corrupt", `change ${change} was applied without an intent`);
  return last.seq;
}

interface Plan<T> {
  readonly result: T;
  /** Without documents nothing is stored. */
  readonly key?: string;
  readonly documents?: readonly StateDocument[];
  readonly records?: readonly LedgerRecord[];
}

/** Decides on the partition as it is, stores documents, ledger entries and the wish for a look in one transaction. */
async function inPartition<T>(
  context: DeskContext,
  pk: string,
  plan: (writer: Writer) => Promise<Plan<T>>,
): Promise<T> {
  for (let attempt = 0; attempt < CONTENTION_MAX; attempt += 1) {
    const writer = (await context.store.read<Writer>("state", pk, writerId))?.document;
    if (writer === undefined) throw new Declined("notFound", "nothing is known of that target");
    const { result, documents, records } = await plan(writer);
    if (documents === undefined) return result;
    const step = record(writer, records ?? [], context.clock.now());
    const [first, ...rest] = stepOperations(writer, step, documents);
    if (first?.kind !== "patch") throw new SteelyardError("Corrupt", "a step begins with the writer's patch");
    const operations: StoreOperation[] = [
      // What a person decided is acted on at once, however quiet the target was.
      { ...first, set: { ...first.set, seen: null }, increment: { ...first.increment, wanted: 1 } },
      ...rest,
    ];
    if (!(await context.store.write("state", pk, operations)).ok) continue;
    await wakeOrLeave(context, writer.key);
    return result;
  }
  throw contended(pk as Writer["key"], "recording a decision");
}
