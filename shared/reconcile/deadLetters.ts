/**
 * Dead letters: messages that intake could not read, which lie in the store, and messages that the broker put aside after
 * too many deliveries, which lie in the queue's own dead-letter subqueue. People have them taken in again, or set them
 * aside. Who asked for it stands in the ledger before anything is done, so that nothing of it happens unseen; a crash
 * between the two leaves the letter where it was.
 */
import { z } from "zod";
import { fromIso, toIso } from "../kernel/clock.ts";
import { SteelyardError } from "../kernel/errors.ts";
import {
  queueNames,
  DEAD_MESSAGES_MAX,
  type DeadLetterQueues,
  type DeadMessage,
  type QueueName,
} from "../ports/bus.ts";
import type { Read, Store, StoredDocument, StoreOperation } from "../ports/store.ts";
import { newWriter, record, writerId, type Writer } from "../writer/writer.ts";
import { Declined, type DeskContext } from "./desk.ts";
import { deadLetterKey, deadLetterPartition, type DeadLetter } from "./intake.ts";
import { excerptOf } from "./redaction.ts";
import { CONTENTION_MAX, contended, stepOperations } from "./writerStore.ts";

export interface LetterContext extends Pick<DeskContext, "clock" | "store" | "log"> {
  readonly deadLetters: DeadLetterQueues;
}

/** A dead letter as people see it, wherever it lies. */
export interface Letter {
  readonly id: string;
  /** `intake`: it could not be read. `broker`: it was delivered too often without success. */
  readonly from: "intake" | "broker";
  readonly queue: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** First characters of the body, without claims. */
  readonly excerpt: string;
  /** Why it cannot be taken in again; null when it can. */
  readonly stuck: string | null;
  /** What was done with it; null while it waits. */
  readonly settled: { readonly what: "redriven" | "dismissed"; readonly by: string; readonly at: string } | null;
}

const letterSchema = z.object({
  id: z.string(),
  kind: z.enum(["deadLetter", "settledLetter"]),
  queue: z.string(),
  reason: z.string(),
  at: z.string().refine((text) => Number.isFinite(fromIso(text)), { error: "expected a time in ISO 8601" }),
  excerpt: z.string(),
  event: z.record(z.string(), z.unknown()).nullish(),
  settled: z.object({ what: z.enum(["redriven", "dismissed"]), by: z.string(), at: z.string() }).nullish(),
});

const NAMES_NOTHING = "It names no resource, so there is nothing to look at; it can only be set aside.";

/** A stored letter; undefined when it cannot be read. */
export function letterOf(document: unknown): Letter | undefined {
  const parsed = letterSchema.safeParse(document).data;
  if (parsed === undefined) return undefined;
  const { id, queue, reason, at, excerpt, event, settled } = parsed;
  const stuck = (event ?? null) === null ? NAMES_NOTHING : null;
  return { id, from: "intake", queue, reason, at, excerpt, stuck, settled: settled ?? null };
}

function letterOfBroker({ queue, sequence, reason, at, body }: DeadMessage): Letter {
  const excerpt = excerptOf(Buffer.isBuffer(body) ? body.toString("utf8") : body);
  return { id: `bus-${queue}-${sequence}`, from: "broker", queue, reason, at, excerpt, stuck: null, settled: null };
}

/** What lies with the broker, oldest first, and the queues whose dead letters could not be read. */
export async function brokerLetters(
  { deadLetters, log }: LetterContext,
  max = DEAD_MESSAGES_MAX,
): Promise<{ readonly letters: readonly Letter[]; readonly unread: readonly QueueName[] }> {
  const letters: Letter[] = [];
  const unread: QueueName[] = [];
  const read = async (queue: QueueName): Promise<void> => {
    try {
      letters.push(...(await deadLetters.peek(queue, max)).map(letterOfBroker));
    } catch (error) {
      if (!(error instanceof SteelyardError)) throw error;
      log("the dead letters of a queue could not be read", { queue, error: String(error) });
      unread.push(queue);
    }
  };
  await Promise.all(queueNames.map(read));
  return { letters: letters.sort((a, b) => (a.at < b.at ? -1 : 1)), unread };
}

type Place =
  | { readonly from: "intake" }
  | { readonly from: "broker"; readonly queue: QueueName; readonly sequence: string };

