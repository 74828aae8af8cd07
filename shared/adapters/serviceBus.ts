/** Wake-ups over Azure Service Bus. */
import type { ServiceBusClient, ServiceBusSender } from "@azure/service-bus";
import { SteelyardError } from "../kernel/errors.ts";
import type { Bus } from "../ports/bus.ts";

export class ServiceBusBus implements Bus {
  readonly #sender: ServiceBusSender;

  constructor(client: ServiceBusClient, queue: string) {
    this.#sender = client.createSender(queue);
  }

  async wake(key: string, atMs?: number): Promise<void> {
    const message = { body: { key }, contentType: "application/json" };
    try {
      if (atMs === undefined) await this.#sender.sendMessages(message);
      else await this.#sender.scheduleMessages(message, new Date(atMs));
    } catch (error) {
      throw new SteelyardError("Unavailable", "Service Bus did not take a wake-up", { cause: error });
    }
  }
}
