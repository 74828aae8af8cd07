/**
 * Brings pending deliveries to their queue: the pump, the retries, the dead letters and the faults.
 *
 * What is due is attempted in a later turn of the event loop, {@link ATTEMPTS_PER_TURN} at a time, so that a burst does
 * not keep the other engines from their sockets. What is due later lies on the agenda. The fault book is asked once per
 * attempt, with the point {method: event type, path: subject, caller: object ID of whoever caused the event}:
 *
 * | kind | phase beforeEffect | phase afterEffect |
 * |---|---|---|
 * | drop | the event never arrives | it arrives, but the acknowledgement is lost: it is delivered again |
 * | status | the attempt fails: retry, or dead letter (400, 403, 413) | as drop |
 * | delay | the attempt is made `retryAfter` seconds later (business time, 1 when left out) | - |
 * | duplicate | a second copy with a message ID of its own comes `retryAfter` seconds later (0 when left out) | - |
 * | reorder | held back until the next 1 to 10 deliveries have passed, a minute at most | - |
 * | crash | the host is killed, the delivery goes on | the same, after the delivery (also phase afterResponse) |
 */
import type { EngineContext } from "../platform/engine.ts";
import { crash, type Fault, type FaultKind, type FaultPhase, type FaultPoint } from "../platform/faults.ts";
import type { DeadLetter, Delivery, DeliveryStore } from "./deliveries.ts";
import { toCloudEvent } from "./events.ts";
import { callerOf } from "./resourceEvents.ts";
import { afterFailure, type DeadLetterReason, outcomeOf } from "./retry.ts";
import type { ParsedSubscription } from "./subscription.ts";
import { uuid } from "./uuid.ts";

/** A message for a queue, as Event Grid sends it. */
export interface QueueMessage {
  readonly messageId: string;
  readonly body: unknown;
  readonly applicationProperties: Record<string, string>;
}

/** Puts a message into a local queue; throws when the queue refuses it (`statusCode` says why, if the error has one). */
export type Deliver = (queue: string, message: QueueMessage) => void;

/** What can strike a delivery. */
const kinds: Readonly<Record<FaultPhase, readonly FaultKind[]>> = {
  beforeEffect: ["drop", "status", "delay", "duplicate", "reorder", "crash"],
  afterEffect: ["drop", "status", "crash"],
  afterResponse: ["crash"],
};

export const deliveryKind = "eventgrid.delivery";

const ATTEMPTS_PER_TURN = 32;
/** A reordered event waits for at most so many others, and at most so long. */
const REORDER_PASSES_MAX = 10;
const REORDER_MS_MAX = 60_000;
const MINUTE_MS = 60_000;

export class Deliverer {
  readonly #context: EngineContext;
  readonly #store: DeliveryStore;
  readonly #subscriptions: ReadonlyMap<string, ParsedSubscription>;
  readonly #deliver: Deliver;
  readonly #onAgenda = new Map<string, { cancel(): void }>();
  /** Message IDs of what a `reorder` fault holds back, by the delivery after which they go; anew after a restart. */
  readonly #heldUntil = new Map<number, string[]>();
  #passed = 0;
  #ready: string[] = [];
  #running = false;
  #turn: NodeJS.Immediate | undefined;

  constructor(
    context: EngineContext,
    store: DeliveryStore,
    subscriptions: ReadonlyMap<string, ParsedSubscription>,
    deliver: Deliver,
  ) {
    this.#context = context;
    this.#store = store;
    this.#subscriptions = subscriptions;
    this.#deliver = deliver;
  }

  start(): void {
    this.#running = true;
    for (const delivery of this.#store.pending()) this.#schedule(delivery);
  }

  stop(): void {
    this.#running = false;
    this.clear();
  }

  /** Forgets what it was about to do; the store is the caller's. */
  clear(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#ready = [];
    for (const item of this.#onAgenda.values()) item.cancel();
    this.#onAgenda.clear();
    this.#heldUntil.clear();
  }

  /** Takes over deliveries that are in the store; before {@link start} they stay there. */
  accept(deliveries: readonly Delivery[]): void {
    if (!this.#running) return;
    for (const delivery of deliveries) this.#schedule(delivery);
  }

  #schedule({ messageId, dueMs, passesLeft }: Delivery): void {
    if (dueMs <= this.#context.clock.now()) {
      this.#ready.push(messageId);
      this.#wake();
      return;
    }
    const item = this.#context.clock.schedule({ kind: deliveryKind, id: messageId, dueMs }, () => {
      this.#onAgenda.delete(messageId);
      this.#attempt(messageId);
    });
    this.#onAgenda.set(messageId, item);
    if (passesLeft === null) return;
    const until = this.#passed + passesLeft;
    this.#heldUntil.set(until, [...(this.#heldUntil.get(until) ?? []), messageId]);
  }