function placeOf(id: string): Place | undefined {
  if (/^dead-[0-9a-f]{32}$/.test(id)) return { from: "intake" };
  const [, queue, sequence = ""] = /^bus-([a-z]+)-(\d{1,19})$/.exec(id) ?? [];
  const known = queueNames.find((name) => name === queue);
  return known === undefined ? undefined : { from: "broker", queue: known, sequence };
}

/** @throws Declined `notFound`; SteelyardError `Unavailable` */
export async function readLetter(context: LetterContext, id: string): Promise<Letter> {
  const place = placeOf(id);
  if (place?.from === "intake") {
    const letter = letterOf((await readStored(context.store, id))?.document);
    if (letter !== undefined) return letter;
  } else if (place !== undefined) {
    const messages = await context.deadLetters.peek(place.queue, DEAD_MESSAGES_MAX);
    const message = messages.find(({ sequence }) => sequence === place.sequence);
    if (message !== undefined) return letterOfBroker(message);
  }
  throw new Declined("notFound", `there is no dead letter ${id}`);
}

function readStored(store: Store, id: string): Promise<Read<StoredDocument & Partial<DeadLetter>> | undefined> {
  return store.read("state", deadLetterPartition, id);
}

export interface LetterRequest {
  readonly letter: string;
  readonly by: string;
  /** Null where none was given. */
  readonly reason: string | null;
}

/**
 * Puts a dead letter into its queue again, from where it takes the way of every message.
 * @throws Declined when there is none, it was settled before, or it names nothing to look at.
 */
export async function redriveLetter(context: LetterContext, request: LetterRequest): Promise<Letter> {
  return settle(context, request, "redriven");
}

/** Sets a dead letter aside. @throws Declined */
export async function dismissLetter(context: LetterContext, request: LetterRequest): Promise<Letter> {
  return settle(context, request, "dismissed");
}

async function settle(context: LetterContext, request: LetterRequest, what: "redriven" | "dismissed"): Promise<Letter> {
  const { letter: id, by } = request;
  const place = placeOf(id);
  const letter = await readLetter(context, id);
  if (letter.settled !== null) {
    const message = `dead letter ${id} was ${letter.settled.what} before, by ${letter.settled.by} at ${letter.settled.at}`;
    throw new Declined("conflict", message);
  }
  if (what === "redriven" && letter.stuck !== null)
    throw new Declined("conflict", `dead letter ${id}: ${letter.stuck}`);
  const stored = place?.from === "intake" ? await readStored(context.store, id) : undefined;
  await recordWish(context, letter, request, what);
  const settled = { what, by, at: toIso(context.clock.now()) };
  if (place?.from === "broker") {
    const isTaken = await context.deadLetters.take(
      place.queue,
      place.sequence,
      what === "redriven" ? "resubmit" : "drop",
    );
    if (!isTaken)
      throw new Declined("conflict", `dead letter ${id} is not there any more, or is being taken by somebody else`);
  } else if (stored !== undefined) {
    const { document, etag } = stored;
    if (what === "redriven")
      await context.deadLetters.send("events", document.event, `redrive-${id}-${etagName(etag)}`);
    // Another kind is in no list and no count. One that came anew meanwhile has another tag and goes on waiting.
    const done = { ...document, kind: "settledLetter", settled };
    await context.store.write("state", deadLetterPartition, [{ kind: "replace", document: done, etag }]);
  }
  return { ...letter, settled };
}

/** The same letter twice in a moment is one message; the same letter that came anew is another. */
function etagName(etag: string): string {
  return etag.replaceAll(/[^\w-]/g, "");
}

/** Who asks for what, in the chain of the dead letters. */
async function recordWish(
  { store, clock }: LetterContext,
  { id, queue }: Letter,
  { by, reason }: LetterRequest,
  event: "redriven" | "dismissed",
): Promise<void> {
  for (let attempt = 0; attempt < CONTENTION_MAX; attempt += 1) {
    const writer = (await store.read<Writer>("state", deadLetterPartition, writerId))?.document;
    const head = writer ?? newWriter(deadLetterKey);
    const step = record(head, [{ type: "deadLetter", body: { letter: id, queue, event, by, reason } }], clock.now());
    const first: Writer = { ...step.writer, step: 1 };
    const create: StoreOperation[] = [
      { kind: "create", document: first },
      ...step.entries.map((document) => ({ kind: "create" as const, document })),
    ];
    const operations = writer === undefined ? create : stepOperations(writer, step);
    if ((await store.write("state", deadLetterPartition, operations)).ok) return;
  }
  throw contended(deadLetterKey, "recording what becomes of a dead letter");
}
