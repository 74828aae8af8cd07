/** A client's sender: messages and batches into a queue. */
import type { EventContext } from "rhea";
import type { Bus, Peer } from "./bus.ts";
import { brokerMessage, decodeBatch } from "./codec.ts";
import type { AmqpMessage, InLink } from "./rhea.ts";
import type { Entity } from "../entity.ts";
import { BrokerError } from "../errors.ts";
import { failureFrom } from "../guard.ts";
import { MESSAGE_MAX_BYTES } from "../limits.ts";
import type { BrokerMessage } from "../message.ts";

export function serveSender(bus: Bus, link: InLink, entity: Entity, peer: Peer): void {
  if (entity.isDeadLetter)
    throw new BrokerError("InvalidOperation", `${entity.path}: nothing can be sent to a dead-letter sub-queue`);
  link.local.attach.max_message_size = MESSAGE_MAX_BYTES;
  link.on("message", (context: EventContext) => {
    const { delivery } = context;
    if (delivery === undefined) return;
    let messages: BrokerMessage[];
    try {
      // rhea decodes format 0 itself and hands over anything else as it came.
      const content: unknown = context.message;
      messages = Buffer.isBuffer(content)
        ? decodeBatch(content, delivery.format)
        : [brokerMessage(content as AmqpMessage)];
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      delivery.reject(failureFrom(error));
      return;
    }
    bus.guard.runSend({ method: "send", path: entity.path, caller: peer.caller, host: peer.host }, messages.length, {
      effect: (shapes) => {
        bus.broker.send(entity, messages, shapes);
        recordSends(bus, entity, peer.caller, "send", messages.length);
      },
      answer: () => delivery.accept(),
      refuse: (failure) => delivery.reject(failure),
      cut: peer.cut,
    });
  });
}

/** One effect for each accepted message. */
export function recordSends(
  { effects }: Pick<Bus, "effects">,
  entity: Entity,
  caller: string,
  method: "send" | "schedule",
  count: number,
): void {
  for (let index = 0; index < count; index += 1)
    effects.record({ engine: "servicebus", caller, method, target: entity.path, status: 202 });
}
