/**
 * The configuration's one writer: every change is one transaction under the step of its writer document, with the current
 * document, an immutable copy of the version and the ledger entries in it. Of two who change it at the same time one comes
 * first, and the other decides anew on what that one left.
 */
import { configAddress, configKey, configSchema, type Config } from "../config/schema.ts";
import { versionId, noConfig, type CurrentDocument, type VersionDocument } from "../config/documents.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { parse } from "../kernel/parse.ts";
import type { ResourceId } from "../estate/resourceId.ts";
import type { LedgerRecord } from "../ledger/chain.ts";
import type { Store, StoredDocument, StoreOperation } from "../ports/store.ts";
import { newWriter, record, writerId, type Writer } from "../writer/writer.ts";
import type { DeskContext } from "./desk.ts";
import { CONTENTION_MAX, contended, stepOperations } from "./writerStore.ts";

/** The writer key; it names no account, so no pass ever runs for it. */
const key = configKey as ResourceId;

/** Cosmos DB: a batch has at most 2 MB. It holds the configuration twice; the ledger entries are small beside it. */
const BATCH_BYTES_MAX = 1_800_000;

export interface Current {
  /** 0 when none was ever applied. */
  readonly version: number;
  readonly config: Config;
  readonly document: CurrentDocument | undefined;
}

/**
 * The configuration as it stands, whether or not there are still all standards that it names: whoever mends it must be
 * able to read it. @throws SteelyardError `BadInput` when its shape is not understood, `Unavailable`
 */
export async function readCurrent(store: Store): Promise<Current> {
  const { container, pk, id } = configAddress;
  const document = (await store.read<CurrentDocument>(container, pk, id))?.document;
  if (document === undefined) return { version: 0, config: noConfig, document };
  const members = Object.keys(configSchema.shape);
  const plain = Object.fromEntries(Object.entries(document).filter(([name]) => members.includes(name)));
  const config = parse(configSchema, plain, "configuration");
  return { version: config.version, config, document };
}

/** A version as it was applied, in the shape of its time; undefined when there is none. */
export async function readVersion(store: Store, version: number): Promise<VersionDocument | undefined> {
  const { container, pk } = configAddress;
  return (await store.read<VersionDocument>(container, pk, versionId(version)))?.document;
}

/** What a decision stores, if anything. */
export interface ConfigPlan<T> {
  readonly result: T;
  readonly operations?: readonly StoreOperation[];
  readonly records?: readonly LedgerRecord[];
}

/** Decides on the configuration as it is and stores what was decided, all or nothing. */
export async function underConfiguration<T>(
  context: DeskContext,
  decide: (writer: Writer, current: Current) => Promise<ConfigPlan<T>>,
): Promise<T> {
  const { container, pk } = configAddress;
  for (let attempt = 0; attempt < CONTENTION_MAX; attempt += 1) {
    const writer = await openWriter(context.store);
    const current = await readCurrent(context.store);
    const { result, operations, records = [] } = await decide(writer, current);
    if (operations === undefined) return result;
    const step = record(writer, records, context.clock.now());
    const batch = [...stepOperations(writer, step), ...operations];
    refuseLarge(batch);
    if ((await context.store.write(container, pk, batch)).ok) return result;
  }
  throw contended(key, "changing the configuration");
}

async function openWriter(store: Store): Promise<Writer> {
  const { container, pk } = configAddress;
  for (let attempt = 0; attempt < CONTENTION_MAX; attempt += 1) {
    const read = await store.read<Writer>(container, pk, writerId);
    if (read !== undefined) return read.document;
    await store.write(container, pk, [{ kind: "create", document: newWriter(key) }]);
  }
  throw contended(key, "opening the configuration");
}

function refuseLarge(batch: readonly StoreOperation[]): void {
  const bytes = Buffer.byteLength(JSON.stringify(batch));
  if (bytes <= BATCH_BYTES_MAX) return;
  throw new SteelyardError(
    "BadInput",
    `configuration: found ${bytes} bytes to store for one version; expected at most ${BATCH_BYTES_MAX}`,
  );
}

/** Whatever is kept of the configuration besides the current document. */
export async function readBeside<T extends StoredDocument>(store: Store, id: string): Promise<T | undefined> {
  const { container, pk } = configAddress;
  return (await store.read<T>(container, pk, id))?.document;
}
