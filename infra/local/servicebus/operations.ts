/** What goes into the broker's operations and comes out of them. */
import type { Entry } from "./entity.ts";
import type { ApplicationProperties } from "./message.ts";

/** How a fault changes the way of an accepted message. */
export interface Shape {
  /** Business time until it can be delivered. */
  readonly delayMs?: number;
  /** Enqueued a second time, past duplicate detection. */
  readonly twice?: boolean;
  /** The next message that is sent overtakes it; without one it goes on after {@link OVERTAKE_WAIT_MS}. */
  readonly overtaken?: boolean;
}

export interface Accepted {
  readonly seq: number;
  /** Accepted and dropped: its message ID was seen within the window. */
  readonly duplicate: boolean;
}

/** A message under lock, or just removed in mode receiveAndDelete. */
export interface Received {
  readonly entry: Entry;
  readonly lockToken: string;
  /** Transport time; undefined in mode receiveAndDelete. */
  readonly lockedUntilMs: number | undefined;
}

export interface DeadLetterCause {
  readonly reason?: string | undefined;
  readonly description?: string | undefined;
  readonly properties?: ApplicationProperties | undefined;
}

/** Business time that a message lets pass so that another can overtake it. */
export const OVERTAKE_WAIT_MS = 1000;