  #wake(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      for (let attempts = 0; attempts < ATTEMPTS_PER_TURN; attempts += 1) {
        const messageId = this.#ready.shift();
        if (messageId === undefined) return;
        this.#attempt(messageId);
      }
      if (this.#ready.length > 0) this.#wake();
    });
  }

  #attempt(messageId: string): void {
    const delivery = this.#store.get(messageId);
    if (delivery === undefined) return;
    const subscription = this.#subscriptions.get(delivery.subscription);
    if (subscription === undefined) {
      // The subscription was taken away while the engine was down: Azure forgets what waited for it, too.
      this.#store.remove(messageId);
      return;
    }
    const liveMs = subscription.retryPolicy.eventTimeToLiveInMinutes * MINUTE_MS;
    if (this.#context.clock.now() - delivery.publishedMs >= liveMs) {
      this.#giveUp(delivery, subscription, "TimeToLiveExceeded");
      return;
    }
    const fault = delivery.faulted ? undefined : this.#take("beforeEffect", delivery);
    if (fault !== undefined && this.#divert(fault, delivery)) return;
    const refusal = fault?.kind === "status" ? { status: fault.status ?? 500 } : this.#send(delivery, subscription);
    if (refusal === undefined) this.#delivered(delivery, subscription);
    else this.#failed(delivery, subscription, refusal.status);
  }

  /** Carries out what a fault does to the coming attempt; true when there is none now. */
  #divert(fault: Fault, delivery: Delivery): boolean {
    const nowMs = this.#context.clock.now();
    switch (fault.kind) {
      case "drop":
        this.#store.remove(delivery.messageId);
        return true;
      case "delay":
        this.#postpone({ ...delivery, faulted: true, dueMs: nowMs + (fault.retryAfter ?? 1) * 1000 });
        return true;
      case "reorder": {
        const passesLeft = 1 + Math.floor(this.#context.random() * REORDER_PASSES_MAX);
        this.#postpone({ ...delivery, faulted: true, passesLeft, dueMs: nowMs + REORDER_MS_MAX });
        return true;
      }
      case "duplicate": {
        // As when the topic itself hands the event out twice: duplicate detection of the queue doesn't see it.
        const messageId = uuid(this.#context.random);
        this.#postpone({ ...delivery, messageId, faulted: true, dueMs: nowMs + (fault.retryAfter ?? 0) * 1000 });
        return false;
      }
      case "crash":
        crash(this.#context, fault, {});
        return false;
      case "status":
      case "staleRead":
        return false;
    }
  }

  #postpone(delivery: Delivery): void {
    this.#store.put([delivery]);
    this.#schedule(delivery);
  }

  #send(delivery: Delivery, subscription: ParsedSubscription): { status: number | undefined } | undefined {
    try {
      this.#deliver(subscription.destination.queue, message(delivery, subscription));
      return undefined;
    } catch (error) {
      const status = statusOf(error);
      this.#context.log("warn", "Event Grid could not deliver an event", {
        subscription: subscription.name,
        queue: subscription.destination.queue,
        messageId: delivery.messageId,
        attempt: delivery.attempts + 1,
        error: error instanceof Error ? error.message : String(error),
      });
      return { status };
    }
  }

  #delivered(delivery: Delivery, subscription: ParsedSubscription): void {
    const after = this.#take("afterEffect", delivery);
    if (after?.kind === "crash") crash(this.#context, after, {});
    if (after?.kind === "drop" || after?.kind === "status") {
      this.#failed(delivery, subscription, after.kind === "status" ? (after.status ?? 500) : undefined);
    } else {
      this.#store.remove(delivery.messageId);
    }
    const later = this.#take("afterResponse", delivery);
    if (later !== undefined) setImmediate(() => crash(this.#context, later, {}));
    this.#releaseHeld();
  }

  /** Counts a delivery that has passed; what was held back behind it goes next. */
  #releaseHeld(): void {
    this.#passed += 1;
    const messageIds = this.#heldUntil.get(this.#passed) ?? [];
    this.#heldUntil.delete(this.#passed);
    // One whose minute was over first has gone already, or waits for a retry.
    const released = messageIds
      .map((messageId) => this.#store.get(messageId))
      .filter((held): held is Delivery => held !== undefined && held.passesLeft !== null);
    if (released.length === 0) return;
    const dueMs = this.#context.clock.now();
    this.#store.put(released.map((held) => ({ ...held, dueMs, passesLeft: null })));
    for (const { messageId } of released) {
      this.#onAgenda.get(messageId)?.cancel();
      this.#onAgenda.delete(messageId);
      this.#ready.unshift(messageId);
    }
    this.#wake();
  }

  #failed(delivery: Delivery, subscription: ParsedSubscription, status: number | undefined): void {
    const nowMs = this.#context.clock.now();
    const attempts = delivery.attempts + 1;
    const tried: Delivery = {
      ...delivery,
      attempts,
      lastAttemptMs: nowMs,
      lastOutcome: outcomeOf(status),
      faulted: false,
      passesLeft: null,
    };
    const { maxDeliveryAttempts: maxAttempts } = subscription.retryPolicy;
    const next = afterFailure({ attempts, maxAttempts, status, nowMs }, this.#context.random);
    if ("giveUp" in next) this.#giveUp(tried, subscription, next.giveUp);
    else this.#postpone({ ...tried, dueMs: next.retryAtMs });
  }

  #giveUp(delivery: Delivery, subscription: ParsedSubscription, reason: DeadLetterReason): void {
    this.#context.log("warn", "Event Grid gave up on an event", {
      subscription: subscription.name,
      messageId: delivery.messageId,
      attempts: delivery.attempts,
      reason,
      kept: subscription.deadLetter,
    });
    if (subscription.deadLetter) this.#store.bury(delivery.messageId, deadLetter(delivery, subscription, reason));
    else this.#store.remove(delivery.messageId);
  }

  #take(phase: FaultPhase, { event }: Delivery): Fault | undefined {
    const caller = callerOf(event);
    const point: FaultPoint = { method: event.eventType, path: event.subject };
    return this.#context.faults.take(
      "eventgrid",
      phase,
      caller === undefined ? point : { ...point, caller },
      kinds[phase],
    );
  }
}

