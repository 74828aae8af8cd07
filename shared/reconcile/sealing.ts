/** Seals the chain heads that moved; the sweeper's minute does it. */
import { seal, SEAL_HEADS_MAX, type Seal } from "../ledger/seal.ts";
import type { ChainHead } from "../ledger/chain.ts";
import type { Page, Query, Selection, StoredDocument, StoreOperation } from "../ports/store.ts";
import type { Writer } from "../writer/writer.ts";
import type { PassContext } from "./context.ts";
import type { Heartbeat } from "./heartbeat.ts";

/** Where the sealing stands: the last seal and the sealed number of every chain. */
interface SealState extends StoredDocument {
  readonly kind: "sealState";
  readonly last: Pick<Seal, "seq" | "root">;
  readonly sealed: { readonly [pk: string]: number };
}

const stateAddress = { container: "seals", pk: "seals", id: "state" } as const;

/**
 * What a process knows to be sealed. Numbers only grow, whoever seals, so what is sealed by it need not be asked about: in
 * most minutes nothing moved, and the state, which names every chain, is not read at all.
 */
export interface SealMemory {
  sealed?: SealState["sealed"];
  /** All that was written before this mark of the store is sealed by `sealed`: only later writers are asked for. */
  mark?: string | undefined;
  /** Looks in a row that asked only for later writers. */
  looks?: number;
}

/**
 * After so many looks at what was written lately all writers are looked at again, so that a write which the store's own
 * clocks put further back than it allows for (a failover, a restore) waits for its seal an hour at most.
 */
const LATELY_MAX = 60;

/** Pages of one look; a query over partitions answers a page of each range in turn, of which most may be empty. */
const PAGES_MAX = 1_000;

/** What was written lately, as far as sealing needs to know of it. */
export interface Lately {
  readonly items: readonly (Writer | Heartbeat)[];
  readonly mark: string | undefined;
}

/** What whoever asks the store anyway asks for sealing; none when sealing has to look at all writers itself. */
export function lately(memory: SealMemory): Selection[] {
  const { sealed, mark = null, looks = 0 } = memory;
  return sealed === undefined || mark === null || looks >= LATELY_MAX ? [] : writersSince(mark);
}

/** The heartbeat is written every minute: where no chain moves, it is what moves the mark. */
function writersSince(since: string | null): [Selection, Selection] {
  return [
    { kinds: ["writer"], where: [{ path: "chain.seq", op: ">", value: 0 }], since },
    { kinds: ["heartbeat"], since },
  ];
}

/**
 * Seals what moved; answers how many heads. Two jobs at once: the second finds the seal's number taken and leaves the
 * heads to the next minute. No seal is made when nothing moved.
 *
 * @param told the whole answer to {@link lately}, from whoever asked for it
 */
export async function sealHeads(context: PassContext, memory: SealMemory = {}, told?: Lately): Promise<number> {
  const { container, pk, id } = stateAddress;
  if (await isSealed(context, memory, told)) return 0;
  const read = await context.store.read<SealState>(container, pk, id);
  const sealed = read?.document.sealed ?? {};
  memory.sealed = sealed;
  memory.mark = undefined;
  const { heads } = await movedSince(context, sealed, null);
  const count = Object.keys(heads).length;
  if (count === 0) return 0;
  const next = seal(read?.document.last, heads, context.clock.now());
  const numbers = Object.fromEntries(Object.entries(heads).map(([chain, { seq }]) => [chain, seq]));
  const state: SealState = {
    id,
    pk,
    kind: "sealState",
    last: { seq: next.seq, root: next.root },
    sealed: { ...sealed, ...numbers },
  };
  const operations: StoreOperation[] = [
    { kind: "create", document: next },
    read === undefined ? { kind: "create", document: state } : { kind: "replace", document: state, etag: read.etag },
  ];
  const result = await context.store.write(container, pk, operations);
  if (result.ok) memory.sealed = state.sealed;
  else context.log("another job sealed first", { seal: next.seq });
  return result.ok ? count : 0;
}

/** Whether nothing moved beyond what the process knows to be sealed. */
async function isSealed(context: PassContext, memory: SealMemory, told: Lately | undefined): Promise<boolean> {
  const { sealed, looks = 0 } = memory;
  if (sealed === undefined) return false;
  const since = looks < LATELY_MAX ? (memory.mark ?? null) : null;
  const { heads, mark } =
    told === undefined
      ? await movedSince(context, sealed, since)
      : { heads: headsAbove(sealed, told.items), mark: told.mark };
  if (Object.keys(heads).length > 0) return false;
  memory.mark = mark ?? memory.mark;
  memory.looks = since === null ? 0 : looks + 1;
  return true;
}

/** Heads above their sealed number, by partition. */
function headsAbove(sealed: SealState["sealed"], items: readonly (Writer | Heartbeat)[]): Record<string, ChainHead> {
  const moved = items.flatMap((item) =>
    item.kind === "writer" && item.chain.seq > (sealed[item.pk] ?? 0) ? [[item.pk, item.chain] as const] : [],
  );
  return Object.fromEntries(moved);
}

/**
 * Heads above their sealed number, by partition; so many as fit into one seal.
 * @param since a mark of the store: only of writers that were written later; null: of all
 */
async function movedSince(
  context: PassContext,
  sealed: SealState["sealed"],
  since: string | null,
): Promise<{ readonly heads: Record<string, ChainHead>; readonly mark: string | undefined }> {
  const heads: Record<string, ChainHead> = {};
  const [writers, heartbeat] = writersSince(since);
  const query: Query = { container: "state", ...writers, or: [heartbeat], pageSize: 500 };
  let mark: string | undefined;
  let continuation: string | undefined;
  for (let pages = 0; ; pages += 1) {
    if (pages === PAGES_MAX) throw new Error(`the chains' heads did not end after ${PAGES_MAX} pages`);
    const page: Page<Writer | Heartbeat> = await context.store.query(
      continuation === undefined ? query : { ...query, continuation },
    );
    // Of the first page that tells: what was written in a range while the next was read comes after it.
    mark ??= page.mark;
    for (const [chain, head] of Object.entries(headsAbove(sealed, page.items))) {
      heads[chain] = head;
      if (Object.keys(heads).length >= SEAL_HEADS_MAX) return { heads, mark };
    }
    continuation = page.continuation;
    if (continuation === undefined) return { heads, mark };
  }
}
