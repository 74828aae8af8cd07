/** A client's receiver: its credit, and how it settles what it was given. */
import type { EventContext } from "rhea";
import type { Bus, Peer } from "./bus.ts";
import type { Deliverer, ReceivingLink } from "./deliverer.ts";
import { confirm, drainAlways, type OutDelivery, type OutLink, type Outcome, reject } from "./rhea.ts";
import type { DeadLetterCause } from "../operations.ts";
import type { Entity } from "../entity.ts";
import { BrokerError } from "../errors.ts";
import { type ApplicationProperties, checkProperties } from "../message.ts";

const SETTLED_AT_ONCE = 1;
const SECOND = 1;
const DEAD_LETTER_CONDITION = "com.microsoft:dead-letter";

/** Answers the attach and serves the link; whoever called it takes it from the deliverer when the link has ended. */
export function serveReceiver(
  bus: Bus,
  deliverer: Deliverer,
  link: OutLink,
  entity: Entity,
  peer: Peer,
): ReceivingLink {
  const settled = link.snd_settle_mode === SETTLED_AT_ONCE;
  link.local.attach.snd_settle_mode = settled ? 1 : 0;
  link.local.attach.rcv_settle_mode = link.rcv_settle_mode === SECOND ? 1 : 0;
  const receiving: ReceivingLink = {
    link,
    entity,
    mode: settled ? "receiveAndDelete" : "peekLock",
    caller: peer.caller,
    host: peer.host,
    lockTokens: new WeakMap(),
    draining: false,
    detach: (failure) => link.close(failure),
    cut: peer.cut,
  };
  drainAlways(link);
  deliverer.add(receiving);
  link.on("sender_flow", () => deliverer.wake(entity));
  link.on("sender_draining", () => {
    receiving.draining = true;
  });
  const { broker } = bus;
  const onOutcome = (event: string, method: string, effect: (lockToken: string, outcome: Outcome) => void): void => {
    link.on(event, ({ delivery }: EventContext) => settle(bus, receiving, method, delivery as OutDelivery, effect));
  };
  onOutcome("accepted", "complete", (lockToken) => broker.complete(entity, lockToken));
  onOutcome("released", "abandon", (lockToken) => broker.abandon(entity, lockToken));
  onOutcome("modified", "abandon", (lockToken, outcome) => {
    if (outcome.undeliverable_here === true) throw new BrokerError("NotImplemented", "defer is not served locally");
    broker.abandon(entity, lockToken, propertiesOf(outcome.message_annotations));
  });
  onOutcome("rejected", "deadLetter", (lockToken, outcome) => broker.deadLetter(entity, lockToken, causeOf(outcome)));
  return receiving;
}

function settle(
  bus: Bus,
  receiving: ReceivingLink,
  method: string,
  delivery: OutDelivery,
  effect: (lockToken: string, outcome: Outcome) => void,
): void {
  const lockToken = receiving.lockTokens.get(delivery);
  if (lockToken === undefined) return;
  bus.guard.run(
    { method, path: receiving.entity.path, caller: receiving.caller, host: receiving.host },
    {
      effect: () => effect(lockToken, (delivery.remote_state ?? {}) as Outcome),
      answer: () => confirm(delivery),
      refuse: (failure) => reject(delivery, failure),
      cut: receiving.cut,
    },
  );
}

/** Checks what a client sends as application properties. */
export function propertiesOf(properties: Readonly<Record<string, unknown>> | undefined): ApplicationProperties {
  checkProperties(properties);
  return (properties ?? {}) as ApplicationProperties;
}

/** Service Bus clients put reason and description among the properties of the error. */
function causeOf({ error }: Outcome): DeadLetterCause {
  const { DeadLetterReason, DeadLetterErrorDescription, ...properties } = error?.info ?? {};
  if (error?.condition !== undefined && error.condition !== DEAD_LETTER_CONDITION)
    throw new BrokerError("NotImplemented", `outcome rejected with condition ${error.condition} is not served`);
  return {
    reason: optionalText("DeadLetterReason", DeadLetterReason),
    description: optionalText("DeadLetterErrorDescription", DeadLetterErrorDescription),
    properties: propertiesOf(properties),
  };
}

export function optionalText(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw new BrokerError("ArgumentError", `${name}: expected a string, found ${typeof value}`);
}
