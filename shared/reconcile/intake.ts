/** Event Grid events become wishes for a look. Nothing is decided here. */
import { partitionOf, accountOf, subscriptionOf, type ResourceId } from "../estate/resourceId.ts";
import { parseResourceEvent, type ResourceEvent } from "../estate/resourceEvent.ts";
import { hashOf } from "../kernel/canonicalJson.ts";
import { SteelyardError } from "../kernel/errors.ts";
import { toIso } from "../kernel/clock.ts";
import type { StateDocument } from "../desired/documents.ts";
import { isBeside } from "../estate/member.ts";
import { all, type StoredDocument } from "../ports/store.ts";
import type { Signal } from "../writer/writer.ts";
import type { PassContext } from "./context.ts";
import { deploymentOf, rememberDeployment } from "./deployments.ts";
import { excerptOf, replayableOf } from "./redaction.ts";
import { want } from "./writerStore.ts";

/** A message that could not be read, kept with its reason until somebody looks. Bodies are cut, claims dropped. */
export interface DeadLetter extends StoredDocument {
  readonly kind: "deadLetter";
  readonly queue: string;
  readonly reason: string;
  readonly at: string;
  /** First characters of the body, without claims. */
  readonly excerpt: string;
  /** What intake needs of it to take it in again, without who wrote; null when it names no resource. */
  readonly event: Readonly<Record<string, unknown>> | null;
  /** Seconds until the store forgets it. */
  readonly ttl: number;
}

const KEPT_S = 30 * 24 * 3600;

/** Writer key of the dead letters: what people do with them stands in a chain of its own. No account has this ID. */
export const deadLetterKey = "/deadletters" as ResourceId;

/** Partition of the dead letters. */
export const deadLetterPartition = partitionOf(deadLetterKey);

/** Takes in a batch of messages; answers the keys that want a look. Doubled messages cost at most one look more. */
export async function takeIn(context: PassContext, messages: readonly unknown[]): Promise<ResourceId[]> {
  const wishes = new Map<ResourceId, { count: number; signal: Signal | null }>();
  const { config } = await context.configuration.read();
  const enrolled = new Set(config.subscriptions.map(({ id }) => id));
  for (const message of messages) {
    try {
      const event = parseResourceEvent(message);
      const deployment = deploymentOf(event);
      if (
        deployment !== undefined &&
        event.correlationId !== undefined &&
        enrolled.has(subscriptionOf(event.resourceId))
      )
        await rememberDeployment(context.store, event.correlationId, deployment);
      // Our own write is looked at by the pass that made it, which serves nothing before.
      if (event.caller === context.self) continue;
      const account = accountOf(event.resourceId);
      if (account !== undefined && !enrolled.has(account.subscriptionId)) {
        throw new SteelyardError(
          "BadInput",
          `event ${event.id}: found subscription ${account.subscriptionId}; expected an enrolled one`,
        );
      }
      const keys = account === undefined ? await keysBeside(context.store, event.resourceId) : [account.id];
      for (const key of keys) {
        if (!enrolled.has(subscriptionOf(key))) continue;
        const wish = wishes.get(key);
        wishes.set(key, {
          count: (wish?.count ?? 0) + 1,
          signal: latest(wish?.signal ?? null, signalOf(event, key)),
        });
      }
    } catch (error) {
      if (!(error instanceof SteelyardError) || error.code !== "BadInput") throw error;
      await deadLetter(context, message, error.message);
    }
  }
  await inParallel([...wishes], ([key, { count, signal }]) => want(context.store, key, count, signal));
  return [...wishes.keys()];
}

/** Accounts that one resource beside them wakes: an alert may watch several. */
const KEYS_BESIDE_MAX = 100;

/**
 * The accounts that something beside them concerns (a private endpoint, its zone group, an alert), by what is on record: what
 * was found or asked of it, and what we made. Of what was never spoken of, the sweep tells.
 */
async function keysBeside(store: PassContext["store"], id: ResourceId): Promise<readonly ResourceId[]> {
  if (!isBeside(id)) return [];
  const keys = new Set<ResourceId>();
  const [endpoint = id] = id.split("/privatednszonegroups/");
  for (const target of new Set([id, endpoint])) {
    const where = [
      { path: "target", op: "=" as const, value: target },
      { path: "live", op: "=" as const, value: true },
    ];
    const kinds = ["finding", "proposal", "guard", "claim"];
    for await (const { key } of all<StateDocument>(store, { container: "state", kinds, where, pageSize: 100 })) {
      keys.add(key);
      if (keys.size === KEYS_BESIDE_MAX) return [...keys];
    }
  }
  return [...keys];
}

/** Only a write to the account itself by somebody else tells who changed it. */
function signalOf(event: ResourceEvent, account: ResourceId): Signal | null {
  const { caller, application, operation, correlationId, at } = event;
  if (event.resourceId !== account) return null;
  return {
    caller: caller ?? null,
    application: application ?? null,
    operation,
    correlationId: correlationId ?? null,
    at,
  };
}

function latest(a: Signal | null, b: Signal | null): Signal | null {
  if (a === null || b === null) return a ?? b;
  return a.at > b.at ? a : b;
}

async function deadLetter(context: PassContext, message: unknown, reason: string): Promise<void> {
  const excerpt = excerptOf(message);
  const document: DeadLetter = {
    id: `dead-${hashOf({ excerpt, reason }).slice(0, 32)}`,
    pk: deadLetterPartition,
    kind: "deadLetter",
    queue: "events",
    reason,
    at: toIso(context.clock.now()),
    excerpt,
    event: replayableOf(message) ?? null,
    ttl: KEPT_S,
  };
  const result = await context.store.write("state", deadLetterPartition, [{ kind: "upsert", document }]);
  if (!result.ok) throw new SteelyardError("Unavailable", `a dead letter was not stored: ${result.reason}`);
  context.log("an event was dead-lettered", { reason });
}

/** How many partitions are written at a time. */
const PARALLEL = 8;

/** Runs `work` over the items, so many at a time; fails with the first error after the running ones ended. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  atATime = PARALLEL,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  const results = await Promise.allSettled(Array.from({ length: atATime }, worker));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** The instance ID of a key's reconciling orchestration: one per key, so one pass at a time. */
export function instanceOf(key: ResourceId): string {
  return `reconcile-${partitionOf(key)}`;
}
