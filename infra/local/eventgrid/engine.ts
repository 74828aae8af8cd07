/**
 * Event Grid: the system topic of every subscription, event subscriptions that deliver to local queues, and one custom
 * topic that takes CloudEvents, or the Event Grid schema where the options say so.
 *
 * - ARM reports each change ({@link EventGridEngine.onResourceChange}); it becomes a Microsoft.Resources.* event, is
 *   matched with the event subscriptions and written to `eventgrid.sqlite` for each that it matches, all before ARM
 *   answers. What matches none is gone, as in Azure.
 * - Delivery is at least once and in no promised order, with Azure's retry schedule, attempts, time to live and dead
 *   letters, all in business time (see deliverer.ts, which also has the faults).
 * - The custom topic keeps what is published in a list; no event subscription hangs on it.
 *
 * Limits: a delivery reaches its queue at once where Azure takes seconds to minutes (a `delay` fault stands for that);
 * dead letters are there at once, not five minutes after the last attempt; an unhealthy destination does not slow the
 * deliveries to it; no webhooks. Faults on the custom topic's own requests must name the method POST, so that faults
 * meant for deliveries are not used up by them.
 */
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Verify } from "../identity/caller.ts";
import type { Engine, EngineContext, WaitingOn } from "../platform/engine.ts";
import { openDatabase } from "../platform/sqlite.ts";
import { type Handler, listen, type Listener, type Tls, withFaults } from "../platform/wire.ts";
import { type DeadLetter, type Delivery, DeliveryStore, type PublishedEvent } from "./deliveries.ts";
import { type Deliver, Deliverer, deliveryKind } from "./deliverer.ts";
import { type EventGridEvent, type InputSchema, parseSystemEvents } from "./events.ts";
import { type ResourceChange, resourceEvent, withOtherCase } from "./resourceEvents.ts";
import { type EventSubscription, matches, type ParsedSubscription, parseSubscriptions } from "./subscription.ts";
import { failure, serveTopic, type Topic } from "./topicEndpoint.ts";
import { uuid } from "./uuid.ts";

export interface EventGridOptions {
  /** Of the custom topic; 0 takes a free one. */
  readonly port: number;
  readonly tls: Tls;
  readonly subscriptions: readonly EventSubscription[];
  /** Puts a message into a queue of the local broker. */
  readonly deliver: Deliver;
  /** Of the custom topic; CloudEvents 1.0 when left out. */
  readonly inputSchema?: InputSchema;
  /** Checks publishers of the custom topic. */
  readonly verify: Verify;
  /** Name of a principal, for the claims of its events. */
  readonly nameOf?: (oid: string) => string | undefined;
}

export class EventGridEngine implements Engine {
  readonly name = "eventgrid";
  readonly #context: EngineContext;
  readonly #options: EventGridOptions;
  readonly #database: DatabaseSync;
  readonly #store: DeliveryStore;
  readonly #deliverer: Deliverer;
  readonly #subscriptions: ReadonlyMap<string, ParsedSubscription>;
  #caseFlip = 0;
  #listener: Listener | undefined;

