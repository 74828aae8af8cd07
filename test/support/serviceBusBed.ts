/** A Service Bus engine on a free port with a real clock, and real clients that trust it; or a cloud namespace. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusClient, type ServiceBusClientOptions } from "@azure/service-bus";
import type { TokenCredential } from "@azure/identity";
import type { Verify } from "../../infra/local/identity/caller.ts";
import { Agenda } from "../../infra/local/platform/agenda.ts";
import { EffectLog } from "../../infra/local/platform/effects.ts";
import type { EngineContext } from "../../infra/local/platform/engine.ts";
import { FaultBook, mulberry32 } from "../../infra/local/platform/faults.ts";
import { openDatabase } from "../../infra/local/platform/sqlite.ts";
import { type QueueOptions, ServiceBusEngine } from "../../infra/local/servicebus/engine.ts";
import { localTls, type LocalTls } from "./localTls.ts";

export const caller = "c0de0000-0000-4000-8000-00000000c02e";
export const goodToken = "good";

const verify: Verify = (authorization, audience) =>
  Promise.resolve(
    authorization === `Bearer ${goodToken}` && audience === "https://servicebus.azure.net"
      ? { oid: caller, type: "ServicePrincipal", roles: [] }
      : undefined,
  );

export interface Bed {
  readonly clock: Agenda;
  readonly faults: FaultBook;
  readonly effects: EffectLog;
  readonly crashed: string[];
  readonly logged: string[];
  readonly dataDir: string;
  readonly tls: LocalTls;
  engine: ServiceBusEngine;
  /** Stops the engine and starts another on the same port and folder. */
  restart(): Promise<void>;
  client(options?: { token?: string } & ServiceBusClientOptions): ServiceBusClient;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param options.clock the agenda of business time; a real one by default */
export async function serviceBusBed(
  queues: readonly QueueOptions[],
  options: { clock?: Agenda; inMemory?: boolean } = {},
): Promise<Bed> {
  const tls = await localTls();
  const folder = await mkdtemp(join(tmpdir(), "steelyard-servicebus-"));
  const clock = options.clock ?? new Agenda();
  const faults = new FaultBook();
  const effects = new EffectLog(openDatabase(":memory:"), () => clock.now());
  const crashed: string[] = [];
  const logged: string[] = [];
  const clients: ServiceBusClient[] = [];
  const context: EngineContext = {
    clock,
    faults,
    effects,
    random: mulberry32(1),
    dataDir: options.inMemory === true ? ":memory:" : folder,
    crash: (process) => void crashed.push(process),
    log: (_level, message) => void logged.push(message),
  };
  const start = async (port: number): Promise<ServiceBusEngine> => {
    const engine = new ServiceBusEngine(context, { port, tls, verify, queues });
    await engine.start();
    return engine;
  };
  const bed: Bed = {
    clock,
    faults,
    effects,
    crashed,
    logged,
    dataDir: folder,
    tls,
    engine: await start(0),
    restart: async () => {
      const { port } = bed.engine;
      await bed.engine.stop();
      bed.engine = await start(port);
    },
    client: ({ token = goodToken, ...rest } = {}) => {
      const client = connect(`localhost:${bed.engine.port}`, token, rest);
      clients.push(client);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await bed.engine.stop();
      clock.stop();
      await tls[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return bed;
}

/** A real client; operations fail after a few seconds instead of minutes, so that a broken test says so. */
export function connect(namespace: string, token: string, options: ServiceBusClientOptions = {}): ServiceBusClient {
  const credential: TokenCredential = {
    getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  return new ServiceBusClient(namespace, credential, {
    retryOptions: { maxRetries: 1, retryDelayInMs: 50, timeoutInMs: 8000 },
    ...options,
  });
}
