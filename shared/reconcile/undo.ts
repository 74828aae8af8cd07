/** Taking changes back: one, or all that one run made. */
import { SteelyardError } from "../kernel/errors.ts";
import { dayMs, fromIso, toIso } from "../kernel/clock.ts";
import type { Assertion, Authority } from "../desired/assertion.ts";
import { changeHash } from "../desired/change.ts";
import { claimId, partitionOfDocument, type Claim, type Proposal } from "../desired/documents.ts";
import { ownedByTemplate } from "../desired/gate.ts";
import { forgotten, guardId, type Guard } from "../desired/guard.ts";
import { isOwned, ownedAt } from "../desired/terms.ts";
import { restored } from "../standards/restoring.ts";
import type { LedgerEntry } from "../ledger/chain.ts";
import { all, type Page, type Store } from "../ports/store.ts";
import type { Writer } from "../writer/writer.ts";
import type { Compiled } from "./configuration.ts";
import { acrossPartitions, Declined, inPartition, type DeskContext } from "./desk.ts";
import { readLive } from "./writerStore.ts";

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
  const compiled = await context.configuration.read();
  return inPartition(context, pk, async (writer) => {
    const proposal = (await context.store.read<Proposal>("state", pk, request.change))?.document;
    if (proposal?.kind !== "proposal") throw new Declined("notFound", `there is no change ${request.change}`);
    if (proposal.state !== "applied") {
      throw new Declined("conflict", `proposal ${proposal.id} is ${proposal.state}: only an applied one can be undone`);
    }
    refuseTaker(compiled, proposal, request);
    const { key, target } = proposal;
    const back = restored(proposal);
    if ("absent" in back)
      throw new Declined("conflict", `${back.absent} was absent before: Azure cannot be asked to restore that`);
    const intent = await intentOf(context.store, pk, proposal.id);
    const live = await readLive(context.store, pk);
    const claim = waiver(writer, { ...proposal, ...back }, intent, request, context.clock.now());
    const other = live.find((document) => document.kind === "claim" && overlaps(document, claim));
    if (other !== undefined) throw new Declined("conflict", `waiver ${other.id} is live on the same fields`);
    const earlier = await earlierUndo(context.store, pk, intent);
    if (earlier !== undefined) {
      const message = `change ${proposal.id} was undone before, by waiver ${earlier.id} until ${earlier.until}: a change is taken back once`;
      throw new Declined("conflict", message);
    }
    const before = proposal.unasked === null ? undefined : await takenBackBy(context.store, claim, context.clock.now());
    if (before !== undefined) {
      const message = `you took the same back before, by waiver ${before.id} until ${before.until}, and nobody agreed to it since: somebody else has to`;
      throw new Declined("conflict", message);
    }
    const { id, fields, by, reason, until } = claim;
    const body = {
      claim: id,
      event: "opened",
      kind: "waiver",
      undoes: intent,
      proposal: proposal.id,
      standard: proposal.authority,
      fields,
      by,
      reason,
      until,
    };
    const guard = (await context.store.read<Guard>("state", pk, guardId(proposal.standard.id, key, target)))?.document;
    const taken = new Set(fields.map(({ path }) => path));
    const documents = guard === undefined ? [claim] : [claim, forgotten(guard, taken)];
    return { result: claim, key: writer.key, documents, records: [{ type: "claim", body }] };
  });
}

/**
 * What no one person may take back: a change that puts right what that person did, or they would grant themselves an
 * exception; a field that belongs to a template, which we never write.
 */
