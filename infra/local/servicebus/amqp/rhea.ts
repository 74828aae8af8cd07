/**
 * The part of rhea 3.0.5 that the front uses. Its types describe a client; a server also needs what stands here, some
 * of it internal (marked), which is why the version is pinned and every use is covered by the wire tests.
 */
import rhea from "rhea";
import type { Delivery, Receiver, Sender, Typed } from "rhea";
import type { Failure } from "../guard.ts";

interface ServerLink {
  readonly local: {
    /** What our attach frame will say; it is written in a later tick than the event that announces the peer's. */
    readonly attach: { max_message_size?: number; snd_settle_mode?: number; rcv_settle_mode?: number };
  };
}

/** A link on which we send. */
export type OutLink = Sender &
  ServerLink & {
    credit: number;
    delivery_count: number;
    /** Internal: the peer has asked to drain. */
    readonly _draining: boolean;
    /** Internal: asked for when a flow frame is written. */
    _get_drain: () => boolean;
    readonly session: {
      /** Internal: deliveries of this session that have been handed over and not written yet are between the two. */
      readonly outgoing: { readonly next_delivery_id: number; readonly next_pending_delivery: number };
    };
  };

/** A link on which we receive. */
export type InLink = Receiver & ServerLink;

/** A delivery of ours whose settlement we confirm. */
export type OutDelivery = Delivery & { remote_settled: boolean };

/** An outcome that a client states for a delivery. */
export interface Outcome {
  readonly undeliverable_here?: boolean;
  readonly message_annotations?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly condition?: string; readonly info?: Readonly<Record<string, unknown>> };
}

/** A decoded message: sections flattened, as rhea does it. */
export type AmqpMessage = Readonly<Record<string, unknown>> & {
  readonly application_properties?: Readonly<Record<string, unknown>>;
  readonly message_annotations?: Readonly<Record<string, unknown>>;
};

interface Outcomes {
  accepted(): { described(): Typed };
  rejected(fields: { error: Failure }): { described(): Typed };
}

const outcomes = rhea.message as unknown as Outcomes;

/** Settles a delivery of ours as done, whatever the client did to it: an outcome with an error would reject there. */
export function confirm(delivery: OutDelivery): void {
  settle(delivery, outcomes.accepted().described());
}

export function reject(delivery: OutDelivery, failure: Failure): void {
  settle(delivery, outcomes.rejected({ error: failure }).described());
}

/**
 * The client never sends "settled" itself when it asked for receiver settle mode `second`; without the mark the
 * session would keep the delivery and stop after 2,048 of them.
 */
function settle(delivery: OutDelivery, state: Typed): void {
  delivery.update(true, state);
  delivery.remote_settled = true;
}

/**
 * Drains also a link without credit: messages on their way may have used up what the client wanted to drain, and it
 * waits for the confirmation all the same. rhea would answer with an ordinary flow.
 */
export function drainAlways(link: OutLink): void {
  let confirmed = true;
  link._get_drain = () => {
    if (!link._draining || confirmed) return false;
    confirmed = true;
    link.delivery_count += link.credit;
    link.credit = 0;
    return true;
  };
  link.on("sender_draining", () => {
    confirmed = false;
  });
}

/** Tells the client that its credit is used up or given back; rhea by itself would wait for the next frame to write. */
export function confirmDrained(link: OutLink): void {
  link.set_drained(true);
  (link.connection as unknown as { _register(): void })._register();
}

export const {
  decode,
  encode,
  data_section: dataSection,
} = rhea.message as unknown as {
  decode: (payload: Buffer) => AmqpMessage;
  encode: (message: Readonly<Record<string, unknown>>) => Buffer;
  data_section: (content: Uint8Array) => unknown;
};

export const { types, uuid_to_string: uuidToString, string_to_uuid: stringToUuid } = rhea;
export const createContainer = rhea.create_container;
