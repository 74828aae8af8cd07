/** Where people's requests are carried out: one transaction on one partition, and a look afterwards. */
import type { Clock } from "../kernel/clock.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { partitionOfDocument, type StateDocument } from "../desired/documents.ts";
import type { LedgerRecord } from "../ledger/chain.ts";
import type { Bus } from "../ports/bus.ts";
import type { Store, StoreOperation } from "../ports/store.ts";
import { record, writerId, type Writer } from "../writer/writer.ts";
import type { ConfigReader } from "./configuration.ts";
import { inParallel } from "./intake.ts";
import { wakeOrLeave } from "./wake.ts";
import { CONTENTION_MAX, contended, stepOperations } from "./writerStore.ts";

export interface DeskContext {
  readonly clock: Clock;
  readonly store: Store;
  readonly bus: Bus;
  readonly configuration: ConfigReader;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Why a person's request is not carried out; the API maps it to a status. */
export class Declined extends Error {
  readonly reason: "notFound" | "conflict" | "forbidden";
  constructor(reason: "notFound" | "conflict" | "forbidden", message: string) {
    super(message);
    this.name = "Declined";
    this.reason = reason;
  }
}

export interface Plan<T> {
  readonly result: T;
  /** Without documents nothing is stored. */
  readonly key?: string;
  readonly documents?: readonly StateDocument[];
  readonly records?: readonly LedgerRecord[];
}

/** Decides on the partition as it is, stores documents, ledger entries and the wish for a look in one transaction. */
export async function inPartition<T>(
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

/** Works on several partitions at a time, and on what lies in one of them one by one: its steps would only be in each other's way. */
export async function acrossPartitions<T extends { readonly id: string }>(
  documents: readonly T[],
  work: (document: T) => Promise<void>,
): Promise<void> {
  const partitions = Map.groupBy(documents, ({ id }) => partitionOfDocument(id));
  await inParallel([...partitions.values()], async (own) => {
    for (const document of own) await work(document);
  });
}
