/**
 * Claims-based security ("put-token"): a client names the entity that it wants to use and gives a token; links to
 * that entity and what lies below it are then served on this connection. A token that ends later does not close links
 * that are open, as the service would.
 */
import type { Bus } from "./bus.ts";
import type { AmqpMessage } from "./rhea.ts";
import { BrokerError } from "../errors.ts";
import { failureFrom } from "../guard.ts";

/** What clients ask the token for: the scope `https://servicebus.azure.net//.default`. */
export const SERVICE_BUS_AUDIENCE = "https://servicebus.azure.net";
const JWT = "jwt";

export interface TokenAnswer {
  readonly status: number;
  readonly description: string;
  readonly condition?: string;
}

export class Grants {
  readonly #bus: Bus;
  /** Object ID of the caller, by path of the entity. */
  readonly #callers = new Map<string, string>();
  #host: string | undefined;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** The host process at the other end, once a token said so. */
  get host(): string | undefined {
    return this.#host;
  }

  /** Object ID of who may use that address. Throws {@link BrokerError}. */
  caller(address: string): string {
    const path = address.toLowerCase();
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const caller = this.#callers.get(path.slice(0, end));
      if (caller !== undefined) return caller;
    }
    throw new BrokerError("UnauthorizedAccess", `Unauthorized access. Claims for '${address}' are required.`);
  }

  async putToken(request: AmqpMessage): Promise<TokenAnswer> {
    const { operation, type, name } = request.application_properties ?? {};
    if (operation !== "put-token")
      return { status: 501, description: `$cbs serves put-token, not ${String(operation)}` };
    if (type !== JWT)
      return { status: 501, description: `token type ${String(type)} is not served locally: expected ${JWT}` };
    const path = pathOf(name);
    const token = request["body"];
    if (path === undefined || typeof token !== "string")
      return {
        status: 400,
        description: "put-token: expected the address sb://host/entity as name and a token as body",
      };
    try {
      this.#bus.broker.entity(path.replace(/\/\$management$/, ""));
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      const status = error.code === "MessagingEntityNotFound" ? 404 : 501;
      return { status, ...failureFrom(error) };
    }
    const caller = await this.#bus.verify(`Bearer ${token}`, SERVICE_BUS_AUDIENCE);
    if (caller === undefined)
      return { status: 401, description: `InvalidSignature: the token is not good for ${SERVICE_BUS_AUDIENCE}` };
    this.#callers.set(path, caller.oid);
    this.#host = caller.host;
    return { status: 202, description: "Accepted" };
  }
}

function pathOf(name: unknown): string | undefined {
  const found = typeof name === "string" ? /^(?:sb|amqps?):\/\/[^/]+\/(.+?)\/?$/i.exec(name)?.[1] : undefined;
  return found?.toLowerCase();
}
