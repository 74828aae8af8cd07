/** The minute job that seals the chain heads that moved. */
import { seal, SEAL_HEADS_MAX, type Seal } from "../ledger/seal.ts";
import type { ChainHead } from "../ledger/chain.ts";
import { all, type StoredDocument, type StoreOperation } from "../ports/store.ts";
import type { Writer } from "../writer/writer.ts";
import type { PassContext } from "./context.ts";

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
}

/**
 * Seals what moved; answers how many heads. Two jobs at once: the second finds the seal's number taken and leaves the
 * heads to the next minute. No seal is made when nothing moved.
 */
export async function sealHeads(context: PassContext, memory: SealMemory = {}): Promise<number> {
  const { container, pk, id } = stateAddress;
  if (memory.sealed !== undefined && Object.keys(await movedSince(context, memory.sealed)).length === 0) return 0;
  const read = await context.store.read<SealState>(container, pk, id);
  const sealed = read?.document.sealed ?? {};
  memory.sealed = sealed;
  const heads = await movedSince(context, sealed);
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

/** Heads above their sealed number, by partition; so many as fit into one seal. */
async function movedSince(context: PassContext, sealed: SealState["sealed"]): Promise<Record<string, ChainHead>> {
  const heads: Record<string, ChainHead> = {};
  const query = {
    container: "state" as const,
    kinds: ["writer"],
    where: [{ path: "chain.seq", op: ">" as const, value: 0 }],
    pageSize: 500,
  };
  for await (const writer of all<Writer>(context.store, query)) {
    if (writer.chain.seq > (sealed[writer.pk] ?? 0)) heads[writer.pk] = writer.chain;
    if (Object.keys(heads).length >= SEAL_HEADS_MAX) break;
  }
  return heads;
}
