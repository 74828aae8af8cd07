/**
 * Requests to `<entity>/$management` ("AMQP 1.0 in Service Bus: request-response-based operations"). Operations and
 * arguments that are not listed here are refused by name.
 */
import type { Bus, Peer } from "./bus.ts";
import { decodeMessage, encodeEntry, lockTokenOf, sequenceNumber } from "./codec.ts";
import { optionalText, propertiesOf } from "./receiving.ts";
import { type AmqpMessage, types } from "./rhea.ts";
import { recordSends } from "./sending.ts";
import type { Shape } from "../operations.ts";
import type { Entity } from "../entity.ts";
import { BrokerError } from "../errors.ts";
import { type Failure, failureFrom, statusOf } from "../guard.ts";
import type { BrokerMessage } from "../message.ts";

export interface ManagementAnswer {
  readonly status: number;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly failure?: Failure;
}

type Body = Readonly<Record<string, unknown>>;

interface Operation {
  /** Name of the operation for faults. */
  readonly method: string;
  readonly arguments: readonly string[];
  readonly run: (bus: Bus, entity: Entity, body: Body, caller: string) => ManagementAnswer;
}

const UUID = 0x98;
const LONG = 0x81;
const TIMESTAMP = 0x83;

const operations: Readonly<Record<string, Operation>> = {
  "com.microsoft:peek-message": {
    method: "peek",
    arguments: ["from-sequence-number", "message-count", "omit-message-body"],
    run: ({ broker }, entity, body) => {
      const max = sequenceNumber(body["message-count"]);
      const entries = broker.peek(entity, sequenceNumber(body["from-sequence-number"]), max);
      if (entries.length === 0) return { status: 204 };
      const omitBody = body["omit-message-body"] === true;
      return {
        status: 200,
        body: { messages: entries.map((entry) => ({ message: encodeEntry(entity, entry, { omitBody }) })) },
      };
    },
  },
  "com.microsoft:renew-lock": {
    method: "renewLock",
    arguments: ["lock-tokens"],
    run: ({ broker }, entity, body) => {
      const ends = lockTokens(body).map((lockToken) => broker.renew(entity, lockToken));
      return { status: 200, body: { expirations: types.wrap_array(ends, TIMESTAMP, undefined) } };
    },
  },
  "com.microsoft:cancel-scheduled-message": {
    method: "cancel",
    arguments: ["sequence-numbers"],
    run: ({ broker, effects }, entity, body, caller) => {
      broker.cancel(entity, list(body, "sequence-numbers").map(sequenceNumber));
      effects.record({ engine: "servicebus", caller, method: "cancel", target: entity.path, status: 200 });
      return { status: 200 };
    },
  },
  "com.microsoft:update-disposition": {
    method: "updateDisposition",
    arguments: [
      "lock-tokens",
      "disposition-status",
      "deadletter-reason",
      "deadletter-description",
      "properties-to-modify",
    ],
    run: ({ broker }, entity, body) => {
      const status = body["disposition-status"];
      const properties = propertiesOf((body["properties-to-modify"] ?? {}) as Body);
      for (const lockToken of lockTokens(body)) {
        if (status === "completed") broker.complete(entity, lockToken);
        else if (status === "abandoned") broker.abandon(entity, lockToken, properties);
        else if (status === "suspended")
          broker.deadLetter(entity, lockToken, {
            reason: optionalText("deadletter-reason", body["deadletter-reason"]),
            description: optionalText("deadletter-description", body["deadletter-description"]),
            properties,
          });
        else throw new BrokerError("NotImplemented", `disposition-status ${String(status)} is not served locally`);
      }
      return { status: 200 };
    },
  },
};

const SCHEDULE = "com.microsoft:schedule-message";

/** Serves one request; `answer` is called once what it did is durable. */
export function manage(
  bus: Bus,
  entity: Entity,
  request: AmqpMessage,
  peer: Peer,
  answer: (result: ManagementAnswer) => void,
): void {
  const name = String(request.application_properties?.["operation"]);
  const refuse = (failure: Failure): void => answer({ status: statusOf(failure.condition), failure });
  try {
    if (name === SCHEDULE)
      return schedule(bus, entity, argumentsOf(request, name, ["messages"]), peer, { answer, refuse });
    const operation = operations[name];
    if (operation === undefined)
      throw new BrokerError("NotImplemented", `management operation ${name} is not served locally`);
    const body = argumentsOf(request, name, operation.arguments);
    bus.guard.run(
      { method: methodOf(operation, body), path: entity.path, caller: peer.caller, host: peer.host },
      { effect: () => operation.run(bus, entity, body, peer.caller), answer, refuse, cut: peer.cut },
    );
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    refuse(failureFrom(error));
  }
}

function schedule(
  bus: Bus,
  entity: Entity,
  body: Body,
  { caller, host, cut }: Peer,
  { answer, refuse }: { answer: (result: ManagementAnswer) => void; refuse: (failure: Failure) => void },
): void {
  const messages = list(body, "messages").map(scheduledMessage);
  const effect = (shapes: Shape[]): ManagementAnswer => {
    const accepted = bus.broker.send(entity, messages, shapes);
    recordSends(bus, entity, caller, "schedule", messages.length);
    const seqs = accepted.map(({ seq }) => seq);
    return { status: 200, body: { "sequence-numbers": types.wrap_array(seqs, LONG, undefined) } };
  };
  const point = { method: "schedule", path: entity.path, caller, host };
  bus.guard.runSend(point, messages.length, { effect, answer, refuse, cut });
}

function scheduledMessage(item: unknown): BrokerMessage {
  const encoded = (item as { message?: unknown } | null)?.message;
  if (!Buffer.isBuffer(encoded))
    throw new BrokerError("ArgumentError", "messages: expected maps with an encoded message");
  const message = decodeMessage(encoded);
  if (message.scheduledEnqueueTimeMs === undefined)
    throw new BrokerError("ArgumentError", "messages: expected the annotation x-opt-scheduled-enqueue-time");
  return message;
}

/** Settlements have the same name for faults as on a link. */
function methodOf(operation: Operation, body: Body): string {
  if (operation.method !== "updateDisposition") return operation.method;
  const status = body["disposition-status"];
  if (status === "completed") return "complete";
  return status === "suspended" ? "deadLetter" : "abandon";
}

function argumentsOf(request: AmqpMessage, operation: string, allowed: readonly string[]): Body {
  const body = request["body"];
  if (typeof body !== "object" || body === null) throw new BrokerError("ArgumentError", `${operation}: expected a map`);
  for (const name of Object.keys(body))
    if (!allowed.includes(name)) throw new BrokerError("NotImplemented", `${operation}: ${name} is not served locally`);
  return body as Body;
}

function list(body: Body, name: string): unknown[] {
  const value = body[name];
  if (Array.isArray(value) && value.length > 0) return value;
  throw new BrokerError("ArgumentError", `${name}: expected a list with at least one element`);
}

function lockTokens(body: Body): string[] {
  return list(body, "lock-tokens").map((value) => {
    if (Buffer.isBuffer(value) && value.length === 16) return lockTokenOf(value);
    throw new BrokerError("ArgumentError", `lock-tokens: expected UUIDs (AMQP type 0x${UUID.toString(16)})`);
  });
}
