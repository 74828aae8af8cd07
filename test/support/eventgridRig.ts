/** An Event Grid engine with a pretended broker behind it, on a clock that stands still. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { QueueMessage } from "../../infra/local/eventgrid/deliverer.ts";
import { EventGridEngine } from "../../infra/local/eventgrid/engine.ts";
import type { EventGridEvent, InputSchema } from "../../infra/local/eventgrid/events.ts";
import type { ResourceChange } from "../../infra/local/eventgrid/resourceEvents.ts";
import type { EventSubscription } from "../../infra/local/eventgrid/subscription.ts";
import type { Verify } from "../../infra/local/identity/caller.ts";
import { ensureCertificate } from "../../infra/local/identity/certificate.ts";
import { tenantId } from "../../infra/local/platform/constants.ts";
import { faultSchema } from "../../infra/local/platform/faults.ts";
import type { Tls } from "../../infra/local/platform/wire.ts";
import { engineContext, startMs } from "./engineContext.ts";

export const ada = "00000000-0000-4000-8000-0000000000ad";
export const subscriptionId = "5b000000-0000-4000-8000-000000000001";
export const accountId = `/subscriptions/${subscriptionId}/resourceGroups/rg-ai/providers/Microsoft.CognitiveServices/accounts/oai-1`;
export const standards: EventSubscription = { name: "standards", destination: { queue: "events" } };

/** A change of an account by a person, at the clock's start. */
export function change(overrides: Partial<ResourceChange> = {}): ResourceChange {
  const resourceId = overrides.resourceId ?? accountId;
  return {
    subscriptionId,
    tenantId,
    resourceId,
    resourceGroup: "rg-ai",
    provider: "Microsoft.CognitiveServices",
    operationName: "Microsoft.CognitiveServices/accounts/write",
    action: "Write",
    outcome: "Success",
    method: "PATCH",
    url: `https://management.azure.com${resourceId}?api-version=2025-09-01`,
    caller: { oid: ada, type: "User" },
    correlationId: "11111111-0000-4000-8000-000000000001",
    atMs: startMs,
    ...overrides,
  };
}

export class EventGridRig {
  readonly context: ReturnType<typeof engineContext>;
  readonly queue: QueueMessage[] = [];
  /** What the broker does with a message; throws to refuse it. */
  broker: (message: QueueMessage) => void = () => {};
  verify: Verify = async () => undefined;
  inputSchema: InputSchema = "CloudEventSchemaV1_0";
  readonly #dir: string;
  readonly #tls: Tls;
  #engine: EventGridEngine | undefined;

  private constructor(dir: string, tls: Tls) {
    this.#dir = dir;
    this.#tls = tls;
    this.context = engineContext({ dataDir: dir });
  }

  static async create(tls?: Tls): Promise<EventGridRig> {
    const dir = await mkdtemp(join(tmpdir(), "steelyard-eventgrid-"));
    return new EventGridRig(dir, tls ?? (await ensureCertificate(join(dir, "tls"))));
  }

  get engine(): EventGridEngine {
    if (this.#engine === undefined) throw new Error("the rig is not started");
    return this.#engine;
  }

  /** Starts an engine on the rig's folder; again after {@link stop}, as after a restart. */
  async start(...subscriptions: EventSubscription[]): Promise<void> {
    this.#engine = new EventGridEngine(this.context, {
      port: 0,
      tls: this.#tls,
      subscriptions: subscriptions.length === 0 ? [standards] : subscriptions,
      inputSchema: this.inputSchema,
      verify: (authorization, audience) => this.verify(authorization, audience),
      nameOf: (oid) => (oid === ada ? "Ada Lovelace" : undefined),
      deliver: (name, message) => {
        if (name !== "events") throw new Error(`no queue ${name}`);
        this.broker(message);
        this.queue.push(message);
      },
    });
    await this.#engine.start();
  }

  async stop(): Promise<void> {
    await this.#engine?.stop();
    this.#engine = undefined;
    this.context.clock.clear();
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.#dir, { recursive: true });
  }

  /** Waits until nothing is due now. */
  async pumped(): Promise<void> {
    for (let turn = 0; turn < 1_000; turn += 1) {
      if (this.engine.waitingOn().every(({ dueMs }) => dueMs !== undefined)) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error("deliveries are due and nothing brings them");
  }

  /** Moves business time, running what falls due on the way. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.context.clock.now() + ms;
    await this.pumped();
    while ((await this.context.clock.step(untilMs)) !== undefined) await this.pumped();
  }

  /** Sets faults at `eventgrid`. */
  faults(...list: object[]): void {
    this.context.faults.set(list.map((fault) => faultSchema.parse({ where: "eventgrid", ...fault })));
  }

  /** Changes of the deployments d1, d2, ... */
  publishNumbered(count: number): void {
    for (let number = 1; number <= count; number += 1)
      this.engine.onResourceChange(change({ resourceId: `${accountId}/deployments/d${number}` }));
  }

  bodies(): EventGridEvent[] {
    return this.queue.map(({ body }) => body as EventGridEvent);
  }

  /** Last segments of the delivered subjects. */
  subjects(): string[] {
    return this.bodies().map(({ subject }) => subject.split("/").at(-1) ?? "");
  }
}