  /** Throws when an event subscription is not one that Event Grid would take. */
  constructor(context: EngineContext, options: EventGridOptions) {
    this.#context = context;
    this.#options = options;
    this.#subscriptions = parseSubscriptions(options.subscriptions);
    this.#database = openDatabase(
      context.dataDir === ":memory:" ? ":memory:" : join(context.dataDir, "eventgrid.sqlite"),
    );
    this.#store = new DeliveryStore(this.#database);
    this.#deliverer = new Deliverer(context, this.#store, this.#subscriptions, options.deliver);
  }

  async start(): Promise<void> {
    const { port, tls } = this.#options;
    this.#listener = await listen({ port, tls, handler: this.#handler() });
    this.#deliverer.start();
  }

  async stop(): Promise<void> {
    this.#deliverer.stop();
    await this.#listener?.close();
    this.#listener = undefined;
    this.#database.close();
  }

  reset(): void {
    this.#deliverer.clear();
    this.#store.clear();
    this.#caseFlip = 0;
  }

  waitingOn(): WaitingOn[] {
    const nowMs = this.#context.clock.now();
    return [...this.#store.pending()].map(({ messageId, publishedMs, dueMs }) => ({
      kind: deliveryKind,
      id: messageId,
      sinceMs: publishedMs,
      ...(dueMs > nowMs ? { dueMs } : {}),
    }));
  }

  /** Address of the custom topic. Throws before {@link start}. */
  get endpoint(): string {
    if (this.#listener === undefined) throw new Error("the Event Grid engine is not started: its port is not open");
    return `https://localhost:${this.#listener.port}/api/events`;
  }

  /** Share of events, 0 to 1, whose IDs come in another case than the resource's own. */
  setCaseFlip(probability: number): void {
    if (!(probability >= 0 && probability <= 1))
      throw new RangeError(`the probability of another case must be between 0 and 1, found ${probability}`);
    this.#caseFlip = probability;
  }

  /** Publishes what ARM has done. On return the event is on disk for every subscription that wants it. */
  onResourceChange(change: ResourceChange): void {
    const name = this.#options.nameOf?.(change.caller.oid);
    this.#publish([resourceEvent(change, uuid(this.#context.random), name)]);
  }

  /**
   * Publishes an event or a list, in either schema, as the system topics would.
   *
   * @returns how many events were taken, how many event subscriptions want any of them, and how many deliveries that makes
   * @throws EventGridError naming the event and the property; then none was taken
   */
  publish(events: unknown): { accepted: number; matched: number; deliveries: number } {
    const parsed = parseSystemEvents(events);
    const deliveries = this.#publish(parsed);
    const matched = new Set(deliveries.map(({ subscription }) => subscription)).size;
    return { accepted: parsed.length, matched, deliveries: deliveries.length };
  }

  /** What could not be delivered, oldest first, of the subscriptions that keep it; the last 10,000. */
  deadLetters(): DeadLetter[] {
    return this.#store.deadLetters();
  }

  /** What was published to the custom topic with a sequence number above `after`, oldest first; the last 10,000. */
  published(after = 0): PublishedEvent[] {
    return this.#store.published(after);
  }

  #publish(events: readonly EventGridEvent[]): Delivery[] {
    const nowMs = this.#context.clock.now();
    const deliveries = events.flatMap((event) => {
      const spelled =
        this.#caseFlip > 0 && this.#context.random() < this.#caseFlip
          ? withOtherCase(event, this.#context.random)
          : event;
      return [...this.#subscriptions.values()]
        .filter((subscription) => matches(spelled, subscription))
        .map((subscription) => this.#delivery(spelled, subscription.name, nowMs));
    });
    if (deliveries.length > 0) {
      this.#store.put(deliveries);
      this.#deliverer.accept(deliveries);
    }
    return deliveries;
  }

  #delivery(event: EventGridEvent, subscription: string, nowMs: number): Delivery {
    return {
      messageId: uuid(this.#context.random),
      subscription,
      event,
      publishedMs: nowMs,
      dueMs: nowMs,
      attempts: 0,
      faulted: false,
      passesLeft: null,
      lastAttemptMs: null,
      lastOutcome: null,
    };
  }

  #handler(): Handler {
    const { clock, effects, faults } = this.#context;
    const { verify, inputSchema = "CloudEventSchemaV1_0" } = this.#options;
    const accept: Topic["accept"] = (caller, events) => {
      this.#store.addPublished(new Date(clock.now()).toISOString(), caller.oid, events);
      effects.record({ engine: this.name, caller: caller.oid, method: "POST", target: "/api/events", status: 200 });
    };
    const serve: Handler = (request) => serveTopic(request, { inputSchema, verify, accept });
    const faulty = withFaults(this.#context, {
      where: "eventgrid",
      point: ({ method, url }) => ({ method, path: url.pathname }),
      refuse: (fault) => {
        const headers = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
        const answer = failure(fault.status ?? 500, fault.code ?? "InternalServerError", "a fault was asked for");
        return { ...answer, headers };
      },
      handler: serve,
    });
    const named = (): boolean =>
      faults.list().some(({ where, match }) => where === "eventgrid" && match.method?.toUpperCase() === "POST");
    return (request) => (named() ? faulty(request) : serve(request));
  }
}
