/** One client connection: which links it may open and what serves them. */
import type { Connection, EventContext } from "rhea";
import type { Bus } from "./bus.ts";
import type { Deliverer, ReceivingLink } from "./deliverer.ts";
import { Grants } from "./grants.ts";
import { manage, type ManagementAnswer } from "./management.ts";
import { serveReceiver } from "./receiving.ts";
import { type AmqpMessage, type InLink, type OutLink, types } from "./rhea.ts";
import { serveSender } from "./sending.ts";
import { BrokerError } from "../errors.ts";
import { failureFrom } from "../guard.ts";

const CBS = "$cbs";
const MANAGEMENT = /\/\$management$/i;
const SESSION_FILTER = "com.microsoft:session-filter";

export class Peer {
  readonly #bus: Bus;
  readonly #deliverer: Deliverer;
  readonly #grants: Grants;
  /** Links for answers, by their name and by the address that the client gave them. */
  readonly #replies = new Map<string, OutLink>();
  readonly #receivers = new Map<OutLink, ReceivingLink>();
  readonly #cut: () => void;

  constructor(bus: Bus, deliverer: Deliverer, connection: Connection, cut: () => void) {
    this.#bus = bus;
    this.#deliverer = deliverer;
    this.#grants = new Grants(bus);
    this.#cut = cut;
    connection.on("sender_open", (context: EventContext) => {
      const link = context.sender as OutLink;
      attach(link, () => this.#openOut(link));
    });
    connection.on("receiver_open", (context: EventContext) => {
      const link = context.receiver as InLink;
      attach(link, () => this.#openIn(link));
    });
    connection.on("sender_close", (context: EventContext) => this.#close((link) => link === context.sender));
    connection.on("session_close", (context: EventContext) => this.#close((link) => link.session === context.session));
  }

  /** The connection has ended, well or not. */
  gone(): void {
    this.#close(() => true);
  }

  #close(matches: (link: OutLink) => boolean): void {
    for (const [link, receiving] of this.#receivers) {
      if (!matches(link)) continue;
      this.#receivers.delete(link);
      this.#deliverer.remove(receiving);
    }
    for (const [name, link] of this.#replies) if (matches(link)) this.#replies.delete(name);
  }

  /** The client wants to receive. */
  #openOut(link: OutLink): void {
    const address = addressOf(link.source);
    link.set_source({ address });
    link.set_target({ address: link.target?.address ?? "" });
    if (address === CBS || MANAGEMENT.test(address)) {
      for (const name of [link.name, link.target?.address]) if (typeof name === "string") this.#replies.set(name, link);
      return;
    }
    const filters = Object.keys((link.source.filter ?? {}) as object);
    if (filters.includes(SESSION_FILTER))
      // No queue here has sessions: this is what the service says of such a queue.
      throw new BrokerError(
        "InvalidOperation",
        `${address}: A sessionful message receiver cannot be created on an entity that does not require sessions.`,
      );
    if (filters.length > 0)
      throw new BrokerError("NotImplemented", `${address}: the filter ${filters.join(", ")} is not served locally`);
    const entity = this.#bus.broker.entity(address);
    const peer = { caller: this.#grants.caller(address), host: this.#grants.host, cut: this.#cut };
    this.#receivers.set(link, serveReceiver(this.#bus, this.#deliverer, link, entity, peer));
  }

  /** The client wants to send. */
  #openIn(link: InLink): void {
    const address = addressOf(link.target);
    link.set_source({ address: link.source?.address ?? "" });
    link.set_target({ address });
    if (address === CBS) {
      link.on("message", (context: EventContext) => void this.#putToken(context));
      return;
    }
    const peer = { caller: this.#grants.caller(address), host: this.#grants.host, cut: this.#cut };
    const entity = this.#bus.broker.entity(address.replace(MANAGEMENT, ""));
    if (!MANAGEMENT.test(address)) return serveSender(this.#bus, link, entity, peer);
    link.on("message", ({ delivery, message }: EventContext) => {
      delivery?.accept();
      const request = message as unknown as AmqpMessage;
      manage(this.#bus, entity, request, peer, (answer) =>
        this.#reply(request, managementProperties(answer), answer.body),
      );
    });
  }

  async #putToken({ delivery, message }: EventContext): Promise<void> {
    delivery?.accept();
    const request = message as unknown as AmqpMessage;
    try {
      const { status, description, condition } = await this.#grants.putToken(request);
      this.#reply(request, {
        "status-code": types.wrap_int(status),
        "status-description": description,
        ...(condition === undefined ? {} : { "error-condition": condition }),
      });
    } catch (error) {
      this.#bus.log("error", "a Service Bus token could not be checked", { error: String(error) });
      this.#cut();
    }
  }

  #reply(request: AmqpMessage, properties: Record<string, unknown>, body?: Readonly<Record<string, unknown>>): void {
    const { reply_to: replyTo, message_id: correlationId } = request;
    const link = this.#replies.get(String(replyTo));
    if (link === undefined || !link.is_open())
      return this.#bus.log("warn", "a Service Bus request names no open link for its answer", { replyTo });
    link.send({ correlation_id: correlationId, application_properties: properties, body: body ?? {} } as never);
  }
}

/** Opens a link, or closes it with the error: rhea has already promised the attach frame that comes before. */
function attach(link: OutLink | InLink, open: () => void): void {
  try {
    open();
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    link.close(failureFrom(error));
  }
}

function addressOf(terminus: { address?: unknown } | null | undefined): string {
  if (typeof terminus?.address === "string") return terminus.address;
  throw new BrokerError("NotImplemented", "a link without address (transactions) is not served locally");
}

function managementProperties({ status, failure }: ManagementAnswer): Record<string, unknown> {
  return {
    statusCode: types.wrap_int(status),
    statusDescription: failure?.description ?? "OK",
    ...(failure === undefined ? {} : { errorCondition: types.wrap_symbol(failure.condition) }),
  };
}