/** One event per message, not in an array; the headers of a webhook delivery become application properties. */
function message(delivery: Delivery, subscription: ParsedSubscription): QueueMessage {
  const { event, messageId, attempts } = delivery;
  const cloud = subscription.eventDeliverySchema === "CloudEventSchemaV1_0";
  return {
    messageId,
    body: cloud ? toCloudEvent(event) : event,
    applicationProperties: {
      "aeg-subscription-name": subscription.name,
      "aeg-delivery-count": String(attempts),
      "aeg-event-type": "Notification",
      "aeg-metadata-version": event.metadataVersion,
      "aeg-data-version": event.dataVersion,
      "aeg-output-event-id": event.id,
    },
  };
}

/** CloudEvents attributes are lower case; in the Event Grid schema the same names are camel case. */
function deadLetter(delivery: Delivery, subscription: ParsedSubscription, reason: DeadLetterReason): DeadLetter {
  const { event, publishedMs, lastAttemptMs, attempts, lastOutcome } = delivery;
  const added = {
    deadLetterReason: reason,
    deliveryAttempts: attempts,
    lastDeliveryOutcome: lastOutcome ?? "NotAttempted",
    publishTime: new Date(publishedMs).toISOString(),
    lastDeliveryAttemptTime: lastAttemptMs === null ? null : new Date(lastAttemptMs).toISOString(),
  };
  const name = subscription.name;
  if (subscription.eventDeliverySchema === "EventGridSchema")
    return { subscription: name, event: { ...event, ...added } };
  const lower = Object.fromEntries(Object.entries(added).map(([key, value]) => [key.toLowerCase(), value]));
  return { subscription: name, event: { ...toCloudEvent(event), ...lower } };
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}