function refuseTaker({ config }: Compiled, proposal: Proposal, { by }: UndoRequest): void {
  if (proposal.changedBy === by) {
    throw new Declined("forbidden", "you made the change that this put right: somebody else has to take it back");
  }
  const { environment, subscriptionId } = proposal;
  const paths = ownedAt(config, { environment, subscriptionId });
  const owned = proposal.fields.map(({ path }) => path).filter((path) => isOwned(paths, path));
  if (owned.length > 0) throw new Declined("conflict", ownedByTemplate(owned).message);
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
    createdAt: proposal.createdAt,
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

/** For so long after their waiver a person cannot take the same back again, where nobody agreed to it in between. */
export const UNDO_AGAIN_MS = 7 * dayMs;

/**
 * A waiver of the same person that held the same off lately. Where a standard is enforced each day brings another change
 * to take back, to which nobody agreed: without this, one person would hold it off day after day.
 */
async function takenBackBy(store: Store, claim: Claim, nowMs: number): Promise<Claim | undefined> {
  const where = [
    { path: "by", op: "=" as const, value: claim.by },
    { path: "restored", op: "=" as const, value: true },
  ];
  const query = { container: "state" as const, pk: claim.pk, kinds: ["claim"], where, pageSize: 100 };
  for await (const earlier of all<Claim>(store, query))
    if (overlaps(earlier, claim) && fromIso(earlier.until) + UNDO_AGAIN_MS > nowMs) return earlier;
  return undefined;
}

function overlaps(claim: Claim, other: Claim): boolean {
  if (claim.target !== other.target) return false;
  return claim.assertions.some(({ path }) => other.assertions.some((assertion) => assertion.path === path));
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

/** Changes of one run that one request takes back, and a batch of {@link RUN_BATCH} more; the next one does the rest. */
export const RUN_CHANGES_MAX = 2_000;

/** Changes that are read and taken back at a time. */
const RUN_BATCH = 200;

export interface RunUndone {
  readonly run: string;
  /** Waivers that are open now, by the changes that they take back. */
  readonly undone: readonly { readonly change: string; readonly target: string; readonly waiver: string }[];
  /** Changes that were not taken back, and why: they were before, or a waiver is live on the same fields. */
  readonly declined: readonly { readonly change: string; readonly target: string; readonly reason: string }[];
}

/**
 * Takes back all that one run wrote: what was put right together when a standard's mode was raised, or on one day. Asked
 * again it goes on where it was interrupted, or stopped after `max` changes: what was taken back before is declined and
 * does not count.
 * @throws Declined when nothing of that run was applied.
 */
export async function undoRun(
  context: DeskContext,
  request: { readonly run: string; readonly reason: string; readonly by: string },
  max = RUN_CHANGES_MAX,
): Promise<RunUndone> {
  const { run, reason, by } = request;
  const undone: RunUndone["undone"][number][] = [];
  const declined: RunUndone["declined"][number][] = [];
  for await (const batch of appliedIn(context.store, run)) {
    await acrossPartitions(batch, async ({ id: change, target }) => {
      try {
        const claim = await undoChange(context, { change, reason, by });
        undone.push({ change, target, waiver: claim.id });
      } catch (error) {
        if (!(error instanceof Declined)) throw error;
        declined.push({ change, target, reason: error.message });
      }
    });
    if (undone.length >= max) break;
  }
  if (undone.length + declined.length === 0) throw new Declined("notFound", `nothing was written in run ${run}`);
  const byTarget = (a: { target: string }, b: { target: string }): number => (a.target < b.target ? -1 : 1);
  return { run, undone: undone.sort(byTarget), declined: declined.sort(byTarget) };
}

/** What a run wrote, a batch at a time. */
async function* appliedIn(store: Store, run: string): AsyncGenerator<readonly Proposal[]> {
  const where = [
    { path: "run", op: "=" as const, value: run },
    { path: "state", op: "=" as const, value: "applied" },
  ];
  const query = { container: "state" as const, kinds: ["proposal"], where, pageSize: RUN_BATCH };
  let continuation: string | undefined;
  do {
    const page: Page<Proposal> = await store.query(continuation === undefined ? query : { ...query, continuation });
    yield page.items;
    continuation = page.continuation;
  } while (continuation !== undefined);
}
