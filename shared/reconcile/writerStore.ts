/** Reads and stores the writer document: every step in one transaction, conditional on the step it began from. */
import { sameJson } from "../kernel/canonicalJson.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { partitionOf, type ResourceId } from "../estate/resourceId.ts";
import type { Observation, PastObservation, StateDocument, Summary } from "../desired/documents.ts";
import { faultOf } from "../desired/rows.ts";
import type { LedgerEntry } from "../ledger/chain.ts";
import { all, BATCH_OPERATIONS_MAX, type Store, type StoreOperation } from "../ports/store.ts";
import { newWriter, writerId, type Signal, type Writer, type WriterStep } from "../writer/writer.ts";

/** How often a step that lost against another one is decided anew before giving up for this time. */
export const CONTENTION_MAX = 8;

export async function readWriter(store: Store, key: ResourceId): Promise<Writer | undefined> {
  return (await store.read<Writer>("state", partitionOf(key), writerId))?.document;
}

/** Adds `count` to `wanted`; creates the document when the key is new. Doubled it only means one look more. */
export async function want(store: Store, key: ResourceId, count: number, signal: Signal | null): Promise<void> {
  const pk = partitionOf(key);
  const patch: StoreOperation = {
    kind: "patch",
    id: writerId,
    increment: { wanted: count },
    ...(signal === null ? {} : { set: { signal } }),
  };
  for (let attempt = 0; attempt < CONTENTION_MAX; attempt += 1) {
    if ((await store.write("state", pk, [patch])).ok) return;
    if ((await store.write("state", pk, [{ kind: "create", document: newWriter(key, count, signal) }])).ok) return;
  }
  throw contended(key, "asking for a look");
}

/** What is stored together with a step. */
type StoredInStep = StateDocument | Observation | PastObservation | Summary;

const stepFields = ["fence", "chain", "served", "seen", "lookedAt"] as const;

/** The operations that store a step; `wanted` is nobody's to set. */
export function stepOperations(
  before: Writer,
  step: WriterStep,
  documents: readonly StoredInStep[] = [],
): StoreOperation[] {
  const set = Object.fromEntries(
    stepFields
      .filter((field) => !sameJson(before[field], step.writer[field]))
      .map((field) => [field, step.writer[field]]),
  );
  // A step that moves nothing of the writer still stands under its condition, and a patch needs something to set.
  const isStill = Object.keys(set).length === 0;
  const operations: StoreOperation[] = [
    {
      kind: "patch",
      id: writerId,
      set: isStill ? { chain: before.chain } : set,
      increment: { step: 1 },
      condition: { path: "step", equals: before.step },
    },
    ...step.entries.map((document: LedgerEntry): StoreOperation => ({ kind: "create", document })),
    ...documents.map((document): StoreOperation => ({ kind: "upsert", document })),
  ];
  if (operations.length > BATCH_OPERATIONS_MAX) {
    throw new SteelyardError(
      "Corrupt",
      `writer ${before.key}: a step of ${operations.length} operations does not fit one batch`,
    );
  }
  return operations;
}

/** Stores a step; the writer document as it is then, or undefined when somebody else's step came first. */
export async function storeStep(
  store: Store,
  before: Writer,
  step: WriterStep,
  documents: readonly StoredInStep[] = [],
): Promise<Writer | undefined> {
  const result = await store.write("state", before.pk, stepOperations(before, step, documents));
  return result.ok ? (result.documents[0] as Writer) : undefined;
}

/**
 * Most live documents of one key. A finding, a proposal and a guard for each standard and resource: a hundred deployments
 * and fifty policies come to some 1,500.
 */
const LIVE_DOCUMENTS_MAX = 5_000;

/**
 * What is live under one key.
 * @throws SteelyardError `Corrupt` when one of the documents cannot be read: nothing is decided beside it.
 */
export async function readLive(store: Store, pk: string): Promise<StateDocument[]> {
  const documents: StateDocument[] = [];
  const query = {
    container: "state" as const,
    pk,
    kinds: ["finding", "proposal", "claim", "guard"],
    where: [{ path: "live", op: "=" as const, value: true }],
    pageSize: 200,
  };
  for await (const document of all<StateDocument>(store, query, LIVE_DOCUMENTS_MAX)) {
    const fault = document.kind === "guard" ? undefined : faultOf(document);
    if (fault !== undefined) throw new SteelyardError("Corrupt", fault);
    documents.push(document);
  }
  return documents;
}

export function contended(key: ResourceId, doing: string): SteelyardError {
  return new SteelyardError("Contended", `writer ${key}: others came first ${CONTENTION_MAX} times while ${doing}`);
}
